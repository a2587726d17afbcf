/* bench_onednn.h: activations by oneDNN on the CPU, beside ours. Without oneDNN at build time
 * bench_onednn_open fails and the rest is never reached. */
#ifndef BENCH_ONEDNN_H
#define BENCH_ONEDNN_H

#include "bench_case.h"
#include "bench_error.h"

typedef struct bench_onednn bench_onednn;
typedef struct bench_onednn_case bench_onednn_case;

/* With so many threads; 0 leaves that to oneDNN. Close *out after any outcome. */
bool bench_onednn_open(unsigned threads, bench_onednn **out, bench_error *error);

/* Accepts NULL. */
void bench_onednn_close(bench_onednn *onednn);

/* Prepares the same function as the case's, compiled. *out is NULL, and that is no failure, where
 * oneDNN does not have it: not at all, not in this type, or not backward from y. */
bool bench_onednn_case_open(bench_onednn *onednn, const bench_case *item, bench_onednn_case **out,
                            bench_error *error);

/* Accepts NULL. */
void bench_onednn_case_close(bench_onednn_case *one);

/* What oneDNN calls the code it has chosen: "jit:avx512_core". */
const char *bench_onednn_implementation(const bench_onednn_case *one);

/* Computes it, for bench_host_work: the user is a bench_onednn_case, the arrays are those of
 * bench_data_host_work. */
bool bench_onednn_call(const void *user, void *const *arrays, bench_error *error);

#endif
