/* kept.c: a scratch folder with binaries kept in it under made-up keys. */
#include "kept.h"

#include "splitmix.h"

#include <stdlib.h>

char kept_folder[SCRATCH_PATH];

int kept_setup(void **state) {
    (void)state;
    scratch_make(kept_folder);
    return 0;
}

int kept_teardown(void **state) {
    (void)state;
    scratch_remove(kept_folder);
    return 0;
}

disk_key kept_key(uint64_t seed) {
    disk_key key;
    for (size_t i = 0; i < sizeof key.bytes; i++)
        key.bytes[i] = (unsigned char)splitmix(&seed);
    return key;
}

static void fill(unsigned char *bytes, size_t size, uint64_t seed) {
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)splitmix(&seed);
}

bool kept_hits(const disk_key *key, size_t size, uint64_t seed) {
    unsigned char *got = NULL, *want = malloc(size);
    size_t got_size = 0;
    const bool hit = disk_cache_load(kept_folder, key, &got, &got_size);
    assert_int_equal(hit, got != NULL);
    fill(want, size, seed);
    if (hit) {
        assert_int_equal(got_size, size);
        assert_memory_equal(got, want, size);
    }
    free(got);
    free(want);
    return hit;
}

void kept_store(const disk_key *key, size_t size, uint64_t seed) {
    unsigned char *bytes = malloc(size);
    fill(bytes, size, seed);
    assert_true(disk_cache_prepare(kept_folder));
    assert_true(disk_cache_store(kept_folder, key, bytes, size));
    free(bytes);
}

clact_cache_info kept_info(void) {
    clact_cache_info found = {.struct_size = sizeof found};
    assert_int_equal(clact_cache_query(kept_folder, &found), CLACT_SUCCESS);
    return found;
}
