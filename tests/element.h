/* element.h: elements of every type, as codes and as doubles. */
#ifndef CLACT_TESTS_ELEMENT_H
#define CLACT_TESTS_ELEMENT_H

#include <clact/clact.h>

typedef struct element_format {
    int bits, fraction_bits;
    double least_subnormal, least_normal, greatest;
} element_format;

element_format element_format_of(clact_dtype dtype);

uint64_t element_code(clact_dtype dtype, const void *values, size_t i);
void element_set_code(clact_dtype dtype, void *values, size_t i, uint64_t code);

/* Widening is exact. A value is rounded to nearest even once; for the 16-bit types it has to be a
 * float. */
double element_value(clact_dtype dtype, const void *values, size_t i);
void element_set(clact_dtype dtype, void *values, size_t i, double value);

/* Equal bits, or both NaN. */
bool element_same(clact_dtype dtype, const void *a, size_t i, const void *b, size_t j);

#endif
