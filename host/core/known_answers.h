/* known_answers.h (L0): what the self-test asks a device, and what the C build answers. */
#ifndef CORE_KNOWN_ANSWERS_H
#define CORE_KNOWN_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KNOWN_COLUMNS = 64 }; /* of numbers, in each row */

/* The rows, in the order of kernels/self_test.def */
typedef enum known_row {
#define KNOWN(name, ...) KNOWN_##name,
#include "known_answers.def"
    KNOWN_ROWS
} known_row;

/* Bits of float32. Numbers that a row does not read are 0. */
typedef struct known_answer {
    uint32_t input[3];
    uint32_t want[2]; /* in the order of clact_tier */
} known_answer;

typedef struct known_answers {
    const char *name;
    unsigned num_inputs; /* that the row reads */
    size_t count;
    known_answer answers[KNOWN_COLUMNS];
} known_answers;

extern const known_answers known[KNOWN_ROWS];

/* Whether an input or the result is a subnormal number, which a device may take for 0. */
bool known_is_subnormal(uint32_t bits);
bool known_has_subnormals(const known_answer *answer);

/* Bits with every NaN made one, for comparisons. */
uint32_t known_canonical(uint32_t bits);

#endif
