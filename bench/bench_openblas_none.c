/* bench_openblas_none.c: stands in for bench_openblas.c where OpenBLAS was not found. */
#include "bench_openblas.h"

#include "bench_peer.h"

void bench_openblas_set_threads(unsigned threads) {
    (void)threads;
}

bool bench_openblas_has(clact_activation activation) {
    (void)activation;
    return false;
}

static bool openblas_refuse(bench_error *error) {
    return bench_peer_check(BENCH_PEER_OPENBLAS, error);
}

bool bench_openblas_forward(const void *user, void *const *arrays, bench_error *error) {
    (void)user, (void)arrays;
    return openblas_refuse(error);
}

bool bench_openblas_backward(const void *user, void *const *arrays, bench_error *error) {
    (void)user, (void)arrays;
    return openblas_refuse(error);
}

bool bench_openblas_forward_product(const void *user, void *const *arrays, bench_error *error) {
    (void)user, (void)arrays;
    return openblas_refuse(error);
}

bool bench_openblas_backward_products(const void *user, void *const *arrays, bench_error *error) {
    (void)user, (void)arrays;
    return openblas_refuse(error);
}
