/* bench_svg.h: draws a chart as SVG: lines, bands and points over two axes. */
#ifndef BENCH_SVG_H
#define BENCH_SVG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { SVG_WIDTH = 500, SVG_NAME = 96 };

typedef struct svg_point {
    double x, y;         /* positive */
    double low, high;    /* of a band */
    char name[SVG_NAME]; /* shown where a pointer rests on it; "" for nothing */
} svg_point;

/* How a series is drawn: its points joined or not, or as the limit that the others are held
 * against. */
typedef enum svg_kind { SVG_LINE, SVG_BAND, SVG_POINTS, SVG_ROOF } svg_kind;

typedef struct svg_series {
    svg_kind kind;
    char name[SVG_NAME]; /* in the legend */
    svg_point *points;
    size_t count;
} svg_series;

typedef struct svg_chart {
    char title[SVG_NAME];
    const char *x_title, *y_title;
    bool log_y; /* else y begins at 0; x is always in powers of two */
    svg_series *series;
    size_t count;
} svg_chart;

/* Adds a series of at most max points, all to be filled by the caller; NULL when out of memory. */
svg_series *bench_svg_add(svg_chart *chart, svg_kind kind, size_t max);

/* Takes the last series away again. */
void bench_svg_drop(svg_chart *chart);

void bench_svg_clear(svg_chart *chart);

/* The height it is drawn with, which grows with its legend. */
int bench_svg_height(const svg_chart *chart);

/* Writes one <svg>, SVG_WIDTH x height, at `top` of what is around it, or on its own where top is
 * negative. Series differ by colour, by dashes and by the shape of their points. */
void bench_svg_draw(FILE *out, const svg_chart *chart, int top);

#endif
