/* train_settings.h: what a network is and how it is trained: all that decides the result on a
 * device, but for a tuning of CLBlast. */
#ifndef TRAIN_SETTINGS_H
#define TRAIN_SETTINGS_H

#include "dataset.h"
#include "schedule.h"

#include <clact/net.h>

#include <jansson.h>
#include <math.h>

enum { TRAIN_MAX_LAYERS = 64 };

/* Initial weights: those of clact_init, and behind these LSUV, which is orthogonal and then scaled
 * to unit variance */
enum { TRAIN_INIT_LSUV = CLACT_INIT_COUNT, TRAIN_INIT_COUNT };

/* Ranges that options and files share; each ends below the second number. */
#define TRAIN_LEAST_POSITIVE 1e-45
#define TRAIN_LEAST_EPSILON  1e-18
#define TRAIN_BELOW          INFINITY

typedef struct train_layer {
    size_t units;
    clact_sweep activation; /* with tier and dropout */
} train_layer;

typedef struct train_settings {
    train_layer layers[TRAIN_MAX_LAYERS]; /* hidden ones */
    size_t num_layers;
    clact_loss_kind loss; /* softmax cross-entropy, BCE with logits, or MSE */
    clact_tier tier;
    clact_optimizer optimizer;
    float lr;
    schedule schedule;
    float max_norm; /* of the gradients of a step; 0: no clipping */
    int init;       /* below TRAIN_INIT_COUNT */
    float init_scale;
    size_t epochs, batch;
    size_t patience; /* epochs without a lower held-out loss after which training stops; 0: never */
    uint64_t seed;
    clact_products products;
} train_settings;

/* One hidden layer of 128 relu, softmax, momentum. */
void train_settings_default(train_settings *settings);

/* The rate that suits an optimizer where the user names none. */
float train_default_rate(clact_optimizer_kind kind);

const char *train_init_name(int init);
const char *train_products_name(int products);     /* "auto", "clblast", "own" */
const char *train_loss_name(clact_loss_kind loss); /* "softmax", "bce", "mse" */
const char *train_loss_words(clact_loss_kind loss);
label_kind train_label_kind(clact_loss_kind loss);

enum { TRAIN_NUM_PRODUCTS = CLACT_PRODUCTS_OWN + 1 };

/* As JSON, from which the same bits come back. NULL without memory. */
json_t *train_settings_json(const train_settings *settings);
/* A whole number in 64 bits, which JSON's cannot hold; false for anything else, and NULL. */
bool train_whole(const char *text, int base, uint64_t *value);

bool train_settings_parse(const json_t *json, train_settings *out, char *message, size_t size);

#endif
