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

/* Names the row and first column of this work-item: consecutive work-items do WIDTH columns each of
 * a row, then of the next. One dimension, because a second one is short on some devices. Returns
 * from the kernel when there is nothing left to do. */
#define LOCATE(row, col, rows, cols)                                                               \
    ulong row = 0, col = get_global_id(0);                                                         \
    if ((rows) > 1) {                                                                              \
        const ulong chunks = ((cols) + WIDTH - 1) / WIDTH;                                         \
        row = col / chunks;                                                                        \
        col -= row * chunks;                                                                       \
    }                                                                                              \
    col *= WIDTH;                                                                                  \
    if (row >= (rows) || col >= (cols)) return

/* A matrix argument of a kernel: buffer, offset and leading dimension in elements */
#define MATRIX_IN(name)    __global const float *name, const ulong name##_offset, const ulong name##_ld
#define MATRIX_OUT(name)   __global float *name, const ulong name##_offset, const ulong name##_ld
#define AT(name, row, col) (name + name##_offset + (row)*name##_ld + (col))

#endif
