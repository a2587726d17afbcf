/* test_net_init.c: initial weights of a network: their distributions, that they repeat themselves,
 * their scaling to unit variance; options of training that are refused.
 */
#include "net_case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 200 - 150 - 100 - 50, 50000 numbers in all but the biases: enough for statistics */
static net_case large_case(clact_init init, float scale) {
    const size_t units[] = {150, 100, 50};
    net_case c = net_case_of(200, 3, units);
    c.options.init = init;
    c.options.init_scale = scale;
    return c;
}

/* Weights of layer i, rows x inputs, of a new net; zero biases are checked on the way. */
static float *initial_weights(fixture *f, const net_case *c, size_t i, size_t *rows,
                              size_t *inputs) {
    clact_net *net = net_create(f, c);
    size_t count = 0;
    clact_matrix weight, bias;
    float *params = net_read(f, net, CLACT_NET_PARAMETERS, &count);
    clact_net_layer(net, i, NULL, &weight, &bias);
    *rows = (c->sweeps[i].gate == CLACT_GATE_OFF ? 1 : 2) * c->layers[i].units;
    *inputs = i == 0 ? c->options.inputs : c->layers[i - 1].units;
    assert_int_equal(bias.offset, weight.offset + *rows * *inputs);
    for (size_t k = 0; k < *rows; k++)
        assert_true(params[bias.offset + k] == 0.0f);
    memmove(params, params + weight.offset, *rows * *inputs * sizeof *params);
    clact_net_destroy(net);
    return params;
}

/* ---- distributions ---- */

static void zeros_are_zero(void **state) {
    const net_case c = large_case(CLACT_INIT_ZEROS, 3.0f);
    for (size_t i = 0; i < 3; i++) {
        size_t rows, inputs;
        float *w = initial_weights(*state, &c, i, &rows, &inputs);
        for (size_t k = 0; k < rows * inputs; k++)
            assert_true(w[k] == 0.0f);
        free(w);
    }
}

/* Mean, deviation and the shares beyond one and two deviations, each within four of its own */
static void is_normal(const float *w, size_t n, double deviation) {
    double sum = 0.0, squares = 0.0, one = 0.0, two = 0.0;
    for (size_t k = 0; k < n; k++) {
        const double v = (double)w[k] / deviation;
        sum += v;
        squares += v * v;
        one += fabs(v) > 1.0;
        two += fabs(v) > 2.0;
    }
    const double root = sqrt((double)n), p1 = 0.31731, p2 = 0.0455;
    const double off[] = {sum / root, (squares - (double)n) / (root * sqrt(2.0)),
                          (one - p1 * (double)n) / (root * sqrt(p1 * (1 - p1))),
                          (two - p2 * (double)n) / (root * sqrt(p2 * (1 - p2)))};
    for (int k = 0; k < 4; k++)
        if (!(fabs(off[k]) < 4.0)) {
            print_error("statistic %d is %g deviations off\n", k, off[k]);
            fail();
        }
}

static void normal_has_the_normal_distribution(void **state) {
    const float scales[] = {0.0f, 0.3f};
    for (int s = 0; s < 2; s++) {
        const net_case c = large_case(CLACT_INIT_NORMAL, scales[s]);
        for (size_t i = 0; i < 3; i++) {
            size_t rows, inputs;
            float *w = initial_weights(*state, &c, i, &rows, &inputs);
            is_normal(w, rows * inputs, s == 0 ? 0.01 : (double)scales[s]);
            free(w);
        }
    }
}

/* Uniform up to a bound, which some come near; a deviation within four of its own */
static void is_uniform(const float *w, size_t n, double bound) {
    double sum = 0.0, squares = 0.0, least = 0.0, most = 0.0;
    for (size_t k = 0; k < n; k++) {
        const double v = (double)w[k] / bound;
        sum += v;
        squares += v * v;
        least = fmin(least, v);
        most = fmax(most, v);
    }
    const double root = sqrt((double)n);
    if (!(least >= -1.0 - 1e-6 && most <= 1.0 + 1e-6 && least < -0.995 && most > 0.995 &&
          fabs(sum) < 4.0 * root / sqrt(3.0) &&
          fabs(squares - (double)n / 3.0) < 4.0 * root * sqrt(4.0 / 45.0))) {
        print_error("from %g to %g of the bound %g, sums %g and %g of %zu\n", least, most, bound,
                    sum, squares, n);
        fail();
    }
}

static double xavier_bound(size_t rows, size_t inputs) {
    return sqrt(6.0 / (double)(inputs + rows));
}

static double he_bound(size_t rows, size_t inputs) {
    (void)rows;
    return sqrt(6.0 / (double)inputs);
}

static void check_uniform(fixture *f, const net_case *c, size_t i,
                          double bound(size_t rows, size_t inputs)) {
    size_t rows, inputs;
    const double scale = c->options.init_scale != 0.0f ? (double)c->options.init_scale : 1.0;
    float *w = initial_weights(f, c, i, &rows, &inputs);
    is_uniform(w, rows * inputs, scale * bound(rows, inputs));
    free(w);
}

static void xavier_and_he_are_uniform_up_to_their_bounds(void **state) {
    const float scales[] = {0.0f, 1.5f};
    for (int s = 0; s < 2; s++)
        for (size_t i = 0; i < 3; i++) {
            net_case c = large_case(CLACT_INIT_XAVIER, scales[s]);
            check_uniform(*state, &c, i, xavier_bound);
            c.sweeps[i].gate = CLACT_GATE_FIRST; /* twice the rows */
            check_uniform(*state, &c, i, xavier_bound);
            c.options.init = CLACT_INIT_HE;
            check_uniform(*state, &c, i, he_bound);
        }
}

static void by_default_it_is_he_and_xavier_in_the_output_layer(void **state) {
    const float scales[] = {0.0f, 2.0f};
    for (int s = 0; s < 2; s++) {
        const net_case c = large_case(CLACT_INIT_AUTO, scales[s]);
        check_uniform(*state, &c, 0, he_bound);
        check_uniform(*state, &c, 1, he_bound);
        check_uniform(*state, &c, 2, xavier_bound);
    }
}

/* W W^T, or with more rows than columns W^T W, is the identity times the square of the gain */
static void is_orthogonal(const float *w, size_t rows, size_t cols, double gain) {
    const bool wide = rows <= cols;
    const size_t count = wide ? rows : cols, n = wide ? cols : rows;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++) {
            double dot = 0.0;
            for (size_t k = 0; k < n; k++)
                dot += (double)w[wide ? i * cols + k : k * cols + i] *
                       (double)w[wide ? j * cols + k : k * cols + j];
            if (!(fabs(dot / (gain * gain) - (i == j)) < 1e-6)) {
                print_error("%zu x %zu: product of %zu and %zu is %.9g\n", rows, cols, i, j, dot);
                fail();
            }
        }
}

static void orthogonal_has_orthonormal_rows_or_columns(void **state) {
    const float scales[] = {0.0f, 1.25f};
    const size_t units[] = {20, 60, 60}; /* wide, tall and square */
    for (int s = 0; s < 2; s++)
        for (size_t i = 0; i < 3; i++) {
            net_case c = net_case_of(50, 3, units);
            c.options.init = CLACT_INIT_ORTHOGONAL;
            c.options.init_scale = scales[s];
            for (int gated = 0; gated < 2; gated++) {
                size_t rows, inputs;
                c.sweeps[i].gate = gated ? CLACT_GATE_LAST : CLACT_GATE_OFF;
                float *w = initial_weights(*state, &c, i, &rows, &inputs);
                is_orthogonal(w, rows, inputs, s == 0 ? 1.0 : (double)scales[s]);
                free(w);
            }
        }
}

static void weights_repeat_themselves_for_one_seed_alone(void **state) {
    for (int init = 0; init < CLACT_INIT_COUNT; init++) {
        const size_t units[] = {7, 9};
        net_case c = net_case_of(5, 2, units);
        size_t count = 0;
        float *params[3];
        c.options.init = (clact_init)init;
        for (int i = 0; i < 3; i++) {
            c.options.seed = i < 2 ? 4 : 5;
            clact_net *net = net_create(*state, &c);
            params[i] = net_read(*state, net, CLACT_NET_PARAMETERS, &count);
            clact_net_destroy(net);
        }
        assert_memory_equal(params[0], params[1], count * sizeof(float));
        if (init != CLACT_INIT_ZEROS)
            assert_memory_not_equal(params[0], params[2], count * sizeof(float));
        for (int i = 0; i < 3; i++)
            free(params[i]);
    }
}

static void each_initialiser_has_its_name(void **state) {
    static const char *const names[] = {"auto", "zeros", "normal", "xavier", "he", "orthogonal"};
    (void)state;
    assert_int_equal(CLACT_INIT_COUNT, 6);
    for (int i = 0; i < 6; i++)
        assert_string_equal(clact_init_name((clact_init)i), names[i]);
    assert_null(clact_init_name(CLACT_INIT_COUNT));
}

/* ---- unit variance ---- */

static double variance_of(const double *z, size_t n) {
    double mean = 0.0, squares = 0.0;
    for (size_t k = 0; k < n; k++)
        mean += z[k] / (double)n;
    for (size_t k = 0; k < n; k++)
        squares += (z[k] - mean) * (z[k] - mean);
    return squares / (double)n;
}

static void has_unit_variance(fixture *f, const net_case *c) {
    net_batch b = batch_create(f, c, 3);
    clact_net *net = net_create(f, c);
    require_success(f, clact_net_unit_variance(net, NET_ROWS, b.on_device.matrix), "variance");
    host_net h = host_create(f, c, &b, net);
    host_loss(&h);
    for (size_t i = 0; i < c->options.num_layers; i++) {
        const double variance = variance_of(h.z[i], NET_ROWS * h.columns[i]);
        if (!(fabs(variance - 1.0) < 1e-3)) {
            print_error("variance of layer %zu: %g\n", i, variance);
            fail();
        }
    }
    host_release(&h);
    clact_net_destroy(net);
    batch_release(&b);
}

static void unit_variance_is_that_of_what_each_layer_adds_up(void **state) {
    const clact_activation activations[] = {CLACT_ACT_RELU, CLACT_ACT_TANH, CLACT_ACT_SILU};
    const clact_saved saved[] = {CLACT_SAVED_MASK, CLACT_SAVED_Y, CLACT_SAVED_X};
    const clact_init inits[] = {CLACT_INIT_ORTHOGONAL, CLACT_INIT_NORMAL};
    const size_t units[] = {17, 9, 4};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++) {
            net_case c = net_case_of(6, 3, units);
            for (int layer = 0; layer < 2; layer++) {
                clact_sweep *s = &c.sweeps[layer];
                s->activation = activations[i];
                s->saved = saved[i];
                s->gate = i == 2 ? CLACT_GATE_FIRST : CLACT_GATE_OFF;
                s->dropout = i == 0 && layer == 0 ? 0.5f : 0.0f; /* no part of it */
            }
            c.options.init = inits[k];
            has_unit_variance(*state, &c);
        }
}

static void a_layer_of_constant_z_stays_as_it_is(void **state) {
    fixture *f = *state;
    const size_t units[] = {6, 3};
    net_case c = net_case_of(4, 2, units);
    net_batch b = batch_create(f, &c, 3);
    size_t count = 0;
    c.options.init = CLACT_INIT_ZEROS;
    clact_net *net = net_create(f, &c);
    require_success(f, clact_net_unit_variance(net, NET_ROWS, b.on_device.matrix), "variance");
    float *params = net_read(f, net, CLACT_NET_PARAMETERS, &count);
    for (size_t i = 0; i < count; i++)
        assert_true(same_bits(params[i], 0.0f));
    free(params);
    clact_net_destroy(net);
    batch_release(&b);
}

static void unit_variance_is_of_rows_that_the_net_takes(void **state) {
    fixture *f = *state;
    const size_t units[] = {3};
    const net_case c = net_case_of(4, 1, units);
    char message[128];
    net_batch b = batch_create(f, &c, 3);
    clact_net *net = net_create(f, &c);
    assert_int_equal(clact_net_unit_variance(net, NET_ROWS + 1, b.on_device.matrix),
                     CLACT_INVALID_ARGUMENT);
    clact_context_message(f->clact, message, sizeof message);
    assert_non_null(strstr(message, "max_rows"));
    assert_int_equal(clact_net_unit_variance(NULL, 1, b.on_device.matrix), CLACT_INVALID_ARGUMENT);
    clact_net_destroy(net);
    batch_release(&b);
}

/* ---- refusals ---- */

static void options_that_cannot_train_are_refused(void **state) {
    const size_t units[] = {3};
    const net_case good = net_case_of(2, 1, units);
    net_case c = good;
    c.options.init = CLACT_INIT_COUNT;
    net_refused(*state, &c, CLACT_INVALID_ARGUMENT, "init");
    c = good;
    c.options.init = (clact_init)-1;
    net_refused(*state, &c, CLACT_INVALID_ARGUMENT, "init");
    for (int i = 0; i < 2; i++) {
        c = good;
        c.options.init_scale = i == 0 ? NAN : INFINITY;
        net_refused(*state, &c, CLACT_INVALID_ARGUMENT, "init_scale");
        c = good;
        c.options.max_norm = i == 0 ? NAN : -1.0f;
        net_refused(*state, &c, CLACT_INVALID_ARGUMENT, "max_norm");
    }
}

static void optimizers_that_are_not_legal_are_refused(void **state) {
    const size_t units[] = {3};
    const net_case good = net_case_of(2, 1, units);
    net_case c = good;
    c.optimizer.beta2 = 1.0f;
    net_refused(*state, &c, CLACT_PARAMETER_RANGE, "beta2");
    c = good;
    c.optimizer.epsilon = 0.0f;
    net_refused(*state, &c, CLACT_PARAMETER_RANGE, "epsilon");
    c = good;
    c.optimizer.weight_decay = -1.0f;
    net_refused(*state, &c, CLACT_PARAMETER_RANGE, "weight_decay");
    c = good;
    c.optimizer.struct_size = 0;
    net_refused(*state, &c, CLACT_INVALID_ARGUMENT, "clact_optimizer_init");
    c = good;
    c.optimizer.kind = CLACT_OPTIMIZER_COUNT;
    net_refused(*state, &c, CLACT_INVALID_ARGUMENT, "clact_optimizer_init");
}

int main(void) {
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &f }
    const struct CMUnitTest tests[] = {
        CASE(zeros_are_zero),
        CASE(normal_has_the_normal_distribution),
        CASE(xavier_and_he_are_uniform_up_to_their_bounds),
        CASE(by_default_it_is_he_and_xavier_in_the_output_layer),
        CASE(orthogonal_has_orthonormal_rows_or_columns),
        CASE(weights_repeat_themselves_for_one_seed_alone),
        CASE(each_initialiser_has_its_name),
        CASE(unit_variance_is_that_of_what_each_layer_adds_up),
        CASE(a_layer_of_constant_z_stays_as_it_is),
        CASE(unit_variance_is_of_rows_that_the_net_takes),
        CASE(options_that_cannot_train_are_refused),
        CASE(optimizers_that_are_not_legal_are_refused),
    };
    const int failed = cmocka_run_group_tests_name("net initial weights", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
