/* dense.c: y = act(x W^T + b) in batches, forward and backward. */
#include "dense.h"

#include "blas.h"

clact_status dense_check_queue(clact_context *context, cl_command_queue queue) {
    cl_command_queue_properties properties = 0;
    if (!queue) return clact_context_report(context, CLACT_INVALID_ARGUMENT, "the queue is NULL");
    clGetCommandQueueInfo(queue, CL_QUEUE_PROPERTIES, sizeof properties, &properties, NULL);
    if (properties & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE)
        return clact_context_report(context, CLACT_INVALID_ARGUMENT,
                                    "dense layers need an in-order queue");
    return CLACT_SUCCESS;
}

/* The identity in place: nothing to do. */
static bool is_no_op(const clact_dense *layer, clact_matrix in, clact_matrix out) {
    return layer->activation.activation == CLACT_ACT_IDENTITY && in.buffer == out.buffer &&
           in.offset == out.offset && in.ld == out.ld;
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
    if (status == CLACT_SUCCESS && !is_no_op(layer, z, y))
        status = clact_forward(context, queue, &layer->activation, rows, out, z, y, 0, NULL,
                               timeline_next(times, WORK_ACTIVATION));
    return status;
}

clact_status dense_backward(clact_context *context, cl_command_queue queue,
                            const clact_dense *layer, size_t rows, clact_matrix x,
                            clact_matrix saved, clact_matrix dy, const dense_gradients *g,
                            timeline *times) {
    const size_t in = layer->inputs, out = layer->outputs;
    clact_status status = CLACT_SUCCESS;
    if (!is_no_op(layer, dy, g->dz))
        status = clact_backward(context, queue, &layer->activation, rows, out, saved, dy, g->dz, 0,
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

/* What both public passes check and wait for. */
static clact_status begin(clact_context *context, cl_command_queue queue, const clact_dense *layer,
                          bool backward, cl_uint num_wait, const cl_event *wait) {
    if (!context) return CLACT_INVALID_ARGUMENT;
    if (!layer || layer->inputs == 0 || layer->outputs == 0)
        return clact_context_report(context, CLACT_INVALID_ARGUMENT,
                                    "the layer is NULL or has no inputs or outputs");
    clact_status status = dense_check_queue(context, queue);
    if (status != CLACT_SUCCESS) return status;
    status = clact_sweep_check(&layer->activation, backward);
    if (status != CLACT_SUCCESS)
        return clact_context_report(context, status, clact_status_text(status));
    if (num_wait > 0 && clEnqueueBarrierWithWaitList(queue, num_wait, wait, NULL) != CL_SUCCESS)
        return clact_context_report(context, CLACT_OPENCL, "the wait list is not valid");
    return CLACT_SUCCESS;
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
    clact_status status = begin(context, queue, layer, false, num_wait, wait);
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
    clact_status status = begin(context, queue, layer, true, num_wait, wait);
    if (status == CLACT_SUCCESS && rows > 0)
        status = dense_backward(context, queue, layer, rows, x, saved, dy, &out, NULL);
    return finish(context, queue, status, event);
}
