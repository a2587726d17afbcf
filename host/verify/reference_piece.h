/* reference_piece.h: a run of consecutive floats with the polynomial that stands for f on it. */
#ifndef CLACT_VERIFY_REFERENCE_PIECE_H
#define CLACT_VERIFY_REFERENCE_PIECE_H

#include "reference.h"

#define PIECE_TERMS 8 /* coefficients; pieces of so many floats and fewer hold values instead */

/* f at the float of bits first + i is, for count > PIECE_TERMS, the polynomial with coefficients c,
 * lowest first, of t = i scale - 1 in [-1, 1]; otherwise c[i]. */
struct piece {
    uint32_t first, count;
    double scale;
    double c[PIECE_TERMS];
};

/* What a reference stands for, and the floats whose magnitude's bits are at least `direct` are
 * computed without pieces (0x7f800000 for none). */
struct function {
    clact_activation activation;
    bool backward;
    clact_saved saved;
    float params[2];
    uint32_t direct;
};

struct reference {
    struct function f;
    double limits[2]; /* at -inf, +inf */
    size_t count;
    struct piece *pieces; /* by `first` */
};

/* Appends pieces for floats `first` to `last` of one sign and binade to *list, which has *count
 * and is grown. False if out of memory. */
bool piece_fit_range(const struct function *f, uint32_t first, uint32_t last, struct piece **list,
                     size_t *count);

/* The bound for `direct` that suits a function: where a periodic row turns too fast. */
uint32_t direct_bound(const struct function *f);

/* values[i] = the function at the float of bits first + i, by libm in double and, where that loses
 * digits, by the oracle. Finite floats only. */
void direct_evaluate(const struct function *f, uint32_t first, size_t count, double *values);

#endif
