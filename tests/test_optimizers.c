/* test_optimizers.c: optimizer steps on the device against the definitions in double over 100
 * steps, and bit for bit against the same text as C; norms of gradients; lists of tensors.
 *
 * The argument is a vector width, or `small` for simulators.
 */
#include "device_fixture.h"
#include "optimizer_build.h"
#include "optimizer_exact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 1003, TENSORS = 11 };

static bool is_small; /* for simulators */
static int num_steps = 100;

/* What the library passes for step t: see clact_optimizer in clact.h */
static void numbers_of(const clact_optimizer *o, double lr, int t, float *n) {
    const bool w = o->kind == CLACT_OPTIMIZER_ADAMW, adam = o->kind == CLACT_OPTIMIZER_ADAM || w;
    const double b1 = (double)o->beta1, b2 = (double)o->beta2, decay = (double)o->weight_decay;
    n[0] = (float)(adam ? lr / (1.0 - pow(b1, t)) : lr);
    n[1] = (float)(w ? decay * lr : decay);
    n[2] = adam ? o->beta1 : o->momentum;
    n[3] = (float)(1.0 - b1);
    n[4] = o->beta2;
    n[5] = (float)(1.0 - b2);
    n[6] = o->epsilon;
    n[7] = (float)(adam ? 1.0 / sqrt(1.0 - pow(b2, t)) : 1.0);
}

/* ---- on the device ---- */

typedef struct tensor {
    size_t count;
    float *w, *g, *m, *v;
    exact_weight *exact;
    guarded on_device[4];
} tensor;

static tensor tensor_create(fixture *f, size_t count, uint64_t seed) {
    tensor t = {.count = count, .exact = calloc(count + 1, sizeof *t.exact)};
    float **const arrays[4] = {&t.w, &t.g, &t.m, &t.v};
    for (int k = 0; k < 4; k++) {
        *arrays[k] = calloc(count + 1, sizeof(float));
        t.on_device[k] = guarded_create(f, 1, count > 0 ? count : 1, (size_t)k, 0);
    }
    if (count == 0) return t;
    for (size_t i = 0; i < count; i++)
        t.exact[i].w = (double)(t.w[i] = random_normal(&seed));
    guarded_write(f, &t.on_device[0], t.w);
    guarded_write(f, &t.on_device[2], t.m);
    guarded_write(f, &t.on_device[3], t.v);
    return t;
}

static void tensor_release(tensor *t) {
    for (int k = 0; k < 4; k++)
        guarded_release(&t->on_device[k]);
    free(t->w);
    free(t->g);
    free(t->m);
    free(t->v);
    free(t->exact);
}

/* New gradients over many magnitudes, on the host and the device */
static void tensor_deal(fixture *f, tensor *t, uint64_t seed) {
    for (size_t i = 0; i < t->count; i++)
        t->g[i] = random_normal(&seed) * exp2f((float)(i % 24) - 16.0f);
    if (t->count > 0) guarded_write(f, &t->on_device[1], t->g);
}

static clact_parameter_tensor as_parameter(const tensor *t) {
    return (clact_parameter_tensor){t->count, t->on_device[0].matrix, t->on_device[1].matrix,
                                    t->on_device[2].matrix, t->on_device[3].matrix};
}

static void compare(fixture *f, const tensor *t, const clact_optimizer *o, int k,
                    const float *want) {
    float *got = calloc(t->count + 1, sizeof *got);
    if (t->count > 0) guarded_read(f, &t->on_device[k], got);
    for (size_t i = 0; i < t->count; i++)
        if (memcmp(&got[i], &want[i], sizeof *got) != 0) {
            print_error("%s, matrix %d, element %zu of %zu: got %a, C has %a\n",
                        clact_optimizer_name(o->kind), k, i, t->count, (double)got[i],
                        (double)want[i]);
            fail();
        }
    free(got);
}

/* Measured over 100 steps, relative to weights of 1 and more: 1.33e-5 of nesterov, 1.03e-5 of
 * momentum, whose states add up ten gradients, 1.5e-6 of the others. */
static void near_exact(const tensor *t, const clact_optimizer *o) {
    const bool sums = o->kind == CLACT_OPTIMIZER_MOMENTUM || o->kind == CLACT_OPTIMIZER_NESTEROV;
    for (size_t i = 0; i < t->count; i++) {
        const double error = fabs((double)t->w[i] - t->exact[i].w);
        if (error > (sums ? 2e-5 : 2e-6) * fmax(1.0, fabs(t->exact[i].w))) {
            print_error("%s, element %zu: got %a, exactly %a\n", clact_optimizer_name(o->kind), i,
                        (double)t->w[i], t->exact[i].w);
            fail();
        }
    }
}

static void run_steps(fixture *f, const clact_optimizer *o, tensor *tensors, size_t count) {
    const float lr = 0.01f;
    const clact_matrix none = {NULL, 0, 0};
    clact_parameter_tensor parameters[TENSORS];
    for (int t = 1; t <= num_steps; t++) {
        float n[8];
        numbers_of(o, (double)lr, t, n);
        for (size_t k = 0; k < count; k++) {
            parameters[k] = as_parameter(&tensors[k]);
            tensor_deal(f, &tensors[k], (uint64_t)(100 * t) + k);
            for (size_t i = 0; i < tensors[k].count; i++) {
                exact_move(&tensors[k].exact[i], o, (double)lr, (double)tensors[k].g[i], t);
                update_in_c[o->kind](n, &tensors[k].w[i], tensors[k].g[i], &tensors[k].m[i],
                                     &tensors[k].v[i]);
            }
        }
        require_success(f,
                        clact_optimizer_step(f->clact, f->queue, o, lr, (uint64_t)t, count,
                                             parameters, none, 0, NULL, NULL),
                        "step");
    }
}

static void check_optimizer(fixture *f, const clact_optimizer *o, const size_t *counts,
                            size_t count) {
    tensor tensors[TENSORS];
    for (size_t k = 0; k < count; k++)
        tensors[k] = tensor_create(f, counts[k], 7 + k);
    run_steps(f, o, tensors, count);
    for (size_t k = 0; k < count; k++) {
        compare(f, &tensors[k], o, 0, tensors[k].w);
        if (clact_optimizer_states(o->kind) > 0) compare(f, &tensors[k], o, 2, tensors[k].m);
        if (clact_optimizer_states(o->kind) > 1) compare(f, &tensors[k], o, 3, tensors[k].v);
        near_exact(&tensors[k], o);
        tensor_release(&tensors[k]);
    }
}

static void optimizers_do_what_their_definitions_say(void **state) {
    const size_t one[] = {is_small ? 37 : N};
    for (int kind = 0; kind < CLACT_OPTIMIZER_COUNT; kind++)
        for (int decay = is_small; decay < 2; decay++) {
            clact_optimizer o;
            clact_optimizer_init(&o, (clact_optimizer_kind)kind);
            o.weight_decay = decay ? 0.1f : 0.0f;
            check_optimizer(*state, &o, one, 1);
        }
}

/* More than one kernel takes, one of each awkward size, an empty one between */
static void a_list_of_tensors_is_updated_at_once(void **state) {
    const size_t counts[TENSORS] = {1,  17, 0, is_small ? 5 : 256, is_small ? 9 : 1003, 15, 16, 2,
                                    33, 64, 3};
    const int steps = num_steps;
    clact_optimizer o;
    clact_optimizer_init(&o, CLACT_OPTIMIZER_ADAM);
    num_steps = is_small ? 1 : 3;
    check_optimizer(*state, &o, counts, TENSORS);
    clact_optimizer_init(&o, CLACT_OPTIMIZER_NESTEROV);
    check_optimizer(*state, &o, counts, TENSORS);
    num_steps = steps;
}

static void an_empty_list_is_fine(void **state) {
    fixture *f = *state;
    const clact_matrix none = {NULL, 0, 0};
    const clact_parameter_tensor empty = {0, none, none, none, none};
    clact_optimizer o;
    cl_event event = NULL;
    clact_optimizer_init(&o, CLACT_OPTIMIZER_SGD);
    require_success(
        f, clact_optimizer_step(f->clact, f->queue, &o, 0.1f, 1, 1, &empty, none, 0, NULL, &event),
        "step");
    assert_int_equal(clWaitForEvents(1, &event), CL_SUCCESS);
    clReleaseEvent(event);
}

static void names_and_states_are_those_of_the_table(void **state) {
    (void)state;
    assert_string_equal(clact_optimizer_name(CLACT_OPTIMIZER_NESTEROV), "nesterov");
    assert_int_equal(clact_optimizer_states(CLACT_OPTIMIZER_SGD), 0);
    assert_int_equal(clact_optimizer_states(CLACT_OPTIMIZER_ADAMW), 2);
    assert_null(clact_optimizer_name(CLACT_OPTIMIZER_COUNT));
    clact_optimizer o;
    assert_int_equal(clact_optimizer_init_sized(&o, 3, CLACT_OPTIMIZER_SGD),
                     CLACT_INVALID_ARGUMENT);
}

/* ---- norms ---- */

static void find_norm(fixture *f, float most, const tensor *tensors, size_t count, float *norm) {
    clact_parameter_tensor parameters[TENSORS];
    size_t bytes = 0;
    for (size_t k = 0; k < count; k++)
        parameters[k] = as_parameter(&tensors[k]);
    assert_int_equal(clact_gradient_norm_workspace(count, parameters, &bytes), CLACT_SUCCESS);
    guarded workspace = guarded_create(f, 1, bytes / sizeof(float) + (bytes == 0), 0, 0);
    guarded result = guarded_create(f, 1, 2, 3, 0);
    require_success(f,
                    clact_gradient_norm(f->clact, f->queue, most, count, parameters, result.matrix,
                                        workspace.buffer, 0, NULL, NULL),
                    "norm");
    guarded_read(f, &result, norm);
    guarded_release(&workspace);
    guarded_release(&result);
}

static void norms_are_right_to_the_last_bit_but_one(void **state) {
    fixture *f = *state;
    const size_t counts[TENSORS] = {
        1, 0, is_small ? 50 : 5000, 3, is_small ? 1 : 2048, 2049, 31, 33, 64, 10, 7};
    tensor tensors[TENSORS];
    double squares = 0.0;
    float norm[2];
    for (size_t k = 0; k < TENSORS; k++) {
        tensors[k] = tensor_create(f, counts[k], k);
        tensor_deal(f, &tensors[k], 50 + k);
        for (size_t i = 0; i < counts[k]; i++)
            squares += (double)tensors[k].g[i] * (double)tensors[k].g[i];
    }
    const double exact = sqrt(squares);
    find_norm(f, 1.0f, tensors, TENSORS, norm);
    assert_true(fabs((double)norm[0] / exact - 1.0) < 0x1p-23);
    assert_true(fabs((double)norm[1] * exact - 1.0) < 0x1p-22);
    find_norm(f, (float)exact * 1.01f, tensors, TENSORS, norm);
    assert_true(norm[1] == 1.0f);
    find_norm(f, INFINITY, tensors, TENSORS, norm);
    assert_true(norm[1] == 1.0f);
    tensors[0].g[0] = NAN;
    guarded_write(f, &tensors[0].on_device[1], tensors[0].g);
    find_norm(f, 1.0f, tensors, TENSORS, norm);
    assert_true(isnan(norm[0]) && isnan(norm[1]));
    find_norm(f, 1.0f, tensors, 0, norm);
    assert_true(norm[0] == 0.0f && norm[1] == 1.0f);
    for (size_t k = 0; k < TENSORS; k++)
        tensor_release(&tensors[k]);
}

/* One step of clipped gradients is one with lr times the factor. */
static void clipped_gradients_count_less(void **state) {
    fixture *f = *state;
    const size_t n = is_small ? 19 : N;
    tensor a = tensor_create(f, n, 1), b = tensor_create(f, n, 1);
    float norm[2] = {0.0f, 0.25f}, got[N], want[N];
    const clact_matrix none = {NULL, 0, 0};
    guarded clip = guarded_create(f, 1, 2, 1, 0);
    guarded_write(f, &clip, norm);
    tensor_deal(f, &a, 3);
    tensor_deal(f, &b, 3);
    clact_optimizer o;
    clact_optimizer_init(&o, CLACT_OPTIMIZER_SGD);
    const clact_parameter_tensor of_a = as_parameter(&a), of_b = as_parameter(&b);
    require_success(
        f,
        clact_optimizer_step(f->clact, f->queue, &o, 0.5f, 1, 1, &of_a, clip.matrix, 0, NULL, NULL),
        "clipped");
    require_success(
        f, clact_optimizer_step(f->clact, f->queue, &o, 0.125f, 1, 1, &of_b, none, 0, NULL, NULL),
        "slow");
    guarded_read(f, &a.on_device[0], got);
    guarded_read(f, &b.on_device[0], want);
    assert_memory_equal(got, want, n * sizeof *got);
    guarded_release(&clip);
    tensor_release(&a);
    tensor_release(&b);
}

static void checks_say_what_is_wrong(void **state) {
    (void)state;
    clact_optimizer o;
    char text[128] = "as before";
    clact_optimizer_init(&o, CLACT_OPTIMIZER_ADAM);
    assert_int_equal(clact_optimizer_check(&o, text, sizeof text), CLACT_SUCCESS);
    assert_string_equal(text, "");
    o.momentum = NAN;
    assert_int_equal(clact_optimizer_check(&o, text, sizeof text), CLACT_PARAMETER_RANGE);
    assert_non_null(strstr(text, "momentum"));
    assert_int_equal(clact_optimizer_check(&o, text, 4), CLACT_PARAMETER_RANGE);
    assert_string_equal(text, "mom");
    assert_int_equal(clact_optimizer_check(&o, NULL, 0), CLACT_PARAMETER_RANGE);
    assert_int_equal(clact_optimizer_check(NULL, text, sizeof text), CLACT_INVALID_ARGUMENT);
    assert_non_null(strstr(text, "clact_optimizer_init"));
}

static void illegal_calls_are_refused(void **state) {
    fixture *f = *state;
    tensor a = tensor_create(f, 4, 1);
    clact_parameter_tensor t = as_parameter(&a);
    clact_optimizer o;
    clact_optimizer_init(&o, CLACT_OPTIMIZER_ADAM);
    const clact_matrix none = {NULL, 0, 0};
#define STEP(parameter)                                                                            \
    clact_optimizer_step(f->clact, f->queue, &o, 0.1f, 1, 1, parameter, none, 0, NULL, NULL)
    o.beta2 = 1.0f;
    assert_int_equal(STEP(&t), CLACT_PARAMETER_RANGE);
    o.beta2 = 0.9f;
    o.epsilon = 0x1p-61f;
    assert_int_equal(STEP(&t), CLACT_PARAMETER_RANGE);
    o.epsilon = 1e-8f;
    t.second = t.first;
    assert_int_equal(STEP(&t), CLACT_OVERLAP);
    t.second = none;
    assert_int_equal(STEP(&t), CLACT_INVALID_ARGUMENT);
    t = as_parameter(&a);
    t.count = 1000;
    assert_int_equal(STEP(&t), CLACT_BUFFER_SIZE);
    assert_int_equal(
        clact_gradient_norm(f->clact, f->queue, 0.0f, 1, &t, t.w, t.w.buffer, 0, NULL, NULL),
        CLACT_INVALID_ARGUMENT);
    tensor_release(&a);
}

int main(int argc, char **argv) {
    fixture f;
    is_small = argc > 1 && strcmp(argv[1], "small") == 0;
    if (!fixture_open(&f, argc > 1 && !is_small ? (unsigned)atoi(argv[1]) : 0)) return TEST_SKIPPED;
    f.exact = is_small;
    if (is_small) num_steps = 2;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &f }
    const struct CMUnitTest tests[] = {
        CASE(names_and_states_are_those_of_the_table),
        CASE(an_empty_list_is_fine),
        CASE(checks_say_what_is_wrong),
        CASE(illegal_calls_are_refused),
        CASE(clipped_gradients_count_less),
        CASE(norms_are_right_to_the_last_bit_but_one),
        CASE(a_list_of_tensors_is_updated_at_once),
        CASE(optimizers_do_what_their_definitions_say),
    };
    const int failed = cmocka_run_group_tests_name("optimizers", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
