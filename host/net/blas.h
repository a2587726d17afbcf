/* blas.h: the three products of a dense layer on CLBlast. */
#ifndef NET_BLAS_H
#define NET_BLAS_H

#include "clact/clact.h"

/* c = op(a) op(b) + beta c, row-major: c is m x n, the inner dimension k; op transposes where
 * asked. *event may be NULL. Errors: BLAS, with a message. */
clact_status blas_gemm(clact_context *context, cl_command_queue queue, bool transpose_a,
                       bool transpose_b, size_t m, size_t n, size_t k, clact_matrix a,
                       clact_matrix b, float beta, clact_matrix c, cl_event *event);

#endif
