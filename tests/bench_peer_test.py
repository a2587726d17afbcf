"""clact-bench: copies, layers, training steps, ranges of sizes and peers. No assertion on speed.

CLACT_BENCH names the program, CLACT_PYTHON perhaps a Python that has PyTorch. What needs an OpenCL
device or a peer that is not there is skipped.
"""

import csv
import json
import os
import stat
import subprocess
import sys
import tempfile
import unittest

import script_case

BENCH = os.environ.get("CLACT_BENCH", "")
PYTHON = os.environ.get("CLACT_PYTHON") or "python3"
WAYS = ["clEnqueueCopyBuffer", "copy_plain_4", "copy_plain_16", "copy_plain_parts", "copy_stream_4",
        "copy_stream_16", "copy_stream_parts"]


def bench(*arguments, **environment):
    return subprocess.run([BENCH, "--repetitions", "2", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=300, check=False,
                          env={**os.environ, **environment})


class Case(unittest.TestCase):
    def result(self, *arguments, **environment):
        """Context and rows of a run that succeeds, the same from JSON as from CSV."""
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("result.json", "result.csv")]
            run = bench(*arguments, "--json", paths[0], "--csv", paths[1], **environment)
            self.skip_where_absent(run)
            self.assertEqual(run.returncode, 0, run.stderr)
            for line in run.stdout.splitlines():
                self.assertLessEqual(len(line), 100, line)
                self.assertEqual(line, line.rstrip())
            with open(paths[0], encoding="utf-8") as file:
                result = json.load(file)
            with open(paths[1], encoding="utf-8", newline="") as file:
                lines = list(csv.DictReader(file))
        self.check_csv(lines, result["benchmarks"])
        return result["context"], result["benchmarks"]

    def skip_where_absent(self, run):
        for reason in ("no OpenCL device", "was built without"):
            if run.returncode == 1 and reason in run.stderr:
                self.skipTest(run.stderr.strip())

    def check_csv(self, lines, rows):
        self.assertEqual(len(lines), len(rows))
        for line, row in zip(lines, rows):
            self.assertEqual(line["activation"], row.get("activation", row.get("way")))
            for key in ("op", "tier", "dtype", "direction", "shape", "peer"):
                self.assertEqual(line[key], row.get(key, ""), key)
            for key in ("peer_ratio", "peer_wall_ratio", "peer_gemm_ratio", "flops"):
                self.assertEqual(line[key] != "", key in row, key)
                if key in row:
                    self.assertAlmostEqual(float(line[key]) / row[key], 1.0, delta=0.01)

    def check_peer(self, row, name):
        """Of two turns the greatest value is 2 median - min; a ratio is of one turn each."""
        self.assertRegex(row["peer"], "^%s" % name)
        self.assertGreaterEqual(row["calls_per_turn"], 1)
        least = row["peer_min_ns"] / (2 * row["wall_median_ns"] - row["wall_min_ns"])
        most = (2 * row["peer_median_ns"] - row["peer_min_ns"]) / row["wall_min_ns"]
        self.assertGreaterEqual(row["peer_wall_ratio"], 0.98 * least, row["name"])
        self.assertLessEqual(row["peer_wall_ratio"], 1.02 * most, row["name"])
        self.assertGreater(row["peer_ratio"], 0.0)


class Copies(Case):
    def test_every_way_at_every_size_of_a_range(self):
        _, rows = self.result("--op", "copy", "--size", "2^10..2^14:4,1000..1999")
        sizes = [1024, 4096, 16384, 1000]
        ways = [way for way in WAYS if any(row["way"] == way for row in rows)]
        self.assertEqual(ways[:3], WAYS[:3])
        self.assertEqual([row["name"] for row in rows],
                         [f"copy/{way}/f32/{size}/real_time" for size in sizes for way in ways])
        for row in rows:
            self.assertEqual(row["bytes"], 8 * int(row["name"].split("/")[3]))
            self.assertIn(row["label"], WAYS)
            self.assertGreater(row["copy_share"], 0.0)


class Layers(Case):
    def test_each_layer_both_ways_then_the_step(self):
        _, rows = self.result("--op", "train,dense", "--shape", "5x7x6x3", "--activation", "gelu")
        layers = ["5x7x6", "5x6x3"]
        self.assertEqual([row["name"] for row in rows],
                         [f"dense/{way}/gelu/f32/fast/{shape}/real_time"
                          for way in ("forward", "backward") for shape in layers]
                         + ["train/step/gelu/f32/fast/5x7x6x3/real_time"])
        products = [2 * 5 * 7 * 6, 2 * 5 * 6 * 3]
        self.assertEqual([row["flops"] for row in rows],
                         [*products, *(2 * p for p in products), 2 * products[0] + 3 * products[1]])
        for row in rows:
            seconds = row["wall_median_ns"] * 1e-9
            self.assertAlmostEqual(row["samples_per_second"] * seconds / 5, 1.0, places=6)
            self.assertAlmostEqual(row["flops_per_second"] * seconds / row["flops"], 1.0, places=6)
            self.assertNotIn("copy_share", row)
            self.assertNotIn("peer", row)


class Peers(Case):
    def test_onednn_beside_what_it_has(self):
        _, rows = self.result("--peer", "onednn", "--activation", "gelu,snake,hardtanh,log",
                              "--size", "1021", "--dtype", "f32,bf16", "--threads", "1")
        self.assertEqual(len(rows), 16)
        for row in rows:
            if row["activation"] == "snake" or row["dtype"] != "f32" and "peer" not in row:
                self.assertNotIn("peer_ratio", row)
            else:
                self.check_peer(row, "onednn ")

    def test_onednn_goes_backward_from_y_where_it_can(self):
        _, rows = self.result("--peer=onednn", "--op", "backward", "--saved", "y", "--activation",
                              "tanh,softplus", "--size", "33")
        self.assertEqual([(row["activation"], row["saved"], "peer" in row) for row in rows],
                         [("tanh", "y", True), ("softplus", "y", False)])

    def test_openblas_beside_layers(self):
        _, rows = self.result("--op", "dense", "--peer", "openblas", "--shape", "9x17x5",
                              "--activation", "relu,gelu,silu,tanh,sigmoid,identity,mish")
        self.assertEqual(len(rows), 14)
        for row in rows:
            self.assertEqual("peer" in row, row["activation"] != "mish", row["name"])
            if "peer" in row:
                self.check_peer(row, "openblas$")
                self.assertGreater(row["peer_gemm_ratio"], 0.0)

    @unittest.skipUnless(subprocess.run([PYTHON, "-c", "import torch"], check=False,
                                        stderr=subprocess.DEVNULL).returncode == 0, "no PyTorch")
    def test_torch_beside_a_step(self):
        _, rows = self.result("--op", "train", "--peer", "torch", "--shape", "9x17x8x5",
                              "--activation", "gelu", CLACT_PYTHON=PYTHON)
        self.check_peer(rows[0], "torch [0-9]")

    def test_number_of_threads_reaches_pocl(self):
        context, _ = self.result("--op", "copy", "--size", "64", "--threads", "1")
        self.assertEqual((context["threads"], context["compute_units"]), (1, 1))


class Refusals(Case):
    def refuse(self, *arguments, **environment):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "result.json")
            run = bench(*arguments, "--json", path, **environment)
            self.skip_where_absent(run)
            self.assertEqual(run.returncode, 1, run.stderr)
            self.assertEqual(os.listdir(folder), [])
        return run.stderr

    def torch_that_says(self, text):
        with tempfile.TemporaryDirectory() as folder:
            python = os.path.join(folder, "python")
            with open(python, "w", encoding="ascii") as file:
                file.write("#!/bin/sh\n" + text)
            os.chmod(python, stat.S_IRWXU)
            return self.refuse("--op", "train", "--peer", "torch", "--shape", "4x3x2",
                               CLACT_PYTHON=python)

    def test_without_torch_it_says_what_to_install(self):
        for text in ("exit 1", "echo ready", "echo nonsense; sleep 1"):
            self.assertIn("python3-torch", self.torch_that_says(text))
        message = self.refuse("--op", "train", "--peer", "torch", "--shape", "4x3x2",
                              CLACT_PYTHON="/no/such/python")
        self.assertIn("python3-torch", message)

    def test_other_losses_are_not_timed(self):
        message = self.torch_that_says("echo ready 9.9 0.7 0.7 123; cat >/dev/null\n")
        self.assertIn("nothing can be said of their times", message)

    def test_wrong_usage(self):
        for arguments in (["--peer", "mkl"], ["--peer", ""], ["--op", "dense", "--peer", "onednn"],
                          ["--peer", "openblas"], ["--op", "dense", "--peer", "torch"],
                          ["--threads", "0"], ["--threads", "two"], ["--threads", "1025"],
                          ["--size", "2^10.."], ["--size", "..2^10"], ["--size", "2^10..2^9"],
                          ["--size", "1..8:1"], ["--size", "1..8:"], ["--size", "1..2^40:1"],
                          ["--shape", "4x4x4"], ["--op", "dense", "--shape", "4x4"],
                          ["--op", "sweep", "--shape", "4x4x4"],
                          ["--op", "dense", "--size", "64"],
                          ["--op", "train", "--shape", "1x1x1x1x1x1x1x1x1"],
                          ["--op", "train", "--shape", "2^20x2^20x2^20"],
                          ["--op", "dense", "--pass", "dx+dbias"]):
            with self.subTest(arguments=arguments):
                run = bench(*arguments)
                self.assertEqual((run.returncode, run.stdout), (2, ""))
                self.assertTrue(run.stderr.startswith("clact-bench: "), run.stderr)
                self.assertEqual(run.stderr.count("\n"), 1)

    def test_help_and_list_name_what_is_new(self):
        text = bench("--help").stdout
        for word in ("--peer", "--threads", "2^10..2^26", "CLACT_PYTHON", "train", "copy"):
            self.assertIn(word, text)
        self.assertIn("peers: onednn openblas torch", bench("--list").stdout)


if __name__ == "__main__":
    if not BENCH:
        sys.exit("set CLACT_BENCH to the program clact-bench")
    script_case.main()
