/* bench_sweep_tensors.h: the buffers that the passes of --op sweep read and write. */
#ifndef BENCH_SWEEP_TENSORS_H
#define BENCH_SWEEP_TENSORS_H

#include "bench_error.h"
#include "bench_measure.h"
#include "bench_sweep_pass.h"

typedef struct bench_tensors {
    clact_context *clact;
    cl_mem buffers[TENSOR_COUNT]; /* NULL where no pass needs it */
    uint64_t bytes[TENSOR_COUNT]; /* of the largest pass */
    cl_mem workspace;
    clact_dtype dtype; /* of the inputs as they are filled now; once `filled` */
    bool filled, positive;
} bench_tensors;

/* Steps of a pass on these tensors; a bench_task's user. */
typedef struct bench_steps_on {
    const bench_tensors *tensors;
    const bench_pass *pass;
    const bench_steps *steps;
} bench_steps_on;

/* The largest buffer that the passes need. */
uint64_t bench_tensors_largest(const bench_pass *passes, size_t count);

/* Creates what the passes need. The queue is in order. Close *tensors after any outcome. */
bool bench_tensors_open(cl_context context, cl_command_queue queue, clact_context *clact,
                        const bench_pass *passes, size_t count, bench_tensors *tensors,
                        bench_error *error);

/* Accepts what was never opened (all zero). */
void bench_tensors_close(bench_tensors *tensors);

/* Called before a pass is launched: fills the inputs where they hold another type or range, and
 * makes what the pass reads of earlier passes. */
bool bench_tensors_prepare(bench_tensors *tensors, const bench_pass *pass, cl_command_queue queue,
                           bench_error *error);

/* All steps, one after the other, as a task; *on must stay where it is. Its event is that of the
 * last kernel, so only its wall time is that of the whole. */
bench_task bench_steps_task(const bench_steps_on *on);

/* Launches the chain and the fused pass on the same tensors. False where they do not leave the same
 * bits in every output, in float32 and float64; in the other types a chain rounds at every step. */
bool bench_pass_compare(const bench_tensors *tensors, const bench_pass *pass,
                        cl_command_queue queue, bench_error *error);

#endif
