/* lab_report.c: what an experiment has found, as it is collected. */
#include "lab_report_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

lab_report *lab_report_create(const char *name, uint64_t seed) {
    lab_report *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->name = name;
    r->seed = seed;
    r->facts = json_object();
    r->sentences = json_array();
    if (!r->facts || !r->sentences) lab_report_lacks_memory(r);
    return r;
}

static void panel_clear(lab_panel *p) {
    for (size_t i = 0; i < p->num_series; i++) {
        free((char *)p->series[i].name);
        free((double *)p->series[i].x);
        free((double *)p->series[i].y);
    }
    free(p->series);
    free((char *)p->drawn.title);
    free((char *)p->drawn.x.label);
    free((char *)p->drawn.y.label);
    for (size_t i = 0; p->places && p->places[i]; i++)
        free(p->places[i]);
    free(p->places);
}

void lab_report_destroy(lab_report *r) {
    if (!r) return;
    for (size_t i = 0; i < r->num_tables; i++) {
        json_decref(r->tables[i].rows);
        free(r->tables[i].columns);
        free(r->tables[i].title);
    }
    for (size_t i = 0; i < r->num_panels; i++)
        panel_clear(&r->panels[i]);
    json_decref(r->facts);
    json_decref(r->sentences);
    free(r->drawn);
    free(r);
}

bool lab_report_is_whole(const lab_report *r, char *message, size_t size) {
    return !r->lacks || cli_fail(message, size, "the report has no room: %s", r->lacks);
}

void lab_report_lacks_memory(lab_report *r) {
    if (!r->lacks) r->lacks = "out of memory";
}

/* A copy; a report without memory for it is not whole. NULL stays NULL. */
static char *kept_text(lab_report *r, const char *text) {
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy) lab_report_lacks_memory(r);
    return copy;
}

static double *kept_numbers(lab_report *r, const double *values, size_t count) {
    double *copy = malloc((count + 1) * sizeof *copy);
    if (copy && count > 0) memcpy(copy, values, count * sizeof *copy);
    if (!copy) lab_report_lacks_memory(r);
    return copy;
}

/* ---- tables and facts ---- */

lab_table *lab_add_table(lab_report *r, const char *key, const char *title,
                         const lab_column *columns, size_t count) {
    if (r->num_tables == LAB_MAX_TABLES) {
        r->lacks = "more tables than LAB_MAX_TABLES";
        return &r->tables[LAB_MAX_TABLES - 1];
    }
    lab_table *t = &r->tables[r->num_tables++];
    *t = (lab_table){
        .report = r, .key = key, .num_columns = count, .rows = json_array(), .shown = SIZE_MAX};
    t->title = kept_text(r, title);
    t->columns = malloc(count * sizeof *columns);
    if (t->columns) memcpy(t->columns, columns, count * sizeof *columns);
    if (!t->columns || !t->rows) lab_report_lacks_memory(r);
    return t;
}

static json_t *json_of(lab_cell cell) {
    if (cell.text) return json_string(cell.text);
    return isfinite(cell.number) ? json_real(cell.number) : json_null();
}

void lab_add_row(lab_table *t, const lab_cell *cells) {
    json_t *row = json_object();
    if (json_array_append_new(t->rows, row) != 0 || t->report->lacks) {
        lab_report_lacks_memory(t->report);
        return;
    }
    for (size_t i = 0; i < t->num_columns; i++)
        if (json_object_set_new(row, t->columns[i].key, json_of(cells[i])) != 0)
            lab_report_lacks_memory(t->report);
}

void lab_show_rows(lab_table *t, size_t count) {
    t->shown = count;
}

void lab_add_fact(lab_report *r, const char *key, double value) {
    if (json_object_set_new(r->facts, key, json_of(LAB_NUMBER(value))) != 0)
        lab_report_lacks_memory(r);
}

void lab_say(lab_report *r, const char *format, ...) {
    char text[CLI_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (json_array_append_new(r->sentences, json_string(text)) != 0) lab_report_lacks_memory(r);
}

/* ---- figures ---- */

lab_panel *lab_add_panel(lab_report *r, const char *title, const char *x_label,
                         const char *y_label) {
    if (r->num_panels == LAB_MAX_PANELS) {
        r->lacks = "more panels than LAB_MAX_PANELS";
        return &r->panels[LAB_MAX_PANELS - 1];
    }
    lab_panel *p = &r->panels[r->num_panels++];
    *p = (lab_panel){.report = r};
    p->drawn.title = kept_text(r, title);
    p->drawn.x = (figure_axis){.label = kept_text(r, x_label), .min = NAN, .max = NAN};
    p->drawn.y = (figure_axis){.label = kept_text(r, y_label), .min = NAN, .max = NAN};
    return p;
}

figure_panel *lab_panel_of(lab_panel *panel) {
    return &panel->drawn;
}

void lab_name_places(lab_panel *p, const char *const *names, size_t count) {
    if (p->places || !(p->places = calloc(count + 1, sizeof *p->places))) {
        lab_report_lacks_memory(p->report);
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (!(p->places[i] = kept_text(p->report, names[i]))) return;
    p->drawn.x.names = (const char *const *)p->places;
    p->drawn.x.num_names = count;
}

void lab_add_curve(lab_panel *p, const char *name, figure_style style, int colour, const double *x,
                   const double *y, size_t count) {
    figure_series *larger = realloc(p->series, (p->num_series + 1) * sizeof *larger);
    if (!larger) {
        lab_report_lacks_memory(p->report);
        return;
    }
    p->series = larger;
    p->series[p->num_series++] = (figure_series){.name = kept_text(p->report, name),
                                                 .x = kept_numbers(p->report, x, count),
                                                 .y = kept_numbers(p->report, y, count),
                                                 .count = count,
                                                 .style = style,
                                                 .colour = colour};
    p->drawn.series = p->series;
    p->drawn.num_series = p->num_series;
}
