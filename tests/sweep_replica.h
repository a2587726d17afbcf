/* sweep_replica.h: a fused sweep as a chain of single steps in C: the formulas of the kernels,
 * float32 (float64 for f64) arithmetic, one rounding where a tensor is stored. What order sums are
 * taken in is written here once more; sums.h and health.* are compiled as C.
 */
#ifndef CLACT_TESTS_SWEEP_REPLICA_H
#define CLACT_TESTS_SWEEP_REPLICA_H

#include "clact/clact.h"

/* Packed matrices of rows x cols (vectors of cols), each element a value of the sweep's type. NULL
 * where the sweep has no such tensor. */
typedef struct replica {
    size_t rows, cols;
    uint64_t seed, offset;
    const double *x, *value, *bias, *value_bias, *slopes, *residual; /* x: the gate's half */
    const double *saved; /* backward: what the sweep says; a mask has 1 and 0 */
    const double *dy;
    double *y, *saved_out; /* saved_out: a tail, or 1 and 0 of a mask */
    /* what is there comes in where the sweep accumulates */
    double *dx, *dvalue, *dresidual, *dbias, *dvalue_bias, *dslopes;
    clact_health *health; /* cols + 1 */
} replica;

void replica_forward(const clact_sweep *sweep, const replica *r);
void replica_backward(const clact_sweep *sweep, const replica *r);

/* The same in one precision */
typedef struct replica_build {
    void (*forward)(const clact_sweep *sweep, const replica *r);
    void (*backward)(const clact_sweep *sweep, const replica *r);
} replica_build;

extern const replica_build replica_f32, replica_f64;

#endif
