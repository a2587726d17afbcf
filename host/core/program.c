/* program.c (L1): compile kernels for one device. */
#include "program.h"

#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double program_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static char *build_log(cl_program program, cl_device_id device) {
    size_t size = 0;
    clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, 0, NULL, &size);
    char *log = malloc(size + 1);
    if (!log) return NULL;
    log[0] = '\0';
    clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, size, log, NULL);
    log[size] = '\0';
    return log;
}

/* A text without defines holds all its kernels: it stands in the program once. */
static bool text_is_there(const kernel_spec *specs, size_t i) {
    for (size_t j = 0; j < i; j++)
        if (specs[j].text == specs[i].text && !specs[i].defines[0]) return true;
    return false;
}

clact_status program_build(const program_target *target, const kernel_spec *specs, size_t count,
                           cl_program *out, char **log, cl_int *code) {
    clact_status status = CLACT_SUCCESS;
    cl_program program = NULL;
    char options[512], sizes[128];
    *log = NULL;
    *code = CL_SUCCESS;
    const char **parts = malloc((2 + 2 * count) * sizeof *parts);
    if (!parts) return CLACT_MEMORY;

    cl_uint num_parts = 0;
    const unsigned flavour = specs[0].flavour;
    snprintf(sizes, sizeof sizes,
             "#undef WIDTH\n#define WIDTH %u\n#undef LOCAL\n#define LOCAL %zu\n%s%s",
             kernel_lanes(flavour, target->width), target->local,
             flavour & KERNEL_ACCURATE ? "#define ACCURATE\n" : "#undef ACCURATE\n",
             flavour & KERNEL_DOUBLE ? "#define DOUBLE\n" : "#undef DOUBLE\n");
    parts[num_parts++] = sizes; /* in the text, where no option can undo them */
    parts[num_parts++] = clact_text_kernel;
    for (size_t i = 0; i < count; i++) {
        if (text_is_there(specs, i)) continue;
        parts[num_parts++] = specs[i].defines;
        parts[num_parts++] = specs[i].text;
    }
    snprintf(options, sizeof options, "-cl-std=CL1.2 %s", target->options);
    program = clCreateProgramWithSource(target->context, num_parts, parts, NULL, code);
    if (*code != CL_SUCCESS) {
        status = CLACT_OPENCL;
        goto done;
    }
    *code = clBuildProgram(program, 1, &target->device, options, NULL, NULL);
    if (*code != CL_SUCCESS) {
        *log = build_log(program, target->device);
        status = *code == CL_BUILD_PROGRAM_FAILURE || *code == CL_INVALID_BUILD_OPTIONS
                     ? CLACT_BUILD
                     : CLACT_OPENCL;
        goto done;
    }
    *out = program;
    program = NULL;
done:
    if (program) clReleaseProgram(program);
    free(parts);
    return status;
}
