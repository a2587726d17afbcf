/* train_run.h: epochs of minibatches over a dataset on one device. */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include "dataset.h"
#include "device_pick.h"

#include <clact/net.h>

typedef struct train_settings {
    size_t epochs, batch;
    float lr, momentum;
    uint64_t seed;
    clact_loss_kind loss;
} train_settings;

/* What came out; score is the accuracy on the held-out rows, or for MSE the root of the mean
 * squared error in the label's own scale. */
typedef struct train_result {
    double loss, score;
    size_t correct, held_out;
    double warm_up_seconds, train_seconds;
    clact_net_times times;
} train_result;

/* Called after each epoch with the mean training loss and the score; seconds since the start. */
typedef void train_report(void *user, size_t epoch, double loss, double score);

/* Trains net on the first num_train rows, scores it on the rest after each epoch. label_scale and
 * label_shift lead from the network's MSE outputs to the label's own scale. On failure returns
 * false and a sentence. */
bool train_run(picked_device *device, clact_net *net, size_t outputs, const dataset *data,
               size_t num_train, const train_settings *settings, double label_scale,
               train_report *report, void *user, train_result *result, char *message,
               size_t message_size);

#endif
