/* formulas.h: the mathematics of every activation, forward and backward, and nothing else.
 *
 * For a row `name` of activations.def:
 *   act_<name>_fwd(x, p)         y
 *   act_<name>_bwd(x, dy, p)     dx from the input of the forward pass
 *   act_<name>_bwd_y(y, dy, p)   dx from its output, where the row says X_OR_Y
 * x = NaN gives NaN. No branch but ?:, with NaN falling through the comparisons of a clamp.
 */
#ifndef FORMULAS_H
#define FORMULAS_H

#include "elementary.h"

/* The parameters a and b of the row, and their reciprocals as pairs (computed on the host). */
typedef struct act_params {
    real a, b;
    pair recip_a, recip_b;
} act_params;

/* dy where keep, else 0; NaN for a NaN in s. Zero by definition, so whatever dy is. */
FN real passed(ints keep, real s, real dy) {
    real y = keep ? dy : C(0.0f);
    return s != s ? s : y;
}

/* slope dy on the side x <= 0 of a kink at 0 */
FN real leaked(real s, real dy, real slope) {
    real leak = slope == 0.0f ? C(0.0f) : slope * dy, y = s > 0.0f ? dy : leak;
    return s != s ? s : y;
}

FN real clamp_above(real x, float most) {
    return x > most ? C(most) : x;
}

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
ACT real act_relu_bwd(real x, real dy, act_params p) {
    (void)p;
    return passed(x > 0.0f, x, dy);
}
ACT real act_relu_bwd_y(real y, real dy, act_params p) {
    return act_relu_bwd(y, dy, p);
}

ACT real act_leaky_relu_fwd(real x, act_params p) {
    real leak = p.a == 0.0f ? C(0.0f) : p.a * x;
    return ((x > 0.0f) | (x != x)) ? x : leak;
}
ACT real act_leaky_relu_bwd(real x, real dy, act_params p) {
    return leaked(x, dy, p.a);
}
ACT real act_leaky_relu_bwd_y(real y, real dy, act_params p) {
    return leaked(y, dy, p.a);
}

ACT real act_prelu_fwd(real x, act_params p) {
    return act_leaky_relu_fwd(x, p);
}
ACT real act_prelu_bwd(real x, real dy, act_params p) {
    return leaked(x, dy, p.a);
}
ACT real act_prelu_bwd_y(real y, real dy, act_params p) {
    return leaked(y, dy, p.a);
}

ACT real act_relu6_fwd(real x, act_params p) {
    (void)p;
    return x <= 0.0f ? C(0.0f) : clamp_above(x, 6.0f);
}
ACT real act_relu6_bwd(real x, real dy, act_params p) {
    (void)p;
    return passed((x > 0.0f) & (x < 6.0f), x, dy);
}
ACT real act_relu6_bwd_y(real y, real dy, act_params p) {
    return act_relu6_bwd(y, dy, p);
}

ACT real act_hardtanh_fwd(real x, act_params p) {
    real y = x < p.a ? p.a : x;
    return y > p.b ? p.b : y;
}
ACT real act_hardtanh_bwd(real x, real dy, act_params p) {
    return passed((x > p.a) & (x < p.b), x, dy);
}
ACT real act_hardtanh_bwd_y(real y, real dy, act_params p) {
    return act_hardtanh_bwd(y, dy, p);
}

ACT real act_threshold_fwd(real x, act_params p) {
    return x <= p.a ? p.b : x;
}
ACT real act_threshold_bwd(real x, real dy, act_params p) {
    return passed(x > p.a, x, dy);
}

ACT real act_softshrink_fwd(real x, act_params p) {
    real y = x > p.a ? x - p.a : C(0.0f);
    y = x < -p.a ? x + p.a : y;
    return x != x ? x : y;
}
ACT real act_softshrink_bwd(real x, real dy, act_params p) {
    return passed(magnitude(x) > p.a, x, dy);
}

ACT real act_hardshrink_fwd(real x, act_params p) {
    return magnitude(x) <= p.a ? C(0.0f) : x;
}
ACT real act_hardshrink_bwd(real x, real dy, act_params p) {
    return passed(magnitude(x) > p.a, x, dy);
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

#define SIXTH pair_of(C(0x1.555556p-3f), C(-0x1.555556p-28f))

ACT real act_hardsigmoid_fwd(real x, act_params p) {
    (void)p;
    real y = product_rounded(sum(x, C(3.0f)), SIXTH);
    y = x <= -3.0f ? C(0.0f) : y;
    return x >= 3.0f ? C(1.0f) : y;
}
ACT real act_hardsigmoid_bwd(real x, real dy, act_params p) {
    (void)p;
    return passed((x > -3.0f) & (x < 3.0f), x, times_constant(dy, SIXTH));
}

ACT real act_hardswish_fwd(real x, act_params p) {
    (void)p;
    pair t = pair_mul(sum(x, C(3.0f)), SIXTH);
    real y = fma(x, t.h, x * t.l);
    y = x <= -3.0f ? C(0.0f) : y;
    return x >= 3.0f ? x : y;
}
ACT real act_hardswish_bwd(real x, real dy, act_params p) {
    (void)p;
    real d = product_rounded(sum(2.0f * x, C(3.0f)), SIXTH);
    d = x >= 3.0f ? C(1.0f) : d;
    return passed(!(x <= -3.0f), x, d * dy);
}

/* ---- exponential and its kin ---- */

/* Where e^-FAR times the largest float is still 0: arguments are clamped there */
#define FAR 225.0f

/* z.h clamped to `most`, z.l dropped there */
FN pair clamped(pair z, float most) {
    ints out = z.h > most;
    return pair_of(out ? C(most) : z.h, out ? C(0.0f) : z.l);
}

/* e^x as v 2^k */
FN scaled exp_scaled(pair x) {
    exponential e = exponential_of(negated(clamped(negated(clamped(x, 130.0f)), FAR)));
    pair m = mantissa(e);
    return scaled_of(m.h + m.l, e.k);
}

ACT real act_exp_fwd(real x, act_params p) {
    (void)p;
    return unscaled(exp_scaled(pair_of(x, C(0.0f))));
}
ACT real act_exp_bwd(real x, real dy, act_params p) {
    (void)p;
    return times_scaled(exp_scaled(pair_of(x, C(0.0f))), dy);
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

/* c e^z as v 2^k, for z <= 0 */
FN scaled exp_times(pair z, pair c) {
    exponential e = exponential_of(negated(clamped(negated(z), FAR)));
    return scaled_of(product_rounded(mantissa(e), c), e.k);
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
    return x > 0.0f ? dy : times_scaled(d, dy);
}
ACT real act_elu_bwd_y(real y, real dy, act_params p) {
    return y > 0.0f ? dy : (y + p.a) * dy;
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
    return unscaled(exp_scaled(gaussian_argument(x)));
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

/* ---- the sigmoid family: z = |argument|, E = e^-z ---- */

/* scale |x| as a pair for scale > 0 */
FN pair scaled_magnitude(real x, pair scale) {
    real a = clamp_above(magnitude(x), 0x1p100f);
    /* where the exact product would fall into the subnormal range z is as good as 0 */
    pair z = pair_mul_real(scale, a);
    return pair_of(z.h, z.h < 0x1p-60f ? C(0.0f) : z.l);
}

typedef struct logistic {
    exponential e;
    pair m, big_e, d; /* 2^-k E, E, 1 + E */
} logistic;

FN logistic logistic_of(pair z) {
    logistic s;
    s.e = exponential_of(negated(z));
    s.m = mantissa(s.e);
    s.big_e = pair_shift(s.m, exp2i_floor(s.e.k));
    s.d = sum_ordered(C(1.0f), s.big_e.h);
    s.d.l += s.big_e.l;
    return s;
}

/* sigma(+-z) as v 2^k */
FN scaled logistic_value(pair z, ints below) {
    logistic s = logistic_of(clamped(z, FAR));
    pair n = pair_choose(below, s.m, pair_of(C(1.0f), C(0.0f)));
    return scaled_of(quotient_rounded(n, s.d, reciprocal_1_2(s.d.h)), below ? s.e.k : I(0));
}

/* c sigma'(z) = c E / (1 + E)^2 as v 2^k */
FN scaled logistic_slope(pair z, pair c) {
    logistic s = logistic_of(clamped(z, FAR));
    real r = reciprocal_1_2(s.d.h);
    pair n = pair_mul(s.m, c);
    return scaled_of(quotient_rounded(n, pair_mul(s.d, s.d), r * r), s.e.k);
}

ACT real act_sigmoid_fwd(real x, act_params p) {
    pair z = scaled_magnitude(x, pair_of(p.a, C(0.0f)));
    return unscaled(logistic_value(z, x < 0.0f));
}
ACT real act_sigmoid_bwd(real x, real dy, act_params p) {
    pair scale = pair_of(p.a, C(0.0f));
    return times_scaled(logistic_slope(scaled_magnitude(x, scale), scale), dy);
}
ACT real act_sigmoid_bwd_y(real y, real dy, act_params p) {
    pair d = pair_mul_real(sum(C(1.0f), -y), p.a);
    return fma(y, d.h, y * d.l) * dy;
}

/* log(1 + e^-z) for z >= 0 as v 2^k with v a pair */
typedef struct scaled_pair {
    pair v;
    ints k;
} scaled_pair;

FN scaled_pair log1p_exp(pair z) {
    exponential e = exponential_of(negated(clamped(z, FAR)));
    pair m = mantissa(e);
    real s = exp2i_floor(e.k), big_e = m.h * s;
    ints high = big_e >= 0.5f; /* log(1 + E) = log 2 + log(1 + (E - 1)/2) there */
    real u = high ? 0.5f * big_e - 0.5f : big_e, w = u * log1p_tail(u);
    real g = fma(-0.7f * big_e, m.l, m.l); /* m.l / (1 + E) to first order */
    pair near_log2 = sum_ordered(C(0x1.62e43p-1f), u);
    real l_high = fma(u, w, near_log2.l + fma(g, s, C(-0x1.05c61p-29f)));
    scaled_pair r;
    r.v = sum_ordered(high ? near_log2.h : m.h, high ? l_high : fma(m.h, w, g));
    r.k = high ? I(0) : e.k;
    return r;
}

/* max(x, 0) + c log(1 + e^-z), z = |x| / c */
FN real softplus_of(real x, pair z, pair c) {
    scaled_pair g = log1p_exp(z);
    pair v = pair_mul(g.v, c), shifted = pair_shift(v, exp2i_floor(g.k)), s = sum(x, shifted.h);
    real below = unscaled(scaled_of(v.h + v.l, g.k));
    real above = x > 0x1p60f ? x : s.h + (s.l + shifted.l);
    return x <= 0.0f ? below : above;
}

ACT real act_softplus_fwd(real x, act_params p) {
    return softplus_of(x, scaled_magnitude(x, pair_of(p.a, C(0.0f))), p.recip_a);
}
ACT real act_softplus_bwd(real x, real dy, act_params p) {
    pair z = scaled_magnitude(x, pair_of(p.a, C(0.0f)));
    return times_scaled(logistic_value(z, x < 0.0f), dy);
}
/* -(e^z - 1) dy for z <= 0 */
FN real minus_expm1(pair z, real dy) {
    pair minus_one = pair_of(C(-1.0f), C(0.0f));
    return expm1_times(z, minus_one) * dy;
}
ACT real act_softplus_bwd_y(real y, real dy, act_params p) {
    pair z = negated(product(clamp_above(y, 0x1p100f), p.a));
    return minus_expm1(pair_of(z.h, z.h > -0x1p-60f ? C(0.0f) : z.l), dy);
}

ACT real act_logsigmoid_fwd(real x, act_params p) {
    (void)p;
    pair z = pair_of(clamp_above(magnitude(x), 0x1p100f), C(0.0f));
    return -softplus_of(-x, z, pair_of(C(1.0f), C(0.0f)));
}
ACT real act_logsigmoid_bwd(real x, real dy, act_params p) {
    (void)p;
    return times_scaled(logistic_value(pair_of(magnitude(x), C(0.0f)), x > 0.0f), dy);
}
ACT real act_logsigmoid_bwd_y(real y, real dy, act_params p) {
    (void)p;
    return minus_expm1(pair_of(y, C(0.0f)), dy);
}

/* ---- tanh ---- */

/* tanh(z) for z in [0, 12] */
FN pair tanh_pair(pair z) {
    pair c = clamped(z, 12.0f);
    pair em = exponential_minus_1(exponential_of(pair_shift(c, C(-2.0f))));
    pair d = sum_ordered(C(2.0f), em.h);
    d.l += em.l;
    return quotient(negated(em), d, reciprocal_1_2(d.h));
}

ACT real act_tanh_fwd(real x, act_params p) {
    pair z = scaled_magnitude(x, pair_of(p.a, C(0.0f)));
    real large = product_rounded(tanh_pair(z), pair_of(p.b, C(0.0f)));
    real tiny = times_constant(x, product(p.a, p.b));
    return z.h < 0x1p-12f ? tiny : with_sign(large, x);
}
ACT real act_tanh_bwd(real x, real dy, act_params p) {
    pair z = scaled_magnitude(x, pair_of(p.a, C(0.0f)));
    scaled d = logistic_slope(pair_shift(z, C(2.0f)), product(p.a, p.b));
    return times_scaled(scaled_of(d.v, d.k + 2), dy);
}
ACT real act_tanh_bwd_y(real y, real dy, act_params p) {
    pair c = pair_mul_real(p.recip_b, p.a);
    pair n = pair_mul(sum(p.b, -y), sum(p.b, y));
    return product_rounded(n, c) * dy;
}

ACT real act_tanhshrink_fwd(real x, act_params p) {
    (void)p;
    real a = magnitude(x);
    /* a - tanh(a) = (a - 1) + 2 E / (1 + E), E = e^-2a */
    logistic s = logistic_of(clamped(pair_of(2.0f * a, C(0.0f)), FAR));
    pair t = quotient(pair_shift(s.big_e, C(2.0f)), s.d, reciprocal_1_2(s.d.h));
    pair b = sum_ordered(a, C(-1.0f)), h = sum(b.h, t.h);
    real large = h.h + (h.l + t.l + b.l);
    /* a^3 P(a^2), P of degree 6, relative error 2^-32 */
    pair a2 = product(a, a);
    real y = a2.h;
    real q = fma(y, fma(y, C(0x1.cc69aap-11f), C(-0x1.b3ed8p-9f)), C(0x1.205cfcp-7f));
    q = fma(y, fma(y, fma(y, q, C(-0x1.662f64p-6f)), C(0x1.ba1ac2p-5f)), C(-0x1.11111p-3f));
    pair pp = sum_ordered(C(0x1.555556p-2f), fma(y, q, C(-0x1.575d6cp-27f)));
    real medium = product_rounded(pair_mul_real(a2, a), pp);
    /* a^3 / 3, the cube kept out of the subnormal range */
    real up = a * 0x1p40f;
    pair cube = pair_mul_real(product(up, up), up);
    pair third = pair_of(C(0x1.555556p-2f), C(-0x1.555556p-27f));
    real tiny = unscaled(scaled_of(product_rounded(cube, third), I(-120)));
    real r = a < 0x1p-14f ? tiny : (a < 0.625f ? medium : large);
    return with_sign(a > 60.0f ? a - 1.0f : r, x);
}
ACT real act_tanhshrink_bwd(real x, real dy, act_params p) {
    (void)p;
    real a = magnitude(x), up = a * 0x1p60f;
    pair t = tanh_pair(pair_of(a, C(0.0f)));
    ints tiny = a < 0x1p-14f;
    real v = tiny ? up * up : product_rounded(t, t);
    return times_scaled(scaled_of(v, tiny ? I(-120) : I(0)), dy);
}

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
    scaled s = square_root(x);
    real y = s.v * exp2i(s.k);
    y = x < 0.0f ? C(NAN) : y;
    return ((x == 0.0f) | (x == INFINITY) | (x != x)) ? x : y;
}
ACT real act_sqrt_bwd_y(real y, real dy, act_params p) {
    (void)p;
    return y < 0.0f ? C(NAN) : divide(0.5f * dy, magnitude(y));
}
ACT real act_sqrt_bwd(real x, real dy, act_params p) {
    real y = act_sqrt_fwd(x, p);
    return act_sqrt_bwd_y(y, dy, p);
}

ACT real act_log_fwd(real x, act_params p) {
    (void)p;
    return logarithm(x);
}
ACT real act_log_bwd(real x, real dy, act_params p) {
    (void)p;
    return x < 0.0f ? C(NAN) : divide(dy, magnitude(x));
}

/* ---- x times a sigmoid ---- */

/* x sigma(+-z), where the argument of sigma has the sign of x; |x| <= 10^6 z or z = 0 */
FN real gated(real x, pair z) {
    ints below = x < 0.0f;
    logistic s = logistic_of(clamped(z, FAR));
    /* half of a positive x keeps clear of overflow */
    pair n = pair_choose(below, pair_mul_real(s.m, x), pair_of(0.5f * x, C(0.0f)));
    real q = quotient_rounded(n, s.d, reciprocal_1_2(s.d.h));
    real y = unscaled(scaled_of(q, below ? s.e.k : I(1)));
    y = z.h > 130.0f ? (below ? C(-0.0f) : x) : y; /* sigma is 1, or x sigma under 2^-150 */
    return ((magnitude(x) < 0x1p-60f) | (z.h == 0.0f)) ? 0.5f * x : y;
}

/* Derivative of u sigma(u) for u = +-z: zero at u = -1.27846 */
FN scaled gated_slope(pair z, ints below) {
    logistic s = logistic_of(clamped(z, FAR));
    pair c = clamped(z, FAR);
    real r = reciprocal_1_2(s.d.h);
    /* g = E ((1 - z) + E) / (1 + E)^2 */
    pair one_minus = sum(C(1.0f), -c.h);
    one_minus.l -= c.l;
    pair n = pair_mul(s.m, normalized(pair_add(one_minus, s.big_e)));
    scaled g = scaled_of(quotient_rounded(n, pair_mul(s.d, s.d), r * r), s.e.k);
    /* near the zero u0: (u - u0) P(u - u0), relative error 2^-32 */
    real h = C(0x1.474974p+0f) - c.h;
    pair u = sum_ordered(h, -c.l - 0x1.bdf6fap-27f);
    real q = fma(h, fma(h, C(-0x1.b09eb4p-8f), C(-0x1.f2c59cp-7f)), C(0x1.353eacp-6f));
    q = fma(h, q, C(0x1.2c5634p-3f));
    real zone = product_rounded(u, sum_ordered(C(0x1.be141p-3f), fma(h, q, C(0x1.186fep-29f))));
    ints near_zero = below & (magnitude(h) < 0.0625f);
    real v = below ? g.v : 1.0f - unscaled(g);
    return scaled_of(near_zero ? zone : v, (below & !near_zero) ? g.k : I(0));
}

ACT real act_silu_fwd(real x, act_params p) {
    (void)p;
    return gated(x, pair_of(magnitude(x), C(0.0f)));
}
ACT real act_silu_bwd(real x, real dy, act_params p) {
    (void)p;
    return times_scaled(gated_slope(pair_of(magnitude(x), C(0.0f)), x < 0.0f), dy);
}

ACT real act_swish_fwd(real x, act_params p) {
    return gated(x, scaled_magnitude(x, pair_of(p.a, C(0.0f))));
}
ACT real act_swish_bwd(real x, real dy, act_params p) {
    pair z = scaled_magnitude(x, pair_of(p.a, C(0.0f)));
    return times_scaled(gated_slope(z, x < 0.0f), dy);
}

#define QUICK_GELU_BETA pair_of(C(0x1.b3b646p+0f), C(-0x1.78d4fep-26f)) /* 1.702 */

ACT real act_quick_gelu_fwd(real x, act_params p) {
    (void)p;
    return gated(x, scaled_magnitude(x, QUICK_GELU_BETA));
}
ACT real act_quick_gelu_bwd(real x, real dy, act_params p) {
    (void)p;
    return times_scaled(gated_slope(scaled_magnitude(x, QUICK_GELU_BETA), x < 0.0f), dy);
}

/* gelu_tanh(x) = x sigma(2u), 2u = x (c1 + c3 x^2), c1 = 2 sqrt(2/pi), c3 = 0.044715 c1 */
#define GELU_TANH_C1 pair_of(C(0x1.988454p+0f), C(-0x1.857936p-25f))
#define GELU_TANH_C3 pair_of(C(0x1.2444f2p-4f), C(0x1.49b16ap-29f))

ACT real act_gelu_tanh_fwd(real x, act_params p) {
    (void)p;
    real a = clamp_above(magnitude(x), 11.25f);
    pair c = GELU_TANH_C1, cubic = pair_mul(product(a, a), GELU_TANH_C3);
    real y = gated(with_sign(a, x), pair_mul_real(normalized(pair_add(c, cubic)), a));
    return x > 11.25f ? x : y;
}
ACT real act_gelu_tanh_bwd(real x, real dy, act_params p) {
    (void)p;
    ints below = x < 0.0f;
    real a = clamp_above(magnitude(x), 14.0f);
    pair c = GELU_TANH_C1, cubic = pair_mul(product(a, a), GELU_TANH_C3);
    pair z1 = normalized(pair_add(c, cubic));                                        /* z / a */
    pair w = pair_mul_real(normalized(pair_add(z1, pair_shift(cubic, C(2.0f)))), a); /* a z' */
    logistic s = logistic_of(pair_mul_real(z1, a));
    real r = reciprocal_1_2(s.d.h);
    pair n = normalized(pair_add(pair_add_real(negated(w), C(1.0f)), s.big_e));
    scaled g = scaled_of(quotient_rounded(pair_mul(s.m, n), pair_mul(s.d, s.d), r * r), s.e.k);
    /* near the zero: degree 5, relative error 2^-31.6 */
    real h = x + 0x1.8142ap-1f;
    real q = fma(h, fma(h, C(0x1.1f2878p-6f), C(-0x1.0fce44p-6f)), C(-0x1.d2ac5ap-4f));
    q = fma(h, fma(h, q, C(-0x1.029644p-6f)), C(0x1.8cd1a2p-2f));
    pair zone_p = sum_ordered(C(0x1.b8bacep-2f), fma(h, q, C(-0x1.a67bdp-27f)));
    real zone = product_rounded(pair_of(h, C(-0x1.85a06cp-27f)), zone_p);
    ints near_zero = magnitude(h) < 0.0625f;
    real v = below ? g.v : 1.0f - unscaled(g);
    return times_scaled(scaled_of(near_zero ? zone : v, (below & !near_zero) ? g.k : I(0)), dy);
}

/* ---- gelu: P(-a) = e^(-a^2/2) R(a), R(a) = erfcx(a / sqrt 2) / 2 ---- */

/* c0 + t (c1 + t tail), c0 and t pairs */
FN pair polynomial_head(pair t, real tail, real c1, pair c0) {
    real h = fma(t.h, tail, c1), l = fma(t.h, tail, c1 - h);
    pair q = product(t.h, h);
    q.l = fma(t.h, l, fma(t.l, h, q.l + c0.l));
    pair r = sum_ordered(c0.h, q.h);
    r.l += q.l;
    return r;
}

ACT real act_gelu_fwd(real x, act_params p) {
    (void)p;
    real a = clamp_above(magnitude(x), 14.7f);
    exponential e = exponential_of(pair_shift(product(a, a), C(-0.5f)));
    /* R(a) (a + 3) = P(t), t = (a - 3) / (a + 3), degree 10, relative error 2^-28.9 */
    pair d = sum(a, C(3.0f));
    real r = reciprocal(d.h);
    pair t = quotient(sum(a, C(-3.0f)), d, r);
    real h = t.h, q = fma(h, C(0x1.b4764p-15f), C(0x1.0ab3dp-13f));
    q = fma(h, fma(h, q, C(-0x1.fe45f4p-13f)), C(-0x1.0d7d38p-10f));
    q = fma(h, fma(h, q, C(0x1.0ca51p-10f)), C(0x1.c8a09ep-8f));
    q = fma(h, fma(h, q, C(-0x1.56d6bap-7f)), C(-0x1.832c84p-5f));
    q = fma(h, q, C(0x1.d71386p-3f));
    pair head =
        polynomial_head(t, q, C(-0x1.04c72ap-1f), pair_of(C(0x1.754a76p-1f), C(-0x1.c735fp-26f)));
    pair tail = quotient(pair_mul(pair_mul_real(mantissa(e), a), head), d, r); /* a P(-a) 2^-k */
    real below = -unscaled(scaled_of(tail.h, e.k));
    real scale = exp2i_floor(e.k);
    pair s = sum(x, -tail.h * scale);
    real above = x > 0x1p60f ? x : s.h + (s.l - tail.l * scale);
    real y = x < 0.0f ? below : above;
    return magnitude(x) < 0x1p-26f ? 0.5f * x : y;
}
ACT real act_gelu_bwd(real x, real dy, act_params p) {
    (void)p;
    real a = clamp_above(magnitude(x), 14.9f);
    exponential e = exponential_of(pair_shift(product(a, a), C(-0.5f)));
    /* G(a) = e^(-a^2/2) (a0 - a) K(a), zero at a0 by construction; K(a) = P(t),
     * t = (a - 4) / (a + 4), degree 9, relative error 2^-30.5 */
    pair d = sum(a, C(4.0f)), t = quotient(sum(a, C(-4.0f)), d, reciprocal(d.h));
    real h = t.h, q = fma(h, C(-0x1.10533p-16f), C(-0x1.be7c88p-17f));
    q = fma(h, fma(h, q, C(0x1.852be6p-13f)), C(-0x1.47eea4p-13f));
    q = fma(h, fma(h, q, C(-0x1.d4ce16p-10f)), C(0x1.3777d8p-7f));
    q = fma(h, fma(h, q, C(-0x1.cc1e1ap-6f)), C(0x1.ef4feep-5f));
    pair k =
        polynomial_head(t, q, C(-0x1.a763p-4f), pair_of(C(0x1.d94de8p-2f), C(-0x1.ddeb1ap-28f)));
    pair z = sum(C(0x1.80ead2p-1f), -a);
    z.l += -0x1.a03fd4p-27f;
    scaled g = scaled_of(product_rounded(pair_mul(mantissa(e), k), normalized(z)), e.k);
    ints below = x < 0.0f;
    real v = below ? (x < -14.9f ? C(-0.0f) : g.v) : 1.0f - unscaled(g); /* -0: under 2^-155 */
    return times_scaled(scaled_of(v, below ? g.k : I(0)), dy);
}

/* ---- mish ---- */

ACT real act_mish_fwd(real x, act_params p) {
    (void)p;
    ints below = x < 0.0f;
    real a = clamp_above(magnitude(x), FAR);
    logistic s = logistic_of(pair_of(a, C(0.0f)));
    pair e = s.big_e, e2 = pair_mul(e, e);
    /* x < 0: x n / (n + 2), n = E (2 + E); else x (1 + 2E) / (1 + 2E + 2E^2) */
    pair two_plus = sum_ordered(C(2.0f), e.h), one_plus = sum(C(1.0f), 2.0f * e.h);
    two_plus.l += e.l;
    one_plus.l += 2.0f * e.l;
    pair n = pair_choose(below, pair_mul(pair_mul_real(s.m, -a), two_plus), one_plus);
    pair d_below = pair_add(e2, sum_ordered(C(2.0f), 2.0f * e.h));
    d_below.l += 2.0f * e.l;
    pair d = normalized(pair_choose(below, d_below, pair_add(one_plus, pair_shift(e2, C(2.0f)))));
    pair q = quotient(n, d, reciprocal(d.h));
    real y = below ? unscaled(scaled_of(q.h, s.e.k)) : fma(x, q.h, x * q.l);
    /* near 0 it is 0.6 x */
    real tiny = times_constant(x, pair_of(C(0x1.333334p-1f), C(-0x1.99999ap-26f)));
    y = ((magnitude(x) > 0x1p60f) & (x > 0.0f)) ? x : y;
    return magnitude(x) < 0x1p-60f ? tiny : y;
}
ACT real act_mish_bwd(real x, real dy, act_params p) {
    (void)p;
    ints below = x < 0.0f;
    real a = clamp_above(magnitude(x), FAR);
    logistic s = logistic_of(pair_of(a, C(0.0f)));
    pair e = s.big_e, e2 = pair_mul(e, e), twice_e = pair_shift(e, C(2.0f));
    pair two_plus = sum_ordered(C(2.0f), e.h);
    two_plus.l += e.l;
    /* x < 0: E [(2 + E)(2 + 2E + E^2) - 4a(1 + E)] / (2 + 2E + E^2)^2
     * else: 1 + 2E^2 [2a(1 + E) - D] / D^2, D = 1 + 2E + 2E^2 */
    pair n2 = normalized(pair_add(pair_add_real(e2, C(2.0f)), twice_e));
    pair d2 = normalized(pair_add(pair_add_real(pair_shift(e2, C(2.0f)), C(1.0f)), twice_e));
    pair d = pair_choose(below, n2, d2);
    pair a_d = pair_mul_real(s.d, a);
    pair omega = normalized(pair_add(pair_mul(two_plus, n2), pair_shift(a_d, C(-4.0f))));
    pair rise = pair_add(pair_shift(a_d, C(2.0f)), negated(d));
    pair n = pair_choose(below, pair_mul(s.m, omega), pair_mul(pair_shift(e2, C(2.0f)), rise));
    real r = reciprocal(d.h), q = quotient_rounded(n, pair_mul(d, d), r * r);
    /* near the zero: degree 6, relative error 2^-31.6 */
    real h = x + 0x1.31432cp+0f;
    real c = fma(h, fma(h, C(-0x1.0d771p-9f), C(-0x1.03277ap-6f)), C(-0x1.4c3daap-6f));
    c = fma(h, fma(h, c, C(0x1.574f1p-5f)), C(0x1.a34a26p-3f));
    pair zone_p = sum_ordered(C(0x1.115accp-2f), fma(h, c, C(-0x1.7b4ddp-27f)));
    real zone = product_rounded(pair_of(h, C(0x1.a25b08p-29f)), zone_p);
    ints near_zero = magnitude(h) < 0.0625f;
    real v = below ? q : 1.0f + q;
    return times_scaled(scaled_of(near_zero ? zone : v, (below & !near_zero) ? s.e.k : I(0)), dy);
}

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
