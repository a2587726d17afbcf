/* bench_overhead.h: --op overhead: what a call costs beside an empty kernel on the same queue. */
#ifndef BENCH_OVERHEAD_H
#define BENCH_OVERHEAD_H

#include <device_pick.h>

#include "bench_options.h"

/* Where the options ask for it: fills in what is measured unless they say otherwise, 1,024 elements
 * forward and backward of a few activations. False when they ask for what it does not do. */
bool bench_overhead_fill(bench_options *options, bench_error *error);

/* Measures every case and prints a table. */
bool bench_overhead_run(const bench_options *options, const picked_device *device, FILE *out,
                        bench_error *error);

#endif
