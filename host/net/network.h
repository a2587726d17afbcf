/* network.h: what a network holds on the device. */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H

#include "clact/net.h"
#include "timeline.h"

/* One layer with its tensors in place: a pass fills in rows and the input alone. */
typedef struct net_layer {
    clact_dense dense;
    clact_sweep epilogue; /* what dense points to */
    clact_dense_forward_tensors forward;
    clact_dense_backward_tensors backward;
    clact_matrix y, dy;
    cl_mem z, saved; /* of their own, or NULL: z is y, nothing is saved beside it */
} net_layer;

struct clact_net {
    clact_context *context;
    cl_command_queue queue;
    clact_loss loss_of; /* the mean over a batch */
    size_t inputs, num_layers, max_rows, num_params;
    clact_products products;
    net_layer *layers;
    cl_mem params, grads, velocity; /* num_params each: W0, b0, W1, b1, ... */
    cl_mem workspace;               /* of all sweeps and the loss, one after the other */
    clact_matrix loss;              /* 1 x 1 */
    timeline times;
};

#endif
