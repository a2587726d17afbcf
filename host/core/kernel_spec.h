/* kernel_spec.h (L0): one kernel to be compiled. */
#ifndef CORE_KERNEL_SPEC_H
#define CORE_KERNEL_SPEC_H

#include <stdbool.h>

typedef struct kernel_spec {
    char name[64];     /* of the kernel function; also what it is found by */
    char defines[192]; /* #define lines that stand before its text */
    const char *text;  /* from text.h; several kernels may share one */
    bool scalar;       /* WIDTH 1, whatever the context's width */
} kernel_spec;

#endif
