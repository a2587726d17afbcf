/* storage.h: load and store the lanes of a real, whole or the first n of them at a tail. */
#ifndef STORAGE_H
#define STORAGE_H

#include "dialect.h"

#if WIDTH == 1

FN real load_lanes(__global const float *p, ulong n) {
    return *p;
}
FN void store_lanes(real v, __global float *p, ulong n) {
    *p = v;
}

#else

/* p[0] .. p[min(n, WIDTH) - 1]; the other lanes are 0 */
FN real load_lanes(__global const float *p, ulong n) {
    if (n >= WIDTH) return PASTE(vload, WIDTH)(0, p);
    float lane[WIDTH];
    for (uint i = 0; i < WIDTH; i++)
        lane[i] = i < n ? p[i] : 0.0f;
    return PASTE(vload, WIDTH)(0, lane);
}

/* Writes p[0] .. p[min(n, WIDTH) - 1] and nothing else */
FN void store_lanes(real v, __global float *p, ulong n) {
    if (n >= WIDTH) {
        PASTE(vstore, WIDTH)(v, 0, p);
        return;
    }
    float lane[WIDTH];
    PASTE(vstore, WIDTH)(v, 0, lane);
    for (uint i = 0; i < n; i++)
        p[i] = lane[i];
}

#endif

/* A matrix argument of a kernel: buffer, offset and leading dimension in elements */
#define MATRIX_IN(name)    __global const float *name, const ulong name##_offset, const ulong name##_ld
#define MATRIX_OUT(name)   __global float *name, const ulong name##_offset, const ulong name##_ld
#define AT(name, row, col) (name + name##_offset + (row)*name##_ld + (col))

#endif
