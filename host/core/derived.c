/* derived.c (L0): parameters of a row as the kernels take them. */
#include "derived.h"

static void reciprocal_pair(float value, float pair[2]) {
    const double r = value == 0.0f ? 0.0 : 1.0 / (double)value;
    pair[0] = (float)r;
    pair[1] = (float)(r - (double)pair[0]);
}

void derive_params_f64(const float params[2], double derived[8]) {
    derived[0] = (double)params[0];
    derived[1] = (double)params[1];
    for (int i = 0; i < 2; i++) {
        const double value = derived[i], r = value == 0.0 ? 0.0 : 1.0 / value;
        derived[2 + 2 * i] = r;
        /* value has 24 bits, so its products with the halves of r are exact */
        const double high = (double)(float)r, rest = (1.0 - high * value) - (r - high) * value;
        derived[3 + 2 * i] = value == 0.0 ? 0.0 : rest / value;
    }
    derived[6] = derived[7] = 0.0;
}

void derive_params(const float params[2], float derived[8]) {
    derived[0] = params[0];
    derived[1] = params[1];
    reciprocal_pair(params[0], derived + 2);
    reciprocal_pair(params[1], derived + 4);
    derived[6] = derived[7] = 0.0f;
}
