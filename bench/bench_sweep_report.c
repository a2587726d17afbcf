/* bench_sweep_report.c: what the table for people says of fused passes. */
#include "bench_sweep_report.h"

#include <stdlib.h>

#include "bench_stats.h"

void bench_sweep_report_legend(FILE *out) {
    fputs("sweeps   ratio   time of the chain of single passes / time of the fused pass\n"
          "         share   time of a copy of the fused pass's bytes / time of the fused pass\n"
          "         health  time of the fused pass / time of the same without health\n"
          "         times are wall times, ratios medians over turns: fused, copy, chain, ...\n",
          out);
}

static const char *report_direction(const bench_pass *pass) {
    return bench_pass_is_backward(pass) ? "backward" : "forward";
}

static void report_heading(FILE *out, const bench_pass *pass) {
    fprintf(out, "\n%s sweeps of %zu x %zu, %s\n", report_direction(pass), pass->rows, pass->cols,
            clact_dtype_name(pass->dtype));
    fprintf(out, "%-38s %-8s %15s %17s\n", "", "", "MB, at least", "median time, us");
    fprintf(out, "%-25s %-12s %-8s %7s %7s %8s %8s %5s %5s %6s\n", "pass", "activation", "tier",
            "fused", "chain", "fused", "chain", "ratio", "share", "health");
}

static double report_health(const bench_result *result) {
    return 1.0 / result->measured.wall_ratios[BENCH_TASK_PLAIN];
}

void bench_sweep_report_row(FILE *out, const bench_run *run, size_t at) {
    const bench_pass *pass = &run->passes[at];
    const bench_result *result = &run->results[run->count + at];
    const bench_timing *timings = result->measured.timings;
    if (at == 0 || !bench_pass_same_group(pass - 1, pass)) report_heading(out, pass);
    fprintf(out, "%-25s %-12s %-8s %7.2f %7.2f %8.1f %8.1f %5.2f %5.2f", pass->name,
            pass->info.name, clact_tier_name(pass->tier),
            (double)bench_pass_bytes(pass, &pass->fused) * 1e-6,
            (double)bench_pass_bytes(pass, &pass->chain) * 1e-6,
            timings[BENCH_TASK_SUBJECT].wall_median_ns * 1e-3,
            timings[BENCH_TASK_CHAIN].wall_median_ns * 1e-3,
            result->measured.wall_ratios[BENCH_TASK_CHAIN], result->share);
    if (pass->plain.count > 0) fprintf(out, " %6.2f", report_health(result));
    fputc('\n', out);
}

/* One group of passes and tier; the arrays hold run->num_passes values each. */
static void report_group(FILE *out, const bench_run *run, size_t first, clact_tier tier,
                         double *ratios, double *shares, double *healths) {
    const bench_pass *group = &run->passes[first];
    size_t count = 0, num_healths = 0, least = 0;
    char shape[48], health[16] = "";
    for (size_t i = first; i < run->num_passes; ++i) {
        const bench_result *result = &run->results[run->count + i];
        const bench_pass *pass = &run->passes[i];
        if (!bench_pass_same_group(group, pass) || pass->tier != tier) continue;
        if (count == 0 || result->share < run->results[run->count + least].share) least = i;
        if (pass->plain.count > 0) healths[num_healths++] = report_health(result);
        ratios[count] = result->measured.wall_ratios[BENCH_TASK_CHAIN];
        shares[count++] = result->share;
    }
    if (count == 0) return;
    snprintf(shape, sizeof shape, "%zux%zu", group->rows, group->cols);
    if (num_healths > 0)
        snprintf(health, sizeof health, "%.2f", bench_geometric_mean(healths, num_healths));
    fprintf(out, "%-8s %-4s %-8s %10s %5.2f %5.2f %6s %5.2f  %s %s\n", report_direction(group),
            clact_dtype_name(group->dtype), clact_tier_name(tier), shape,
            bench_geometric_mean(ratios, count), bench_geometric_mean(shares, count), health,
            run->results[run->count + least].share, run->passes[least].name,
            run->passes[least].info.name);
}

bool bench_sweep_report_summary(FILE *out, const bench_run *run, bench_error *error) {
    const size_t count = run->num_passes;
    double *values = malloc(3 * count * sizeof *values);
    if (values == NULL) return bench_fail(error, "out of memory for the summary");
    fputs("\nsummary of sweeps: geometric means, and the least share of copy\n", out);
    fprintf(out, "%-8s %-4s %-8s %10s %5s %5s %6s %5s  %s\n", "", "type", "tier", "shape", "ratio",
            "share", "health", "least", "of");
    for (size_t i = 0; i < count; ++i) {
        if (i > 0 && bench_pass_same_group(&run->passes[i - 1], &run->passes[i])) continue;
        for (int t = 0; t < CLI_NUM_TIERS; ++t)
            report_group(out, run, i, cli_tiers[t], values, values + count, values + 2 * count);
    }
    free(values);
    return true;
}
