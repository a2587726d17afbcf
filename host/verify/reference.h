/* reference.h: f or f' for every float32, fast: polynomials fitted to the oracle, and to it alone.
 *
 * The float line is cut into pieces, runs of consecutive floats of one sign and binade. On each
 * stands a polynomial in the index, fitted to the oracle at Chebyshev nodes and compared with it
 * where the error of such a fit peaks and at both ends; a piece that misses is halved, down to a
 * few floats that hold the oracle's values themselves. So kinks, jumps and zeros need no mention.
 *
 * Values are right within REFERENCE_ULPS units of the last place of a float32 (at least 2^-149).
 * Beyond 2^129 only that much is right, and of values other than 0 below 2^-170 neither digits nor
 * sign. NaN outside the domain, limits at the infinities. The gradient is that of dy = 1, taken at
 * x or at y; REFERENCE_NOTHING where y promises nothing.
 */
#ifndef CLACT_VERIFY_REFERENCE_H
#define CLACT_VERIFY_REFERENCE_H

#include "clact/clact.h"

#define REFERENCE_ULPS    0x1p-16
#define REFERENCE_NOTHING 0x1p400

typedef struct reference reference;

typedef struct reference_spec {
    clact_activation activation;
    bool backward;
    clact_saved saved; /* of backward: whether the floats are x or y */
    float params[CLACT_MAX_PARAMS];
    uint32_t first, last; /* bits of the floats wanted; 0 and 0xffffffff for all */
    unsigned threads;     /* that build it; 0 means 1 */
} reference_spec;

/* Called by the thread that called reference_create; false cancels. done of total binades. */
typedef bool (*reference_progress)(void *user, unsigned done, unsigned total);

/* Takes seconds. progress may be NULL. NULL if out of memory or cancelled. */
reference *reference_create(const reference_spec *spec, reference_progress progress, void *user);

/* NULL is ignored. */
void reference_destroy(reference *r);

/* Number of pieces. */
size_t reference_size(const reference *r);

/* values[i] for the float of bits first + i, which must all have been asked for. first + count is
 * at most 2^32. Threads may share r; one that ends calls mpfr_free_cache. */
void reference_evaluate(const reference *r, uint32_t first, size_t count, double *values);

#endif
