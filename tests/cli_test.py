#!/usr/bin/env python3
"""End-to-end test of the program clact: devices, list, apply, grad and what they refuse.

Environment: CLACT, path of the program. Results are read with NumPy and compared with float64
formulas written here; nothing of clact's own code is used. Exit code 77 (skipped) without NumPy.
"""
import json
import math
import os
import re
import resource
import shutil
import stat
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
COMMANDS = ("devices", "list", "apply", "grad", "train")
if not os.access(CLACT, os.X_OK):
    sys.exit("CLACT must be the path of the program clact; there is none at " + CLACT)
SEED = 20
SPECIAL = [0.0, -0.0, 1.0, -1.0, 1e-45, -1e-45, 1.1754944e-38, 3.4028235e38, -3.4028235e38]


def run(*arguments, **options):
    """One run of the program; text output unless told otherwise."""
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([CLACT, *map(str, arguments)], stderr=subprocess.PIPE, text=True,
                          timeout=300, check=False, **options)


def ulps(got, want):
    """Distance of float32 results from float64 truth, in units of the last place of the truth."""
    got = np.asarray(got, np.float64)
    spacing = np.spacing(np.abs(want).astype(np.float32)).astype(np.float64)
    return np.abs(got - want) / spacing


def sigmoid(x):
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-x))


def half_erfc(x):
    return 0.5 * np.array([math.erfc(-v / math.sqrt(2.0)) for v in x.ravel()]).reshape(x.shape)


def gelu_gradient(x):
    return half_erfc(x) + x * np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


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
        array = np.load(path, allow_pickle=False)
        self.assertEqual(array.dtype.str, "<f4")
        return array

    def no_leftovers(self, *names):
        self.assertEqual(sorted(os.listdir(self.folder)), sorted(names))


class Usage(Case):
    def test_help_of_everything_is_on_stdout(self):
        for arguments in (["--help"], ["-h"], ["help"], *(["help", c] for c in COMMANDS),
                          *([c, "--help"] for c in COMMANDS)):
            text = self.good(*arguments)
            self.assertIn("usage: clact", text, arguments)
            self.assertLessEqual(max(map(len, text.splitlines())), 100, arguments)
        overview = self.good("--help")
        for command in COMMANDS:
            self.assertRegex(overview, rf"(?m)^  {command} +\S")

    def test_version(self):
        self.assertRegex(self.good("--version"), r"^clact \d+\.\d+\.\d+\n$")

    def test_no_command_is_wrong_usage(self):
        done = run()
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("usage: clact", done.stderr)

    def test_unknown_words_are_wrong_usage_with_a_suggestion(self):
        self.bad(2, "aply", says="'apply'")
        self.bad(2, "xyzzy", says="clact --help")
        self.bad(2, "--frobnicate", says="--frobnicate")
        self.bad(2, "help", "lits", says="'list'")
        self.bad(2, "list", "sigmod", says="'sigmoid'")
        self.bad(2, "list", "heavyside", says="'step'")
        self.bad(2, "devices", "0", says="'0'")
        for command in COMMANDS[:4]:
            self.bad(2, command, "--frobnicate", says=("--frobnicate", f"clact {command} --help"))
            self.bad(2, command, "-Z", says="-Z")

    def test_wrong_command_lines_of_apply_and_grad(self):
        x, dy, out = self.input, self.dy, self.output
        np.save(x, np.ones(3, np.float32))
        np.save(dy, np.ones(3, np.float32))
        for says, arguments in (
                ("activation", ["apply"]),
                ("input", ["apply", "relu"]),
                ("-o", ["apply", "relu", x]),
                ("value", ["apply", "relu", x, "-o"]),
                ("no value", ["apply", "relu", x, "-o", out, "--verbose=1"]),
                ("too many", ["apply", "relu", x, out, "-o", out]),
                ("'gelu'", ["apply", "gleu", x, "-o", out]),
                ("--dy", ["apply", "relu", x, "-o", out, "--dy", dy]),
                ("--dy", ["grad", "relu", x, "-o", out]),
                ("-o", ["grad", "relu", x, "--dy", dy]),
                ("'z'", ["grad", "relu", x, "--dy", dy, "-o", out, "--saved", "z"])):
            self.bad(2, *arguments, says=says)

    def test_parameters_are_checked_before_anything_is_read(self):
        for says, name, setting in (
                ("no parameters", "relu", "slope=1"),
                ("it has scale", "sigmoid", "alpha=1"),
                ("it has alpha and beta", "tanh", "gamma=1"),
                ("it has scale", "sigmoid", "sca=1"),
                ("scale=NUMBER", "sigmoid", "scale"),
                ("must be a number", "sigmoid", "scale="),
                ("must be a number", "sigmoid", "scale= 1"),
                ("must be a number", "sigmoid", "scale=1 "),
                ("must be a number", "sigmoid", "scale=1x"),
                ("must be a number", "sigmoid", "scale=nan"),
                ("must be a number", "sigmoid", "scale=inf"),
                ("must be a number", "sigmoid", "scale=1e99"),
                ("between 1e-06 and 1e+06", "sigmoid", "scale=0"),
                ("between 1e-06 and 1e+06", "sigmoid", "scale=-1"),
                ("between -1e+06 and 1e+06", "leaky_relu", "slope=2e6"),
                ("min = 2 and max = 1", "hardtanh", "min=2")):
            self.bad(2, "apply", name, self.path("absent.npy"), "-o", self.output, "--param",
                     setting, says=says)

    def test_saved_output_is_refused_where_it_would_be_wrong(self):
        arguments = [self.path("absent.npy"), "--dy", self.dy, "-o", self.output, "--saved", "y"]
        self.bad(2, "grad", "leaky_relu", *arguments, "--param", "slope=-0.5",
                 says=("slope = -0.5", "save x"))
        self.bad(2, "grad", "gelu", *arguments, says=("gelu", "save x"))

    def test_full_standard_output_is_a_failure(self):
        for arguments in (["--help"], ["--version"], ["list"], ["list", "--json"],
                          ["list", "gelu"], ["apply", "--help"]):
            with open("/dev/full", "w", encoding="ascii") as full:
                self.bad(1, *arguments, says="standard output", stdout=full)


class Table(Case):
    def test_json_has_every_fact(self):
        rows = json.loads(self.good("list", "--json"))
        self.assertEqual(len(rows), 36)
        by_name = {row["name"]: row for row in rows}
        self.assertEqual(len(by_name), 36)
        for row in rows:
            self.assertEqual(set(row), {"name", "aliases", "formula", "derivative", "params",
                                        "reads", "reads_y_where", "kinks", "domain",
                                        "forward_ulps", "backward_ulps"})
            self.assertIn(row["reads"], (["x"], ["x", "y"]))
            for param in row["params"]:
                self.assertLessEqual(param["min"], param["default"])
                self.assertLessEqual(param["default"], param["max"])
        self.assertEqual(by_name["leaky_relu"]["params"],
                         [{"name": "slope", "default": 0.01, "min": -1e6, "max": 1e6}])
        self.assertEqual(by_name["leaky_relu"]["reads_y_where"], "slope >= 0")
        self.assertEqual(by_name["sigmoid"]["reads_y_where"], None)
        self.assertEqual(by_name["step"]["aliases"], ["heaviside", "binary_step"])
        self.assertEqual(by_name["relu6"]["kinks"], [0.0, 6.0])
        self.assertEqual(by_name["sqrt"]["domain"], {"min": 0.0, "max": None})
        self.assertEqual(by_name["tanh"]["domain"], {"min": None, "max": None})

    def test_text_is_one_line_a_row(self):
        text = self.good("list")
        for row in json.loads(self.good("list", "--json")):
            self.assertRegex(text, rf"(?m)^{row['name']} .*{re.escape(row['formula'])}$")

    def test_named_rows_by_alias_in_order_once(self):
        rows = json.loads(self.good("list", "--json", "Heaviside", "GELU-tanh", "step"))
        self.assertEqual([row["name"] for row in rows], ["step", "gelu_tanh"])
        text = self.good("list", "softshrink")
        for words in ("softshrink", "lambda = 0.5, from 0 to 1e+06", "x = -0.5, 0.5", "reads x\n"):
            self.assertIn(words, text)


class Files(Case):
    """What is refused before a device is opened."""

    def setUp(self):
        super().setUp()
        np.save(self.dy, np.ones((2, 3), np.float32))

    def refuse(self, *says):
        self.bad(1, "apply", "relu", self.input, "-o", self.output, says=(self.input, *says))

    def saved(self, array=None):
        np.save(self.input, np.ones((2, 3), np.float32) if array is None else array)
        with open(self.input, "rb") as file:
            return file.read()

    def header(self, text, data=b"", version=(1, 0)):
        text = text.encode("latin1") + b"\n"
        length = len(text).to_bytes(2 if version[0] == 1 else 4, "little")
        self.write(b"\x93NUMPY" + bytes(version) + length + text + data)

    def test_cut_off_anywhere(self):
        whole = self.saved()
        start = len(whole) - 24
        for length in range(start):
            self.write(whole[:length])
            self.refuse("empty" if length == 0 else "header")
        for length in range(start, len(whole)):
            self.write(whole[:length])
            self.refuse("fewer data", "(2, 3)")

    def test_trailing_bytes(self):
        self.write(self.saved() + b"\0")
        self.refuse("larger than its header says")

    def test_other_types(self):
        for dtype, says in (("<f8", "float64"), ("<f2", "float16"), ("<i4", "int32"),
                            ("|b1", "bool"), ("<c8", "complex64"), ("<U3", "'<U3'"),
                            (">f8", "big-endian float64")):
            self.saved(np.zeros((2, 3), dtype))
            self.refuse(says, "np.float32")
        self.saved(np.zeros((2, 3), ">f4"))
        self.refuse("big-endian", "astype('<f4')")
        self.saved(np.zeros(3, [("a", "<f4"), ("b", "<f4")]))
        self.refuse("structured")
        np.save(self.input, np.array([{}, 1], object), allow_pickle=True)
        self.refuse("'|O'")

    def test_one_dimension_in_fortran_order_is_the_same(self):
        header = "{'descr': '<f4', 'fortran_order': True, 'shape': (3,)}"
        self.header(header, np.array([-1, 0, 2], "<f4").tobytes())
        self.good("apply", "relu", self.input, "-o", self.output)
        self.assertEqual(np.load(self.output).tolist(), [0, 0, 2])

    def test_fortran_order(self):
        self.saved(np.asfortranarray(np.ones((2, 3), np.float32)))
        self.refuse("Fortran", "np.ascontiguousarray")

    def test_no_npy_at_all(self):
        self.write(b"PK\x03\x04 a zip archive")
        self.refuse("not a .npy file")
        for version in ((0, 1), (1, 1), (4, 0), (255, 255)):
            self.header("{}", version=version)
            self.refuse("version %d.%d" % version)
        self.write(b"\x93NUMPY\x02\x00\xff\xff\xff\xff{")
        self.refuse("4294967295 bytes")

    def test_damaged_headers(self):
        rest = "'descr': '<f4', 'fortran_order': False"
        for text in ("", "{", "{}", "[1]", "nonsense", "\0\0\0", "{" + rest + "}",
                     "{" + rest + ", 'shape': (3)}", "{" + rest + ", 'shape': 3}",
                     "{" + rest + ", 'shape': (-3,)}", "{" + rest + ", 'shape': (3.0,)}",
                     "{" + rest + ", 'shape': (3,,)}", "{" + rest + ", 'shape': (3,)",
                     "{" + rest + ", 'shape': (3,)} x", "{" + rest + ", 'shape': (3,), 'x': 1}",
                     "{" + rest + ", 'shape': (3,), 'shape': (3,)}",
                     "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (3,)}",
                     "{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}", "(" * 60000):
            self.header(text, b"\0" * 12)
            self.refuse("header that cannot be understood")

    def test_shapes_too_large(self):
        rest = "{'descr': '<f4', 'fortran_order': False, 'shape': "
        for shape in ("(18446744073709551616,)", "(9223372036854775807,)", "(4611686018427387904,)",
                      "(4294967296, 4294967296)", "(4294967296, 4294967296, 0)",
                      "(99999999999999999999999999999999999,)"):
            self.header(rest + shape + "}")
            self.refuse("more elements")
        self.header(rest + "(1152921504606846976,)}")
        self.refuse("fewer data")
        self.header(rest + "(" + "1," * 33 + ")}", b"\0" * 4)
        self.refuse("32 dimensions")

    def test_missing_files_and_folders(self):
        self.refuse("No such file")
        os.mkdir(self.input)
        self.refuse("directory")

    def test_second_input_is_checked_as_the_first(self):
        np.save(self.input, np.ones((3, 2), np.float32))
        arguments = ["grad", "relu", self.input, "--dy", self.dy, "-o", self.output]
        self.bad(1, *arguments, says=("(3, 2)", "(2, 3)", self.input, self.dy))
        self.write(b"garbage", self.dy)
        self.bad(1, *arguments, says=(self.dy, "not a .npy file"))

    def test_impossible_outputs(self):
        self.saved()
        for output, says in ((self.folder, "directory"), (self.path("no/out.npy"), "folder"),
                             (self.path("x.npy/out.npy"), "Not a directory"),
                             ("", "'' is not the name"), (self.path("new/"), "name")):
            self.bad(1, "apply", "relu", self.input, "-o", output, says=(output, says))

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_write_protected_outputs(self):
        self.saved()
        self.write(b"kept", self.output)
        os.chmod(self.output, stat.S_IRUSR)
        self.bad(1, "apply", "relu", self.input, "-o", self.output, says="Permission denied")
        os.mkdir(self.path("locked"), stat.S_IRUSR | stat.S_IXUSR)
        self.bad(1, "apply", "relu", self.input, "-o", self.path("locked/out.npy"),
                 says="Permission denied")

    def test_existing_output_outlives_a_failure(self):
        self.write(b"kept", self.output)
        self.write(b"garbage")
        self.refuse("not a .npy file")
        self.bad(2, "apply", "relu", self.input, "-o", self.output, "--param", "a=1")
        with open(self.output, "rb") as file:
            self.assertEqual(file.read(), b"kept")


class NoDevice(Case):
    def test_advice(self):
        np.save(self.input, np.ones(3, np.float32))
        environment = {**os.environ, "OCL_ICD_VENDORS": self.folder + "/"}
        for arguments in (["devices"], ["devices", "--json"],
                          ["apply", "relu", self.input, "-o", self.output]):
            self.bad(1, *arguments, says=("no OpenCL device", "pocl-opencl-icd"), env=environment)


@unittest.skipIf(run("devices").returncode != 0, "no OpenCL device")
class Device(Case):
    def apply(self, name, x, *options):
        np.save(self.input, x)
        self.good("apply", name, self.input, "-o", self.output, *options)
        return self.read()

    def grad(self, name, saved, dy, *options):
        np.save(self.input, saved)
        np.save(self.dy, dy)
        self.good("grad", name, self.input, "--dy", self.dy, "-o", self.output, *options)
        return self.read()

    def near(self, got, want, x, most=2.0):
        errors = ulps(got, want)
        worst = np.unravel_index(np.argmax(errors), errors.shape)
        self.assertLessEqual(errors[worst], most, "at x = %s (%r), index %s: got %s, want %s (%r)" %
                             (float(x[worst]).hex(), x[worst], worst, float(got[worst]).hex(),
                              float(want[worst]).hex(), want[worst]))

    def sample(self, limit=20.0, count=1000):
        """Seeded, and the same for everyone."""
        return np.random.default_rng(SEED).uniform(-limit, limit, count).astype(np.float32)

    def test_devices(self):
        devices = json.loads(self.good("devices", "--json"))
        text = self.good("devices")
        self.assertEqual([d["index"] for d in devices], list(range(len(devices))))
        self.assertEqual(sum(d["default"] for d in devices), 1)
        for device in devices:
            marker = r"\*" if device["default"] else " "
            name = re.escape(device["name"])
            self.assertRegex(text, rf"(?m)^{marker} {device['index']}  {name}$")
            self.assertGreater(device["global_bytes"], 0)
            self.assertIn(device["vector_width"], (1, 2, 4, 8, 16))
        gpus = [d["index"] for d in devices if d["type"] == "GPU"]
        chosen = [d["index"] for d in devices if d["default"]]
        self.assertEqual(chosen, gpus[:1] or [0])

    def test_device_is_chosen_by_number_or_name(self):
        devices = json.loads(self.good("devices", "--json"))
        x = np.array([-1, 2], np.float32)
        self.apply("relu", x, "--device", "0")
        if len(devices) == 1:
            self.apply("relu", x, "--device", devices[0]["name"][:8].swapcase())
        for word in (str(len(devices)), "99999999999999999999999", "no such device", ""):
            self.bad(1, "apply", "relu", self.input, "-o", self.output, "--device", word,
                     says=(word, "clact devices"))

    def test_forward_against_float64(self):
        x = np.concatenate([self.sample(), np.array(SPECIAL[:7], np.float32)])
        wide = x.astype(np.float64)
        for name, options, want in (
                ("sigmoid", (), sigmoid(wide)),
                ("gelu", (), wide * half_erfc(wide)),
                ("softplus", ("-p", "beta=2"), np.logaddexp(0.0, 2.0 * wide) / 2.0),
                ("tanh", ("--param", "alpha=0.5", "--param=beta=1.5"), 1.5 * np.tanh(0.5 * wide)),
                ("LeakyReLU", ("--param", "slope=0.25"), np.where(wide > 0, wide, 0.25 * wide))):
            with self.subTest(name):
                self.near(self.apply(name, x, *options), want, x)

    def test_backward_against_float64(self):
        x = self.sample()
        wide, dy = x.astype(np.float64), self.sample(2.0)[::-1].copy()
        y = sigmoid(wide).astype(np.float32)
        wide_y = y.astype(np.float64)
        self.near(self.grad("gelu", x, dy), dy * gelu_gradient(wide), x, 3.0)
        self.near(self.grad("sigmoid", y, dy, "--saved", "y"), dy * wide_y * (1.0 - wide_y), y, 3.0)

    def test_relu_gradient_is_the_same_from_x_and_y(self):
        x, dy = self.sample(count=37), self.sample(2.0, 37)
        from_x = self.grad("relu", x, dy, "--saved=x")
        from_y = self.grad("relu", np.maximum(x, 0), dy, "--saved=y")
        np.testing.assert_array_equal(from_x, np.where(x > 0, dy, 0))
        np.testing.assert_array_equal(from_x, from_y)

    def test_any_shape(self):
        for shape in ((), (3,), (0,), (2, 0, 4), (5, 7, 3), (1,) * 32):
            x = np.linspace(-2, 2, math.prod(shape), dtype=np.float32).reshape(shape)
            y = self.apply("relu", x)
            self.assertEqual(y.shape, shape)
            np.testing.assert_array_equal(y, np.maximum(x, 0))
            dx = self.grad("relu", x, x)
            self.assertEqual(dx.shape, shape)
            np.testing.assert_array_equal(dx, np.maximum(x, 0))

    def test_every_version_of_the_format(self):
        x = np.array([[-1, 2, 3]], np.float32)
        for version in ((1, 0), (2, 0), (3, 0)):
            with open(self.input, "wb") as file:
                np.lib.format.write_array(file, x, version=version)
            self.good("apply", "relu", self.input, "-o", self.output)
            np.testing.assert_array_equal(self.read(), np.maximum(x, 0))

    def test_special_values_pass_through(self):
        x = np.array([np.nan, np.inf, -np.inf, *SPECIAL], np.float32)
        self.assertEqual(self.apply("identity", x).tobytes(), x.tobytes())
        np.testing.assert_array_equal(self.apply("relu", x), np.maximum(x, 0))

    def test_arrays_larger_than_one_piece(self):
        dy = np.arange(1, 2**24 + 4, dtype=np.uint32).astype(np.float32)
        x = np.float32(2**23) - dy  # dead at the end, so that nothing left behind passes there
        np.testing.assert_array_equal(self.grad("relu", x, dy), np.where(x > 0, dy, 0))

    def test_input_may_be_a_pipe(self):
        x = self.sample(count=2**20)  # more than is taken on trust from the header
        np.save(self.input, x)
        with open(self.input, "rb") as file:
            data = file.read()
        os.remove(self.input)
        for piped, says in ((data, None), (data[:-1], "fewer data"), (data + b"0", "larger")):
            done = subprocess.run([CLACT, "apply", "relu", "/dev/stdin", "-o", self.output],
                                  input=piped, stderr=subprocess.PIPE, timeout=300, check=False)
            self.assertEqual(done.returncode, 1 if says else 0, done.stderr)
            self.assertIn(says or "", done.stderr.decode())
            if not says:
                np.testing.assert_array_equal(self.read(), np.maximum(x, 0))
                os.remove(self.output)
            self.no_leftovers()

    def test_verbose_speaks_on_stderr_only(self):
        np.save(self.input, np.ones(3, np.float32))
        done = run("apply", "relu", self.input, "-o", self.output, "-v")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertRegex(done.stderr, r"(?s)device .*elements +3\n.*compile .* s\n.*kernel .* ms\n")

    def test_output_may_be_the_input(self):
        x = np.array([-1, 2], np.float32)
        np.save(self.input, x)
        self.good("apply", "relu", self.input, "-o", self.input)
        np.testing.assert_array_equal(self.read(self.input), np.maximum(x, 0))
        self.no_leftovers("x.npy")

    def test_output_keeps_its_mode_and_links(self):
        x = np.array([-1, 2], np.float32)
        self.write(b"old", self.path("real.npy"))
        os.chmod(self.path("real.npy"), 0o640)
        os.symlink("real.npy", self.output)
        np.testing.assert_array_equal(self.apply("relu", x), np.maximum(x, 0))
        self.assertTrue(os.path.islink(self.output))
        self.assertEqual(stat.S_IMODE(os.stat(self.output).st_mode), 0o640)
        self.no_leftovers("out.npy", "real.npy", "x.npy")

    def test_output_to_devices_and_pipes(self):
        x = np.array([-1, 2], np.float32)
        np.save(self.input, x)
        piped = subprocess.run([CLACT, "apply", "relu", self.input, "-o", "/dev/stdout"],
                               stdout=subprocess.PIPE, check=True, timeout=300).stdout
        self.assertEqual(piped[-8:], np.maximum(x, 0).tobytes())
        self.good("apply", "relu", self.input, "-o", "/dev/null")
        self.assertFalse(os.path.isfile("/dev/null"))
        self.bad(1, "apply", "relu", self.input, "-o", "/dev/full", says=("/dev/full", "No space"))

    def test_write_error_leaves_the_old_output(self):
        self.apply("relu", np.ones(2**22, np.float32))
        limit = 2**23
        self.write(b"kept", self.output)
        self.bad(1, "apply", "relu", self.input, "-o", self.output, says="File too large",
                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        self.no_leftovers("out.npy", "x.npy")


if __name__ == "__main__":
    unittest.main()
