/* element.h: one number as an element of any type, in the host's byte order; for programs. */
#ifndef ELEMENT_H
#define ELEMENT_H

#include <clact/clact.h>

/* The element at this address, aligned or not. Exact. */
double element_load(clact_dtype dtype, const void *at);

/* Writes value there, rounded once, to nearest, ties to even; a NaN stays a NaN. */
void element_store(clact_dtype dtype, double value, void *at);

#endif
