/* train_run.h: epochs of minibatches over a dataset on one device. */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include "score.h"
#include "train_health.h"
#include "train_net.h"

#include <signal.h>

/* Where a training stands: enough to go on with it, to the same bits as if it had never ended. */
typedef struct train_progress {
    size_t epoch; /* epochs done; 0: none */
    uint64_t steps;
    size_t count;      /* parameters, and of each state */
    float *parameters; /* at the end of that epoch */
    float *states[2];  /* of the optimizer; NULL for those it does not have */
    float *best;       /* parameters of the lowest held-out loss; NULL without patience */
    double best_loss;
    size_t best_epoch;
} train_progress;

void train_progress_clear(train_progress *progress);

/* What an epoch has brought */
typedef struct train_epoch {
    size_t epoch;
    double loss; /* mean over the training rows, while it went */
    score held_out;
    double lr; /* of its last step */
    double seconds;
    const layer_health *layers; /* NULL without health */
    size_t num_layers;
} train_epoch;

typedef struct train_job {
    train_net_place place; /* max_rows is the batch */
    const train_settings *settings;
    const dataset *data; /* scaled; the rows held out behind the first num_train */
    size_t num_train;
    double label_deviation;
    bool keeps;                        /* progress is wanted, at the end of each epoch */
    const volatile sig_atomic_t *stop; /* not 0: the user wants it to end; NULL: never */
    void (*report)(void *user, const train_epoch *epoch);
    void *user;
} train_job;

typedef enum train_end {
    TRAIN_FINISHED,
    TRAIN_STOPPED,     /* patience is at its end */
    TRAIN_INTERRUPTED, /* *stop was set; progress is that of the last whole epoch */
    TRAIN_DIVERGED,    /* the loss is no number; likewise, and a sentence */
    TRAIN_FAILED       /* a sentence */
} train_end;

typedef struct train_result {
    train_epoch last; /* without layers; epoch 0: none was finished */
    size_t epochs;    /* done in this run */
    double warm_up_seconds, train_seconds;
    clact_net_times times;
} train_result;

/* Trains until settings->epochs, from the start or from *progress where its epoch is not 0. */
train_end train_run(const train_job *job, train_progress *progress, train_result *result,
                    char *message, size_t size);

#endif
