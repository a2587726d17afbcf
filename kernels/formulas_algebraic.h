/* formulas_algebraic.h: softsign, square root, logarithm. */
#ifndef FORMULAS_ALGEBRAIC_H
#define FORMULAS_ALGEBRAIC_H

#include "formula_common.h"

ACT real act_softsign_fwd(real x, act_params p) {
    (void)p;
    real a = clamp_above(magnitude(x), 0x1p60f);
    pair d = fine_sum(C(1.0f), a);
    real q = quotient(plain(a), d).h;
    return magnitude(x) < 0x1p-60f ? x : with_sign(q, x);
}
ACT real act_softsign_bwd(real x, real dy, act_params p) {
    (void)p;
    /* 1 + |x| = f 2^k; a large |x|, to which 1 adds nothing, 2^64 times smaller meanwhile */
    real a = magnitude(x);
    ints large = a > 0x1p64f;
    pair d = fine_sum(large ? C(0.0f) : C(1.0f), large ? a * 0x1p-64f : a);
    real k = real_of(bits_uint(d.h) >> (DIGITS - 1)) - C(BIAS);
    pair f = fine_shift(d, exp2i_floor(-k));
    pair v = quotient(plain(C(1.0f)), fine_mul(f, f));
    v = pair_choose(a == INFINITY, plain(C(0.0f)), v);
    return times_scaled(scaled_of(v, -2.0f * (k + (large ? C(64.0f) : C(0.0f)))), dy);
}

ACT real act_sqrt_fwd(real x, act_params p) {
    (void)p;
    return sqrt_of(x);
}
ACT real act_sqrt_bwd(real x, real dy, act_params p) {
    (void)p;
    scaled_root s = square_root(x);
    pair v = quotient(plain(C(1.0f)), s.root);
    real dx = times_scaled(scaled_of(v, -1.0f - s.k), dy);
    /* no product with the constant 0, which Mesa takes for 0 even where the other factor is NaN */
    real edge = x == 0.0f ? C(INFINITY) : C(0.0f);
    dx = ((x == 0.0f) | (x == INFINITY)) ? dy * edge : dx;
    return x < 0.0f ? C(NAN) : (x != x ? x : dx);
}
ACT real act_sqrt_bwd_y(real y, real dy, act_params p) {
    (void)p;
    real m = magnitude(y); /* doubled where it stays finite, as it does for every root */
    ints large = m > BY_TYPE(0x1p126f, 0x1p1022);
    real d = divide(large ? 0.5f * dy : dy, large ? m : 2.0f * m);
    return y < 0.0f ? C(NAN) : d;
}

ACT real act_log_fwd(real x, act_params p) {
    (void)p;
    return log_of(x);
}
ACT real act_log_bwd(real x, real dy, act_params p) {
    (void)p;
    return x < 0.0f ? C(NAN) : divide(dy, magnitude(x));
}

#endif
