/* figure_key.c: where the legend of a panel has room; see figure_key.h. */
#include "figure_key.h"

#include <math.h>
#include <string.h>

enum { STEPS = 64 }; /* of a long stretch between two points */

typedef struct place {
    double x, y;
} place;

typedef struct corners {
    double width, height;
    bool are_free[FIGURE_OUTSIDE];
} corners;

size_t figure_count_names(const figure_panel *panel, size_t *longest) {
    size_t count = 0;
    *longest = 0;
    for (size_t s = 0; s < panel->num_series; s++) {
        const char *name = panel->series[s].name;
        if (!name) continue;
        count++;
        if (strlen(name) > *longest) *longest = strlen(name);
    }
    return count;
}

static void cover(corners *c, place p) {
    if (!(p.x >= 0.0 && p.x <= 1.0 && p.y >= 0.0 && p.y <= 1.0)) return;
    const bool is_left = p.x<c->width, is_right = p.x> 1.0 - c->width;
    const bool is_low = p.y<c->height, is_high = p.y> 1.0 - c->height;
    if (is_high && is_right) c->are_free[FIGURE_TOP_RIGHT] = false;
    if (is_high && is_left) c->are_free[FIGURE_TOP_LEFT] = false;
    if (is_low && is_right) c->are_free[FIGURE_BOTTOM_RIGHT] = false;
    if (is_low && is_left) c->are_free[FIGURE_BOTTOM_LEFT] = false;
}

static void cover_stretch(corners *c, place from, place to) {
    const bool is_short = fabs(from.x - to.x) < 0.02 && fabs(from.y - to.y) < 0.02;
    const int steps = is_short ? 1 : STEPS;
    for (int i = 0; i <= steps; i++) {
        const double t = (double)i / steps;
        cover(c, (place){from.x + t * (to.x - from.x), from.y + t * (to.y - from.y)});
    }
}

static void cover_series(corners *c, const figure_series *series, const figure_scale *x,
                         const figure_scale *y) {
    place before = {NAN, NAN};
    for (size_t i = 0; i < series->count; i++) {
        const place p = {figure_place(x, series->x[i]), figure_place(y, series->y[i])};
        const bool is_joined = series->style != FIGURE_POINTS && series->style != FIGURE_BARS;
        if (series->style == FIGURE_BARS)
            cover_stretch(c, (place){p.x, y->is_log ? 0.0 : figure_place(y, 0.0)}, p);
        else if (is_joined && isfinite(before.x) && isfinite(before.y))
            cover_stretch(c, before, p);
        else
            cover(c, p);
        before = p;
    }
}

figure_corner figure_find_corner(const figure_panel *panel, const figure_scale *x,
                                 const figure_scale *y, double width, double height) {
    corners c = {width, height, {true, true, true, true}};
    if (width > 0.7 || height > 0.6) return FIGURE_OUTSIDE;
    for (size_t s = 0; s < panel->num_series; s++)
        cover_series(&c, &panel->series[s], x, y);
    if (figure_axes_cross(panel, x, y)) {
        const place origin = {figure_place(x, 0.0), figure_place(y, 0.0)};
        cover_stretch(&c, (place){origin.x, 0.0}, (place){origin.x, 1.0});
        cover_stretch(&c, (place){0.0, origin.y}, (place){1.0, origin.y});
    }
    for (int corner = FIGURE_TOP_RIGHT; corner < FIGURE_OUTSIDE; corner++)
        if (c.are_free[corner]) return (figure_corner)corner;
    return FIGURE_OUTSIDE;
}
