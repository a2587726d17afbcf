/* bench_picture.h: the charts of results: rates over sizes, and the roofline. */
#ifndef BENCH_PICTURE_H
#define BENCH_PICTURE_H

#include "bench_results.h"
#include "bench_svg.h"

enum { BENCH_MAX_CHARTS = 16 };

/* Charts of all given results together:
 * - for each operation and element type that was measured at three sizes or more, bytes a second
 *   over the elements, with the copy as roof: a line for each of few kernels, or for many the
 *   median and what lies between the least and the greatest; kernels measured at fewer sizes than
 *   others are left out;
 * - a roofline: elements a second over the elements worked on for each byte moved, each operation
 *   at its largest size, under the line that the measured copy draws;
 * - the rows that count floating-point operations have one of their own, over these.
 * Those of other libraries stand among them. */
typedef struct bench_picture {
    svg_chart charts[BENCH_MAX_CHARTS];
    size_t count; /* 0 where there is nothing to draw */
} bench_picture;

/* Close *picture after any outcome. */
bool bench_picture_open(const bench_results *results, size_t count, bench_picture *picture,
                        bench_error *error);

void bench_picture_close(bench_picture *picture);

/* All charts in one SVG file, one under the other. The user is a const bench_picture. */
bool bench_picture_write(FILE *out, const void *picture);

#endif
