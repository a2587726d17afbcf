/* bench_update.h: --op update: optimizer steps beside a copy of their bytes, and lists of tensors
 * beside a call for each. */
#ifndef BENCH_UPDATE_H
#define BENCH_UPDATE_H

#include <device_pick.h>

#include "bench_options.h"

/* Where the options ask for it: fills in what is measured unless they say otherwise. False when
 * they ask for what it does not do. */
bool bench_update_fill(bench_options *options, bench_error *error);

/* Measures every optimizer, and the norm of the gradients, and prints two tables. */
bool bench_update_run(const bench_options *options, const picked_device *device, FILE *out,
                      bench_error *error);

#endif
