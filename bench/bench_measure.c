/* bench_measure.c: timing: one task, or several in turn so that noise hits all of them. */
#include "bench_measure.h"

#include <stdlib.h>
#include <time.h>

#include "bench_stats.h"

/* A row that is not limited by time stops here: more turns do not move a median. */
#define MEASURE_MAX_TURNS 10000

/* What was seen of one task, one array for each figure: values[field][turn]. Ratios are to the
 * subject of the same turn. */
enum { DEVICE, WALL, CPU, DEVICE_RATIO, WALL_RATIO, MEASURE_FIELDS };

typedef struct measure_series {
    double *values[BENCH_MAX_TASKS][MEASURE_FIELDS];
    size_t tasks, count, capacity;
} measure_series;

static double measure_clock(clockid_t clock) {
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double bench_seconds(void) {
    return measure_clock(CLOCK_MONOTONIC) * 1e-9;
}

bool bench_measure_once(const bench_task *task, cl_command_queue queue, bench_sample *sample,
                        bench_error *error) {
    cl_event event = NULL;
    const double cpu = measure_clock(CLOCK_PROCESS_CPUTIME_ID);
    const double wall = measure_clock(CLOCK_MONOTONIC);
    if (!task->enqueue(task->user, queue, &event, error)) return false;
    const cl_int finished = clFinish(queue);
    sample->wall_ns = measure_clock(CLOCK_MONOTONIC) - wall;
    sample->cpu_ns = measure_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;

    cl_ulong start = 0, end = 0;
    cl_int state = CL_COMPLETE;
    bool ok = bench_check_cl(finished, "waiting for the device", error) &&
              bench_check_cl(clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state,
                                            &state, NULL),
                             "asking for a kernel's state", error) &&
              bench_check_cl(state < 0 ? state : CL_SUCCESS, "running a kernel", error) &&
              bench_check_cl(clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START,
                                                     sizeof start, &start, NULL),
                             "asking for a kernel's start time", error) &&
              bench_check_cl(
                  clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, NULL),
                  "asking for a kernel's end time", error);
    clReleaseEvent(event);
    sample->device_ns = end > start ? (double)(end - start) : 1.0;
    return ok;
}

static bool series_reserve(measure_series *series) {
    if (series->count < series->capacity) return true;
    const size_t capacity = series->capacity ? 2 * series->capacity : 64;
    for (size_t task = 0; task < series->tasks; ++task) {
        for (int i = 0; i < MEASURE_FIELDS; ++i) {
            double *grown = realloc(series->values[task][i], capacity * sizeof *grown);
            if (grown == NULL) return false;
            series->values[task][i] = grown;
        }
    }
    series->capacity = capacity;
    return true;
}

static void series_free(measure_series *series) {
    for (size_t task = 0; task < series->tasks; ++task)
        for (int i = 0; i < MEASURE_FIELDS; ++i)
            free(series->values[task][i]);
}

/* Adds a turn, a sample of each task. */
static void series_add(measure_series *series, const bench_sample *samples) {
    const bench_sample *subject = &samples[BENCH_SUBJECT];
    for (size_t task = 0; task < series->tasks; ++task) {
        const bench_sample *sample = &samples[task];
        const double row[MEASURE_FIELDS] = {
            [DEVICE] = sample->device_ns,
            [WALL] = sample->wall_ns,
            [CPU] = sample->cpu_ns,
            [DEVICE_RATIO] = sample->device_ns / subject->device_ns,
            [WALL_RATIO] = sample->wall_ns / subject->wall_ns,
        };
        for (int i = 0; i < MEASURE_FIELDS; ++i)
            series->values[task][i][series->count] = row[i];
    }
    ++series->count;
}

static void series_summarize(const measure_series *series, bench_measurement *out) {
    const size_t count = series->count;
    out->turns = count;
    for (size_t task = 0; task < series->tasks; ++task) {
        double *const *v = series->values[task];
        out->timings[task] = (bench_timing){
            .min_ns = bench_min(v[DEVICE], count),
            .median_ns = bench_median(v[DEVICE], count),
            .wall_min_ns = bench_min(v[WALL], count),
            .wall_median_ns = bench_median(v[WALL], count),
            .cpu_median_ns = bench_median(v[CPU], count),
        };
        out->device_ratios[task] = bench_median(v[DEVICE_RATIO], count);
        out->wall_ratios[task] = bench_median(v[WALL_RATIO], count);
    }
}

static bool measure_turn(const bench_task *tasks, size_t count, cl_command_queue queue,
                         bench_sample *samples, bench_error *error) {
    for (size_t task = 0; task < count; ++task)
        if (!bench_measure_once(&tasks[task], queue, &samples[task], error)) return false;
    return true;
}

bool bench_measure_turns(const bench_task *tasks, size_t count, cl_command_queue queue,
                         const bench_limits *limits, bench_measurement *out, bench_error *error) {
    measure_series series = {.tasks = count};
    bench_sample samples[BENCH_MAX_TASKS];
    bool ok = measure_turn(tasks, count, queue, samples, error);

    const double until = bench_seconds() + limits->seconds;
    while (ok && (series.count < limits->turns ||
                  (series.count < MEASURE_MAX_TURNS && bench_seconds() < until))) {
        if (!series_reserve(&series))
            ok = bench_fail(error, "out of memory for the samples; use fewer --repetitions");
        else if ((ok = measure_turn(tasks, count, queue, samples, error)))
            series_add(&series, samples);
    }
    if (ok) series_summarize(&series, out);
    series_free(&series);
    return ok;
}
