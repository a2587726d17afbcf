/* formula_check.h: compares one formula and direction with the oracle over a spread of inputs. */
#ifndef CLACT_TESTS_FORMULA_CHECK_H
#define CLACT_TESTS_FORMULA_CHECK_H

#include <stdint.h>
#include "oracle.h"

#define CHECK_SEED UINT64_C(0x9e3779b97f4a7c15)

enum direction { FORWARD, BACKWARD, BACKWARD_Y, DIRECTIONS };
extern const char *const direction_names[DIRECTIONS];

/* The greatest error seen, and where. */
struct tally {
    long samples;
    double ulps;
    float input, params[2], dy;
};

/* One row, direction and set of parameters under test. */
struct check {
    clact_activation_info info;
    enum direction direction;
    float params[2], dy;
    bool random_dy; /* instead of dy */
    bool verbose;   /* print every comparison */
    double allowed; /* ulps */
    long failures;
    uint64_t random;
    struct tally *tally;
    mpfr_t want;
};

/* Defaults of the table, dy = 1, the promised bound. tally is added to. */
void check_init(struct check *c, clact_activation act, enum direction direction,
                struct tally *tally);

/* Whether the table allows c's parameters together (each is in its range), and y where c reads it.
 */
bool check_is_legal(const struct check *c);

/* Compares at one input, x or y. Prints the first failures and counts all of them. */
void check_compare(struct check *c, float input);

/* Compares at special values, around kinks, limits zeros, in every binade (mantissas inputs of
 * each sign) and at `middle` inputs of [-160, 160], most of them in [-20, 20]. The same inputs
 * every time. */
void check_sweep(struct check *c, unsigned mantissas, unsigned middle);

/* Frees c and returns the number of failures. */
long check_finish(struct check *c);

#endif
