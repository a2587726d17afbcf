/* formulas_exponential.h: exp, elu, selu, celu, gaussian. */
#ifndef FORMULAS_EXPONENTIAL_H
#define FORMULAS_EXPONENTIAL_H

#include "formula_common.h"

ACT real act_exp_fwd(real x, act_params p) {
    (void)p;
    return exp_of(x);
}
ACT real act_exp_bwd(real x, real dy, act_params p) {
    (void)p;
    return times_scaled(exp_scaled(plain(x), FAR), dy);
}
ACT real act_exp_bwd_y(real y, real dy, act_params p) {
    (void)p;
    return y * dy;
}

/* c e^z as v 2^k, for z <= 0 and c of any size; a low part of c counts only for c in [1, 2) */
FN scaled exp_times(pair z, pair c) {
    exponential e = exponential_of(negated(clamped(negated(z), FAR)));
    scaled s = split(c.h);
    pair v = mantissa_times(e, fine(s.v.h, c.l));
    v = pair_choose(c.h == 0.0f, plain(C(0.0f)), v);
    return scaled_of(v, e.k + s.k);
}

FN real not_above_0(real x) {
    return x > 0.0f ? C(0.0f) : x;
}

ACT real act_elu_fwd(real x, act_params p) {
    return x > 0.0f ? x : expm1_times(plain(not_above_0(x)), plain(p.a));
}
ACT real act_elu_bwd(real x, real dy, act_params p) {
    scaled d = exp_times(plain(not_above_0(x)), plain(p.a));
    real below = p.a == 0.0f ? C(0.0f) : times_scaled(d, dy);
    real dx = x > 0.0f ? dy : below;
    return x != x ? x : dx;
}
ACT real act_elu_bwd_y(real y, real dy, act_params p) {
    real below = p.a == 0.0f ? C(0.0f) : times(fine_sum(p.a, y), dy);
    real dx = y > 0.0f ? dy : below;
    return y != y ? y : dx;
}

ACT real act_selu_fwd(real x, act_params p) {
    (void)p;
    real y = expm1_times(plain(not_above_0(x)), PAIR_CONSTANT(SELU_LAMBDA_ALPHA));
    return x > 0.0f ? times_constant(x, PAIR_CONSTANT(SELU_LAMBDA)) : y;
}
ACT real act_selu_bwd(real x, real dy, act_params p) {
    (void)p;
    scaled d = exp_times(plain(not_above_0(x)), PAIR_CONSTANT(SELU_LAMBDA_ALPHA));
    return x > 0.0f ? times_constant(dy, PAIR_CONSTANT(SELU_LAMBDA)) : times_scaled(d, dy);
}
ACT real act_selu_bwd_y(real y, real dy, act_params p) {
    (void)p;
    /* near y = -lambda alpha the low part is all there is */
    pair d = normalized(pair_add_real(PAIR_CONSTANT(SELU_LAMBDA_ALPHA), y));
    return y > 0.0f ? times_constant(dy, PAIR_CONSTANT(SELU_LAMBDA)) : times(d, dy);
}

/* x / alpha as a pair */
FN pair celu_argument(real x, act_params p) {
    real xc = not_above_0(x), least = -FAR * p.a;
    return pair_mul_real(p.recip_a, xc < least ? least : xc);
}
ACT real act_celu_fwd(real x, act_params p) {
    pair z = celu_argument(x, p);
    real y = expm1_times(z, plain(p.a));
    y = magnitude(z.h) < BY_TYPE(0x1p-25f, 0x1p-54) ? x : y;
    return x > 0.0f ? x : y;
}
ACT real act_celu_bwd(real x, real dy, act_params p) {
    scaled d = exp_times(celu_argument(x, p), plain(C(1.0f)));
    return x > 0.0f ? dy : times_scaled(d, dy);
}
ACT real act_celu_bwd_y(real y, real dy, act_params p) {
    return y > 0.0f ? dy : times(fine_mul(fine_sum(p.a, y), p.recip_a), dy);
}

/* -x^2 as a pair, for the gaussian */
FN pair gaussian_argument(real x) {
    real a = clamp_above(magnitude(x), BY_TYPE(15.0f, 38.5));
    return negated(product(a, a));
}
ACT real act_gaussian_fwd(real x, act_params p) {
    (void)p;
    exponential e = exponential_of(gaussian_argument(x));
    return unscaled(scaled_of(mantissa(e), e.k));
}
ACT real act_gaussian_bwd(real x, real dy, act_params p) {
    (void)p;
    exponential e = exponential_of(gaussian_argument(x));
    real a = magnitude(x), xc = with_sign(clamp_above(a, BY_TYPE(15.0f, 38.5)), x);
    scaled d = scaled_of(mantissa_times(e, plain(-2.0f * xc)), e.k);
    /* a tiny x may be subnormal, which the product above would not survive */
    return a < BY_TYPE(0x1p-20f, 0x1p-28) ? (-2.0f * x) * dy : times_scaled(d, dy);
}

#endif
