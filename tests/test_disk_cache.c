/* test_disk_cache.c: a file of the cache folder counts only if every bit of it is as it was
 * written. */
#include "kept.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = 700, MOST = 64 };

/* The one file of the folder */
static void only_name(char name[SCRATCH_PATH]) {
    char names[2][SCRATCH_PATH];
    assert_int_equal(scratch_list(kept_folder, names, 2), 1);
    memcpy(name, names[0], SCRATCH_PATH);
}

/* ---- The digest ------------------------------------------------------------------------------ */

static void digest_is_sha256(void **state) {
    static const struct {
        const char *text;
        unsigned repeats;
        const char *digest;
    } answers[] = {/* FIPS 180-4's examples */
                   {"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                   {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                   {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
                   {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 25000,
                    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        sha256 hash;
        unsigned char digest[SHA256_BYTES];
        char text[2 * SHA256_BYTES + 1];
        sha256_init(&hash);
        for (unsigned k = 0; k < answers[i].repeats; k++)
            sha256_add(&hash, answers[i].text, strlen(answers[i].text));
        sha256_digest(&hash, digest);
        for (int k = 0; k < SHA256_BYTES; k++)
            snprintf(text + 2 * k, 3, "%02x", digest[k]);
        assert_string_equal(text, answers[i].digest);
    }
}

static void fields_are_told_apart(void **state) {
    sha256 one, two;
    unsigned char a[SHA256_BYTES], b[SHA256_BYTES];
    (void)state;
    sha256_init(&one);
    sha256_init(&two);
    sha256_add_field(&one, "ab", 2);
    sha256_add_field(&one, "c", 1);
    sha256_add_field(&two, "a", 1);
    sha256_add_field(&two, "bc", 2);
    sha256_digest(&one, a);
    sha256_digest(&two, b);
    assert_memory_not_equal(a, b, sizeof a);
}

/* ---- One file -------------------------------------------------------------------------------- */

static void what_is_stored_is_loaded(void **state) {
    static const size_t sizes[] = {1, 63, 64, 65, SIZE, 1000003};
    struct stat facts;
    char name[SCRATCH_PATH], path[SCRATCH_PATH];
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const disk_key key = kept_key(i);
        assert_false(kept_hits(&key, sizes[i], i));
        kept_store(&key, sizes[i], i);
        assert_true(kept_hits(&key, sizes[i], i));
        kept_store(&key, SIZE, 99);
        assert_true(kept_hits(&key, SIZE, 99));
        assert_int_equal(kept_info().programs, i + 1);
    }
    clact_cache_clear(kept_folder, NULL);
    const disk_key key = kept_key(1);
    kept_store(&key, SIZE, 1);
    only_name(name);
    scratch_path(kept_folder, name, path);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    unsigned char byte = 0;
    assert_false(disk_cache_store(kept_folder, &key, &byte, 0));
    assert_true(kept_hits(&key, SIZE, 1));
}

static void every_bit_counts(void **state) {
    const disk_key key = kept_key(1);
    char name[SCRATCH_PATH];
    size_t size = 0;
    (void)state;
    kept_store(&key, SIZE, 1);
    only_name(name);
    unsigned char *bytes = scratch_read(kept_folder, name, &size);
    assert_int_equal(size, DISK_HEADER + SIZE);
    for (size_t i = 0; i < 8 * size; i++) {
        bytes[i / 8] ^= (unsigned char)(1u << i % 8);
        scratch_write(kept_folder, name, bytes, size);
        if (kept_hits(&key, SIZE, 1)) fail_msg("bit %zu of byte %zu does not count", i % 8, i / 8);
        if (i % 97 == 0) assert_int_equal(kept_info().programs, 0);
        bytes[i / 8] ^= (unsigned char)(1u << i % 8);
    }
    scratch_write(kept_folder, name, bytes, size);
    assert_true(kept_hits(&key, SIZE, 1));
    free(bytes);
}

static void every_length_counts(void **state) {
    const disk_key key = kept_key(1);
    char name[SCRATCH_PATH];
    size_t size = 0;
    (void)state;
    kept_store(&key, SIZE, 1);
    only_name(name);
    unsigned char *bytes = scratch_read(kept_folder, name, &size),
                  longer[DISK_HEADER + SIZE + 8] = {0};
    memcpy(longer, bytes, size);
    for (size_t length = 0; length <= size + 8; length++) {
        scratch_write(kept_folder, name, longer, length);
        if (kept_hits(&key, SIZE, 1) != (length == size))
            fail_msg("at a length of %zu bytes", length);
        const clact_cache_info found = kept_info();
        assert_int_equal(found.programs, length == size);
        assert_int_equal(found.unusable, length != size);
    }
    free(bytes);
}

static void other_format_is_a_miss(void **state) {
    const disk_key key = kept_key(1);
    char name[SCRATCH_PATH];
    size_t size = 0;
    (void)state;
    kept_store(&key, SIZE, 1);
    only_name(name);
    unsigned char *bytes = scratch_read(kept_folder, name, &size);
    sha256 hash;
    bytes[8] = DISK_FORMAT + 1; /* and all else as such a file would have it */
    sha256_init(&hash);
    sha256_add(&hash, bytes, DISK_HEADER - SHA256_BYTES);
    sha256_add(&hash, bytes + DISK_HEADER, size - DISK_HEADER);
    sha256_digest(&hash, bytes + DISK_HEADER - SHA256_BYTES);
    scratch_write(kept_folder, name, bytes, size);
    assert_false(kept_hits(&key, SIZE, 1));
    assert_int_equal(kept_info().unusable, 1);
    free(bytes);
}

static void other_keys_file_is_a_miss(void **state) {
    const disk_key key = kept_key(1);
    disk_key other = kept_key(2), near = key;
    char name[SCRATCH_PATH], path[SCRATCH_PATH], other_path[SCRATCH_PATH];
    (void)state;
    kept_store(&key, SIZE, 1);
    only_name(name);
    scratch_path(kept_folder, name, path);
    kept_store(&other, SIZE, 2);
    char names[2][SCRATCH_PATH];
    assert_int_equal(scratch_list(kept_folder, names, 2), 2);
    scratch_path(kept_folder, names[strcmp(names[0], name) == 0], other_path);
    assert_int_equal(rename(path, other_path), 0);
    assert_false(kept_hits(&other, SIZE, 2));
    assert_false(kept_hits(&key, SIZE, 1));
    assert_int_equal(kept_info().unusable, 1);
    clact_cache_clear(kept_folder, NULL);
    kept_store(&key, SIZE, 1); /* a name is half of the key; the other half counts too */
    near.bytes[SHA256_BYTES - 1] ^= 1;
    assert_false(kept_hits(&near, SIZE, 1));
    assert_true(kept_hits(&key, SIZE, 1));
}

static void what_is_no_file_of_ones_own_is_a_miss(void **state) {
    const disk_key key = kept_key(1);
    char name[SCRATCH_PATH], path[SCRATCH_PATH], aside[SCRATCH_PATH];
    (void)state;
    kept_store(&key, SIZE, 1);
    only_name(name);
    scratch_path(kept_folder, name, path);
    scratch_path(kept_folder, "aside", aside);

    const mode_t open_to_others[] = {0620, 0602, 0666};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(chmod(path, open_to_others[i]), 0);
        assert_false(kept_hits(&key, SIZE, 1));
        assert_int_equal(kept_info().unusable, 1);
    }
    assert_int_equal(chmod(path, 0644), 0);
    assert_true(kept_hits(&key, SIZE, 1));
    if (geteuid() != 0) {
        chmod(path, 0);
        assert_false(kept_hits(&key, SIZE, 1));
        chmod(path, 0600);
    } else { /* who may give files away */
        assert_int_equal(chown(path, 1, 1), 0);
        assert_false(kept_hits(&key, SIZE, 1));
        assert_int_equal(chown(path, 0, 0), 0);
    }
    assert_true(kept_hits(&key, SIZE, 1));

    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(symlink(aside, path), 0);
    assert_false(kept_hits(&key, SIZE, 1));
    kept_store(&key, SIZE, 3); /* takes the link's place */
    assert_true(kept_hits(&key, SIZE, 3));
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0); /* does not wait for a writer */
    assert_false(kept_hits(&key, SIZE, 1));
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(kept_hits(&key, SIZE, 1));
    unsigned char byte = 1;
    assert_false(disk_cache_store(kept_folder, &key, &byte, 1));
    char names[MOST][SCRATCH_PATH];
    assert_int_equal(scratch_list(kept_folder, names, MOST), 2); /* and nothing is left of that */
}

static void folders(void **state) {
    const disk_key key = kept_key(1);
    char top[SCRATCH_PATH], deep[SCRATCH_PATH], below_file[SCRATCH_PATH];
    char long_path[DISK_PATH + 16], names[2][SCRATCH_PATH];
    unsigned char byte = 7, *binary = NULL;
    size_t size = 0;
    struct stat facts;
    (void)state;
    scratch_path(kept_folder, "a", top);
    scratch_path(kept_folder, "a/b/c", deep);
    scratch_path(kept_folder, "file/cache", below_file);
    scratch_write(kept_folder, "file", "x", 1);
    assert_true(disk_cache_prepare(deep));
    assert_int_equal(stat(top, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0700);
    assert_true(disk_cache_store(deep, &key, &byte, 1));
    assert_true(disk_cache_load(deep, &key, &binary, &size));
    free(binary);

    memset(long_path, 'x', sizeof long_path - 1);
    long_path[0] = '/';
    long_path[sizeof long_path - 1] = '\0';
    const char *const none[] = {below_file, long_path, "", "/dev/null/cache"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_false(disk_cache_prepare(none[i]));
        assert_false(disk_cache_store(none[i], &key, &byte, 1));
        assert_false(disk_cache_load(none[i], &key, &binary, &size));
    }
    if (geteuid() != 0) {
        chmod(deep, 0500);
        assert_false(disk_cache_prepare(deep));
        assert_true(disk_cache_load(deep, &key, &binary, &size));
        free(binary);
        chmod(deep, 0700);
    }
    assert_int_equal(scratch_list(kept_folder, names, 2), 2);
}

int main(void) {
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, kept_setup, kept_teardown)
    const struct CMUnitTest tests[] = {cmocka_unit_test(digest_is_sha256),
                                       cmocka_unit_test(fields_are_told_apart),
                                       IN_SCRATCH(what_is_stored_is_loaded),
                                       IN_SCRATCH(every_bit_counts),
                                       IN_SCRATCH(every_length_counts),
                                       IN_SCRATCH(other_format_is_a_miss),
                                       IN_SCRATCH(other_keys_file_is_a_miss),
                                       IN_SCRATCH(what_is_no_file_of_ones_own_is_a_miss),
                                       IN_SCRATCH(folders)};
    return cmocka_run_group_tests_name("disk_cache", tests, NULL, NULL);
}
