/* blas.h: products of one layer or a batch of them on CLBlast. */
#ifndef NET_BLAS_H
#define NET_BLAS_H

#include "clact/clact.h"

/* One matrix of a product, for every entry of a batch: that of entry i stands i * step bytes behind
 * first. All are in one buffer with one leading dimension. */
typedef struct blas_matrix {
    const clact_matrix *first;
    size_t step;
    bool transposed; /* not for c */
} blas_matrix;

/* The matrix of entry i */
static inline const clact_matrix *blas_entry(const blas_matrix *m, size_t i) {
    return (const clact_matrix *)((const char *)m->first + i * m->step);
}

/* c = op(a) op(b) + beta c, row-major, for each of count entries: c is m x n, the inner dimension
 * k; op transposes where asked. Where beta is 0 what c held does not matter. event, NULL for none,
 * is for a count of 1. Errors: BLAS, MEMORY, with a message. */
typedef struct blas_product {
    size_t m, n, k, count;
    blas_matrix a, b, c;
    float beta;
} blas_product;
clact_status blas_gemm(clact_context *context, cl_command_queue queue, const blas_product *product,
                       cl_event *event);

#endif
