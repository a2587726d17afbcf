"""train_models_test.py: trained models: what they keep, that training goes on to the same bits, what
`clact predict` and `clact eval` make of them, and which files are refused.

Environment and exit codes: as cli_case.py.
"""

import json
import os
import re
import signal
import subprocess
import unittest

import cli_case
import script_case
import safetensors_reader
from cli_case import CLACT, np, run

SMALL = ["--layers", "16:relu", "--epochs", "4"]
# To keep its kernels a program has PoCL compile them once more, which takes longer than all of this.
NO_CACHE = "--no-cache"
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")


class Case(cli_case.DeviceCase):
    """Runs in a folder of their own."""

    def good(self, *arguments):
        return super().good(*arguments, NO_CACHE, cwd=self.folder)

    def bad(self, code, says, *arguments):
        """Also after something has been printed or written."""
        done = run(*arguments, NO_CACHE, cwd=self.folder)
        self.assertEqual(done.returncode, code, (arguments, done.stderr))
        self.assertRegex(done.stderr, r"^clact [a-z]+: .*\n$")
        for words in [says] if isinstance(says, str) else says:
            self.assertIn(words, done.stderr)
        return done.stderr

    def bytes_of(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def write_table(self, name, header, rows):
        with open(self.path(name), "w") as file:
            file.write(",".join(header) + "\n")
            for row in rows:
                file.write(",".join(map(str, row)) + "\n")

    def rebuild(self, change, source="m.safetensors", name="bad.safetensors"):
        """A copy of a model whose header is changed."""
        whole = self.bytes_of(source)
        length = int.from_bytes(whole[:8], "little")
        header = json.loads(whole[8:8 + length])
        change(header)
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        self.write(len(text).to_bytes(8, "little") + text + whole[8 + length:], self.path(name))


def setting(part, **values):
    """A change of what is in one of a model's metadata."""
    def change(header):
        metadata = json.loads(header["__metadata__"][part])
        metadata.update(values)
        header["__metadata__"][part] = json.dumps(metadata)
    return change


def forward(metadata, tensors, x):
    """The logits of a model of relu layers, by its file alone."""
    x = (x - tensors["input.mean"]) / tensors["input.deviation"]
    count = len(json.loads(metadata["settings"])["layers"]) + 1
    for i in range(count):
        x = x @ tensors[f"layers.{i}.weight"].T.astype(np.float64) + tensors[f"layers.{i}.bias"]
        if i + 1 < count:
            x = np.maximum(x, 0)
    return x


class Models(Case):
    def test_an_independent_reader_finds_the_network_in_the_file(self):
        self.good("train", *SMALL, "-o", "m.safetensors")
        metadata, tensors = safetensors_reader.read(self.path("m.safetensors"))
        self.assertEqual(metadata["format"], "clact-1")
        self.assertEqual(tensors["layers.0.weight"].shape, (16, 64))
        self.assertEqual(tensors["layers.1.bias"].shape, (10,))
        self.assertEqual(tensors["input.mean"].dtype, np.float64)
        table = np.loadtxt(os.path.join(DATA, "digits.csv"), delimiter=",", skiprows=1)
        x = table[:, :64]
        logits = forward(metadata, tensors, x)
        want = np.exp(logits - logits.max(axis=1, keepdims=True))
        want /= want.sum(axis=1, keepdims=True)
        out = self.good("predict", "m.safetensors", "digits.csv").splitlines()
        self.assertEqual(out[0], "prediction," + ",".join(f"p_{d}" for d in range(10)))
        got = np.array([[float(v) for v in line.split(",")] for line in out[1:]])
        self.assertEqual(len(got), 1797)
        np.testing.assert_array_equal(got[:, 0], got[:, 1:].argmax(axis=1))
        np.testing.assert_allclose(got[:, 1:], want, atol=2e-5)
        self.assertGreater((got[:, 0] == table[:, 64]).mean(), 0.9)

    def test_eval_scores_what_predict_says(self):
        out = self.good("train", *SMALL, "-o", "m.safetensors")
        accuracy = re.search(r"^held-out accuracy +\S+ \((\d+) of 359\)", out, re.M)
        score = json.loads(self.good("eval", "m.safetensors", "--json", "-"))
        self.assertEqual(score["rows"], 359)
        self.assertEqual(score["correct"], int(accuracy.group(1)))
        matrix = np.array([c["predicted"] for c in score["classes"]])
        self.assertEqual(matrix.sum(), 359)
        self.assertEqual(np.trace(matrix), score["correct"])
        self.assertAlmostEqual(score["classes"][3]["recall"], matrix[3, 3] / matrix[3].sum())
        self.assertAlmostEqual(score["classes"][3]["precision"], matrix[3, 3] / matrix[:, 3].sum())
        everything = self.good("eval", "m.safetensors", "digits.csv")
        self.assertIn("1797 rows\n", everything)
        self.assertEqual(self.good("eval", "m.safetensors", "digits.csv", "--held-out"),
                         self.good("eval", "m.safetensors"))

    def test_columns_are_found_by_name_and_the_label_may_be_absent(self):
        rng = np.random.default_rng(1)
        x = rng.normal(size=(200, 2))
        rows = [(a, b, "high" if a > b else 'a "low", one') for a, b in x]
        quoted = [(a, b, '"a ""low"", one"' if c != "high" else c) for a, b, c in rows]
        self.write_table("t.csv", ["a", "b", "kind"], quoted)
        self.good("train", "--data", "t.csv", "--loss", "bce", "-o", "m.safetensors")
        first = self.good("predict", "m.safetensors", "t.csv")
        self.write_table("swapped.csv", ["b", "other", "a"], [(b, 7, a) for a, b, _ in rows])
        self.assertEqual(self.good("predict", "m.safetensors", "swapped.csv"), first)
        self.assertEqual(first.splitlines()[0], "prediction,p_high")
        self.assertIn('"a ""low"", one",', first)
        self.good("predict", "m.safetensors", "swapped.csv", "-o", "out.csv")
        self.assertEqual(self.bytes_of("out.csv").decode(), first)
        self.write_table("short.csv", ["a", "bb"], [(1, 2)])
        self.bad(1, ["short.csv", "'b'"], "predict", "m.safetensors", "short.csv")
        self.bad(1, "kind", "eval", "m.safetensors", "swapped.csv")
        self.write_table("new.csv", ["a", "b", "kind"], [(1, 2, "middling")])
        self.bad(1, ["new.csv", "middling"], "eval", "m.safetensors", "new.csv")

    def test_numbers_come_back_in_their_own_scale(self):
        rows = [(i / 10, 500 + 3 * i / 10) for i in range(200)]
        self.write_table("line.csv", ["x", "y"], rows)
        out = self.good("train", "--data", "line.csv", "--loss", "mse", "--layers", "none", "-o",
                        "m.safetensors")
        got = [float(v) for v in self.good("predict", "m.safetensors", "line.csv").split()[1:]]
        self.assertLess(max(abs(a - b[1]) for a, b in zip(got, rows)), 1.0)
        score = json.loads(self.good("eval", "m.safetensors", "--json", "-"))
        self.assertAlmostEqual(score["rmse"],
                               float(re.search(r"^held-out RMSE +(\S+)$", out, re.M).group(1)), places=4)
        self.assertGreater(score["r2"], 0.999)
        self.assertLess(score["mae"], score["rmse"] + 1e-9)

    def test_arrays_train_as_the_table_does(self):
        table = np.loadtxt(os.path.join(DATA, "digits.csv"), delimiter=",", skiprows=1)
        np.save(self.path("x.npy"), table[:, :64].reshape(-1, 8, 8).astype(np.float32))
        np.save(self.path("y.npy"), table[:, 64].astype(np.int64))
        with open(self.path("x.idx"), "wb") as file:
            file.write(b"\0\0\x08\3" + np.array([1797, 8, 8], ">u4").tobytes()
                       + table[:, :64].astype(np.uint8).tobytes())
        with open(self.path("y.idx"), "wb") as file:
            file.write(b"\0\0\x08\1" + np.array([1797], ">u4").tobytes()
                       + table[:, 64].astype(np.uint8).tobytes())
        losses = set()
        for source in ([], ["--data", "x.npy", "--targets", "y.npy"],
                       ["--data", "x.idx", "--targets", "y.idx"]):
            out = self.good("train", *SMALL, *source, "-o", "m.safetensors")
            losses.add(re.search(r"training loss +(\S+)", out).group(1))
        self.assertEqual(len(losses), 1)
        self.assertIn("accuracy", self.good("eval", "m.safetensors", "x.npy", "--targets", "y.npy"))
        self.assertEqual(self.good("predict", "m.safetensors", "x.idx"),
                         self.good("predict", "m.safetensors", "digits.csv"))


class Resuming(Case):
    ADAM = ["--layers", "16:relu:dropout=0.2", "--optimizer", "adam", "--schedule", "cosine",
            "--warm-up", "0.5", "--clip-norm", "1", "--weight-decay", "0.01"]

    def test_training_goes_on_to_the_same_bits(self):
        for options in (self.ADAM, ["--layers", "none", "--optimizer", "sgd"],
                        ["--layers", "8:tanh", "--patience", "100", "--init", "lsuv"]):
            self.good("train", *options, "--epochs", "6", "-o", "whole.safetensors")
            self.good("train", *options, "--epochs", "6", "-o", "part.safetensors")
            self.assertEqual(self.bytes_of("whole.safetensors"), self.bytes_of("part.safetensors"))
            if "cosine" in options:  # which looks at how many epochs there will be
                continue
            self.good("train", *options, "--epochs", "2", "-o", "part.safetensors")
            self.assertNotEqual(self.bytes_of("whole.safetensors"),
                                self.bytes_of("part.safetensors"))
            self.good("train", "--resume", "part.safetensors", "--epochs", "6")
            self.assertEqual(self.bytes_of("whole.safetensors"), self.bytes_of("part.safetensors"))

    def interrupt(self, after, *arguments):
        """Ends the training with Ctrl-C once `after` epochs are printed."""
        process = subprocess.Popen([CLACT, "train", NO_CACHE, *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, cwd=self.folder)
        for line in process.stdout:
            if line.startswith(f"epoch {after:3d}/"):
                process.send_signal(signal.SIGINT)
                break
        _, error = process.communicate(timeout=300)
        return process.returncode, error

    def test_interrupted_training_goes_on_to_the_same_bits(self):
        options = [*self.ADAM, "--epochs", "120"]
        self.good("train", *options, "-o", "whole.safetensors")
        code, error = self.interrupt(3, *options, "-o", "part.safetensors")
        self.assertEqual(code, 130, error)
        match = re.search(r"interrupted in epoch (\d+); part.safetensors is as it was after epoch "
                          r"(\d+), and `clact train --resume part.safetensors`", error)
        self.assertTrue(match, error)
        self.assertEqual(int(match.group(1)), int(match.group(2)) + 1)
        self.assertLess(int(match.group(2)), 120)
        self.good("eval", "part.safetensors")
        out = self.good("train", "--resume", "part.safetensors")
        self.assertIn(f"resumed  after epoch {match.group(2)}\n", out)
        self.assertEqual(self.bytes_of("whole.safetensors"), self.bytes_of("part.safetensors"))

    def test_a_second_signal_of_either_kind_ends_the_program(self):
        process = subprocess.Popen([CLACT, "train", NO_CACHE, *SMALL[:2], "--epochs", "100000"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdout.readline()
        process.send_signal(signal.SIGSTOP)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=60)
        self.assertIn(process.returncode, (-signal.SIGINT, -signal.SIGTERM, 130, 143))

    def test_interrupted_without_output_says_what_would_have_saved_it(self):
        code, error = self.interrupt(2, *SMALL[:2], "--epochs", "100000")
        self.assertEqual(code, 130)
        self.assertIn("with -o MODEL.safetensors it could have been saved", error)
        self.assertEqual(os.listdir(self.folder), [])

    def test_divergence_keeps_the_last_good_epoch(self):
        self.good("train", *SMALL, "-o", "good.safetensors")
        before = self.bytes_of("good.safetensors")
        self.bad(1, ["no longer a number", "--lr"], "train", "--resume", "good.safetensors",
                 "--epochs", "9", "--lr", "1e30")
        self.assertEqual(self.bytes_of("good.safetensors"), before)

    def test_what_cannot_change_is_refused(self):
        self.good("train", *SMALL, "-o", "m.safetensors")
        self.bad(1, ["4 epochs", "--epochs 8"], "train", "--resume", "m.safetensors")
        for option in (["--layers", "8"], ["--seed", "2"], ["--optimizer", "adam"],
                       ["--loss", "mse"], ["--batch", "8"]):
            self.bad(2, option[0], "train", "--resume", "m.safetensors", "--epochs", "9", *option)
        self.bad(1, "nothing.safetensors", "train", "--resume", "nothing.safetensors")

    def test_a_training_that_was_stopped_early_asks_for_more_patience(self):
        self.good("train", "--layers", "64:relu", "--lr", "0.3", "--epochs", "60", "--patience", "2",
                  "-o", "m.safetensors")
        before = self.bytes_of("m.safetensors")
        self.bad(1, ["2 epochs without", "--patience"], "train", "--resume", "m.safetensors")
        self.assertEqual(self.bytes_of("m.safetensors"), before)
        epoch = json.loads(safetensors_reader.read(self.path("m.safetensors"))[0]["progress"])["epoch"]
        out = self.good("train", "--resume", "m.safetensors", "--patience", "0", "--epochs",
                        epoch + 1)
        self.assertIn("wrote              m.safetensors\n", out)

    def test_options_without_effect_are_refused(self):
        self.good("train", *self.ADAM, "--epochs", "1", "-o", "m.safetensors")
        self.bad(1, "adam has no --momentum", "train", "--resume", "m.safetensors", "--epochs", "2",
                 "--momentum", "0.5")

    def test_extreme_settings_come_back(self):
        self.good("train", "--layers", "8:relu:dropout=0,8:relu", "--dropout", "0.999999",
                  "--clip-norm", "1e38", "--weight-decay", "0", "--seed", str(2**64 - 1),
                  "--epochs", "1", "-o", "m.safetensors")
        settings = json.loads(safetensors_reader.read(self.path("m.safetensors"))[0]["settings"])
        self.assertEqual([layer["dropout"] for layer in settings["layers"]],
                         [0, float(np.float32(0.999999))])
        self.assertEqual(settings["seed"], str(2**64 - 1))
        self.good("train", "--resume", "m.safetensors", "--epochs", "2")

    def test_other_data_must_be_named(self):
        rng = np.random.default_rng(2)
        rows = [(a, b, int(a > b)) for a, b in rng.normal(size=(60, 2))]
        self.write_table("t.csv", ["a", "b", "y"], rows)
        self.good("train", "--data", "t.csv", "--epochs", "2", "-o", "m.safetensors")
        self.write_table("t.csv", ["a", "b", "y"], rows[1:])
        self.bad(1, ["t.csv has changed", "--data"], "train", "--resume", "m.safetensors",
                 "--epochs", "4")
        self.bad(1, "has changed", "eval", "m.safetensors")
        self.good("train", "--resume", "m.safetensors", "--epochs", "4", "--data", "t.csv")
        self.good("eval", "m.safetensors")


class Stopping(Case):
    def test_patience_keeps_the_best_epoch(self):
        out = self.good("train", "--layers", "64:relu", "--lr", "0.3", "--epochs", "60",
                        "--patience", "3", "-o", "m.safetensors", "--log", "log.jsonl")
        with open(self.path("log.jsonl")) as file:
            lines = [json.loads(line) for line in file]
        losses = [line["held_out_loss"] for line in lines if line["event"] == "epoch"]
        self.assertEqual(lines[-1]["reason"], "stopped early")
        self.assertEqual(len(losses) - 1 - int(np.argmin(losses)), 3)
        self.assertLess(len(losses), 60)
        self.assertIn(f"after epoch {len(losses)}: 3 epochs without", out)
        self.assertIn(f"of epoch {int(np.argmin(losses)) + 1} with the lowest", out)
        score = json.loads(self.good("eval", "m.safetensors", "--json", "-"))
        self.assertAlmostEqual(score["loss"], min(losses), places=6)


class Logs(Case):
    def test_a_log_has_what_was_printed(self):
        out = self.good("train", "--layers", "16:relu,16:sigmoid", "--epochs", "2", "--health",
                        "--log", "log.jsonl")
        with open(self.path("log.jsonl")) as file:
            start, first, second, end = [json.loads(line) for line in file]
        self.assertEqual((start["event"], start["score"], start["epochs"]),
                         ("start", "accuracy", 2))
        self.assertEqual(end["reason"], "finished")
        self.assertIn(f"epoch   2/2  loss {second['loss']:.6f}  held-out accuracy "
                      f"{second['accuracy']:.4f}\n", out)
        self.assertEqual([layer["activation"] for layer in first["layers"]],
                         ["relu", "sigmoid", "identity"])
        self.assertGreater(first["layers"][0]["zeros"], 0.2)
        self.assertEqual(first["layers"][1]["zeros"], 0)
        self.assertGreater(first["layers"][0]["gradient_norm"], 0)
        self.assertTrue(0.3 < first["layers"][1]["mean"] < 0.7)

    def test_a_resumed_training_adds_to_its_log_also_after_half_a_line(self):
        self.good("train", *SMALL, "-o", "m.safetensors", "--log", "log.jsonl")
        with open(self.path("log.jsonl"), "a") as file:
            file.write('{"event":"epo')
        self.good("train", "--resume", "m.safetensors", "--epochs", "5", "--log", "log.jsonl")
        lines = self.bytes_of("log.jsonl").decode().splitlines()
        self.assertEqual(lines[6], '{"event":"epo')
        self.assertEqual([json.loads(line)["event"] for line in lines[7:]],
                         ["start", "epoch", "end"])
        self.assertEqual(json.loads(lines[8])["epoch"], 5)

    def test_schedules_are_followed(self):
        rates = {}
        for name, options in {"step": ["--schedule", "step:every=2:factor=0.5"],
                              "cosine": ["--schedule", "cosine:least=0.1"],
                              "warm": ["--warm-up", "2"]}.items():
            self.good("train", "--layers", "none", "--epochs", "4", "--lr", "0.08", *options, "--log",
                      "log.jsonl")
            with open(self.path("log.jsonl")) as file:
                rates[name] = [line["lr"] for line in map(json.loads, file)
                               if line["event"] == "epoch"]
        np.testing.assert_allclose(rates["step"], [0.08, 0.08, 0.04, 0.04], rtol=1e-6)
        np.testing.assert_allclose(rates["warm"], [0.04, 0.08, 0.08, 0.08], rtol=1e-6)
        steps = np.arange(1, 5) * 45 - 1  # the last of each epoch of 45
        want = 0.08 * (0.1 + 0.9 * 0.5 * (1 + np.cos(np.pi * steps / 180)))
        np.testing.assert_allclose(rates["cosine"], want, rtol=1e-6)

    def test_dead_units_are_warned_of(self):
        out = self.good("train", "--layers", "64:relu,64:relu", "--lr", "0.5", "--epochs", "3",
                        "--health")
        warning = re.search(r"^  warning: layer (\d): (\d+) % of units dead; lower --lr or use "
                            r"leaky_relu$", out, re.M)
        self.assertTrue(warning, out)
        self.assertGreaterEqual(int(warning.group(2)), 10)
        calm = self.good("train", "--layers", "64:leaky_relu", "--epochs", "3", "--health")
        self.assertNotIn("warning", calm)

    def test_saturation_is_warned_of(self):
        out = self.good("train", "--layers", "32:tanh", "--init", "normal", "--init-scale", "3",
                        "--epochs", "1", "--health")
        self.assertRegex(out, r"warning: layer 1: \d+ % of (outputs saturated|units dead); lower")


class Options(Case):
    def test_every_optimizer_and_initialiser_learns(self):
        for name in ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"):
            out = self.good("train", "--layers", "16:relu", "--epochs", "10", "--optimizer", name)
            self.assertGreater(float(re.search(r"held-out accuracy +(\S+) \(", out).group(1)), 0.9,
                               name)
        for name in ("xavier", "he", "lsuv", "orthogonal"):
            out = self.good("train", "--layers", "16:relu", "--epochs", "10", "--init", name)
            self.assertGreater(float(re.search(r"held-out accuracy +(\S+) \(", out).group(1)), 0.9,
                               name)

    def test_zeros_do_not_break_the_symmetry(self):
        out = self.good("train", "--layers", "16:relu", "--epochs", "4", "--init", "zeros")
        self.assertLess(float(re.search(r"held-out accuracy +(\S+) \(", out).group(1)), 0.3)

    def test_wrong_usage(self):
        for option, value, says in (
                ("--optimizer", "adm", "'adam'"), ("--init", "xavir", "'xavier'"),
                ("--schedule", "cosin", "'cosine'"), ("--schedule", "step:every=0", "every"),
                ("--schedule", "step:least=1", "'least=1'"), ("--dropout", "1", "--dropout"),
                ("--patience", "x", "--patience"), ("--clip-norm", "-1", "--clip-norm"),
                ("--weight-decay", "x", "--weight-decay"), ("--warm-up", "-1", "--warm-up"),
                ("--beta1", "0.5", "momentum has no --beta1"),
                ("--layers", "8:relu:dropout=2", "dropout")):
            self.bad(2, says, "train", option, value)
        self.bad(1, "no folder", "train", "-o", "nowhere/m.safetensors")
        self.bad(1, "nowhere", "train", "--log", "nowhere/log.jsonl")
        self.bad(2, "which model", "eval")
        self.bad(2, "which data", "predict", "m.safetensors")
        self.bad(1, "--data", "train", "--targets", "y.npy")
        self.bad(2, "--dropout", "train", "--layers", "none", "--dropout", "0.1")

    def test_help(self):
        for command in ("train", "predict", "eval"):
            out = self.good(command, "--help")
            self.assertTrue(out.startswith(f"usage: clact {command} "))
            self.assertTrue(all(len(line) <= 100 for line in out.splitlines()))


class Refusals(Case):
    def test_damaged_and_foreign_files_are_refused_with_a_reason(self):
        self.good("train", *SMALL, "-o", "m.safetensors")
        whole = self.bytes_of("m.safetensors")
        layer = {"units": 16, "activation": "relu", "parameters": {}, "dropout": 0}
        files = {"cut": (whole[:-1], "cut off"), "empty": (b"", "too few"),
                 "text": (b"a,b\n1,2\n" * 20, "no safetensors file")}
        headers = {
            "no metadata": (lambda h: h.pop("__metadata__"), "clact train -o"),
            "newer": (lambda h: h["__metadata__"].update(format="clact-9"), "clact-9"),
            "no settings": (lambda h: h["__metadata__"].pop("settings"), "'settings'"),
            "loss": (setting("settings", loss="hinge"), "'loss'"),
            "wider": (setting("settings", layers=[{**layer, "units": 17}]), "layers.0.weight"),
            "activation": (setting("settings", layers=[{**layer, "activation": "rel"}]), "rel"),
            "parameter": (setting("settings", layers=[{**layer, "activation": "elu",
                                                       "parameters": {"alpha": "x"}}]), "alpha"),
            "seed": (setting("settings", seed="-1"), "'seed'"),
            "names": (setting("schema", inputs=100000), "'schema'"),
            "few names": (setting("schema", input_names=["a"]), "'schema'"),
            "one class": (setting("schema", classes=["0"]), "'schema'"),
            "no label": (setting("schema", label_name=None), "'schema'"),
            "best": (setting("progress", best_epoch=5), "'progress'"),
            "steps": (setting("progress", steps="1x"), "'progress'"),
        }
        for name, (data, says) in files.items():
            self.write(data, self.path("bad.safetensors"))
            self.refused_by_all(name, says)
        for name, (change, says) in headers.items():
            self.rebuild(change)
            self.refused_by_all(name, says)

    def refused_by_all(self, name, says):
        for command in (["eval", "bad.safetensors"], ["predict", "bad.safetensors", "digits.csv"],
                        ["train", "--resume", "bad.safetensors", "--epochs", "9"]):
            with self.subTest(name, command=command[0]):
                self.bad(1, ["bad.safetensors", says], *command)

    def test_a_model_of_numbers_has_no_classes(self):
        self.write_table("line.csv", ["x", "y"], [(i, 2 * i) for i in range(20)])
        self.good("train", "--data", "line.csv", "--loss", "mse", "--layers", "none", "--epochs", "1",
                  "-o", "m.safetensors")
        self.rebuild(setting("schema", classes=["a", "b"]))
        self.bad(1, "'schema'", "eval", "bad.safetensors")

    def test_weights_that_are_not_finite_are_refused(self):
        self.good("train", *SMALL, "-o", "m.safetensors")
        whole = self.bytes_of("m.safetensors")
        length = int.from_bytes(whole[:8], "little")
        header = json.loads(whole[8:8 + length])
        for tensor in ("layers.0.weight", "training.first_state"):
            at = 8 + length + header[tensor]["data_offsets"][0]
            self.write(whole[:at] + b"\0\0\xc0\x7f" + whole[at + 4:], self.path("bad.safetensors"))
            self.bad(1, "NaN or infinit", "eval", "bad.safetensors")

    def test_names_that_a_model_cannot_keep_are_refused_before_training(self):
        rows = "".join(f"{i},{i % 2}\n" for i in range(40)).encode()
        for text, says in ((b"gr\xf6\xdfe,y\n" + rows, "column"), (b"x,\xe9t\xe9\n" + rows, "label"),
                           (b"x,y\n" + rows.replace(b",1\n", b",\xe9\n"), "class")):
            self.write(text, self.path("t.csv"))
            self.bad(1, [says, "UTF-8"], "train", "--data", "t.csv", "-o", "m.safetensors")
        self.assertEqual(os.listdir(self.folder), ["t.csv"])


if __name__ == "__main__":
    script_case.main()
