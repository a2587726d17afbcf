/* bench_stored.c: what clact-bench does with results that are stored: no device is opened. */
#include "bench_stored.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_compare.h"
#include "bench_render.h"

enum { STORED_DONE, STORED_FAILED, STORED_USAGE, STORED_MAX_FILES = 16 };

typedef struct stored_options {
    bool compare, margin_given;
    double margin;
    bench_render_paths paths;
    char *files[STORED_MAX_FILES]; /* to compare, or to render */
    size_t count;
    char *list; /* what the names of --from stand in */
} stored_options;

static int stored_complain(const bench_error *error, int status) {
    fprintf(stderr, "clact-bench: %s\n", error->text);
    return status;
}

bool bench_stored_wanted(int argc, char *const *argv) {
    for (int i = 1; i < argc; ++i)
        if (strcmp(argv[i], "--compare") == 0 || strcmp(argv[i], "--from") == 0 ||
            strncmp(argv[i], "--from=", 7) == 0)
            return true;
    return false;
}

static bool stored_add(stored_options *options, char *path, bench_error *error) {
    if (*path == '\0') return bench_fail(error, "the name of a file is missing");
    if (options->count == STORED_MAX_FILES)
        return bench_fail(error, "at most %d files can be read", STORED_MAX_FILES);
    options->files[options->count++] = path;
    return true;
}

static bool stored_add_list(stored_options *options, const char *value, bench_error *error) {
    if (options->list) return bench_fail(error, "--from stands here twice; it takes a list");
    options->list = strdup(value);
    if (options->list == NULL) return bench_fail(error, "out of memory");
    for (char *path = options->list, *end; path; path = end) {
        end = strchr(path, ',');
        if (end) *end++ = '\0';
        if (!stored_add(options, path, error)) return false;
    }
    return true;
}

static bool stored_set_margin(stored_options *options, const char *value, bench_error *error) {
    char *end;
    options->margin_given = true;
    options->margin = strtod(value, &end);
    if (end == value || *end != '\0' || !(options->margin >= 0.0 && options->margin < 1.0))
        return bench_fail(error, "--margin takes a part of 1, from 0 to below 1, not '%s'", value);
    return true;
}

static bool stored_set_path(const char **path, const char *value, const char *option,
                            bench_error *error) {
    if (*value == '\0') return bench_fail(error, "%s takes a file name, or - for stdout", option);
    *path = value;
    return true;
}

static bool stored_set(int option, stored_options *options, char *const *argv, bench_error *error) {
    switch (option) {
    case 'c':
        options->compare = true;
        return true;
    case 'm':
        return stored_set_margin(options, optarg, error);
    case 'f':
        return stored_add_list(options, optarg, error);
    case 'h':
        return stored_set_path(&options->paths.html, optarg, "--html", error);
    case 'r':
        return stored_set_path(&options->paths.roofline, optarg, "--roofline", error);
    case ':':
        return bench_fail(error, "%s needs a value; --help shows which", argv[optind - 1]);
    default:
        return bench_fail(error,
                          "'%s' says nothing of stored results: --compare takes --margin, --from "
                          "takes --html and --roofline",
                          argv[optind - 1]);
    }
}

static bool stored_check(const stored_options *options, bench_error *error) {
    const bool render = options->paths.html || options->paths.roofline;
    if (options->compare && (options->list || render))
        return bench_fail(error, "--compare takes --margin and nothing else");
    if (options->compare && options->count != 2)
        return bench_fail(error, "--compare takes two files, the old one and the new one");
    if (options->compare) return true;
    if (options->margin_given) return bench_fail(error, "--margin is for --compare");
    if (!render) return bench_fail(error, "--from needs --html or --roofline to write");
    if (options->paths.html && options->paths.roofline && strcmp(options->paths.html, "-") == 0 &&
        strcmp(options->paths.roofline, "-") == 0)
        return bench_fail(error, "only one of --html and --roofline can go to standard output");
    return true;
}

static bool stored_parse(int argc, char *const *argv, stored_options *options, bench_error *error) {
    static const struct option names[] = {
        {"compare", no_argument, NULL, 'c'},        {"margin", required_argument, NULL, 'm'},
        {"from", required_argument, NULL, 'f'},     {"html", required_argument, NULL, 'h'},
        {"roofline", required_argument, NULL, 'r'}, {NULL, 0, NULL, 0}};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", names, NULL)) != -1)
        if (!stored_set(option, options, argv, error)) return false;
    for (int i = optind; i < argc; ++i) {
        if (!options->compare)
            return bench_fail(error, "'%s' has no option before it; --from takes a list", argv[i]);
        if (!stored_add(options, argv[i], error)) return false;
    }
    return stored_check(options, error);
}

static int stored_compare(const stored_options *options, const bench_results *results,
                          bench_error *error) {
    bench_verdict verdict;
    if (!bench_compare(stdout, &results[0], &results[1], options->margin, &verdict, error))
        return stored_complain(error, STORED_USAGE);
    return verdict.slower > 0 ? STORED_FAILED : STORED_DONE;
}

static int stored_work(const stored_options *options, bench_results *results, bench_error *error) {
    for (size_t i = 0; i < options->count; ++i)
        if (!bench_results_load(options->files[i], &results[i], error))
            return stored_complain(error, STORED_USAGE);
    if (options->compare) return stored_compare(options, results, error);
    if (!bench_render(results, options->count, &options->paths, error))
        return stored_complain(error, STORED_FAILED);
    return STORED_DONE;
}

int bench_stored_run(int argc, char *const *argv) {
    stored_options options = {.margin = 0.05};
    bench_results results[STORED_MAX_FILES] = {0};
    bench_error error = {0};
    const int status = stored_parse(argc, argv, &options, &error)
                           ? stored_work(&options, results, &error)
                           : stored_complain(&error, STORED_USAGE);
    for (size_t i = 0; i < options.count; ++i)
        bench_results_close(&results[i]);
    free(options.list);
    return status;
}
