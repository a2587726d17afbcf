/* test_kernel_text.c: every kernel text compiles at every width without a warning. */
#include "device_fixture.h"

#include "core/plan.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

enum { MOST_PARTS = 8 + 2 * 3 * CLACT_ACT_COUNT };

/* Every text, and the sweeps of every row in all directions. */
static void texts_compile_without_a_word(void **state) {
    fixture *f = *state;
    static kernel_spec specs[3 * CLACT_ACT_COUNT];
    const char *parts[MOST_PARTS];
    char sizes[64], log[8192];
    for (unsigned width = 1; width <= 16; width *= 2) {
        cl_uint n = 0;
        size_t k = 0;
        cl_int code = CL_SUCCESS;
        snprintf(sizes, sizeof sizes, "#define WIDTH %u\n#define LOCAL 64\n", width);
        parts[n++] = sizes;
        parts[n++] = clact_text_kernel;
        parts[n++] = clact_text_reduce;
        parts[n++] = clact_text_update;
        if (width == 1) parts[n++] = clact_text_loss;
        for (int i = 0; i < CLACT_ACT_COUNT; i++) {
            clact_sweep sweep;
            clact_sweep_init(&sweep, (clact_activation)i);
            specs[k++] = plan_sweep(&sweep, PLAN_FORWARD);
            specs[k++] = plan_sweep(&sweep, PLAN_BACKWARD);
            sweep.saved = CLACT_SAVED_Y;
            if (clact_sweep_check(&sweep, true) == CLACT_SUCCESS)
                specs[k++] = plan_sweep(&sweep, PLAN_BACKWARD);
        }
        for (size_t i = 0; i < k; i++) {
            parts[n++] = specs[i].defines;
            parts[n++] = specs[i].text;
        }
        cl_program program = clCreateProgramWithSource(f->context, n, parts, NULL, &code);
        assert_int_equal(code, CL_SUCCESS);
        code = clBuildProgram(program, 1, &f->device, "-cl-std=CL1.2", NULL, NULL);
        memset(log, 0, sizeof log);
        clGetProgramBuildInfo(program, f->device, CL_PROGRAM_BUILD_LOG, sizeof log - 1, log, NULL);
        clReleaseProgram(program);
        if (code != CL_SUCCESS || strstr(log, "warning") || strstr(log, "error")) {
            print_error("width %u: code %d, log:\n%s\n", width, (int)code, log);
            fail();
        }
    }
}

int main(void) {
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
    const struct CMUnitTest tests[] = {
        {"texts_compile_without_a_word", texts_compile_without_a_word, NULL, NULL, &f}};
    const int failed = cmocka_run_group_tests_name("kernel text", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
