/* periodic.h: sine of any angle, from + * fma, compares and integers. In both tiers the same: the
 * reduction costs most. */
#ifndef PERIODIC_H
#define PERIODIC_H

#include "elementary.h"

/* The angle a x for x >= 0 and a > 0, plus some eighths of a turn, is quadrant pi/2 + r with
 * |r| <= pi/4. */
typedef struct angle {
    pair r;
    ints quadrant;
} angle;

/* Word i of 2/pi, counted from `first` */
FN uints two_over_pi_word(ints first, const int i) {
    uints w = U(TWO_OVER_PI(i));
    w = first == 1 ? U(TWO_OVER_PI(i + 1)) : w;
    w = first == 2 ? U(TWO_OVER_PI(i + 2)) : w;
    w = first == 3 ? U(TWO_OVER_PI(i + 3)) : w;
    w = first == 4 ? U(TWO_OVER_PI(i + 4)) : w;
    w = first == 5 ? U(TWO_OVER_PI(i + 5)) : w;
#ifdef DOUBLE
    w = first == 6 ? U(TWO_OVER_PI(i + 6)) : w;
    w = first == 7 ? U(TWO_OVER_PI(i + 7)) : w;
    w = first == 8 ? U(TWO_OVER_PI(i + 8)) : w;
    w = first == 9 ? U(TWO_OVER_PI(i + 9)) : w;
    w = first == 10 ? U(TWO_OVER_PI(i + 10)) : w;
    w = first == 11 ? U(TWO_OVER_PI(i + 11)) : w;
    w = first == 12 ? U(TWO_OVER_PI(i + 12)) : w;
    w = first == 13 ? U(TWO_OVER_PI(i + 13)) : w;
    w = first == 14 ? U(TWO_OVER_PI(i + 14)) : w;
    w = first == 15 ? U(TWO_OVER_PI(i + 15)) : w;
    w = first == 16 ? U(TWO_OVER_PI(i + 16)) : w;
#endif
    return w;
}

/* The word that starts `shift` bits into the two words */
FN uints funnel(uints high, uints low, uints shift) {
    return (high << shift) | ((low >> 1) >> ((uints)(WORD - 1) - shift));
}

FN uints carry_of(uints total, uints part) {
    return total < part ? U(1) : U(0);
}

/* Payne and Hanek's reduction in integers, for a x in [2^-14, 2^148) (double: 2^1044): the product
 * of the significands times the four words of 2/pi that decide it modulo 4, with 4 WORD - 2 bits
 * after the point. */
FN angle angle_of(real x, real a, uints eighths) {
    const uints hidden = U(FRACTION) + U(1);
    uints bx = bits_uint(x), ba = bits_uint(a);
    uints mx = (bx & FRACTION) | hidden, ma = (ba & FRACTION) | hidden;
    uints lo = mx * ma, hi = high_product(mx, ma);
    uints start =
        (bx >> (DIGITS - 1)) + (ba >> (DIGITS - 1)) - (2 * (BIAS + DIGITS - 1) - 2 * WORD + 2);
    start = start > (BY_TYPE(5, 16) + 1) * WORD - 1 ? U(0) : start; /* out of range: any angle */
    ints first = int_of(start / WORD);
    uints shift = start & (WORD - 1);
    uints w0 = two_over_pi_word(first, 0), w1 = two_over_pi_word(first, 1);
    uints w2 = two_over_pi_word(first, 2), w3 = two_over_pi_word(first, 3);
    uints w4 = two_over_pi_word(first, 4);
    uints v3 = funnel(w0, w1, shift), v2 = funnel(w1, w2, shift);
    uints v1 = funnel(w2, w3, shift), v0 = funnel(w3, w4, shift);
    /* the low four words of (hi, lo) * (v3, v2, v1, v0), without the lowest */
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
    uints p3 = high_product(lo, v2) + lo * v3 + high_product(hi, v1) + hi * v2 + c2;
    p3 += eighths << (WORD - 3);
    /* two bits of quadrant, then the fraction; to the nearest quadrant */
    uints f3 = (p3 << 2) | (p2 >> (WORD - 2)), f2 = (p2 << 2) | (p1 >> (WORD - 2)), f1 = p1 << 2;
    uints up = f3 >> (WORD - 1), flip = U(0) - up;
    f3 ^= flip;
    f2 ^= flip;
    f1 ^= flip;
    /* DIGITS bits each, and what is left */
    enum { LEFT = WORD - DIGITS };
    const uints mask1 = (U(1) << LEFT) - U(1), mask2 = (U(1) << (2 * LEFT)) - U(1);
    const uints mask3 = (U(1) << (3 * LEFT)) - U(1);
    uints m1 = f3 >> LEFT;
    uints m2 = ((f3 & mask1) << (DIGITS - LEFT)) | (f2 >> (2 * LEFT));
    uints m3 = ((f2 & mask2) << (DIGITS - 2 * LEFT)) | (f1 >> (3 * LEFT));
    const scalar unit = BY_TYPE(0x1p-24f, 0x1p-53);
    real c = real_of((f1 & mask3)) * BY_TYPE(0x1p-96f, 0x1p-192);
    pair low = sum_ordered(real_of(m2) * (unit * unit), real_of(m3) * (unit * unit * unit) + c);
    pair r = sum(real_of(m1) * unit, low.h);
    r.l += low.l;
    r = pair_mul(normalized(r), PAIR_CONSTANT(HALF_PI));
    angle result;
    result.quadrant = int_of((((p3 >> (WORD - 2)) + up) & 3));
    result.r = normalized(pair_of(up != 0 ? -r.h : r.h, up != 0 ? -r.l : r.l));
    return result;
}

/* sin(g) as a pair good to a quarter of an ulp and better */
FN pair sine(angle g) {
    real r = g.r.h, s = r * r, sl = fma(r, r, -s);
    pair cubic = pair_mul_real(pair_of(s, sl), r); /* r^3 */
    cubic = pair_mul(cubic, sum_ordered(SINE_C0, s * sine_tail(s)));
    pair sine_part = sum_ordered(r, cubic.h);
    sine_part.l += cubic.l + g.r.l * fma(s, C(-0.5f), C(1.0f));
    pair cosine_part = sum_ordered(C(1.0f), -0.5f * s);
    cosine_part.l += fma(s * s, cosine_tail(s), fma(-r, g.r.l, -0.5f * sl));
    pair y = normalized(pair_choose((g.quadrant & 1) != 0, cosine_part, sine_part));
    return pair_choose((g.quadrant & 2) != 0, negated(y), y);
}

FN real sine_of(real x) {
    real a = magnitude(x);
    pair s = sine(angle_of(a, C(1.0f), U(0)));
    real y = a < 0x1p-13f ? fma(a * a, a * -SIXTH_H, a) : s.h + s.l;
    y = with_sign(C(1.0f), x) * y;
    return a == INFINITY ? C(NAN) : (x != x ? x : y);
}

#endif
