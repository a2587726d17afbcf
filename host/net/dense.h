/* dense.h: passes of a dense layer with a timeline; the public ones are these without. */
#ifndef NET_DENSE_H
#define NET_DENSE_H

#include "timeline.h"

clact_status dense_forward(clact_context *context, cl_command_queue queue, const clact_dense *layer,
                           size_t rows, clact_matrix x, clact_matrix z, clact_matrix y,
                           timeline *times);

typedef struct dense_gradients {
    clact_matrix dz, dweight, dbias, dx; /* dx.buffer NULL: not wanted */
} dense_gradients;

clact_status dense_backward(clact_context *context, cl_command_queue queue,
                            const clact_dense *layer, size_t rows, clact_matrix x,
                            clact_matrix saved, clact_matrix dy, const dense_gradients *out,
                            timeline *times);

/* That the queue is the context's and in order. */
clact_status dense_check_queue(clact_context *context, cl_command_queue queue);

/* That a layer can have this activation: legal, and float32. */
clact_status dense_check_activation(clact_context *context, const clact_sweep *activation,
                                    bool backward);

#endif
