/* test_overhead.c: what a call costs beside the driver: after the first one with a descriptor no
 * memory is allocated, and the calls of OpenCL are few. The linker wraps allocations, which counts
 * those of the library alone, and these calls. (`clact-bench --op overhead` has times.)
 */
#include "device_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRAPPED(result, name, parameters)                                                          \
    result __real_##name parameters;                                                               \
    result __wrap_##name parameters;                                                               \
    result __wrap_##name parameters

/* ---- Allocations ----------------------------------------------------------------------------- */

static size_t allocations;

WRAPPED(void *, malloc, (size_t size)) {
    allocations++;
    return __real_malloc(size);
}
WRAPPED(void *, calloc, (size_t count, size_t size)) {
    allocations++;
    return __real_calloc(count, size);
}
WRAPPED(void *, realloc, (void *old, size_t size)) {
    allocations++;
    return __real_realloc(old, size);
}

/* ---- Calls of OpenCL ------------------------------------------------------------------------- */

static size_t calls;

WRAPPED(cl_int, clGetMemObjectInfo,
        (cl_mem buffer, cl_mem_info key, size_t size, void *value, size_t *needed)) {
    calls++;
    return __real_clGetMemObjectInfo(buffer, key, size, value, needed);
}
WRAPPED(cl_int, clGetCommandQueueInfo,
        (cl_command_queue queue, cl_command_queue_info key, size_t size, void *value,
         size_t *needed)) {
    calls++;
    return __real_clGetCommandQueueInfo(queue, key, size, value, needed);
}
WRAPPED(cl_int, clSetKernelArg, (cl_kernel kernel, cl_uint index, size_t size, const void *value)) {
    calls++;
    return __real_clSetKernelArg(kernel, index, size, value);
}
WRAPPED(cl_int, clEnqueueNDRangeKernel,
        (cl_command_queue queue, cl_kernel kernel, cl_uint dims, const size_t *offset,
         const size_t *global, const size_t *local, cl_uint num_wait, const cl_event *wait,
         cl_event *event)) {
    calls++;
    return __real_clEnqueueNDRangeKernel(queue, kernel, dims, offset, global, local, num_wait, wait,
                                         event);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

enum { ROWS = 16, COLS = 64, BUFFERS = 6 }; /* 1,024 elements */

typedef struct subject {
    fixture *f;
    cl_mem buffers[BUFFERS];
    clact_sweep sweep, fused;
    clact_softmax softmax;
    clact_optimizer adam;
    clact_loss loss, classes;
} subject;

static clact_matrix matrix(const subject *s, int buffer) {
    return (clact_matrix){s->buffers[buffer], 0, 0};
}

static clact_status forward(const subject *s) {
    return clact_forward(s->f->clact, s->f->queue, &s->sweep, ROWS, COLS, matrix(s, 0),
                         matrix(s, 1), 0, NULL, NULL);
}
static clact_status backward(const subject *s) {
    return clact_backward(s->f->clact, s->f->queue, &s->sweep, ROWS, COLS, matrix(s, 0),
                          matrix(s, 1), matrix(s, 2), 0, NULL, NULL);
}
static clact_status fused_forward(const subject *s) {
    const clact_forward_tensors tensors = {.rows = ROWS,
                                           .cols = COLS,
                                           .x = matrix(s, 0),
                                           .bias = matrix(s, 3),
                                           .y = matrix(s, 1),
                                           .workspace = s->buffers[4],
                                           .health = s->buffers[5]};
    return clact_sweep_forward(s->f->clact, s->f->queue, &s->fused, &tensors, 0, NULL, NULL);
}
static clact_status fused_backward(const subject *s) {
    const clact_backward_tensors tensors = {.rows = ROWS,
                                            .cols = COLS,
                                            .saved = matrix(s, 0),
                                            .bias = matrix(s, 3),
                                            .dy = matrix(s, 1),
                                            .dx = matrix(s, 1),
                                            .dbias = matrix(s, 2),
                                            .workspace = s->buffers[4],
                                            .health = s->buffers[5]};
    return clact_sweep_backward(s->f->clact, s->f->queue, &s->fused, &tensors, 0, NULL, NULL);
}
static clact_status softmax(const subject *s) {
    return clact_softmax_forward(s->f->clact, s->f->queue, &s->softmax, ROWS, COLS, matrix(s, 0),
                                 matrix(s, 1), NULL, 0, NULL, NULL);
}
static clact_status softmax_cut(const subject *s) { /* one row, so long that it is cut */
    return clact_softmax_forward(s->f->clact, s->f->queue, &s->softmax, 1, 5000, matrix(s, 0),
                                 matrix(s, 1), s->buffers[4], 0, NULL, NULL);
}
static clact_status loss(const subject *s) {
    return clact_loss_evaluate(s->f->clact, s->f->queue, &s->loss, ROWS, COLS, matrix(s, 0),
                               matrix(s, 1), (clact_matrix){0}, 1.0, matrix(s, 2), matrix(s, 3),
                               s->buffers[4], 0, NULL, NULL);
}
static clact_status loss_of_classes(const subject *s) {
    return clact_loss_evaluate(s->f->clact, s->f->queue, &s->classes, ROWS, COLS, matrix(s, 0),
                               matrix(s, 1), (clact_matrix){0}, 1.0, matrix(s, 2), matrix(s, 3),
                               s->buffers[4], 0, NULL, NULL);
}
static clact_status sum_columns(const subject *s) {
    return clact_sum_columns(s->f->clact, s->f->queue, ROWS, COLS, matrix(s, 0), matrix(s, 1),
                             s->buffers[4], 0, NULL, NULL);
}
static clact_status adam(const subject *s) {
    const clact_parameter_tensor tensor = {ROWS * COLS, matrix(s, 0), matrix(s, 1), matrix(s, 2),
                                           matrix(s, 3)};
    return clact_optimizer_step(s->f->clact, s->f->queue, &s->adam, 0.1f, 1, 1, &tensor,
                                (clact_matrix){0}, 0, NULL, NULL);
}

static const struct call {
    const char *name;
    clact_status (*run)(const subject *s);
    size_t most_calls; /* of OpenCL, when nothing has to be compiled */
} table[] = {{"forward", forward, 24},
             {"backward", backward, 29},
             {"fused forward", fused_forward, 54},
             {"fused backward", fused_backward, 74},
             {"softmax", softmax, 20},
             {"softmax of a long row", softmax_cut, 63},
             {"loss", loss, 61},
             {"loss of classes", loss_of_classes, 86},
             {"sum of columns", sum_columns, 34},
             {"optimizer step", adam, 35}};
enum { CALLS = sizeof table / sizeof *table };

static void subject_open(subject *s, fixture *f) {
    const cl_int zero = 0;
    const size_t bytes = (size_t)1 << 16;
    *s = (subject){.f = f};
    for (int i = 0; i < BUFFERS; i++) {
        cl_int code = CL_SUCCESS;
        s->buffers[i] = clCreateBuffer(f->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
        assert_int_equal(code, CL_SUCCESS);
        clEnqueueFillBuffer(f->queue, s->buffers[i], &zero, sizeof zero, 0, bytes, 0, NULL, NULL);
    }
    clact_sweep_init(&s->sweep, CLACT_ACT_SIGMOID);
    s->fused = s->sweep;
    s->fused.bias = s->fused.health = true;
    s->fused.dropout = 0.5f;
    clact_softmax_init(&s->softmax);
    clact_optimizer_init(&s->adam, CLACT_OPTIMIZER_ADAM);
    clact_loss_init(&s->loss, CLACT_LOSS_MSE);
    clact_loss_init(&s->classes, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY);
}

static void subject_close(subject *s) {
    clFinish(s->f->queue);
    for (int i = 0; i < BUFFERS; i++)
        clReleaseMemObject(s->buffers[i]);
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void only_the_first_call_allocates(void **state) {
    fixture *f = *state;
    subject s;
    subject_open(&s, f);
    for (int c = 0; c < CALLS; c++) {
        allocations = 0;
        require_success(f, table[c].run(&s), table[c].name);
        assert_true(allocations > 0); /* of what was compiled: they are counted at all */
        allocations = 0;
        for (int i = 0; i < 100; i++)
            require_success(f, table[c].run(&s), table[c].name);
        if (allocations > 0)
            fail_msg("100 more calls (%s) allocate %zu times", table[c].name, allocations);
    }
    subject_close(&s);
}

static void calls_of_opencl_are_no_more_than_before(void **state) {
    fixture *f = *state;
    subject s;
    subject_open(&s, f);
    for (int c = 0; c < CALLS; c++) {
        require_success(f, table[c].run(&s), table[c].name);
        calls = 0;
        require_success(f, table[c].run(&s), table[c].name);
        print_message("%-22s %zu calls of OpenCL\n", table[c].name, calls);
        assert_true(calls > 0 && calls <= table[c].most_calls);
    }
    subject_close(&s);
}

int main(void) {
    fixture f;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(only_the_first_call_allocates, &f),
        cmocka_unit_test_prestate(calls_of_opencl_are_no_more_than_before, &f)};
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
    const int failed = cmocka_run_group_tests_name("overhead", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
