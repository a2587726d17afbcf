/* cache.c (L1): compiled kernels, found by name, with a pool of kernel objects for each. */
#include "cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cache_entry {
    char name[64];
    cl_program program;
    cl_kernel *idle;
    size_t num_idle, capacity;
};

static int compare(const void *name, const void *entry) {
    return strcmp(name, ((const cache_entry *)entry)->name);
}

static cache_entry *find(const kernel_cache *cache, const char *name) {
    if (cache->count == 0) return NULL;
    return bsearch(name, cache->entries, cache->count, sizeof *cache->entries, compare);
}

/* Makes room for one more element; false when memory is short. */
static bool grow(void **array, size_t count, size_t *capacity, size_t element) {
    if (count < *capacity) return true;
    const size_t wanted = *capacity ? 2 * *capacity : 8;
    void *larger = realloc(*array, wanted * element);
    if (!larger) return false;
    *array = larger;
    *capacity = wanted;
    return true;
}

void cache_clear(kernel_cache *cache) {
    for (size_t i = 0; i < cache->count; i++) {
        cache_entry *e = &cache->entries[i];
        for (size_t k = 0; k < e->num_idle; k++)
            clReleaseKernel(e->idle[k]);
        free(e->idle);
        clReleaseProgram(e->program);
    }
    free(cache->entries);
    *cache = (kernel_cache){0};
}

bool cache_contains(const kernel_cache *cache, const char *name) {
    return find(cache, name) != NULL;
}

bool cache_add(kernel_cache *cache, const char *name, cl_program program) {
    void *entries = cache->entries;
    const bool room = grow(&entries, cache->count, &cache->capacity, sizeof *cache->entries);
    cache->entries = entries;
    if (!room) return false;
    size_t place = cache->count++;
    for (; place > 0 && compare(name, &cache->entries[place - 1]) < 0; place--)
        cache->entries[place] = cache->entries[place - 1];
    cache_entry *e = &cache->entries[place];
    memset(e, 0, sizeof *e);
    snprintf(e->name, sizeof e->name, "%s", name);
    clRetainProgram(program);
    e->program = program;
    return true;
}

cl_int cache_take(kernel_cache *cache, const char *name, cl_kernel *kernel) {
    cache_entry *e = find(cache, name);
    cl_int code = CL_SUCCESS;
    *kernel = NULL;
    if (!e) return CL_INVALID_KERNEL_NAME;
    if (e->num_idle > 0)
        *kernel = e->idle[--e->num_idle];
    else
        *kernel = clCreateKernel(e->program, name, &code);
    return code;
}

void cache_give(kernel_cache *cache, const char *name, cl_kernel kernel) {
    cache_entry *e = find(cache, name);
    void *idle = e->idle;
    const bool room = grow(&idle, e->num_idle, &e->capacity, sizeof *e->idle);
    e->idle = idle;
    if (room)
        e->idle[e->num_idle++] = kernel;
    else
        clReleaseKernel(kernel);
}
