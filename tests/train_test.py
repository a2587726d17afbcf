"""train_test.py: `clact train` learns, repeats itself, and says what is wrong with its input.

CLACT is the path of the program. Exits 77 where there is no OpenCL device.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

CLACT = os.environ.get("CLACT", "clact")


def train(*arguments, directory=None):
    # to keep its kernels it would have PoCL compile them once more
    return subprocess.run(
        [CLACT, "train", "--no-cache", *arguments], capture_output=True, text=True, timeout=300, cwd=directory
    )


def accuracy(run):
    return float(re.search(r"^held-out accuracy +([0-9.]+) \(", run.stdout, re.M).group(1))


def figures(run):
    """Everything that must repeat: the lines without times and speeds."""
    lines = run.stdout.splitlines()
    return [l for l in lines if not l.startswith(("speed", "device time", "compile"))]


class Learning(unittest.TestCase):
    def test_digits_reach_096_and_repeat(self):
        first, second = train(), train()
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertGreaterEqual(accuracy(first), 0.96)
        self.assertEqual(figures(first), figures(second))
        self.assertIn("1797 rows of 64 inputs", first.stdout)
        self.assertIn("359 held out", first.stdout)
        self.assertEqual(len(re.findall(r"^epoch", first.stdout, re.M)), 30)

    def test_other_seeds_reach_096_with_other_figures(self):
        runs = [train("--seed", str(s)) for s in (2, 3, 4)]
        for run in runs:
            self.assertGreaterEqual(accuracy(run), 0.96)
        self.assertNotEqual(figures(runs[0])[4:], figures(runs[1])[4:])

    def test_time_is_split_and_adds_up(self):
        run = train("--epochs", "1")
        shares = re.search(
            r"^device time +GEMM ([0-9.]+) %, activation kernels ([0-9.]+) %, rest ([0-9.]+) %$",
            run.stdout,
            re.M,
        )
        self.assertAlmostEqual(sum(map(float, shares.groups())), 100.0, delta=0.2)
        self.assertRegex(run.stdout, r"(?m)^speed +[0-9]+ samples/s \(1 epochs in ")
        self.assertRegex(run.stdout, r"(?m)^compile, warm-up +[0-9.]+ s")

    def test_wdbc_is_logistic_regression(self):
        for layers in ([], ["--layers", "1:sigmoid"], ["--layers", "none"]):
            run = train("--data", "wdbc.csv", "--label", "benign", "--loss", "bce", *layers)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertGreaterEqual(accuracy(run), 0.95)
            self.assertIn("network  30 - 1 sigmoid", run.stdout)

    def test_layers_and_parameters(self):
        run = train("--layers", "48:gelu,32:silu,16:elu:alpha=0.5", "--epochs", "8", "--batch", "64")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("network  64 - 48 gelu - 32 silu - 16 elu(alpha=0.5) - 10", run.stdout)
        self.assertGreaterEqual(accuracy(run), 0.9)

    def test_either_products_train_alike(self):
        losses = [float(re.search(r"training loss +(\S+)", run.stdout).group(1))
                  for run in (train("--epochs", "2", "--products", products)
                              for products in ("own", "clblast"))]
        self.assertAlmostEqual(losses[0], losses[1], delta=1e-3 * losses[1])

    def test_tier_is_that_of_every_layer(self):
        runs = [train("--layers", "16:gelu,8:mish", "--epochs", "1", "--tier", tier)
                for tier in ("fast", "accurate")]
        self.assertNotIn("tier", runs[0].stdout)
        self.assertRegex(runs[1].stdout, r"(?m)^network .*; accurate tier$")
        losses = [re.search(r"^training loss +([0-9.]+)$", run.stdout, re.M) for run in runs]
        self.assertAlmostEqual(*(float(loss.group(1)) for loss in losses), places=4)

    def test_layers_may_share_an_activation(self):
        run = train("--layers", "16:relu,16:relu", "--epochs", "1")
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_mse_learns_a_number(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "line.csv"), "w") as f:
                f.write("x,noise,y\n")
                for i in range(200):
                    f.write(f"{i / 10},{(i * 37) % 11},{100 + 3 * i / 10}\n")
            run = train("--data", "line.csv", "--loss", "mse", "--layers", "none",
                        directory=folder)
            self.assertEqual(run.returncode, 0, run.stderr)
            rmse = float(re.search(r"^held-out RMSE +([0-9.e-]+)$", run.stdout, re.M).group(1))
            self.assertLess(rmse, 0.5)


def held_out_split(rows):
    """The rows in the order of the split, and how many of them are trained on."""
    mask, state, order = 2**64 - 1, 0x636C616374, list(range(rows))
    for i in range(rows - 1, 0, -1):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        j = (z ^ (z >> 31)) % (i + 1)
        order[i], order[j] = order[j], order[i]
    return order, rows - rows // 5


class HeldOut(unittest.TestCase):
    """What of the data is used for what, seen through networks that cannot learn."""

    def score(self, text, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "t.csv"), "w") as f:
                f.write(text)
            run = train("--data", "t.csv", "--layers", "none", *arguments, directory=folder)
            self.assertEqual(run.returncode, 0, run.stderr)
            return float(re.search(r"^held-out \w+ +([0-9.e+-]+)", run.stdout, re.M).group(1))

    def test_split_is_fixed_and_labels_are_scaled_by_training_rows(self):
        labels = [float(i * i) for i in range(40)]
        order, n = held_out_split(40)
        mean = sum(labels[i] for i in order[:n]) / n
        want = (sum((labels[i] - mean) ** 2 for i in order[n:]) / (40 - n)) ** 0.5
        text = "x,y\n" + "".join(f"1,{v}\n" for v in labels)  # a constant input says nothing
        for seed in ("1", "2"):
            got = self.score(text, "--loss", "mse", "--lr", "1e-30", "--epochs", "1", "--seed", seed)
            self.assertAlmostEqual(got / want, 1.0, places=4)

    def test_inputs_are_scaled_by_training_rows(self):
        order, _ = held_out_split(100)
        x = [i / 100 for i in range(100)]
        x[order[-1]] = 1e7  # a held-out row; with it in the scale all others are one
        text = "x,y\n" + "".join(f"{v},{int(v > 0.5)}\n" for v in x)
        self.assertGreater(self.score(text, "--lr", "0.5"), 0.85)

    def test_a_logit_over_0_is_class_1(self):
        order, n = held_out_split(100)
        is_one = [i % 9 < 5 for i in range(100)]  # logit of the share: 0.2
        text = "x,y\n" + "".join(f"1,{int(v)}\n" for v in is_one)
        share = sum(is_one[i] for i in order[n:]) / (100 - n)
        self.assertAlmostEqual(self.score(text, "--loss", "bce", "--batch", "80", "--epochs", "300"),
                               share, places=3)


class Refusals(unittest.TestCase):
    def refuse(self, code, words, *arguments, directory=None):
        run = train(*arguments, directory=directory)
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        self.assertTrue(run.stderr.startswith("clact train: "), run.stderr)
        for word in words if isinstance(words, (list, tuple)) else [words]:
            self.assertIn(word, run.stderr)
        self.assertNotIn("accuracy", run.stdout)

    def refuse_file(self, text, words, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            mode = "wb" if isinstance(text, bytes) else "w"
            with open(os.path.join(folder, "t.csv"), mode) as f:
                f.write(text)
            self.refuse(1, words, "--data", "t.csv", *arguments, directory=folder)

    def test_wrong_usage(self):
        self.refuse(2, "whole number", "--epochs", "0")
        self.refuse(2, "whole number", "--epochs", "ten")
        self.refuse(2, "whole number", "--batch", "-3")
        self.refuse(2, "--lr", "--lr", "0")
        self.refuse(2, "--lr", "--lr", "nan")
        self.refuse(2, "--momentum", "--momentum", "1")
        self.refuse(2, "--seed", "--seed", "x")
        self.refuse(2, "softmax, bce or mse", "--loss", "hinge")
        self.refuse(2, ["'fast'", "accurate"], "--tier", "fats")
        self.refuse(2, ["'clblast'", "own"], "--products", "clblas")
        self.refuse(2, "units", "--layers", "relu")
        self.refuse(2, "--layers", "--layers", "12:reul")
        self.refuse(2, ["alpha"], "--layers", "12:elu:beta=1")
        self.refuse(2, "--data", "digits.csv")
        self.refuse(2, "", "--nonsense")
        self.refuse(2, "", "--epochs")

    def test_files(self):
        rows = "".join(f"{i},{i % 3}\n" for i in range(20))
        self.refuse(1, "missing.csv", "--data", "missing.csv")
        self.refuse(1, "no column 'size'", "--label", "size")
        self.refuse_file("", "empty")
        self.refuse_file("a,b\n1,2\n", "at least 10 rows")
        self.refuse_file("a;b\n" + "1;2\n" * 20, "commas")
        self.refuse_file("a,b\n" + rows + "1\n", ["line 22", "1 fields", "header has 2"])
        self.refuse_file("a,b\n" + rows + "x,1\n", ["line 22", "'a'", "'x'"])
        self.refuse_file("a,b\n" + rows + ",1\n", ["line 22", "'a'", "missing"])
        self.refuse_file("a,b\n" + rows + "1,\n", ["line 22", "label", "missing"])
        self.refuse_file("a,b\n" + rows + "inf,1\n", ["line 22", "'inf'"])
        self.refuse_file("a,b\n\n\n" + rows + '"1,1\n', "line")
        self.refuse_file("a,b\n" + rows, "3 classes", "--loss", "bce")
        self.refuse_file("a,b\n" + "".join(f"{i},1\n" for i in range(20)), "single value")
        self.refuse_file("a,b\n" + "".join(f"{i},{i}.5\n" for i in range(20)), "--loss mse")
        self.refuse_file(b"\x00\xff" * 50, "t.csv")

    def test_divergence_is_said(self):
        self.refuse(1, ["no longer a number", "--lr"], "--lr", "1e30", "--epochs", "3")

    def test_line_numbers_count_blank_lines_and_quoted_line_ends(self):
        rows = "".join(f"{i},{i % 3}\n" for i in range(20))
        self.refuse_file("a,b\n\n\n" + rows + "x,1\n", "line 24,")
        self.refuse_file('"a\nz",b\n' + rows + "x,1\n", "line 23,")

    def test_line_numbers_with_crlf_and_byte_order_mark(self):
        rows = "".join(f"{i},{i % 3}\r\n" for i in range(20))
        self.refuse_file(("\ufeffa,b\r\n" + rows + "x,1\r\n").encode(), ["line 22", "'a'"])

    def test_help(self):
        run = train("--help")
        self.assertEqual(run.returncode, 0)
        for option in "data label layers tier products epochs batch lr momentum seed device loss".split():
            self.assertIn("--" + option, run.stdout)


if __name__ == "__main__":
    if "no OpenCL" in train("--epochs", "1").stderr:
        print("skipped: there is no OpenCL device")
        sys.exit(77)
    unittest.main(verbosity=1)
