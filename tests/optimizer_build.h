/* optimizer_build.h: the updates of kernels/optimizers.h as C. */
#ifndef OPTIMIZER_BUILD_H
#define OPTIMIZER_BUILD_H

#include <clact/clact.h>

/* numbers: the fields of update_numbers, one after the other */
typedef void update_function(const float *numbers, float *w, float g, float *first, float *second);

extern update_function *const update_in_c[CLACT_OPTIMIZER_COUNT];

#endif
