/* product_plan.h (L2): kernels of matrix products and their launch numbers; nothing is
 * enqueued or compiled. */
#ifndef CORE_PRODUCT_PLAN_H
#define CORE_PRODUCT_PLAN_H

#include "context.h"
#include "plan.h"

/* What a work-item makes in its registers, rows x vectors of so many lanes; and the work-items of a
 * work-group, which share a panel of b and stand below each other. No result depends on it. */
typedef struct product_tile {
    unsigned rows, vectors, lanes;
    size_t local;
} product_tile;
product_tile product_plan_tile(const clact_context *context, clact_dtype dtype);

/* The kernel of a product, or with a sweep that clact_multiply_takes of both. */
kernel_spec product_plan_kernel(product_tile tile, clact_dtype dtype, const clact_sweep *sweep);

/* How m x n elements are cut up for a device of so many compute units. */
typedef struct product_cut {
    size_t rows_each; /* of a work-group, a multiple of what it makes at a time */
    size_t groups;
} product_cut;
product_cut product_plan_cut(size_t m, size_t n, product_tile tile, unsigned compute_units);

#endif
