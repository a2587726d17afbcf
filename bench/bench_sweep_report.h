/* bench_sweep_report.h: what the table for people says of fused passes. */
#ifndef BENCH_SWEEP_REPORT_H
#define BENCH_SWEEP_REPORT_H

#include <stdio.h>

#include "bench_run.h"

/* What the columns mean. */
void bench_sweep_report_legend(FILE *out);

/* The row of passes[at], under a heading where a group begins. */
void bench_sweep_report_row(FILE *out, const bench_run *run, size_t at);

/* What each group came to, and what health cost. */
bool bench_sweep_report_summary(FILE *out, const bench_run *run, bench_error *error);

#endif
