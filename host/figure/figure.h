/* figure.h: figures of lines, points and bars, drawn by the program gnuplot or in characters.
 *
 * A figure is plain data that the caller owns; nothing of it is kept. A struct filled with zeros
 * has sensible values everywhere: no title, ranges from the data, colours by place. Texts are UTF-8
 * and appear as they are; line breaks and other control characters become spaces.
 */
#ifndef FIGURE_H
#define FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum figure_style {
    FIGURE_LINE,
    FIGURE_DASHED,
    FIGURE_POINTS,
    FIGURE_LINE_POINTS, /* for lines of few points: each has a mark */
    FIGURE_BARS         /* from 0 to y; series of bars stand side by side */
} figure_style;

enum { FIGURE_NUM_COLOURS = 7 }; /* a palette that colour-blind readers can tell apart */

typedef struct figure_series {
    const char *name;    /* in the legend; NULL: not in it */
    const double *x, *y; /* count of each, in the order they are joined; where y is NaN or infinite,
                            or not positive on a logarithmic axis, is a gap */
    size_t count;
    figure_style style;
    int colour; /* from 1 to FIGURE_NUM_COLOURS, and round again; 0 or less: by place in the list */
} figure_series;

typedef struct figure_axis {
    const char *label; /* NULL for none */
    double min, max;   /* each: NaN for one that follows from the data; min = max: both follow */
    bool log;          /* to base 10; an end that is not positive follows from the data */
    const char *const *names; /* at the places 0, 1, ... instead of numbers, as for bars; or NULL */
    size_t num_names;
} figure_axis;

typedef struct figure_panel {
    const char *title; /* NULL for none */
    figure_axis x, y;
    bool axes_through_origin; /* as in textbooks, where 0 is in both ranges; else a frame */
    const figure_series *series;
    size_t num_series;
} figure_panel;

typedef struct figure {
    const char *title; /* above all panels; NULL for none */
    const figure_panel *panels;
    size_t num_panels, columns; /* at least one panel; columns 0: as suits their number */
} figure;

/* Whether figure_write may be expected to work, to be asked before long work: the name ends in
 * .svg, .png or .pdf, files can be written there, gnuplot can be run. Else one sentence in message.
 */
bool figure_check(const char *path, bool keep, char *message, size_t size);

/* Draws the figure: the whole file or none. keep: the script and the data stay beside PATH.svg as
 * PATH.gp and PATH.tsv; `gnuplot PATH.gp`, run in their folder, draws the picture again. The data
 * are two columns, x and y, for each series that is not empty, with two empty lines between series
 * and a comment before each; numbers that are float32 have nine digits, others seventeen. */
bool figure_write(const figure *f, const char *path, bool keep, char *message, size_t size);

/* Draws the figure in characters, the panels one below the other, each width x height with all that
 * belongs to it but the legend (at least 32 x 8). The marks of series are * + o x # @ % & = $ ~ ^
 * by place, and round again; a later one stands before an earlier. */
void figure_text(const figure *f, FILE *stream, int width, int height);

#endif
