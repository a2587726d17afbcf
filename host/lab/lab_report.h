/* lab_report.h: what an experiment has found: tables, facts, figures and sentences.
 *
 * Everything given is copied, but for keys and columns, which are constants. Where something finds
 * no room the report only notes it: lab_report_is_whole says so at the end.
 */
#ifndef LAB_REPORT_H
#define LAB_REPORT_H

#include "cli_common.h"
#include "figure.h"

#include <jansson.h>

typedef struct lab_report lab_report;
typedef struct lab_table lab_table;
typedef struct lab_panel lab_panel;

lab_report *lab_report_create(const char *name, uint64_t seed);
void lab_report_destroy(lab_report *report);

/* Whether all that was given is in it; else a sentence. */
bool lab_report_is_whole(const lab_report *report, char *message, size_t size);

/* Notes that there was no memory for something that was to be given. */
void lab_report_lacks_memory(lab_report *report);

/* ---- what goes in ---- */

/* A column: its key in the JSON, its heading in the text, and how its numbers are printed there
 * ("%.3g"; NULL for a column of texts). */
typedef struct lab_column {
    const char *key, *heading, *format;
} lab_column;

/* One value of a row, by LAB_TEXT or LAB_NUMBER. NaN is null in the JSON and "-" in the text. */
typedef struct lab_cell {
    const char *text; /* NULL for a number */
    double number;
} lab_cell;
#define LAB_TEXT(value)   ((lab_cell){(value), 0.0})
#define LAB_NUMBER(value) ((lab_cell){NULL, (double)(value)})

/* A table with a heading line of its own; its rows are an array of objects under `key`. */
lab_table *lab_add_table(lab_report *report, const char *key, const char *title,
                         const lab_column *columns, size_t count);

/* Adds a row of as many cells as the table has columns. */
void lab_add_row(lab_table *table, const lab_cell *cells);

/* How many of the rows the text shows, the first ones; the JSON has all. 0 leaves the table out of
 * the text. */
void lab_show_rows(lab_table *table, size_t count);

/* A number for the JSON alone, under "facts": what sentences and tests rest on. */
void lab_add_fact(lab_report *report, const char *key, double value);

/* A sentence or two about what was seen beside what was predicted. */
void lab_say(lab_report *report, const char *format, ...) CLI_PRINTF(2, 3);

/* A panel of the figure. Ranges follow from the data; change them through the panel returned by
 * lab_panel_of. */
lab_panel *lab_add_panel(lab_report *report, const char *title, const char *x_label,
                         const char *y_label);

/* The panel as it will be drawn, to set logarithmic axes and ranges. Its texts, names and series
 * are not to be touched. */
figure_panel *lab_panel_of(lab_panel *panel);

/* Names at the places 0, 1, ... of the x axis, as for bars. */
void lab_name_places(lab_panel *panel, const char *const *names, size_t count);

/* A curve of `count` points; colour as in figure.h, 0 for the next. */
void lab_add_curve(lab_panel *panel, const char *name, figure_style style, int colour,
                   const double *x, const double *y, size_t count);

/* ---- what comes out ---- */

/* Title, tables and sentences. */
void lab_report_print(const lab_report *report, const char *title, FILE *stream);

/* The figure of all panels, which borrows from the report; false where there is none. */
bool lab_report_figure(lab_report *report, const char *title, figure *out);

/* {"experiment":..., "seed":..., "facts":{...}, KEY:[...]..., "sentences":[...]}; the caller owns
 * it. */
json_t *lab_report_json(const lab_report *report);

#endif
