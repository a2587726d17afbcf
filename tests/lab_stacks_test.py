"""lab_stacks_test.py: what `clact lab` vanishing, saturation and dying claim, in numbers.

CLACT is the path of the program. Exits 77 where there is no OpenCL device. Beside margins stands
what seeds gave: 1 to 12, with dying 1 to 10. Products are clact's own, so numbers are the same on
every device.
"""

import math
import sys
import unittest

from cli_case import Case, run
from lab_case import LabCase


class Vanishing(LabCase, Case):
    name = "vanishing"
    tables = {"ratios": 11, "log10_layers": 11}
    labels = ("|delta| relative to the last layer", "hidden layers", "bound 0.25^k",
              "|delta| first / last layer")
    words = {"bound_holds": 1, "sigmoid4_is_flatter": 1, "sigmoid4_keeps_less": 1,
             "tanh_explodes": 1, "relu_explodes": 1, "sigmoid_explodes": 1}

    def test_claims(self):
        for seed, report in self.reports.items():
            with self.subTest(seed=seed):
                self.claims(report, report["facts"])

    def claims(self, report, facts):
        self.assertEqual(facts["not_finite"], 0)
        # the theorem: orthogonal weights and a slope of at most 1/4, so in every layer
        self.assertLess(facts["greatest_step_orthogonal"], 0.245)  # 0.2382 to 0.2392
        self.assertGreater(facts["greatest_step_orthogonal"], 0.23)
        for row in report["log10_layers"]:
            self.assertAlmostEqual(row["bound"], (row["layer"] - 32) * math.log10(4), places=9)
            self.assertLessEqual(row["orthogonal"], row["bound"])
        # what vanishes, what does not, and what explodes: as the mean field has it, but for width
        for stack, least, most in (("sigmoid", -0.01, 0.01),  # -0.0034 to 0.0025
                                   ("sigmoid4", -0.03, 0.015),  # -0.0136 to 0.0030
                                   ("tanh", -0.02, 0.015),  # -0.0094 to 0.0050
                                   ("relu", -0.05, 0.03),  # -0.0241 to 0.0055
                                   ("leaky_relu", -0.05, 0.03),  # -0.0258 to 0.0149
                                   ("gelu", -0.25, 0.06),  # -0.1996 to 0.0118
                                   ("selu", -0.01, 0.03),  # 0.0001 to 0.0121
                                   ("orthogonal", -0.001, 0.001),  # -0.0002 to 0.0002
                                   ("tanh_large", -0.03, 0.015),  # -0.0134 to 0.0025
                                   ("relu_large", -0.07, 0.07),  # -0.0345 to 0.0387
                                   ("sigmoid_large", -0.2, 0.04)):  # -0.1394 to -0.0167
            off = facts["factor_" + stack] - facts["predicted_" + stack]
            self.assertTrue(least < off < most, (stack, off))
        self.assertAlmostEqual(facts["predicted_relu"], 1, places=6)
        self.assertAlmostEqual(facts["predicted_relu_large"], 1.5, places=6)
        # rows of the same size would be alike, and lose more
        self.assertAlmostEqual(facts["predicted_gelu_of_one"], 0.747, delta=0.002)
        self.assertAlmostEqual(facts["predicted_gelu"], 0.973, delta=0.002)
        self.assertEqual(facts["gelu_follows"],
                         abs(facts["factor_gelu"] - facts["predicted_gelu"]) <= 0.05)
        # why 4*sigmoid is no tanh
        self.assertAlmostEqual(facts["mean_sigmoid4"], 2, delta=0.1)  # 1.969 to 2.058
        self.assertAlmostEqual(facts["mean_tanh"], 0, delta=0.002)  # -0.0003 to 0.0003
        self.assertAlmostEqual(facts["flat_sigmoid4"], 0.45, delta=0.04)  # 0.4396 to 0.4653
        self.assertAlmostEqual(facts["flat_tanh"], 0.009, delta=0.003)  # 0.0082 to 0.0094
        ratios = {(row["activation"], row["weights"]): row for row in report["ratios"]}
        for row in ratios.values():
            self.assertAlmostEqual(row["factor"], 10 ** (row["log10_ratio_64"] / 63), places=9)
        self.assertLess(ratios["sigmoid", "Xavier"]["log10_weight_64"], -38)


class Saturation(LabCase, Case):
    name = "saturation"
    tables = {"scales": 27, "inits": 12}
    labels = ("deviation of the weights", "units and rows, %", "median |delta|", "mean |delta|",
              "hidden layer")
    words = {"median_falls": 1, "small_loses": 1, "relu_is_blind": 1, "keeps_tanh": 1,
             "keeps_relu": 1, "keeps_sigmoid": 0}

    def test_claims(self):
        for seed, report in self.reports.items():
            with self.subTest(seed=seed):
                self.claims(report, report["facts"])

    def claims(self, report, facts):
        rows = {name: [row for row in report["scales"] if row["activation"] == name]
                for name in ("sigmoid", "tanh", "relu")}
        self.assertTrue(0.62 < facts["half_saturated_tanh"] < 0.72)  # 0.663 to 0.677
        self.assertTrue(1.6 < facts["half_saturated_sigmoid"] < 2.0)  # 1.72 to 1.85
        self.assertIsNone(facts["half_saturated_relu"])
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
        self.assertAlmostEqual(facts["relu_power"], 5, delta=0.002)  # 4.9994 to 5.0005
        for row in report["inits"]:
            name = (row["activation"], row["init"])
            if row["activation"] != "relu":
                self.assertLess(row["saturated"], 1, name)  # to 0.70
            if row["init"] == "small":
                self.assertLess(row["ratio"], 1e-4, name)  # to 4.6e-5
            elif row["activation"] == "sigmoid":
                self.assertLess(row["ratio"], 0.04, name)  # to 0.030
            elif row["init"] != "xavier":
                self.assertTrue(0.7 < row["ratio"] < 1.7, name)  # 0.850 to 1.54
        self.assertTrue(0.35 < facts["ratio_tanh_xavier"] < 0.55)  # 0.403 to 0.482
        self.assertTrue(0.17 < facts["ratio_relu_xavier"] < 0.35)  # 0.216 to 0.295
        self.assertEqual(facts["most_saturated"],
                         max(row["saturated"] for row in report["inits"] if row["init"] != "small"
                             and row["activation"] != "relu") / 100)


class Dying(LabCase, Case):
    name = "dying"
    tables = {"rates": 32, "recovery": 11}
    labels = ("learning rate", "dead units, %", "held-out accuracy, %", "more epochs")
    words = {"leaky_is_better": 1, "dead_stay_dead": 1, "learning_revives": 1}

    def test_claims(self):
        for seed, report in self.reports.items():
            with self.subTest(seed=seed):
                self.claims(report, report["facts"])

    def claims(self, report, facts):
        rows = {(row["activation"], round(row["lr"], 2)): row for row in report["rates"]}
        for row in rows.values():
            self.assertEqual(row["outcome"] == "diverged", row["dead"] is None)
        # a rate that suits kills none; one too high two fifths, and with them what was learnt
        self.assertLess(rows["relu", 0.1]["dead"], 2)
        self.assertGreater(rows["relu", 0.1]["accuracy"], 93)
        self.assertIn(facts["deadly_rate"], (3.2, 6.4))
        self.assertGreaterEqual(facts["most_dead_relu"], 0.4)  # 0.5
        self.assertLess(facts["deadly_accuracy_relu"], 0.45)  # 0.103 to 0.348
        self.assertEqual(facts["most_dead_leaky_relu"], 0)
        self.assertGreater(facts["deadly_accuracy_leaky_relu"], 0.7)  # 0.749 to 0.950
        # the dead stay dead as relu; as leaky_relu some come back, and not by the switch alone
        self.assertGreaterEqual(facts["dead_at_start"], 0.4 * 128)  # 64
        self.assertGreater(facts["relu_least_dead"], 0.95)  # 1
        self.assertGreater(facts["leaky_inactive_at_switch"], 0.65)  # 0.719 to 1
        self.assertLess(facts["leaky_inactive"], 0.9)  # 0.641 to 0.844
        self.assertGreater(facts["revived_by_learning"], 0.08)  # 0.130 to 0.339
        self.assertLess(facts["relu_accuracy"], 0.15)  # 0.081
        self.assertLess(facts["leaky_accuracy_at_switch"], 0.25)  # 0 to 0.173
        self.assertGreater(facts["leaky_accuracy"], 0.9)  # 0.928 to 0.964
        last = report["recovery"][-1]
        self.assertEqual((last["epoch"], last["leaky_still_dead"]),
                         (30, 100 * facts["leaky_inactive"]))


if __name__ == "__main__":
    if run("devices").returncode != 0:
        print("skipped: no OpenCL device")
        sys.exit(77)
    unittest.main()
