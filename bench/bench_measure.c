/* bench_measure.c: timing: one task, or two in turn so that noise hits both. */
#include "bench_measure.h"

#include <stdlib.h>
#include <time.h>

#include "bench_stats.h"

/* A row that is not limited by time stops here: more pairs do not move a median. */
#define MEASURE_MAX_PAIRS 10000

/* What was seen, one array for each figure: values[field][pair]. */
enum {
    SUBJECT_DEVICE,
    SUBJECT_WALL,
    SUBJECT_CPU,
    REFERENCE_DEVICE,
    REFERENCE_WALL,
    REFERENCE_CPU,
    PAIR_SHARE,
    MEASURE_FIELDS
};

typedef struct measure_series {
    double *values[MEASURE_FIELDS];
    size_t count, capacity;
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
    for (int i = 0; i < MEASURE_FIELDS; ++i) {
        double *grown = realloc(series->values[i], capacity * sizeof *grown);
        if (grown == NULL) return false;
        series->values[i] = grown;
    }
    series->capacity = capacity;
    return true;
}

static void series_add(measure_series *series, const bench_sample *subject,
                       const bench_sample *reference) {
    const double row[MEASURE_FIELDS] = {
        subject->device_ns,
        subject->wall_ns,
        subject->cpu_ns,
        reference->device_ns,
        reference->wall_ns,
        reference->cpu_ns,
        reference->device_ns / subject->device_ns,
    };
    for (int i = 0; i < MEASURE_FIELDS; ++i)
        series->values[i][series->count] = row[i];
    ++series->count;
}

static bench_timing series_timing(double *device, double *wall, double *cpu, size_t count) {
    return (bench_timing){
        .min_ns = bench_min(device, count),
        .median_ns = bench_median(device, count),
        .wall_min_ns = bench_min(wall, count),
        .wall_median_ns = bench_median(wall, count),
        .cpu_median_ns = bench_median(cpu, count),
    };
}

bool bench_measure_pairs(const bench_task *subject, const bench_task *reference,
                         cl_command_queue queue, const bench_limits *limits, bench_measurement *out,
                         bench_error *error) {
    measure_series series = {0};
    bench_sample a, b;
    bool ok = false;
    if (!bench_measure_once(subject, queue, &a, error) ||
        !bench_measure_once(reference, queue, &b, error))
        goto done;

    const double until = bench_seconds() + limits->seconds;
    while (series.count < limits->pairs ||
           (series.count < MEASURE_MAX_PAIRS && bench_seconds() < until)) {
        if (!series_reserve(&series)) {
            bench_fail(error, "out of memory for the samples; use fewer --repetitions");
            goto done;
        }
        if (!bench_measure_once(subject, queue, &a, error) ||
            !bench_measure_once(reference, queue, &b, error))
            goto done;
        series_add(&series, &a, &b);
    }

    double **v = series.values;
    out->pairs = series.count;
    out->subject = series_timing(v[SUBJECT_DEVICE], v[SUBJECT_WALL], v[SUBJECT_CPU], series.count);
    out->reference =
        series_timing(v[REFERENCE_DEVICE], v[REFERENCE_WALL], v[REFERENCE_CPU], series.count);
    out->share = bench_median(v[PAIR_SHARE], series.count);
    ok = true;

done:
    for (int i = 0; i < MEASURE_FIELDS; ++i)
        free(series.values[i]);
    return ok;
}
