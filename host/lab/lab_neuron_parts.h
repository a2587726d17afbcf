/* lab_neuron_parts.h: the neuron of lab_neuron.c, from training to report. */
#ifndef LAB_NEURON_PARTS_H
#define LAB_NEURON_PARTS_H

#include "lab_scores.h"

#include "dataset.h"
#include "lab.h"

#include <clact/net.h>

enum { EPOCHS = 60, BATCH = 16, INPUTS = 30 };

typedef enum part { HELD_OUT, TRAINING, NUM_PARTS } part;

/* The rows held out, or those to train on, and what the neuron makes of them. */
typedef struct subset {
    size_t count;
    const float *x, *label; /* in the dataset */
    cl_mem on_device[2];    /* the same */
    double losses[EPOCHS + 1];
    float *logit, *probability;
    scores scores;
} subset;

typedef struct neuron {
    picked_device *device;
    uint64_t seed;
    float learning_rate;
    dataset data;
    subset sets[NUM_PARTS];
    clact_net *net;
    uint64_t state; /* of the shuffle */
    size_t *order;
    float *mixed;                    /* the training rows as shuffled, then their labels */
    cl_mem mixed_x, mixed_y, sigmas; /* the same, and probabilities */
    float *weights;                  /* and the bias */
    double epochs[EPOCHS + 1];
} neuron;

/* The report on a neuron that is trained and has predicted. False with a sentence where memory is
 * short. */
bool neuron_report(const neuron *n, lab_report *report, char *message, size_t size);

#endif
