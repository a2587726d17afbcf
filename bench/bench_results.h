/* bench_results.h: results as they stand in JSON: of the run that has just ended, or of a file. */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include <stddef.h>

#include <jansson.h>

#include "bench_error.h"

enum { BENCH_WORD = 32, BENCH_LABEL = 128 };

/* One row. Numbers that it does not have are 0, texts "". */
typedef struct bench_line {
    const json_t *json;      /* all of it */
    const char *name;        /* its identity: what was measured, of which type, tier and size */
    char op[BENCH_WORD];     /* the name's parts: "forward", */
    char size[BENCH_LABEL];  /* what begins with a digit: "1048576", "4096x4096", */
    char label[BENCH_LABEL]; /* and what is left: "gelu", "bias+act gelu" */
    const char *dtype, *tier;
    const char *library; /* who was measured, where it was not clact */
    double elements, bytes;
    double min_ns, median_ns; /* of the device where the row has them, else by the wall clock */
    double copy_min_ns, copy_median_ns; /* of the copy, on the same clock */
    double share;                       /* by the medians of pairs */
} bench_line;

typedef struct bench_results {
    json_t *root;
    const char *source; /* what the user calls it */
    bench_line *lines;
    size_t count;
} bench_results;

/* Takes the root over, also on failure; the source must outlive *results. False, with a sentence
 * that begins with the source, where it is not what clact-bench writes: an object with a context
 * and benchmarks, of which each has a name of its own and a real_time in nanoseconds. */
bool bench_results_take(json_t *root, const char *source, bench_results *results,
                        bench_error *error);

/* Reads a file; likewise. The sentence names the line of an error in its JSON. */
bool bench_results_load(const char *path, bench_results *results, bench_error *error);

/* Accepts what was never opened (all zero). */
void bench_results_close(bench_results *results);

/* What the context says under a key, "" for nothing; a number is written to the array. */
const char *bench_results_fact(const bench_results *results, const char *key,
                               char number[BENCH_WORD]);

/* A number of a row that bench_line has no place for; 0 where there is none. */
double bench_line_number(const bench_line *line, const char *key);

/* Bytes a second by the median time, of the row and of its copy; 0 where the bytes or the copy are
 * not known. */
double bench_line_rate(const bench_line *line);
double bench_line_copy_rate(const bench_line *line);

/* Whether two rows belong in one table: operation, element type and size are the same. */
bool bench_line_same_group(const bench_line *left, const bench_line *right);

#endif
