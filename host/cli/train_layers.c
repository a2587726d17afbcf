/* train_layers.c: hidden layers as users write them. */
#include "train_layers.h"

#include "cli_common.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool train_dropout_parse(const char *text, float *dropout) {
    char *end = NULL;
    *dropout = strtof(text, &end);
    return end != text && *end == '\0' && *dropout >= 0.0f && *dropout < 1.0f;
}

static bool parse_units(const char *text, size_t *units) {
    char *end = NULL;
    if (!isdigit((unsigned char)*text)) return false;
    *units = strtoul(text, &end, 10);
    return *end == '\0' && *units >= 1 && *units <= 1000000;
}

static const char dropout_is[] = "dropout=";

/* "alpha=0.5" or "dropout=0.1" */
static bool parse_setting(const char *text, clact_sweep *sweep, char *message, size_t size) {
    if (strncmp(text, dropout_is, sizeof dropout_is - 1) != 0)
        return cli_parse_param(sweep, text, message, size);
    return train_dropout_parse(text + sizeof dropout_is - 1, &sweep->dropout) ||
           cli_fail(message, size, "dropout must be a number from 0 to less than 1, not '%s'",
                    text + sizeof dropout_is - 1);
}

/* "128:elu:alpha=0.5" */
static bool parse_layer(char *text, train_layer *layer, char *message, size_t size) {
    clact_activation activation = CLACT_ACT_RELU;
    bool named = false;
    char *rest = strchr(text, ':');
    if (rest) *rest++ = '\0';
    if (!parse_units(text, &layer->units))
        return cli_fail(
            message, size,
            "'%s' is no number of units from 1 to 1000000; a layer is UNITS:ACTIVATION, "
            "such as 128:gelu",
            text);
    char *setting = rest ? strchr(rest, ':') : NULL;
    if (setting) *setting++ = '\0';
    if (rest && !cli_parse_activation(rest, &activation, message, size)) return false;
    clact_sweep_init(&layer->activation, activation);
    while (setting) {
        char *next = strchr(setting, ':');
        if (next) *next++ = '\0';
        if (!parse_setting(setting, &layer->activation, message, size)) return false;
        named = named || strncmp(setting, dropout_is, sizeof dropout_is - 1) == 0;
        setting = next;
    }
    if (!cli_check_sweep(&layer->activation, true, message, size)) return false;
    if (!named) layer->activation.dropout = TRAIN_DROPOUT_UNNAMED;
    return true;
}

bool train_layers_parse(const char *list, train_settings *s, char *message, size_t size) {
    s->num_layers = 0;
    if (*list == '\0' || strcmp(list, "none") == 0) return true;
    char *copy = strdup(list);
    bool done = copy != NULL || cli_fail(message, size, "out of memory");
    for (char *at = copy; at && done;) {
        char *next = strchr(at, ',');
        if (next) *next++ = '\0';
        done = s->num_layers < TRAIN_MAX_LAYERS
                   ? parse_layer(at, &s->layers[s->num_layers++], message, size)
                   : cli_fail(message, size, "more than %d layers", (int)TRAIN_MAX_LAYERS);
        at = next;
    }
    free(copy);
    return done;
}

/* ---- as text ---- */

#define ADD(...)                                                                                   \
    (used += (size_t)snprintf(text + (used < size ? used : size), used < size ? size - used : 0,   \
                              __VA_ARGS__))

void train_network_text(const train_settings *s, size_t inputs, size_t outputs, char *text,
                        size_t size) {
    size_t used = 0;
    ADD("%zu", inputs);
    for (size_t i = 0; i < s->num_layers; i++) {
        const clact_sweep *a = &s->layers[i].activation;
        clact_activation_info info;
        const char *separator = "(";
        clact_activation_query(a->activation, &info);
        ADD(" - %zu %s", s->layers[i].units, info.name);
        for (int k = 0; k < info.num_params; k++) {
            if (a->params[k] == info.params[k].value) continue;
            ADD("%s%s=%g", separator, info.params[k].name, (double)a->params[k]);
            separator = ", ";
        }
        if (a->dropout > 0.0f) {
            ADD("%sdropout=%g", separator, (double)a->dropout);
            separator = ", ";
        }
        if (*separator == ',') ADD(")");
    }
    ADD(" - %zu%s; %s", outputs, s->loss == CLACT_LOSS_BCE_WITH_LOGITS ? " sigmoid" : "",
        train_loss_words(s->loss));
    if (s->tier != CLACT_TIER_FAST) ADD("; %s tier", clact_tier_name(s->tier));
}
