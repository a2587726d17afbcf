/* net_case.c: small networks on the device for tests, and their passes in double on the host. */
#include "net_case.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

net_case net_case_of(size_t inputs, size_t num_layers, const size_t *units) {
    net_case c = {.options = {.struct_size = sizeof c.options,
                              .inputs = inputs,
                              .num_layers = num_layers,
                              .loss = CLACT_LOSS_SOFTMAX_CROSS_ENTROPY,
                              .max_rows = NET_ROWS,
                              .seed = 11}};
    for (size_t i = 0; i < num_layers; i++) {
        c.layers[i].units = units[i];
        clact_sweep_init(&c.sweeps[i], i + 1 < num_layers ? CLACT_ACT_TANH : CLACT_ACT_IDENTITY);
    }
    clact_optimizer_init(&c.optimizer, CLACT_OPTIMIZER_MOMENTUM);
    return c;
}

static clact_status try_create(fixture *f, const net_case *c, clact_net **net) {
    clact_layer layers[NET_LAYERS];
    clact_net_options options = c->options;
    for (size_t i = 0; i < options.num_layers; i++)
        layers[i] = (clact_layer){c->layers[i].units, &c->sweeps[i]};
    options.layers = layers;
    options.optimizer = &c->optimizer;
    return clact_net_create(f->clact, f->queue, &options, net);
}

clact_net *net_create(fixture *f, const net_case *c) {
    clact_net *net = NULL;
    require_success(f, try_create(f, c, &net), "create");
    return net;
}

void net_refused(fixture *f, const net_case *c, clact_status status, const char *words) {
    clact_net *net = NULL;
    char message[256];
    assert_int_equal(try_create(f, c, &net), status);
    assert_null(net);
    clact_context_message(f->clact, message, sizeof message);
    if (strstr(message, words)) return;
    print_error("'%s' has not '%s'\n", message, words);
    fail();
}

float *net_read(fixture *f, clact_net *net, clact_net_part part, size_t *count) {
    clact_matrix m;
    size_t n = 0;
    require_success(f, clact_net_array(net, part, &m, &n), "array");
    if (count) *count = n;
    if (n == 0) return NULL;
    float *values = malloc(n * sizeof *values);
    assert_int_equal(clEnqueueReadBuffer(f->queue, m.buffer, CL_TRUE, m.offset * sizeof *values,
                                         n * sizeof *values, values, 0, NULL, NULL),
                     CL_SUCCESS);
    return values;
}

void net_write(fixture *f, clact_net *net, clact_net_part part, const float *values) {
    clact_matrix m;
    size_t n = 0;
    require_success(f, clact_net_array(net, part, &m, &n), "array");
    if (n == 0) return;
    assert_int_equal(clEnqueueWriteBuffer(f->queue, m.buffer, CL_TRUE, m.offset * sizeof *values,
                                          n * sizeof *values, values, 0, NULL, NULL),
                     CL_SUCCESS);
}

void nets_are_the_same(fixture *f, clact_net *a, clact_net *b) {
    const clact_net_part parts[] = {CLACT_NET_PARAMETERS, CLACT_NET_FIRST_STATE,
                                    CLACT_NET_SECOND_STATE};
    for (int k = 0; k < 3; k++) {
        size_t of_a = 0, of_b = 0;
        float *in_a = net_read(f, a, parts[k], &of_a), *in_b = net_read(f, b, parts[k], &of_b);
        assert_int_equal(of_a, of_b);
        if (of_a > 0) assert_memory_equal(in_a, in_b, of_a * sizeof *in_a);
        free(in_a);
        free(in_b);
    }
}

net_batch batch_create(fixture *f, const net_case *c, uint64_t seed) {
    const size_t inputs = c->options.inputs;
    const size_t classes = c->layers[c->options.num_layers - 1].units;
    net_batch b = {.x = malloc(NET_ROWS * inputs * sizeof *b.x),
                   .on_device = guarded_create(f, NET_ROWS, inputs, 3, 2),
                   .labels_on_device = guarded_create(f, NET_ROWS, 1, 1, 0)};
    for (size_t i = 0; i < NET_ROWS * inputs; i++)
        b.x[i] = random_normal(&seed);
    for (size_t i = 0; i < NET_ROWS; i++)
        b.labels[i] = (int32_t)(random_bits(&seed) % classes);
    guarded_write(f, &b.on_device, b.x);
    guarded_write(f, &b.labels_on_device, b.labels);
    return b;
}

void batch_release(net_batch *b) {
    free(b->x);
    guarded_release(&b->on_device);
    guarded_release(&b->labels_on_device);
}

static float read_one(fixture *f, clact_matrix m) {
    float value = NAN;
    clEnqueueReadBuffer(f->queue, m.buffer, CL_TRUE, m.offset * sizeof value, sizeof value, &value,
                        0, NULL, NULL);
    return value;
}

float net_step(fixture *f, clact_net *net, const net_batch *b, float lr) {
    clact_matrix loss;
    require_success(
        f,
        clact_net_step(net, NET_ROWS, b->on_device.matrix, b->labels_on_device.matrix, lr, &loss),
        "step");
    return read_one(f, loss);
}

float net_gradients(fixture *f, clact_net *net, const net_batch *b) {
    clact_matrix loss;
    require_success(
        f,
        clact_net_gradients(net, NET_ROWS, b->on_device.matrix, b->labels_on_device.matrix, &loss),
        "gradients");
    return read_one(f, loss);
}

/* ---- on the host ---- */

host_net host_create(fixture *f, const net_case *c, const net_batch *b, clact_net *net) {
    host_net h = {.c = c, .batch = b};
    float *params = net_read(f, net, CLACT_NET_PARAMETERS, &h.num_params);
    h.params = malloc(h.num_params * sizeof *h.params);
    for (size_t i = 0; i < h.num_params; i++)
        h.params[i] = (double)params[i];
    for (size_t i = 0; i < c->options.num_layers; i++) {
        h.columns[i] = (c->sweeps[i].gate == CLACT_GATE_OFF ? 1 : 2) * c->layers[i].units;
        h.z[i] = calloc(NET_ROWS * h.columns[i], sizeof *h.z[i]);
        h.a[i] = calloc(NET_ROWS * c->layers[i].units, sizeof *h.a[i]);
    }
    free(params);
    return h;
}

void host_release(host_net *h) {
    for (size_t i = 0; i < NET_LAYERS; i++) {
        free(h->z[i]);
        free(h->a[i]);
    }
    free(h->params);
}

static double activate(clact_activation activation, double z) {
    switch (activation) {
    case CLACT_ACT_TANH:
        return tanh(z);
    case CLACT_ACT_RELU:
        return fmax(z, 0.0);
    case CLACT_ACT_SILU:
        return z / (1.0 + exp(-z));
    case CLACT_ACT_IDENTITY:
        return z;
    default:
        print_error("the host does not know this activation\n");
        fail();
    }
    return NAN;
}

/* What goes into layer i in this row and column */
static double input_of(const host_net *h, size_t i, size_t row, size_t col) {
    const net_case *c = h->c;
    if (i == 0) return (double)h->batch->x[row * c->options.inputs + col];
    const size_t cols = c->layers[i - 1].units;
    const double a = h->a[i - 1][row * cols + col];
    const float dropout = h->drops ? c->sweeps[i - 1].dropout : 0.0f;
    const uint64_t offset = h->steps * c->options.num_layers + i - 1;
    if (dropout == 0.0f) return a;
    return clact_dropout_keeps(dropout, c->options.seed, offset, cols, row, col)
               ? a / (1.0 - (double)dropout)
               : 0.0;
}

/* z and a of layer i, whose parameters are these */
static void pass_layer(host_net *h, size_t i, const double *params) {
    const net_case *c = h->c;
    const size_t inputs = i == 0 ? c->options.inputs : c->layers[i - 1].units;
    const size_t columns = h->columns[i], units = c->layers[i].units;
    const bool gated = c->sweeps[i].gate == CLACT_GATE_FIRST;
    for (size_t row = 0; row < NET_ROWS; row++) {
        double *z = h->z[i] + row * columns;
        for (size_t col = 0; col < columns; col++) {
            double sum = params[columns * inputs + col];
            for (size_t k = 0; k < inputs; k++)
                sum += params[col * inputs + k] * input_of(h, i, row, k);
            z[col] = sum + (h->nudged == &z[col] ? h->nudge : 0.0);
        }
        for (size_t col = 0; col < units; col++)
            h->a[i][row * units + col] =
                activate(c->sweeps[i].activation, z[col]) * (gated ? z[units + col] : 1.0);
    }
}

double host_loss(host_net *h) {
    const net_case *c = h->c;
    const double *params = h->params;
    const size_t last = c->options.num_layers - 1, classes = c->layers[last].units;
    double loss = 0.0;
    for (size_t i = 0; i <= last; i++) {
        pass_layer(h, i, params);
        params += h->columns[i] * ((i == 0 ? c->options.inputs : c->layers[i - 1].units) + 1);
    }
    for (size_t row = 0; row < NET_ROWS; row++) {
        const double *logits = h->a[last] + row * classes;
        double most = -INFINITY, sum = 0.0;
        for (size_t k = 0; k < classes; k++)
            most = fmax(most, logits[k]);
        for (size_t k = 0; k < classes; k++)
            sum += exp(logits[k] - most);
        loss += most + log(sum) - logits[h->batch->labels[row]];
    }
    return loss / NET_ROWS;
}

/* Central differences: the error is of the order of STEP^2, and 2^-53 / STEP by rounding. */
#define STEP 1e-5

double host_slope(host_net *h, double *param) {
    const double here = *param;
    *param = here + STEP;
    const double above = host_loss(h);
    *param = here - STEP;
    const double below = host_loss(h);
    *param = here;
    return (above - below) / (2.0 * STEP);
}

double host_slope_of_z(host_net *h, double *z) {
    h->nudged = z;
    h->nudge = STEP;
    const double above = host_loss(h);
    h->nudge = -STEP;
    const double below = host_loss(h);
    h->nudged = NULL;
    return (above - below) / (2.0 * STEP);
}
