/* test_threads.c: one context used from many threads at once, each with a queue of its own. */
#include "device_fixture.h"
#include "formulas_c.h"

#include <stdlib.h>
#include <threads.h>

enum { THREADS = 4, ROUNDS = 40, N = 133 };

typedef struct job {
    fixture *f;
    uint64_t seed;
    int wrong;
} job;

/* Forward and backward of activations in an order of its own; counts results that differ from C. */
static int run_job(void *data) {
    job *j = data;
    fixture *f = j->f;
    float x[N], y[N], dx[N];
    cl_command_queue queue = clCreateCommandQueue(f->context, f->device, 0, NULL);
    cl_mem bx = clCreateBuffer(f->context, CL_MEM_READ_WRITE, sizeof x, NULL, NULL);
    cl_mem by = clCreateBuffer(f->context, CL_MEM_READ_WRITE, sizeof y, NULL, NULL);
    const clact_matrix mx = {bx, 0, 0}, my = {by, 0, 0};
    for (int round = 0; round < ROUNDS; round++) {
        const clact_activation act = (clact_activation)(random_bits(&j->seed) % CLACT_ACT_SQUARE);
        clact_sweep sweep;
        clact_sweep_init(&sweep, act);
        for (int i = 0; i < N; i++)
            x[i] = 3.0f * random_normal(&j->seed);
        clEnqueueWriteBuffer(queue, bx, CL_TRUE, 0, sizeof x, x, 0, NULL, NULL);
        j->wrong += clact_forward(f->clact, queue, &sweep, 1, N, mx, my, 0, NULL, NULL) != 0;
        clEnqueueReadBuffer(queue, by, CL_TRUE, 0, sizeof y, y, 0, NULL, NULL);
        j->wrong += clact_backward(f->clact, queue, &sweep, 1, N, mx, mx, my, 0, NULL, NULL) != 0;
        clEnqueueReadBuffer(queue, by, CL_TRUE, 0, sizeof dx, dx, 0, NULL, NULL);
        for (int i = 0; i < N; i++) {
            j->wrong += !same_bits(y[i], formula_forward(act, sweep.tier, sweep.params, x[i]));
            j->wrong += !same_bits(
                dx[i], formula_backward(act, sweep.tier, sweep.params, CLACT_SAVED_X, x[i], x[i]));
        }
        /* a failing call beside good ones */
        sweep.struct_size = 0;
        j->wrong += clact_forward(f->clact, queue, &sweep, 1, N, mx, my, 0, NULL, NULL) !=
                    CLACT_INVALID_ARGUMENT;
    }
    clReleaseMemObject(bx);
    clReleaseMemObject(by);
    clReleaseCommandQueue(queue);
    return 0;
}

static void threads_share_one_context(void **state) {
    thrd_t threads[THREADS];
    job jobs[THREADS];
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (job){*state, 100 + (uint64_t)i, 0};
        assert_int_equal(thrd_create(&threads[i], run_job, &jobs[i]), thrd_success);
    }
    for (int i = 0; i < THREADS; i++) {
        thrd_join(threads[i], NULL);
        assert_int_equal(jobs[i].wrong, 0);
    }
}

/* One kernel, many short calls: every take and give meets another thread's. */
static int hammer(void *data) {
    job *j = data;
    fixture *f = j->f;
    float x[4] = {1.0f, 2.0f, 3.0f, 4.0f}, y[4];
    clact_sweep sweep;
    clact_sweep_init(&sweep, CLACT_ACT_SWISH);
    cl_command_queue queue = clCreateCommandQueue(f->context, f->device, 0, NULL);
    cl_mem bx = clCreateBuffer(f->context, CL_MEM_COPY_HOST_PTR, sizeof x, x, NULL);
    cl_mem by = clCreateBuffer(f->context, CL_MEM_READ_WRITE, sizeof y, NULL, NULL);
    const clact_matrix mx = {bx, 0, 0}, my = {by, 0, 0};
    for (int round = 0; round < 4000; round++) {
        sweep.params[0] = (float)(random_bits(&j->seed) % 64);
        j->wrong += clact_forward(f->clact, queue, &sweep, 1, 4, mx, my, 0, NULL, NULL) != 0;
        if (round % 4) continue;
        clEnqueueReadBuffer(queue, by, CL_TRUE, 0, sizeof y, y, 0, NULL, NULL);
        for (int i = 0; i < 4; i++)
            j->wrong +=
                !same_bits(y[i], formula_forward(CLACT_ACT_SWISH, sweep.tier, sweep.params, x[i]));
    }
    clReleaseMemObject(bx);
    clReleaseMemObject(by);
    clReleaseCommandQueue(queue);
    return 0;
}

static void kernels_are_not_shared(void **state) {
    thrd_t threads[2 * THREADS];
    job jobs[2 * THREADS];
    for (int i = 0; i < 2 * THREADS; i++) {
        jobs[i] = (job){*state, 200 + (uint64_t)i, 0};
        assert_int_equal(thrd_create(&threads[i], hammer, &jobs[i]), thrd_success);
    }
    for (int i = 0; i < 2 * THREADS; i++) {
        thrd_join(threads[i], NULL);
        assert_int_equal(jobs[i].wrong, 0);
    }
}

int main(void) {
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
    const struct CMUnitTest tests[] = {
        {"threads_share_one_context", threads_share_one_context, NULL, NULL, &f},
        {"kernels_are_not_shared", kernels_are_not_shared, NULL, NULL, &f}};
    const int failed = cmocka_run_group_tests_name("threads", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
