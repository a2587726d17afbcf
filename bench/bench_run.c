/* bench_run.c: a whole run: every case and pass compiled, launched once, then measured. */
#include "bench_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench_subject.h"

static void run_date(char *text, size_t size) {
    const time_t now = time(NULL);
    struct tm parts;
    if (gmtime_r(&now, &parts) == NULL ||
        strftime(text, size, "%Y-%m-%dT%H:%M:%S+00:00", &parts) == 0)
        text[0] = '\0';
}

/* Leaves out copies in ways that the device does not know. */
static void run_drop_absent_copies(bench_run *run) {
    size_t kept = 0;
    for (size_t i = 0; i < run->count; ++i)
        if (run->cases[i].op != BENCH_COPY || bench_copy_can(&run->copy, run->cases[i].copy_way))
            run->cases[kept++] = run->cases[i];
    run->count = kept;
}

/* The most that a row moves which is held against a copy. */
static uint64_t run_most_bytes(const bench_run *run) {
    uint64_t most = 0;
    for (size_t i = 0; i < run->count + run->num_passes; ++i)
        if (bench_run_bytes(run, i) > most) most = bench_run_bytes(run, i);
    return most;
}

/* The device's own limit, told before the driver says it less clearly. */
static bool run_check_memory(const bench_run *run, bench_error *error) {
    const uint64_t largest = bench_tensors_largest(run->passes, run->num_passes);
    uint64_t most = run_most_bytes(run) / 2; /* a buffer of the copy */
    if (largest > most) most = largest;
    for (size_t i = 0; i < run->count; ++i)
        if (bench_case_array_bytes(&run->cases[i]) > most)
            most = bench_case_array_bytes(&run->cases[i]);
    const uint64_t limit = run->device->info.max_alloc_bytes;
    if (most <= limit) return true;
    return bench_fail(error,
                      "the largest --size or --shape needs a buffer of %.0f MB; this device allows "
                      "%.0f MB, so choose a smaller one",
                      (double)most * 1e-6, (double)limit * 1e-6);
}

/* As many as were asked for, or as a CPU device has, so that both sides use the same; beside
 * another device as many as the library likes. */
unsigned bench_run_peer_threads(const bench_run *run) {
    const clact_device_info *info = &run->device->info;
    if (run->options->threads > 0) return run->options->threads;
    return info->type & CL_DEVICE_TYPE_CPU ? info->compute_units : 0;
}

/* --threads reaches PoCL; another CPU driver would go on with all cores, beside peers that do not.
 */
static bool run_check_threads(const bench_run *run, bench_error *error) {
    const clact_device_info *info = &run->device->info;
    const unsigned threads = run->options->threads;
    if (threads == 0 || !(info->type & CL_DEVICE_TYPE_CPU) || info->compute_units == threads)
        return true;
    return bench_fail(error,
                      "the driver of %s has %u compute units, not the %u of --threads; it takes no "
                      "limit from this program, so leave --threads out",
                      info->name, info->compute_units, threads);
}

bool bench_run_open(const bench_options *options, const picked_device *device, bench_run *run,
                    bench_error *error) {
    *run = (bench_run){.options = options, .device = device};
    if (!run_check_threads(run, error)) return false;
    run_date(run->date, sizeof run->date);
    run->count = bench_options_cases(options, NULL);
    run->num_passes = bench_options_passes(options, NULL);
    run->num_layers = bench_options_layers(options, NULL);
    run->layers = calloc(run->num_layers + 1, sizeof *run->layers);
    run->cases = calloc(run->count + 1, sizeof *run->cases);
    run->passes = calloc(run->num_passes + 1, sizeof *run->passes);
    run->results = calloc(bench_run_rows(run), sizeof *run->results);
    if (!run->cases || !run->passes || !run->layers || !run->results)
        return bench_fail(error, "out of memory; measure fewer activations");
    bench_options_cases(options, run->cases);
    bench_options_passes(options, run->passes);
    bench_options_layers(options, run->layers);
    bench_openblas_set_threads(bench_run_peer_threads(run));
    const bool opened =
        run_check_memory(run, error) &&
        (run->count == 0 || bench_data_open(device->context, device->queue, device->clact,
                                            run->cases, run->count, &run->data, error)) &&
        (run->num_passes == 0 ||
         bench_tensors_open(device->context, device->queue, device->clact, run->passes,
                            run->num_passes, &run->tensors, error)) &&
        (!options->peers[BENCH_PEER_ONEDNN] ||
         bench_onednn_open(bench_run_peer_threads(run), &run->onednn, error)) &&
        (run_most_bytes(run) == 0 || bench_copy_open(device->context, device->device, device->queue,
                                                     run_most_bytes(run), &run->copy, error));
    if (opened) run_drop_absent_copies(run);
    return opened;
}

/* Sweeps in one direction that the steps of all passes of the first shape run, to *sweeps; returns
 * how many. */
static size_t run_collect_steps(const bench_run *run, bench_step_kind kind, clact_sweep *sweeps) {
    size_t count = 0;
    for (size_t i = 0; i < run->num_passes; ++i) {
        const bench_pass *pass = &run->passes[i];
        const bench_steps *const parts[] = {&pass->fused, &pass->chain, &pass->plain,
                                            &pass->prepare};
        if (pass->rows != run->passes->rows || pass->cols != run->passes->cols) continue;
        for (size_t part = 0; part < sizeof parts / sizeof *parts; ++part)
            for (size_t k = 0; k < parts[part]->count; ++k)
                if (parts[part]->steps[k].kind == kind)
                    sweeps[count++] = parts[part]->steps[k].sweep;
    }
    return count;
}

/* Compiles the kernels of one direction in one build. Sizes and shapes share their kernels. */
static clact_status run_compile_op(bench_run *run, bool backward, clact_sweep *sweeps) {
    const bench_op op = backward ? BENCH_BACKWARD : BENCH_FORWARD;
    size_t count = 0;
    for (size_t i = 0; i < run->count; ++i)
        if (run->cases[i].op == op && run->cases[i].elements == run->options->sizes[0])
            sweeps[count++] = run->cases[i].sweep;
    count += run_collect_steps(run, backward ? STEP_BACKWARD : STEP_FORWARD, sweeps + count);
    if (count == 0) return CLACT_SUCCESS;
    return clact_warm_up(run->device->clact, sweeps, count, backward);
}

/* Everything before anything is measured, so that the compile time stands apart. Backward comes
 * first: its build makes the forward kernels too and leaves to the other only those of activations
 * that cannot go backward from y, and of passes that only go forward. */
static bool run_compile(bench_run *run, bench_error *error) {
    const size_t most = 1 + run->count + run->num_passes * 4 * BENCH_MAX_STEPS;
    clact_sweep *sweeps = malloc(most * sizeof *sweeps);
    if (sweeps == NULL) return bench_fail(error, "out of memory; measure fewer activations");
    clact_status status = run_compile_op(run, true, sweeps);
    if (status == CLACT_SUCCESS) status = run_compile_op(run, false, sweeps);
    free(sweeps);
    return bench_check_clact(status, run->device->clact, "compiling the kernels", error);
}

static void run_tell(const bench_observer *observer, const char *what, size_t done, size_t total,
                     double left) {
    if (observer->working) observer->working(observer->user, what, done, total, left);
}

/* The first launch of each row, and a look at what it gives. */
static bool run_launch(bench_run *run, const bench_observer *observer, bench_error *error) {
    const cl_command_queue queue = run->device->queue;
    for (size_t i = 0; i < bench_run_rows(run); ++i) {
        bench_subject subject;
        run_tell(observer, "first launches", i, bench_run_rows(run), -1.0);
        const bool ok = bench_subject_open(run, i, &subject, error) &&
                        bench_row_launch(&subject.row, queue, &run->results[i], error) &&
                        bench_subject_compare(run, i, &subject, &run->results[i], error);
        bench_subject_close(&subject);
        if (!ok) return false;
        run->launch_seconds += run->results[i].first_launch_ns * 1e-9;
    }
    run->build_seconds = clact_context_build_seconds(run->device->clact, &run->builds);
    clact_context_cache_counts(run->device->clact, &run->cached, NULL);
    return true;
}

/* A row's share of the time, as far as its first launch tells. */
static double run_row_weight(const bench_run *run, size_t row) {
    const double tasks = row < run->count ? 2.0 : 5.0;
    const double least =
        tasks * 1e-9 * run->results[row].first_device_ns * (double)(run->options->repetitions + 3);
    return least > run->options->min_seconds ? least : run->options->min_seconds;
}

/* Memory that a process has just begun to use can take a second of use to come to its speed: copies
 * warm it before the first row of each size and type, unless the user asked for few repetitions. */
static bool run_settle(bench_run *run, size_t row, bench_error *error) {
    const double until = bench_seconds() + 1.5;
    const bench_case *item = &run->cases[row];
    const bool is_pass = row >= run->count && row < run->count + run->num_passes;
    const bench_pass *pass = &run->passes[is_pass ? row - run->count : 0];
    bench_copy_choice unused;
    const bool same = row < run->count ? row > 0 && bench_case_array_bytes(item - 1) ==
                                                        bench_case_array_bytes(item)
                                       : row > run->count && bench_pass_same_group(pass - 1, pass);
    if (run->options->min_seconds <= 0.0 || same || row >= run->count + run->num_passes)
        return true;
    while (bench_seconds() < until)
        if (!bench_copy_choose(&run->copy, run->device->queue, bench_run_bytes(run, row), &unused,
                               error))
            return false;
    return true;
}

static bool run_measure_row(bench_run *run, size_t row, bench_error *error) {
    const bool is_layer = row >= run->count + run->num_passes;
    const bench_limits limits = {run->options->repetitions, run->options->min_seconds,
                                 is_layer ? 0.02 : 0.002};
    bench_subject subject;
    const bool ok = bench_subject_open(run, row, &subject, error) && run_settle(run, row, error) &&
                    bench_row_measure(&subject.row, &run->copy, run->device->queue, &limits,
                                      &run->results[row], error);
    bench_subject_close(&subject);
    return ok;
}

static bool run_measure(bench_run *run, const bench_observer *observer, bench_error *error) {
    const double start = bench_seconds();
    double total = 0.0, done = 0.0;
    for (size_t i = 0; i < bench_run_rows(run); ++i)
        total += run_row_weight(run, i);
    for (size_t i = 0; i < bench_run_rows(run); ++i) {
        const double pace = done > 0.0 ? (bench_seconds() - start) / done : 1.0;
        char name[128];
        bench_run_name(run, i, name, sizeof name);
        run_tell(observer, name, i, bench_run_rows(run), pace * (total - done));
        if (!run_measure_row(run, i, error)) return false;
        done += run_row_weight(run, i);
        if (observer->measured && !observer->measured(observer->user, run, i, error)) return false;
    }
    return true;
}

bool bench_run_execute(bench_run *run, const bench_observer *observer, bench_error *error) {
    run_tell(observer, "compiling", 0, bench_run_rows(run), -1.0);
    if (!run_compile(run, error) || !run_launch(run, observer, error)) return false;
    if (observer->compiled && !observer->compiled(observer->user, run, error)) return false;
    return run_measure(run, observer, error);
}

void bench_run_close(bench_run *run) {
    bench_copy_close(&run->copy);
    bench_data_close(&run->data);
    bench_tensors_close(&run->tensors);
    bench_onednn_close(run->onednn);
    free(run->cases);
    free(run->passes);
    free(run->layers);
    free(run->results);
    *run = (bench_run){0};
}
