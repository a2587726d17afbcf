/* dataset_arrays.c: a dataset from an array of inputs and one of labels, .npy or IDX. */
#include "cli_common.h"
#include "dataset_parts.h"
#include "idx.h"
#include "npy.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096 }; /* elements converted at a time */

static const double max_class = 0x1p53; /* up to here every whole number is a double */

/* ---- Files ----------------------------------------------------------------------------------- */

static bool read_numbers(const dataset_task *t, FILE *stream, const char *path, data_format format,
                         numbers *out) {
    return (format == DATA_NPY ? npy_read_numbers : idx_read)(stream, path, out, t->message,
                                                              t->size);
}

static bool read_targets(const dataset_task *t, numbers *out) {
    const char *path = t->source->targets;
    data_format format = DATA_TEXT;
    if (!path)
        return cli_fail(t->message, t->size,
                        "%s holds no labels, so it also needs --targets FILE: .npy or IDX, one "
                        "label a row",
                        t->out->name);
    FILE *stream = fopen(path, "rb");
    if (!stream) return cli_fail(t->message, t->size, "cannot read %s: %s", path, strerror(errno));
    bool is_read = dataset_peek(t, stream, path, &format);
    if (is_read && format == DATA_TEXT)
        is_read = cli_fail(t->message, t->size,
                           "%s is neither .npy nor IDX, which --targets takes; save the labels "
                           "with np.save",
                           path);
    is_read = is_read && read_numbers(t, stream, path, format, out);
    fclose(stream);
    return is_read;
}

/* ---- Shapes ---------------------------------------------------------------------------------- */

/* Rows of an array, and numbers in each: (5,) is 5 rows of 1. */
static size_t rows_of(const numbers *array) {
    return array->shape[0];
}

static size_t width_of(const numbers *array) {
    size_t width = 1;
    for (int i = 1; i < array->ndim; i++)
        width *= array->shape[i];
    return width;
}

static bool check_inputs(const dataset_task *t, const numbers *x) {
    const char *name = t->out->name;
    const size_t wanted = t->schema ? t->schema->inputs : 0;
    if (x->ndim == 0)
        return cli_fail(t->message, t->size,
                        "%s holds a single number; inputs are an array, one "
                        "row an example",
                        name);
    if (!dataset_check_rows(t, rows_of(x), width_of(x) + 1, "")) return false;
    if (x->count == 0) return cli_fail(t->message, t->size, "%s has no inputs in its rows", name);
    if (!t->schema || width_of(x) == wanted) return true;
    return cli_fail(t->message, t->size, "%s has rows of %zu numbers, and the model takes %zu",
                    name, width_of(x), wanted);
}

static bool check_targets(const dataset_task *t, const numbers *x, const numbers *y) {
    const char *path = t->source->targets;
    char shape[NUMBERS_SHAPE_SIZE];
    if (y->ndim == 0 || width_of(y) != 1) {
        numbers_shape_text(y->ndim, y->shape, shape);
        return cli_fail(t->message, t->size,
                        "%s has shape %s; labels are one a row, of shape (%zu,)%s", path, shape,
                        rows_of(x), y->ndim == 2 ? ", such as a.argmax(1) of a one-hot array" : "");
    }
    if (rows_of(x) == rows_of(y)) return true;
    return cli_fail(t->message, t->size,
                    "%s has %zu rows but %s %zu; there must be one label a row", t->out->name,
                    rows_of(x), path, rows_of(y));
}

/* ---- Inputs ---------------------------------------------------------------------------------- */

static bool check_finite(const dataset_task *t) {
    const dataset *d = t->out;
    size_t first = SIZE_MAX, rows = 0;
    char count[DATASET_COUNT_SIZE];
    for (size_t r = 0; r < d->rows; r++) {
        size_t c = 0;
        while (c < d->inputs && isfinite(d->x[r * d->inputs + c]))
            c++;
        if (c < d->inputs && first == SIZE_MAX) first = r * d->inputs + c;
        rows += c < d->inputs;
    }
    if (first == SIZE_MAX) return true;
    dataset_count_text(rows, count);
    return cli_fail(t->message, t->size,
                    "%s, row %zu, column %zu (counted from 0): %g is not a finite float32 number; "
                    "fill it in or remove the row%s",
                    d->name, first / d->inputs, first % d->inputs, (double)d->x[first], count);
}

/* Little-endian float32 is used where it lies. */
static bool fill_inputs(const dataset_task *t, numbers *x) {
    dataset *d = t->out;
    double block[BLOCK];
    const bool is_ready = x->kind == NUMBER_FLOAT && x->size == sizeof *d->x && !x->is_big_endian;
    if (is_ready) {
        d->x = x->data;
        x->data = NULL;
    }
    if (!dataset_allocate(t, rows_of(x), width_of(x))) return false;
    for (size_t at = 0; at < x->count && !is_ready; at += BLOCK) {
        const size_t count = x->count - at < BLOCK ? x->count - at : BLOCK;
        numbers_load(x, at, count, block);
        for (size_t i = 0; i < count; i++)
            d->x[at + i] = (float)block[i];
    }
    return check_finite(t);
}

/* ---- Labels ---------------------------------------------------------------------------------- */

static bool refuse_label(const dataset_task *t, size_t row, double value, const char *why) {
    return cli_fail(t->message, t->size, "%s, row %zu (counted from 0): the label %.9g %s",
                    t->source->targets, row, value, why);
}

static int by_value(const void *a, const void *b) {
    const double s = *(const double *)a, t = *(const double *)b;
    return (s > t) - (s < t);
}

/* Names the numbers by themselves: 3 is class '3'. */
static bool name_classes(const dataset_task *t, const double *values, size_t count) {
    enum { NAME_SIZE = 32 };
    dataset *d = t->out;
    char(*texts)[NAME_SIZE] = malloc(count * sizeof *texts);
    char **names = malloc(count * sizeof *names);
    for (size_t i = 0; i < count && texts && names; i++) {
        snprintf(texts[i], NAME_SIZE, "%.0f", values[i]);
        names[i] = texts[i];
    }
    d->classes = texts && names ? dataset_copy_names(names, count) : NULL;
    free(texts);
    free(names);
    if (!d->classes) return cli_fail(t->message, t->size, "out of memory");
    d->num_classes = count;
    return dataset_check_classes(t);
}

/* The index of each of `count` different values; for a model, that of its class. */
static bool index_classes(const dataset_task *t, const double *labels, const double *values,
                          size_t count, size_t *index) {
    const dataset_schema known = dataset_schema_of(t->out);
    for (size_t i = 0; i < count; i++) {
        char text[32], place[64];
        size_t row = 0;
        index[i] = i;
        if (!t->schema) continue;
        snprintf(text, sizeof text, "%.0f", values[i]);
        index[i] = dataset_find_class(&known, text);
        if (index[i] != SIZE_MAX) continue;
        while (labels[row] != values[i])
            row++;
        snprintf(place, sizeof place, "label of row %zu (counted from 0)", row);
        return dataset_unknown_class(t, place, text);
    }
    return true;
}

static bool fill_classes(const dataset_task *t, const double *labels, double *sorted,
                         size_t *index) {
    dataset *d = t->out;
    size_t count = 0;
    for (size_t r = 0; r < d->rows; r++) {
        if (labels[r] != floor(labels[r]) || fabs(labels[r]) > max_class)
            return refuse_label(t, r, labels[r],
                                "is no class, which is a whole number; is it a number to predict "
                                "(--loss mse)?");
        sorted[r] = labels[r];
    }
    qsort(sorted, d->rows, sizeof *sorted, by_value);
    for (size_t r = 0; r < d->rows; r++)
        if (count == 0 || sorted[r] != sorted[count - 1]) sorted[count++] = sorted[r];
    if (!t->schema && !name_classes(t, sorted, count)) return false;
    if (!index_classes(t, labels, sorted, count, index)) return false;
    for (size_t r = 0; r < d->rows; r++) {
        const double *found = bsearch(&labels[r], sorted, count, sizeof *sorted, by_value);
        d->label[r] = (float)index[found - sorted];
    }
    return true;
}

static bool fill_labels(const dataset_task *t, const numbers *y) {
    dataset *d = t->out;
    double *labels = malloc(d->rows * sizeof *labels), *sorted = malloc(d->rows * sizeof *sorted);
    size_t *index = malloc(d->rows * sizeof *index);
    bool is_filled = labels && sorted && index;
    if (!is_filled) cli_fail(t->message, t->size, "out of memory");
    if (is_filled) numbers_load(y, 0, d->rows, labels);
    for (size_t r = 0; r < d->rows && is_filled; r++) {
        labels[r] += 0.0; /* -0 is 0 */
        d->label[r] = (float)labels[r];
        if (!isfinite(d->label[r]))
            is_filled = refuse_label(t, r, labels[r], "is no finite number");
    }
    if (is_filled && t->kind != LABEL_VALUE) is_filled = fill_classes(t, labels, sorted, index);
    free(labels);
    free(sorted);
    free(index);
    return is_filled;
}

static bool name_label(const dataset_task *t) {
    const char *path = t->with_labels ? t->source->targets : t->schema->label_name;
    const char *slash = t->with_labels ? strrchr(path, '/') : NULL;
    t->out->label_name = strdup(slash ? slash + 1 : path);
    return t->out->label_name || cli_fail(t->message, t->size, "out of memory");
}

bool dataset_fill_arrays(const dataset_task *t, FILE *stream, data_format format) {
    numbers x = {0}, y = {0};
    bool is_filled = !t->with_labels || !t->source->label ||
                     cli_fail(t->message, t->size,
                              "%s has no columns with names; --label goes with CSV", t->out->name);
    is_filled = is_filled && read_numbers(t, stream, t->out->name, format, &x);
    is_filled = is_filled && (!t->with_labels || read_targets(t, &y));
    is_filled = is_filled && check_inputs(t, &x);
    is_filled = is_filled && (!t->with_labels || check_targets(t, &x, &y));
    is_filled = is_filled && name_label(t) && fill_inputs(t, &x);
    is_filled = is_filled && (!t->with_labels || fill_labels(t, &y));
    numbers_clear(&x);
    numbers_clear(&y);
    return is_filled;
}
