/* dataset_csv.c: a dataset from the columns of a CSV table. */
#include "cli_common.h"
#include "csv_table.h"
#include "dataset_parts.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t no_column = SIZE_MAX;

/* A table, and which of its columns are what. */
typedef struct sheet {
    csv_table table;
    size_t *inputs, num_inputs;
    size_t label; /* no_column: read without */
} sheet;

static const char *cell(const sheet *s, size_t row, size_t column) {
    return s->table.cells[(1 + row) * s->table.columns + column];
}

static size_t line_of(const sheet *s, size_t row) {
    return s->table.lines[1 + row];
}

/* ---- Which columns --------------------------------------------------------------------------- */

static size_t find_column(const csv_table *table, const char *name) {
    size_t c = 0;
    while (c < table->columns && strcmp(table->cells[c], name) != 0)
        c++;
    return c < table->columns ? c : no_column;
}

static bool two_columns(const dataset_task *t, const char *name) {
    return cli_fail(t->message, t->size,
                    "%s has more than one column '%s', and which is meant cannot be told; rename "
                    "the others",
                    t->out->name, name);
}

static bool missing_column(const dataset_task *t, const csv_table *table, const char *name) {
    cli_suggestion suggestion = {name, NULL, 0};
    for (size_t c = 0; c < table->columns; c++)
        cli_suggest(&suggestion, table->cells[c], strlen(table->cells[c]), table->cells[c]);
    if (suggestion.best)
        return cli_fail(t->message, t->size,
                        "%s has no column '%s', which the model was trained with; if '%s' is that "
                        "column, rename it",
                        t->out->name, name, suggestion.best);
    return cli_fail(t->message, t->size,
                    "%s has no column '%s', which the model was trained with; its columns are '%s' "
                    "to '%s'",
                    t->out->name, name, table->cells[0], table->cells[table->columns - 1]);
}

/* Data to train on: every column but the label. A model could not tell a label by its name where
 * an input has the same. */
static bool choose_all(const dataset_task *t, sheet *s) {
    const csv_table *table = &s->table;
    const char *label = t->source->label;
    s->label = label ? find_column(table, label) : table->columns - 1;
    if (s->label == no_column)
        return cli_fail(t->message, t->size,
                        "%s has no column '%s'; --label takes one of %s, %s%s ... %s", t->out->name,
                        label, table->cells[0], table->columns > 1 ? table->cells[1] : "",
                        table->columns > 1 ? "," : "", table->cells[table->columns - 1]);
    for (size_t c = 0; c < table->columns; c++)
        if (c != s->label && strcmp(table->cells[c], table->cells[s->label]) == 0)
            return two_columns(t, table->cells[c]);
    return true;
}

/* The search for the next input begins after the last and goes round, so that columns in the usual
 * order are found at once, and those of one name in turn. */
static bool choose_inputs(const dataset_task *t, sheet *s, bool *taken) {
    const csv_table *table = &s->table;
    const dataset_schema *schema = t->schema;
    size_t c = 0;
    for (size_t i = 0; i < schema->inputs; i++) {
        const char *name = schema->input_names[i];
        size_t passed = 0;
        for (; passed < table->columns; passed++, c = (c + 1) % table->columns)
            if (!taken[c] && strcmp(table->cells[c], name) == 0) break;
        if (passed == table->columns) return missing_column(t, table, name);
        taken[c] = true;
        s->inputs[s->num_inputs++] = c;
    }
    for (c = 0; c < table->columns; c++)
        for (size_t i = 0; i < schema->inputs && !taken[c]; i++)
            if (strcmp(table->cells[c], schema->input_names[i]) == 0)
                return two_columns(t, table->cells[c]);
    return true;
}

static bool choose_by_name(const dataset_task *t, sheet *s) {
    const csv_table *table = &s->table;
    const char *label = t->source->label ? t->source->label : t->schema->label_name;
    bool *taken = calloc(table->columns, sizeof *taken);
    if (!taken) return cli_fail(t->message, t->size, "out of memory");
    const bool are_chosen = choose_inputs(t, s, taken);
    free(taken);
    if (!are_chosen || !t->with_labels) return are_chosen;
    s->label = find_column(table, label);
    if (s->label == no_column) return missing_column(t, table, label);
    for (size_t c = s->label + 1; c < table->columns; c++)
        if (strcmp(table->cells[c], label) == 0) return two_columns(t, label);
    return true;
}

/* A model of arrays: as many columns as it has inputs, and the label. Without labels that column
 * may be there or not. */
static bool choose_by_place(const dataset_task *t, sheet *s) {
    const dataset_schema *schema = t->schema;
    const csv_table *table = &s->table;
    const char *label = t->source->label;
    const bool may_lack = !t->with_labels && table->columns == schema->inputs;
    if (!may_lack && table->columns != schema->inputs + 1)
        return cli_fail(t->message, t->size,
                        "%s has %zu columns, and the model was trained on arrays with %zu inputs; "
                        "a table for it has those and the label",
                        t->out->name, table->columns, schema->inputs);
    if (may_lack) return true;
    s->label = find_column(table, label ? label : schema->label_name);
    if (s->label == no_column && label && t->with_labels) return missing_column(t, table, label);
    if (s->label == no_column) s->label = table->columns - 1;
    return true;
}

static bool choose_columns(const dataset_task *t, sheet *s) {
    const size_t num_columns = s->table.columns;
    const size_t room =
        t->schema && t->schema->inputs > num_columns ? t->schema->inputs : num_columns;
    s->label = no_column;
    s->inputs = malloc(room * sizeof *s->inputs);
    if (!s->inputs) return cli_fail(t->message, t->size, "out of memory");
    if (t->schema && t->schema->input_names) return choose_by_name(t, s);
    if (!(t->schema ? choose_by_place(t, s) : choose_all(t, s))) return false;
    for (size_t c = 0; c < num_columns; c++)
        if (c != s->label) s->inputs[s->num_inputs++] = c;
    if (!t->with_labels) s->label = no_column;
    return true;
}

static bool copy_names(const dataset_task *t, const sheet *s) {
    dataset *d = t->out;
    char **names = malloc((s->num_inputs + 1) * sizeof *names);
    for (size_t i = 0; i < s->num_inputs && names; i++)
        names[i] = s->table.cells[s->inputs[i]];
    d->input_names = names ? dataset_copy_names(names, s->num_inputs) : NULL;
    free(names);
    d->label_name = strdup(s->label != no_column ? s->table.cells[s->label]
                           : t->schema           ? t->schema->label_name
                                                 : "");
    return (d->input_names && d->label_name) || cli_fail(t->message, t->size, "out of memory");
}

/* ---- Missing values -------------------------------------------------------------------------- */

static bool is_missing(const char *text) {
    static const char *const words[] = {"", "?", "NA", "NaN", "nan"};
    text += strspn(text, " \t\r");
    const size_t length = strcspn(text, " \t\r");
    if (text[length + strspn(text + length, " \t\r")]) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == length && strncmp(text, words[i], length) == 0) return true;
    return false;
}

static size_t count_incomplete_rows(const sheet *s) {
    size_t count = 0;
    for (size_t r = 0; r < s->table.rows; r++) {
        bool lacks = s->label != no_column && is_missing(cell(s, r, s->label));
        for (size_t i = 0; i < s->num_inputs && !lacks; i++)
            lacks = is_missing(cell(s, r, s->inputs[i]));
        count += lacks;
    }
    return count;
}

void dataset_count_text(size_t rows, char text[DATASET_COUNT_SIZE]) {
    text[0] = '\0';
    if (rows > 1) snprintf(text, DATASET_COUNT_SIZE, "; %zu rows in all have missing values", rows);
}

static bool missing_value(const dataset_task *t, const sheet *s, size_t row, size_t column) {
    char count[DATASET_COUNT_SIZE];
    const char *text = cell(s, row, column);
    dataset_count_text(count_incomplete_rows(s), count);
    return cli_fail(t->message, t->size,
                    "%s, line %zu, %s '%s': the value%s%s%s is missing; fill it in or remove the "
                    "row%s",
                    t->out->name, line_of(s, row), column == s->label ? "label" : "column",
                    s->table.cells[column], *text ? " '" : "", text, *text ? "'" : "", count);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static bool fill_inputs(const dataset_task *t, const sheet *s) {
    float *x = t->out->x;
    for (size_t r = 0; r < s->table.rows; r++) {
        for (size_t i = 0; i < s->num_inputs; i++) {
            const char *text = cell(s, r, s->inputs[i]);
            if (dataset_number(text, x++)) continue;
            if (is_missing(text)) return missing_value(t, s, r, s->inputs[i]);
            return cli_fail(t->message, t->size,
                            "%s, line %zu, column '%s': '%s' is not a finite number", t->out->name,
                            line_of(s, r), s->table.cells[s->inputs[i]], text);
        }
    }
    return true;
}

/* The classes of the data, in order; they index themselves. */
static bool find_classes(const dataset_task *t, const sheet *s) {
    dataset *d = t->out;
    const size_t rows = s->table.rows;
    size_t count = 0;
    char **sorted = malloc(rows * sizeof *sorted);
    if (!sorted) return cli_fail(t->message, t->size, "out of memory");
    for (size_t r = 0; r < rows; r++)
        sorted[r] = s->table.cells[(1 + r) * s->table.columns + s->label];
    qsort(sorted, rows, sizeof *sorted, dataset_compare_classes);
    for (size_t r = 0; r < rows; r++)
        if (count == 0 || strcmp(sorted[r], sorted[count - 1]) != 0) sorted[count++] = sorted[r];
    d->classes = dataset_copy_names(sorted, count);
    free(sorted);
    if (!d->classes) return cli_fail(t->message, t->size, "out of memory");
    d->num_classes = count;
    return dataset_check_classes(t);
}

static bool fill_class_labels(const dataset_task *t, const sheet *s) {
    if (!t->schema && !find_classes(t, s)) return false;
    const dataset_schema known = dataset_schema_of(t->out);
    for (size_t r = 0; r < s->table.rows; r++) {
        const char *text = cell(s, r, s->label);
        const size_t found = dataset_find_class(&known, text);
        if (found == SIZE_MAX) {
            char place[64];
            snprintf(place, sizeof place, "line %zu", line_of(s, r));
            return dataset_unknown_class(t, place, text);
        }
        t->out->label[r] = (float)found;
    }
    return true;
}

static bool fill_labels(const dataset_task *t, const sheet *s) {
    for (size_t r = 0; r < s->table.rows; r++) {
        const char *text = cell(s, r, s->label);
        if (is_missing(text)) return missing_value(t, s, r, s->label);
        if (t->kind == LABEL_VALUE && !dataset_number(text, &t->out->label[r]))
            return cli_fail(t->message, t->size, "%s, line %zu: the label '%s' is no number",
                            t->out->name, line_of(s, r), text);
    }
    return t->kind == LABEL_VALUE || fill_class_labels(t, s);
}

static bool check_source(const dataset_task *t, const char *text, size_t length) {
    if (length > 0 && memchr(text, '\0', length))
        return cli_fail(t->message, t->size,
                        "%s is neither text nor a .npy or IDX file; save the table as CSV in UTF-8",
                        t->out->name);
    if (t->with_labels && t->source->targets)
        return cli_fail(t->message, t->size,
                        "%s is CSV and has its labels in a column, which --label names; --targets "
                        "goes with .npy and IDX",
                        t->out->name);
    return true;
}

bool dataset_fill_csv(const dataset_task *t, const char *text, size_t length) {
    sheet s = {.label = SIZE_MAX};
    if (!check_source(t, text, length) ||
        !csv_table_parse(t->out->name, text, length, &s.table, t->message, t->size))
        return false;
    const char *advice =
        strpbrk(s.table.cells[0], ";\t") ? "; commas must separate the columns" : "";
    const bool is_filled = choose_columns(t, &s) &&
                           dataset_check_rows(t, s.table.rows, s.table.columns, advice) &&
                           dataset_allocate(t, s.table.rows, s.num_inputs) && copy_names(t, &s) &&
                           fill_inputs(t, &s) && (s.label == no_column || fill_labels(t, &s));
    csv_table_free(&s.table);
    free(s.inputs);
    return is_filled;
}
