/* test_gemm_file.c: CLBlast's parameters come back from a tuning file as they were written, beside
 * those of kernels; one that is missing or cannot be is refused with a reason.
 */
#include "device_fixture.h"
#include "net/gemm_tuning.h"
#include "scratch.h"

#include <clact/tune.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct setup {
    fixture f;
    char folder[SCRATCH_PATH], path[SCRATCH_PATH];
} setup;

static clact_status load(setup *t, clact_gemm_tuning *tuning, bool *found, char *message) {
    *tuning = (clact_gemm_tuning){.struct_size = sizeof *tuning};
    return clact_gemm_load(t->path, t->f.device, tuning, found, message, 1024);
}

static void save(setup *t) {
    char message[1024];
    const clact_gemm_tuning tuning = gemm_tuning_of(GEMM_CPU_AVX2);
    if (clact_gemm_save(t->path, t->f.device, &tuning, message, sizeof message) != CLACT_SUCCESS)
        fail_msg("%s", message);
}

/* Both sections, whichever is written first */
static void sections_stand_side_by_side(void **state) {
    setup *t = *state;
    const clact_gemm_tuning want = gemm_tuning_of(GEMM_CPU_AVX2);
    const clact_tuning kernels = {.struct_size = sizeof kernels, .fetch_rows = 8};
    clact_gemm_tuning got;
    clact_tuning other = {.struct_size = sizeof other};
    char message[1024] = "x";
    bool found = true;
    assert_int_equal(load(t, &got, &found, message), CLACT_SUCCESS);
    assert_false(found);
    save(t);
    assert_int_equal(clact_tuning_save(t->path, t->f.device, &kernels, message, sizeof message),
                     CLACT_SUCCESS);
    assert_int_equal(load(t, &got, &found, message), CLACT_SUCCESS);
    assert_true(found);
    assert_memory_equal(&got, &want, sizeof got);
    save(t);
    assert_int_equal(
        clact_tuning_load(t->path, t->f.device, &other, &found, message, sizeof message),
        CLACT_SUCCESS);
    assert_memory_equal(&other, &kernels, sizeof other);
    unlink(t->path);
}

/* The file with the first `old` replaced by `new`, which is no longer */
static void edit(setup *t, const char *old, const char *new) {
    size_t size = 0;
    char *text = (char *)scratch_read(t->folder, "t.json", &size);
    text = realloc(text, size + 1);
    text[size] = '\0';
    char *at = strstr(text, old);
    assert_non_null(at);
    memset(at, ' ', strlen(old));
    memcpy(at, new, strlen(new));
    scratch_write(t->folder, "t.json", text, size);
    free(text);
}

static void what_cannot_be_used_is_refused(void **state) {
    setup *t = *state;
    static const char *const cases[][3] = {
        {"\"MWG\": 16", "\"MWG\": 17", "MWG must be a multiple of MDIMC times VWM"},
        {"\"MWG\": 16", "\"MWG\": -1", "MWG of Xgemm is no number"},
        {"\"PADTRA_PAD\": 1", "\"PADTRA_BAD\": 1", "PADTRA_PAD of Padtranspose is no number"},
        {"\"GemmRoutine\"", "\"GemmMachine\"", "XGEMM_MIN_INDIRECT_SIZE of GemmRoutine"},
        {"\"driver\": \"", "\"driver\":\"!", "is not used: it is of"},
        {"{", "[", "is not used: line 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clact_gemm_tuning got;
        char message[1024] = "";
        bool found = true;
        unlink(t->path);
        save(t);
        edit(t, cases[i][0], cases[i][1]);
        assert_int_equal(load(t, &got, &found, message), CLACT_FILE);
        assert_false(found);
        assert_int_equal(got.values[CLACT_GEMM_MWG], 0);
        if (!strstr(message, cases[i][2]) || !strstr(message, t->path))
            fail_msg("'%s' does not say '%s'", message, cases[i][2]);
    }
    unlink(t->path);
}

static void what_cannot_be_is_not_written(void **state) {
    setup *t = *state;
    clact_gemm_tuning tuning = gemm_tuning_of(GEMM_CPU);
    char message[1024];
    tuning.values[CLACT_GEMM_VWM] = 5;
    assert_int_equal(clact_gemm_save(t->path, t->f.device, &tuning, message, sizeof message),
                     CLACT_INVALID_ARGUMENT);
    assert_string_equal(message, "VWM must be 1, 2, 4, 8 or 16, not 5");
    assert_int_equal(access(t->path, F_OK), -1);
}

int main(void) {
    setup t;
    if (!fixture_open(&t.f, 0)) return TEST_SKIPPED;
    scratch_make(t.folder);
    scratch_path(t.folder, "t.json", t.path);
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &t }
    const struct CMUnitTest tests[] = {
        CASE(sections_stand_side_by_side),
        CASE(what_cannot_be_used_is_refused),
        CASE(what_cannot_be_is_not_written),
    };
    const int failed =
        cmocka_run_group_tests_name("files of CLBlast's parameters", tests, NULL, NULL);
    scratch_remove(t.folder);
    fixture_close(&t.f);
    return failed;
}
