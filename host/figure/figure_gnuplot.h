/* figure_gnuplot.h: a figure as a script and data for gnuplot. */
#ifndef FIGURE_GNUPLOT_H
#define FIGURE_GNUPLOT_H

#include "figure.h"

/* gnuplot's terminals, by the end of a file's name. */
typedef enum figure_format { FIGURE_SVG, FIGURE_PNG, FIGURE_PDF, FIGURE_NUM_FORMATS } figure_format;

/* Writes the script that draws the figure into the file `picture` from the file `data`. */
void figure_put_script(const figure *f, figure_format format, const char *picture, const char *data,
                       FILE *stream);

/* Writes the data: see figure_write. */
void figure_put_data(const figure *f, FILE *stream);

#endif
