/* program.h (L1): compile kernels for one device. */
#ifndef CORE_PROGRAM_H
#define CORE_PROGRAM_H

#include "clact/clact.h"
#include "kernel_spec.h"

typedef struct program_target {
    cl_context context;
    cl_device_id device;
    unsigned width;
    size_t local;
    const char *options; /* added at the end; "" for none */
} program_target;

/* Builds one program of all `count` kernels, which are of one flavour, every text once where no
 * defines tell them apart. A failed build leaves the compiler's log in *log (malloc'd, may be NULL;
 * the caller frees it); *code is the OpenCL code of a failed call. */
clact_status program_build(const program_target *target, const kernel_spec *specs, size_t count,
                           cl_program *out, char **log, cl_int *code);

/* Seconds on a clock that only goes forward. */
double program_clock(void);

#endif
