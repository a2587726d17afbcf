/* network.h: what a network holds on the device. */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H

#include "clact/net.h"
#include "timeline.h"

/* One layer: its parameters with gradient and velocity, and what its passes leave behind. */
typedef struct net_layer {
    clact_dense dense;
    clact_sweep activation; /* what dense points to */
    clact_matrix dweight, dbias;
    clact_matrix z, y; /* the same buffer where the activation is the identity */
    clact_matrix dy;   /* gradient of y, then of z */
} net_layer;

struct clact_net {
    clact_context *context;
    cl_command_queue queue;
    clact_loss loss_kind;
    size_t inputs, num_layers, max_rows, num_params;
    net_layer *layers;
    cl_mem params, grads, velocity; /* num_params each: W0, b0, W1, b1, ... */
    clact_matrix loss;              /* max_rows x 1 */
    timeline times;
};

#endif
