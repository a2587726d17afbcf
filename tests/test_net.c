/* test_net.c: a network learns the same way twice; what its steps mean; what it keeps and refuses.
 */
#include "device_fixture.h"

#include "clact/net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Parameters, momentum and collected times are as before, also where the hidden layer gives
 * infinities at 0. */
static void warm_up_leaves_the_net_as_it_was(void **state) {
    fixture *f = *state;
    clact_sweep hidden, output;
    float before[2 * 3], after[2 * 3];
    clact_net *net = NULL;
    clact_matrix weight;
    clact_sweep_init(&hidden, CLACT_ACT_LOG);
    clact_sweep_init(&output, CLACT_ACT_IDENTITY);
    const clact_layer layers[2] = {{3, &hidden}, {2, &output}};
    const clact_net_options options = {.struct_size = sizeof options,
                                       .inputs = 2,
                                       .layers = layers,
                                       .num_layers = 2,
                                       .max_rows = 4};
    require_success(f, clact_net_create(f->clact, f->queue, &options, &net), "create");
    clact_net_layer(net, 0, NULL, &weight, NULL);
    clEnqueueReadBuffer(f->queue, weight.buffer, CL_TRUE, 0, sizeof before, before, 0, NULL, NULL);
    require_success(f, clact_net_warm_up(net, 4), "warm-up");
    clEnqueueReadBuffer(f->queue, weight.buffer, CL_TRUE, 0, sizeof after, after, 0, NULL, NULL);
    assert_memory_equal(before, after, sizeof before);
    clact_net_destroy(net);
}

static void nets_that_cannot_be_are_refused(void **state) {
    fixture *f = *state;
    clact_sweep identity;
    clact_net *net = NULL;
    clact_sweep_init(&identity, CLACT_ACT_IDENTITY);
    const clact_layer layers[1] = {{5, &identity}};
    clact_net_options o = {.struct_size = sizeof o,
                           .inputs = SIZE_MAX / 5,
                           .layers = layers,
                           .num_layers = 1,
                           .max_rows = 1};
    assert_int_equal(clact_net_create(f->clact, f->queue, &o, &net), CLACT_SHAPE);
    o.inputs = 2;
    o.max_rows = SIZE_MAX / 8;
    assert_int_equal(clact_net_create(f->clact, f->queue, &o, &net), CLACT_SHAPE);
    o.max_rows = 1;
    o.loss = (clact_loss_kind)9;
    assert_int_equal(clact_net_create(f->clact, f->queue, &o, &net), CLACT_INVALID_ARGUMENT);
    o.loss = CLACT_LOSS_MSE;
    o.products = (clact_products)3;
    assert_int_equal(clact_net_create(f->clact, f->queue, &o, &net), CLACT_INVALID_ARGUMENT);
    o.products = CLACT_PRODUCTS_AUTO;
    o.timing = true;
    cl_command_queue plain = clCreateCommandQueue(f->context, f->device, 0, NULL);
    assert_int_equal(clact_net_create(f->clact, plain, &o, &net), CLACT_INVALID_ARGUMENT);
    clReleaseCommandQueue(plain);
    assert_null(net);
}

/* Each stage that a net has no place for, by its name. */
static void layers_with_other_stages_are_refused(void **state) {
    fixture *f = *state;
    static const char *const names[] = {"gate apart", "slopes",      "residual",
                                        "health",     "accumulated", "left out"};
    for (int i = 0; i < 6; i++) {
        clact_sweep s;
        clact_net *net = NULL;
        char message[256];
        clact_sweep_init(&s, i == 1 ? CLACT_ACT_PRELU : CLACT_ACT_SILU);
        if (i == 0) s.gate = CLACT_GATE_APART;
        s.slopes = i == 1;
        s.residual = i == 2;
        s.health = i == 3;
        if (i == 4) s.accumulate = CLACT_GRADIENT_BIAS;
        if (i == 5) s.gradients = 0;
        const clact_layer layer = {4, &s};
        const clact_net_options o = {
            .struct_size = sizeof o, .inputs = 4, .layers = &layer, .num_layers = 1, .max_rows = 1};
        assert_int_equal(clact_net_create(f->clact, f->queue, &o, &net), CLACT_INVALID_ARGUMENT);
        assert_null(net);
        clact_context_message(f->clact, message, sizeof message);
        if (!strstr(message, names[i])) {
            print_error("'%s' has not '%s'\n", message, names[i]);
            fail();
        }
    }
}

/* ---- a network ---- */

enum { POINTS = 64, STEPS = 150 };

/* Trains x -> class "inside the circle" and returns the mean loss of the last step. */
static double train_circle(fixture *f, uint64_t seed, float *weights, size_t num_weights,
                           double *first) {
    float x[POINTS * 2], batch = 0.0f;
    int32_t t[POINTS];
    uint64_t state = 5;
    for (int i = 0; i < POINTS; i++) {
        x[2 * i] = random_normal(&state);
        x[2 * i + 1] = random_normal(&state);
        t[i] = x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1] < 1.4f ? 1 : 0;
    }
    guarded gx = guarded_create(f, POINTS, 2, 0, 0), gt = guarded_create(f, POINTS, 1, 0, 0);
    guarded_write(f, &gx, x);
    guarded_write(f, &gt, t);
    clact_sweep hidden, output;
    clact_sweep_init(&hidden, CLACT_ACT_TANH);
    clact_sweep_init(&output, CLACT_ACT_IDENTITY);
    const clact_layer layers[2] = {{16, &hidden}, {2, &output}};
    const clact_net_options options = {.struct_size = sizeof options,
                                       .inputs = 2,
                                       .layers = layers,
                                       .num_layers = 2,
                                       .loss = CLACT_LOSS_SOFTMAX_CROSS_ENTROPY,
                                       .max_rows = POINTS,
                                       .seed = seed,
                                       .timing = true};
    clact_net *net = NULL;
    clact_matrix loss;
    clact_net_times times;
    double mean = 0.0;
    require_success(f, clact_net_create(f->clact, f->queue, &options, &net), "create");
    require_success(f, clact_net_warm_up(net, POINTS), "warm-up");
    for (int step = 0; step < STEPS; step++) {
        require_success(f, clact_net_step(net, POINTS, gx.matrix, gt.matrix, 0.1f, &loss), "step");
        if (step > 0 && step < STEPS - 1) continue;
        clEnqueueReadBuffer(f->queue, loss.buffer, CL_TRUE, loss.offset * sizeof(float),
                            sizeof batch, &batch, 0, NULL, NULL);
        mean = (double)batch;
        if (step == 0) *first = mean;
    }
    clact_dense dense;
    clact_matrix weight, bias;
    assert_int_equal(clact_net_layer(net, 0, &dense, &weight, &bias), CLACT_SUCCESS);
    assert_int_equal(clact_net_layer(net, 2, &dense, NULL, NULL), CLACT_INVALID_ARGUMENT);
    assert_int_equal(dense.outputs, 16);
    assert_int_equal(bias.offset, weight.offset + 32);
    clEnqueueReadBuffer(f->queue, weight.buffer, CL_TRUE, weight.offset * sizeof(float),
                        num_weights * sizeof *weights, weights, 0, NULL, NULL);
    assert_int_equal(clact_net_collect_times(net, &times), CLACT_SUCCESS);
    assert_true(times.gemm >= 0.0 && times.activation >= 0.0 && times.other >= 0.0);
    assert_true(times.gemm + times.activation + times.other > 0.0);
    assert_int_equal(clact_net_step(net, POINTS + 1, gx.matrix, gt.matrix, 0.1f, NULL),
                     CLACT_INVALID_ARGUMENT);
    char message[128];
    clact_context_message(f->clact, message, sizeof message);
    assert_non_null(strstr(message, "max_rows"));
    clact_net_destroy(net);
    guarded_release(&gx);
    guarded_release(&gt);
    return mean;
}

/* ---- what a step means ---- */

typedef struct small_net {
    clact_activation hidden;
    clact_saved saved;
    bool warm_up;
    size_t rows; /* copies of one sample */
    int steps;
    clact_products products;
} small_net;

/* W0 (8 x 4) of a net 4 - 8 - 3 after some steps; the batch is one sample over and over. */
static void step_small_net(fixture *f, const small_net *s, float *w) {
    enum { MOST = 4 };
    float x[4 * MOST];
    int32_t t[MOST];
    for (int i = 0; i < 4 * MOST; i++)
        x[i] = 0.25f * (float)(i % 4 + 1);
    for (int i = 0; i < MOST; i++)
        t[i] = 2;
    guarded gx = guarded_create(f, MOST, 4, 0, 0), gt = guarded_create(f, MOST, 1, 0, 0);
    guarded_write(f, &gx, x);
    guarded_write(f, &gt, t);
    clact_sweep hidden, output;
    clact_sweep_init(&hidden, s->hidden);
    clact_sweep_init(&output, CLACT_ACT_IDENTITY);
    hidden.saved = s->saved;
    const clact_layer layers[2] = {{8, &hidden}, {3, &output}};
    const clact_net_options options = {.struct_size = sizeof options,
                                       .inputs = 4,
                                       .layers = layers,
                                       .num_layers = 2,
                                       .max_rows = MOST,
                                       .seed = 3,
                                       .products = s->products};
    clact_net *net = NULL;
    clact_matrix weight;
    require_success(f, clact_net_create(f->clact, f->queue, &options, &net), "create");
    if (s->warm_up) require_success(f, clact_net_warm_up(net, s->rows), "warm-up");
    for (int i = 0; i < s->steps; i++)
        require_success(f, clact_net_step(net, s->rows, gx.matrix, gt.matrix, 0.1f, NULL), "step");
    clact_net_layer(net, 0, NULL, &weight, NULL);
    clEnqueueReadBuffer(f->queue, weight.buffer, CL_TRUE, weight.offset * sizeof(float),
                        32 * sizeof *w, w, 0, NULL, NULL);
    clact_net_destroy(net);
    guarded_release(&gx);
    guarded_release(&gt);
}

static void expect_near(const float *a, const float *b, double bound) {
    for (int i = 0; i < 32; i++)
        assert_true(fabs((double)a[i] - (double)b[i]) <= bound);
}

static void a_step_is_of_the_mean_loss_from_x_or_y_warm_or_cold(void **state) {
    float plain[32], other[32];
    const small_net base = {CLACT_ACT_TANH, CLACT_SAVED_X, false, 1, 5, CLACT_PRODUCTS_AUTO};
    small_net s = base;
    step_small_net(*state, &s, plain);
    s.warm_up = true; /* leaves weights and velocity as they were */
    step_small_net(*state, &s, other);
    assert_memory_equal(plain, other, sizeof plain);
    s = base;
    s.rows = 4; /* the mean over equal samples is the sample */
    step_small_net(*state, &s, other);
    expect_near(plain, other, 1e-6);
    s = base;
    s.saved = CLACT_SAVED_Y;
    step_small_net(*state, &s, other);
    expect_near(plain, other, 1e-6);
    s.steps = 0; /* He's uniform: bound sqrt(6 / 4) */
    step_small_net(*state, &s, plain);
    float most = 0.0f;
    for (int i = 0; i < 32; i++)
        most = fmaxf(most, fabsf(plain[i]));
    assert_true(most <= sqrtf(1.5f) && most > 0.85f * sqrtf(1.5f));
}

static void steps_are_the_same_with_either_products(void **state) {
    float own[32], clblast[32];
    small_net s = {CLACT_ACT_TANH, CLACT_SAVED_Y, false, 4, 5, CLACT_PRODUCTS_OWN};
    step_small_net(*state, &s, own);
    s.products = CLACT_PRODUCTS_CLBLAST;
    step_small_net(*state, &s, clblast);
    expect_near(own, clblast, 1e-6);
}

/* Whatever is saved, the steps are the same: to the bit from x and a mask. */
static void a_net_may_save_any_tensor(void **state) {
    float x[32], other[32];
    small_net s = {CLACT_ACT_RELU, CLACT_SAVED_X, false, 3, 5, CLACT_PRODUCTS_AUTO};
    step_small_net(*state, &s, x);
    s.saved = CLACT_SAVED_MASK;
    step_small_net(*state, &s, other);
    assert_memory_equal(x, other, sizeof x);
    s.hidden = CLACT_ACT_SIGMOID;
    s.saved = CLACT_SAVED_X;
    step_small_net(*state, &s, x);
    s.saved = CLACT_SAVED_TAIL;
    step_small_net(*state, &s, other);
    expect_near(x, other, 1e-6);
}

/* Loss of a gated net 2 - 6 (swiglu) - 2 after some steps */
static void gated_layers_learn(void **state) {
    fixture *f = *state;
    const float x[8] = {0, 0, 0, 1, 1, 0, 1, 1};
    const int32_t t[4] = {0, 1, 1, 0};
    float mean = 1.0f;
    guarded gx = guarded_create(f, 4, 2, 0, 0), gt = guarded_create(f, 4, 1, 0, 0);
    guarded_write(f, &gx, x);
    guarded_write(f, &gt, t);
    clact_sweep hidden, output;
    clact_sweep_init(&hidden, CLACT_ACT_SILU);
    clact_sweep_init(&output, CLACT_ACT_IDENTITY);
    hidden.gate = CLACT_GATE_FIRST;
    const clact_layer layers[2] = {{6, &hidden}, {2, &output}};
    const clact_net_options options = {.struct_size = sizeof options,
                                       .inputs = 2,
                                       .layers = layers,
                                       .num_layers = 2,
                                       .max_rows = 4,
                                       .seed = 1};
    clact_net *net = NULL;
    clact_matrix loss, weight, bias;
    require_success(f, clact_net_create(f->clact, f->queue, &options, &net), "create");
    clact_net_layer(net, 0, NULL, &weight, &bias);
    assert_int_equal(bias.offset, weight.offset + 2 * 2 * 6);
    for (int i = 0; i < 200; i++)
        require_success(f, clact_net_step(net, 4, gx.matrix, gt.matrix, 0.1f, &loss), "step");
    clEnqueueReadBuffer(f->queue, loss.buffer, CL_TRUE, 0, sizeof mean, &mean, 0, NULL, NULL);
    assert_true(mean < 0.05f);
    clact_net_destroy(net);
    guarded_release(&gx);
    guarded_release(&gt);
}

static void a_network_learns_and_repeats_itself(void **state) {
    float a[32], b[32], c[32];
    double first = 0.0, unused = 0.0;
    const double loss = train_circle(*state, 1, a, 32, &first);
    if (!(first > 0.4 && loss < 0.2)) {
        print_error("loss went from %g to %g\n", first, loss);
        fail();
    }
    train_circle(*state, 1, b, 32, &unused);
    train_circle(*state, 2, c, 32, &unused);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, c, sizeof a);
}

int main(void) {
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &f }
    const struct CMUnitTest tests[] = {
        CASE(warm_up_leaves_the_net_as_it_was),
        CASE(nets_that_cannot_be_are_refused),
        CASE(layers_with_other_stages_are_refused),
        CASE(a_step_is_of_the_mean_loss_from_x_or_y_warm_or_cold),
        CASE(steps_are_the_same_with_either_products),
        CASE(a_net_may_save_any_tensor),
        CASE(gated_layers_learn),
        CASE(a_network_learns_and_repeats_itself),
    };
    const int failed = cmocka_run_group_tests_name("net", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
