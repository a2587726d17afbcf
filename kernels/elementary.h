/* elementary.h: exp, expm1, reciprocal, log, square root, sine from + - * fma, compares and bits.
 *
 * Every result is the same on every device whose + * fma are those of IEEE 754. A `pair` is an
 * unevaluated sum h + l with |l| at most half an ulp of h (a little more where noted); a `scaled`
 * is v * 2^k, kept apart so that the one rounding into the subnormal range comes last.
 * Coefficients: minimax, computed by linear programming or Sollya's fpminimax and rounded to
 * float32 one by one with a refit; the relative error of each is noted beside it.
 */
#ifndef ELEMENTARY_H
#define ELEMENTARY_H

#include "dialect.h"

typedef struct pair {
    real h, l;
} pair;

typedef struct scaled {
    real v;
    ints k;
} scaled;

/* ---- pairs ---- */

FN pair pair_of(real h, real l) {
    pair r;
    r.h = h;
    r.l = l;
    return r;
}

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

/* a * b exactly, when a * b does not fall under 2^-102 */
FN pair product(real a, real b) {
    real h = a * b;
    return pair_of(h, fma(a, b, -h));
}

FN pair normalized(pair a) {
    return sum_ordered(a.h, a.l);
}

FN pair negated(pair a) {
    return pair_of(-a.h, -a.l);
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

/* a * b with one rounding */
FN real product_rounded(pair a, pair b) {
    return fma(a.h, b.h, fma(a.h, b.l, a.l * b.h));
}

/* By parts: a ?: on whole structs keeps compilers from vectorising. */
FN pair pair_choose(ints c, pair a, pair b) {
    return pair_of(c ? a.h : b.h, c ? a.l : b.l);
}

/* x * (c.h + c.l) with one rounding, for any x: tiny x is scaled up meanwhile */
FN real times_constant(real x, pair c) {
    ints tiny = magnitude(x) < 0x1p-60f;
    real up = tiny ? C(0x1p80f) : C(1.0f), down = tiny ? C(0x1p-80f) : C(1.0f), y = x * up;
    ints plain = (x == 0.0f) | (magnitude(x) == INFINITY);
    return plain ? x * c.h : fma(y, c.h, y * c.l) * down;
}

/* a + b for sums of any length: normalized at each step, so that the error of n terms is within
 * (n 2^-23)^2 of the sum of magnitudes. An infinite sum stays infinite. */
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

/* ---- powers of two ---- */

/* 2^k for k in [-126, 127] */
FN real exp2i(ints k) {
    return bits_real(uint_of(k + 127) << 23);
}

/* 2^max(k, -126): where the term it scales no longer counts */
FN real exp2i_floor(ints k) {
    return exp2i(k < -126 ? I(-126) : k);
}

/* The part of k that may be applied first without harm, and the rest */
FN ints first_part(ints k) {
    return k < -80 ? I(-80) : (k > 80 ? I(80) : k);
}

/* v * 2^k with one rounding: |v| in [2^-40, 2^40] or 0, k <= 200; k < -206 counts as -206 */
FN real unscaled(scaled s) {
    ints first = first_part(s.k);
    return s.v * exp2i(first) * exp2i_floor(s.k - first);
}

/* What of the rest comes next: a factor that is exact, or the one that rounds */
FN ints second_part(ints rest) {
    return rest < -126 ? I(-126) : (rest > 127 ? I(127) : rest);
}

/* v * 2^k * dy: the scaling comes first as far as it is exact, so that neither a small dy loses
 * bits nor a large one overflows on the way. |v| in [2^-40, 2^40] or 0, k in [-332, 334]. */
FN real times_scaled(scaled s, real dy) {
    ints first = first_part(s.k), rest = s.k - first, second = second_part(rest);
    return s.v * exp2i(first) * dy * exp2i(second) * exp2i(rest - second);
}

FN scaled scaled_of(real v, ints k) {
    scaled s;
    s.v = v;
    s.k = k;
    return s;
}

/* ---- division ---- */

/* 1/d for d in [1, 2], relative error 2^-18.3: a cubic (2^-9.17) and one Newton step */
FN real reciprocal_1_2(real d) {
    real y = fma(d, fma(d, fma(d, C(-0x1.c65286p-3f), C(0x1.54bde4p+0f)), C(-0x1.783c56p+1f)),
                 C(0x1.6a09c2p+1f));
    return fma(y, fma(-d, y, C(1.0f)), y);
}

/* 1/d for d in [2^-125, 2^125], relative error 2^-18.3 */
FN real reciprocal(real d) {
    uints b = bits_uint(d), e = b & 0x7f800000u;
    real y = reciprocal_1_2(bits_real((b & 0x7fffffu) | 0x3f800000u));
    return bits_real(bits_uint(y) - (e - 0x3f800000u));
}

/* n / d where r is 1/d to 2^-18: 2^-36 before the last rounding */
FN real quotient_rounded(pair n, pair d, real r) {
    real q = n.h * r, rest = fma(-q, d.h, n.h) + fma(-q, d.l, n.l);
    return fma(rest, r, q);
}

FN pair quotient(pair n, pair d, real r) {
    real q = n.h * r, rest = fma(-q, d.h, n.h) + fma(-q, d.l, n.l), h = fma(rest, r, q);
    return pair_of(h, fma(rest, r, q - h));
}

/* x = v * 2^k with |v| in [1, 2), for finite x other than 0, subnormal or not */
FN scaled split(real x) {
    ints tiny = magnitude(x) < 0x1p-126f;
    uints b = bits_uint(x * (tiny ? C(0x1p32f) : C(1.0f)));
    ints e = int_of(((b >> 23) & 0xffu));
    return scaled_of(bits_real((b & 0x807fffffu) | 0x3f800000u), e - (tiny ? I(159) : I(127)));
}

/* n / d with one rounding for every n and d; x/0 is infinite, 0/0 and inf/inf are NaN */
FN real divide(real n, real d) {
    scaled a = split(n), b = split(magnitude(d));
    real r = reciprocal_1_2(b.v),
         q = quotient_rounded(pair_of(a.v, C(0.0f)), pair_of(b.v, C(0.0f)), r);
    /* |q| in (1/2, 2): one exact factor, then one that may round */
    ints k = a.k - b.k, first = first_part(k), rest = k - first;
    ints second = second_part(rest);
    real y = q * exp2i(first) * exp2i(second) * exp2i(rest - second);
    y = ((n == 0.0f) | (magnitude(d) == INFINITY)) ? C(0.0f) : y;
    y = ((d == 0.0f) | (magnitude(n) == INFINITY)) ? C(INFINITY) : y;
    y = ((d == 0.0f) & (n == 0.0f)) | ((magnitude(n) == INFINITY) & (magnitude(d) == INFINITY))
            ? C(NAN)
            : y;
    y = with_sign(y, bits_real(bits_uint(n) ^ (bits_uint(d) & 0x80000000u)));
    return ((n != n) | (d != d)) ? n + d : y;
}

/* ---- exponential ---- */

/* e^(x.h + x.l) = 2^k (1 + t) */
typedef struct exponential {
    pair t;
    ints k;
} exponential;

/* |x.h| <= 230. Degree 7 after the reduction by k ln 2, relative error 2^-33. */
FN exponential exponential_of(pair x) {
    real z = fma(x.h, C(0x1.715476p+0f), C(0x1.8p23f)), kf = z - 0x1.8p23f;
    real exact = fma(kf, C(-0x1.62e43p-1f), x.h), rest = fma(kf, C(0x1.05c61p-29f), x.l);
    real r = exact + rest, rl = rest - (r - exact);
    real q = fma(r,
                 fma(r, fma(r, fma(r, C(0x1.9e135p-13f), C(0x1.6d4f58p-10f)), C(0x1.111304p-7f)),
                     C(0x1.5554e6p-5f)),
                 C(0x1.555554p-3f));
    real w = fma(r * r, fma(r, q, C(0.5f)), rl);
    exponential e;
    e.k = bits_int(z) - 0x4B400000;
    e.t = pair_of(r + w, C(0.0f));
    e.t.l = w - (e.t.h - r);
    return e;
}

/* 1 + t, in [0.7, 1.42] */
FN pair mantissa(exponential e) {
    pair m = sum_ordered(C(1.0f), e.t.h);
    m.l += e.t.l;
    return m;
}

/* 2^k (1 + t) - 1 for k <= 0, without cancellation */
FN pair exponential_minus_1(exponential e) {
    real s = exp2i_floor(e.k), b = s - 1.0f, h = fma(s, e.t.h, b);
    return normalized(pair_of(h, fma(s, e.t.l, fma(s, e.t.h, -(h - b)) + (s - (b + 1.0f)))));
}

/* ---- logarithm ---- */

/* M(u) with log(1 + u) = u + u^2 M(u), u in [-1/4, 1/2], relative error of the sum 2^-28.4 */
FN real log1p_tail(real u) {
    real m = fma(u, C(-0x1.538ecap-5f), C(0x1.9ca226p-4f));
    m = fma(u, m, C(-0x1.0c5f64p-3f));
    m = fma(u, m, C(0x1.29b184p-3f));
    m = fma(u, m, C(-0x1.553ecp-3f));
    m = fma(u, m, C(0x1.995b9ep-3f));
    m = fma(u, m, C(-0x1.fffc34p-3f));
    m = fma(u, m, C(0x1.5555bep-2f));
    return fma(u, m, C(-0x1.000004p-1f));
}

#define LN2 pair_of(C(0x1.62e43p-1f), C(-0x1.05c61p-29f))

/* log(x): x = 2^k (1 + u) with u in [-1/4, 1/2] */
FN real logarithm(real x) {
    scaled s = split(x);
    ints high = s.v >= 1.5f;
    real v = high ? s.v * 0.5f : s.v, kf = real_of(s.k + (high ? I(1) : I(0)));
    real u = v - 1.0f, square_term = u * u;
    pair u2 = pair_of(square_term, fma(u, u, -square_term));
    /* u^2 M(u): its leading -u^2/2 exactly, the rest rounded */
    real tail = fma(u2.h, log1p_tail(u) + 0.5f, -0.5f * u2.l);
    pair big = pair_mul_real(LN2, kf), y = sum(big.h, u), z = sum(y.h, -0.5f * u2.h);
    real r = z.h + (z.l + (y.l + (big.l + tail)));
    r = x == 0.0f ? C(-INFINITY) : r;
    r = x < 0.0f ? C(NAN) : r;
    return ((x == INFINITY) | (x != x)) ? x : r;
}

/* ---- square root ---- */

/* sqrt(x) = (root.h + root.l) 2^k, root in [1, 2), for finite x > 0; recip is 1/root to 2^-22 */
typedef struct scaled_root {
    pair root;
    real recip;
    ints k;
} scaled_root;

FN scaled_root square_root(real x) {
    scaled s = split(x);
    ints odd = s.k & 1;
    real f = odd != 0 ? s.v * 2.0f : s.v; /* [1, 4) */
    real y = bits_real(0x5f375a86u - (bits_uint(f) >> 1)), half_f = 0.5f * f;
    y = y * fma(-half_f * y, y, C(1.5f));
    y = y * fma(-half_f * y, y, C(1.5f));
    y = y * fma(-half_f * y, y, C(1.5f));
    real root = f * y;
    scaled_root r;
    r.root = sum_ordered(root, fma(-root, root, f) * (0.5f * y));
    r.recip = y;
    r.k = (s.k - odd) >> 1;
    return r;
}

/* ---- sine and cosine ---- */

/* The angle a x for x >= 0 and a > 0, plus offset (in units of 2^-32 turns), is
 * quadrant * pi/2 + r with |r| <= pi/4. */
typedef struct angle {
    pair r;
    ints quadrant;
} angle;

/* One word of the 2 * 32 zero bits and 256 bits of 2/pi that start at bit 32 i */
#define TWO_OVER_PI(i)                                                                             \
    ((i) == 2   ? 0xA2F9836Eu                                                                      \
     : (i) == 3 ? 0x4E441529u                                                                      \
     : (i) == 4 ? 0xFC2757D1u                                                                      \
     : (i) == 5 ? 0xF534DDC0u                                                                      \
     : (i) == 6 ? 0xDB629599u                                                                      \
     : (i) == 7 ? 0x3C439041u                                                                      \
     : (i) == 8 ? 0xFE5163ABu                                                                      \
     : (i) == 9 ? 0xDEBBC561u                                                                      \
                : 0u)

FN uints two_over_pi_word(ints first, const int i) {
    uints w = U(TWO_OVER_PI(i));
    w = first == 1 ? U(TWO_OVER_PI(i + 1)) : w;
    w = first == 2 ? U(TWO_OVER_PI(i + 2)) : w;
    w = first == 3 ? U(TWO_OVER_PI(i + 3)) : w;
    w = first == 4 ? U(TWO_OVER_PI(i + 4)) : w;
    w = first == 5 ? U(TWO_OVER_PI(i + 5)) : w;
    return w;
}

/* The 32 bits that start `shift` (0..31) bits into the two words */
FN uints funnel(uints high, uints low, uints shift) {
    return (high << shift) | ((low >> 1) >> (31u - shift));
}

FN uints carry_of(uints total, uints part) {
    return total < part ? U(1u) : U(0u);
}

/* Payne and Hanek's reduction in integers, for a x in [2^-14, 2^148): the 48-bit product of the
 * significands times the 128 bits of 2/pi that decide it modulo 4, 126 bits after the point. */
FN angle angle_of(real x, real a, uints offset) {
    uints bx = bits_uint(x), ba = bits_uint(a);
    uints mx = (bx & 0x7fffffu) | 0x800000u, ma = (ba & 0x7fffffu) | 0x800000u;
    uints lo = mx * ma, hi = high_product(mx, ma);
    uints start = (bx >> 23) + (ba >> 23) - (2u * 150u - 62u);
    start = start > 162u ? U(0u) : start; /* out of the stated range: any angle will do */
    ints first = int_of(start >> 5);
    uints shift = start & 31u;
    uints w0 = two_over_pi_word(first, 0), w1 = two_over_pi_word(first, 1);
    uints w2 = two_over_pi_word(first, 2), w3 = two_over_pi_word(first, 3);
    uints w4 = two_over_pi_word(first, 4);
    uints v3 = funnel(w0, w1, shift), v2 = funnel(w1, w2, shift);
    uints v1 = funnel(w2, w3, shift), v0 = funnel(w3, w4, shift);
    /* the low 128 bits of (hi, lo) * (v3, v2, v1, v0), without the lowest word */
    uints p1 = high_product(lo, v0), t = lo * v1, c1;
    p1 += t;
    c1 = carry_of(p1, t);
    t = hi * v0;
    p1 += t;
    c1 += carry_of(p1, t);
    uints p2 = high_product(lo, v1), c2;
    p2 += c1;
    c2 = carry_of(p2, c1);
    t = lo * v2;
    p2 += t;
    c2 += carry_of(p2, t);
    t = high_product(hi, v0);
    p2 += t;
    c2 += carry_of(p2, t);
    t = hi * v1;
    p2 += t;
    c2 += carry_of(p2, t);
    uints p3 = high_product(lo, v2) + lo * v3 + high_product(hi, v1) + hi * v2 + c2 + offset;
    /* two bits of quadrant, then the fraction; to the nearest quadrant */
    uints f3 = (p3 << 2) | (p2 >> 30), f2 = (p2 << 2) | (p1 >> 30), f1 = p1 << 2;
    uints up = f3 >> 31, flip = U(0u) - up;
    f3 ^= flip;
    f2 ^= flip;
    f1 ^= flip;
    real c = real_of((f1 & 0xffffffu)) * 0x1p-96f;
    pair low = sum_ordered(real_of(((f3 & 0xffu) << 16) | (f2 >> 16)) * 0x1p-48f,
                           real_of(((f2 & 0xffffu) << 8) | (f1 >> 24)) * 0x1p-72f + c);
    pair r = sum(real_of(f3 >> 8) * 0x1p-24f, low.h);
    r.l += low.l;
    r = pair_mul(normalized(r), pair_of(C(0x1.921fb6p+0f), C(-0x1.777a5cp-25f)));
    angle result;
    result.quadrant = int_of((((p3 >> 30) + up) & 3u));
    result.r = normalized(pair_of(up != 0u ? -r.h : r.h, up != 0u ? -r.l : r.l));
    return result;
}

/* sin(g) as a pair good to 2^-26; polynomials on [-pi/4, pi/4], relative errors 2^-28 and 2^-29 */
FN pair sine(angle g) {
    real r = g.r.h, s = r * r, sl = fma(r, r, -s);
    real ps = fma(s, fma(s, fma(s, C(0x1.874ad8p-19f), C(-0x1.a082bep-13f)), C(0x1.111198p-7f)),
                  C(-0x1.555556p-3f));
    real pc = fma(s, fma(s, fma(s, C(-0x1.57f7f8p-22f), C(0x1.a0f2bap-16f)), C(-0x1.6c17d2p-10f)),
                  C(0x1.555556p-5f));
    pair sine_part = sum_ordered(r, r * s * ps);
    sine_part.l += g.r.l * fma(s, C(-0.5f), C(1.0f));
    pair cosine_part = sum_ordered(C(1.0f), -0.5f * s);
    cosine_part.l += fma(s * s, pc, fma(-r, g.r.l, -0.5f * sl));
    pair y = normalized(pair_choose((g.quadrant & 1) != 0, cosine_part, sine_part));
    return pair_choose((g.quadrant & 2) != 0, negated(y), y);
}

#endif
