"""Results that clact-bench is given by tests, and what it makes of them: CLACT_BENCH."""

import html.parser
import json
import os
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

BENCH = os.environ.get("CLACT_BENCH", "")
SVG = "{http://www.w3.org/2000/svg}"
VOID = {"meta", "br"}  # elements without an end


def row(name, median=1000.0, share=0.5, **more):
    """A row of clact-bench --json, as far as it is read."""
    op, _, dtype, tier, size = (name.split("/") + [""] * 5)[:5]
    elements = 1
    for side in size.split("x"):
        elements *= int(side)
    return {"name": name + "/real_time", "real_time": median + 100, "time_unit": "ns",
            "dtype": dtype, "tier": tier, "elements": elements,
            "bytes": elements * (8 if op == "forward" else 12), "min_ns": median - 100,
            "median_ns": median, "copy_median_ns": median * share,
            "copy_min_ns": (median - 100) * share, "copy_share": share, **more}


def document(*rows, **context):
    return {"context": {"device": "A device", "driver": "1.2", "platform": "A platform",
                        "date": "2026-01-02T03:04:05+00:00", "commit": "0123456789ab",
                        "host": "A host", "clact_version": "0.1.0",
                        "command": "clact-bench --op forward", **context},
            "benchmarks": list(rows)}


def swept(**context):
    """Three activations at five sizes, forward and backward."""
    return document(*(row(f"{op}/{name}/f32/fast/{2 ** power}", 10.0 * 2 ** (power - 10))
                      for op in ("forward", "backward") for power in (10, 12, 14, 16, 18)
                      for name in ("relu", "gelu", "tanh")), **context)


class Page(html.parser.HTMLParser):
    """Checks that elements nest, and gathers the texts of cells, headings and definitions."""

    def __init__(self, text):
        super().__init__()
        self.open, self.texts, self.tags = [], [], []
        self.feed(text)
        self.close()
        if self.open:
            raise AssertionError(f"not closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in VOID:
            return
        self.open.append((tag, len(self.texts)))
        self.texts.append([tag, ""])

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop()[0] != tag:
            raise AssertionError(f"</{tag}> at {self.getpos()} closes nothing")

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1][1]][1] += data

    def of(self, *tags):
        return [text.strip() for tag, text in self.texts if tag in tags]


class Stored(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(content if isinstance(content, str) else json.dumps(content, indent=1))
        return name

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def bench(self, *arguments, **options):
        options.setdefault("stdout", subprocess.PIPE)
        return subprocess.run([BENCH, *arguments], stderr=subprocess.PIPE, text=True, timeout=60,
                              check=False, cwd=self.folder, **options)

    def render(self, *documents):
        names = [self.write(f"run{i}.json", content) for i, content in enumerate(documents)]
        run = self.bench("--from", ",".join(names), "--html", "run.html", "--roofline", "run.svg")
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))
        return Page(self.read("run.html")), ElementTree.fromstring(self.read("run.svg"))

    def assert_refused(self, status, words, *arguments):
        run = self.bench(*arguments)
        self.assertEqual((run.returncode, run.stdout), (status, ""), run.stderr)
        self.assertTrue(run.stderr.startswith("clact-bench: "), run.stderr)
        self.assertEqual(run.stderr.count("\n"), 1)
        for word in words if isinstance(words, tuple) else (words,):
            self.assertIn(word, run.stderr)
