/* bench_measure.h: timing: one task, or two in turn so that noise hits both. */
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

typedef struct bench_measurement {
    size_t pairs;
    bench_timing subject, reference;
    double share; /* median over the pairs of (device time of reference) / (that of subject) */
} bench_measurement;

typedef struct bench_limits {
    size_t pairs;   /* at least so many */
    double seconds; /* and at least so long */
} bench_limits;

/* Seconds on a clock that never goes back. */
double bench_seconds(void);

/* One launch, waited for. The queue must profile. */
bool bench_measure_once(const bench_task *task, cl_command_queue queue, bench_sample *sample,
                        bench_error *error);

/* One launch of each that is not counted, then subject, reference, subject, reference ... until
 * both limits are met. */
bool bench_measure_pairs(const bench_task *subject, const bench_task *reference,
                         cl_command_queue queue, const bench_limits *limits, bench_measurement *out,
                         bench_error *error);

#endif
