/* bench_row.c: one row of the results. */
#include "bench_row.h"

bool bench_row_launch(const bench_row *row, cl_command_queue queue, bench_result *result,
                      bench_error *error) {
    bench_sample sample;
    if (!bench_measure_launches(&row->tasks[BENCH_TASK_SUBJECT], queue, 1, &sample, error))
        return false;
    result->first_device_ns = sample.device_ns;
    result->first_launch_ns = sample.wall_ns - sample.device_ns;
    if (result->first_launch_ns < 0.0) result->first_launch_ns = 0.0;
    return true;
}

/* Chooses the copy and measures the row once. */
static bool row_attempt(bench_row *row, const bench_copy *copy, cl_command_queue queue,
                        const bench_limits *limits, bench_result *result, bench_error *error) {
    bench_measurement *measured = &result->measured;
    if (row->bytes == 0) return bench_measure_turns(row->tasks, queue, limits, measured, error);
    row->tasks[BENCH_TASK_COPY] = bench_copy_task(&result->copy);
    if (!bench_copy_choose(copy, queue, row->bytes, &result->copy, error) ||
        !bench_measure_turns(row->tasks, queue, limits, measured, error))
        return false;
    /* An odd number of elements makes the copy up to 7 bytes longer. */
    const double longer = (double)bench_copy_bytes(&result->copy) / (double)row->bytes;
    result->share =
        (row->by_wall ? measured->wall_ratios : measured->device_ratios)[BENCH_TASK_COPY] / longer;
    return true;
}

bool bench_row_measure(bench_row *row, const bench_copy *copy, cl_command_queue queue,
                       const bench_limits *limits, bench_result *result, bench_error *error) {
    enum { ATTEMPTS = 4 };
    const double suspicious = 1.05;
    if (!row_attempt(row, copy, queue, limits, result, error)) return false;
    for (int i = 1; i < ATTEMPTS && result->share > suspicious; ++i) {
        bench_result again = *result;
        if (!row_attempt(row, copy, queue, limits, &again, error)) return false;
        if (again.share < result->share) *result = again;
    }
    return true;
}
