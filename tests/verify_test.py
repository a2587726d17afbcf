#!/usr/bin/env python3
"""`clact verify`: its table, JSON, exit codes, and resuming.

Run with CLACT, the program, and WRONG_DEVICE, a library to be preloaded under which results are
wrong. Needs a device (exit code 77 without one).
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

CLACT = os.environ["CLACT"]


def verify(*arguments, code=0, env=None):
    done = subprocess.run([CLACT, "verify", *arguments], capture_output=True, text=True,
                          env={**os.environ, **(env or {})}, timeout=300)
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def rows(*arguments):
    return json.loads(verify("--json", *arguments).stdout)


class Results(unittest.TestCase):
    def test_table(self):
        lines = verify("relu", "sigmoid").stdout.splitlines()
        self.assertEqual(lines[0].split()[:4], ["ACTIVATION", "DIRECTION", "DTYPE", "TIER"])
        self.assertEqual(len(lines), 1 + 2 * 3 * 2)  # rows, directions, tiers
        for line in lines[1:]:
            self.assertTrue(line.endswith(" ok"), line)
            self.assertLessEqual(len(line), 110)

    def test_every_bound_is_met_and_measured(self):
        for row in rows("tanh", "gelu"):
            self.assertLessEqual(row["measured"]["worst"]["ulps"], row["promised"]["ulps"])
            self.assertGreater(row["measured"]["worst"]["ulps"], 0.4)
            self.assertEqual(row["promised"]["ulps"], 4 if row["tier"] == "fast" else 1)
            self.assertGreater(row["measured"]["inputs"], 10000)
            self.assertEqual(row["any_dy"] is None, row["direction"] == "forward")
            self.assertEqual(row["any_parameters"] is None, row["activation"] == "gelu")
            self.assertFalse(row["exhaustive"])

    def test_tiers_differ(self):
        fast, accurate = rows("silu", "--tier", "fast,accurate")[:2]
        self.assertEqual((fast["tier"], accurate["tier"]), ("fast", "accurate"))
        self.assertGreater(fast["measured"]["worst"]["ulps"],
                           accurate["measured"]["worst"]["ulps"])
        self.assertNotEqual(fast["checksum"], accurate["checksum"])
        self.assertEqual(len(rows("silu", "--tier", "accurate")), 2)

    def test_16_bit_types_at_all_codes(self):
        for row in rows("hardswish", "--dtype", "f16,bf16", "--tier", "fast"):
            self.assertEqual(row["measured"]["inputs"], 65536)
            self.assertLessEqual(row["measured"]["worst"]["ulps"], 0.51)
            self.assertLess(row["promised"]["ulps"], 0.501)

    def test_float64(self):
        done = subprocess.run([CLACT, "devices", "--json", "--no-self-test"], check=True,
                              capture_output=True, text=True)
        if not json.loads(done.stdout)[0]["fp64"]:
            self.skipTest("no float64")
        for row in rows("softsign", "--dtype", "f64"):
            self.assertEqual(row["dtype"], "f64")
            self.assertLessEqual(row["measured"]["worst"]["ulps"], row["promised"]["ulps"])

    def test_a_wrong_device_fails(self):
        wrong = {"LD_PRELOAD": os.environ["WRONG_DEVICE"], "WRONG_SWEEP": "1"}
        done = verify("relu", "--tier", "fast", "--device", "insist:", code=1, env=wrong)
        self.assertIn("FAILS 1", done.stdout)
        self.assertIn("input -0x1p-149, dy 0x1p+0: got 0x1p-149, exact 0x0p+0", done.stdout)
        self.assertIn("a bound is not kept", done.stderr)


class Resuming(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "results.jsonl"

    def kept(self):
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    def test_what_is_there_is_not_made_again(self):
        first = rows("abs", "--resume", str(self.file))
        self.assertEqual(first, self.kept())
        changed = self.kept()
        changed[0]["checksum"] = "from the file"
        self.file.write_text("".join(json.dumps(row) + "\n" for row in changed))
        again = rows("abs", "step", "--resume", str(self.file))
        self.assertEqual(again[0]["checksum"], "from the file")
        self.assertEqual({row["activation"] for row in again}, {"abs", "step"})
        self.assertEqual(len(self.kept()), len(again))

    def test_another_version_is_made_again(self):
        rows("abs", "--resume", str(self.file))
        changed = [{**row, "kernels": "0", "checksum": "old"} for row in self.kept()]
        self.file.write_text("".join(json.dumps(row) + "\n" for row in changed))
        again = rows("abs", "--resume", str(self.file))
        self.assertNotIn("old", [row["checksum"] for row in again])
        self.assertEqual(len(self.kept()), 2 * len(again))

    def test_a_row_of_something_else_is_made_again(self):
        rows("relu", "--resume", str(self.file))
        for key, other in (("activation", "abs"), ("direction", "x"), ("dtype", "f16"),
                           ("tier", "x"), ("device", "x"), ("driver", "x"), ("exhaustive", True)):
            changed = [{**row, key: other, "checksum": "old"} for row in self.kept()]
            self.file.write_text("".join(json.dumps(row) + "\n" for row in changed))
            again = rows("relu", "--resume", str(self.file))
            self.assertNotIn("old", [row["checksum"] for row in again], key)

    def test_a_failure_is_kept(self):
        wrong = {"LD_PRELOAD": os.environ["WRONG_DEVICE"], "WRONG_SWEEP": "1"}
        arguments = ("relu", "--device", "insist:", "--resume", str(self.file))
        verify(*arguments, code=1, env=wrong)
        self.assertIn("FAILS", verify(*arguments, code=1).stdout)

    def test_a_line_cut_short(self):
        whole = rows("abs", "--resume", str(self.file))
        text = self.file.read_text()
        self.file.write_text(text[:-40])
        self.assertEqual(rows("abs", "--resume", str(self.file)), whole)
        lines = self.file.read_text().splitlines()
        self.assertEqual(json.loads(lines[-1]), whole[-1])
        rows("abs", "--resume", str(self.file))

    def test_another_file(self):
        self.file.write_text("hello\nworld\n")
        done = verify("abs", "--resume", str(self.file), code=1)
        self.assertIn("line 1 of", done.stderr)
        self.assertEqual(self.file.read_text(), "hello\nworld\n")
        done = verify("abs", "--resume", str(self.file.parent), code=1)
        self.assertIn("cannot be read", done.stderr)


class Usage(unittest.TestCase):
    def test_words(self):
        for arguments, words in ((("geluu",), "did you mean"), (("--dtype", "f8"), "f16"),
                                 (("--tier", "slow"), "accurate"), (("--exhaustiv3",), "unknown"),
                                 (("--dtype", ""), "f32"), (("relu", "--tier", "fast,"), "fast")):
            done = verify(*arguments, code=2)
            self.assertIn(words, done.stderr)

    def test_help(self):
        text = verify("--help").stdout
        for word in ("--exhaustive", "--dtype", "--tier", "--device", "--resume", "--json"):
            self.assertIn(word, text)
        self.assertTrue(all(len(line) <= 100 for line in text.splitlines()))


if __name__ == "__main__":
    devices = subprocess.run([CLACT, "devices", "--no-self-test"], capture_output=True, text=True)
    if devices.returncode != 0:
        print("skipped: there is no OpenCL device")
        sys.exit(77)
    unittest.main(verbosity=2)
