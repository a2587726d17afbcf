"""clact-bench --compare, and the usage of all that works on stored results."""

import copy
import json
import os
import unittest

from bench_stored_case import Page, Stored, document, row, swept


class Compare(Stored):
    def compare(self, old, new, *arguments):
        self.write("old.json", old)
        self.write("new.json", new)
        return self.bench("--compare", "old.json", "new.json", *arguments)

    def test_status_is_that_of_the_slowest_row(self):
        old = document(row("forward/relu/f32/fast/64"), row("forward/gelu/f32/fast/64"))
        for share, arguments, status, mark in ((0.5, (), 0, ""), (0.48, (), 0, ""),
                                               (0.47, (), 1, " SLOWER"), (0.6, (), 0, " faster"),
                                               (0.47, ("--margin", "0.1"), 0, ""),
                                               (0.6, ("--margin=0.3",), 0, "")):
            new = copy.deepcopy(old)
            new["benchmarks"][1] = row("forward/gelu/f32/fast/64", share=share)
            run = self.compare(old, new, *arguments)
            self.assertEqual((run.returncode, run.stderr), (status, ""), run.stdout)
            lines = [line for line in run.stdout.splitlines() if line.startswith("forward/gelu/")]
            self.assertEqual(len(lines), 1)
            ratio = f" {share / 0.5:.3f}"
            self.assertTrue(lines[0].endswith(f"{ratio} {ratio}{mark}"), lines[0])

    def test_medians_and_least_times_must_agree(self):
        old = document(row("forward/gelu/f32/fast/64"))
        for key, value in (("copy_share", 0.3), ("min_ns", 1800.0)):
            new = copy.deepcopy(old)
            new["benchmarks"][0][key] = value
            run = self.compare(old, new)
            self.assertEqual(run.returncode, 0, run.stdout)
            self.assertNotIn("SLOWER", run.stdout)
            new["benchmarks"][0].update(copy_share=0.3, min_ns=1800.0)
            self.assertEqual(self.compare(old, new).returncode, 1)

    def test_share_decides_and_times_only_without_it(self):
        old = document(row("forward/relu/f32/fast/64", 1000.0, 0.5))
        run = self.compare(old, document(row("forward/relu/f32/fast/64", 4000.0, 0.5)))
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertRegex(run.stdout, r"(?m)^forward/relu/f32/fast/64 +1\.0 +4\.0 +0\.50 +0\.50 +1\.000 +1\.000$")
        slow = document(row("forward/relu/f32/fast/64", 4000.0, 0.5))
        del slow["benchmarks"][0]["copy_share"]
        run = self.compare(old, slow)
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertRegex(run.stdout, r"(?m) +0\.50 +- +0\.250 +0\.231 SLOWER$")

    def test_rows_are_found_by_name_in_any_order_and_missing_ones_named(self):
        names = [f"{op}/relu/{dtype}/{tier}/{size}" for op in ("forward", "backward")
                 for dtype in ("f32", "f16") for tier in ("fast", "accurate")
                 for size in (64, 128)]
        old = document(*map(row, names[:-1]))
        new = document(*map(row, reversed(names[1:])))
        run = self.compare(old, new)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn(f"\nonly in old: {names[0]}\n", run.stdout)
        self.assertIn(f"\nonly in new: {names[-1]}\n", run.stdout)
        self.assertIn(f"\n{len(names) - 2} rows: 0 slower and 0 faster ", run.stdout)
        self.assertLessEqual(max(map(len, run.stdout.splitlines()[2:])), 100)

    def test_nothing_in_common_is_an_error(self):
        self.write("a.json", document(row("forward/relu/f32/fast/64")))
        self.write("b.json", document(row("forward/gelu/f32/fast/64")))
        self.assert_refused(2, "no row in common", "--compare", "a.json", "b.json")

    def test_damaged_foreign_and_empty_files_are_named_with_the_line(self):
        good = document(row("forward/relu/f32/fast/64"))
        self.write("good.json", good)
        twice = document(row("forward/relu/f32/fast/64"), row("forward/relu/f32/fast/64"))
        unnamed, unit = copy.deepcopy(good), copy.deepcopy(good)
        del unnamed["benchmarks"][0]["name"]
        unit["benchmarks"][0]["time_unit"] = "ms"
        whole = json.dumps(good, indent=1)
        for content, words in (("", "bad.json: the file is empty"),
                               (whole[:whole.rindex("]")], f"bad.json, line {whole.count(chr(10))}:"),
                               (whole.replace('"benchmarks": [', '"benchmarks": oops'),
                                f"bad.json, line {whole[:whole.index('benchmarks')].count(chr(10)) + 1}:"),
                               ("\0" * 64, "bad.json, line 1:"), ("[1, 2]", 'no "context"'),
                               ('{"context": {}, "benchmarks": {}}', 'no "context"'),
                               (document(), "no results"), (unnamed, "row 1 of"),
                               (unit, "in nanoseconds"), (twice, "twice")):
            self.write("bad.json", content)
            for order in (("good.json", "bad.json"), ("bad.json", "good.json")):
                with self.subTest(words=words):
                    self.assert_refused(2, ("bad.json", words), "--compare", *order)
            self.assert_refused(2, ("bad.json", words), "--from", "bad.json", "--html", "x.html")
        self.assert_refused(2, "cannot read 'none.json'", "--compare", "none.json", "good.json")
        self.assert_refused(2, "cannot read '.'", "--compare", ".", "good.json")


class Usage(Stored):
    def test_wrong_usage_is_status_2(self):
        self.write("a.json", swept())
        for arguments in (["--compare"], ["--compare", "a.json"],
                          ["--compare", "a.json", "a.json", "a.json"],
                          ["--compare", "a.json", "a.json", "--margin"],
                          ["--compare", "a.json", "a.json", "--margin", "x"],
                          ["--compare", "a.json", "a.json", "--margin", "1"],
                          ["--compare", "a.json", "a.json", "--margin", "-0.1"],
                          ["--compare", "a.json", "a.json", "--margin", "nan"],
                          ["--compare", "a.json", "a.json", "--html", "x.html"],
                          ["--compare", "a.json", "a.json", "--op", "forward"],
                          ["--compare", "--from", "a.json", "--html", "x.html"],
                          ["--from", "a.json"], ["--from"], ["--from=", "--html", "x.html"],
                          ["--from", "a.json,", "--html", "x.html"],
                          ["--from", "a.json", "--html", ""],
                          ["--from", "a.json", "a.json", "--html", "x.html"],
                          ["--from", "a.json", "--html", "-", "--roofline", "-"],
                          ["--from", "a.json", "--html", "x.html", "--margin", "0.1"],
                          ["--margin", "0.1"], ["--html"], ["--html", ""], ["--roofline="],
                          ["--html", "-", "--json", "-"]):
            with self.subTest(arguments=arguments):
                self.assert_refused(2, (), *arguments)
        self.assertEqual(os.listdir(self.folder), ["a.json"])

    def test_unwritable_files_are_status_1(self):
        self.write("a.json", swept())
        for option in ("--html", "--roofline"):
            self.assert_refused(1, "cannot write", "--from", "a.json", option, "none/x")
            self.assert_refused(1, "cannot write", option, "none/x")

    def test_standard_output_takes_a_report(self):
        self.write("a.json", swept())
        run = self.bench("--from", "a.json", "--html", "-")
        self.assertEqual(run.returncode, 0, run.stderr)
        Page(run.stdout)
        self.assertEqual(os.listdir(self.folder), ["a.json"])

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_full_disk_fails(self):
        self.write("a.json", swept())
        for arguments in (["--from", "a.json", "--html", "-"], ["--compare", "a.json", "a.json"]):
            with open("/dev/full", "w", encoding="ascii") as full:
                self.assertEqual(self.bench(*arguments, stdout=full).returncode, 1)
