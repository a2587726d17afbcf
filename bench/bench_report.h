/* bench_report.h: the table for people and the progress line. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdio.h>

#include "bench_run.h"

typedef struct bench_report {
    FILE *out;         /* the table; NULL for none */
    FILE *progress;    /* a terminal; NULL for none */
    bool line_is_open; /* the terminal's cursor stands in a progress line */
} bench_report;

/* An observer that writes header, rows and progress as they come; it ends a run when the table
 * cannot be written. */
bench_observer bench_report_observer(bench_report *report);

/* Wipes the progress line, so that something else can be written. */
void bench_report_quiet(bench_report *report);

/* The heading of a group of cases. */
void bench_report_heading(FILE *out, const bench_case *item);

/* The first columns of a case's row: activation (or copy), type and tier. */
enum { BENCH_REPORT_COLUMNS = 64 };
void bench_report_columns(const bench_case *item, char text[BENCH_REPORT_COLUMNS]);

/* The table's end: what each group came to. False when it cannot be written. */
bool bench_report_summary(bench_report *report, const bench_run *run, bench_error *error);

#endif
