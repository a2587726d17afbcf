/* bench_run.c: a whole run: every case compiled, launched once, then measured beside its copy. */
#include "bench_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void run_date(char *text, size_t size) {
    const time_t now = time(NULL);
    struct tm parts;
    if (gmtime_r(&now, &parts) == NULL ||
        strftime(text, size, "%Y-%m-%dT%H:%M:%S+00:00", &parts) == 0)
        text[0] = '\0';
}

/* The device's own limit, told before the driver says it less clearly. */
static bool run_check_memory(const bench_run *run, bench_error *error) {
    uint64_t most = 0;
    for (size_t i = 0; i < run->count; ++i) {
        const uint64_t array = bench_case_array_bytes(&run->cases[i]);
        const uint64_t copy = bench_case_bytes(&run->cases[i]) / 2;
        if (array > most) most = array;
        if (copy > most) most = copy;
    }
    const uint64_t limit = run->device->info.max_alloc_bytes;
    if (most <= limit) return true;
    return bench_fail(error,
                      "the largest --size needs a buffer of %.0f MB; this device allows "
                      "%.0f MB, so choose a smaller one",
                      (double)most * 1e-6, (double)limit * 1e-6);
}

bool bench_run_open(const bench_options *options, const picked_device *device, bench_run *run,
                    bench_error *error) {
    *run = (bench_run){.options = options, .device = device};
    run_date(run->date, sizeof run->date);
    run->count = bench_options_cases(options, NULL);
    run->cases = calloc(run->count, sizeof *run->cases);
    run->results = calloc(run->count, sizeof *run->results);
    if (run->cases == NULL || run->results == NULL)
        return bench_fail(error, "out of memory; measure fewer activations");
    bench_options_cases(options, run->cases);

    uint64_t most = 0;
    for (size_t i = 0; i < run->count; ++i)
        if (bench_case_bytes(&run->cases[i]) > most) most = bench_case_bytes(&run->cases[i]);
    return run_check_memory(run, error) &&
           bench_data_open(device->context, device->queue, device->clact, run->cases, run->count,
                           &run->data, error) &&
           bench_copy_open(device->context, device->device, device->queue, most, &run->copy, error);
}

/* Compiles the kernels of one operation's cases in one build. Sizes share their kernels. */
static clact_status run_compile_op(bench_run *run, bench_op op, clact_sweep *sweeps) {
    size_t count = 0;
    for (size_t i = 0; i < run->count; ++i)
        if (run->cases[i].op == op && run->cases[i].elements == run->options->sizes[0])
            sweeps[count++] = run->cases[i].sweep;
    if (count == 0) return CLACT_SUCCESS;
    return clact_warm_up(run->device->clact, sweeps, count, op == BENCH_BACKWARD);
}

/* Everything before anything is measured, so that the compile time stands apart. Backward comes
 * first: its build makes the forward kernels too and leaves to the other only those of activations
 * that cannot go backward from y. */
static bool run_compile(bench_run *run, bench_error *error) {
    clact_sweep *sweeps = malloc(run->count * sizeof *sweeps);
    if (sweeps == NULL) return bench_fail(error, "out of memory; measure fewer activations");
    clact_status status = run_compile_op(run, BENCH_BACKWARD, sweeps);
    if (status == CLACT_SUCCESS) status = run_compile_op(run, BENCH_FORWARD, sweeps);
    free(sweeps);
    run->build_seconds = clact_context_build_seconds(run->device->clact, &run->builds);
    return bench_check_clact(status, run->device->clact, "compiling the kernels", error);
}

static void run_tell(const bench_observer *observer, const char *what, size_t done, size_t total,
                     double left) {
    if (observer->working) observer->working(observer->user, what, done, total, left);
}

/* The first launch of each case, in which a driver may still compile. */
static bool run_launch(bench_run *run, const bench_observer *observer, bench_error *error) {
    const cl_command_queue queue = run->device->queue;
    for (size_t i = 0; i < run->count; ++i) {
        const bench_data_case one = {.data = &run->data, .item = &run->cases[i]};
        const bench_task task = bench_data_task(&one);
        bench_sample sample;
        run_tell(observer, "first launches", i, run->count, -1.0);
        if (!bench_data_prepare(&run->data, one.item, queue, error) ||
            !bench_measure_once(&task, queue, &sample, error))
            return false;
        bench_result *result = &run->results[i];
        result->first_device_ns = sample.device_ns;
        result->first_launch_ns = sample.wall_ns - sample.device_ns;
        if (result->first_launch_ns < 0.0) result->first_launch_ns = 0.0;
        run->launch_seconds += result->first_launch_ns * 1e-9;
    }
    return true;
}

/* A row's share of the time, as far as its first launch tells. */
static double run_row_weight(const bench_run *run, size_t row) {
    const double least =
        2e-9 * run->results[row].first_device_ns * (double)(run->options->repetitions + 3);
    return least > run->options->min_seconds ? least : run->options->min_seconds;
}

/* Chooses the copy and measures the row once. */
static bool run_attempt(bench_run *run, const bench_data_case *one, bench_result *result,
                        bench_error *error) {
    const bench_limits limits = {run->options->repetitions, run->options->min_seconds};
    const cl_command_queue queue = run->device->queue;
    const bench_task subject = bench_data_task(one);
    const bench_task reference = bench_copy_task(&result->copy);
    const uint64_t bytes = bench_case_bytes(one->item);
    if (!bench_copy_choose(&run->copy, queue, bytes, &result->copy, error) ||
        !bench_measure_pairs(&subject, &reference, queue, &limits, &result->measured, error))
        return false;
    /* An odd number of elements makes the copy up to 7 bytes longer. */
    result->measured.share *= (double)bytes / (double)bench_copy_bytes(&result->copy);
    return true;
}

/* Memory that a process has just begun to use can take a second of use to come to its speed: copies
 * warm it before the first row of each size and type, unless the user asked for few repetitions. */
static bool run_settle(bench_run *run, size_t row, bench_error *error) {
    const double until = bench_seconds() + 1.5;
    const bench_case *item = &run->cases[row];
    bench_copy_choice unused;
    if (run->options->min_seconds <= 0.0 ||
        (row > 0 && bench_case_array_bytes(item - 1) == bench_case_array_bytes(item)))
        return true;
    while (bench_seconds() < until)
        if (!bench_copy_choose(&run->copy, run->device->queue, bench_case_bytes(item), &unused,
                               error))
            return false;
    return true;
}

/* The copy is chosen for each row anew: which one is fastest depends on what else the machine is
 * doing, and one chosen in a bad moment would flatter all rows after it. A kernel that seems to
 * beat the fastest copy of its bytes shows that the machine changed its speed in between: such a
 * row is measured again, and the least flattering attempt counts. */
static bool run_measure_row(bench_run *run, size_t row, bench_error *error) {
    enum { ATTEMPTS = 4 };
    const double suspicious = 1.05;
    const bench_data_case one = {.data = &run->data, .item = &run->cases[row]};
    bench_result *result = &run->results[row];
    if (!bench_data_prepare(&run->data, one.item, run->device->queue, error) ||
        !run_settle(run, row, error) || !run_attempt(run, &one, result, error))
        return false;
    for (int i = 1; i < ATTEMPTS && result->measured.share > suspicious; ++i) {
        bench_result again = *result;
        if (!run_attempt(run, &one, &again, error)) return false;
        if (again.measured.share < result->measured.share) *result = again;
    }
    return true;
}

static bool run_measure(bench_run *run, const bench_observer *observer, bench_error *error) {
    const double start = bench_seconds();
    double total = 0.0, done = 0.0;
    for (size_t i = 0; i < run->count; ++i)
        total += run_row_weight(run, i);
    for (size_t i = 0; i < run->count; ++i) {
        const double pace = done > 0.0 ? (bench_seconds() - start) / done : 1.0;
        char name[96];
        bench_case_name(&run->cases[i], name, sizeof name);
        run_tell(observer, name, i, run->count, pace * (total - done));
        if (!run_measure_row(run, i, error)) return false;
        done += run_row_weight(run, i);
        if (observer->measured && !observer->measured(observer->user, run, i, error)) return false;
    }
    return true;
}

bool bench_run_execute(bench_run *run, const bench_observer *observer, bench_error *error) {
    run_tell(observer, "compiling", 0, run->count, -1.0);
    if (!run_compile(run, error) || !run_launch(run, observer, error)) return false;
    if (observer->compiled && !observer->compiled(observer->user, run, error)) return false;
    return run_measure(run, observer, error);
}

void bench_run_close(bench_run *run) {
    bench_copy_close(&run->copy);
    bench_data_close(&run->data);
    free(run->cases);
    free(run->results);
    *run = (bench_run){0};
}

double bench_run_device_rate(const bench_run *run, size_t row) {
    return (double)bench_case_bytes(&run->cases[row]) /
           (run->results[row].measured.subject.median_ns * 1e-9);
}

double bench_run_wall_rate(const bench_run *run, size_t row) {
    return (double)bench_case_bytes(&run->cases[row]) /
           (run->results[row].measured.subject.wall_median_ns * 1e-9);
}

double bench_run_copy_rate(const bench_run *run, size_t row) {
    return (double)bench_copy_bytes(&run->results[row].copy) /
           (run->results[row].measured.reference.median_ns * 1e-9);
}
