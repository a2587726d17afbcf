/* bench_run.h: a whole run: every case and pass compiled, launched once, then measured. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include <device_pick.h>

#include "bench_data.h"
#include "bench_onednn.h"
#include "bench_options.h"
#include "bench_row.h"
#include "bench_sweep_tensors.h"

typedef struct bench_run {
    const bench_options *options;
    const picked_device *device;
    char date[40]; /* start of the run, ISO 8601, UTC */
    bench_case *cases;
    size_t count; /* of the cases */
    bench_pass *passes;
    size_t num_passes;
    bench_layer *layers;
    size_t num_layers;
    bench_result *results; /* of the cases, then of the passes, then of the layers */
    double build_seconds;  /* in the OpenCL compiler, and how often it was called */
    unsigned builds;
    unsigned cached;       /* programs that came from the cache folder */
    double launch_seconds; /* sum of first_launch_ns: the driver finishes kernels in it */

    bench_data data;
    bench_tensors tensors;
    bench_copy copy;
    bench_onednn *onednn; /* NULL where it was not asked for */
} bench_run;

/* Who follows a run; any function may be NULL. One that returns false ends the run with the error
 * it wrote. */
typedef struct bench_observer {
    void *user;
    /* What is done next; seconds_left is negative while nobody knows. */
    void (*working)(void *user, const char *what, size_t done, size_t total, double seconds_left);
    /* Before the first row. */
    bool (*compiled)(void *user, const bench_run *run, bench_error *error);
    /* results[row] is there: of cases[row], of passes[row - count], ... */
    bool (*measured)(void *user, const bench_run *run, size_t row, bench_error *error);
} bench_observer;

/* Makes cases, passes and arrays. Close *run after any outcome. Options and device must outlive it.
 */
bool bench_run_open(const bench_options *options, const picked_device *device, bench_run *run,
                    bench_error *error);

/* Compiles, launches and measures every case and pass. */
bool bench_run_execute(bench_run *run, const bench_observer *observer, bench_error *error);

/* Accepts what was never opened (all zero). */
void bench_run_close(bench_run *run);

/* Rows are the cases, then the passes, then the layers. */
size_t bench_run_rows(const bench_run *run);

/* What a row is, and the place of a case, pass or layer among its like. */
typedef enum bench_kind { BENCH_KIND_CASE, BENCH_KIND_PASS, BENCH_KIND_LAYER } bench_kind;
bench_kind bench_run_kind(const bench_run *run, size_t row, size_t *at);

/* How many threads the libraries of the CPU are to use; 0: as many as they like. */
unsigned bench_run_peer_threads(const bench_run *run);

/* Of a row: its name, the elements of a tensor (of a layer, its outputs; of a step, its samples),
 * and the least bytes it moves. */
void bench_run_name(const bench_run *run, size_t row, char *text, size_t size);
size_t bench_run_elements(const bench_run *run, size_t row);
uint64_t bench_run_bytes(const bench_run *run, size_t row);

/* Bytes a second of a row by the median device time, by the median wall time, and of its
 * copy by the median device time. */
double bench_run_device_rate(const bench_run *run, size_t row);
double bench_run_wall_rate(const bench_run *run, size_t row);
double bench_run_copy_rate(const bench_run *run, size_t row);

#endif
