/* program.h (L1): compile kernels for one device, or take them from the cache folder. */
#ifndef CORE_PROGRAM_H
#define CORE_PROGRAM_H

#include "clact/clact.h"
#include "disk_cache.h"
#include "kernel_spec.h"

typedef struct program_target {
    cl_context context;
    cl_device_id device;
    clact_tuning tuning;      /* complete: nothing in it is 0 */
    const char *options;      /* added at the end; "" for none */
    const char *cache_folder; /* NULL for none */
    sha256 identity;          /* of the device; used with a cache folder */
} program_target;

typedef struct program_result {
    cl_program program;
    bool is_kept; /* it comes from the cache folder */
    disk_key key; /* what it is kept under there */
    char *log;   /* of the compiler, if it has failed: malloc'd, may be NULL; the caller frees it */
    cl_int code; /* of a failed OpenCL call */
} program_result;

/* How a kernel is cut: its lanes, as the arithmetic of its flavour has them, work-group and
 * vectors. */
clact_tuning_shape program_shape(const program_target *target, const kernel_spec *spec);

/* Whether two kernels may stand in one program. */
bool program_is_shared(const program_target *target, const kernel_spec *a, const kernel_spec *b);

/* Makes one program of all `count` kernels, which may share it, every text once where no defines
 * tell them apart. Fills *result, whatever comes back. */
clact_status program_build(const program_target *target, const kernel_spec *specs, size_t count,
                           program_result *result);

/* Keeps a program that was compiled in the target's cache folder. */
void program_keep(const program_target *target, cl_program program, const disk_key *key);

/* Seconds on a clock that only goes forward. */
double program_clock(void);

#endif
