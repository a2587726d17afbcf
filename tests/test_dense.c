/* test_dense.c: dense layers against a model in double precision, their gradients against its
 * differences, and all bits against a product and one pass after the other.
 */
#include "dense_case.h"

#include "net/own.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

/* ---- layers with each stage once, and with all ---- */

typedef struct variant {
    const char *name;
    clact_activation activation;
    clact_saved saved;
    clact_gate gate;
    bool bias, slopes, residual, health;
    float dropout, scale;
} variant;

static const variant variants[] = {
    {"tanh from x", CLACT_ACT_TANH, .bias = true},
    {"tanh from y", CLACT_ACT_TANH, .saved = CLACT_SAVED_Y, .bias = true},
    {"relu from a mask", CLACT_ACT_RELU, .saved = CLACT_SAVED_MASK, .bias = true},
    {"sigmoid from a tail", CLACT_ACT_SIGMOID, .saved = CLACT_SAVED_TAIL, .bias = true},
    {"a linear layer", CLACT_ACT_IDENTITY, .saved = CLACT_SAVED_NOTHING, .bias = true},
    {"no stage at all", CLACT_ACT_IDENTITY, .saved = CLACT_SAVED_NOTHING},
    {"slopes", CLACT_ACT_PRELU, .slopes = true},
    {"gate first", CLACT_ACT_SILU, .gate = CLACT_GATE_FIRST},
    {"gate last", CLACT_ACT_SIGMOID, .gate = CLACT_GATE_LAST, .bias = true},
    {"dropout", CLACT_ACT_TANH, .dropout = 0.3f},
    {"scale", CLACT_ACT_TANH, .scale = -0.5f},
    {"residual", CLACT_ACT_TANH, .residual = true},
    {"health", CLACT_ACT_TANH, .health = true},
    {"everything", CLACT_ACT_SILU, .gate = CLACT_GATE_FIRST, .bias = true, .residual = true,
     .health = true, .dropout = 0.3f, .scale = 0.75f},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

static const dense_shape shapes[] = {{1, 5, 3, 0}, {7, 6, 11, 3}, {37, 13, 67, 0}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static clact_sweep sweep_of(const variant *v) {
    clact_sweep s;
    clact_sweep_init(&s, v->activation);
    s.saved = v->saved;
    s.gate = v->gate;
    s.bias = v->bias;
    s.slopes = v->slopes;
    s.residual = v->residual;
    s.health = v->health;
    s.dropout = v->dropout;
    s.scale = v->scale != 0.0f ? v->scale : 1.0f;
    return s;
}

typedef void variant_check(dense_case *c, const char *name);

static void for_each(void **state, clact_products products, variant_check *check) {
    for (int v = 0; v < VARIANTS; v++) {
        for (int i = 0; i < SHAPES; i++) {
            const clact_sweep s = sweep_of(&variants[v]);
            dense_case c;
            dense_case_init(&c, *state, &s, shapes[i]);
            c.layer.products = products;
            check(&c, variants[v].name);
            dense_case_release(&c);
        }
    }
}

/* ---- the model ---- */

static double *widened(const float *values, size_t n) {
    double *wide = malloc(n * sizeof *wide);
    for (size_t i = 0; i < n; i++)
        wide[i] = (double)values[i];
    return wide;
}

static double worst; /* deviation from the model so far, of what is allowed */

/* Within 2^-18 (1 + |want|): sums of at most 134 products of numbers around 1. At most 1.24e-6 was
 * seen, a third of it, on PoCL 3.1 with AVX-512. */
static void expect_near(const char *name, const dense_shape *s, const char *tensor, size_t i,
                        float got, double want) {
    const double off = fabs((double)got - want) / (1.0 + fabs(want));
    if (off > worst) worst = off;
    if (off <= 0x1p-18) return;
    print_error("%s, %zu x %zu to %zu: %s[%zu] is %a (%.9g), the model says %.9g\n", name, s->rows,
                s->inputs, s->outputs, tensor, i, (double)got, (double)got, want);
    fail();
}

/* The gradient against the central difference of the model's loss in what it is the gradient of. */
static void check_gradient(dense_case *c, const char *name, double *values[TENSOR_COUNT],
                           dense_tensor by, dense_tensor gradient, const char *tensor) {
    const size_t n = dense_case_size(c, by), step = n > 40 ? n / 40 : 1;
    const double h = 1e-5;
    if (!dense_case_has(c, gradient)) return;
    for (size_t i = 0; i < n; i += step) {
        double *value = &values[by][i], old = *value;
        *value = old + h;
        const double above = dense_model_loss(c, (const double *const *)values);
        *value = old - h;
        const double below = dense_model_loss(c, (const double *const *)values);
        *value = old;
        expect_near(name, &c->shape, tensor, i, c->host[gradient][i], (above - below) / (2.0 * h));
    }
}

static void check_model(dense_case *c, const char *name) {
    const size_t n = c->shape.rows * c->shape.outputs;
    double *values[TENSOR_COUNT], *y = malloc(n * sizeof *y);
    for (int t = 0; t < TENSOR_COUNT; t++)
        values[t] = widened(c->host[t], dense_case_size(c, (dense_tensor)t));
    dense_model_forward(c, (const double *const *)values, y);
    dense_case_forward(c);
    for (size_t i = 0; i < n; i++)
        expect_near(name, &c->shape, "y", i, c->host[TENSOR_Y][i], y[i]);
    dense_case_backward(c);
    check_gradient(c, name, values, TENSOR_WEIGHT, TENSOR_DWEIGHT, "dweight");
    check_gradient(c, name, values, TENSOR_X, TENSOR_DX, "dx");
    check_gradient(c, name, values, TENSOR_BIAS, TENSOR_DBIAS, "dbias");
    check_gradient(c, name, values, TENSOR_SLOPES, TENSOR_DSLOPES, "dslopes");
    check_gradient(c, name, values, TENSOR_RESIDUAL, TENSOR_DRESIDUAL, "dresidual");
    for (int t = 0; t < TENSOR_COUNT; t++)
        free(values[t]);
    free(y);
}

static void layers_and_gradients_match_the_model(void **state) {
    worst = 0.0;
    for_each(state, CLACT_PRODUCTS_OWN, check_model);
    for_each(state, CLACT_PRODUCTS_CLBLAST, check_model);
    printf("greatest deviation from the model: %.3g of 1 + its value\n", worst);
}

/* ---- the chain ---- */

static void check_chain(dense_case *c, const char *name) {
    static const dense_tensor compared[] = {TENSOR_Y,     TENSOR_DZ,      TENSOR_DWEIGHT,
                                            TENSOR_DBIAS, TENSOR_DSLOPES, TENSOR_DRESIDUAL,
                                            TENSOR_DX};
    float *chain[TENSOR_COUNT] = {NULL};
    for (size_t k = 0; k < sizeof compared / sizeof *compared; k++)
        chain[compared[k]] = malloc(dense_case_size(c, compared[k]) * sizeof(float));
    dense_chain_run(c, chain);
    dense_case_forward(c);
    dense_case_backward(c);
    /* from y the tail and the bits of the gradient differ; its model has been checked */
    const bool from_x = c->sweep.saved != CLACT_SAVED_Y && c->sweep.saved != CLACT_SAVED_TAIL;
    for (size_t k = 0; k < sizeof compared / sizeof *compared; k++) {
        const dense_tensor t = compared[k];
        const bool wanted = t == TENSOR_Y || (from_x && (t == TENSOR_DZ || dense_case_has(c, t)));
        for (size_t i = 0; wanted && i < dense_case_size(c, t); i++) {
            if (same_bits(c->host[t][i], chain[t][i])) continue;
            print_error("%s: tensor %d [%zu] is %a, the chain has %a\n", name, (int)t, i,
                        (double)c->host[t][i], (double)chain[t][i]);
            fail();
        }
        free(chain[t]);
    }
}

static void layers_have_the_bits_of_a_product_and_single_passes(void **state) {
    for_each(state, CLACT_PRODUCTS_OWN, check_chain);
    for_each(state, CLACT_PRODUCTS_CLBLAST, check_chain);
}

/* ---- where tensors may stand, and what they hold ---- */

static void check_in_place(dense_case *c, const char *name) {
    static const dense_tensor kept[] = {TENSOR_Y, TENSOR_DWEIGHT, TENSOR_DX};
    float *apart[3];
    if (c->sweep.saved == CLACT_SAVED_X || c->sweep.gate != CLACT_GATE_OFF) return;
    dense_case_forward(c);
    dense_case_backward(c);
    for (int k = 0; k < 3; k++) {
        const size_t n = dense_case_size(c, kept[k]);
        apart[k] = malloc(n * sizeof *apart[k]);
        memcpy(apart[k], c->host[kept[k]], n * sizeof *apart[k]);
    }
    dense_case_in_place(c);
    dense_case_forward(c);
    dense_case_backward(c);
    for (int k = 0; k < 3; k++) {
        if (memcmp(apart[k], c->host[kept[k]], dense_case_size(c, kept[k]) * sizeof(float)) != 0) {
            print_error("%s: other bits in place\n", name);
            fail();
        }
        free(apart[k]);
    }
}

static void y_may_be_z_and_dz_be_dy(void **state) {
    for_each(state, CLACT_PRODUCTS_AUTO, check_in_place);
}

/* beta 0 takes nothing from a NaN; other betas add what is there. */
static void gradients_accumulate_and_stale_nans_do_not(void **state) {
    const float betas[] = {0.0f, 1.0f, -0.5f};
    clact_sweep s = sweep_of(&variants[0]);
    float fresh[67 * 13], fresh_x[37 * 13], old[67 * 13], old_x[37 * 13], fresh_bias[67];
    for (int k = 0; k < 3; k++) {
        dense_case c;
        s.accumulate = betas[k] != 0.0f ? (unsigned)CLACT_GRADIENT_BIAS : 0;
        s.beta = betas[k];
        dense_case_init(&c, *state, &s, shapes[2]);
        c.layer.weight_beta = c.layer.x_beta = betas[k];
        for (int t = TENSOR_Z; t < TENSOR_COUNT && k == 0; t++) {
            for (size_t i = 0; i < dense_case_size(&c, (dense_tensor)t); i++)
                c.host[t][i] = NAN;
            dense_case_write(&c, (dense_tensor)t);
        }
        memcpy(old, c.host[TENSOR_DWEIGHT], sizeof old);
        memcpy(old_x, c.host[TENSOR_DX], sizeof old_x);
        const float old_bias = c.host[TENSOR_DBIAS][3];
        dense_case_forward(&c);
        dense_case_backward(&c);
        if (k == 0) {
            memcpy(fresh, c.host[TENSOR_DWEIGHT], sizeof fresh);
            memcpy(fresh_x, c.host[TENSOR_DX], sizeof fresh_x);
            memcpy(fresh_bias, c.host[TENSOR_DBIAS], sizeof fresh_bias);
            assert_true(isfinite(fresh[5]) && isfinite(fresh_x[5]));
        }
        for (size_t i = 0; k > 0 && i < sizeof old / sizeof *old; i++)
            expect_near("beta", &c.shape, "dweight", i, c.host[TENSOR_DWEIGHT][i],
                        (double)fresh[i] + (double)betas[k] * (double)old[i]);
        for (size_t i = 0; k > 0 && i < sizeof old_x / sizeof *old_x; i++)
            expect_near("beta", &c.shape, "dx", i, c.host[TENSOR_DX][i],
                        (double)fresh_x[i] + (double)betas[k] * (double)old_x[i]);
        if (k > 0)
            expect_near("beta", &c.shape, "dbias", 3, c.host[TENSOR_DBIAS][3],
                        (double)fresh_bias[3] + (double)betas[k] * (double)old_bias);
        dense_case_release(&c);
    }
}

/* What is not asked for is neither computed nor looked at. */
static void gradients_may_be_left_out(void **state) {
    const clact_sweep s = sweep_of(&variants[0]);
    const clact_matrix none = {NULL, 0, 0};
    dense_case c;
    dense_case_init(&c, *state, &s, shapes[1]);
    const float before = c.host[TENSOR_DWEIGHT][0], before_x = c.host[TENSOR_DX][0];
    const clact_dense_backward_tensors all = c.backward;
    dense_case_forward(&c);
    c.backward.dweight = c.backward.x = none;
    dense_case_backward(&c);
    assert_true(c.host[TENSOR_DWEIGHT][0] == before && c.host[TENSOR_DX][0] != before_x);
    const float dx = c.host[TENSOR_DX][0];
    c.backward = all;
    c.backward.dx = c.backward.weight = none;
    c.host[TENSOR_DX][0] = before_x;
    dense_case_write(&c, TENSOR_DX);
    dense_case_backward(&c);
    assert_true(c.host[TENSOR_DWEIGHT][0] != before && c.host[TENSOR_DX][0] == before_x);
    assert_true(dx != before_x);
    dense_case_release(&c);
}

static void without_rows_sums_are_zero_and_weights_scaled(void **state) {
    const float betas[] = {0.0f, 1.0f, -0.5f};
    const clact_sweep s = sweep_of(&variants[0]);
    for (int k = 0; k < 3; k++) {
        dense_case c;
        dense_case_init(&c, *state, &s, shapes[1]);
        if (k == 0) c.host[TENSOR_DWEIGHT][20] = NAN;
        dense_case_write(&c, TENSOR_DWEIGHT);
        const float dweight = c.host[TENSOR_DWEIGHT][20], y = c.host[TENSOR_Y][0];
        c.layer.weight_beta = betas[k];
        c.forward.epilogue.rows = c.backward.epilogue.rows = 0;
        c.forward.weight.buffer = c.forward.x.buffer = c.forward.epilogue.y.buffer = NULL;
        c.backward.x.buffer = c.backward.epilogue.dy.buffer = NULL;
        dense_case_forward(&c);
        dense_case_backward(&c);
        assert_true(c.host[TENSOR_Y][0] == y);
        assert_true(c.host[TENSOR_DWEIGHT][20] == (k == 0 ? 0.0f : betas[k] * dweight));
        for (size_t i = 0; i < c.columns; i++)
            assert_true(c.host[TENSOR_DBIAS][i] == 0.0f);
        dense_case_release(&c);
    }
}

/* z and y may be one matrix, however its leading dimension is written, also where there is no sweep
 * at all. */
static void z_and_y_are_one_however_written(void **state) {
    for (int v = 4; v <= 5; v++) {
        const clact_sweep s = sweep_of(&variants[v]);
        dense_case c;
        dense_case_init(&c, *state, &s, shapes[2]);
        dense_case_forward(&c);
        float want = c.host[TENSOR_Y][40];
        c.forward.epilogue.x = c.forward.epilogue.y;
        c.forward.epilogue.x.ld = 0;
        c.host[TENSOR_Y][40] = NAN;
        dense_case_write(&c, TENSOR_Y);
        dense_case_forward(&c);
        assert_true(c.host[TENSOR_Y][40] == want);
        dense_case_release(&c);
    }
}

static void own_products_are_for_cpus_and_not_for_many_small_ones(void **state) {
    (void)state;
    const cl_device_type cpu = CL_DEVICE_TYPE_CPU | CL_DEVICE_TYPE_DEFAULT;
    assert_true(own_suits(cpu, true, 1, 1.0));
    assert_true(own_suits(cpu, true, 64, 32.0 * 32.0 * 32.0));
    assert_false(own_suits(cpu, true, 64, 16.0 * 16.0 * 16.0));
    assert_false(own_suits(cpu, false, 1, 1e9)); /* fma would be a call */
    assert_false(own_suits(CL_DEVICE_TYPE_GPU, true, 1, 1e9));
    assert_false(own_suits(CL_DEVICE_TYPE_ALL, true, 1, 1e9)); /* Oclgrind says so */
}

static void layers_wait_for_events(void **state) {
    fixture *f = *state;
    const clact_sweep s = sweep_of(&variants[4]);
    dense_case c;
    dense_case_init(&c, f, &s, shapes[0]);
    cl_event gate = clCreateUserEvent(f->context, NULL), done = NULL;
    cl_int progress = CL_COMPLETE;
    require_success(
        f, clact_dense_forward(f->clact, f->queue, &c.layer, &c.forward, 1, &gate, &done), "fwd");
    clFlush(f->queue);
    thrd_sleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* time to go wrong */
    clGetEventInfo(done, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof progress, &progress, NULL);
    const bool waited = progress != CL_COMPLETE;
    clSetUserEventStatus(gate, CL_COMPLETE);
    clWaitForEvents(1, &done);
    assert_true(waited);
    clReleaseEvent(gate);
    clReleaseEvent(done);
    dense_case_release(&c);
}

/* Of what a layer without rows saw: nothing. */
static void health_is_of_the_layer(void **state) {
    fixture *f = *state;
    const clact_sweep s = sweep_of(&variants[12]);
    clact_health seen[12];
    dense_case c;
    dense_case_init(&c, f, &s, shapes[1]);
    dense_case_forward(&c);
    clEnqueueReadBuffer(f->queue, c.health, CL_TRUE, 0, sizeof seen, seen, 0, NULL, NULL);
    assert_int_equal(seen[11].count, 7 * 11);
    assert_int_equal(seen[0].count, 7);
    dense_case_release(&c);
}

/* All kernels in one build */
static void compile(fixture *f) {
    clact_sweep sweeps[VARIANTS];
    for (int v = 0; v < VARIANTS; v++)
        sweeps[v] = sweep_of(&variants[v]);
    require_success(f, clact_warm_up(f->clact, sweeps, VARIANTS, true), "warm-up");
}

int main(void) {
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
    compile(&f);
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &f }
    const struct CMUnitTest tests[] = {
        CASE(layers_and_gradients_match_the_model),
        CASE(layers_have_the_bits_of_a_product_and_single_passes),
        CASE(y_may_be_z_and_dz_be_dy),
        CASE(gradients_accumulate_and_stale_nans_do_not),
        CASE(gradients_may_be_left_out),
        CASE(without_rows_sums_are_zero_and_weights_scaled),
        CASE(z_and_y_are_one_however_written),
        CASE(own_products_are_for_cpus_and_not_for_many_small_ones),
        CASE(layers_wait_for_events),
        CASE(health_is_of_the_layer),
    };
    const int failed = cmocka_run_group_tests_name("dense", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
