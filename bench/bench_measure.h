/* bench_measure.h: timing: one task, or several in turn so that noise hits all of them. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "bench_error.h"

/* Something that can be enqueued again and again; hands out its event. */
typedef struct bench_task {
    bool (*enqueue)(const void *user, cl_command_queue queue, cl_event *event, bench_error *error);
    const void *user;
} bench_task;

/* One launch. Nanoseconds, device_ns at least 1. */
typedef struct bench_sample {
    double device_ns; /* profiling START to END */
    double wall_ns;   /* before the enqueue to after clFinish */
    double cpu_ns;    /* processor time of the whole process meanwhile */
} bench_sample;

typedef struct bench_timing {
    double min_ns, median_ns; /* device */
    double wall_min_ns, wall_median_ns;
    double cpu_median_ns;
} bench_timing;

/* Tasks of a measurement: the one it is about, and those it is held against: a copy of its bytes,
 * the chain of a fused pass, and the pass without health. */
enum { BENCH_SUBJECT, BENCH_COPY, BENCH_CHAIN, BENCH_PLAIN, BENCH_MAX_TASKS };

typedef struct bench_measurement {
    size_t turns;
    bench_timing timings[BENCH_MAX_TASKS];
    /* medians over the turns of (time of this task) / (that of the subject) */
    double device_ratios[BENCH_MAX_TASKS], wall_ratios[BENCH_MAX_TASKS];
} bench_measurement;

typedef struct bench_limits {
    size_t turns;   /* at least so many */
    double seconds; /* and at least so long */
} bench_limits;

/* Seconds on a clock that never goes back. */
double bench_seconds(void);

/* One launch, waited for. The queue must profile. */
bool bench_measure_once(const bench_task *task, cl_command_queue queue, bench_sample *sample,
                        bench_error *error);

/* One launch of each that is not counted, then one of each in turn until both limits are met. */
bool bench_measure_turns(const bench_task *tasks, size_t count, cl_command_queue queue,
                         const bench_limits *limits, bench_measurement *out, bench_error *error);

#endif
