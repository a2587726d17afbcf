/* train_settings.c: what a network is and how it is trained, and that as JSON. */
#include "train_settings.h"

#include "cli_common.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void train_settings_default(train_settings *s) {
    *s = (train_settings){.num_layers = 1,
                          .loss = CLACT_LOSS_SOFTMAX_CROSS_ENTROPY,
                          .schedule = schedule_default(),
                          .epochs = 30,
                          .batch = 32,
                          .seed = 1};
    s->layers[0].units = 128;
    clact_sweep_init(&s->layers[0].activation, CLACT_ACT_RELU);
    clact_optimizer_init(&s->optimizer, CLACT_OPTIMIZER_MOMENTUM);
    s->lr = train_default_rate(s->optimizer.kind);
}

float train_default_rate(clact_optimizer_kind kind) {
    return kind == CLACT_OPTIMIZER_SGD                                            ? 0.1f
           : kind == CLACT_OPTIMIZER_MOMENTUM || kind == CLACT_OPTIMIZER_NESTEROV ? 0.02f
                                                                                  : 0.001f;
}

const char *train_init_name(int init) {
    return init == TRAIN_INIT_LSUV ? "lsuv" : clact_init_name((clact_init)init);
}

const char *train_products_name(int products) {
    static const char *const names[] = {[CLACT_PRODUCTS_AUTO] = "auto",
                                        [CLACT_PRODUCTS_CLBLAST] = "clblast",
                                        [CLACT_PRODUCTS_OWN] = "own"};
    return names[products];
}

const char *train_loss_name(clact_loss_kind loss) {
    return loss == CLACT_LOSS_MSE ? "mse" : loss == CLACT_LOSS_BCE_WITH_LOGITS ? "bce" : "softmax";
}

const char *train_loss_words(clact_loss_kind loss) {
    return loss == CLACT_LOSS_MSE               ? "mean squared error"
           : loss == CLACT_LOSS_BCE_WITH_LOGITS ? "binary cross-entropy"
                                                : "softmax cross-entropy";
}

label_kind train_label_kind(clact_loss_kind loss) {
    return loss == CLACT_LOSS_MSE               ? LABEL_VALUE
           : loss == CLACT_LOSS_BCE_WITH_LOGITS ? LABEL_BINARY
                                                : LABEL_CLASS;
}

/* ---- to JSON ---- */

static json_t *layer_json(const train_layer *layer) {
    clact_activation_info info;
    clact_activation_query(layer->activation.activation, &info);
    json_t *params = json_object();
    for (int i = 0; i < info.num_params; i++)
        json_object_set_new(params, info.params[i].name,
                            json_real((double)layer->activation.params[i]));
    return json_pack("{s:I, s:s, s:o, s:f}", "units", (json_int_t)layer->units, "activation",
                     info.name, "parameters", params, "dropout", (double)layer->activation.dropout);
}

json_t *train_settings_json(const train_settings *s) {
    const clact_optimizer *o = &s->optimizer;
    char seed[32];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->seed); /* beyond what JSON holds */
    json_t *layers = json_array();
    for (size_t i = 0; i < s->num_layers; i++)
        json_array_append_new(layers, layer_json(&s->layers[i]));
    json_t *optimizer = json_pack("{s:s, s:f, s:f, s:f, s:f, s:f}", "kind",
                                  clact_optimizer_name(o->kind), "momentum", (double)o->momentum,
                                  "beta1", (double)o->beta1, "beta2", (double)o->beta2, "epsilon",
                                  (double)o->epsilon, "weight_decay", (double)o->weight_decay);
    json_t *rates = json_pack("{s:s, s:f, s:f, s:f, s:f}", "kind", schedule_name(s->schedule.kind),
                              "warm_up", s->schedule.warm_up, "every", s->schedule.every, "factor",
                              s->schedule.factor, "least", s->schedule.least);
    return json_pack(
        "{s:o, s:s, s:s, s:o, s:f, s:o, s:f, s:s, s:f, s:I, s:I, s:I, s:s, s:s}", "layers", layers,
        "loss", train_loss_name(s->loss), "tier", clact_tier_name(s->tier), "optimizer", optimizer,
        "lr", (double)s->lr, "schedule", rates, "max_norm", (double)s->max_norm, "init",
        train_init_name(s->init), "init_scale", (double)s->init_scale, "epochs",
        (json_int_t)s->epochs, "batch", (json_int_t)s->batch, "patience", (json_int_t)s->patience,
        "seed", seed, "products", train_products_name((int)s->products));
}

/* ---- from JSON ---- */

/* A number for which `least <= number < below` */
static bool get_number(const json_t *json, const char *key, double least, double below, double *out,
                       char *message, size_t size) {
    const json_t *value = json_object_get(json, key);
    *out = json_is_number(value) ? json_number_value(value) : NAN;
    return (*out >= least && *out < below) ||
           cli_fail(message, size, "'%s' is no number from %g to less than %g", key, least, below);
}

static bool get_float(const json_t *json, const char *key, double least, double below, float *out,
                      char *message, size_t size) {
    double value = 0.0;
    if (!get_number(json, key, least, below, &value, message, size)) return false;
    *out = (float)value;
    return true;
}

static bool get_count(const json_t *json, const char *key, double least, double below, size_t *out,
                      char *message, size_t size) {
    double value = 0.0;
    if (!get_number(json, key, least, below, &value, message, size)) return false;
    *out = (size_t)value;
    return (double)*out == value || cli_fail(message, size, "'%s' is no whole number", key);
}

bool train_whole(const char *text, int base, uint64_t *value) {
    char *end = NULL;
    if (!text || !isalnum((unsigned char)*text)) return false; /* neither a sign nor a blank */
    errno = 0;
    *value = strtoull(text, &end, base);
    return errno == 0 && *end == '\0';
}

/* The place of a word among names that `name` gives for 0 .. count - 1 */
static bool get_word(const json_t *json, const char *key, const char *(*name)(int), int count,
                     int *out, char *message, size_t size) {
    const char *word = json_string_value(json_object_get(json, key));
    for (*out = 0; word && *out < count; ++*out)
        if (strcmp(word, name(*out)) == 0) return true;
    return cli_fail(message, size, "'%s' is none that this version knows", key);
}

static const char *optimizer_name(int kind) {
    return clact_optimizer_name((clact_optimizer_kind)kind);
}
static const char *tier_name(int tier) {
    return clact_tier_name((clact_tier)tier);
}
static const char *schedule_word(int kind) {
    return schedule_name((schedule_kind)kind);
}
static const char *loss_name(int loss) {
    return train_loss_name((clact_loss_kind)loss);
}

static bool parse_layer(const json_t *json, clact_tier tier, train_layer *layer, char *message,
                        size_t size) {
    const char *name = json_string_value(json_object_get(json, "activation")), *key;
    clact_activation activation;
    json_t *params = json_object_get(json, "parameters"), *value;
    float dropout = 0.0f;
    if (!name || !cli_parse_activation(name, &activation, message, size))
        return name ? false : cli_fail(message, size, "a layer has no activation");
    clact_sweep_init(&layer->activation, activation);
    if (!get_count(json, "units", 1, 1e6 + 1, &layer->units, message, size) ||
        !get_float(json, "dropout", 0.0, 1.0, &dropout, message, size))
        return false;
    json_object_foreach (params, key, value) {
        if (!json_is_number(value) ||
            clact_sweep_set(&layer->activation, key, (float)json_number_value(value)) !=
                CLACT_SUCCESS)
            return cli_fail(message, size, "%s has no parameter '%s' of that value", name, key);
    }
    layer->activation.tier = tier;
    layer->activation.dropout = dropout;
    return cli_check_sweep(&layer->activation, true, message, size);
}

static bool parse_layers(const json_t *json, train_settings *s, char *message, size_t size) {
    const json_t *layers = json_object_get(json, "layers");
    s->num_layers = json_array_size(layers);
    if (!json_is_array(layers) || s->num_layers > TRAIN_MAX_LAYERS)
        return cli_fail(message, size, "'layers' is no list of up to %d", (int)TRAIN_MAX_LAYERS);
    for (size_t i = 0; i < s->num_layers; i++)
        if (!parse_layer(json_array_get(layers, i), s->tier, &s->layers[i], message, size))
            return false;
    return true;
}

static bool parse_optimizer(const json_t *json, clact_optimizer *o, char *message, size_t size) {
    int kind = 0;
    if (!get_word(json, "kind", optimizer_name, CLACT_OPTIMIZER_COUNT, &kind, message, size))
        return false;
    clact_optimizer_init(o, (clact_optimizer_kind)kind);
    return get_float(json, "momentum", 0, 1, &o->momentum, message, size) &&
           get_float(json, "beta1", 0, 1, &o->beta1, message, size) &&
           get_float(json, "beta2", 0, 1, &o->beta2, message, size) &&
           get_float(json, "epsilon", TRAIN_LEAST_EPSILON / 2, TRAIN_BELOW, &o->epsilon, message,
                     size) &&
           get_float(json, "weight_decay", 0, TRAIN_BELOW, &o->weight_decay, message, size);
}

static bool parse_schedule(const json_t *json, schedule *s, char *message, size_t size) {
    int kind = 0;
    if (!get_word(json, "kind", schedule_word, SCHEDULE_COSINE + 1, &kind, message, size))
        return false;
    s->kind = (schedule_kind)kind;
    return get_number(json, "warm_up", 0, 1e9, &s->warm_up, message, size) &&
           get_number(json, "every", 1e-3, 1e9 + 1, &s->every, message, size) &&
           get_number(json, "factor", 0, 1.1, &s->factor, message, size) &&
           get_number(json, "least", 0, 1.1, &s->least, message, size);
}

bool train_settings_parse(const json_t *json, train_settings *s, char *message, size_t size) {
    int loss = 0, tier = 0, products = 0;
    *s = (train_settings){0};
    if (!get_word(json, "loss", loss_name, CLACT_LOSS_MSE + 1, &loss, message, size) ||
        !get_word(json, "tier", tier_name, CLI_NUM_TIERS, &tier, message, size) ||
        !get_word(json, "init", train_init_name, TRAIN_INIT_COUNT, &s->init, message, size) ||
        !get_word(json, "products", train_products_name, TRAIN_NUM_PRODUCTS, &products, message,
                  size))
        return false;
    if (!train_whole(json_string_value(json_object_get(json, "seed")), 10, &s->seed))
        return cli_fail(message, size, "'seed' is no whole number");
    s->loss = (clact_loss_kind)loss;
    s->tier = (clact_tier)tier;
    s->products = (clact_products)products;
    return parse_layers(json, s, message, size) &&
           parse_optimizer(json_object_get(json, "optimizer"), &s->optimizer, message, size) &&
           parse_schedule(json_object_get(json, "schedule"), &s->schedule, message, size) &&
           get_float(json, "lr", 0, TRAIN_BELOW, &s->lr, message, size) &&
           get_float(json, "max_norm", 0, TRAIN_BELOW, &s->max_norm, message, size) &&
           get_float(json, "init_scale", 0, TRAIN_BELOW, &s->init_scale, message, size) &&
           get_count(json, "epochs", 1, 1e9 + 1, &s->epochs, message, size) &&
           get_count(json, "batch", 1, 1e9 + 1, &s->batch, message, size) &&
           get_count(json, "patience", 0, 1e9 + 1, &s->patience, message, size);
}
