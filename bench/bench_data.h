/* bench_data.h: the arrays that the measured kernels read and write. */
#ifndef BENCH_DATA_H
#define BENCH_DATA_H

#include "bench_case.h"
#include "bench_error.h"
#include "bench_host.h"

/* Each array has the bytes of the largest case; NULL where no case needs it. */
typedef struct bench_data {
    clact_context *clact;
    clact_dtype dtype; /* of the elements that the arrays hold now */
    uint64_t bytes;    /* of each array */
    cl_mem x;          /* in [-6, 6] */
    cl_mem positive;   /* in (0, 6], for activations that are not real everywhere */
    cl_mem y;          /* saved output, see bench_data_prepare */
    cl_mem dy;         /* in [-1, 1] */
    cl_mem out;        /* y of forward, dx of backward */
} bench_data;

/* One case on these arrays; a bench_task's user. */
typedef struct bench_data_case {
    const bench_data *data;
    const bench_case *item;
} bench_data_case;

/* Creates what the cases need, and fills it for the first of them. The values come from a fixed
 * seed and are the same in every type, but for rounding: none is NaN or subnormal. The queue is in
 * order. Close *data after any outcome. */
bool bench_data_open(cl_context context, cl_command_queue queue, clact_context *clact,
                     const bench_case *cases, size_t count, bench_data *data, bench_error *error);

/* Accepts what was never opened (all zero). */
void bench_data_close(bench_data *data);

/* Called before a case is measured: fills the arrays anew where they hold another type, and
 * computes y from x where the case reads y. */
bool bench_data_prepare(bench_data *data, const bench_case *item, cl_command_queue queue,
                        bench_error *error);

/* The case as a task; *one must stay where it is. */
bench_task bench_data_task(const bench_data_case *one);

/* Its arrays for work of the host, which is left to set call and user: what is read (x or the saved
 * tensor, then dy), then the output. */
bench_host_work bench_data_host_work(const bench_data_case *one);

#endif
