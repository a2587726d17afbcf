/* lab_scores.c: how good predicted probabilities of two classes are. */
#include "lab_scores.h"

#include "lab_random.h"

#include <math.h>
#include <stdlib.h>

enum { DRAWS = 1000 };

score_counts scores_count(const float *probability, const float *label, size_t count) {
    score_counts counts = {0};
    for (size_t i = 0; i < count; i++)
        counts.of[label[i] == 1.0f][probability[i] > 0.5f]++;
    return counts;
}

double scores_recall(const score_counts *counts, int class) {
    const size_t all = counts->of[class][0] + counts->of[class][1];
    return all ? (double)counts->of[class][class] / (double)all : NAN;
}

double scores_precision(const score_counts *counts, int class) {
    const size_t all = counts->of[0][class] + counts->of[1][class];
    return all ? (double)counts->of[class][class] / (double)all : NAN;
}

/* ---- ranks ---- */

typedef struct scored_row {
    float probability, label;
} scored_row;

static int by_falling_probability(const void *a, const void *b) {
    const float p = ((const scored_row *)a)->probability, q = ((const scored_row *)b)->probability;
    return (p < q) - (p > q);
}

/* The trapezoid under each step counts pairs of equal probability half. */
size_t scores_roc(const float *probability, const float *label, size_t count, roc_point *points,
                  double *area) {
    size_t n = 0, seen[2] = {0}, all[2] = {0};
    scored_row *rows = malloc((count + 1) * sizeof *rows);
    if (!rows) return 0;
    for (size_t i = 0; i < count; i++) {
        rows[i] = (scored_row){probability[i], label[i]};
        all[label[i] == 1.0f]++;
    }
    qsort(rows, count, sizeof *rows, by_falling_probability);
    points[n++] = (roc_point){INFINITY, 0.0, 0.0};
    *area = 0.0;
    for (size_t i = 0; i < count; i++) {
        seen[rows[i].label == 1.0f]++;
        if (i + 1 < count && rows[i + 1].probability == rows[i].probability) continue;
        points[n] = (roc_point){(double)rows[i].probability, (double)seen[0] / (double)all[0],
                                (double)seen[1] / (double)all[1]};
        *area += (points[n].false_positive - points[n - 1].false_positive) *
                 (points[n].true_positive + points[n - 1].true_positive) / 2.0;
        n++;
    }
    free(rows);
    return n;
}

/* ---- calibration ---- */

double scores_calibration(const float *probability, const float *label, size_t count,
                          calibration_bin bins[SCORES_BINS]) {
    double error = 0.0;
    for (int b = 0; b < SCORES_BINS; b++)
        bins[b] = (calibration_bin){0, 0.0, 0.0};
    for (size_t i = 0; i < count; i++) {
        const int place = (int)(probability[i] * (float)SCORES_BINS);
        calibration_bin *bin = &bins[place < SCORES_BINS ? place : SCORES_BINS - 1];
        bin->count++;
        bin->predicted += (double)probability[i];
        bin->observed += (double)label[i];
    }
    for (int b = 0; b < SCORES_BINS; b++) {
        error += fabs(bins[b].predicted - bins[b].observed) / (double)count;
        bins[b].predicted /= (double)bins[b].count;
        bins[b].observed /= (double)bins[b].count;
    }
    return error;
}

static int by_value(const void *a, const void *b) {
    const double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

bool scores_calibration_by_chance(const float *probability, size_t count, uint64_t seed,
                                  double *mean, double *most) {
    calibration_bin bins[SCORES_BINS];
    double errors[DRAWS];
    float *label = malloc((count + 1) * sizeof *label);
    if (!label) return false;
    *mean = 0.0;
    for (size_t d = 0; d < DRAWS; d++) {
        for (size_t i = 0; i < count; i++)
            label[i] = lab_random(&seed) < (double)probability[i] ? 1.0f : 0.0f;
        errors[d] = scores_calibration(probability, label, count, bins);
        *mean += errors[d] / DRAWS;
    }
    qsort(errors, DRAWS, sizeof *errors, by_value);
    *most = errors[DRAWS * 95 / 100];
    free(label);
    return true;
}

bool scores_find(const float *probability, const float *label, size_t count, uint64_t seed,
                 scores *out) {
    *out = (scores){.count = count, .curve = malloc((count + 1) * sizeof *out->curve)};
    if (!out->curve) return false;
    out->counts = scores_count(probability, label, count);
    out->num_points = scores_roc(probability, label, count, out->curve, &out->area);
    out->error = scores_calibration(probability, label, count, out->bins);
    return out->num_points > 0 && scores_calibration_by_chance(probability, count, seed,
                                                               &out->chance, &out->most_by_chance);
}

void scores_clear(scores *found) {
    free(found->curve);
    *found = (scores){0};
}
