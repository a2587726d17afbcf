/* elementary.h: exp, expm1, log, log1p, square root, tanh, erf, erfc from + * fma, compares, bits.
 *
 * What a row of the table needs of them comes as parts: a pair, or a significand and an exponent
 * to which the row multiplies its own before the one rounding. <name>_of is the function itself,
 * for all arguments, at most 4 ulp (fast) or 1 ulp (accurate) from the true value.
 */
#ifndef ELEMENTARY_H
#define ELEMENTARY_H

#include "pairs.h"

/* Where FAR e^-FAR times the largest number is still 0: arguments are clamped there */
#define FAR BY_TYPE(225.0f, 1475.0)
/* What overflows in any case */
#define FAR_UP BY_TYPE(130.0f, 800.0)

/* z.h clamped to `most`, z.l dropped there */
FN pair clamped(pair z, scalar most) {
    return pair_of(clamp_above(z.h, most), z.h > most ? C(-0.0f) : z.l);
}

/* ---- exponential ---- */

/* e^(x.h + x.l) = 2^k (1 + t) */
typedef struct exponential {
    pair t;
    real k;
} exponential;

/* 2^k e^r as 2^k (1 + t), by a polynomial */
FN exponential exponential_near(real kf, pair r) {
    real s = r.h * r.h, q = fma(r.h, exp_tail(r.h, s), C(0.5f));
    pair t = fine_ordered(r.h, fma(s, q, r.l));
    exponential e;
    e.k = kf;
    e.t = pair_of(BY_TIER(t.h, fma(s, q, r.h)), LOW(t.l));
    return e;
}

/* The whole number next to x / log 2 */
FN real binary_exponent(real x) {
    const scalar round = BY_TYPE(0x1.8p23f, 0x1.8p52); /* its last place is 1 */
    return fma(x, LOG2E, C(round)) - round;
}

/* |x.h| <= 1.03 FAR */
FN exponential exponential_of(pair x) {
    real kf = binary_exponent(x.h), exact = fma(kf, -LN2_H, x.h);
    pair r = fine_ordered(exact, fma(kf, -LN2_L, x.l));
    r.h = BY_TIER(r.h, fma(kf, -LN2_L, exact) + x.l);
    return exponential_near(kf, r);
}

/* The same with one rounding less in the fast tier, where x is a pair; else it would cost one more
 * operation. */
FN exponential exponential_of_pair(pair x) {
    real kf = binary_exponent(x.h);
    return exponential_near(kf, fine_ordered(fma(kf, -LN2_H, x.h), fma(kf, -LN2_L, x.l)));
}

/* 1 + t, in [0.7, 1.42] */
FN pair mantissa(exponential e) {
    return fine_onto(C(1.0f), e.t);
}

/* (1 + t) c, for a fine c */
FN pair mantissa_times(exponential e, pair c) {
    pair y = fine_mul(mantissa(e), c);
    return pair_of(BY_TIER(y.h, fma(e.t.h, c.h, c.h)), LOW(y.l));
}

/* 2^k (1 + t) - 1 without cancellation, for k < DIGITS */
FN pair exponential_minus_1(exponential e) {
    real s = exp2i_floor(e.k), b = s - 1.0f, h = fma(s, e.t.h, b);
    return fine_normalized(fine(h, fma(s, e.t.l, fma(s, e.t.h, -(h - b)) + (s - (b + 1.0f)))));
}

/* e^x as v 2^k; what is beyond `most` counts as that, as what is under -FAR does */
FN scaled exp_scaled(pair x, scalar most) {
    exponential e = exponential_of(negated(clamped(negated(clamped(x, most)), FAR)));
    return scaled_of(mantissa(e), e.k);
}

FN real exp_of(real x) {
    return unscaled(exp_scaled(plain(x), FAR_UP));
}

/* c (e^z - 1) for z <= 0 */
FN real expm1_times(pair z, pair c) {
    exponential e = exponential_of(negated(clamped(negated(z), BY_TYPE(20.0f, 40.0))));
    real y = product_rounded(exponential_minus_1(e), c);
    return magnitude(z.h) < BY_TYPE(0x1p-25f, 0x1p-54) ? times_constant(z.h, c) : y;
}

FN real expm1_of(real x) {
    const scalar one_is_lost = BY_TYPE(18.0f, 40.0);
    exponential e =
        exponential_of(negated(clamped(negated(clamped(plain(x), one_is_lost)), 60.0f)));
    pair y = exponential_minus_1(e);
    real near_0 = magnitude(x) < BY_TYPE(0x1p-25f, 0x1p-54) ? x : y.h;
    return x > one_is_lost ? exp_of(x) : near_0;
}

/* ---- logarithm ---- */

/* log(2^k (1 + u) + low) for u in [-1/4, 1/2], where low 2^-k / (1 + u) is given as `part` */
FN real logarithm(real kf, real u, real part) {
    pair u2 = fine_product(u, u);
    /* u^2 log1p_tail(u): its leading -u^2/2 exactly, the rest rounded */
    real tail = fma(u2.h, log1p_tail(u) + 0.5f, BY_TIER(-0.5f * u2.l, C(-0.0f)));
    pair big = fine_product(kf, LN2_H), y = fine_sum(big.h, u), z = fine_sum(y.h, -0.5f * u2.h);
    return z.h + (z.l + (y.l + (big.l + fma(kf, LN2_L, tail + part))));
}

/* x = 2^k (1 + u) with u in [-1/4, 1/2] */
typedef struct log_parts {
    real kf, u, down; /* down is 2^-k as far as it is normal */
} log_parts;

FN log_parts log_parts_of(real x) {
    scaled s = split(x);
    ints high = s.v.h >= 1.5f;
    real k = s.k + (high ? C(1.0f) : C(0.0f));
    log_parts p;
    p.kf = k;
    p.u = (high ? s.v.h * 0.5f : s.v.h) - 1.0f;
    p.down = exp2i_floor(-k);
    return p;
}

FN real log_of(real x) {
    log_parts p = log_parts_of(x);
    real r = logarithm(p.kf, p.u, C(-0.0f));
    r = x == 0.0f ? C(-INFINITY) : r;
    r = x < 0.0f ? C(NAN) : r;
    return ((x == INFINITY) | (x != x)) ? x : r;
}

FN real log1p_of(real x) {
    pair d = sum(C(1.0f), x);
    log_parts p = log_parts_of(d.h);
    ints direct = (x >= -0.25f) & (x <= 0.5f);
    real u = direct ? x : p.u, part = d.l * p.down * reciprocal(C(1.0f) + p.u);
    real r = logarithm(direct ? C(0.0f) : p.kf, u, direct ? C(0.0f) : part);
    r = x == -1.0f ? C(-INFINITY) : r;
    r = x < -1.0f ? C(NAN) : r;
    ints itself = (magnitude(x) < BY_TYPE(0x1p-25f, 0x1p-54)) | (x == INFINITY) | (x != x);
    return itself ? x : r;
}

/* ---- square root ---- */

/* sqrt(x) = (root.h + root.l) 2^k, root in [1, 2), for finite x > 0 */
typedef struct scaled_root {
    pair root;
    real k;
} scaled_root;

FN real better_root(real y, real half_f) {
    return y * fma(-half_f * y, y, C(1.5f));
}

/* The square root of f in [1, 4), rounded right */
FN real root_1_4(real f) {
#ifdef ROUNDED_ROOT
    return ROUNDED_ROOT(f);
#else
    real half_f = 0.5f * f;
    real y = bits_real(BY_TYPE(0x5f375a86u, 0x5fe6eb50c7b537a9ul) - (bits_uint(f) >> 1));
    y = better_root(better_root(better_root(y, half_f), half_f), half_f);
    y = BY_TYPE(y, better_root(y, half_f));
    real root = f * y;
    return fma(fma(-root, root, f), 0.5f * y, root);
#endif
}

FN scaled_root square_root(real x) {
    scaled s = split(x);
    const scalar round = BY_TYPE(0x1.8p23f, 0x1.8p52); /* its last place is 1 */
    real half_k = (fma(s.k, C(0.5f), C(-0.25f)) + round) - round;
    real f = fma(half_k, C(-2.0f), s.k) > 0.0f ? s.v.h * 2.0f : s.v.h; /* [1, 4) */
    real root = root_1_4(f);
    scaled_root r;
    r.root = fine(root, fma(-root, root, f) * (0.5f * reciprocal(root)));
    r.k = half_k;
    return r;
}

/* Rounded right, so that a machine's own root has the same bits */
FN real sqrt_of(real x) {
#ifdef ROUNDED_ROOT
    return ROUNDED_ROOT(x);
#else
    scaled_root s = square_root(x);
    real y = times_exp2(s.root.h, s.k);
    y = x < 0.0f ? C(NAN) : y;
    return ((x == 0.0f) | (x == INFINITY) | (x != x)) ? x : y;
#endif
}

/* ---- tanh ---- */

/* 1 - e^-2z for z >= 0 */
FN pair tanh_numerator(pair z) {
    pair c = clamped(z, BY_TYPE(12.0f, 22.0));
    return fine_negated(exponential_minus_1(exponential_of(pair_shift(c, C(-2.0f)))));
}

/* tanh(z) for z >= 0, fast to 1.5 ulp */
FN pair tanh_pair(pair z) {
    pair n = tanh_numerator(z), d = sum_ordered(C(2.0f), -n.h);
    d.l -= n.l;
    return quotient_by_pair(n, d);
}

/* The same, fast to 3 ulp */
FN pair tanh_near(pair z) {
    pair n = tanh_numerator(z);
    return quotient(n, fine_onto(C(2.0f), fine_negated(n)));
}

FN real tanh_of(real x) {
    real a = magnitude(x), y = tanh_pair(plain(a)).h;
    return a < BY_TYPE(0x1p-13f, 0x1p-28) ? x : with_sign(y, x);
}

/* ---- normal distribution ---- */

/* c0 + t (c1 + t tail), c0 and t pairs */
FN pair polynomial_head(pair t, real tail, real c1, pair c0) {
    real h = fma(t.h, tail, c1), l = fma(t.h, tail, c1 - h);
    pair q = fine_product(t.h, h);
    pair y = fine_onto(c0.h, fine(q.h, fma(t.h, l, fma(t.l, h, q.l + c0.l))));
    return pair_of(BY_TIER(y.h, fma(t.h, h, c0.h)), LOW(y.l));
}

/* c P(-a) as v 2^k, where part = c / (a + shift), t = (a - shift) / (a + shift), e = e^(-a^2 / 2):
 * P(-a) = e R(a), R(a) = erfcx(a / sqrt 2) / 2 a polynomial in t over a + shift */
FN scaled normal_tail(exponential e, pair t, pair part) {
    pair head = polynomial_head(t, gelu_tail(t.h), GELU_C1, PAIR_CONSTANT(GELU_C0));
    return scaled_of(fine_mul(mantissa_times(e, head), part), e.k);
}

/* erfc(a) / 2 = P(-sqrt(2) a) for a >= 0 */
FN scaled half_erfc(real a) {
    real c = clamp_above(a, BY_TYPE(10.3f, 27.5));
    pair z = fine_mul_real(PAIR_CONSTANT(SQRT2), c), d = fine_add_real(z, GELU_SHIFT);
    pair t = quotient(fine_add_real(z, -GELU_SHIFT), d), part = quotient(plain(C(1.0f)), d);
    return normal_tail(exponential_of(negated(product(c, c))), t, part);
}

FN real erfc_of(real x) {
    scaled s = half_erfc(magnitude(x));
    scaled twice = scaled_of(s.v, s.k + 1.0f);
    real down = exp2i_floor(s.k + 1.0f);
    pair y = fine_add_real(fine_shift(s.v, -down), C(2.0f));
    return x != x ? x : (x < 0.0f ? y.h + y.l : unscaled(twice));
}

FN real erf_of(real x) {
    real a = magnitude(x);
    scaled s = half_erfc(a);
    pair far = fine_add_real(fine_shift(s.v, -exp2i_floor(s.k + 1.0f)), C(1.0f));
    real c = clamp_above(a, 1.0f);
    pair square = fine_product(c, c);
    pair p = fine_onto(ERF_C0_H, fine(square.h * erf_tail(square.h), ERF_C0_L));
    real small = with_sign(product_rounded(p, plain(c)), x);
    small = a < BY_TYPE(0x1p-30f, 0x1p-60) ? times_constant(x, PAIR_CONSTANT(ERF_C0)) : small;
    real y = a < 0.75f ? small : with_sign(far.h + far.l, x);
    return x != x ? x : y;
}

#endif
