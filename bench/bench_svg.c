/* bench_svg.c: draws a chart as SVG: lines, bands and points over two axes. */
#include "bench_svg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench_markup.h"

enum { LEFT = 62, RIGHT = 16, TOP = 34, PLOT = 250, BOTTOM = 46, LEGEND_LINE = 18 };

/* Okabe and Ito's colours, which colour-blind readers can tell apart; yellow is left out, too light
 * on paper. */
static const char *const svg_colours[] = {"#0072b2", "#d55e00", "#009e73",
                                          "#cc79a7", "#56b4e9", "#e69f00"};
static const char *const svg_dashes[] = {"none", "7 3", "2 3", "9 3 2 3"};
/* Points around 0, 0: circle, square, triangle, diamond, cross, upside-down triangle. */
static const char *const svg_shapes[] = {"M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
                                         "M-3 -3h6v6h-6z",
                                         "M0 -4l4 7h-8z",
                                         "M0 -4.5l4 4.5l-4 4.5l-4 -4.5z",
                                         "M-3 -3l6 6M3 -3l-6 6",
                                         "M0 4l4 -7h-8z"};

#define SVG_PICK(list, at) list[(at) % (sizeof list / sizeof *list)]

/* Where the values of an axis fall: on a logarithmic one their logarithms are `from` to `to`. */
typedef struct svg_axis {
    double from, to;
    bool is_log;
    double zero, length; /* pixels of `from`, and to `to` */
} svg_axis;

typedef struct svg_plot {
    svg_axis x, y;
} svg_plot;

svg_series *bench_svg_add(svg_chart *chart, svg_kind kind, size_t max) {
    svg_series *more = realloc(chart->series, (chart->count + 1) * sizeof *more);
    if (more == NULL) return NULL;
    chart->series = more;
    svg_series *series = &more[chart->count];
    *series = (svg_series){.kind = kind, .points = calloc(max + 1, sizeof *series->points)};
    if (series->points == NULL) return NULL;
    ++chart->count;
    return series;
}

void bench_svg_drop(svg_chart *chart) {
    free(chart->series[--chart->count].points);
}

void bench_svg_clear(svg_chart *chart) {
    while (chart->count > 0)
        bench_svg_drop(chart);
    free(chart->series);
    chart->series = NULL;
}

static double svg_at(const svg_axis *axis, double value) {
    const double place = axis->is_log ? log2(value) : value;
    return axis->zero + axis->length * (place - axis->from) / (axis->to - axis->from);
}

static void svg_include(svg_axis *axis, double value) {
    const double place = axis->is_log ? log2(value) : value;
    if (place < axis->from) axis->from = place;
    if (place > axis->to) axis->to = place;
}

/* The step of a linear axis: 1, 2 or 5 times a power of ten, some five of them. */
static double svg_step(double length) {
    const double rough = length / 5.0, power = pow(10.0, floor(log10(rough)));
    const double first = rough / power;
    return power * (first > 5.0 ? 10.0 : first > 2.0 ? 5.0 : first > 1.0 ? 2.0 : 1.0);
}

static svg_plot svg_make_plot(const svg_chart *chart) {
    svg_plot plot = {.x = {HUGE_VAL, -HUGE_VAL, true, LEFT, SVG_WIDTH - LEFT - RIGHT},
                     .y = {HUGE_VAL, -HUGE_VAL, chart->log_y, TOP + PLOT, -PLOT}};
    for (size_t i = 0; i < chart->count; ++i) {
        const svg_series *series = &chart->series[i];
        for (size_t k = 0; k < series->count; ++k) {
            svg_include(&plot.x, series->points[k].x);
            svg_include(&plot.y, series->points[k].y);
            if (series->kind != SVG_BAND) continue;
            svg_include(&plot.y, series->points[k].low);
            svg_include(&plot.y, series->points[k].high);
        }
    }
    if (plot.y.is_log) {
        plot.y.from = floor(plot.y.from - 0.1);
        plot.y.to = ceil(plot.y.to + 0.1);
    } else {
        plot.y.from = 0.0;
        plot.y.to *= 1.06;
    }
    plot.x.from = floor(plot.x.from - 0.3);
    plot.x.to = ceil(plot.x.to + 0.3);
    return plot;
}

static void svg_label(FILE *out, double x, double y, const char *anchor, const char *text) {
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
    bench_markup_text(out, text);
    fputs("</text>\n", out);
}

static void svg_grid_line(FILE *out, double x0, double y0, double x1, double y1) {
    fprintf(out, "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"#ddd\"/>\n", x0, y0, x1, y1);
}

/* A power of two: as a fraction, a number, or a power. */
static void svg_power_text(double power, char text[16]) {
    if (power < 0.0)
        snprintf(text, 16, "1/%.0f", exp2(-power));
    else if (power < 10.0)
        snprintf(text, 16, "%.0f", exp2(power));
    else
        snprintf(text, 16, "2^%.0f", power);
}

static void svg_draw_x(FILE *out, const svg_chart *chart, const svg_axis *axis) {
    const double step = ceil((axis->to - axis->from) / 9.0);
    for (double power = ceil(axis->from / step) * step; power <= axis->to; power += step) {
        const double x = svg_at(axis, exp2(power));
        char text[16];
        svg_power_text(power, text);
        svg_grid_line(out, x, TOP, x, TOP + PLOT);
        svg_label(out, x, TOP + PLOT + 16, "middle", text);
    }
    svg_label(out, LEFT + axis->length / 2, TOP + PLOT + 35, "middle", chart->x_title);
}

static void svg_draw_y(FILE *out, const svg_chart *chart, const svg_axis *axis) {
    const double step =
        axis->is_log ? ceil((axis->to - axis->from) / 8.0) : svg_step(axis->to - axis->from);
    for (double place = ceil(axis->from / step) * step; place <= axis->to; place += step) {
        const double value = axis->is_log ? exp2(place) : place, y = svg_at(axis, value);
        char text[16];
        snprintf(text, sizeof text, value < 1000.0 ? "%.3g" : "%.0f", value);
        svg_grid_line(out, LEFT, y, SVG_WIDTH - RIGHT, y);
        svg_label(out, LEFT - 6, y + 4, "end", text);
    }
    fprintf(out, "<g transform=\"rotate(-90 15 %d)\">", TOP + PLOT / 2);
    svg_label(out, 15, TOP + PLOT / 2, "middle", chart->y_title);
    fputs("</g>\n", out);
}

static void svg_mark(FILE *out, double x, double y, size_t style) {
    const char *colour = SVG_PICK(svg_colours, style);
    fprintf(out,
            "<path d=\"%s\" transform=\"translate(%.1f %.1f)\" fill=\"%s\" fill-opacity=\"0.65\" "
            "stroke=\"%s\">",
            SVG_PICK(svg_shapes, style), x, y, colour, colour);
}

static void svg_stroke(FILE *out, const svg_series *series, size_t style) {
    if (series->kind == SVG_ROOF)
        fputs(" fill=\"none\" stroke=\"#000\" stroke-width=\"2.5\"/>\n", out);
    else
        fprintf(out,
                " fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\" stroke-dasharray=\"%s\"/>\n",
                SVG_PICK(svg_colours, style), SVG_PICK(svg_dashes, style));
}

static void svg_draw_line(FILE *out, const svg_plot *plot, const svg_series *series, size_t style) {
    fputs("<path d=\"", out);
    for (size_t i = 0; i < series->count; ++i)
        fprintf(out, "%c%.1f %.1f", i == 0 ? 'M' : 'L', svg_at(&plot->x, series->points[i].x),
                svg_at(&plot->y, series->points[i].y));
    fputc('"', out);
    svg_stroke(out, series, style);
}

static void svg_draw_band(FILE *out, const svg_plot *plot, const svg_series *series, size_t style) {
    fputs("<path d=\"", out);
    for (size_t i = 0; i < series->count; ++i)
        fprintf(out, "%c%.1f %.1f", i == 0 ? 'M' : 'L', svg_at(&plot->x, series->points[i].x),
                svg_at(&plot->y, series->points[i].high));
    for (size_t i = series->count; i-- > 0;)
        fprintf(out, "L%.1f %.1f", svg_at(&plot->x, series->points[i].x),
                svg_at(&plot->y, series->points[i].low));
    fprintf(out, "z\" fill=\"%s\" fill-opacity=\"0.16\"/>\n", SVG_PICK(svg_colours, style));
}

static void svg_draw_series(FILE *out, const svg_plot *plot, const svg_series *series,
                            size_t style) {
    if (series->kind == SVG_BAND) svg_draw_band(out, plot, series, style);
    if (series->kind != SVG_POINTS) svg_draw_line(out, plot, series, style);
    for (size_t i = 0; series->kind != SVG_ROOF && i < series->count; ++i) {
        svg_mark(out, svg_at(&plot->x, series->points[i].x), svg_at(&plot->y, series->points[i].y),
                 style);
        if (*series->points[i].name) bench_markup_element(out, "title", series->points[i].name);
        fputs("</path>\n", out);
    }
}

/* Series in a line of the legend: two, if their names are short. */
static size_t svg_legend_columns(const svg_chart *chart) {
    for (size_t i = 0; i < chart->count; ++i)
        if (strlen(chart->series[i].name) > 30) return 1;
    return 2;
}

/* Below the axis. */
static void svg_draw_legend(FILE *out, const svg_chart *chart) {
    const size_t columns = svg_legend_columns(chart);
    size_t style = 0;
    for (size_t i = 0; i < chart->count; ++i) {
        const svg_series *series = &chart->series[i];
        const int x = 14 + (int)(i % columns) * (SVG_WIDTH / 2);
        const int y = TOP + PLOT + BOTTOM + 10 + (int)(i / columns) * LEGEND_LINE;
        if (series->kind != SVG_POINTS) {
            fprintf(out, "<path d=\"M%d %dh26\"", x, y - 4);
            svg_stroke(out, series, style);
        }
        if (series->kind != SVG_ROOF) {
            svg_mark(out, x + 13, y - 4, style++);
            fputs("</path>\n", out);
        }
        svg_label(out, x + 33, y, "start", series->name);
    }
}

int bench_svg_height(const svg_chart *chart) {
    const size_t columns = svg_legend_columns(chart);
    return TOP + PLOT + BOTTOM + (int)((chart->count + columns - 1) / columns) * LEGEND_LINE + 4;
}

void bench_svg_draw(FILE *out, const svg_chart *chart, int top) {
    const int height = bench_svg_height(chart);
    const svg_plot plot = svg_make_plot(chart);
    size_t style = 0;
    fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"", out);
    if (top >= 0) fprintf(out, " y=\"%d\" width=\"%d\" height=\"%d\"", top, SVG_WIDTH, height);
    fprintf(out,
            " viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#222\">\n",
            SVG_WIDTH, height);
    bench_markup_element(out, "title", chart->title);
    fprintf(out, "\n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", SVG_WIDTH, height);
    fprintf(out, "<g font-weight=\"bold\">");
    svg_label(out, SVG_WIDTH / 2, 20, "middle", chart->title);
    fputs("</g>\n", out);
    svg_draw_x(out, chart, &plot.x);
    svg_draw_y(out, chart, &plot.y);
    for (size_t i = 0; i < chart->count; ++i) {
        svg_draw_series(out, &plot, &chart->series[i], style);
        style += chart->series[i].kind != SVG_ROOF;
    }
    svg_draw_legend(out, chart);
    fputs("</svg>\n", out);
}
