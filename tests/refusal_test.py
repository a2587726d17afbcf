#!/usr/bin/env python3
"""The self-test from the command line: what `clact devices` says of it, and who is refused.

Run with CLACT and CLACT_BENCH, the programs, and WRONG_DEVICE, a library to be preloaded under which
every device fails. Needs a device (exit code 77 without one).
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

CLACT, BENCH = os.environ["CLACT"], os.environ["CLACT_BENCH"]
WRONG = {**os.environ, "LD_PRELOAD": os.environ["WRONG_DEVICE"]}


def run(*command, env=None):
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=300)


def listed(*options, env=None):
    done = run(CLACT, "devices", *options, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Devices(unittest.TestCase):
    def test_passed(self):
        for device in json.loads(listed("--json")):
            test = device["self_test"]
            self.assertIs(test["passed"], True, test)
            self.assertGreater(test["answers"], 1000)
            self.assertEqual((test["wrong"], test["first_failure"], test["message"]), (0, None, ""))
            self.assertIs(test["contracts"], False)
            self.assertIs(test["fma_exact"], True)
            self.assertGreater(test["seconds"], 0)
        text = listed()
        self.assertRegex(text, r"(?m)^     self-test   passed: \d+ answers, ")
        self.assertRegex(text, r"(?m)^     measured    subnormals (kept|flushed).*, fma exact, "
                               r"a \* b \+ c not contracted$")

    def test_left_out(self):
        self.assertNotIn("self-test", listed("--no-self-test"))
        for device in json.loads(listed("--json", "--no-self-test")):
            self.assertIsNone(device["self_test"])

    def test_failed(self):
        self.assertRegex(listed(env=WRONG), r"(?m)^     self-test   FAILED: .* tanh \(fast\) of ")
        for device in json.loads(listed("-j", env=WRONG)):
            test = device["self_test"]
            self.assertEqual((test["passed"], test["wrong"]), (False, 2))
            self.assertEqual(test["first_failure"], {"function": "tanh", "tier": "fast"})
            self.assertIn(device["name"], test["message"])


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = os.path.join(folder.name, "data.csv")
        with open(self.data, "w", encoding="ascii") as file:
            file.write("a,b,label\n" + "".join(f"{i},{-i},{i % 2}\n" for i in range(20)))
        self.train = (CLACT, "train", "--data", self.data, "--label", "label", "--epochs", "1",
                      "--layers", "4:relu")
        self.bench = (BENCH, "--activation", "relu", "--op", "forward", "--size", "2^10")

    def test_wrong_device_is_refused_by_name(self):
        name = json.loads(listed("--json", "--no-self-test"))[0]["name"]
        for command in (self.train, self.bench):
            done = run(*command, "--device", "0", env=WRONG)
            self.assertEqual(done.returncode, 1, done.stdout)
            for words in (name, "tanh (fast) of ", "insist:0", "clact devices"):
                self.assertIn(words, done.stderr)

    def test_insisting(self):
        for selector in ("insist:0", "insist:"):
            done = run(*self.train, "--device", selector, env=WRONG)
            self.assertEqual(done.returncode, 0, done.stderr)
        done = run(*self.train, "--device", "insist:no such device")
        self.assertEqual(done.returncode, 1)
        self.assertIn("'no such device'", done.stderr)


if __name__ == "__main__":
    if run(CLACT, "devices", "--no-self-test").returncode != 0:
        print("skipped: there is no OpenCL device")
        sys.exit(77)
    unittest.main(verbosity=2)
