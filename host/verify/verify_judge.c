/* verify_judge.c: one result against the oracle, and results added up. */
#include "verify_judge.h"
#include "oracle.h"

#include <math.h>

bool judge_follows_sign(const verify_case *c) {
    const float a = c->params[0];
    switch (c->activation) {
    case CLACT_ACT_LEAKY_RELU:
    case CLACT_ACT_PRELU:
    case CLACT_ACT_ELU:
        return a > 0;
    case CLACT_ACT_HARDTANH:
        return a < 0 && c->params[1] > 0;
    case CLACT_ACT_IDENTITY:
    case CLACT_ACT_SELU:
    case CLACT_ACT_CELU:
    case CLACT_ACT_TANH:
    case CLACT_ACT_TANHSHRINK:
    case CLACT_ACT_SOFTSIGN:
    case CLACT_ACT_SILU:
    case CLACT_ACT_SWISH:
    case CLACT_ACT_QUICK_GELU:
    case CLACT_ACT_HARDSWISH:
    case CLACT_ACT_GELU:
    case CLACT_ACT_GELU_TANH:
    case CLACT_ACT_MISH:
    case CLACT_ACT_SQRT:
    case CLACT_ACT_SINE:
    case CLACT_ACT_SNAKE:
        return true;
    default:
        return false;
    }
}

static bool sign_is_wrong(const verify_case *c, double input, double got, mpfr_srcptr want) {
    if (c->backward || got != 0) return false;
    if (isinf(input)) return mpfr_zero_p(want) && mpfr_signbit(want) && !signbit(got);
    if (input != 0 && mpfr_zero_p(want)) return false;
    return judge_follows_sign(c) && !signbit(got) != !signbit(input);
}

/* The ulps of what a point's error is beyond an absolute floor */
static double beyond_floor(const verify_point *p, double floor) {
    const double error = fabs(p->got - p->exact);
    if (!(floor > 0) || !isfinite(error)) return p->ulps;
    return error <= floor ? 0 : p->ulps * (1 - floor / error);
}

bool judge_point(const verify_case *c, verify_point *p) {
    bool promised = true;
    mpfr_t want;
    mpfr_init2(want, c->dtype == CLACT_F64 ? ORACLE_BITS_F64 : ORACLE_BITS);
    if (c->backward)
        promised = oracle_expect_backward(want, c->activation, c->params, c->saved, p->input, p->dy,
                                          c->dtype);
    else
        oracle_expect_forward(want, c->activation, c->params, p->input);
    if (promised) {
        p->exact = mpfr_get_d(want, MPFR_RNDN);
        p->ulps = oracle_ulps(p->got, want, c->dtype);
        p->ulps = beyond_floor(p, c->floor * fabs(p->dy));
        p->wrong_sign = sign_is_wrong(c, p->input, p->got, want);
    }
    mpfr_clear(want);
    return promised;
}

/* ---- Sums ------------------------------------------------------------------------------------ */

void judge_worst(verify_result *result, const verify_point *p, bool first) {
    const verify_point *w = &result->worst;
    if (first || p->ulps > w->ulps || (p->ulps == w->ulps && p->index < w->index))
        result->worst = *p;
}

/* Inserts p by its index; the last falls out. */
static void show(verify_result *result, const verify_point *p) {
    unsigned place = result->shown;
    while (place > 0 && result->failed[place - 1].index > p->index)
        place--;
    if (place == VERIFY_SHOWN) return;
    if (result->shown < VERIFY_SHOWN) result->shown++;
    for (unsigned i = result->shown - 1; i > place; i--)
        result->failed[i] = result->failed[i - 1];
    result->failed[place] = *p;
}

void judge_failure(verify_result *result, const verify_point *p) {
    result->failures++;
    result->wrong_signs += p->wrong_sign;
    result->wrong_nans += isnan(p->got) != isnan(p->exact);
    show(result, p);
}

void judge_count(verify_result *result, const verify_point *p, double bound) {
    judge_worst(result, p, result->promised++ == 0);
    if (!(p->ulps <= bound) || p->wrong_sign) judge_failure(result, p);
}

void judge_merge(verify_result *whole, const verify_result *part) {
    if (part->promised > 0) judge_worst(whole, &part->worst, whole->promised == 0);
    whole->inputs += part->inputs;
    whole->promised += part->promised;
    whole->failures += part->failures;
    whole->wrong_signs += part->wrong_signs;
    whole->wrong_nans += part->wrong_nans;
    whole->checksum += part->checksum;
    for (unsigned i = 0; i < part->shown; i++)
        show(whole, &part->failed[i]);
}
