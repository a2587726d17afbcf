"""lab_neuron_test.py: experiments on one neuron show what they claim: zigzag, neuron, identities.

CLACT is the path of the program. Exits 77 where there is no OpenCL device.
"""

import os
import sys
import unittest

from cli_case import Case, np, run
from lab_case import LabCase, experiment


class Zigzag(LabCase, Case):
    name, seeds, tables = "zigzag", (1, 2, 3), {"batches": 14}
    labels = ("weight 1", "weight 2", "optimum", "straight line", "the same, centred",
              "rows in a batch", "tanh, 8 inputs", "% of steps", "path / straight line")
    words = {"is_zigzag": 1, "batches_soften": 1, "batches_save_steps": 0,
             "centring_saves_steps": 0}

    def rows(self, seed, inputs):
        rows = [r for r in self.reports[seed]["batches"] if r["inputs"] == inputs]
        self.assertEqual([r["batch"] for r in rows], [1, 2, 4, 8, 16, 32, 64])
        return rows

    def test_positive_inputs_give_gradients_of_one_sign(self):
        for seed in self.seeds:
            for inputs in (2, 8):
                self.assertEqual(self.rows(seed, inputs)[0]["one_signed_sigmoid"], 100.0)

    def test_inputs_around_zero_do_not(self):
        for seed in self.seeds:
            for key in "one_signed_tanh", "one_signed_centred":
                for inputs, most in (2, 70.0), (8, 5.0):  # independent signs: 50 and 0.8
                    for row in self.rows(seed, inputs):
                        self.assertLess(row[key], most, (seed, row))
                self.assertGreater(self.rows(seed, 2)[0][key], 25.0)

    def test_batches_soften_it(self):
        for seed in self.seeds:
            for inputs in (2, 8):
                shares = [r["one_signed_sigmoid"] for r in self.rows(seed, inputs)]
                self.assertEqual(shares, sorted(shares, reverse=True))
                self.assertLess(shares[-1], 30.0)

    def test_sign_alone_makes_the_way_longer(self):
        for seed in self.seeds:
            for inputs in (2, 8):
                for row in self.rows(seed, inputs):
                    self.assertGreater(row["path_sigmoid"], row["path_centred"], (seed, row))
            first = self.rows(seed, 8)[0]
            longer = self.reports[seed]["facts"]["longer_by_sign"]
            self.assertEqual(longer, first["path_sigmoid"] / first["path_centred"])
            self.assertTrue(2.3 < longer < 3.1)  # 2.57 to 2.78 with seeds 1 to 10

    def test_positive_inputs_make_the_way_longer(self):
        for seed in self.seeds:
            for inputs in (2, 8):
                rows = self.rows(seed, inputs)
                for row in rows:
                    self.assertGreater(row["path_sigmoid"], row["path_tanh"], (seed, row))
                    self.assertGreaterEqual(row["path_tanh"], 1.0)
                self.assertGreater(rows[0]["path_sigmoid"], 1.6 * rows[0]["path_tanh"])
                for key in ("path_sigmoid", "path_centred", "path_tanh"):
                    paths = [r[key] for r in rows]
                    self.assertEqual(paths, sorted(paths, reverse=True))
                self.assertLess(rows[-1]["path_sigmoid"], 1.7)
                self.assertLess(rows[-1]["path_tanh"], 1.2)

    def test_neither_batches_nor_centring_save_steps(self):
        for seed in self.seeds:
            for row in self.rows(seed, 8):
                first = self.rows(seed, 8)[0]
                self.assertLess(abs(row["steps_sigmoid"] / first["steps_sigmoid"] - 1), 0.15)
                self.assertLess(abs(row["steps_centred"] / row["steps_sigmoid"] - 1), 0.15)
                self.assertGreater(row["steps_sigmoid"], 1.5 * row["steps_tanh"])


class Neuron(LabCase, Case):
    """Recomputed from the predictions of single rows."""

    name, seeds = "neuron", (1, 2, 3)
    tables = {"losses": 61, "scores": 2, "confusion": 4, "predictions": 569, "calibration": 20,
              "weights": 30}
    labels = ("epoch", "held out", "training", "share of benign called benign", "perfect",
              "predicted probability of benign", "worst_texture")
    words = {"linear_suffices": 1, "training_rows_harder": 1, "starts_at_ln_2": 1, "calibrated": 1}

    def sets(self, got):
        for scores in got["scores"]:
            rows = [r for r in got["predictions"] if r["rows"] == scores["rows"]]
            yield (scores, np.array([r["label"] for r in rows]),
                   np.array([r["logit"] for r in rows]),
                   np.array([r["probability"] for r in rows]))

    def test_it_is_good(self):
        for seed in self.seeds:
            got = self.reports[seed]
            facts = got["facts"]
            self.assertGreaterEqual(facts["accuracy"], 0.98)  # 1, with seeds 1 to 10
            self.assertGreaterEqual(facts["area"], 0.999)  # 1
            self.assertLess(facts["accuracy_of_majority"], 0.7)
            training = got["scores"][1]
            self.assertEqual((training["rows"], training["count"]), ("training", 456))
            self.assertGreater(training["accuracy"], 0.97)
            self.assertLess(training["accuracy"], 1.0)
            self.assertEqual(got["scores"][0]["count"], 113)

    def test_loss_starts_at_ln_2_and_falls(self):
        for seed in self.seeds:
            got = self.reports[seed]
            losses = got["losses"]
            self.assertEqual([r["epoch"] for r in losses], list(range(61)))
            for key in ("training", "held_out"):
                self.assertAlmostEqual(losses[0][key], np.log(2.0), places=6)
                self.assertLess(losses[-1][key], 0.1)
            training = [r["training"] for r in losses]
            self.assertLess(training[60], training[30])
            self.assertLess(training[30], training[10])
            for scores, label, z, _ in self.sets(got):
                loss = np.mean(np.logaddexp(0.0, z) - label * z)
                self.assertAlmostEqual(scores["loss"], loss, places=6)

    def test_probabilities_are_sigmoids(self):
        for _, _, z, p in self.sets(self.reports[1]):
            want = 1.0 / (1.0 + np.exp(-z))
            self.assertLess(np.max(np.abs(p / want - 1.0)), 4 * 2.0**-23)

    def test_confusion(self):
        got = self.reports[1]
        for scores, label, _, p in self.sets(got):
            rows = [r for r in got["confusion"] if r["rows"] == scores["rows"]]
            self.assertEqual([r["actual"] for r in rows], ["malignant", "benign"])
            counts = [[np.sum((label == a) & ((p > 0.5) == b)) for b in (0, 1)] for a in (0, 1)]
            for a in (0, 1):
                got_counts = [rows[a]["predicted_malignant"], rows[a]["predicted_benign"]]
                self.assertEqual(got_counts, counts[a])
                self.assertAlmostEqual(rows[a]["recall"], counts[a][a] / sum(counts[a]))
                self.assertAlmostEqual(rows[a]["precision"],
                                       counts[a][a] / (counts[0][a] + counts[1][a]))
            right = counts[0][0] + counts[1][1]
            self.assertAlmostEqual(scores["accuracy"], right / len(label))
            self.assertEqual(sum(map(sum, counts)), scores["count"])

    def test_area_is_the_share_of_pairs(self):
        for scores, label, _, p in self.sets(self.reports[1]):
            up, down = p[label == 1][:, None], p[label == 0][None, :]
            pairs = np.mean((up > down) + 0.5 * (up == down))
            self.assertAlmostEqual(scores["area"], pairs, places=12)

    def test_calibration(self):
        got = self.reports[1]
        for scores, label, _, p in self.sets(got):
            rows = [r for r in got["calibration"] if r["rows"] == scores["rows"]]
            error, place = 0.0, np.minimum((p * 10).astype(int), 9)
            for b, row in enumerate(rows):
                inside = place == b
                self.assertEqual(row["count"], np.sum(inside))
                if not row["count"]:
                    self.assertIsNone(row["predicted"])
                    continue
                self.assertAlmostEqual(row["predicted"], np.mean(p[inside]))
                self.assertAlmostEqual(row["observed"], np.mean(label[inside]))
                error += abs(np.sum(p[inside] - label[inside])) / len(p)
            self.assertAlmostEqual(scores["calibration_error"], error)
            self.assertAlmostEqual(scores["by_chance"], self.by_chance(p, place), delta=0.002)
            self.assertGreater(scores["most_by_chance"], scores["by_chance"])

    def by_chance(self, p, place):
        random = np.random.default_rng(20)
        drawn = random.uniform(size=(2000, len(p))) < p
        sums = [np.abs(np.sum((drawn - p)[:, place == b], axis=1)) for b in range(10)]
        return np.mean(np.sum(sums, axis=0)) / len(p)

    def test_calibrated_as_predicted(self):
        for seed in self.seeds:
            held_out = self.reports[seed]["scores"][0]
            self.assertLess(held_out["calibration_error"], held_out["most_by_chance"])

    def test_weights_have_names_and_fall(self):
        for seed in self.seeds:
            weights = self.reports[seed]["weights"]
            sizes = [abs(w["weight"]) for w in weights]
            self.assertEqual(sizes, sorted(sizes, reverse=True))
            self.assertGreater(sizes[0], 3 * sizes[-1])
            names = {w["name"] for w in weights}
            self.assertEqual(len(names), 30)
            worst = {w["name"]: w["weight"] for w in weights}
            for name in ("worst_texture", "worst_concave_points", "worst_radius"):
                self.assertLess(worst[name], -0.4)  # more of it speaks against benign

    def test_features_that_are_alike(self):
        """Counted anew from the table that is bundled; its rows held out are too few to matter."""
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "wdbc.csv")
        x = np.loadtxt(path, delimiter=",", skiprows=1)[:, :-1]
        pairs = np.sum(np.abs(np.corrcoef(x.T)) > 0.9)
        self.assertAlmostEqual(self.reports[1]["facts"]["alike_pairs"], (pairs - 30) / 2, delta=2)

    def test_another_file_of_that_name_is_not_read(self):
        self.write(b"a,b\n" + b"1,0\n2,1\n" * 20, self.path("wdbc.csv"))
        self.assertEqual(experiment("neuron", "--json", "-", cwd=self.folder), self.json_text)


class Identities(LabCase, Case):
    """Against float64, and float32 as NumPy has it."""

    name, seeds = "identities", (1, 2, 3)
    tables = {"identities": 8, "worst": 4, "slope": 2, "cells": 1248}
    labels = ("ulps", "tanh x = 2 s(2x) - 1", "formula to kernel, fast",
              "kernel to exact, accurate")
    words = {"they_hold": 1, "nans": 0, "all_lose_everything": 1, "kernel_is_right": 1,
             "slope_is_bounded": 1}

    KEYS = ("tanh_by_sigmoid", "sigmoid_slope", "sigmoid_mirrored", "tanh_slope")

    def exact(self, key, x):
        if key == "tanh_by_sigmoid":
            return np.tanh(x)
        if key == "sigmoid_mirrored":
            return np.exp(-x) / (1.0 + np.exp(-x))
        e = np.exp(-x) if key == "sigmoid_slope" else np.exp(-2.0 * x)
        return e / (1.0 + e) ** 2 * (1.0 if key == "sigmoid_slope" else 4.0)

    def formula(self, key, x):
        """From sigmoid and tanh rounded right."""
        one, two = np.float32(1), np.float32(2)
        s, s2 = ((1.0 / (1.0 + np.exp(-v))).astype(np.float32) for v in (x, 2.0 * x))
        t = np.tanh(x).astype(np.float32)
        return {"tanh_by_sigmoid": two * s2 - one, "sigmoid_slope": s * (one - s),
                "sigmoid_mirrored": one - s, "tanh_slope": one - t * t}[key]

    def cells(self, got, key, tier):
        rows = [r for r in got["cells"] if r["identity"] == key and r["tier"] == tier]
        return {k: np.array([r[k] for r in rows]) for k in ("x", "left", "right", "ulps",
                                                            "kernel_ulps")}

    def ulp(self, left):
        return np.spacing(left.astype(np.float32)).astype(float)

    def test_kernels_are_right(self):
        for tier, most in ("fast", 4.0), ("accurate", 1.0):
            for key in self.KEYS:
                c = self.cells(self.reports[1], key, tier)
                off = np.abs(c["left"] - self.exact(key, c["x"])) / self.ulp(c["left"])
                self.assertLess(np.max(off), most, (key, tier))
                self.assertLess(np.max(c["kernel_ulps"]), most, (key, tier))
        self.assertLess(self.reports[1]["facts"]["kernel_ulps"], 4.0)

    def test_formulas_are_what_float32_has(self):
        for key in self.KEYS:
            c = self.cells(self.reports[1], key, "accurate")
            # a sigmoid or tanh an ulp beside the one rounded right: 2^-24, and twice that
            apart = np.abs(c["right"] - self.formula(key, c["x"]).astype(float))
            self.assertLessEqual(np.max(apart), 2.0**-23, key)

    def test_ulps_are_of_the_kernel(self):
        for tier in ("fast", "accurate"):
            for key in self.KEYS:
                c = self.cells(self.reports[1], key, tier)
                want = np.abs(c["left"] - c["right"]) / self.ulp(c["left"])
                np.testing.assert_allclose(c["ulps"], want)

    def test_formulas_lose_everything_where_they_cancel(self):
        for seed in self.seeds:
            got = self.reports[seed]
            for row in got["identities"]:
                self.assertGreater(row["ulps"], 2.0**23.9, row)
                self.assertLess(row["ulps"], 2.0**25, row)
            wide = dict(zip(self.KEYS, got["identities"][::2]))
            near = dict(zip(self.KEYS, got["identities"][1::2]))
            for key, side in zip(self.KEYS, ("|x|", "x > 0", "x > 0", "|x|")):
                self.assertEqual((wide[key]["fails_at"], near[key]["fails_at"]), (side, side))
                self.assertGreaterEqual(near[key]["held"], wide[key]["held"])
            for of_tier in (wide, near):
                self.assertLess(of_tier["tanh_by_sigmoid"]["fails_from"], 1e-40)
                self.assertLess(of_tier["tanh_by_sigmoid"]["fails_to"], 1.0)
                for key, end in ("sigmoid_slope", 102), ("sigmoid_mirrored", 102), ("tanh_slope",
                                                                                     51.6):
                    self.assertGreater(of_tier[key]["fails_from"], 0.5)
                    self.assertLess(of_tier[key]["fails_from"], 4.0)
                    self.assertAlmostEqual(of_tier[key]["fails_to"], end, delta=1.0)

    def test_shares_are_those_of_the_regions(self):
        """An identity fails only in its region, and nearly everywhere there."""
        def floats_below(x):
            return int(np.float32(x).view(np.uint32))
        all_floats = 2 * floats_below(np.inf)
        rows = self.reports[1]["identities"]
        for row in rows:
            signs = 2 if row["fails_at"] == "|x|" else 1
            inside = floats_below(row["fails_to"]) - floats_below(row["fails_from"])
            least = 100.0 * (1.0 - signs * inside / all_floats)
            self.assertGreaterEqual(row["held"], least - 0.001, row)
            self.assertLess(row["held"], least + 1.5, row)
        self.assertEqual(self.reports[1]["facts"]["floats"], all_floats / 256)

    def test_both_sides_are_near_absolutely(self):
        for seed in self.seeds:
            facts = self.reports[seed]["facts"]
            self.assertLessEqual(facts["most_apart_accurate"], 2.0**-23)
            self.assertLessEqual(facts["most_apart_fast"], 4 * 2.0**-23)
            self.assertGreater(facts["most_apart_accurate"], 2.0**-25)
            self.assertEqual(facts["specials_wrong"], 0)

    def test_slope_is_at_most_a_quarter(self):
        for seed in self.seeds:
            for row in self.reports[seed]["slope"]:
                self.assertEqual((row["most"], row["above"]), (0.25, 0))
                self.assertLess(row["quarter_to"], 1e-3)
                self.assertGreater(row["quarter_to"], 2e-4)
                self.assertAlmostEqual(row["kernel_zero"], 150 * np.log(2.0), delta=0.01)
            # 1 - s is half an ulp of 1 and s rounds to even
            row = self.reports[seed]["slope"][1]
            self.assertAlmostEqual(row["formula_zero"], 25 * np.log(2.0), delta=0.002)
            self.assertAlmostEqual(row["slope_there"], 2.0**-25, delta=1e-10)

    def test_worst_has_the_kernel_at_the_exact_value(self):
        for row in self.reports[1]["worst"]:
            self.assertLess(row["left_ulps"], 4.0)
            self.assertAlmostEqual(row["left"] / row["exact"], 1.0, places=6)
            self.assertGreater(abs(row["right"] / row["exact"] - 1.0), 0.9)


if __name__ == "__main__":
    if "no OpenCL" in run("lab", "neuron").stderr:
        print("skipped: there is no OpenCL device")
        sys.exit(77)
    unittest.main(verbosity=1)
