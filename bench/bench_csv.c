/* bench_csv.c: a finished run as CSV. */
#include "bench_formats.h"

/* All columns, in order; what a row does not have stays empty. */
#define CSV_MAP(M)                                                                                 \
    M(op)                                                                                          \
    M(activation)                                                                                  \
    M(tier)                                                                                        \
    M(dtype)                                                                                       \
    M(saved)                                                                                       \
    M(elements)                                                                                    \
    M(bytes)                                                                                       \
    M(pairs)                                                                                       \
    M(min_ns)                                                                                      \
    M(median_ns)                                                                                   \
    M(wall_min_ns)                                                                                 \
    M(wall_median_ns) M(cpu_median_ns) M(first_launch_ns) M(device_bytes_per_second) M(copy)       \
        M(copy_min_ns) M(copy_median_ns) M(copy_share) M(pass) M(rows) M(cols) M(chain_bytes)      \
            M(chain_wall_min_ns) M(chain_wall_median_ns) M(chain_ratio) M(health_ratio)            \
                M(direction) M(shape) M(flops) M(samples_per_second) M(peer) M(calls_per_turn)     \
                    M(peer_min_ns) M(peer_median_ns) M(peer_ratio) M(peer_wall_ratio)              \
                        M(peer_gemm_median_ns) M(peer_gemm_ratio)

#define CSV_ENUM(name) CSV_##name,
#define CSV_NAME(name) #name,
enum { CSV_MAP(CSV_ENUM) CSV_COLUMNS };
static const char *const csv_names[CSV_COLUMNS] = {CSV_MAP(CSV_NAME)};

enum { CSV_FIELD = 192 };
typedef struct csv_line {
    char fields[CSV_COLUMNS][CSV_FIELD];
} csv_line;

#define CSV_SET(line, name, ...) snprintf((line)->fields[CSV_##name], CSV_FIELD, __VA_ARGS__)

static void csv_set_copy(csv_line *line, const bench_result *result, bool by_wall) {
    const bench_timing *copy = &result->measured.timings[BENCH_TASK_COPY];
    CSV_SET(line, copy, "%s", bench_copy_name(&result->copy));
    CSV_SET(line, copy_min_ns, "%.0f", by_wall ? copy->wall_min_ns : copy->min_ns);
    CSV_SET(line, copy_median_ns, "%.1f", by_wall ? copy->wall_median_ns : copy->median_ns);
    CSV_SET(line, copy_share, "%.4f", result->share);
}

static void csv_set_case(csv_line *line, const bench_run *run, size_t row) {
    const bench_case *item = &run->cases[row];
    const bench_result *result = &run->results[row];
    const bench_timing *timing = &result->measured.timings[BENCH_TASK_SUBJECT];
    CSV_SET(line, op, "%s", bench_op_name(item->op));
    CSV_SET(line, activation, "%s", bench_case_subject(item));
    CSV_SET(line, tier, "%s", bench_case_tier(item));
    CSV_SET(line, dtype, "%s", clact_dtype_name(item->sweep.dtype));
    CSV_SET(line, saved, "%s", bench_case_reads_y(item) ? "y" : "x");
    CSV_SET(line, min_ns, "%.0f", timing->min_ns);
    CSV_SET(line, median_ns, "%.1f", timing->median_ns);
    CSV_SET(line, device_bytes_per_second, "%.6g", bench_run_device_rate(run, row));
    CSV_SET(line, peer_ratio, "%.6g", result->measured.device_ratios[BENCH_TASK_PEER]);
    csv_set_copy(line, result, false);
}

/* A pass and a layer are more than one kernel: their device times stay out, and those of the copy
 * are wall times. */
static void csv_set_pass(csv_line *line, const bench_pass *pass, const bench_result *result) {
    const bench_measurement *measured = &result->measured;
    const bench_timing *chain = &measured->timings[BENCH_TASK_CHAIN];
    CSV_SET(line, op, "%s", bench_op_name(BENCH_SWEEP));
    CSV_SET(line, activation, "%s", pass->info.name);
    CSV_SET(line, tier, "%s", clact_tier_name(pass->tier));
    CSV_SET(line, dtype, "%s", clact_dtype_name(pass->dtype));
    CSV_SET(line, saved, "%s", clact_saved_name(pass->fused.steps[0].sweep.saved));
    CSV_SET(line, pass, "%s", pass->name);
    CSV_SET(line, rows, "%zu", pass->rows);
    CSV_SET(line, cols, "%zu", pass->cols);
    CSV_SET(line, chain_bytes, "%llu", (unsigned long long)bench_pass_bytes(pass, &pass->chain));
    CSV_SET(line, chain_wall_min_ns, "%.0f", chain->wall_min_ns);
    CSV_SET(line, chain_wall_median_ns, "%.1f", chain->wall_median_ns);
    CSV_SET(line, chain_ratio, "%.4f", measured->wall_ratios[BENCH_TASK_CHAIN]);
    if (pass->plain.count > 0)
        CSV_SET(line, health_ratio, "%.4f", 1.0 / measured->wall_ratios[BENCH_TASK_PLAIN]);
    csv_set_copy(line, result, true);
}

static void csv_set_layer(csv_line *line, const bench_layer *layer, const bench_result *result) {
    const bench_measurement *measured = &result->measured;
    const double seconds = measured->timings[BENCH_TASK_SUBJECT].wall_median_ns * 1e-9;
    char shape[BENCH_SHAPE_SIZE];
    bench_shape_text(&layer->shape, shape);
    CSV_SET(line, op, "%s", bench_op_name(layer->op));
    CSV_SET(line, activation, "%s", layer->info.name);
    CSV_SET(line, tier, "%s", clact_tier_name(layer->tier));
    CSV_SET(line, dtype, "%s", clact_dtype_name(CLACT_F32));
    CSV_SET(line, direction, "%s", bench_layer_direction(layer));
    CSV_SET(line, shape, "%s", shape);
    CSV_SET(line, flops, "%.0f", bench_layer_flops(layer));
    CSV_SET(line, samples_per_second, "%.6g", (double)layer->shape.sides[0] / seconds);
    CSV_SET(line, peer_ratio, "%.6g", measured->wall_ratios[BENCH_TASK_PEER]);
    if (measured->timings[BENCH_TASK_GEMM].wall_median_ns > 0.0) {
        CSV_SET(line, peer_gemm_median_ns, "%.1f",
                measured->timings[BENCH_TASK_GEMM].wall_median_ns);
        CSV_SET(line, peer_gemm_ratio, "%.6g", measured->wall_ratios[BENCH_TASK_GEMM]);
    }
}

/* What all rows share; and of the peer, or nothing where there is none. */
static void csv_set_common(csv_line *line, const bench_run *run, size_t row) {
    const bench_result *result = &run->results[row];
    const bench_timing *timing = &result->measured.timings[BENCH_TASK_SUBJECT];
    const bench_timing *peer = &result->measured.timings[BENCH_TASK_PEER];
    CSV_SET(line, elements, "%zu", bench_run_elements(run, row));
    CSV_SET(line, bytes, "%llu", (unsigned long long)bench_run_bytes(run, row));
    CSV_SET(line, pairs, "%zu", result->measured.turns);
    CSV_SET(line, wall_min_ns, "%.0f", timing->wall_min_ns);
    CSV_SET(line, wall_median_ns, "%.1f", timing->wall_median_ns);
    CSV_SET(line, cpu_median_ns, "%.1f", timing->cpu_median_ns);
    CSV_SET(line, first_launch_ns, "%.0f", result->first_launch_ns);
    CSV_SET(line, calls_per_turn, "%zu", result->measured.repeat);
    if (result->peer[0] == '\0') {
        CSV_SET(line, peer_ratio, "%s", "");
        return;
    }
    CSV_SET(line, peer, "%s", result->peer);
    CSV_SET(line, peer_min_ns, "%.1f", peer->wall_min_ns);
    CSV_SET(line, peer_median_ns, "%.1f", peer->wall_median_ns);
    CSV_SET(line, peer_wall_ratio, "%.6g", result->measured.wall_ratios[BENCH_TASK_PEER]);
}

static void csv_write_row(FILE *out, const bench_run *run, size_t row) {
    const bench_result *result = &run->results[row];
    csv_line line = {0};
    size_t at;
    switch (bench_run_kind(run, row, &at)) {
    case BENCH_KIND_CASE:
        csv_set_case(&line, run, row);
        break;
    case BENCH_KIND_PASS:
        csv_set_pass(&line, &run->passes[at], result);
        break;
    case BENCH_KIND_LAYER:
        csv_set_layer(&line, &run->layers[at], result);
        break;
    }
    csv_set_common(&line, run, row);
    for (int i = 0; i < CSV_COLUMNS; ++i)
        fprintf(out, "%s%s", i ? "," : "", line.fields[i]);
    fputc('\n', out);
}

/* No field needs quotes: names are those of the tables, the rest are numbers. */
bool bench_csv_write(FILE *out, const void *user) {
    const bench_run *run = user;
    for (int i = 0; i < CSV_COLUMNS; ++i)
        fprintf(out, "%s%s", i ? "," : "", csv_names[i]);
    fputc('\n', out);
    for (size_t row = 0; row < bench_run_rows(run); ++row)
        csv_write_row(out, run, row);
    return true;
}
