/* bench_stored.h: what clact-bench does with results that are stored: no device is opened. */
#ifndef BENCH_STORED_H
#define BENCH_STORED_H

#include "bench_error.h"

/* Whether the command line asks for it: it has --compare or --from. */
bool bench_stored_wanted(int argc, char *const *argv);

/* --compare OLD NEW [--margin M], or --from FILE[,FILE...] with --html, --roofline or both. Prints
 * what is wrong; the caller sees that standard output has arrived. Returns the exit status: 0 done,
 * 1 slower than the margin allows, or a file that cannot be written, 2 wrong usage, or a file that
 * cannot be used. */
int bench_stored_run(int argc, char *const *argv);

#endif
