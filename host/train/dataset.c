/* dataset.c: a table of numbers with one label column, from CSV, ready to train on. */
#include "dataset.h"

#include "cli_common.h"
#include "csv_table.h"

#include <clact/net.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char cli_digits_csv[], cli_wdbc_csv[];

/* ---- the file ---- */

static const char *bundled(const char *path) {
    const char *base = strrchr(path, '/');
    base = base ? base + 1 : path;
    if (strcmp(base, "digits.csv") == 0) return cli_digits_csv;
    if (strcmp(base, "wdbc.csv") == 0) return cli_wdbc_csv;
    return NULL;
}

/* The whole file, malloc'd; NULL with errno set. */
static char *read_all(FILE *file, size_t *length) {
    char *text = NULL;
    size_t room = 0, used = 0, got = 1;
    while (got > 0) {
        if (used == room) {
            char *larger = realloc(text, room = room ? 2 * room : 1 << 16);
            if (!larger) {
                free(text);
                return NULL;
            }
            text = larger;
        }
        got = fread(text + used, 1, room - used, file);
        used += got;
    }
    *length = used;
    if (!ferror(file)) return text;
    free(text);
    return NULL;
}

static bool read_table(const char *path, csv_table *table, char *message, size_t size) {
    size_t length = 0;
    FILE *file = path ? fopen(path, "rb") : NULL;
    const char *known = bundled(path ? path : "digits.csv");
    if (!file && known && (!path || errno == ENOENT))
        return csv_table_parse(path ? path : "digits.csv", known, strlen(known), table, message,
                               size);
    if (!file) return cli_fail(message, size, "cannot read %s: %s", path, strerror(errno));
    errno = 0;
    char *text = read_all(file, &length);
    const int error = errno;
    fclose(file);
    if (!text) return cli_fail(message, size, "cannot read %s: %s", path, strerror(error));
    const bool parsed = csv_table_parse(path, text, length, table, message, size);
    free(text);
    return parsed;
}

/* ---- cells to numbers ---- */

static bool to_number(const char *text, float *value) {
    char *end = NULL;
    *value = strtof(text, &end);
    if (end == text) return false;
    while (*end == ' ' || *end == '\t' || *end == '\r')
        end++;
    return *end == '\0' && isfinite(*value);
}

static const char *cell(const csv_table *t, size_t row, size_t column) {
    return t->cells[(1 + row) * t->columns + column];
}

static bool find_label(const csv_table *t, const char *name, const char *label, size_t *column,
                       char *message, size_t size) {
    *column = t->columns - 1;
    if (!label) return true;
    for (size_t c = 0; c < t->columns; c++) {
        if (strcmp(t->cells[c], label) != 0) continue;
        *column = c;
        return true;
    }
    return cli_fail(message, size, "%s has no column '%s'; --label takes one of %s, %s%s ... %s",
                    name, label, t->cells[0], t->columns > 1 ? t->cells[1] : "",
                    t->columns > 1 ? "," : "", t->cells[t->columns - 1]);
}

static bool fill_inputs(const csv_table *t, size_t label_column, dataset *d, char *message,
                        size_t size) {
    float *x = d->x;
    for (size_t r = 0; r < t->rows; r++) {
        for (size_t c = 0; c < t->columns; c++) {
            if (c == label_column) continue;
            const char *text = cell(t, r, c);
            if (!to_number(text, x++))
                return cli_fail(message, size, "%s, line %zu, column '%s': %s%s%s", d->name,
                                t->lines[1 + r], t->cells[c], *text ? "'" : "", text,
                                *text ? "' is not a finite number" : "the value is missing");
        }
    }
    return true;
}

/* Numbers by value and before other texts, texts by their bytes. */
static int compare_classes(const void *a, const void *b) {
    const char *s = *(char *const *)a, *t = *(char *const *)b;
    float u, v;
    const bool s_number = to_number(s, &u), t_number = to_number(t, &v);
    if (s_number && t_number && u != v) return u < v ? -1 : 1;
    if (s_number != t_number) return s_number ? -1 : 1;
    return strcmp(s, t);
}

static bool fill_classes(const csv_table *t, size_t column, dataset *d, char *message,
                         size_t size) {
    char **sorted = malloc(t->rows * sizeof *sorted);
    d->classes = calloc(t->rows, sizeof *d->classes);
    if (!sorted || !d->classes) {
        free(sorted);
        return cli_fail(message, size, "out of memory");
    }
    for (size_t r = 0; r < t->rows; r++)
        sorted[r] = t->cells[(1 + r) * t->columns + column];
    qsort(sorted, t->rows, sizeof *sorted, compare_classes);
    bool copied = true;
    for (size_t r = 0; r < t->rows && copied; r++) {
        if (r > 0 && strcmp(sorted[r], sorted[r - 1]) == 0) continue;
        d->classes[d->num_classes] = strdup(sorted[r]);
        copied = d->classes[d->num_classes++] != NULL;
    }
    free(sorted);
    if (!copied) return cli_fail(message, size, "out of memory");
    for (size_t r = 0; r < t->rows; r++) {
        char *key = t->cells[(1 + r) * t->columns + column];
        char **found =
            bsearch(&key, d->classes, d->num_classes, sizeof *d->classes, compare_classes);
        d->label[r] = (float)(found - d->classes);
    }
    return true;
}

static bool fill_labels(const csv_table *t, size_t column, label_kind kind, dataset *d,
                        char *message, size_t size) {
    for (size_t r = 0; r < t->rows; r++) {
        const char *text = cell(t, r, column);
        if (!*text)
            return cli_fail(message, size, "%s, line %zu: the label '%s' is missing", d->name,
                            t->lines[1 + r], d->label_name);
        if (kind == LABEL_VALUE && !to_number(text, &d->label[r]))
            return cli_fail(message, size, "%s, line %zu: the label '%s' is no number", d->name,
                            t->lines[1 + r], text);
    }
    if (kind == LABEL_VALUE) return true;
    if (!fill_classes(t, column, d, message, size)) return false;
    if (d->num_classes < 2)
        return cli_fail(message, size, "%s: the label '%s' has a single value; choose another",
                        d->name, d->label_name);
    if (kind == LABEL_BINARY && d->num_classes != 2)
        return cli_fail(message, size,
                        "%s: the label '%s' has %zu classes; --loss bce takes two, use --loss "
                        "softmax",
                        d->name, d->label_name, d->num_classes);
    if (kind == LABEL_CLASS && d->num_classes > t->rows / 2)
        return cli_fail(message, size,
                        "%s: the label '%s' has %zu classes in %zu rows; is it a number to predict "
                        "(--loss mse)?",
                        d->name, d->label_name, d->num_classes, t->rows);
    return true;
}

bool dataset_read(const dataset_source *source, label_kind kind, dataset *out, char *message,
                  size_t message_size) {
    const char *const path = source->path, *const label = source->label;
    csv_table t;
    size_t column = 0;
    *out = (dataset){0};
    if (!read_table(path, &t, message, message_size)) return false;
    out->name = strdup(path ? path : "digits.csv");
    bool done =
        out->name != NULL && find_label(&t, out->name, label, &column, message, message_size);
    if (done && (t.rows < 10 || t.columns < 2))
        done = cli_fail(message, message_size,
                        "%s: training needs at least 10 rows and 2 columns, here are %zu and %zu%s",
                        out->name, t.rows, t.columns,
                        strpbrk(t.cells[0], ";\t") ? "; commas must separate the columns" : "");
    if (done) {
        out->rows = t.rows;
        out->inputs = t.columns - 1;
        out->label_name = strdup(t.cells[column]);
        out->x = malloc(out->rows * out->inputs * sizeof *out->x);
        out->label = malloc(out->rows * sizeof *out->label);
        if (!out->label_name || !out->x || !out->label)
            done = cli_fail(message, message_size, "out of memory");
    }
    done = done && fill_inputs(&t, column, out, message, message_size) &&
           fill_labels(&t, column, kind, out, message, message_size);
    csv_table_free(&t);
    if (!done) dataset_free(out);
    return done;
}

void dataset_free(dataset *data) {
    for (size_t i = 0; i < data->num_classes; i++)
        free(data->classes[i]);
    free(data->classes);
    free(data->name);
    free(data->label_name);
    free(data->x);
    free(data->label);
    *data = (dataset){0};
}

/* ---- what training does to it ---- */

size_t dataset_hold_out(dataset *d) {
    uint64_t state = 0x636c616374u; /* fixed: the split must not move with --seed */
    for (size_t i = d->rows - 1; i > 0; i--) {
        const size_t j = (size_t)(clact_random_next(&state) % (i + 1));
        const float label = d->label[i];
        d->label[i] = d->label[j];
        d->label[j] = label;
        for (size_t c = 0; c < d->inputs; c++) {
            const float v = d->x[i * d->inputs + c];
            d->x[i * d->inputs + c] = d->x[j * d->inputs + c];
            d->x[j * d->inputs + c] = v;
        }
    }
    return d->rows - d->rows / 5;
}
