/* bench_csv.c: a finished run as CSV. */
#include "bench_formats.h"

/* No field needs quotes: names are those of the table, the rest are numbers. */
bool bench_csv_write(FILE *out, const void *user) {
    const bench_run *run = user;
    fputs("op,activation,tier,dtype,saved,elements,bytes,pairs,min_ns,median_ns,wall_min_ns,wall_"
          "median_ns,"
          "cpu_median_ns,first_launch_ns,device_bytes_per_second,copy,copy_min_ns,copy_median_ns,"
          "copy_share\n",
          out);
    for (size_t i = 0; i < run->count; ++i) {
        const bench_case *item = &run->cases[i];
        const bench_result *result = &run->results[i];
        const bench_timing *timing = &result->measured.subject;
        const bench_timing *copy = &result->measured.reference;
        fprintf(out, "%s,%s,%s,%s,%s,%zu,%llu,%zu,", bench_op_name(item->op), item->info.name,
                clact_tier_name(item->sweep.tier), clact_dtype_name(item->sweep.dtype),
                bench_case_reads_y(item) ? "y" : "x", item->elements,
                (unsigned long long)bench_case_bytes(item), result->measured.pairs);
        fprintf(out, "%.0f,%.1f,%.0f,%.1f,%.1f,%.0f,%.6g,", timing->min_ns, timing->median_ns,
                timing->wall_min_ns, timing->wall_median_ns, timing->cpu_median_ns,
                result->first_launch_ns, bench_run_device_rate(run, i));
        fprintf(out, "%s,%.0f,%.1f,%.4f\n", bench_copy_name(&result->copy), copy->min_ns,
                copy->median_ns, result->measured.share);
    }
    return true;
}
