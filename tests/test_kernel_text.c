/* test_kernel_text.c: every kernel text compiles at every width without a warning. */
#include "device_fixture.h"

#include "core/text.h"

#include <stdio.h>
#include <string.h>

static void texts_compile_without_a_word(void **state) {
    fixture *f = *state;
    for (unsigned width = 1; width <= 16; width *= 2) {
        const char *const parts[] = {clact_text_kernel, clact_text_reduce, clact_text_update,
                                     clact_text_loss};
        char options[64], log[4096] = "";
        cl_int code = CL_SUCCESS;
        snprintf(options, sizeof options, "-cl-std=CL1.2 -DWIDTH=%u -DLOCAL=64", width);
        cl_program program = clCreateProgramWithSource(f->context, width == 1 ? 4 : 3,
                                                       (const char **)parts, NULL, &code);
        assert_int_equal(code, CL_SUCCESS);
        code = clBuildProgram(program, 1, &f->device, options, NULL, NULL);
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
