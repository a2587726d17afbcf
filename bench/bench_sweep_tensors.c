/* bench_sweep_tensors.c: the buffers that the passes of --op sweep read and write. */
#include "bench_sweep_tensors.h"

#include "bench_fill.h"

static const bench_tensor tensor_inputs[] = {TENSOR_X,         TENSOR_VALUE, TENSOR_DY,
                                             TENSOR_DRESIDUAL, TENSOR_BIAS,  TENSOR_VALUE_BIAS};

static const bench_steps *tensors_part(const bench_pass *pass, int part) {
    const bench_steps *const parts[] = {&pass->fused, &pass->chain, &pass->plain, &pass->prepare};
    return part < 4 ? parts[part] : NULL;
}

static uint64_t tensors_workspace(const bench_pass *pass, const bench_step *step) {
    size_t bytes = 0;
    if (step->kind == STEP_SUM)
        clact_sum_columns_workspace(pass->rows, pass->cols, &bytes);
    else
        clact_sweep_workspace(&step->sweep, step->kind == STEP_BACKWARD, pass->rows, pass->cols,
                              &bytes);
    return bytes;
}

/* Raises bytes[TENSOR_COUNT] and *workspace to what the pass needs. */
static void tensors_measure(const bench_pass *pass, uint64_t *bytes, uint64_t *workspace) {
    const bench_steps *steps;
    for (int part = 0; (steps = tensors_part(pass, part)) != NULL; ++part) {
        for (size_t i = 0; i < steps->count; ++i) {
            const uint64_t scratch = tensors_workspace(pass, &steps->steps[i]);
            if (scratch > *workspace) *workspace = scratch;
            for (int role = 0; role < ROLE_COUNT; ++role) {
                const bench_tensor at = steps->steps[i].at[role];
                const uint64_t own = bench_tensor_bytes(at, pass->rows, pass->cols, pass->dtype);
                if ((own + 7) / 8 * 8 > bytes[at]) bytes[at] = (own + 7) / 8 * 8;
            }
        }
    }
}

uint64_t bench_tensors_largest(const bench_pass *passes, size_t count) {
    uint64_t bytes[TENSOR_COUNT] = {0}, largest = 0;
    for (size_t i = 0; i < count; ++i)
        tensors_measure(&passes[i], bytes, &largest);
    for (int i = 0; i < TENSOR_COUNT; ++i)
        if (bytes[i] > largest) largest = bytes[i];
    return largest;
}

bool bench_tensors_open(cl_context context, cl_command_queue queue, clact_context *clact,
                        const bench_pass *passes, size_t count, bench_tensors *tensors,
                        bench_error *error) {
    uint64_t workspace = 0;
    *tensors = (bench_tensors){.clact = clact};
    for (size_t i = 0; i < count; ++i)
        tensors_measure(&passes[i], tensors->bytes, &workspace);
    for (int i = 0; i < TENSOR_COUNT; ++i)
        if (tensors->bytes[i] > 0 &&
            !bench_fill_create(context, queue, tensors->bytes[i], &tensors->buffers[i], error))
            return false;
    return workspace == 0 ||
           bench_fill_create(context, queue, workspace, &tensors->workspace, error);
}

void bench_tensors_close(bench_tensors *tensors) {
    for (int i = 0; i < TENSOR_COUNT; ++i)
        if (tensors->buffers[i]) clReleaseMemObject(tensors->buffers[i]);
    if (tensors->workspace) clReleaseMemObject(tensors->workspace);
    *tensors = (bench_tensors){0};
}

static clact_status tensors_enqueue_step(const bench_steps_on *on, const bench_step *step,
                                         cl_command_queue queue, cl_event *event) {
    clact_context *clact = on->tensors->clact;
    const size_t rows = on->pass->rows, cols = on->pass->cols;
    const uint64_t seed = 1;
    const cl_mem workspace = on->tensors->workspace;
    clact_matrix at[ROLE_COUNT];
    for (int role = 0; role < ROLE_COUNT; ++role)
        at[role] = (clact_matrix){.buffer = on->tensors->buffers[step->at[role]]};
    if (step->kind == STEP_SUM)
        return clact_sum_columns(clact, queue, rows, cols, at[ROLE_IN], at[ROLE_OUT], workspace, 0,
                                 NULL, event);
    if (step->kind == STEP_FORWARD)
        return clact_sweep_forward(clact, queue, &step->sweep,
                                   &(clact_forward_tensors){.rows = rows,
                                                            .cols = cols,
                                                            .x = at[ROLE_IN],
                                                            .value = at[ROLE_VALUE],
                                                            .bias = at[ROLE_BIAS],
                                                            .value_bias = at[ROLE_VALUE_BIAS],
                                                            .residual = at[ROLE_RESIDUAL],
                                                            .seed = seed,
                                                            .y = at[ROLE_OUT],
                                                            .saved = at[ROLE_SAVED],
                                                            .health = at[ROLE_HEALTH].buffer,
                                                            .workspace = workspace},
                                   0, NULL, event);
    return clact_sweep_backward(clact, queue, &step->sweep,
                                &(clact_backward_tensors){.rows = rows,
                                                          .cols = cols,
                                                          .saved = at[ROLE_SAVED],
                                                          .value = at[ROLE_VALUE],
                                                          .bias = at[ROLE_BIAS],
                                                          .value_bias = at[ROLE_VALUE_BIAS],
                                                          .seed = seed,
                                                          .dy = at[ROLE_IN],
                                                          .dx = at[ROLE_OUT],
                                                          .dvalue = at[ROLE_OUT_VALUE],
                                                          .dbias = at[ROLE_DBIAS],
                                                          .dvalue_bias = at[ROLE_DVALUE_BIAS],
                                                          .dresidual = at[ROLE_RESIDUAL],
                                                          .health = at[ROLE_HEALTH].buffer,
                                                          .workspace = workspace},
                                0, NULL, event);
}

static bool tensors_enqueue(const void *user, cl_command_queue queue, cl_event *event,
                            bench_error *error) {
    const bench_steps_on *on = user;
    for (size_t i = 0; i < on->steps->count; ++i) {
        cl_event *last = i + 1 == on->steps->count ? event : NULL;
        const clact_status status = tensors_enqueue_step(on, &on->steps->steps[i], queue, last);
        char name[128];
        bench_pass_name(on->pass, name, sizeof name);
        if (!bench_check_clact(status, on->tensors->clact, name, error)) return false;
    }
    return true;
}

bench_task bench_steps_task(const bench_steps_on *on) {
    return (bench_task){.enqueue = tensors_enqueue, .user = on};
}

static bool tensors_fill(bench_tensors *tensors, clact_dtype dtype, bool positive,
                         cl_command_queue queue, bench_error *error) {
    if (tensors->filled && tensors->dtype == dtype && tensors->positive == positive) return true;
    for (size_t i = 0; i < sizeof tensor_inputs / sizeof *tensor_inputs; ++i) {
        const bench_tensor at = tensor_inputs[i];
        bench_range range = at == TENSOR_X ? bench_range_x : bench_range_dy;
        if (positive && (at == TENSOR_X || at == TENSOR_BIAS)) range = bench_range_positive;
        range.seed += (uint32_t)i;
        if (!bench_fill(queue, tensors->buffers[at], tensors->bytes[at], dtype, &range, error))
            return false;
    }
    tensors->filled = true;
    tensors->dtype = dtype;
    tensors->positive = positive;
    return true;
}

bool bench_tensors_prepare(bench_tensors *tensors, const bench_pass *pass, cl_command_queue queue,
                           bench_error *error) {
    const bench_steps_on on = {tensors, pass, &pass->prepare};
    const bool positive = pass->info.domain_min >= 0.0f;
    return tensors_fill(tensors, pass->dtype, positive, queue, error) &&
           tensors_enqueue(&on, queue, NULL, error) &&
           bench_check_cl(clFinish(queue), "preparing the tensors", error);
}
