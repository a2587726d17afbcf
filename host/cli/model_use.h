/* model_use.h: what `clact predict` and `clact eval` share: their command line, the model, its data
 * and its outputs. */
#ifndef MODEL_USE_H
#define MODEL_USE_H

#include "cli_common.h"
#include "predictor.h"

typedef struct model_use {
    const char *command;
    const char *model_path, *output, *json, *device_name, *tuning; /* NULL if not given */
    dataset_source source;
    bool no_cache, held_out;
    bool products_named;
    clact_products products;
    model m;
    dataset data;
    picked_device device;
    size_t first;   /* the row that is the first of those asked for */
    float *outputs; /* of the rows from there on */
} model_use;

#define MODEL_USE_HELP                                                                             \
    "      --targets FILE      labels beside .npy or IDX: .npy or IDX\n"                           \
    "  -d, --device D          number or part of the name, see `clact devices`\n"                  \
    "      --products BY       matrix products by own kernels (own), CLBlast (clblast) or what\n"  \
    "                          is faster on such devices (auto, the default)\n"                    \
    "      --no-cache          compile anew, and keep nothing; see `clact cache --help`\n"         \
    "      --tuning FILE       of `clact tune`, or none; the device's own by default\n"            \
    "  -h, --help              this text\n"

/* Parses a command line whose own options are among -o, --json and --held-out, as `own` names them
 * ("o", "jH"). Returns true to go on; false with *code to exit with, after help or an error. */
bool model_use_parse(model_use *use, const char *own, const char *help, int argc, char **argv,
                     int *code);

/* Loads the model and its data (those it was trained on, where none are named), and finds the
 * outputs. with_labels: the data must have them. Returns a cli_exit, after a message on failure. */
int model_use_run(model_use *use, bool with_labels);

size_t model_use_rows(const model_use *use);

void model_use_close(model_use *use);

#endif
