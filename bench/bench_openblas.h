/* bench_openblas.h: a dense layer as a C program has it: OpenBLAS's products, and plain loops for
 * bias and activation. Without OpenBLAS at build time bench_openblas_has is always false. */
#ifndef BENCH_OPENBLAS_H
#define BENCH_OPENBLAS_H

#include "bench_error.h"
#include "bench_layer.h"

typedef struct bench_openblas {
    size_t batch, inputs, outputs;
    clact_activation activation;
} bench_openblas;

/* Sets the threads of all products; 0 leaves them. */
void bench_openblas_set_threads(unsigned threads);

/* Whether there is a loop for the activation, with its default parameters. */
bool bench_openblas_has(clact_activation activation);

/* For bench_host_work; the user is a bench_openblas. Forward: x, weight, bias, z, y; backward: x,
 * weight, z without bias, bias, dy, dz, dweight, dx, dbias. The products alone take the same
 * arrays. */
bool bench_openblas_forward(const void *user, void *const *arrays, bench_error *error);
bool bench_openblas_backward(const void *user, void *const *arrays, bench_error *error);
bool bench_openblas_forward_product(const void *user, void *const *arrays, bench_error *error);
bool bench_openblas_backward_products(const void *user, void *const *arrays, bench_error *error);

#endif
