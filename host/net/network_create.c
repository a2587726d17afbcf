/* network_create.c: a network's memory on the device and its initial weights. */
#include "dense.h"
#include "dense_check.h"
#include "network.h"
#include "own.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* *total + a * b, if that many floats have a size */
static bool add_product(size_t a, size_t b, size_t *total) {
    const size_t most = SIZE_MAX / sizeof(float);
    if (b > 0 && a > (most - *total) / b) return false;
    *total += a * b;
    return true;
}

static bool has_halves(const clact_layer *layer) {
    const clact_gate gate = layer->activation->gate;
    return gate == CLACT_GATE_FIRST || gate == CLACT_GATE_LAST;
}

/* Whether every array of the net and of its warm-up has a size; fills in the parameters' count. */
static bool count_params(const clact_net_options *o, size_t *num_params) {
    size_t inputs = o->inputs, scratch = 6;
    *num_params = 0;
    if (!add_product(o->max_rows, inputs, &scratch)) return false;
    for (size_t i = 0; i < o->num_layers; inputs = o->layers[i++].units) {
        const size_t units = o->layers[i].units, halves = has_halves(&o->layers[i]) ? 2 : 1;
        size_t z = 6, columns = 0;
        if (!add_product(halves, units, &columns) || !add_product(inputs, columns, num_params) ||
            !add_product(1, columns, num_params) || !add_product(o->max_rows, columns, &z))
            return false;
    }
    return true;
}

/* What a layer makes of the caller's sweep: with a bias, and a saved tensor that takes no room
 * where there is one that loses nothing. */
static clact_sweep epilogue_of(const clact_layer *layer, net_pass pass) {
    clact_sweep epilogue = *layer->activation;
    epilogue.bias = true;
    epilogue.dropout = pass == NET_TRAINING ? epilogue.dropout : 0.0f;
    epilogue.health = pass == NET_WATCHED;
    if (epilogue.activation == CLACT_ACT_IDENTITY && epilogue.gate == CLACT_GATE_OFF)
        epilogue.saved = CLACT_SAVED_NOTHING;
    return epilogue;
}

static clact_status check_layer(clact_context *context, const clact_layer *layer) {
    const clact_sweep *s = layer->activation;
    if (layer->units == 0)
        return clact_context_report(context, CLACT_INVALID_ARGUMENT, "a layer has no units");
    clact_status status = dense_check_epilogue(context, s, true);
    if (status != CLACT_SUCCESS) return status;
    const char *stage = s->slopes                                      ? "slopes for each column"
                        : s->residual                                  ? "a residual"
                        : s->health                                    ? "health"
                        : s->accumulate != 0                           ? "accumulated gradients"
                        : s->gradients != (unsigned)CLACT_GRADIENT_ALL ? "gradients left out"
                                                                       : NULL;
    char message[128];
    if (!stage) return CLACT_SUCCESS;
    snprintf(message, sizeof message, "a network has no place for %s in a layer", stage);
    return clact_context_report(context, CLACT_INVALID_ARGUMENT, message);
}

/* How it learns: the optimizer and its clipping, and what weights it starts from */
static clact_status check_training(clact_context *context, const clact_net_options *o) {
    char problem[128];
    const clact_status status =
        o->optimizer ? clact_optimizer_check(o->optimizer, problem, sizeof problem) : CLACT_SUCCESS;
    if (status != CLACT_SUCCESS) return clact_context_report(context, status, problem);
    if ((int)o->init < 0 || o->init >= CLACT_INIT_COUNT || !isfinite(o->init_scale))
        return clact_context_report(context, CLACT_INVALID_ARGUMENT,
                                    "there is no such init, or init_scale is not finite");
    if (!(o->max_norm >= 0.0f))
        return clact_context_report(context, CLACT_INVALID_ARGUMENT,
                                    "max_norm must not be negative");
    return CLACT_SUCCESS;
}

static clact_status check_options(clact_context *context, const clact_net_options *o,
                                  size_t *num_params) {
    if (!o || o->struct_size != sizeof *o || !o->layers || o->num_layers == 0 || o->inputs == 0 ||
        o->max_rows == 0)
        return clact_context_report(context, CLACT_INVALID_ARGUMENT,
                                    "a net needs inputs, layers, max_rows and struct_size");
    if (!own_is_legal(o->products))
        return clact_context_report(context, CLACT_INVALID_ARGUMENT, "there are no such products");
    if ((int)o->loss < 0 || o->loss > CLACT_LOSS_HUBER)
        return clact_context_report(context, CLACT_INVALID_ARGUMENT, "there is no such loss");
    clact_status status = check_training(context, o);
    for (size_t i = 0; i < o->num_layers && status == CLACT_SUCCESS; i++)
        status = check_layer(context, &o->layers[i]);
    if (status != CLACT_SUCCESS) return status;
    return count_params(o, num_params)
               ? CLACT_SUCCESS
               : clact_context_report(context, CLACT_SHAPE, "the size of the net overflows");
}

static clact_status check_queue(clact_context *context, cl_command_queue queue, bool timing) {
    cl_command_queue_properties properties = 0;
    const clact_status status = dense_check_queue(context, queue);
    if (status != CLACT_SUCCESS) return status;
    clGetCommandQueueInfo(queue, CL_QUEUE_PROPERTIES, sizeof properties, &properties, NULL);
    if (timing && !(properties & CL_QUEUE_PROFILING_ENABLE))
        return clact_context_report(context, CLACT_INVALID_ARGUMENT,
                                    "timing needs a queue with profiling on");
    return CLACT_SUCCESS;
}

/* Room for `count` floats; NULL for none. */
static cl_mem new_buffer(clact_net *net, size_t count, clact_status *status) {
    cl_context context = NULL;
    cl_int code = CL_SUCCESS;
    if (*status != CLACT_SUCCESS || count == 0) return NULL;
    clGetCommandQueueInfo(net->queue, CL_QUEUE_CONTEXT, sizeof context, &context, NULL);
    cl_mem buffer = clCreateBuffer(context, CL_MEM_READ_WRITE, count * sizeof(float), NULL, &code);
    if (code == CL_SUCCESS) return buffer;
    *status =
        clact_context_report(net->context, CLACT_OPENCL, "no memory on the device for the network");
    return NULL;
}

/* Floats of a saved tensor that is neither z nor y, for max_rows. */
static size_t saved_size(const net_layer *layer, size_t max_rows) {
    const clact_sweep *epilogue = &layer->epilogues[NET_PLAIN];
    const clact_saved saved = epilogue->saved;
    clact_saved_choice choices[CLACT_SAVED_COUNT];
    const size_t n = clact_sweep_saved_choices(epilogue, max_rows, layer->dense.outputs, choices);
    for (size_t i = 0; i < n && (saved == CLACT_SAVED_MASK || saved == CLACT_SAVED_TAIL); i++)
        if (choices[i].saved == saved) return choices[i].bytes / sizeof(float);
    return 0;
}

/* The tensors of a layer whose parameters start at `at`; its input and gradient's way on come
 * later. */
static void place_tensors(clact_net *net, net_layer *layer, size_t at) {
    const size_t bias_at = at + dense_columns(&layer->dense) * layer->dense.inputs;
    const clact_matrix weight = {net->parts[CLACT_NET_PARAMETERS], at, 0},
                       bias = {net->parts[CLACT_NET_PARAMETERS], bias_at, 0};
    const clact_matrix z = {layer->z ? layer->z : layer->y.buffer, 0, 0},
                       saved = {layer->saved, 0, 0};
    const clact_saved kind = layer->epilogues[NET_PLAIN].saved;
    layer->forward = (clact_dense_forward_tensors){.weight = weight,
                                                   .epilogue = {.x = z,
                                                                .bias = bias,
                                                                .y = layer->y,
                                                                .saved = saved,
                                                                .health = layer->seen,
                                                                .workspace = net->workspace}};
    layer->backward = (clact_dense_backward_tensors){
        .weight = weight,
        .epilogue = {.saved = kind == CLACT_SAVED_X   ? z
                              : kind == CLACT_SAVED_Y ? layer->y
                                                      : saved,
                     .bias = bias,
                     .dy = layer->dy,
                     .dx = layer->epilogues[NET_PLAIN].gate == CLACT_GATE_OFF ? layer->dy
                                                                              : z, /* halves */
                     .dbias = {net->parts[CLACT_NET_GRADIENTS], bias_at, 0},
                     .health = layer->seen_backward,
                     .workspace = net->workspace},
        .dweight = {net->parts[CLACT_NET_GRADIENTS], at, 0}};
}

/* Room for the health of a layer, in floats: a record for each output and one for all */
static size_t health_size(const clact_net *net, const clact_layer *asked) {
    return net->health ? (asked->units + 1) * sizeof(clact_health) / sizeof(float) : 0;
}

static clact_status allocate_layer(clact_net *net, net_layer *layer, const clact_layer *asked) {
    const size_t rows = net->max_rows;
    clact_status status = CLACT_SUCCESS;
    for (int pass = 0; pass < NET_PASSES; pass++)
        layer->epilogues[pass] = epilogue_of(asked, (net_pass)pass);
    if (layer->epilogues[NET_TRAINING].dropout > 0.0f) net->has_dropout = true;
    layer->dense.outputs = asked->units;
    layer->dense.epilogue = &layer->epilogues[NET_PLAIN];
    layer->dense.products = net->products;
    layer->y.buffer = new_buffer(net, rows * asked->units, &status);
    layer->dy.buffer = new_buffer(net, rows * asked->units, &status);
    if (layer->epilogues[NET_PLAIN].saved == CLACT_SAVED_X)
        layer->z = new_buffer(net, rows * dense_columns(&layer->dense), &status);
    layer->saved = new_buffer(net, saved_size(layer, rows), &status);
    layer->seen = new_buffer(net, health_size(net, asked), &status);
    layer->seen_backward = new_buffer(net, health_size(net, asked), &status);
    return status;
}

/* *most is at least what any pass of the layer needs of the workspace. */
static clact_status add_workspace(const clact_net *net, const net_layer *layer, size_t *most) {
    clact_status status = CLACT_SUCCESS;
    for (int i = 0; i < 2 * NET_PASSES && status == CLACT_SUCCESS; i++) {
        clact_dense dense = layer->dense;
        size_t bytes = 0;
        dense.epilogue = &layer->epilogues[i / 2];
        if (i / 2 != NET_WATCHED || net->health)
            status = clact_dense_workspace(&dense, i % 2, net->max_rows, &bytes);
        if (bytes > *most) *most = bytes;
    }
    return status;
}

/* Of the loss and the norm of the gradients, which come one after the other with the layers */
static clact_status allocate_workspace(clact_net *net, size_t outputs, size_t most) {
    size_t loss = 0, norm = 0;
    const clact_parameter_tensor all = net_parameters(net, 0, net->num_params);
    clact_status status =
        clact_loss_workspace(net->context, &net->loss_of, net->max_rows, outputs, &loss);
    if (status == CLACT_SUCCESS) status = clact_gradient_norm_workspace(1, &all, &norm);
    if (loss > most) most = loss;
    if (norm > most) most = norm;
    net->workspace = new_buffer(net, (most + 3) / sizeof(float), &status);
    return status;
}

/* Every buffer of the net, and views into parameters and gradients. */
static clact_status allocate(clact_net *net, const clact_net_options *o) {
    clact_status status = CLACT_SUCCESS;
    size_t inputs = o->inputs, at = 0, workspace = 0;
    const unsigned parts = 2 + clact_optimizer_states(net->optimizer.kind);
    for (unsigned k = 0; k < parts; k++)
        net->parts[k] = new_buffer(net, net->num_params, &status);
    net->loss.buffer = new_buffer(net, 1, &status);
    net->clip = new_buffer(net, 2, &status);
    for (size_t i = 0; i < o->num_layers && status == CLACT_SUCCESS; i++) {
        net->layers[i].dense.inputs = inputs;
        inputs = o->layers[i].units;
        status = allocate_layer(net, &net->layers[i], &o->layers[i]);
        if (status == CLACT_SUCCESS) status = add_workspace(net, &net->layers[i], &workspace);
    }
    if (status == CLACT_SUCCESS) status = allocate_workspace(net, inputs, workspace);
    for (size_t i = 0; i < o->num_layers && status == CLACT_SUCCESS; i++) {
        net_layer *layer = &net->layers[i];
        place_tensors(net, layer, at);
        if (i > 0) layer->backward.dx = net->layers[i - 1].dy;
        at += dense_columns(&layer->dense) * (layer->dense.inputs + 1);
    }
    return status;
}

static clact_status write_initial(clact_net *net, const clact_net_options *o) {
    const float zero = 0.0f;
    const size_t bytes = net->num_params * sizeof zero;
    float *values = malloc(bytes);
    if (!values || !net_initial_values(net, o->init, o->init_scale, values)) {
        free(values);
        return clact_context_report(net->context, CLACT_MEMORY, "out of host memory");
    }
    cl_int code = clEnqueueWriteBuffer(net->queue, net->parts[CLACT_NET_PARAMETERS], CL_TRUE, 0,
                                       bytes, values, 0, NULL, NULL);
    for (int k = CLACT_NET_FIRST_STATE; k <= CLACT_NET_SECOND_STATE && code == CL_SUCCESS; k++)
        if (net->parts[k])
            code = clEnqueueFillBuffer(net->queue, net->parts[k], &zero, sizeof zero, 0, bytes, 0,
                                       NULL, NULL);
    free(values);
    return code == CL_SUCCESS ? CLACT_SUCCESS
                              : clact_context_report(net->context, CLACT_OPENCL,
                                                     "the initial weights could not be written");
}

static clact_status apply_gemm(clact_context *context, cl_command_queue queue,
                               const clact_gemm_tuning *tuning) {
    clact_device_info info;
    char problem[128], message[192];
    cl_device_id device = NULL;
    clGetCommandQueueInfo(queue, CL_QUEUE_DEVICE, sizeof device, &device, NULL);
    const clact_status status = clact_gemm_apply(device, tuning);
    if (status == CLACT_SUCCESS) return status;
    const clact_status known = clact_device_query(device, &info);
    clact_gemm_check(tuning, known == CLACT_SUCCESS ? info.max_work_group : 0, problem,
                     sizeof problem);
    snprintf(message, sizeof message, "CLBlast's parameters could not be set: %s",
             status == CLACT_INVALID_ARGUMENT ? problem : clact_status_text(status));
    return clact_context_report(context, status, message);
}

clact_status clact_net_create(clact_context *context, cl_command_queue queue,
                              const clact_net_options *options, clact_net **out) {
    clact_net *net = NULL;
    if (out) *out = NULL;
    if (!context || !out) return CLACT_INVALID_ARGUMENT;
    size_t num_params = 0;
    clact_status status = check_options(context, options, &num_params);
    if (status == CLACT_SUCCESS) status = check_queue(context, queue, options->timing);
    if (status != CLACT_SUCCESS) return status;

    if (!options->gemm_as_is) status = apply_gemm(context, queue, options->gemm);
    if (status != CLACT_SUCCESS) return status;
    net = calloc(1, sizeof *net);
    if (net) net->layers = calloc(options->num_layers, sizeof *net->layers);
    if (!net || !net->layers) {
        free(net);
        return clact_context_report(context, CLACT_MEMORY, "out of host memory");
    }
    net->context = context;
    net->queue = queue;
    clRetainCommandQueue(queue);
    clact_loss_init(&net->loss_of, options->loss);
    net->inputs = options->inputs;
    net->num_layers = options->num_layers;
    net->max_rows = options->max_rows;
    net->num_params = num_params;
    net->times.on = options->timing;
    net->products = options->products;
    net->max_norm = options->max_norm;
    net->seed = options->seed;
    net->health = options->health;
    if (options->optimizer)
        net->optimizer = *options->optimizer;
    else
        clact_optimizer_init(&net->optimizer, CLACT_OPTIMIZER_MOMENTUM);

    status = allocate(net, options);
    if (status == CLACT_SUCCESS) status = write_initial(net, options);
    if (status != CLACT_SUCCESS) {
        clact_net_destroy(net);
        return status;
    }
    *out = net;
    return CLACT_SUCCESS;
}

static void release(cl_mem buffer) {
    if (buffer) clReleaseMemObject(buffer);
}

void clact_net_destroy(clact_net *net) {
    if (!net) return;
    for (size_t i = 0; i < net->num_layers; i++) {
        release(net->layers[i].z);
        release(net->layers[i].saved);
        release(net->layers[i].y.buffer);
        release(net->layers[i].dy.buffer);
        release(net->layers[i].seen);
        release(net->layers[i].seen_backward);
    }
    for (int k = 0; k < 4; k++)
        release(net->parts[k]);
    release(net->clip);
    release(net->loss.buffer);
    release(net->workspace);
    timeline_clear(&net->times);
    clReleaseCommandQueue(net->queue);
    free(net->layers);
    free(net);
}
