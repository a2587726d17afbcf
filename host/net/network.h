/* network.h: what a network holds on the device. */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H

#include "clact/net.h"
#include "timeline.h"

/* What a pass does beside the layers' own */
typedef enum net_pass {
    NET_PLAIN,
    NET_TRAINING, /* dropout */
    NET_WATCHED,  /* health */
    NET_PASSES
} net_pass;

/* One layer with its tensors in place: a pass fills in epilogue, rows, draws and the input. */
typedef struct net_layer {
    clact_dense dense;
    clact_sweep epilogues[NET_PASSES]; /* dense points to that of the last pass */
    clact_dense_forward_tensors forward;
    clact_dense_backward_tensors backward;
    clact_matrix y, dy;
    cl_mem z, saved;            /* of their own, or NULL: z is y, nothing is saved beside it */
    cl_mem seen, seen_backward; /* health, or NULL */
} net_layer;

struct clact_net {
    clact_context *context;
    cl_command_queue queue;
    clact_loss loss_of; /* the mean over a batch */
    size_t inputs, num_layers, max_rows, num_params;
    clact_products products;
    clact_optimizer optimizer;
    float max_norm; /* 0: none */
    uint64_t seed, steps;
    bool health, has_dropout;
    net_layer *layers;
    cl_mem parts[4];   /* of clact_net_part, num_params each: W0, b0, W1, b1, ... */
    cl_mem clip;       /* norm of the gradients, and their factor */
    cl_mem workspace;  /* of all sweeps, the loss and the norm, one after the other */
    clact_matrix loss; /* 1 x 1 */
    timeline times;
};

/* Writes initial weights and zero biases of all layers to values[num_params]. False without memory.
 */
bool net_initial_values(const clact_net *net, clact_init init, float scale, float *values);

/* A clact_parameter_tensor of `count` parameters that start at `at` */
clact_parameter_tensor net_parameters(const clact_net *net, size_t at, size_t count);

#endif
