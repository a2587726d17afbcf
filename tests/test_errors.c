/* test_errors.c: every status is reached by a call that deserves it, with a message that says why,
 * and nothing is enqueued. The linker wraps the calls that are to fail.
 */
#include "device_fixture.h"
#include "faults.h"

#include "clact/net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the tests share ---- */

typedef struct setup {
    fixture f;
    cl_mem a, b; /* 64 floats each */
} setup;

/* A call with its status, after which nothing may have been enqueued unless it succeeded or a fault
 * was made on the way. */
#define expect(t, call, want, words)                                                               \
    do {                                                                                           \
        const unsigned launched = counts.launches;                                                 \
        const clact_status got = (call);                                                           \
        expect_status(t, got, want, words);                                                        \
        if (got != CLACT_SUCCESS) assert_int_equal(counts.launches, launched);                     \
    } while (0)

static void expect_status(setup *t, clact_status got, clact_status want, const char *words) {
    char message[512] = "";
    clact_context_message(t->f.clact, message, sizeof message);
    if (got != want || (words && !strstr(message, words))) {
        print_error("status %d (%s), message '%s'; wanted %d with '%s'\n", (int)got,
                    clact_status_text(got), message, (int)want, words ? words : "");
        fail();
    }
}

static clact_sweep relu(void) {
    clact_sweep s;
    clact_sweep_init(&s, CLACT_ACT_RELU);
    return s;
}

static clact_status forward(setup *t, size_t rows, size_t cols, clact_matrix x, clact_matrix y) {
    const clact_sweep s = relu();
    return clact_forward(t->f.clact, t->f.queue, &s, rows, cols, x, y, 0, NULL, NULL);
}

/* ---- tests ---- */

static void invalid_arguments(void **state) {
    setup *t = *state;
    const clact_sweep s = relu();
    const clact_matrix a = {t->a, 0, 0}, b = {t->b, 0, 0}, none = {NULL, 0, 0};
    clact_context *c = NULL;
    clact_device_info info;
    assert_int_equal(clact_forward(NULL, t->f.queue, &s, 1, 4, a, b, 0, NULL, NULL),
                     CLACT_INVALID_ARGUMENT);
    expect(t, clact_forward(t->f.clact, NULL, &s, 1, 4, a, b, 0, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "queue is NULL");
    expect(t, clact_forward(t->f.clact, t->f.queue, NULL, 1, 4, a, b, 0, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "clact_sweep_init");
    expect(t, forward(t, 1, 4, none, b), CLACT_INVALID_ARGUMENT, "buffer of x is NULL");
    expect(t, clact_warm_up(t->f.clact, NULL, 1, true), CLACT_INVALID_ARGUMENT, "NULL");
    expect(t, clact_sgd_step(t->f.clact, t->f.queue, 4, a, b, b, NAN, 0.0f, 0, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "lr");
    expect(t,
           clact_loss_gradient(t->f.clact, t->f.queue, (clact_loss)9, 1, 4, a, b, 1.0f, b, b, 0,
                               NULL, NULL),
           CLACT_INVALID_ARGUMENT, "no loss 9");
    expect(t,
           clact_loss_gradient(t->f.clact, t->f.queue, CLACT_LOSS_MSE, 1, 4, a, b, NAN, b, b, 0,
                               NULL, NULL),
           CLACT_INVALID_ARGUMENT, "scale");
    assert_int_equal(clact_context_create(NULL, t->f.device, NULL, &c), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_context_create(t->f.context, t->f.device, NULL, NULL),
                     CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_device_query(NULL, &info), CLACT_INVALID_ARGUMENT);
    clact_context_destroy(NULL);
}

static void options_that_change_results_are_refused(void **state) {
    setup *t = *state;
    const char *const wrong[] = {"-cl-fast-relaxed-math",
                                 "-cl-unsafe-math-optimizations",
                                 "-cl-finite-math-only",
                                 "-cl-mad-enable",
                                 "-cl-denorms-are-zero",
                                 "-cl-no-signed-zeros",
                                 "-cl-single-precision-constant",
                                 "-ffast-math",
                                 "-ffp-contract=fast"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const clact_context_options o = {.struct_size = sizeof o, .build_options = wrong[i]};
        clact_context *c = NULL;
        assert_int_equal(clact_context_create(t->f.context, t->f.device, &o, &c),
                         CLACT_INVALID_ARGUMENT);
        assert_null(c);
    }
    const clact_context_options width = {.struct_size = sizeof width, .vector_width = 3};
    clact_context *c = NULL;
    assert_int_equal(clact_context_create(t->f.context, t->f.device, &width, &c),
                     CLACT_INVALID_ARGUMENT);
}

static void options_cannot_undo_the_vector_width(void **state) {
    setup *t = *state;
    const clact_context_options o = {
        .struct_size = sizeof o, .vector_width = 16, .build_options = "-D WIDTH=1 -DLOCAL=1"};
    const clact_matrix a = {t->a, 0, 0}, b = {t->b, 0, 0};
    const clact_sweep s = relu();
    float values[64];
    setup other = *t;
    for (int i = 0; i < 64; i++)
        values[i] = (float)(i + 1);
    clEnqueueWriteBuffer(t->f.queue, t->a, CL_TRUE, 0, sizeof values, values, 0, NULL, NULL);
    assert_int_equal(clact_context_create(t->f.context, t->f.device, &o, &other.f.clact), 0);
    expect(&other, clact_forward(other.f.clact, t->f.queue, &s, 1, 64, a, b, 0, NULL, NULL),
           CLACT_SUCCESS, NULL);
    clEnqueueReadBuffer(t->f.queue, t->b, CL_TRUE, 0, sizeof values, values, 0, NULL, NULL);
    for (int i = 0; i < 64; i++)
        assert_true(values[i] == (float)(i + 1));
    clact_context_destroy(other.f.clact);
}

static void parameters_and_saved_tensors(void **state) {
    setup *t = *state;
    const clact_matrix a = {t->a, 0, 0}, b = {t->b, 0, 0};
    clact_sweep s;
    clact_sweep_init(&s, CLACT_ACT_CELU);
    s.params[0] = -1.0f;
    expect(t, clact_forward(t->f.clact, t->f.queue, &s, 1, 4, a, b, 0, NULL, NULL),
           CLACT_PARAMETER_RANGE, "alpha of celu is -1");
    clact_sweep_init(&s, CLACT_ACT_HARDTANH);
    s.params[0] = 1.0f;
    expect(t, clact_forward(t->f.clact, t->f.queue, &s, 1, 4, a, b, 0, NULL, NULL),
           CLACT_PARAMETER_RANGE, "a < b");
    clact_sweep_init(&s, CLACT_ACT_SWISH);
    s.params[0] = 1e-7f;
    expect(t, clact_forward(t->f.clact, t->f.queue, &s, 1, 4, a, b, 0, NULL, NULL),
           CLACT_PARAMETER_RANGE, "beta of swish is 1e-07; it needs a == 0.0f || a >= 1e-6f");
    clact_sweep_init(&s, CLACT_ACT_GELU);
    s.saved = CLACT_SAVED_Y;
    expect(t, clact_backward(t->f.clact, t->f.queue, &s, 1, 4, a, b, b, 0, NULL, NULL),
           CLACT_SAVED_TENSOR, "gelu cannot read y");
    clact_sweep_init(&s, CLACT_ACT_LEAKY_RELU);
    s.saved = CLACT_SAVED_Y;
    s.params[0] = -0.1f;
    expect(t, clact_backward(t->f.clact, t->f.queue, &s, 1, 4, a, b, b, 0, NULL, NULL),
           CLACT_SAVED_TENSOR, "a >= 0.0f");
    assert_int_equal(clact_sweep_set(&s, "steepness", 1.0f), CLACT_UNKNOWN_NAME);
}

static void shapes_and_buffers(void **state) {
    setup *t = *state;
    const clact_matrix a = {t->a, 0, 0}, b = {t->b, 0, 0};
    const clact_matrix narrow = {t->a, 0, 3}, late = {t->b, 61, 0}, vast = {t->a, SIZE_MAX / 2, 0};
    expect(t, forward(t, 2, 4, narrow, b), CLACT_SHAPE, "leading dimension of x is 3");
    expect(t, forward(t, 1, 4, vast, b), CLACT_SHAPE, "overflows");
    expect(t, forward(t, SIZE_MAX / 8, 1000, a, b), CLACT_SHAPE, "overflows");
    expect(t, forward(t, 1, 4, a, late), CLACT_BUFFER_SIZE, "y holds 64 elements of f32");
    expect(t, forward(t, 1, 65, a, b), CLACT_BUFFER_SIZE, "need 65");
    expect(t, forward(t, 2, 4, (clact_matrix){t->a, 0, 60}, b), CLACT_SUCCESS,
           NULL); /* just fits */
    cl_mem constant =
        clCreateBuffer(t->f.context, CL_MEM_READ_ONLY, 64 * sizeof(float), NULL, NULL);
    const clact_matrix read_only = {constant, 0, 0};
    expect(t, forward(t, 1, 4, a, read_only), CLACT_INVALID_ARGUMENT, "read-only");
    clReleaseMemObject(constant);
}

static void overlaps(void **state) {
    setup *t = *state;
    const clact_matrix a = {t->a, 0, 0}, shifted = {t->a, 2, 0}, other_ld = {t->a, 0, 6};
    expect(t, forward(t, 1, 8, a, shifted), CLACT_OVERLAP, "y overlaps x");
    expect(t, forward(t, 2, 5, (clact_matrix){t->a, 0, 5}, other_ld), CLACT_OVERLAP, "overlaps");
    expect(t, forward(t, 1, 8, a, a), CLACT_SUCCESS, NULL);
    cl_buffer_region region = {0, 32 * sizeof(float)};
    cl_mem part =
        clCreateSubBuffer(t->a, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, &region, NULL);
    assert_non_null(part);
    expect(t, forward(t, 1, 8, (clact_matrix){part, 1, 0}, a), CLACT_OVERLAP, "overlaps");
    clReleaseMemObject(part);
    expect(t, clact_sum_columns(t->f.clact, t->f.queue, 2, 4, a, a, 0, NULL, NULL), CLACT_OVERLAP,
           "separate matrices");
    /* the very same matrix, where that is not allowed */
    expect(t, clact_broadcast_rows(t->f.clact, t->f.queue, 1, 4, a, a, 0, NULL, NULL),
           CLACT_OVERLAP, "separate matrices");
    /* columns that run on into the next row of the other */
    expect(t, forward(t, 2, 5, (clact_matrix){t->a, 0, 10}, (clact_matrix){t->a, 7, 10}),
           CLACT_OVERLAP, "overlaps");
    /* a column inside a wider matrix, and one beside it */
    const clact_matrix z = {t->a, 0, 4}, target = {t->b, 0, 0}, dz = {t->b, 32, 0};
    for (size_t at = 1; at <= 3; at++)
        expect(t,
               clact_loss_gradient(t->f.clact, t->f.queue, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, 2, 3,
                                   z, target, 1.0f, (clact_matrix){t->a, at, 4}, dz, 0, NULL, NULL),
               at < 3 ? CLACT_OVERLAP : CLACT_SUCCESS, at < 3 ? "loss overlaps z" : NULL);
    region.origin = 32 * sizeof(float);
    part = clCreateSubBuffer(t->a, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, &region, NULL);
    if (part) { /* null where the device wants a coarser alignment */
        expect(t, forward(t, 1, 8, (clact_matrix){part, 1, 0}, (clact_matrix){t->a, 32, 0}),
               CLACT_OVERLAP, "overlaps");
        expect(t, forward(t, 1, 8, (clact_matrix){part, 0, 0}, a), CLACT_SUCCESS, NULL);
        clReleaseMemObject(part);
    }
}

static void contexts_build_once_reuse_and_release(void **state) {
    setup *t = *state;
    clact_sweep s[3] = {relu(), relu(), relu()}; /* one of them twice */
    clact_sweep_init(&s[1], CLACT_ACT_ABS);
    const clact_matrix a = {t->a, 0, 0};
    const clact_context_options o = {.struct_size = sizeof o, .vector_width = 1};
    const int made = counts.kernels_made, kernels = counts.kernels_live,
              programs = counts.programs_live;
    clact_context *c = NULL;
    unsigned builds = 0;
    assert_int_equal(clact_context_create(t->f.context, t->f.device, &o, &c), 0);
    assert_int_equal(clact_warm_up(c, s, 3, true), 0);
    assert_true(clact_context_build_seconds(c, &builds) > 0.0);
    assert_int_equal(builds, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(clact_forward(c, t->f.queue, s, 1, 64, a, a, 0, NULL, NULL), 0);
        assert_int_equal(clact_backward(c, t->f.queue, s, 1, 64, a, a, a, 0, NULL, NULL), 0);
    }
    clact_context_build_seconds(c, &builds);
    assert_int_equal(builds, 1);
    assert_int_equal(counts.kernels_made - made, 2);
    clFinish(t->f.queue);
    clact_context_destroy(c);
    assert_int_equal(counts.kernels_live, kernels);
    assert_int_equal(counts.programs_live, programs);
}

static void the_vector_width_asked_for_is_used(void **state) {
    setup *t = *state;
    const clact_sweep s = relu();
    cl_mem big = clCreateBuffer(t->f.context, CL_MEM_READ_WRITE, 4096 * sizeof(float), NULL, NULL);
    const clact_matrix m = {big, 0, 0};
    for (unsigned width = 1; width <= 16; width *= 2) {
        const clact_context_options o = {.struct_size = sizeof o, .vector_width = width};
        clact_context *c = NULL;
        assert_int_equal(clact_context_create(t->f.context, t->f.device, &o, &c), 0);
        assert_int_equal(clact_forward(c, t->f.queue, &s, 1, 4096, m, m, 0, NULL, NULL), 0);
        assert_int_equal(counts.last_items, 4096 / width); /* local sizes divide it */
        clact_context_destroy(c);
    }
    clReleaseMemObject(big);
}

static void operands_of_other_libraries(void **state) {
    setup *t = *state;
    clact_operand o[CLACT_MAX_OPERANDS + 1];
    for (int i = 0; i <= CLACT_MAX_OPERANDS; i++)
        o[i] = (clact_operand){"o", {t->a, 0, 0}, 1, 4, true, false, false, CLACT_F32};
    const cl_command_queue q = t->f.queue;
    expect(t, clact_check_operands(t->f.clact, q, o, CLACT_MAX_OPERANDS), CLACT_SUCCESS, NULL);
    expect(t, clact_check_operands(t->f.clact, q, o, CLACT_MAX_OPERANDS + 1),
           CLACT_INVALID_ARGUMENT, "more than");
    expect(t, clact_check_operands(t->f.clact, q, NULL, 1), CLACT_INVALID_ARGUMENT, "NULL");
    o[1].cols = 0;
    expect(t, clact_check_operands(t->f.clact, q, o, 2), CLACT_INVALID_ARGUMENT, "operand 1");
}

static void events_are_null_after_errors(void **state) {
    setup *t = *state;
    const clact_matrix a = {t->a, 0, 0}, b = {t->b, 0, 0};
    const clact_sweep s = relu();
    cl_event e = (cl_event)t; /* no event at all */
    assert_int_not_equal(clact_forward(t->f.clact, t->f.queue, NULL, 1, 4, a, b, 0, NULL, &e), 0);
    assert_null(e);
    e = (cl_event)t;
    assert_int_not_equal(clact_backward(NULL, t->f.queue, &s, 1, 4, a, b, b, 0, NULL, &e), 0);
    assert_null(e);
    e = (cl_event)t;
    assert_int_not_equal(clact_sgd_step(t->f.clact, t->f.queue, 4, a, b, b, NAN, 0, 0, NULL, &e),
                         0);
    assert_null(e);
    e = (cl_event)t;
    assert_int_not_equal(clact_sum_columns(NULL, t->f.queue, 1, 4, a, b, 0, NULL, &e), 0);
    assert_null(e);
}

static void write_only_buffers_are_not_read(void **state) {
    setup *t = *state;
    const clact_matrix a = {t->a, 0, 0}, b = {t->b, 0, 0};
    cl_mem sink = clCreateBuffer(t->f.context, CL_MEM_WRITE_ONLY, 64 * sizeof(float), NULL, NULL);
    const clact_matrix w = {sink, 0, 0};
    expect(t, forward(t, 1, 4, w, a), CLACT_INVALID_ARGUMENT, "x is write-only");
    expect(t, forward(t, 1, 4, a, w), CLACT_SUCCESS, NULL);
    expect(t, clact_sgd_step(t->f.clact, t->f.queue, 4, w, a, b, 0.1f, 0.0f, 0, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "w is write-only");
    expect(t, clact_sum_columns(t->f.clact, t->f.queue, 0, 4, a, w, 0, NULL, NULL), CLACT_SUCCESS,
           NULL);
    clReleaseMemObject(sink);
}

static void things_of_another_context(void **state) {
    setup *t = *state;
    const clact_matrix a = {t->a, 0, 0};
    cl_context other = clCreateContext(NULL, 1, &t->f.device, NULL, NULL, NULL);
    cl_command_queue queue = clCreateCommandQueue(other, t->f.device, 0, NULL);
    cl_mem memory = clCreateBuffer(other, CL_MEM_READ_WRITE, 256, NULL, NULL);
    const clact_matrix foreign = {memory, 0, 0};
    const clact_sweep s = relu();
    expect(t, forward(t, 1, 4, a, foreign), CLACT_MISMATCH, "y belongs to another context");
    expect(t, clact_forward(t->f.clact, queue, &s, 1, 4, a, a, 0, NULL, NULL), CLACT_MISMATCH,
           "queue belongs to another");
    clReleaseMemObject(memory);
    clReleaseCommandQueue(queue);
    clReleaseContext(other);
}

static void devices_that_cannot(void **state) {
    setup *t = *state;
    clact_context *c = NULL;
    fault.no_compiler = true;
    assert_int_equal(clact_context_create(t->f.context, t->f.device, NULL, &c), CLACT_DEVICE);
    fault.no_compiler = false;
    fault.version = "OpenCL 1.1 old";
    assert_int_equal(clact_context_create(t->f.context, t->f.device, NULL, &c), CLACT_DEVICE);
    fault.version = NULL;
    assert_null(c);
}

static void kernels_that_do_not_compile(void **state) {
    setup *t = *state;
    const clact_context_options o = {.struct_size = sizeof o, .build_options = "-Dpair=1"};
    const clact_matrix a = {t->a, 0, 0};
    const clact_sweep s = relu();
    char text[512];
    setup broken = *t;
    assert_int_equal(clact_context_create(t->f.context, t->f.device, &o, &broken.f.clact), 0);
    expect(&broken, clact_forward(broken.f.clact, t->f.queue, &s, 1, 4, a, a, 0, NULL, NULL),
           CLACT_BUILD, "fwd_relu_f32_fast did not compile");
    assert_true(clact_context_build_log(broken.f.clact, text, sizeof text) > 0);
    assert_true(strlen(text) > 0);
    clact_context_destroy(broken.f.clact);
}

static void out_of_memory(void **state) {
    setup *t = *state;
    clact_context *c = NULL;
    const clact_sweep s = relu();
    fault.no_memory = true;
    const clact_status created = clact_context_create(t->f.context, t->f.device, NULL, &c);
    fault.no_memory = false;
    assert_int_equal(created, CLACT_MEMORY);
    fault.no_memory = true;
    const clact_status warmed = clact_warm_up(t->f.clact, &s, 1, true);
    fault.no_memory = false;
    assert_int_equal(warmed, CLACT_MEMORY);
}

static void failing_opencl_calls(void **state) {
    setup *t = *state;
    const clact_matrix a = {t->a, 0, 0};
    const clact_sweep s = relu();
    fault.no_launch = true;
    const clact_status status = forward(t, 1, 4, a, a);
    fault.no_launch = false;
    expect(t, status, CLACT_OPENCL, "clEnqueueNDRangeKernel failed: CL_OUT_OF_RESOURCES (-5)");
    expect(t, forward(t, 1, 4, a, a), CLACT_SUCCESS, NULL); /* the kernel is still good */
    expect(t, clact_forward(t->f.clact, t->f.queue, &s, 1, 4, a, a, 1, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "wait list");
}

static clact_status dense(setup *t, const clact_dense *d, clact_matrix x, clact_matrix z,
                          clact_matrix y) {
    return clact_dense_forward(t->f.clact, t->f.queue, d, 2, x, z, y, 0, NULL, NULL);
}

static void dense_layers(void **state) {
    setup *t = *state;
    const clact_sweep s = relu();
    const clact_matrix x = {t->b, 0, 0}, z = {t->b, 16, 0}, y = {t->b, 32, 0};
    const clact_dense good = {4, 4, {t->a, 0, 0}, {t->a, 16, 0}, &s};
    clact_dense d = good;
    expect(t, dense(t, &d, x, z, y), CLACT_SUCCESS, NULL);
    d.weight.offset = 60; /* 4 floats left of 16 */
    expect(t, dense(t, &d, x, z, y), CLACT_BUFFER_SIZE, "weight");
    d = good;
    expect(t, dense(t, &d, x, x, y), CLACT_OVERLAP, "z overlaps x");
    expect(t, dense(t, &d, (clact_matrix){t->b, 0, 3}, z, y), CLACT_SHAPE, "x is 3");
    expect(t, dense(t, &d, (clact_matrix){NULL, 0, 0}, z, y), CLACT_INVALID_ARGUMENT, "x is NULL");
    expect(t,
           clact_dense_backward(t->f.clact, t->f.queue, &d, 2, x, z, y, y, z, d.bias, x, 0, NULL,
                                NULL),
           CLACT_OVERLAP, "overlaps");
    d.inputs = 0;
    expect(t, dense(t, &d, x, z, y), CLACT_INVALID_ARGUMENT, "no inputs");
    clact_net *net = NULL;
    const clact_net_options o = {.struct_size = sizeof o};
    expect(t, clact_net_create(t->f.clact, t->f.queue, &o, &net), CLACT_INVALID_ARGUMENT, "net");
    assert_null(net);
    clact_net_destroy(NULL);
}

static void failing_blas_calls(void **state) {
    setup *t = *state;
    const clact_sweep s = relu();
    const clact_dense d = {4, 4, {t->a, 0, 0}, {t->a, 16, 0}, &s};
    fault.no_blas = true;
    const clact_status status = dense(t, &d, (clact_matrix){t->b, 0, 0},
                                      (clact_matrix){t->b, 16, 0}, (clact_matrix){t->b, 32, 0});
    fault.no_blas = false;
    expect(t, status, CLACT_BLAS, "CLBlastSgemm(2 x 4 x 4) failed with status -1024");
}

static void queues_out_of_order(void **state) {
    setup *t = *state;
    cl_int code = CL_SUCCESS;
    cl_command_queue queue = clCreateCommandQueue(t->f.context, t->f.device,
                                                  CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE, &code);
    if (code != CL_SUCCESS) skip();
    const clact_sweep s = relu();
    const clact_dense d = {4, 4, {t->a, 0, 0}, {t->a, 16, 0}, &s};
    const clact_matrix x = {t->b, 0, 0}, z = {t->b, 16, 0};
    expect(t, clact_dense_forward(t->f.clact, queue, &d, 4, x, z, z, 0, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "in-order");
    clReleaseCommandQueue(queue);
}

static void messages_are_cut_to_size(void **state) {
    setup *t = *state;
    char text[8];
    clact_context_report(t->f.clact, CLACT_OPENCL, "a message of some length");
    assert_int_equal(clact_context_message(t->f.clact, text, sizeof text), 24);
    assert_string_equal(text, "a messa");
    assert_int_equal(clact_context_message(t->f.clact, NULL, 0), 24);
    assert_int_equal(clact_context_message(NULL, text, sizeof text), 0);
    assert_string_equal(text, "");
}

int main(void) {
    setup t = {0};
    if (!fixture_open(&t.f, 0)) return TEST_SKIPPED;
    t.a = clCreateBuffer(t.f.context, CL_MEM_READ_WRITE, 64 * sizeof(float), NULL, NULL);
    t.b = clCreateBuffer(t.f.context, CL_MEM_READ_WRITE, 64 * sizeof(float), NULL, NULL);
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &t }
    const struct CMUnitTest tests[] = {
        CASE(invalid_arguments),
        CASE(options_that_change_results_are_refused),
        CASE(options_cannot_undo_the_vector_width),
        CASE(parameters_and_saved_tensors),
        CASE(shapes_and_buffers),
        CASE(overlaps),
        CASE(contexts_build_once_reuse_and_release),
        CASE(the_vector_width_asked_for_is_used),
        CASE(operands_of_other_libraries),
        CASE(events_are_null_after_errors),
        CASE(write_only_buffers_are_not_read),
        CASE(things_of_another_context),
        CASE(devices_that_cannot),
        CASE(kernels_that_do_not_compile),
        CASE(out_of_memory),
        CASE(failing_opencl_calls),
        CASE(dense_layers),
        CASE(failing_blas_calls),
        CASE(queues_out_of_order),
        CASE(messages_are_cut_to_size),
    };
    const int failed = cmocka_run_group_tests_name("errors", tests, NULL, NULL);
    clReleaseMemObject(t.a);
    clReleaseMemObject(t.b);
    fixture_close(&t.f);
    return failed;
}
