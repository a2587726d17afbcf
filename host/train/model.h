/* model.h: a trained network as a safetensors file, with what it takes to use it and to train on.
 *
 * The file holds for each layer i, the output layer last, `layers.i.weight`, outputs x inputs, and
 * `layers.i.bias`; `input.mean` and `input.deviation` in float64, by which inputs are scaled, and
 * for a number as label `label.mean` and `label.deviation`; and of its training
 * `training.parameters`, `training.first_state` and `training.second_state`, as far as they are.
 * Metadata: "format"
 * ("clact-1"), "clact" (version), and JSON under "settings", "schema", "progress".
 */
#ifndef MODEL_H
#define MODEL_H

#include "dataset.h"
#include "train_run.h"

typedef struct model {
    train_settings settings;
    dataset_schema schema; /* which the model owns */
    input_scaling inputs;
    label_scaling label; /* mean 0, deviation 1 unless the label is a number */
    size_t outputs, num_parameters;
    float *parameters;       /* weight and bias of each layer in turn; those of the best epoch */
    train_progress progress; /* epoch 0: it cannot be trained on */

    /* The data it was trained on: as named, and what they were */
    char *data_path, *targets_path; /* NULL: the bundled digits; no targets */
    size_t rows;
    uint64_t fingerprint;
} model;

/* A number for what a dataset holds, to tell whether it is another. */
uint64_t model_fingerprint(const dataset *data);

/* Copies the schema of a dataset into a new model, and where it came from into any. On failure a
 * sentence, also for a name that is not UTF-8. */
bool model_take_schema(model *m, const dataset *data, char *message, size_t size);
bool model_take_source(model *m, const dataset_source *source, const dataset *data, char *message,
                       size_t size);

/* Parameters of a network with so many inputs and outputs */
size_t model_count_parameters(const train_settings *settings, size_t inputs, size_t outputs);

/* Writes the file whole or not at all. */
bool model_save(const char *path, const model *m, char *message, size_t size);

/* A file that is damaged, or no model of clact, is refused with the reason. */
bool model_load(const char *path, model *out, char *message, size_t size);

void model_clear(model *m);

#endif
