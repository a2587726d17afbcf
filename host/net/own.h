/* own.h: when products are clact's own, and those of one layer or a batch of them. */
#ifndef NET_OWN_H
#define NET_OWN_H

#include "blas.h"
#include "clact/net.h"
#include "timeline.h"

static inline bool own_is_legal(clact_products products) {
    return (int)products >= 0 && products <= CLACT_PRODUCTS_OWN;
}

/* Whether clact's own were measured to be faster than CLBlast's on devices of this type: for
 * `count` products at a time, of so many multiplications each. */
bool own_suits(cl_device_type type, bool fma, size_t count, double multiplications);

/* Whether the products of `count` entries of a layer over so many rows each, on the queue's device,
 * are clact's own: as the layer says or, where it leaves it open, where they suit. */
bool own_is_chosen(const clact_dense *layer, cl_command_queue queue, size_t count, size_t rows);

/* What blas_gemm does, with a timeline in place of the event. */
clact_status own_gemm(clact_context *context, cl_command_queue queue, const blas_product *product,
                      timeline *times);

/* The product and the sweep of a forward pass in one kernel, for each of so many entries with rows;
 * clact_multiply_takes the epilogue. */
clact_status own_forward(clact_context *context, cl_command_queue queue, const clact_dense *layer,
                         size_t count, const clact_dense_forward_tensors *entries, timeline *times);

#endif
