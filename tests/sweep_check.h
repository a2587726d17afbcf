/* sweep_check.h: passes on the device compared, element by element, with the formulas compiled as
 * C: in float32 for the 16-bit types, rounded once at the end, and in float64 for f64.
 */
#ifndef CLACT_TESTS_SWEEP_CHECK_H
#define CLACT_TESTS_SWEEP_CHECK_H

#include "device_probe.h"

typedef struct layout {
    size_t rows, cols, offset, pad; /* pad: ld - cols */
} layout;

/* How much of its shapes a program goes through: all; some, where compiling takes long; or the
 * least there is, for simulators. */
typedef enum extent { EXTENT_ALL, EXTENT_SOME, EXTENT_SMALL } extent;

/* Takes "some" or "small" from the front of the arguments that are left. */
extent take_extent(int *argc, char ***argv);

/* What a program shares among its tests. */
typedef struct checker {
    fixture f;
    const char *program; /* for the line that repeats a failure */
    extent extent;
    device_arithmetic arithmetic;
    size_t subnormal, subnormal_wrong, zero_wrong; /* results left out */
} checker;

/* As fixture_open, and asks what the device's float32 arithmetic keeps. Where it may flush
 * subnormals, results are left out whose inputs, value or low part are in that range; where its fma
 * loses the sign of a zero, that sign. checker_close prints how many. */
bool checker_open(checker *c, const char *program, extent e, unsigned vector_width);
void checker_close(checker *c);

/* Writes rows x cols packed elements of the saved tensor (or input) and of dy. */
typedef void fill_function(const clact_sweep *sweep, const layout *l, void *s, void *dy);

/* Specials, kinks and their neighbours, then values of every magnitude; dy of every magnitude, now
 * and then 0, infinite or NaN. */
fill_function fill_mixed;

/* Each row of the matrix walks through the same inputs: all codes of a 16-bit type, and for the
 * others both signs of every exponent, closer together around 1. dy is 1 in the first row; in the
 * others it goes through 13 values, another for each row. */
fill_function fill_walk;
size_t walk_length(clact_dtype dtype);

/* Forward, backward from x and, where legal, from y, over all layouts: the device writes the bits
 * of C, and nothing else. Of four layouts, the second is done over dy (or the input), the fourth
 * over the saved tensor. */
void check_sweep(checker *c, clact_sweep *sweep, const layout *layouts, size_t count,
                 fill_function *fill);

/* A row of the table in one tier and type: the state of a cmocka test. */
typedef struct row_case {
    checker *c;
    clact_activation activation;
    clact_tier tier;
    clact_dtype dtype;
    char name[64];
} row_case;

typedef struct row_list {
    const char *only; /* the one activation to test, or NULL for all */
    size_t count, capacity;
    row_case *cases;
    struct CMUnitTest *tests;
} row_list;

/* Appends a test for every row, whose state is a row_case. */
void list_rows(row_list *list, checker *c, clact_tier tier, clact_dtype dtype,
               CMUnitTestFunction run);
void list_test(row_list *list, checker *c, const char *name, CMUnitTestFunction run);

/* The tests of a list are of one checker. Compiles every kernel of the rows listed so far, one
 * build for each tier (and another for f64); runs the tests; returns how many failed, and empties
 * the list. */
int run_list(row_list *list, const char *group);

/* The default descriptor of the case. */
clact_sweep case_sweep(const row_case *r);

#endif
