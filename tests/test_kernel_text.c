/* test_kernel_text.c: every kernel text compiles without a warning, at every width, in both tiers,
 * for every storage type, and in double where the device has it.
 */
#include "device_fixture.h"

#include "core/plan.h"
#include "core/product_plan.h"
#include "core/row_specs.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

enum {
    MOST_ROWS = 2 * SOFTMAX_MOST_SPECS + (4 + CLACT_LOSS_HUBER) * LOSS_MOST_SPECS,
    MOST_SPECS = 3 * (3 * CLACT_ACT_COUNT + MOST_ROWS + 6 * 2 * PLAN_MAX_KERNELS) + 3
};
enum { MOST_PARTS = 8 + 2 * MOST_SPECS };

/* The sweeps of every row in all directions. */
static size_t list_sweeps(clact_tier tier, clact_dtype dtype, kernel_spec *specs) {
    size_t n = 0;
    for (int i = 0; i < CLACT_ACT_COUNT; i++) {
        clact_sweep sweep;
        clact_sweep_init(&sweep, (clact_activation)i);
        sweep.tier = tier;
        sweep.dtype = dtype;
        specs[n++] = plan_sweep(&sweep, PLAN_FORWARD);
        specs[n++] = plan_sweep(&sweep, PLAN_BACKWARD);
        sweep.saved = CLACT_SAVED_Y;
        if (clact_sweep_check(&sweep, true) == CLACT_SUCCESS)
            specs[n++] = plan_sweep(&sweep, PLAN_BACKWARD);
    }
    return n;
}

/* Adds those of `more` that are not listed yet; returns how many there are then. */
static size_t add_new(kernel_spec *specs, size_t count, const kernel_spec *more, size_t num_more) {
    for (size_t i = 0; i < num_more; i++) {
        bool is_new = true;
        for (size_t j = 0; j < count; j++)
            is_new = is_new && strcmp(specs[j].name, more[i].name) != 0;
        if (is_new) specs[count++] = more[i];
    }
    return count;
}

/* Softmax and all losses, with every option, after `count` specs that are there. */
static size_t list_rows(clact_tier tier, clact_dtype dtype, kernel_spec *specs, size_t count) {
    kernel_spec more[SOFTMAX_MOST_SPECS + LOSS_MOST_SPECS];
    for (int log = 0; log < 2; log++) {
        const clact_softmax softmax = {sizeof softmax, log, dtype, tier};
        count = add_new(specs, count, more, softmax_specs(&softmax, true, more));
    }
    for (int kind = 0; kind <= CLACT_LOSS_HUBER; kind++) {
        for (int options = 0; options < (kind == 0 ? 4 : 1); options++) {
            clact_loss loss;
            clact_loss_init(&loss, (clact_loss_kind)kind);
            loss.tier = tier;
            loss.dtype = dtype;
            loss.has_weight = options & 1;
            loss.label_smoothing = options & 2 ? 0.1f : 0.0f;
            count = add_new(specs, count, more, loss_specs(&loss, more));
        }
    }
    return count;
}

/* Passes with every stage and saved tensor, and what finishes their sums and health. */
static size_t list_stages(clact_tier tier, clact_dtype dtype, kernel_spec *specs, size_t count) {
    static const struct {
        clact_activation activation;
        clact_saved saved;
    } of[] = {{CLACT_ACT_GELU, CLACT_SAVED_X},           {CLACT_ACT_RELU, CLACT_SAVED_MASK},
              {CLACT_ACT_TANH, CLACT_SAVED_TAIL},        {CLACT_ACT_SIGMOID, CLACT_SAVED_Y},
              {CLACT_ACT_IDENTITY, CLACT_SAVED_NOTHING}, {CLACT_ACT_PRELU, CLACT_SAVED_X}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        kernel_spec more[PLAN_MAX_KERNELS];
        clact_sweep w;
        clact_sweep_init(&w, of[i].activation);
        w.saved = of[i].saved;
        w.tier = tier;
        w.dtype = dtype;
        w.bias = w.health = true;
        w.slopes = w.activation == CLACT_ACT_PRELU;
        w.accumulate = CLACT_GRADIENT_ALL;
        if (w.saved == CLACT_SAVED_X) w.gate = CLACT_GATE_FIRST;
        if (w.saved != CLACT_SAVED_Y) {
            w.dropout = 0.5f;
            w.scale = 2.0f;
            w.residual = true;
        }
        assert_int_equal(clact_sweep_check(&w, true), CLACT_SUCCESS);
        count = add_new(specs, count, more, plan_kernels(&w, PLAN_FORWARD, more));
        count = add_new(specs, count, more, plan_kernels(&w, PLAN_BACKWARD, more));
    }
    return count;
}

/* Products: alone, and with a sweep that has a bias and a scale or neither. */
static size_t list_products(clact_tier tier, clact_dtype dtype, unsigned width, kernel_spec *specs,
                            size_t count) {
    const product_tile tile = {.rows = 8,
                               .vectors = 2,
                               .lanes = kernel_lanes(plan_flavour(dtype, tier), width),
                               .local = 64};
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_GELU);
    w.tier = tier;
    w.dtype = dtype;
    specs[count++] = product_plan_kernel(tile, dtype, NULL);
    specs[count++] = product_plan_kernel(tile, dtype, &w);
    w.bias = true;
    w.scale = 2.0f;
    specs[count++] = product_plan_kernel(tile, dtype, &w);
    return count;
}

static void compiles_without_a_word(fixture *f, const char *what, const char *const *parts,
                                    cl_uint count) {
    char log[8192] = "";
    cl_int code = CL_SUCCESS;
    cl_program program =
        clCreateProgramWithSource(f->context, count, (const char **)parts, NULL, &code);
    assert_int_equal(code, CL_SUCCESS);
    code = clBuildProgram(program, 1, &f->device, "-cl-std=CL1.2 -cl-opt-disable", NULL, NULL);
    clGetProgramBuildInfo(program, f->device, CL_PROGRAM_BUILD_LOG, sizeof log - 1, log, NULL);
    clReleaseProgram(program);
    if (code != CL_SUCCESS || strstr(log, "warning") || strstr(log, "error")) {
        print_error("%s: code %d, log:\n%s\n", what, (int)code, log);
        fail();
    }
}

/* One program of all texts. */
static void check_texts(fixture *f, unsigned width, clact_tier tier, bool in_double) {
    static kernel_spec specs[MOST_SPECS];
    const char *parts[MOST_PARTS];
    char sizes[128], what[64];
    cl_uint n = 0;
    size_t k = 0;
    snprintf(what, sizeof what, "width %u, %s%s", width, clact_tier_name(tier),
             in_double ? ", double" : "");
    snprintf(sizes, sizeof sizes, "#define WIDTH %u\n%s%s", width,
             tier == CLACT_TIER_ACCURATE ? "#define ACCURATE\n" : "",
             in_double ? "#define DOUBLE\n" : "");
    parts[n++] = sizes;
    parts[n++] = clact_text_kernel;
    parts[n++] = in_double ? "" : "\n#define SELF_TEST_NAME self_test\n";
    parts[n++] = in_double ? "" : clact_text_self_test;
    if (!in_double) parts[n++] = clact_text_update;
    const clact_dtype first = in_double ? CLACT_F64 : CLACT_F32;
    for (clact_dtype d = first; d <= (in_double ? CLACT_F64 : CLACT_BF16); d++) {
        k += list_sweeps(tier, d, specs + k);
        k = list_rows(tier, d, specs, k);
        k = list_stages(tier, d, specs, k);
    }
    k = list_products(tier, first, width, specs, k);
    /* each text once for its defines: it may hold several kernels */
    for (size_t i = 0; i < k; i++) {
        bool is_there = false;
        for (size_t j = 0; j < i; j++)
            is_there = is_there || (specs[j].text == specs[i].text &&
                                    strcmp(specs[j].defines, specs[i].defines) == 0);
        if (is_there) continue;
        parts[n++] = specs[i].defines;
        parts[n++] = specs[i].text;
    }
    compiles_without_a_word(f, what, parts, n);
}

static void texts_compile_without_a_word(void **state) {
    fixture *f = *state;
    for (unsigned width = 1; width <= 16; width *= 2) {
        for (clact_tier tier = CLACT_TIER_FAST; tier <= CLACT_TIER_ACCURATE; tier++) {
            check_texts(f, width, tier, false);
            if (f->info.fp64) check_texts(f, width, tier, true);
        }
    }
}

int main(void) {
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
    const struct CMUnitTest tests[] = {
        {"texts_compile_without_a_word", texts_compile_without_a_word, NULL, NULL, &f}};
    const int failed = cmocka_run_group_tests_name("kernel text", tests, NULL, NULL);
    if (!f.info.fp64) puts("the device has no float64: not tested in double");
    fixture_close(&f);
    return failed;
}
