/* bench_peer_report.h: what the table for people says of cases beside a peer. */
#ifndef BENCH_PEER_REPORT_H
#define BENCH_PEER_REPORT_H

#include <stdio.h>

#include "bench_run.h"

/* What the columns mean. */
void bench_peer_report_legend(FILE *out);

/* The row of cases[at]; the first of its group has a heading. */
void bench_peer_report_row(FILE *out, const bench_run *run, size_t at, bool first);

/* Means of the ratios. The array has room for 2 run->count values. */
void bench_peer_report_summary(FILE *out, const bench_run *run, double *values);

#endif
