/* test_net_health.c: what a network's health says against the host's own counts and norms; that a
 * warm-up changes nothing and leaves nothing to compile.
 */
#include "net_case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEAD = 2, FLAT = 5 }; /* units of layers 0 and 1 that get a bias of -1000, and of 1000 */

/* 5 - 8 (relu) - 7 (tanh) - 3 with health */
static net_case watched_case(void) {
    const size_t units[] = {8, 7, 3};
    net_case c = net_case_of(5, 3, units);
    c.sweeps[0].activation = CLACT_ACT_RELU;
    c.options.health = true;
    return c;
}

/* With a unit that is dead and one that is saturated */
static clact_net *watched_net(fixture *f, const net_case *c) {
    clact_net *net = net_create(f, c);
    clact_matrix bias;
    float *params = net_read(f, net, CLACT_NET_PARAMETERS, NULL);
    clact_net_layer(net, 0, NULL, NULL, &bias);
    params[bias.offset + DEAD] = -1000.0f;
    clact_net_layer(net, 1, NULL, NULL, &bias);
    params[bias.offset + FLAT] = 1000.0f;
    net_write(f, net, CLACT_NET_PARAMETERS, params);
    free(params);
    return net;
}

static double slope_of(clact_activation activation, double z) {
    return activation == CLACT_ACT_RELU   ? (double)(z > 0.0)
           : activation == CLACT_ACT_TANH ? 1.0 - tanh(z) * tanh(z)
                                          : 1.0;
}

/* What the host sees of columns from `from` to `to`: of a, or where it is given of dz */
static clact_health see(const host_net *h, size_t i, const double *dz, size_t from, size_t to) {
    const size_t units = h->c->layers[i].units;
    const double saturation = (double)h->c->sweeps[i].saturation;
    clact_health seen = {.count = NET_ROWS * (to - from)};
    double sum = 0.0, squares = 0.0, most = 0.0;
    for (size_t row = 0; row < NET_ROWS; row++)
        for (size_t col = from; col < to; col++) {
            const size_t k = row * units + col;
            const double v = dz ? dz[k] : h->a[i][k];
            const double slope = slope_of(h->c->sweeps[i].activation, h->z[i][k]);
            seen.zeros += v == 0.0;
            seen.saturated += !dz && fabs(slope) < saturation;
            sum += v;
            squares += v * v;
            most = fmax(most, fabs(v));
        }
    const double mean = sum / (double)seen.count;
    seen.mean = (float)mean;
    seen.variance = (float)(squares / (double)seen.count - mean * mean);
    seen.max_abs = (float)most;
    seen.norm = (float)sqrt(squares);
    return seen;
}

/* Measured with PoCL: 8.4e-7 */
static bool near(float a, float b, float scale) {
    return fabsf(a - b) <= 1e-5f * scale;
}

static void compare(const clact_health *got, const clact_health *want, const char *which, size_t i,
                    size_t col) {
    const float scale = want->max_abs;
    if (got->count == want->count && got->zeros == want->zeros &&
        got->saturated == want->saturated && got->nans == 0 && got->infs == 0 &&
        near(got->mean, want->mean, scale) && near(got->variance, want->variance, scale * scale) &&
        near(got->max_abs, want->max_abs, scale) && near(got->norm, want->norm, want->norm))
        return;
    print_error("%s of layer %zu, record %zu: count %u zeros %u saturated %u mean %g variance %g "
                "most %g norm %.9g; the host: %u %u %u %g %g %g %.9g\n",
                which, i, col, (unsigned)got->count, (unsigned)got->zeros, (unsigned)got->saturated,
                (double)got->mean, (double)got->variance, (double)got->max_abs, (double)got->norm,
                (unsigned)want->count, (unsigned)want->zeros, (unsigned)want->saturated,
                (double)want->mean, (double)want->variance, (double)want->max_abs,
                (double)want->norm);
    fail();
}

static void compare_records(fixture *f, const host_net *h, size_t i, cl_mem records,
                            const double *dz, const char *which) {
    const size_t units = h->c->layers[i].units;
    clact_health *got = malloc((units + 1) * sizeof *got);
    assert_int_equal(clEnqueueReadBuffer(f->queue, records, CL_TRUE, 0, (units + 1) * sizeof *got,
                                         got, 0, NULL, NULL),
                     CL_SUCCESS);
    for (size_t col = 0; col <= units; col++) {
        const bool all = col == units;
        const clact_health want = see(h, i, dz, all ? 0 : col, all ? units : col + 1);
        compare(&got[col], &want, which, i, col);
    }
    free(got);
}

/* For each output and for all of a layer: activations forward, gradients of z backward */
static void health_is_what_the_host_sees(void **state) {
    fixture *f = *state;
    const net_case c = watched_case();
    net_batch b = batch_create(f, &c, 1);
    clact_net *net = watched_net(f, &c);
    host_net h = host_create(f, &c, &b, net);
    net_gradients(f, net, &b);
    for (size_t i = 0; i < 3; i++) {
        const size_t count = NET_ROWS * h.columns[i];
        cl_mem forward = NULL, backward = NULL;
        double *dz = malloc(count * sizeof *dz);
        require_success(f, clact_net_health(net, i, &forward, &backward), "health");
        for (size_t k = 0; k < count; k++)
            dz[k] = host_slope_of_z(&h, &h.z[i][k]);
        host_loss(&h);
        compare_records(f, &h, i, forward, NULL, "forward");
        compare_records(f, &h, i, backward, dz, "backward");
        free(dz);
    }
    const clact_health dead = see(&h, 0, NULL, DEAD, DEAD + 1);
    const clact_health flat = see(&h, 1, NULL, FLAT, FLAT + 1);
    assert_int_equal(dead.zeros, NET_ROWS);
    assert_int_equal(flat.saturated, NET_ROWS);
    host_release(&h);
    clact_net_destroy(net);
    batch_release(&b);
}

/* Steps and forward passes in between leave them, and dropout is no part of them. */
static void health_is_of_the_last_gradients(void **state) {
    fixture *f = *state;
    net_case c = watched_case();
    c.sweeps[0].dropout = 0.5f;
    net_batch b = batch_create(f, &c, 2);
    clact_net *net = watched_net(f, &c);
    host_net h = host_create(f, &c, &b, net);
    cl_mem forward = NULL;
    net_gradients(f, net, &b);
    net_step(f, net, &b, 1.0f);
    require_success(f, clact_net_forward(net, NET_ROWS, b.on_device.matrix, NULL), "forward");
    host_loss(&h);
    for (size_t i = 0; i < 3; i++) {
        require_success(f, clact_net_health(net, i, &forward, NULL), "health");
        compare_records(f, &h, i, forward, NULL, "forward");
    }
    host_release(&h);
    clact_net_destroy(net);
    batch_release(&b);
}

static void health_is_refused_where_there_is_none(void **state) {
    fixture *f = *state;
    net_case c = watched_case();
    cl_mem forward = NULL, backward = NULL;
    char message[128];
    clact_net *net = net_create(f, &c);
    assert_int_equal(clact_net_health(net, 3, &forward, &backward), CLACT_INVALID_ARGUMENT);
    clact_context_message(f->clact, message, sizeof message);
    assert_non_null(strstr(message, "layer"));
    assert_int_equal(clact_net_health(NULL, 0, &forward, &backward), CLACT_INVALID_ARGUMENT);
    clact_net_destroy(net);
    c.options.health = false;
    net = net_create(f, &c);
    assert_int_equal(clact_net_health(net, 0, &forward, &backward), CLACT_INVALID_ARGUMENT);
    clact_context_message(f->clact, message, sizeof message);
    assert_non_null(strstr(message, "health"));
    assert_null(forward);
    assert_null(backward);
    clact_net_destroy(net);
}

/* ---- warm-up ---- */

static net_case busy_case(void) {
    net_case c = watched_case();
    c.sweeps[0].dropout = 0.5f;
    c.options.max_norm = 0.1f;
    clact_optimizer_init(&c.optimizer, CLACT_OPTIMIZER_ADAM);
    return c;
}

/* In the middle of training, and training goes on as without it */
static void a_warm_up_leaves_parameters_states_and_steps(void **state) {
    fixture *f = *state;
    const net_case c = busy_case();
    net_batch b = batch_create(f, &c, 3);
    clact_net *net = net_create(f, &c), *other = net_create(f, &c);
    for (int i = 0; i < 3; i++) {
        net_step(f, net, &b, 0.1f);
        net_step(f, other, &b, 0.1f);
        require_success(f, clact_net_warm_up(net, i == 0 ? 1 : NET_ROWS), "warm-up");
        nets_are_the_same(f, net, other);
        assert_int_equal(clact_net_steps(net), i + 1);
    }
    clact_net_destroy(net);
    clact_net_destroy(other);
    batch_release(&b);
}

/* With all that a net may have, and with little */
static void after_a_warm_up_nothing_is_compiled(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        fixture f; /* whose context has no kernels yet */
        unsigned before = 0, after = 0;
        net_case c = i == 0 ? busy_case() : watched_case();
        c.options.health = i == 0;
        assert_true(fixture_open(&f, 0));
        net_batch b = batch_create(&f, &c, 4);
        clact_net *net = net_create(&f, &c);
        require_success(&f, clact_net_warm_up(net, NET_ROWS), "warm-up");
        clact_context_build_seconds(f.clact, &before);
        net_step(&f, net, &b, 0.1f);
        net_gradients(&f, net, &b);
        require_success(&f, clact_net_forward(net, NET_ROWS, b.on_device.matrix, NULL), "forward");
        clact_context_build_seconds(f.clact, &after);
        assert_true(before > 0);
        assert_int_equal(after, before);
        clact_net_destroy(net);
        batch_release(&b);
        fixture_close(&f);
    }
}

int main(void) {
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &f }
    const struct CMUnitTest tests[] = {
        CASE(health_is_what_the_host_sees),
        CASE(health_is_of_the_last_gradients),
        CASE(health_is_refused_where_there_is_none),
        CASE(a_warm_up_leaves_parameters_states_and_steps),
        CASE(after_a_warm_up_nothing_is_compiled),
    };
    const int failed = cmocka_run_group_tests_name("net health", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
