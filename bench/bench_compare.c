/* bench_compare.c: two runs of the same rows, and whether the second is slower. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_compare.h"
#include "bench_stats.h"

/* A row of either run, in the order of names. */
typedef struct compare_entry {
    const char *name;
    const bench_line *line;
} compare_entry;

static int compare_names(const void *left, const void *right) {
    return strcmp(((const compare_entry *)left)->name, ((const compare_entry *)right)->name);
}

static compare_entry *compare_index(const bench_results *results) {
    compare_entry *index = malloc(results->count * sizeof *index);
    for (size_t i = 0; index && i < results->count; ++i)
        index[i] = (compare_entry){results->lines[i].name, &results->lines[i]};
    if (index) qsort(index, results->count, sizeof *index, compare_names);
    return index;
}

static const bench_line *compare_find(const compare_entry *index, size_t count, const char *name) {
    const compare_entry key = {name, NULL};
    const compare_entry *entry = bsearch(&key, index, count, sizeof key, compare_names);
    return entry ? entry->line : NULL;
}

/* How fast new is beside old: by medians, and by least times, which another user of the machine
 * disturbs less. */
typedef struct compare_ratios {
    double median, least;
} compare_ratios;

static compare_ratios compare_lines(const bench_line *before, const bench_line *after) {
    const bool share = before->share > 0.0 && after->share > 0.0;
    compare_ratios ratios = {before->median_ns / after->median_ns, before->min_ns / after->min_ns};
    if (share) {
        ratios.median = after->share / before->share;
        ratios.least *= after->copy_min_ns / before->copy_min_ns;
    }
    if (!isfinite(ratios.least) || ratios.least <= 0.0) ratios.least = ratios.median;
    return ratios;
}

static bool compare_is_slower(const compare_ratios *ratios, double margin) {
    return ratios->median < 1.0 - margin && ratios->least < 1.0 - margin;
}

static bool compare_is_faster(const compare_ratios *ratios, double margin) {
    return ratios->median > 1.0 + margin && ratios->least > 1.0 + margin;
}

static void compare_head(FILE *out, const char *word, const bench_results *results) {
    static const char *const keys[] = {"device", "driver", "clact_version", "commit", "date"};
    fprintf(out, "%s  %s:", word, results->source);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; ++i) {
        char number[BENCH_WORD];
        const char *text = bench_results_fact(results, keys[i], number);
        if (*text) fprintf(out, "%s %s", i > 0 ? "," : "", text);
    }
    fputc('\n', out);
}

/* The name without the ending that every row has. */
static int compare_name_length(const char *name) {
    static const char ending[] = "/real_time";
    const size_t length = strlen(name), tail = sizeof ending - 1;
    return (int)(length > tail && strcmp(name + length - tail, ending) == 0 ? length - tail
                                                                            : length);
}

static void compare_share(FILE *out, double share) {
    if (share > 0.0)
        fprintf(out, " %5.2f", share);
    else
        fputs("     -", out);
}

static void compare_row(FILE *out, const bench_line *before, const bench_line *after,
                        const compare_ratios *ratios, double margin) {
    fprintf(out, "%-44.*s %9.1f %9.1f", compare_name_length(after->name), after->name,
            before->median_ns * 1e-3, after->median_ns * 1e-3);
    compare_share(out, before->share);
    compare_share(out, after->share);
    fprintf(out, " %6.3f %6.3f%s\n", ratios->median, ratios->least,
            compare_is_slower(ratios, margin)   ? " SLOWER"
            : compare_is_faster(ratios, margin) ? " faster"
                                                : "");
}

static void compare_only(FILE *out, const char *word, const bench_results *one,
                         const compare_entry *other, size_t count) {
    for (size_t i = 0; i < one->count; ++i) {
        const char *name = one->lines[i].name;
        if (compare_find(other, count, name) == NULL)
            fprintf(out, "only in %s: %.*s\n", word, compare_name_length(name), name);
    }
}

static void compare_table(FILE *out, const bench_results *after, const compare_entry *old,
                          size_t count, double margin, double *ratios, bench_verdict *verdict) {
    fprintf(out, "\n%-44s %19s %11s %13s\n", "", "median time, us", "share", "ratio of");
    fprintf(out, "%-44s %9s %9s %5s %5s %6s %6s\n", "row", "old", "new", "old", "new", "median",
            "least");
    for (size_t i = 0; i < after->count; ++i) {
        const bench_line *line = &after->lines[i];
        const bench_line *before = compare_find(old, count, line->name);
        if (before == NULL) continue;
        const compare_ratios pair = compare_lines(before, line);
        compare_row(out, before, line, &pair, margin);
        ratios[verdict->rows++] = pair.median;
        verdict->slower += compare_is_slower(&pair, margin);
        verdict->faster += compare_is_faster(&pair, margin);
    }
}

/* Both indices are there. */
static bool compare_all(FILE *out, const bench_results *before, const bench_results *after,
                        const compare_entry *old, const compare_entry *new, double margin,
                        bench_verdict *verdict, bench_error *error) {
    size_t both = 0;
    double *ratios = malloc(after->count * sizeof *ratios);
    if (ratios == NULL) return bench_fail(error, "out of memory");
    for (size_t i = 0; i < after->count; ++i)
        both += compare_find(old, before->count, after->lines[i].name) != NULL;
    if (both > 0) {
        compare_head(out, "old", before);
        compare_head(out, "new", after);
        fputs("ratio  share new / share old, else time old / time new: above 1, new is faster;\n"
              "       a row is marked where the ratios of medians and of least times say so\n",
              out);
        compare_table(out, after, old, before->count, margin, ratios, verdict);
        fputc('\n', out);
        compare_only(out, "old", before, new, after->count);
        compare_only(out, "new", after, old, before->count);
        fprintf(out, "%zu rows: %zu slower and %zu faster by more than %g %%; mean ratio %.3f\n",
                verdict->rows, verdict->slower, verdict->faster, 100.0 * margin,
                bench_geometric_mean(ratios, verdict->rows));
    }
    free(ratios);
    return both > 0 ||
           bench_fail(error, "%s and %s have no row in common", before->source, after->source);
}

bool bench_compare(FILE *out, const bench_results *before, const bench_results *after,
                   double margin, bench_verdict *verdict, bench_error *error) {
    compare_entry *old = compare_index(before), *new = compare_index(after);
    *verdict = (bench_verdict){0};
    const bool ok = old && new ? compare_all(out, before, after, old, new, margin, verdict, error)
                               : bench_fail(error, "out of memory");
    free(old);
    free(new);
    return ok;
}
