/* test_overhead.c: what a call costs beside the driver: after the first one with a descriptor no
 * memory is allocated, and its time is short. The linker wraps allocations, which counts those of
 * the library alone, and the calls of OpenCL, which can be made to return at once.
 */
#include "device_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* ---- A driver that takes no time ------------------------------------------------------------- */

/* What the driver said of buffers and queues, all of which are alike here */
typedef struct answer {
    cl_uint key;
    size_t size;
    unsigned char value[sizeof(cl_ulong)];
} answer;

enum { ANSWERS = 16 };
static answer answers[ANSWERS];
static bool is_silent;
static size_t calls;

static cl_int remember(cl_int code, cl_uint key, size_t size, const void *value) {
    size_t i = 0;
    assert_true(size <= sizeof answers->value);
    while (answers[i].key != 0 && answers[i].key != key)
        assert_true(++i < ANSWERS);
    answers[i] = (answer){.key = key, .size = size};
    memcpy(answers[i].value, value, size);
    return code;
}

static cl_int repeat(cl_uint key, size_t size, void *value) {
    for (const answer *a = answers; a < answers + ANSWERS; a++) {
        if (a->key != key) continue;
        memcpy(value, a->value, size);
        return CL_SUCCESS;
    }
    return CL_INVALID_VALUE;
}

WRAPPED(cl_int, clGetMemObjectInfo,
        (cl_mem buffer, cl_mem_info key, size_t size, void *value, size_t *needed)) {
    calls++;
    if (is_silent) return repeat(key, size, value);
    return remember(__real_clGetMemObjectInfo(buffer, key, size, value, needed), key, size, value);
}
WRAPPED(cl_int, clGetCommandQueueInfo,
        (cl_command_queue queue, cl_command_queue_info key, size_t size, void *value,
         size_t *needed)) {
    calls++;
    if (is_silent) return repeat(key, size, value);
    return remember(__real_clGetCommandQueueInfo(queue, key, size, value, needed), key, size,
                    value);
}
WRAPPED(cl_int, clSetKernelArg, (cl_kernel kernel, cl_uint index, size_t size, const void *value)) {
    calls++;
    return is_silent ? CL_SUCCESS : __real_clSetKernelArg(kernel, index, size, value);
}
WRAPPED(cl_int, clEnqueueNDRangeKernel,
        (cl_command_queue queue, cl_kernel kernel, cl_uint dims, const size_t *offset,
         const size_t *global, const size_t *local, cl_uint num_wait, const cl_event *wait,
         cl_event *event)) {
    calls++;
    return is_silent ? CL_SUCCESS
                     : __real_clEnqueueNDRangeKernel(queue, kernel, dims, offset, global, local,
                                                     num_wait, wait, event);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

enum { ROWS = 16, COLS = 64, BUFFERS = 6 }; /* 1,024 elements */

typedef struct subject {
    fixture *f;
    cl_mem buffers[BUFFERS];
    clact_sweep sweep, fused;
    clact_softmax softmax;
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
static clact_status sgd(const subject *s) {
    return clact_sgd_step(s->f->clact, s->f->queue, ROWS * COLS, matrix(s, 0), matrix(s, 1),
                          matrix(s, 2), 0.1f, 0.9f, 0, NULL, NULL);
}

static const struct call {
    const char *name;
    clact_status (*run)(const subject *s);
} table[] = {{"forward", forward},
             {"backward", backward},
             {"fused forward", fused_forward},
             {"fused backward", fused_backward},
             {"softmax", softmax},
             {"softmax of a long row", softmax_cut},
             {"loss", loss},
             {"loss of classes", loss_of_classes},
             {"sum of columns", sum_columns},
             {"optimizer step", sgd}};
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

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The least of many batches: what else the machine does only adds to it. */
static double least_seconds(const struct call *call, const subject *s) {
    double least = 1.0;
    for (int batch = 0; batch < 50; batch++) {
        const double start = seconds();
        for (int i = 0; i < 100; i++)
            call->run(s);
        const double each = (seconds() - start) / 100;
        if (each < least) least = each;
    }
    return least;
}

static void library_takes_under_5_microseconds(void **state) {
    fixture *f = *state;
    subject s;
    subject_open(&s, f);
    for (int c = 0; c < CALLS; c++) {
        require_success(f, table[c].run(&s), table[c].name);
        clFinish(f->queue);
        calls = 0;
        is_silent = true;
        const clact_status status = table[c].run(&s);
        const size_t calls_each = calls;
        const double least = least_seconds(&table[c], &s);
        is_silent = false;
        require_success(f, status, table[c].name);
        print_message("%-22s %4.0f ns beside %zu calls of OpenCL\n", table[c].name, 1e9 * least,
                      calls_each);
        assert_true(least < 5e-6);
    }
    subject_close(&s);
}

int main(void) {
    fixture f;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(only_the_first_call_allocates, &f),
        cmocka_unit_test_prestate(library_takes_under_5_microseconds, &f)};
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
    const int failed = cmocka_run_group_tests_name("overhead", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
