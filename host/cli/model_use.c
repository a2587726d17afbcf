/* model_use.c: what `clact predict` and `clact eval` share. */
#include "model_use.h"

#include "file_write.h"
#include "train_products.h"
#include "tuning_pick.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_TARGETS = 1000, OPTION_PRODUCTS, OPTION_NO_CACHE, OPTION_TUNING };

/* ---- the command line ---- */

static bool take_option(model_use *use, int option, char *message, size_t size) {
    switch (option) {
    case 'o':
        use->output = optarg;
        return true;
    case 'j':
        use->json = optarg;
        return true;
    case 'H':
        return use->held_out = true;
    case 'd':
        use->device_name = optarg;
        return true;
    case OPTION_TARGETS:
        use->source.targets = optarg;
        return true;
    case OPTION_NO_CACHE:
        return use->no_cache = true;
    case OPTION_TUNING:
        use->tuning = optarg;
        return true;
    default:
        use->products_named = true;
        return train_products_parse(optarg, &use->products, message, size);
    }
}

static bool take_arguments(model_use *use, int argc, char **argv, int *code) {
    *code = CLI_USAGE;
    if (optind >= argc)
        cli_error(use->command, CLI_USAGE,
                  "which model? Name the file that `clact train -o` has written");
    else if (argc - optind > 2)
        cli_error(use->command, CLI_USAGE, "one argument too many: '%s'; see `clact %s --help`",
                  argv[optind + 2], use->command);
    else {
        use->model_path = argv[optind];
        use->source.path = optind + 1 < argc ? argv[optind + 1] : NULL;
        return true;
    }
    return false;
}

bool model_use_parse(model_use *use, const char *own, const char *help, int argc, char **argv,
                     int *code) {
    static const struct option all[] = {{"output", required_argument, NULL, 'o'},
                                        {"json", required_argument, NULL, 'j'},
                                        {"held-out", no_argument, NULL, 'H'},
                                        {"device", required_argument, NULL, 'd'},
                                        {"targets", required_argument, NULL, OPTION_TARGETS},
                                        {"products", required_argument, NULL, OPTION_PRODUCTS},
                                        {"no-cache", no_argument, NULL, OPTION_NO_CACHE},
                                        {"tuning", required_argument, NULL, OPTION_TUNING},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
    enum { OWN = 3, ALL = sizeof all / sizeof *all };
    struct option options[ALL];
    const char *short_options = strchr(own, 'o') ? ":o:d:h" : ":d:h";
    char message[CLI_MESSAGE_SIZE];
    size_t count = 0;
    for (size_t i = 0; i < ALL; i++)
        if (i >= OWN || strchr(own, all[i].val)) options[count++] = all[i];
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, short_options, options, NULL)) != -1;) {
        *code = CLI_DONE;
        if (c == 'h') fputs(help, stdout);
        if (c == '?' || c == ':') *code = cli_option_error(use->command, c, argv);
        if (c == 'h' || c == '?' || c == ':') return false;
        if (take_option(use, c, message, sizeof message)) continue;
        *code = cli_error(use->command, CLI_USAGE, "%s", message);
        return false;
    }
    return take_arguments(use, argc, argv, code);
}

/* ---- the model and its data ---- */

size_t model_use_rows(const model_use *use) {
    return use->data.rows - use->first;
}

/* Data that are named, or those that the model was trained on */
static bool read_data(model_use *use, bool with_labels, char *message, size_t size) {
    model *m = &use->m;
    const bool named = use->source.path != NULL;
    const dataset_source own = {m->data_path, m->targets_path, NULL};
    if (use->source.targets && !named)
        return cli_fail(message, size, "--targets are labels beside arrays; name these too");
    if (!dataset_read_as(named ? &use->source : &own, &m->schema, with_labels, &use->data, message,
                         size))
        return false;
    if (!use->held_out) return true;
    if (use->data.rows != m->rows || model_fingerprint(&use->data) != m->fingerprint)
        return cli_fail(message, size,
                        named ? "%s is not what %s was trained on, so no rows of it were held out; "
                                "leave out --held-out"
                              : "%s has changed since %s was trained on it; name the data to use",
                        use->data.name, use->model_path);
    use->first = dataset_hold_out(&use->data);
    return true;
}

static bool find_outputs(model_use *use, char *message, size_t size) {
    const size_t rows = model_use_rows(use), inputs = use->data.inputs;
    clact_gemm_tuning gemm;
    const bool tuned = gemm_pick(use->tuning, use->device.device, &gemm);
    if (use->products_named) use->m.settings.products = use->products;
    use->outputs = malloc((rows * use->m.outputs + 1) * sizeof *use->outputs);
    if (!use->outputs) return cli_fail(message, size, "out of memory");
    return predictor_outputs(&use->device, tuned ? &gemm : NULL, &use->m,
                             use->data.x + use->first * inputs, rows, use->outputs, message, size);
}

int model_use_run(model_use *use, bool with_labels) {
    char message[CLI_MESSAGE_SIZE];
    const char *file = use->output                                ? use->output
                       : use->json && strcmp(use->json, "-") != 0 ? use->json
                                                                  : NULL;
    if ((!file || file_check_output(file, message, sizeof message)) &&
        model_load(use->model_path, &use->m, message, sizeof message) &&
        read_data(use, with_labels, message, sizeof message) &&
        device_open(use->device_name, !use->no_cache, use->tuning, &use->device, message,
                    sizeof message) &&
        find_outputs(use, message, sizeof message))
        return CLI_DONE;
    return cli_error(use->command, CLI_FAILED, "%s", message);
}

void model_use_close(model_use *use) {
    free(use->outputs);
    device_close(&use->device);
    dataset_free(&use->data);
    model_clear(&use->m);
}
