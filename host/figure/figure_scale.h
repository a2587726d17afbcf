/* figure_scale.h: the range of an axis and its ticks, for a picture and for characters alike. */
#ifndef FIGURE_SCALE_H
#define FIGURE_SCALE_H

#include "figure.h"

enum { FIGURE_MAX_TICKS = 64, FIGURE_TICK_SIZE = 32 };

typedef struct figure_tick {
    double at;
    char text[FIGURE_TICK_SIZE]; /* "" for one without a number, between others */
} figure_tick;

typedef struct figure_scale {
    double min, max; /* finite, min < max; positive where is_log */
    bool is_log;
    figure_tick ticks[FIGURE_MAX_TICKS]; /* ascending */
    size_t num_ticks;
} figure_scale;

/* Both scales of a panel, with about so many ticks each. */
void figure_find_scales(const figure_panel *panel, int x_ticks, int y_ticks, figure_scale *x,
                        figure_scale *y);

/* Where a value lies, 0 at min and 1 at max; NaN where the axis has no place for it. */
double figure_place(const figure_scale *scale, double value);

/* Whether the axes of the panel are to cross at 0. */
bool figure_axes_cross(const figure_panel *panel, const figure_scale *x, const figure_scale *y);

/* What bars of a panel need: how many series of bars there are, and the least distance of two of
 * their places, 1 where there is none. */
size_t figure_count_bars(const figure_panel *panel, double *spacing);

/* The colour of a series by its place in the list, from 0 to FIGURE_NUM_COLOURS - 1. */
size_t figure_colour(const figure_series *series, size_t place);

#endif
