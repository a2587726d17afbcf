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

void oracle_derivative_step(mpfr_ptr r, clact_activation act, const float params[2], mpfr_srcptr x,
                            long step) {
    if (oracle_kink(r, act, params, x)) return;
    long scale = mpfr_zero_p(x) ? -200 : mpfr_get_exp(x) - 1;
    scale = scale < -200 ? -200 : scale > 0 ? 0 : scale;
    mpfr_t h, left, right;
    mpfr_inits2(ORACLE_BITS, h, left, right, (mpfr_ptr)NULL);
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

/* The floats in order: -FLT_MAX at -0x7f7fffff, 0 at 0, FLT_MAX at 0x7f7fffff. */
static float float_of_rank(int32_t rank) {
    const uint32_t bits = rank < 0 ? 0x80000000u | (uint32_t)-rank : (uint32_t)rank;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Rank of the greatest float with f <= y; -0x7f7fffff if there is none. */
static int32_t find_rank(clact_activation act, const float params[2], float y) {
    int32_t low = -0x7f7fffff, high = 0x7f7fffff;
    mpfr_t x, f;
    mpfr_inits2(160, x, f, (mpfr_ptr)NULL);
    while (high - (int64_t)low > 1) {
        const int32_t middle = (int32_t)(((int64_t)low + high) / 2);
        mpfr_set_flt(x, float_of_rank(middle), N);
        oracle_forward(f, act, params, x);
        if (mpfr_nan_p(f) || mpfr_cmp_d(f, (double)y) <= 0)
            low = middle;
        else
            high = middle;
    }
    mpfr_clears(x, f, (mpfr_ptr)NULL);
    return low;
}

static void residual(mpfr_ptr r, clact_activation act, const float params[2], mpfr_srcptr x,
                     float y) {
    oracle_forward(r, act, params, x);
    mpfr_sub_d(r, r, (double)y, N);
}

bool oracle_inverse(mpfr_ptr x, clact_activation act, const float params[2], float y) {
    const int32_t rank = find_rank(act, params, y);
    mpfr_t last, f, f_last, small;
    mpfr_inits2(ORACLE_BITS, last, f, f_last, small, (mpfr_ptr)NULL);
    mpfr_set_d(small, fabs((double)y), N);
    mpfr_div_2ui(small, small, 200, N);
    mpfr_set_flt(last, float_of_rank(rank + 1), N);
    residual(f_last, act, params, last, y);
    mpfr_set_flt(x, float_of_rank(rank), N);
    residual(f, act, params, x, y);
    /* Two neighbouring floats agree with the root in 24 bits; the secant multiplies that by 1.6. */
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

void oracle_expect_forward(mpfr_ptr r, clact_activation act, const float params[2], float x) {
    double limits[4] = {0};
    oracle_limits(act, params, limits);
    if (isfinite(x)) {
        mpfr_t exact;
        mpfr_init2(exact, 24);
        mpfr_set_flt(exact, x, N);
        oracle_forward(r, act, params, exact);
        mpfr_clear(exact);
    } else {
        mpfr_set_d(r, isnan(x) ? NAN : x < 0 ? limits[0] : limits[1], N);
    }
}

/* f' at s, before dy. */
static bool slope_at(mpfr_ptr r, clact_activation act, const float params[2], clact_saved saved,
                     float s) {
    double limits[4] = {0};
    oracle_limits(act, params, limits);
    const double low = saved == CLACT_SAVED_Y ? limits[0] : -INFINITY;
    const double high = saved == CLACT_SAVED_Y ? limits[1] : INFINITY;
    bool found = true;
    mpfr_t x;
    mpfr_init2(x, ORACLE_BITS);
    mpfr_set_flt(x, s, N);
    if (isnan(s))
        mpfr_set_nan(r);
    else if ((double)s == low)
        mpfr_set_d(r, limits[2], N);
    else if ((double)s == high)
        mpfr_set_d(r, limits[3], N);
    else if ((double)s < low || (double)s > high)
        found = false;
    else if (saved == CLACT_SAVED_Y && !oracle_inverse(x, act, params, s))
        found = false;
    else
        oracle_derivative(r, act, params, x);
    mpfr_clear(x);
    return found;
}

bool oracle_expect_backward(mpfr_ptr r, clact_activation act, const float params[2],
                            clact_saved saved, float s, float dy) {
    if (!slope_at(r, act, params, saved, s)) return false;
    if (!mpfr_zero_p(r)) mpfr_mul_d(r, r, (double)dy, N);
    return true;
}

/* ---- Ulps ------------------------------------------------------------------------------------ */

double oracle_ulps(float got, mpfr_srcptr exact) {
    if (isnan(got) || mpfr_nan_p(exact)) return isnan(got) && mpfr_nan_p(exact) ? 0 : INFINITY;
    const double value = isinf(got) ? copysign(0x1p128, (double)got) : (double)got;
    if (isinf(got) && mpfr_cmpabs_ui(exact, 0) && mpfr_sgn(exact) == (got > 0 ? 1 : -1) &&
        (mpfr_inf_p(exact) || mpfr_get_exp(exact) > 128))
        return 0;
    if (mpfr_inf_p(exact)) return INFINITY;
    long exponent = mpfr_zero_p(exact) ? -126 : mpfr_get_exp(exact) - 1;
    exponent = exponent < -126 ? -126 : exponent > 127 ? 127 : exponent;
    mpfr_t difference;
    mpfr_init2(difference, mpfr_get_prec(exact));
    mpfr_sub_d(difference, exact, value, N);
    mpfr_mul_2si(difference, difference, 23 - exponent, N);
    const double ulps = fabs(mpfr_get_d(difference, N));
    mpfr_clear(difference);
    return ulps;
}
