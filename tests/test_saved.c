/* test_saved.c: what is saved for backward is enough. A mask gives the gradient that x gives, bit
 * for bit; a tail of 16 bits keeps the gradient that a saved y has rounded away.
 */
#include "element.h"
#include "formulas_c.h"
#include "sweep_check.h"
#include "verify/oracle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CODES = 65536, COLS = 1000, ROWS = 66 /* of which the last is not full */ };

/* ---- masks ---- */

static const clact_activation masked[] = {
    CLACT_ACT_RELU,        CLACT_ACT_LEAKY_RELU, CLACT_ACT_PRELU,
    CLACT_ACT_RELU6,       CLACT_ACT_HARDTANH,   CLACT_ACT_THRESHOLD,
    CLACT_ACT_HARDSIGMOID, CLACT_ACT_SOFTSHRINK, CLACT_ACT_HARDSHRINK};
enum { MASKED = sizeof masked / sizeof *masked };

/* Every row of the table that may save a mask is in the list. */
static void the_list_of_masks_is_whole(void **state) {
    (void)state;
    size_t n = 0;
    for (int i = 0; i < CLACT_ACT_COUNT; i++) {
        clact_sweep w;
        clact_sweep_init(&w, (clact_activation)i);
        w.saved = CLACT_SAVED_MASK;
        n += clact_sweep_check(&w, true) == CLACT_SUCCESS;
    }
    assert_int_equal(n, MASKED);
}

typedef struct gradients {
    uint16_t *x, *dy, *from_x, *from_mask;
} gradients;

/* Both gradients on the device: every code of float16 as x, dy of every kind */
static void find_gradients(fixture *f, clact_sweep *w, gradients *g) {
    guarded x = guarded_create_of(f, 2, ROWS, COLS, 3, 1),
            y = guarded_create_of(f, 2, ROWS, COLS, 0, 0);
    guarded dy = guarded_create_of(f, 2, ROWS, COLS, 1, 0),
            dx = guarded_create_of(f, 2, ROWS, COLS, 0, 2);
    guarded mask = guarded_create(f, ROWS, 4 * ((COLS + 127) / 128), 5, 3);
    guarded_write(f, &x, g->x);
    guarded_write(f, &dy, g->dy);
    w->saved = CLACT_SAVED_X;
    require_success(f,
                    clact_backward(f->clact, f->queue, w, ROWS, COLS, x.matrix, dy.matrix,
                                   dx.matrix, 0, NULL, NULL),
                    "from x");
    guarded_read(f, &dx, g->from_x);
    w->saved = CLACT_SAVED_MASK;
    const clact_forward_tensors t = {
        .rows = ROWS, .cols = COLS, .x = x.matrix, .y = y.matrix, .saved = mask.matrix};
    require_success(f, clact_sweep_forward(f->clact, f->queue, w, &t, 0, NULL, NULL), "forward");
    require_success(f,
                    clact_backward(f->clact, f->queue, w, ROWS, COLS, mask.matrix, dy.matrix,
                                   dx.matrix, 0, NULL, NULL),
                    "from the mask");
    guarded_read(f, &dx, g->from_mask);
    guarded_release(&x);
    guarded_release(&y);
    guarded_release(&dy);
    guarded_release(&dx);
    guarded_release(&mask);
}

static void compare_gradients(const clact_sweep *w, const gradients *g) {
    for (size_t i = 0; i < ROWS * COLS; i++) {
        uint16_t want = g->from_x[i];
        if (isnan(element_value(CLACT_F16, g->x, i))) /* the side where dy passes */
            element_set(CLACT_F16, &want, 0,
                        (double)formula_backward(w->activation, w->tier, w->params,
                                                 CLACT_SAVED_MASK, 1.0f,
                                                 (float)element_value(CLACT_F16, g->dy, i)));
        if (element_same(CLACT_F16, g->from_mask, i, &want, 0)) continue;
        print_error("activation %d, x %a, dy %a: from the mask %a, from x %a\n", (int)w->activation,
                    element_value(CLACT_F16, g->x, i), element_value(CLACT_F16, g->dy, i),
                    element_value(CLACT_F16, g->from_mask, i), element_value(CLACT_F16, &want, 0));
        fail();
    }
}

static void masks_give_the_gradient_of_x(void **state) {
    fixture *f = &((checker *)*state)->f;
    static uint16_t memory[4][ROWS * COLS];
    gradients g = {memory[0], memory[1], memory[2], memory[3]};
    clact_sweep sweeps[2 * MASKED];
    for (int i = 0; i < 2 * MASKED; i++) {
        clact_sweep_init(&sweeps[i], masked[i / 2]);
        sweeps[i].dtype = CLACT_F16;
        sweeps[i].saved = i % 2 ? CLACT_SAVED_MASK : CLACT_SAVED_X;
    }
    require_success(f, clact_warm_up(f->clact, sweeps, 2 * MASKED, true), "warm-up");
    for (size_t i = 0; i < ROWS * COLS; i++) {
        g.x[i] = (uint16_t)(i * 40503u); /* each code, and neighbours far apart */
        g.dy[i] = (uint16_t)(i * 30011u >> 3);
    }
    for (int i = 0; i < MASKED; i++) {
        find_gradients(f, &sweeps[2 * i], &g);
        compare_gradients(&sweeps[2 * i], &g);
    }
}

/* In float32 and at other parameters: the C that the device agrees with */
static void masks_in_c(void **state) {
    (void)state;
    uint64_t seed = 8;
    for (int i = 0; i < MASKED; i++) {
        for (int k = 0; k < 300000; k++) {
            const float params[2] = {k % 2 ? 0.0f : 0.75f, 2.5f};
            const uint32_t xc = (uint32_t)random_bits(&seed), gc = (uint32_t)random_bits(&seed);
            float x, dy;
            memcpy(&x, &xc, sizeof x);
            memcpy(&dy, &gc, sizeof dy);
            if (k % 3 == 0) x = params[k % 2] * (float)(k % 5 - 2); /* at the kinks */
            if (isnan(x)) continue;
            const clact_tier tier = k % 7 ? CLACT_TIER_FAST : CLACT_TIER_ACCURATE;
            const float kept = formula_saved(masked[i], tier, params, CLACT_SAVED_MASK, x);
            const float a = formula_backward(masked[i], tier, params, CLACT_SAVED_X, x, dy);
            const float b = formula_backward(masked[i], tier, params, CLACT_SAVED_MASK, kept, dy);
            assert_true(same_bits(a, b));
        }
    }
}

/* ---- tails ---- */

/* sigma(-|z|) and its derivative where z = steepness x */
static long double tail_at(double x, long double steepness) {
    const long double e = expl(-fabsl((long double)x * steepness));
    return e / (1.0L + e);
}

/* |got - want| in last places of want, as a stored type has them */
static double ulps_of(clact_dtype dtype, double got, long double want) {
    const element_format f = element_format_of(dtype);
    const long double size = fmaxl(fabsl(want), (long double)f.least_normal);
    return (double)(fabsl((long double)got - want) / ldexpl(1.0L, ilogbl(size) - f.fraction_bits));
}

static double rounded_to(clact_dtype dtype, double v) {
    uint64_t code = 0;
    element_set(dtype, &code, 0, v);
    return element_value(dtype, &code, 0);
}

typedef struct saturating {
    clact_activation activation;
    float params[2];
    long double steepness, factor; /* y' = factor t (1 - t) */
} saturating;

static const saturating tails[] = {{CLACT_ACT_SIGMOID, {1.0f, 0.0f}, 1.0L, 1.0L},
                                   {CLACT_ACT_SIGMOID, {0.625f, 0.0f}, 0.625L, 0.625L},
                                   {CLACT_ACT_TANH, {1.0f, 1.0f}, 2.0L, 4.0L},
                                   {CLACT_ACT_TANH, {0.375f, 2.5f}, 0.75L, 3.75L}};
enum { TAILS = sizeof tails / sizeof *tails };

/* The formula, rounded once as a store does */
static double gradient_of(const saturating *s, clact_tier tier, clact_dtype dtype,
                          clact_saved saved, double at) {
    return rounded_to(
        dtype, (double)formula_backward(s->activation, tier, s->params, saved, (float)at, 1.0f));
}

/* From the stored tail, whatever it is a tail of: within the row's bound of factor t (1 - t) dy */
static void gradients_from_a_tail_keep_the_bound(void **state) {
    (void)state;
    uint64_t seed = 5;
    const clact_dtype types[] = {CLACT_F16, CLACT_BF16, CLACT_F32};
    for (int k = 0; k < TAILS * 3 * 2; k++) {
        const saturating *s = &tails[k / 6];
        const clact_dtype dtype = types[k % 3];
        const clact_tier tier = k / 3 % 2 ? CLACT_TIER_ACCURATE : CLACT_TIER_FAST;
        double worst = 0.0;
        clact_bound bound;
        clact_activation_bound(s->activation, tier, dtype, true, &bound);
        for (uint32_t code = 0; code < (dtype == CLACT_F32 ? 8u : 1u) * CODES; code++) {
            uint64_t any = dtype == CLACT_F32 ? random_bits(&seed) & 0xbfffffff : code;
            const double t = element_value(dtype, &any, 0);
            if (!(fabs(t) <= 0.5)) continue;
            const float dy =
                (code & 3) ? ldexpf(random_normal(&seed), (int)(code % 60) - 30) : 1.0f;
            const double got =
                rounded_to(dtype, (double)formula_backward(s->activation, tier, s->params,
                                                           CLACT_SAVED_TAIL, (float)t, dy));
            const long double a = fabsl((long double)t);
            const long double want = s->factor * a * (1.0L - a) * (long double)dy;
            if (fabsl(want) > (long double)element_format_of(dtype).greatest) continue;
            worst = fmax(worst, ulps_of(dtype, got, want));
        }
        printf("tail %d, %s %s: %.3f ulps of %.3f\n", k / 6, clact_dtype_name(dtype),
               clact_tier_name(tier), worst, bound.ulps);
        assert_true(worst <= bound.ulps);
    }
}

/* The long double above is what the oracle finds. */
static void tails_agree_with_the_oracle(void **state) {
    (void)state;
    mpfr_t r;
    mpfr_init2(r, ORACLE_BITS);
    for (int k = 0; k < TAILS; k++) {
        const saturating *s = &tails[k];
        for (double x = -40.0; x < 40.0; x += 1.37) {
            const long double t = tail_at(x, s->steepness);
            assert_true(oracle_expect_backward(r, s->activation, s->params, CLACT_SAVED_X, x, 1.0,
                                               CLACT_F32));
            const long double want = s->factor * t * (1.0L - t);
            assert_true(fabsl(mpfr_get_ld(r, MPFR_RNDN) - want) <= 1e-16L * want);
        }
    }
    mpfr_clear(r);
}

typedef struct losses {
    double tail, gradient_x, gradient_tail, gradient_y, y; /* in last places of the type */
    size_t zero_y; /* gradients from y that are 0, wrongly */
} losses;

static losses lose(const saturating *s, clact_dtype dtype) {
    const clact_tier tier = CLACT_TIER_FAST;
    losses most = {0};
    for (uint32_t code = 0; code < CODES; code++) {
        const uint64_t stored = code;
        const double x = element_value(dtype, &stored, 0);
        const long double t = tail_at(x, s->steepness), slope = s->factor * t * (1.0L - t);
        /* a tail below the least normal number has lost digits, as anything has there */
        if (!isfinite(x) || t < (long double)element_format_of(dtype).least_normal) continue;
        const double tail = rounded_to(dtype, (double)formula_saved(s->activation, tier, s->params,
                                                                    CLACT_SAVED_TAIL, (float)x));
        const double y =
            rounded_to(dtype, (double)formula_forward(s->activation, tier, s->params, (float)x));
        const double from_x = gradient_of(s, tier, dtype, CLACT_SAVED_X, x);
        const double from_tail = gradient_of(s, tier, dtype, CLACT_SAVED_TAIL, tail);
        const double from_y = gradient_of(s, tier, dtype, CLACT_SAVED_Y, y);
        assert_true(signbit(tail) == signbit(x));
        most.tail = fmax(most.tail, ulps_of(dtype, fabs(tail), t));
        most.gradient_x = fmax(most.gradient_x, ulps_of(dtype, from_x, slope));
        most.gradient_tail = fmax(most.gradient_tail, ulps_of(dtype, from_tail, slope));
        most.gradient_y = fmax(most.gradient_y, ulps_of(dtype, from_y, slope));
        most.zero_y += from_y == 0.0;
        if (s->activation != CLACT_ACT_SIGMOID) continue;
        const double again = rounded_to(dtype, signbit(tail) ? -tail : 1.0 - tail);
        most.y = fmax(most.y, ulps_of(dtype, again, x < 0.0 ? t : 1.0L - t));
    }
    return most;
}

/* Over all inputs of 16 bits */
static void a_tail_keeps_what_y_loses(void **state) {
    (void)state;
    for (int k = 0; k < 2 * TAILS; k++) {
        const clact_dtype dtype = k % 2 ? CLACT_BF16 : CLACT_F16;
        const losses l = lose(&tails[k / 2], dtype);
        printf("tail %d, %s, in ulps: tail %.3f; y' from x %.3f, from the tail %.3f, from y %.0f "
               "(%zu of them 0); y from the tail %.3f\n",
               k / 2, clact_dtype_name(dtype), l.tail, l.gradient_x, l.gradient_tail, l.gradient_y,
               l.zero_y, l.y);
        assert_true(l.tail <= 0.51);
        assert_true(l.gradient_x <= 0.51);
        assert_true(l.gradient_tail <= 1.51); /* that of the tail, and half for the rounding */
        assert_true(l.y <= 0.76);             /* half of the last place of t, and half of y's */
        assert_true(l.gradient_y >= (dtype == CLACT_F16 ? 500.0 : 60.0) && l.zero_y > 100);
    }
}

int main(int argc, char **argv) {
    checker c;
    if (!checker_open(&c, "test_saved", take_extent(&argc, &argv), 0)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &c }
    const struct CMUnitTest tests[] = {
        CASE(the_list_of_masks_is_whole),
        CASE(masks_give_the_gradient_of_x),
        CASE(masks_in_c),
        CASE(gradients_from_a_tail_keep_the_bound),
        CASE(tails_agree_with_the_oracle),
        CASE(a_tail_keeps_what_y_loses),
    };
    const int failed = cmocka_run_group_tests_name("saved tensors", tests, NULL, NULL);
    checker_close(&c);
    return failed;
}
