/* dataset_scaling.c: inputs and labels at mean 0 and deviation 1; see dataset.h. */
#include "dataset.h"

#include <math.h>
#include <stdlib.h>

/* Row by row, as they lie in memory. The sum of equal floats is exact in double, and so is their
 * mean: their deviation is 0 and not what rounding leaves. */
static void find(const dataset *d, size_t num_rows, input_scaling *s) {
    for (size_t r = 0; r < num_rows; r++)
        for (size_t c = 0; c < d->inputs; c++)
            s->mean[c] += (double)d->x[r * d->inputs + c];
    for (size_t c = 0; c < d->inputs; c++)
        s->mean[c] /= (double)num_rows;
    for (size_t r = 0; r < num_rows; r++) {
        for (size_t c = 0; c < d->inputs; c++) {
            const double off = (double)d->x[r * d->inputs + c] - s->mean[c];
            s->deviation[c] += off * off;
        }
    }
    for (size_t c = 0; c < d->inputs; c++) {
        const double deviation = sqrt(s->deviation[c] / (double)num_rows);
        s->deviation[c] = deviation > 0.0 ? deviation : 1.0;
    }
}

bool scaling_find(const dataset *data, size_t num_train, input_scaling *out) {
    *out = (input_scaling){.mean = calloc(data->inputs, sizeof *out->mean),
                           .deviation = calloc(data->inputs, sizeof *out->deviation),
                           .count = data->inputs};
    if (!out->mean || !out->deviation) {
        scaling_clear(out);
        return false;
    }
    find(data, num_train, out);
    return true;
}

static float scaled(float x, double mean, double deviation) {
    return (float)(((double)x - mean) / deviation);
}

void scaling_apply(const input_scaling *s, float *x, size_t rows) {
    for (size_t r = 0; r < rows; r++, x += s->count)
        for (size_t c = 0; c < s->count; c++)
            x[c] = scaled(x[c], s->mean[c], s->deviation[c]);
}

void scaling_clear(input_scaling *scaling) {
    free(scaling->mean);
    free(scaling->deviation);
    *scaling = (input_scaling){0};
}

label_scaling label_scaling_find(const dataset *data, size_t num_train) {
    const dataset labels = {.rows = data->rows, .inputs = 1, .x = data->label};
    label_scaling found = {0};
    input_scaling s = {&found.mean, &found.deviation, 1};
    find(&labels, num_train, &s);
    return found;
}

void label_scaling_apply(label_scaling s, float *label, size_t rows) {
    for (size_t r = 0; r < rows; r++)
        label[r] = scaled(label[r], s.mean, s.deviation);
}
