/* dense.h: passes of a batch of dense layers, checked or taken as right; those of net.h are made of
 * these. */
#ifndef NET_DENSE_H
#define NET_DENSE_H

#include "timeline.h"

/* Enqueue the pass of `count` entries. Nothing is checked but by the sweeps. */
clact_status dense_forward(clact_context *context, cl_command_queue queue, const clact_dense *layer,
                           size_t count, const clact_dense_forward_tensors *entries,
                           timeline *times);
clact_status dense_backward(clact_context *context, cl_command_queue queue,
                            const clact_dense *layer, size_t count,
                            const clact_dense_backward_tensors *entries, timeline *times);

/* Whether the forward pass of each entry is one kernel. */
bool dense_is_fused(const clact_dense *layer, cl_command_queue queue, size_t count,
                    const clact_dense_forward_tensors *entries);

/* Columns of z: outputs, or twice as many for both halves of a gate. */
size_t dense_columns(const clact_dense *layer);

/* The tensors of its sweep, cols filled in. */
clact_forward_tensors dense_forward_epilogue(const clact_dense *layer,
                                             const clact_dense_forward_tensors *t);
clact_backward_tensors dense_backward_epilogue(const clact_dense *layer,
                                               const clact_dense_backward_tensors *t);

#endif
