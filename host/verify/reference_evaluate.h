/* reference_evaluate.h: the values of one piece. */
#ifndef CLACT_VERIFY_REFERENCE_EVALUATE_H
#define CLACT_VERIFY_REFERENCE_EVALUATE_H

#include "reference_piece.h"

/* values[i] for the float of bits p->first + skipped + i, of a piece with a polynomial. */
void piece_evaluate(const struct piece *p, uint32_t skipped, size_t count, double *values);

#endif
