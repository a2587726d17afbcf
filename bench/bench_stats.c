/* bench_stats.c: the few statistics a benchmark reports. */
#include "bench_stats.h"

#include <math.h>
#include <stdlib.h>

static int stats_compare(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

double bench_min(const double *values, size_t count) {
    double least = values[0];
    for (size_t i = 1; i < count; ++i)
        if (values[i] < least) least = values[i];
    return least;
}

double bench_median(double *values, size_t count) {
    qsort(values, count, sizeof *values, stats_compare);
    const size_t middle = count / 2;
    return count % 2 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

double bench_geometric_mean(const double *values, size_t count) {
    double sum = 0.0;
    for (size_t i = 0; i < count; ++i)
        sum += log(values[i]);
    return exp(sum / (double)count);
}
