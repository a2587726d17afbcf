"""bench/gpu.sh: its options and messages, and a quick run of its measuring steps on any device.

GPU_SH names the script, BUILD a folder in which everything is built.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import script_case

GPU_SH = os.environ.get("GPU_SH", "")
BUILD = os.environ.get("BUILD", "")


def gpu(*arguments):
    return subprocess.run(["sh", GPU_SH, *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=300, check=False)


class Script(unittest.TestCase):
    def test_wrong_usage_is_status_2(self):
        with tempfile.TemporaryDirectory() as folder:
            for arguments, words in ((["--bogus"], "unknown option '--bogus'"),
                                     (["--device"], "--device needs a value"),
                                     (["--steps", "bench,dance"], "no step 'dance'"),
                                     (["--deps", folder], "no unpacked root"),
                                     (["--build", folder, "--steps", "report"], "nothing is built"),
                                     (["one", "two"], "not 'two'")):
                run = gpu(*arguments)
                self.assertEqual((run.returncode, run.stdout), (2, ""), arguments)
                self.assertIn("gpu.sh: ", run.stderr)
                self.assertIn(words, run.stderr)

    def test_measures_and_reports_without_folders_of_this_machine(self):
        with tempfile.TemporaryDirectory() as folder:
            results = os.path.join(folder, "results")
            run = gpu("--build", BUILD, "--quick", "--steps", "bench,torch,report", "--python",
                      "no-such-python", results)
            if run.returncode == 1 and "no OpenCL device" in run.stderr:
                self.skipTest(run.stderr.strip())
            self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
            self.assertIn("skipped: no-such-python has no PyTorch", run.stdout)
            self.assertEqual(sorted(os.listdir(results)),
                             ["activations.json", "activations.txt", "report.html",
                              "roofline.svg", "sweeps.json", "sweeps.txt"])
            for name in os.listdir(results):
                with open(os.path.join(results, name), encoding="utf-8") as file:
                    text = file.read()
                self.assertNotIn(folder, text, name)
                self.assertNotIn(BUILD, text, name)
                if name.endswith(".json"):
                    self.assertTrue(json.loads(text)["benchmarks"])
            ElementTree.parse(os.path.join(results, "roofline.svg"))


if __name__ == "__main__":
    if not GPU_SH or not BUILD:
        sys.exit("set GPU_SH to bench/gpu.sh and BUILD to a folder in which all is built")
    script_case.main()
