/* formula_common.h: what all formulas share: the parameters of a row, and gradients at kinks. */
#ifndef FORMULA_COMMON_H
#define FORMULA_COMMON_H

#include "elementary.h"

/* The parameters a and b of the row, and their reciprocals as pairs (computed on the host). unit
 * says, where that is known when a kernel is compiled, that every parameter the row has is 1: the
 * bits are the same, the work is less. */
typedef struct act_params {
    real a, b;
    pair recip_a, recip_b;
    ints unit;
} act_params;

/* dx, but NaN for a NaN in s */
FN real unless_nan(real s, real dx) {
    return s != s ? s : dx;
}

/* dy where kept, else 0: zero by definition, so whatever dy is */
FN real kept_only(ints kept, real dy) {
    return kept ? dy : C(0.0f);
}
FN real passed(ints kept, real s, real dy) {
    return unless_nan(s, kept_only(kept, dy));
}

/* dy where kept, else slope dy */
FN real leaked(ints kept, real dy, real slope) {
    real leak = slope == 0.0f ? C(0.0f) : slope * dy;
    return kept ? dy : leak;
}

#endif
