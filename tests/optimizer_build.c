/* optimizer_build.c: the updates of optimizers.h as C, in the order of the table. */
#include "optimizer_build.h"

#include "optimizers.h"

#define UPDATE_IN_C(name)                                                                          \
    static void run_##name(const float *n, float *w, float g, float *first, float *second) {       \
        const update_numbers numbers = {n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]};           \
        const updated u = update_##name((updated){*w, *first, *second}, g, numbers);               \
        *w = u.w;                                                                                  \
        *first = u.first;                                                                          \
        *second = u.second;                                                                        \
    }
UPDATE_IN_C(sgd)
UPDATE_IN_C(momentum)
UPDATE_IN_C(nesterov)
UPDATE_IN_C(rmsprop)
UPDATE_IN_C(adam)
UPDATE_IN_C(adamw)

update_function *const update_in_c[CLACT_OPTIMIZER_COUNT] = {
    [CLACT_OPTIMIZER_SGD] = run_sgd,           [CLACT_OPTIMIZER_MOMENTUM] = run_momentum,
    [CLACT_OPTIMIZER_NESTEROV] = run_nesterov, [CLACT_OPTIMIZER_RMSPROP] = run_rmsprop,
    [CLACT_OPTIMIZER_ADAM] = run_adam,         [CLACT_OPTIMIZER_ADAMW] = run_adamw,
};
