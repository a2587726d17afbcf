/* bench_measure.c: timing: one task, or several in turn so that noise hits all of them. */
#include "bench_measure.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "bench_idle.h"
#include "bench_stats.h"

/* Launches in a row that count as one. */
#define MEASURE_MAX_REPEAT 200

/* A row that is not limited by time stops here: more turns do not move a median. */
#define MEASURE_MAX_TURNS 10000

/* What was seen of one task, one array for each figure: values[field][turn]. Ratios are to the
 * subject of the same turn. */
enum { DEVICE, WALL, CPU, DEVICE_RATIO, WALL_RATIO, MEASURE_FIELDS };

typedef struct measure_series {
    double *values[BENCH_MAX_TASKS][MEASURE_FIELDS];
    const bench_task *tasks;
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

bool bench_task_exists(const bench_task *task) {
    return task->enqueue != NULL || task->run != NULL;
}

/* From the START of the first to the END of the last. */
static bool measure_span(cl_event first, cl_event last, double *ns, bench_error *error) {
    cl_ulong start = 0, end = 0;
    cl_int state = CL_COMPLETE;
    const bool ok = bench_check_cl(clGetEventInfo(last, CL_EVENT_COMMAND_EXECUTION_STATUS,
                                                  sizeof state, &state, NULL),
                                   "asking for a kernel's state", error) &&
                    bench_check_cl(state < 0 ? state : CL_SUCCESS, "running a kernel", error) &&
                    bench_check_cl(clGetEventProfilingInfo(first, CL_PROFILING_COMMAND_START,
                                                           sizeof start, &start, NULL),
                                   "asking for a kernel's start time", error) &&
                    bench_check_cl(clGetEventProfilingInfo(last, CL_PROFILING_COMMAND_END,
                                                           sizeof end, &end, NULL),
                                   "asking for a kernel's end time", error);
    *ns = end > start ? (double)(end - start) : 1.0;
    return ok;
}

bool bench_measure_launches(const bench_task *task, cl_command_queue queue, size_t repeat,
                            bench_sample *sample, bench_error *error) {
    cl_event first = NULL, last = NULL;
    bool ok = true;
    if (task->run) return task->run(task->user, queue, repeat, sample, error);
    const double cpu = measure_clock(CLOCK_PROCESS_CPUTIME_ID);
    const double wall = measure_clock(CLOCK_MONOTONIC);
    for (size_t i = 0; ok && i < repeat; ++i) {
        if (i > 1) clReleaseEvent(last);
        last = NULL;
        ok = task->enqueue(task->user, queue, i == 0 ? &first : &last, error);
    }
    ok = bench_check_cl(clFinish(queue), "waiting for the device", error) && ok;
    sample->wall_ns = (measure_clock(CLOCK_MONOTONIC) - wall) / (double)repeat;
    sample->cpu_ns = (measure_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)repeat;

    ok = ok && measure_span(first, last ? last : first, &sample->device_ns, error);
    sample->device_ns /= (double)repeat;
    if (last) clReleaseEvent(last);
    if (first) clReleaseEvent(first);
    return ok;
}

bool bench_measure_host(bool (*call)(const void *user, bench_error *error), const void *user,
                        size_t repeat, bench_sample *sample, bench_error *error) {
    bool ok = true;
    const double cpu = measure_clock(CLOCK_PROCESS_CPUTIME_ID);
    const double wall = measure_clock(CLOCK_MONOTONIC);
    for (size_t i = 0; ok && i < repeat; ++i)
        ok = call(user, error);
    sample->wall_ns = (measure_clock(CLOCK_MONOTONIC) - wall) / (double)repeat;
    sample->cpu_ns = (measure_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)repeat;
    sample->device_ns = sample->wall_ns;
    return ok;
}

static bool series_reserve(measure_series *series) {
    if (series->count < series->capacity) return true;
    const size_t capacity = series->capacity ? 2 * series->capacity : 64;
    for (size_t task = 0; task < BENCH_MAX_TASKS; ++task) {
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
    for (size_t task = 0; task < BENCH_MAX_TASKS; ++task)
        for (int i = 0; i < MEASURE_FIELDS; ++i)
            free(series->values[task][i]);
}

/* Adds a turn, a sample of each task. */
static void series_add(measure_series *series, const bench_sample *samples) {
    const bench_sample *subject = &samples[BENCH_TASK_SUBJECT];
    for (size_t task = 0; task < BENCH_MAX_TASKS; ++task) {
        if (!bench_task_exists(&series->tasks[task])) continue;
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
    *out = (bench_measurement){.turns = count};
    for (size_t task = 0; task < BENCH_MAX_TASKS; ++task) {
        if (!bench_task_exists(&series->tasks[task])) continue;
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

/* How the turns of a row go. */
typedef struct measure_plan {
    const bench_task *tasks;
    cl_command_queue queue;
    size_t repeat;
    bool rest; /* before each task */
} measure_plan;

/* Everybody else's threads to sleep, and those of the task awake, each on a core of its own: on a
 * virtual machine the first launch can wait milliseconds for that. */
static bool measure_wake(const measure_plan *plan, const bench_task *task, bench_error *error) {
    bench_sample unused;
    bench_idle_wait();
    return bench_measure_launches(task, plan->queue, plan->repeat + 1, &unused, error);
}

/* Turns count from 0; the odd ones go backwards. */
static bool measure_turn(const measure_plan *plan, size_t turn, bench_sample *samples,
                         bench_error *error) {
    for (size_t i = 0; i < BENCH_MAX_TASKS; ++i) {
        const size_t at = turn % 2 ? BENCH_MAX_TASKS - 1 - i : i;
        if (!bench_task_exists(&plan->tasks[at])) continue;
        if (plan->rest && !measure_wake(plan, &plan->tasks[at], error)) return false;
        if (!bench_measure_launches(&plan->tasks[at], plan->queue, plan->repeat, &samples[at],
                                    error))
            return false;
    }
    return true;
}

static size_t measure_repeat(double row_ns, double wall_ns) {
    const double repeat = ceil(row_ns / wall_ns);
    return repeat < MEASURE_MAX_REPEAT ? (size_t)repeat : MEASURE_MAX_REPEAT;
}

bool bench_measure_turns(const bench_task *tasks, cl_command_queue queue,
                         const bench_limits *limits, bench_measurement *out, bench_error *error) {
    measure_series series = {.tasks = tasks};
    measure_plan plan = {.tasks = tasks, .queue = queue, .repeat = 1};
    bench_sample samples[BENCH_MAX_TASKS];
    for (size_t task = 0; task < BENCH_MAX_TASKS; ++task)
        plan.rest |= tasks[task].run != NULL;
    bool ok = measure_turn(&plan, 1, samples, error);
    if (ok && plan.rest)
        plan.repeat =
            measure_repeat(limits->row_seconds * 1e9, samples[BENCH_TASK_SUBJECT].wall_ns);

    const double until = bench_seconds() + limits->seconds;
    while (ok && (series.count < limits->turns ||
                  (series.count < MEASURE_MAX_TURNS && bench_seconds() < until))) {
        if (!series_reserve(&series))
            ok = bench_fail(error, "out of memory for the samples; use fewer --repetitions");
        else if ((ok = measure_turn(&plan, series.count, samples, error)))
            series_add(&series, samples);
    }
    if (ok) series_summarize(&series, out);
    out->repeat = plan.repeat;
    series_free(&series);
    return ok;
}
