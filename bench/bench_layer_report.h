/* bench_layer_report.h: what the table for people says of dense layers and training steps. */
#ifndef BENCH_LAYER_REPORT_H
#define BENCH_LAYER_REPORT_H

#include <stdio.h>

#include "bench_run.h"

/* What the columns mean. */
void bench_layer_report_legend(FILE *out);

/* The row of layers[at], under a heading where a group begins. */
void bench_layer_report_row(FILE *out, const bench_run *run, size_t at);

#endif
