/* formulas_exponential.h: exp, elu, selu, celu, gaussian. */
#ifndef FORMULAS_EXPONENTIAL_H
#define FORMULAS_EXPONENTIAL_H

#include "formula_common.h"

/* ---- exponential and its kin ---- */

/* Where e^-FAR times the largest float is still 0: arguments are clamped there */
#define FAR 225.0f

/* z.h clamped to `most`, z.l dropped there */
FN pair clamped(pair z, float most) {
    ints out = z.h > most;
    return pair_of(out ? C(most) : z.h, out ? C(0.0f) : z.l);
}

/* e^x as v 2^k, for x up to `most`: what is beyond overflows in any case */
FN scaled exp_scaled(pair x, float most) {
    exponential e = exponential_of(negated(clamped(negated(clamped(x, most)), FAR)));
    pair m = mantissa(e);
    return scaled_of(m.h + m.l, e.k);
}

ACT real act_exp_fwd(real x, act_params p) {
    (void)p;
    return unscaled(exp_scaled(pair_of(x, C(0.0f)), 130.0f));
}
ACT real act_exp_bwd(real x, real dy, act_params p) {
    (void)p;
    return times_scaled(exp_scaled(pair_of(x, C(0.0f)), FAR), dy);
}
ACT real act_exp_bwd_y(real y, real dy, act_params p) {
    (void)p;
    return y * dy;
}

/* alpha (e^z - 1) for z <= 0, where z = x for tiny arguments */
FN real expm1_times(pair z, pair alpha) {
    exponential e = exponential_of(negated(clamped(negated(z), 20.0f)));
    real tiny = times_constant(z.h, alpha);
    return magnitude(z.h) < 0x1p-25f ? tiny : product_rounded(exponential_minus_1(e), alpha);
}

/* c e^z as v 2^k, for z <= 0 and c of any size; a low part of c counts only for c in [1, 2) */
FN scaled exp_times(pair z, pair c) {
    exponential e = exponential_of(negated(clamped(negated(z), FAR)));
    scaled s = split(c.h);
    real v = product_rounded(mantissa(e), pair_of(s.v, c.l));
    ints k = e.k + s.k;
    return scaled_of(c.h == 0.0f ? C(0.0f) : v, k < -330 ? I(-330) : k);
}

FN real not_above_0(real x) {
    return x > 0.0f ? C(0.0f) : x;
}

ACT real act_elu_fwd(real x, act_params p) {
    pair z = pair_of(not_above_0(x), C(0.0f));
    return x > 0.0f ? x : expm1_times(z, pair_of(p.a, C(0.0f)));
}
ACT real act_elu_bwd(real x, real dy, act_params p) {
    scaled d = exp_times(pair_of(not_above_0(x), C(0.0f)), pair_of(p.a, C(0.0f)));
    real below = p.a == 0.0f ? C(0.0f) : times_scaled(d, dy);
    real dx = x > 0.0f ? dy : below;
    return x != x ? x : dx;
}
ACT real act_elu_bwd_y(real y, real dy, act_params p) {
    real below = p.a == 0.0f ? C(0.0f) : (y + p.a) * dy;
    real dx = y > 0.0f ? dy : below;
    return y != y ? y : dx;
}

#define SELU_LAMBDA       pair_of(C(0x1.0cfabep+0f), C(-0x1.2adddap-25f))
#define SELU_LAMBDA_ALPHA pair_of(C(0x1.c212ccp+0f), C(0x1.903c0cp-26f))

ACT real act_selu_fwd(real x, act_params p) {
    (void)p;
    real y = expm1_times(pair_of(not_above_0(x), C(0.0f)), SELU_LAMBDA_ALPHA);
    return x > 0.0f ? times_constant(x, SELU_LAMBDA) : y;
}
ACT real act_selu_bwd(real x, real dy, act_params p) {
    (void)p;
    scaled d = exp_times(pair_of(not_above_0(x), C(0.0f)), SELU_LAMBDA_ALPHA);
    return x > 0.0f ? times_constant(dy, SELU_LAMBDA) : times_scaled(d, dy);
}
ACT real act_selu_bwd_y(real y, real dy, act_params p) {
    (void)p;
    pair c = SELU_LAMBDA_ALPHA, d = pair_add_real(c, y);
    return y > 0.0f ? times_constant(dy, SELU_LAMBDA) : (d.h + d.l) * dy;
}

/* x / alpha as a pair */
FN pair celu_argument(real x, act_params p) {
    real xc = not_above_0(x), least = -FAR * p.a;
    return pair_mul_real(p.recip_a, xc < least ? least : xc);
}
ACT real act_celu_fwd(real x, act_params p) {
    pair z = celu_argument(x, p);
    real y = expm1_times(z, pair_of(p.a, C(0.0f)));
    y = magnitude(z.h) < 0x1p-25f ? x : y;
    return x > 0.0f ? x : y;
}
ACT real act_celu_bwd(real x, real dy, act_params p) {
    scaled d = exp_times(celu_argument(x, p), pair_of(C(1.0f), C(0.0f)));
    return x > 0.0f ? dy : times_scaled(d, dy);
}
ACT real act_celu_bwd_y(real y, real dy, act_params p) {
    return y > 0.0f ? dy : product_rounded(sum(p.a, y), p.recip_a) * dy;
}

/* -x^2 as a pair, for the gaussian; beyond 11.5 the result is 0 whatever follows */
FN pair gaussian_argument(real x) {
    real a = magnitude(x);
    a = a > 15.0f ? C(15.0f) : a;
    return negated(product(a, a));
}
ACT real act_gaussian_fwd(real x, act_params p) {
    (void)p;
    return unscaled(exp_scaled(gaussian_argument(x), 130.0f));
}
ACT real act_gaussian_bwd(real x, real dy, act_params p) {
    (void)p;
    exponential e = exponential_of(gaussian_argument(x));
    real a = magnitude(x), xc = a > 15.0f ? with_sign(C(15.0f), x) : x;
    /* x may be subnormal: m stays out of its product until the end */
    ints tiny = a < 0x1p-20f;
    pair m = mantissa(e);
    real v = fma(m.h, -2.0f * xc, m.l * (-2.0f * xc));
    return tiny ? -2.0f * (x * dy) : times_scaled(scaled_of(v, e.k), dy);
}

#endif
