/* net.h: dense layers in batches on CLBlast, and a network of them that trains.
 *
 * Queues must be in order: CLBlast takes no wait lists. Wait lists given here are honoured by a
 * barrier before the first command. Messages of failed calls stand in the clact_context.
 */
#ifndef CLACT_NET_H
#define CLACT_NET_H

#include "clact/clact.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- One layer: y = act(z), z = x W^T + b ---------------------------------------------------- */

typedef struct clact_dense {
    size_t inputs, outputs;
    clact_matrix weight;           /* W, outputs x inputs */
    clact_matrix bias;             /* b, 1 x outputs */
    const clact_sweep *activation; /* float32; its field `saved` says what backward gets */
} clact_dense;

/* x is rows x inputs; z and y are rows x outputs. z may be y where backward reads y (or there is
 * none). rows 0 is success. The identity in place is no pass at all. Errors: as clact_forward;
 * INVALID_ARGUMENT for a queue that is not in order; BLAS. */
CLACT_API clact_status clact_dense_forward(clact_context *context, cl_command_queue queue,
                                           const clact_dense *layer, size_t rows, clact_matrix x,
                                           clact_matrix z, clact_matrix y, cl_uint num_wait,
                                           const cl_event *wait, cl_event *event);

/* From dy, the gradient of y: dz = dy act'(saved), dweight = dz^T x, dbias = column sums of dz,
 * dx = dz W. saved is z or y as the activation says; dz may be dy or saved, no other two may
 * overlap. A dx whose buffer is NULL is not computed. rows 0 gives dweight and dbias of zeros.
 * Errors: as clact_dense_forward, SAVED_TENSOR. */
CLACT_API clact_status clact_dense_backward(clact_context *context, cl_command_queue queue,
                                            const clact_dense *layer, size_t rows, clact_matrix x,
                                            clact_matrix saved, clact_matrix dy, clact_matrix dz,
                                            clact_matrix dweight, clact_matrix dbias,
                                            clact_matrix dx, cl_uint num_wait, const cl_event *wait,
                                            cl_event *event);

/* SplitMix64 of Steele, Lea and Flood: the next 64 bits, and the state moves on. Initial weights
 * are drawn from it; use it for shuffles that come out the same on every platform. */
CLACT_API uint64_t clact_random_next(uint64_t *state);

/* ---- A network ------------------------------------------------------------------------------- */

typedef struct clact_net clact_net;

typedef struct clact_layer {
    size_t units;
    const clact_sweep *activation; /* float32; copied by clact_net_create */
} clact_layer;

typedef struct clact_net_options {
    size_t struct_size; /* sizeof(clact_net_options) */
    size_t inputs;
    const clact_layer *layers; /* the last is the output: give it identity, the loss takes logits */
    size_t num_layers;
    clact_loss loss;
    size_t max_rows; /* most rows of one step or forward pass */
    uint64_t seed;   /* of the initial weights: He's uniform, Glorot's in the output layer */
    bool timing;     /* keep times by kind of work until they are collected; needs a queue with
                        profiling on */
} clact_net_options;

/* Allocates parameters, gradients and activations on the device and writes the initial weights;
 * waits for that write. Retains the queue; the context must outlive the net, and one thread at a
 * time may use it. Errors: INVALID_ARGUMENT (also for timing on a queue without profiling),
 * PARAMETER_RANGE, SHAPE (a size overflows), MISMATCH, MEMORY, OPENCL. */
CLACT_API clact_status clact_net_create(clact_context *context, cl_command_queue queue,
                                        const clact_net_options *options, clact_net **out);
CLACT_API void clact_net_destroy(clact_net *net);

/* Enqueues a forward pass over rows <= max_rows; *output is where its result will stand, until the
 * next pass. */
CLACT_API clact_status clact_net_forward(clact_net *net, size_t rows, clact_matrix x,
                                         clact_matrix *output);

/* Enqueues forward, loss, backward and an SGD update with momentum on rows <= max_rows. target is
 * as clact_loss_gradient takes it. *loss (may be NULL) is where the loss of each row will stand,
 * rows x 1, until the next step. */
CLACT_API clact_status clact_net_step(clact_net *net, size_t rows, clact_matrix x,
                                      clact_matrix target, float lr, float momentum,
                                      clact_matrix *loss);

/* Compiles and launches once everything that steps of these rows need, so that no later step waits
 * for a compiler. Parameters, momentum and times are as before. Waits for the queue. */
CLACT_API clact_status clact_net_warm_up(clact_net *net, size_t rows);

/* Layer i with its parameters in place on the device, valid until clact_net_destroy.
 * INVALID_ARGUMENT past the last layer. */
CLACT_API clact_status clact_net_layer(clact_net *net, size_t i, clact_dense *layer);

/* Seconds of device time by kind of work. */
typedef struct clact_net_times {
    double gemm, activation, other; /* other: bias, losses, updates and the gaps between commands */
} clact_net_times;

/* Waits for the queue, adds up the time since the last call (or since creation) and starts anew.
 * A command counts from the end of the one before it. INVALID_ARGUMENT without options.timing. */
CLACT_API clact_status clact_net_collect_times(clact_net *net, clact_net_times *times);

#ifdef __cplusplus
}
#endif
#endif
