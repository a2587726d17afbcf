/* lab_vanishing_parts.h: the stacks of lab_vanishing.c and what was seen of them, for its report.
 */
#ifndef LAB_VANISHING_PARTS_H
#define LAB_VANISHING_PARTS_H

#include "lab_report.h"

#include <clact/net.h>

enum { VANISHING_DEPTHS = 6, VANISHING_DEEPEST = 64 };

extern const size_t vanishing_depths[VANISHING_DEPTHS];

/* All have weights that suit their activation, up to the last three, which have too large ones. */
typedef enum vanishing_place {
    VANISHING_SIGMOID,
    VANISHING_SIGMOID4, /* 4 sigmoid(z) */
    VANISHING_TANH,
    VANISHING_RELU,
    VANISHING_LEAKY,
    VANISHING_GELU,
    VANISHING_SELU,
    VANISHING_ORTHOGONAL, /* sigmoids with orthogonal weights */
    VANISHING_TANH_LARGE,
    VANISHING_RELU_LARGE,
    VANISHING_SIGMOID_LARGE,
    VANISHING_STACKS
} vanishing_place;

/* gain: the deviation of the weights times the square root of the width */
typedef struct vanishing_stack {
    const char *key, *name, *weights;
    clact_activation activation;
    float scale;
    clact_init init;
    float init_scale;
    double gain;
} vanishing_stack;

extern const vanishing_stack vanishing_stacks[VANISHING_STACKS];

/* What was measured of a stack: norms by layer relative to the last hidden one, and of the
 * gradients of its weights; mean output of its layers, and the share of outputs where the slope is
 * less than half of its greatest, both over all hidden layers but the last, whose slopes are not in
 * the ratios. */
typedef struct vanishing_profile {
    double delta[VANISHING_DEEPEST], weight[VANISHING_DEEPEST];
    double mean, flat;
} vanishing_profile;

typedef struct vanishing_found {
    vanishing_profile at[VANISHING_STACKS][VANISHING_DEPTHS];
    double predicted[VANISHING_STACKS]; /* factor at each layer of the deepest, by the mean field */
    double predicted_of_one;            /* that of gelu, were all rows of the same mean square */
    size_t not_finite;                  /* elements of all gradients */
} vanishing_found;

/* Tables, figure, facts and sentences. */
void vanishing_report(const vanishing_found *found, lab_report *report);

#endif
