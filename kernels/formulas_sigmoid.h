/* formulas_sigmoid.h: sigmoid, softplus, logsigmoid, tanh, tanhshrink. */
#ifndef FORMULAS_SIGMOID_H
#define FORMULAS_SIGMOID_H

#include "formulas_exponential.h"

/* ---- the sigmoid family: z = |argument|, E = e^-z ---- */

/* scale |x| as a pair for scale > 0 */
FN pair scaled_magnitude(real x, pair scale) {
    real a = clamp_above(magnitude(x), 0x1p100f);
    /* where the exact product would fall into the subnormal range z is as good as 0 */
    pair z = pair_mul_real(scale, a);
    return pair_of(z.h, z.h < 0x1p-60f ? C(0.0f) : z.l);
}

typedef struct logistic {
    exponential e;
    pair m, big_e, d; /* 2^-k E, E, 1 + E */
} logistic;

FN logistic logistic_of(pair z) {
    logistic s;
    s.e = exponential_of(negated(z));
    s.m = mantissa(s.e);
    s.big_e = pair_shift(s.m, exp2i_floor(s.e.k));
    s.d = sum_ordered(C(1.0f), s.big_e.h);
    s.d.l += s.big_e.l;
    return s;
}

/* sigma(+-z) as v 2^k */
FN scaled logistic_value(pair z, ints below) {
    logistic s = logistic_of(clamped(z, FAR));
    pair n = pair_choose(below, s.m, pair_of(C(1.0f), C(0.0f)));
    return scaled_of(quotient_rounded(n, s.d, reciprocal_1_2(s.d.h)), below ? s.e.k : I(0));
}

/* c sigma'(z) = c E / (1 + E)^2 as v 2^k */
FN scaled logistic_slope(pair z, pair c) {
    logistic s = logistic_of(clamped(z, FAR));
    real r = reciprocal_1_2(s.d.h);
    pair n = pair_mul(s.m, c);
    return scaled_of(quotient_rounded(n, pair_mul(s.d, s.d), r * r), s.e.k);
}

ACT real act_sigmoid_fwd(real x, act_params p) {
    pair z = scaled_magnitude(x, pair_of(p.a, C(0.0f)));
    return unscaled(logistic_value(z, x < 0.0f));
}
ACT real act_sigmoid_bwd(real x, real dy, act_params p) {
    pair scale = pair_of(p.a, C(0.0f));
    return times_scaled(logistic_slope(scaled_magnitude(x, scale), scale), dy);
}
ACT real act_sigmoid_bwd_y(real y, real dy, act_params p) {
    pair d = pair_mul_real(sum(C(1.0f), -y), p.a);
    return fma(y, d.h, y * d.l) * dy;
}

/* log(1 + e^-z) for z >= 0 as v 2^k with v a pair */
typedef struct scaled_pair {
    pair v;
    ints k;
} scaled_pair;

FN scaled_pair log1p_exp(pair z) {
    exponential e = exponential_of(negated(clamped(z, FAR)));
    pair m = mantissa(e);
    real s = exp2i_floor(e.k), big_e = m.h * s;
    ints high = big_e >= 0.5f; /* log(1 + E) = log 2 + log(1 + (E - 1)/2) there */
    real u = high ? 0.5f * big_e - 0.5f : big_e, w = u * log1p_tail(u);
    real g = fma(-0.7f * big_e, m.l, m.l); /* m.l / (1 + E) to first order */
    pair near_log2 = sum_ordered(C(0x1.62e43p-1f), u);
    real l_high = fma(u, w, near_log2.l + fma(g, s, C(-0x1.05c61p-29f)));
    scaled_pair r;
    r.v = sum_ordered(high ? near_log2.h : m.h, high ? l_high : fma(m.h, w, g));
    r.k = high ? I(0) : e.k;
    return r;
}

/* max(x, 0) + c log(1 + e^-z), z = |x| / c */
FN real softplus_of(real x, pair z, pair c) {
    scaled_pair g = log1p_exp(z);
    pair v = pair_mul(g.v, c), shifted = pair_shift(v, exp2i_floor(g.k)), s = sum(x, shifted.h);
    real below = unscaled(scaled_of(v.h + v.l, g.k));
    real above = x > 0x1p60f ? x : s.h + (s.l + shifted.l);
    return x <= 0.0f ? below : above;
}

ACT real act_softplus_fwd(real x, act_params p) {
    return softplus_of(x, scaled_magnitude(x, pair_of(p.a, C(0.0f))), p.recip_a);
}
ACT real act_softplus_bwd(real x, real dy, act_params p) {
    pair z = scaled_magnitude(x, pair_of(p.a, C(0.0f)));
    return times_scaled(logistic_value(z, x < 0.0f), dy);
}
/* -(e^z - 1) dy for z <= 0 */
FN real minus_expm1(pair z, real dy) {
    pair minus_one = pair_of(C(-1.0f), C(0.0f));
    return expm1_times(z, minus_one) * dy;
}
ACT real act_softplus_bwd_y(real y, real dy, act_params p) {
    pair z = negated(product(clamp_above(y, 0x1p100f), p.a));
    return minus_expm1(pair_of(z.h, z.h > -0x1p-60f ? C(0.0f) : z.l), dy);
}

ACT real act_logsigmoid_fwd(real x, act_params p) {
    (void)p;
    pair z = pair_of(clamp_above(magnitude(x), 0x1p100f), C(0.0f));
    return -softplus_of(-x, z, pair_of(C(1.0f), C(0.0f)));
}
ACT real act_logsigmoid_bwd(real x, real dy, act_params p) {
    (void)p;
    return times_scaled(logistic_value(pair_of(magnitude(x), C(0.0f)), x > 0.0f), dy);
}
ACT real act_logsigmoid_bwd_y(real y, real dy, act_params p) {
    (void)p;
    return minus_expm1(pair_of(y, C(0.0f)), dy);
}

/* ---- tanh ---- */

/* tanh(z) for z in [0, 12] */
FN pair tanh_pair(pair z) {
    pair c = clamped(z, 12.0f);
    pair em = exponential_minus_1(exponential_of(pair_shift(c, C(-2.0f))));
    pair d = sum_ordered(C(2.0f), em.h);
    d.l += em.l;
    return quotient(negated(em), d, reciprocal_1_2(d.h));
}

ACT real act_tanh_fwd(real x, act_params p) {
    pair z = scaled_magnitude(x, pair_of(p.a, C(0.0f)));
    real large = product_rounded(tanh_pair(z), pair_of(p.b, C(0.0f)));
    real tiny = times_constant(x, product(p.a, p.b));
    return z.h < 0x1p-12f ? tiny : with_sign(large, x);
}
ACT real act_tanh_bwd(real x, real dy, act_params p) {
    pair z = scaled_magnitude(x, pair_of(p.a, C(0.0f)));
    scaled d = logistic_slope(pair_shift(z, C(2.0f)), product(p.a, p.b));
    return times_scaled(scaled_of(d.v, d.k + 2), dy);
}
ACT real act_tanh_bwd_y(real y, real dy, act_params p) {
    pair c = pair_mul_real(p.recip_b, p.a);
    pair n = pair_mul(sum(p.b, -y), sum(p.b, y));
    return product_rounded(n, c) * dy;
}

ACT real act_tanhshrink_fwd(real x, act_params p) {
    (void)p;
    real a = magnitude(x);
    /* a - tanh(a) = (a - 1) + 2 E / (1 + E), E = e^-2a */
    logistic s = logistic_of(clamped(pair_of(2.0f * a, C(0.0f)), FAR));
    pair t = quotient(pair_shift(s.big_e, C(2.0f)), s.d, reciprocal_1_2(s.d.h));
    pair b = sum_ordered(a, C(-1.0f)), h = sum(b.h, t.h);
    real large = h.h + (h.l + t.l + b.l);
    /* a^3 P(a^2), P of degree 6, relative error 2^-32 */
    pair a2 = product(a, a);
    real y = a2.h;
    real q = fma(y, fma(y, C(0x1.cc69aap-11f), C(-0x1.b3ed8p-9f)), C(0x1.205cfcp-7f));
    q = fma(y, fma(y, fma(y, q, C(-0x1.662f64p-6f)), C(0x1.ba1ac2p-5f)), C(-0x1.11111p-3f));
    pair pp = sum_ordered(C(0x1.555556p-2f), fma(y, q, C(-0x1.575d6cp-27f)));
    real medium = product_rounded(pair_mul_real(a2, a), pp);
    /* a^3 / 3, the cube kept out of the subnormal range */
    real up = a * 0x1p40f;
    pair cube = pair_mul_real(product(up, up), up);
    pair third = pair_of(C(0x1.555556p-2f), C(-0x1.555556p-27f));
    real tiny = unscaled(scaled_of(product_rounded(cube, third), I(-120)));
    real r = a < 0x1p-14f ? tiny : (a < 0.625f ? medium : large);
    return with_sign(a > 60.0f ? a - 1.0f : r, x);
}
ACT real act_tanhshrink_bwd(real x, real dy, act_params p) {
    (void)p;
    real a = magnitude(x);
    scaled s = split(a); /* x^2 for a tiny x */
    pair t = tanh_pair(pair_of(a, C(0.0f)));
    ints tiny = a < 0x1p-14f;
    real v = tiny ? s.v * s.v : product_rounded(t, t);
    return times_scaled(scaled_of(v, tiny ? 2 * s.k : I(0)), dy);
}

#endif
