/* lab_identities_parts.h: identities between activations, and what was seen of them. */
#ifndef LAB_IDENTITIES_PARTS_H
#define LAB_IDENTITIES_PARTS_H

#include "cli_common.h"
#include "lab_report.h"

enum {
    IDENTITIES_NEIGHBOURS = 256, /* one float of each so many is looked at */
    IDENTITIES_FIRST_CELL = (127 - 32) << 2,
    IDENTITIES_CELLS = 39 << 2, /* quarters of binades, from 2^-32 to 2^7 */
    IDENTITIES_HELD = 4         /* ulps: the identity holds up to here */
};

typedef enum identity_kind {
    IDENTITY_TANH_BY_SIGMOID,  /* tanh x = 2 s(2x) - 1 */
    IDENTITY_SIGMOID_SLOPE,    /* s'(x) = s(x) (1 - s(x)) */
    IDENTITY_SIGMOID_MIRRORED, /* s(-x) = 1 - s(x) */
    IDENTITY_TANH_SLOPE,       /* tanh' x = 1 - tanh^2 x */
    IDENTITIES
} identity_kind;

/* Both sides at one x, and how far apart they are in ulps of the left one, the kernel's. */
typedef struct identity_sides {
    float x, left, right;
    double ulps;
} identity_sides;

/* What was seen of one identity in one tier. */
typedef struct identity_tally {
    size_t count, held;   /* finite floats, and those where it holds */
    identity_sides worst; /* by ulps */
    double most_apart;    /* greatest difference */
    size_t nans;          /* finite floats where a side is NaN; none of the others has them */
    double fails_from, fails_to; /* least and greatest |x| where it does not hold; 0 for none */
    bool fails_below_zero;       /* for some x < 0 too */
    double kernel_ulps;          /* greatest distance of the left side from the exact value, at
                                    the points of the cells */
    identity_sides first[IDENTITIES_CELLS],
        most[IDENTITIES_CELLS]; /* of the x > 0 of a cell: one of them, the worst */
} identity_tally;

/* Of the slope of the sigmoid in one tier. */
typedef struct identity_slope {
    float most;         /* the greatest slope */
    size_t above;       /* floats with a slope above 1/4 */
    float quarter_to;   /* the greatest |x| where it is exactly 1/4 */
    float kernel_zero;  /* the least |x| where the kernel's slope is 0 */
    float formula_zero; /* the least |x| where s (1 - s) is, and the slope there */
    float slope_there;
} identity_slope;

typedef struct identities_found {
    identity_tally of[IDENTITIES][CLI_NUM_TIERS];
    identity_slope slope[CLI_NUM_TIERS];
    size_t specials, specials_wrong; /* +-inf and NaN by identity and tier, and those where the
                                        sides are not equal, or at NaN not both NaN */
} identities_found;

/* Tables, figure and sentences. Fills in kernel_ulps. */
void identities_report(identities_found *found, lab_report *report);

#endif
