/* lab_identities_parts.h: identities between activations, and what was seen of them. */
#ifndef LAB_IDENTITIES_PARTS_H
#define LAB_IDENTITIES_PARTS_H

#include "lab.h"

enum {
    NEIGHBOURS = 256, /* one float of each so many is looked at */
    FIRST_CELL = (127 - 32) << 2,
    NUM_CELLS = 39 << 2, /* quarters of binades, from 2^-32 to 2^7 */
    SIDES_HELD = 4       /* ulps: the identity holds up to here */
};

typedef enum identity {
    TANH_BY_SIGMOID,  /* tanh x = 2 s(2x) - 1 */
    SIGMOID_SLOPE,    /* s'(x) = s(x) (1 - s(x)) */
    SIGMOID_MIRRORED, /* s(-x) = 1 - s(x) */
    TANH_SLOPE,       /* tanh' x = 1 - tanh^2 x */
    NUM_IDENTITIES
} identity;

/* Both sides at one x, and how far apart they are in ulps of the left one. */
typedef struct sides {
    float x, left, right;
    double ulps;
} sides;

/* What was seen of one identity in one tier. */
typedef struct tally {
    size_t count, held;          /* finite floats, and those where it holds */
    sides worst;                 /* by ulps */
    double most_apart;           /* greatest difference */
    double fails_from, fails_to; /* least and greatest |x| where it does not hold; 0 for none */
    bool fails_below_zero;       /* for some x < 0 too */
    double kernel_ulps;          /* greatest distance of the left side from the exact value, at
                                    the points of the cells */
    sides first[NUM_CELLS], most[NUM_CELLS]; /* of the x > 0 of a cell: one of them, the worst */
} tally;

/* Of the slope of the sigmoid in one tier. */
typedef struct slope_tally {
    float most;         /* the greatest slope */
    size_t above;       /* floats with a slope above 1/4 */
    float quarter_to;   /* the greatest |x| where it is exactly 1/4 */
    float kernel_zero;  /* the least |x| where the kernel's slope is 0 */
    float formula_zero; /* the least |x| where s (1 - s) is, and the slope there */
    float slope_there;
} slope_tally;

typedef struct findings {
    tally of[NUM_IDENTITIES][CLI_NUM_TIERS];
    slope_tally slope[CLI_NUM_TIERS];
    size_t specials_wrong; /* of +-inf and NaN, where the sides are not equal or both NaN */
} findings;

/* Tables, figure and sentences. Fills in kernel_ulps. */
void identities_report(findings *found, lab_report *report);

#endif
