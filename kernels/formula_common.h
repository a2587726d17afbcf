/* formula_common.h: what all formulas share: the parameters of a row, and gradients at kinks. */
#ifndef FORMULA_COMMON_H
#define FORMULA_COMMON_H

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

#endif
