/* bench_dense.c: one pass of a dense layer on the device. */
#include "bench_dense.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench_fill.h"

static size_t dense_floats(const bench_dense *dense, bench_dense_tensor tensor) {
    const size_t *sides = dense->layer->shape.sides;
    const size_t batch = sides[0], inputs = sides[1], outputs = sides[2];
    if (tensor == DENSE_X || tensor == DENSE_DX) return batch * inputs;
    if (tensor == DENSE_WEIGHT || tensor == DENSE_DWEIGHT) return outputs * inputs;
    return tensor == DENSE_BIAS || tensor == DENSE_DBIAS ? outputs : batch * outputs;
}

static clact_matrix dense_at(const bench_dense *dense, bench_dense_tensor tensor) {
    return (clact_matrix){.buffer = dense->buffers[tensor]};
}

static bool dense_enqueue_pass(const bench_dense *dense, bool backward, cl_event *event,
                               bench_error *error) {
    const clact_matrix x = dense_at(dense, DENSE_X), weight = dense_at(dense, DENSE_WEIGHT),
                       bias = dense_at(dense, DENSE_BIAS), z = dense_at(dense, DENSE_Z),
                       y = dense_at(dense, DENSE_Y);
    const size_t rows = dense->layer->shape.sides[0];
    const picked_device *device = dense->device;
    const clact_dense_forward_tensors forward = {
        .x = x,
        .weight = weight,
        .epilogue = {.rows = rows, .x = z, .bias = bias, .y = y, .workspace = dense->workspace}};
    const clact_dense_backward_tensors back = {
        .x = x,
        .weight = weight,
        .epilogue = {.rows = rows,
                     .saved = dense->sweep.saved == CLACT_SAVED_Y ? y : z,
                     .bias = bias,
                     .dy = dense_at(dense, DENSE_DY),
                     .dx = dense_at(dense, DENSE_DZ),
                     .dbias = dense_at(dense, DENSE_DBIAS),
                     .workspace = dense->workspace},
        .dweight = dense_at(dense, DENSE_DWEIGHT),
        .dx = dense_at(dense, DENSE_DX)};
    const clact_status status = backward
                                    ? clact_dense_backward(device->clact, device->queue,
                                                           &dense->dense, &back, 0, NULL, event)
                                    : clact_dense_forward(device->clact, device->queue,
                                                          &dense->dense, &forward, 0, NULL, event);
    return bench_check_clact(status, device->clact, "running a dense layer", error);
}

static bool dense_enqueue(const void *user, cl_command_queue queue, cl_event *event,
                          bench_error *error) {
    const bench_dense *dense = user;
    (void)queue;
    return dense_enqueue_pass(dense, dense->layer->backward, event, error);
}

static bool dense_fill(bench_dense *dense, bench_error *error) {
    const float reach = 1.0f / sqrtf((float)dense->dense.inputs);
    const bench_range wide = bench_range_dy, narrow = {-reach, reach, 7};
    static const bench_dense_tensor inputs[] = {DENSE_X, DENSE_WEIGHT, DENSE_BIAS, DENSE_DY};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; ++i) {
        const bench_dense_tensor at = inputs[i];
        if (!bench_fill(dense->device->queue, dense->buffers[at],
                        dense_floats(dense, at) * sizeof(float), CLACT_F32,
                        at == DENSE_X || at == DENSE_DY ? &wide : &narrow, error))
            return false;
    }
    return dense_enqueue_pass(dense, false, NULL, error) &&
           bench_check_cl(clFinish(dense->device->queue), "preparing a dense layer", error);
}

/* OpenBLAS on the same arrays, in the order that bench_openblas.h gives. */
static bench_host_work dense_host_work(const bench_dense *dense, bool back) {
    static const bench_dense_tensor forward[] = {DENSE_X, DENSE_WEIGHT, DENSE_BIAS, DENSE_Z,
                                                 DENSE_Y};
    static const bench_dense_tensor backward[] = {DENSE_X,       DENSE_WEIGHT, DENSE_Z,
                                                  DENSE_BIAS,    DENSE_DY,     DENSE_DZ,
                                                  DENSE_DWEIGHT, DENSE_DX,     DENSE_DBIAS};
    const bench_dense_tensor *order = back ? backward : forward;
    bench_host_work work = {.user = &dense->blas};
    work.count = back ? sizeof backward / sizeof *backward : sizeof forward / sizeof *forward;
    for (size_t i = 0; i < work.count; ++i) {
        work.buffers[i] = dense->buffers[order[i]];
        work.bytes[i] = dense_floats(dense, order[i]) * sizeof(float);
    }
    work.call = back ? bench_openblas_backward : bench_openblas_forward;
    return work;
}

/* The tasks, and the z that the peer's backward pass reads: ours need not keep it. */
static bool dense_add_peer(bench_dense *dense, bench_task *tasks, bench_error *error) {
    const bool back = dense->layer->backward;
    bench_sample unused;
    dense->blas = (bench_openblas){.batch = dense->layer->shape.sides[0],
                                   .inputs = dense->dense.inputs,
                                   .outputs = dense->dense.outputs,
                                   .activation = dense->layer->info.activation};
    const bench_host_work before = dense_host_work(dense, false);
    const bench_task task = bench_host_task(&before);
    dense->peer = dense->product = dense_host_work(dense, back);
    dense->product.call = back ? bench_openblas_backward_products : bench_openblas_forward_product;
    tasks[BENCH_TASK_PEER] = bench_host_task(&dense->peer);
    tasks[BENCH_TASK_GEMM] = bench_host_task(&dense->product);
    return bench_measure_launches(&task, dense->device->queue, 1, &unused, error);
}

bool bench_dense_open(const picked_device *device, const bench_layer *layer, bool with_peer,
                      bench_dense *dense, bench_task tasks[BENCH_MAX_TASKS], bench_error *error) {
    size_t bytes[2] = {0, 0};
    *dense = (bench_dense){.device = device, .layer = layer};
    dense->dense = (clact_dense){.inputs = layer->shape.sides[1],
                                 .outputs = layer->shape.sides[2],
                                 .epilogue = &dense->sweep};
    clact_status status = bench_layer_sweep(layer, &dense->sweep);
    for (int back = 0; back < 2 && status == CLACT_SUCCESS; ++back)
        status = clact_dense_workspace(&dense->dense, back, layer->shape.sides[0], &bytes[back]);
    if (!bench_check_clact(status, device->clact, "planning a dense layer", error)) return false;
    for (int i = 0; i < DENSE_COUNT; ++i)
        if (!bench_fill_create(device->context, device->queue,
                               dense_floats(dense, (bench_dense_tensor)i) * sizeof(float),
                               &dense->buffers[i], error))
            return false;
    if ((bytes[0] > 0 || bytes[1] > 0) &&
        !bench_fill_create(device->context, device->queue,
                           bytes[0] > bytes[1] ? bytes[0] : bytes[1], &dense->workspace, error))
        return false;
    tasks[BENCH_TASK_SUBJECT] = (bench_task){.enqueue = dense_enqueue, .user = dense};
    return dense_fill(dense, error) && (!with_peer || !bench_openblas_has(layer->info.activation) ||
                                        dense_add_peer(dense, tasks, error));
}

void bench_dense_close(bench_dense *dense) {
    for (int i = 0; i < DENSE_COUNT; ++i)
        if (dense->buffers[i]) clReleaseMemObject(dense->buffers[i]);
    if (dense->workspace) clReleaseMemObject(dense->workspace);
    *dense = (bench_dense){.device = NULL};
}

/* ---- Comparison ------------------------------------------------------------------------------ */

static bool dense_read(const bench_dense *dense, bench_dense_tensor tensor, float *values,
                       bench_error *error) {
    const cl_int code =
        clEnqueueReadBuffer(dense->device->queue, dense->buffers[tensor], CL_TRUE, 0,
                            dense_floats(dense, tensor) * sizeof(float), values, 0, NULL, NULL);
    return bench_check_cl(code, "reading a result", error);
}

/* The results of a pass, each poisoned first and then read, one after the other. */
static bool dense_run(const bench_dense *dense, const bench_task *task,
                      const bench_dense_tensor *results, size_t count, float *values,
                      bench_error *error) {
    const cl_uint poison = 0x7fffffffu;
    const cl_command_queue queue = dense->device->queue;
    bench_sample unused;
    for (size_t i = 0; i < count; ++i) {
        const size_t bytes = dense_floats(dense, results[i]) * sizeof(float);
        const cl_int code = clEnqueueFillBuffer(queue, dense->buffers[results[i]], &poison,
                                                sizeof poison, 0, bytes, 0, NULL, NULL);
        if (!bench_check_cl(code, "filling a result", error)) return false;
    }
    if (!bench_check_cl(clFinish(queue), "filling the results", error) ||
        !bench_measure_launches(task, queue, 1, &unused, error))
        return false;
    for (size_t i = 0; i < count; ++i) {
        if (!dense_read(dense, results[i], values, error)) return false;
        values += dense_floats(dense, results[i]);
    }
    return true;
}

/* Sums of products in another order differ by some ulps of the largest terms. */
static bool dense_near(const bench_dense *dense, size_t count, const float *ours,
                       const float *peers, bench_error *error) {
    float greatest = 0.0f;
    for (size_t i = 0; i < count; ++i)
        greatest = fmaxf(greatest, fabsf(ours[i]));
    for (size_t i = 0; i < count; ++i) {
        if (fabsf(ours[i] - peers[i]) <= 1e-4f * greatest) continue;
        char name[256];
        bench_layer_name(dense->layer, name, sizeof name);
        return bench_fail(error,
                          "%s: OpenBLAS and plain loops give %.9g where clact gives %.9g; nothing "
                          "can be said of their times",
                          name, (double)peers[i], (double)ours[i]);
    }
    return true;
}

bool bench_dense_compare(const bench_dense *dense, const bench_task *tasks, bench_error *error) {
    static const bench_dense_tensor forward[] = {DENSE_Y},
                                    backward[] = {DENSE_DZ, DENSE_DWEIGHT, DENSE_DX, DENSE_DBIAS};
    const bool back = dense->layer->backward;
    const bench_dense_tensor *results = back ? backward : forward;
    const size_t count = back ? 4 : 1;
    size_t total = 0;
    for (size_t i = 0; i < count; ++i)
        total += dense_floats(dense, results[i]);
    float *ours = malloc(2 * total * sizeof *ours);
    if (ours == NULL) return bench_fail(error, "out of memory; choose a smaller --shape");
    float *peers = ours + total;
    bool ok = dense_run(dense, &tasks[BENCH_TASK_SUBJECT], results, count, ours, error) &&
              dense_run(dense, &tasks[BENCH_TASK_PEER], results, count, peers, error);
    for (size_t i = 0, at = 0; ok && i < count; at += dense_floats(dense, results[i++]))
        ok = dense_near(dense, dense_floats(dense, results[i]), ours + at, peers + at, error);
    free(ours);
    return ok;
}
