/* formulas_piecewise.h: linear and square by pieces. */
#ifndef FORMULAS_PIECEWISE_H
#define FORMULAS_PIECEWISE_H

#include "formula_common.h"

/* ---- piecewise linear ---- */

ACT real act_identity_fwd(real x, act_params p) {
    (void)p;
    return x;
}
ACT real act_identity_bwd(real x, real dy, act_params p) {
    (void)p;
    return x != x ? x : dy;
}
ACT real act_identity_bwd_y(real y, real dy, act_params p) {
    return act_identity_bwd(y, dy, p);
}

ACT real act_relu_fwd(real x, act_params p) {
    (void)p;
    return x <= 0.0f ? C(0.0f) : x;
}
ACT ints act_relu_kept(real x, act_params p) {
    (void)p;
    return x > 0.0f;
}
ACT real act_relu_bwd_mask(ints kept, real dy, act_params p) {
    (void)p;
    return kept_only(kept, dy);
}
ACT real act_relu_bwd(real x, real dy, act_params p) {
    return unless_nan(x, act_relu_bwd_mask(act_relu_kept(x, p), dy, p));
}
ACT real act_relu_bwd_y(real y, real dy, act_params p) {
    return act_relu_bwd(y, dy, p);
}

ACT real act_leaky_relu_fwd(real x, act_params p) {
    real leak = p.a == 0.0f ? C(0.0f) : p.a * x;
    return ((x > 0.0f) | (x != x)) ? x : leak;
}
ACT ints act_leaky_relu_kept(real x, act_params p) {
    (void)p;
    return x > 0.0f;
}
ACT real act_leaky_relu_bwd_mask(ints kept, real dy, act_params p) {
    return leaked(kept, dy, p.a);
}
ACT real act_leaky_relu_bwd(real x, real dy, act_params p) {
    return unless_nan(x, act_leaky_relu_bwd_mask(act_leaky_relu_kept(x, p), dy, p));
}
ACT real act_leaky_relu_bwd_y(real y, real dy, act_params p) {
    return act_leaky_relu_bwd(y, dy, p);
}

ACT real act_prelu_fwd(real x, act_params p) {
    return act_leaky_relu_fwd(x, p);
}
ACT ints act_prelu_kept(real x, act_params p) {
    (void)p;
    return x > 0.0f;
}
ACT real act_prelu_bwd_mask(ints kept, real dy, act_params p) {
    return leaked(kept, dy, p.a);
}
ACT real act_prelu_bwd(real x, real dy, act_params p) {
    return unless_nan(x, act_prelu_bwd_mask(act_prelu_kept(x, p), dy, p));
}
ACT real act_prelu_bwd_y(real y, real dy, act_params p) {
    return act_prelu_bwd(y, dy, p);
}

ACT real act_relu6_fwd(real x, act_params p) {
    (void)p;
    return x <= 0.0f ? C(0.0f) : clamp_above(x, 6.0f);
}
ACT ints act_relu6_kept(real x, act_params p) {
    (void)p;
    return (x > 0.0f) & (x < 6.0f);
}
ACT real act_relu6_bwd_mask(ints kept, real dy, act_params p) {
    (void)p;
    return kept_only(kept, dy);
}
ACT real act_relu6_bwd(real x, real dy, act_params p) {
    return unless_nan(x, act_relu6_bwd_mask(act_relu6_kept(x, p), dy, p));
}
ACT real act_relu6_bwd_y(real y, real dy, act_params p) {
    return act_relu6_bwd(y, dy, p);
}

ACT real act_hardtanh_fwd(real x, act_params p) {
    real y = x < p.a ? p.a : x;
    return y > p.b ? p.b : y;
}
ACT ints act_hardtanh_kept(real x, act_params p) {
    return (x > p.a) & (x < p.b);
}
ACT real act_hardtanh_bwd_mask(ints kept, real dy, act_params p) {
    (void)p;
    return kept_only(kept, dy);
}
ACT real act_hardtanh_bwd(real x, real dy, act_params p) {
    return unless_nan(x, act_hardtanh_bwd_mask(act_hardtanh_kept(x, p), dy, p));
}
ACT real act_hardtanh_bwd_y(real y, real dy, act_params p) {
    return act_hardtanh_bwd(y, dy, p);
}

ACT real act_threshold_fwd(real x, act_params p) {
    return x <= p.a ? p.b : x;
}
ACT ints act_threshold_kept(real x, act_params p) {
    return x > p.a;
}
ACT real act_threshold_bwd_mask(ints kept, real dy, act_params p) {
    (void)p;
    return kept_only(kept, dy);
}
ACT real act_threshold_bwd(real x, real dy, act_params p) {
    return unless_nan(x, act_threshold_bwd_mask(act_threshold_kept(x, p), dy, p));
}

ACT real act_softshrink_fwd(real x, act_params p) {
    real y = x > p.a ? x - p.a : C(0.0f);
    y = x < -p.a ? x + p.a : y;
    return x != x ? x : y;
}
ACT ints act_softshrink_kept(real x, act_params p) {
    return magnitude(x) > p.a;
}
ACT real act_softshrink_bwd_mask(ints kept, real dy, act_params p) {
    (void)p;
    return kept_only(kept, dy);
}
ACT real act_softshrink_bwd(real x, real dy, act_params p) {
    return unless_nan(x, act_softshrink_bwd_mask(act_softshrink_kept(x, p), dy, p));
}

ACT real act_hardshrink_fwd(real x, act_params p) {
    return magnitude(x) <= p.a ? C(0.0f) : x;
}
ACT ints act_hardshrink_kept(real x, act_params p) {
    return magnitude(x) > p.a;
}
ACT real act_hardshrink_bwd_mask(ints kept, real dy, act_params p) {
    (void)p;
    return kept_only(kept, dy);
}
ACT real act_hardshrink_bwd(real x, real dy, act_params p) {
    return unless_nan(x, act_hardshrink_bwd_mask(act_hardshrink_kept(x, p), dy, p));
}
ACT real act_hardshrink_bwd_y(real y, real dy, act_params p) {
    (void)p;
    return passed(y != 0.0f, y, dy);
}

ACT real act_abs_fwd(real x, act_params p) {
    (void)p;
    return magnitude(x);
}
ACT real act_abs_bwd(real x, real dy, act_params p) {
    (void)p;
    real dx = x < 0.0f ? -dy : dy;
    return passed(x != 0.0f, x, dx);
}

ACT real act_step_fwd(real x, act_params p) {
    (void)p;
    real y = x >= 0.0f ? C(1.0f) : C(0.0f);
    return x != x ? x : y;
}
ACT real act_step_bwd(real x, real dy, act_params p) {
    (void)dy;
    (void)p;
    return x != x ? x : C(0.0f);
}
ACT real act_step_bwd_y(real y, real dy, act_params p) {
    return act_step_bwd(y, dy, p);
}

/* ---- polynomials of degree two, whole or by pieces ---- */

ACT real act_square_fwd(real x, act_params p) {
    (void)p;
    return x * x;
}
ACT real act_square_bwd(real x, real dy, act_params p) {
    (void)p;
    return 2.0f * (x * dy);
}

ACT real act_relu_squared_fwd(real x, act_params p) {
    (void)p;
    return x <= 0.0f ? C(0.0f) : x * x;
}
ACT real act_relu_squared_bwd(real x, real dy, act_params p) {
    (void)p;
    return passed(x > 0.0f, x, 2.0f * (x * dy));
}

ACT real act_hardsigmoid_fwd(real x, act_params p) {
    (void)p;
    real y = product_rounded(fine_sum(x, C(3.0f)), PAIR_CONSTANT(SIXTH));
    y = x <= -3.0f ? C(0.0f) : y;
    return x >= 3.0f ? C(1.0f) : y;
}
ACT ints act_hardsigmoid_kept(real x, act_params p) {
    (void)p;
    return (x > -3.0f) & (x < 3.0f);
}
ACT real act_hardsigmoid_bwd_mask(ints kept, real dy, act_params p) {
    (void)p;
    return kept ? times_constant(dy, PAIR_CONSTANT(SIXTH)) : C(0.0f);
}
ACT real act_hardsigmoid_bwd(real x, real dy, act_params p) {
    return unless_nan(x, act_hardsigmoid_bwd_mask(act_hardsigmoid_kept(x, p), dy, p));
}

ACT real act_hardswish_fwd(real x, act_params p) {
    (void)p;
    real y = times(fine_mul(fine_sum(x, C(3.0f)), PAIR_CONSTANT(SIXTH)), x);
    y = x <= -3.0f ? C(0.0f) : y;
    return ((x >= 3.0f) | (x == 0.0f)) ? x : y;
}
ACT real act_hardswish_bwd(real x, real dy, act_params p) {
    (void)p;
    pair d = fine_mul(fine_sum(2.0f * x, C(3.0f)), PAIR_CONSTANT(SIXTH));
    return passed(!(x <= -3.0f), x, x >= 3.0f ? dy : times(d, dy));
}

#endif
