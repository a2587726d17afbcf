/* test_net_training.c: gradients of a network against differences of its loss, its steps against
 * the definitions of optimizers, dropout against the host's draws; what goes on where it stopped.
 */
#include "net_case.h"
#include "optimizer_exact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 5 - 8 (tanh) - 8 (gated silu) - 3, with biases that are not zero */
static net_case deep_case(void) {
    const size_t units[] = {8, 8, 3};
    net_case c = net_case_of(5, 3, units);
    c.sweeps[1].activation = CLACT_ACT_SILU;
    c.sweeps[1].gate = CLACT_GATE_FIRST;
    return c;
}

static net_case dropping_case(void) {
    net_case c = deep_case();
    c.sweeps[0].dropout = 0.25f;
    c.sweeps[1].dropout = 0.5f;
    return c;
}

static clact_net *deep_net(fixture *f, const net_case *c) {
    size_t count = 0;
    uint64_t seed = 21;
    clact_net *net = net_create(f, c);
    float *params = net_read(f, net, CLACT_NET_PARAMETERS, &count);
    for (size_t i = 0; i < count; i++)
        params[i] = 0.4f * random_normal(&seed);
    net_write(f, net, CLACT_NET_PARAMETERS, params);
    free(params);
    return net;
}

/* ---- gradients ---- */

/* What stands in the gradients is what differences of the host's loss say. Measured with
 * PoCL: 1.4e-7, of gradients up to 0.6 */
static void gradients_are_near(fixture *f, clact_net *net, host_net *h) {
    size_t count = 0;
    float *got = net_read(f, net, CLACT_NET_GRADIENTS, &count);
    assert_int_equal(count, h->num_params);
    for (size_t i = 0; i < count; i++) {
        const double want = host_slope(h, &h->params[i]);
        if (fabs((double)got[i] - want) > 5e-7) {
            print_error("gradient %zu of %zu: got %a, differences say %a\n", i, count,
                        (double)got[i], want);
            fail();
        }
    }
    free(got);
}

static void gradients_are_those_of_the_mean_loss(void **state) {
    fixture *f = *state;
    const net_case c = deep_case();
    net_batch b = batch_create(f, &c, 1);
    clact_net *net = deep_net(f, &c);
    host_net h = host_create(f, &c, &b, net);
    const double loss = (double)net_gradients(f, net, &b);
    assert_true(fabs(loss - host_loss(&h)) < 1e-6);
    gradients_are_near(f, net, &h);
    host_release(&h);
    clact_net_destroy(net);
    batch_release(&b);
}

static void gradients_do_not_drop(void **state) {
    fixture *f = *state;
    const net_case c = dropping_case();
    net_batch b = batch_create(f, &c, 2);
    clact_net *net = deep_net(f, &c);
    host_net h = host_create(f, &c, &b, net);
    net_step(f, net, &b, 0.0f);
    net_gradients(f, net, &b);
    gradients_are_near(f, net, &h);
    host_release(&h);
    clact_net_destroy(net);
    batch_release(&b);
}

static void gradients_leave_parameters_states_and_steps(void **state) {
    fixture *f = *state;
    net_case c = dropping_case();
    clact_optimizer_init(&c.optimizer, CLACT_OPTIMIZER_ADAM);
    net_batch b = batch_create(f, &c, 3);
    clact_net *net = deep_net(f, &c), *other = deep_net(f, &c);
    for (int i = 0; i < 3; i++) {
        net_step(f, net, &b, 0.1f);
        net_step(f, other, &b, 0.1f);
        net_gradients(f, net, &b);
        nets_are_the_same(f, net, other);
        assert_int_equal(clact_net_steps(net), i + 1);
    }
    clact_net_destroy(net);
    clact_net_destroy(other);
    batch_release(&b);
}

/* ---- dropout ---- */

/* By the gradients and loss of single steps, at learning rate 0 */
static void dropout_draws_by_seed_steps_and_layer(void **state) {
    fixture *f = *state;
    const uint64_t steps[] = {0, 1, UINT64_C(1) << 40};
    net_case c = dropping_case();
    c.options.seed = UINT64_C(0x123456789abcdef);
    net_batch b = batch_create(f, &c, 4);
    clact_net *net = deep_net(f, &c);
    host_net h = host_create(f, &c, &b, net);
    h.drops = true;
    for (int i = 0; i < 3; i++) {
        h.steps = steps[i];
        clact_net_set_steps(net, steps[i]);
        const double loss = (double)net_step(f, net, &b, 0.0f);
        assert_true(clact_net_steps(net) == steps[i] + 1);
        assert_true(fabs(loss - host_loss(&h)) < 1e-6);
        gradients_are_near(f, net, &h);
    }
    host_release(&h);
    clact_net_destroy(net);
    batch_release(&b);
}

static void forward_does_not_drop(void **state) {
    fixture *f = *state;
    const net_case c = dropping_case();
    float got[NET_ROWS * 3];
    clact_matrix output;
    net_batch b = batch_create(f, &c, 5);
    clact_net *net = deep_net(f, &c);
    host_net h = host_create(f, &c, &b, net);
    net_step(f, net, &b, 0.0f);
    require_success(f, clact_net_forward(net, NET_ROWS, b.on_device.matrix, &output), "forward");
    clEnqueueReadBuffer(f->queue, output.buffer, CL_TRUE, output.offset * sizeof *got, sizeof got,
                        got, 0, NULL, NULL);
    host_loss(&h);
    for (int i = 0; i < NET_ROWS * 3; i++)
        assert_true(fabs((double)got[i] - h.a[2][i]) < 1e-6);
    host_release(&h);
    clact_net_destroy(net);
    batch_release(&b);
}

static void dropout_repeats_itself_from_the_same_steps_alone(void **state) {
    fixture *f = *state;
    const net_case c = dropping_case();
    net_batch b = batch_create(f, &c, 6);
    size_t count = 0;
    float *params[3];
    for (int i = 0; i < 3; i++) {
        clact_net *net = deep_net(f, &c);
        clact_net_set_steps(net, i < 2 ? 5 : 6); /* momentum does not look at it */
        net_step(f, net, &b, 0.1f);
        params[i] = net_read(f, net, CLACT_NET_PARAMETERS, &count);
        clact_net_destroy(net);
    }
    assert_memory_equal(params[0], params[1], count * sizeof(float));
    assert_memory_not_equal(params[0], params[2], count * sizeof(float));
    for (int i = 0; i < 3; i++)
        free(params[i]);
    batch_release(&b);
}

static void dropout_does_not_go_with_a_saved_y(void **state) {
    net_case c = dropping_case();
    c.sweeps[0].saved = CLACT_SAVED_Y;
    net_refused(*state, &c, CLACT_SAVED_TENSOR, "dropout");
}

/* ---- optimizers ---- */

/* The factor that brings gradients down to max_norm, which 0 leaves alone */
static double clip_factor(const float *g, size_t count, double max_norm) {
    double squares = 0.0;
    for (size_t i = 0; i < count; i++)
        squares += (double)g[i] * (double)g[i];
    return max_norm > 0.0 && sqrt(squares) > max_norm ? max_norm / sqrt(squares) : 1.0;
}

/* Steps against the definition, which takes the gradients that the net has before each. Measured
 * with PoCL over 20 steps: 4.9e-7 of adamw, 2.7e-7 of the others. */
static void steps_follow(fixture *f, const net_case *c, int num_steps) {
    const double lr = (double)0.02f;
    net_batch b = batch_create(f, c, 7);
    clact_net *net = deep_net(f, c);
    size_t count = 0;
    float *params = net_read(f, net, CLACT_NET_PARAMETERS, &count);
    exact_weight *exact = calloc(count, sizeof *exact);
    for (size_t i = 0; i < count; i++)
        exact[i].w = (double)params[i];
    for (int t = 1; t <= num_steps; t++) {
        net_gradients(f, net, &b);
        float *g = net_read(f, net, CLACT_NET_GRADIENTS, NULL);
        const double factor = clip_factor(g, count, (double)c->options.max_norm);
        for (size_t i = 0; i < count; i++)
            exact_move(&exact[i], &c->optimizer, lr, factor * (double)g[i], t);
        net_step(f, net, &b, (float)lr);
        free(g);
    }
    free(params);
    params = net_read(f, net, CLACT_NET_PARAMETERS, NULL);
    for (size_t i = 0; i < count; i++)
        if (fabs((double)params[i] - exact[i].w) > 2e-6) {
            print_error("%s, clipped to %g, parameter %zu: got %a, exactly %a\n",
                        clact_optimizer_name(c->optimizer.kind), (double)c->options.max_norm, i,
                        (double)params[i], exact[i].w);
            fail();
        }
    free(params);
    free(exact);
    clact_net_destroy(net);
    batch_release(&b);
}

static void steps_are_those_of_the_optimizer(void **state) {
    for (int kind = 0; kind < CLACT_OPTIMIZER_COUNT; kind++) {
        net_case c = deep_case();
        clact_optimizer_init(&c.optimizer, (clact_optimizer_kind)kind);
        c.optimizer.weight_decay = 0.05f;
        steps_follow(*state, &c, 20);
    }
}

static void steps_clip_gradients_to_max_norm(void **state) {
    const float norms[] = {0.05f, 1000.0f};
    for (int i = 0; i < 2; i++) {
        net_case c = deep_case();
        c.options.max_norm = norms[i];
        steps_follow(*state, &c, 10);
        clact_optimizer_init(&c.optimizer, CLACT_OPTIMIZER_ADAM);
        c.optimizer.epsilon = 0.01f; /* or the size of gradients would cancel */
        steps_follow(*state, &c, 10);
    }
}

/* ---- arrays ---- */

static void arrays_hold_weight_and_bias_of_each_layer_in_turn(void **state) {
    fixture *f = *state;
    net_case c = deep_case();
    clact_optimizer_init(&c.optimizer, CLACT_OPTIMIZER_SGD);
    clact_net *net = net_create(f, &c);
    clact_matrix array, weight, bias;
    size_t count = 0, at = 0, inputs = c.options.inputs;
    require_success(f, clact_net_array(net, CLACT_NET_PARAMETERS, &array, &count), "array");
    for (size_t i = 0; i < 3; i++) {
        const size_t columns = (i == 1 ? 2 : 1) * c.layers[i].units;
        require_success(f, clact_net_layer(net, i, NULL, &weight, &bias), "layer");
        assert_ptr_equal(weight.buffer, array.buffer);
        assert_ptr_equal(bias.buffer, array.buffer);
        assert_int_equal(weight.offset, array.offset + at);
        assert_int_equal(bias.offset, array.offset + at + columns * inputs);
        at += columns * (inputs + 1);
        inputs = c.layers[i].units;
    }
    assert_int_equal(count, at);
    require_success(f, clact_net_array(net, CLACT_NET_GRADIENTS, &array, &count), "array");
    assert_non_null(array.buffer);
    assert_ptr_not_equal(array.buffer, weight.buffer);
    assert_int_equal(count, at);
    assert_int_equal(clact_net_array(net, (clact_net_part)4, &array, &count),
                     CLACT_INVALID_ARGUMENT);
    clact_net_destroy(net);
}

static void states_are_those_that_the_optimizer_has(void **state) {
    fixture *f = *state;
    for (int kind = 0; kind < CLACT_OPTIMIZER_COUNT; kind++) {
        net_case c = deep_case();
        clact_optimizer_init(&c.optimizer, (clact_optimizer_kind)kind);
        clact_net *net = net_create(f, &c);
        for (unsigned k = 0; k < 2; k++) {
            const bool is_there = k < clact_optimizer_states(c.optimizer.kind);
            clact_matrix array;
            size_t count = 1, all = 0;
            clact_net_array(net, CLACT_NET_PARAMETERS, NULL, &all);
            require_success(
                f,
                clact_net_array(net, (clact_net_part)(CLACT_NET_FIRST_STATE + k), &array, &count),
                "array");
            assert_true((array.buffer != NULL) == is_there);
            assert_int_equal(count, is_there ? all : 0);
        }
        clact_net_destroy(net);
    }
}

static void training_goes_on_with_the_same_bits(void **state) {
    fixture *f = *state;
    net_case c = dropping_case();
    clact_optimizer_init(&c.optimizer, CLACT_OPTIMIZER_ADAM);
    net_batch b = batch_create(f, &c, 8);
    clact_net *straight = deep_net(f, &c), *stopped = deep_net(f, &c), *later = net_create(f, &c);
    for (int i = 0; i < 10; i++)
        net_step(f, straight, &b, 0.1f);
    for (int i = 0; i < 5; i++)
        net_step(f, stopped, &b, 0.1f);
    for (int part = CLACT_NET_PARAMETERS; part <= CLACT_NET_SECOND_STATE; part++) {
        if (part == CLACT_NET_GRADIENTS) continue;
        float *values = net_read(f, stopped, (clact_net_part)part, NULL);
        net_write(f, later, (clact_net_part)part, values);
        free(values);
    }
    clact_net_set_steps(later, clact_net_steps(stopped));
    for (int i = 0; i < 5; i++)
        net_step(f, later, &b, 0.1f);
    assert_int_equal(clact_net_steps(later), 10);
    nets_are_the_same(f, straight, later);
    clact_net_destroy(straight);
    clact_net_destroy(stopped);
    clact_net_destroy(later);
    batch_release(&b);
}

int main(void) {
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &f }
    const struct CMUnitTest tests[] = {
        CASE(gradients_are_those_of_the_mean_loss),
        CASE(gradients_do_not_drop),
        CASE(gradients_leave_parameters_states_and_steps),
        CASE(dropout_draws_by_seed_steps_and_layer),
        CASE(forward_does_not_drop),
        CASE(dropout_repeats_itself_from_the_same_steps_alone),
        CASE(dropout_does_not_go_with_a_saved_y),
        CASE(steps_are_those_of_the_optimizer),
        CASE(steps_clip_gradients_to_max_norm),
        CASE(arrays_hold_weight_and_bias_of_each_layer_in_turn),
        CASE(states_are_those_that_the_optimizer_has),
        CASE(training_goes_on_with_the_same_bits),
    };
    const int failed = cmocka_run_group_tests_name("net training", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
