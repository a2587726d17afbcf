/* test_oracle.c: halves, the oracle in doubles, ulps and samples are what they should be. */
#include "half.h"
#include "oracle.h"
#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void default_params(clact_activation act, float params[2]) {
    clact_activation_info info;
    assert_int_equal(clact_activation_query(act, &info), CLACT_SUCCESS);
    for (int i = 0; i < 2; i++)
        params[i] = i < info.num_params ? info.params[i].value : 0;
}

/* ---- Halves ---------------------------------------------------------------------------------- */

/* A 16-bit format with its number of bits in the significand and least exponent. */
struct format {
    uint16_t (*from_float)(float);
    float (*to_float)(uint16_t);
    uint32_t infinity, quiet; /* codes: of +inf, of the bit that makes a NaN quiet */
    int digits, least;
};

static const struct format formats[] = {
    {half_from_float, half_to_float, 0x7c00, 0x200, 11, -14},
    {bfloat_from_float, bfloat_to_float, 0x7f80, 0x40, 8, -126},
};

/* What a code stands for, from the definition of the format. */
static double decode(const struct format *f, uint32_t code) {
    const int stored = f->digits - 1;
    const uint32_t exponent = (code & 0x7fff) >> stored, low = code & ((1u << stored) - 1);
    const double significand = (double)(low + (exponent ? 1u << stored : 0));
    const double size = ldexp(significand, f->least - stored + (exponent ? (int)exponent - 1 : 0));
    return code & 0x8000 ? -size : size;
}

static void test_half_codes(void **state) {
    (void)state;
    for (size_t k = 0; k < COUNT(formats); k++) {
        const struct format *f = &formats[k];
        for (uint32_t code = 0; code < 65536; code++) {
            const float value = f->to_float((uint16_t)code);
            const uint32_t size = code & 0x7fff;
            if (size > f->infinity) {
                assert_true(isnan(value) && bits_of(value) & 0x400000);
                assert_int_equal(f->from_float(value), code | f->quiet);
            } else {
                assert_int_equal(f->from_float(value), code);
                if (size == f->infinity) assert_true(isinf(value) && (value < 0) == (code >> 15));
                if (size < f->infinity) assert_true((double)value == decode(f, code));
            }
        }
        assert_int_equal(f->from_float(float_of(0xff800001)) & (f->infinity | f->quiet | 0x8000),
                         f->infinity | f->quiet | 0x8000); /* a signalling NaN */
    }
}

/* Half-way between neighbours the even one, beside it the nearer one; beyond the last, infinity. */
static void test_half_ties(void **state) {
    (void)state;
    for (size_t k = 0; k < COUNT(formats); k++) {
        const struct format *f = &formats[k];
        for (uint32_t code = 0; code < f->infinity; code++) {
            const double low = decode(f, code), high = decode(f, code + 1);
            const float tie = (float)((low + high) / 2);
            if (k == 1 && tie == 0) continue; /* below float32's own subnormals */
            assert_true((double)tie == (low + high) / 2);
            const uint32_t sign = code & 1 ? 0x8000 : 0;
            const float signed_tie = sign ? -tie : tie;
            const float away = sign ? -INFINITY : INFINITY;
            assert_int_equal(f->from_float(signed_tie), sign | (code + (code & 1)));
            assert_int_equal(f->from_float(nextafterf(signed_tie, 0)), sign | code);
            assert_int_equal(f->from_float(nextafterf(signed_tie, away)), sign | (code + 1));
        }
        assert_int_equal(f->from_float(0x1.fffffep+127f), f->infinity);
        assert_int_equal(f->from_float(0x1p-149f), 0);
    }
}

/* ---- The oracle in doubles ------------------------------------------------------------------- */

static void assert_same_bits(mpfr_ptr a, mpfr_srcptr b, long bits) {
    if (mpfr_nan_p(b)) {
        assert_true(mpfr_nan_p(a));
        return;
    }
    if (mpfr_equal_p(a, b)) return;
    assert_true(mpfr_number_p(a) && mpfr_number_p(b));
    mpfr_sub(a, a, b, MPFR_RNDN);
    const long place = mpfr_zero_p(b) ? -1100 : mpfr_get_exp(b);
    assert_true(mpfr_zero_p(a) || mpfr_get_exp(a) <= (place < -1100 ? -1100 : place) - bits);
}

/* Twice the precision, and then a smaller step, change nothing within 100 bits. */
static void test_oracle_of_doubles(void **state) {
    static const double inputs[] = {-0x1.6ac5b262ca1ffp+849,
                                    -745.1,
                                    -38.4,
                                    -14.3,
                                    -0.7,
                                    -0x1.8p-1060,
                                    0x1p-1074,
                                    0x1.7p-540,
                                    0x1p-1022,
                                    0.3,
                                    19.9,
                                    37.7,
                                    708.9,
                                    0x1.fffffffffffffp+1023};
    mpfr_t x, r, finer;
    (void)state;
    mpfr_inits2(ORACLE_BITS_F64, x, r, (mpfr_ptr)NULL);
    mpfr_init2(finer, 2 * ORACLE_BITS_F64);
    for (int act = 0; act < CLACT_ACT_COUNT; act++) {
        float params[2];
        default_params((clact_activation)act, params);
        for (size_t i = 0; i < COUNT(inputs); i++) {
            mpfr_set_d(x, inputs[i], MPFR_RNDN);
            oracle_forward(r, (clact_activation)act, params, x);
            oracle_forward(finer, (clact_activation)act, params, x);
            assert_same_bits(r, finer, 100);
            oracle_derivative(r, (clact_activation)act, params, x);
            oracle_derivative_step(finer, (clact_activation)act, params, x, -140);
            assert_same_bits(r, finer, 100);
        }
    }
    mpfr_clears(x, r, finer, (mpfr_ptr)NULL);
}

static void test_ulps_of_formats(void **state) {
    static const struct {
        clact_dtype dtype;
        double got, exact, ulps;
    } cases[] = {
        {CLACT_F16, 1, 1 + 0x1p-11, 0.5},
        {CLACT_F16, 0, 0x1p-25, 0.5},
        {CLACT_F16, INFINITY, 65520, 0.5},
        {CLACT_F16, INFINITY, 0x1p16, 0},
        {CLACT_F16, 65504, 0x1p16, 1},
        {CLACT_F16, -0x1p-14, -0x1p-24, 1023},
        {CLACT_BF16, 1, 1 + 0x1p-8, 0.5},
        {CLACT_BF16, 0, 0x1p-134, 0.5},
        {CLACT_BF16, INFINITY, 0x1.ffp127, 0.5},
        {CLACT_BF16, NAN, NAN, 0},
        {CLACT_F64, 1, 1 + 0x1p-52, 1},
        {CLACT_F64, 0x1p-1074, 0, 1},
        {CLACT_F64, 0x1p-1022, 0x1p-1074, 0x1p52 - 1},
        {CLACT_F64, INFINITY, 0x1.fffffffffffffp1023, 1},
        {CLACT_F64, -INFINITY, INFINITY, INFINITY},
    };
    mpfr_t exact;
    (void)state;
    mpfr_init2(exact, ORACLE_BITS_F64);
    for (size_t i = 0; i < COUNT(cases); i++) {
        mpfr_set_d(exact, cases[i].exact, MPFR_RNDN);
        assert_true(oracle_ulps(cases[i].got, exact, cases[i].dtype) == cases[i].ulps);
    }
    mpfr_set_ui_2exp(exact, 1, 1024, MPFR_RNDN);
    assert_true(oracle_ulps(INFINITY, exact, CLACT_F64) == 0);
    mpfr_clear(exact);
}

/* ---- Samples --------------------------------------------------------------------------------- */

static void test_samples(void **state) {
    (void)state;
    sample_spec spec = {.activation = CLACT_ACT_SINE, .mantissas = 3, .middle = 100};
    static const size_t sizes[] = {4, 2, 2, 8};
    for (int dtype = 0; dtype < 4; dtype++) {
        size_t count = 0, again = 0;
        spec.dtype = (clact_dtype)dtype;
        assert_int_equal(sample_size(spec.dtype), sizes[dtype]);
        void *a = sample_create(&spec, &count), *b = sample_create(&spec, &again);
        assert_true(a && b && count == again);
        assert_memory_equal(a, b, count * sizes[dtype]);
        assert_true(sizes[dtype] == 2 ? count == 65536 : count > 2000);
        bool hardest = dtype != CLACT_F64, least = hardest;
        for (size_t i = 0; i < count && dtype == CLACT_F64; i++) {
            hardest = hardest || ((double *)a)[i] == -0x1.6ac5b262ca1ffp+849;
            least = least || ((double *)a)[i] == -0x1p-1074;
        }
        assert_true(hardest && least);
        free(a);
        free(b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_codes),        cmocka_unit_test(test_half_ties),
        cmocka_unit_test(test_oracle_of_doubles), cmocka_unit_test(test_ulps_of_formats),
        cmocka_unit_test(test_samples),
    };
    return cmocka_run_group_tests_name("oracle", tests, NULL, NULL);
}
