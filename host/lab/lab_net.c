/* lab_net.c: networks of equal hidden layers on the bundled digits, as experiments need them. */
#include "lab_net.h"

#include "dataset.h"
#include "score.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 64, MOST_DEPTH = 64 };

void lab_progress(const lab_options *options, const char *what, double done) {
    if (options->progress) options->progress(options->user, what, done);
}

/* ---- data ---- */

static bool copy_digits(const dataset *data, lab_digits *d) {
    const size_t count = data->rows * LAB_INPUTS;
    d->held_out = data->rows - d->train;
    d->x = malloc(count * sizeof *d->x);
    d->label = malloc(data->rows * sizeof *d->label);
    d->dealt_x = malloc(d->train * LAB_INPUTS * sizeof *d->dealt_x);
    d->dealt_label = malloc(d->train * sizeof *d->dealt_label);
    if (!d->x || !d->label || !d->dealt_x || !d->dealt_label) return false;
    memcpy(d->x, data->x, count * sizeof *d->x);
    for (size_t i = 0; i < data->rows; i++)
        d->label[i] = (int32_t)data->label[i];
    return true;
}

/* Labels are int32, of the size of a float. */
static bool digits_to_device(picked_device *device, lab_digits *d, char *message, size_t size) {
    const size_t rows = d->train + d->held_out;
    const float *labels = (const float *)(const void *)d->label;
    d->x_device = lab_buffer(device, d->x, rows * LAB_INPUTS, message, size);
    d->label_device = lab_buffer(device, labels, rows, message, size);
    d->dealt_x_device = lab_buffer(device, NULL, d->train * LAB_INPUTS, message, size);
    d->dealt_label_device = lab_buffer(device, NULL, d->train, message, size);
    return d->x_device && d->label_device && d->dealt_x_device && d->dealt_label_device;
}

bool lab_digits_open(picked_device *device, lab_digits *out, char *message, size_t size) {
    dataset data;
    input_scaling scaling;
    *out = (lab_digits){0};
    if (!dataset_read(&(dataset_source){NULL, NULL, NULL}, LABEL_CLASS, &data, message, size))
        return false;
    out->train = dataset_hold_out(&data);
    bool done = scaling_find(&data, out->train, &scaling);
    if (done) scaling_apply(&scaling, data.x, data.rows);
    done = done && copy_digits(&data, out);
    scaling_clear(&scaling);
    dataset_free(&data);
    if (!done)
        cli_fail(message, size, "out of memory");
    else
        done = digits_to_device(device, out, message, size);
    if (!done) lab_digits_close(out);
    return done;
}

void lab_digits_close(lab_digits *d) {
    const cl_mem buffers[] = {d->x_device, d->label_device, d->dealt_x_device,
                              d->dealt_label_device};
    lab_release(buffers, sizeof buffers / sizeof *buffers);
    free(d->x);
    free(d->label);
    free(d->dealt_x);
    free(d->dealt_label);
    *d = (lab_digits){0};
}

/* ---- networks ---- */

bool lab_net_create(picked_device *device, const lab_plan *plan, clact_net **out, char *message,
                    size_t size) {
    clact_layer layers[MOST_DEPTH + 1];
    clact_sweep output;
    clact_optimizer sgd;
    *out = NULL;
    if (plan->depth > MOST_DEPTH) return cli_fail(message, size, "the network is too deep");
    clact_sweep_init(&output, CLACT_ACT_IDENTITY);
    clact_optimizer_init(&sgd, CLACT_OPTIMIZER_SGD);
    for (size_t i = 0; i < plan->depth; i++)
        layers[i] = (clact_layer){plan->width, plan->activation};
    layers[plan->depth] = (clact_layer){LAB_CLASSES, &output};
    const clact_net_options options = {.struct_size = sizeof options,
                                       .inputs = LAB_INPUTS,
                                       .layers = layers,
                                       .num_layers = plan->depth + 1,
                                       .loss = plan->loss,
                                       .max_rows = plan->max_rows,
                                       .seed = plan->seed,
                                       .products = CLACT_PRODUCTS_OWN,
                                       .optimizer = &sgd,
                                       .max_norm = plan->max_norm,
                                       .init = plan->init,
                                       .init_scale = plan->init_scale,
                                       .health = true};
    const clact_status status = clact_net_create(device->clact, device->queue, &options, out);
    return status == CLACT_SUCCESS || train_explain(device, status, message, size);
}

/* The epilogues that clact_net_create makes of them */
bool lab_compile(picked_device *device, const clact_sweep *activations, size_t count,
                 clact_loss_kind loss, bool training, char *message, size_t size) {
    clact_sweep *sweeps = malloc(2 * (count + 1) * sizeof *sweeps);
    clact_loss of_net;
    size_t n = 0;
    if (!sweeps) return cli_fail(message, size, "out of memory");
    for (size_t i = 0; i <= count; i++) {
        clact_sweep s;
        clact_sweep_init(&s, CLACT_ACT_IDENTITY);
        s.saved = CLACT_SAVED_NOTHING;
        if (i < count) s = activations[i];
        s.bias = true;
        if (training) sweeps[n++] = s;
        s.health = true;
        sweeps[n++] = s;
    }
    clact_loss_init(&of_net, loss);
    const clact_descriptors all = {.sweeps = sweeps,
                                   .num_sweeps = n,
                                   .losses = &of_net,
                                   .num_losses = 1,
                                   .has_backward = true,
                                   .has_products = true};
    const clact_status status = clact_warm_up_all(device->clact, &all);
    free(sweeps);
    return status == CLACT_SUCCESS || train_explain(device, status, message, size);
}

bool lab_watch(picked_device *device, clact_net *net, const lab_digits *digits, size_t first,
               size_t rows, cl_mem target, char *message, size_t size) {
    const clact_matrix x = {digits->x_device, first * LAB_INPUTS, 0};
    const clact_matrix t = {target ? target : digits->label_device, target ? 0 : first, 0};
    const clact_status status = clact_net_gradients(net, rows, x, t, NULL);
    return status == CLACT_SUCCESS || train_explain(device, status, message, size);
}

bool lab_health(picked_device *device, clact_net *net, size_t i, size_t units, bool backward,
                clact_health *records, char *message, size_t size) {
    cl_mem forward = NULL, back = NULL;
    const clact_status status = clact_net_health(net, i, &forward, &back);
    if (status != CLACT_SUCCESS) return train_explain(device, status, message, size);
    return clEnqueueReadBuffer(device->queue, backward ? back : forward, CL_TRUE, 0,
                               (units + 1) * sizeof *records, records, 0, NULL,
                               NULL) == CL_SUCCESS ||
           cli_fail(message, size, "what the device has seen could not be read");
}

bool lab_copy_part(picked_device *device, clact_net *net, clact_net_part part, float **values,
                   size_t *count, char *message, size_t size) {
    clact_net_array(net, part, NULL, count);
    *values = malloc((*count + 1) * sizeof **values);
    if (!*values) return cli_fail(message, size, "out of memory");
    return train_read_part(device, net, part, *values, message, size);
}

/* ---- training ---- */

/* Writes the training rows to the device in another order. */
static bool deal(picked_device *device, lab_digits *d, uint64_t *shuffle, char *message,
                 size_t size) {
    size_t *order = calloc(d->train, sizeof *order);
    if (!order) return cli_fail(message, size, "out of memory");
    for (size_t i = 0; i < d->train; i++) {
        const size_t j = (size_t)(clact_random_next(shuffle) % (i + 1));
        order[i] = order[j];
        order[j] = i;
    }
    for (size_t i = 0; i < d->train; i++) {
        memcpy(d->dealt_x + i * LAB_INPUTS, d->x + order[i] * LAB_INPUTS,
               LAB_INPUTS * sizeof *d->x);
        d->dealt_label[i] = d->label[order[i]];
    }
    free(order);
    return lab_write(device, d->dealt_x_device, d->dealt_x, d->train * LAB_INPUTS, message, size) &&
           lab_write(device, d->dealt_label_device, (const float *)(const void *)d->dealt_label,
                     d->train, message, size);
}

bool lab_epoch(picked_device *device, clact_net *net, lab_digits *digits, float lr,
               uint64_t *shuffle, float *loss, char *message, size_t size) {
    clact_matrix where = {NULL, 0, 0};
    if (!deal(device, digits, shuffle, message, size)) return false;
    for (size_t at = 0; at + BATCH <= digits->train; at += BATCH) {
        const clact_matrix x = {digits->dealt_x_device, at * LAB_INPUTS, 0},
                           y = {digits->dealt_label_device, at, 0};
        const clact_status status = clact_net_step(net, BATCH, x, y, lr, &where);
        if (status != CLACT_SUCCESS) return train_explain(device, status, message, size);
    }
    return lab_read(device, where, loss, 1, message, size);
}

bool lab_accuracy(picked_device *device, clact_net *net, const lab_digits *d, double *share,
                  char *message, size_t size) {
    const clact_matrix x = {d->x_device, d->train * LAB_INPUTS, 0};
    clact_matrix output = {NULL, 0, 0};
    size_t right = 0;
    float *z = malloc(d->held_out * LAB_CLASSES * sizeof *z);
    if (!z) return cli_fail(message, size, "out of memory");
    const clact_status status = clact_net_forward(net, d->held_out, x, &output);
    bool done = status == CLACT_SUCCESS || train_explain(device, status, message, size);
    done = done && lab_read(device, output, z, d->held_out * LAB_CLASSES, message, size);
    for (size_t i = 0; i < d->held_out && done; i++)
        right += (int32_t)score_class(CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, z + i * LAB_CLASSES, LAB_CLASSES) == d->label[d->train + i];
    free(z);
    *share = (double)right / (double)d->held_out;
    return done;
}
