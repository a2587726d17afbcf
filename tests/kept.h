/* kept.h: a scratch folder with binaries kept in it under made-up keys. */
#ifndef KEPT_H
#define KEPT_H

#include "core/disk_cache.h"
#include "scratch.h"

#include <clact/clact.h>

/* cmocka.h needs these four before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Of the test that runs, between kept_setup and kept_teardown. */
extern char kept_folder[SCRATCH_PATH];
int kept_setup(void **state);
int kept_teardown(void **state);

disk_key kept_key(uint64_t seed);

/* Keeps `size` bytes made from the seed. */
void kept_store(const disk_key *key, size_t size, uint64_t seed);

/* Whether the key's binary is there; fails the test unless it is then the one of this seed. */
bool kept_hits(const disk_key *key, size_t size, uint64_t seed);

/* clact_cache_query of the folder */
clact_cache_info kept_info(void);

#endif
