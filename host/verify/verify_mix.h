/* verify_mix.h: what one input and output add to a checksum. */
#ifndef CLACT_VERIFY_VERIFY_MIX_H
#define CLACT_VERIFY_VERIFY_MIX_H

#include <stdint.h>

/* For one input a bijection of the output: a single wrong bit anywhere changes the sum of all. */
static inline uint64_t verify_mix(uint64_t input, uint64_t output) {
    uint64_t z = (input << 32 | input >> 32) + output + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

#endif
