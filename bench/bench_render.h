/* bench_render.h: the report and the picture of results as files. */
#ifndef BENCH_RENDER_H
#define BENCH_RENDER_H

#include "bench_results.h"
#include "bench_run.h"

/* Where they go; "-" is standard output, NULL is nowhere. */
typedef struct bench_render_paths {
    const char *html, *roofline;
} bench_render_paths;

/* Of a finished run. */
bool bench_render_run(const bench_run *run, const bench_render_paths *paths, bench_error *error);

/* Of several results together. */
bool bench_render(const bench_results *results, size_t count, const bench_render_paths *paths,
                  bench_error *error);

#endif
