/* lab_dying_parts.h: what lab_dying.c has seen of dying units, for its report. */
#ifndef LAB_DYING_PARTS_H
#define LAB_DYING_PARTS_H

#include "lab_report.h"

enum {
    DYING_DEPTH = 2,
    DYING_WIDTH = 64,
    DYING_UNITS = DYING_DEPTH * DYING_WIDTH,
    DYING_EPOCHS = 10,
    DYING_MORE_EPOCHS = 30,
    DYING_RATES = 8
};

typedef enum dying_kind { DYING_RELU, DYING_LEAKY, DYING_ELU, DYING_GELU, DYING_KINDS } dying_kind;

extern const double dying_rates[DYING_RATES];
extern const float dying_low_rate; /* at which it goes on */

/* What a network was like after training. */
typedef struct dying_outcome {
    bool diverged;
    double dead, accuracy; /* shares: of the units of all hidden layers, of the held-out rows; NaN
                              where it diverged */
    double loss;
} dying_outcome;

/* A network by epochs of going on, from none, as shares; inactive: of the units that were dead in
 * the relu network at the start, those whose z is positive at no training row. */
typedef struct dying_going_on {
    double inactive[DYING_MORE_EPOCHS + 1], accuracy[DYING_MORE_EPOCHS + 1];
} dying_going_on;

typedef struct dying_found {
    dying_outcome of[DYING_KINDS][DYING_RATES];
    size_t worst_rate; /* of the relu network with the most dead units */
    size_t num_dead;   /* of its units */
    dying_going_on relu, leaky;
    double learnt; /* share of the units inactive right after the switch to leaky_relu that are
                      positive on some row in the end; NaN where there are none */
} dying_found;

/* Tables, figure, facts and sentences. */
void dying_report(const dying_found *found, lab_report *report);

#endif
