/* formulas_gated.h: x times a sigmoid or a distribution: silu, swish, gelu, mish. */
#ifndef FORMULAS_GATED_H
#define FORMULAS_GATED_H

#include "formulas_sigmoid.h"

/* ---- x times a sigmoid ---- */

/* x sigma(+-z) for z at most FAR, where the argument of sigma has the sign of x; x/2 where `tiny`
 * says so. Where `like_x` says that z is |x| but for a small factor, the fast tier needs no other
 * cases: for a tiny x it has E = 1, for a large one E = 0. */
FN real gated(real x, pair z, ints tiny, ints like_x) {
    const scalar saturated = BY_TYPE(130.0f, 770.0); /* sigma is 1, or x sigma is 0 */
    ints below = x < 0.0f, general = BY_TIER(I(-1), like_x == 0);
    logistic s = logistic_of(z);
    real finite = like_x ? clamp_below(x, -0x1p50f) : x;
    pair n = pair_choose(below, mantissa_times(s.e, plain(finite)), plain(x));
    real y = unscaled(scaled_of(quotient(n, s.d), below ? s.e.k : C(0.0f)));
    y = (general & (z.h > saturated)) ? (below ? C(-0.0f) : x) : y;
    return (general & tiny) ? 0.5f * x : y;
}

/* The derivative of a gate: g 2^k below 0, with 1 - g 2^k above */
FN scaled mirrored(pair g, real k, ints below) {
    pair above = fine_add_real(fine_negated(fine_times_exp2_floor(g, k)), C(1.0f));
    return scaled_of(pair_choose(below, g, above), below ? k : C(0.0f));
}

/* zero - z as a pair, in the fast tier not a normalized one */
FN pair before_zero(pair z, pair zero) {
    pair w = sum(zero.h, -z.h);
    real lost = zero.h - (w.h + z.h); /* beyond the zero; before it that counts little */
    w.l = BY_TIER(w.l, lost) + (zero.l - z.l);
    pair exact = fine_normalized(w);
    return pair_of(BY_TIER(exact.h, w.h), BY_TIER(exact.l, w.l));
}

/* As one number in the fast tier */
FN pair fine_rounded(pair w) {
    return pair_of(BY_TIER(w.h, w.h + w.l), LOW(w.l));
}

/* Below 0 the derivative of a gate is E times a factor that has a zero, at z0 say. It is found from
 * w = z0 - z as terms that all have the sign of w, some with E - E0 = E0 (e^w - 1), so that nothing
 * cancels. */
typedef struct about_zero {
    exponential e;        /* e^w = E / E0 */
    pair grown, m, big_e; /* e^w - 1, 2^-k E, E */
} about_zero;

FN about_zero about_zero_of(pair w, pair e0) {
    about_zero s;
    s.e = exponential_of_pair(w);
    s.grown = exponential_minus_1(s.e);
    pair m = fine_mul(mantissa(s.e), e0);
    s.m = pair_of(BY_TIER(m.h, fma(s.e.t.h, e0.h, e0.l) + e0.h), LOW(m.l));
    s.big_e = fine_times_exp2_floor(s.m, s.e.k);
    return s;
}

/* The derivative of u sigma(z(u)): below 0 it is E n / (1 + E)^2 with n = 1 + E + u z' */
FN scaled gated_slope(about_zero s, pair n, ints below) {
    pair v = exact_mul(s.m, fine_normalized(n));
    return mirrored(quotient_by_pair(v, square_of_1_plus(s.big_e)), s.e.k, below);
}

/* For z = |u|, at most FAR, it has n = w + E - E0. */
FN scaled silu_slope(pair z, ints below) {
    pair w = before_zero(z, PAIR_CONSTANT(SILU_ZERO)), e0 = PAIR_CONSTANT(SILU_ZERO_E);
    about_zero s = about_zero_of(w, e0);
    return gated_slope(s, plus_product(fine_rounded(w), s.grown, e0), below);
}

ACT real act_silu_fwd(real x, act_params p) {
    (void)p;
    return gated(x, plain(clamp_above(magnitude(x), FAR)), magnitude(x) < 0x1p-60f, I(-1));
}
ACT real act_silu_bwd(real x, real dy, act_params p) {
    (void)p;
    return times_scaled(silu_slope(plain(clamp_above(magnitude(x), FAR)), x < 0.0f), dy);
}

ACT real act_swish_fwd(real x, act_params p) {
    pair z = argument_of(x, p);
    ints nothing = p.unit ? I(0) : z.h == 0.0f; /* a may be 0, or a x vanish */
    return gated(x, clamped(z, FAR), (BY_TYPE(magnitude(x), z.h) < 0x1p-60f) | nothing, p.unit);
}
ACT real act_swish_bwd(real x, real dy, act_params p) {
    return times_scaled(silu_slope(clamped(argument_of(x, p), FAR), x < 0.0f), dy);
}

/* 1.702 |x|, at most FAR */
FN pair quick_gelu_argument(real x) {
    real a = clamp_above(magnitude(x), BY_TYPE(132.0f, 866.0));
    return pair_mul_real(PAIR_CONSTANT(QUICK_GELU_BETA), a);
}
ACT real act_quick_gelu_fwd(real x, act_params p) {
    (void)p;
    pair z = quick_gelu_argument(x);
    return gated(x, z, z.h < 0x1p-60f, I(-1));
}
ACT real act_quick_gelu_bwd(real x, real dy, act_params p) {
    (void)p;
    return times_scaled(silu_slope(quick_gelu_argument(x), x < 0.0f), dy);
}

/* ---- gelu_tanh(x) = x sigma(2u), 2u = x (c1 + c3 x^2), c1 = 2 sqrt(2/pi), c3 = 0.044715 c1 ----
 */

/* c1 + c3 a^2, whose low part is up to 2^-20. The sum less C1_H is exact, because C1_H has few
 * bits. */
FN pair gelu_tanh_factor(real a) {
    pair square = product(a, a);
    real h = fma(square.h, GELU_TANH_C3_H, GELU_TANH_C1_H), part = h - GELU_TANH_C1_H;
    real lost = fma(square.h, GELU_TANH_C3_L, square.l * GELU_TANH_C3_H);
    real rest = fma(square.h, GELU_TANH_C3_H, -part) + lost;
    return pair_of(h, rest + GELU_TANH_C1_L);
}

ACT real act_gelu_tanh_fwd(real x, act_params p) {
    (void)p;
    const scalar far = BY_TYPE(11.25f, 22.0);
    real a = clamp_above(magnitude(x), far);
    pair z = pair_mul_real(gelu_tanh_factor(a), a);
    real y = gated(clamp_below(x, -far), z, a < 0x1p-60f, I(-1));
    return BY_TIER(x > far ? x : y, y);
}
ACT real act_gelu_tanh_bwd(real x, real dy, act_params p) {
    (void)p;
    real a = clamp_above(magnitude(x), BY_TYPE(14.0f, 27.5));
    /* with v = a0 - a: z0 - z is v times a square of a, and n is E - E0 and v times another */
    pair v = fine_rounded(before_zero(plain(a), PAIR_CONSTANT(GELU_TANH_ZERO))), x1 = plain(a);
    pair factor = plus_product(PAIR_CONSTANT(GELU_TANH_W1), x1, PAIR_CONSTANT(GELU_TANH_C3));
    factor = plus_product(PAIR_CONSTANT(GELU_TANH_W0), x1, fine_normalized(factor));
    pair w = fine_normalized(fine_mul(v, fine_normalized(factor)));
    pair fast = before_zero(pair_mul_real(gelu_tanh_factor(a), a), PAIR_CONSTANT(GELU_TANH_ZERO_Z));
    /* in double the next numbers to the zero are nearer than z is exact */
    ints next = BY_TYPE(I(0), magnitude(v.h) < 0x1p-30);
    fast = pair_choose(next, plain(v.h * factor.h), fast);
    w = pair_of(BY_TIER(w.h, fast.h), BY_TIER(w.l, fast.l));
    about_zero s = about_zero_of(w, PAIR_CONSTANT(GELU_TANH_ZERO_E));
    factor = plus_product(PAIR_CONSTANT(GELU_TANH_N1), x1, PAIR_CONSTANT(GELU_TANH_N2));
    factor = plus_product(PAIR_CONSTANT(GELU_TANH_N0), x1, fine_normalized(factor));
    factor = fine_normalized(factor);
    pair grown = fine_mul(s.grown, PAIR_CONSTANT(GELU_TANH_ZERO_E)),
         n = plus_product(grown, v, factor);
    return times_scaled(gated_slope(s, n, x < 0.0f), dy);
}

/* ---- gelu: P(-a) = e^(-a^2/2) R(a), R(a) = erfcx(a / sqrt 2) / 2 ---- */

ACT real act_gelu_fwd(real x, act_params p) {
    (void)p;
    real a = clamp_above(magnitude(x), BY_TYPE(14.7f, 39.5));
    pair d = fine_sum(a, GELU_SHIFT), part = quotient(plain(a), d);
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
    pair t = quotient(fine_sum(a, -GELU_SLOPE_SHIFT), d);
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
    pair e = s.big_e, twice_e = fine_shift(e, C(2.0f));
    /* x < 0: x n / (n + 2), n = E (2 + E); else x n / (n + 2E^2), n = 1 + 2E */
    pair one_plus = fine_add_real(twice_e, C(1.0f)), two_plus = fine_onto(C(2.0f), e);
    pair n = pair_choose(below, mantissa_times(s.e, two_plus), one_plus);
    pair d = pair_choose(below, plus_product(plain(C(2.0f)), e, two_plus),
                         plus_product(one_plus, twice_e, e));
    pair v = fine_mul_real(quotient(n, fine_normalized(d)), below ? -a : x);
    real y = unscaled(scaled_of(v, below ? s.e.k : C(0.0f)));
    /* the fast tier has both by itself: the quotient is exactly 1 there, or 3/5 */
    real large = ((magnitude(x) > 0x1p60f) & (x > 0.0f)) ? x : y;
    return BY_TIER(magnitude(x) < 0x1p-60f ? times_constant(x, MISH_NEAR_0) : large, y);
}
ACT real act_mish_bwd(real x, real dy, act_params p) {
    (void)p;
    ints below = x < 0.0f;
    real a = clamp_above(magnitude(x), FAR);
    pair w = before_zero(plain(a), PAIR_CONSTANT(MISH_ZERO)), e0 = PAIR_CONSTANT(MISH_ZERO_E);
    about_zero s = about_zero_of(w, e0);
    pair e = s.big_e, twice_e = fine_shift(e, C(2.0f)), one_plus = fine_onto(C(1.0f), e);
    /* x < 0: E n / D^2, D = 2 + E (2 + E), n = 4w (1 + E) + (e^w - 1) (c0 + E (c1 + E0 E)) */
    pair c = plus_product(PAIR_CONSTANT(MISH_C1), e, e0),
         slope = fine_shift(fine_rounded(w), C(4.0f));
    c = fine_normalized(plus_product(PAIR_CONSTANT(MISH_C0), e, fine_normalized(c)));
    pair n_below = plus_product(plus_product(slope, slope, e), s.grown, c);
    real part = fma(s.grown.h, c.h, slope.h * e.h);
    n_below.h = BY_TIER(n_below.h, slope.h + part);
    n_below = exact_mul(s.m, fine_normalized(n_below));
    /* exact where part is the larger term, and near enough elsewhere */
    real lost = slope.h - ((slope.h + part) - part);
    n_below.l = BY_TIER(n_below.l, fma(lost, s.m.h, n_below.l));
    pair t = fine_onto(C(2.0f), e), d_below = plus_product_exact(plain(C(2.0f)), e, t);
    /* else: 1 + 2E^2 [2a (1 + E) - D] / D^2, D = 1 + 2E (1 + E) */
    pair d = fine_normalized(plus_product(plain(C(1.0f)), twice_e, one_plus));
    pair rise = plus_product(fine_negated(d), one_plus, plain(2.0f * a));
    pair n = pair_choose(below, n_below, fine_mul(fine_mul(twice_e, e), rise));
    pair q = quotient_by_pair(n, square_of_pair(pair_choose(below, d_below, d)));
    pair above = fine_add_real(q, C(1.0f));
    return times_scaled(scaled_of(pair_choose(below, q, above), below ? s.e.k : C(0.0f)), dy);
}

#endif
