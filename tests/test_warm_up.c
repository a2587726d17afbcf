/* test_warm_up.c: after a warm-up no call with one of its descriptors compiles, whatever the shape.
 */
#include "device_fixture.h"

#include "clact/product.h"
#include "clact/tuning.h"

#include <stdlib.h>
#include <string.h>

enum { COLS = 5000, ROWS = 3 };

/* Whether the width asked for, or the device's own, is more than one vector */
static bool has_vectors_abreast(fixture *f) {
    clact_tuning usual = {.struct_size = sizeof usual};
    assert_int_equal(clact_tuning_default(f->device, &usual), CLACT_SUCCESS);
    return (getenv("CLACT_TEST_WIDTH") ? f->info.vector_width
                                       : usual.families[CLACT_FAMILY_FORWARD].width) > 16;
}

static unsigned builds_of(fixture *f) {
    unsigned builds = 0;
    clact_context_build_seconds(f->clact, &builds);
    return builds;
}

/* Buffers of floats, large enough for anything here */
typedef struct memory {
    cl_mem a, b, c, workspace;
} memory;

static cl_mem new_buffer(fixture *f) {
    const size_t bytes = 4 * COLS * 64;
    cl_int code = CL_SUCCESS;
    cl_mem m = clCreateBuffer(f->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    const cl_int zero = 0;
    assert_int_equal(code, CL_SUCCESS);
    clEnqueueFillBuffer(f->queue, m, &zero, sizeof zero, 0, bytes, 0, NULL, NULL);
    return m;
}

static void run_sweep(fixture *f, const clact_sweep *sweep, const memory *m, size_t rows,
                      size_t cols) {
    const clact_forward_tensors forward = {.rows = rows,
                                           .cols = cols,
                                           .x = {m->a, 0, 0},
                                           .bias = {m->c, 0, 0},
                                           .y = {m->b, 0, 0},
                                           .health = m->c,
                                           .health_offset = COLS,
                                           .workspace = m->workspace};
    const clact_backward_tensors backward = {.rows = rows,
                                             .cols = cols,
                                             .saved = {m->a, 0, 0},
                                             .bias = {m->c, 0, 0},
                                             .dy = {m->b, 0, 0},
                                             .dx = {m->b, 0, 0},
                                             .dbias = {m->c, COLS, 0},
                                             .health = m->c,
                                             .health_offset = COLS,
                                             .workspace = m->workspace};
    require_success(f, clact_sweep_forward(f->clact, f->queue, sweep, &forward, 0, NULL, NULL),
                    "forward");
    require_success(f, clact_sweep_backward(f->clact, f->queue, sweep, &backward, 0, NULL, NULL),
                    "backward");
}

static void run_rows(fixture *f, const clact_softmax *softmax, const clact_loss *loss,
                     const memory *m, size_t rows, size_t cols) {
    const clact_matrix a = {m->a, 0, 0}, b = {m->b, 0, 0}, c = {m->c, 0, 0}, none = {NULL, 0, 0};
    require_success(f,
                    clact_softmax_forward(f->clact, f->queue, softmax, rows, cols, a, b,
                                          m->workspace, 0, NULL, NULL),
                    "softmax");
    require_success(f,
                    clact_softmax_backward(f->clact, f->queue, softmax, rows, cols, a, b, b,
                                           m->workspace, 0, NULL, NULL),
                    "softmax backward");
    const clact_matrix result = {m->c, 2 * COLS, 0};
    require_success(f,
                    clact_loss_evaluate(f->clact, f->queue, loss, rows, cols, a, c, none, 1.0,
                                        result, b, m->workspace, 0, NULL, NULL),
                    "loss");
}

/* Alone, and with the first sweep. */
static void run_products(fixture *f, const clact_sweep *sweep, const memory *m) {
    const clact_product product = {
        .m = ROWS, .n = 7, .k = 5, .a = {m->a, 0, 0}, .b = {m->a, 99, 0}, .c = {m->b, 0, 0}};
    const clact_forward_tensors t = {.y = {m->b, 0, 0}, .bias = {m->c, 0, 0}};
    require_success(f, clact_multiply(f->clact, f->queue, &product, 0, NULL, NULL), "product");
    require_success(
        f, clact_multiply_forward(f->clact, f->queue, &product, sweep, &t, 0, NULL, NULL), "both");
}

/* One tensor and two, and their norms. */
static void run_updates(fixture *f, const clact_optimizer *optimizer, const memory *m) {
    const clact_parameter_tensor tensors[2] = {
        {9, {m->a, 0, 0}, {m->b, 0, 0}, {m->c, 0, 0}, {m->workspace, 0, 0}},
        {5, {m->a, 10, 0}, {m->b, 10, 0}, {m->c, 10, 0}, {m->workspace, 10, 0}}};
    const clact_matrix none = {NULL, 0, 0}, norm = {m->c, 40, 0};
    for (size_t count = 1; count <= 2; count++) {
        require_success(f,
                        clact_optimizer_step(f->clact, f->queue, optimizer, 0.1f, 1, count, tensors,
                                             none, 0, NULL, NULL),
                        "step");
        require_success(f,
                        clact_gradient_norm(f->clact, f->queue, 1.0f, count, tensors, norm,
                                            m->workspace, 0, NULL, NULL),
                        "norm");
    }
}

static void no_call_compiles_after_it(void **state) {
    fixture *f = *state;
    const memory m = {new_buffer(f), new_buffer(f), new_buffer(f), new_buffer(f)};
    clact_sweep sweeps[2];
    clact_softmax softmax;
    clact_loss losses[2];
    clact_optimizer adam;
    clact_optimizer_init(&adam, CLACT_OPTIMIZER_ADAM);
    clact_sweep_init(&sweeps[0], CLACT_ACT_RELU);
    clact_sweep_init(&sweeps[1], CLACT_ACT_TANH);
    sweeps[0].bias = true;
    sweeps[1].health = true;
    clact_softmax_init(&softmax);
    clact_loss_init(&losses[0], CLACT_LOSS_SOFTMAX_CROSS_ENTROPY);
    clact_loss_init(&losses[1], CLACT_LOSS_HUBER);
    const clact_descriptors all = {.sweeps = sweeps,
                                   .num_sweeps = 2,
                                   .softmaxes = &softmax,
                                   .num_softmaxes = 1,
                                   .losses = losses,
                                   .num_losses = 2,
                                   .has_backward = true,
                                   .has_products = true,
                                   .optimizers = &adam,
                                   .num_optimizers = 1,
                                   .has_norm = true};
    require_success(f, clact_warm_up_all(f->clact, &all), "warm-up");
    /* the fast tier, and health, which is always accurate; passes with vectors abreast are apart */
    const unsigned builds = has_vectors_abreast(f) ? 3 : 2;
    assert_int_equal(builds_of(f), builds);
    for (int i = 0; i < 2; i++) {
        run_sweep(f, &sweeps[i], &m, ROWS, 70);
        run_sweep(f, &sweeps[i], &m, 1, COLS);
        run_rows(f, &softmax, &losses[i], &m, ROWS, 10);
        run_rows(f, &softmax, &losses[i], &m, 1, COLS); /* a row so long that it is cut */
    }
    run_products(f, &sweeps[0], &m);
    run_updates(f, &adam, &m);
    require_success(f, clact_warm_up_all(f->clact, &all), "warm-up");
    clFinish(f->queue);
    assert_int_equal(builds_of(f), builds);
    clReleaseMemObject(m.a);
    clReleaseMemObject(m.b);
    clReleaseMemObject(m.c);
    clReleaseMemObject(m.workspace);
}

static void wrong_descriptors_are_refused_before_anything_is_built(void **state) {
    fixture *f = *state;
    const unsigned builds = builds_of(f);
    clact_loss loss;
    clact_softmax softmax = {.struct_size = 1};
    clact_loss_init(&loss, CLACT_LOSS_HUBER);
    loss.delta = -1.0f;
    clact_descriptors all = {.losses = &loss, .num_losses = 1};
    assert_int_equal(clact_warm_up_all(f->clact, NULL), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_warm_up_all(NULL, &all), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_warm_up_all(f->clact, &all), CLACT_PARAMETER_RANGE);
    all = (clact_descriptors){.softmaxes = &softmax, .num_softmaxes = 1};
    assert_int_equal(clact_warm_up_all(f->clact, &all), CLACT_INVALID_ARGUMENT);
    clact_optimizer adam;
    clact_optimizer_init(&adam, CLACT_OPTIMIZER_ADAM);
    adam.beta1 = 1.0f;
    all = (clact_descriptors){.optimizers = &adam, .num_optimizers = 1};
    assert_int_equal(clact_warm_up_all(f->clact, &all), CLACT_PARAMETER_RANGE);
    all = (clact_descriptors){.num_losses = 1};
    assert_int_equal(clact_warm_up_all(f->clact, &all), CLACT_INVALID_ARGUMENT);
    all = (clact_descriptors){0};
    assert_int_equal(clact_warm_up_all(f->clact, &all), CLACT_SUCCESS);
    assert_int_equal(builds_of(f), builds);
}

int main(void) {
    fixture f;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(no_call_compiles_after_it, &f),
        cmocka_unit_test_prestate(wrong_descriptors_are_refused_before_anything_is_built, &f)};
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
    const int failed = cmocka_run_group_tests_name("warm-up", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
