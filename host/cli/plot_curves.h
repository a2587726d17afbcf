/* plot_curves.h: activations and derivatives as a device computes them, as a figure. */
#ifndef PLOT_CURVES_H
#define PLOT_CURVES_H

#include "figure.h"
#include "plot_options.h"

enum { PLOT_NAME_SIZE = 128, PLOT_MAX_SERIES = 2 * PLOT_MAX_CURVES };

/* A figure of one panel and what it points to. */
typedef struct plot_curves {
    double *x, *y; /* y: of all series, one after the other */
    char names[PLOT_MAX_SERIES][PLOT_NAME_SIZE];
    char title[PLOT_NAME_SIZE + 32];
    figure_series series[PLOT_MAX_SERIES];
    figure_panel panel;
    figure drawn;
    bool is_cut; /* the range of y leaves something out that was not asked to be left out */
} plot_curves;

/* Computes and describes the curves: for each activation y, then dx with dy = 1 if wanted, at
 * inputs rounded to the element type. */
bool plot_curves_make(const plot_options *o, plot_curves *out, char *message, size_t size);

/* Accepts what was never made (all zero). */
void plot_curves_clear(plot_curves *curves);

#endif
