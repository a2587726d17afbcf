/* verify_block.c: float32 results of consecutive floats against a reference, in loops for vectors.
 */
#include "verify_block.h"
#include "reference.h"
#include "vector.h"
#include "verify_mix.h"

#include <math.h>
#include <string.h>

#define OVERFLOW 0x1p128

static inline uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* |got - want| in the last place of want; an infinite got is right from 2^128 on. */
static inline double ulps_between(double want, double got) {
    const double most = OVERFLOW;
    double g = got > most ? most : got;
    g = g < -most ? -most : g;
    const double above = want > most ? most : want, below = want < -most ? -most : want;
    double w = g == most ? above : want;
    w = g == -most ? below : w;
    double size = fabs(want);
    size = size < 0x1p-126 ? 0x1p-126 : size;
    size = size > 0x1p127 ? 0x1p127 : size;
    /* 2^23 over the power of two below size */
    const uint64_t power = bits_of(size) & UINT64_C(0x7ff0000000000000);
    const uint64_t bits = ((uint64_t)(2046 + 23) << 52) - power;
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    return fabs(w - g) * scale;
}

CLONES
uint64_t block_ulps(size_t n, const double *restrict want, const float *restrict got,
                    double *restrict ulps, size_t *nothing) {
    int64_t greatest = 0, unpromised = 0;
    for (size_t i = 0; i < n; i++) {
        const double w = want[i], g = (double)got[i];
        const double nans = (w == w ? 0.0 : 1.0) + (g == g ? 0.0 : 1.0);
        double u = ulps_between(w, g); /* a NaN if either is one: right unless both are */
        u = nans == 2.0 ? 0.0 : u;
        ulps[i] = w == REFERENCE_NOTHING ? 0.0 : u;
    }
    for (size_t i = 0; i < n; i++) {
        const int64_t bits = (int64_t)(bits_of(ulps[i]) & UINT64_C(0x7fffffffffffffff));
        greatest = bits > greatest ? bits : greatest;
    }
    for (size_t i = 0; i < n; i++)
        unpromised += want[i] == REFERENCE_NOTHING ? 1 : 0;
    *nothing = (size_t)unpromised;
    return (uint64_t)greatest;
}

CLONES
bool block_signs(uint32_t first, size_t n, const double *restrict want, const float *restrict got,
                 double *restrict ulps) {
    uint64_t any = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &got[i], sizeof bits);
        const uint64_t sign = (bits ^ (first + (uint32_t)i)) & 0x80000000u;
        uint64_t wrong = (bits & 0x7fffffffu) == 0 ? sign : 0;
        wrong = want[i] == 0 ? 0 : wrong;
        ulps[i] = wrong != 0 ? (double)INFINITY : ulps[i];
        any |= wrong;
    }
    return any != 0;
}

CLONES
uint64_t block_checksum(uint32_t first, size_t n, const float *got) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &got[i], sizeof bits);
        bits = (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : bits;
        sum += verify_mix(first + (uint32_t)i, bits);
    }
    return sum;
}
