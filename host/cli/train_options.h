/* train_options.h: the command line of `clact train`. */
#ifndef TRAIN_OPTIONS_H
#define TRAIN_OPTIONS_H

#include "train_settings.h"

typedef struct train_options {
    dataset_source source;
    const char *device, *tuning, *output, *resume, *log; /* NULL: the default, or none */
    bool no_cache, health;
    train_settings settings;
    uint64_t given; /* a bit for each option that was named */
} train_options;

/* Returns true to go on; false with *code to exit with, after --help or an error. */
bool train_options_parse(int argc, char **argv, train_options *out, int *code);

/* Takes over into the settings of a model what was named beside --resume. False with a sentence
 * where its optimizer does not look at what was named. */
bool train_options_override(const train_options *options, train_settings *settings, char *message,
                            size_t size);

#endif
