/* net_case.h: small networks on the device for tests, and their passes in double on the host. */
#ifndef NET_CASE_H
#define NET_CASE_H

#include "device_fixture.h"

#include "clact/net.h"

enum { NET_LAYERS = 3, NET_ROWS = 16 };

/* What a net is made of; change it before net_create. */
typedef struct net_case {
    clact_sweep sweeps[NET_LAYERS];
    clact_layer layers[NET_LAYERS]; /* whose activations net_create fills in */
    clact_optimizer optimizer;
    clact_net_options options; /* likewise its layers and optimizer */
} net_case;

/* Layers of these units, tanh in all but the last; cross-entropy, NET_ROWS rows, clact's defaults
 */
net_case net_case_of(size_t inputs, size_t num_layers, const size_t *units);

clact_net *net_create(fixture *f, const net_case *c);

/* Not for a legal case: the message of its refusal has `words`. */
void net_refused(fixture *f, const net_case *c, clact_status status, const char *words);

/* A part of a net in memory to be freed, NULL for none; *count (may be NULL) is its length. */
float *net_read(fixture *f, clact_net *net, clact_net_part part, size_t *count);
void net_write(fixture *f, clact_net *net, clact_net_part part, const float *values);

/* Fails unless parameters and states of both have the same bits. */
void nets_are_the_same(fixture *f, clact_net *a, clact_net *b);

/* Normal numbers and labels, NET_ROWS of them */
typedef struct net_batch {
    float *x;
    int32_t labels[NET_ROWS];
    guarded on_device, labels_on_device;
} net_batch;

net_batch batch_create(fixture *f, const net_case *c, uint64_t seed);
void batch_release(net_batch *b);

/* One training step over all rows, and a pass without one; the loss of either */
float net_step(fixture *f, clact_net *net, const net_batch *b, float lr);
float net_gradients(fixture *f, clact_net *net, const net_batch *b);

/* ---- on the host ---- */

/* A net of tanh, relu, identity and silu, with gates or not, over a batch */
typedef struct host_net {
    const net_case *c;
    const net_batch *batch;
    size_t num_params, columns[NET_LAYERS]; /* columns: of z */
    double *params;                         /* in the order of clact_net_array */
    double *z[NET_LAYERS], *a[NET_LAYERS];  /* of the last pass; a is before dropout */
    bool drops;                             /* as the step after so many does */
    uint64_t steps;
    double *nudged; /* a z that counts as `nudge` more; NULL for none */
    double nudge;
} host_net;

/* With the parameters of the net on the device */
host_net host_create(fixture *f, const net_case *c, const net_batch *b, clact_net *net);
void host_release(host_net *h);

/* A forward pass; the mean loss */
double host_loss(host_net *h);

/* The derivative of the mean loss by a parameter, and by an element of z, from differences */
double host_slope(host_net *h, double *param);
double host_slope_of_z(host_net *h, double *z);

#endif
