/* dense_case.c: one dense layer with all the tensors it may have; its model in double precision. */
#include "dense_case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_packed(const clact_sweep *s) {
    return s->gate == CLACT_GATE_FIRST || s->gate == CLACT_GATE_LAST;
}

/* Rows and columns of a tensor. */
static void extent_of(const dense_case *c, dense_tensor t, size_t *rows, size_t *cols) {
    const dense_shape *s = &c->shape;
    const bool mask = c->sweep.saved == CLACT_SAVED_MASK;
    *rows = s->rows;
    *cols = s->outputs;
    if (t == TENSOR_X || t == TENSOR_DX) *cols = s->inputs;
    if (t == TENSOR_Z || t == TENSOR_DZ) *cols = c->columns;
    if (t == TENSOR_SAVED && mask) *cols = 4 * ((s->outputs + 127) / 128);
    if (t == TENSOR_WEIGHT || t == TENSOR_DWEIGHT) {
        *rows = c->columns;
        *cols = s->inputs;
    }
    if (t == TENSOR_BIAS || t == TENSOR_DBIAS) *cols = c->columns;
    if (t == TENSOR_BIAS || t == TENSOR_DBIAS || t == TENSOR_SLOPES || t == TENSOR_DSLOPES)
        *rows = 1;
}

size_t dense_case_size(const dense_case *c, dense_tensor t) {
    size_t rows = 0, cols = 0;
    extent_of(c, t, &rows, &cols);
    return rows * cols;
}

void dense_case_write(dense_case *c, dense_tensor t) {
    guarded_write(c->f, &c->device[t], c->host[t]);
}

void dense_case_read(dense_case *c, dense_tensor t) {
    guarded_read(c->f, &c->device[t], c->host[t]);
}

static void place_tensors(dense_case *c) {
    const clact_saved saved = c->sweep.saved;
    const guarded *d = c->device;
    c->forward = (clact_dense_forward_tensors){.x = d[TENSOR_X].matrix,
                                               .weight = d[TENSOR_WEIGHT].matrix,
                                               .epilogue = {.rows = c->shape.rows,
                                                            .x = d[TENSOR_Z].matrix,
                                                            .bias = d[TENSOR_BIAS].matrix,
                                                            .slopes = d[TENSOR_SLOPES].matrix,
                                                            .residual = d[TENSOR_RESIDUAL].matrix,
                                                            .seed = 77,
                                                            .offset = 5,
                                                            .y = d[TENSOR_Y].matrix,
                                                            .saved = d[TENSOR_SAVED].matrix,
                                                            .health = c->health,
                                                            .workspace = c->workspace}};
    const dense_tensor reads = saved == CLACT_SAVED_X   ? TENSOR_Z
                               : saved == CLACT_SAVED_Y ? TENSOR_Y
                                                        : TENSOR_SAVED;
    c->backward =
        (clact_dense_backward_tensors){.x = d[TENSOR_X].matrix,
                                       .weight = d[TENSOR_WEIGHT].matrix,
                                       .epilogue = {.rows = c->shape.rows,
                                                    .cols = c->shape.outputs,
                                                    .saved = d[reads].matrix,
                                                    .bias = d[TENSOR_BIAS].matrix,
                                                    .slopes = d[TENSOR_SLOPES].matrix,
                                                    .seed = 77,
                                                    .offset = 5,
                                                    .dy = d[TENSOR_DY].matrix,
                                                    .dx = d[TENSOR_DZ].matrix,
                                                    .dbias = d[TENSOR_DBIAS].matrix,
                                                    .dslopes = d[TENSOR_DSLOPES].matrix,
                                                    .dresidual = d[TENSOR_DRESIDUAL].matrix,
                                                    .health = c->health,
                                                    .workspace = c->workspace},
                                       .dweight = d[TENSOR_DWEIGHT].matrix,
                                       .dx = d[TENSOR_DX].matrix};
}

void dense_case_init(dense_case *c, fixture *f, const clact_sweep *sweep, dense_shape shape) {
    size_t bytes = 0, backward_bytes = 0;
    uint64_t seed = 23;
    memset(c, 0, sizeof *c);
    c->f = f;
    c->sweep = *sweep;
    c->shape = shape;
    c->columns = (is_packed(sweep) ? 2 : 1) * shape.outputs;
    c->layer =
        (clact_dense){.inputs = shape.inputs, .outputs = shape.outputs, .epilogue = &c->sweep};
    for (int t = 0; t < TENSOR_COUNT; t++) {
        size_t rows = 0, cols = 0;
        extent_of(c, (dense_tensor)t, &rows, &cols);
        c->device[t] = guarded_create(f, rows, cols, (size_t)t % 4, rows > 1 ? shape.pad : 0);
        c->host[t] = calloc(rows * cols, sizeof *c->host[t]);
        for (size_t i = 0; i < rows * cols; i++)
            c->host[t][i] = (t == TENSOR_WEIGHT ? 0.5f : 1.0f) * random_normal(&seed);
        dense_case_write(c, (dense_tensor)t);
    }
    assert_int_equal(clact_dense_workspace(&c->layer, false, shape.rows, &bytes), 0);
    assert_int_equal(clact_dense_workspace(&c->layer, true, shape.rows, &backward_bytes), 0);
    if (backward_bytes > bytes) bytes = backward_bytes;
    c->workspace = clCreateBuffer(f->context, CL_MEM_READ_WRITE, bytes > 0 ? bytes : 4, NULL, NULL);
    c->health = clCreateBuffer(f->context, CL_MEM_READ_WRITE,
                               (shape.outputs + 1) * sizeof(clact_health), NULL, NULL);
    place_tensors(c);
}

void dense_case_release(dense_case *c) {
    for (int t = 0; t < TENSOR_COUNT; t++) {
        guarded_release(&c->device[t]);
        free(c->host[t]);
    }
    clReleaseMemObject(c->workspace);
    clReleaseMemObject(c->health);
}

void dense_case_in_place(dense_case *c) {
    c->forward.epilogue.y = c->forward.epilogue.x = c->device[TENSOR_Y].matrix;
    c->backward.epilogue.dx = c->device[TENSOR_DY].matrix;
}

void dense_case_forward(dense_case *c) {
    fixture *f = c->f;
    require_success(f,
                    clact_dense_forward(f->clact, f->queue, &c->layer, &c->forward, 0, NULL, NULL),
                    "forward");
    dense_case_read(c, TENSOR_Z);
    dense_case_read(c, TENSOR_Y);
    dense_case_read(c, TENSOR_SAVED);
}

void dense_case_backward(dense_case *c) {
    fixture *f = c->f;
    require_success(
        f, clact_dense_backward(f->clact, f->queue, &c->layer, &c->backward, 0, NULL, NULL),
        "backward");
    for (int t = TENSOR_DZ; t < TENSOR_COUNT; t++)
        dense_case_read(c, (dense_tensor)t);
}

bool dense_case_has(const dense_case *c, dense_tensor gradient) {
    const clact_sweep *s = &c->sweep;
    return gradient == TENSOR_DWEIGHT || gradient == TENSOR_DX ||
           (gradient == TENSOR_DBIAS && s->bias) || (gradient == TENSOR_DSLOPES && s->slopes) ||
           (gradient == TENSOR_DRESIDUAL && s->residual);
}

/* ---- the model ---- */

static double activation(clact_activation kind, double z, double slope) {
    switch (kind) {
    case CLACT_ACT_TANH:
        return tanh(z);
    case CLACT_ACT_SIGMOID:
        return 1.0 / (1.0 + exp(-z));
    case CLACT_ACT_SILU:
        return z / (1.0 + exp(-z));
    case CLACT_ACT_RELU:
        return z > 0.0 ? z : 0.0;
    case CLACT_ACT_PRELU:
        return z > 0.0 ? z : slope * z;
    case CLACT_ACT_IDENTITY:
        return z;
    default:
        fail();
        return 0.0;
    }
}

/* z[row, col] with its bias */
static double product(const dense_case *c, const double *const v[TENSOR_COUNT], size_t row,
                      size_t col) {
    const size_t in = c->shape.inputs;
    double z = c->sweep.bias ? v[TENSOR_BIAS][col] : 0.0;
    for (size_t i = 0; i < in; i++)
        z += v[TENSOR_X][row * in + i] * v[TENSOR_WEIGHT][col * in + i];
    return z;
}

void dense_model_forward(const dense_case *c, const double *const v[TENSOR_COUNT], double *y) {
    const clact_sweep *s = &c->sweep;
    const size_t out = c->shape.outputs, first = s->gate == CLACT_GATE_LAST ? out : 0;
    for (size_t r = 0; r < c->shape.rows; r++) {
        for (size_t o = 0; o < out; o++) {
            const double slope = s->slopes ? v[TENSOR_SLOPES][o] : (double)s->params[0];
            double a = activation(s->activation, product(c, v, r, first + o), slope);
            if (is_packed(s)) a *= product(c, v, r, out - first + o);
            if (s->dropout > 0.0f)
                a = clact_dropout_keeps(s->dropout, 77, 5, out, r, o)
                        ? a / (1.0 - (double)s->dropout)
                        : 0.0;
            a *= (double)s->scale;
            y[r * out + o] = s->residual ? v[TENSOR_RESIDUAL][r * out + o] + a : a;
        }
    }
}

double dense_model_loss(const dense_case *c, const double *const v[TENSOR_COUNT]) {
    const size_t n = c->shape.rows * c->shape.outputs;
    double *y = malloc(n * sizeof *y), loss = 0.0;
    dense_model_forward(c, v, y);
    for (size_t i = 0; i < n; i++)
        loss += v[TENSOR_DY][i] * y[i];
    free(y);
    return loss;
}
