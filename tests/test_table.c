/* test_table.c: the table of activations, descriptors and launch numbers; needs no device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/derived.h"
#include "core/plan.h"
#include "core/table.h"

#include <math.h>
#include <string.h>

static clact_activation find(const char *name) {
    clact_activation a = CLACT_ACT_COUNT;
    assert_int_equal(clact_activation_find(name, &a), CLACT_SUCCESS);
    return a;
}

static void names_and_aliases_find_one_row_each(void **state) {
    (void)state;
    for (int i = 0; i < CLACT_ACT_COUNT; i++) {
        clact_activation_info info;
        char alias[128];
        assert_int_equal(clact_activation_query((clact_activation)i, &info), CLACT_SUCCESS);
        assert_int_equal(find(info.name), i);
        for (const char *at = info.aliases; *at; at += at[strcspn(at, "|")] == '|') {
            const size_t n = strcspn(at, "|");
            memcpy(alias, at, n);
            alias[n] = '\0';
            assert_int_equal(find(alias), i);
            at += n;
        }
    }
}

static void spellings_of_pytorch_and_onnx_are_known(void **state) {
    (void)state;
    assert_int_equal(find("LeakyReLU"), CLACT_ACT_LEAKY_RELU);
    assert_int_equal(find("PReLU"), CLACT_ACT_PRELU);
    assert_int_equal(find("ReLU6"), CLACT_ACT_RELU6);
    assert_int_equal(find("Hardswish"), CLACT_ACT_HARDSWISH);
    assert_int_equal(find("HardSwish"), CLACT_ACT_HARDSWISH);
    assert_int_equal(find("hard_sigmoid"), CLACT_ACT_HARDSIGMOID);
    assert_int_equal(find("LogSigmoid"), CLACT_ACT_LOGSIGMOID);
    assert_int_equal(find("ThresholdedRelu"), CLACT_ACT_THRESHOLD);
    assert_int_equal(find("GELU"), CLACT_ACT_GELU);
    assert_int_equal(find("gelu-tanh"), CLACT_ACT_GELU_TANH);
    assert_int_equal(find("QuickGELU"), CLACT_ACT_QUICK_GELU);
    assert_int_equal(find("SiLU"), CLACT_ACT_SILU);
    assert_int_equal(find("Softplus"), CLACT_ACT_SOFTPLUS);
    assert_int_equal(find("Sin"), CLACT_ACT_SINE);
    assert_int_equal(find("Linear"), CLACT_ACT_IDENTITY);
}

static void wrong_names_are_refused(void **state) {
    (void)state;
    clact_activation a;
    const char *const wrong[] = {"", "_", "relu ", "rel", "relux", "gelu|gelu_erf", "|"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(clact_activation_find(wrong[i], &a), CLACT_UNKNOWN_NAME);
    assert_int_equal(clact_activation_find(NULL, &a), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_activation_find("relu", NULL), CLACT_INVALID_ARGUMENT);
}

static void rows_are_sound(void **state) {
    (void)state;
    for (int i = 0; i < CLACT_ACT_COUNT; i++) {
        clact_activation_info info;
        clact_sweep sweep;
        clact_activation_query((clact_activation)i, &info);
        assert_int_equal(clact_sweep_init(&sweep, (clact_activation)i), CLACT_SUCCESS);
        assert_int_equal(clact_sweep_check(&sweep, true), CLACT_SUCCESS);
        assert_true(strlen(info.formula) > 0 && strlen(info.derivative) > 0);
        assert_true(info.domain_min < info.domain_max);
        for (int p = 0; p < info.num_params; p++) {
            assert_true(info.params[p].min <= info.params[p].value);
            assert_true(info.params[p].value <= info.params[p].max);
        }
        sweep.saved = CLACT_SAVED_Y;
        assert_int_equal(clact_sweep_check(&sweep, true),
                         info.reads_y ? CLACT_SUCCESS : CLACT_SAVED_TENSOR);
        assert_int_equal(clact_sweep_check(&sweep, false), CLACT_SUCCESS);
    }
    clact_activation_info info;
    assert_int_equal(clact_activation_query(CLACT_ACT_COUNT, &info), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_activation_query((clact_activation)-1, &info), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_activation_query(CLACT_ACT_RELU, NULL), CLACT_INVALID_ARGUMENT);
}

static void kinks_follow_the_parameters(void **state) {
    (void)state;
    const float params[] = {-2.0f, 3.0f};
    float k[CLACT_MAX_KINKS] = {0};
    assert_int_equal(clact_activation_kinks(CLACT_ACT_HARDTANH, params, k), 2);
    assert_true(k[0] == -2.0f && k[1] == 3.0f);
    assert_int_equal(clact_activation_kinks(CLACT_ACT_SOFTSHRINK, NULL, k), 2);
    assert_true(k[0] == -0.5f && k[1] == 0.5f);
    assert_int_equal(clact_activation_kinks(CLACT_ACT_GELU, NULL, k), 0);
    assert_int_equal(clact_activation_kinks(CLACT_ACT_COUNT, NULL, k), 0);
    assert_int_equal(clact_activation_kinks(CLACT_ACT_RELU, NULL, NULL), 0);
}

static void parameters_are_set_by_name_within_range(void **state) {
    (void)state;
    clact_sweep s;
    clact_sweep_init(&s, CLACT_ACT_TANH);
    assert_int_equal(clact_sweep_set(&s, "beta", 1.7159f), CLACT_SUCCESS);
    assert_true(s.params[1] == 1.7159f && s.params[0] == 1.0f);
    assert_int_equal(clact_sweep_set(&s, "gamma", 1.0f), CLACT_UNKNOWN_NAME);
    assert_int_equal(clact_sweep_set(&s, "alpha", 0.0f), CLACT_PARAMETER_RANGE);
    assert_int_equal(clact_sweep_set(&s, "alpha", NAN), CLACT_PARAMETER_RANGE);
    assert_int_equal(clact_sweep_set(&s, "alpha", INFINITY), CLACT_PARAMETER_RANGE);
    assert_true(s.params[0] == 1.0f);
    assert_int_equal(clact_sweep_set(NULL, "alpha", 1.0f), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_sweep_set(&s, NULL, 1.0f), CLACT_INVALID_ARGUMENT);
}

static void y_is_refused_where_it_would_mislead(void **state) {
    (void)state;
    const clact_activation sloped[] = {CLACT_ACT_LEAKY_RELU, CLACT_ACT_PRELU, CLACT_ACT_ELU};
    for (size_t i = 0; i < sizeof sloped / sizeof *sloped; i++) {
        clact_sweep s;
        clact_sweep_init(&s, sloped[i]);
        s.saved = CLACT_SAVED_Y;
        s.params[0] = -0.5f;
        assert_int_equal(clact_sweep_check(&s, true), CLACT_SAVED_TENSOR);
        s.params[0] = 0.5f;
        assert_int_equal(clact_sweep_check(&s, true), CLACT_SUCCESS);
    }
}

static void parameters_must_go_together(void **state) {
    (void)state;
    clact_sweep s;
    clact_sweep_init(&s, CLACT_ACT_HARDTANH);
    s.params[0] = 2.0f;
    assert_int_equal(clact_sweep_check(&s, false), CLACT_PARAMETER_RANGE);
    s.params[1] = 2.5f;
    assert_int_equal(clact_sweep_check(&s, false), CLACT_SUCCESS);
}

static void sweeps_not_set_up_are_refused(void **state) {
    (void)state;
    clact_sweep s = {0};
    assert_int_equal(clact_sweep_check(&s, false), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_sweep_check(NULL, false), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_sweep_init(&s, CLACT_ACT_COUNT), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_sweep_init(NULL, CLACT_ACT_RELU), CLACT_INVALID_ARGUMENT);
    clact_sweep_init(&s, CLACT_ACT_RELU);
    s.saved = (clact_saved)7;
    assert_int_equal(clact_sweep_check(&s, false), CLACT_INVALID_ARGUMENT);
    const clact_tier tiers[] = {(clact_tier)-1, (clact_tier)(CLACT_TIER_ACCURATE + 1)};
    const clact_dtype dtypes[] = {(clact_dtype)-1, (clact_dtype)(CLACT_F64 + 1)};
    for (int i = 0; i < 2; i++) {
        clact_sweep_init(&s, CLACT_ACT_RELU);
        s.tier = tiers[i];
        assert_int_equal(clact_sweep_check(&s, false), CLACT_INVALID_ARGUMENT);
        clact_sweep_init(&s, CLACT_ACT_RELU);
        s.dtype = dtypes[i];
        assert_int_equal(clact_sweep_check(&s, false), CLACT_INVALID_ARGUMENT);
    }
}

static void types_and_tiers_have_names(void **state) {
    (void)state;
    assert_int_equal(clact_dtype_size(CLACT_F16), 2);
    assert_int_equal(clact_dtype_size(CLACT_BF16), 2);
    assert_int_equal(clact_dtype_size(CLACT_F32), sizeof(float));
    assert_int_equal(clact_dtype_size(CLACT_F64), sizeof(double));
    assert_int_equal(clact_dtype_size((clact_dtype)9), 0);
    assert_string_equal(clact_dtype_name(CLACT_BF16), "bf16");
    assert_null(clact_dtype_name((clact_dtype)9));
    assert_string_equal(clact_tier_name(CLACT_TIER_ACCURATE), "accurate");
    assert_null(clact_tier_name((clact_tier)2));
}

static void the_grid_covers_every_element_once(void **state) {
    (void)state;
    const size_t sizes[] = {1, 15, 16, 17, 1023, 1024, 1025, (size_t)1 << 40};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (unsigned width = 1; width <= 16; width *= 2) {
            const plan_grid g = plan_elementwise(3, sizes[i], width, 64);
            const size_t items = 3 * ((sizes[i] + width - 1) / width);
            assert_int_equal(g.local, 64);
            assert_int_equal(g.global % g.local, 0);
            assert_true(g.global >= items && g.global - items < 64);
        }
    }
}

static void kernels_are_named_by_what_they_read(void **state) {
    (void)state;
    clact_sweep s;
    clact_sweep_init(&s, CLACT_ACT_TANH);
    assert_string_equal(plan_sweep(&s, PLAN_FORWARD).name, "fwd_tanh_unit_f32_fast");
    assert_string_equal(plan_sweep(&s, PLAN_BACKWARD).name, "bwd_tanh_unit_f32_fast");
    s.saved = CLACT_SAVED_Y;
    s.tier = CLACT_TIER_ACCURATE;
    s.dtype = CLACT_BF16;
    assert_string_equal(plan_sweep(&s, PLAN_FORWARD).name, "fwd_tanh_unit_bf16_accurate");
    assert_string_equal(plan_sweep(&s, PLAN_BACKWARD).name, "bwd_y_tanh_unit_bf16_accurate");
    s.saved = CLACT_SAVED_TAIL; /* a forward pass that writes it is another */
    s.bias = true;
    assert_string_equal(plan_sweep(&s, PLAN_FORWARD).name, "fwd_tail_tanh_unit_bf16_accurate_1");
    assert_string_equal(plan_sweep(&s, PLAN_BACKWARD).name, "bwd_tail_tanh_unit_bf16_accurate_80");
    assert_int_equal(kernel_lanes(KERNEL_ACCURATE, 8), 8);
    assert_int_equal(kernel_lanes(KERNEL_DOUBLE, 8), 4);
}

static void reciprocals_have_a_low_part(void **state) {
    (void)state;
    const float value = 0.37f, params[2] = {value, value};
    double d[8];
    derive_params_f64(params, d);
    assert_true(d[2] == 1 / (double)value && d[3] != 0 && d[4] == d[2] && d[5] == d[3]);
    assert_true(fabs(fma(d[2], (double)value, -1) + d[3] * (double)value) < 0x1p-104);
}

static void every_status_has_a_text(void **state) {
    (void)state;
#define CHECK_TEXT(name, value, text)                                                              \
    assert_string_equal(clact_status_text(CLACT_##name), text);                                    \
    assert_int_equal(CLACT_##name, value);
    CLACT_STATUS_MAP(CHECK_TEXT)
    assert_string_equal(clact_status_text((clact_status)999), "unknown status");
    assert_true(strlen(clact_version()) >= 5);
}

static void bounds_are_those_of_the_tiers(void **state) {
    (void)state;
    for (int i = 0; i < CLACT_ACT_COUNT; i++)
        for (int backward = 0; backward < 2; backward++) {
            const clact_activation act = (clact_activation)i;
            clact_bound fast, accurate, half, brain, twice;
            assert_int_equal(
                clact_activation_bound(act, CLACT_TIER_FAST, CLACT_F32, backward, &fast), 0);
            assert_int_equal(
                clact_activation_bound(act, CLACT_TIER_ACCURATE, CLACT_F32, backward, &accurate),
                0);
            assert_int_equal(
                clact_activation_bound(act, CLACT_TIER_FAST, CLACT_F16, backward, &half), 0);
            assert_int_equal(
                clact_activation_bound(act, CLACT_TIER_FAST, CLACT_BF16, backward, &brain), 0);
            assert_int_equal(
                clact_activation_bound(act, CLACT_TIER_ACCURATE, CLACT_F64, backward, &twice), 0);
            assert_true(accurate.ulps <= 1 && fast.ulps <= 4 && accurate.ulps <= fast.ulps);
            assert_true(half.ulps == 0.5 + fast.ulps * 0x1p-13);
            assert_true(brain.ulps == 0.5 + fast.ulps * 0x1p-16);
            assert_true(twice.ulps == accurate.ulps + (accurate.ulps >= 1 ? 0.5 : 0));
            const bool has_floor = act == CLACT_ACT_SWISH && backward;
            assert_true(accurate.floor == (has_floor ? 0x1p-50 : 0));
            assert_true(twice.floor == (has_floor ? 0x1p-100 : 0));
        }
    clact_bound b;
    assert_int_equal(clact_activation_bound(CLACT_ACT_COUNT, CLACT_TIER_FAST, CLACT_F32, false, &b),
                     CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_activation_bound(CLACT_ACT_RELU, (clact_tier)2, CLACT_F32, false, &b),
                     CLACT_INVALID_ARGUMENT);
    assert_int_equal(
        clact_activation_bound(CLACT_ACT_RELU, CLACT_TIER_FAST, (clact_dtype)4, false, &b),
        CLACT_INVALID_ARGUMENT);
    assert_int_equal(
        clact_activation_bound(CLACT_ACT_RELU, CLACT_TIER_FAST, CLACT_F32, false, NULL),
        CLACT_INVALID_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_are_those_of_the_tiers),
        cmocka_unit_test(names_and_aliases_find_one_row_each),
        cmocka_unit_test(spellings_of_pytorch_and_onnx_are_known),
        cmocka_unit_test(wrong_names_are_refused),
        cmocka_unit_test(rows_are_sound),
        cmocka_unit_test(kinks_follow_the_parameters),
        cmocka_unit_test(parameters_are_set_by_name_within_range),
        cmocka_unit_test(y_is_refused_where_it_would_mislead),
        cmocka_unit_test(parameters_must_go_together),
        cmocka_unit_test(sweeps_not_set_up_are_refused),
        cmocka_unit_test(types_and_tiers_have_names),
        cmocka_unit_test(the_grid_covers_every_element_once),
        cmocka_unit_test(kernels_are_named_by_what_they_read),
        cmocka_unit_test(reciprocals_have_a_low_part),
        cmocka_unit_test(every_status_has_a_text),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
