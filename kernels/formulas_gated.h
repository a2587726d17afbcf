/* formulas_gated.h: x times a sigmoid or a distribution: silu, swish, gelu, mish. */
#ifndef FORMULAS_GATED_H
#define FORMULAS_GATED_H

#include "formulas_sigmoid.h"

/* ---- x times a sigmoid ---- */

/* x sigma(+-z), where the argument of sigma has the sign of x; |x| <= 10^6 z or z = 0 */
FN real gated(real x, pair z) {
    ints below = x < 0.0f;
    logistic s = logistic_of(clamped(z, FAR));
    /* half of a positive x keeps clear of overflow */
    pair n = pair_choose(below, pair_mul_real(s.m, x), pair_of(0.5f * x, C(0.0f)));
    real q = quotient_rounded(n, s.d, reciprocal_1_2(s.d.h));
    real y = unscaled(scaled_of(q, below ? s.e.k : I(1)));
    y = z.h > 130.0f ? (below ? C(-0.0f) : x) : y; /* sigma is 1, or x sigma under 2^-150 */
    return ((magnitude(x) < 0x1p-60f) | (z.h == 0.0f)) ? 0.5f * x : y;
}

/* Derivative of u sigma(u) for u = +-z: zero at u = -1.27846 */
FN scaled gated_slope(pair z, ints below) {
    logistic s = logistic_of(clamped(z, FAR));
    pair c = clamped(z, FAR);
    real r = reciprocal_1_2(s.d.h);
    /* g = E ((1 - z) + E) / (1 + E)^2 */
    pair one_minus = sum(C(1.0f), -c.h);
    one_minus.l -= c.l;
    pair n = pair_mul(s.m, normalized(pair_add(one_minus, s.big_e)));
    scaled g = scaled_of(quotient_rounded(n, pair_mul(s.d, s.d), r * r), s.e.k);
    /* near the zero u0: (u - u0) P(u - u0), relative error 2^-32 */
    real h = C(0x1.474974p+0f) - c.h;
    pair u = sum_ordered(h, -c.l - 0x1.bdf6fap-27f);
    real q = fma(u.h, fma(u.h, C(-0x1.b09eb4p-8f), C(-0x1.f2c59cp-7f)), C(0x1.353eacp-6f));
    q = fma(u.h, q, C(0x1.2c5634p-3f));
    pair zone_p = sum_ordered(C(0x1.be141p-3f), fma(u.h, q, C(0x1.186fep-29f)));
    real zone = product_rounded(u, zone_p);
    ints near_zero = below & (magnitude(h) < 0.0625f);
    real v = below ? g.v : 1.0f - unscaled(g);
    return scaled_of(near_zero ? zone : v, (below & !near_zero) ? g.k : I(0));
}

ACT real act_silu_fwd(real x, act_params p) {
    (void)p;
    return gated(x, pair_of(magnitude(x), C(0.0f)));
}
ACT real act_silu_bwd(real x, real dy, act_params p) {
    (void)p;
    return times_scaled(gated_slope(pair_of(magnitude(x), C(0.0f)), x < 0.0f), dy);
}

ACT real act_swish_fwd(real x, act_params p) {
    return gated(x, scaled_magnitude(x, pair_of(p.a, C(0.0f))));
}
ACT real act_swish_bwd(real x, real dy, act_params p) {
    pair z = scaled_magnitude(x, pair_of(p.a, C(0.0f)));
    return times_scaled(gated_slope(z, x < 0.0f), dy);
}

#define QUICK_GELU_BETA pair_of(C(0x1.b3b646p+0f), C(-0x1.78d4fep-26f)) /* 1.702 */

ACT real act_quick_gelu_fwd(real x, act_params p) {
    (void)p;
    return gated(x, scaled_magnitude(x, QUICK_GELU_BETA));
}
ACT real act_quick_gelu_bwd(real x, real dy, act_params p) {
    (void)p;
    return times_scaled(gated_slope(scaled_magnitude(x, QUICK_GELU_BETA), x < 0.0f), dy);
}

/* gelu_tanh(x) = x sigma(2u), 2u = x (c1 + c3 x^2), c1 = 2 sqrt(2/pi), c3 = 0.044715 c1 */
#define GELU_TANH_C1 pair_of(C(0x1.988454p+0f), C(-0x1.857936p-25f))
#define GELU_TANH_C3 pair_of(C(0x1.2444f2p-4f), C(0x1.49b16ap-29f))

ACT real act_gelu_tanh_fwd(real x, act_params p) {
    (void)p;
    real a = clamp_above(magnitude(x), 11.25f);
    pair c = GELU_TANH_C1, cubic = pair_mul(product(a, a), GELU_TANH_C3);
    real y = gated(with_sign(a, x), pair_mul_real(normalized(pair_add(c, cubic)), a));
    return x > 11.25f ? x : y;
}
ACT real act_gelu_tanh_bwd(real x, real dy, act_params p) {
    (void)p;
    ints below = x < 0.0f;
    real a = clamp_above(magnitude(x), 14.0f);
    pair c = GELU_TANH_C1, cubic = pair_mul(product(a, a), GELU_TANH_C3);
    pair z1 = normalized(pair_add(c, cubic));                                        /* z / a */
    pair w = pair_mul_real(normalized(pair_add(z1, pair_shift(cubic, C(2.0f)))), a); /* a z' */
    logistic s = logistic_of(pair_mul_real(z1, a));
    real r = reciprocal_1_2(s.d.h);
    pair n = normalized(pair_add(pair_add_real(negated(w), C(1.0f)), s.big_e));
    scaled g = scaled_of(quotient_rounded(pair_mul(s.m, n), pair_mul(s.d, s.d), r * r), s.e.k);
    /* near the zero: degree 5, relative error 2^-31.6 */
    real h = x + 0x1.8142ap-1f;
    real q = fma(h, fma(h, C(0x1.1f2878p-6f), C(-0x1.0fce44p-6f)), C(-0x1.d2ac5ap-4f));
    q = fma(h, fma(h, q, C(-0x1.029644p-6f)), C(0x1.8cd1a2p-2f));
    pair zone_p = sum_ordered(C(0x1.b8bacep-2f), fma(h, q, C(-0x1.a67bdp-27f)));
    real zone = product_rounded(pair_of(h, C(-0x1.85a06cp-27f)), zone_p);
    ints near_zero = magnitude(h) < 0.0625f;
    real v = below ? g.v : 1.0f - unscaled(g);
    return times_scaled(scaled_of(near_zero ? zone : v, (below & !near_zero) ? g.k : I(0)), dy);
}

/* ---- gelu: P(-a) = e^(-a^2/2) R(a), R(a) = erfcx(a / sqrt 2) / 2 ---- */

/* c0 + t (c1 + t tail), c0 and t pairs */
FN pair polynomial_head(pair t, real tail, real c1, pair c0) {
    real h = fma(t.h, tail, c1), l = fma(t.h, tail, c1 - h);
    pair q = product(t.h, h);
    q.l = fma(t.h, l, fma(t.l, h, q.l + c0.l));
    pair r = sum_ordered(c0.h, q.h);
    r.l += q.l;
    return r;
}

ACT real act_gelu_fwd(real x, act_params p) {
    (void)p;
    real a = clamp_above(magnitude(x), 14.7f);
    exponential e = exponential_of(pair_shift(product(a, a), C(-0.5f)));
    /* R(a) (a + 3) = P(t), t = (a - 3) / (a + 3), degree 10, relative error 2^-28.9 */
    pair d = sum(a, C(3.0f));
    real r = reciprocal(d.h);
    pair t = quotient(sum(a, C(-3.0f)), d, r);
    real h = t.h, q = fma(h, C(0x1.b4764p-15f), C(0x1.0ab3dp-13f));
    q = fma(h, fma(h, q, C(-0x1.fe45f4p-13f)), C(-0x1.0d7d38p-10f));
    q = fma(h, fma(h, q, C(0x1.0ca51p-10f)), C(0x1.c8a09ep-8f));
    q = fma(h, fma(h, q, C(-0x1.56d6bap-7f)), C(-0x1.832c84p-5f));
    q = fma(h, q, C(0x1.d71386p-3f));
    pair head =
        polynomial_head(t, q, C(-0x1.04c72ap-1f), pair_of(C(0x1.754a76p-1f), C(-0x1.c735fp-26f)));
    pair tail = quotient(pair_mul(pair_mul_real(mantissa(e), a), head), d, r); /* a P(-a) 2^-k */
    real below = -unscaled(scaled_of(tail.h, e.k));
    real scale = exp2i_floor(e.k);
    pair s = sum(x, -tail.h * scale);
    real above = x > 0x1p60f ? x : s.h + (s.l - tail.l * scale);
    real y = x < 0.0f ? below : above;
    return magnitude(x) < 0x1p-26f ? 0.5f * x : y;
}
ACT real act_gelu_bwd(real x, real dy, act_params p) {
    (void)p;
    real a = clamp_above(magnitude(x), 21.4f);
    exponential e = exponential_of(pair_shift(product(a, a), C(-0.5f)));
    /* G(a) = e^(-a^2/2) (a0 - a) K(a), zero at a0 by construction; K(a) = P(t),
     * t = (a - 4) / (a + 4), degree 10, relative error 2^-30.3 */
    pair d = sum(a, C(4.0f)), t = quotient(sum(a, C(-4.0f)), d, reciprocal(d.h));
    real h = t.h, q = fma(h, C(-0x1.3ff09ep-26f), C(-0x1.1179a8p-16f));
    q = fma(h, fma(h, q, C(-0x1.c3214cp-17f)), C(0x1.84e2ep-13f));
    q = fma(h, fma(h, q, C(-0x1.47f34ep-13f)), C(-0x1.d4c95ap-10f));
    q = fma(h, fma(h, q, C(0x1.377814p-7f)), C(-0x1.cc1e22p-6f));
    q = fma(h, q, C(0x1.ef4fecp-5f));
    pair k =
        polynomial_head(t, q, C(-0x1.a763p-4f), pair_of(C(0x1.d94de8p-2f), C(-0x1.df24ep-28f)));
    pair z = sum(C(0x1.80ead2p-1f), -a);
    z.l += -0x1.a03fd4p-27f;
    scaled g = scaled_of(product_rounded(pair_mul(mantissa(e), k), normalized(z)), e.k);
    ints below = x < 0.0f;
    real v = below ? g.v : 1.0f - unscaled(g);
    return times_scaled(scaled_of(v, below ? g.k : I(0)), dy);
}

/* ---- mish ---- */

ACT real act_mish_fwd(real x, act_params p) {
    (void)p;
    ints below = x < 0.0f;
    real a = clamp_above(magnitude(x), FAR);
    logistic s = logistic_of(pair_of(a, C(0.0f)));
    pair e = s.big_e, e2 = pair_mul(e, e);
    /* x < 0: x n / (n + 2), n = E (2 + E); else x (1 + 2E) / (1 + 2E + 2E^2) */
    pair two_plus = sum_ordered(C(2.0f), e.h), one_plus = sum(C(1.0f), 2.0f * e.h);
    two_plus.l += e.l;
    one_plus.l += 2.0f * e.l;
    pair n = pair_choose(below, pair_mul(pair_mul_real(s.m, -a), two_plus), one_plus);
    pair d_below = pair_add(e2, sum_ordered(C(2.0f), 2.0f * e.h));
    d_below.l += 2.0f * e.l;
    pair d = normalized(pair_choose(below, d_below, pair_add(one_plus, pair_shift(e2, C(2.0f)))));
    pair q = quotient(n, d, reciprocal(d.h));
    real y = below ? unscaled(scaled_of(q.h, s.e.k)) : fma(x, q.h, x * q.l);
    /* near 0 it is 0.6 x */
    real tiny = times_constant(x, pair_of(C(0x1.333334p-1f), C(-0x1.99999ap-26f)));
    y = ((magnitude(x) > 0x1p60f) & (x > 0.0f)) ? x : y;
    return magnitude(x) < 0x1p-60f ? tiny : y;
}
ACT real act_mish_bwd(real x, real dy, act_params p) {
    (void)p;
    ints below = x < 0.0f;
    real a = clamp_above(magnitude(x), FAR);
    logistic s = logistic_of(pair_of(a, C(0.0f)));
    pair e = s.big_e, e2 = pair_mul(e, e), twice_e = pair_shift(e, C(2.0f));
    pair two_plus = sum_ordered(C(2.0f), e.h);
    two_plus.l += e.l;
    /* x < 0: E [(2 + E)(2 + 2E + E^2) - 4a(1 + E)] / (2 + 2E + E^2)^2
     * else: 1 + 2E^2 [2a(1 + E) - D] / D^2, D = 1 + 2E + 2E^2 */
    pair n2 = normalized(pair_add(pair_add_real(e2, C(2.0f)), twice_e));
    pair d2 = normalized(pair_add(pair_add_real(pair_shift(e2, C(2.0f)), C(1.0f)), twice_e));
    pair d = pair_choose(below, n2, d2);
    pair a_d = pair_mul_real(s.d, a);
    pair omega = normalized(pair_add(pair_mul(two_plus, n2), pair_shift(a_d, C(-4.0f))));
    pair rise = pair_add(pair_shift(a_d, C(2.0f)), negated(d));
    pair n = pair_choose(below, pair_mul(s.m, omega), pair_mul(pair_shift(e2, C(2.0f)), rise));
    real r = reciprocal(d.h), q = quotient_rounded(n, pair_mul(d, d), r * r);
    /* near the zero: degree 6, relative error 2^-31.6 */
    real h = x + 0x1.31432cp+0f;
    real c = fma(h, fma(h, C(-0x1.0d771p-9f), C(-0x1.03277ap-6f)), C(-0x1.4c3daap-6f));
    c = fma(h, fma(h, c, C(0x1.574f1p-5f)), C(0x1.a34a26p-3f));
    pair zone_p = sum_ordered(C(0x1.115accp-2f), fma(h, c, C(-0x1.7b4ddp-27f)));
    real zone = product_rounded(pair_of(h, C(0x1.a25b08p-29f)), zone_p);
    ints near_zero = magnitude(h) < 0.0625f;
    real v = below ? q : 1.0f + q;
    return times_scaled(scaled_of(near_zero ? zone : v, (below & !near_zero) ? s.e.k : I(0)), dy);
}

#endif
