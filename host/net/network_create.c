/* network_create.c: a network's memory on the device and its initial weights. */
#include "dense.h"
#include "network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

uint64_t clact_random_next(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* In [-1, 1) */
static float uniform(uint64_t *state) {
    return (float)((double)(clact_random_next(state) >> 40) * 0x1p-23 - 1.0);
}

/* *total + a * b, if that many floats have a size */
static bool add_product(size_t a, size_t b, size_t *total) {
    const size_t most = SIZE_MAX / sizeof(float);
    if (b > 0 && a > (most - *total) / b) return false;
    *total += a * b;
    return true;
}

/* Whether every array of the net and of its warm-up has a size; fills in the parameters' count. */
static bool count_params(const clact_net_options *o, size_t *num_params) {
    size_t inputs = o->inputs, scratch = 3;
    *num_params = 0;
    if (!add_product(o->max_rows, inputs, &scratch)) return false;
    for (size_t i = 0; i < o->num_layers; inputs = o->layers[i++].units) {
        const size_t units = o->layers[i].units;
        size_t outputs = 3;
        if (!add_product(inputs, units, num_params) || !add_product(1, units, num_params) ||
            !add_product(o->max_rows, units, &outputs))
            return false;
    }
    return true;
}

static clact_status check_options(clact_context *context, const clact_net_options *o,
                                  size_t *num_params) {
    if (!o || o->struct_size != sizeof *o || !o->layers || o->num_layers == 0 || o->inputs == 0 ||
        o->max_rows == 0)
        return clact_context_report(context, CLACT_INVALID_ARGUMENT,
                                    "a net needs inputs, layers, max_rows and struct_size");
    if ((int)o->loss < 0 || o->loss > CLACT_LOSS_MSE)
        return clact_context_report(context, CLACT_INVALID_ARGUMENT, "there is no such loss");
    for (size_t i = 0; i < o->num_layers; i++) {
        if (o->layers[i].units == 0)
            return clact_context_report(context, CLACT_INVALID_ARGUMENT, "a layer has no units");
        const clact_status status = dense_check_activation(context, o->layers[i].activation, true);
        if (status != CLACT_SUCCESS) return status;
    }
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

static cl_mem new_buffer(clact_net *net, size_t count, clact_status *status) {
    cl_context context = NULL;
    cl_int code = CL_SUCCESS;
    if (*status != CLACT_SUCCESS) return NULL;
    clGetCommandQueueInfo(net->queue, CL_QUEUE_CONTEXT, sizeof context, &context, NULL);
    cl_mem buffer = clCreateBuffer(context, CL_MEM_READ_WRITE, count * sizeof(float), NULL, &code);
    if (code == CL_SUCCESS) return buffer;
    *status =
        clact_context_report(net->context, CLACT_OPENCL, "no memory on the device for the network");
    return NULL;
}

/* Buffers of the activations and views into the parameters. */
static clact_status allocate(clact_net *net, const clact_net_options *o) {
    clact_status status = CLACT_SUCCESS;
    size_t inputs = o->inputs, at = 0;
    net->params = new_buffer(net, net->num_params, &status);
    net->grads = new_buffer(net, net->num_params, &status);
    net->velocity = new_buffer(net, net->num_params, &status);
    net->loss.buffer = new_buffer(net, o->max_rows, &status);
    for (size_t i = 0; i < o->num_layers; i++) {
        net_layer *layer = &net->layers[i];
        const size_t units = o->layers[i].units, bias_at = at + units * inputs;
        layer->dense = (clact_dense){
            inputs, units, {net->params, at, 0}, {net->params, bias_at, 0}, &layer->activation};
        layer->activation = *o->layers[i].activation;
        layer->dweight = (clact_matrix){net->grads, at, 0};
        layer->dbias = (clact_matrix){net->grads, bias_at, 0};
        layer->z.buffer = new_buffer(net, o->max_rows * units, &status);
        if (layer->activation.activation == CLACT_ACT_IDENTITY) {
            layer->y = layer->z;
            if (layer->y.buffer) clRetainMemObject(layer->y.buffer);
        } else {
            layer->y.buffer = new_buffer(net, o->max_rows * units, &status);
        }
        layer->dy.buffer = new_buffer(net, o->max_rows * units, &status);
        at = bias_at + units;
        inputs = units;
    }
    return status;
}

static clact_status write_initial(clact_net *net, uint64_t seed) {
    float *values = calloc(net->num_params, sizeof *values), *w = values;
    if (!values) return clact_context_report(net->context, CLACT_MEMORY, "out of host memory");
    for (size_t i = 0; i < net->num_layers; i++) {
        const clact_dense *d = &net->layers[i].dense;
        const bool last = i + 1 == net->num_layers;
        const double fans = (double)(last ? d->inputs + d->outputs : d->inputs);
        const float bound = (float)sqrt(6.0 / fans);
        for (size_t k = 0; k < d->inputs * d->outputs; k++)
            *w++ = bound * uniform(&seed);
        w += d->outputs;
    }
    const size_t bytes = net->num_params * sizeof *values;
    cl_int code =
        clEnqueueWriteBuffer(net->queue, net->params, CL_TRUE, 0, bytes, values, 0, NULL, NULL);
    memset(values, 0, bytes);
    if (code == CL_SUCCESS)
        code = clEnqueueWriteBuffer(net->queue, net->velocity, CL_TRUE, 0, bytes, values, 0, NULL,
                                    NULL);
    free(values);
    return code == CL_SUCCESS ? CLACT_SUCCESS
                              : clact_context_report(net->context, CLACT_OPENCL,
                                                     "the initial weights could not be written");
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

    net = calloc(1, sizeof *net);
    if (net) net->layers = calloc(options->num_layers, sizeof *net->layers);
    if (!net || !net->layers) {
        free(net);
        return clact_context_report(context, CLACT_MEMORY, "out of host memory");
    }
    net->context = context;
    net->queue = queue;
    clRetainCommandQueue(queue);
    net->loss_kind = options->loss;
    net->inputs = options->inputs;
    net->num_layers = options->num_layers;
    net->max_rows = options->max_rows;
    net->num_params = num_params;
    net->times.on = options->timing;

    status = allocate(net, options);
    if (status == CLACT_SUCCESS) status = write_initial(net, options->seed);
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
        release(net->layers[i].z.buffer);
        release(net->layers[i].y.buffer);
        release(net->layers[i].dy.buffer);
    }
    release(net->params);
    release(net->grads);
    release(net->velocity);
    release(net->loss.buffer);
    timeline_clear(&net->times);
    clReleaseCommandQueue(net->queue);
    free(net->layers);
    free(net);
}
