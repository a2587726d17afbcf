/* network.c: forward passes and training steps of a network. */
#include "network.h"

#include "dense.h"
#include "own.h"

#include <stdlib.h>

static clact_status check_rows(clact_net *net, size_t rows) {
    if (rows > 0 && rows <= net->max_rows) return CLACT_SUCCESS;
    return clact_context_report(net->context, CLACT_INVALID_ARGUMENT,
                                "rows must lie between 1 and the net's max_rows");
}

clact_status clact_net_forward(clact_net *net, size_t rows, clact_matrix x, clact_matrix *output) {
    if (!net) return CLACT_INVALID_ARGUMENT;
    clact_status status = check_rows(net, rows);
    for (size_t i = 0; i < net->num_layers && status == CLACT_SUCCESS; i++) {
        net_layer *layer = &net->layers[i];
        layer->forward.x = i == 0 ? x : net->layers[i - 1].y;
        layer->forward.epilogue.rows = rows;
        status =
            dense_forward(net->context, net->queue, &layer->dense, 1, &layer->forward, &net->times);
    }
    if (output) *output = net->layers[net->num_layers - 1].y;
    return status;
}

static clact_status backward(clact_net *net, size_t rows) {
    clact_status status = CLACT_SUCCESS;
    for (size_t i = net->num_layers; i-- > 0 && status == CLACT_SUCCESS;) {
        net_layer *layer = &net->layers[i];
        layer->backward.x = layer->forward.x;
        layer->backward.epilogue.rows = rows;
        status = dense_backward(net->context, net->queue, &layer->dense, 1, &layer->backward,
                                &net->times);
    }
    return status;
}

/* Forward, loss and backward: gradients of the mean loss, no update. */
static clact_status find_gradients(clact_net *net, size_t rows, clact_matrix x,
                                   clact_matrix target) {
    clact_matrix output;
    clact_status status = clact_net_forward(net, rows, x, &output);
    if (status != CLACT_SUCCESS) return status;
    net_layer *last = &net->layers[net->num_layers - 1];
    const clact_matrix nothing = {NULL, 0, 0};
    status = clact_loss_evaluate(net->context, net->queue, &net->loss_of, rows, last->dense.outputs,
                                 output, target, nothing, 1.0, net->loss, last->dy, net->workspace,
                                 0, NULL, timeline_next(&net->times, WORK_OTHER));
    return status == CLACT_SUCCESS ? backward(net, rows) : status;
}

clact_status clact_net_step(clact_net *net, size_t rows, clact_matrix x, clact_matrix target,
                            float lr, float momentum, clact_matrix *loss) {
    if (!net) return CLACT_INVALID_ARGUMENT;
    const clact_matrix params = {net->params, 0, 0}, grads = {net->grads, 0, 0};
    const clact_matrix velocity = {net->velocity, 0, 0};
    clact_status status = find_gradients(net, rows, x, target);
    if (status == CLACT_SUCCESS)
        status = clact_sgd_step(net->context, net->queue, net->num_params, params, grads, velocity,
                                lr, momentum, 0, NULL, timeline_next(&net->times, WORK_OTHER));
    if (loss) *loss = net->loss;
    return status;
}

/* All kernels of the layers in one build, before the first of them is needed. */
static clact_status compile(clact_net *net) {
    clact_sweep *sweeps = malloc(net->num_layers * sizeof *sweeps);
    if (!sweeps) return clact_context_report(net->context, CLACT_MEMORY, "out of host memory");
    for (size_t i = 0; i < net->num_layers; i++)
        sweeps[i] = net->layers[i].epilogue;
    const clact_descriptors all = {
        .sweeps = sweeps,
        .num_sweeps = net->num_layers,
        .has_backward = true,
        .has_products = own_is_chosen(&net->layers[0].dense, net->queue, 1, net->max_rows)};
    const clact_status status = clact_warm_up_all(net->context, &all);
    free(sweeps);
    return status;
}

/* A pass over `scratch`, which holds the input and a target, and an update inside it. */
static clact_status rehearse(clact_net *net, size_t rows, cl_mem scratch, size_t count) {
    const float zero = 0.0f;
    const clact_matrix x = {scratch, 0, 0};
    const clact_matrix w = {scratch, 0, 0}, g = {scratch, 1, 0}, v = {scratch, 2, 0};
    if (clEnqueueFillBuffer(net->queue, scratch, &zero, sizeof zero, 0, count * sizeof zero, 0,
                            NULL, NULL) != CL_SUCCESS)
        return clact_context_report(net->context, CLACT_OPENCL, "clEnqueueFillBuffer failed");
    clact_status status = compile(net);
    if (status == CLACT_SUCCESS) status = find_gradients(net, rows, x, x);
    if (status == CLACT_SUCCESS)
        status = clact_sgd_step(net->context, net->queue, 1, w, g, v, 0.0f, 0.0f, 0, NULL, NULL);
    clFinish(net->queue);
    return status;
}

clact_status clact_net_warm_up(clact_net *net, size_t rows) {
    if (!net) return CLACT_INVALID_ARGUMENT;
    clact_status status = check_rows(net, rows);
    if (status != CLACT_SUCCESS) return status;
    cl_context context = NULL;
    cl_int code = CL_SUCCESS;
    const size_t outputs = net->layers[net->num_layers - 1].dense.outputs;
    const size_t count = rows * (net->inputs > outputs ? net->inputs : outputs) + 3;
    clGetCommandQueueInfo(net->queue, CL_QUEUE_CONTEXT, sizeof context, &context, NULL);
    cl_mem scratch = clCreateBuffer(context, CL_MEM_READ_WRITE, count * sizeof(float), NULL, &code);
    if (code != CL_SUCCESS)
        return clact_context_report(net->context, CLACT_OPENCL, "no memory for the warm-up");
    const bool timing = net->times.on;
    net->times.on = false; /* of no interest */
    status = rehearse(net, rows, scratch, count);
    net->times.on = timing;
    clReleaseMemObject(scratch);
    return status;
}

clact_status clact_net_layer(clact_net *net, size_t i, clact_dense *layer, clact_matrix *weight,
                             clact_matrix *bias) {
    if (!net) return CLACT_INVALID_ARGUMENT;
    if (i >= net->num_layers)
        return clact_context_report(net->context, CLACT_INVALID_ARGUMENT,
                                    "the net has no such layer");
    if (layer) *layer = net->layers[i].dense;
    if (weight) *weight = net->layers[i].forward.weight;
    if (bias) *bias = net->layers[i].forward.epilogue.bias;
    return CLACT_SUCCESS;
}

clact_status clact_net_collect_times(clact_net *net, clact_net_times *times) {
    if (!net) return CLACT_INVALID_ARGUMENT;
    if (!times || !net->times.on)
        return clact_context_report(net->context, CLACT_INVALID_ARGUMENT,
                                    "the net was created without timing");
    clFinish(net->queue);
    *times = timeline_collect(&net->times);
    return CLACT_SUCCESS;
}
