/* test_errors.c: every status is reached by a call that deserves it, with a message that says why,
 * and nothing is enqueued. The linker wraps the calls that are to fail.
 */
#include "device_fixture.h"
#include "faults.h"

#include <clact/tuning.h>

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

static clact_status step(setup *t, const clact_optimizer *optimizer, float lr, uint64_t count,
                         const clact_parameter_tensor *tensor) {
    const clact_matrix none = {NULL, 0, 0};
    return clact_optimizer_step(t->f.clact, t->f.queue, optimizer, lr, count, 1, tensor, none, 0,
                                NULL, NULL);
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
    const clact_parameter_tensor tensor = {4, a, b, b, b};
    clact_optimizer sgd;
    clact_optimizer_init(&sgd, CLACT_OPTIMIZER_SGD);
    expect(t, step(t, &sgd, NAN, 1, &tensor), CLACT_INVALID_ARGUMENT, "lr");
    expect(t, step(t, &sgd, 0.1f, 0, &tensor), CLACT_INVALID_ARGUMENT, "from 1");
    expect(t, step(t, NULL, 0.1f, 1, &tensor), CLACT_INVALID_ARGUMENT, "clact_optimizer_init");
    expect(t, step(t, &sgd, 0.1f, 1, NULL), CLACT_INVALID_ARGUMENT, "tensors is NULL");
    sgd.weight_decay = -1.0f;
    expect(t, step(t, &sgd, 0.1f, 1, &tensor), CLACT_PARAMETER_RANGE, "weight_decay");
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
    const clact_context_options o = {.struct_size = sizeof o,
                                     .vector_width = 16,
                                     .build_options = "-D WIDTH=1 -DFORWARD_LOCAL=1"};
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
    const clact_matrix b = {t->b, 0, 0};
    const clact_matrix a = {t->a, 0, 0}, shifted = {t->a, 2, 0}, other_ld = {t->a, 0, 6};
    const clact_matrix none = {NULL, 0, 0};
    expect(t, forward(t, 1, 8, a, shifted), CLACT_OVERLAP, "y overlaps x");
    expect(t, forward(t, 2, 5, (clact_matrix){t->a, 0, 5}, other_ld), CLACT_OVERLAP, "overlaps");
    expect(t, forward(t, 1, 8, a, a), CLACT_SUCCESS, NULL);
    cl_buffer_region region = {0, 32 * sizeof(float)};
    cl_mem part =
        clCreateSubBuffer(t->a, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, &region, NULL);
    assert_non_null(part);
    expect(t, forward(t, 1, 8, (clact_matrix){part, 1, 0}, a), CLACT_OVERLAP, "overlaps");
    clReleaseMemObject(part);
    /* the very same matrix, where that is not allowed */
    expect(t, clact_sum_columns(t->f.clact, t->f.queue, 1, 4, a, a, t->b, 0, NULL, NULL),
           CLACT_OVERLAP, "separate matrices");
    expect(t, clact_sum_columns(t->f.clact, t->f.queue, 2, 4, a, b, t->b, 0, NULL, NULL),
           CLACT_OVERLAP, "the workspace");
    /* columns that run on into the next row of the other */
    expect(t, forward(t, 2, 5, (clact_matrix){t->a, 0, 10}, (clact_matrix){t->a, 7, 10}),
           CLACT_OVERLAP, "overlaps");
    /* a column inside a wider matrix, and one beside it */
    clact_loss loss;
    clact_loss_init(&loss, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY);
    loss.reduction = CLACT_REDUCTION_NONE;
    const clact_matrix z = {t->a, 0, 4}, target = {t->b, 0, 0}, dz = {t->b, 32, 0};
    for (size_t at = 1; at <= 3; at++)
        expect(t,
               clact_loss_evaluate(t->f.clact, t->f.queue, &loss, 2, 3, z, target, none, 1.0,
                                   (clact_matrix){t->a, at, 4}, dz, NULL, 0, NULL, NULL),
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
    assert_int_equal(counts.kernels_made - made, 4); /* two activations, both ways, each once */
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
    const clact_tuning tuning = {.struct_size = sizeof tuning,
                                 .families[CLACT_FAMILY_FORWARD] = {.local = 4, .vectors = 4}};
    for (unsigned width = 1; width <= 64; width *= 2) {
        const clact_context_options o = {
            .struct_size = sizeof o, .vector_width = width, .tuning = &tuning};
        clact_context *c = NULL;
        assert_int_equal(clact_context_create(t->f.context, t->f.device, &o, &c), 0);
        assert_int_equal(clact_forward(c, t->f.queue, &s, 1, 4096, m, m, 0, NULL, NULL), 0);
        /* 16 / width for every 64 columns, or one; the work-group divides it */
        assert_int_equal(counts.last_items, 4096 / 64 * (width < 16 ? 16 / width : 1));
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
    assert_int_not_equal(
        clact_optimizer_step(t->f.clact, t->f.queue, NULL, 0.1f, 1, 0, NULL, a, 0, NULL, &e), 0);
    assert_null(e);
    e = (cl_event)t;
    assert_int_not_equal(clact_sum_columns(NULL, t->f.queue, 1, 4, a, b, t->a, 0, NULL, &e), 0);
    assert_null(e);
}

static void write_only_buffers_are_not_read(void **state) {
    setup *t = *state;
    const clact_matrix a = {t->a, 0, 0}, b = {t->b, 0, 0};
    cl_mem sink = clCreateBuffer(t->f.context, CL_MEM_WRITE_ONLY, 64 * sizeof(float), NULL, NULL);
    const clact_matrix w = {sink, 0, 0};
    expect(t, forward(t, 1, 4, w, a), CLACT_INVALID_ARGUMENT, "x is write-only");
    expect(t, forward(t, 1, 4, a, w), CLACT_SUCCESS, NULL);
    const clact_parameter_tensor tensor = {4, w, a, b, b}, same = {4, a, a, b, b};
    clact_optimizer momentum;
    clact_optimizer_init(&momentum, CLACT_OPTIMIZER_MOMENTUM);
    expect(t, step(t, &momentum, 0.1f, 1, &tensor), CLACT_INVALID_ARGUMENT, "w is write-only");
    expect(t, step(t, &momentum, 0.1f, 1, &same), CLACT_OVERLAP, "w overlaps g");
    expect(t, clact_sum_columns(t->f.clact, t->f.queue, 0, 4, a, w, t->b, 0, NULL, NULL),
           CLACT_SUCCESS, NULL);
    expect(t, clact_sum_columns(t->f.clact, t->f.queue, 2, 4, a, b, sink, 0, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "the workspace is write-only");
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

/* The device's limit, then that of a kernel once it is compiled; nothing is launched. */
static void work_groups_that_do_not_fit_are_refused(void **state) {
    setup *t = *state;
    clact_tuning tuning = {.struct_size = sizeof tuning};
    const clact_context_options o = {.struct_size = sizeof o, .tuning = &tuning};
    const clact_matrix a = {t->a, 0, 0};
    setup other = {.f = t->f};
    tuning.families[CLACT_FAMILY_FORWARD].local = 1u << 20;
    assert_int_equal(clact_context_create(t->f.context, t->f.device, &o, &other.f.clact),
                     CLACT_INVALID_ARGUMENT);
    tuning.families[CLACT_FAMILY_FORWARD].local = 16;
    assert_int_equal(clact_context_create(t->f.context, t->f.device, &o, &other.f.clact), 0);
    const unsigned launches = counts.launches;
    fault.small_groups = true;
    const clact_status status = forward(&other, 1, 4, a, a);
    fault.small_groups = false;
    expect(&other, status, CLACT_DEVICE, "does not launch fwd_relu_f32_fast in work-groups of 16");
    assert_int_equal(counts.launches, launches);
    expect(&other, forward(&other, 1, 4, a, a), CLACT_SUCCESS, NULL);
    clact_context_destroy(other.f.clact);
}

static void workspaces_grow_with_rows(void **state) {
    size_t bytes = 0, before = 0;
    (void)state;
    for (size_t rows = 0; rows < 40000; rows += 61) {
        assert_int_equal(clact_sum_columns_workspace(rows, 3, &bytes), CLACT_SUCCESS);
        assert_true(bytes >= before);
        before = bytes;
    }
    assert_int_equal(clact_sum_columns_workspace(1, SIZE_MAX / 4, &bytes), CLACT_SHAPE);
    assert_int_equal(clact_sum_columns_workspace(1, 1, NULL), CLACT_INVALID_ARGUMENT);
}

/* Passes that are only tried are refused as others are, and enqueue nothing. */
static void passes_that_are_tried_are_not_enqueued(void **state) {
    setup *t = *state;
    const clact_sweep s = relu();
    const clact_matrix a = {t->a, 0, 0}, b = {t->b, 0, 0}, shifted = {t->a, 2, 0};
    clact_forward_tensors f = {.rows = 1, .cols = 4, .x = a, .y = b};
    clact_backward_tensors g = {.rows = 1, .cols = 4, .saved = a, .dy = b, .dx = b};
    const unsigned before = counts.launches;
    expect(t, clact_sweep_try_forward(t->f.clact, t->f.queue, &s, &f), CLACT_SUCCESS, NULL);
    expect(t, clact_sweep_try_backward(t->f.clact, t->f.queue, &s, &g), CLACT_SUCCESS, NULL);
    f.y = g.dx = shifted;
    expect(t, clact_sweep_try_forward(t->f.clact, t->f.queue, &s, &f), CLACT_OVERLAP, "y overlaps");
    expect(t, clact_sweep_try_backward(t->f.clact, t->f.queue, &s, &g), CLACT_OVERLAP, "dx over");
    expect(t, clact_sweep_try_forward(t->f.clact, t->f.queue, &s, NULL), CLACT_INVALID_ARGUMENT,
           "tensors is NULL");
    f.rows = 0;
    expect(t, clact_sweep_try_forward(t->f.clact, t->f.queue, &s, &f), CLACT_SUCCESS, NULL);
    assert_int_equal(counts.launches, before);
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
        CASE(work_groups_that_do_not_fit_are_refused),
        CASE(workspaces_grow_with_rows),
        CASE(passes_that_are_tried_are_not_enqueued),
        CASE(messages_are_cut_to_size),
    };
    const int failed = cmocka_run_group_tests_name("errors", tests, NULL, NULL);
    clReleaseMemObject(t.a);
    clReleaseMemObject(t.b);
    fixture_close(&t.f);
    return failed;
}
