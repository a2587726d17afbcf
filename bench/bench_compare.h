/* bench_compare.h: two runs of the same rows, and whether the second is slower. */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include "bench_results.h"

typedef struct bench_verdict {
    size_t rows; /* that both have */
    size_t slower, faster;
} bench_verdict;

/* Prints each row that both have, with times and shares of old and new and their ratios, above 1
 * where new is faster, then the rows that only one has. The ratios are those of the shares of the
 * copy where both have them, since the copy has met the same machine at the same time; else of the
 * times. There are two, of medians and of least times: a row is slower where both are below
 * 1 - margin, faster where both are above 1 + margin. What else runs on a machine moves one or the
 * other; slower code moves both. False where no row is in both, with nothing printed. */
bool bench_compare(FILE *out, const bench_results *before, const bench_results *after,
                   double margin, bench_verdict *verdict, bench_error *error);

#endif
