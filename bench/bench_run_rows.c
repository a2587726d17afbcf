/* bench_run_rows.c: what a run's rows are. */
#include "bench_run.h"

size_t bench_run_rows(const bench_run *run) {
    return run->count + run->num_passes + run->num_layers;
}

bench_kind bench_run_kind(const bench_run *run, size_t row, size_t *at) {
    *at = row;
    if (*at < run->count) return BENCH_KIND_CASE;
    *at -= run->count;
    if (*at < run->num_passes) return BENCH_KIND_PASS;
    *at -= run->num_passes;
    return BENCH_KIND_LAYER;
}

void bench_run_name(const bench_run *run, size_t row, char *text, size_t size) {
    size_t at;
    switch (bench_run_kind(run, row, &at)) {
    case BENCH_KIND_CASE:
        bench_case_name(&run->cases[at], text, size);
        break;
    case BENCH_KIND_PASS:
        bench_pass_name(&run->passes[at], text, size);
        break;
    case BENCH_KIND_LAYER:
        bench_layer_name(&run->layers[at], text, size);
        break;
    }
}

size_t bench_run_elements(const bench_run *run, size_t row) {
    size_t at;
    const bench_kind kind = bench_run_kind(run, row, &at);
    if (kind == BENCH_KIND_CASE) return run->cases[at].elements;
    if (kind == BENCH_KIND_PASS) return run->passes[at].rows * run->passes[at].cols;
    const bench_layer *layer = &run->layers[at];
    const size_t *sides = layer->shape.sides;
    return layer->op == BENCH_TRAIN ? sides[0] : sides[0] * sides[2];
}

uint64_t bench_run_bytes(const bench_run *run, size_t row) {
    size_t at;
    const bench_kind kind = bench_run_kind(run, row, &at);
    if (kind == BENCH_KIND_CASE) return bench_case_bytes(&run->cases[at]);
    if (kind == BENCH_KIND_LAYER) return bench_layer_bytes(&run->layers[at]);
    return bench_pass_bytes(&run->passes[at], &run->passes[at].fused);
}

double bench_run_device_rate(const bench_run *run, size_t row) {
    return (double)bench_case_bytes(&run->cases[row]) /
           (run->results[row].measured.timings[BENCH_TASK_SUBJECT].median_ns * 1e-9);
}

double bench_run_wall_rate(const bench_run *run, size_t row) {
    return (double)bench_run_bytes(run, row) /
           (run->results[row].measured.timings[BENCH_TASK_SUBJECT].wall_median_ns * 1e-9);
}

double bench_run_copy_rate(const bench_run *run, size_t row) {
    return (double)bench_copy_bytes(&run->results[row].copy) /
           (run->results[row].measured.timings[BENCH_TASK_COPY].median_ns * 1e-9);
}
