/* loss_problem.h: losses to be computed on the device and by the C build. */
#ifndef CLACT_TESTS_LOSS_PROBLEM_H
#define CLACT_TESTS_LOSS_PROBLEM_H

#include "row_fixture.h"

/* One loss with its data; offset and pad are of its matrices. */
typedef struct loss_problem {
    clact_loss loss;
    size_t rows, cols, offset, pad;
    double scale;
    double *z, *targets, *weights;
    int32_t *labels;
} loss_problem;

/* Random logits of this spread with targets, labels and weights; a mean, scale 0.375 */
loss_problem loss_problem_create(const row_fixture *r, clact_loss_kind kind, size_t rows,
                                 size_t cols, double spread, uint64_t seed);
void loss_problem_free(loss_problem *p);

bool loss_of_classes(const loss_problem *p);
size_t loss_results(const loss_problem *p);
/* Whether the label of this row is a class that counts */
bool loss_counts(const loss_problem *p, size_t row);

/* Sets of options number 0 to LOSS_OPTIONS - 1: reductions, tiers, and for the first two losses
 * weights and smoothing. Only float32 at one width has them all, for the sake of the compiler:
 * elsewhere the accurate tier has weights and smoothing and the fast one neither, and at odd widths
 * and in float16 there is the fast one of the first two losses alone. loss_choose gives
 * false for a set that is left out or that the loss does not have. */
enum { LOSS_OPTIONS = 24 };
bool loss_is_thorough(const row_fixture *r);
bool loss_choose(const row_fixture *r, loss_problem *p, int k);

typedef struct loss_answer {
    double *loss, *dz;
} loss_answer;

/* What to ask for; in place, dz is z. */
enum { WANT_LOSS = 1, WANT_GRADIENT = 2, WANT_IN_PLACE = 4 };

/* What the device says */
loss_answer loss_solve(row_fixture *r, const loss_problem *p, int wanted);
void loss_answer_free(loss_answer *a);

/* Fails the test unless these are the bits of the C build. */
void loss_check_bits(row_fixture *r, const loss_problem *p, int wanted);

/* A cmocka setup: all kernels of the sets of options in one build */
int loss_warm_up(void **state);

#endif
