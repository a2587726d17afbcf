/* oracle.c: the textbook formula of every activation in MPFR. */
#include "oracle.h"

#include <math.h>

#define N MPFR_RNDN

/* A formula's parameters (a and b of the table) and scratch at the precision of its result. */
struct work {
    double a, b;
    mpfr_t t, u;
};

#define FORMULA(name)                                                                              \
    static void forward_##name(mpfr_ptr r, mpfr_srcptr x, struct work *w __attribute__((unused)))

static void clamp(mpfr_ptr r, mpfr_srcptr x, double least, double greatest) {
    mpfr_set(r, x, N);
    if (mpfr_cmp_d(r, least) < 0) mpfr_set_d(r, least, N);
    if (mpfr_cmp_d(r, greatest) > 0) mpfr_set_d(r, greatest, N);
}

/* r = 1 / (1 + e^-z); r may be z. e^-z may overflow MPFR's range: the quotient is then 0. */
static void logistic(mpfr_ptr r, mpfr_srcptr z) {
    mpfr_neg(r, z, N);
    mpfr_exp(r, r, N);
    mpfr_add_ui(r, r, 1, N);
    mpfr_ui_div(r, 1, r, N);
}

/* r = log(1 + e^z) = max(z, 0) + log(1 + e^-|z|); r may be z. */
static void log_of_one_plus_exp(mpfr_ptr r, mpfr_srcptr z, struct work *w) {
    mpfr_abs(w->t, z, N);
    mpfr_neg(w->t, w->t, N);
    mpfr_exp(w->t, w->t, N);
    mpfr_log1p(w->t, w->t, N);
    clamp(r, z, 0, INFINITY);
    mpfr_add(r, r, w->t, N);
}

/* r = (1 + erf(x / sqrt 2)) / 2 = 1/2 + e^(-x^2 / 2) / sqrt(2 pi) (x + x^3 / 3 + x^5 / 15 + ...),
 * Abramowitz and Stegun 26.2.11. The tail is e^(-x^2 / 2) and less: at negative x as many bits are
 * added as cancel, and beyond -41, where it is below 2^-1200, it is taken as 0: nothing a double or
 * a double's ulp can show. At positive x it is dropped where r cannot hold it. */
static void normal_cdf(mpfr_ptr r, mpfr_srcptr x) {
    const double length = mpfr_cmpabs_ui(x, 41) > 0 ? 41 : fabs(mpfr_get_d(x, N));
    const mpfr_prec_t tail = (mpfr_prec_t)(0.7214 * length * length); /* log2(e) / 2 */
    if (mpfr_cmpabs_ui(x, 41) > 0 || (mpfr_sgn(x) > 0 && tail > mpfr_get_prec(r) + 16)) {
        mpfr_set_ui(r, mpfr_sgn(x) > 0, N);
        return;
    }
    const mpfr_prec_t bits = mpfr_get_prec(r) + 64 + (mpfr_sgn(x) < 0 ? tail : 0);
    mpfr_t square, term, sum;
    mpfr_inits2(bits, square, term, sum, (mpfr_ptr)NULL);
    mpfr_sqr(square, x, N);
    mpfr_set(term, x, N);
    mpfr_set(sum, x, N);
    for (unsigned long odd = 3; !mpfr_zero_p(term); odd += 2) {
        mpfr_mul(term, term, square, N);
        mpfr_div_ui(term, term, odd, N);
        mpfr_add(sum, sum, term, N);
        if (mpfr_get_exp(term) < mpfr_get_exp(sum) - bits) break;
    }
    mpfr_div_si(square, square, -2, N);
    mpfr_exp(square, square, N);
    mpfr_mul(sum, sum, square, N);
    mpfr_const_pi(term, N);
    mpfr_mul_ui(term, term, 2, N);
    mpfr_sqrt(term, term, N);
    mpfr_div(sum, sum, term, N);
    mpfr_add_d(sum, sum, 0.5, N);
    mpfr_set(r, sum, N);
    mpfr_clears(square, term, sum, (mpfr_ptr)NULL);
}

static void set_selu_lambda(mpfr_ptr r) {
    mpfr_set_str(r, "1.0507009873554804934193349852946", 10, N);
}

static void set_selu_alpha(mpfr_ptr r) {
    mpfr_set_str(r, "1.6732632423543772848170429916717", 10, N);
}

FORMULA(identity) {
    mpfr_set(r, x, N);
}

FORMULA(relu) {
    clamp(r, x, 0, INFINITY);
}

FORMULA(leaky_relu) {
    mpfr_mul_d(r, x, mpfr_sgn(x) > 0 ? 1 : w->a, N);
}

FORMULA(prelu) {
    mpfr_mul_d(r, x, mpfr_sgn(x) > 0 ? 1 : w->a, N);
}

FORMULA(relu6) {
    clamp(r, x, 0, 6);
}

FORMULA(relu_squared) {
    clamp(r, x, 0, INFINITY);
    mpfr_sqr(r, r, N);
}

FORMULA(hardtanh) {
    clamp(r, x, w->a, w->b);
}

FORMULA(threshold) {
    if (mpfr_cmp_d(x, w->a) > 0)
        mpfr_set(r, x, N);
    else
        mpfr_set_d(r, w->b, N);
}

FORMULA(elu) {
    mpfr_expm1(r, x, N);
    mpfr_mul_d(r, r, w->a, N);
    if (mpfr_sgn(x) > 0) mpfr_set(r, x, N);
}

FORMULA(selu) {
    set_selu_alpha(w->t);
    mpfr_expm1(r, x, N);
    mpfr_mul(r, r, w->t, N);
    if (mpfr_sgn(x) > 0) mpfr_set(r, x, N);
    set_selu_lambda(w->t);
    mpfr_mul(r, r, w->t, N);
}

FORMULA(celu) {
    mpfr_div_d(r, x, w->a, N);
    mpfr_expm1(r, r, N);
    mpfr_mul_d(r, r, w->a, N);
    if (mpfr_sgn(x) > 0) mpfr_set(r, x, N);
}

FORMULA(sigmoid) {
    mpfr_mul_d(r, x, w->a, N);
    logistic(r, r);
}

FORMULA(logsigmoid) {
    mpfr_neg(r, x, N);
    log_of_one_plus_exp(r, r, w);
    mpfr_neg(r, r, N);
}

FORMULA(hardsigmoid) {
    mpfr_add_ui(w->t, x, 3, N);
    clamp(r, w->t, 0, 6);
    mpfr_div_ui(r, r, 6, N);
}

FORMULA(tanh) {
    mpfr_mul_d(r, x, w->a, N);
    mpfr_tanh(r, r, N);
    mpfr_mul_d(r, r, w->b, N);
}

FORMULA(tanhshrink) {
    mpfr_tanh(r, x, N);
    mpfr_sub(r, x, r, N);
}

FORMULA(softplus) {
    mpfr_mul_d(r, x, w->a, N);
    log_of_one_plus_exp(r, r, w);
    mpfr_div_d(r, r, w->a, N);
}

FORMULA(softsign) {
    mpfr_abs(r, x, N);
    mpfr_add_ui(r, r, 1, N);
    mpfr_div(r, x, r, N);
}

FORMULA(softshrink) {
    clamp(w->t, x, -w->a, w->a);
    mpfr_sub(r, x, w->t, N);
}

FORMULA(hardshrink) {
    if (mpfr_cmp_d(x, w->a) > 0 || mpfr_cmp_d(x, -w->a) < 0)
        mpfr_set(r, x, N);
    else
        mpfr_set_zero(r, 1);
}

FORMULA(silu) {
    logistic(r, x);
    mpfr_mul(r, r, x, N);
}

FORMULA(swish) {
    mpfr_mul_d(r, x, w->a, N);
    logistic(r, r);
    mpfr_mul(r, r, x, N);
}

FORMULA(quick_gelu) {
    mpfr_set_str(r, "1.702", 10, N);
    mpfr_mul(r, r, x, N);
    logistic(r, r);
    mpfr_mul(r, r, x, N);
}

FORMULA(hardswish) {
    mpfr_add_ui(w->t, x, 3, N);
    clamp(r, w->t, 0, 6);
    mpfr_mul(r, r, x, N);
    mpfr_div_ui(r, r, 6, N);
}

FORMULA(gelu) {
    normal_cdf(r, x);
    mpfr_mul(r, r, x, N);
}

FORMULA(gelu_tanh) {
    mpfr_set_str(w->t, "0.044715", 10, N);
    mpfr_mul(w->t, w->t, x, N);
    mpfr_mul(w->t, w->t, x, N);
    mpfr_mul(w->t, w->t, x, N);
    mpfr_add(w->t, w->t, x, N);
    mpfr_const_pi(w->u, N);
    mpfr_ui_div(w->u, 2, w->u, N);
    mpfr_sqrt(w->u, w->u, N);
    mpfr_mul(w->t, w->t, w->u, N);
    mpfr_tanh(w->t, w->t, N);
    mpfr_add_ui(w->t, w->t, 1, N);
    mpfr_mul(r, w->t, x, N);
    mpfr_div_ui(r, r, 2, N);
}

FORMULA(mish) {
    log_of_one_plus_exp(r, x, w);
    mpfr_tanh(r, r, N);
    mpfr_mul(r, r, x, N);
}

FORMULA(exp) {
    mpfr_exp(r, x, N);
}

FORMULA(square) {
    mpfr_sqr(r, x, N);
}

FORMULA(abs) {
    mpfr_abs(r, x, N);
}

FORMULA(sqrt) {
    mpfr_sqrt(r, x, N);
}

FORMULA(log) {
    mpfr_log(r, x, N);
}

FORMULA(gaussian) {
    mpfr_sqr(r, x, N);
    mpfr_neg(r, r, N);
    mpfr_exp(r, r, N);
}

FORMULA(sine) {
    mpfr_sin(r, x, N);
}

FORMULA(snake) {
    mpfr_mul_d(r, x, w->a, N);
    mpfr_sin(r, r, N);
    mpfr_sqr(r, r, N);
    mpfr_div_d(r, r, w->a, N);
    mpfr_add(r, r, x, N);
}

FORMULA(step) {
    mpfr_set_ui(r, mpfr_sgn(x) >= 0, N);
}

typedef void formula(mpfr_ptr r, mpfr_srcptr x, struct work *w);

static formula *const formulas[CLACT_ACT_COUNT] = {
#define ACTIVATION(ID, name, ...) [CLACT_ACT_##ID] = forward_##name,
#include "clact/activations.def"
};

void oracle_forward(mpfr_ptr r, clact_activation act, const float params[2], mpfr_srcptr x) {
    struct work w = {.a = (double)params[0], .b = (double)params[1]};
    mpfr_inits2(mpfr_get_prec(r), w.t, w.u, (mpfr_ptr)NULL);
    formulas[act](r, x, &w);
    mpfr_clears(w.t, w.u, (mpfr_ptr)NULL);
}
