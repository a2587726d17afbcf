/* optimizer_exact.h: one weight moved as clact.h defines its optimizer, in double. */
#ifndef OPTIMIZER_EXACT_H
#define OPTIMIZER_EXACT_H

#include <clact/clact.h>

/* A weight, and its states by their names in the definitions but for rmsprop's, which is v here */
typedef struct exact_weight {
    double w, m, v;
} exact_weight;

/* Step t, from 1, with the gradient g */
void exact_move(exact_weight *x, const clact_optimizer *o, double lr, double g, int t);

#endif
