/* bench_peer_compare.h: whether a peer computes what we compute. */
#ifndef BENCH_PEER_COMPARE_H
#define BENCH_PEER_COMPARE_H

#include "bench_data.h"

/* Runs the case on the device and the peer's task on the same arrays. False where a result of the
 * peer is not near ours; inputs at which the derivative jumps are left out, since libraries choose
 * its value there. */
bool bench_peer_compare(const bench_data_case *one, const bench_task *peer, const char *name,
                        cl_command_queue queue, bench_error *error);

#endif
