/* figure_key.h: where the legend of a panel has room. */
#ifndef FIGURE_KEY_H
#define FIGURE_KEY_H

#include "figure_scale.h"

typedef enum figure_corner {
    FIGURE_TOP_RIGHT,
    FIGURE_TOP_LEFT,
    FIGURE_BOTTOM_RIGHT,
    FIGURE_BOTTOM_LEFT,
    FIGURE_OUTSIDE /* no corner is free */
} figure_corner;

/* How many series have names; *longest is the length of the longest. */
size_t figure_count_names(const figure_panel *panel, size_t *longest);

/* A corner of the panel in which a legend of width x height, as shares of the panel's, covers
 * neither data nor axes. */
figure_corner figure_find_corner(const figure_panel *panel, const figure_scale *x,
                                 const figure_scale *y, double width, double height);

#endif
