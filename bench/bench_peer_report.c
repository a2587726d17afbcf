/* bench_peer_report.c: what the table for people says of cases beside a peer. */
#include "bench_peer_report.h"

#include "bench_report.h"
#include "bench_stats.h"

void bench_peer_report_legend(FILE *out) {
    fputs(
        "peer     ratio   time of the peer's call / device time of the kernel\n"
        "         by wall time of the peer's call / time from the enqueue to the end of clFinish\n"
        "         medians over turns of kernel, copy, peer, there and back, on the same arrays; "
        "of\n"
        "         short ones so many calls in a row that they take 2 ms, timed together\n",
        out);
}

static bool report_has_peer(const bench_result *result) {
    return result->peer[0] != '\0';
}

void bench_peer_report_row(FILE *out, const bench_run *run, size_t at, bool first) {
    const bench_case *item = &run->cases[at];
    const bench_result *result = &run->results[at];
    const bench_timing *timing = &result->measured.timings[BENCH_TASK_SUBJECT];
    const bench_timing *peer = &result->measured.timings[BENCH_TASK_PEER];
    if (first) {
        bench_report_heading(out, item);
        fprintf(out, "%-28s %20s %15s %20s\n", "", "device time, us", "", "peer's time, us");
        fprintf(out, "%-15s %-4s %-8s %9s %9s %7s %6s  %9s %9s %6s %7s\n", "activation", "type",
                "tier", "min", "median", "GB/s", "share", "min", "median", "ratio", "by wall");
    }
    char columns[BENCH_REPORT_COLUMNS];
    bench_report_columns(item, columns);
    fprintf(out, "%s %9.1f %9.1f %7.2f %6.2f", columns, timing->min_ns * 1e-3,
            timing->median_ns * 1e-3, bench_run_device_rate(run, at) * 1e-9, result->share);
    if (report_has_peer(result))
        fprintf(out, "  %9.1f %9.1f %6.2f %7.2f", peer->wall_min_ns * 1e-3,
                peer->wall_median_ns * 1e-3, result->measured.device_ratios[BENCH_TASK_PEER],
                result->measured.wall_ratios[BENCH_TASK_PEER]);
    fputc('\n', out);
}

/* The rows that are like `first`, of its size or (any_size) of every one. */
static void report_line(FILE *out, const bench_run *run, const bench_case *first, bool any_size,
                        double *ratios, double *wall_ratios) {
    size_t count = 0, least = 0;
    char size[24] = "all";
    for (size_t i = 0; i < run->count; ++i) {
        const bench_case *item = &run->cases[i];
        const bench_measurement *measured = &run->results[i].measured;
        if (!report_has_peer(&run->results[i]) || item->op != first->op ||
            item->sweep.dtype != first->sweep.dtype || item->sweep.tier != first->sweep.tier ||
            (!any_size && item->elements != first->elements))
            continue;
        if (count == 0 || measured->device_ratios[BENCH_TASK_PEER] <
                              run->results[least].measured.device_ratios[BENCH_TASK_PEER])
            least = i;
        ratios[count] = measured->device_ratios[BENCH_TASK_PEER];
        wall_ratios[count++] = measured->wall_ratios[BENCH_TASK_PEER];
    }
    if (count == 0) return;
    if (!any_size) snprintf(size, sizeof size, "%zu", first->elements);
    fprintf(out, "%-8s %-4s %-8s %9s %4zu %6.2f %7.2f %6.2f %-12s %s\n", bench_op_name(first->op),
            clact_dtype_name(first->sweep.dtype), clact_tier_name(first->sweep.tier), size, count,
            bench_geometric_mean(ratios, count), bench_geometric_mean(wall_ratios, count),
            bench_min(ratios, count), bench_case_subject(&run->cases[least]),
            run->results[least].peer);
}

/* Whether an earlier case has said what the line of this one would say. */
static bool report_is_known(const bench_run *run, size_t at, bool any_size) {
    const bench_case *item = &run->cases[at];
    for (size_t i = 0; i < at; ++i) {
        const bench_case *other = &run->cases[i];
        if (other->op == item->op && other->sweep.dtype == item->sweep.dtype &&
            other->sweep.tier == item->sweep.tier &&
            (any_size || other->elements == item->elements))
            return true;
    }
    return false;
}

void bench_peer_report_summary(FILE *out, const bench_run *run, double *values) {
    fputs("\nsummary: time of the peer / ours, geometric means and least\n", out);
    fprintf(out, "%-8s %-4s %-8s %9s %4s %6s %7s %6s %-12s %s\n", "op", "type", "tier", "elements",
            "rows", "ratio", "by wall", "least", "of", "peer there");
    for (int any_size = 0; any_size < (run->options->num_sizes > 1 ? 2 : 1); ++any_size)
        for (size_t i = 0; i < run->count; ++i)
            if (!report_is_known(run, i, any_size))
                report_line(out, run, &run->cases[i], any_size, values, values + run->count);
}
