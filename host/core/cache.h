/* cache.h (L1): compiled kernels, found by name, with a pool of kernel objects for each.
 *
 * Not thread-safe: the context that owns a cache locks it. A kernel object is taken by one thread
 * at a time, because clSetKernelArg is not thread-safe.
 */
#ifndef CORE_CACHE_H
#define CORE_CACHE_H

#include "clact/clact.h"

typedef struct cache_entry cache_entry;

typedef struct kernel_cache {
    cache_entry *entries; /* sorted by name */
    size_t count, capacity;
} kernel_cache;

void cache_clear(kernel_cache *cache);

bool cache_contains(const kernel_cache *cache, const char *name);

/* Adds a kernel of `program`, retaining it. False when memory is short. */
bool cache_add(kernel_cache *cache, const char *name, cl_program program);

/* Takes a kernel object out of the pool of `name`, making one if it is empty. */
cl_int cache_take(kernel_cache *cache, const char *name, cl_kernel *kernel);

/* Puts it back (or releases it when memory is short). */
void cache_give(kernel_cache *cache, const char *name, cl_kernel kernel);

#endif
