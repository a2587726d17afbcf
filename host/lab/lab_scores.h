/* lab_scores.h: how good predicted probabilities of two classes are. Labels are 0 or 1. */
#ifndef LAB_SCORES_H
#define LAB_SCORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCORES_BINS = 10 };

/* Rows by class and decision, which is 1 for a probability above 0.5. */
typedef struct score_counts {
    size_t of[2][2]; /* [label][decision] */
} score_counts;

score_counts scores_count(const float *probability, const float *label, size_t count);

/* The share of rows of the class that are decided so, and of rows decided so that are of the class;
 * NaN where there are none. */
double scores_recall(const score_counts *counts, int class);
double scores_precision(const score_counts *counts, int class);

/* Shares of the rows of label 0 and of label 1 that have at least this probability. */
typedef struct roc_point {
    double threshold, false_positive, true_positive;
} roc_point;

/* Writes the curve, from no row to all rows with one point for each different probability, at most
 * count + 1 of them, and its area: the share of pairs of a row of each class in which label 1 has
 * the greater probability, equal ones counted half. Returns how many points there are, 0 where
 * memory is short; the area is NaN where a class has no rows. */
size_t scores_roc(const float *probability, const float *label, size_t count, roc_point *points,
                  double *area);

/* Rows whose probabilities lie in the same tenth of [0, 1]. */
typedef struct calibration_bin {
    size_t count;
    double predicted, observed; /* mean probability, share of label 1; NaN where there are none */
} calibration_bin;

/* Fills the bins, and returns the expected calibration error: the mean over the rows of
 * |predicted - observed| of their bin. */
double scores_calibration(const float *probability, const float *label, size_t count,
                          calibration_bin bins[SCORES_BINS]);

/* What scores_calibration returns for labels that are drawn with exactly these probabilities: its
 * mean over 1000 draws, and what 95 % of them stay below. False where memory is short. */
bool scores_calibration_by_chance(const float *probability, size_t count, uint64_t seed,
                                  double *mean, double *most);

/* All of that for one set of rows. */
typedef struct scores {
    size_t count;
    score_counts counts;
    roc_point *curve;
    size_t num_points;
    double area;
    calibration_bin bins[SCORES_BINS];
    double error, chance, most_by_chance; /* the calibration error, and by chance as above */
} scores;

/* False where memory is short; scores_clear takes either. */
bool scores_find(const float *probability, const float *label, size_t count, uint64_t seed,
                 scores *out);
void scores_clear(scores *found);

#endif
