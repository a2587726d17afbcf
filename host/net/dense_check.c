/* dense_check.c: what dense layers check before they enqueue anything. */
#include "dense_check.h"

#include "dense.h"
#include "dense_overlap.h"
#include "own.h"

#include "clact/product.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static clact_status refuse(clact_context *context, const char *message) {
    return clact_context_report(context, CLACT_INVALID_ARGUMENT, message);
}

clact_status dense_check_queue(clact_context *context, cl_command_queue queue) {
    cl_command_queue_properties properties = 0;
    const clact_status status = clact_check_operands(context, queue, NULL, 0);
    if (status != CLACT_SUCCESS) return status;
    clGetCommandQueueInfo(queue, CL_QUEUE_PROPERTIES, sizeof properties, &properties, NULL);
    if (properties & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE)
        return refuse(context, "dense layers need an in-order queue");
    return CLACT_SUCCESS;
}

clact_status dense_check_epilogue(clact_context *context, const clact_sweep *epilogue,
                                  bool backward) {
    char text[256];
    const clact_status status = clact_sweep_explain(epilogue, backward, text, sizeof text);
    if (status != CLACT_SUCCESS) return clact_context_report(context, status, text);
    if (epilogue->dtype != CLACT_F32)
        return refuse(context, "a dense layer is float32; its sweep is of another dtype");
    if (epilogue->gate == CLACT_GATE_APART)
        return refuse(context, "a dense layer takes no gate apart: its weight holds both halves, "
                               "as CLACT_GATE_FIRST or CLACT_GATE_LAST says");
    return CLACT_SUCCESS;
}

clact_status dense_check_call(clact_context *context, cl_command_queue queue,
                              const clact_dense *layer, bool backward, cl_uint num_wait,
                              const cl_event *wait) {
    if (!layer || !layer->epilogue || layer->inputs == 0 || layer->outputs == 0)
        return refuse(context, "the layer is NULL or has no inputs, outputs or epilogue");
    if (!own_is_legal(layer->products)) return refuse(context, "there are no such products");
    if (layer->inputs > INT_MAX || layer->outputs > INT_MAX / 2)
        return clact_context_report(context, CLACT_SHAPE, "the layer has too many columns");
    if ((num_wait > 0) != (wait != NULL))
        return refuse(context, "the wait list is NULL but not empty, or empty but not NULL");
    clact_status status = dense_check_queue(context, queue);
    if (status != CLACT_SUCCESS) return status;
    status = dense_check_epilogue(context, layer->epilogue, backward);
    if (status != CLACT_SUCCESS || !backward) return status;
    if (layer->epilogue->accumulate & CLACT_GRADIENT_X)
        return refuse(context, "the epilogue of a dense layer cannot accumulate into dz; dweight "
                               "and dx do so by weight_beta and x_beta");
    if (!isfinite(layer->weight_beta) || !isfinite(layer->x_beta))
        return clact_context_report(context, CLACT_PARAMETER_RANGE,
                                    "weight_beta and x_beta must be finite numbers");
    return CLACT_SUCCESS;
}

/* ---- the tensors of one entry ---- */

static void put(dense_operands *o, size_t index, const char *name, clact_matrix m, size_t rows,
                size_t cols, bool input, bool output) {
    if (m.ld == 0) m.ld = cols;
    o->list[index] = (clact_operand){name, m, rows, cols, input, output, false, CLACT_F32};
}

static void append(dense_operands *o, const char *name, clact_matrix m, size_t rows, size_t cols,
                   bool output) {
    put(o, o->count++, name, m, rows, cols, !output, output);
}

static void append_scratch(dense_operands *o, const clact_dense *layer, bool backward, size_t rows,
                           cl_mem workspace, cl_mem health, size_t health_offset) {
    const size_t words = sizeof(clact_health) / 8;
    size_t bytes = 0;
    clact_sweep_workspace(layer->epilogue, backward, rows, layer->outputs, &bytes);
    if (bytes > 0) {
        o->workspace = o->count;
        append(o, "the workspace", (clact_matrix){workspace, 0, 0}, 1, bytes / 4, true);
    }
    if (!layer->epilogue->health) return;
    append(o, "health", (clact_matrix){health, health_offset * words, 0}, 1,
           (layer->outputs + 1) * words, true);
    o->list[o->count - 1].dtype = CLACT_F64;
}

static void append_saved(dense_operands *o, const clact_dense *layer, size_t rows, clact_matrix m,
                         bool output) {
    const clact_saved saved = layer->epilogue->saved;
    const size_t words = 4 * ((layer->outputs - 1) / 128 + 1);
    const size_t cols = saved == CLACT_SAVED_X      ? dense_columns(layer)
                        : saved == CLACT_SAVED_MASK ? words
                                                    : layer->outputs;
    if (saved == CLACT_SAVED_NOTHING) return;
    append(o, saved == CLACT_SAVED_MASK ? "the mask" : "the saved tensor", m, rows, cols, output);
}

static void list_forward(const clact_dense *layer, const clact_dense_forward_tensors *t,
                         dense_operands *o) {
    const clact_sweep *s = layer->epilogue;
    const clact_forward_tensors *e = &t->epilogue;
    const size_t in = layer->inputs, columns = dense_columns(layer), rows = e->rows;
    *o = (dense_operands){.count = DENSE_PRODUCTS};
    put(o, DENSE_X, "x", t->x, rows, in, true, false);
    put(o, DENSE_WEIGHT, "weight", t->weight, rows > 0 ? columns : 0, in, true, false);
    put(o, DENSE_Z, "z", e->x, rows, columns, true, true);
    append(o, "y", e->y, rows, layer->outputs, true);
    if (s->bias) append(o, "bias", e->bias, 1, columns, false);
    if (s->slopes) append(o, "slopes", e->slopes, 1, layer->outputs, false);
    if (s->residual) append(o, "residual", e->residual, rows, layer->outputs, false);
    if (s->saved == CLACT_SAVED_MASK || s->saved == CLACT_SAVED_TAIL)
        append_saved(o, layer, rows, e->saved, true);
    append_scratch(o, layer, false, rows, e->workspace, e->health, e->health_offset);
}

static void list_backward(const clact_dense *layer, const clact_dense_backward_tensors *t,
                          dense_operands *o) {
    const clact_sweep *s = layer->epilogue;
    const clact_backward_tensors *e = &t->epilogue;
    const size_t in = layer->inputs, out = layer->outputs, columns = dense_columns(layer);
    const size_t rows = e->rows;
    const bool dweight = t->dweight.buffer, dx = t->dx.buffer && rows > 0;
    *o = (dense_operands){.count = DENSE_PRODUCTS};
    put(o, DENSE_X, "x", t->x, dweight ? rows : 0, in, true, false);
    put(o, DENSE_WEIGHT, "weight", t->weight, dx ? columns : 0, in, true, false);
    put(o, DENSE_DWEIGHT, "dweight", t->dweight, dweight ? columns : 0, in, true, true);
    put(o, DENSE_DX, "dx", t->dx, dx ? rows : 0, in, true, true);
    put(o, DENSE_Z, "dz", e->dx, rows, columns, false, true);
    append(o, "dy", e->dy, rows, out, false);
    append_saved(o, layer, rows, e->saved, false);
    if (s->bias && s->saved == CLACT_SAVED_X) append(o, "bias", e->bias, 1, columns, false);
    if (s->slopes) append(o, "slopes", e->slopes, 1, out, false);
    if (s->bias && (s->gradients & CLACT_GRADIENT_BIAS))
        append(o, "dbias", e->dbias, 1, columns, true);
    if (s->slopes && (s->gradients & CLACT_GRADIENT_SLOPES))
        append(o, "dslopes", e->dslopes, 1, out, true);
    if (s->residual && (s->gradients & CLACT_GRADIENT_RESIDUAL))
        append(o, "dresidual", e->dresidual, rows, out, true);
    append_scratch(o, layer, true, rows, e->workspace, e->health, e->health_offset);
}

/* ---- checks ---- */

/* Fails with what is wrong with entry i, named so in a batch. */
static clact_status blame(clact_context *context, clact_status status, size_t i, size_t count) {
    char message[512], text[600];
    if (count == 1) return status;
    clact_context_message(context, message, sizeof message);
    snprintf(text, sizeof text, "entry %zu: %s", i, message);
    return clact_context_report(context, status, text);
}

/* CLBlast counts elements in 32-bit integers. */
static bool can_be_counted(const clact_operand *o) {
    const size_t most = INT_MAX;
    return o->rows == 0 ||
           (o->rows <= most && o->matrix.ld <= most && o->matrix.offset <= most &&
            (uint64_t)(o->rows - 1) * o->matrix.ld + o->matrix.offset + o->cols <= most);
}

static clact_status check_products(clact_context *context, cl_command_queue queue,
                                   const dense_operands *o) {
    clact_operand operands[DENSE_PRODUCTS];
    size_t count = 0;
    for (size_t k = 0; k < DENSE_PRODUCTS; k++) {
        char message[128];
        if (o->list[k].rows > 0) operands[count++] = o->list[k];
        if (can_be_counted(&o->list[k])) continue;
        snprintf(message, sizeof message,
                 "%s ends beyond 2^31 - 1 elements, where CLBlast cannot count", o->list[k].name);
        return clact_context_report(context, CLACT_SHAPE, message);
    }
    return clact_check_operands(context, queue, operands, count);
}

/* That products of this entry go with those of entry 0. */
static clact_status check_alike(clact_context *context, const dense_operands *first,
                                const dense_operands *o) {
    for (size_t k = 0; k < DENSE_PRODUCTS; k++) {
        const clact_operand *a = &first->list[k], *b = &o->list[k];
        char message[128];
        if (a->rows == b->rows && (a->rows == 0 || (a->matrix.buffer == b->matrix.buffer &&
                                                    a->matrix.ld == b->matrix.ld)))
            continue;
        snprintf(message, sizeof message,
                 "%s is not in the buffer, or has not the rows or leading dimension, that it has "
                 "in entry 0",
                 b->name);
        return clact_context_report(
            context, a->rows == b->rows ? CLACT_INVALID_ARGUMENT : CLACT_SHAPE, message);
    }
    return CLACT_SUCCESS;
}

static clact_status check_columns(clact_context *context, const clact_dense *layer, size_t cols) {
    if (cols == 0 || cols == layer->outputs) return CLACT_SUCCESS;
    return clact_context_report(context, CLACT_SHAPE,
                                "the columns of the epilogue are not the outputs of the layer");
}

/* What forward and backward have in common, once the operands are listed. */
static clact_status check_entries(clact_context *context, cl_command_queue queue, size_t count,
                                  const dense_operands *operands) {
    for (size_t i = 0; i < count; i++) {
        clact_status status = check_alike(context, &operands[0], &operands[i]);
        if (status == CLACT_SUCCESS) status = check_products(context, queue, &operands[i]);
        if (status != CLACT_SUCCESS) return blame(context, status, i, count);
    }
    return CLACT_SUCCESS;
}

/* Compiles the kernels of products that are clact's own. */
static clact_status check_kernels(clact_context *context, cl_command_queue queue,
                                  const clact_dense *layer, size_t count, size_t rows,
                                  const clact_sweep *fused) {
    if (rows == 0 || !own_is_chosen(layer, queue, count, rows)) return CLACT_SUCCESS;
    return clact_multiply_try(context, CLACT_F32, fused);
}

clact_status dense_check_forward(clact_context *context, cl_command_queue queue,
                                 const clact_dense *layer, size_t count,
                                 const clact_dense_forward_tensors *entries) {
    dense_operands *operands = calloc(count, sizeof *operands);
    if (!operands) return clact_context_report(context, CLACT_MEMORY, "out of host memory");
    for (size_t i = 0; i < count; i++)
        list_forward(layer, &entries[i], &operands[i]);
    clact_status status = check_entries(context, queue, count, operands);
    for (size_t i = 0; i < count && status == CLACT_SUCCESS; i++) {
        const clact_forward_tensors t = dense_forward_epilogue(layer, &entries[i]);
        status = check_columns(context, layer, entries[i].epilogue.cols);
        if (status == CLACT_SUCCESS)
            status = clact_sweep_try_forward(context, queue, layer->epilogue, &t);
        if (status != CLACT_SUCCESS) status = blame(context, status, i, count);
    }
    if (status == CLACT_SUCCESS) status = dense_check_overlaps(context, operands, count);
    if (status == CLACT_SUCCESS)
        status =
            check_kernels(context, queue, layer, count, entries->epilogue.rows,
                          dense_is_fused(layer, queue, count, entries) ? layer->epilogue : NULL);
    free(operands);
    return status;
}

clact_status dense_check_backward(clact_context *context, cl_command_queue queue,
                                  const clact_dense *layer, size_t count,
                                  const clact_dense_backward_tensors *entries) {
    dense_operands *operands = calloc(count, sizeof *operands);
    if (!operands) return clact_context_report(context, CLACT_MEMORY, "out of host memory");
    for (size_t i = 0; i < count; i++)
        list_backward(layer, &entries[i], &operands[i]);
    clact_status status = check_entries(context, queue, count, operands);
    for (size_t i = 0; i < count && status == CLACT_SUCCESS; i++) {
        const clact_backward_tensors t = dense_backward_epilogue(layer, &entries[i]);
        status = check_columns(context, layer, entries[i].epilogue.cols);
        if (status == CLACT_SUCCESS)
            status = clact_sweep_try_backward(context, queue, layer->epilogue, &t);
        if (status != CLACT_SUCCESS) status = blame(context, status, i, count);
    }
    if (status == CLACT_SUCCESS) status = dense_check_overlaps(context, operands, count);
    if (status == CLACT_SUCCESS)
        status = check_kernels(context, queue, layer, count, entries->epilogue.rows, NULL);
    free(operands);
    return status;
}
