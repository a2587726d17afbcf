/* bench_row.h: one row of the results: a subject beside the copy of its bytes, and perhaps beside
 * other tasks. */
#ifndef BENCH_ROW_H
#define BENCH_ROW_H

#include "bench_copy.h"

typedef struct bench_row {
    bench_task tasks[BENCH_MAX_TASKS]; /* that of BENCH_TASK_COPY is chosen */
    uint64_t bytes; /* least that the subject moves; 0: it is held against no copy */
    bool by_wall;   /* the event of the subject does not span all of its kernels */
} bench_row;

typedef struct bench_result {
    bench_measurement measured;
    double share;           /* time of the copy / time of the subject: device times, or by wall */
    double first_launch_ns; /* of the very first launch: wall time beyond the device time */
    double first_device_ns;
    char peer[96]; /* "onednn jit:avx512_core"; "" where the row has none */
    bench_copy_choice copy;
} bench_result;

/* The first launch of the subject, in which a driver may still compile. */
bool bench_row_launch(const bench_row *row, cl_command_queue queue, bench_result *result,
                      bench_error *error);

/* Measures it. The copy is chosen for each row anew: which one is fastest depends on what else the
 * machine is doing, and one chosen in a bad moment would flatter all rows after it. A kernel that
 * seems to beat the fastest copy of its bytes shows that the machine changed its speed in between:
 * such a row is measured again, and the least flattering attempt counts. */
bool bench_row_measure(bench_row *row, const bench_copy *copy, cl_command_queue queue,
                       const bench_limits *limits, bench_result *result, bench_error *error);

#endif
