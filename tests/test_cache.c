/* test_cache.c: contexts with a cache folder: what one has compiled the next one takes, with the
 * same bits; whatever is wrong with a file, the folder or the driver costs a compilation and
 * nothing else. The linker wraps calls of OpenCL, to have another device, or a driver that refuses.
 */
#include "device_fixture.h"
#include "other_driver.h"
#include "scratch.h"

#include "core/disk_cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <threads.h>
#include <unistd.h>

/* ---- Runs ------------------------------------------------------------------------------------ */

enum { N = 37, MOST = 64 };
static char folder[SCRATCH_PATH];

typedef struct outcome {
    unsigned builds, hits, misses;
    double seconds;
    float y[N];
} outcome;

/* relu by a context of its own: right, whatever the cache does. */
static outcome run_with(fixture *f, const clact_context_options *options) {
    outcome out = {0};
    clact_sweep sweep;
    float x[N];
    cl_int code = CL_SUCCESS;
    clact_context *c = NULL;
    for (int i = 0; i < N; i++)
        x[i] = 0.5f * (float)(i - N / 2);
    assert_int_equal(clact_context_create(f->context, f->device, options, &c), CLACT_SUCCESS);
    clact_sweep_init(&sweep, CLACT_ACT_RELU);
    cl_mem buffer = clCreateBuffer(f->context, CL_MEM_COPY_HOST_PTR, sizeof x, x, &code);
    const clact_matrix m = {buffer, 0, 0};
    assert_int_equal(clact_forward(c, f->queue, &sweep, 1, N, m, m, 0, NULL, NULL), CLACT_SUCCESS);
    assert_int_equal(
        clEnqueueReadBuffer(f->queue, buffer, CL_TRUE, 0, sizeof out.y, out.y, 0, NULL, NULL),
        CL_SUCCESS);
    for (int i = 0; i < N; i++)
        assert_true(same_bits(out.y[i], x[i] > 0.0f ? x[i] : 0.0f));
    out.seconds = clact_context_build_seconds(c, &out.builds);
    clact_context_cache_counts(c, &out.hits, &out.misses);
    clact_context_destroy(c);
    clReleaseMemObject(buffer);
    assert_int_equal(other_driver_programs, 0);
    return out;
}

static outcome run(fixture *f) {
    const clact_context_options o = {.struct_size = sizeof o, .cache_folder = folder};
    return run_with(f, &o);
}

static void assert_hit(outcome out) {
    assert_int_equal(out.hits, 1);
    assert_int_equal(out.misses, 0);
    assert_int_equal(out.builds, 0);
    assert_true(out.seconds == 0.0);
}

static void assert_miss(outcome out) {
    assert_int_equal(out.hits, 0);
    assert_int_equal(out.misses, 1);
    assert_int_equal(out.builds, 1);
    assert_true(out.seconds > 0.0);
}

static clact_cache_info info(void) {
    clact_cache_info found = {.struct_size = sizeof found};
    assert_int_equal(clact_cache_query(folder, &found), CLACT_SUCCESS);
    return found;
}

static int make_scratch(void **state) {
    (void)state;
    scratch_make(folder);
    return 0;
}

static int remove_scratch(void **state) {
    (void)state;
    scratch_remove(folder);
    return 0;
}

/* ---- What is kept ---------------------------------------------------------------------------- */

static void second_context_compiles_nothing(void **state) {
    fixture *f = *state;
    const clact_context_options none = {.struct_size = sizeof none, .cache_folder = ""};
    assert_int_equal(run_with(f, NULL).builds, 1);
    const outcome out = run_with(f, &none);
    assert_int_equal(out.hits + out.misses, 0);
    assert_int_equal(info().programs, 0);
    assert_miss(run(f));
    assert_int_equal(info().programs, 1);
    assert_hit(run(f));
    assert_hit(run(f));
    assert_int_equal(info().programs, 1);
    unsigned hits = 7, misses = 7;
    clact_context_cache_counts(NULL, &hits, &misses);
    assert_int_equal(hits + misses, 0);
}

static void self_test_goes_through_it(void **state) {
    fixture *f = *state;
    unsigned hits = 0, misses = 0, answers = 0;
    for (unsigned round = 0; round < 2; round++) {
        clact_context *c = NULL;
        clact_self_test_report report = {.struct_size = sizeof report};
        const clact_context_options o = {.struct_size = sizeof o,
                                         .self_test = CLACT_SELF_TEST_REFUSE,
                                         .report = &report,
                                         .cache_folder = folder};
        assert_int_equal(clact_context_create(f->context, f->device, &o, &c), CLACT_SUCCESS);
        clact_context_cache_counts(c, &hits, &misses);
        assert_int_equal(hits, 2 * round);
        assert_int_equal(misses, 2 - 2 * round);
        assert_true(report.passed);
        if (round > 0) assert_int_equal(report.answers, answers);
        answers = report.answers;
        clact_context_destroy(c);
    }
    assert_int_equal(info().programs, 2);
}

/* The kernels of a build are one file; a build of others is another. */
static void builds_are_kept_apart(void **state) {
    fixture *f = *state;
    const clact_context_options o = {.struct_size = sizeof o, .cache_folder = folder};
    unsigned hits = 0, misses = 0;
    for (unsigned round = 0; round < 2; round++) {
        clact_sweep sweeps[3];
        clact_context *c = NULL;
        clact_sweep_init(&sweeps[0], CLACT_ACT_RELU);
        clact_sweep_init(&sweeps[1], CLACT_ACT_STEP);
        clact_sweep_init(&sweeps[2], CLACT_ACT_RELU);
        sweeps[2].tier = CLACT_TIER_ACCURATE;
        assert_int_equal(clact_context_create(f->context, f->device, &o, &c), CLACT_SUCCESS);
        assert_int_equal(clact_warm_up(c, sweeps, 3, true), CLACT_SUCCESS);
        clact_context_cache_counts(c, &hits, &misses);
        assert_int_equal(hits, round == 0 ? 0 : 2);
        assert_int_equal(misses, round == 0 ? 2 : 0);
        clact_context_destroy(c);
    }
    assert_miss(run(f));
    assert_int_equal(info().programs, 3);
}

/* ---- What is not taken ----------------------------------------------------------------------- */

static void other_compilations_are_misses(void **state) {
    fixture *f = *state;
    static const cl_uint keys[] = {
        CL_DEVICE_NAME,    CL_DEVICE_VENDOR,           CL_DRIVER_VERSION,
        CL_DEVICE_VERSION, CL_DEVICE_OPENCL_C_VERSION, CL_DEVICE_VENDOR_ID,
        CL_PLATFORM_NAME,  CL_PLATFORM_VENDOR,         CL_PLATFORM_VERSION};
    const unsigned width = f->info.vector_width == 2 ? 4 : 2;
    const clact_context_options narrow = {
        .struct_size = sizeof narrow, .vector_width = width, .cache_folder = folder};
    const clact_context_options option = {
        .struct_size = sizeof option, .build_options = "-DOTHER=1", .cache_folder = folder};
    size_t files = 1;
    assert_miss(run(f));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        other_driver.changed_key = keys[i];
        assert_miss(run(f));
        other_driver.changed_key = 0;
        assert_int_equal(info().programs, ++files);
    }
    assert_miss(run_with(f, &narrow));
    assert_miss(run_with(f, &option));
    assert_hit(run(f));
    assert_hit(run_with(f, &narrow));
    assert_hit(run_with(f, &option));
    other_driver.no_identity = true;
    const outcome out = run(f);
    assert_int_equal(out.hits + out.misses, 0);
    assert_int_equal(out.builds, 1);
    other_driver.no_identity = false;
}

/* What is done to the file is undone by the run: it misses, and the next one hits. */
static void damage_is_repaired(void **state) {
    enum { SAMPLES = 24 };
    fixture *f = *state;
    char names[2][SCRATCH_PATH];
    size_t size = 0;
    assert_miss(run(f));
    assert_int_equal(scratch_list(folder, names, 2), 1);
    unsigned char *bytes = scratch_read(folder, names[0], &size);
    uint64_t seed = 20;
    print_message("seed %u, file of %zu bytes\n", (unsigned)seed, size);
    for (size_t i = 0; i < DISK_HEADER / 4 + SAMPLES; i++) {
        const size_t binary = size - DISK_HEADER;
        const size_t at = i < DISK_HEADER / 4 ? 4 * i + (size_t)(random_bits(&seed) % 4)
                                              : DISK_HEADER + random_bits(&seed) % binary;
        const unsigned char flip = (unsigned char)(1 + random_bits(&seed) % 255);
        bytes[at] ^= flip;
        scratch_write(folder, names[0], bytes, size);
        bytes[at] ^= flip;
        assert_miss(run(f));
        assert_hit(run(f));
    }
    const size_t lengths[] = {0,        7,       8, DISK_HEADER - 1, DISK_HEADER, DISK_HEADER + 1,
                              size / 2, size - 1};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        scratch_write(folder, names[0], bytes, lengths[i]);
        assert_miss(run(f));
        assert_hit(run(f));
    }
    free(bytes);
}

static void file_of_another_key_is_a_miss(void **state) {
    fixture *f = *state;
    char names[2][SCRATCH_PATH], from[SCRATCH_PATH], to[SCRATCH_PATH];
    assert_miss(run(f));
    assert_int_equal(scratch_list(folder, names, 2), 1);
    scratch_path(folder, names[0], to);
    scratch_path(folder, "aside", from);
    assert_int_equal(rename(to, from), 0);
    other_driver.changed_key = CL_DRIVER_VERSION;
    assert_miss(run(f));
    other_driver.changed_key = 0;
    char both[3][SCRATCH_PATH];
    assert_int_equal(scratch_list(folder, both, 3), 2);
    scratch_path(folder, strcmp(both[0], "aside") == 0 ? both[1] : both[0], from);
    assert_int_equal(rename(from, to), 0); /* that of the other driver, under this one's name */
    assert_miss(run(f));
    assert_hit(run(f));
}

static void refusing_driver_is_a_miss(void **state) {
    fixture *f = *state;
    assert_miss(run(f));
    for (int i = DRIVER_NO_BINARY; i <= DRIVER_NO_KERNEL; i++) {
        other_driver.refusal = (driver_refusal)i;
        assert_miss(run(f));
        other_driver.refusal = DRIVER_TAKES_ALL;
        assert_hit(run(f));
    }
    clact_cache_clear(folder, NULL);
    other_driver.refusal = DRIVER_NO_SIZES;
    assert_miss(run(f));
    other_driver.refusal = DRIVER_TAKES_ALL;
    assert_int_equal(info().programs, 0);
}

static void bad_folders_are_no_cache(void **state) {
    fixture *f = *state;
    char path[SCRATCH_PATH], names[2][SCRATCH_PATH];
    scratch_write(folder, "file", "x", 1);
    static const char *const bad[] = {"file", "file/cache"};
    for (size_t i = 0; i < 2; i++) {
        scratch_path(folder, bad[i], path);
        const clact_context_options o = {.struct_size = sizeof o, .cache_folder = path};
        assert_miss(run_with(f, &o));
        assert_miss(run_with(f, &o));
    }
    assert_int_equal(scratch_list(folder, names, 2), 1);
    assert_miss(run(f)); /* a folder in place of the file */
    size_t size = 0;
    scratch_list(folder, names, 2);
    char *kept = names[strcmp(names[0], "file") == 0];
    free(scratch_read(folder, kept, &size));
    scratch_path(folder, kept, path);
    assert_int_equal(remove(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_miss(run(f));
    assert_miss(run(f));
    assert_int_equal(scratch_list(folder, names, 2), 2);
}

/* Files without content stand in for a full folder. */
static void folder_is_held_to_its_size(void **state) {
    static const char *const large[] = {"00000000000000000000000000000000.clact",
                                        "11111111111111111111111111111111.clact"};
    fixture *f = *state;
    char names[MOST][SCRATCH_PATH], path[SCRATCH_PATH];
    for (int i = 0; i < 2; i++) {
        const struct timespec then = {1000 + i, 0}, times[2] = {then, then};
        scratch_write(folder, large[i], "clactbin", 8);
        scratch_path(folder, large[i], path);
        assert_int_equal(truncate(path, 200 << 20), 0);
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    }
    assert_miss(run(f));
    assert_int_equal(scratch_list(folder, names, MOST), 2);
    assert_true(strcmp(names[0], large[1]) == 0 || strcmp(names[1], large[1]) == 0);
    assert_hit(run(f));
}

/* ---- Many at once ---------------------------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 6 };

typedef struct job {
    fixture *f;
    unsigned wrong;
} job;

/* Contexts that come and go in one folder, destroyed with their kernels still enqueued. */
static int use_folder(void *data) {
    job *j = data;
    const clact_context_options o = {.struct_size = sizeof o, .cache_folder = folder};
    cl_command_queue queue = clCreateCommandQueue(j->f->context, j->f->device, 0, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        float x[N];
        clact_context *c = NULL;
        clact_sweep sweep;
        for (int i = 0; i < N; i++)
            x[i] = (float)(i - N / 2);
        cl_mem buffer = clCreateBuffer(j->f->context, CL_MEM_COPY_HOST_PTR, sizeof x, x, NULL);
        const clact_matrix m = {buffer, 0, 0};
        clact_sweep_init(&sweep, CLACT_ACT_RELU);
        j->wrong += clact_context_create(j->f->context, j->f->device, &o, &c) != CLACT_SUCCESS;
        j->wrong += clact_forward(c, queue, &sweep, 1, N, m, m, 0, NULL, NULL) != CLACT_SUCCESS;
        clact_context_destroy(c);
        clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, sizeof x, x, 0, NULL, NULL);
        for (int i = 0; i < N; i++)
            j->wrong += !same_bits(x[i], i > N / 2 ? (float)(i - N / 2) : 0.0f);
        clReleaseMemObject(buffer);
        if (round % 3 == 2) clact_cache_clear(folder, NULL);
    }
    clReleaseCommandQueue(queue);
    return 0;
}

static void threads_share_a_folder(void **state) {
    thrd_t threads[THREADS];
    job jobs[THREADS];
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (job){.f = *state};
        assert_int_equal(thrd_create(&threads[i], use_folder, &jobs[i]), thrd_success);
    }
    for (int i = 0; i < THREADS; i++)
        thrd_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(jobs[i].wrong, 0);
    assert_int_equal(info().leftovers + info().unusable, 0);
    assert_int_equal(other_driver_programs, 0);
}

int main(void) {
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
#define IN_SCRATCH(test)                                                                           \
    { #test, test, make_scratch, remove_scratch, &f }
    const struct CMUnitTest tests[] = {IN_SCRATCH(second_context_compiles_nothing),
                                       IN_SCRATCH(self_test_goes_through_it),
                                       IN_SCRATCH(builds_are_kept_apart),
                                       IN_SCRATCH(other_compilations_are_misses),
                                       IN_SCRATCH(damage_is_repaired),
                                       IN_SCRATCH(file_of_another_key_is_a_miss),
                                       IN_SCRATCH(refusing_driver_is_a_miss),
                                       IN_SCRATCH(bad_folders_are_no_cache),
                                       IN_SCRATCH(folder_is_held_to_its_size),
                                       IN_SCRATCH(threads_share_a_folder)};
    const int failed = cmocka_run_group_tests_name("cache", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
