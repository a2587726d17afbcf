/* network.c: forward passes and training steps of a network. */
#include "network.h"

#include "dense.h"
#include "own.h"

#include <math.h>
#include <stdlib.h>

enum { SCRATCH = 6 }; /* floats of a warm-up beside its input: a parameter, and its norm */

static clact_status check_rows(clact_net *net, size_t rows) {
    if (rows > 0 && rows <= net->max_rows) return CLACT_SUCCESS;
    return clact_context_report(net->context, CLACT_INVALID_ARGUMENT,
                                "rows must lie between 1 and the net's max_rows");
}

/* Layer i as a pass over so many rows has it. Each has dropout of its own at every step. */
static net_layer *layer_of_pass(clact_net *net, size_t i, net_pass pass, size_t rows) {
    net_layer *layer = &net->layers[i];
    clact_forward_tensors *f = &layer->forward.epilogue;
    clact_backward_tensors *b = &layer->backward.epilogue;
    layer->dense.epilogue = &layer->epilogues[pass];
    f->rows = b->rows = rows;
    f->seed = b->seed = net->seed;
    f->offset = b->offset = net->steps * net->num_layers + i;
    return layer;
}

static clact_status forward(clact_net *net, net_pass pass, size_t rows, clact_matrix x) {
    clact_status status = check_rows(net, rows);
    for (size_t i = 0; i < net->num_layers && status == CLACT_SUCCESS; i++) {
        net_layer *layer = layer_of_pass(net, i, pass, rows);
        layer->forward.x = i == 0 ? x : net->layers[i - 1].y;
        status =
            dense_forward(net->context, net->queue, &layer->dense, 1, &layer->forward, &net->times);
    }
    return status;
}

clact_status clact_net_forward(clact_net *net, size_t rows, clact_matrix x, clact_matrix *output) {
    if (!net) return CLACT_INVALID_ARGUMENT;
    const clact_status status = forward(net, NET_PLAIN, rows, x);
    if (output) *output = net->layers[net->num_layers - 1].y;
    return status;
}

static clact_status backward(clact_net *net, net_pass pass, size_t rows) {
    clact_status status = CLACT_SUCCESS;
    for (size_t i = net->num_layers; i-- > 0 && status == CLACT_SUCCESS;) {
        net_layer *layer = layer_of_pass(net, i, pass, rows);
        layer->backward.x = layer->forward.x;
        status = dense_backward(net->context, net->queue, &layer->dense, 1, &layer->backward,
                                &net->times);
    }
    return status;
}

/* Forward, loss and backward: gradients of the mean loss, no update. */
static clact_status find_gradients(clact_net *net, net_pass pass, size_t rows, clact_matrix x,
                                   clact_matrix target) {
    clact_status status = forward(net, pass, rows, x);
    if (status != CLACT_SUCCESS) return status;
    net_layer *last = &net->layers[net->num_layers - 1];
    const clact_matrix nothing = {NULL, 0, 0};
    status = clact_loss_evaluate(net->context, net->queue, &net->loss_of, rows, last->dense.outputs,
                                 last->y, target, nothing, 1.0, net->loss, last->dy, net->workspace,
                                 0, NULL, timeline_next(&net->times, WORK_OTHER));
    return status == CLACT_SUCCESS ? backward(net, pass, rows) : status;
}

clact_status clact_net_gradients(clact_net *net, size_t rows, clact_matrix x, clact_matrix target,
                                 clact_matrix *loss) {
    if (!net) return CLACT_INVALID_ARGUMENT;
    if (loss) *loss = net->loss;
    return find_gradients(net, net->health ? NET_WATCHED : NET_PLAIN, rows, x, target);
}

clact_parameter_tensor net_parameters(const clact_net *net, size_t at, size_t count) {
    return (clact_parameter_tensor){.count = count,
                                    .w = {net->parts[CLACT_NET_PARAMETERS], at, 0},
                                    .g = {net->parts[CLACT_NET_GRADIENTS], at, 0},
                                    .first = {net->parts[CLACT_NET_FIRST_STATE], at, 0},
                                    .second = {net->parts[CLACT_NET_SECOND_STATE], at, 0}};
}

/* One update of these parameters; `clip` gets the norm of their gradients. */
static clact_status update(clact_net *net, float lr, uint64_t step,
                           const clact_parameter_tensor *parameters, clact_matrix clip) {
    const bool clipped = net->max_norm > 0.0f;
    clact_status status = CLACT_SUCCESS;
    if (clipped)
        status =
            clact_gradient_norm(net->context, net->queue, net->max_norm, 1, parameters, clip,
                                net->workspace, 0, NULL, timeline_next(&net->times, WORK_OTHER));
    if (status != CLACT_SUCCESS) return status;
    return clact_optimizer_step(net->context, net->queue, &net->optimizer, lr, step, 1, parameters,
                                clipped ? clip : (clact_matrix){NULL, 0, 0}, 0, NULL,
                                timeline_next(&net->times, WORK_OTHER));
}

clact_status clact_net_step(clact_net *net, size_t rows, clact_matrix x, clact_matrix target,
                            float lr, clact_matrix *loss) {
    if (!net) return CLACT_INVALID_ARGUMENT;
    if (loss) *loss = net->loss;
    if (!isfinite(lr))
        return clact_context_report(net->context, CLACT_INVALID_ARGUMENT,
                                    "lr must be a finite number");
    const clact_parameter_tensor all = net_parameters(net, 0, net->num_params);
    const clact_matrix clip = {net->clip, 0, 0};
    clact_status status = find_gradients(net, NET_TRAINING, rows, x, target);
    if (status == CLACT_SUCCESS) status = update(net, lr, net->steps + 1, &all, clip);
    if (status == CLACT_SUCCESS) net->steps++;
    return status;
}

uint64_t clact_net_steps(const clact_net *net) {
    return net ? net->steps : 0;
}

void clact_net_set_steps(clact_net *net, uint64_t steps) {
    if (net) net->steps = steps;
}

/* ---- warm-up ---- */

/* All kernels of the layers in one build, before the first of them is needed. */
static clact_status compile(clact_net *net) {
    clact_sweep *sweeps = malloc(net->num_layers * NET_PASSES * sizeof *sweeps);
    size_t count = 0;
    if (!sweeps) return clact_context_report(net->context, CLACT_MEMORY, "out of host memory");
    for (size_t i = 0; i < net->num_layers; i++) {
        sweeps[count++] = net->layers[i].epilogues[NET_PLAIN];
        if (net->has_dropout) sweeps[count++] = net->layers[i].epilogues[NET_TRAINING];
        if (net->health) sweeps[count++] = net->layers[i].epilogues[NET_WATCHED];
    }
    const clact_descriptors all = {
        .losses = &net->loss_of,
        .num_losses = 1,
        .optimizers = &net->optimizer,
        .num_optimizers = 1,
        .has_norm = net->max_norm > 0.0f,
        .sweeps = sweeps,
        .num_sweeps = count,
        .has_backward = true,
        .has_products = own_is_chosen(&net->layers[0].dense, net->queue, 1, net->max_rows)};
    const clact_status status = clact_warm_up_all(net->context, &all);
    free(sweeps);
    return status;
}

/* Every pass over `scratch`, which holds the input and a target, and an update inside it. */
static clact_status rehearse(clact_net *net, size_t rows, cl_mem scratch, size_t count) {
    const float zero = 0.0f;
    const clact_matrix x = {scratch, 0, 0}, clip = {scratch, 4, 0};
    const clact_parameter_tensor one = {
        1, {scratch, 0, 0}, {scratch, 1, 0}, {scratch, 2, 0}, {scratch, 3, 0}};
    if (clEnqueueFillBuffer(net->queue, scratch, &zero, sizeof zero, 0, count * sizeof zero, 0,
                            NULL, NULL) != CL_SUCCESS)
        return clact_context_report(net->context, CLACT_OPENCL, "clEnqueueFillBuffer failed");
    clact_status status = compile(net);
    if (status == CLACT_SUCCESS) status = find_gradients(net, NET_PLAIN, rows, x, x);
    if (status == CLACT_SUCCESS && net->has_dropout)
        status = find_gradients(net, NET_TRAINING, rows, x, x);
    if (status == CLACT_SUCCESS && net->health)
        status = find_gradients(net, NET_WATCHED, rows, x, x);
    if (status == CLACT_SUCCESS) status = update(net, 0.0f, 1, &one, clip);
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
    const size_t count = rows * (net->inputs > outputs ? net->inputs : outputs) + SCRATCH;
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

/* ---- what a net holds ---- */

static clact_status check_layer(clact_net *net, size_t i) {
    if (i < net->num_layers) return CLACT_SUCCESS;
    return clact_context_report(net->context, CLACT_INVALID_ARGUMENT, "the net has no such layer");
}

clact_status clact_net_layer(clact_net *net, size_t i, clact_dense *layer, clact_matrix *weight,
                             clact_matrix *bias) {
    if (!net) return CLACT_INVALID_ARGUMENT;
    const clact_status status = check_layer(net, i);
    if (status != CLACT_SUCCESS) return status;
    if (layer) {
        *layer = net->layers[i].dense;
        layer->epilogue = &net->layers[i].epilogues[NET_PLAIN];
    }
    if (weight) *weight = net->layers[i].forward.weight;
    if (bias) *bias = net->layers[i].forward.epilogue.bias;
    return CLACT_SUCCESS;
}

clact_status clact_net_health(clact_net *net, size_t i, cl_mem *forward_records,
                              cl_mem *backward_records) {
    if (!net) return CLACT_INVALID_ARGUMENT;
    if (!net->health)
        return clact_context_report(net->context, CLACT_INVALID_ARGUMENT,
                                    "the net was created without health");
    const clact_status status = check_layer(net, i);
    if (status != CLACT_SUCCESS) return status;
    if (forward_records) *forward_records = net->layers[i].seen;
    if (backward_records) *backward_records = net->layers[i].seen_backward;
    return CLACT_SUCCESS;
}

clact_status clact_net_array(clact_net *net, clact_net_part part, clact_matrix *array,
                             size_t *count) {
    if (!net) return CLACT_INVALID_ARGUMENT;
    if ((int)part < 0 || part > CLACT_NET_SECOND_STATE)
        return clact_context_report(net->context, CLACT_INVALID_ARGUMENT, "there is no such part");
    if (array) *array = (clact_matrix){net->parts[part], 0, 0};
    if (count) *count = net->parts[part] ? net->num_params : 0;
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
