/* sums.h: sums down the columns of a matrix in one fixed order.
 *
 * Rows are taken in blocks, whose length is a function of the number of rows alone. Within a block
 * they are added one after the other, with compensation; then the blocks are, in their order. So
 * the bits depend on neither work-groups, vector width nor device. With n the rows of a block plus
 * the number of blocks, the error of a float32 sum is within
 * 2^-23 |sum| + n 2^-46 (sum of the magnitudes), as long as no partial sum overflows.
 */
#ifndef SUMS_H
#define SUMS_H

#include "elementary.h"

FN pair no_sum(void) {
    return pair_of(C(0.0f), C(0.0f));
}

/* a + b, where b is a sum as well */
FN pair accumulate_pair(pair a, pair b) {
    pair s = accumulate(a, b.h);
    real l = b.l == b.l ? b.l : C(0.0f); /* beside an infinite sum */
    return accumulate(s, l);
}

#endif
