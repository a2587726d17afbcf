/* test_kernel_text.c: every kernel text compiles without a warning, at every width, in both tiers,
 * for every storage type, and in double where the device has it.
 */
#include "device_fixture.h"

#include "core/plan.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

enum { MOST_SPECS = 3 * 3 * CLACT_ACT_COUNT, MOST_PARTS = 8 + 2 * MOST_SPECS };

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

static void compiles_without_a_word(fixture *f, const char *what, const char *const *parts,
                                    cl_uint count) {
    char log[8192] = "";
    cl_int code = CL_SUCCESS;
    cl_program program =
        clCreateProgramWithSource(f->context, count, (const char **)parts, NULL, &code);
    assert_int_equal(code, CL_SUCCESS);
    code = clBuildProgram(program, 1, &f->device, "-cl-std=CL1.2", NULL, NULL);
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
    snprintf(sizes, sizeof sizes, "#define WIDTH %u\n#define LOCAL 64\n%s%s", width,
             tier == CLACT_TIER_ACCURATE ? "#define ACCURATE\n" : "",
             in_double ? "#define DOUBLE\n" : "");
    parts[n++] = sizes;
    parts[n++] = clact_text_kernel;
    parts[n++] = in_double ? "" : "\n#define SELF_TEST_NAME self_test\n";
    parts[n++] = in_double ? "" : clact_text_self_test;
    if (in_double) {
        k += list_sweeps(tier, CLACT_F64, specs);
    } else {
        parts[n++] = clact_text_reduce;
        parts[n++] = clact_text_update;
        if (width == 1) parts[n++] = clact_text_loss;
        for (clact_dtype d = CLACT_F32; d <= CLACT_BF16; d++)
            k += list_sweeps(tier, d, specs + k);
    }
    for (size_t i = 0; i < k; i++) {
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
