/* bench_dense.h: one pass of a dense layer on the device, and the same by OpenBLAS. */
#ifndef BENCH_DENSE_H
#define BENCH_DENSE_H

#include <clact/net.h>
#include <device_pick.h>

#include "bench_host.h"
#include "bench_layer.h"
#include "bench_openblas.h"

/* Tensors of a layer; z is without bias. */
typedef enum bench_dense_tensor {
    DENSE_X,
    DENSE_WEIGHT,
    DENSE_BIAS,
    DENSE_Z,
    DENSE_Y,
    DENSE_DY,
    DENSE_DZ,
    DENSE_DWEIGHT,
    DENSE_DX,
    DENSE_DBIAS,
    DENSE_COUNT
} bench_dense_tensor;

typedef struct bench_dense {
    const picked_device *device;
    const bench_layer *layer;
    clact_sweep sweep;
    clact_dense dense;
    cl_mem buffers[DENSE_COUNT];
    cl_mem workspace;
    bench_openblas blas;
    bench_host_work peer, product; /* the layer by OpenBLAS, and its products alone */
} bench_dense;

/* Makes the tensors, with values of a forward pass in z and y, and writes the tasks: the layer, and
 * with_peer where bench_openblas has the activation also BENCH_TASK_PEER and BENCH_TASK_GEMM. What
 * is pointed to must stay where it is. Close *dense after any outcome. */
bool bench_dense_open(const picked_device *device, const bench_layer *layer, bool with_peer,
                      bench_dense *dense, bench_task tasks[BENCH_MAX_TASKS], bench_error *error);

/* Accepts what was never opened (all zero). */
void bench_dense_close(bench_dense *dense);

/* Runs the layer and its peer. False where a result of the peer is not near ours. */
bool bench_dense_compare(const bench_dense *dense, const bench_task *tasks, bench_error *error);

#endif
