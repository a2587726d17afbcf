/* lab_report_print.c: a report as text, figure and JSON. */
#include "lab_report_parts.h"

#include <stdlib.h>
#include <string.h>

enum { CELL = 64, LINE = 79 };

static void cell_text(const lab_column *column, const json_t *value, char text[CELL]) {
    if (json_is_string(value))
        snprintf(text, CELL, "%s", json_string_value(value));
    else if (json_is_number(value))
        snprintf(text, CELL, column->format ? column->format : "%g", json_number_value(value));
    else
        snprintf(text, CELL, "-");
}

static size_t shown_rows(const lab_table *t) {
    const size_t rows = json_array_size(t->rows);
    return rows < t->shown ? rows : t->shown;
}

static int column_width(const lab_table *t, size_t c) {
    size_t width = strlen(t->columns[c].heading);
    for (size_t r = 0; r < shown_rows(t); r++) {
        char text[CELL];
        cell_text(&t->columns[c], json_object_get(json_array_get(t->rows, r), t->columns[c].key),
                  text);
        if (strlen(text) > width) width = strlen(text);
    }
    return (int)width;
}

/* Texts to the left, numbers to the right, two blanks between columns */
static void print_cell(const lab_table *t, size_t c, int width, const char *text, FILE *stream) {
    const bool last = c + 1 == t->num_columns;
    if (t->columns[c].format)
        fprintf(stream, "%*s%s", width, text, last ? "\n" : "  ");
    else
        fprintf(stream, "%-*s%s", last ? 0 : width, text, last ? "\n" : "  ");
}

static void print_table(const lab_table *t, FILE *stream) {
    char text[CELL];
    if (t->shown == 0) return;
    if (t->title) fprintf(stream, "%s\n", t->title);
    for (size_t c = 0; c < t->num_columns; c++)
        print_cell(t, c, column_width(t, c), t->columns[c].heading, stream);
    for (size_t r = 0; r < shown_rows(t); r++)
        for (size_t c = 0; c < t->num_columns; c++) {
            cell_text(&t->columns[c],
                      json_object_get(json_array_get(t->rows, r), t->columns[c].key), text);
            print_cell(t, c, column_width(t, c), text, stream);
        }
    fputc('\n', stream);
}

/* Words filled into lines */
static void print_filled(const char *text, FILE *stream) {
    size_t at = 0;
    while (*text) {
        const size_t length = strcspn(text, " ");
        if (at > 0 && at + 1 + length > LINE) {
            fputc('\n', stream);
            at = 0;
        }
        fprintf(stream, "%s%.*s", at > 0 ? " " : "", (int)length, text);
        at += length + (at > 0);
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', stream);
}

void lab_report_print(const lab_report *r, const char *title, FILE *stream) {
    size_t i;
    json_t *sentence;
    fprintf(stream, "%s: %s\n\n", r->name, title);
    for (size_t t = 0; t < r->num_tables; t++)
        print_table(&r->tables[t], stream);
    json_array_foreach(r->sentences, i, sentence) print_filled(json_string_value(sentence), stream);
}

bool lab_report_figure(lab_report *r, const char *title, figure *out) {
    free(r->drawn);
    r->drawn = calloc(r->num_panels + 1, sizeof *r->drawn);
    if (!r->drawn || r->num_panels == 0) return false;
    for (size_t i = 0; i < r->num_panels; i++)
        r->drawn[i] = r->panels[i].drawn;
    *out = (figure){.title = title, .panels = r->drawn, .num_panels = r->num_panels};
    return true;
}

json_t *lab_report_json(const lab_report *r) {
    json_t *all = json_object();
    bool whole = all && json_object_set_new(all, "experiment", json_string(r->name)) == 0 &&
                 json_object_set_new(all, "clact", json_string(clact_version())) == 0 &&
                 json_object_set_new(all, "seed", json_integer((json_int_t)r->seed)) == 0 &&
                 json_object_set(all, "facts", r->facts) == 0;
    for (size_t t = 0; t < r->num_tables && whole; t++)
        whole = json_object_set(all, r->tables[t].key, r->tables[t].rows) == 0;
    whole = whole && json_object_set(all, "sentences", r->sentences) == 0;
    if (whole) return all;
    json_decref(all);
    return NULL;
}
