/* bench_train.h: a training step of a network on the device, and the same by PyTorch. */
#ifndef BENCH_TRAIN_H
#define BENCH_TRAIN_H

#include <clact/net.h>
#include <device_pick.h>

#include "bench_child.h"
#include "bench_layer.h"
#include "bench_measure.h"

enum { BENCH_TRAIN_STEPS = 3 }; /* whose losses are compared */

typedef struct bench_train {
    const picked_device *device;
    const bench_layer *layer;
    clact_net *net;
    cl_mem x, classes;
    bench_child torch;
    char torch_version[64];
    float losses[BENCH_TRAIN_STEPS], torch_losses[BENCH_TRAIN_STEPS];
} bench_train;

/* Makes the network and a batch, and writes the tasks: the step, and with_peer also
 * BENCH_TASK_PEER, which starts from the same parameters with so many threads (0: as many as it
 * likes). Both have gone a few steps when this returns. What is pointed to must stay where it is.
 * Close *train after any outcome. */
bool bench_train_open(const picked_device *device, const bench_layer *layer, bool with_peer,
                      unsigned threads, bench_train *train, bench_task tasks[BENCH_MAX_TASKS],
                      bench_error *error);

/* Accepts what was never opened (all zero). */
void bench_train_close(bench_train *train);

/* "1.13.1". */
const char *bench_train_peer_version(const bench_train *train);

/* False where the losses of the peer's first steps are not near ours. */
bool bench_train_compare(const bench_train *train, bench_error *error);

#endif
