/* test_sweep_legal.c: what a sweep may be made of, with what may be saved for it and how large that
 * is, and the words that say why not.
 */
#include <clact/clact.h>

/* cmocka.h needs these four before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#define ARG   CLACT_INVALID_ARGUMENT
#define RANGE CLACT_PARAMETER_RANGE
#define SAVED CLACT_SAVED_TENSOR
#define FINE  CLACT_SUCCESS

typedef void change(clact_sweep *w);

/* ---- what is wrong ---- */

static void no_dropout(clact_sweep *w) {
    w->dropout = -0.1f;
}
static void all_dropout(clact_sweep *w) {
    w->dropout = 1.0f;
}
static void nan_dropout(clact_sweep *w) {
    w->dropout = NAN;
}
static void infinite_scale(clact_sweep *w) {
    w->scale = INFINITY;
}
static void nan_beta(clact_sweep *w) {
    w->beta = NAN;
}
static void negative_saturation(clact_sweep *w) {
    w->health = true;
    w->saturation = -1.0f;
}
static void with_slopes(clact_sweep *w) {
    w->slopes = true;
}
static void unknown_gate(clact_sweep *w) {
    w->gate = (clact_gate)4;
}
static void unknown_gradient(clact_sweep *w) {
    w->gradients = 16;
}
static void unknown_accumulate(clact_sweep *w) {
    w->accumulate = 32;
}
static void unknown_saved(clact_sweep *w) {
    w->saved = CLACT_SAVED_COUNT;
}
static void wrong_size(clact_sweep *w) {
    w->struct_size--;
}
static void from_y(clact_sweep *w) {
    w->saved = CLACT_SAVED_Y;
}
static void y_gated(clact_sweep *w) {
    w->saved = CLACT_SAVED_Y;
    w->gate = CLACT_GATE_FIRST;
}
static void y_dropped(clact_sweep *w) {
    w->saved = CLACT_SAVED_Y;
    w->dropout = 0.5f;
}
static void y_scaled(clact_sweep *w) {
    w->saved = CLACT_SAVED_Y;
    w->scale = 2.0f;
}
static void y_with_residual(clact_sweep *w) {
    w->saved = CLACT_SAVED_Y;
    w->residual = true;
}
static void y_with_slopes(clact_sweep *w) {
    w->saved = CLACT_SAVED_Y;
    w->slopes = true;
}
static void y_of_a_negative_slope(clact_sweep *w) {
    w->saved = CLACT_SAVED_Y;
    w->params[0] = -0.5f;
}
static void masked(clact_sweep *w) {
    w->saved = CLACT_SAVED_MASK;
}
static void masked_and_gated(clact_sweep *w) {
    w->saved = CLACT_SAVED_MASK;
    w->gate = CLACT_GATE_APART;
}
static void masked_with_slopes(clact_sweep *w) {
    w->saved = CLACT_SAVED_MASK;
    w->slopes = true;
}
static void tailed(clact_sweep *w) {
    w->saved = CLACT_SAVED_TAIL;
}
static void tailed_and_gated(clact_sweep *w) {
    w->saved = CLACT_SAVED_TAIL;
    w->gate = CLACT_GATE_LAST;
}
static void saving_nothing(clact_sweep *w) {
    w->saved = CLACT_SAVED_NOTHING;
}
static void nothing_and_gated(clact_sweep *w) {
    w->saved = CLACT_SAVED_NOTHING;
    w->gate = CLACT_GATE_FIRST;
}

/* Rounded, 0.1 lies inside of its limit in float16, 2.3 in bfloat16; 2^-15 is a number of both. */
static void y_within(clact_sweep *w, clact_dtype dtype, float limit) {
    w->saved = CLACT_SAVED_Y;
    w->dtype = dtype;
    w->params[0] = -limit;
    w->params[1] = limit;
}
static void y_at_an_inexact_f16(clact_sweep *w) {
    y_within(w, CLACT_F16, 0.1f);
}
static void y_at_an_inexact_bf16(clact_sweep *w) {
    y_within(w, CLACT_BF16, 2.3f);
}
static void y_beyond_f16(clact_sweep *w) {
    y_within(w, CLACT_F16, 65536.0f);
}
static void y_below_f16(clact_sweep *w) {
    y_within(w, CLACT_F16, 0x1p-25f);
}
static void y_at_an_exact_f16(clact_sweep *w) {
    y_within(w, CLACT_F16, 0x1p-15f);
}
static void y_at_an_exact_bf16(clact_sweep *w) {
    y_within(w, CLACT_BF16, 0x1p-15f);
}
static void y_of_f32(clact_sweep *w) {
    y_within(w, CLACT_F32, 0.1f);
}

typedef struct refusal {
    clact_activation activation;
    change *make;
    clact_status forward, backward;
    const char *words; /* of the message, where either fails */
} refusal;

static void what_is_wrong_is_said(void **state) {
    (void)state;
    static const refusal list[] = {
        {CLACT_ACT_RELU, no_dropout, RANGE, RANGE, "dropout is -0.1"},
        {CLACT_ACT_RELU, all_dropout, RANGE, RANGE, "dropout is 1"},
        {CLACT_ACT_RELU, nan_dropout, RANGE, RANGE, "dropout is"},
        {CLACT_ACT_RELU, infinite_scale, RANGE, RANGE, "scale is inf"},
        {CLACT_ACT_RELU, nan_beta, RANGE, RANGE, "beta"},
        {CLACT_ACT_RELU, negative_saturation, RANGE, RANGE, "saturation is -1"},
        {CLACT_ACT_RELU, with_slopes, ARG, ARG, "slopes"},
        {CLACT_ACT_LEAKY_RELU, with_slopes, ARG, ARG, "leaky_relu"},
        {CLACT_ACT_PRELU, with_slopes, FINE, FINE, NULL},
        {CLACT_ACT_RELU, unknown_gate, ARG, ARG, "gate"},
        {CLACT_ACT_RELU, unknown_gradient, ARG, ARG, "gradient"},
        {CLACT_ACT_RELU, unknown_accumulate, ARG, ARG, "gradient"},
        {CLACT_ACT_RELU, unknown_saved, ARG, ARG, "saved tensor"},
        {CLACT_ACT_RELU, wrong_size, ARG, ARG, "clact_sweep_init"},
        {CLACT_ACT_RELU, from_y, FINE, FINE, NULL},
        {CLACT_ACT_GELU, from_y, FINE, SAVED, "gelu cannot read y"},
        {CLACT_ACT_RELU, y_gated, FINE, SAVED, "a gate"},
        {CLACT_ACT_RELU, y_dropped, FINE, SAVED, "dropout"},
        {CLACT_ACT_RELU, y_scaled, FINE, SAVED, "a scale"},
        {CLACT_ACT_RELU, y_with_residual, FINE, SAVED, "a residual"},
        {CLACT_ACT_PRELU, y_with_slopes, FINE, SAVED, "slopes"},
        {CLACT_ACT_PRELU, y_of_a_negative_slope, FINE, SAVED, "a >= 0"},
        {CLACT_ACT_HARDTANH, y_at_an_inexact_f16, FINE, SAVED, "numbers of that type"},
        {CLACT_ACT_HARDTANH, y_at_an_inexact_bf16, FINE, SAVED, "numbers of that type"},
        {CLACT_ACT_HARDTANH, y_beyond_f16, FINE, SAVED, "numbers of that type"},
        {CLACT_ACT_HARDTANH, y_below_f16, FINE, SAVED, "numbers of that type"},
        {CLACT_ACT_HARDTANH, y_at_an_exact_f16, FINE, FINE, NULL},
        {CLACT_ACT_HARDTANH, y_at_an_exact_bf16, FINE, FINE, NULL},
        {CLACT_ACT_HARDTANH, y_of_f32, FINE, FINE, NULL},
        {CLACT_ACT_RELU, masked, FINE, FINE, NULL},
        {CLACT_ACT_GELU, masked, SAVED, SAVED, "gelu needs more than a mask"},
        {CLACT_ACT_SIGMOID, masked, SAVED, SAVED, "more than a mask"},
        {CLACT_ACT_RELU, masked_and_gated, SAVED, SAVED, "value of a gate needs more than a mask"},
        {CLACT_ACT_PRELU, masked_with_slopes, SAVED, SAVED, "CLACT_GRADIENT_SLOPES"},
        {CLACT_ACT_TANH, tailed, FINE, FINE, NULL},
        {CLACT_ACT_RELU, tailed, SAVED, SAVED, "more than a tail"},
        {CLACT_ACT_TANH, tailed_and_gated, SAVED, SAVED, "a gate needs more than a tail"},
        {CLACT_ACT_STEP, saving_nothing, FINE, FINE, NULL},
        {CLACT_ACT_RELU, saving_nothing, FINE, SAVED, "relu needs more than nothing"},
        {CLACT_ACT_IDENTITY, nothing_and_gated, FINE, SAVED, "a gate needs more than nothing"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const refusal *r = &list[i];
        for (int backward = 0; backward < 2; backward++) {
            const clact_status want = backward ? r->backward : r->forward;
            char text[256] = "?";
            clact_sweep w;
            clact_sweep_init(&w, r->activation);
            r->make(&w);
            const clact_status got = clact_sweep_explain(&w, backward, text, sizeof text);
            if (got != want || got != clact_sweep_check(&w, backward) ||
                (want == FINE ? text[0] != '\0' : !strstr(text, r->words))) {
                print_error("refusal %zu, backward %d: %s, '%s'\n", i, backward,
                            clact_status_text(got), text);
                fail();
            }
        }
    }
}

static void a_mask_of_slopes_without_their_gradient_is_legal(void **state) {
    (void)state;
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_PRELU);
    w.slopes = true;
    w.saved = CLACT_SAVED_MASK;
    w.gradients = CLACT_GRADIENT_ALL & ~CLACT_GRADIENT_SLOPES;
    assert_int_equal(clact_sweep_check(&w, true), CLACT_SUCCESS);
}

/* ---- what may be saved ---- */

static void plain(clact_sweep *w) {
    (void)w;
}
static void with_bias(clact_sweep *w) {
    w->bias = true;
}
static void packed(clact_sweep *w) {
    w->gate = CLACT_GATE_LAST;
}
static void apart(clact_sweep *w) {
    w->gate = CLACT_GATE_APART;
}
static void dropped(clact_sweep *w) {
    w->dropout = 0.25f;
}
static void scaled(clact_sweep *w) {
    w->scale = 3.0f;
}
static void of_f16(clact_sweep *w) {
    w->dtype = CLACT_F16;
}
static void of_f64(clact_sweep *w) {
    w->dtype = CLACT_F64;
}
static void slopes_kept(clact_sweep *w) {
    w->slopes = true;
    w->gradients = CLACT_GRADIENT_X;
}
static void of_negative_slope(clact_sweep *w) {
    w->params[0] = -1.0f;
}

typedef struct offer {
    clact_activation activation;
    change *make;
    const char *choices; /* "name bytes" of each, for 3 x 130 */
} offer;

static void choices_and_their_bytes(void **state) {
    (void)state;
    static const offer list[] = {
        {CLACT_ACT_GELU, plain, "x 1560"},
        {CLACT_ACT_GELU, of_f16, "x 780"},
        {CLACT_ACT_RELU, plain, "x 1560 y 1560 mask 96"},
        {CLACT_ACT_RELU, with_bias, "x 1560 y 1560 mask 96"},
        {CLACT_ACT_RELU, of_f64, "x 3120 y 3120 mask 96"},
        {CLACT_ACT_RELU, dropped, "x 1560 mask 96"},
        {CLACT_ACT_RELU, packed, "x 3120"},
        {CLACT_ACT_HARDSIGMOID, plain, "x 1560 mask 96"},
        {CLACT_ACT_SIGMOID, plain, "x 1560 y 1560 tail 1560"},
        {CLACT_ACT_SIGMOID, scaled, "x 1560 tail 1560"},
        {CLACT_ACT_TANH, of_f16, "x 780 y 780 tail 780"},
        {CLACT_ACT_TANH, apart, "x 3120"},
        {CLACT_ACT_IDENTITY, plain, "x 1560 y 1560 nothing 0"},
        {CLACT_ACT_STEP, dropped, "x 1560 nothing 0"},
        {CLACT_ACT_PRELU, with_slopes, "x 1560"},
        {CLACT_ACT_PRELU, slopes_kept, "x 1560 mask 96"},
        {CLACT_ACT_PRELU, of_negative_slope, "x 1560 mask 96"},
        {CLACT_ACT_LEAKY_RELU, plain, "x 1560 y 1560 mask 96"},
        {CLACT_ACT_ELU, plain, "x 1560 y 1560"},
        {CLACT_ACT_RELU, all_dropout, ""},
        {CLACT_ACT_RELU, with_slopes, ""},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        clact_saved_choice choices[CLACT_SAVED_COUNT];
        clact_sweep w;
        char text[256] = "";
        for (int saved = 0; saved < CLACT_SAVED_COUNT; saved++) { /* whatever its own */
            clact_sweep_init(&w, list[i].activation);
            list[i].make(&w);
            w.saved = (clact_saved)saved;
            const size_t n = clact_sweep_saved_choices(&w, 3, 130, choices);
            text[0] = '\0';
            for (size_t j = 0, at = 0; j < n; j++)
                at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %zu", j ? " " : "",
                                       clact_saved_name(choices[j].saved), choices[j].bytes);
            assert_string_equal(text, list[i].choices);
        }
    }
}

static void choices_at_the_edges(void **state) {
    (void)state;
    clact_saved_choice c[CLACT_SAVED_COUNT];
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_RELU);
    const size_t columns[] = {0, 1, 127, 128, 129, 1280}, words[] = {0, 4, 4, 4, 8, 40};
    for (int i = 0; i < 6; i++) {
        assert_int_equal(clact_sweep_saved_choices(&w, 7, columns[i], c), 3);
        assert_int_equal(c[2].bytes, 7 * 4 * words[i]);
        assert_int_equal(c[0].bytes, 7 * 4 * columns[i]);
    }
    assert_int_equal(clact_sweep_saved_choices(&w, 0, 5, c), 3);
    assert_int_equal(c[0].bytes + c[1].bytes + c[2].bytes, 0);
    assert_int_equal(clact_sweep_saved_choices(NULL, 1, 1, c), 0);
    assert_int_equal(clact_sweep_saved_choices(&w, 1, 1, NULL), 0);
    /* the mask would fit, x does not */
    assert_int_equal(clact_sweep_saved_choices(&w, SIZE_MAX / 64, 128, c), 0);
    assert_int_equal(clact_sweep_saved_choices(&w, SIZE_MAX, SIZE_MAX, c), 0);
}

/* ---- the workspace ---- */

static size_t workspace(const clact_sweep *w, bool backward, size_t rows, size_t cols) {
    size_t bytes = 77;
    assert_int_equal(clact_sweep_workspace(w, backward, rows, cols, &bytes), CLACT_SUCCESS);
    return bytes;
}

static void the_workspace_has_room_for_all_partial_sums(void **state) {
    (void)state;
    size_t bytes = 77;
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_PRELU);
    assert_int_equal(workspace(&w, false, 100, 7) + workspace(&w, true, 100, 7), 0);
    w.bias = w.slopes = true;
    w.gate = CLACT_GATE_FIRST; /* three sums of two planes; 100 rows are 4 blocks */
    assert_int_equal(workspace(&w, false, 100, 7), 0);
    assert_int_equal(workspace(&w, true, 100, 7), 6 * 4 * 7 * 4);
    assert_int_equal(workspace(&w, true, 0, 7), 6 * 7 * 4);
    assert_int_equal(workspace(&w, true, 1u << 20, 7), 6 * 512 * 7 * 4);
    w.health = true;
    w.dtype = CLACT_F64;
    assert_int_equal(workspace(&w, false, 32, 7), 13 * 7 * 8);
    assert_int_equal(workspace(&w, true, 33, 7), 19 * 2 * 7 * 8);
    w.gradients = 0;
    assert_int_equal(workspace(&w, true, 33, 7), 13 * 2 * 7 * 8);
    assert_int_equal(clact_sweep_workspace(&w, true, 100, SIZE_MAX / 100, &bytes), CLACT_SHAPE);
    assert_int_equal(bytes, 0);
    assert_int_equal(clact_sweep_workspace(&w, true, 1, 1, NULL), CLACT_INVALID_ARGUMENT);
    w.dropout = 2.0f;
    assert_int_equal(clact_sweep_workspace(&w, true, 1, 1, &bytes), CLACT_PARAMETER_RANGE);
    assert_int_equal(clact_sum_columns_workspace(1000, 3, &bytes), CLACT_SUCCESS);
    assert_int_equal(bytes, 2 * 16 * 3 * 4);
    assert_int_equal(clact_sum_columns_workspace(1, SIZE_MAX / 4, &bytes), CLACT_SHAPE);
    assert_int_equal(clact_sum_columns_workspace(1, 1, NULL), CLACT_INVALID_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(a_mask_of_slopes_without_their_gradient_is_legal),
        cmocka_unit_test(choices_and_their_bytes),
        cmocka_unit_test(choices_at_the_edges),
        cmocka_unit_test(the_workspace_has_room_for_all_partial_sums),
    };
    return cmocka_run_group_tests_name("legal sweeps", tests, NULL, NULL);
}
