/* formulas_gated.h: x times a sigmoid or a distribution: silu, swish, gelu, mish. */
#ifndef FORMULAS_GATED_H
#define FORMULAS_GATED_H

#include "formulas_sigmoid.h"

/* ---- x times a sigmoid ---- */

/* x sigma(+-z), where the argument of sigma has the sign of x; x/2 where `tiny` says so */
FN real gated(real x, pair z, ints tiny) {
    const scalar saturated = BY_TYPE(130.0f, 770.0); /* sigma is 1, or x sigma is 0 */
    ints below = x < 0.0f;
    logistic s = logistic_of(clamped(z, FAR));
    /* half of a positive x keeps clear of overflow */
    pair n = pair_choose(below, mantissa_times(s.e, plain(x)), plain(0.5f * x));
    pair q = quotient_1_2(n, s.d);
    real y = unscaled(scaled_of(q, below ? s.e.k : C(1.0f)));
    y = z.h > saturated ? (below ? C(-0.0f) : x) : y;
    return tiny ? 0.5f * x : y;
}

/* The derivative of a gate: g 2^k below 0, with 1 - g 2^k above */
FN scaled mirrored(pair g, real k, ints below) {
    pair above = fine_add_real(fine_negated(fine_times_exp2_floor(g, k)), C(1.0f));
    return scaled_of(pair_choose(below, g, above), below ? k : C(0.0f));
}

/* Derivative of u sigma(u) for u = +-z: g = E D / (1 + E)^2 with D = 1 + E - z. With z0 = 1.278...
 * its zero and E0 = e^-z0 = z0 - 1, D = (z0 - z) + E0 (e^(z0 - z) - 1): no cancellation, as both
 * terms have one sign. */
FN scaled gated_slope(pair z, ints below) {
    pair c = clamped(z, FAR);
    pair w = sum(SILU_ZERO_H, -c.h);
    real lost = SILU_ZERO_H - (w.h + c.h); /* beyond z0; before it that counts little */
    w = pair_of(w.h, BY_TIER(w.l, lost) + (SILU_ZERO_L - c.l));
    exponential e = exponential_of(w);
    w = normalized(w);
    pair e0 = PAIR_CONSTANT(SILU_ZERO_E);
    pair em = exponential_minus_1(e), n = fine_normalized(fine_add(w, fine_mul(em, e0)));
    n = pair_of(BY_TIER(n.h, fma(em.h, e0.h, w.h)), LOW(n.l));
    pair m = fine_mul(mantissa(e), e0); /* 2^-k E */
    m = pair_of(BY_TIER(m.h, fma(e.t.h, e0.h, e0.l) + e0.h), LOW(m.l));
    pair big_e = fine_times_exp2_floor(m, e.k);
    real r = reciprocal_1_2(1.0f + big_e.h);
    pair g = quotient_by_pair(exact_mul(m, n), square_of_1_plus(big_e), r * r);
    return mirrored(g, e.k, below);
}

ACT real act_silu_fwd(real x, act_params p) {
    (void)p;
    return gated(x, plain(magnitude(x)), magnitude(x) < 0x1p-60f);
}
ACT real act_silu_bwd(real x, real dy, act_params p) {
    (void)p;
    return times_scaled(gated_slope(plain(magnitude(x)), x < 0.0f), dy);
}

ACT real act_swish_fwd(real x, act_params p) {
    pair z = argument_of(x, p);
    ints nothing = p.unit ? I(0) : z.h == 0.0f; /* a may be 0, or a x vanish */
    return gated(x, z, (BY_TYPE(magnitude(x), z.h) < 0x1p-60f) | nothing);
}
ACT real act_swish_bwd(real x, real dy, act_params p) {
    return times_scaled(gated_slope(argument_of(x, p), x < 0.0f), dy);
}

ACT real act_quick_gelu_fwd(real x, act_params p) {
    (void)p;
    pair z = scaled_magnitude(x, PAIR_CONSTANT(QUICK_GELU_BETA));
    return gated(x, z, z.h < 0x1p-60f);
}
ACT real act_quick_gelu_bwd(real x, real dy, act_params p) {
    (void)p;
    pair z = scaled_magnitude(x, PAIR_CONSTANT(QUICK_GELU_BETA));
    return times_scaled(gated_slope(z, x < 0.0f), dy);
}

/* ---- gelu_tanh(x) = x sigma(2u), 2u = x (c1 + c3 x^2), c1 = 2 sqrt(2/pi), c3 = 0.044715 c1 ----
 */

/* c1 + c3 a^2, whose low part is up to 2^-20, and c3 a^2. The sum less C1_H is exact, because C1_H
 * has few bits. */
typedef struct gelu_tanh_sum {
    pair slope, cubic;
} gelu_tanh_sum;

FN gelu_tanh_sum gelu_tanh_sum_of(real a) {
    pair square = product(a, a);
    real h = fma(square.h, GELU_TANH_C3_H, GELU_TANH_C1_H), part = h - GELU_TANH_C1_H;
    real lost = fma(square.h, GELU_TANH_C3_L, square.l * GELU_TANH_C3_H);
    real rest = fma(square.h, GELU_TANH_C3_H, -part) + lost;
    gelu_tanh_sum s;
    s.slope = pair_of(h, rest + GELU_TANH_C1_L);
    s.cubic = sum_ordered(part, rest);
    return s;
}

ACT real act_gelu_tanh_fwd(real x, act_params p) {
    (void)p;
    const scalar far = BY_TYPE(11.25f, 22.0);
    real a = clamp_above(magnitude(x), far);
    pair z = pair_mul_real(gelu_tanh_sum_of(a).slope, a);
    real y = gated(with_sign(a, x), z, a < 0x1p-60f);
    return x > far ? x : y;
}
ACT real act_gelu_tanh_bwd(real x, real dy, act_params p) {
    (void)p;
    ints below = x < 0.0f;
    real a = clamp_above(magnitude(x), BY_TYPE(14.0f, 27.5));
    gelu_tanh_sum parts = gelu_tanh_sum_of(a);
    pair cubic = parts.cubic, slope = parts.slope; /* z / a */
    logistic s = logistic_of(normalized(pair_mul_real(slope, a)));
    /* 1 + E - a z', z' = slope + 2 cubic: (1 - a slope) + (E - 2 a cubic) */
    pair rest = plus_product(s.big_e, plain(-2.0f * a), cubic);
    rest = pair_of(BY_TIER(rest.h, fma(-a, slope.l, rest.h)), LOW(rest.l));
    pair n = fine_add(plus_product(plain(C(1.0f)), plain(-a), slope), rest);
    pair g = mantissa_times(s.e, fine_normalized(n));
    real r = reciprocal_1_2(s.d.h);
    g = quotient_by_pair(g, square_of_1_plus(s.big_e), r * r);
    scaled v = mirrored(g, s.e.k, below);
    /* near the zero of the derivative */
    real h = x - GELU_TANH_ZERO_H;
    pair c = fine_onto(GELU_TANH_ZONE_H, fine(h * gelu_tanh_zone_tail(h), GELU_TANH_ZONE_L));
    pair zone = fine_mul(fine_ordered(h, -GELU_TANH_ZERO_L), c);
    ints near_zero = magnitude(h) < BY_TIER(0.0625f, 0.25f);
    return times_scaled(scaled_of(pair_choose(near_zero, zone, v.v), near_zero ? C(0.0f) : v.k),
                        dy);
}

/* ---- gelu: P(-a) = e^(-a^2/2) R(a), R(a) = erfcx(a / sqrt 2) / 2 ---- */

ACT real act_gelu_fwd(real x, act_params p) {
    (void)p;
    real a = clamp_above(magnitude(x), BY_TYPE(14.7f, 39.5));
    pair d = fine_sum(a, GELU_SHIFT), part = quotient(plain(a), d, reciprocal(d.h));
    pair t = fine_add_real(fine_shift(part, C(2.0f)), C(-1.0f));
    t = pair_of(BY_TIER(t.h, fma(part.h, C(2.0f), C(-1.0f))), LOW(t.l));
    /* a P(-a) */
    scaled tail = normal_tail(exponential_of(product(-0.5f * a, a)), t, part);
    pair s = fine_add_real(fine_negated(fine_times_exp2_floor(tail.v, tail.k)), x);
    real below = -unscaled(tail), above = x > 0x1p60f ? x : s.h + s.l;
    real y = x < 0.0f ? below : BY_TIER(above, x + below);
    return magnitude(x) < BY_TYPE(0x1p-26f, 0x1p-55) ? 0.5f * x : y;
}
ACT real act_gelu_bwd(real x, real dy, act_params p) {
    (void)p;
    real a = clamp_above(magnitude(x), BY_TYPE(21.4f, 55.0));
    exponential e = exponential_of(product(-0.5f * a, a));
    /* G(a) = e^(-a^2/2) (a0 - a) K(a), zero at a0 by construction */
    pair d = fine_sum(a, GELU_SLOPE_SHIFT);
    pair t = quotient(fine_sum(a, -GELU_SLOPE_SHIFT), d, reciprocal(d.h));
    pair k = polynomial_head(t, gelu_slope_tail(t.h), GELU_SLOPE_C1, PAIR_CONSTANT(GELU_SLOPE_C0));
    pair z = sum(GELU_ZERO_H, -a);
    z = fine_ordered(z.h, z.l + GELU_ZERO_L);
    pair g = fine_mul(mantissa_times(e, k), z);
    return times_scaled(mirrored(g, e.k, x < 0.0f), dy);
}

/* ---- mish ---- */

#define MISH_NEAR_0                                                                                \
    pair_of(C(BY_TYPE(0x1.333334p-1f, 0.6)), C(BY_TYPE(-0x1.99999ap-26f, 0x1.999999999999ap-56)))

ACT real act_mish_fwd(real x, act_params p) {
    (void)p;
    ints below = x < 0.0f;
    real a = clamp_above(magnitude(x), FAR);
    logistic s = logistic_of(plain(a));
    pair e = s.big_e, twice_e = fine_shift(e, C(2.0f)), e2 = fine_mul(e, e);
    /* x < 0: x n / (n + 2), n = E (2 + E); else x (1 + 2E) / (1 + 2E + 2E^2) */
    pair one_plus = fine_add_real(twice_e, C(1.0f));
    pair two_plus = fine_onto(C(2.0f), e);
    pair n_below = exact_mul(mantissa_times(s.e, plain(-a)), two_plus);
    pair n = pair_choose(below, n_below, one_plus);
    pair d_below = plus_product(plain(C(2.0f)), e, two_plus);
    pair d_above = fine_add(one_plus, fine_shift(e2, C(2.0f)));
    pair d = fine_normalized(pair_choose(below, d_below, d_above));
    pair q = quotient(n, d, reciprocal(d.h));
    real y = below ? unscaled(scaled_of(q, s.e.k)) : times(q, x);
    real tiny = times_constant(x, MISH_NEAR_0);
    y = ((magnitude(x) > 0x1p60f) & (x > 0.0f)) ? x : y;
    return magnitude(x) < 0x1p-60f ? tiny : y;
}
ACT real act_mish_bwd(real x, real dy, act_params p) {
    (void)p;
    ints below = x < 0.0f;
    real a = clamp_above(magnitude(x), FAR);
    logistic s = logistic_of(plain(a));
    pair e = s.big_e, twice_e = fine_shift(e, C(2.0f));
    /* x < 0: E [4 (1 - a) + E (6 - 4a + E (4 + E))] / D^2, D = 2 + E (2 + E)
     * else: 1 + 2E^2 [2a (1 + E) - D] / D^2, D = 1 + 2E (1 + E) */
    pair d_below = plus_product_exact(plain(C(2.0f)), e, fine_onto(C(2.0f), e));
    pair d_above = plus_product_exact(plain(C(1.0f)), twice_e, s.d);
    pair d = pair_choose(below, d_below, d_above);
    pair inner = plus_product(fine_sum(C(6.0f), -4.0f * a), e, fine_onto(C(4.0f), e));
    pair omega = fine_normalized(plus_product(fine_sum(C(4.0f), -4.0f * a), e, inner));
    pair rise = plus_product(fine_negated(d), s.d, plain(2.0f * a));
    pair n = pair_choose(below, mantissa_times(s.e, omega), fine_mul(fine_mul(twice_e, e), rise));
    real r = reciprocal(d.h);
    pair q = quotient_by_pair(n, square_of_pair(d), r * r), above = fine_add_real(q, C(1.0f));
    /* near the zero of the derivative */
    real h = x - MISH_ZERO_H;
    pair c = fine_onto(MISH_ZONE_H, fine(h * mish_zone_tail(h), MISH_ZONE_L));
    pair zone = fine_mul(fine_ordered(h, -MISH_ZERO_L), c);
    ints near_zero = magnitude(h) < BY_TIER(0.0625f, 0.25f);
    pair v = pair_choose(near_zero, zone, pair_choose(below, q, above));
    return times_scaled(scaled_of(v, (below & !near_zero) ? s.e.k : C(0.0f)), dy);
}

#endif
