/* lab_random.h: random numbers of experiments. */
#ifndef LAB_RANDOM_H
#define LAB_RANDOM_H

#include <clact/net.h>

/* A number in [0, 1) of 53 bits, the next of clact_random_next. */
static inline double lab_random(uint64_t *state) {
    return (double)(clact_random_next(state) >> 11) * 0x1p-53;
}

#endif
