/* bench_formats.h: a finished run as JSON and as CSV, for bench_file_write. */
#ifndef BENCH_FORMATS_H
#define BENCH_FORMATS_H

#include <jansson.h>
#include <stdio.h>

#include "bench_run.h"

/* What bench_json_write writes; NULL when out of memory. */
json_t *bench_json_make(const bench_run *run);

/* Google-Benchmark's format: real_time is the median wall time, bytes_per_second and
 * items_per_second follow from it; device times and the share of the copy stand as counters. The
 * user is a const bench_run. False when out of memory. */
bool bench_json_write(FILE *out, const void *run);

/* A header line, then one line for each row. The user is a const bench_run. */
bool bench_csv_write(FILE *out, const void *run);

#endif
