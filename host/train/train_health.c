/* train_health.c: what the layers of a network do on all training rows. */
#include "train_health.h"

#include "cli_common.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sums over batches, of one layer */
typedef struct layer_sums {
    uint64_t *idle; /* for each unit: rows that do not move its weights */
    clact_health *records;
    uint64_t rows, count, zeros, saturated, not_finite;
    double sum, squares, most, gradient; /* gradient: sum of squares */
} layer_sums;

static bool sums_init(layer_sums *s, size_t units) {
    *s = (layer_sums){.idle = calloc(units, sizeof *s->idle),
                      .records = malloc((units + 1) * sizeof *s->records)};
    return s->idle && s->records;
}

static void sums_clear(layer_sums *s) {
    free(s->idle);
    free(s->records);
}

static bool read_records(const picked_device *device, cl_mem from, size_t first, size_t count,
                         clact_health *records) {
    return clEnqueueReadBuffer(device->queue, from, CL_TRUE, first * sizeof *records,
                               count * sizeof *records, records, 0, NULL, NULL) == CL_SUCCESS;
}

/* Takes in what the last pass saw of layer i; `share` is that of its rows among all. */
static bool take_batch(const picked_device *device, clact_net *net, size_t i, size_t units,
                       size_t rows, double share, layer_sums *s) {
    cl_mem forward = NULL, backward = NULL;
    clact_health all;
    if (clact_net_health(net, i, &forward, &backward) != CLACT_SUCCESS ||
        !read_records(device, forward, 0, units + 1, s->records) ||
        !read_records(device, backward, units, 1, &all))
        return false;
    const clact_health *f = &s->records[units];
    const double finite = (double)(f->count - f->nans - f->infs), mean = (double)f->mean;
    for (size_t u = 0; u < units; u++)
        s->idle[u] += s->records[u].saturated;
    s->rows += rows;
    s->count += f->count;
    s->zeros += f->zeros;
    s->saturated += f->saturated;
    s->not_finite += f->nans + f->infs;
    if (finite > 0.0) {
        s->sum += finite * mean;
        s->squares += finite * ((double)f->variance + mean * mean);
    }
    s->most = fmax(s->most, (double)f->max_abs);
    s->gradient += pow((double)all.norm * share, 2.0);
    return true;
}

static void conclude(const layer_sums *s, layer_health *h) {
    size_t dead = 0;
    const double count = (double)s->count, finite = (double)(s->count - s->not_finite);
    for (size_t u = 0; u < h->units; u++)
        dead += s->idle[u] == s->rows;
    h->dead = (double)dead / (double)h->units;
    h->zeros = (double)s->zeros / count;
    /* a rectified 0 has no slope either, but is no saturation */
    h->saturated = s->saturated > s->zeros ? (double)(s->saturated - s->zeros) / count : 0.0;
    h->mean = s->sum / finite;
    h->deviation = sqrt(fmax(s->squares / finite - h->mean * h->mean, 0.0));
    h->most = s->most;
    h->gradient_norm = sqrt(s->gradient);
    h->not_finite = s->not_finite;
}

static bool find(const train_net_place *place, clact_net *net, const train_feed *feed,
                 layer_sums *sums, const layer_health *layers, size_t num_layers, char *message,
                 size_t size) {
    for (size_t at = 0; at < feed->num_train; at += place->max_rows) {
        const size_t left = feed->num_train - at;
        const size_t rows = left < place->max_rows ? left : place->max_rows;
        const double share = (double)rows / (double)feed->num_train;
        const clact_status status =
            clact_net_gradients(net, rows, train_feed_x(feed, at), train_feed_y(feed, at), NULL);
        if (status != CLACT_SUCCESS) return train_explain(place->device, status, message, size);
        for (size_t i = 0; i < num_layers; i++)
            if (!take_batch(place->device, net, i, layers[i].units, rows, share, &sums[i]))
                return cli_fail(message, size, "the health could not be read from the device");
    }
    return true;
}

bool train_health_find(const train_net_place *place, clact_net *net, const train_feed *feed,
                       layer_health *layers, size_t num_layers, char *message, size_t size) {
    layer_sums *sums = calloc(num_layers, sizeof *sums);
    bool done = sums != NULL;
    for (size_t i = 0; i < num_layers && done; i++) {
        clact_dense dense;
        clact_net_layer(net, i, &dense, NULL, NULL);
        layers[i] =
            (layer_health){.activation = dense.epilogue->activation, .units = dense.outputs};
        done = sums_init(&sums[i], dense.outputs);
    }
    if (!done) cli_fail(message, size, "out of memory");
    done = done && find(place, net, feed, sums, layers, num_layers, message, size);
    for (size_t i = 0; i < num_layers && sums; i++) {
        if (done) conclude(&sums[i], &layers[i]);
        sums_clear(&sums[i]);
    }
    free(sums);
    return done;
}

/* ---- words ---- */

/* Whether an activation gives exact zeros over a half-line, as a relu does */
static bool is_rectified(const layer_health *h) {
    return h->zeros > 0.01;
}

bool train_health_warning(const layer_health *layers, size_t num_layers, size_t number, char *text,
                          size_t size) {
    const layer_health *h = &layers[number - 1], *last = &layers[num_layers - 1];
    if (number >= num_layers) return false;
    if (h->not_finite > 0)
        snprintf(text, size, "layer %zu: %llu outputs are NaN or infinite; lower --lr", number,
                 (unsigned long long)h->not_finite);
    else if (h->dead >= 0.1)
        snprintf(text, size, "layer %zu: %.0f %% of units dead; lower --lr or use %s", number,
                 100.0 * h->dead, is_rectified(h) ? "leaky_relu" : "another activation");
    else if (h->saturated >= 0.5)
        snprintf(text, size,
                 "layer %zu: %.0f %% of outputs saturated; lower --lr, or start from smaller "
                 "weights with --init xavier",
                 number, 100.0 * h->saturated);
    else if (h->gradient_norm < 1e-4 * last->gradient_norm)
        snprintf(
            text, size,
            "layer %zu: the gradient is %.0e of the last layer's; use relu or fewer layers, or "
            "--init lsuv",
            number, h->gradient_norm / last->gradient_norm);
    else
        return false;
    return true;
}
