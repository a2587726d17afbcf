/* specials.h: the table of specials.def, and which inputs it must have. */
#ifndef CLACT_TESTS_SPECIALS_H
#define CLACT_TESTS_SPECIALS_H

#include "clact/clact.h"

typedef enum special_direction {
    SPECIAL_FORWARD,
    SPECIAL_BACKWARD,
    SPECIAL_BACKWARD_Y,
    SPECIAL_DIRECTIONS
} special_direction;

/* As specials.def calls them. */
extern const char *const special_direction_names[SPECIAL_DIRECTIONS];

/* A line of the table: input and expected as they are written there. */
typedef struct special {
    clact_activation activation;
    special_direction direction;
    const char *input, *expected;
} special;

extern const special specials[];
extern const size_t num_specials;

/* Whether the row has this direction at its default parameters. */
bool special_applies(clact_activation act, special_direction direction);

/* The inputs that the direction of the row must have, for inputs[SPECIAL_MOST_INPUTS]; returns how
 * many there are, no two of them with the same bits. */
enum { SPECIAL_MOST_INPUTS = 9 + 3 * CLACT_MAX_KINKS + 2 };
size_t special_inputs(clact_activation act, special_direction direction, float *inputs);

/* Reads an input. False if it is not one. */
bool special_read_input(const char *input, float *value);

/* Whether `expected` is in the notation of specials.def. */
bool special_is_expectation(const char *expected);

/* Whether got is what is expected, a number within ulps of its last place. */
bool special_is_met(const char *expected, float got, double ulps);

#endif
