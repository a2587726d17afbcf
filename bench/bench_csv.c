/* bench_csv.c: a finished run as CSV. */
#include "bench_formats.h"

/* What all rows share, from the number of elements on. Device times are left empty for a pass,
 * which is more than one kernel, and those of its copy are wall times. */
static void csv_write_times(FILE *out, const bench_run *run, size_t row) {
    const bench_result *result = &run->results[row];
    const bench_timing *timing = &result->measured.timings[BENCH_TASK_SUBJECT];
    const bench_timing *copy = &result->measured.timings[BENCH_TASK_COPY];
    fprintf(out, "%zu,%llu,%zu,", bench_run_elements(run, row),
            (unsigned long long)bench_run_bytes(run, row), result->measured.turns);
    if (row < run->count)
        fprintf(out, "%.0f,%.1f,", timing->min_ns, timing->median_ns);
    else
        fputs(",,", out);
    fprintf(out, "%.0f,%.1f,%.1f,%.0f,", timing->wall_min_ns, timing->wall_median_ns,
            timing->cpu_median_ns, result->first_launch_ns);
    if (row < run->count) fprintf(out, "%.6g", bench_run_device_rate(run, row));
    fprintf(out, ",%s,%.0f,%.1f,%.4f", bench_copy_name(&result->copy),
            row < run->count ? copy->min_ns : copy->wall_min_ns,
            row < run->count ? copy->median_ns : copy->wall_median_ns, result->share);
}

static void csv_write_case(FILE *out, const bench_run *run, size_t row) {
    const bench_case *item = &run->cases[row];
    fprintf(out, "%s,%s,%s,%s,%s,", bench_op_name(item->op), bench_case_subject(item),
            bench_case_tier(item), clact_dtype_name(item->sweep.dtype),
            bench_case_reads_y(item) ? "y" : "x");
    csv_write_times(out, run, row);
    if (run->num_passes > 0) fputs(",,,,,,,,", out);
    fputc('\n', out);
}

static void csv_write_pass(FILE *out, const bench_run *run, size_t row) {
    const bench_pass *pass = &run->passes[row - run->count];
    const bench_measurement *measured = &run->results[row].measured;
    const bench_timing *chain = &measured->timings[BENCH_TASK_CHAIN];
    fprintf(out, "%s,%s,%s,%s,%s,", bench_op_name(BENCH_SWEEP), pass->info.name,
            clact_tier_name(pass->tier), clact_dtype_name(pass->dtype),
            clact_saved_name(pass->fused.steps[0].sweep.saved));
    csv_write_times(out, run, row);
    fprintf(out, ",%s,%zu,%zu,%llu,%.0f,%.1f,%.4f,", pass->name, pass->rows, pass->cols,
            (unsigned long long)bench_pass_bytes(pass, &pass->chain), chain->wall_min_ns,
            chain->wall_median_ns, measured->wall_ratios[BENCH_TASK_CHAIN]);
    if (pass->plain.count > 0) fprintf(out, "%.4f", 1.0 / measured->wall_ratios[BENCH_TASK_PLAIN]);
    fputc('\n', out);
}

/* No field needs quotes: names are those of the tables, the rest are numbers. */
bool bench_csv_write(FILE *out, const void *user) {
    const bench_run *run = user;
    fputs("op,activation,tier,dtype,saved,elements,bytes,pairs,min_ns,median_ns,wall_min_ns,wall_"
          "median_ns,"
          "cpu_median_ns,first_launch_ns,device_bytes_per_second,copy,copy_min_ns,copy_median_ns,"
          "copy_share",
          out);
    if (run->num_passes > 0)
        fputs(",pass,rows,cols,chain_bytes,chain_wall_min_ns,chain_wall_median_ns,chain_ratio,"
              "health_ratio",
              out);
    fputc('\n', out);
    for (size_t i = 0; i < bench_run_rows(run); ++i)
        (i < run->count ? csv_write_case : csv_write_pass)(out, run, i);
    return true;
}
