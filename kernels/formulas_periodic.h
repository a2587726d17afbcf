/* formulas_periodic.h: sine and snake. */
#ifndef FORMULAS_PERIODIC_H
#define FORMULAS_PERIODIC_H

#include "formula_common.h"

/* ---- periodic ---- */

ACT real act_sine_fwd(real x, act_params p) {
    (void)p;
    real a = magnitude(x);
    pair s = sine(angle_of(a, C(1.0f), U(0u)));
    real y = with_sign(C(1.0f), x) * (s.h + s.l);
    y = a < 0x1p-13f ? x : y;
    return a == INFINITY ? C(NAN) : (x != x ? x : y);
}
ACT real act_sine_bwd(real x, real dy, act_params p) {
    (void)p;
    real a = magnitude(x);
    /* cos(x) = sin(|x| + a quarter turn) */
    pair s = sine(angle_of(a, C(1.0f), U(0x40000000u)));
    real d = a < 0x1p-13f ? C(1.0f) : s.h + s.l;
    d = a == INFINITY ? C(NAN) : (x != x ? x : d);
    return d * dy;
}

ACT real act_snake_fwd(real x, act_params p) {
    real a = magnitude(x);
    pair z = product(clamp_above(a, 0x1p60f), p.a);
    pair s = sine(angle_of(a, p.a, U(0u)));
    pair bump = pair_mul(normalized(pair_mul(s, s)), p.recip_a), y = sum(x, bump.h);
    real large = y.h + (y.l + bump.l);
    real small = fma(x * p.a, x, x); /* sin(z)^2 / alpha = alpha x^2 (1 - ...) */
    large = z.h < 0x1p-13f ? small : large;
    return ((z.h < 0x1p-30f) | (z.h > 0x1p40f) | (x != x)) ? x : large;
}
ACT real act_snake_bwd(real x, real dy, act_params p) {
    /* 1 + sin(2 z) = 2 sin(z + pi/4)^2 keeps every bit at its zeros; odd in z */
    real a = magnitude(x), z = clamp_above(a, 0x1p60f) * p.a;
    pair s = sine(angle_of(a, p.a, x < 0.0f ? U(0xe0000000u) : U(0x20000000u)));
    real d = 2.0f * product_rounded(s, s);
    d = z < 0x1p-13f ? fma(C(2.0f), with_sign(z, x), C(1.0f)) : d;
    d = a == INFINITY ? C(NAN) : (x != x ? x : d);
    return d * dy;
}

#endif
