/* product.h: matrix products on clact's own kernels, alone or with a sweep behind them in one
 * kernel. They are written for CPUs; clact/net.h chooses between them and CLBlast.
 */
#ifndef CLACT_PRODUCT_H
#define CLACT_PRODUCT_H

#include "clact/clact.h"

#ifdef __cplusplus
extern "C" {
#endif

/* c = op(a) op(b) + beta c: c is m x n, op(a) is m x k and op(b) is k x n, where op transposes if
 * asked to. What is left out is 0.
 *
 * Each element is summed in one fixed order: k in blocks of 256, each a chain of fma in order of k
 * from 0; the sums of the blocks are added one after the other, the first of them to beta c by an
 * fma. So the bits are the same on every device, and the error of an element is within
 * (min(k, 256) + k / 256 + 2) u (sum of the magnitudes of the products, and of beta c), u = 2^-24
 * (float64: 2^-53), as long as nothing overflows or underflows. */
typedef struct clact_product {
    size_t m, n, k;
    bool a_transposed, b_transposed; /* a is stored as k x m; b as n x k */
    clact_matrix a, b, c;
    clact_dtype dtype; /* of all of them: CLACT_F32 or CLACT_F64 */
    float beta;        /* finite. 0 takes nothing from c, not even a NaN */
} clact_product;

/* Enqueues the product. c overlaps neither a nor b; its buffer can be read and written. Without
 * rows or columns nothing is written; where k is 0 a and b are not looked at, and c is beta c.
 * Errors: INVALID_ARGUMENT, PARAMETER_RANGE (beta), SHAPE, BUFFER_SIZE, OVERLAP, MISMATCH, DEVICE,
 * BUILD, MEMORY, OPENCL. */
CLACT_API clact_status clact_multiply(clact_context *context, cl_command_queue queue,
                                      const clact_product *product, cl_uint num_wait,
                                      const cl_event *wait, cl_event *event);

/* Whether clact_multiply_forward takes this sweep: float32 or float64, no stage but the activation,
 * a bias and a scale, and neither mask nor tail saved. */
CLACT_API bool clact_multiply_takes(const clact_sweep *sweep);

/* The product and the forward pass of a sweep over it, by one kernel with the bits of both one
 * after the other. The product's c is z, the x of the sweep, and is written; its dtype is the
 * sweep's and its beta 0. Of the tensors only bias and y are looked at; y may be c, any other
 * overlap with what is written is refused. Errors: as clact_multiply and clact_sweep_forward;
 * INVALID_ARGUMENT for a sweep that clact_multiply_takes refuses. */
CLACT_API clact_status clact_multiply_forward(clact_context *context, cl_command_queue queue,
                                              const clact_product *product,
                                              const clact_sweep *sweep,
                                              const clact_forward_tensors *tensors,
                                              cl_uint num_wait, const cl_event *wait,
                                              cl_event *event);

/* Compiles what clact_multiply needs for this type or, unless sweep is NULL, what
 * clact_multiply_forward needs for it, but checks no tensors and enqueues nothing: for libraries
 * built on clact that enqueue work of their own before. clact_warm_up_all does it together with
 * other kernels. Errors: INVALID_ARGUMENT, DEVICE, BUILD, MEMORY, OPENCL. */
CLACT_API clact_status clact_multiply_try(clact_context *context, clact_dtype dtype,
                                          const clact_sweep *sweep);

#ifdef __cplusplus
}
#endif
#endif
