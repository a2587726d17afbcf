"""plot_test.py: `clact plot` draws what the device computes and what a training log says.

Pictures are read back: SVG for its texts, the data kept beside it for the numbers, which are held
against float64 formulas. Environment: CLACT, path of the program. Exits 77 (skipped) without gnuplot,
NumPy or an OpenCL device. Arguments choose tests.
"""
import json
import math
import os
import re
import shutil
import subprocess
import sys

from cli_case import Case, DeviceCase, np, run
from script_case import main

GNUPLOT = shutil.which("gnuplot")
if not GNUPLOT:
    print("skipped: this test needs gnuplot (on Debian gnuplot-nox)")
    sys.exit(77)


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


START = {"event": "start", "data": "digits.csv", "network": "64 - 8 relu - 8 tanh - 10",
         "score": "accuracy", "unknown": [1]}


def epoch(number, health=True, **values):
    record = {"event": "epoch", "epoch": number, "loss": 2.0 / number, "held_out_loss": 3.0 / number,
              "accuracy": 1 - 0.5 / number, "rmse": 0.25 / number, "lr": 0.02, "extra": None}
    if health:
        record["layers"] = [
            {"layer": i, "activation": a, "units": 8, "dead": 0.1 * i, "saturated": 0.05 * i,
             "mean": 0.5 * i, "gradient_norm": 10.0 ** -i / number} for i, a in
            ((1, "relu"), (2, "tanh"))]
    record.update(values)
    return record


class Log(Figures, Case):
    def log(self, *records, end="\n", name="run.jsonl"):
        text = "\n".join(r if isinstance(r, str) else json.dumps(r) for r in records)
        self.write(text.encode() + end.encode(), self.path(name))

    def series(self, *options):
        self.assertEqual(self.plot("--log", "run.jsonl", "--keep", *options),
                         "wrote run.svg, run.gp and run.tsv\n")
        return {c: (x.tolist(), y.tolist()) for c, x, y in self.data("run.tsv")}

    def test_panels(self):
        self.log(START, *map(epoch, range(1, 11)), {"event": "end", "reason": "finished"})
        found = self.series()
        self.assertEqual(sorted(found), sorted(
            ["# panel 1: 'training'", "# panel 1: 'held out'", "# panel 2"] +
            [f"# panel {p}: '{l}'" for p in (3, 4, 5, 6) for l in ("1 relu", "2 tanh")]))
        epochs = list(range(1, 11))
        self.assertEqual(found["# panel 1: 'training'"], (epochs, [2.0 / e for e in epochs]))
        self.assertEqual(found["# panel 2"], (epochs, [1 - 0.5 / e for e in epochs]))
        self.assertEqual(found["# panel 3: '2 tanh'"][1], [100 * (0.1 * 2)] * 10)
        self.assertEqual(found["# panel 5: '2 tanh'"][1], [0.01 / e for e in epochs])
        texts = self.texts("run.svg")
        for word in ("digits.csv: 64 - 8 relu - 8 tanh - 10", "Loss", "Accuracy, held out", "epoch",
                     "Dead units, %", "Saturated outputs, %", "Norm of the gradient", "Mean output",
                     "training", "held out", "1 relu", "2 tanh"):
            self.assertIn(word, texts)
        script = self.script("run.gp")
        self.assertEqual(script.count("\nset logscale y"), 1)
        self.assertIn("set xrange [1:10]", script)

    def test_without_health_and_with_rmse(self):
        self.log(dict(START, score="rmse"), *(epoch(e, False) for e in (1, 2, 3)))
        found = self.series()
        self.assertEqual(len(found), 3)
        self.assertEqual(found["# panel 2"][1], [0.25, 0.125, 0.25 / 3])
        self.assertIn("RMSE, held out", self.texts("run.svg"))

    def test_gaps_and_what_has_no_numbers(self):
        self.log(START, epoch(1, False), epoch(2, False, loss=None, held_out_loss=None),
                 epoch(3, True, held_out_loss=None))
        found = self.series()
        np.testing.assert_equal(found["# panel 1: 'training'"][1], [2.0, math.nan, 2.0 / 3])
        np.testing.assert_equal(found["# panel 3: '1 relu'"][1], [math.nan, math.nan, 10.0])
        self.log(START, *(epoch(e, False, accuracy=None, held_out_loss=None) for e in (1, 2)))
        self.assertEqual(list(self.series()), ["# panel 1: 'training'"])

    def test_a_wide_loss_is_logarithmic(self):
        self.log(START, *(epoch(e, False, loss=10.0 ** -e) for e in range(1, 6)))
        self.series()
        self.assertEqual(self.script("run.gp").count("\nset logscale y"), 1)

    def test_a_run_that_went_on(self):
        self.log(START, *(epoch(e, False) for e in (1, 2, 3, 4)), dict(START, network="other"),
                 epoch(3, False, loss=0.5))
        found = self.series()
        self.assertEqual(found["# panel 1: 'training'"], ([1, 2, 3], [2.0, 1.0, 0.5]))
        self.assertIn("digits.csv: other", self.texts("run.svg"))

    def test_a_last_line_cut_short(self):
        whole = json.dumps(epoch(3))
        for length in (1, 5, len(whole) // 2, len(whole) - 1):
            self.log(START, epoch(1), epoch(2), whole[:length], end="")
            done = run("plot", "--log", "run.jsonl", **self.options())
            self.assertEqual((done.returncode, done.stdout), (0, "wrote run.svg\n"))
            self.assertRegex(done.stderr, r"^clact plot: warning: run.jsonl, line 4,.*cut short.*\n$")
        self.log(START, epoch(1), epoch(2), whole, end="")
        self.assertEqual(len(self.series()["# panel 2"][0]), 3)
        self.log(START, epoch(1), whole[:30], START, epoch(2))
        done = run("plot", "--log", "run.jsonl", **self.options())
        self.assertEqual(done.returncode, 0)
        self.assertIn("line 3, is cut short", done.stderr)

    def test_bad_lines(self):
        for says, records in (
                ("line 2", [START, "nonsense", epoch(1)]), ("line 2", [START, "[1]", epoch(1)]),
                ("line 2", [START, "{", "{", START]), ("line 3", [START, epoch(1), "{"]),
                ("line 3: an object without the text event", [START, epoch(1), {"x": 1}]),
                ("line 2: an epoch has no", [START, epoch(1, epoch="x")]),
                ("line 2: an epoch has no", [START, {"event": "epoch"}]),
                ("line 2: neither a number nor null is loss", [START, epoch(1, loss="x")]),
                ("line 2: no array is layers", [START, epoch(1, layers={})]),
                ("line 2: a layer has no", [START, epoch(1, layers=[{}])]),
                ("line 2: a layer has no", [START, epoch(1, layers=[3])]),
                ("no epoch", [START]), ("no epoch", [""])):
            self.log(*records)
            self.refuse(1, "--log", "run.jsonl", says=("run.jsonl", says))
        self.log(START, epoch(1, False, loss=None, held_out_loss=None, accuracy=None))
        self.refuse(1, "--log", "run.jsonl", says="no numbers")
        self.refuse(1, "--log", "absent.jsonl", says=("absent.jsonl", "No such file"))
        self.refuse(1, "--log", ".", "-o", "x.svg", says="directory")

    def test_bytes_that_are_no_text(self):
        for data in (b"\0\0\0\n", b"\xff\xfe{}\n", b'{"event": "epoch\0"}\n', b"(" * 100000 + b"\n"):
            self.write(data, self.path("run.jsonl"))
            self.refuse(1, "--log", "run.jsonl", says="line 1")

    def test_words_of_a_log_stay_words(self):
        strange = "it's `touch made` $(x) 100% {a}_b @HOME \\n \"q\" & <b>\ttab\n#"
        self.log(dict(START, data=strange), epoch(1), epoch(2))
        self.plot("--log", "run.jsonl")
        self.left("run.jsonl", "run.svg")
        title = "it's `touch made` $(x) 100% {a}_b @HOME \\n \"q\" & <b> tab #"
        self.assertTrue(any(text.replace("&gt;", ">").startswith(title)
                            for text in self.texts("run.svg")), self.texts("run.svg"))

    def test_names_and_options(self):
        self.log(START, epoch(1), name="a.b")
        os.mkdir(self.path("logs"))
        self.log(START, epoch(1), name="logs/log")
        self.assertEqual(self.plot("--log", "a.b"), "wrote a.svg\n")
        self.assertEqual(self.plot("--log", "logs/log"), "wrote logs/log.svg\n")
        self.assertIn("1 relu", self.plot("--log", "a.b", "--text", path="/nowhere"))
        self.refuse(2, "--log", "a.b", "relu", says="'relu'")
        self.refuse(2, "--log", "a.b", "--range", "0,1", says="--range")
        self.refuse(2, "--log", "a.b", "-d", "0", says="--device")


if __name__ == "__main__":
    main()
