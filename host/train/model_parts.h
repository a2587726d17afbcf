/* model_parts.h: names and shapes that writing and reading of a model share. */
#ifndef MODEL_PARTS_H
#define MODEL_PARTS_H

#include "model.h"

#define MODEL_FORMAT          "clact-1"
#define MODEL_LAST_PARAMETERS "training.parameters"
#define MODEL_FIRST_STATE     "training.first_state"
#define MODEL_SECOND_STATE    "training.second_state"

enum { MODEL_NAME = 32, MODEL_MOST_TENSORS = 2 * (TRAIN_MAX_LAYERS + 1) + 7 };

typedef struct model_shape {
    size_t inputs, outputs;
} model_shape;

/* Layer i; the output layer is the last. */
model_shape model_layer_shape(const model *m, size_t i);

#endif
