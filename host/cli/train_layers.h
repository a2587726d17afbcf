/* train_layers.h: hidden layers as users write them: "128:gelu,64:elu:alpha=0.5:dropout=0.1". */
#ifndef TRAIN_LAYERS_H
#define TRAIN_LAYERS_H

#include "train_settings.h"

#define TRAIN_DROPOUT_UNNAMED (-1.0f)

/* The word none, or "", is no layer. Layers that name no dropout have TRAIN_DROPOUT_UNNAMED. On
 * failure a sentence. */
bool train_layers_parse(const char *list, train_settings *settings, char *message, size_t size);

/* A probability of dropout, in [0, 1) */
bool train_dropout_parse(const char *text, float *dropout);

/* "64 - 128 relu - 10; softmax cross-entropy": parameters and dropout where they are not the
 * defaults. */
void train_network_text(const train_settings *settings, size_t inputs, size_t outputs, char *text,
                        size_t size);

#endif
