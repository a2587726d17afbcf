/* oracle_gradient.c: derivatives, limits and inverses of the oracle's forward formulas, and ulps.
 */
#include "oracle.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define N MPFR_RNDN

/* ---- Kinks and limits: the only values written down ------------------------------------------ */

static bool is_at(mpfr_srcptr x, double place, mpfr_ptr r, double value) {
    if (mpfr_cmp_d(x, place) != 0) return false;
    mpfr_set_d(r, value, N);
    return true;
}

static bool is_at_selu_kink(mpfr_srcptr x, mpfr_ptr r) {
    if (mpfr_sgn(x) != 0) return false;
    mpfr_t alpha;
    mpfr_init2(alpha, mpfr_get_prec(r));
    mpfr_set_str(alpha, "1.6732632423543772848170429916717", 10, N);
    mpfr_set_str(r, "1.0507009873554804934193349852946", 10, N);
    mpfr_mul(r, r, alpha, N);
    mpfr_clear(alpha);
    return true;
}

#define AT(place, value) is_at(x, place, r, value)
#define KINK(ID, answer)                                                                           \
    case CLACT_ACT_##ID:                                                                           \
        return answer

bool oracle_kink(mpfr_ptr r, clact_activation act, const float params[2], mpfr_srcptr x) {
    const double a = (double)params[0], b = (double)params[1];
    switch (act) {
        KINK(RELU, AT(0, 0));
        KINK(LEAKY_RELU, AT(0, a));
        KINK(PRELU, AT(0, a));
        KINK(RELU6, AT(0, 0) || AT(6, 0));
        KINK(HARDTANH, AT(a, 0) || AT(b, 0));
        KINK(THRESHOLD, AT(a, 0));
        KINK(ELU, AT(0, a));
        KINK(SELU, is_at_selu_kink(x, r));
        KINK(HARDSIGMOID, AT(-3, 0) || AT(3, 0));
        KINK(SOFTSHRINK, AT(-a, 0) || AT(a, 0));
        KINK(HARDSHRINK, AT(-a, 0) || AT(a, 0));
        KINK(HARDSWISH, AT(-3, 0) || AT(3, 1));
        KINK(ABS, AT(0, 0));
        KINK(SQRT, AT(0, INFINITY));
        KINK(LOG, AT(0, INFINITY));
        KINK(STEP, AT(0, 0));
    default:
        return false;
    }
}

static void put(double limits[4], double f_minus, double f_plus, double d_minus, double d_plus) {
    limits[0] = f_minus;
    limits[1] = f_plus;
    limits[2] = d_minus;
    limits[3] = d_plus;
}

/* slope * -inf as a limit: 0 for slope 0. */
static double times_minus_infinity(double slope) {
    return slope > 0 ? -INFINITY : slope < 0 ? INFINITY : 0;
}

#define INF INFINITY
#define LIMITS(ID, f_minus, f_plus, d_minus, d_plus)                                               \
    case CLACT_ACT_##ID:                                                                           \
        put(limits, f_minus, f_plus, d_minus, d_plus);                                             \
        break

void oracle_limits(clact_activation act, const float params[2], double limits[4]) {
    const double a = (double)params[0], b = (double)params[1];
    const double lambda = 1.0507009873554804934, lambda_alpha = 1.7580993408473768599;
    switch (act) {
        /*  f(-inf), f(+inf), f'(-inf), f'(+inf) */
        LIMITS(IDENTITY, -INF, INF, 1, 1);
        LIMITS(RELU, 0, INF, 0, 1);
        LIMITS(LEAKY_RELU, times_minus_infinity(a), INF, a, 1);
        LIMITS(PRELU, times_minus_infinity(a), INF, a, 1);
        LIMITS(RELU6, 0, 6, 0, 0);
        LIMITS(RELU_SQUARED, 0, INF, 0, INF);
        LIMITS(HARDTANH, a, b, 0, 0);
        LIMITS(THRESHOLD, b, INF, 0, 1);
        LIMITS(ELU, 0 - a, INF, 0, 1);
        LIMITS(SELU, -lambda_alpha, INF, 0, lambda);
        LIMITS(CELU, 0 - a, INF, 0, 1);
        LIMITS(SIGMOID, 0, 1, 0, 0);
        LIMITS(LOGSIGMOID, -INF, 0, 1, 0);
        LIMITS(HARDSIGMOID, 0, 1, 0, 0);
        LIMITS(TANH, -b, b, 0, 0);
        LIMITS(TANHSHRINK, -INF, INF, 1, 1);
        LIMITS(SOFTPLUS, 0, INF, 0, 1);
        LIMITS(SOFTSIGN, -1, 1, 0, 0);
        LIMITS(SOFTSHRINK, -INF, INF, 1, 1);
        LIMITS(HARDSHRINK, -INF, INF, 1, 1);
        LIMITS(SILU, -0.0, INF, 0, 1);
        LIMITS(SWISH, a > 0 ? -0.0 : -INF, INF, a > 0 ? 0 : 0.5, a > 0 ? 1 : 0.5);
        LIMITS(QUICK_GELU, -0.0, INF, 0, 1);
        LIMITS(HARDSWISH, 0, INF, 0, 1);
        LIMITS(GELU, -0.0, INF, 0, 1);
        LIMITS(GELU_TANH, -0.0, INF, 0, 1);
        LIMITS(MISH, -0.0, INF, 0, 1);
        LIMITS(EXP, 0, INF, 0, INF);
        LIMITS(SQUARE, INF, INF, -INF, INF);
        LIMITS(ABS, INF, INF, -1, 1);
        LIMITS(SQRT, NAN, INF, NAN, 0);
        LIMITS(LOG, NAN, INF, NAN, 0);
        LIMITS(GAUSSIAN, 0, 0, 0, 0);
        LIMITS(SINE, NAN, NAN, NAN, NAN);
        LIMITS(SNAKE, -INF, INF, NAN, NAN);
        LIMITS(STEP, 0, 1, 0, 0);
        LIMITS(COUNT, NAN, NAN, NAN, NAN);
    }
}

/* ---- Derivative ------------------------------------------------------------------------------ */

/* Least binary logarithm of the length that the step is relative to, at a precision. For a function
 * near 1 with a slope like x (a Gaussian), precision - 100 + 2 log2(x) bits of the quotient are
 * right: more than 100 of them for every float with 512 bits, for every double with 2400. */
static long least_scale(mpfr_prec_t precision) {
    const long least = -((long)precision - 112) / 2;
    return least < -1100 ? -1100 : least;
}

void oracle_derivative_step(mpfr_ptr r, clact_activation act, const float params[2], mpfr_srcptr x,
                            long step) {
    if (oracle_kink(r, act, params, x)) return;
    const long least = least_scale(mpfr_get_prec(r));
    long scale = mpfr_zero_p(x) ? least : mpfr_get_exp(x) - 1;
    scale = scale < least ? least : scale > 0 ? 0 : scale;
    mpfr_t h, left, right;
    mpfr_inits2(mpfr_get_prec(r), h, left, right, (mpfr_ptr)NULL);
    mpfr_set_ui_2exp(h, 1, scale + step, N);
    mpfr_sub(r, x, h, N);
    oracle_forward(left, act, params, r);
    mpfr_add(r, x, h, N);
    oracle_forward(right, act, params, r);
    if (mpfr_inf_p(right)) { /* beyond MPFR's range: e^x for a huge x */
        mpfr_set(r, right, N);
    } else {
        mpfr_sub(r, right, left, N);
        mpfr_div(r, r, h, N);
        mpfr_div_2ui(r, r, 1, N);
    }
    mpfr_clears(h, left, right, (mpfr_ptr)NULL);
}

void oracle_derivative(mpfr_ptr r, clact_activation act, const float params[2], mpfr_srcptr x) {
    oracle_derivative_step(r, act, params, x, -100);
}

/* ---- Inverse --------------------------------------------------------------------------------- */

#define GREATEST_RANK INT64_C(0x7fefffffffffffff)
#define LEAST_NORMAL  INT64_C(0x0010000000000000)

/* The doubles in order: -DBL_MAX at -GREATEST_RANK, 0 at 0, DBL_MAX at GREATEST_RANK. */
static double double_of_rank(int64_t rank) {
    const uint64_t bits = rank < 0 ? UINT64_C(1) << 63 | (uint64_t)-rank : (uint64_t)rank;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Whether the doubles of these ranks, low < high, agree in 24 bits; subnormals must be neighbours.
 */
static bool are_near(int64_t low, int64_t high) {
    const uint64_t steps = (uint64_t)high - (uint64_t)low;
    if (steps <= 1) return true;
    return (low >= LEAST_NORMAL || high <= -LEAST_NORMAL) && steps <= UINT64_C(1) << 29;
}

/* Doubles low < high near each other, f(low) <= y < f(high) where that is possible. */
static void find_bracket(clact_activation act, const float params[2], double y, double bracket[2]) {
    int64_t low = -GREATEST_RANK, high = GREATEST_RANK;
    mpfr_t x, f;
    mpfr_init2(x, 53);
    mpfr_init2(f, 160);
    while (!are_near(low, high)) {
        const int64_t middle = low < 0 && high > 0 ? (low + high) / 2 : low + (high - low) / 2;
        mpfr_set_d(x, double_of_rank(middle), N);
        oracle_forward(f, act, params, x);
        if (mpfr_nan_p(f) || mpfr_cmp_d(f, y) <= 0)
            low = middle;
        else
            high = middle;
    }
    bracket[0] = double_of_rank(low);
    bracket[1] = double_of_rank(high);
    mpfr_clears(x, f, (mpfr_ptr)NULL);
}

static void residual(mpfr_ptr r, clact_activation act, const float params[2], mpfr_srcptr x,
                     double y) {
    oracle_forward(r, act, params, x);
    mpfr_sub_d(r, r, y, N);
}

bool oracle_inverse(mpfr_ptr x, clact_activation act, const float params[2], double y) {
    double bracket[2];
    find_bracket(act, params, y, bracket);
    mpfr_t last, f, f_last, small;
    mpfr_inits2(mpfr_get_prec(x), last, f, f_last, small, (mpfr_ptr)NULL);
    mpfr_set_d(small, fabs(y), N);
    mpfr_div_2ui(small, small, 200, N);
    mpfr_set_d(last, bracket[1], N);
    residual(f_last, act, params, last, y);
    mpfr_set_d(x, bracket[0], N);
    residual(f, act, params, x, y);
    /* Both ends agree with the root in 24 bits; the secant multiplies that by 1.6. */
    for (int i = 0; i < 20 && mpfr_cmpabs(f, small) > 0; i++) {
        mpfr_sub(last, x, last, N);
        mpfr_sub(f_last, f, f_last, N);
        mpfr_div(last, last, f_last, N);
        mpfr_mul(last, last, f, N);
        mpfr_sub(last, x, last, N);
        mpfr_swap(x, last);
        mpfr_set(f_last, f, N);
        residual(f, act, params, x, y);
    }
    const bool found = mpfr_number_p(x) && mpfr_number_p(f) && mpfr_cmpabs(f, small) <= 0;
    mpfr_clears(last, f, f_last, small, (mpfr_ptr)NULL);
    return found;
}

/* ---- Expectations ---------------------------------------------------------------------------- */

void oracle_expect_forward(mpfr_ptr r, clact_activation act, const float params[2], double x) {
    double limits[4] = {0};
    oracle_limits(act, params, limits);
    if (isfinite(x)) {
        mpfr_t exact;
        mpfr_init2(exact, 53);
        mpfr_set_d(exact, x, N);
        oracle_forward(r, act, params, exact);
        mpfr_clear(exact);
    } else {
        mpfr_set_d(r, isnan(x) ? NAN : x < 0 ? limits[0] : limits[1], N);
    }
}

/* Whether an x is 0 or does not round to 0 where arithmetic is dtype's. */
static bool can_be_input(mpfr_srcptr x, clact_dtype dtype) {
    return mpfr_zero_p(x) || mpfr_get_exp(x) >= (dtype == CLACT_F64 ? -1074 : -149);
}

/* f' at s, before dy. */
static bool slope_at(mpfr_ptr r, clact_activation act, const float params[2], clact_saved saved,
                     double s, clact_dtype dtype) {
    double limits[4] = {0};
    oracle_limits(act, params, limits);
    /* selu's lower limit is no double: a y there is a value of f, or none */
    const bool low_is_exact = act != CLACT_ACT_SELU;
    const double low = saved == CLACT_SAVED_Y ? limits[0] : -INFINITY;
    const double high = saved == CLACT_SAVED_Y ? limits[1] : INFINITY;
    bool found = true;
    mpfr_t x;
    mpfr_init2(x, mpfr_get_prec(r));
    mpfr_set_d(x, s, N);
    if (isnan(s))
        mpfr_set_nan(r);
    else if (s == low && low_is_exact)
        mpfr_set_d(r, limits[2], N);
    else if (s == high)
        mpfr_set_d(r, limits[3], N);
    else if (s < low || s > high)
        found = false;
    else if (saved == CLACT_SAVED_Y &&
             !(oracle_inverse(x, act, params, s) && can_be_input(x, dtype)))
        found = false;
    else
        oracle_derivative(r, act, params, x);
    mpfr_clear(x);
    return found;
}

bool oracle_expect_backward(mpfr_ptr r, clact_activation act, const float params[2],
                            clact_saved saved, double s, double dy, clact_dtype dtype) {
    if (!slope_at(r, act, params, saved, s, dtype)) return false;
    if (!mpfr_zero_p(r)) mpfr_mul_d(r, r, dy, N);
    return true;
}

/* ---- Ulps ------------------------------------------------------------------------------------ */

/* Bits of the significand, exponents of the least and the greatest normal power of two. */
static const struct {
    long bits, least, greatest;
} formats[] = {
    [CLACT_F32] = {24, -126, 127},
    [CLACT_F16] = {11, -14, 15},
    [CLACT_BF16] = {8, -126, 127},
    [CLACT_F64] = {53, -1022, 1023},
};

double oracle_ulps(double got, mpfr_srcptr exact, clact_dtype dtype) {
    const long bits = formats[dtype].bits, greatest = formats[dtype].greatest;
    const long least = formats[dtype].least;
    if (isnan(got) || mpfr_nan_p(exact)) return isnan(got) && mpfr_nan_p(exact) ? 0 : INFINITY;
    if (isinf(got) && mpfr_cmpabs_ui(exact, 0) && mpfr_sgn(exact) == (got > 0 ? 1 : -1) &&
        (mpfr_inf_p(exact) || mpfr_get_exp(exact) > greatest + 1))
        return 0;
    if (mpfr_inf_p(exact)) return INFINITY;
    long exponent = mpfr_zero_p(exact) ? least : mpfr_get_exp(exact) - 1;
    exponent = exponent < least ? least : exponent > greatest ? greatest : exponent;
    mpfr_t value, difference;
    mpfr_init2(value, 53);
    mpfr_init2(difference, mpfr_get_prec(exact));
    mpfr_set_d(value, got, N);
    if (isinf(got)) mpfr_set_si_2exp(value, got > 0 ? 1 : -1, greatest + 1, N);
    mpfr_sub(difference, exact, value, N);
    mpfr_mul_2si(difference, difference, bits - 1 - exponent, N);
    const double ulps = fabs(mpfr_get_d(difference, N));
    mpfr_clears(value, difference, (mpfr_ptr)NULL);
    return ulps;
}
