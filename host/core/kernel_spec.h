/* kernel_spec.h (L0): one kernel to be compiled. */
#ifndef CORE_KERNEL_SPEC_H
#define CORE_KERNEL_SPEC_H

#include "clact/tuning.h"

#include <stdbool.h>
#include <stddef.h>

/* What a program is compiled for; kernels of one flavour and vector width share it. */
typedef enum kernel_flavour {
    KERNEL_ACCURATE = 1, /* the accurate tier, not the fast one */
    KERNEL_DOUBLE = 2    /* double arithmetic */
} kernel_flavour;

typedef struct kernel_spec {
    char name[64];     /* of the kernel function; also what it is found by */
    char defines[512]; /* #define lines that stand before its text */
    const char *text;  /* from text.h; several kernels may share one */
    unsigned flavour;  /* flags of kernel_flavour */
    clact_family family;
    bool abreast; /* it knows reals of more than 16 lanes */
} kernel_spec;

/* Writes words, up to a NULL, one after the other, as far as there is room. Names and defines are
 * written at every call, and printf would be the dearest part of it. */
#if defined(__GNUC__)
__attribute__((sentinel))
#endif
void kernel_words(char *text, size_t size, ...);

/* A number as a word */
typedef struct kernel_number {
    char text[2 * sizeof(unsigned) + 1];
} kernel_number;
kernel_number kernel_hex(unsigned value);

/* The width of kernels that know no reals of more than 16 lanes */
static inline unsigned kernel_width_of_one(unsigned width) {
    return width < 16 ? width : 16;
}

/* Lanes of a real in a program of this flavour, where float has `width` */
static inline unsigned kernel_lanes(unsigned flavour, unsigned width) {
    if (width == 1) return 1;
    return flavour & KERNEL_DOUBLE ? width / 2 : width;
}

#endif
