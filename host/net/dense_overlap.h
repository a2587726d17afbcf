/* dense_overlap.h: that tensors of a batch share no memory where they must not. */
#ifndef NET_DENSE_OVERLAP_H
#define NET_DENSE_OVERLAP_H

#include "clact/clact.h"

/* The tensors of one entry: first those of the products, in this order (Z is dz backward), then
 * those of the sweep alone. One that is not there has no rows. */
enum { DENSE_X, DENSE_WEIGHT, DENSE_DWEIGHT, DENSE_DX, DENSE_Z, DENSE_PRODUCTS };
typedef struct dense_operands {
    clact_operand list[CLACT_MAX_OPERANDS];
    size_t count, workspace; /* workspace: which one it is, 0 if there is none */
} dense_operands;

/* Whether those of `count` entries stand apart. What a sweep reads and writes within one entry is
 * its own to check, but for inputs that the product z would overwrite. Leading dimensions are not
 * 0. Errors: OVERLAP, MEMORY. */
clact_status dense_check_overlaps(clact_context *context, const dense_operands *entries,
                                  size_t count);

#endif
