/* sweep_case.h: a fused sweep, forward and backward, on the device and in the replica: the same
 * bits in every output, nothing else written, inputs as they were.
 */
#ifndef CLACT_TESTS_SWEEP_CASE_H
#define CLACT_TESTS_SWEEP_CASE_H

#include "sweep_check.h"

/* Where outputs go: matrices of their own, over the last input that they may replace, or the first.
 */
typedef enum case_place { CASE_SEPARATE, CASE_OVER_LAST, CASE_OVER_FIRST, CASE_PLACES } case_place;

typedef struct sweep_case {
    clact_sweep sweep;
    layout l;
    case_place place;
    bool specials; /* now and then 0, -0, infinities, NaN, least and greatest numbers */
    uint64_t seed; /* of the values, and of the dropout */
} sweep_case;

/* What the device has written, packed, in the order of the roles below; NULL where nothing. */
typedef enum case_role {
    ROLE_X,
    ROLE_VALUE,
    ROLE_BIAS,
    ROLE_VALUE_BIAS,
    ROLE_SLOPES,
    ROLE_RESIDUAL,
    ROLE_Y,
    ROLE_SAVED,
    ROLE_DY,
    ROLE_DX,
    ROLE_DVALUE,
    ROLE_DBIAS,
    ROLE_DVALUE_BIAS,
    ROLE_DSLOPES,
    ROLE_DRESIDUAL,
    ROLES
} case_role;

extern const char *const case_role_names[ROLES];

/* Values of one call: inputs, and what came out. Halves of a gate stand apart, whatever the gate:
 * value, dvalue, value_bias, dvalue_bias. */
typedef struct case_values {
    size_t rows, cols;
    double *of[ROLES];       /* NULL where the sweep has none */
    clact_health *health[2]; /* forward, backward */
} case_values;

/* Draws the inputs (and what stands in outputs that are added to). */
case_values case_values_create(const sweep_case *c);
case_values case_values_copy(const case_values *v);
void case_values_free(case_values *v);

/* Does both passes in C. */
void case_replicate(const sweep_case *c, case_values *v);

/* Does both passes on the device; fails the test if anything but outputs has changed. */
void case_run(fixture *f, const sweep_case *c, case_values *v);

/* Fails the test unless all outputs have the same bits. */
void case_compare(const sweep_case *c, const char *program, const case_values *got,
                  const case_values *want);

/* The three together */
void case_check(fixture *f, const sweep_case *c, const char *program);

/* A line that says what the case is. */
void case_print(const sweep_case *c);

#endif
