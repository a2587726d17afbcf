/* lab_net.c: networks of equal hidden layers on the bundled digits, as experiments need them. */
#include "lab_net.h"

#include "score.h"

#include <stdlib.h>

enum { BATCH = 64, MOST_DEPTH = 64 };

void lab_progress(const lab_options *options, const char *what, double done) {
    if (options->progress) options->progress(options->user, what, done);
}

/* ---- data ---- */

/* Labels are int32, of the size of a float. */
static bool digits_to_device(picked_device *device, lab_digits *d, char *message, size_t size) {
    const size_t rows = d->data.rows;
    int32_t *labels = malloc(rows * sizeof *labels);
    if (!labels) return cli_fail(message, size, "out of memory");
    for (size_t i = 0; i < rows; i++)
        labels[i] = (int32_t)d->data.label[i];
    d->x = lab_buffer(device, d->data.x, rows * LAB_INPUTS, message, size);
    if (d->x)
        d->label = lab_buffer(device, (const float *)(const void *)labels, rows, message, size);
    free(labels);
    return d->label &&
           train_feed_init(&d->feed, device, &d->data, d->train, true, 0, message, size);
}

bool lab_digits_open(picked_device *device, lab_digits *d, char *message, size_t size) {
    input_scaling scaling;
    *d = (lab_digits){0};
    if (!dataset_read_bundled("digits.csv", LABEL_CLASS, &d->data, message, size)) return false;
    d->train = dataset_hold_out(&d->data);
    d->held_out = d->data.rows - d->train;
    bool done = scaling_find(&d->data, d->train, &scaling);
    if (done) scaling_apply(&scaling, d->data.x, d->data.rows);
    scaling_clear(&scaling);
    done = done ? digits_to_device(device, d, message, size)
                : cli_fail(message, size, "out of memory");
    if (!done) lab_digits_close(d);
    return done;
}

void lab_digits_close(lab_digits *d) {
    lab_release((cl_mem[]){d->x, d->label}, 2);
    train_feed_clear(&d->feed);
    dataset_free(&d->data);
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
    const clact_matrix x = {digits->x, first * LAB_INPUTS, 0};
    const clact_matrix t = {target ? target : digits->label, target ? 0 : first, 0};
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

bool lab_epoch(picked_device *device, clact_net *net, lab_digits *digits, float lr, uint64_t seed,
               size_t epoch, float *loss, char *message, size_t size) {
    train_feed *feed = &digits->feed;
    clact_matrix where = {NULL, 0, 0};
    feed->seed = seed;
    if (!train_feed_deal(feed, epoch, message, size)) return false;
    for (size_t at = 0; at + BATCH <= digits->train; at += BATCH) {
        const clact_status status =
            clact_net_step(net, BATCH, train_feed_x(feed, at), train_feed_y(feed, at), lr, &where);
        if (status != CLACT_SUCCESS) return train_explain(device, status, message, size);
    }
    return lab_read(device, where, loss, 1, message, size);
}

bool lab_accuracy(picked_device *device, clact_net *net, const lab_digits *d, double *share,
                  char *message, size_t size) {
    const clact_matrix x = {d->x, d->train * LAB_INPUTS, 0};
    clact_matrix output = {NULL, 0, 0};
    size_t right = 0;
    float *z = malloc(d->held_out * LAB_CLASSES * sizeof *z);
    if (!z) return cli_fail(message, size, "out of memory");
    const clact_status status = clact_net_forward(net, d->held_out, x, &output);
    bool done = status == CLACT_SUCCESS || train_explain(device, status, message, size);
    done = done && lab_read(device, output, z, d->held_out * LAB_CLASSES, message, size);
    for (size_t i = 0; i < d->held_out && done; i++)
        right += (int32_t)score_class(CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, z + i * LAB_CLASSES,
                                      LAB_CLASSES) == (int32_t)d->data.label[d->train + i];
    free(z);
    *share = (double)right / (double)d->held_out;
    return done;
}
