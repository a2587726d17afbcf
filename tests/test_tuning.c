/* test_tuning.c: which tuning a device has: its own row, else that of its class, else the default;
 * and what a caller may ask for. No device needed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/tuning.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 4096 };

static clact_device_info device(cl_device_type type, const char *vendor, unsigned width) {
    clact_device_info d = {.type = type, .vector_width = width, .cache_bytes = 1000};
    snprintf(d.name, sizeof d.name, "a device of no row");
    snprintf(d.vendor, sizeof d.vendor, "%s", vendor);
    return d;
}

static void a_class_is_told_by_type_registers_and_vendor(void **state) {
    const cl_device_type cpu = CL_DEVICE_TYPE_CPU, gpu = CL_DEVICE_TYPE_GPU;
    const struct {
        clact_device_info device;
        tuning_class class;
    } rows[] = {
        {device(cpu, "GenuineIntel", 16), TUNING_CPU_AVX512},
        {device(cpu, "AuthenticAMD", 8), TUNING_CPU_AVX2},
        {device(cpu, "0x41", 4), TUNING_CPU},
        {device(gpu, "NVIDIA Corporation", 4), TUNING_GPU_NVIDIA},
        {device(gpu, "Advanced Micro Devices, Inc.", 4), TUNING_GPU_AMD},
        {device(gpu, "Intel(R) Corporation", 4), TUNING_GPU_INTEL},
        {device(gpu, "somebody else", 4), TUNING_DEFAULT},
        {device(gpu | cpu, "NVIDIA Corporation", 16), TUNING_GPU_NVIDIA},
        {device(CL_DEVICE_TYPE_ACCELERATOR, "Intel(R) Corporation", 4), TUNING_DEFAULT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(tuning_class_of(&rows[i].device), rows[i].class);
}

static void what_ships_is_complete_and_legal(void **state) {
    static const char *const vendors[] = {"NVIDIA", "Advanced Micro Devices", "Intel", "x"};
    static const cl_device_type types[] = {CL_DEVICE_TYPE_CPU, CL_DEVICE_TYPE_GPU,
                                           CL_DEVICE_TYPE_ACCELERATOR};
    static const size_t most[] = {1, 24, 64, 1024};
    char text[128];
    (void)state;
    for (int i = 0; i < 3 * 4 * 3 * 4; i++) {
        const clact_device_info d = device(types[i % 3], vendors[i / 3 % 4], 4u << (i / 12 % 3));
        const clact_tuning t = tuning_shipped(&d, most[i / 36]);
        assert_int_equal(tuning_check(&t, most[i / 36], text, sizeof text), CLACT_SUCCESS);
        for (int f = 0; f < CLACT_FAMILY_COUNT; f++) {
            assert_true(t.families[f].width > 0);
            assert_true(t.families[f].local > 0);
            assert_true(t.families[f].vectors > 0);
        }
        assert_true(t.fetch_rows > 0 && t.stream_bytes > 0);
    }
}

static tuning_row of_everything(uint32_t n) {
    tuning_row row = {.fetch_rows = n, .stream_share = n};
    for (int f = 0; f < CLACT_FAMILY_COUNT; f++)
        row.families[f] = (clact_tuning_shape){n, n, n};
    return row;
}

/* Each number by itself: what the device's row leaves open comes from the class, and so on. */
static void numbers_fall_back_from_device_to_class_to_default(void **state) {
    const tuning_row class = of_everything(2), otherwise = of_everything(1);
    tuning_row own = {.families[CLACT_FAMILY_SUMS] = {8, 0, 4}, .stream_share = 3};
    tuning_row part = class;
    (void)state;
    part.families[CLACT_FAMILY_SUMS].local = part.fetch_rows = 0;
    tuning_row row = tuning_fall_back(&own, &part, &otherwise);
    assert_int_equal(row.families[CLACT_FAMILY_SUMS].width, 8);   /* the device's */
    assert_int_equal(row.families[CLACT_FAMILY_SUMS].local, 1);   /* the default */
    assert_int_equal(row.families[CLACT_FAMILY_SUMS].vectors, 4); /* the device's */
    assert_int_equal(row.families[CLACT_FAMILY_ROWS].local, 2);   /* the class's */
    assert_int_equal(row.stream_share, 3);
    assert_int_equal(row.fetch_rows, 1);
    row = tuning_fall_back(NULL, &class, &otherwise);
    assert_int_equal(row.families[CLACT_FAMILY_SUMS].width, 2);
}

static void caches_say_from_where_stores_go_past_them(void **state) {
    clact_device_info cpu = device(CL_DEVICE_TYPE_CPU, "x", 16);
    const clact_device_info gpu = device(CL_DEVICE_TYPE_GPU, "x", 4);
    (void)state;
    assert_int_equal(tuning_shipped(&cpu, MOST).stream_bytes, 500);
    assert_true(tuning_shipped(&gpu, MOST).stream_bytes == CLACT_TUNING_NEVER);
    cpu.cache_bytes = 0;
    assert_true(tuning_shipped(&cpu, MOST).stream_bytes == CLACT_TUNING_NEVER);
}

static void what_the_caller_leaves_open_is_the_devices(void **state) {
    const clact_device_info cpu = device(CL_DEVICE_TYPE_CPU, "x", 16);
    const clact_tuning shipped = tuning_shipped(&cpu, MOST);
    const clact_tuning wanted = {.struct_size = sizeof wanted,
                                 .families[CLACT_FAMILY_ROWS] = {.width = 2},
                                 .families[CLACT_FAMILY_SUMS] = {.local = 32},
                                 .stream_bytes = 7};
    (void)state;
    clact_tuning t = tuning_completed(NULL, 0, &shipped);
    assert_memory_equal(&t, &shipped, sizeof t);
    t = tuning_completed(&wanted, 8, &shipped);
    assert_int_equal(t.families[CLACT_FAMILY_ROWS].width, 2);
    assert_int_equal(t.families[CLACT_FAMILY_SUMS].width, 8);
    assert_int_equal(t.families[CLACT_FAMILY_SUMS].local, 32);
    assert_int_equal(t.families[CLACT_FAMILY_COLUMNS].local,
                     shipped.families[CLACT_FAMILY_COLUMNS].local);
    assert_int_equal(t.fetch_rows, shipped.fetch_rows);
    assert_int_equal(t.stream_bytes, 7);
}

/* The work-groups of sums are no larger than a device has stack for. */
static void what_is_left_open_of_sums_gives_way(void **state) {
    const clact_device_info cpu = device(CL_DEVICE_TYPE_CPU, "x", 16);
    const clact_tuning shipped = tuning_shipped(&cpu, MOST);
    clact_tuning wanted = {.struct_size = sizeof wanted,
                           .families[CLACT_FAMILY_SUMS] = {.local = 32}};
    (void)state;
    assert_int_equal(shipped.families[CLACT_FAMILY_SUMS].vectors, 512);
    clact_tuning t = tuning_completed(&wanted, 0, &shipped);
    assert_int_equal(t.families[CLACT_FAMILY_SUMS].local, 32);
    assert_int_equal(t.families[CLACT_FAMILY_SUMS].vectors, 64);
    wanted.families[CLACT_FAMILY_SUMS] = (clact_tuning_shape){.vectors = 512};
    t = tuning_completed(&wanted, 0, &t);
    assert_int_equal(t.families[CLACT_FAMILY_SUMS].local, 4);
    assert_int_equal(t.families[CLACT_FAMILY_SUMS].vectors, 512);
}

/* Refused, with a sentence that names the family and the number. */
static void refused(clact_family family, clact_tuning_shape shape, const char *says) {
    clact_tuning t = {.struct_size = sizeof t};
    char text[160];
    t.families[family] = shape;
    assert_int_equal(tuning_check(&t, 256, text, sizeof text), CLACT_INVALID_ARGUMENT);
    if (!strstr(text, says)) fail_msg("'%s' does not say '%s'", text, says);
}

static void what_is_no_tuning_is_refused(void **state) {
    clact_tuning t = {.struct_size = sizeof t};
    char text[160];
    (void)state;
    assert_int_equal(tuning_check(&t, 256, text, sizeof text), CLACT_SUCCESS);
    assert_string_equal(text, "");
    refused(CLACT_FAMILY_ROWS, (clact_tuning_shape){.width = 3}, "width of rows");
    refused(CLACT_FAMILY_SUMS, (clact_tuning_shape){.width = 32}, "at most 16");
    refused(CLACT_FAMILY_FORWARD, (clact_tuning_shape){.width = 128}, "at most 64");
    refused(CLACT_FAMILY_FORWARD, (clact_tuning_shape){.local = 512}, "at most 256");
    refused(CLACT_FAMILY_FORWARD, (clact_tuning_shape){.local = 12}, "local of forward");
    refused(CLACT_FAMILY_BACKWARD, (clact_tuning_shape){.vectors = 64}, "at most 32");
    refused(CLACT_FAMILY_SUMS, (clact_tuning_shape){.vectors = 1024}, "at most 512");
    refused(CLACT_FAMILY_SUMS, (clact_tuning_shape){.local = 64, .vectors = 64}, "at most 2048");
    refused(CLACT_FAMILY_COLUMNS, (clact_tuning_shape){.vectors = 2}, "vectors of columns");
    t.families[CLACT_FAMILY_SUMS] = (clact_tuning_shape){.local = 4, .vectors = 512};
    assert_int_equal(tuning_check(&t, 256, text, sizeof text), CLACT_SUCCESS);
    t.fetch_rows = 65;
    assert_int_equal(tuning_check(&t, 256, text, sizeof text), CLACT_INVALID_ARGUMENT);
    assert_non_null(strstr(text, "fetch_rows"));
    t.fetch_rows = CLACT_TUNING_NO_FETCH;
    assert_int_equal(tuning_check(&t, 256, NULL, 0), CLACT_SUCCESS);
    t.struct_size--;
    assert_int_equal(tuning_check(&t, 256, text, sizeof text), CLACT_INVALID_ARGUMENT);
    assert_int_equal(tuning_check(NULL, 256, text, sizeof text), CLACT_INVALID_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_class_is_told_by_type_registers_and_vendor),
        cmocka_unit_test(what_ships_is_complete_and_legal),
        cmocka_unit_test(numbers_fall_back_from_device_to_class_to_default),
        cmocka_unit_test(caches_say_from_where_stores_go_past_them),
        cmocka_unit_test(what_the_caller_leaves_open_is_the_devices),
        cmocka_unit_test(what_is_left_open_of_sums_gives_way),
        cmocka_unit_test(what_is_no_tuning_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
