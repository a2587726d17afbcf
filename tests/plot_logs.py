"""clact plot --log: the log of a training, whole, going on, cut short and bad."""
import json
import math
import os

from cli_case import Case, np, run
from plot_case import Figures

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
        self.log(dict(START, score="recall"), *(epoch(e, False, recall=0.5) for e in (1, 2)))
        self.series()
        self.assertIn("Recall, held out", self.texts("run.svg"))

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
