/* train_options.h: the command line of `clact train`. */
#ifndef TRAIN_OPTIONS_H
#define TRAIN_OPTIONS_H

#include "train_run.h"

enum { TRAIN_MAX_LAYERS = 64 };

typedef struct train_layer {
    size_t units;
    clact_sweep activation;
} train_layer;

typedef struct train_options {
    const char *data, *label, *device, *tuning; /* NULL: the default */
    train_settings settings;
    bool no_cache;
    clact_products products;
    clact_tier tier;                      /* of every layer */
    train_layer layers[TRAIN_MAX_LAYERS]; /* hidden ones */
    size_t num_layers;
} train_options;

/* Returns true to go on; false with *code to exit with, after --help or an error. */
bool train_options_parse(int argc, char **argv, train_options *out, int *code);

#endif
