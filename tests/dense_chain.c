/* dense_chain.c: what a dense layer stands for: a product and one pass after the other. */
#include "dense_case.h"

#include "clact/product.h"

#include <clblast_c.h>
#include <stdlib.h>
#include <string.h>

/* Packed tensors on the device, made for this run: one buffer each, no offsets. */
typedef struct chain {
    const dense_case *c;
    fixture *f;
    clact_matrix tensor[TENSOR_COUNT];
    clact_matrix biased, a, dropped, scaled, g; /* in between */
    cl_mem workspace;
} chain;

static clact_matrix new_matrix(chain *k, size_t count, const float *values) {
    const cl_mem_flags flags =
        CL_MEM_READ_WRITE | (values ? (cl_mem_flags)CL_MEM_COPY_HOST_PTR : 0);
    float *copy = values ? malloc(count * sizeof *copy) : NULL;
    if (copy) memcpy(copy, values, count * sizeof *copy);
    cl_mem buffer = clCreateBuffer(k->f->context, flags, count * sizeof(float), copy, NULL);
    free(copy);
    assert_non_null(buffer);
    return (clact_matrix){buffer, 0, 0};
}

static void gemm(chain *k, bool transpose_a, bool transpose_b, size_t m, size_t n, size_t inner,
                 clact_matrix a, clact_matrix b, clact_matrix c) {
    if (k->c->layer.products == CLACT_PRODUCTS_OWN) {
        const clact_product product = {.m = m,
                                       .n = n,
                                       .k = inner,
                                       .a_transposed = transpose_a,
                                       .b_transposed = transpose_b,
                                       .a = a,
                                       .b = b,
                                       .c = c};
        require_success(k->f, clact_multiply(k->f->clact, k->f->queue, &product, 0, NULL, NULL),
                        "product");
        return;
    }
    const CLBlastTranspose ta = transpose_a ? CLBlastTransposeYes : CLBlastTransposeNo;
    const CLBlastTranspose tb = transpose_b ? CLBlastTransposeYes : CLBlastTransposeNo;
    assert_int_equal(CLBlastSgemm(CLBlastLayoutRowMajor, ta, tb, m, n, inner, 1.0f, a.buffer, 0,
                                  transpose_a ? m : inner, b.buffer, 0, transpose_b ? inner : n,
                                  0.0f, c.buffer, 0, n, &k->f->queue, NULL),
                     CLBlastSuccess);
}

/* The sweep of the layer without its stages. */
static clact_sweep bare(const chain *k, clact_activation activation) {
    clact_sweep s;
    clact_sweep_init(&s, activation);
    memcpy(s.params, k->c->sweep.params, sizeof s.params);
    s.tier = k->c->sweep.tier;
    return s;
}

static void forward(chain *k, const clact_sweep *s, size_t cols, clact_forward_tensors t) {
    t.rows = k->c->shape.rows;
    t.cols = cols;
    t.seed = 77;
    t.offset = 5;
    require_success(k->f, clact_sweep_forward(k->f->clact, k->f->queue, s, &t, 0, NULL, NULL),
                    "single");
}

static void backward(chain *k, const clact_sweep *s, clact_backward_tensors t) {
    t.rows = k->c->shape.rows;
    t.cols = k->c->shape.outputs;
    t.seed = 77;
    t.offset = 5;
    t.workspace = k->workspace;
    require_success(k->f, clact_sweep_backward(k->f->clact, k->f->queue, s, &t, 0, NULL, NULL),
                    "single");
}

static void run_forward(chain *k) {
    const dense_case *c = k->c;
    const clact_sweep *s = &c->sweep;
    const size_t out = c->shape.outputs;
    const clact_matrix *t = k->tensor;
    clact_sweep add_bias = bare(k, CLACT_ACT_IDENTITY), act = bare(k, s->activation);
    clact_sweep drop = bare(k, CLACT_ACT_IDENTITY), scale = drop, add = drop;
    gemm(k, false, true, c->shape.rows, c->columns, c->shape.inputs, t[TENSOR_X], t[TENSOR_WEIGHT],
         t[TENSOR_Z]);
    add_bias.bias = s->bias;
    forward(k, &add_bias, c->columns,
            (clact_forward_tensors){.x = t[TENSOR_Z], .bias = t[TENSOR_BIAS], .y = k->biased});
    act.gate = s->gate;
    act.slopes = s->slopes;
    forward(k, &act, out,
            (clact_forward_tensors){.x = k->biased, .slopes = t[TENSOR_SLOPES], .y = k->a});
    drop.dropout = s->dropout;
    forward(k, &drop, out, (clact_forward_tensors){.x = k->a, .y = k->dropped});
    scale.scale = s->scale;
    forward(k, &scale, out, (clact_forward_tensors){.x = k->dropped, .y = k->scaled});
    add.residual = s->residual;
    forward(
        k, &add, out,
        (clact_forward_tensors){.x = k->scaled, .residual = t[TENSOR_RESIDUAL], .y = t[TENSOR_Y]});
}

static void run_backward(chain *k) {
    const dense_case *c = k->c;
    const clact_sweep *s = &c->sweep;
    const clact_matrix *t = k->tensor;
    const size_t rows = c->shape.rows, in = c->shape.inputs;
    clact_sweep act = bare(k, s->activation), drop = bare(k, CLACT_ACT_IDENTITY), scale = drop;
    scale.scale = s->scale;
    backward(k, &scale,
             (clact_backward_tensors){.saved = k->dropped, .dy = t[TENSOR_DY], .dx = k->g});
    drop.dropout = s->dropout;
    backward(k, &drop, (clact_backward_tensors){.saved = k->a, .dy = k->g, .dx = k->g});
    act.gate = s->gate;
    act.slopes = s->slopes;
    backward(k, &act,
             (clact_backward_tensors){.saved = k->biased,
                                      .slopes = t[TENSOR_SLOPES],
                                      .dy = k->g,
                                      .dx = t[TENSOR_DZ],
                                      .dslopes = t[TENSOR_DSLOPES]});
    require_success(k->f,
                    clact_sum_columns(k->f->clact, k->f->queue, rows, c->columns, t[TENSOR_DZ],
                                      t[TENSOR_DBIAS], k->workspace, 0, NULL, NULL),
                    "sums");
    gemm(k, true, false, c->columns, in, rows, t[TENSOR_DZ], t[TENSOR_X], t[TENSOR_DWEIGHT]);
    gemm(k, false, false, rows, in, c->columns, t[TENSOR_DZ], t[TENSOR_WEIGHT], t[TENSOR_DX]);
}

void dense_chain_run(const dense_case *c, float *const outputs[TENSOR_COUNT]) {
    chain k = {.c = c, .f = c->f};
    clact_matrix *const between[] = {&k.biased, &k.a, &k.dropped, &k.scaled, &k.g};
    const size_t most = c->shape.rows * c->columns;
    size_t bytes = 0;
    for (int t = 0; t < TENSOR_COUNT; t++)
        k.tensor[t] = new_matrix(&k, dense_case_size(c, (dense_tensor)t), c->host[t]);
    for (size_t i = 0; i < sizeof between / sizeof *between; i++)
        *between[i] = new_matrix(&k, most, NULL);
    assert_int_equal(clact_sum_columns_workspace(c->shape.rows, c->columns, &bytes), 0);
    k.workspace = new_matrix(&k, bytes / sizeof(float), NULL).buffer;
    run_forward(&k);
    run_backward(&k);
    clReleaseMemObject(k.tensor[TENSOR_DRESIDUAL].buffer);
    k.tensor[TENSOR_DRESIDUAL] = k.tensor[TENSOR_DY]; /* what it is */
    for (int t = TENSOR_Z; t < TENSOR_COUNT; t++)
        if (outputs[t])
            clEnqueueReadBuffer(k.f->queue, k.tensor[t].buffer, CL_TRUE, 0,
                                dense_case_size(c, (dense_tensor)t) * sizeof(float), outputs[t], 0,
                                NULL, NULL);
    for (int t = 0; t < TENSOR_COUNT; t++)
        if (t != TENSOR_DRESIDUAL) clReleaseMemObject(k.tensor[t].buffer);
    for (size_t i = 0; i < sizeof between / sizeof *between; i++)
        clReleaseMemObject(between[i]->buffer);
    clReleaseMemObject(k.workspace);
}
