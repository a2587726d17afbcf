/* bench_subject.c: the tasks of one row of a run. */
#include "bench_subject.h"

#include <stdio.h>

#include "bench_peer_compare.h"

static bool subject_of_pass(bench_run *run, const bench_pass *pass, bench_subject *subject,
                            bench_error *error) {
    subject->fused = (bench_steps_on){&run->tensors, pass, &pass->fused};
    subject->chain = (bench_steps_on){&run->tensors, pass, &pass->chain};
    subject->plain = (bench_steps_on){&run->tensors, pass, &pass->plain};
    subject->row.tasks[BENCH_TASK_SUBJECT] = bench_steps_task(&subject->fused);
    subject->row.tasks[BENCH_TASK_CHAIN] = bench_steps_task(&subject->chain);
    if (pass->plain.count > 0)
        subject->row.tasks[BENCH_TASK_PLAIN] = bench_steps_task(&subject->plain);
    subject->row.by_wall = true;
    return bench_tensors_prepare(&run->tensors, pass, run->device->queue, error);
}

static bool subject_of_case(bench_run *run, const bench_case *item, bench_subject *subject,
                            bench_error *error) {
    if (item->op == BENCH_COPY) {
        subject->copy = bench_copy_take(&run->copy, item->copy_way, bench_case_bytes(item));
        subject->row.tasks[BENCH_TASK_SUBJECT] = bench_copy_task(&subject->copy);
        return true;
    }
    subject->one = (bench_data_case){.data = &run->data, .item = item};
    subject->row.tasks[BENCH_TASK_SUBJECT] = bench_data_task(&subject->one);
    if (!bench_data_prepare(&run->data, item, run->device->queue, error)) return false;
    if (run->onednn == NULL) return true;
    if (!bench_onednn_case_open(run->onednn, item, &subject->onednn, error)) return false;
    if (subject->onednn == NULL) return true;
    subject->peer = bench_data_host_work(&subject->one);
    subject->peer.on_first_core = true;
    subject->peer.call = bench_onednn_call;
    subject->peer.user = subject->onednn;
    subject->row.tasks[BENCH_TASK_PEER] = bench_host_task(&subject->peer);
    return true;
}

static bool subject_of_layer(bench_run *run, const bench_layer *layer, bench_subject *subject,
                             bench_error *error) {
    const bench_options *options = run->options;
    subject->row.by_wall = true;
    if (layer->op == BENCH_DENSE)
        return bench_dense_open(run->device, layer, options->peers[BENCH_PEER_OPENBLAS],
                                &subject->dense, subject->row.tasks, error);
    return bench_train_open(run->device, layer, options->peers[BENCH_PEER_TORCH],
                            bench_run_peer_threads(run), &subject->train, subject->row.tasks,
                            error);
}

bool bench_subject_open(bench_run *run, size_t row, bench_subject *subject, bench_error *error) {
    const size_t passes = run->count + run->num_passes;
    *subject = (bench_subject){.row.bytes = row < passes ? bench_run_bytes(run, row) : 0};
    if (row < run->count) return subject_of_case(run, &run->cases[row], subject, error);
    if (row < passes) return subject_of_pass(run, &run->passes[row - run->count], subject, error);
    return subject_of_layer(run, &run->layers[row - passes], subject, error);
}

void bench_subject_close(bench_subject *subject) {
    bench_onednn_case_close(subject->onednn);
    bench_dense_close(&subject->dense);
    bench_train_close(&subject->train);
}

bool bench_subject_compare(const bench_run *run, size_t row, bench_subject *subject,
                           bench_result *result, bench_error *error) {
    const cl_command_queue queue = run->device->queue;
    const size_t passes = run->count + run->num_passes;
    const bench_task *peer = &subject->row.tasks[BENCH_TASK_PEER];
    if (row >= run->count && row < passes)
        return bench_pass_compare(&run->tensors, &run->passes[row - run->count], queue, error);
    if (!bench_task_exists(peer)) return true;
    if (row < run->count) {
        snprintf(result->peer, sizeof result->peer, "%s %s", bench_peer_name(BENCH_PEER_ONEDNN),
                 bench_onednn_implementation(subject->onednn));
        return bench_peer_compare(&subject->one, peer, "oneDNN", queue, error);
    }
    if (run->layers[row - passes].op == BENCH_DENSE) {
        snprintf(result->peer, sizeof result->peer, "%s", bench_peer_name(BENCH_PEER_OPENBLAS));
        return bench_dense_compare(&subject->dense, subject->row.tasks, error);
    }
    snprintf(result->peer, sizeof result->peer, "%s %s", bench_peer_name(BENCH_PEER_TORCH),
             bench_train_peer_version(&subject->train));
    return bench_train_compare(&subject->train, error);
}
