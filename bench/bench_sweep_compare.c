/* bench_sweep_compare.c: a fused pass against its chain, bit by bit. */
#include "bench_sweep_tensors.h"

#include <stdlib.h>
#include <string.h>

/* Tensors that the fused pass writes, each once; returns how many. */
static size_t compare_outputs(const bench_step *step, bench_tensor *outputs) {
    static const bench_role roles[] = {ROLE_OUT, ROLE_OUT_VALUE, ROLE_DBIAS, ROLE_DVALUE_BIAS,
                                       ROLE_HEALTH};
    const bool forward = step->kind == STEP_FORWARD;
    size_t count = 0;
    for (size_t i = 0; i < sizeof roles / sizeof *roles; ++i)
        if (step->at[roles[i]] != TENSOR_NONE) outputs[count++] = step->at[roles[i]];
    const bench_tensor last = step->at[forward ? ROLE_SAVED : ROLE_RESIDUAL];
    if (last != TENSOR_NONE) outputs[count++] = last;
    return count;
}

/* Of the identity, which a chain looks at, no unit is saturated. */
static void compare_clear_saturated(clact_health *health, uint64_t bytes) {
    for (uint64_t i = 0; i < bytes / sizeof *health; ++i)
        health[i].saturated = 0;
}

/* The outputs after all steps, one after the other; they start from the same bits each time. */
static bool compare_run(const bench_steps_on *on, const bench_tensor *outputs, size_t count,
                        cl_command_queue queue, char *bytes, bench_error *error) {
    const bench_pass *pass = on->pass;
    const cl_uint poison = 0x3c3c3c3cu; /* a small number in every type */
    const bench_task task = bench_steps_task(on);
    cl_event event = NULL;
    for (size_t i = 0; i < count; ++i) {
        const cl_int code =
            clEnqueueFillBuffer(queue, on->tensors->buffers[outputs[i]], &poison, sizeof poison, 0,
                                (size_t)on->tensors->bytes[outputs[i]], 0, NULL, NULL);
        if (!bench_check_cl(code, "filling an output", error)) return false;
    }
    if (!task.enqueue(task.user, queue, &event, error)) return false;
    clReleaseEvent(event);
    for (size_t i = 0; i < count; ++i) {
        const size_t size =
            (size_t)bench_tensor_bytes(outputs[i], pass->rows, pass->cols, pass->dtype);
        const cl_int code = clEnqueueReadBuffer(queue, on->tensors->buffers[outputs[i]], CL_TRUE, 0,
                                                size, bytes, 0, NULL, NULL);
        if (!bench_check_cl(code, "reading an output", error)) return false;
        if (outputs[i] == TENSOR_HEALTH) compare_clear_saturated((clact_health *)bytes, size);
        bytes += (size + 7) / 8 * 8;
    }
    return true;
}

static bool compare_bytes(const bench_pass *pass, const bench_tensor *outputs, size_t count,
                          const char *fused, const char *chain, bench_error *error) {
    for (size_t i = 0; i < count; ++i) {
        const size_t size =
            (size_t)bench_tensor_bytes(outputs[i], pass->rows, pass->cols, pass->dtype);
        size_t at = 0;
        while (at < size && fused[at] == chain[at])
            ++at;
        if (at < size) {
            char name[128];
            bench_pass_name(pass, name, sizeof name);
            return bench_fail(error,
                              "%s: the fused pass and its chain differ in %s, from byte %zu of "
                              "%zu on; nothing can be said of their times",
                              name, bench_tensor_name(outputs[i]), at, size);
        }
        fused += (size + 7) / 8 * 8;
        chain += (size + 7) / 8 * 8;
    }
    return true;
}

bool bench_pass_compare(const bench_tensors *tensors, const bench_pass *pass,
                        cl_command_queue queue, bench_error *error) {
    const bench_steps_on fused = {tensors, pass, &pass->fused},
                         chain = {tensors, pass, &pass->chain};
    bench_tensor outputs[ROLE_COUNT];
    const size_t count = compare_outputs(&pass->fused.steps[0], outputs);
    size_t size = 0;
    if (pass->dtype != CLACT_F32 && pass->dtype != CLACT_F64) return true;
    for (size_t i = 0; i < count; ++i)
        size += (size_t)tensors->bytes[outputs[i]];
    char *bytes = malloc(2 * size);
    if (bytes == NULL) return bench_fail(error, "out of memory; choose a smaller --shape");
    const bool ok = compare_run(&fused, outputs, count, queue, bytes, error) &&
                    compare_run(&chain, outputs, count, queue, bytes + size, error) &&
                    compare_bytes(pass, outputs, count, bytes, bytes + size, error);
    free(bytes);
    return ok;
}
