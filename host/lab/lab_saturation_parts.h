/* lab_saturation_parts.h: what lab_saturation.c has seen of initial weights, for its report. */
#ifndef LAB_SATURATION_PARTS_H
#define LAB_SATURATION_PARTS_H

#include "lab_report.h"

enum { SATURATION_DEPTH = 5, SATURATION_WIDTH = 64, SATURATION_SCALES = 9 };

typedef enum saturation_kind {
    SATURATION_SIGMOID,
    SATURATION_TANH,
    SATURATION_RELU,
    SATURATION_KINDS
} saturation_kind;

/* Usual initial weights; small: normal ones of deviation 0.01. */
typedef enum saturation_init {
    SATURATION_SMALL,
    SATURATION_XAVIER,
    SATURATION_HE,
    SATURATION_LSUV,
    SATURATION_INITS
} saturation_init;

/* What one network showed; shares are of all hidden layers. */
typedef struct saturation_seen {
    double saturated, dead;
    double rms[SATURATION_DEPTH]; /* of delta, the gradient of what goes into a layer's units, by
                                     layer */
    double mean, median;          /* of its magnitude in the first layer */
} saturation_seen;

typedef struct saturation_found {
    double deviation[SATURATION_SCALES];
    saturation_seen scaled[SATURATION_KINDS][SATURATION_SCALES];
    saturation_seen initial[SATURATION_KINDS][SATURATION_INITS];
} saturation_found;

/* Tables, figure, facts and sentences. */
void saturation_report(const saturation_found *found, lab_report *report);

#endif
