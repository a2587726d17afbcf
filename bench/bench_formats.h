/* bench_formats.h: a finished run as JSON and as CSV, for bench_file_write. */
#ifndef BENCH_FORMATS_H
#define BENCH_FORMATS_H

#include <jansson.h>
#include <stdio.h>

#include "bench_run.h"

/* What bench_json_write writes; NULL when out of memory. */
json_t *bench_json_make(const bench_run *run);

/* Google-Benchmark's format: real_time is the median wall time, bytes_per_second and
 * items_per_second follow from it; device times and the share of the copy stand as counters. Every
 * row has op, activation (a copy: way), tier, dtype, bytes and the times; beside a peer also peer
 * ("onednn jit:avx512_core"), calls_per_turn, peer_min_ns, peer_median_ns, peer_ratio (its time /
 * ours by device time, of layers by wall time) and peer_wall_ratio, medians over turns; beside
 * OpenBLAS peer_gemm_median_ns and peer_gemm_ratio of its products alone. Layers and steps have
 * direction, shape, batch, flops, flops_per_second and samples_per_second, and no copy. The user is
 * a const bench_run. False when out of memory. */
bool bench_json_write(FILE *out, const void *run);

/* A header line, then one line for each row. The user is a const bench_run. */
bool bench_csv_write(FILE *out, const void *run);

#endif
