/* dense.c: y = act(x W^T + b) in batches, forward and backward. */
#include "dense.h"

#include "blas.h"

clact_status dense_check_queue(clact_context *context, cl_command_queue queue) {
    cl_command_queue_properties properties = 0;
    const clact_status status = clact_check_operands(context, queue, NULL, 0);
    if (status != CLACT_SUCCESS) return status;
    clGetCommandQueueInfo(queue, CL_QUEUE_PROPERTIES, sizeof properties, &properties, NULL);
    if (properties & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE)
        return clact_context_report(context, CLACT_INVALID_ARGUMENT,
                                    "dense layers need an in-order queue");
    return CLACT_SUCCESS;
}

/* The same elements, rows x cols of them */
static bool same_matrix(clact_matrix a, clact_matrix b, size_t rows, size_t cols) {
    return a.buffer == b.buffer && a.offset == b.offset &&
           (rows == 1 || (a.ld ? a.ld : cols) == (b.ld ? b.ld : cols));
}

/* The identity in place: nothing to do. */
static bool is_no_op(const clact_dense *layer, size_t rows, clact_matrix in, clact_matrix out) {
    return layer->activation->activation == CLACT_ACT_IDENTITY &&
           same_matrix(in, out, rows, layer->outputs);
}

clact_status dense_forward(clact_context *context, cl_command_queue queue, const clact_dense *layer,
                           size_t rows, clact_matrix x, clact_matrix z, clact_matrix y,
                           timeline *times) {
    const size_t in = layer->inputs, out = layer->outputs;
    clact_status status = clact_broadcast_rows(context, queue, rows, out, layer->bias, z, 0, NULL,
                                               timeline_next(times, WORK_OTHER));
    if (status == CLACT_SUCCESS)
        status = blas_gemm(context, queue, false, true, rows, out, in, x, layer->weight, 1.0f, z,
                           timeline_next(times, WORK_GEMM));
    if (status == CLACT_SUCCESS && !is_no_op(layer, rows, z, y))
        status = clact_forward(context, queue, layer->activation, rows, out, z, y, 0, NULL,
                               timeline_next(times, WORK_ACTIVATION));
    return status;
}

clact_status dense_backward(clact_context *context, cl_command_queue queue,
                            const clact_dense *layer, size_t rows, clact_matrix x,
                            clact_matrix saved, clact_matrix dy, const dense_gradients *g,
                            timeline *times) {
    const size_t in = layer->inputs, out = layer->outputs;
    clact_status status = CLACT_SUCCESS;
    if (!is_no_op(layer, rows, dy, g->dz))
        status = clact_backward(context, queue, layer->activation, rows, out, saved, dy, g->dz, 0,
                                NULL, timeline_next(times, WORK_ACTIVATION));
    if (status == CLACT_SUCCESS)
        status = clact_sum_columns(context, queue, rows, out, g->dz, g->dbias, 0, NULL,
                                   timeline_next(times, WORK_OTHER));
    if (status == CLACT_SUCCESS)
        status = blas_gemm(context, queue, true, false, out, in, rows, g->dz, x, 0.0f, g->dweight,
                           timeline_next(times, WORK_GEMM));
    if (status == CLACT_SUCCESS && g->dx.buffer)
        status = blas_gemm(context, queue, false, false, rows, in, out, g->dz, layer->weight, 0.0f,
                           g->dx, timeline_next(times, WORK_GEMM));
    return status;
}

clact_status dense_check_activation(clact_context *context, const clact_sweep *activation,
                                    bool backward) {
    const clact_status status = clact_sweep_check(activation, backward);
    if (status != CLACT_SUCCESS)
        return clact_context_report(context, status, clact_status_text(status));
    if (activation->dtype != CLACT_F32)
        return clact_context_report(context, CLACT_INVALID_ARGUMENT,
                                    "a dense layer is float32; its activation is of another dtype");
    return CLACT_SUCCESS;
}

/* What both public passes check before they look at matrices. */
static clact_status check_layer(clact_context *context, cl_command_queue queue,
                                const clact_dense *layer, bool backward, cl_uint num_wait,
                                const cl_event *wait) {
    if (!layer || !layer->activation || layer->inputs == 0 || layer->outputs == 0)
        return clact_context_report(context, CLACT_INVALID_ARGUMENT,
                                    "the layer is NULL or has no inputs, outputs or activation");
    if ((num_wait > 0) != (wait != NULL))
        return clact_context_report(context, CLACT_INVALID_ARGUMENT,
                                    "the wait list is NULL but not empty, or empty but not NULL");
    const clact_status status = dense_check_queue(context, queue);
    return status == CLACT_SUCCESS ? dense_check_activation(context, layer->activation, backward)
                                   : status;
}

static clact_status check_forward(clact_context *context, cl_command_queue queue,
                                  const clact_dense *layer, size_t rows, clact_matrix x,
                                  clact_matrix z, clact_matrix y) {
    const size_t in = layer->inputs, out = layer->outputs;
    clact_operand operands[] = {{"x", x, rows, in, true, false, false, CLACT_F32},
                                {"weight", layer->weight, out, in, true, false, false, CLACT_F32},
                                {"bias", layer->bias, 1, out, true, false, false, CLACT_F32},
                                {"z", z, rows, out, true, true, false, CLACT_F32},
                                {"y", y, rows, out, false, true, false, CLACT_F32}};
    return clact_check_operands(context, queue, operands, same_matrix(z, y, rows, out) ? 4 : 5);
}

static clact_status check_backward(clact_context *context, cl_command_queue queue,
                                   const clact_dense *layer, size_t rows, clact_matrix x,
                                   clact_matrix saved, clact_matrix dy, const dense_gradients *g) {
    const size_t in = layer->inputs, out = layer->outputs, count = g->dx.buffer ? 6 : 5;
    const clact_operand dweight = {"dweight", g->dweight, out, in, false, true, false, CLACT_F32};
    const clact_operand dbias = {"dbias", g->dbias, 1, out, false, true, false, CLACT_F32};
    const clact_operand dx = {"dx", g->dx, rows, in, false, true, false, CLACT_F32};
    clact_operand sweep[] = {{"the saved tensor", saved, rows, out, true, false, false, CLACT_F32},
                             {"dy", dy, rows, out, true, false, false, CLACT_F32},
                             {"dz", g->dz, rows, out, true, true, true, CLACT_F32},
                             dweight,
                             dbias,
                             dx};
    clact_operand products[] = {{"x", x, rows, in, true, false, false, CLACT_F32},
                                {"weight", layer->weight, out, in, true, false, false, CLACT_F32},
                                {"dz", g->dz, rows, out, true, true, false, CLACT_F32},
                                dweight,
                                dbias,
                                dx};
    const clact_status status = rows > 0 ? clact_check_operands(context, queue, sweep, count)
                                         : clact_check_operands(context, queue, sweep + 3, 2);
    if (status != CLACT_SUCCESS || rows == 0) return status;
    return clact_check_operands(context, queue, products, count);
}

/* No rows: the gradients of the parameters are sums of nothing. */
static clact_status zero_gradients(clact_context *context, cl_command_queue queue,
                                   const clact_dense *layer, const dense_gradients *g) {
    const clact_matrix none = {NULL, 0, 0};
    const size_t ld = g->dweight.ld ? g->dweight.ld : layer->inputs;
    const bool packed = ld == layer->inputs;
    const size_t lines = packed ? 1 : layer->outputs;
    const size_t length = packed ? layer->inputs * layer->outputs : layer->inputs;
    clact_status status =
        clact_sum_columns(context, queue, 0, layer->outputs, none, g->dbias, 0, NULL, NULL);
    for (size_t i = 0; i < lines && status == CLACT_SUCCESS; i++) {
        const clact_matrix line = {g->dweight.buffer, g->dweight.offset + i * ld, 0};
        status = clact_sum_columns(context, queue, 0, length, none, line, 0, NULL, NULL);
    }
    return status;
}

static clact_status wait_for(clact_context *context, cl_command_queue queue, cl_uint num_wait,
                             const cl_event *wait) {
    if (num_wait == 0 || clEnqueueBarrierWithWaitList(queue, num_wait, wait, NULL) == CL_SUCCESS)
        return CLACT_SUCCESS;
    return clact_context_report(context, CLACT_OPENCL, "the wait list is not valid");
}

static clact_status finish(clact_context *context, cl_command_queue queue, clact_status status,
                           cl_event *event) {
    if (status != CLACT_SUCCESS || !event) return status;
    if (clEnqueueMarkerWithWaitList(queue, 0, NULL, event) != CL_SUCCESS)
        return clact_context_report(context, CLACT_OPENCL, "clEnqueueMarkerWithWaitList failed");
    return CLACT_SUCCESS;
}

clact_status clact_dense_forward(clact_context *context, cl_command_queue queue,
                                 const clact_dense *layer, size_t rows, clact_matrix x,
                                 clact_matrix z, clact_matrix y, cl_uint num_wait,
                                 const cl_event *wait, cl_event *event) {
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    clact_status status = check_layer(context, queue, layer, false, num_wait, wait);
    if (status == CLACT_SUCCESS && rows > 0)
        status = check_forward(context, queue, layer, rows, x, z, y);
    if (status == CLACT_SUCCESS) status = wait_for(context, queue, num_wait, wait);
    if (status == CLACT_SUCCESS && rows > 0)
        status = dense_forward(context, queue, layer, rows, x, z, y, NULL);
    return finish(context, queue, status, event);
}

clact_status clact_dense_backward(clact_context *context, cl_command_queue queue,
                                  const clact_dense *layer, size_t rows, clact_matrix x,
                                  clact_matrix saved, clact_matrix dy, clact_matrix dz,
                                  clact_matrix dweight, clact_matrix dbias, clact_matrix dx,
                                  cl_uint num_wait, const cl_event *wait, cl_event *event) {
    const dense_gradients out = {dz, dweight, dbias, dx};
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    clact_status status = check_layer(context, queue, layer, true, num_wait, wait);
    if (status == CLACT_SUCCESS)
        status = check_backward(context, queue, layer, rows, x, saved, dy, &out);
    if (status == CLACT_SUCCESS) status = wait_for(context, queue, num_wait, wait);
    if (status == CLACT_SUCCESS)
        status = rows > 0 ? dense_backward(context, queue, layer, rows, x, saved, dy, &out, NULL)
                          : zero_gradients(context, queue, layer, &out);
    return finish(context, queue, status, event);
}
