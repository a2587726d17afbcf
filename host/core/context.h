/* context.h (L2): what the caller holds: compiled kernels for one device, and the last message. */
#ifndef CORE_CONTEXT_H
#define CORE_CONTEXT_H

#include "cache.h"
#include "clact/clact.h"
#include "device.h"
#include "kernel_spec.h"
#include "program.h"
#include "tuning.h"

#include <threads.h>

/* A program that is to be kept in the cache folder when the context goes. */
typedef struct unkept_program {
    cl_program program;
    disk_key key;
} unkept_program;

struct clact_context {
    program_target target;
    char options[384];
    clact_device_info device;

    mtx_t build_lock; /* held while the compiler runs; taken before cache_lock */
    mtx_t cache_lock; /* held for look-ups only, so that launches need not wait for a build */
    kernel_cache cache;
    double build_seconds;
    unsigned builds, hits, misses; /* the last two of the cache folder */

    char *cache_folder;     /* NULL for none */
    unkept_program *unkept; /* under build_lock */
    size_t num_unkept;

    bool self_tested; /* under build_lock, as what was found */
    clact_self_test_report self_test;

    mtx_t text_lock;
    char message[512];
    char *build_log;
};

/* As clact_context_create, without a self-test; out is not NULL. */
clact_status context_create(cl_context context, cl_device_id device,
                            const clact_context_options *options, clact_context **out);

/* Stores the message and returns `status`. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
clact_status
context_fail(clact_context *context, clact_status status, const char *format, ...);

/* CLACT_OPENCL with a message that names the call and the code. */
clact_status context_fail_opencl(clact_context *context, const char *call, cl_int code);

/* Compiles those of the kernels that are not there yet, in one build for each flavour and vector
 * width. */
clact_status context_ensure(clact_context *context, const kernel_spec *specs, size_t count);

/* Takes a compiled kernel for one launch, and gives it back. */
clact_status context_take(clact_context *context, const char *name, cl_kernel *kernel);
void context_give(clact_context *context, const char *name, cl_kernel kernel);

#endif
