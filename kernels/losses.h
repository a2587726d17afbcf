/* losses.h: losses of one element and their slopes in it. */
#ifndef LOSSES_H
#define LOSSES_H

#include "formulas_sigmoid.h"

typedef struct loss_part {
    real value, slope;
} loss_part;

FN loss_part loss_part_of(real value, real slope) {
    loss_part r;
    r.value = value;
    r.slope = slope;
    return r;
}

/* w t log(1 + e^-z) + (1 - t) log(1 + e^z); a term whose factor is 0 does not count. The slope is
 * (1 - t) sigma(z) - w t sigma(-z): sigma - t would lose a small one. */
FN loss_part bce_with_logits(real z, real t, real w) {
    pair a = plain(clamp_above(magnitude(z), 0x1p100f));
    real tail = unscaled(log1p_exp(a)), small = unscaled(logistic_value(a, a.h == a.h));
    real large = 1.0f - small;
    ints up = z > 0.0f;
    real low = up ? tail : tail - z, high = up ? z + tail : tail; /* log(1 + e^-z), (1 + e^z) */
    real below = up ? small : large, above = up ? large : small;  /* sigma(-z), sigma(z) */
    real wt = w * t, other = 1.0f - t;
    real value = (wt == 0.0f ? C(0.0f) : wt * low) + (other == 0.0f ? C(0.0f) : other * high);
    real slope = (other == 0.0f ? C(0.0f) : other * above) - (wt == 0.0f ? C(0.0f) : wt * below);
    return loss_part_of(z != z ? z : value, z != z ? z : slope);
}

/* (z - t)^2; its slope is halved, so that it cannot overflow */
FN loss_part mse(real z, real t, real unused) {
    (void)unused;
    real d = z - t;
    return loss_part_of(d * d, d);
}

/* |z - t|; the slope at 0 is 0 */
FN loss_part l1(real z, real t, real unused) {
    (void)unused;
    real d = z - t, slope = d == 0.0f ? C(0.0f) : with_sign(C(1.0f), d);
    return loss_part_of(magnitude(d), d != d ? d : slope);
}

/* d^2 / 2 up to |d| = delta, delta (|d| - delta / 2) beyond, d = z - t */
FN loss_part huber(real z, real t, real delta) {
    real d = z - t, a = magnitude(d);
    ints far = a > delta;
    real value = far ? delta * (a - 0.5f * delta) : 0.5f * d * d;
    return loss_part_of(value, far ? with_sign(delta, d) : d);
}

#endif
