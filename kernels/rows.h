/* rows.h: softmax and its losses, one element at a time, from what is known of its row.
 *
 * A row is described by the largest of its elements and by the sum of e^(z - that), the shares
 * being e^(z - m) / sum. An element of -inf is masked: its share is exactly 0, and a row of nothing
 * else has the sum 0 and shares of 0. A NaN or +inf makes the whole row NaN.
 */
#ifndef ROWS_H
#define ROWS_H

#include "elementary.h"

/* The larger one; NaN if one is */
FN real greater_of(real a, real b) {
    return ((b > a) | (b != b)) ? b : a;
}

/* a + b, normalized; an infinite sum stays infinite */
FN pair pair_join(pair a, pair b) {
    pair s = sum(a.h, b.h);
    real l = s.l + (a.l + b.l);
    return sum_ordered(s.h, l == l ? l : C(0.0f));
}

/* What is subtracted from each element where `most` is the largest; +inf - +inf makes a row NaN */
FN real row_shift(real most) {
    return most == -INFINITY ? C(0.0f) : most + 0.0f; /* -0 counts as 0 */
}

/* e^(z - m) = 2^k (1 + t) for z <= m, without what z - m loses when it is rounded */
FN exponential share_exponential(real z, real m) {
    return exponential_of(negated(clamped(negated(sum(z, -m)), FAR)));
}

/* e^(z - m) */
FN scaled share_of(real z, real m) {
    exponential e = share_exponential(z, m);
    pair v = mantissa(e);
    ints masked = z == -INFINITY;
    return scaled_of(pair_of(masked ? C(0.0f) : v.h, LOW(masked ? C(-0.0f) : v.l)),
                     masked ? C(0.0f) : e.k);
}

/* total + e^(z - m). Not normalized: `total` has a few dozen terms at most, each at most 1. */
FN pair share_added(pair total, real z, real m) {
    scaled e = share_of(z, m);
    pair s = sum(total.h, times_exp2(e.v.h, e.k));
    s.l += LOW(times_exp2(e.v.l, e.k)) + total.l;
    return s;
}

/* A row: m, the sum and its reciprocal */
typedef struct row_shares {
    real m;
    pair sum;
    scaled recip;
} row_shares;

/* 1/s for a normalized s of at least 1, to 2^-36; 0 for 0 */
FN scaled reciprocal_of_sum(pair s) {
    scaled f = split(s.h);
    real r = reciprocal(f.v.h), low = s.l * exp2i_floor(-f.k);
    real rest = fma(-low, r, fma(-f.v.h, r, C(1.0f)));
    pair q = sum_ordered(r, rest * r);
    ints empty = s.h == 0.0f;
    real h = empty ? C(0.0f) : q.h;
    return scaled_of(pair_of(s.h != s.h ? s.h : h, empty ? C(0.0f) : q.l), empty ? C(0.0f) : -f.k);
}

FN row_shares row_shares_of(real most, pair s) {
    row_shares row;
    row.m = row_shift(most);
    row.sum = s;
    row.recip = reciprocal_of_sum(s);
    return row;
}

/* log of the sum, its bits kept where it is next to 1; 0 for the sum 0 */
FN real log_of_sum(pair s) {
    log_parts p = log_parts_of(s.h);
    real part = s.l * p.down * reciprocal(C(1.0f) + p.u);
    real r = logarithm(p.kf, p.u, part);
    r = s.h == 0.0f ? C(0.0f) : r;
    return s.h != s.h ? s.h : r;
}

/* ---- softmax ---- */

/* e^(z - m) / sum, apart from the last scaling */
FN scaled softmax_scaled(real z, row_shares row) {
    exponential e = share_exponential(z, row.m);
    pair v = mantissa_times(e, fine(row.recip.v.h, row.recip.v.l));
    ints masked = z == -INFINITY;
    real none = 0.0f * row.recip.v.h; /* 0, or NaN with its row */
    return scaled_of(pair_of(masked ? none : v.h, LOW(masked ? C(-0.0f) : v.l)), e.k + row.recip.k);
}

FN real softmax_value(real z, row_shares row) {
    return unscaled(softmax_scaled(z, row));
}

/* What log-softmax is to know of a row */
typedef struct row_log_sum {
    real m, log_sum;
} row_log_sum;

FN row_log_sum row_log_sum_of(real most, pair s) {
    row_log_sum row;
    row.m = row_shift(most);
    row.log_sum = log_of_sum(s);
    return row;
}

/* (z - m) - log_sum: both terms are negative or 0, so that nothing cancels */
FN real log_softmax_value(real z, row_log_sum row) {
    pair d = sum(z, -row.m), y = sum(d.h, -row.log_sum);
    real r = y.h + (y.l + d.l);
    return magnitude(y.h) == INFINITY ? y.h : r;
}

/* ---- their gradients, from y ---- */

/* total + y dy; where y is 0 dy does not count */
FN pair softmax_dot_added(pair total, real y, real dy) {
    pair p = product(y, dy);
    ints none = y == 0.0f;
    return pair_join(total, pair_of(none ? C(0.0f) : p.h, none ? C(0.0f) : p.l));
}

/* y (dy - dot), dot the sum of y dy */
FN real softmax_gradient(real y, real dy, pair dot) {
    pair d = sum(dy, -dot.h);
    d = sum_ordered(d.h, d.l - dot.l);
    return y == 0.0f ? C(0.0f) : times(d, y);
}

/* total + dy; where y is -inf dy does not count */
FN pair log_softmax_dot_added(pair total, real y, real dy) {
    return accumulate(total, y == -INFINITY ? C(0.0f) : dy);
}

/* dy - e^y dot, dot the sum of dy */
FN real log_softmax_gradient(real y, real dy, pair dot) {
    real back = times_scaled(exp_scaled(plain(y), FAR_UP), dot.h);
    return y == -INFINITY ? C(0.0f) : dy - back;
}

/* ---- softmax cross-entropy ---- */

/* w x, where a weight of 0 leaves out also what is infinite */
FN real weighted(real w, real x) {
    return ((w == 0.0f) & (magnitude(x) == INFINITY)) ? C(0.0f) : w * x;
}

/* total + w (m - z), of which label smoothing takes a part */
FN pair distance_added(pair total, real z, real m, real w) {
    return accumulate(total, weighted(w, m - z));
}

/* What a row adds up to: shares; and where the target is smoothed w (m - z) and w */
typedef struct entropy_sums {
    pair shares, distances, weights;
} entropy_sums;

/* keep w_t (-log p_t) + spread sum_c w_c (-log p_c) for the label's logit z and weight w */
FN real entropy_loss(real z, real w, real most, entropy_sums s, real keep, real spread) {
    row_log_sum row = row_log_sum_of(most, s.shares);
    real loss = weighted(w, -log_softmax_value(z, row));
    real all = rounded(s.weights) * row.log_sum + rounded(s.distances);
    return weighted(keep, loss) + weighted(spread, all);
}

/* What the gradient of a row is made of, `scale` included; all of it 0 where all is masked. */
typedef struct entropy_row {
    row_shares shares;
    real factor, spread, at_label;
} entropy_row;

FN entropy_row entropy_row_of(real w, real most, entropy_sums s, real keep, real spread,
                              real scale) {
    real counts = s.shares.h == 0.0f ? C(0.0f) : scale, all = rounded(s.weights);
    entropy_row row;
    row.shares = row_shares_of(most, s.shares);
    row.factor = (keep * w + spread * all) * counts;
    row.spread = spread * counts;
    row.at_label = spread == 0.0f ? C(0.0f) : spread * (all - w) * counts;
    return row;
}

/* The gradient beside the label, for the class's weight w */
FN real entropy_gradient(real z, real w, entropy_row row) {
    return times_scaled(softmax_scaled(z, row.shares), row.factor) - w * row.spread;
}

/* The gradient at the label. share - 1 is taken as minus the shares of the others, which keeps its
 * bits when the share is near 1. */
FN real entropy_gradient_at_label(real z, entropy_row row) {
    pair all = row.shares.sum;
    real others = (unscaled(share_of(z, row.shares.m)) - all.h) - all.l;
    return times_scaled(row.shares.recip, others) * row.factor + row.at_label;
}

#endif
