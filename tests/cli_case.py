"""What the tests of the program clact share: runs of it, a folder for each test, float64 formulas.

Environment: CLACT, path of the program. Exit code 77 (skipped) without NumPy.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy as np
except ImportError:
    print("skipped: this test needs NumPy (on Debian python3-numpy)")
    sys.exit(77)

CLACT = os.path.abspath(os.environ.get("CLACT", "clact"))
COMMANDS = ("devices", "list", "apply", "grad", "cache", "train", "tune", "plot")
if not os.access(CLACT, os.X_OK):
    sys.exit("CLACT must be the path of the program clact; there is none at " + CLACT)
SEED = 20


def run(*arguments, **options):
    """One run of the program; text output unless told otherwise."""
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([CLACT, *map(str, arguments)], stderr=subprocess.PIPE, text=True,
                          timeout=300, check=False, **options)


class Case(unittest.TestCase):
    """A folder of its own, and the shape of a good and of a bad run."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="clact-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.input, self.dy, self.output = map(self.path, ("x.npy", "dy.npy", "out.npy"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def good(self, *arguments, **options):
        done = run(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
        return done.stdout

    def bad(self, code, *arguments, says=(), **options):
        """Fails with this code and one message, leaving the folder as it was."""
        before = self.snapshot()
        done = run(*arguments, **options)
        self.assertEqual(done.returncode, code, (arguments, done.stderr))
        self.assertFalse(done.stdout, arguments)
        self.assertRegex(done.stderr, r"^clact( [a-z]+)?: .*\n$")
        for words in [says] if isinstance(says, str) else says:
            self.assertIn(words, done.stderr)
        self.assertEqual(self.snapshot(), before, arguments)
        return done.stderr

    def snapshot(self):
        files = {}
        for name in os.listdir(self.folder):
            path = self.path(name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    files[name] = file.read()
            else:
                files[name] = None
        return files

    def write(self, data, path=None):
        with open(path or self.input, "wb") as file:
            file.write(data)

    def read(self, path=None):
        """The output; also that its header is as NumPy's: version 1.0, padded to 64 bytes."""
        path = path or self.output
        with open(path, "rb") as file:
            data = file.read()
        self.assertEqual(data[:8], b"\x93NUMPY\x01\x00")
        self.assertEqual(data.index(b"\n") % 64, 63)
        return np.load(path, allow_pickle=False)

    def no_leftovers(self, *names):
        self.assertEqual(sorted(os.listdir(self.folder)), sorted(names))


@unittest.skipIf(run("devices").returncode != 0, "no OpenCL device")
class DeviceCase(Case):
    """Runs on the default device."""

    def apply(self, name, x, *options):
        np.save(self.input, x)
        self.good("apply", name, self.input, "-o", self.output, *options)
        return self.read()

    def grad(self, name, saved, dy, *options):
        np.save(self.input, saved)
        np.save(self.dy, dy)
        self.good("grad", name, self.input, "--dy", self.dy, "-o", self.output, *options)
        return self.read()

    def sample(self, limit=20.0, count=1000):
        """Seeded, and the same for everyone."""
        return np.random.default_rng(SEED).uniform(-limit, limit, count).astype(np.float32)
