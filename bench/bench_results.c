/* bench_results.c: results as they stand in JSON: of the run that has just ended, or of a file. */
#include "bench_results.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *line_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

double bench_line_number(const bench_line *line, const char *key) {
    return json_number_value(json_object_get(line->json, key));
}

/* Adds a part of the name to a text, behind a space. */
static void line_append(char *text, size_t size, const char *part, size_t length) {
    const size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%.*s", used > 0 ? " " : "", (int)length, part);
}

static bool line_is_part(const char *part, size_t length, const char *word) {
    return strlen(word) == length && strncmp(part, word, length) == 0;
}

/* The name's parts stand between slashes, in the order of bench_case_name and bench_pass_name. */
static void line_split(bench_line *line) {
    static const char library[] = "library:";
    const char *part = line->name;
    for (int i = 0; *part; ++i) {
        const size_t length = strcspn(part, "/");
        if (i == 0)
            line_append(line->op, sizeof line->op, part, length);
        else if (*part >= '0' && *part <= '9')
            line_append(line->size, sizeof line->size, part, length);
        else if (!line_is_part(part, length, "real_time") &&
                 !line_is_part(part, length, line->dtype) &&
                 !line_is_part(part, length, line->tier) &&
                 strncmp(part, library, sizeof library - 1) != 0)
            line_append(line->label, sizeof line->label, part, length);
        part += length;
        part += *part == '/';
    }
}

static bool line_fill(const json_t *object, const char *source, size_t at, bench_line *line,
                      bench_error *error) {
    *line = (bench_line){.json = object, .name = line_text(object, "name")};
    const double real_time = bench_line_number(line, "real_time");
    const char *unit = line_text(object, "time_unit");
    if (*line->name == '\0')
        return bench_fail(error, "%s: row %zu of its \"benchmarks\" has no name", source, at + 1);
    if (!(real_time > 0.0) || strcmp(unit, "ns") != 0)
        return bench_fail(error, "%s: '%.100s' has no real_time in nanoseconds", source,
                          line->name);
    const bool device = bench_line_number(line, "median_ns") > 0.0;
    line->dtype = line_text(object, "dtype");
    line->tier = line_text(object, "tier");
    line->library = line_text(object, "library");
    line->elements = bench_line_number(line, "elements");
    line->bytes = bench_line_number(line, "bytes");
    line->min_ns = bench_line_number(line, device ? "min_ns" : "wall_min_ns");
    line->median_ns = device ? bench_line_number(line, "median_ns") : real_time;
    line->copy_min_ns = bench_line_number(line, device ? "copy_min_ns" : "copy_wall_min_ns");
    line->copy_median_ns =
        bench_line_number(line, device ? "copy_median_ns" : "copy_wall_median_ns");
    line->share = bench_line_number(line, "copy_share");
    line_split(line);
    return true;
}

static int line_compare_names(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Rows are found by their names, so each must have its own. */
static bool results_check_names(const bench_results *results, bench_error *error) {
    const char **names = malloc((results->count + 1) * sizeof *names);
    if (names == NULL) return bench_fail(error, "out of memory");
    for (size_t i = 0; i < results->count; ++i)
        names[i] = results->lines[i].name;
    qsort(names, results->count, sizeof *names, line_compare_names);
    bool ok = true;
    for (size_t i = 1; ok && i < results->count; ++i)
        if (strcmp(names[i - 1], names[i]) == 0)
            ok = bench_fail(error, "%s: '%.100s' stands in it twice", results->source, names[i]);
    free(names);
    return ok;
}

static bool results_fill(bench_results *results, bench_error *error) {
    const json_t *rows = json_object_get(results->root, "benchmarks");
    const json_t *context = json_object_get(results->root, "context");
    if (!json_is_object(context) || !json_is_array(rows))
        return bench_fail(error,
                          "%s: no results of clact-bench: it has no \"context\" with "
                          "\"benchmarks\"; clact-bench --json writes such files",
                          results->source);
    const size_t count = json_array_size(rows);
    if (count == 0) return bench_fail(error, "%s: it has no results", results->source);
    results->lines = calloc(count, sizeof *results->lines);
    if (results->lines == NULL) return bench_fail(error, "out of memory");
    for (; results->count < count; ++results->count)
        if (!line_fill(json_array_get(rows, results->count), results->source, results->count,
                       &results->lines[results->count], error))
            return false;
    return results_check_names(results, error);
}

bool bench_results_take(json_t *root, const char *source, bench_results *results,
                        bench_error *error) {
    *results = (bench_results){.root = root, .source = source};
    if (root == NULL) return bench_fail(error, "out of memory for the results");
    if (results_fill(results, error)) return true;
    bench_results_close(results);
    return false;
}

bool bench_results_load(const char *path, bench_results *results, bench_error *error) {
    json_error_t wrong;
    *results = (bench_results){0};
    FILE *in = fopen(path, "rb");
    if (in == NULL) return bench_fail(error, "cannot read '%s': %s", path, strerror(errno));
    json_t *root = json_loadf(in, JSON_REJECT_DUPLICATES, &wrong);
    const bool unreadable = ferror(in) != 0;
    const bool empty = root == NULL && !unreadable && fseek(in, 0, SEEK_END) == 0 && ftell(in) == 0;
    fclose(in);
    if (unreadable) return bench_fail(error, "cannot read '%s'; is it a file?", path);
    if (empty) return bench_fail(error, "%s: the file is empty", path);
    if (root == NULL)
        return bench_fail(error, "%s, line %d: no JSON: %s", path, wrong.line, wrong.text);
    return bench_results_take(root, path, results, error);
}

void bench_results_close(bench_results *results) {
    free(results->lines);
    json_decref(results->root);
    *results = (bench_results){0};
}

const char *bench_results_fact(const bench_results *results, const char *key,
                               char number[BENCH_WORD]) {
    const json_t *value = json_object_get(json_object_get(results->root, "context"), key);
    if (!json_is_number(value)) return json_is_string(value) ? json_string_value(value) : "";
    snprintf(number, BENCH_WORD, "%.6g", json_number_value(value));
    return number;
}

double bench_line_rate(const bench_line *line) {
    return line->bytes / (line->median_ns * 1e-9);
}

double bench_line_copy_rate(const bench_line *line) {
    return line->copy_median_ns > 0.0 ? line->bytes / (line->copy_median_ns * 1e-9) : 0.0;
}

bool bench_line_same_group(const bench_line *left, const bench_line *right) {
    return strcmp(left->op, right->op) == 0 && strcmp(left->dtype, right->dtype) == 0 &&
           strcmp(left->size, right->size) == 0;
}
