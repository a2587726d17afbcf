/* launch.c (L2): set the arguments of a kernel and enqueue it. */
#include "launch.h"

clact_status launch_check(clact_context *context, const launch_order *order) {
    cl_context owner = NULL;
    cl_device_id device = NULL;
    if (!order->queue) return context_fail(context, CLACT_INVALID_ARGUMENT, "the queue is NULL");
    if ((order->num_wait > 0) != (order->wait != NULL))
        return context_fail(context, CLACT_INVALID_ARGUMENT,
                            "the wait list is NULL but not empty, or empty but not NULL");
    cl_int code = clGetCommandQueueInfo(order->queue, CL_QUEUE_CONTEXT, sizeof owner, &owner, NULL);
    if (code == CL_SUCCESS)
        code = clGetCommandQueueInfo(order->queue, CL_QUEUE_DEVICE, sizeof device, &device, NULL);
    if (code != CL_SUCCESS) return context_fail_opencl(context, "clGetCommandQueueInfo", code);
    if (owner != context->target.context || device != context->target.device)
        return context_fail(context, CLACT_MISMATCH,
                            "the queue belongs to another context or device");
    return CLACT_SUCCESS;
}

clact_status clact_check_operands(clact_context *context, cl_command_queue queue,
                                  clact_operand *operands, size_t count) {
    const launch_order order = {queue, 0, NULL, NULL};
    if (!context) return CLACT_INVALID_ARGUMENT;
    if (count > CLACT_MAX_OPERANDS || (count > 0 && !operands))
        return context_fail(context, CLACT_INVALID_ARGUMENT,
                            "operands is NULL, or there are more than %d", CLACT_MAX_OPERANDS);
    for (size_t i = 0; i < count; i++)
        if (!operands[i].name || operands[i].rows == 0 || operands[i].cols == 0)
            return context_fail(context, CLACT_INVALID_ARGUMENT,
                                "operand %zu has no name, no rows or no columns", i);
    const clact_status status = launch_check(context, &order);
    return status == CLACT_SUCCESS ? operand_check(context, operands, count) : status;
}

static cl_int set_arguments(cl_kernel kernel, const launch_scalar *scalars, size_t num_scalars,
                            const operand *operands, size_t num_operands) {
    cl_uint index = 0;
    cl_int code = CL_SUCCESS;
    for (size_t i = 0; i < num_scalars && code == CL_SUCCESS; i++)
        code = clSetKernelArg(kernel, index++, scalars[i].size, scalars[i].value);
    for (size_t i = 0; i < num_operands && code == CL_SUCCESS; i++) {
        const clact_matrix *m = &operands[i].matrix;
        const cl_ulong offset = m->offset, ld = m->ld;
        code = clSetKernelArg(kernel, index++, sizeof m->buffer, &m->buffer);
        if (code == CL_SUCCESS) code = clSetKernelArg(kernel, index++, sizeof offset, &offset);
        if (code == CL_SUCCESS) code = clSetKernelArg(kernel, index++, sizeof ld, &ld);
    }
    return code;
}

/* What a launch that failed means. CL_KERNEL_WORK_GROUP_SIZE alone does not say it beforehand:
 * Mesa's llvmpipe launches larger work-groups than it gives there. */
static clact_status launch_failed(clact_context *context, const char *name, size_t local,
                                  const char *call, cl_int code) {
    if (code != CL_INVALID_WORK_GROUP_SIZE) return context_fail_opencl(context, call, code);
    return context_fail(context, CLACT_DEVICE,
                        "%s does not launch %s in work-groups of %zu; tune with smaller ones",
                        context->device.name, name, local);
}

clact_status launch_kernel(clact_context *context, const launch_order *order, const char *name,
                           plan_grid grid, const launch_scalar *scalars, size_t num_scalars,
                           const operand *operands, size_t num_operands) {
    cl_kernel kernel = NULL;
    const clact_status status = context_take(context, name, &kernel);
    if (status != CLACT_SUCCESS) return status;
    const char *call = "clSetKernelArg";
    cl_int code = set_arguments(kernel, scalars, num_scalars, operands, num_operands);
    if (code == CL_SUCCESS) {
        call = "clEnqueueNDRangeKernel";
        code = clEnqueueNDRangeKernel(order->queue, kernel, 1, NULL, &grid.global, &grid.local,
                                      order->num_wait, order->wait, order->event);
    }
    context_give(context, name, kernel);
    if (code == CL_SUCCESS) return CLACT_SUCCESS;
    return launch_failed(context, name, grid.local, call, code);
}

launch_chain launch_chain_begin(clact_context *context, const launch_order *order) {
    launch_chain chain = {.context = context, .order = order, .status = CLACT_SUCCESS};
    cl_command_queue_properties properties = 0;
    const cl_int code = clGetCommandQueueInfo(order->queue, CL_QUEUE_PROPERTIES, sizeof properties,
                                              &properties, NULL);
    if (code != CL_SUCCESS)
        chain.status = context_fail_opencl(context, "clGetCommandQueueInfo", code);
    chain.in_order = !(properties & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
    return chain;
}

const launch_order *launch_chain_next(launch_chain *chain, bool is_last) {
    if (chain->previous) clReleaseEvent(chain->previous);
    chain->previous = chain->current;
    chain->current = NULL;
    chain->next = *chain->order;
    if (chain->started) {
        chain->next.num_wait = chain->previous ? 1 : 0;
        chain->next.wait = chain->previous ? &chain->previous : NULL;
    }
    if (!is_last) chain->next.event = chain->in_order ? NULL : &chain->current;
    chain->started = true;
    return &chain->next;
}

clact_status launch_chain_end(launch_chain *chain) {
    if (chain->previous) clReleaseEvent(chain->previous);
    if (chain->current) clReleaseEvent(chain->current);
    chain->previous = chain->current = NULL;
    return chain->status;
}

clact_status launch_nothing(clact_context *context, const launch_order *order) {
    if (!order->event) return CLACT_SUCCESS;
    const cl_int code =
        clEnqueueMarkerWithWaitList(order->queue, order->num_wait, order->wait, order->event);
    return code == CL_SUCCESS ? CLACT_SUCCESS
                              : context_fail_opencl(context, "clEnqueueMarkerWithWaitList", code);
}
