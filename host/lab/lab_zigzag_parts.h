/* lab_zigzag_parts.h: what lab_zigzag.c has seen of a neuron's ways, for its report. */
#ifndef LAB_ZIGZAG_PARTS_H
#define LAB_ZIGZAG_PARTS_H

#include "lab_report.h"

enum { ZIGZAG_INPUTS = 8, ZIGZAG_SIZES = 2, ZIGZAG_BATCHES = 7 };

/* The inputs of a neuron. */
typedef enum zigzag_kind {
    ZIGZAG_POSITIVE, /* sigmoids */
    ZIGZAG_CENTRED,  /* the same less the mean of each: nothing but the sign is another */
    ZIGZAG_TANH,     /* which are around 0 too, and larger */
    ZIGZAG_KINDS
} zigzag_kind;

extern const size_t zigzag_sizes[ZIGZAG_SIZES]; /* how many inputs a neuron has, at last the most */
extern const double zigzag_near;                /* of the distance from start to optimum */
extern const float zigzag_rate;

/* What one training was like, from the start at weights 0 until it was near the optimum. */
typedef struct zigzag_journey {
    size_t steps;
    double one_signed; /* share of steps whose gradients are nowhere of opposite sign */
    double length;     /* of the path, over the straight line between its ends */
} zigzag_journey;

/* Rows in a batch: 2^place. */
typedef struct zigzag_found {
    zigzag_journey of[ZIGZAG_SIZES][ZIGZAG_KINDS][ZIGZAG_BATCHES];
} zigzag_found;

/* Where two weights have been, with the first of the batches and with the last. */
typedef struct zigzag_path {
    double *x, *y; /* count of each; NULL for none */
    size_t count;
} zigzag_path;

typedef struct zigzag_paths {
    zigzag_path of[2][ZIGZAG_KINDS];
    double optimum[2];
} zigzag_paths;

/* Tables, figure, facts and sentences. */
void zigzag_report(const zigzag_found *found, const zigzag_paths *paths, lab_report *report);

#endif
