/* figure_scale.c: the range of an axis and its ticks; see figure_scale.h. */
#include "figure_scale.h"

#include <math.h>
#include <string.h>

/* ---- What the data need ---------------------------------------------------------------------- */

#define LARGEST 1e300 /* whose span is finite */

typedef struct extent {
    double min, max; /* of what can be drawn; min > max for nothing */
    bool are_whole;  /* all of them integers */
} extent;

static const extent nothing = {INFINITY, -INFINITY, true};

static void extend(extent *e, double value, bool is_log) {
    if (!(fabs(value) < LARGEST) || (is_log && value <= 0.0)) return;
    e->min = fmin(e->min, value);
    e->max = fmax(e->max, value);
    e->are_whole = e->are_whole && value == floor(value);
}

size_t figure_count_bars(const figure_panel *panel, double *spacing) {
    size_t count = 0;
    *spacing = INFINITY;
    for (size_t s = 0; s < panel->num_series; s++) {
        const figure_series *series = &panel->series[s];
        if (series->style != FIGURE_BARS) continue;
        count++;
        for (size_t i = 1; i < series->count; i++) {
            const double distance = fabs(series->x[i] - series->x[i - 1]);
            if (distance > 0.0 && distance < *spacing) *spacing = distance;
        }
    }
    if (!isfinite(*spacing)) *spacing = 1.0;
    return count;
}

static extent extent_of_x(const figure_panel *panel) {
    extent e = nothing;
    double spacing = 1.0;
    for (size_t s = 0; s < panel->num_series; s++)
        for (size_t i = 0; i < panel->series[s].count; i++)
            extend(&e, panel->series[s].x[i], panel->x.log);
    if (figure_count_bars(panel, &spacing) > 0 && e.min <= e.max && !panel->x.log) {
        e.min -= 0.6 * spacing;
        e.max += 0.6 * spacing;
    }
    return e;
}

/* Of the points between the ends of x. Bars begin at 0. */
static extent extent_of_y(const figure_panel *panel, const figure_scale *x) {
    extent e = nothing;
    for (size_t s = 0; s < panel->num_series; s++) {
        const figure_series *series = &panel->series[s];
        for (size_t i = 0; i < series->count; i++)
            if (series->x[i] >= x->min && series->x[i] <= x->max)
                extend(&e, series->y[i], panel->y.log);
        if (series->style == FIGURE_BARS) extend(&e, 0.0, panel->y.log);
    }
    return e;
}

/* ---- Ticks ----------------------------------------------------------------------------------- */

static double nice_step(double span, int wanted) {
    const double raw = span / (wanted > 1 ? wanted : 1);
    const double power = pow(10.0, floor(log10(raw)));
    const double ratio = raw / power;
    return power * (ratio <= 1.0 ? 1.0 : ratio <= 2.0 ? 2.0 : ratio <= 5.0 ? 5.0 : 10.0);
}

static void add_tick(figure_scale *scale, double at, const char *text) {
    if (scale->num_ticks == FIGURE_MAX_TICKS || at < scale->min || at > scale->max) return;
    figure_tick *tick = &scale->ticks[scale->num_ticks++];
    tick->at = at;
    snprintf(tick->text, sizeof tick->text, "%s", text);
}

static void add_linear_ticks(figure_scale *scale, int wanted, bool are_whole) {
    const double span = scale->max - scale->min;
    double step = nice_step(span, wanted);
    if (are_whole && step < 1.0) step = 1.0;
    const double largest = fmax(fabs(scale->min), fabs(scale->max));
    const int decimals = step >= 1.0 ? 0 : (int)ceil(-log10(step) - 1e-9);
    const bool is_plain = largest < 1e6 && decimals <= 4;
    const double first = ceil(scale->min / step - 1e-9);
    for (int i = 0; i < FIGURE_MAX_TICKS && (first + i) * step <= scale->max + 1e-9 * span; i++) {
        char text[FIGURE_TICK_SIZE];
        double at = (first + i) * step;
        if (fabs(at) < 1e-9 * step) at = 0.0;
        snprintf(text, sizeof text, is_plain ? "%.*f" : "%.*g", is_plain ? decimals : 6, at);
        add_tick(scale, fmin(fmax(at, scale->min), scale->max), text);
    }
}

/* Powers of ten, with 2 and 5 times these where there are few of them, the others without text. */
static void add_log_ticks(figure_scale *scale, int wanted) {
    const double decades = log10(scale->max) - log10(scale->min);
    const int most = wanted < 6 ? wanted : 6; /* with 9 ticks each */
    const int every = decades > most ? (int)ceil(decades / most) : 1;
    const bool has_between = decades < 2.05;
    const int last = (int)floor(log10(scale->max) + 1e-9);
    for (int power = (int)floor(log10(scale->min) + 1e-9); power <= last; power++) {
        if (power % every != 0) continue;
        for (int digit = 1; digit <= (every == 1 ? 9 : 1); digit++) {
            char text[FIGURE_TICK_SIZE] = "";
            const double at = digit * pow(10.0, power);
            if (digit == 1 || (has_between && (digit == 2 || digit == 5)))
                snprintf(text, sizeof text, "%g", at);
            add_tick(scale, at, text);
        }
    }
}

static void add_names(figure_scale *scale, const figure_axis *axis) {
    for (size_t i = 0; i < axis->num_names; i++)
        add_tick(scale, (double)i, axis->names[i]);
}

/* ---- Ranges ---------------------------------------------------------------------------------- */

/* Air above and below the data; none below amounts that come near 0, which then begin there. */
static void pad_linear(figure_scale *scale, bool min_is_given, bool max_is_given) {
    const double span = scale->max - scale->min;
    const bool from_zero = scale->min >= 0.0 && scale->min < 0.3 * scale->max;
    const bool to_zero = scale->max <= 0.0 && scale->max > 0.3 * scale->min;
    if (!min_is_given) scale->min = from_zero ? 0.0 : scale->min - 0.05 * span;
    if (!max_is_given) scale->max = to_zero ? 0.0 : scale->max + 0.05 * span;
}

/* Out to the next 1, 2 or 5 times a power of ten. */
static double log_end(double value, bool is_max) {
    static const double digits[] = {1.0, 2.0, 5.0, 10.0};
    const double power = pow(10.0, floor(log10(value)));
    double end = is_max ? 10.0 * power : power;
    for (int i = 0; i < 4; i++) {
        const double candidate = digits[i] * power;
        if (is_max && candidate >= value * (1.0 - 1e-9)) return candidate;
        if (!is_max && candidate <= value * (1.0 + 1e-9)) end = candidate;
    }
    return end;
}

/* Ends that differ, whatever came in. */
static void separate(figure_scale *scale) {
    if (scale->min < scale->max) return;
    if (scale->is_log) {
        scale->min = scale->min * 0.5;
        scale->max = scale->max * 2.0;
    } else if (scale->min == 0.0) {
        scale->max = 1.0;
    } else {
        const double half = 0.5 * fabs(scale->min);
        scale->min -= half;
        scale->max = scale->min + 2.0 * half;
    }
}

static void find_range(const figure_axis *axis, extent e, bool is_y, figure_scale *scale) {
    const bool is_free = axis->min == axis->max;
    const bool min_is_given = !is_free && isfinite(axis->min) && (!axis->log || axis->min > 0.0);
    const bool max_is_given = !is_free && isfinite(axis->max) && (!axis->log || axis->max > 0.0);
    *scale = (figure_scale){.is_log = axis->log};
    if (e.min > e.max) e.min = axis->log ? 1.0 : 0.0, e.max = axis->log ? 10.0 : 1.0;
    scale->min = min_is_given ? axis->min : e.min;
    scale->max = max_is_given ? axis->max : e.max;
    if (scale->min > scale->max && !min_is_given) scale->min = scale->max;
    if (scale->min > scale->max) scale->max = scale->min;
    separate(scale);
    if (!is_y) return;
    if (!scale->is_log) {
        pad_linear(scale, min_is_given, max_is_given);
    } else {
        if (!min_is_given) scale->min = log_end(scale->min, false);
        if (!max_is_given) scale->max = log_end(scale->max, true);
        separate(scale);
    }
}

static void find_scale(const figure_axis *axis, extent e, bool is_y, int wanted,
                       figure_scale *scale) {
    find_range(axis, e, is_y, scale);
    if (axis->names)
        add_names(scale, axis);
    else if (scale->is_log)
        add_log_ticks(scale, wanted);
    else
        add_linear_ticks(scale, wanted, !is_y && e.are_whole);
}

void figure_find_scales(const figure_panel *panel, int x_ticks, int y_ticks, figure_scale *x,
                        figure_scale *y) {
    find_scale(&panel->x, extent_of_x(panel), false, x_ticks, x);
    find_scale(&panel->y, extent_of_y(panel, x), true, y_ticks, y);
}

/* ---- Places ---------------------------------------------------------------------------------- */

double figure_place(const figure_scale *scale, double value) {
    if (!isfinite(value) || (scale->is_log && value <= 0.0)) return NAN;
    if (scale->is_log) return (log(value) - log(scale->min)) / (log(scale->max) - log(scale->min));
    return (value - scale->min) / (scale->max - scale->min);
}

bool figure_axes_cross(const figure_panel *panel, const figure_scale *x, const figure_scale *y) {
    return panel->axes_through_origin && !x->is_log && !y->is_log && x->min <= 0.0 &&
           x->max >= 0.0 && y->min <= 0.0 && y->max >= 0.0;
}

size_t figure_colour(const figure_series *series, size_t place) {
    return (series->colour > 0 ? (size_t)series->colour - 1 : place) % FIGURE_NUM_COLOURS;
}
