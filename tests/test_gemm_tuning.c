/* test_gemm_tuning.c: which of CLBlast's parameters a device gets, and what is refused. */
#include "net/gemm_tuning.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static clact_device_info device_of(cl_device_type type, unsigned width) {
    return (clact_device_info){.type = type, .vector_width = width, .max_work_group = 4096};
}

static void classes_follow_type_and_width(void **state) {
    (void)state;
    const struct {
        cl_device_type type;
        unsigned width;
        gemm_class class;
    } cases[] = {{CL_DEVICE_TYPE_CPU, 16, GEMM_CPU_AVX512},
                 {CL_DEVICE_TYPE_CPU, 8, GEMM_CPU_AVX2},
                 {CL_DEVICE_TYPE_CPU, 4, GEMM_CPU},
                 {CL_DEVICE_TYPE_GPU, 4, GEMM_CLASSES},
                 {CL_DEVICE_TYPE_GPU | CL_DEVICE_TYPE_CPU, 16, GEMM_CLASSES},
                 {CL_DEVICE_TYPE_ACCELERATOR, 16, GEMM_CLASSES}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const clact_device_info device = device_of(cases[i].type, cases[i].width);
        clact_gemm_tuning tuning = {.struct_size = 1};
        assert_int_equal(gemm_class_of(&device), cases[i].class);
        assert_int_equal(clact_gemm_shipped(&device, &tuning), cases[i].class != GEMM_CLASSES);
        assert_int_equal(tuning.struct_size, cases[i].class == GEMM_CLASSES ? 1 : sizeof tuning);
    }
    assert_false(clact_gemm_shipped(NULL, NULL));
}

/* Also by devices with the fewest work-items in a group that OpenCL's CPUs have in practice. */
static void what_ships_is_legal(void **state) {
    (void)state;
    for (gemm_class c = 0; c < GEMM_CLASSES; c++) {
        const clact_gemm_tuning tuning = gemm_tuning_of(c);
        char text[256];
        const clact_status status = clact_gemm_check(&tuning, 1024, text, sizeof text);
        assert_string_equal(text, "");
        assert_int_equal(status, CLACT_SUCCESS);
    }
}

static void parameters_have_names(void **state) {
    (void)state;
    assert_string_equal(clact_gemm_parameter_name(CLACT_GEMM_MWG), "MWG");
    assert_string_equal(clact_gemm_kernel_name(CLACT_GEMM_MWG), "Xgemm");
    assert_string_equal(clact_gemm_kernel_name(CLACT_GEMM_PADTRA_WPT), "Padtranspose");
    assert_null(clact_gemm_parameter_name(CLACT_GEMM_PARAMETERS));
    assert_null(clact_gemm_kernel_name((clact_gemm_parameter)-1));
}

static void numbers_no_kernel_can_have_are_refused(void **state) {
    (void)state;
    const struct {
        clact_gemm_parameter parameter;
        uint32_t value;
        const char *text;
    } cases[] = {
        {CLACT_GEMM_MWG, 0, "MWG must be from 1 to 1024, not 0"},
        {CLACT_GEMM_SA, 2, "SA must be from 0 to 1, not 2"},
        {CLACT_GEMM_PADA, 5000, "PADA must be from 0 to 1024, not 5000"},
        {CLACT_GEMM_VWM, 3, "VWM must be 1, 2, 4, 8 or 16, not 3"},
        {CLACT_GEMM_MWG, 40, "MWG must be a multiple of MDIMC times VWM"},
        {CLACT_GEMM_NWG, 12, "NWG must be a multiple of NDIMC times VWN"},
        {CLACT_GEMM_KWI, 3, "KWG must be a multiple of KWI"},
        {CLACT_GEMM_MDIMA, 2, "MDIMC times NDIMC must be a multiple of MDIMA"},
        {CLACT_GEMM_VWMD, 2, "WGD must be a multiple of MDIMCD times VWMD"},
        {CLACT_GEMM_PADTRA_TILE, 40,
         "PADTRA_TILE times PADTRA_TILE is 1600, and the device has at most 1024 items in a "
         "work-group"},
        {CLACT_GEMM_MWG, 512, "a work-item would have more than 1024 numbers"},
    };
    clact_gemm_tuning tuning = gemm_tuning_of(GEMM_CPU_AVX512);
    char text[256];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tuning = gemm_tuning_of(GEMM_CPU_AVX512);
        tuning.values[cases[i].parameter] = cases[i].value;
        if (cases[i].parameter == CLACT_GEMM_MDIMA) tuning.values[CLACT_GEMM_VWM] = 8;
        assert_int_equal(clact_gemm_check(&tuning, 1024, text, sizeof text),
                         CLACT_INVALID_ARGUMENT);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(clact_gemm_check(&tuning, 1024, NULL, 0), CLACT_INVALID_ARGUMENT);
    }
    tuning.struct_size = 1;
    assert_int_equal(clact_gemm_check(&tuning, 1024, text, 8), CLACT_INVALID_ARGUMENT);
    assert_string_equal(text, "the tun");
    assert_int_equal(clact_gemm_check(NULL, 1024, NULL, 0), CLACT_INVALID_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_follow_type_and_width),
        cmocka_unit_test(what_ships_is_legal),
        cmocka_unit_test(parameters_have_names),
        cmocka_unit_test(numbers_no_kernel_can_have_are_refused),
    };
    return cmocka_run_group_tests_name("parameters of CLBlast", tests, NULL, NULL);
}
