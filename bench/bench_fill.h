/* bench_fill.h: numbers for the tensors that are measured. */
#ifndef BENCH_FILL_H
#define BENCH_FILL_H

#include "bench_error.h"

/* Numbers are drawn evenly between least and greatest, from a fixed seed; none is subnormal. */
typedef struct bench_range {
    float least, greatest;
    uint32_t seed;
} bench_range;

extern const bench_range bench_range_x;        /* [-6, 6] */
extern const bench_range bench_range_positive; /* (0, 6], for what is not real everywhere */
extern const bench_range bench_range_dy;       /* [-1, 1] */

/* A buffer of so many bytes, all 0. */
bool bench_fill_create(cl_context context, cl_command_queue queue, uint64_t bytes, cl_mem *buffer,
                       bench_error *error);

/* Writes the numbers, the same in every type but for rounding. NULL is no buffer. */
bool bench_fill(cl_command_queue queue, cl_mem buffer, uint64_t bytes, clact_dtype dtype,
                const bench_range *range, bench_error *error);

#endif
