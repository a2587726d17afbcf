"""What the tests of `clact plot` share: runs of it, and pictures, scripts and data read back.

Exit code 77 (skipped) without gnuplot or NumPy.
"""
import os
import re
import shutil
import sys

from cli_case import np

GNUPLOT = shutil.which("gnuplot")
if not GNUPLOT:
    print("skipped: this test needs gnuplot (on Debian gnuplot-nox)")
    sys.exit(77)


class Figures:
    """Runs in the case's folder, with temporary files in a place of their own."""

    def options(self, path=None):
        os.makedirs(self.path("tmp"), exist_ok=True)
        environment = dict(os.environ, TMPDIR=self.path("tmp"))
        if path:
            environment["PATH"] = path
        return {"cwd": self.folder, "env": environment}

    def plot(self, *arguments, **options):
        out = self.good("plot", *arguments, **self.options(**options))
        self.assertEqual(os.listdir(self.path("tmp")), [])
        return out

    def refuse(self, code, *arguments, says=(), path=None):
        self.options()
        text = self.bad(code, "plot", *arguments, says=says, **self.options(path))
        self.assertEqual(os.listdir(self.path("tmp")), [])
        return text

    def left(self, *names):
        self.no_leftovers("tmp", *names)

    def texts(self, name):
        """Everything written in an SVG, in order, and its size."""
        with open(self.path(name), encoding="utf-8") as file:
            text = file.read()
        self.assertGreater(text.count("<path"), 3)
        found = re.findall(r"<text>(?:<tspan[^>]*>)?([^<]*)", text)
        return [t.replace("&amp;", "&").replace("&lt;", "<").strip() for t in found]

    def data(self, name):
        """(comment, x, y) of each series in the data kept."""
        with open(self.path(name), encoding="utf-8") as file:
            blocks = file.read().split("\n\n\n")
        self.assertEqual(blocks.pop(), "")
        series = []
        for block in blocks:
            comment, *lines = block.split("\n")
            numbers = np.array([[float(n) for n in line.split("\t")] for line in lines])
            series.append((comment, numbers[:, 0], numbers[:, 1]))
        return series

    def script(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()
