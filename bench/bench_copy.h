/* bench_copy.h: the reference: the fastest copy this program knows of a number of bytes. */
#ifndef BENCH_COPY_H
#define BENCH_COPY_H

#include "bench_measure.h"

#define BENCH_COPY_KERNELS 6
#define BENCH_COPY_WAYS    (1 + BENCH_COPY_KERNELS)

/* clEnqueueCopyBuffer and the kernels of copy.cl, between two buffers of their own. */
typedef struct bench_copy {
    cl_program program;
    cl_kernel kernels[BENCH_COPY_KERNELS]; /* NULL where the device has no such kernel */
    size_t local, parts;
    cl_mem from, to;
} bench_copy;

/* A copy that moves given bytes (half read, half written) in one of the ways. */
typedef struct bench_copy_choice {
    const bench_copy *copy;
    int way;         /* 0 is clEnqueueCopyBuffer, i the kernel i - 1 */
    uint64_t floats; /* copied from one buffer to the other */
} bench_copy_choice;

/* Makes copies that move up to max_bytes, with both buffers written once. Close *copy after any
 * outcome. */
bool bench_copy_open(cl_context context, cl_device_id device, cl_command_queue queue,
                     uint64_t max_bytes, bench_copy *copy, bench_error *error);

/* Accepts what was never opened (all zero). */
void bench_copy_close(bench_copy *copy);

/* Times every way in turn for these bytes, rounded up to whole floats each way, and takes the one
 * that was fastest at its best. */
bool bench_copy_choose(const bench_copy *copy, cl_command_queue queue, uint64_t bytes,
                       bench_copy_choice *choice, bench_error *error);

/* "clEnqueueCopyBuffer", "copy_stream_16". */
const char *bench_copy_way_name(int way);
const char *bench_copy_name(const bench_copy_choice *choice);

/* Whether the device can copy in this way. */
bool bench_copy_can(const bench_copy *copy, int way);

/* A copy in one way of what bench_copy_choose would copy. */
bench_copy_choice bench_copy_take(const bench_copy *copy, int way, uint64_t bytes);

/* Bytes the choice moves. */
uint64_t bench_copy_bytes(const bench_copy_choice *choice);

/* The choice as a task; it must stay where it is. */
bench_task bench_copy_task(const bench_copy_choice *choice);

#endif
