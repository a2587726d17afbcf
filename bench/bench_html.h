/* bench_html.h: results as one HTML file that needs nothing else. */
#ifndef BENCH_HTML_H
#define BENCH_HTML_H

#include "bench_picture.h"

/* Results of clact-bench, with those of other libraries beside the rows that they match: the same
 * operation, label, type and size. The first says what machine this is. */
typedef struct bench_page {
    const bench_results *results;
    size_t count;
    const bench_picture *picture;
} bench_page;

/* The user is a const bench_page. False when out of memory. */
bool bench_html_write(FILE *out, const void *page);

#endif
