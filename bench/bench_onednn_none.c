/* bench_onednn_none.c: stands in for bench_onednn.c where oneDNN was not found. */
#include "bench_onednn.h"

#include "bench_peer.h"

bool bench_onednn_open(unsigned threads, bench_onednn **out, bench_error *error) {
    (void)threads;
    *out = NULL;
    return bench_peer_check(BENCH_PEER_ONEDNN, error);
}

void bench_onednn_close(bench_onednn *onednn) {
    (void)onednn;
}

bool bench_onednn_case_open(bench_onednn *onednn, const bench_case *item, bench_onednn_case **out,
                            bench_error *error) {
    (void)onednn, (void)item;
    *out = NULL;
    return bench_peer_check(BENCH_PEER_ONEDNN, error);
}

void bench_onednn_case_close(bench_onednn_case *one) {
    (void)one;
}

const char *bench_onednn_implementation(const bench_onednn_case *one) {
    (void)one;
    return "";
}

bool bench_onednn_call(const void *user, void *const *arrays, bench_error *error) {
    (void)user, (void)arrays;
    return bench_peer_check(BENCH_PEER_ONEDNN, error);
}
