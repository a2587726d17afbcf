/* splitmix.h: reproducible values: SplitMix64 from a state that the caller keeps. */
#ifndef CLACT_TESTS_SPLITMIX_H
#define CLACT_TESTS_SPLITMIX_H

#include <stdint.h>

static inline uint64_t splitmix(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* In [0, 1) */
static inline double splitmix_unit(uint64_t *state) {
    return (double)(splitmix(state) >> 11) * 0x1p-53;
}

#endif
