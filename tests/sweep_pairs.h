/* sweep_pairs.h: sweeps that together have every pair of settings that any legal sweep has. */
#ifndef CLACT_TESTS_SWEEP_PAIRS_H
#define CLACT_TESTS_SWEEP_PAIRS_H

#include "sweep_case.h"

typedef struct pair_options {
    uint64_t seed; /* of the choice, printed */
    bool fp64;     /* float64 is one of the types */
    size_t most;   /* cases wanted at most; 0: as many as it takes */
} pair_options;

/* Cases without a shape (the seed is set); *count of them. Free the list. Prints how many pairs are
 * covered of how many were found legal. */
sweep_case *sweep_pairs(const pair_options *options, size_t *count);

#endif
