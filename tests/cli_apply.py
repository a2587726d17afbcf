"""clact apply and grad: results against float64 formulas written here, shapes, outputs."""
import json
import math
import os
import resource
import stat
import subprocess

from cli_case import CLACT, DeviceCase, np, run

SPECIAL = [0.0, -0.0, 1.0, -1.0, 1e-45, -1e-45, 1.1754944e-38, 3.4028235e38, -3.4028235e38]


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


class Apply(DeviceCase):
    def near(self, got, want, x, most):
        """Within the promised bound, of the type float32."""
        self.assertEqual(got.dtype.str, "<f4")
        errors = ulps(got, want)
        worst = np.unravel_index(np.argmax(errors), errors.shape)
        self.assertLessEqual(errors[worst], most, "at x = %s (%r), index %s: got %s, want %s (%r)" %
                             (float(x[worst]).hex(), x[worst], worst, float(got[worst]).hex(),
                              float(want[worst]).hex(), want[worst]))

    def bounds(self, name):
        """(tier, {"forward": ulps, "backward": ulps}) of each tier."""
        return json.loads(self.good("list", "--json", name))[0]["ulps"].items()

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
            for tier, bounds in self.bounds(name):
                with self.subTest(name, tier=tier):
                    got = self.apply(name, x, "--tier", tier, *options)
                    self.near(got, want, x, bounds["forward"])

    def test_backward_against_float64(self):
        x = self.sample()
        wide, dy = x.astype(np.float64), self.sample(2.0)[::-1].copy()
        y = sigmoid(wide).astype(np.float32)
        wide_y = y.astype(np.float64)
        for tier, bounds in self.bounds("gelu"):
            got = self.grad("gelu", x, dy, "--tier", tier)
            self.near(got, dy * gelu_gradient(wide), x, bounds["backward"])
        for tier, bounds in self.bounds("sigmoid"):
            got = self.grad("sigmoid", y, dy, "--saved", "y", "--tier", tier)
            self.near(got, dy * wide_y * (1.0 - wide_y), y, bounds["backward"])

    def test_fast_is_the_default_tier(self):
        x = self.sample()
        self.assertEqual(self.apply("gelu", x).tobytes(),
                         self.apply("gelu", x, "--tier", "fast").tobytes())

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
