/* bench_html_table.c: the tables of the HTML report. */
#include "bench_html_table.h"

#include <math.h>
#include <string.h>

#include "bench_markup.h"

enum { MAX_COLUMNS = 8 };

/* Columns that only some tables have. */
typedef struct table_columns {
    const char *ratios[MAX_COLUMNS]; /* keys that end in _ratio */
    size_t num_ratios;
    const char *libraries[MAX_COLUMNS]; /* other libraries with rows like these */
    size_t num_libraries;
    bool flops, samples, copy;
} table_columns;

static void table_add(const char **list, size_t *count, const char *text) {
    for (size_t i = 0; i < *count; ++i)
        if (strcmp(list[i], text) == 0) return;
    if (*count < MAX_COLUMNS) list[(*count)++] = text;
}

static bool table_ends_with(const char *key, const char *ending) {
    const size_t length = strlen(key), tail = strlen(ending);
    return length > tail && strcmp(key + length - tail, ending) == 0;
}

/* One by the wall clock has another beside it by the device's. */
static bool table_is_ratio(const char *key) {
    return table_ends_with(key, "_ratio") && !table_ends_with(key, "_wall_ratio");
}

/* "chain" of chain_ratio; of peer_ratio and peer_gemm_ratio the peer's name and "gemm". */
static void table_ratio_name(const bench_line *line, const char *key, char *text, size_t size) {
    const char *peer = json_string_value(json_object_get(line->json, "peer"));
    const int length = (int)(strlen(key) - strlen("_ratio"));
    if (peer && strncmp(key, "peer", 4) == 0 && (length == 4 || key[4] == '_'))
        snprintf(text, size, "× %.60s%s%.*s", peer, length > 4 ? " " : "",
                 length > 4 ? length - 5 : 0, key + 5);
    else
        snprintf(text, size, "× %.*s", length, key);
}

/* The row of another library for the same work, or NULL. */
static const bench_line *table_find(const bench_page *page, const bench_line *line,
                                    const char *library) {
    for (size_t i = 0; i < page->count; ++i) {
        const bench_results *results = &page->results[i];
        for (size_t k = 0; k < results->count; ++k)
            if (strcmp(results->lines[k].library, library) == 0 &&
                strcmp(results->lines[k].label, line->label) == 0 &&
                bench_line_same_group(&results->lines[k], line))
                return &results->lines[k];
    }
    return NULL;
}

static void table_look_for_libraries(const bench_page *page, const bench_line *line,
                                     table_columns *columns) {
    for (size_t i = 0; i < page->count; ++i) {
        const bench_results *results = &page->results[i];
        for (size_t k = 0; k < results->count; ++k)
            if (*results->lines[k].library && !*line->library &&
                table_find(page, line, results->lines[k].library))
                table_add(columns->libraries, &columns->num_libraries, results->lines[k].library);
    }
}

static void table_look(const bench_page *page, const bench_line *line, table_columns *columns) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)line->json, key, value) {
        if (table_is_ratio(key) && json_is_number(value))
            table_add(columns->ratios, &columns->num_ratios, key);
    }
    table_look_for_libraries(page, line, columns);
    columns->flops |= bench_line_number(line, "flops") > 0.0;
    columns->samples |= bench_line_number(line, "samples_per_second") > 0.0;
    columns->copy |= line->share > 0.0;
}

static void table_number(FILE *out, int digits, double value) {
    if (isfinite(value) && value > 0.0)
        fprintf(out, "<td>%.*f</td>", digits, value);
    else
        fputs("<td></td>", out);
}

static void table_heading(FILE *out, const table_columns *columns, const bench_line *line) {
    fputs("<h3>", out);
    bench_markup_text(out, line->op);
    fputs(" of ", out);
    bench_markup_text(out, line->size);
    if (*line->dtype) fputs(", ", out);
    bench_markup_text(out, line->dtype);
    fputs("</h3>\n<div class=\"table\"><table>\n", out);
    if (bench_line_number(line, "median_ns") <= 0.0)
        fputs("<caption>times by the wall clock</caption>\n", out);
    fputs("<thead><tr><th scope=\"col\">name</th><th scope=\"col\" class=\"t\">tier</th>"
          "<th scope=\"col\">MB</th><th scope=\"col\">least, &micro;s</th>"
          "<th scope=\"col\">median, &micro;s</th><th scope=\"col\">GB/s</th>",
          out);
    if (columns->flops) fputs("<th scope=\"col\">GFLOP/s</th>", out);
    if (columns->samples) fputs("<th scope=\"col\">samples/s</th>", out);
    if (columns->copy) fputs("<th scope=\"col\">copy, GB/s</th><th scope=\"col\">share</th>", out);
    for (size_t i = 0; i < columns->num_ratios; ++i) {
        char title[BENCH_LABEL];
        table_ratio_name(line, columns->ratios[i], title, sizeof title);
        bench_markup_element(out, "th scope=\"col\"", title);
    }
    for (size_t i = 0; i < columns->num_libraries; ++i) {
        char title[BENCH_LABEL];
        snprintf(title, sizeof title, "%.100s, µs", columns->libraries[i]);
        bench_markup_element(out, "th scope=\"col\"", title);
        snprintf(title, sizeof title, "× %.100s", columns->libraries[i]);
        bench_markup_element(out, "th scope=\"col\"", title);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
}

static void table_share(FILE *out, double share) {
    if (!(share > 0.0)) {
        fputs("<td></td>", out);
        return;
    }
    fprintf(out, "<td><meter min=\"0\" max=\"1\" value=\"%.3f\">%.2f</meter> %.2f</td>",
            share < 1.0 ? share : 1.0, share, share);
}

static void table_row(FILE *out, const bench_page *page, const table_columns *columns,
                      const bench_line *line) {
    fputs("<tr>", out);
    bench_markup_element(out, "th scope=\"row\"", line->label);
    bench_markup_element(out, "td class=\"t\"", *line->library ? line->library : line->tier);
    table_number(out, 2, line->bytes * 1e-6);
    table_number(out, 1, line->min_ns * 1e-3);
    table_number(out, 1, line->median_ns * 1e-3);
    table_number(out, 2, bench_line_rate(line) * 1e-9);
    if (columns->flops) table_number(out, 1, bench_line_number(line, "flops") / line->median_ns);
    if (columns->samples) table_number(out, 0, bench_line_number(line, "samples_per_second"));
    if (columns->copy) {
        table_number(out, 2, bench_line_copy_rate(line) * 1e-9);
        table_share(out, line->share);
    }
    for (size_t i = 0; i < columns->num_ratios; ++i)
        table_number(out, 2, bench_line_number(line, columns->ratios[i]));
    for (size_t i = 0; i < columns->num_libraries; ++i) {
        const bench_line *other = table_find(page, line, columns->libraries[i]);
        table_number(out, 1, other ? other->median_ns * 1e-3 : 0.0);
        table_number(out, 2, other ? other->median_ns / line->median_ns : 0.0);
    }
    fputs("</tr>\n", out);
}

static bool table_is_first(const bench_results *results, size_t at) {
    for (size_t i = 0; i < at; ++i)
        if (bench_line_same_group(&results->lines[i], &results->lines[at])) return false;
    return true;
}

static void table_write(FILE *out, const bench_page *page, const bench_results *results,
                        const bench_line *first) {
    table_columns columns = {0};
    for (size_t i = 0; i < results->count; ++i)
        if (bench_line_same_group(first, &results->lines[i]))
            table_look(page, &results->lines[i], &columns);
    table_heading(out, &columns, first);
    for (size_t i = 0; i < results->count; ++i)
        if (bench_line_same_group(first, &results->lines[i]))
            table_row(out, page, &columns, &results->lines[i]);
    fputs("</tbody></table></div>\n", out);
}

void bench_html_tables(FILE *out, const bench_page *page, size_t at) {
    const bench_results *results = &page->results[at];
    for (size_t i = 0; i < results->count; ++i)
        if (table_is_first(results, i)) table_write(out, page, results, &results->lines[i]);
}

static bool summary_same(const bench_line *left, const bench_line *right) {
    return bench_line_same_group(left, right) && strcmp(left->tier, right->tier) == 0 &&
           strcmp(left->library, right->library) == 0;
}

static void summary_row(FILE *out, const bench_results *results, size_t first) {
    const bench_line *line = &results->lines[first], *least = line;
    double logs = 0.0;
    size_t count = 0;
    for (size_t i = first; i < results->count; ++i) {
        const bench_line *other = &results->lines[i];
        if (!summary_same(line, other) || !(other->share > 0.0)) continue;
        if (other->share < least->share) least = other;
        logs += log(other->share);
        ++count;
    }
    fputs("<tr>", out);
    bench_markup_element(out, "th scope=\"row\"", line->op);
    bench_markup_element(out, "td class=\"t\"", line->dtype);
    bench_markup_element(out, "td class=\"t\"", *line->library ? line->library : line->tier);
    bench_markup_element(out, "td", line->size);
    fprintf(out, "<td>%zu</td>", count);
    table_share(out, exp(logs / (double)count));
    table_number(out, 2, least->share);
    bench_markup_element(out, "td class=\"t\"", least->label);
    fputs("</tr>\n", out);
}

void bench_html_summary(FILE *out, const bench_page *page) {
    fputs(
        "<h2>Summary: share of the copy</h2>\n<div class=\"table\"><table>\n<thead><tr>"
        "<th scope=\"col\">operation</th><th scope=\"col\" class=\"t\">type</th>"
        "<th scope=\"col\" class=\"t\">tier</th><th scope=\"col\">size</th>"
        "<th scope=\"col\">rows</th><th scope=\"col\">geometric mean</th>"
        "<th scope=\"col\">least</th><th scope=\"col\" class=\"t\">of</th></tr></thead>\n<tbody>\n",
        out);
    for (size_t r = 0; r < page->count; ++r) {
        const bench_results *results = &page->results[r];
        for (size_t i = 0; i < results->count; ++i) {
            bool first = results->lines[i].share > 0.0;
            for (size_t k = 0; first && k < i; ++k)
                first = !(results->lines[k].share > 0.0 &&
                          summary_same(&results->lines[k], &results->lines[i]));
            if (first) summary_row(out, results, i);
        }
    }
    fputs("</tbody></table></div>\n", out);
}
