/* formulas_periodic.h: sine and snake. */
#ifndef FORMULAS_PERIODIC_H
#define FORMULAS_PERIODIC_H

#include "formula_common.h"
#include "periodic.h"

ACT real act_sine_fwd(real x, act_params p) {
    (void)p;
    return sine_of(x);
}
ACT real act_sine_bwd(real x, real dy, act_params p) {
    (void)p;
    real a = magnitude(x);
    /* cos(x) = sin(|x| + a quarter turn) */
    pair d = sine(angle_of(a, C(1.0f), U(2)));
    d = pair_choose(a < 0x1p-13f, plain(fma(a * -0.5f, a, C(1.0f))), d);
    return a == INFINITY ? C(NAN) : (x != x ? x : times(d, dy));
}

ACT real act_snake_fwd(real x, act_params p) {
    real a = magnitude(x);
    pair z = product(clamp_above(a, BY_TYPE(0x1p60f, 0x1p100)), p.a);
    pair s = sine(angle_of(a, p.a, U(0)));
    pair bump = pair_mul(normalized(pair_mul(s, s)), p.recip_a), y = sum(x, bump.h);
    real large = y.h + (y.l + bump.l);
    /* sin(z)^2 / alpha = alpha x^2 (1 - z^2 / 3 ...) */
    real small = fma(x * p.a * fma(z.h * z.h, -THIRD_H, C(1.0f)), x, x);
    large = z.h < 0x1p-13f ? small : large;
    ints itself = (z.h < BY_TYPE(0x1p-30f, 0x1p-60)) | (z.h > BY_TYPE(0x1p40f, 0x1p75));
    return (itself | (x != x)) ? x : large;
}
ACT real act_snake_bwd(real x, real dy, act_params p) {
    /* 1 + sin(2 z) = 2 sin(z + pi/4)^2 keeps every bit at its zeros; odd in z */
    real a = magnitude(x), z = clamp_above(a, 0x1p60f) * p.a;
    pair s = sine(angle_of(a, p.a, x < 0.0f ? U(7) : U(1)));
    pair d = fine_shift(fine_mul(s, s), C(2.0f));
    real sine_2z = 2.0f * z * fma(z * z, -2.0f * THIRD_H, C(1.0f)); /* of a small z */
    d = pair_choose(z < 0x1p-13f, fine_ordered(C(1.0f), with_sign(sine_2z, x)), d);
    return a == INFINITY ? C(NAN) : (x != x ? x : times(d, dy));
}

#endif
