/* pairs.h: numbers of twice the precision and of a wider range, from + * fma, compares and bits.
 *
 * A `pair` is an unevaluated sum h + l with |l| at most half an ulp of h (a little more where
 * noted). A `scaled` is v 2^k, kept apart so that the one rounding into the subnormal range comes
 * last. Every result is the same on every device whose + * fma are those of IEEE 754.
 *
 * Two tiers, one text. Functions named fine_* and LOW() give the low parts that only the accurate
 * tier has: there they are computed, in the fast tier each is the constant -0, which disappears
 * from sums (x + -0 is x for every x). The other pairs are pairs in both tiers.
 */
#ifndef PAIRS_H
#define PAIRS_H

#include "polynomials.h"

#ifdef ACCURATE
#define BY_TIER(accurate, fast) ((void)(fast), (accurate))
#else
#define BY_TIER(accurate, fast) ((void)(accurate), (fast))
#endif
#define LOW(x) BY_TIER(x, C(-0.0f))

/* The format of a real */
#define DIGITS       BY_TYPE(24, 53) /* of the significand, with the leading 1 */
#define BIAS         BY_TYPE(127, 1023)
#define WORD         BY_TYPE(32, 64)
#define ONE_BITS     BY_TYPE(0x3f800000u, 0x3ff0000000000000ul)
#define FRACTION     BY_TYPE(0x7fffffu, 0xffffffffffffful)
#define SIGN_BIT     BY_TYPE(0x80000000u, 0x8000000000000000ul)
#define LEAST_NORMAL BY_TYPE(0x1p-126f, 0x1p-1022)

typedef struct pair {
    real h, l;
} pair;

typedef struct scaled {
    pair v;
    real k;
} scaled;

FN pair pair_of(real h, real l) {
    pair r;
    r.h = h;
    r.l = l;
    return r;
}

/* The constant NAME of polynomials.h */
#define PAIR_CONSTANT(name) pair_of(name##_H, name##_L)

/* h alone */
FN pair plain(real h) {
    return pair_of(h, C(-0.0f));
}

FN scaled scaled_of(pair v, real k) {
    scaled s;
    s.v = v;
    s.k = k;
    return s;
}

/* By parts: a ?: on whole structs keeps compilers from vectorising. */
FN pair pair_choose(ints c, pair a, pair b) {
    return pair_of(c ? a.h : b.h, c ? a.l : b.l);
}

/* A NaN stays. */
FN real clamp_above(real x, scalar most) {
    return x > most ? C(most) : x;
}

FN real clamp_below(real x, scalar least) {
    return x < least ? C(least) : x;
}

/* ---- pairs in both tiers ---- */

/* a + b exactly; |a| >= |b| or a == 0 */
FN pair sum_ordered(real a, real b) {
    real h = a + b;
    return pair_of(h, b - (h - a));
}

/* a + b exactly */
FN pair sum(real a, real b) {
    real h = a + b, part = h - a;
    return pair_of(h, (a - (h - part)) + (b - part));
}

/* a * b exactly, when a * b does not fall under LEAST_NORMAL 2^DIGITS */
FN pair product(real a, real b) {
    real h = a * b;
    return pair_of(h, fma(a, b, -h));
}

FN pair normalized(pair a) {
    return sum_ordered(a.h, a.l);
}

/* The low part of a plain number stays the constant -0, which disappears from sums. */
FN pair negated(pair a) {
    return pair_of(-a.h, -(a.l + 0.0f));
}

/* a * s for a power of two s */
FN pair pair_shift(pair a, real s) {
    return pair_of(a.h * s, a.l * s);
}

FN pair pair_add_real(pair a, real b) {
    pair r = sum(a.h, b);
    r.l += a.l;
    return r;
}

FN pair pair_add(pair a, pair b) {
    pair r = sum(a.h, b.h);
    r.l += a.l + b.l;
    return r;
}

FN pair pair_mul_real(pair a, real b) {
    pair r = product(a.h, b);
    r.l = fma(a.l, b, r.l);
    return r;
}

FN pair pair_mul(pair a, pair b) {
    pair r = product(a.h, b.h);
    r.l = fma(a.h, b.l, fma(a.l, b.h, r.l));
    return r;
}

/* a + b for sums of any length: normalized at each step, so that the error of n terms is within
 * n 2^-46 of the sum of magnitudes (n 2^-104 in double). An infinite sum stays infinite. */
FN pair accumulate(pair a, real b) {
    pair s = sum(a.h, b);
    real l = s.l + a.l;
    return sum_ordered(s.h, l == l ? l : C(0.0f));
}

/* The sum so far as one number */
FN real rounded(pair a) {
    real h = a.h + a.l;
    return h == h ? h : a.h;
}

/* ---- pairs in the accurate tier, plain numbers in the fast one ---- */

FN pair fine(real h, real l) {
    return pair_of(h, LOW(l));
}

FN pair fine_ordered(real a, real b) {
    real h = a + b;
    return fine(h, b - (h - a));
}

FN pair fine_sum(real a, real b) {
    real h = a + b, part = h - a;
    return fine(h, (a - (h - part)) + (b - part));
}

FN pair fine_product(real a, real b) {
    real h = a * b;
    return fine(h, fma(a, b, -h));
}

FN pair fine_normalized(pair a) {
    return fine_ordered(a.h, a.l);
}

FN pair fine_negated(pair a) {
    return fine(-a.h, -a.l);
}

FN pair fine_shift(pair a, real s) {
    return fine(a.h * s, a.l * s);
}

FN pair fine_add_real(pair a, real b) {
    pair r = fine_sum(a.h, b);
    return fine(r.h, r.l + a.l);
}

FN pair fine_add(pair a, pair b) {
    pair r = fine_sum(a.h, b.h);
    return fine(r.h, r.l + (a.l + b.l));
}

/* a + b where |a| >= |b.h| */
FN pair fine_onto(real a, pair b) {
    pair r = fine_ordered(a, b.h);
    return fine(r.h, r.l + b.l);
}

FN pair fine_mul_real(pair a, real b) {
    pair r = fine_product(a.h, b);
    return fine(r.h, fma(a.l, b, r.l));
}

FN pair fine_mul(pair a, pair b) {
    pair r = fine_product(a.h, b.h);
    return fine(r.h, fma(a.h, b.l, fma(a.l, b.h, r.l)));
}

/* c + a b */
FN pair plus_product(pair c, pair a, pair b) {
    pair y = fine_add(fine_mul(a, b), c);
    return pair_of(BY_TIER(y.h, fma(a.h, b.h, c.h)), LOW(y.l));
}

/* The same as a pair in both tiers */
FN pair plus_product_exact(pair c, pair a, pair b) {
    pair y = fine_normalized(plus_product(c, a, b));
    return pair_of(y.h, BY_TIER(y.l, fma(a.h, b.h, c.h - y.h)));
}

/* a * b as a pair in both tiers */
FN pair exact_mul(pair a, pair b) {
    pair y = fine_mul(a, b);
    return pair_of(y.h, BY_TIER(y.l, fma(a.h, b.h, -y.h)));
}

/* a^2 as a pair in both tiers, where a is one */
FN pair square_of_pair(pair a) {
    pair y = fine_mul(a, a);
    return pair_of(y.h, BY_TIER(y.l, fma(a.h, a.h, -y.h) + 2.0f * a.h * a.l));
}

/* a * b with one rounding */
FN real product_rounded(pair a, pair b) {
    return BY_TIER(fma(a.h, b.h, fma(a.h, b.l, a.l * b.h)), a.h * b.h);
}

/* a dy with one rounding; what IEEE 754 says of a.h dy where that is not finite. Where a.l dy would
 * be subnormal dy is scaled up meanwhile. */
FN real times(pair a, real dy) {
    real y = a.h * dy;
    ints tiny = (magnitude(y) < BY_TYPE(0x1p-80f, 0x1p-900)) & (y != 0.0f);
    real up = tiny ? dy * BY_TYPE(0x1p48f, 0x1p106) : dy;
    real down = tiny ? C(BY_TYPE(0x1p-48f, 0x1p-106)) : C(1.0f);
    return BY_TIER(magnitude(y) < INFINITY ? fma(a.h, up, a.l * up) * down : y, y);
}

/* x * (c.h + c.l) with one rounding, for any x: tiny x is scaled up meanwhile */
FN real times_constant(real x, pair c) {
    ints tiny = magnitude(x) < BY_TYPE(0x1p-60f, 0x1p-900);
    real up = tiny ? C(BY_TYPE(0x1p80f, 0x1p200)) : C(1.0f);
    real down = tiny ? C(BY_TYPE(0x1p-80f, 0x1p-200)) : C(1.0f), y = x * up;
    ints direct = (x == 0.0f) | (magnitude(x) == INFINITY);
    return BY_TIER(direct ? x * c.h : fma(y, c.h, y * c.l) * down, x * c.h);
}

/* ---- powers of two; every exponent is a whole real ---- */

/* 2^k for k in [1 - BIAS, BIAS] */
FN real exp2i(real k) {
    const scalar round = BY_TYPE(0x1.8p23f, 0x1.8p52) + BIAS; /* its last place is 1 */
    return bits_real(bits_uint(k + round) << (DIGITS - 1));
}

/* y 2^k with one rounding, for y of 0, infinite and NaN too and for any k, which is NaN only if y
 * is. The first factor is exact and only the second rounds, as long as |y| is at least 2^-46 where
 * k < -FIRST, and less than 2^56 where k < 1 - BIAS - FIRST, so that the result is 0. */
#define FIRST BY_TYPE(80, 700)
FN real times_exp2(real y, real k) {
#ifdef HAS_MACHINE_FORMS
    return machine_scale(y, k);
#else
    real first = clamp_below(clamp_above(k, FIRST), -FIRST);
    real rest = clamp_below(clamp_above(k - first, BIAS), 1 - BIAS);
    return y * exp2i(first) * exp2i(rest);
#endif
}

/* 2^max(k, 1 - BIAS): where the term it scales no longer counts */
FN real exp2i_floor(real k) {
    return exp2i(clamp_below(k, 1 - BIAS));
}

/* y times that, for k <= BIAS */
FN real times_exp2_floor(real y, real k) {
#ifdef HAS_MACHINE_FORMS
    return machine_scale(y, clamp_below(k, 1 - BIAS));
#else
    return y * exp2i_floor(k);
#endif
}

FN pair fine_times_exp2_floor(pair v, real k) {
    return fine(times_exp2_floor(v.h, k), times_exp2_floor(v.l, k));
}

/* x = v.h 2^k with |v.h| in [1, 2), subnormal or not; 0, infinities and NaN are v.h themselves */
FN scaled split(real x) {
#ifdef HAS_MACHINE_FORMS
    return scaled_of(plain(machine_significand(x)), machine_exponent(x));
#else
    real a = magnitude(x);
    ints tiny = a < LEAST_NORMAL, is_number = (a > 0.0f) & (a < INFINITY);
    uints b = bits_uint(x * (tiny ? C(BY_TYPE(0x1p32f, 0x1p64)) : C(1.0f)));
    real e = real_of((b >> (DIGITS - 1)) & (2 * BIAS + 1));
    real v = bits_real((b & (SIGN_BIT | FRACTION)) | ONE_BITS);
    real k = e - (tiny ? C(BIAS + WORD) : C(BIAS));
    return scaled_of(plain(is_number ? v : x), is_number ? k : C(0.0f));
#endif
}

/* v 2^k with one rounding: |v| in [2^-40, 2^40] or 0 */
FN real unscaled(scaled s) {
    return times_exp2(s.v.h + s.v.l, s.k);
}

/* v 2^k dy, the exponents of all put together before the one rounding into the subnormal range,
 * so that neither a small dy loses bits nor a large one overflows on the way; what IEEE 754 says
 * of v dy where dy is not finite. |v| in [2^-40, 2^40] or 0. */
FN real times_scaled(scaled s, real dy) {
    scaled d = split(dy);
    real y = s.v.h * d.v.h, both = fma(s.v.h, d.v.h, s.v.l * d.v.h);
    both = magnitude(y) < INFINITY ? both : y;
    return times_exp2(BY_TIER(both, y), s.k + d.k);
}

/* ---- division ---- */

/* 1/d rounded right, d in [2^-120, 2^120] */
FN real reciprocal(real d) {
#ifdef ROUNDED_DIVISION
    return C(1.0f) / d;
#else
    real y = bits_real(U(0x7ef311c7u) - bits_uint(d)), e = fma(-d, y, C(1.0f)); /* |e| < 1/8 */
    y = fma(y, fma(e, e, e), y);
    e = fma(-d, y, C(1.0f)); /* e^3 again */
    y = fma(y, fma(e, e, e), y);
    y = fma(y, fma(-d, y, C(1.0f)), y);
    /* for one fraction that is a tie, and falls to the wrong side */
    return bits_real(bits_uint(y) + ((bits_uint(d) & FRACTION) == FRACTION ? U(1) : U(0)));
#endif
}

/* n/d rounded right, d in [2^-60, 2^60], |n| at least 2^-60, or 0 or anything that a power of two
 * divides; what follows from another n must not be used. Newton's step from a rounded reciprocal
 * rounds right (Markstein 1990). */
FN real ratio(real n, real d) {
#ifdef ROUNDED_DIVISION
    return n / d;
#else
    real r = reciprocal(d), q = n * r;
    q = fma(fma(-q, d, n), r, q);
    q = with_sign(fma(fma(-q, d, n), r, q), n); /* that of -0 would be lost */
    return magnitude(n) == INFINITY ? n : q;
#endif
}

/* n / d to 2^-36 before the last rounding, where both are pairs in both tiers */
FN pair quotient_by_pair(pair n, pair d) {
    real r = reciprocal(d.h), q = n.h * r;
    real rest = fma(-q, d.l, fma(-q, d.h, n.h) + n.l), h = fma(rest, r, q);
    return fine(h, fma(rest, r, q - h));
}

/* n / d: n and d as in ratio */
FN pair quotient(pair n, pair d) {
    pair q = quotient_by_pair(n, d);
    return pair_of(BY_TIER(q.h, ratio(n.h, d.h)), LOW(q.l));
}

/* (1 + E)^2 = 1 + E (2 + E), a pair in both tiers */
FN pair square_of_1_plus(pair e) {
    return plus_product_exact(plain(C(1.0f)), e, fine_onto(C(2.0f), e));
}

/* n / (1 + E)^2 */
FN pair quotient_by_square(pair n, pair e) {
    pair q = quotient_by_pair(n, square_of_1_plus(e));
    return pair_of(BY_TIER(q.h, ratio(n.h, fma(e.h, 2.0f + e.h, C(1.0f)))), LOW(q.l));
}

/* n / d with one rounding for every n and d, with a second where it is subnormal; x/0 is infinite,
 * 0/0 and inf/inf are NaN */
FN real divide(real n, real d) {
#ifdef DOUBLE
    return n / d;
#else
    scaled a = split(n), b = split(d);
#ifdef ROUNDED_DIVISION
    return times_exp2(a.v.h / b.v.h, a.k - b.k);
#else
    real y = times_exp2(ratio(a.v.h, magnitude(b.v.h)), a.k - b.k);
    y = ((n == 0.0f) | (magnitude(d) == INFINITY)) ? C(0.0f) : y;
    y = ((d == 0.0f) | (magnitude(n) == INFINITY)) ? C(INFINITY) : y;
    y = ((d == 0.0f) & (n == 0.0f)) | ((magnitude(n) == INFINITY) & (magnitude(d) == INFINITY))
            ? C(NAN)
            : y;
    y = with_sign(y, bits_real(bits_uint(n) ^ (bits_uint(d) & SIGN_BIT)));
    return ((n != n) | (d != d)) ? n + d : y;
#endif
#endif
}

#endif
