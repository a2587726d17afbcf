/* bench_measure.h: timing: one task, or several in turn so that noise hits all of them. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "bench_error.h"

/* One launch, or the mean of several in a row. Nanoseconds, device_ns at least 1. Work of the host
 * has its wall time as device time. */
typedef struct bench_sample {
    double device_ns; /* profiling START (of the first) to END (of the last) */
    double wall_ns;   /* before the enqueue to after clFinish */
    double cpu_ns;    /* processor time of the whole process meanwhile */
} bench_sample;

/* Something that can be done again and again: commands for the queue, which hand out the event of
 * the last, or work of the host, which does it `repeat` times and takes its own time (see
 * bench_measure_host). The queue is idle before and after. All zero is no task. */
typedef struct bench_task {
    bool (*enqueue)(const void *user, cl_command_queue queue, cl_event *event, bench_error *error);
    bool (*run)(const void *user, cl_command_queue queue, size_t repeat, bench_sample *sample,
                bench_error *error);
    const void *user;
} bench_task;

typedef struct bench_timing {
    double min_ns, median_ns; /* device */
    double wall_min_ns, wall_median_ns;
    double cpu_median_ns;
} bench_timing;

/* Tasks of a measurement: the one it is about, and those it is held against, as far as it has them:
 * a copy of its bytes, the chain of a fused pass, the pass without health, the same by another
 * library, and that library's products alone. */
enum {
    BENCH_TASK_SUBJECT,
    BENCH_TASK_COPY,
    BENCH_TASK_CHAIN,
    BENCH_TASK_PLAIN,
    BENCH_TASK_PEER,
    BENCH_TASK_GEMM,
    BENCH_MAX_TASKS
};

typedef struct bench_measurement {
    size_t turns;
    size_t repeat; /* launches of each task in a turn, one after the other */
    bench_timing timings[BENCH_MAX_TASKS];
    /* medians over the turns of (time of this task) / (that of the subject) */
    double device_ratios[BENCH_MAX_TASKS], wall_ratios[BENCH_MAX_TASKS];
} bench_measurement;

typedef struct bench_limits {
    size_t turns;       /* at least so many */
    double seconds;     /* and at least so long */
    double row_seconds; /* what launches in a row are to take where they are counted as one */
} bench_limits;

/* Seconds on a clock that never goes back. */
double bench_seconds(void);

bool bench_task_exists(const bench_task *task);

/* `repeat` launches, waited for together. The queue must profile. */
bool bench_measure_launches(const bench_task *task, cl_command_queue queue, size_t repeat,
                            bench_sample *sample, bench_error *error);

/* Times so many calls, for a task's run. */
bool bench_measure_host(bool (*call)(const void *user, bench_error *error), const void *user,
                        size_t repeat, bench_sample *sample, bench_error *error);

/* One launch of each of BENCH_MAX_TASKS tasks that is not counted, then turns of one of each until
 * both limits are met. Every second turn goes backwards, so that no task always finds the caches as
 * the same other one has left them.
 *
 * Where one is work of the host, its library has threads of its own. The process comes to rest
 * before each task then, since threads that still spin take a core from the next; launches that are
 * not counted wake those of the task; and of short ones so many in a row are counted as one that
 * they take limits->row_seconds. */
bool bench_measure_turns(const bench_task *tasks, cl_command_queue queue,
                         const bench_limits *limits, bench_measurement *out, bench_error *error);

#endif
