/* bench_render.c: the report and the picture of results as files. */
#include "bench_render.h"

#include "bench_file.h"
#include "bench_formats.h"
#include "bench_html.h"
#include "bench_picture.h"

bool bench_render(const bench_results *results, size_t count, const bench_render_paths *paths,
                  bench_error *error) {
    bench_picture picture = {0};
    const bench_page page = {results, count, &picture};
    const bool ok =
        bench_picture_open(results, count, &picture, error) &&
        (!paths->roofline || picture.count > 0 ||
         bench_fail(error, "there is nothing to draw: no row says how many bytes it moves")) &&
        (!paths->html || bench_file_write(paths->html, bench_html_write, &page, error)) &&
        (!paths->roofline ||
         bench_file_write(paths->roofline, bench_picture_write, &picture, error));
    bench_picture_close(&picture);
    return ok;
}

bool bench_render_run(const bench_run *run, const bench_render_paths *paths, bench_error *error) {
    bench_results results = {0};
    if (!paths->html && !paths->roofline) return true;
    const bool ok = bench_results_take(bench_json_make(run), "this run", &results, error) &&
                    bench_render(&results, 1, paths, error);
    bench_results_close(&results);
    return ok;
}
