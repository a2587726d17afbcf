/* test_net.c: dense layers against double precision, their gradients against differences of the
 * loss, and a network that learns the same way twice. */
#include "device_fixture.h"

#include "clact/net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

enum { ROWS = 9, IN = 7, OUT = 5 };

/* The layer on the host in double; its activation is tanh. */
typedef struct host_layer {
    double w[OUT * IN], b[OUT], x[ROWS * IN], weight_of_y[ROWS * OUT];
} host_layer;

/* A linear loss of y, so that dy is weight_of_y: sum of weight_of_y * y. */
static double host_loss(const host_layer *h) {
    double loss = 0.0;
    for (int r = 0; r < ROWS; r++) {
        for (int o = 0; o < OUT; o++) {
            double z = h->b[o];
            for (int i = 0; i < IN; i++)
                z += h->x[r * IN + i] * h->w[o * IN + i];
            loss += h->weight_of_y[r * OUT + o] * tanh(z);
        }
    }
    return loss;
}

static double difference_in(host_layer *h, double *value) {
    const double h0 = 1e-5, old = *value;
    *value = old + h0;
    const double above = host_loss(h);
    *value = old - h0;
    const double below = host_loss(h);
    *value = old;
    return (above - below) / (2.0 * h0);
}

static void draw(float *values, double *copy, size_t n, float scale, uint64_t *seed) {
    for (size_t i = 0; i < n; i++) {
        values[i] = scale * random_normal(seed);
        copy[i] = (double)values[i];
    }
}

static void expect_gradients(const char *name, host_layer *h, double *at, const float *got,
                             size_t n) {
    for (size_t i = 0; i < n; i++) {
        const double want = difference_in(h, &at[i]);
        if (fabs((double)got[i] - want) > 1e-5 * (1.0 + fabs(want))) {
            print_error("%s[%zu]: got %.9g, difference of the loss %.9g\n", name, i, (double)got[i],
                        want);
            fail();
        }
    }
}

static void check_dense_gradients(fixture *f, clact_saved saved, size_t pad) {
    host_layer h;
    float w[OUT * IN], b[OUT], x[ROWS * IN], dy[ROWS * OUT], got[ROWS * OUT + OUT * IN];
    uint64_t seed = 23;
    draw(w, h.w, OUT * IN, 0.5f, &seed);
    draw(b, h.b, OUT, 0.5f, &seed);
    draw(x, h.x, ROWS * IN, 1.0f, &seed);
    draw(dy, h.weight_of_y, ROWS * OUT, 1.0f, &seed);
    guarded gw = guarded_create(f, OUT, IN, 3, pad), gb = guarded_create(f, 1, OUT, 1, 0);
    guarded gx = guarded_create(f, ROWS, IN, 2, pad), gdy = guarded_create(f, ROWS, OUT, 0, pad);
    guarded gz = guarded_create(f, ROWS, OUT, 1, pad), gy = guarded_create(f, ROWS, OUT, 5, pad);
    guarded gdw = guarded_create(f, OUT, IN, 1, pad), gdb = guarded_create(f, 1, OUT, 0, 0);
    guarded gdx = guarded_create(f, ROWS, IN, 4, pad);
    guarded_write(f, &gw, w);
    guarded_write(f, &gb, b);
    guarded_write(f, &gx, x);
    guarded_write(f, &gdy, dy);
    clact_sweep activation;
    clact_sweep_init(&activation, CLACT_ACT_TANH);
    activation.saved = saved;
    const clact_dense layer = {IN, OUT, gw.matrix, gb.matrix, &activation};
    cl_event done = NULL;

    require_success(f,
                    clact_dense_forward(f->clact, f->queue, &layer, ROWS, gx.matrix, gz.matrix,
                                        gy.matrix, 0, NULL, &done),
                    "forward");
    require_success(f,
                    clact_dense_backward(f->clact, f->queue, &layer, ROWS, gx.matrix,
                                         saved == CLACT_SAVED_Y ? gy.matrix : gz.matrix, gdy.matrix,
                                         gdy.matrix, gdw.matrix, gdb.matrix, gdx.matrix, 1, &done,
                                         NULL),
                    "backward");
    guarded_read(f, &gy, got);
    double loss = 0.0;
    for (int i = 0; i < ROWS * OUT; i++)
        loss += (double)got[i] * h.weight_of_y[i];
    assert_true(fabs(loss - host_loss(&h)) < 1e-5);
    guarded_read(f, &gdw, got);
    expect_gradients("dW", &h, h.w, got, OUT * IN);
    guarded_read(f, &gdb, got);
    expect_gradients("db", &h, h.b, got, OUT);
    guarded_read(f, &gdx, got);
    expect_gradients("dx", &h, h.x, got, ROWS * IN);
    clReleaseEvent(done);
    guarded *const all[] = {&gw, &gb, &gx, &gdy, &gz, &gy, &gdw, &gdb, &gdx};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        guarded_release(all[i]);
}

static void dense_gradients_match_differences_of_the_loss(void **state) {
    check_dense_gradients(*state, CLACT_SAVED_X, 0);
    check_dense_gradients(*state, CLACT_SAVED_Y, 0);
    check_dense_gradients(*state, CLACT_SAVED_X, 3);
}

static void a_batch_of_no_rows_has_no_gradients(void **state) {
    fixture *f = *state;
    const clact_matrix none = {NULL, 0, 0};
    float stale[OUT * IN], got[OUT * IN];
    clact_sweep relu;
    clact_sweep_init(&relu, CLACT_ACT_RELU);
    const clact_dense layer = {IN, OUT, none, none, &relu};
    guarded gdw = guarded_create(f, OUT, IN, 1, 2), gdb = guarded_create(f, 1, OUT, 0, 0);
    for (int i = 0; i < OUT * IN; i++)
        stale[i] = 5.0f;
    guarded_write(f, &gdw, stale);
    guarded_write(f, &gdb, stale);
    require_success(
        f, clact_dense_forward(f->clact, f->queue, &layer, 0, none, none, none, 0, NULL, NULL),
        "forward");
    require_success(f,
                    clact_dense_backward(f->clact, f->queue, &layer, 0, none, none, none, none,
                                         gdw.matrix, gdb.matrix, none, 0, NULL, NULL),
                    "backward");
    guarded_read(f, &gdw, got);
    for (int i = 0; i < OUT * IN; i++)
        assert_true(got[i] == 0.0f);
    guarded_read(f, &gdb, got);
    for (int i = 0; i < OUT; i++)
        assert_true(got[i] == 0.0f);
    guarded_release(&gdw);
    guarded_release(&gdb);
}

/* Parameters, momentum and collected times are as before, also where the hidden layer gives
 * infinities at 0. */
static void warm_up_leaves_the_net_as_it_was(void **state) {
    fixture *f = *state;
    clact_sweep hidden, output;
    float before[2 * 3], after[2 * 3];
    clact_net *net = NULL;
    clact_dense dense;
    clact_sweep_init(&hidden, CLACT_ACT_LOG);
    clact_sweep_init(&output, CLACT_ACT_IDENTITY);
    const clact_layer layers[2] = {{3, &hidden}, {2, &output}};
    const clact_net_options options = {.struct_size = sizeof options,
                                       .inputs = 2,
                                       .layers = layers,
                                       .num_layers = 2,
                                       .max_rows = 4};
    require_success(f, clact_net_create(f->clact, f->queue, &options, &net), "create");
    clact_net_layer(net, 0, &dense);
    clEnqueueReadBuffer(f->queue, dense.weight.buffer, CL_TRUE, 0, sizeof before, before, 0, NULL,
                        NULL);
    require_success(f, clact_net_warm_up(net, 4), "warm-up");
    clEnqueueReadBuffer(f->queue, dense.weight.buffer, CL_TRUE, 0, sizeof after, after, 0, NULL,
                        NULL);
    assert_memory_equal(before, after, sizeof before);
    clact_net_destroy(net);
}

/* z and y may be one matrix, however its leading dimension is written. */
static void z_and_y_may_be_one(void **state) {
    fixture *f = *state;
    float ones[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1}, got[6];
    clact_sweep square;
    clact_sweep_init(&square, CLACT_ACT_SQUARE);
    guarded w = guarded_create(f, 3, 3, 0, 0), b = guarded_create(f, 1, 3, 0, 0);
    guarded x = guarded_create(f, 2, 3, 0, 0), z = guarded_create(f, 2, 3, 0, 0);
    guarded_write(f, &w, ones);
    guarded_write(f, &b, ones);
    guarded_write(f, &x, ones);
    const clact_dense d = {3, 3, w.matrix, b.matrix, &square};
    clact_matrix y = z.matrix;
    y.ld = 0;
    require_success(
        f, clact_dense_forward(f->clact, f->queue, &d, 2, x.matrix, z.matrix, y, 0, NULL, NULL),
        "forward");
    guarded_read(f, &z, got);
    for (int i = 0; i < 6; i++)
        assert_true(got[i] == 16.0f);
    guarded_release(&w);
    guarded_release(&b);
    guarded_release(&x);
    guarded_release(&z);
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
    o.loss = (clact_loss)9;
    assert_int_equal(clact_net_create(f->clact, f->queue, &o, &net), CLACT_INVALID_ARGUMENT);
    o.loss = CLACT_LOSS_MSE;
    o.timing = true;
    cl_command_queue plain = clCreateCommandQueue(f->context, f->device, 0, NULL);
    assert_int_equal(clact_net_create(f->clact, plain, &o, &net), CLACT_INVALID_ARGUMENT);
    clReleaseCommandQueue(plain);
    assert_null(net);
}

/* ---- a network ---- */

enum { POINTS = 64, STEPS = 150 };

/* Trains x -> class "inside the circle" and returns the mean loss of the last step. */
static double train_circle(fixture *f, uint64_t seed, float *weights, size_t num_weights,
                           double *first) {
    float x[POINTS * 2], t[POINTS], losses[POINTS];
    uint64_t state = 5;
    for (int i = 0; i < POINTS; i++) {
        x[2 * i] = random_normal(&state);
        x[2 * i + 1] = random_normal(&state);
        t[i] = x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1] < 1.4f ? 1.0f : 0.0f;
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
        require_success(f, clact_net_step(net, POINTS, gx.matrix, gt.matrix, 0.1f, 0.9f, &loss),
                        "step");
        if (step > 0 && step < STEPS - 1) continue;
        clEnqueueReadBuffer(f->queue, loss.buffer, CL_TRUE, loss.offset * sizeof(float),
                            sizeof losses, losses, 0, NULL, NULL);
        mean = 0.0;
        for (int i = 0; i < POINTS; i++)
            mean += (double)losses[i] / POINTS;
        if (step == 0) *first = mean;
    }
    clact_dense dense;
    assert_int_equal(clact_net_layer(net, 0, &dense), CLACT_SUCCESS);
    assert_int_equal(clact_net_layer(net, 2, &dense), CLACT_INVALID_ARGUMENT);
    assert_int_equal(dense.outputs, 16);
    clEnqueueReadBuffer(f->queue, dense.weight.buffer, CL_TRUE, dense.weight.offset * sizeof(float),
                        num_weights * sizeof *weights, weights, 0, NULL, NULL);
    assert_int_equal(clact_net_collect_times(net, &times), CLACT_SUCCESS);
    assert_true(times.gemm >= 0.0 && times.activation >= 0.0 && times.other >= 0.0);
    assert_true(times.gemm + times.activation + times.other > 0.0);
    assert_int_equal(clact_net_step(net, POINTS + 1, gx.matrix, gt.matrix, 0.1f, 0.0f, NULL),
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
} small_net;

/* W0 (8 x 4) of a net 4 - 8 - 3 after some steps; the batch is one sample over and over. */
static void step_small_net(fixture *f, const small_net *s, float *w) {
    enum { MOST = 4 };
    float x[4 * MOST], t[MOST];
    for (int i = 0; i < 4 * MOST; i++)
        x[i] = 0.25f * (float)(i % 4 + 1);
    for (int i = 0; i < MOST; i++)
        t[i] = 2.0f;
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
                                       .seed = 3};
    clact_net *net = NULL;
    clact_dense d;
    require_success(f, clact_net_create(f->clact, f->queue, &options, &net), "create");
    if (s->warm_up) require_success(f, clact_net_warm_up(net, s->rows), "warm-up");
    for (int i = 0; i < s->steps; i++)
        require_success(f, clact_net_step(net, s->rows, gx.matrix, gt.matrix, 0.1f, 0.9f, NULL),
                        "step");
    clact_net_layer(net, 0, &d);
    clEnqueueReadBuffer(f->queue, d.weight.buffer, CL_TRUE, d.weight.offset * sizeof(float),
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
    const small_net base = {CLACT_ACT_TANH, CLACT_SAVED_X, false, 1, 5};
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

static void layers_wait_and_identity_copies(void **state) {
    fixture *f = *state;
    const float one[4] = {1.0f, 1.0f, 1.0f, 1.0f};
    float got[4];
    guarded w = guarded_create(f, 2, 2, 0, 0), b = guarded_create(f, 1, 2, 0, 0);
    guarded x = guarded_create(f, 2, 2, 0, 0), zy = guarded_create(f, 4, 2, 0, 0);
    guarded_write(f, &w, one);
    guarded_write(f, &b, one);
    guarded_write(f, &x, one);
    clact_sweep identity;
    clact_sweep_init(&identity, CLACT_ACT_IDENTITY);
    const clact_dense d = {2, 2, w.matrix, b.matrix, &identity};
    clact_matrix z = zy.matrix, y = zy.matrix;
    y.offset += 4;
    cl_event gate = clCreateUserEvent(f->context, NULL), done = NULL;
    cl_int progress = CL_COMPLETE;
    require_success(
        f, clact_dense_forward(f->clact, f->queue, &d, 2, x.matrix, z, y, 1, &gate, &done), "fwd");
    clFlush(f->queue);
    thrd_sleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* time to go wrong */
    clGetEventInfo(done, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof progress, &progress, NULL);
    const bool waited = progress != CL_COMPLETE;
    clSetUserEventStatus(gate, CL_COMPLETE);
    clWaitForEvents(1, &done);
    assert_true(waited);
    clEnqueueReadBuffer(f->queue, zy.buffer, CL_TRUE, 4 * sizeof(float), sizeof got, got, 0, NULL,
                        NULL);
    for (int i = 0; i < 4; i++)
        assert_true(got[i] == 3.0f);
    clReleaseEvent(gate);
    clReleaseEvent(done);
    guarded_release(&w);
    guarded_release(&b);
    guarded_release(&x);
    guarded_release(&zy);
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
        CASE(dense_gradients_match_differences_of_the_loss),
        CASE(a_batch_of_no_rows_has_no_gradients),
        CASE(warm_up_leaves_the_net_as_it_was),
        CASE(z_and_y_may_be_one),
        CASE(nets_that_cannot_be_are_refused),
        CASE(a_step_is_of_the_mean_loss_from_x_or_y_warm_or_cold),
        CASE(layers_wait_and_identity_copies),
        CASE(a_network_learns_and_repeats_itself),
    };
    const int failed = cmocka_run_group_tests_name("net", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
