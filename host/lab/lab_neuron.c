/* lab_neuron.c: one sigmoid neuron is logistic regression: trained on tumours, and judged. */
#include "lab_device.h"
#include "lab_neuron_parts.h"

#include <math.h>
#include <stdlib.h>

#include <string.h>

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
                                       .max_rows = n->sets[TRAINING].count,
                                       .seed = n->seed,
                                       .gemm_as_is = true,
                                       .products = CLACT_PRODUCTS_OWN,
                                       .optimizer = &optimizer,
                                       .init = CLACT_INIT_ZEROS};
    const clact_status status =
        clact_net_create(n->device->clact, n->device->queue, &options, &n->net);
    return status == CLACT_SUCCESS || train_explain(n->device, status, message, size);
}

/* The bundled tumours, scaled by the training rows. A file of that name here comes first. */
static bool read_data(neuron *n, char *message, size_t size) {
    const dataset_source source = {.path = "wdbc.csv"};
    input_scaling scaling;
    if (!dataset_read(&source, LABEL_BINARY, &n->data, message, size)) return false;
    if (strcmp(n->data.label_name, "benign") != 0 || n->data.inputs != INPUTS)
        return cli_fail(message, size,
                        "this folder has a wdbc.csv of its own, with label '%s' and %zu inputs in "
                        "place of 'benign' and %d; run the experiment in another folder",
                        n->data.label_name, n->data.inputs, (int)INPUTS);
    const size_t train = dataset_hold_out(&n->data), inputs = n->data.inputs;
    if (!scaling_find(&n->data, train, &scaling)) return cli_fail(message, size, "out of memory");
    scaling_apply(&scaling, n->data.x, n->data.rows);
    scaling_clear(&scaling);
    n->sets[TRAINING] = (subset){.count = train, .x = n->data.x, .label = n->data.label};
    n->sets[HELD_OUT] = (subset){.count = n->data.rows - train,
                                 .x = n->data.x + train * inputs,
                                 .label = n->data.label + train};
    return true;
}

static bool acquire_subset(const neuron *n, subset *s, char *message, size_t size) {
    s->logit = malloc(s->count * sizeof *s->logit);
    s->probability = malloc(s->count * sizeof *s->probability);
    if (!s->logit || !s->probability) return cli_fail(message, size, "out of memory");
    return (s->on_device[0] =
                lab_buffer(n->device, s->x, s->count * n->data.inputs, message, size)) &&
           (s->on_device[1] = lab_buffer(n->device, s->label, s->count, message, size));
}

static bool acquire(neuron *n, char *message, size_t size) {
    const size_t inputs = n->data.inputs, train = n->sets[TRAINING].count;
    n->order = malloc(train * sizeof *n->order);
    n->mixed = malloc(train * (inputs + 1) * sizeof *n->mixed);
    n->weights = malloc((inputs + 1) * sizeof *n->weights);
    if (!n->order || !n->mixed || !n->weights) return cli_fail(message, size, "out of memory");
    for (size_t i = 0; i < train; i++)
        n->order[i] = i;
    return acquire_subset(n, &n->sets[TRAINING], message, size) &&
           acquire_subset(n, &n->sets[HELD_OUT], message, size) &&
           (n->mixed_x = lab_buffer(n->device, NULL, train * inputs, message, size)) &&
           (n->mixed_y = lab_buffer(n->device, NULL, train, message, size)) &&
           (n->sigmas = lab_buffer(n->device, NULL, train, message, size));
}

static void release(neuron *n) {
    clFinish(n->device->queue);
    clact_net_destroy(n->net);
    lab_release((cl_mem[]){n->mixed_x, n->mixed_y, n->sigmas}, 3);
    for (subset *s = n->sets; s < n->sets + NUM_PARTS; s++) {
        lab_release(s->on_device, 2);
        free(s->logit);
        free(s->probability);
        scores_clear(&s->scores);
    }
    free(n->order);
    free(n->mixed);
    free(n->weights);
    dataset_free(&n->data);
}

/* ---- training ---- */

static bool mix(neuron *n, char *message, size_t size) {
    const size_t inputs = n->data.inputs, train = n->sets[TRAINING].count;
    float *labels = n->mixed + train * inputs;
    for (size_t i = train - 1; i > 0; i--) {
        const size_t j = (size_t)(clact_random_next(&n->state) % (i + 1)), kept = n->order[i];
        n->order[i] = n->order[j];
        n->order[j] = kept;
    }
    for (size_t i = 0; i < train; i++) {
        memcpy(n->mixed + i * inputs, n->data.x + n->order[i] * inputs, inputs * sizeof *n->mixed);
        labels[i] = n->data.label[n->order[i]];
    }
    return lab_write(n->device, n->mixed_x, n->mixed, train * inputs, message, size) &&
           lab_write(n->device, n->mixed_y, labels, train, message, size);
}

static bool train_epoch(neuron *n, char *message, size_t size) {
    const size_t train = n->sets[TRAINING].count;
    if (!mix(n, message, size)) return false;
    for (size_t at = 0; at < train; at += BATCH) {
        const size_t left = train - at, rows = left < BATCH ? left : BATCH;
        const clact_matrix x = {n->mixed_x, at * n->data.inputs, 0}, y = {n->mixed_y, at, 0};
        const clact_status status = clact_net_step(n->net, rows, x, y, n->learning_rate, NULL);
        if (status != CLACT_SUCCESS) return train_explain(n->device, status, message, size);
    }
    return true;
}

static bool measure_loss(neuron *n, const subset *s, double *loss, char *message, size_t size) {
    const clact_matrix x = {s->on_device[0], 0, 0}, y = {s->on_device[1], 0, 0};
    clact_matrix mean;
    float value = 0.0f;
    const clact_status status = clact_net_gradients(n->net, s->count, x, y, &mean);
    if (status != CLACT_SUCCESS) return train_explain(n->device, status, message, size);
    if (!lab_read(n->device, mean, &value, 1, message, size)) return false;
    *loss = (double)value;
    return isfinite(value) || cli_fail(message, size, "the loss is no longer a number");
}

static bool train(neuron *n, const lab_options *options, char *message, size_t size) {
    for (size_t e = 0; e <= EPOCHS; e++) {
        if (options->progress) options->progress(options->user, "training", (double)e / EPOCHS);
        if (e > 0 && !train_epoch(n, message, size)) return false;
        n->epochs[e] = (double)e;
        for (subset *s = n->sets; s < n->sets + NUM_PARTS; s++)
            if (!measure_loss(n, s, &s->losses[e], message, size)) return false;
    }
    return true;
}

/* Logits of a subset, and their sigmoids as the device has them. */
static bool predict(neuron *n, subset *s, char *message, size_t size) {
    const clact_matrix x = {s->on_device[0], 0, 0}, p = {n->sigmas, 0, 0};
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
           (scores_find(s->probability, s->label, s->count, n->seed, &s->scores) ||
            cli_fail(message, size, "out of memory"));
}

static bool read_weights(neuron *n, char *message, size_t size) {
    clact_matrix all;
    size_t count;
    clact_net_array(n->net, CLACT_NET_PARAMETERS, &all, &count);
    return lab_read(n->device, all, n->weights, count, message, size);
}

bool lab_neuron(picked_device *device, const lab_options *options, lab_report *report,
                char *message, size_t size) {
    neuron n = {
        .device = device, .seed = options->seed, .state = options->seed, .learning_rate = 0.05f};
    const bool is_done =
        read_data(&n, message, size) && acquire(&n, message, size) && make_net(&n, message, size) &&
        train(&n, options, message, size) && predict(&n, &n.sets[HELD_OUT], message, size) &&
        predict(&n, &n.sets[TRAINING], message, size) && read_weights(&n, message, size) &&
        neuron_report(&n, report, message, size);
    release(&n);
    return is_done;
}
