"""lab_stacks_test.py: what `clact lab` vanishing, saturation and dying claim, in numbers.

CLACT is the path of the program. Exits 77 where there is no OpenCL device. Margins leave room
around what seeds 1 to 5 gave; products are clact's own, so numbers are the same on every device.
"""

import json
import math
import os
import shutil
import sys
import tempfile
import unittest

from cli_case import Case, run

SEEDS = (1, 2)


class LabCase:
    """An experiment with two seeds; `name` and `claims` are the subclass's."""

    name, tables, labels = None, (), ()

    @classmethod
    def setUpClass(cls):
        cls.folder_of_class = tempfile.mkdtemp(prefix="clact-test-")
        cls.addClassCleanup(shutil.rmtree, cls.folder_of_class)
        cls.picture = os.path.join(cls.folder_of_class, "picture.svg")
        drawn = ("-o", cls.picture) if shutil.which("gnuplot") else ()
        cls.text = {seed: cls.report(seed, *(drawn if seed == 1 else ())) for seed in SEEDS}

    @classmethod
    def report(cls, seed, *options):
        done = run("lab", cls.name, "--json", "-", "--seed", seed, *options)
        if (done.returncode, done.stderr) != (0, ""):
            raise AssertionError(done.stderr)
        return done.stdout

    def test_claims(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                report = json.loads(self.text[seed])
                self.claims(report, report["facts"])

    def test_report_is_whole(self):
        report = json.loads(self.text[1])
        self.assertEqual((report["experiment"], report["seed"]), (self.name, 1))
        for table, rows in self.tables:
            self.assertEqual(len(report[table]), rows, table)
        self.assertGreaterEqual(len(report["sentences"]), 2)

    def test_text_has_tables_and_sentences(self):
        """Of the default seed, which is 1: the same sentences, and no line beyond 100 columns."""
        text = self.good("lab", self.name)
        words = " ".join(text.split())
        for sentence in json.loads(self.text[1])["sentences"]:
            self.assertIn(" ".join(sentence.split()), words)
        self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_seed_decides(self):
        self.assertEqual(self.report(1), self.text[1])
        first, second = (json.loads(self.text[seed]) for seed in SEEDS)
        self.assertNotEqual(first["facts"], second["facts"])

    @unittest.skipUnless(shutil.which("gnuplot"), "no gnuplot")
    def test_picture(self):
        with open(self.picture, encoding="utf-8") as file:
            picture = file.read()
        self.assertGreater(picture.count("<path"), 10)
        for label in self.labels:
            self.assertIn(label, picture)


class Vanishing(LabCase, Case):
    name = "vanishing"
    tables = (("ratios", 11), ("log10_layers", 11))
    labels = ("|delta| relative to the last layer", "hidden layers", "bound 0.25^k",
              "|delta| first / last layer")

    def claims(self, report, facts):
        self.assertEqual(facts["not_finite"], 0)
        # the theorem: orthogonal weights and a slope of at most 1/4, so in every layer
        self.assertEqual(facts["bound_holds"], 1)
        self.assertLess(facts["greatest_step_orthogonal"], 0.245)
        self.assertGreater(facts["greatest_step_orthogonal"], 0.23)
        for row in report["log10_layers"]:
            self.assertAlmostEqual(row["bound"], (row["layer"] - 32) * math.log10(4), places=9)
            self.assertLessEqual(row["orthogonal"], row["bound"])
        # what vanishes, what does not, and what explodes, as the mean field has it
        for stack, tolerance in (("sigmoid", 0.01), ("sigmoid4", 0.03), ("tanh", 0.02),
                                 ("relu", 0.05), ("leaky_relu", 0.05), ("selu", 0.03),
                                 ("orthogonal", 0.005), ("tanh_large", 0.05), ("relu_large", 0.08),
                                 ("sigmoid_large", 0.15)):
            self.assertAlmostEqual(facts["factor_" + stack], facts["predicted_" + stack],
                                   delta=tolerance, msg=stack)
        self.assertAlmostEqual(facts["predicted_relu"], 1, places=6)
        self.assertAlmostEqual(facts["predicted_relu_large"], 1.5, places=6)
        self.assertTrue(0.7 < facts["factor_gelu"] < 1.1, facts["factor_gelu"])
        ratios = {(row["activation"], row["weights"]): row for row in report["ratios"]}
        for row in ratios.values():
            self.assertAlmostEqual(row["factor"], 10 ** (row["log10_ratio_64"] / 63), places=9)
        self.assertLess(ratios["sigmoid", "Xavier"]["log10_weight_64"], -38)


class Saturation(LabCase, Case):
    name = "saturation"
    tables = (("scales", 27), ("inits", 12))
    labels = ("deviation of the weights", "units and rows, %", "median |delta|", "mean |delta|", "hidden layer")

    def claims(self, report, facts):
        rows = {name: [row for row in report["scales"] if row["activation"] == name]
                for name in ("sigmoid", "tanh", "relu")}
        self.assertTrue(0.5 < facts["half_saturated_tanh"] < 0.9)
        self.assertTrue(1.2 < facts["half_saturated_sigmoid"] < 2.5)
        for name in ("sigmoid", "tanh"):
            shares = [row["saturated"] for row in rows[name]]
            self.assertEqual(shares, sorted(shares))
            self.assertEqual(shares[0], 0)
            self.assertGreater(shares[-1], 85)
            # most units stop learning, though not the rms
            peak = max(row["median_first"] for row in rows[name])
            self.assertLess(rows[name][-1]["median_first"], 1e-12 * peak)
            self.assertGreater(rows[name][-1]["rms_first"], 1e-3)
            self.assertGreater(rows[name][-1]["mean_first"], 1e6 * rows[name][-1]["median_first"])
            self.assertLess(rows[name][0]["ratio"], 1e-7)
        # relu is homogeneous: nothing but the size of its gradient follows the scale
        shares = {row["saturated"] for row in rows["relu"]}
        self.assertEqual(len(shares), 1, shares)
        self.assertTrue(40 < shares.pop() < 60)
        self.assertAlmostEqual(facts["relu_power"], 5, delta=0.01)
        for row in report["inits"]:
            name = (row["activation"], row["init"])
            if row["activation"] != "relu":
                self.assertLess(row["saturated"], 2, name)
            if row["init"] == "small":
                self.assertLess(row["ratio"], 1e-3, name)
            elif row["activation"] == "sigmoid":
                self.assertLess(row["ratio"], 0.05, name)
            elif row["init"] != "xavier":
                self.assertTrue(0.6 < row["ratio"] < 2, name)
        self.assertTrue(0.3 < facts["ratio_tanh_xavier"] < 0.7)
        self.assertTrue(0.1 < facts["ratio_relu_xavier"] < 0.4)


class Dying(LabCase, Case):
    name = "dying"
    tables = (("rates", 32), ("recovery", 11))
    labels = ("learning rate", "dead units, %", "held-out accuracy, %", "more epochs")

    def claims(self, report, facts):
        rows = {(row["activation"], round(row["lr"], 2)): row for row in report["rates"]}
        for row in rows.values():
            self.assertEqual(row["outcome"] == "diverged", row["dead"] is None)
        # a rate that suits kills none; one too high two fifths, and with them what was learnt
        self.assertLess(rows["relu", 0.1]["dead"], 2)
        self.assertGreater(rows["relu", 0.1]["accuracy"], 93)
        self.assertTrue(1.6 < facts["deadly_rate"] < 7, facts["deadly_rate"])
        self.assertGreater(facts["most_dead_relu"], 0.4)
        self.assertLess(facts["deadly_accuracy_relu"], 0.6)
        self.assertEqual(facts["most_dead_leaky_relu"], 0)
        self.assertGreater(facts["deadly_accuracy_leaky_relu"], 0.75)
        # the dead stay dead as relu; as leaky_relu some come back, and learning with them
        self.assertGreaterEqual(facts["dead_at_start"], 0.4 * 128)
        self.assertGreater(facts["relu_still_dead"], 0.95)
        self.assertLess(facts["leaky_still_dead"], 0.92)
        self.assertLess(facts["relu_accuracy"], 0.5)
        self.assertGreater(facts["leaky_accuracy"], 0.88)


if __name__ == "__main__":
    if run("devices").returncode != 0:
        print("skipped: no OpenCL device")
        sys.exit(77)
    print("CLACT", os.environ.get("CLACT"))
    unittest.main()
