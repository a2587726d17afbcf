/* sample.h: stratified inputs for a check of one activation and direction, and random gradients. */
#ifndef CLACT_VERIFY_SAMPLE_H
#define CLACT_VERIFY_SAMPLE_H

#include "clact/clact.h"

#define SAMPLE_SEED UINT64_C(0x9e3779b97f4a7c15)

typedef struct sample_spec {
    clact_activation activation;
    bool backward;
    clact_saved saved; /* of backward: whether inputs are x or y */
    clact_dtype dtype;
    float params[CLACT_MAX_PARAMS];
    unsigned mantissas; /* inputs of each sign in every binade */
    unsigned middle;    /* inputs in [-160, 160], most of them in [-20, 20] */
} sample_spec;

/* Bytes of an element. */
size_t sample_size(clact_dtype dtype);

/* Inputs of spec->dtype, *count of them, to be freed by the caller; NULL if out of memory. Always
 * the same for the same spec.
 *
 * float32 and float64: special values, the surroundings of kinks, of zeros of f and f' and of the
 * limits of y, the hardest arguments of the periodic rows, every binade (float64: beyond 2^+-160
 * only two inputs each) and the middle; of inputs y every other one of the middle is a value of f.
 * The 16-bit types: all 65,536 codes; the densities do not count. */
void *sample_create(const sample_spec *spec, size_t *count);

/* Fills count gradients of dtype, of both signs: every third of any size the type has, subnormals
 * included (float64: up to 2^21, as far as the oracle's derivative goes), the others with |dy| from
 * 2^-90 to 2^91 (float16: 2^-10 to 2^11). Always the same. */
void sample_gradients(clact_dtype dtype, void *dy, size_t count);

#endif
