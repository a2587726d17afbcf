/* test_cache_folder.c: a cache folder is shared by many writers, kept small, and cleared of clact's
 * own files alone. */
#include "kept.h"

#include "core/cache_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 700, MOST = 64 };

/* ---- The folder as a whole ------------------------------------------------------------------- */

static void set_age(const char *name, time_t seconds) {
    char path[SCRATCH_PATH];
    const struct timespec then = {time(NULL) - seconds, 0}, times[2] = {then, then};
    scratch_path(kept_folder, name, path);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static const char *const not_ours[] = {"notes.txt",
                                       "0123456789abcdef0123456789abcdef",
                                       "0123456789abcdef0123456789abcdef.clact2",
                                       "0123456789ABCDEF0123456789abcdef.clact",
                                       "0123456789abcdef0123456789abcdef.clact.tooLong",
                                       "0123456789abcdef0123456789abcde.clact",
                                       "0123456789abcdef0123456789abcde.clactX.aB3x9Z"};
enum { NOT_OURS = sizeof not_ours / sizeof *not_ours };

static void clearing_takes_only_ones_own(void **state) {
    const disk_key keys[] = {kept_key(1), kept_key(2)};
    char names[MOST][SCRATCH_PATH], path[SCRATCH_PATH];
    static const char leftover[] = "0123456789abcdef0123456789abcdef.clact.aB3x9Z";
    static const char empty[] = "0123456789abcdef0123456789abcdef.clact.aB3x9Y";
    static const char named_like_ours[] = "ffffffffffffffffffffffffffffffff.clact";
    static const char folder_like_ours[] = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee.clact";
    size_t removed = 99;
    (void)state;
    kept_store(&keys[0], SIZE, 1);
    kept_store(&keys[1], SIZE, 2);
    for (size_t i = 0; i < NOT_OURS; i++)
        scratch_write(kept_folder, not_ours[i], "clactbin", 8);
    scratch_write(kept_folder, leftover, "clactbi", 7);
    scratch_write(kept_folder, empty, "", 0);
    scratch_write(kept_folder, named_like_ours, "someone's", 9);
    scratch_path(kept_folder, folder_like_ours, path);
    assert_int_equal(mkdir(path, 0700), 0);

    clact_cache_info found = kept_info();
    assert_int_equal(found.programs, 2);
    assert_int_equal(found.leftovers, 2);
    assert_int_equal(found.unusable, 0);
    assert_int_equal(found.foreign, NOT_OURS + 2);
    assert_int_equal(found.bytes, 2 * (DISK_HEADER + SIZE) + 7);
    assert_true(found.oldest > 0 && found.oldest <= found.newest && found.newest <= time(NULL) + 1);

    assert_int_equal(clact_cache_clear(kept_folder, &removed), CLACT_SUCCESS);
    assert_int_equal(removed, 4);
    assert_int_equal(scratch_list(kept_folder, names, MOST), NOT_OURS + 2);
    found = kept_info();
    assert_int_equal(found.programs + found.leftovers + found.unusable, 0);
    assert_int_equal(found.foreign, NOT_OURS + 2);
    assert_int_equal(found.oldest, 0);
}

static void wrong_arguments(void **state) {
    clact_cache_info found = {.struct_size = sizeof found};
    char path[SCRATCH_PATH];
    size_t removed = 99;
    (void)state;
    assert_int_equal(clact_cache_query(NULL, &found), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_cache_query(kept_folder, NULL), CLACT_INVALID_ARGUMENT);
    found.struct_size = 1;
    assert_int_equal(clact_cache_query(kept_folder, &found), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_cache_clear(NULL, &removed), CLACT_INVALID_ARGUMENT);
    assert_int_equal(removed, 0);
    found.struct_size = sizeof found;
    scratch_path(kept_folder, "absent", path);
    assert_int_equal(clact_cache_query(path, &found), CLACT_SUCCESS);
    assert_int_equal(clact_cache_clear(path, &removed), CLACT_SUCCESS);
    scratch_write(kept_folder, "file", "x", 1);
    scratch_path(kept_folder, "file", path);
    assert_int_equal(clact_cache_query(path, &found), CLACT_FILE);
    assert_int_equal(clact_cache_clear(path, &removed), CLACT_FILE);
}

static void longest_unused_go_first(void **state) {
    enum { FILES = 6, FILE_BYTES = DISK_HEADER + SIZE };
    char names[FILES][SCRATCH_PATH], left[MOST][SCRATCH_PATH];
    disk_key keys[FILES];
    static const char writing[] = "0123456789abcdef0123456789abcdef.clact.aB3x9Z";
    static const char stopped[] = "0123456789abcdef0123456789abcdef.clact.aB3x9Y";
    (void)state;
    for (int i = 0; i < FILES; i++) {
        keys[i] = kept_key((uint64_t)i);
        kept_store(&keys[i], SIZE, (uint64_t)i);
        for (int k = 0; k < 16; k++)
            snprintf(names[i] + 2 * k, 3, "%02x", keys[i].bytes[k]);
        strcat(names[i], ".clact");
        set_age(names[i], 100 * (FILES - i)); /* the first is the oldest */
    }
    scratch_write(kept_folder, "notes.txt", names, sizeof names);
    scratch_write(kept_folder, writing, "clactbin", 8);
    scratch_write(kept_folder, stopped, "clactbin", 8);
    set_age("notes.txt", 1000000);
    set_age(writing, 3000);
    set_age(stopped, 4000);
    assert_true(kept_hits(&keys[0], SIZE, 0)); /* it is the newest now */
    cache_folder_trim(kept_folder, 3 * FILE_BYTES + 8);
    for (int i = 0; i < FILES; i++)
        assert_int_equal(kept_hits(&keys[i], SIZE, (uint64_t)i), i == 0 || i > 3);
    assert_int_equal(scratch_list(kept_folder, left, MOST), 5);
    cache_folder_trim(kept_folder, 3 * FILE_BYTES + 7);
    assert_int_equal(kept_info().programs, 2);
    cache_folder_trim(kept_folder, 0);
    assert_int_equal(kept_info().programs, 0);
    assert_int_equal(scratch_list(kept_folder, left, MOST), 2);
}

/* A writer that is stopped in the middle leaves a file that is known for what it is; one that runs
 * out of room leaves none. */
static void broken_writers(void **state) {
    const disk_key key = kept_key(1);
    char names[2][SCRATCH_PATH];
    (void)state;
    assert_true(disk_cache_prepare(kept_folder));
    for (int is_stopped = 0; is_stopped < 2; is_stopped++) {
        const pid_t child = fork();
        if (child == 0) {
            static const unsigned char binary[100000];
            const struct rlimit room = {5000, 5000}, no_core = {0, 0};
            setrlimit(RLIMIT_CORE, &no_core);
            setrlimit(RLIMIT_FSIZE, &room);
            signal(SIGXFSZ, is_stopped ? SIG_DFL : SIG_IGN);
            _exit(disk_cache_store(kept_folder, &key, binary, sizeof binary));
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(WIFSIGNALED(status), is_stopped);
        if (!is_stopped) assert_int_equal(WEXITSTATUS(status), 0);
        assert_int_equal(scratch_list(kept_folder, names, 2), is_stopped);
        assert_int_equal(kept_info().leftovers, is_stopped);
    }
    assert_int_equal(clact_cache_clear(kept_folder, NULL), CLACT_SUCCESS);
    assert_int_equal(scratch_list(kept_folder, names, 2), 0);
}

/* ---- Many writers ---------------------------------------------------------------------------- */

enum { WRITERS = 4, ROUNDS = 60, SHARED_SIZE = 60000 };

/* Writes its own binary under the shared key and reads what is there: one writer's, whole. */
static int write_and_read(void *data) {
    const uint64_t me = *(const uint64_t *)data;
    const disk_key key = kept_key(1);
    unsigned char *mine = malloc(SHARED_SIZE), *got = NULL;
    int wrong = 0;
    size_t size = 0;
    memset(mine, (int)me, SHARED_SIZE);
    for (int round = 0; round < ROUNDS; round++) {
        wrong += !disk_cache_store(kept_folder, &key, mine, SHARED_SIZE - me);
        if (!disk_cache_load(kept_folder, &key, &got, &size)) {
            wrong++;
            continue;
        }
        wrong += got[0] < 1 || got[0] > 2 * WRITERS || size != SHARED_SIZE - (size_t)got[0];
        for (size_t i = 0; i < size; i++)
            wrong += got[i] != got[0];
        free(got);
    }
    free(mine);
    return wrong;
}

static void writers_do_not_meet(void **state) {
    thrd_t threads[WRITERS];
    pid_t children[WRITERS];
    uint64_t ids[2 * WRITERS];
    int wrong = 0;
    (void)state;
    for (uint64_t i = 0; i < 2 * WRITERS; i++)
        ids[i] = i + 1;
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        if (children[i] == 0) _exit(write_and_read(&ids[WRITERS + i]) != 0);
    }
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(thrd_create(&threads[i], write_and_read, &ids[i]), thrd_success);
    for (int i = 0; i < WRITERS; i++) {
        int result = 0, status = 0;
        thrd_join(threads[i], &result);
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        wrong += result != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(kept_info().programs, 1);
    assert_int_equal(kept_info().leftovers, 0);
}

int main(void) {
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, kept_setup, kept_teardown)
    const struct CMUnitTest tests[] = {IN_SCRATCH(clearing_takes_only_ones_own),
                                       IN_SCRATCH(wrong_arguments),
                                       IN_SCRATCH(longest_unused_go_first),
                                       IN_SCRATCH(broken_writers), IN_SCRATCH(writers_do_not_meet)};
    return cmocka_run_group_tests_name("cache_folder", tests, NULL, NULL);
}
