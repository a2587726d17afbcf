/* dataset.c: a table of numbers with one label a row: where it comes from, and its rows held out;
 * see dataset.h. */
#include "dataset.h"

#include "cli_common.h"
#include "dataset_parts.h"
#include "file_read.h"

#include <clact/net.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern const char cli_digits_csv[], cli_wdbc_csv[];

enum { MIN_TRAINING_ROWS = 10 };

/* ---- What it is ------------------------------------------------------------------------------ */

char **dataset_copy_names(char *const *names, size_t count) {
    char **copy = calloc(count ? count : 1, sizeof *copy);
    for (size_t i = 0; i < count && copy; i++) {
        copy[i] = strdup(names[i]);
        if (copy[i]) continue;
        while (i-- > 0)
            free(copy[i]);
        free(copy);
        return NULL;
    }
    return copy;
}

void dataset_free_names(char **names, size_t count) {
    for (size_t i = 0; i < count && names; i++)
        free(names[i]);
    free(names);
}

void dataset_free(dataset *data) {
    dataset_free_names(data->classes, data->num_classes);
    dataset_free_names(data->input_names, data->inputs);
    free(data->name);
    free(data->label_name);
    free(data->x);
    free(data->label);
    *data = (dataset){0};
}

bool dataset_allocate(const dataset_task *t, size_t rows, size_t inputs) {
    dataset *d = t->out;
    d->rows = rows;
    d->inputs = inputs;
    if (!d->x && rows <= SIZE_MAX / sizeof *d->x / (inputs ? inputs : 1))
        d->x = malloc(rows * inputs * sizeof *d->x);
    d->label = t->with_labels ? malloc(rows * sizeof *d->label) : NULL;
    if (d->x && (d->label || !t->with_labels)) return true;
    return cli_fail(t->message, t->size,
                    "%s has %zu rows of %zu inputs, for which there is not "
                    "enough memory",
                    d->name, rows, inputs);
}

dataset_schema dataset_schema_of(const dataset *d) {
    return (dataset_schema){.kind = d->kind,
                            .inputs = d->inputs,
                            .input_names = d->input_names,
                            .label_name = d->label_name,
                            .num_classes = d->num_classes,
                            .classes = d->classes};
}

/* ---- Where it comes from --------------------------------------------------------------------- */

static const char *bundled(const char *path) {
    const char *base = path ? strrchr(path, '/') : NULL;
    base = base ? base + 1 : path;
    if (!path || strcmp(base, "digits.csv") == 0) return cli_digits_csv;
    if (strcmp(base, "wdbc.csv") == 0) return cli_wdbc_csv;
    return NULL;
}

bool dataset_peek(const dataset_task *t, FILE *stream, const char *path, data_format *format) {
    enum { NPY_FIRST = 0x93, IDX_FIRST = 0x00, GZIP_FIRST = 0x1f };
    errno = 0;
    const int first = getc(stream);
    if (ferror(stream))
        return cli_fail(t->message, t->size, "cannot read %s: %s", path, strerror(errno));
    if (first != EOF) ungetc(first, stream);
    if (first == GZIP_FIRST)
        return cli_fail(t->message, t->size,
                        "%s is compressed with gzip; unpack it with gunzip first", path);
    *format = first == NPY_FIRST ? DATA_NPY : first == IDX_FIRST ? DATA_IDX : DATA_TEXT;
    return true;
}

static bool read_text(const dataset_task *t, FILE *stream, const char *path) {
    size_t length = 0;
    errno = 0;
    char *text = file_read_all(stream, &length);
    if (!text) return cli_fail(t->message, t->size, "cannot read %s: %s", path, strerror(errno));
    const bool is_filled = dataset_fill_csv(t, text, length);
    free(text);
    return is_filled;
}

static bool read_file(const dataset_task *t) {
    const char *path = t->source->path;
    data_format format = DATA_TEXT;
    FILE *stream = path ? fopen(path, "rb") : NULL;
    const char *known = bundled(path);
    if (!stream && known && (!path || errno == ENOENT))
        return dataset_fill_csv(t, known, strlen(known));
    if (!stream) return cli_fail(t->message, t->size, "cannot read %s: %s", path, strerror(errno));
    const bool is_read =
        dataset_peek(t, stream, path, &format) &&
        (format == DATA_TEXT ? read_text(t, stream, path) : dataset_fill_arrays(t, stream, format));
    fclose(stream);
    return is_read;
}

/* What the model knows already. */
static bool take_schema(const dataset_task *t) {
    const dataset_schema *s = t->schema;
    dataset *d = t->out;
    d->num_classes = s->num_classes;
    d->classes = s->classes ? dataset_copy_names(s->classes, s->num_classes) : NULL;
    if (!d->classes) d->num_classes = 0;
    return d->classes || !s->classes;
}

static bool read_task(const dataset_task *t) {
    const char *path = t->source->path;
    *t->out = (dataset){.kind = t->kind, .name = strdup(path ? path : "digits.csv")};
    bool is_read = t->out->name && (!t->schema || take_schema(t));
    is_read = is_read ? read_file(t) : cli_fail(t->message, t->size, "out of memory");
    if (!is_read) dataset_free(t->out);
    return is_read;
}

bool dataset_check_rows(const dataset_task *t, size_t rows, size_t columns, const char *advice) {
    if (t->schema && rows > 0) return true;
    if (t->schema) return cli_fail(t->message, t->size, "%s has no rows%s", t->out->name, advice);
    if (rows >= MIN_TRAINING_ROWS && columns >= 2) return true;
    return cli_fail(t->message, t->size,
                    "%s: training needs at least %d rows and 2 columns, here are %zu and %zu%s",
                    t->out->name, (int)MIN_TRAINING_ROWS, rows, columns, advice);
}

bool dataset_read(const dataset_source *source, label_kind kind, dataset *out, char *message,
                  size_t size) {
    return read_task(&(dataset_task){source, NULL, kind, true, out, message, size});
}

bool dataset_read_bundled(const char *name, label_kind kind, dataset *out, char *message,
                          size_t size) {
    const char *text = bundled(name);
    const dataset_source source = {.path = name};
    const dataset_task t = {&source, NULL, kind, true, out, message, size};
    *out = (dataset){.kind = kind, .name = strdup(name)};
    bool is_read = text || cli_fail(message, size, "there is no bundled set %s", name);
    is_read = is_read && (out->name || cli_fail(message, size, "out of memory"));
    is_read = is_read && dataset_fill_csv(&t, text, strlen(text));
    if (!is_read) dataset_free(out);
    return is_read;
}

bool dataset_read_as(const dataset_source *source, const dataset_schema *schema, bool with_labels,
                     dataset *out, char *message, size_t size) {
    return read_task(
        &(dataset_task){source, schema, schema->kind, with_labels, out, message, size});
}

/* ---- Rows held out --------------------------------------------------------------------------- */

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
