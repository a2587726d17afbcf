/* derived.c (L0): parameters of a row as the kernels take them. */
#include "derived.h"

static void reciprocal_pair(float value, float pair[2]) {
    const double r = value == 0.0f ? 0.0 : 1.0 / (double)value;
    pair[0] = (float)r;
    pair[1] = (float)(r - (double)pair[0]);
}

void derive_params(const float params[2], float derived[8]) {
    derived[0] = params[0];
    derived[1] = params[1];
    reciprocal_pair(params[0], derived + 2);
    reciprocal_pair(params[1], derived + 4);
    derived[6] = derived[7] = 0.0f;
}
