/* bench_html_table.h: the tables of the HTML report. */
#ifndef BENCH_HTML_TABLE_H
#define BENCH_HTML_TABLE_H

#include "bench_html.h"

/* For each operation, type, tier and size: the geometric mean and the least of the shares. */
void bench_html_summary(FILE *out, const bench_page *page);

/* Every row of results[at], a table for each operation, type and size. */
void bench_html_tables(FILE *out, const bench_page *page, size_t at);

#endif
