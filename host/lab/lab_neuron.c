/* lab_neuron.c: one sigmoid neuron is logistic regression: trained on tumours, and judged. */
#include "lab.h"
#include "lab_device.h"
#include "lab_net.h"
#include "lab_neuron_parts.h"
#include "train_feed.h"

#include <math.h>
#include <stdlib.h>

typedef struct neuron {
    picked_device *device;
    const lab_options *options;
    dataset data;
    train_feed feed;
    clact_net *net;
    struct {
        cl_mem x, y;
    } of[NEURON_PARTS];
    cl_mem sigmas;
    neuron_found found;
} neuron;

static bool make_net(neuron *n, char *message, size_t size) {
    clact_sweep identity; /* the loss takes logits: the sigmoid is in it */
    clact_optimizer optimizer;
    clact_sweep_init(&identity, CLACT_ACT_IDENTITY);
    clact_optimizer_init(&optimizer, CLACT_OPTIMIZER_SGD);
    const clact_layer layer = {1, &identity};
    const clact_net_options options = {.struct_size = sizeof options,
                                       .inputs = n->data.inputs,
                                       .layers = &layer,
                                       .num_layers = 1,
                                       .loss = CLACT_LOSS_BCE_WITH_LOGITS,
                                       .max_rows = n->found.sets[NEURON_TRAINING].count,
                                       .seed = n->options->seed,
                                       .gemm_as_is = true,
                                       .products = CLACT_PRODUCTS_OWN,
                                       .optimizer = &optimizer,
                                       .init = CLACT_INIT_ZEROS};
    const clact_status status =
        clact_net_create(n->device->clact, n->device->queue, &options, &n->net);
    return status == CLACT_SUCCESS || train_explain(n->device, status, message, size);
}

/* ---- the data ---- */

/* Of scaled training rows, whose inputs have mean 0 and deviation 1 */
static size_t count_alike(const dataset *data, size_t rows) {
    const size_t n = data->inputs;
    size_t alike = 0;
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++) {
            double sum = 0.0;
            for (size_t r = 0; r < rows; r++)
                sum += (double)data->x[r * n + a] * (double)data->x[r * n + b];
            alike += fabs(sum) > 0.9 * (double)rows;
        }
    return alike;
}

/* The bundled tumours, scaled by the training rows */
static bool read_data(neuron *n, char *message, size_t size) {
    input_scaling scaling;
    neuron_set *training = &n->found.sets[NEURON_TRAINING], *out = &n->found.sets[NEURON_HELD_OUT];
    if (!dataset_read_bundled("wdbc.csv", LABEL_BINARY, &n->data, message, size)) return false;
    const size_t train = dataset_hold_out(&n->data);
    if (!scaling_find(&n->data, train, &scaling)) return cli_fail(message, size, "out of memory");
    scaling_apply(&scaling, n->data.x, n->data.rows);
    scaling_clear(&scaling);
    training->count = train;
    training->label = n->data.label;
    out->count = n->data.rows - train;
    out->label = n->data.label + train;
    n->found.inputs = n->data.inputs;
    n->found.input_names = (const char *const *)n->data.input_names;
    n->found.alike = count_alike(&n->data, train);
    return true;
}

static bool acquire_set(neuron *n, neuron_part p, char *message, size_t size) {
    neuron_set *s = &n->found.sets[p];
    const float *x = n->data.x + (size_t)(s->label - n->data.label) * n->data.inputs;
    s->logit = malloc(s->count * sizeof *s->logit);
    s->probability = malloc(s->count * sizeof *s->probability);
    if (!s->logit || !s->probability) return cli_fail(message, size, "out of memory");
    return (n->of[p].x = lab_buffer(n->device, x, s->count * n->data.inputs, message, size)) &&
           (n->of[p].y = lab_buffer(n->device, s->label, s->count, message, size));
}

static bool acquire(neuron *n, char *message, size_t size) {
    const size_t train = n->found.sets[NEURON_TRAINING].count;
    n->found.weights = malloc((n->data.inputs + 1) * sizeof *n->found.weights);
    if (!n->found.weights) return cli_fail(message, size, "out of memory");
    return acquire_set(n, NEURON_TRAINING, message, size) &&
           acquire_set(n, NEURON_HELD_OUT, message, size) &&
           (n->sigmas = lab_buffer(n->device, NULL, train, message, size)) &&
           train_feed_init(&n->feed, n->device, &n->data, train, false, n->options->seed, message,
                           size) &&
           make_net(n, message, size);
}

static void release(neuron *n) {
    clFinish(n->device->queue);
    clact_net_destroy(n->net);
    train_feed_clear(&n->feed);
    lab_release(&n->sigmas, 1);
    for (int p = 0; p < NEURON_PARTS; p++) {
        neuron_set *s = &n->found.sets[p];
        lab_release((cl_mem[]){n->of[p].x, n->of[p].y}, 2);
        free(s->logit);
        free(s->probability);
        scores_clear(&s->scores);
    }
    free(n->found.weights);
    dataset_free(&n->data);
}

/* ---- training ---- */

static bool train_epoch(neuron *n, size_t epoch, char *message, size_t size) {
    const size_t train = n->found.sets[NEURON_TRAINING].count;
    if (!train_feed_deal(&n->feed, epoch, message, size)) return false;
    for (size_t at = 0; at < train; at += NEURON_BATCH) {
        const size_t left = train - at, rows = left < NEURON_BATCH ? left : NEURON_BATCH;
        const clact_status status =
            clact_net_step(n->net, rows, train_feed_x(&n->feed, at), train_feed_y(&n->feed, at),
                           n->found.learning_rate, NULL);
        if (status != CLACT_SUCCESS) return train_explain(n->device, status, message, size);
    }
    return true;
}

static bool measure_loss(neuron *n, int p, double *loss, char *message, size_t size) {
    const clact_matrix x = {n->of[p].x, 0, 0}, y = {n->of[p].y, 0, 0};
    clact_matrix mean;
    float value = 0.0f;
    const clact_status status = clact_net_gradients(n->net, n->found.sets[p].count, x, y, &mean);
    if (status != CLACT_SUCCESS) return train_explain(n->device, status, message, size);
    if (!lab_read(n->device, mean, &value, 1, message, size)) return false;
    *loss = (double)value;
    return isfinite(value) ||
           cli_fail(message, size, "the loss is no longer a number; try another --seed");
}

static bool train(neuron *n, char *message, size_t size) {
    for (size_t e = 0; e <= NEURON_EPOCHS; e++) {
        lab_progress(n->options, "training", (double)e / NEURON_EPOCHS);
        if (e > 0 && !train_epoch(n, e, message, size)) return false;
        for (int p = 0; p < NEURON_PARTS; p++)
            if (!measure_loss(n, p, &n->found.sets[p].losses[e], message, size)) return false;
    }
    return true;
}

/* Logits of a set, and their sigmoids as the device has them. */
static bool predict(neuron *n, neuron_part part, char *message, size_t size) {
    neuron_set *s = &n->found.sets[part];
    const clact_matrix x = {n->of[part].x, 0, 0}, p = {n->sigmas, 0, 0};
    clact_sweep sigmoid;
    clact_matrix z;
    clact_sweep_init(&sigmoid, CLACT_ACT_SIGMOID);
    clact_status status = clact_net_forward(n->net, s->count, x, &z);
    if (status == CLACT_SUCCESS)
        status = clact_forward(n->device->clact, n->device->queue, &sigmoid, s->count, 1, z, p, 0,
                               NULL, NULL);
    if (status != CLACT_SUCCESS) return train_explain(n->device, status, message, size);
    return lab_read(n->device, z, s->logit, s->count, message, size) &&
           lab_read(n->device, p, s->probability, s->count, message, size) &&
           (scores_find(s->probability, s->label, s->count, n->options->seed, &s->scores) ||
            cli_fail(message, size, "out of memory"));
}

bool lab_neuron(picked_device *device, const lab_options *options, lab_report *report,
                char *message, size_t size) {
    neuron n = {.device = device, .options = options, .found = {.learning_rate = 0.05f}};
    const bool is_done =
        read_data(&n, message, size) && acquire(&n, message, size) && train(&n, message, size) &&
        predict(&n, NEURON_HELD_OUT, message, size) &&
        predict(&n, NEURON_TRAINING, message, size) &&
        train_read_part(device, n.net, CLACT_NET_PARAMETERS, n.found.weights, message, size) &&
        neuron_report(&n.found, report, message, size);
    release(&n);
    return is_done;
}
