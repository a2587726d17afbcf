/* train_health.h: what the layers of a network do on all training rows. */
#ifndef TRAIN_HEALTH_H
#define TRAIN_HEALTH_H

#include "train_feed.h"
#include "train_net.h"

/* One layer, the output layer among them, over all training rows */
typedef struct layer_health {
    clact_activation activation;
    size_t units;
    double dead;  /* share of units with |act'| below the sweep's saturation on every row: no row
                     moves their weights */
    double zeros; /* share of outputs that are exactly 0 */
    double saturated;             /* share of outputs other than 0 with |act'| below it */
    double mean, deviation, most; /* of the outputs; most is the greatest magnitude */
    double gradient_norm;         /* L2 norm of the gradient of the mean loss for what goes into the
                                     activation, over all rows */
    uint64_t not_finite;          /* outputs that are NaN or infinite */
} layer_health;

/* Passes all training rows of the feed, as they are dealt, forward and backward through the net,
 * which was created with health, without an update. layers has one more than hidden ones. Waits. */
bool train_health_find(const train_net_place *place, clact_net *net, const train_feed *feed,
                       layer_health *layers, size_t num_layers, char *message, size_t size);

/* What is wrong with a layer and what to do, or false: "layer 2: 41 % of units dead; lower --lr or
 * use leaky_relu". `number` counts from 1; hidden layers alone are judged. */
bool train_health_warning(const layer_health *layers, size_t num_layers, size_t number, char *text,
                          size_t size);

#endif
