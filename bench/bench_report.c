/* bench_report.c: the table for people and the progress line. */
#include "bench_report.h"

#include <stdlib.h>

#include "bench_layer_report.h"
#include "bench_peer_report.h"
#include "bench_stats.h"
#include "bench_sweep_report.h"

/* So that a reader sees each row when it is measured, and a full disk ends the run at once. */
static bool report_flush(const bench_report *report, bench_error *error) {
    if (fflush(report->out) == 0 && !ferror(report->out)) return true;
    return bench_fail(error, "cannot write to standard output; send it elsewhere");
}

void bench_report_quiet(bench_report *report) {
    if (!report->line_is_open) return;
    fputs("\r\033[K", report->progress);
    fflush(report->progress);
    report->line_is_open = false;
}

static void report_working(void *user, const char *what, size_t done, size_t total, double left) {
    bench_report *report = user;
    if (report->progress == NULL) return;
    fprintf(report->progress, "\r\033[K[%zu/%zu] %.50s", done, total, what);
    if (left >= 0.0) fprintf(report->progress, ", %.0f s left", left);
    fflush(report->progress);
    report->line_is_open = true;
}

static bool report_header(void *user, const bench_run *run, bench_error *error) {
    bench_report *report = user;
    const clact_device_info *device = &run->device->info;
    bench_report_quiet(report);
    if (report->out == NULL) return true;
    fprintf(report->out, "clact-bench %s, %s\n", clact_version(), run->date);
    fprintf(report->out, "device   %u: %.84s\n", run->device->index, device->name);
    fprintf(report->out, "driver   %.40s, %.45s\n", device->driver, device->platform);
    fprintf(report->out, "         %u compute unit%s, %u MHz, vectors of %u\n",
            device->compute_units, device->compute_units == 1 ? "" : "s", device->clock_mhz,
            device->vector_width);
    fprintf(report->out, "compile  %.2f s in %u build%s, and %.2f s in the first launches\n",
            run->build_seconds, run->builds, run->builds == 1 ? "" : "s", run->launch_seconds);
    if (run->cached > 0)
        fprintf(report->out, "cache    had %u program%s\n", run->cached,
                run->cached == 1 ? "" : "s");
    if (run->num_passes > 0) bench_sweep_report_legend(report->out);
    if (run->num_layers > 0) bench_layer_report_legend(report->out);
    if (run->count == 0) return report_flush(report, error);
    fputs(
        "share    time of a copy of the same bytes / time of the kernel: median over pairs run in "
        "turn;\n         the copy is the fastest of clEnqueueCopyBuffer and our copy kernels, "
        "chosen for each row;\n         a row over 1.05 is measured again, and its least share "
        "counts\n",
        report->out);
    if (run->onednn) bench_peer_report_legend(report->out);
    return report_flush(report, error);
}

void bench_report_heading(FILE *out, const bench_case *item) {
    fprintf(out, "\n%s of %zu elements, %.2f MB moved\n", bench_op_name(item->op), item->elements,
            (double)bench_case_bytes(item) * 1e-6);
}

void bench_report_columns(const bench_case *item, char text[BENCH_REPORT_COLUMNS]) {
    const char *subject = bench_case_subject(item);
    const char *dtype = clact_dtype_name(item->sweep.dtype);
    if (item->op == BENCH_COPY)
        snprintf(text, BENCH_REPORT_COLUMNS, "%-20s%-9s", subject, dtype);
    else
        snprintf(text, BENCH_REPORT_COLUMNS, "%-12s %-2s %-4s %-8s", subject,
                 bench_case_reads_y(item) ? "y" : "", dtype, bench_case_tier(item));
}

static void report_group(FILE *out, const bench_case *item) {
    bench_report_heading(out, item);
    fprintf(out, "%-29s %19s   %19s\n", "", "device time, us", "wall time, us");
    fprintf(out, "%-15s %-4s %-8s %9s %9s   %9s %9s  %7s %9s %6s\n", "activation", "type", "tier",
            "min", "median", "min", "median", "GB/s", "copy GB/s", "share");
}

static bool report_row(void *user, const bench_run *run, size_t row, bench_error *error) {
    bench_report *report = user;
    bench_report_quiet(report);
    if (report->out == NULL) return true;
    size_t at;
    const bench_kind kind = bench_run_kind(run, row, &at);
    if (kind == BENCH_KIND_PASS) bench_sweep_report_row(report->out, run, at);
    if (kind == BENCH_KIND_LAYER) bench_layer_report_row(report->out, run, at);
    if (kind != BENCH_KIND_CASE) return report_flush(report, error);
    const bench_case *item = &run->cases[row];
    const bench_timing *timing = &run->results[row].measured.timings[BENCH_TASK_SUBJECT];
    const bool first = row == 0 || !bench_case_same_group(item, item - 1);
    if (run->onednn) {
        bench_peer_report_row(report->out, run, row, first);
        return report_flush(report, error);
    }
    if (first) report_group(report->out, item);
    char columns[BENCH_REPORT_COLUMNS];
    bench_report_columns(item, columns);
    fprintf(report->out, "%s %9.1f %9.1f   %9.1f %9.1f  %7.2f %9.2f %6.2f\n", columns,
            timing->min_ns * 1e-3, timing->median_ns * 1e-3, timing->wall_min_ns * 1e-3,
            timing->wall_median_ns * 1e-3, bench_run_device_rate(run, row) * 1e-9,
            bench_run_copy_rate(run, row) * 1e-9, run->results[row].share);
    return report_flush(report, error);
}

bench_observer bench_report_observer(bench_report *report) {
    return (bench_observer){.user = report,
                            .working = report_working,
                            .compiled = report_header,
                            .measured = report_row};
}

/* Rows that a line of the summary is about. */
typedef struct report_rows {
    bench_op op;
    clact_dtype dtype;
    clact_tier tier;
    size_t elements; /* 0: of every size */
} report_rows;

static bool report_is_among(const report_rows *rows, const bench_case *item) {
    return item->op == rows->op && item->sweep.dtype == rows->dtype &&
           item->sweep.tier == rows->tier &&
           (rows->elements == 0 || item->elements == rows->elements);
}

/* The copy that most of the rows were held against. */
static const char *report_usual_copy(const bench_run *run, const report_rows *rows) {
    const char *usual = "";
    size_t most = 0;
    for (size_t i = 0; i < run->count; ++i) {
        const char *name = bench_copy_name(&run->results[i].copy);
        size_t count = 0;
        for (size_t k = 0; k < run->count; ++k)
            count += report_is_among(rows, &run->cases[k]) &&
                     bench_copy_name(&run->results[k].copy) == name;
        if (count > most) usual = name;
        if (count > most) most = count;
    }
    return usual;
}

/* One line; nothing for no rows. The arrays hold run->count values each. */
static void report_summary_line(FILE *out, const bench_run *run, const report_rows *rows,
                                double *shares, double *rates) {
    size_t count = 0, least = 0;
    for (size_t i = 0; i < run->count; ++i) {
        const double share = run->results[i].share;
        if (!report_is_among(rows, &run->cases[i])) continue;
        if (count == 0 || share < run->results[least].share) least = i;
        rates[count] = bench_run_copy_rate(run, i) * 1e-9;
        shares[count++] = share;
    }
    if (count == 0) return;
    char size[24] = "all", ending[64] = "";
    if (rows->elements) {
        snprintf(size, sizeof size, "%zu", rows->elements);
        snprintf(ending, sizeof ending,
                 rows->op == BENCH_COPY ? "%-19s %9.2f%s" : "%-13s %9.2f  %s",
                 bench_case_subject(&run->cases[least]), bench_median(rates, count),
                 rows->op == BENCH_COPY ? "" : report_usual_copy(run, rows));
    } else {
        snprintf(ending, sizeof ending, "%s", bench_case_subject(&run->cases[least]));
    }
    fprintf(out, "%-8s %-4s %-8s %10s %5zu %6.2f %6.2f  %s\n", bench_op_name(rows->op),
            clact_dtype_name(rows->dtype),
            rows->op == BENCH_COPY ? "" : clact_tier_name(rows->tier), size, count,
            bench_geometric_mean(shares, count), run->results[least].share, ending);
}

/* Of one operation, type and tier: a line for each size and one over all of them. */
static void report_summary_lines(FILE *out, const bench_run *run, report_rows rows,
                                 double *values) {
    const bench_options *options = run->options;
    for (size_t s = 0; s < options->num_sizes; ++s) {
        rows.elements = options->sizes[s];
        report_summary_line(out, run, &rows, values, values + run->count);
    }
    rows.elements = 0;
    if (options->num_sizes > 1) report_summary_line(out, run, &rows, values, values + run->count);
}

static bool report_cases_summary(FILE *out, const bench_run *run, bench_error *error) {
    double *values = malloc(2 * run->count * sizeof *values);
    if (values == NULL) return bench_fail(error, "out of memory for the summary");
    fputs("\nsummary: share of copy, geometric mean and least\n", out);
    fprintf(out, "%-8s %-4s %-8s %10s %5s %6s %6s  %-13s %9s  %s\n", "op", "type", "tier",
            "elements", "rows", "mean", "least", "of", "copy GB/s", "copy used most");
    for (int d = 0; d < CLI_NUM_DTYPES; ++d)
        for (int t = 0; t < CLI_NUM_TIERS; ++t)
            for (int op = 0; op < BENCH_CASE_OPS; ++op)
                report_summary_lines(
                    out, run,
                    (report_rows){.op = (bench_op)op, .dtype = cli_dtypes[d], .tier = cli_tiers[t]},
                    values);
    if (run->onednn) bench_peer_report_summary(out, run, values);
    free(values);
    return true;
}

bool bench_report_summary(bench_report *report, const bench_run *run, bench_error *error) {
    if (report->out == NULL) return true;
    return (run->count == 0 || report_cases_summary(report->out, run, error)) &&
           (run->num_passes == 0 || bench_sweep_report_summary(report->out, run, error)) &&
           report_flush(report, error);
}
