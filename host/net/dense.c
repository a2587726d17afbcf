/* dense.c: a product and a sweep forward, perhaps in one kernel, a sweep and two products backward,
 * for each entry of a batch. */
#include "dense.h"

#include "blas.h"
#include "clact/product.h"
#include "own.h"

size_t dense_columns(const clact_dense *layer) {
    const clact_gate gate = layer->epilogue->gate;
    const bool both = gate == CLACT_GATE_FIRST || gate == CLACT_GATE_LAST;
    return (both ? 2 : 1) * layer->outputs;
}

clact_forward_tensors dense_forward_epilogue(const clact_dense *layer,
                                             const clact_dense_forward_tensors *t) {
    clact_forward_tensors epilogue = t->epilogue;
    epilogue.cols = layer->outputs;
    return epilogue;
}

clact_backward_tensors dense_backward_epilogue(const clact_dense *layer,
                                               const clact_dense_backward_tensors *t) {
    clact_backward_tensors epilogue = t->epilogue;
    epilogue.cols = layer->outputs;
    return epilogue;
}

/* ---- which sweeps ---- */

/* No stage but an activation that changes nothing */
static bool is_plain(const clact_sweep *s) {
    return s->activation == CLACT_ACT_IDENTITY && s->gate == CLACT_GATE_OFF && !s->bias &&
           !s->slopes && s->dropout == 0.0f && s->scale == 1.0f && !s->residual && !s->health;
}

static bool is_same(clact_matrix a, clact_matrix b, size_t rows, size_t cols) {
    return a.buffer == b.buffer && a.offset == b.offset &&
           (rows <= 1 || (a.ld ? a.ld : cols) == (b.ld ? b.ld : cols));
}

/* Whether rows of the batch are alike to the epilogue, wherever they stand. */
static bool looks_at_elements(const clact_sweep *s) {
    return !s->bias && !s->slopes && s->dropout == 0.0f && !s->health;
}

/* Whether each matrix follows that of the entry before it without gap, so that the batch is one
 * matrix. */
static bool follows(clact_matrix before, clact_matrix after, size_t rows, size_t cols) {
    const size_t ld = before.ld ? before.ld : cols;
    return before.buffer == after.buffer && before.ld == after.ld &&
           after.offset == before.offset + rows * ld;
}

static size_t saved_columns(const clact_dense *layer) {
    const clact_saved saved = layer->epilogue->saved;
    if (saved == CLACT_SAVED_MASK) return 4 * ((layer->outputs + 127) / 128);
    return saved == CLACT_SAVED_X ? dense_columns(layer) : layer->outputs;
}

static bool forward_is_one(const clact_dense *layer, size_t count,
                           const clact_dense_forward_tensors *entries) {
    const clact_sweep *s = layer->epilogue;
    const size_t rows = entries->epilogue.rows, outputs = layer->outputs;
    const bool saves = s->saved == CLACT_SAVED_MASK || s->saved == CLACT_SAVED_TAIL;
    bool one = looks_at_elements(s) && rows <= SIZE_MAX / count;
    for (size_t i = 1; i < count && one; i++) {
        const clact_forward_tensors *a = &entries[i - 1].epilogue, *b = &entries[i].epilogue;
        one = follows(a->x, b->x, rows, dense_columns(layer)) &&
              follows(a->y, b->y, rows, outputs) &&
              (!s->residual || follows(a->residual, b->residual, rows, outputs)) &&
              (!saves || follows(a->saved, b->saved, rows, saved_columns(layer)));
    }
    return one;
}

static bool backward_is_one(const clact_dense *layer, size_t count,
                            const clact_dense_backward_tensors *entries) {
    const clact_sweep *s = layer->epilogue;
    const size_t rows = entries->epilogue.rows, outputs = layer->outputs;
    const bool saves = s->saved != CLACT_SAVED_NOTHING;
    const bool residual = s->residual && (s->gradients & CLACT_GRADIENT_RESIDUAL);
    bool one = looks_at_elements(s) && rows <= SIZE_MAX / count;
    for (size_t i = 1; i < count && one; i++) {
        const clact_backward_tensors *a = &entries[i - 1].epilogue, *b = &entries[i].epilogue;
        one = follows(a->dx, b->dx, rows, dense_columns(layer)) &&
              follows(a->dy, b->dy, rows, outputs) &&
              (!saves || follows(a->saved, b->saved, rows, saved_columns(layer))) &&
              (!residual || follows(a->dresidual, b->dresidual, rows, outputs));
    }
    return one;
}

static clact_status sweep_forward(clact_context *context, cl_command_queue queue,
                                  const clact_dense *layer, size_t count,
                                  const clact_dense_forward_tensors *entries, timeline *times) {
    const bool one = forward_is_one(layer, count, entries);
    clact_status status = CLACT_SUCCESS;
    for (size_t i = 0; i < (one ? 1 : count) && status == CLACT_SUCCESS; i++) {
        clact_forward_tensors t = dense_forward_epilogue(layer, &entries[i]);
        if (one) t.rows *= count;
        if (!is_plain(layer->epilogue) || !is_same(t.x, t.y, t.rows, t.cols))
            status = clact_sweep_forward(context, queue, layer->epilogue, &t, 0, NULL,
                                         timeline_next(times, WORK_ACTIVATION));
    }
    return status;
}

static clact_status sweep_backward(clact_context *context, cl_command_queue queue,
                                   const clact_dense *layer, size_t count,
                                   const clact_dense_backward_tensors *entries, timeline *times) {
    const bool one = backward_is_one(layer, count, entries);
    clact_status status = CLACT_SUCCESS;
    for (size_t i = 0; i < (one ? 1 : count) && status == CLACT_SUCCESS; i++) {
        clact_backward_tensors t = dense_backward_epilogue(layer, &entries[i]);
        if (one) t.rows *= count;
        if (!is_plain(layer->epilogue) || !is_same(t.dy, t.dx, t.rows, t.cols))
            status = clact_sweep_backward(context, queue, layer->epilogue, &t, 0, NULL,
                                          timeline_next(times, WORK_ACTIVATION));
    }
    return status;
}

/* ---- products ---- */

static clact_status multiply(clact_context *context, cl_command_queue queue, bool own,
                             const blas_product *product, timeline *times) {
    return own ? own_gemm(context, queue, product, times)
               : blas_gemm(context, queue, product, timeline_next(times, WORK_GEMM));
}

bool dense_is_fused(const clact_dense *layer, cl_command_queue queue, size_t count,
                    const clact_dense_forward_tensors *entries) {
    const clact_forward_tensors t = dense_forward_epilogue(layer, entries);
    return t.rows > 0 && own_is_chosen(layer, queue, count, t.rows) &&
           clact_multiply_takes(layer->epilogue) &&
           (!is_plain(layer->epilogue) || !is_same(t.x, t.y, t.rows, t.cols));
}

clact_status dense_forward(clact_context *context, cl_command_queue queue, const clact_dense *layer,
                           size_t count, const clact_dense_forward_tensors *entries,
                           timeline *times) {
    const size_t rows = entries->epilogue.rows, step = sizeof *entries;
    const blas_product z = {.m = rows,
                            .n = dense_columns(layer),
                            .k = layer->inputs,
                            .count = count,
                            .a = {&entries->x, step, false},
                            .b = {&entries->weight, step, true},
                            .c = {&entries->epilogue.x, step, false}};
    if (dense_is_fused(layer, queue, count, entries))
        return own_forward(context, queue, layer, count, entries, times);
    clact_status status = CLACT_SUCCESS;
    if (rows > 0)
        status = multiply(context, queue, own_is_chosen(layer, queue, count, rows), &z, times);
    if (status != CLACT_SUCCESS) return status;
    return sweep_forward(context, queue, layer, count, entries, times);
}

static clact_status zero(clact_context *context, cl_command_queue queue, clact_matrix m,
                         size_t rows, size_t cols) {
    const float nothing = 0.0f;
    const size_t ld = m.ld ? m.ld : cols;
    for (size_t row = 0; row < rows; row++)
        if (clEnqueueFillBuffer(queue, m.buffer, &nothing, sizeof nothing,
                                (m.offset + row * ld) * sizeof(float), cols * sizeof(float), 0,
                                NULL, NULL) != CL_SUCCESS)
            return clact_context_report(context, CLACT_OPENCL, "clEnqueueFillBuffer failed");
    return CLACT_SUCCESS;
}

/* dweight where there are no rows: beta times what was there. */
static clact_status scale_weights(clact_context *context, cl_command_queue queue,
                                  const clact_dense *layer, clact_matrix dweight) {
    const size_t rows = dense_columns(layer), cols = layer->inputs;
    clact_sweep by_beta;
    if (layer->weight_beta == 0.0f) return zero(context, queue, dweight, rows, cols);
    clact_sweep_init(&by_beta, CLACT_ACT_IDENTITY);
    by_beta.scale = layer->weight_beta;
    return clact_forward(context, queue, &by_beta, rows, cols, dweight, dweight, 0, NULL, NULL);
}

clact_status dense_backward(clact_context *context, cl_command_queue queue,
                            const clact_dense *layer, size_t count,
                            const clact_dense_backward_tensors *entries, timeline *times) {
    const size_t rows = entries->epilogue.rows, columns = dense_columns(layer);
    const size_t step = sizeof *entries;
    const blas_product dweight = {.m = columns,
                                  .n = layer->inputs,
                                  .k = rows,
                                  .count = count,
                                  .a = {&entries->epilogue.dx, step, true},
                                  .b = {&entries->x, step, false},
                                  .c = {&entries->dweight, step, false},
                                  .beta = layer->weight_beta};
    const blas_product dx = {.m = rows,
                             .n = layer->inputs,
                             .k = columns,
                             .count = count,
                             .a = {&entries->epilogue.dx, step, false},
                             .b = {&entries->weight, step, false},
                             .c = {&entries->dx, step, false},
                             .beta = layer->x_beta};
    const bool own = own_is_chosen(layer, queue, count, rows);
    const bool wants_dweight = entries->dweight.buffer, wants_dx = entries->dx.buffer;
    clact_status status = sweep_backward(context, queue, layer, count, entries, times);
    if (status == CLACT_SUCCESS && rows > 0 && wants_dweight)
        status = multiply(context, queue, own, &dweight, times);
    if (status == CLACT_SUCCESS && rows > 0 && wants_dx)
        status = multiply(context, queue, own, &dx, times);
    for (size_t i = 0; i < count && rows == 0 && wants_dweight && status == CLACT_SUCCESS; i++)
        status = scale_weights(context, queue, layer, entries[i].dweight);
    return status;
}
