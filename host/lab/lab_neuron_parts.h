/* lab_neuron_parts.h: what the neuron of lab_neuron.c has become, for its report. */
#ifndef LAB_NEURON_PARTS_H
#define LAB_NEURON_PARTS_H

#include "lab_report.h"
#include "lab_scores.h"

enum { NEURON_EPOCHS = 60, NEURON_BATCH = 16, NEURON_SHOWN = 10 };

typedef enum neuron_part { NEURON_HELD_OUT, NEURON_TRAINING, NEURON_PARTS } neuron_part;

/* The rows held out, or those to train on, and what the neuron makes of them. */
typedef struct neuron_set {
    size_t count;
    const float *label;
    double losses[NEURON_EPOCHS + 1]; /* from before the first epoch on */
    float *logit, *probability;
    scores scores;
} neuron_set;

typedef struct neuron_found {
    neuron_set sets[NEURON_PARTS];
    size_t inputs;                  /* NEURON_SHOWN or more */
    const char *const *input_names; /* of the features */
    float *weights;                 /* one an input, and the bias */
    size_t alike;                   /* pairs of inputs with a correlation beyond 0.9 or -0.9 */
    float learning_rate;
} neuron_found;

/* Tables, figure, facts and sentences. False with a sentence where memory is short. */
bool neuron_report(const neuron_found *found, lab_report *report, char *message, size_t size);

#endif
