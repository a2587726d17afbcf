/* formulas_algebraic.h: softsign, square root, logarithm. */
#ifndef FORMULAS_ALGEBRAIC_H
#define FORMULAS_ALGEBRAIC_H

#include "formula_common.h"

/* ---- rational ---- */

ACT real act_softsign_fwd(real x, act_params p) {
    (void)p;
    real a = clamp_above(magnitude(x), 0x1p30f);
    pair d = sum(C(1.0f), a);
    real q = quotient_rounded(pair_of(a, C(0.0f)), d, reciprocal(d.h));
    return magnitude(x) < 0x1p-60f ? x : with_sign(q, x);
}
ACT real act_softsign_bwd(real x, real dy, act_params p) {
    (void)p;
    pair d = sum(C(1.0f), clamp_above(magnitude(x), 0x1p126f));
    ints k = int_of(bits_uint(d.h) >> 23) - 127; /* 1 + |x| = f 2^k */
    pair f = pair_shift(d, exp2i_floor(-k));
    real r = reciprocal_1_2(f.h),
         v = quotient_rounded(pair_of(C(1.0f), C(0.0f)), pair_mul(f, f), r * r);
    return times_scaled(scaled_of(v, -2 * k), dy);
}

ACT real act_sqrt_fwd(real x, act_params p) {
    (void)p;
    scaled_root s = square_root(x);
    real y = s.root.h * exp2i(s.k);
    y = x < 0.0f ? C(NAN) : y;
    return ((x == 0.0f) | (x == INFINITY) | (x != x)) ? x : y;
}
ACT real act_sqrt_bwd(real x, real dy, act_params p) {
    (void)p;
    scaled_root s = square_root(x);
    real v = quotient_rounded(pair_of(C(1.0f), C(0.0f)), s.root, s.recip);
    real dx = times_scaled(scaled_of(v, -1 - s.k), dy);
    dx = x == 0.0f ? dy * INFINITY : (x == INFINITY ? dy * 0.0f : dx);
    return x < 0.0f ? C(NAN) : (x != x ? x : dx);
}
ACT real act_sqrt_bwd_y(real y, real dy, act_params p) {
    (void)p;
    real m = magnitude(y); /* halve or double whichever stays exact and finite */
    real d = divide(m > 1.0f ? 0.5f * dy : dy, m > 1.0f ? m : 2.0f * m);
    return y < 0.0f ? C(NAN) : d;
}

ACT real act_log_fwd(real x, act_params p) {
    (void)p;
    return logarithm(x);
}
ACT real act_log_bwd(real x, real dy, act_params p) {
    (void)p;
    return x < 0.0f ? C(NAN) : divide(dy, magnitude(x));
}

#endif
