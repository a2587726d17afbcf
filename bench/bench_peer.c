/* bench_peer.c: which peers there are, and which of them were there when this was built. */
#include "bench_peer.h"

#include <string.h>

#ifndef BENCH_HAVE_ONEDNN
#define BENCH_HAVE_ONEDNN 0
#endif

#ifndef BENCH_HAVE_OPENBLAS
#define BENCH_HAVE_OPENBLAS 0
#endif

static const struct peer_row {
    const char *name, *ops, *library, *package;
    bool built; /* PyTorch is looked for when it is run */
} peer_rows[BENCH_PEER_COUNT] = {
    [BENCH_PEER_ONEDNN] = {"onednn", "forward or backward", "oneDNN 2", "libdnnl-dev",
                           BENCH_HAVE_ONEDNN},
    [BENCH_PEER_OPENBLAS] = {"openblas", "dense", "OpenBLAS", "libopenblas-dev",
                             BENCH_HAVE_OPENBLAS},
    [BENCH_PEER_TORCH] = {"torch", "train", "PyTorch", "python3-torch", true},
};

const char *bench_peer_name(bench_peer peer) {
    return peer_rows[peer].name;
}

const char *bench_peer_ops(bench_peer peer) {
    return peer_rows[peer].ops;
}

bool bench_peer_find(const char *name, bench_peer *peer) {
    for (int i = 0; i < BENCH_PEER_COUNT; ++i) {
        if (strcmp(name, peer_rows[i].name) == 0) {
            *peer = (bench_peer)i;
            return true;
        }
    }
    return false;
}

bool bench_peer_check(bench_peer peer, bench_error *error) {
    const struct peer_row *row = &peer_rows[peer];
    if (row->built) return true;
    return bench_fail(error,
                      "this clact-bench was built without %s; install it (on Debian %s), run cmake "
                      "and build again",
                      row->library, row->package);
}
