/* test_device.c: the kernels on the device give the bits of the formulas compiled as C, write
 * nothing else, and keep the contracts of enqueueing. `test_device small`: few shapes, for
 * simulators.
 */
#include "device_fixture.h"
#include "formulas_c.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

typedef struct layout {
    size_t rows, cols, offset, pad;
} layout;

typedef enum pass { PASS_FORWARD, PASS_BACKWARD_X, PASS_BACKWARD_Y } pass;
static const char *const pass_names[] = {"forward", "backward from x", "backward from y"};

typedef struct suite {
    fixture f;
    bool small;
} suite;

/* ---- inputs ---- */

/* Specials, kinks and their neighbours, then values of every magnitude. */
static void fill_inputs(const clact_sweep *sweep, float *values, size_t n, uint64_t seed) {
    const float specials[] = {
        0.0f,      -0.0f, 0x1p-149f,       -0x1p-149f,       0x1p-126f, -0x1p-126f, INFINITY,
        -INFINITY, NAN,   0x1.fffffep127f, -0x1.fffffep127f, 1.0f,      -1.0f};
    const size_t num_specials = sizeof specials / sizeof *specials;
    float kinks[CLACT_MAX_KINKS], near[3 * CLACT_MAX_KINKS];
    const size_t num_kinks = clact_activation_kinks(sweep->activation, sweep->params, kinks);
    for (size_t k = 0; k < num_kinks; k++) {
        near[3 * k] = kinks[k];
        near[3 * k + 1] = nextafterf(kinks[k], INFINITY);
        near[3 * k + 2] = nextafterf(kinks[k], -INFINITY);
    }
    for (size_t i = 0; i < n; i++) {
        const uint64_t bits = random_bits(&seed);
        const uint32_t any = (uint32_t)bits;
        if (i % 4 == 0 && i / 4 < num_specials)
            values[i] = specials[i / 4];
        else if (i % 4 == 1 && i / 4 < 3 * num_kinks)
            values[i] = near[i / 4];
        else if (bits >> 62 == 0)
            memcpy(&values[i], &any, sizeof any);
        else
            values[i] = 4.0f * random_normal(&seed);
    }
}

static void fill_gradients(float *values, size_t n, uint64_t seed) {
    for (size_t i = 0; i < n; i++) {
        values[i] = ldexpf(random_normal(&seed), (int)(random_bits(&seed) % 41) - 20);
        if (i % 97 == 96) values[i] = i % 2 ? INFINITY : NAN;
        if (i % 101 == 100) values[i] = 0.0f;
    }
}

/* ---- comparison ---- */

static float expected(const clact_sweep *sweep, pass p, float s, float dy) {
    if (p == PASS_FORWARD) return formula_forward(sweep->activation, sweep->params, s);
    return formula_backward(sweep->activation, sweep->params, sweep->saved, s, dy);
}

static void compare(const clact_sweep *sweep, pass p, const layout *l, const float *s,
                    const float *dy, const float *got) {
    clact_activation_info info;
    clact_activation_query(sweep->activation, &info);
    for (size_t i = 0; i < l->rows * l->cols; i++) {
        const float want = expected(sweep, p, s[i], dy[i]);
        if (same_bits(got[i], want)) continue;
        print_error("%s %s (%g, %g), %zu x %zu, offset %zu, pad %zu, element %zu: input %a, dy %a, "
                    "device %a, C %a\n  repeat: test_device %s\n",
                    info.name, pass_names[p], (double)sweep->params[0], (double)sweep->params[1],
                    l->rows, l->cols, l->offset, l->pad, i, (double)s[i], (double)dy[i],
                    (double)got[i], (double)want, info.name);
        fail();
    }
}

/* One pass over one layout, out of place or over its first input. */
static void check_pass(suite *t, const clact_sweep *sweep, pass p, const layout *l, bool in_place) {
    fixture *f = &t->f;
    const size_t n = l->rows * l->cols;
    float *s = malloc(n * sizeof *s), *dy = malloc(n * sizeof *dy), *got = malloc(n * sizeof *got);
    fill_inputs(sweep, s, n, 7 + n);
    fill_gradients(dy, n, 11 + n);
    guarded a = guarded_create(f, l->rows, l->cols, l->offset, l->pad);
    guarded b = guarded_create(f, l->rows, l->cols, l->offset + 1, l->pad);
    guarded c = guarded_create(f, l->rows, l->cols, l->offset, l->pad + (l->pad > 0));
    const guarded *out = in_place ? (p == PASS_FORWARD ? &a : &b) : &c;
    guarded_write(f, &a, s);
    guarded_write(f, &b, dy);
    if (p == PASS_FORWARD)
        require_success(f,
                        clact_forward(f->clact, f->queue, sweep, l->rows, l->cols, a.matrix,
                                      out->matrix, 0, NULL, NULL),
                        "forward");
    else
        require_success(f,
                        clact_backward(f->clact, f->queue, sweep, l->rows, l->cols, a.matrix,
                                       b.matrix, out->matrix, 0, NULL, NULL),
                        "backward");
    guarded_read(f, out, got);
    compare(sweep, p, l, s, dy, got);
    if (!in_place) { /* inputs as they were */
        guarded_read(f, &a, got);
        for (size_t i = 0; i < n; i++)
            assert_true(same_bits(got[i], s[i]));
    }
    guarded_release(&a);
    guarded_release(&b);
    guarded_release(&c);
    free(s);
    free(dy);
    free(got);
}

static void check_sweep(suite *t, clact_sweep *sweep, const layout *layouts, size_t count) {
    int passes = 0;
    for (pass p = PASS_FORWARD; p <= PASS_BACKWARD_Y; p++) {
        sweep->saved = p == PASS_BACKWARD_Y ? CLACT_SAVED_Y : CLACT_SAVED_X;
        if (clact_sweep_check(sweep, p != PASS_FORWARD) != CLACT_SUCCESS) continue;
        for (size_t i = 0; i < count; i++)
            check_pass(t, sweep, p, &layouts[i], i % 2 == 1);
        passes++;
    }
    assert_true(passes >= 2); /* forward and one backward: the parameters were legal */
}

/* ---- tests, one an activation ---- */

typedef struct activation_case {
    suite *t;
    clact_activation activation;
} activation_case;

static void device_gives_the_bits_of_c(void **state) {
    const activation_case *c = *state;
    const unsigned w = c->t->f.info.vector_width;
    const layout layouts[] = {{1, 1, 0, 0},     {1, 1, 3, 0},
                              {1, w - 1, 1, 0}, {1, w, 0, 0},
                              {1, w + 1, 3, 0}, {1, 101, 1, 0},
                              {3, 5, 0, 2},     {3, w + 1, 3, 1},
                              {7, 33, 1, 3},    {5, 17, 0, 0},
                              {4, w, 1, 1},     {1, 1021, 3, 0},
                              {37, 64, 0, 0},   {1, (1u << 20) + 3, 1, 0}};
    const size_t count = sizeof layouts / sizeof *layouts;
    clact_sweep sweep;
    clact_activation_info info;
    clact_activation_query(c->activation, &info);
    clact_sweep_init(&sweep, c->activation);
    check_sweep(c->t, &sweep, layouts + (c->t->small ? 6 : 0), c->t->small ? 2 : count);
    /* parameters elsewhere in their range */
    if (info.num_params == 0 || c->t->small) return;
    for (int i = 0; i < info.num_params; i++)
        sweep.params[i] = i == 0 ? 0.375f : 2.75f;
    check_sweep(c->t, &sweep, layouts, count - 1);
}

/* ---- contracts of enqueueing ---- */

static void no_rows_or_columns_is_success(void **state) {
    suite *t = ((activation_case *)*state)->t;
    fixture *f = &t->f;
    clact_sweep sweep;
    cl_event event = NULL;
    const clact_matrix none = {NULL, 0, 0};
    clact_sweep_init(&sweep, CLACT_ACT_GELU);
    assert_int_equal(clact_forward(f->clact, f->queue, &sweep, 0, 5, none, none, 0, NULL, NULL), 0);
    assert_int_equal(
        clact_backward(f->clact, f->queue, &sweep, 5, 0, none, none, none, 0, NULL, &event), 0);
    assert_non_null(event);
    assert_int_equal(clWaitForEvents(1, &event), CL_SUCCESS);
    clReleaseEvent(event);
}

static void waits_for_its_events_and_hands_one_out(void **state) {
    suite *t = ((activation_case *)*state)->t;
    fixture *f = &t->f;
    clact_sweep sweep;
    const float x[4] = {-1.0f, 0.5f, 2.0f, 3.0f};
    float y[4];
    guarded a = guarded_create(f, 1, 4, 0, 0), b = guarded_create(f, 1, 4, 0, 0);
    cl_event gate = clCreateUserEvent(f->context, NULL), done = NULL;
    cl_int progress = CL_COMPLETE;
    guarded_write(f, &a, x);
    clFinish(f->queue);
    clact_sweep_init(&sweep, CLACT_ACT_RELU);
    require_success(
        f, clact_forward(f->clact, f->queue, &sweep, 1, 4, a.matrix, b.matrix, 1, &gate, &done),
        "forward");
    clFlush(f->queue);
    thrd_sleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* time to go wrong */
    clGetEventInfo(done, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof progress, &progress, NULL);
    assert_int_not_equal(progress, CL_COMPLETE);
    clSetUserEventStatus(gate, CL_COMPLETE);
    assert_int_equal(clWaitForEvents(1, &done), CL_SUCCESS);
    guarded_read(f, &b, y);
    assert_true(y[0] == 0.0f && y[1] == 0.5f && y[3] == 3.0f);
    clReleaseEvent(gate);
    clReleaseEvent(done);
    /* so does a pass over nothing */
    gate = clCreateUserEvent(f->context, NULL);
    require_success(
        f, clact_forward(f->clact, f->queue, &sweep, 0, 4, a.matrix, b.matrix, 1, &gate, &done),
        "forward");
    clFlush(f->queue);
    thrd_sleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* time to go wrong */
    clGetEventInfo(done, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof progress, &progress, NULL);
    assert_int_not_equal(progress, CL_COMPLETE);
    clSetUserEventStatus(gate, CL_COMPLETE);
    assert_int_equal(clWaitForEvents(1, &done), CL_SUCCESS);
    clReleaseEvent(gate);
    clReleaseEvent(done);
    guarded_release(&a);
    guarded_release(&b);
}

/* The pass may not be taken as one long row when a single operand has a gap between its rows. */
static void a_gap_in_one_operand_alone(void **state) {
    suite *t = ((activation_case *)*state)->t;
    fixture *f = &t->f;
    enum { ROWS = 3, COLS = 5 };
    float s[ROWS * COLS], dy[ROWS * COLS], got[ROWS * COLS];
    clact_sweep sweep;
    clact_sweep_init(&sweep, CLACT_ACT_RELU);
    for (int i = 0; i < ROWS * COLS; i++) {
        s[i] = (float)(i % 4) - 1.0f;
        dy[i] = (float)(i + 1);
    }
    for (int gap = 0; gap < 3; gap++) {
        guarded a = guarded_create(f, ROWS, COLS, 0, gap == 0 ? 2 : 0);
        guarded b = guarded_create(f, ROWS, COLS, 0, gap == 1 ? 2 : 0);
        guarded c = guarded_create(f, ROWS, COLS, 0, gap == 2 ? 2 : 0);
        guarded_write(f, &a, s);
        guarded_write(f, &b, dy);
        require_success(f,
                        clact_backward(f->clact, f->queue, &sweep, ROWS, COLS, a.matrix, b.matrix,
                                       c.matrix, 0, NULL, NULL),
                        "backward");
        guarded_read(f, &c, got);
        for (int i = 0; i < ROWS * COLS; i++)
            assert_true(got[i] == (s[i] > 0.0f ? dy[i] : 0.0f));
        guarded_release(&a);
        guarded_release(&b);
        guarded_release(&c);
    }
}

static void halves_of_one_matrix_are_no_overlap(void **state) {
    suite *t = ((activation_case *)*state)->t;
    fixture *f = &t->f;
    enum { ROWS = 3, COLS = 5 };
    float whole[ROWS * 2 * COLS];
    clact_sweep sweep;
    guarded g = guarded_create(f, ROWS, 2 * COLS, 2, 0);
    for (int i = 0; i < ROWS * 2 * COLS; i++)
        whole[i] = (float)(i % 7) - 3.0f;
    guarded_write(f, &g, whole);
    clact_sweep_init(&sweep, CLACT_ACT_SQUARE);
    clact_matrix left = g.matrix, right = g.matrix;
    right.offset += COLS;
    require_success(
        f, clact_forward(f->clact, f->queue, &sweep, ROWS, COLS, left, right, 0, NULL, NULL),
        "forward");
    float after[ROWS * 2 * COLS];
    guarded_read(f, &g, after);
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLS; c++) {
            const float x = whole[r * 2 * COLS + c];
            assert_true(after[r * 2 * COLS + c] == x);
            assert_true(after[r * 2 * COLS + COLS + c] == x * x);
        }
    }
    guarded_release(&g);
}

static void every_width_gives_the_same_bits(void **state) {
    suite *t = ((activation_case *)*state)->t;
    const layout l = {3, 37, 1, 2};
    const clact_activation some[] = {CLACT_ACT_SIGMOID, CLACT_ACT_GELU, CLACT_ACT_SINE,
                                     CLACT_ACT_LOG, CLACT_ACT_HARDTANH};
    for (unsigned width = 1; width <= 16; width *= 2) {
        suite other = {.small = t->small};
        assert_true(fixture_open(&other.f, width));
        for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
            clact_sweep sweep;
            clact_sweep_init(&sweep, some[i]);
            check_pass(&other, &sweep, PASS_FORWARD, &l, false);
            check_pass(&other, &sweep, PASS_BACKWARD_X, &l, true);
        }
        fixture_close(&other.f);
    }
}

/* Every kernel in two builds rather than one by one. */
static void compile_all(fixture *f) {
    clact_sweep sweeps[CLACT_ACT_COUNT];
    size_t n = 0;
    for (int i = 0; i < CLACT_ACT_COUNT; i++)
        clact_sweep_init(&sweeps[i], (clact_activation)i);
    require_success(f, clact_warm_up(f->clact, sweeps, CLACT_ACT_COUNT, true), "warm-up");
    for (int i = 0; i < CLACT_ACT_COUNT; i++) {
        sweeps[i].saved = CLACT_SAVED_Y;
        if (clact_sweep_check(&sweeps[i], true) == CLACT_SUCCESS) sweeps[n++] = sweeps[i];
    }
    require_success(f, clact_warm_up(f->clact, sweeps, n, true), "warm-up");
}

int main(int argc, char **argv) {
    suite t = {.small = argc > 1 && strcmp(argv[1], "small") == 0};
    const char *only = argc > 1 && !t.small ? argv[1] : NULL;
    if (!fixture_open(&t.f, 0)) return TEST_SKIPPED;
    activation_case cases[CLACT_ACT_COUNT];
    clact_activation_info infos[CLACT_ACT_COUNT];
    struct CMUnitTest tests[CLACT_ACT_COUNT + 9];
    size_t n = 0;
    for (int i = 0; i < CLACT_ACT_COUNT; i++) {
        clact_activation_query((clact_activation)i, &infos[i]);
        cases[i] = (activation_case){&t, (clact_activation)i};
        if (only && strcmp(only, infos[i].name) != 0) continue;
        tests[n++] =
            (struct CMUnitTest){infos[i].name, device_gives_the_bits_of_c, NULL, NULL, &cases[i]};
    }
    if (n == 0) {
        fprintf(stderr, "usage: test_device [small | ACTIVATION]\n");
        return 2;
    }
#define CONTRACT(test)                                                                             \
    tests[n++] = (struct CMUnitTest) {                                                             \
#test, test, NULL, NULL, &cases[0]                                                         \
    }
    if (!only) {
        CONTRACT(no_rows_or_columns_is_success);
        CONTRACT(a_gap_in_one_operand_alone);
        CONTRACT(halves_of_one_matrix_are_no_overlap);
    }
    if (!only && !t.small) { /* a simulator that runs each command at once cannot wait */
        CONTRACT(waits_for_its_events_and_hands_one_out);
        CONTRACT(every_width_gives_the_same_bits);
    }
    if (!only) compile_all(&t.f);
    const int failed = _cmocka_run_group_tests("device", tests, n, NULL, NULL);
    fixture_close(&t.f);
    return failed;
}
