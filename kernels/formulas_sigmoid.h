/* formulas_sigmoid.h: sigmoid, softplus, logsigmoid, tanh, tanhshrink. */
#ifndef FORMULAS_SIGMOID_H
#define FORMULAS_SIGMOID_H

#include "formula_common.h"

/* ---- the sigmoid family: z = |argument|, E = e^-z ---- */

/* scale |x| as a pair for scale > 0 */
FN pair scaled_magnitude(real x, pair scale) {
    real a = clamp_above(magnitude(x), 0x1p100f);
    /* where the exact product would fall into the subnormal range z is as good as 0 */
    pair z = pair_mul_real(scale, a);
    return pair_of(z.h, z.h < 0x1p-60f ? C(0.0f) : z.l);
}

/* a |x| for the parameter a >= 0; where a is known to be 1 it is not bounded by 2^100 */
FN pair argument_of(real x, act_params p) {
    return pair_choose(p.unit, plain(magnitude(x)), scaled_magnitude(x, plain(p.a)));
}

typedef struct logistic {
    exponential e;
    pair m, big_e, d; /* 2^-k E, E, 1 + E */
} logistic;

FN logistic logistic_of(pair z) {
    logistic s;
    s.e = exponential_of(negated(z));
    s.m = mantissa(s.e);
    s.big_e = fine_times_exp2_floor(s.m, s.e.k);
    s.d = fine_onto(C(1.0f), s.big_e);
    return s;
}

/* sigma(+-z) as v 2^k */
FN scaled logistic_value(pair z, ints below) {
    logistic s = logistic_of(clamped(z, FAR));
    pair n = pair_choose(below, s.m, plain(C(1.0f)));
    return scaled_of(quotient(n, s.d), below ? s.e.k : C(0.0f));
}

/* c sigma'(z) = c E / (1 + E)^2 as v 2^k */
FN scaled logistic_slope(pair z, pair c) {
    logistic s = logistic_of(clamped(z, FAR));
    return scaled_of(quotient_by_square(mantissa_times(s.e, c), s.big_e), s.e.k);
}

ACT real act_sigmoid_fwd(real x, act_params p) {
    return unscaled(logistic_value(argument_of(x, p), x < 0.0f));
}
ACT real act_sigmoid_bwd(real x, real dy, act_params p) {
    return times_scaled(logistic_slope(argument_of(x, p), plain(p.a)), dy);
}
/* sigma(-z) with the sign of x: sigma(|x|) is 1 - that */
FN real signed_tail(pair z, real x) {
    return with_sign(unscaled(logistic_value(z, I(-1))), x);
}
/* 2^k c t (1 - t) dy for t in [0, 1], taken apart from its exponent: it may be subnormal, and dy
 * large */
FN real tail_slope(real t, pair c, scalar k, real dy) {
    scaled s = split(t);
    pair d = fine_mul_real(fine_mul(fine_sum(C(1.0f), -t), c), s.v.h);
    return t == 0.0f ? t * dy : times_scaled(scaled_of(d, s.k + k), dy);
}
ACT real act_sigmoid_tail(real x, act_params p) {
    return unless_nan(x, signed_tail(argument_of(x, p), x));
}
ACT real act_sigmoid_bwd_tail(real tail, real dy, act_params p) {
    return unless_nan(tail, tail_slope(magnitude(tail), plain(p.a), 0.0f, dy));
}
ACT real act_sigmoid_bwd_y(real y, real dy, act_params p) {
    return tail_slope(y, plain(p.a), 0.0f, dy);
}

/* log(1 + e^-z) for z >= 0 as v 2^k: 2 atanh(t / 2) with t = 2E / (2 + E) */
FN scaled log1p_exp(pair z) {
    exponential e = exponential_of(negated(clamped(z, FAR)));
    pair m = mantissa(e), d = fine_onto(C(2.0f), fine_times_exp2_floor(m, e.k));
    pair q = quotient(fine_shift(m, C(2.0f)), d); /* 2^-k t */
    real t = times_exp2_floor(q.h, e.k), y = t * t, rest = y * atanh_tail(y);
    pair v = fine_ordered(q.h, fma(q.h, rest, q.l));
    return scaled_of(pair_of(BY_TIER(v.h, fma(q.h, rest, q.h)), LOW(v.l)), e.k);
}

/* max(x, 0) + c log(1 + e^-z), z = |x| / c */
FN real softplus_of(real x, pair z, pair c) {
    scaled g = log1p_exp(z);
    pair v = fine_mul(g.v, c), s = fine_add_real(fine_times_exp2_floor(v, g.k), x);
    real below = unscaled(scaled_of(v, g.k)), above = x > 0x1p60f ? x : s.h + s.l;
    real fast = below + (x > 0.0f ? x : C(0.0f));
    return BY_TIER(x <= 0.0f ? below : above, fast);
}

ACT real act_softplus_fwd(real x, act_params p) {
    return softplus_of(x, argument_of(x, p), p.recip_a);
}
ACT real act_softplus_bwd(real x, real dy, act_params p) {
    return times_scaled(logistic_value(argument_of(x, p), x < 0.0f), dy);
}

/* -(e^z - 1) dy for z <= 0 */
FN real minus_expm1(pair z, real dy) {
    exponential e = exponential_of(negated(clamped(negated(z), BY_TYPE(20.0f, 40.0))));
    pair d = fine_negated(exponential_minus_1(e));
    return magnitude(z.h) < BY_TYPE(0x1p-25f, 0x1p-54) ? -z.h * dy : times(d, dy);
}
ACT real act_softplus_bwd_y(real y, real dy, act_params p) {
    pair z = negated(product(clamp_above(y, 0x1p100f), p.a));
    scaled s = split(y); /* beta y dy for a small y, which may be subnormal */
    real near_0 = times_scaled(scaled_of(fine_product(s.v.h, p.a), s.k), dy);
    near_0 = y == 0.0f ? y * dy : near_0;
    return magnitude(z.h) < BY_TYPE(0x1p-25f, 0x1p-54) ? near_0 : minus_expm1(z, dy);
}

ACT real act_logsigmoid_fwd(real x, act_params p) {
    (void)p;
    return -softplus_of(-x, plain(clamp_above(magnitude(x), 0x1p100f)), plain(C(1.0f)));
}
ACT real act_logsigmoid_bwd(real x, real dy, act_params p) {
    (void)p;
    return times_scaled(logistic_value(plain(magnitude(x)), x > 0.0f), dy);
}
ACT real act_logsigmoid_bwd_y(real y, real dy, act_params p) {
    (void)p;
    return minus_expm1(plain(y), dy);
}

/* ---- tanh ---- */

ACT real act_tanh_fwd(real x, act_params p) {
    pair z = argument_of(x, p), near = tanh_near(z);
    real large = product_rounded(near, plain(p.b));
    real tiny = times_constant(x, fine_product(p.a, p.b));
    return z.h < BY_TYPE(0x1p-13f, 0x1p-28) ? tiny : with_sign(large, x);
}
ACT real act_tanh_bwd(real x, real dy, act_params p) {
    pair z = argument_of(x, p);
    scaled d = logistic_slope(pair_shift(z, C(2.0f)), fine_product(p.a, p.b));
    return times_scaled(scaled_of(d.v, d.k + 2.0f), dy);
}
ACT real act_tanh_tail(real x, act_params p) {
    pair z = pair_shift(argument_of(x, p), C(2.0f));
    return unless_nan(x, signed_tail(z, x));
}
ACT real act_tanh_bwd_tail(real tail, real dy, act_params p) {
    pair c = fine_product(p.a, p.b);
    return unless_nan(tail, tail_slope(magnitude(tail), c, 2.0f, dy));
}
ACT real act_tanh_bwd_y(real y, real dy, act_params p) {
    pair c = fine_mul_real(p.recip_b, p.a);
    pair n = fine_mul(fine_sum(p.b, -y), fine_sum(p.b, y));
    return times(fine_mul(n, c), dy);
}

/* a - tanh(a) = a^3 P(a^2) for a in [0, 1] */
FN pair tanhshrink_near_0(real a) {
    pair a2 = fine_product(a, a);
    pair p = fine_onto(TANHSHRINK_C0_H, fine(a2.h * tanhshrink_tail(a2.h), TANHSHRINK_C0_L));
    return fine_mul(fine_mul_real(a2, a), p);
}

ACT real act_tanhshrink_fwd(real x, act_params p) {
    (void)p;
    real a = magnitude(x);
    /* a - tanh(a) = (a - 1) + 2 E / (1 + E), E = e^-2a */
    logistic s = logistic_of(clamped(plain(2.0f * a), FAR));
    pair t = quotient(fine_shift(s.big_e, C(2.0f)), s.d);
    pair h = fine_add(fine_ordered(a, C(-1.0f)), t);
    real large = h.h + h.l;
    pair near_0 = tanhshrink_near_0(clamp_above(a, 1.0f));
    real medium = near_0.h + near_0.l;
    /* a^3 / 3, the cube kept out of the subnormal range */
    real up = a * BY_TYPE(0x1p40f, 0x1p340);
    pair cube = fine_mul_real(fine_product(up, up), up);
    pair third = fine_mul(cube, PAIR_CONSTANT(THIRD));
    real tiny = unscaled(scaled_of(third, C(BY_TYPE(-120, -1020))));
    real r = a < BY_TYPE(0x1p-14f, 0x1p-29) ? tiny : (a < BY_TIER(0.625f, 1.0f) ? medium : large);
    return with_sign(a > 60.0f ? a - 1.0f : r, x);
}
ACT real act_tanhshrink_bwd(real x, real dy, act_params p) {
    (void)p;
    real a = magnitude(x);
    scaled s = split(a); /* x^2 for a tiny x */
    real c = clamp_above(a, 1.0f);
    pair near_0 = fine_add_real(fine_negated(tanhshrink_near_0(c)), c); /* tanh(a) */
    pair t = pair_choose(a < BY_TIER(0.625f, 1.0f), near_0, tanh_pair(plain(a)));
    ints tiny = a < BY_TYPE(0x1p-14f, 0x1p-29);
    pair v = pair_choose(tiny, fine_product(s.v.h, s.v.h), fine_mul(t, t));
    return times_scaled(scaled_of(v, tiny ? 2.0f * s.k : C(0.0f)), dy);
}

#endif
