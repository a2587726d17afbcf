/* train_options.c: the command line of `clact train`. */
#include "train_options.h"

#include "cli_common.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: clact train [--data FILE.csv] [--label COLUMN] [options]\n"
    "\n"
    "Trains a dense network on a CSV table by minibatches of forward and backward passes on\n"
    "the device, and scores it on a fixed fifth of the rows that it never trains on. Inputs are\n"
    "standardized. Without arguments: the bundled handwritten digits, a 64-128-10 network.\n"
    "\n"
    "  --data FILE      CSV with a header line; the bundled digits.csv and wdbc.csv are found by\n"
    "                   name wherever you are (default digits.csv)\n"
    "  --label COLUMN   name of the label column (default: the last); all others are inputs\n"
    "  --layers LIST    hidden layers as UNITS:ACTIVATION, such as 128:gelu,64:silu, parameters\n"
    "                   after another colon, 128:elu:alpha=0.5; relu where there is none; the "
    "word\n"
    "                   none for no hidden layer. The output layer follows from label and loss.\n"
    "                   (default 128:relu; none for bce)\n"
    "  --loss LOSS      softmax: cross-entropy over classes; bce: two classes, one sigmoid\n"
    "                   output, with no hidden layer logistic regression; mse: a number\n"
    "                   (default softmax)\n"
    "  --tier TIER      of all activations, one of:" CLI_TIER_NAMES " (default fast)\n"
    "  --products BY    matrix products by own kernels (own) or by CLBlast (clblast); auto: what "
    "is\n"
    "                   faster on such devices (default auto)\n"
    "  --epochs N       passes over the training rows (default 30)\n"
    "  --batch N        rows of a minibatch (default 32)\n"
    "  --lr X           learning rate (default 0.02)\n"
    "  --momentum X     of SGD, in [0, 1) (default 0.9)\n"
    "  --seed N         of initial weights and shuffling (default 1); the same seed gives the\n"
    "                   same figures at every run on a device\n"
    "  --device D       number or part of the name, see `clact devices`\n"
    "  --no-cache       compile anew, and keep nothing; see `clact cache --help`\n"
    "  --tuning FILE    of `clact tune`, or none; the device's own by default\n"
    "  --help           this text\n";

static bool parse_count(const char *text, uint64_t least, uint64_t *value) {
    char *end = NULL;
    errno = 0;
    if (!isdigit((unsigned char)*text)) return false;
    *value = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *value >= least;
}

static bool parse_real(const char *text, double least, double below, float *value) {
    char *end = NULL;
    *value = strtof(text, &end);
    return end != text && *end == '\0' && isfinite(*value) && (double)*value >= least &&
           (double)*value < below;
}

/* "128:elu:alpha=0.5" */
static bool parse_layer(char *text, train_layer *layer, char *message, size_t size) {
    clact_activation activation = CLACT_ACT_RELU;
    uint64_t units = 0;
    char *rest = strchr(text, ':');
    if (rest) *rest++ = '\0';
    if (!parse_count(text, 1, &units) || units > 1000000)
        return cli_fail(
            message, size,
            "'%s' is no number of units from 1 to 1000000; a layer is UNITS:ACTIVATION, "
            "such as 128:gelu",
            text);
    char *param = rest ? strchr(rest, ':') : NULL;
    if (param) *param++ = '\0';
    if (rest && !cli_parse_activation(rest, &activation, message, size)) return false;
    layer->units = (size_t)units;
    clact_sweep_init(&layer->activation, activation);
    while (param) {
        char *next = strchr(param, ':');
        if (next) *next++ = '\0';
        if (!cli_parse_param(&layer->activation, param, message, size)) return false;
        param = next;
    }
    return cli_check_sweep(&layer->activation, true, message, size);
}

static bool parse_layers(const char *list, train_options *o, char *message, size_t size) {
    o->num_layers = 0;
    if (*list == '\0' || strcmp(list, "none") == 0) return true;
    char *copy = strdup(list);
    bool done = copy != NULL || cli_fail(message, size, "out of memory");
    for (char *at = copy; at && done;) {
        char *next = strchr(at, ',');
        if (next) *next++ = '\0';
        done = o->num_layers < TRAIN_MAX_LAYERS
                   ? parse_layer(at, &o->layers[o->num_layers++], message, size)
                   : cli_fail(message, size, "more than %d layers", (int)TRAIN_MAX_LAYERS);
        at = next;
    }
    free(copy);
    return done;
}

static bool parse_loss(const char *text, clact_loss_kind *loss) {
    static const struct {
        const char *name;
        clact_loss_kind loss;
    } names[] = {{"softmax", CLACT_LOSS_SOFTMAX_CROSS_ENTROPY},
                 {"cross_entropy", CLACT_LOSS_SOFTMAX_CROSS_ENTROPY},
                 {"bce", CLACT_LOSS_BCE_WITH_LOGITS},
                 {"mse", CLACT_LOSS_MSE}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i].name) != 0) continue;
        *loss = names[i].loss;
        return true;
    }
    return false;
}

static bool parse_products(const char *text, clact_products *products, char *message, size_t size) {
    static const char *const names[] = {[CLACT_PRODUCTS_AUTO] = "auto",
                                        [CLACT_PRODUCTS_CLBLAST] = "clblast",
                                        [CLACT_PRODUCTS_OWN] = "own"};
    const int at = cli_find_word("kind of products", text, names, 3, message, size);
    if (at >= 0) *products = (clact_products)at;
    return at >= 0;
}

/* One option; on failure a sentence in message. */
static bool parse_option(int option, const char *value, train_options *o, const char **layers,
                         char *message, size_t size) {
    train_settings *s = &o->settings;
    uint64_t n = 0;
    switch (option) {
    case 'd':
        o->data = value;
        return true;
    case 'l':
        o->label = value;
        return true;
    case 'L':
        *layers = value;
        return true;
    case 'D':
        o->device = value;
        return true;
    case 'c':
        o->no_cache = true;
        return true;
    case 'T':
        o->tuning = value;
        return true;
    case 'e':
    case 'b':
        if (!parse_count(value, 1, &n) || n > 1000000000)
            return cli_fail(message, size, "--%s takes a whole number from 1, not '%s'",
                            option == 'e' ? "epochs" : "batch", value);
        *(option == 'e' ? &s->epochs : &s->batch) = (size_t)n;
        return true;
    case 't':
        return cli_parse_tier(value, &o->tier, message, size);
    case 'p':
        return parse_products(value, &o->products, message, size);
    case 's':
        return parse_count(value, 0, &s->seed) ||
               cli_fail(message, size, "--seed takes a whole number from 0, not '%s'", value);
    case 'r':
        return (parse_real(value, 0.0, INFINITY, &s->lr) && s->lr > 0.0f) ||
               cli_fail(message, size, "--lr takes a number above 0, not '%s'", value);
    case 'm':
        return parse_real(value, 0.0, 1.0, &s->momentum) ||
               cli_fail(message, size, "--momentum takes a number in [0, 1), not '%s'", value);
    default:
        return parse_loss(value, &s->loss) ||
               cli_fail(message, size, "--loss takes softmax, bce or mse, not '%s'", value);
    }
}

/* A last "1:sigmoid" under bce is the output layer, which is there in any case. */
static void drop_explicit_output(train_options *o) {
    if (o->settings.loss != CLACT_LOSS_BCE_WITH_LOGITS || o->num_layers == 0) return;
    const train_layer *last = &o->layers[o->num_layers - 1];
    if (last->units == 1 && last->activation.activation == CLACT_ACT_SIGMOID &&
        last->activation.params[0] == 1.0f)
        o->num_layers--;
}

bool train_options_parse(int argc, char **argv, train_options *o, int *code) {
    static const struct option options[] = {
        {"data", required_argument, NULL, 'd'},     {"label", required_argument, NULL, 'l'},
        {"layers", required_argument, NULL, 'L'},   {"epochs", required_argument, NULL, 'e'},
        {"batch", required_argument, NULL, 'b'},    {"lr", required_argument, NULL, 'r'},
        {"momentum", required_argument, NULL, 'm'}, {"seed", required_argument, NULL, 's'},
        {"device", required_argument, NULL, 'D'},   {"loss", required_argument, NULL, 'o'},
        {"tier", required_argument, NULL, 't'},     {"no-cache", no_argument, NULL, 'c'},
        {"tuning", required_argument, NULL, 'T'},   {"products", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0}};
    char message[CLI_MESSAGE_SIZE];
    const char *layers = NULL;
    *o = (train_options){.settings = {.epochs = 30,
                                      .batch = 32,
                                      .lr = 0.02f,
                                      .momentum = 0.9f,
                                      .seed = 1,
                                      .loss = CLACT_LOSS_SOFTMAX_CROSS_ENTROPY}};
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, ":h", options, NULL)) != -1;) {
        if (c == 'h') {
            fputs(help, stdout);
            *code = CLI_DONE;
            return false;
        }
        if (c == '?' || c == ':') {
            *code = cli_option_error("train", c, argv);
            return false;
        }
        if (!parse_option(c, optarg, o, &layers, message, sizeof message)) {
            *code = cli_error("train", CLI_USAGE, "%s", message);
            return false;
        }
    }
    if (optind < argc) {
        *code = cli_error("train", CLI_USAGE, "unexpected '%s'; a file goes after --data",
                          argv[optind]);
        return false;
    }
    if (!layers) layers = o->settings.loss == CLACT_LOSS_BCE_WITH_LOGITS ? "none" : "128:relu";
    if (!parse_layers(layers, o, message, sizeof message)) {
        *code = cli_error("train", CLI_USAGE, "--layers: %s", message);
        return false;
    }
    drop_explicit_output(o);
    for (size_t i = 0; i < o->num_layers; i++)
        o->layers[i].activation.tier = o->tier;
    return true;
}
