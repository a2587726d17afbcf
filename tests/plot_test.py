"""plot_test.py: `clact plot` draws what the device computes and what a training log says.

Pictures are read back: SVG for its texts, the data kept beside it for the numbers, which are held
against float64 formulas. The tests of logs stand in plot_logs.py. Environment: CLACT, path of the
program. Exits 77 (skipped) without gnuplot, NumPy or an OpenCL device. Arguments choose tests.
"""
import math
import os
import re
import subprocess

from cli_case import Case, DeviceCase, np
from plot_case import GNUPLOT, Figures
from plot_logs import Log
from script_case import main

__all__ = ["Curves", "Log", "Text", "Wrong"]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def normal(x):
    return np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in x])


def mill(x):
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


FORMULAS = {  # and derivatives
    "relu": (lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0),
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "silu": (lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x))),
    "gelu": (lambda x: x * normal(x), lambda x: normal(x) + x * mill(x)),
    "softplus": (lambda x: np.log1p(np.exp(x)), sigmoid),
    "log": (np.log, lambda x: np.where(x < 0, np.nan, 1 / x)),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
}


class Curves(Figures, DeviceCase):
    def near(self, got, want, what):
        """Within the four ulp of the fast tier, and what float64 adds."""
        same = (got == want) | (np.isnan(got) & np.isnan(want))
        with np.errstate(invalid="ignore"):
            ulps = np.abs(got - want) / np.maximum(np.spacing(np.abs(want).astype(np.float32)), 1e-45)
        worst = np.where(same, 0, ulps)
        self.assertLess(np.max(worst), 4.1, what)

    def test_without_arguments_sigmoid_and_its_derivative(self):
        self.assertEqual(self.plot(), "wrote sigmoid.svg\n")
        self.left("sigmoid.svg")
        texts = self.texts("sigmoid.svg")
        for word in ("sigmoid", "sigmoid'", "sigmoid and its derivative", "x", "-6", "-4", "-2", "0",
                     "2", "4", "6", "0.2", "0.4", "0.6", "0.8", "1.0"):
            self.assertIn(word, texts)
        self.assertNotIn("0.0", texts)  # the origin has one number

    def test_data_are_the_formulas(self):
        names = sorted(FORMULAS)
        with np.errstate(all="ignore"):
            out = self.plot(*names, "--derivative", "--keep", "-o", "all.svg", "--range", "-3,3",
                            "--step", "0.125")
            self.assertTrue(out.startswith("wrote all.svg, all.gp and all.tsv\n"), out)
            self.left("all.svg", "all.gp", "all.tsv")
            series = self.data("all.tsv")
            self.assertEqual(len(series), 2 * len(names))
            for i, name in enumerate(names):
                for k, prime in enumerate(("", "'")):
                    comment, x, y = series[2 * i + k]
                    self.assertEqual(comment, f"# panel 1: '{name}{2 * prime}'")
                    self.assertEqual(x.tolist(), [-3 + 0.125 * j for j in range(49)])
                    self.near(y.astype(np.float32).astype(float), FORMULAS[name][k](x), name + prime)
        below = series[2 * names.index("log")]
        self.assertTrue(np.isnan(below[2][:24]).all())
        self.assertEqual(below[2][24], -np.inf)
        self.assertTrue(np.isfinite(below[2][25:]).all())

    def test_inputs_are_float32_from_end_to_end(self):
        self.plot("identity", "--keep")
        _, x, y = self.data("identity.tsv")[0]
        want = (-6 + 0.01 * np.arange(1201)).astype(np.float32)
        self.assertEqual(x.astype(np.float32).tolist(), want.tolist())
        self.assertEqual(x.tolist(), y.tolist())
        self.plot("identity", "--keep", "--range", "0,1", "--step", "0.3")
        self.assertEqual(len(self.data("identity.tsv")[0][1]), 4)

    def test_other_types_and_tiers(self):
        self.plot("tanh", "--keep", "--dtype", "f16", "--step", "0.5")
        _, x, y = self.data("tanh.tsv")[0]
        self.assertEqual(y.astype("f2").tolist(), np.tanh(x).astype("f2").tolist())
        self.plot("silu", "--keep", "--tier", "accurate", "--step", "0.5")
        _, x, y = self.data("silu.tsv")[0]
        want = x * sigmoid(x)
        self.assertLess(np.max(np.abs(y - want) / np.spacing(np.abs(want + (x == 0)).astype("f4"))),
                        1.1)

    def test_the_kept_script_draws_the_picture_again(self):
        for ending in ("svg", "png"):
            name = "two." + ending
            self.plot("relu", "tanh", "--keep", "--range=-2,3", "--y-range=-1.5,2.5", "-o", name)
            script = self.script("two.gp")
            self.assertIn("set xrange [-2:3]\n", script)
            self.assertIn("set yrange [-1.5:2.5]\n", script)
            self.assertNotIn("/", script.replace("sans-serif", ""))
            with open(self.path(name), "rb") as file:
                first = file.read()
            os.remove(self.path(name))
            subprocess.run([GNUPLOT, "two.gp"], cwd=self.folder, check=True, timeout=60)
            with open(self.path(name), "rb") as file:
                self.assertEqual(file.read(), first)

    def test_names_of_files_are_nothing_else(self):
        for name in ("|touch made", "<touch made", "it's `touch made`", "-x", "~", "a b%d"):
            self.plot("relu", "--keep", "-o", "./" + name + ".svg")
            os.remove(self.path(name + ".svg"))
            subprocess.run([GNUPLOT, "./" + name + ".gp"], cwd=self.folder, check=True, timeout=60)
            self.assertIn("relu", self.texts(name + ".svg"))
            for ending in ("svg", "gp", "tsv"):
                os.remove(self.path(f"{name}.{ending}"))
            self.left()

    def test_each_ending(self):
        for ending, magic in (("svg", b"<?xml"), ("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-")):
            self.plot("gelu", "-o", "figure." + ending)
            with open(self.path("figure." + ending), "rb") as file:
                data = file.read()
            self.assertTrue(data.startswith(magic))
            self.assertGreater(len(data), 2000)
        with open(self.path("figure.png"), "rb") as file:
            self.assertEqual(file.read()[16:24], (800).to_bytes(4, "big") + (560).to_bytes(4, "big"))

    def test_parameters_of_one_and_of_all(self):
        self.assertEqual(self.plot("elu", "celu:alpha=2", "relu", "elu:alpha=0.5", "-p", "alpha=3",
                                   "--keep"), "wrote elu-celu-relu.svg, elu-celu-relu.gp and "
                                              "elu-celu-relu.tsv\n")
        texts = self.texts("elu-celu-relu.svg")
        names = ["elu (alpha = 3)", "celu (alpha = 2)", "relu", "elu (alpha = 0.5)"]
        for name in names:
            self.assertIn(name, texts)
        for (_, x, y), alpha in zip(self.data("elu-celu-relu.tsv"), (3, None, None, 0.5)):
            if alpha:
                self.near(y.astype("f4").astype(float), np.where(x > 0, x, alpha * np.expm1(x)), "elu")
        self.plot("tanh:alpha=2:beta=3", "-o", "tanh.svg")
        self.assertIn("tanh (alpha = 2, beta = 3)", self.texts("tanh.svg"))

    def test_large_values_do_not_flatten_the_rest(self):
        out = self.plot("exp", "sigmoid", "--keep")
        self.assertIn("--y-range", out)
        end = float(re.search(r"set yrange \[[^:]*:([^]]*)\]", self.script("exp-sigmoid.gp"))[1])
        self.assertEqual(end, 12)
        self.assertNotIn("--y-range", self.plot("exp", "sigmoid", "--y-range", "0,500"))
        self.assertNotIn("--y-range", self.plot("exp"))
        self.assertIn("--y-range", self.plot("exp", "--range=-50,50"))

    def test_many_points_and_few(self):
        self.plot("sine", "--range", "0,1", "--step", "1", "--keep")
        self.assertEqual(len(self.data("sine.tsv")[0][1]), 2)
        self.plot("sine", "--range", "0,1", "--step", "1e-4", "-o", "sine.png")

    def test_existing_picture_outlives_a_failure(self):
        self.write(b"kept", self.path("relu.svg"))
        fake = self.path("bin")
        os.mkdir(fake)
        with open(os.path.join(fake, "gnuplot"), "w", encoding="ascii") as file:
            file.write('#!/bin/sh\n[ "$2" = --version ] && exit 0\n'
                       'printf \'\\nplot x\\n     ^\\n"%s" line 3: no such thing\\n\' "$2" >&2\nexit 1\n')
        os.chmod(os.path.join(fake, "gnuplot"), 0o755)
        self.refuse(1, "relu", says=("gnuplot failed", ": no such thing\n"), path=fake)
        with open(self.path("relu.svg"), "rb") as file:
            self.assertEqual(file.read(), b"kept")


class Text(Figures, DeviceCase):
    """Drawings in characters; they need no gnuplot."""

    def text(self, *arguments):
        return self.plot(*arguments, "--text", path="/nowhere").splitlines()

    def test_the_curve_is_where_it_should_be(self):
        lines = self.text("identity", "--range", "0,10", "--y-range", "0,10", "--step", "0.1")
        self.assertLess(max(map(len, lines)), 80)
        self.assertEqual(lines[0].strip(), "identity")
        rows = lines[1:-3]
        marks = [(i, m.start()) for i, row in enumerate(rows) for m in re.finditer(r"\*", row)]
        top, bottom = marks[0][0], marks[-1][0]
        self.assertEqual((top, bottom), (0, len(rows) - 1))
        left, right = rows[-1].index("*"), max(c for _, c in marks)
        self.assertEqual(right, len(rows[0]) - 1)
        for row, column in marks:
            wanted = top + (right - column) / (right - left) * (bottom - top)
            self.assertLessEqual(abs(row - wanted), 1)
        self.assertEqual({c for _, c in marks}, set(range(left, right + 1)))
        self.assertRegex(rows[0], r"^10 +-|^10 ")
        self.assertRegex(lines[-3], r"^ +0 .* 10$")
        self.assertEqual(lines[-2].strip(), "x")
        self.assertEqual(lines[-1].strip(), "* identity")

    def test_the_classic_figure(self):
        lines = self.text()
        self.left()
        legend = lines[-1].split("   ")
        self.assertEqual([l.strip() for l in legend if l.strip()], ["* sigmoid", "+ sigmoid'"])
        first = next(line for line in lines if line.startswith("1.0"))
        self.assertTrue(first.endswith("**********"))
        last = next(line for line in lines if line.startswith("0.0"))
        self.assertRegex(last, r"^0\.0 +\+\+\+\+\+\+\+\+.*\+\+\+\+\+\+$")
        for number in ("-6", "-4", "-2", "2", "4", "6"):
            self.assertIn(f" {number}", lines[-3])

    def test_gaps(self):
        lines = self.text("log")
        axis = next(line for line in lines if line.startswith(" 0 "))
        zero = next(line for line in lines if line.endswith("|") and set(line) == {" ", "|"}).index("|")
        for line in lines[1:-3]:
            self.assertNotIn("*", line[:zero])
        self.assertIn("*", axis)

    def test_text_and_picture_together(self):
        out = self.plot("relu", "--text", "-o", "r.svg")
        self.assertIn("* relu", out)
        self.assertTrue(out.endswith("wrote r.svg\n"))
        self.left("r.svg")


class Wrong(Figures, Case):
    """What is refused before a device is opened."""

    def test_words(self):
        for says, arguments in (
                ("'sigmoid'", ["sigmod"]), ("clact list", ["xyzzy"]),
                ("no parameters", ["relu:slope=1"]), ("it has alpha", ["elu:beta=1"]),
                ("must be a number", ["elu:alpha="]), ("no parameters", ["relu", "-p", "alpha=1"]),
                ("none of these", ["relu", "elu", "-p", "gamma=1"]),
                ("'fast'", ["relu", "--tier", "fats"]), ("element type", ["relu", "--dtype", "f8"]),
                ("unknown option", ["relu", "--ranges", "1"]), ("needs a value", ["relu", "-o"]),
                ("name of a picture", ["relu", "-o", ""]), ("--keep", ["--keep", "--text"]),
                ("more than 64", ["relu"] * 65)):
            self.refuse(2, *arguments, says=says)

    def test_ranges(self):
        for text in ("", "1", "1,", ",1", "1,1", "2,1", "nan,1", "0,inf", "0,1,2", "0, 1", "a,b",
                     "0,1x", "-1e308,1e308"):
            self.refuse(2, "--range", text, says=("--range", f"'{text}'"))
            self.refuse(2, "--y-range", text, says=("--y-range", f"'{text}'"))
        for text in ("0", "-1", "nan", "inf", "x", "", "1 "):
            self.refuse(2, "--step", text, says="--step")
        self.refuse(2, "--step", "13", says="wider than the range")
        self.refuse(2, "--step", "1e-5", says="more than 1000000")
        self.refuse(2, "--step", "1e-300", says="more than 1000000")

    def test_pictures(self):
        for name in ("figure.jpg", "figure", ".svg", "figure.svg.gz", "svg", "a.svg/b"):
            self.refuse(1, "-o", name, says=(f"'{name}'", ".svg, .png or .pdf"))
        # before a device is looked for
        self.refuse(1, "-o", "no/figure.svg", "-d", "none", says=("no/figure.svg", "no folder no"))
        os.mkdir(self.path("d.svg"))
        self.refuse(1, "-o", "d.svg", says="directory")
        os.mkdir(self.path("e.tsv"))
        self.refuse(1, "-o", "e.svg", "--keep", says=("e.tsv", "directory"))

    def test_without_gnuplot(self):
        self.refuse(1, "relu", path="/nowhere", says=("gnuplot is not installed", "gnuplot-nox",
                                                      "--text"))

    def test_help(self):
        text = self.good("plot", "--help")
        self.assertIn("gnuplot-nox", text)
        self.assertIn("--log", text)


if __name__ == "__main__":
    main()
