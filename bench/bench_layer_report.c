/* bench_layer_report.c: what the table for people says of dense layers and training steps. */
#include "bench_layer_report.h"

#include <string.h>

void bench_layer_report_legend(FILE *out) {
    fputs("layers   GFLOP/s  multiplications and additions of the products / median wall time\n"
          "         ratio    wall time of the peer's layer or step / ours: median over turns\n"
          "         product  wall time of OpenBLAS's products alone / our whole layer\n",
          out);
}

static void report_heading(FILE *out, const bench_layer *layer) {
    const bool train = layer->op == BENCH_TRAIN;
    fprintf(out, "\n%s\n",
            train ? "training steps: forward, backward, update"
                  : "dense layers, batch x inputs x outputs");
    fprintf(out, "%-8s %-19s %-10s %-8s %9s %7s %9s %8s %6s%s\n", "", "shape", "activation", "tier",
            "median us", "GFLOP/s", train ? "samples/s" : "", "peer us", "ratio",
            train ? "" : " product");
}

void bench_layer_report_row(FILE *out, const bench_run *run, size_t at) {
    const bench_layer *layer = &run->layers[at];
    const bench_result *result = &run->results[run->count + run->num_passes + at];
    const bench_measurement *measured = &result->measured;
    const double median = measured->timings[BENCH_TASK_SUBJECT].wall_median_ns;
    char shape[BENCH_SHAPE_SIZE], samples[32] = "";
    if (at == 0 || layer[-1].op != layer->op) report_heading(out, layer);
    bench_shape_text(&layer->shape, shape);
    if (layer->op == BENCH_TRAIN)
        snprintf(samples, sizeof samples, "%.0f", (double)layer->shape.sides[0] / (median * 1e-9));
    fprintf(out, "%-8s %-19s %-10s %-8s %9.1f %7.2f", bench_layer_direction(layer), shape,
            layer->info.name, clact_tier_name(layer->tier), median * 1e-3,
            bench_layer_flops(layer) / median);
    if (layer->op == BENCH_TRAIN || result->peer[0] != '\0') fprintf(out, " %9s", samples);
    if (result->peer[0] != '\0')
        fprintf(out, " %8.1f %6.2f", measured->timings[BENCH_TASK_PEER].wall_median_ns * 1e-3,
                measured->wall_ratios[BENCH_TASK_PEER]);
    if (result->peer[0] != '\0' && layer->op == BENCH_DENSE)
        fprintf(out, " %7.2f", measured->wall_ratios[BENCH_TASK_GEMM]);
    fputc('\n', out);
}
