/* bench_peer.h: other people's libraries that can be measured beside clact. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "bench_error.h"

typedef enum bench_peer {
    BENCH_PEER_ONEDNN,   /* forward and backward */
    BENCH_PEER_OPENBLAS, /* dense */
    BENCH_PEER_TORCH,    /* train */
    BENCH_PEER_COUNT
} bench_peer;

/* "onednn". */
const char *bench_peer_name(bench_peer peer);

/* Finds a peer by its name; false when there is none. */
bool bench_peer_find(const char *name, bench_peer *peer);

/* The operations beside which it can be measured: "forward or backward". */
const char *bench_peer_ops(bench_peer peer);

/* Whether this program was built with the peer; else says what to install. */
bool bench_peer_check(bench_peer peer, bench_error *error);

#endif
