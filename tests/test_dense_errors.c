/* test_dense_errors.c: what dense layers and batches of them refuse, and that nothing is enqueued
 * then. */
#include "device_fixture.h"
#include "faults.h"

#include "clact/net.h"

#include <string.h>

/* A layer of 4 inputs and 4 outputs over 2 rows, all right: what it reads in a, what it writes in
 * b, 256 floats each. */
typedef struct setup {
    fixture f;
    cl_mem a, b, workspace;
    clact_sweep sweep;
    clact_dense layer;
    clact_dense_forward_tensors forward;
    clact_dense_backward_tensors backward;
} setup;

enum { FLOATS = 256 };

/* The status and, where it is an error, words of its message and that nothing was enqueued. */
#define expect(t, call, want, words)                                                               \
    do {                                                                                           \
        const unsigned launched = counts.launches;                                                 \
        expect_status(t, (call), want, words);                                                     \
        if ((want) != CLACT_SUCCESS) assert_int_equal(counts.launches, launched);                  \
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

static clact_status forward(setup *t) {
    return clact_dense_forward(t->f.clact, t->f.queue, &t->layer, &t->forward, 0, NULL, NULL);
}

static clact_status backward(setup *t) {
    return clact_dense_backward(t->f.clact, t->f.queue, &t->layer, &t->backward, 0, NULL, NULL);
}

/* Everything as it should be */
static void reset(setup *t) {
    clact_sweep_init(&t->sweep, CLACT_ACT_RELU);
    t->sweep.bias = true;
    t->layer = (clact_dense){.inputs = 4, .outputs = 4, .epilogue = &t->sweep};
    const clact_matrix x = {t->a, 0, 0}, weight = {t->a, 16, 0}, bias = {t->a, 48, 0};
    const clact_matrix z = {t->b, 0, 0}, y = {t->b, 16, 0}, dy = {t->a, 64, 0};
    t->forward = (clact_dense_forward_tensors){
        .x = x, .weight = weight, .epilogue = {.rows = 2, .x = z, .bias = bias, .y = y}};
    t->backward = (clact_dense_backward_tensors){.x = x,
                                                 .weight = weight,
                                                 .epilogue = {.rows = 2,
                                                              .saved = z,
                                                              .bias = bias,
                                                              .dy = dy,
                                                              .dx = {t->b, 32, 0},
                                                              .dbias = {t->b, 48, 0},
                                                              .workspace = t->workspace},
                                                 .dweight = {t->b, 64, 0},
                                                 .dx = {t->b, 96, 0}};
}

/* ---- single layers ---- */

static void what_is_right_is_done(void **state) {
    setup *t = *state;
    reset(t);
    expect(t, forward(t), CLACT_SUCCESS, NULL);
    expect(t, backward(t), CLACT_SUCCESS, NULL);
    t->sweep.gate = CLACT_GATE_LAST; /* W, bias, z, dz twice as large */
    t->forward.epilogue.y.offset = 128;
    expect(t, forward(t), CLACT_SUCCESS, NULL);
    t->forward.epilogue.y = t->forward.epilogue.x; /* a half of z */
    t->forward.epilogue.y.ld = t->forward.epilogue.x.ld = 8;
    expect(t, forward(t), CLACT_SUCCESS, NULL);
}

static void layers_that_cannot_be(void **state) {
    setup *t = *state;
    reset(t);
    t->layer.inputs = 0;
    expect(t, forward(t), CLACT_INVALID_ARGUMENT, "no inputs");
    reset(t);
    t->layer.products = (clact_products)3;
    expect(t, forward(t), CLACT_INVALID_ARGUMENT, "no such products");
    reset(t);
    t->layer.epilogue = NULL;
    expect(t, backward(t), CLACT_INVALID_ARGUMENT, "epilogue");
    reset(t);
    t->sweep.gate = CLACT_GATE_APART;
    expect(t, forward(t), CLACT_INVALID_ARGUMENT, "CLACT_GATE_FIRST or CLACT_GATE_LAST");
    reset(t);
    t->sweep.dtype = CLACT_F16;
    expect(t, forward(t), CLACT_INVALID_ARGUMENT, "float32");
    reset(t);
    t->sweep.activation = CLACT_ACT_GELU;
    t->sweep.saved = CLACT_SAVED_Y;
    expect(t, backward(t), CLACT_SAVED_TENSOR, "gelu cannot read y");
    reset(t);
    t->sweep.accumulate = CLACT_GRADIENT_X;
    expect(t, backward(t), CLACT_INVALID_ARGUMENT, "weight_beta and x_beta");
    reset(t);
    t->layer.weight_beta = 1.0f / 0.0f;
    expect(t, backward(t), CLACT_PARAMETER_RANGE, "weight_beta");
    reset(t);
    t->layer.epilogue = &t->sweep;
    expect(t, clact_dense_forward(t->f.clact, t->f.queue, &t->layer, NULL, 0, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "tensors is NULL");
    expect(t, clact_dense_forward(t->f.clact, t->f.queue, &t->layer, &t->forward, 1, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "wait list");
    expect(t, clact_dense_forward(t->f.clact, NULL, &t->layer, &t->forward, 0, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "queue is NULL");
    assert_int_equal(clact_dense_forward(NULL, t->f.queue, &t->layer, &t->forward, 0, NULL, NULL),
                     CLACT_INVALID_ARGUMENT);
    size_t bytes = 0;
    assert_int_equal(clact_dense_workspace(NULL, true, 2, &bytes), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_dense_workspace(&t->layer, true, 2, NULL), CLACT_INVALID_ARGUMENT);
}

static void tensors_that_do_not_fit(void **state) {
    setup *t = *state;
    reset(t);
    t->forward.weight.offset = FLOATS - 15;
    expect(t, forward(t), CLACT_BUFFER_SIZE, "weight holds 256");
    reset(t);
    t->forward.x.ld = 3;
    expect(t, forward(t), CLACT_SHAPE, "x is 3");
    reset(t);
    t->forward.x.buffer = NULL;
    expect(t, forward(t), CLACT_INVALID_ARGUMENT, "x is NULL");
    reset(t);
    t->forward.epilogue.bias.buffer = NULL;
    expect(t, forward(t), CLACT_INVALID_ARGUMENT, "bias is NULL");
    reset(t);
    t->forward.epilogue.cols = 3;
    expect(t, forward(t), CLACT_SHAPE, "outputs");
    reset(t);
    t->forward.x.offset = (size_t)1 << 31;
    expect(t, forward(t), CLACT_SHAPE, "x ends beyond 2^31");
    reset(t);
    t->backward.epilogue.workspace = NULL;
    expect(t, backward(t), CLACT_INVALID_ARGUMENT, "workspace is NULL");
    reset(t);
    t->backward.dweight.ld = 3;
    expect(t, backward(t), CLACT_SHAPE, "dweight is 3");
    cl_mem constant =
        clCreateBuffer(t->f.context, CL_MEM_READ_ONLY, FLOATS * sizeof(float), NULL, NULL);
    reset(t);
    t->forward.epilogue.x.buffer = constant;
    expect(t, forward(t), CLACT_INVALID_ARGUMENT, "z is read-only");
    clReleaseMemObject(constant);
}

static void tensors_that_overlap(void **state) {
    setup *t = *state;
    reset(t);
    t->forward.epilogue.x = t->forward.x;
    expect(t, forward(t), CLACT_OVERLAP, "z overlaps x");
    reset(t);
    t->forward.epilogue.x =
        (clact_matrix){t->a, 44, 0}; /* the product writes it before it is read */
    expect(t, forward(t), CLACT_OVERLAP, "z overlaps");
    reset(t);
    t->forward.epilogue.y = t->forward.x;
    expect(t, forward(t), CLACT_OVERLAP, "y overlaps x");
    reset(t);
    t->forward.epilogue.y.offset = 1;
    expect(t, forward(t), CLACT_OVERLAP, "y overlaps");
    reset(t);
    t->backward.dweight = t->backward.weight;
    expect(t, backward(t), CLACT_OVERLAP, "dweight overlaps weight");
    reset(t);
    t->backward.dx = t->backward.epilogue.dy;
    expect(t, backward(t), CLACT_OVERLAP, "dx overlaps dy");
    reset(t);
    t->backward.epilogue.dx = t->backward.x;
    expect(t, backward(t), CLACT_OVERLAP, "dz overlaps x");
    reset(t);
    t->backward.epilogue.dbias.offset = 65;
    expect(t, backward(t), CLACT_OVERLAP, "dweight overlaps dbias");
    reset(t);
    t->backward.epilogue.workspace = t->b;
    expect(t, backward(t), CLACT_OVERLAP, "the workspace");
}

/* ---- batches ---- */

static clact_status batched(setup *t, const clact_dense_forward_tensors *entries) {
    return clact_dense_forward_batched(t->f.clact, t->f.queue, &t->layer, 2, entries, 0, NULL,
                                       NULL);
}

static void batches_that_cannot_be(void **state) {
    setup *t = *state;
    reset(t);
    clact_dense_forward_tensors good[2] = {t->forward, t->forward}, e[2];
    good[1].epilogue.x.offset += 128;
    good[1].epilogue.y.offset += 128;
    expect(t, batched(t, good), CLACT_SUCCESS, NULL);
    memcpy(e, good, sizeof e);
    e[1].epilogue.y = e[0].epilogue.y;
    expect(t, batched(t, e), CLACT_OVERLAP, "y of entry 0 overlaps y of entry 1");
    memcpy(e, good, sizeof e);
    e[1].epilogue.y.offset = e[0].epilogue.x.offset;
    expect(t, batched(t, e), CLACT_OVERLAP, "entry");
    memcpy(e, good, sizeof e);
    e[1].x.buffer = t->workspace;
    expect(t, batched(t, e), CLACT_INVALID_ARGUMENT, "entry 1: x is not in the buffer");
    memcpy(e, good, sizeof e);
    e[1].x.ld = 5;
    expect(t, batched(t, e), CLACT_INVALID_ARGUMENT, "entry 1: x");
    memcpy(e, good, sizeof e);
    e[1].epilogue.rows = 3;
    expect(t, batched(t, e), CLACT_SHAPE, "entry 1");
    memcpy(e, good, sizeof e);
    e[1].epilogue.bias.buffer = NULL;
    expect(t, batched(t, e), CLACT_INVALID_ARGUMENT, "entry 1: the buffer of bias is NULL");
    expect(t, batched(t, NULL), CLACT_INVALID_ARGUMENT, "tensors is NULL");
    cl_event done = NULL;
    expect(t,
           clact_dense_forward_batched(t->f.clact, t->f.queue, &t->layer, 0, NULL, 0, NULL, &done),
           CLACT_SUCCESS, NULL);
    assert_non_null(done);
    clReleaseEvent(done);
}

static void strides_that_cannot_be(void **state) {
    setup *t = *state;
    reset(t);
    const clact_dense_strides good = {.z = 128, .y = 128};
    clact_dense_strides s = good;
    clact_context *c = t->f.clact;
    const cl_command_queue q = t->f.queue;
    const clact_dense *d = &t->layer;
    expect(t, clact_dense_forward_strided(c, q, d, 2, &t->forward, &s, 0, NULL, NULL),
           CLACT_SUCCESS, NULL);
    s.y = 0;
    expect(t, clact_dense_forward_strided(c, q, d, 2, &t->forward, &s, 0, NULL, NULL),
           CLACT_OVERLAP, "y of entry 0 overlaps y of entry 1");
    s = good;
    s.x = SIZE_MAX / 2;
    expect(t, clact_dense_forward_strided(c, q, d, 4, &t->forward, &s, 0, NULL, NULL), CLACT_SHAPE,
           "overflows");
    s.x = 400;
    expect(t, clact_dense_forward_strided(c, q, d, 2, &t->forward, &s, 0, NULL, NULL),
           CLACT_BUFFER_SIZE, "entry 1: the buffer of x");
    expect(t, clact_dense_forward_strided(c, q, d, 2, &t->forward, NULL, 0, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "strides is NULL");
    expect(t, clact_dense_backward_strided(c, q, d, 2, &t->backward, &good, 0, NULL, NULL),
           CLACT_OVERLAP, "entry");
    expect(t, clact_dense_backward_strided(c, q, d, 2, NULL, &good, 0, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "tensors is NULL");
}

/* ---- what fails on the way ---- */

static void failing_blas_calls(void **state) {
    setup *t = *state;
    reset(t);
    t->layer.products = CLACT_PRODUCTS_CLBLAST;
    fault.no_blas = true;
    const clact_status status = forward(t);
    fault.no_blas = false;
    expect(t, status, CLACT_BLAS, "CLBlastSgemm(2 x 4 x 4) failed with status -1024");
}

static void out_of_memory(void **state) {
    setup *t = *state;
    reset(t);
    fault.no_memory = true;
    const clact_status status = forward(t);
    fault.no_memory = false;
    expect(t, status, CLACT_MEMORY, "out of host memory");
}

static void queues_out_of_order(void **state) {
    setup *t = *state;
    cl_int code = CL_SUCCESS;
    cl_command_queue queue = clCreateCommandQueue(t->f.context, t->f.device,
                                                  CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE, &code);
    if (code != CL_SUCCESS) skip();
    reset(t);
    expect(t, clact_dense_forward(t->f.clact, queue, &t->layer, &t->forward, 0, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "in-order");
    clReleaseCommandQueue(queue);
}

static cl_mem new_buffer(setup *t, size_t floats) {
    return clCreateBuffer(t->f.context, CL_MEM_READ_WRITE, floats * sizeof(float), NULL, NULL);
}

int main(void) {
    setup t = {0};
    if (!fixture_open(&t.f, 0)) return TEST_SKIPPED;
    t.a = new_buffer(&t, FLOATS);
    t.b = new_buffer(&t, FLOATS);
    t.workspace = new_buffer(&t, FLOATS);
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &t }
    const struct CMUnitTest tests[] = {
        CASE(what_is_right_is_done), CASE(layers_that_cannot_be),  CASE(tensors_that_do_not_fit),
        CASE(tensors_that_overlap),  CASE(batches_that_cannot_be), CASE(strides_that_cannot_be),
        CASE(failing_blas_calls),    CASE(out_of_memory),          CASE(queues_out_of_order),
    };
    const int failed = cmocka_run_group_tests_name("dense errors", tests, NULL, NULL);
    clFinish(t.f.queue);
    clReleaseMemObject(t.a);
    clReleaseMemObject(t.b);
    clReleaseMemObject(t.workspace);
    fixture_close(&t.f);
    return failed;
}
