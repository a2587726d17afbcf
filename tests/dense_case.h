/* dense_case.h: one dense layer with all the tensors it may have, on device and host; its model in
 * double precision, and the chain of single passes it stands for.
 */
#ifndef CLACT_TESTS_DENSE_CASE_H
#define CLACT_TESTS_DENSE_CASE_H

#include "device_fixture.h"

#include "clact/net.h"

typedef enum dense_tensor {
    TENSOR_X,
    TENSOR_WEIGHT,
    TENSOR_BIAS,
    TENSOR_SLOPES,
    TENSOR_RESIDUAL,
    TENSOR_DY,
    TENSOR_Z, /* up to here inputs */
    TENSOR_Y,
    TENSOR_SAVED,
    TENSOR_DZ,
    TENSOR_DWEIGHT,
    TENSOR_DBIAS,
    TENSOR_DSLOPES,
    TENSOR_DRESIDUAL,
    TENSOR_DX,
    TENSOR_COUNT
} dense_tensor;

typedef struct dense_shape {
    size_t rows, inputs, outputs, pad; /* rows at least 1; pad: ld - cols */
} dense_shape;

typedef struct dense_case {
    fixture *f;
    clact_sweep sweep;
    clact_dense layer; /* its epilogue points to sweep: do not copy */
    dense_shape shape;
    size_t columns; /* of z */
    guarded device[TENSOR_COUNT];
    float *host[TENSOR_COUNT]; /* what is, or is to be, on the device */
    cl_mem health, workspace;
    clact_dense_forward_tensors forward;
    clact_dense_backward_tensors backward;
} dense_case;

/* Inputs are normal, reproducibly; outputs are drawn too, so that what is accumulated is known. */
void dense_case_init(dense_case *c, fixture *f, const clact_sweep *sweep, dense_shape shape);
void dense_case_release(dense_case *c);

/* y takes the place of z, dz that of dy. */
void dense_case_in_place(dense_case *c);

/* Runs a pass, and reads what it wrote to host[]. */
void dense_case_forward(dense_case *c);
void dense_case_backward(dense_case *c);

/* Writes or reads one tensor. */
void dense_case_write(dense_case *c, dense_tensor t);
void dense_case_read(dense_case *c, dense_tensor t);
size_t dense_case_size(const dense_case *c, dense_tensor t); /* elements */

/* Whether backward computes this tensor, and it is one that the model differentiates by. */
bool dense_case_has(const dense_case *c, dense_tensor gradient);

/* y of the model, in double, into y (rows x outputs); and the sum of dy * y, which has dy as its
 * gradient in y. */
void dense_model_forward(const dense_case *c, const double *const values[TENSOR_COUNT], double *y);
double dense_model_loss(const dense_case *c, const double *const values[TENSOR_COUNT]);

/* y, and the gradients that there are, by the products of the layer (CLBlastSgemm where they are
 * CLACT_PRODUCTS_AUTO) and one sweep for each stage, at what is in
 * host[]; written to outputs[], each of dense_case_size. The saved tensor is x. */
void dense_chain_run(const dense_case *c, float *const outputs[TENSOR_COUNT]);

#endif
