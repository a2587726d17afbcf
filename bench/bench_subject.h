/* bench_subject.h: the tasks of one row of a run, and what they point to. */
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H

#include "bench_dense.h"
#include "bench_run.h"
#include "bench_train.h"

typedef struct bench_subject {
    bench_row row;
    bench_data_case one;
    bench_copy_choice copy;
    bench_steps_on fused, chain, plain;
    bench_onednn_case *onednn;
    bench_host_work peer;
    bench_dense dense;
    bench_train train;
} bench_subject;

/* Makes the row's inputs and tasks; *subject must stay where it is. Close it after any outcome. */
bool bench_subject_open(bench_run *run, size_t row, bench_subject *subject, bench_error *error);
void bench_subject_close(bench_subject *subject);

/* What a pass gives against its chain, and everything else against its peer, which is named in the
 * result. */
bool bench_subject_compare(const bench_run *run, size_t row, bench_subject *subject,
                           bench_result *result, bench_error *error);

#endif
