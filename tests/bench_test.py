"""clact-bench: its files, filters, exit codes and messages. No assertion on speed.

CLACT_BENCH names the program. Without an OpenCL device the measuring tests are skipped.
"""

import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import script_case

BENCH = os.environ.get("CLACT_BENCH", "")
MOVED = {"forward": 2, "backward": 3}  # arrays
SIZES = {"f32": 4, "f16": 2, "bf16": 2, "f64": 8}


def bench(*arguments, **options):
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([BENCH, *arguments], stderr=subprocess.PIPE, text=True, timeout=300,
                          check=False, **options)


def quick(*arguments, **options):
    """A run that measures as little as it can."""
    return bench("--repetitions", "2", *arguments, **options)


class Measured(unittest.TestCase):
    """One run that writes everything, looked at from several sides."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.json_path = os.path.join(cls.folder.name, "result.json")
        cls.csv_path = os.path.join(cls.folder.name, "result.csv")
        with open(cls.json_path, "w", encoding="ascii") as old:
            old.write("old")
        cls.outcome = quick("--activation", "Leaky-ReLU,gelu_erf,log", "--size", "1021,2^12,4K",
                        "--json", cls.json_path, "--csv", cls.csv_path,
                        "--html", os.path.join(cls.folder.name, "result.html"),
                        "--roofline", os.path.join(cls.folder.name, "result.svg"))
        if cls.outcome.returncode == 1 and "no OpenCL device" in cls.outcome.stderr:
            raise unittest.SkipTest(cls.outcome.stderr.strip())
        if cls.outcome.returncode != 0:
            raise AssertionError("status %d: %s" % (cls.outcome.returncode, cls.outcome.stderr))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def expected(self):
        return [(op, name, size) for op in ("forward", "backward") for size in (1021, 4096)
                for name in ("leaky_relu", "gelu", "log")]

    def test_succeeds_and_leaves_only_the_files(self):
        self.assertNotIn("clact-bench", self.outcome.stderr)  # a driver may print there
        self.assertEqual(sorted(os.listdir(self.folder.name)),
                         ["result.csv", "result.html", "result.json", "result.svg"])

    def test_table_has_every_row_and_fits(self):
        rows, group = [], None
        for line in self.outcome.stdout.splitlines():
            self.assertLessEqual(len(line), 100, line)
            self.assertEqual(line, line.rstrip())
            heading = re.match(r"(forward|backward) of (\d+) elements, ", line)
            if heading:
                group = (heading.group(1), int(heading.group(2)))
            fields = line.split()
            if len(fields) == 10 and all(re.fullmatch(r"[0-9.]+", f) for f in fields[3:]):
                self.assertEqual(fields[1:3], ["f32", "fast"])
                device_min, device_median, wall_min, wall_median = map(float, fields[3:7])
                self.assertLessEqual(device_min, device_median)
                self.assertLessEqual(wall_min, wall_median)
                rows.append((group[0], fields[0], group[1]))
        self.assertEqual(rows, self.expected())
        for word in ("device", "driver", "compile", "share", "summary"):
            self.assertIn(word, self.outcome.stdout)

    def test_json_is_google_benchmark_format(self):
        with open(self.json_path, encoding="utf-8") as file:
            result = json.load(file)
        for key in ("date", "executable", "num_cpus", "mhz_per_cpu", "library_build_type",
                    "device", "driver", "platform", "clact_version", "compile_seconds"):
            self.assertIn(key, result["context"])
        rows = result["benchmarks"]
        self.assertEqual([row["name"] for row in rows],
                         ["%s/%s/f32/fast/%d/real_time" % row for row in self.expected()])
        for row, (op, _, size) in zip(rows, self.expected()):
            self.assertEqual(row["run_name"], row["name"])
            self.assertEqual(row["run_type"], "iteration")
            self.assertEqual(row["time_unit"], "ns")
            self.assertEqual((row["tier"], row["dtype"]), ("fast", "f32"))
            self.assertEqual(row["bytes"], MOVED[op] * 4 * size)
            self.assertEqual(row["iterations"], 2)
            for key in ("real_time", "cpu_time", "min_ns", "median_ns", "wall_min_ns",
                        "wall_median_ns", "copy_min_ns", "copy_median_ns", "copy_share"):
                self.assertGreater(row[key], 0.0, (row["name"], key))
            self.assertLessEqual(row["min_ns"], row["median_ns"])
            self.assertEqual(row["real_time"], row["wall_median_ns"])
            # two pairs: a median is the mean, the greatest 2 median - min
            longest = 2 * row["median_ns"] - row["min_ns"]
            longest_copy = 2 * row["copy_median_ns"] - row["copy_min_ns"]
            self.assertGreaterEqual(row["copy_share"], 0.98 * row["copy_min_ns"] / longest)
            self.assertLessEqual(row["copy_share"], 1.02 * longest_copy / row["min_ns"])
            for key, amount in (("bytes_per_second", row["bytes"]), ("items_per_second", size)):
                self.assertAlmostEqual(row[key] * row["real_time"] * 1e-9 / amount, 1.0, places=6)

    def test_csv_has_the_rows_of_the_json(self):
        with open(self.csv_path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([(row["op"], row["activation"], int(row["elements"])) for row in rows],
                         self.expected())
        with open(self.json_path, encoding="utf-8") as file:
            for line, row in zip(rows, json.load(file)["benchmarks"]):
                self.assertEqual(int(line["bytes"]), row["bytes"])
                self.assertEqual((line["tier"], line["dtype"]), (row["tier"], row["dtype"]))
                self.assertEqual(float(line["min_ns"]), row["min_ns"])
                self.assertAlmostEqual(float(line["copy_share"]), row["copy_share"], places=3)
                self.assertEqual(line["copy"], row["label"])

    def test_report_is_that_of_the_stored_json(self):
        with open(os.path.join(self.folder.name, "result.html"), encoding="utf-8") as file:
            report = file.read()
        with open(self.json_path, encoding="utf-8") as file:
            context = json.load(file)["context"]
        for key in ("device", "driver", "host", "commit", "date"):
            self.assertIn(f"<dd>{context[key]}</dd>", report)
        self.assertIn(" --size 1021,2^12,4K ", context["command"])
        again = bench("--from", self.json_path, "--html", "-")
        self.assertEqual((again.returncode, again.stderr), (0, ""))
        # numbers of the file are rounded to ten digits, and so may the last of a time differ
        self.assertEqual(re.sub("[0-9.]+", "", again.stdout), re.sub("[0-9.]+", "", report))

    def test_saved_y_leaves_out_what_cannot_read_it(self):
        run = quick("--activation", "relu,gelu", "--saved", "y", "--op", "backward", "--size=64",
                    "--json", "-")
        self.assertEqual(run.returncode, 0, run.stderr)
        names = [row["name"] for row in json.loads(run.stdout)["benchmarks"]]
        self.assertEqual(names, ["backward/relu/saved:y/f32/fast/64/real_time"])

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_full_disk_fails(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            run = quick("--activation", "relu", "--op", "forward", "--size", "64", stdout=full)
        self.assertEqual(run.returncode, 1)
        self.assertIn("clact-bench: cannot write to standard output", run.stderr)
        run = quick("--activation", "relu", "--op", "forward", "--size", "64",
                    "--csv", "/dev/full")
        self.assertEqual(run.returncode, 1)
        self.assertIn("clact-bench: cannot write /dev/full", run.stderr)


class Types(unittest.TestCase):
    """Runs over element types and tiers."""

    def rows(self, *arguments):
        run = quick("--activation", "gelu,log", *arguments, "--json", "-")
        if run.returncode == 1 and "no OpenCL device" in run.stderr:
            self.skipTest(run.stderr.strip())
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)["benchmarks"]

    def test_every_type_and_tier_has_its_rows_and_bytes(self):
        rows = self.rows("--dtype", "bf16,f16,f32", "--dtype=f16", "--tier", "both",
                         "--size", "33,64")
        expected = [(dtype, op, size, name, tier) for dtype in ("f32", "f16", "bf16")
                    for op in ("forward", "backward") for size in (33, 64)
                    for name in ("gelu", "log") for tier in ("fast", "accurate")]
        self.assertEqual([row["name"] for row in rows],
                         [f"{op}/{name}/{dtype}/{tier}/{size}/real_time"
                          for dtype, op, size, name, tier in expected])
        for row, (dtype, op, size, _, tier) in zip(rows, expected):
            self.assertEqual((row["dtype"], row["tier"]), (dtype, tier))
            self.assertEqual(row["bytes"], MOVED[op] * SIZES[dtype] * size)

    def test_float64_moves_8_bytes_an_element(self):
        run = quick("--activation", "relu", "--dtype", "f64", "--size", "100", "--csv", "-")
        if run.returncode == 1 and ("no OpenCL" in run.stderr or "no float64" in run.stderr):
            self.skipTest(run.stderr.strip())
        rows = list(csv.DictReader(run.stdout.splitlines()))
        self.assertEqual([int(row["bytes"]) for row in rows], [1600, 2400])
        self.assertEqual({(row["dtype"], row["tier"]) for row in rows}, {("f64", "fast")})

    def test_table_and_summary_fit_and_name_type_and_tier(self):
        run = quick("--activation", "hardsigmoid,log", "--dtype", "bf16", "--tier", "accurate",
                    "--size", "16,2^18", "--saved", "y")
        if run.returncode == 1 and "no OpenCL device" in run.stderr:
            self.skipTest(run.stderr.strip())
        self.assertEqual(run.returncode, 0, run.stderr)
        rows = re.findall(r"(?m)^(?:hardsigmoid|log) +bf16 accurate ", run.stdout)
        self.assertEqual(len(rows), 4)
        self.assertRegex(run.stdout, r"(?m)^forward +bf16 accurate +all +4 ")
        self.assertLessEqual(max(map(len, run.stdout.splitlines())), 100)

    def test_second_run_takes_kernels_from_the_cache(self):
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        with tempfile.TemporaryDirectory() as folder:
            env = {"POCL_CACHE_DIR": os.path.join(home, "pocl", "kcache"), **os.environ,
                   "XDG_CACHE_HOME": folder}
            for options, builds, cached in ((["--no-cache"], 1, 0), ([], 1, 0), ([], 0, 1),
                                            (["--no-cache"], 1, 0)):
                run = quick("--activation", "relu", "--op", "forward", "--size", "64",
                            "--json", "-", *options, env=env)
                if run.returncode == 1 and "no OpenCL device" in run.stderr:
                    self.skipTest(run.stderr.strip())
                context = json.loads(run.stdout)["context"]
                self.assertEqual((context["compile_builds"], context["cached_programs"]),
                                 (builds, cached), options)
                self.assertEqual(context["compile_seconds"] > 0.0, builds > 0)
            self.assertEqual(len(os.listdir(os.path.join(folder, "clact"))), 3)
            run = quick("--activation", "relu", "--op", "forward", "--size", "64", env=env)
            self.assertRegex(run.stdout, r"(?m)^compile  0\.00 s in 0 builds, .*\n"
                                         r"cache    had 1 program$")


# Passes of --op sweep: which activations can, matrices and rows of the fused pass and of its chain;
# bytes of mask for a row of 96 columns, and health of 96 columns, apart.
PASSES = {
    "bias+act": ("relu gelu", 2, 1, 4, 1),
    "bias+act+dropout": ("relu gelu", 2, 1, 6, 1),
    "bias+act+dropout+residual": ("relu gelu", 3, 1, 9, 1),
    "bias+act+mask": ("relu", 2, 1, 4, 1),
    "bias+act+gate": ("relu gelu", 3, 2, 9, 2),
    "bias+act+health": ("relu gelu", 2, 1, 6, 1),
    "dx+dbias": ("relu gelu", 3, 2, 4, 1),
    "dx+dbias+dropout": ("relu gelu", 3, 2, 6, 1),
    "dx+dbias+dresidual": ("relu gelu", 5, 2, 7, 1),
    "dx+dbias+mask": ("relu", 2, 1, 3, 1),
    "dx+dvalue+dbias": ("relu gelu", 5, 4, 11, 2),
    "dx+dbias+health": ("relu gelu", 3, 2, 6, 1),
}


class Sweeps(unittest.TestCase):
    """One run of every fused pass, with its table, JSON and CSV."""

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("result.json", "result.csv")]
            cls.outcome = quick("--op", "sweep", "--activation", "gelu,relu", "--shape", "40x96",
                                "--json", paths[0], "--csv", paths[1])
            if cls.outcome.returncode == 1 and "no OpenCL device" in cls.outcome.stderr:
                raise unittest.SkipTest(cls.outcome.stderr.strip())
            if cls.outcome.returncode != 0:
                raise AssertionError("status %d: %s" % (cls.outcome.returncode,
                                                        cls.outcome.stderr))
            with open(paths[0], encoding="utf-8") as file:
                cls.json_rows = json.load(file)["benchmarks"]
            with open(paths[1], encoding="utf-8", newline="") as file:
                cls.csv_rows = list(csv.DictReader(file))

    def test_every_pass_has_its_rows(self):
        expected = [f"sweep/{name}/{activation}/f32/fast/40x96/real_time"
                    for name, facts in PASSES.items() for activation in facts[0].split()]
        self.assertEqual([row["name"] for row in self.json_rows], expected)

    def test_bytes_count_each_tensor_of_a_call_once(self):
        rows, cols = 40, 96
        for row in self.json_rows:
            _, matrices, single, chain_matrices, chain_single = PASSES[row["pass"]]
            apart = 16 * rows if "mask" in row["pass"] else 0
            apart += 56 * (cols + 1) if "health" in row["pass"] else 0
            size = 4 * cols
            self.assertEqual(row["bytes"], (matrices * rows + single) * size + apart, row["name"])
            self.assertEqual(row["chain_bytes"],
                             (chain_matrices * rows + chain_single) * size + apart, row["name"])

    def test_ratios_lie_between_those_of_the_times(self):
        for row in self.json_rows:
            self.assertEqual(row["real_time"], row["wall_median_ns"])
            self.assertEqual(row["iterations"], 2)
            self.assertEqual("health_ratio" in row, "health" in row["pass"])
            pairs = [(row["chain_ratio"], "chain_", ""),
                     (row.get("health_ratio", 0), "", "without_health_")]
            for ratio, over, under in pairs[:2 if "health" in row["pass"] else 1]:
                least = [row[side + "wall_min_ns"] for side in (over, under)]
                most = [2 * row[side + "wall_median_ns"] - row[side + "wall_min_ns"]
                        for side in (over, under)]  # of two turns
                self.assertGreaterEqual(ratio, 0.98 * least[0] / most[1], row["name"])
                self.assertLessEqual(ratio, 1.02 * most[0] / least[1], row["name"])

    def test_csv_has_the_rows_of_the_json(self):
        self.assertEqual(len(self.csv_rows), len(self.json_rows))
        for line, row in zip(self.csv_rows, self.json_rows):
            self.assertEqual((line["op"], line["min_ns"]), ("sweep", ""))
            for key in ("pass", "activation", "tier", "dtype"):
                self.assertEqual(line[key], row[key])
            for key in ("rows", "cols", "bytes", "chain_bytes", "elements"):
                self.assertEqual(int(line[key]), row[key])
            for key in ("chain_ratio", "copy_share"):
                self.assertAlmostEqual(float(line[key]), row[key], places=3)
            self.assertEqual(line["health_ratio"] != "", "health_ratio" in row)

    def test_table_has_the_numbers_of_the_json_and_fits(self):
        lines = self.outcome.stdout.splitlines()
        self.assertLessEqual(max(map(len, lines)), 100)
        self.assertIn("forward sweeps of 40 x 96, f32", lines)
        self.assertIn("backward sweeps of 40 x 96, f32", lines)
        found = [line.split() for line in lines if line.split(" ")[0] in PASSES]
        self.assertEqual(len(found), len(self.json_rows))
        for fields, row in zip(found, self.json_rows):
            want = [row["pass"], row["activation"], row["tier"], "%.2f" % (row["bytes"] * 1e-6),
                    "%.2f" % (row["chain_bytes"] * 1e-6), "%.1f" % (row["real_time"] * 1e-3),
                    "%.1f" % (row["chain_wall_median_ns"] * 1e-3), "%.2f" % row["chain_ratio"],
                    "%.2f" % row["copy_share"]]
            if "health_ratio" in row:
                want.append("%.2f" % row["health_ratio"])
            self.assertEqual(fields[:3], want[:3])
            for got, number in zip(fields[3:], want[3:]):  # the JSON has rounded once already
                self.assertAlmostEqual(float(got), float(number), delta=0.11)
            self.assertEqual(len(fields), len(want))

    def test_filters_choose_and_join_the_other_operations(self):
        run = quick("--op", "sweep,forward", "--pass", "bias+act+mask,dx+dbias", "--activation",
                    "gelu,relu", "--shape", "3x5,1Kx2", "--size", "7", "--dtype", "bf16",
                    "--csv", "-")
        self.assertEqual(run.returncode, 0, run.stderr)
        rows = list(csv.DictReader(run.stdout.splitlines()))
        self.assertEqual([(row["op"], row["activation"], row["pass"], row["rows"], row["cols"])
                          for row in rows],
                         [("forward", "relu", "", "", ""), ("forward", "gelu", "", "", "")]
                         + [("sweep", activation, name, *shape)
                            for shape in (("3", "5"), ("1024", "2"))
                            for name, activation in (("bias+act+mask", "relu"),
                                                     ("dx+dbias", "relu"), ("dx+dbias", "gelu"))])
        self.assertEqual(rows[-1]["bytes"], str(2 * (3 * 2048 + 4)))
        # without clact_sum_columns: the identity's gradient, in place
        self.assertEqual(rows[-1]["chain_bytes"], str(2 * (5 * 2048 + 2)))

    def test_overhead_has_a_row_for_each_direction(self):
        run = quick("--op", "overhead", "--activation", "relu,tanh")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(run.stdout, r"(?s)\nforward, 1024 elements.*\nbackward, 1024 elements")
        rows = [line.split() for line in run.stdout.splitlines() if " f32 " in line]
        self.assertEqual([row[0] for row in rows], ["relu", "tanh"] * 2)
        for row in rows:  # call, empty kernel and ratio; each waited for, and 64 together
            self.assertEqual(len(row), 3 + 6)
            self.assertTrue(all(float(time) > 0.0 for time in row[3:]))


    def test_update_has_a_row_for_each_optimizer_beside_a_copy_and_beside_calls(self):
        run = quick("--op", "update", "--size", "2^12")
        self.assertEqual(run.returncode, 0, run.stderr)
        names = ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "norm"]
        rows = [line.split() for line in run.stdout.splitlines() if line.split(" ")[0] in names]
        self.assertEqual([row[0] for row in rows], names * 2)
        self.assertEqual([len(row) for row in rows], [7] * 7 + [4] * 7)
        moved = [float(row[1]) for row in rows[:7]]  # MB: 3, 5 or 7 arrays of 16 KiB, norm one
        self.assertEqual(moved, [round(n * 2**14 / 1e6, 2) for n in (3, 5, 5, 5, 7, 7, 1)])
        self.assertTrue(all(float(value) > 0.0 for row in rows for value in row[1:]))


class Usage(unittest.TestCase):
    """What is decided before a device is opened."""

    def test_wrong_usage_is_status_2_with_a_message(self):
        for arguments in (["--bogus"], ["stray"], ["--size"], ["--size", "0"], ["--size", "1Q"],
                          ["--size", "3^4"], ["--size", "2^99"], ["--size", "1,,2"],
                          ["--size", "-1"], ["--op", "sideways"], ["--saved", "z"],
                          ["--activation", "gelo"], ["--activation", ""],
                          ["--activation=relu,gelo"], ["--repetitions", "0"],
                          ["--repetitions", "many"], ["--min-time", "nan"],
                          ["--min-time", "-1"], ["--json", ""], ["--json", "-", "--csv", "-"],
                          ["--activation", "gelu", "--op", "backward", "--saved", "y"],
                          ["--op", "sweep", "--shape", "64"], ["--op", "sweep", "--shape", "0x4"],
                          ["--op", "sweep", "--shape", "2x2x2"], ["--op", "sweep", "--shape", "x4"],
                          ["--op", "sweep", "--shape", "2^40x2^40"],
                          ["--op", "sweep", "--size", "64"], ["--shape", "4x4"],
                          ["--op", "forward", "--pass", "dx+dbias"],
                          ["--op", "sweep", "--pass", "dx"],
                          ["--op", "sweep", "--pass", "dx+dbias+mask", "--activation", "gelu"],
                          ["--op", "overhead,sweep"], ["--op", "overhead", "--json", "-"],
                          ["--op", "overhead", "--csv", "x.csv"],
                          ["--op", "update,forward"], ["--op", "update", "--json", "-"]):
            with self.subTest(arguments=arguments):
                run = bench(*arguments)
                self.assertEqual(run.returncode, 2)
                self.assertEqual(run.stdout, "")
                self.assertTrue(run.stderr.startswith("clact-bench: "), run.stderr)
                self.assertEqual(run.stderr.count("\n"), 1)

    def test_unknown_tiers_and_types_get_a_suggestion_and_the_names(self):
        for arguments, words in ((["--tier", "fats"], ("'fast'", "fast, accurate and both")),
                                 (["--tier", "bot"], ("'both'",)), (["--tier", ""], ("both",)),
                                 (["--dtype=f32,fp16"], ("'f16'", "f32, f16, bf16 and f64")),
                                 (["--dtype", "double"], ("f32, f16, bf16 and f64",))):
            run = bench(*arguments)
            self.assertEqual((run.returncode, run.stdout), (2, ""))
            self.assertTrue(run.stderr.startswith("clact-bench: there is no "), run.stderr)
            for word in words:
                self.assertIn(word, run.stderr)

    def test_unwritable_result_fails_first_and_leaves_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            for path in (os.path.join(folder, "missing", "result.json"), folder):
                for option in ("--json", "--csv"):
                    run = bench(option, path)
                    self.assertEqual(run.returncode, 1)
                    self.assertEqual(run.stdout, "")
                    self.assertTrue(run.stderr.startswith("clact-bench: cannot write"), run.stderr)
            self.assertEqual(os.listdir(folder), [])

    def test_unknown_device_fails(self):
        run = bench("--device", "no such device")
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stdout, "")
        self.assertTrue(run.stderr.startswith("clact-bench: "), run.stderr)

    def test_help_names_every_option(self):
        run = bench("--help")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        for option in ("--activation", "--op", "--size", "--tier", "--dtype", "--saved",
                       "--device", "--no-cache", "--tuning", "--repetitions", "--min-time", "--json", "--csv", "--list",
                       "--shape", "--pass", "--device", "--repetitions", "--min-time", "--json", "--csv", "--list",
                       "--html", "--roofline", "--from", "--compare", "--margin", "--version", "--help"):
            self.assertIn(option, run.stdout)
        self.assertLessEqual(max(map(len, run.stdout.splitlines())), 100)

    def test_list_and_version(self):
        run = bench("--list")
        self.assertEqual(run.returncode, 0)
        for name in (*PASSES, "forward", "backward", "sweep", "relu", "gelu_erf", "step", "accurate", "bf16"):
            self.assertIn(name, run.stdout)
        self.assertRegex(bench("--version").stdout, r"^clact-bench \d+\.\d+\.\d+\n$")

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_help_on_a_full_disk_fails(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            self.assertEqual(bench("--help", stdout=full).returncode, 1)


if __name__ == "__main__":
    if not BENCH:
        sys.exit("set CLACT_BENCH to the program clact-bench")
    script_case.main()
