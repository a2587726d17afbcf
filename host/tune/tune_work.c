/* tune_work.c: passes that stand for their families, and the matrices they go over. */
#include "tune_work.h"

#include <math.h>
#include <stdlib.h>

enum { COLS = 4096, FEW_COLS = 512, SHORT_COLS = 10 };

/* ---- Matrices -------------------------------------------------------------------------------- */

size_t tune_outside(const clact_device_info *device) {
    size_t elements = (size_t)1 << 22;
    const uint64_t most = device->max_alloc_bytes < device->global_bytes / 8
                              ? device->max_alloc_bytes
                              : device->global_bytes / 8;
    while (elements < (size_t)1 << 26 && elements * sizeof(float) < 2 * device->cache_bytes)
        elements *= 2;
    while (elements > TUNE_INSIDE && elements * sizeof(float) > most)
        elements /= 2;
    return elements;
}

/* Sums of four uniform numbers of SplitMix64, which is normal enough. */
static void fill_normal(float *values, size_t count, uint64_t state) {
    for (size_t i = 0; i < count; i++) {
        uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        z ^= z >> 31;
        const uint64_t sum = (z & 0xffff) + (z >> 16 & 0xffff) + (z >> 32 & 0xffff) + (z >> 48);
        values[i] = ((float)sum - 131070.0f) * 0x1.bb67aep-16f;
    }
}

static cl_mem new_buffer(const tune_memory *m, size_t bytes, void *values) {
    return clCreateBuffer(m->context, CL_MEM_READ_WRITE | (values ? CL_MEM_COPY_HOST_PTR : 0),
                          bytes, values, NULL);
}

bool tune_memory_open(tune_memory *m, cl_context context, cl_device_id device, size_t elements) {
    const size_t bytes = elements * sizeof(float), few = (COLS + 1) * sizeof(clact_health);
    const size_t labels = elements / SHORT_COLS + COLS;
    *m = (tune_memory){.context = context, .device = device, .elements = elements};
    float *values = malloc(bytes);
    void *zeros = calloc(labels, sizeof(float));
    if (values && zeros) {
        m->queue = clCreateCommandQueue(context, device, 0, NULL);
        fill_normal(values, elements, 1);
        m->x = new_buffer(m, bytes, values);
        fill_normal(values, elements, 2);
        m->dy = new_buffer(m, bytes, values);
        m->out = new_buffer(m, bytes, values);  /* written once, so that no page */
        m->work = new_buffer(m, bytes, values); /* comes into being while time counts */
        m->zeros = new_buffer(m, labels * sizeof(float), zeros);
        m->sums = new_buffer(m, few, NULL);
    }
    free(values);
    free(zeros);
    return m->queue && m->x && m->dy && m->out && m->work && m->zeros && m->sums;
}

void tune_memory_close(tune_memory *m) {
    const cl_mem buffers[] = {m->x, m->dy, m->out, m->work, m->zeros, m->sums};
    if (m->queue) clFinish(m->queue);
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        if (buffers[i]) clReleaseMemObject(buffers[i]);
    if (m->queue) clReleaseCommandQueue(m->queue);
    *m = (tune_memory){.elements = 0};
}

/* ---- Passes ---------------------------------------------------------------------------------- */

static size_t cols_of(size_t elements) {
    return elements >= (size_t)1 << 22 ? COLS : FEW_COLS;
}

static clact_matrix whole(cl_mem buffer) {
    return (clact_matrix){buffer, 0, 0};
}

static clact_status run_forward(const tune_memory *m, clact_context *clact, size_t elements,
                                clact_activation activation, bool health) {
    clact_sweep sweep;
    clact_sweep_init(&sweep, activation);
    sweep.health = health;
    const size_t cols = cols_of(elements);
    const clact_forward_tensors t = {.rows = elements / cols,
                                     .cols = cols,
                                     .x = whole(m->x),
                                     .y = whole(m->out),
                                     .health = m->sums,
                                     .workspace = m->work};
    return clact_sweep_forward(clact, m->queue, &sweep, &t, 0, NULL, NULL);
}

static clact_status run_backward(const tune_memory *m, clact_context *clact, size_t elements,
                                 clact_activation activation, bool bias) {
    clact_sweep sweep;
    clact_sweep_init(&sweep, activation);
    sweep.bias = bias;
    const size_t cols = cols_of(elements);
    const clact_backward_tensors t = {.rows = elements / cols,
                                      .cols = cols,
                                      .saved = whole(m->x),
                                      .bias = whole(m->zeros),
                                      .dy = whole(m->dy),
                                      .dx = whole(m->out),
                                      .dbias = whole(m->sums),
                                      .workspace = m->work};
    return clact_sweep_backward(clact, m->queue, &sweep, &t, 0, NULL, NULL);
}

static clact_status run_softmax(const tune_memory *m, clact_context *clact, size_t elements,
                                size_t cols) {
    clact_softmax softmax;
    clact_softmax_init(&softmax);
    return clact_softmax_forward(clact, m->queue, &softmax, elements / cols, cols, whole(m->x),
                                 whole(m->out), m->work, 0, NULL, NULL);
}

static clact_status run_loss(const tune_memory *m, clact_context *clact, size_t elements,
                             size_t cols, clact_loss_kind kind) {
    clact_loss loss;
    clact_loss_init(&loss, kind);
    loss.reduction = CLACT_REDUCTION_NONE;
    const bool classes = kind == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY;
    return clact_loss_evaluate(clact, m->queue, &loss, elements / cols, cols, whole(m->x),
                               whole(classes ? m->zeros : m->dy), whole(NULL), 1.0, whole(NULL),
                               whole(m->out), m->work, 0, NULL, NULL);
}

#define PASS(name, call)                                                                           \
    static clact_status name(const tune_memory *m, clact_context *clact, size_t n) {               \
        return call;                                                                               \
    }
PASS(forward_relu, run_forward(m, clact, n, CLACT_ACT_RELU, false))
PASS(forward_gelu, run_forward(m, clact, n, CLACT_ACT_GELU, false))
PASS(backward_relu, run_backward(m, clact, n, CLACT_ACT_RELU, false))
PASS(backward_gelu, run_backward(m, clact, n, CLACT_ACT_GELU, false))
PASS(bias_relu, run_backward(m, clact, n, CLACT_ACT_RELU, true))
PASS(bias_gelu, run_backward(m, clact, n, CLACT_ACT_GELU, true))
PASS(health_relu, run_forward(m, clact, n, CLACT_ACT_RELU, true))
PASS(softmax_rows, run_softmax(m, clact, n, cols_of(n)))
PASS(mse, run_loss(m, clact, n, cols_of(n), CLACT_LOSS_MSE))
PASS(softmax_short, run_softmax(m, clact, n, SHORT_COLS))
PASS(entropy_short, run_loss(m, clact, n, SHORT_COLS, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY))

const tune_pass tune_passes[TUNE_PASSES] = {
    {CLACT_FAMILY_FORWARD, true, forward_relu},
    {CLACT_FAMILY_FORWARD, false, forward_gelu},
    {CLACT_FAMILY_BACKWARD, true, backward_relu},
    {CLACT_FAMILY_BACKWARD, false, backward_gelu},
    {CLACT_FAMILY_SUMS, false, bias_relu},
    {CLACT_FAMILY_SUMS, false, bias_gelu},
    {CLACT_FAMILY_COLUMNS, false, health_relu},
    {CLACT_FAMILY_ROWS, false, softmax_rows},
    {CLACT_FAMILY_ROWS, false, mse},
    {CLACT_FAMILY_SHORT_ROWS, false, softmax_short},
    {CLACT_FAMILY_SHORT_ROWS, false, entropy_short},
};
