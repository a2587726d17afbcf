"""clact apply and grad: tiers, and element types with their conversions."""
import json

from cli_case import SEED, Case, DeviceCase, np, run

HALVES = np.arange(2**16, dtype=np.uint16).view(np.float16)
BFLOATS = (np.arange(2**16, dtype=np.uint32) << np.uint32(16)).view(np.float32)


def to_bf16(x):
    """Any floats to the nearest bfloat16, ties to even; as float32."""
    x = np.asarray(x, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        _, exponent = np.frexp(np.where(np.isfinite(x), x, 0.0))
        place = np.ldexp(1.0, np.maximum(exponent - 8, -133))
        rounded = np.where(np.isfinite(x), np.rint(x / place) * place, x)
        return rounded.astype(np.float32)


def near_ties(values, smallest):
    """Doubles on, and a little beside, the middles between neighbours of this list."""
    values = np.unique(values[np.isfinite(values)].astype(np.float64))
    middles = 0.5 * (values[1:] + values[:-1])
    beside = np.concatenate([middles * (1.0 + s * 2.0**-45) for s in (-1.0, 1.0)])
    tiny = smallest * np.array([0.5, 0.5 + 2.0**-50, 0.5 - 2.0**-50, 2.0**-100, 1e-300])
    return np.concatenate([middles, beside, tiny, -tiny, [1e300, -1e300, np.inf, -np.inf, -0.0]])


class Types(DeviceCase):
    def same(self, got, want):
        """The same type, shape and bits; NaN is NaN."""
        self.assertEqual((got.dtype, got.shape), (want.dtype, want.shape))
        codes = "u%d" % got.dtype.itemsize
        got, want = got.ravel(), want.ravel()
        differ = (got.view(codes) != want.view(codes)) & ~(np.isnan(got) & np.isnan(want))
        self.assertFalse(differ.any(), (got[differ][:5], want[differ][:5]))

    def has_float64(self):
        devices = json.loads(self.good("devices", "--json"))
        return next(device["fp64"] for device in devices if device["default"])

    def types(self):
        return (np.float16, np.float32) + ((np.float64,) if self.has_float64() else ())

    def test_type_and_shape_of_the_file_are_kept(self):
        for dtype in self.types():
            for shape in ((), (0,), (2, 0, 4), (5, 7, 3)):
                x = np.asarray(np.random.default_rng(SEED).normal(size=shape)).astype(dtype)
                want = np.asarray(np.maximum(x, 0), dtype)
                self.same(self.apply("relu", x), want)
                self.same(self.grad("relu", x, x), want)

    def test_float16_is_float32_rounded_once(self):
        for name, tier in (("gelu", "fast"), ("tanh", "accurate")):
            want = self.apply(name, HALVES.astype(np.float32), "--tier", tier)
            with np.errstate(over="ignore"):
                self.same(self.apply(name, HALVES, "--tier", tier), want.astype(np.float16))
            dy = HALVES[::-1].copy()
            want = self.grad(name, HALVES.astype(np.float32), dy.astype(np.float32), "--tier", tier)
            with np.errstate(over="ignore"):
                self.same(self.grad(name, HALVES, dy, "--tier", tier), want.astype(np.float16))

    def test_bfloat16_is_float32_rounded_once(self):
        dy = BFLOATS[::-1].copy()
        for name, tier in (("gelu", "fast"), ("tanh", "accurate")):
            want = to_bf16(self.apply(name, BFLOATS, "--tier", tier))
            self.same(self.apply(name, BFLOATS, "--tier", tier, "--dtype", "bf16"), want)
            want = to_bf16(self.grad(name, BFLOATS, dy, "--tier", tier))
            self.same(self.grad(name, BFLOATS, dy, "--tier", tier, "--dtype=bf16"), want)

    def test_conversions_round_once(self):
        x = near_ties(HALVES, 2.0**-24)
        with np.errstate(over="ignore"):
            self.same(self.apply("identity", x, "--dtype", "f16"), x.astype(np.float16))
            single = x.astype(np.float32)
            self.same(self.apply("identity", x, "--dtype", "f32"), single)
            self.same(self.apply("identity", single, "--dtype", "f16"), single.astype(np.float16))
        x = near_ties(BFLOATS, 2.0**-133)
        self.same(self.apply("identity", x, "--dtype", "bf16"), to_bf16(x))
        with np.errstate(over="ignore"):
            single = x.astype(np.float32)
        self.same(self.apply("identity", single, "--dtype", "bf16"), to_bf16(single))
        self.same(self.apply("identity", HALVES, "--dtype", "bf16"), to_bf16(HALVES))

    def test_wider_types_hold_narrower_ones(self):
        self.same(self.apply("identity", HALVES, "--dtype", "f32"), HALVES.astype(np.float32))
        if self.has_float64():
            self.same(self.apply("identity", HALVES, "--dtype", "f64"), HALVES.astype(np.float64))
            with np.errstate(invalid="ignore"):  # for signalling NaN
                want = BFLOATS.astype(np.float64)
            self.same(self.apply("identity", BFLOATS, "--dtype", "f64"), want)

    def test_dy_is_converted_to_the_type_of_the_input(self):
        dy = near_ties(HALVES, 2.0**-24)
        ones = np.ones(dy.shape, np.float16)
        with np.errstate(over="ignore"):
            self.same(self.grad("identity", ones, dy), dy.astype(np.float16))
            self.same(self.grad("relu", ones.astype(np.float64), dy, "--dtype=f16"),
                      dy.astype(np.float16))
        self.same(self.grad("relu", dy, ones, "--dtype", "bf16"),
                  np.where(to_bf16(dy) > 0, 1, 0).astype(np.float32))

    def test_float64(self):
        x = np.random.default_rng(SEED).normal(size=(3, 1001)) * 1e200
        if not self.has_float64():
            np.save(self.input, x)
            self.bad(1, "apply", "relu", self.input, "-o", self.output, says="no float64")
            return
        self.same(self.apply("relu", x), np.maximum(x, 0))
        self.same(self.grad("relu", x, x[::-1].copy()), np.where(x > 0, x[::-1], 0))
        self.assertEqual(self.apply("tanh", x, "--tier", "accurate").dtype, np.float64)

    def test_float16_larger_than_one_piece(self):
        x = np.arange(2**24 + 3, dtype=np.uint32).astype(np.uint16).view(np.float16)
        got = self.apply("relu", x)
        self.same(got[2**24 - 2:], self.apply("relu", x[2**24 - 2:]))
        self.assertEqual(got[:2**16].tobytes(), got[2**16:2**17].tobytes())

    def test_verbose_tells_type_and_tier(self):
        np.save(self.input, np.ones(3, np.float16))
        for options, words in (((), "f16, fast tier"),
                               (("--tier", "accurate", "--dtype", "bf16"), "bf16, accurate tier")):
            done = run("apply", "relu", self.input, "-o", self.output, "-v", *options)
            self.assertIn(words, done.stderr)


class Words(Case):
    """Tiers and types that do not exist; nothing is read before they are looked at."""

    def test_suggestion_and_list_of_names(self):
        absent = self.path("absent.npy")
        for command in (["apply", "relu", absent], ["grad", "relu", absent, "--dy", absent]):
            for option, word, says in (("--tier", "fats", ("'fats'", "mean 'fast'", "accurate")),
                                       ("--tier", "Accurate", ("mean 'accurate'", "fast")),
                                       ("--tier", "", ("fast and accurate",)),
                                       ("--dtype", "fp16", ("mean 'f16'", "f32", "bf16 and f64")),
                                       ("--dtype", "double", ("f32, f16, bf16 and f64",))):
                self.bad(2, *command, "-o", self.output, option, word, says=says)
        self.bad(2, "train", "--tier", "accurat", says=("mean 'accurate'", "fast"))
