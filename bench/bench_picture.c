/* bench_picture.c: the charts of results: rates over sizes, and the roofline. */
#include "bench_picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench_stats.h"

enum { MAX_LINES = 6, MIN_SIZES = 3 };

/* Rows, and as many numbers to work with. */
typedef struct picture_lines {
    const bench_line **lines;
    double *values;
    size_t count;
} picture_lines;

/* What a row has done. */
typedef double picture_work(const bench_line *line);

typedef bool picture_same(const bench_line *left, const bench_line *right);

static bool picture_lines_open(size_t most, picture_lines *set) {
    *set = (picture_lines){.lines = calloc(most + 1, sizeof *set->lines),
                           .values = calloc(most + 1, sizeof *set->values)};
    return set->lines != NULL && set->values != NULL;
}

static void picture_lines_close(picture_lines *set) {
    free(set->lines);
    free(set->values);
}

/* Those of `from` that are like one of them. */
static void picture_choose(const picture_lines *from, const bench_line *like, picture_same *same,
                           picture_lines *to) {
    to->count = 0;
    for (size_t i = 0; i < from->count; ++i)
        if (same(like, from->lines[i])) to->lines[to->count++] = from->lines[i];
}

/* Whether none before lines[at] is like it. */
static bool picture_is_first(const picture_lines *set, size_t at, picture_same *same) {
    for (size_t i = 0; i < at; ++i)
        if (same(set->lines[i], set->lines[at])) return false;
    return true;
}

static size_t picture_count_kinds(const picture_lines *set, picture_same *same) {
    size_t count = 0;
    for (size_t i = 0; i < set->count; ++i)
        count += picture_is_first(set, i, same);
    return count;
}

static bool same_chart(const bench_line *left, const bench_line *right) {
    return strcmp(left->op, right->op) == 0 && strcmp(left->dtype, right->dtype) == 0;
}

static bool same_size(const bench_line *left, const bench_line *right) {
    return left->elements == right->elements;
}

/* One band, or the points of one colour in a roofline. */
static bool same_sort(const bench_line *left, const bench_line *right) {
    return same_chart(left, right) && strcmp(left->tier, right->tier) == 0 &&
           strcmp(left->library, right->library) == 0;
}

static bool same_kernel(const bench_line *left, const bench_line *right) {
    return same_sort(left, right) && strcmp(left->label, right->label) == 0;
}

static bool same_sort_and_size(const bench_line *left, const bench_line *right) {
    return same_sort(left, right) && same_size(left, right);
}

static bool same_kernel_and_size(const bench_line *left, const bench_line *right) {
    return same_kernel(left, right) && same_size(left, right);
}

static bool same_chart_and_size(const bench_line *left, const bench_line *right) {
    return same_chart(left, right) && same_size(left, right);
}

static int picture_compare_x(const void *left, const void *right) {
    const double a = ((const svg_point *)left)->x, b = ((const svg_point *)right)->x;
    return (a > b) - (a < b);
}

/* A point for each size of the lines that are like one of them: the median of a rate, and its
 * extremes. */
static bool picture_add_sizes(svg_chart *chart, svg_kind kind, const picture_lines *set,
                              const bench_line *like, picture_same *same, picture_same *same_point,
                              double (*rate)(const bench_line *)) {
    svg_series *series = bench_svg_add(chart, kind, set->count);
    if (series == NULL) return false;
    for (size_t i = 0; i < set->count; ++i) {
        const bench_line *line = set->lines[i];
        if (!same(like, line) || !picture_is_first(set, i, same_point)) continue;
        size_t count = 0;
        for (size_t k = i; k < set->count; ++k)
            if (same_point(line, set->lines[k]) && rate(set->lines[k]) > 0.0)
                set->values[count++] = rate(set->lines[k]) * 1e-9;
        if (count == 0) continue;
        svg_point *point = &series->points[series->count++];
        *point = (svg_point){.x = line->elements, .y = bench_median(set->values, count)};
        point->low = set->values[0];
        point->high = set->values[count - 1];
    }
    qsort(series->points, series->count, sizeof *series->points, picture_compare_x);
    return true;
}

/* Of clact's rows: other libraries bring copies of their own. */
static double picture_copy_rate(const bench_line *line) {
    return *line->library ? 0.0 : bench_line_copy_rate(line);
}

static svg_series *picture_last(const svg_chart *chart) {
    return &chart->series[chart->count - 1];
}

/* "fast", or the library's name. */
static const char *picture_sort_name(const bench_line *line) {
    return *line->library ? line->library : line->tier;
}

/* The chart of one operation and type over its sizes. */
static bool picture_draw_sizes(svg_chart *chart, const picture_lines *set) {
    const bool many = picture_count_kinds(set, same_kernel) > MAX_LINES;
    picture_same *const same = many ? same_sort : same_kernel;
    picture_same *const same_point = many ? same_sort_and_size : same_kernel_and_size;
    if (!picture_add_sizes(chart, SVG_ROOF, set, set->lines[0], same_chart, same_chart_and_size,
                           picture_copy_rate))
        return false;
    snprintf(picture_last(chart)->name, SVG_NAME, "copy of the same bytes");
    if (picture_last(chart)->count == 0) bench_svg_drop(chart);
    for (size_t i = 0; i < set->count; ++i) {
        if (!picture_is_first(set, i, same)) continue;
        if (!picture_add_sizes(chart, many ? SVG_BAND : SVG_LINE, set, set->lines[i], same,
                               same_point, bench_line_rate))
            return false;
        const char *sort = picture_sort_name(set->lines[i]);
        snprintf(picture_last(chart)->name, SVG_NAME, "%.60s%s%.30s",
                 many ? "median and range" : set->lines[i]->label, *sort ? ", " : "", sort);
    }
    return true;
}

/* Takes the next chart; its title is to be written. NULL where there are enough. */
static svg_chart *picture_next(bench_picture *picture, const char *x_title, const char *y_title) {
    if (picture->count == BENCH_MAX_CHARTS) return NULL;
    svg_chart *chart = &picture->charts[picture->count];
    *chart = (svg_chart){.x_title = x_title, .y_title = y_title};
    ++picture->count;
    return chart;
}

/* Sizes that a kernel was measured at. */
static size_t picture_sizes_of(const picture_lines *set, const bench_line *kernel) {
    size_t count = 0;
    for (size_t i = 0; i < set->count; ++i)
        count +=
            same_kernel(kernel, set->lines[i]) && picture_is_first(set, i, same_kernel_and_size);
    return count;
}

/* Leaves only kernels that were measured at enough sizes, and at as many as any other of their
 * library: medians over others at each size would say nothing. What is dropped is never a greatest,
 * so that it may go while others are looked at. */
static void picture_keep_swept(picture_lines *set) {
    size_t kept = 0;
    for (size_t i = 0; i < set->count; ++i)
        set->values[i] = (double)picture_sizes_of(set, set->lines[i]);
    for (size_t i = 0; i < set->count; ++i) {
        double most = 0.0;
        for (size_t k = 0; k < set->count; ++k)
            if (set->values[k] > most &&
                strcmp(set->lines[i]->library, set->lines[k]->library) == 0)
                most = set->values[k];
        if (set->values[i] < most || most < MIN_SIZES) continue;
        set->values[kept] = set->values[i];
        set->lines[kept++] = set->lines[i];
    }
    set->count = kept;
}

static bool picture_add_size_charts(bench_picture *picture, const picture_lines *all,
                                    picture_lines *set) {
    for (size_t i = 0; i < all->count; ++i) {
        if (!picture_is_first(all, i, same_chart)) continue;
        picture_choose(all, all->lines[i], same_chart, set);
        picture_keep_swept(set);
        if (set->count == 0) continue;
        svg_chart *chart = picture_next(picture, "elements", "GB/s");
        if (chart == NULL) return true;
        snprintf(chart->title, SVG_NAME, "%.40s, %.20s: GB/s by size", all->lines[i]->op,
                 all->lines[i]->dtype);
        if (!picture_draw_sizes(chart, set)) return false;
    }
    return true;
}

static double picture_flops(const bench_line *line) {
    return bench_line_number(line, "flops");
}

static double picture_elements(const bench_line *line) {
    return picture_flops(line) > 0.0 ? 0.0 : line->elements;
}

/* The passes, each operation, type and tier at its largest size; or the products of all sizes. */
static void picture_choose_work(const picture_lines *all, picture_work *work, picture_lines *to) {
    to->count = 0;
    for (size_t i = 0; i < all->count; ++i) {
        const bench_line *line = all->lines[i];
        bool chosen = work(line) > 0.0;
        for (size_t k = 0; chosen && work == picture_elements && k < all->count; ++k)
            chosen = !same_sort(line, all->lines[k]) || all->lines[k]->elements <= line->elements;
        if (chosen) to->lines[to->count++] = line;
    }
}

/* GB/s of the copy beside the largest passes; 0 where there are none. */
static double picture_roof_rate(const picture_lines *all, picture_lines *set) {
    size_t count = 0;
    picture_choose_work(all, picture_elements, set);
    for (size_t i = 0; i < set->count; ++i)
        if (picture_copy_rate(set->lines[i]) > 0.0)
            set->values[count++] = picture_copy_rate(set->lines[i]) * 1e-9;
    return count > 0 ? bench_median(set->values, count) : 0.0;
}

/* The line below which what the copy can carry keeps every point. */
static bool picture_add_roof(svg_chart *chart, const picture_lines *set, picture_work *work,
                             double rate) {
    double least = HUGE_VAL, most = 0.0;
    for (size_t i = 0; i < set->count; ++i) {
        const double x = work(set->lines[i]) / set->lines[i]->bytes;
        least = fmin(least, x / 1.3);
        most = fmax(most, x * 1.3);
    }
    svg_series *roof = bench_svg_add(chart, SVG_ROOF, 2);
    if (roof == NULL) return false;
    roof->points[0] = (svg_point){.x = least, .y = rate * least};
    roof->points[1] = (svg_point){.x = most, .y = rate * most};
    roof->count = 2;
    snprintf(roof->name, SVG_NAME, "copy: %.4g GB/s", rate);
    return true;
}

/* The points of one sort, such as forward f32 fast. */
static bool picture_add_points(svg_chart *chart, const picture_lines *set, const bench_line *like,
                               picture_work *work) {
    svg_series *series = bench_svg_add(chart, SVG_POINTS, set->count);
    if (series == NULL) return false;
    snprintf(series->name, SVG_NAME, "%.31s %.20s %.40s", like->op, like->dtype,
             picture_sort_name(like));
    for (size_t i = 0; i < set->count; ++i) {
        const bench_line *line = set->lines[i];
        if (!same_sort(like, line)) continue;
        svg_point *point = &series->points[series->count++];
        *point = (svg_point){.x = work(line) / line->bytes, .y = work(line) / line->median_ns};
        snprintf(point->name, SVG_NAME, "%.50s, %.24s: %.4g", line->label, line->size, point->y);
    }
    return true;
}

static bool picture_add_roofline(bench_picture *picture, const picture_lines *all,
                                 picture_lines *set, picture_work *work) {
    const bool products = work == picture_flops;
    const double rate = picture_roof_rate(all, set);
    picture_choose_work(all, work, set);
    svg_chart *chart =
        set->count == 0 ? NULL
        : products
            ? picture_next(picture, "operations for each byte moved", "GFLOP/s")
            : picture_next(picture, "elements for each byte moved", "elements a second, 10^9");
    if (chart == NULL) return true;
    chart->log_y = true;
    snprintf(chart->title, SVG_NAME, "Roofline of the %s", products ? "products" : "passes");
    if (rate > 0.0 && !picture_add_roof(chart, set, work, rate)) return false;
    for (size_t i = 0; i < set->count; ++i)
        if (picture_is_first(set, i, same_sort) &&
            !picture_add_points(chart, set, set->lines[i], work))
            return false;
    return true;
}

bool bench_picture_open(const bench_results *results, size_t count, bench_picture *picture,
                        bench_error *error) {
    size_t most = 0;
    picture_lines all = {0}, set = {0};
    *picture = (bench_picture){0};
    for (size_t i = 0; i < count; ++i)
        most += results[i].count;
    bool ok = picture_lines_open(most, &all) && picture_lines_open(most, &set);
    for (size_t i = 0; ok && i < count; ++i)
        for (size_t k = 0; k < results[i].count; ++k)
            if (results[i].lines[k].bytes > 0.0) all.lines[all.count++] = &results[i].lines[k];
    ok = ok && picture_add_roofline(picture, &all, &set, picture_elements) &&
         picture_add_roofline(picture, &all, &set, picture_flops) &&
         picture_add_size_charts(picture, &all, &set);
    picture_lines_close(&all);
    picture_lines_close(&set);
    return ok || bench_fail(error, "out of memory for the picture");
}

void bench_picture_close(bench_picture *picture) {
    for (size_t i = 0; i < picture->count; ++i)
        bench_svg_clear(&picture->charts[i]);
    picture->count = 0;
}

bool bench_picture_write(FILE *out, const void *user) {
    const bench_picture *picture = user;
    int height = 0, top = 0;
    for (size_t i = 0; i < picture->count; ++i)
        height += bench_svg_height(&picture->charts[i]);
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
            "width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n",
            SVG_WIDTH, height, SVG_WIDTH, height);
    for (size_t i = 0; i < picture->count; ++i) {
        bench_svg_draw(out, &picture->charts[i], top);
        top += bench_svg_height(&picture->charts[i]);
    }
    fputs("</svg>\n", out);
    return true;
}
