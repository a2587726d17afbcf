/* bench_stats.h: the few statistics a benchmark reports. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>

/* All take count >= 1 values. bench_median sorts them; for an even count it is the mean of the two
 * in the middle. bench_geometric_mean takes positive values. */
double bench_min(const double *values, size_t count);
double bench_median(double *values, size_t count);
double bench_geometric_mean(const double *values, size_t count);

#endif
