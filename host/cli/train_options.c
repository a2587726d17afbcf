/* train_options.c: the command line of `clact train`. */
#include "train_options.h"

#include "cli_common.h"
#include "train_help.h"
#include "train_layers.h"
#include "train_products.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* X(NAME, "word", takes a value, may stand beside --resume) */
#define TRAIN_OPTION_MAP(X)                                                                        \
    X(DATA, "data", 1, 1)                                                                          \
    X(TARGETS, "targets", 1, 1)                                                                    \
    X(LABEL, "label", 1, 0)                                                                        \
    X(LAYERS, "layers", 1, 0)                                                                      \
    X(LOSS, "loss", 1, 0)                                                                          \
    X(TIER, "tier", 1, 0)                                                                          \
    X(INIT, "init", 1, 0)                                                                          \
    X(INIT_SCALE, "init-scale", 1, 0)                                                              \
    X(DROPOUT, "dropout", 1, 0)                                                                    \
    X(OPTIMIZER, "optimizer", 1, 0)                                                                \
    X(LR, "lr", 1, 1)                                                                              \
    X(MOMENTUM, "momentum", 1, 1)                                                                  \
    X(BETA1, "beta1", 1, 1)                                                                        \
    X(BETA2, "beta2", 1, 1)                                                                        \
    X(EPSILON, "epsilon", 1, 1)                                                                    \
    X(WEIGHT_DECAY, "weight-decay", 1, 1)                                                          \
    X(CLIP_NORM, "clip-norm", 1, 1)                                                                \
    X(SCHEDULE, "schedule", 1, 1)                                                                  \
    X(WARM_UP, "warm-up", 1, 1)                                                                    \
    X(EPOCHS, "epochs", 1, 1)                                                                      \
    X(BATCH, "batch", 1, 0)                                                                        \
    X(PATIENCE, "patience", 1, 1)                                                                  \
    X(SEED, "seed", 1, 0)                                                                          \
    X(RESUME, "resume", 1, 1)                                                                      \
    X(HEALTH, "health", 0, 1)                                                                      \
    X(LOG, "log", 1, 1)                                                                            \
    X(OUTPUT, "output", 1, 1)                                                                      \
    X(PRODUCTS, "products", 1, 1)                                                                  \
    X(DEVICE, "device", 1, 1)                                                                      \
    X(NO_CACHE, "no-cache", 0, 1)                                                                  \
    X(TUNING, "tuning", 1, 1)

enum {
    FIRST_OPTION = 1000, /* beyond characters */
#define OPTION_NUMBER(NAME, word, value, resume) OPTION_##NAME,
    TRAIN_OPTION_MAP(OPTION_NUMBER)
};

static bool is_given(const train_options *o, int option) {
    return o->given >> (option - FIRST_OPTION) & 1;
}

/* ---- values ---- */

static bool take_count(const char *word, const char *text, uint64_t least, size_t *value,
                       char *message, size_t size) {
    uint64_t n = 0;
    if (!train_whole(text, 10, &n) || n < least || n > 1000000000)
        return cli_fail(message, size,
                        "--%s takes a whole number from %llu to 1000000000, not '%s'", word,
                        (unsigned long long)least, text);
    *value = (size_t)n;
    return true;
}

/* A number for which `least <= number < below`, as the sentence says */
typedef struct real_option {
    int option;
    float *value;
    double least, below;
    const char *sentence;
} real_option;

static bool take_real(const real_option *r, const char *text, char *message, size_t size) {
    char *end = NULL;
    *r->value = strtof(text, &end);
    const double v = (double)*r->value;
    return (end != text && *end == '\0' && isfinite(v) && v >= r->least && v < r->below) ||
           cli_fail(message, size, "%s, not '%s'", r->sentence, text);
}

static bool find_real(train_settings *s, int option, real_option *out) {
    clact_optimizer *o = &s->optimizer;
    const real_option all[] = {
        {OPTION_LR, &s->lr, TRAIN_LEAST_POSITIVE, TRAIN_BELOW, "--lr takes a positive number"},
        {OPTION_MOMENTUM, &o->momentum, 0.0, 1.0,
         "--momentum takes a number from 0 to less than 1"},
        {OPTION_BETA1, &o->beta1, 0.0, 1.0, "--beta1 takes a number from 0 to less than 1"},
        {OPTION_BETA2, &o->beta2, 0.0, 1.0, "--beta2 takes a number from 0 to less than 1"},
        {OPTION_EPSILON, &o->epsilon, TRAIN_LEAST_EPSILON, TRAIN_BELOW,
         "--epsilon takes a number from 1e-18"},
        {OPTION_WEIGHT_DECAY, &o->weight_decay, 0.0, TRAIN_BELOW,
         "--weight-decay takes a number from 0"},
        {OPTION_CLIP_NORM, &s->max_norm, TRAIN_LEAST_POSITIVE, TRAIN_BELOW,
         "--clip-norm takes a positive number"},
        {OPTION_INIT_SCALE, &s->init_scale, TRAIN_LEAST_POSITIVE, TRAIN_BELOW,
         "--init-scale takes a positive number"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].option != option) continue;
        *out = all[i];
        return true;
    }
    return false;
}

static bool take_loss(const char *text, clact_loss_kind *loss, char *message, size_t size) {
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
    return cli_fail(message, size, "--loss takes softmax, bce or mse, not '%s'", text);
}

static bool take_init(const char *text, int *init, char *message, size_t size) {
    const char *names[TRAIN_INIT_COUNT];
    for (int i = 0; i < TRAIN_INIT_COUNT; i++)
        names[i] = train_init_name(i);
    *init = cli_find_word("initialiser", text, names, TRAIN_INIT_COUNT, message, size);
    return *init >= 0;
}

/* Sets the kind alone where other options have named numbers: these are put back afterwards. */
static bool take_optimizer(const char *text, clact_optimizer_kind *kind, char *message,
                           size_t size) {
    const char *names[CLACT_OPTIMIZER_COUNT];
    for (int i = 0; i < CLACT_OPTIMIZER_COUNT; i++)
        names[i] = clact_optimizer_name((clact_optimizer_kind)i);
    const int at = cli_find_word("optimizer", text, names, CLACT_OPTIMIZER_COUNT, message, size);
    if (at >= 0) *kind = (clact_optimizer_kind)at;
    return at >= 0;
}

static bool take_warm_up(const char *text, double *warm_up, char *message, size_t size) {
    char *end = NULL;
    *warm_up = strtod(text, &end);
    return (end != text && *end == '\0' && *warm_up >= 0.0 && *warm_up < 1e9) ||
           cli_fail(message, size, "--warm-up takes a number of epochs from 0, not '%s'", text);
}

/* ---- options ---- */

typedef struct train_words {
    const char *layers, *dropout; /* which wait until the others are known */
} train_words;

/* Options whose value is kept as it is */
static const char **text_option(train_options *o, train_words *words, int option) {
    switch (option) {
    case OPTION_DATA:
        return &o->source.path;
    case OPTION_TARGETS:
        return &o->source.targets;
    case OPTION_LABEL:
        return &o->source.label;
    case OPTION_LAYERS:
        return &words->layers;
    case OPTION_DROPOUT:
        return &words->dropout;
    case OPTION_RESUME:
        return &o->resume;
    case OPTION_LOG:
        return &o->log;
    case OPTION_OUTPUT:
        return &o->output;
    case OPTION_DEVICE:
        return &o->device;
    case OPTION_TUNING:
        return &o->tuning;
    default:
        return NULL;
    }
}

/* One option; on failure a sentence in message. */
static bool take_option(train_options *o, train_words *words, int option, const char *value,
                        char *message, size_t size) {
    train_settings *s = &o->settings;
    const char **text = text_option(o, words, option);
    real_option real;
    if (text) *text = value;
    if (text) return true;
    if (find_real(s, option, &real)) return take_real(&real, value, message, size);
    switch (option) {
    case OPTION_NO_CACHE:
        return o->no_cache = true;
    case OPTION_HEALTH:
        return o->health = true;
    case OPTION_EPOCHS:
        return take_count("epochs", value, 1, &s->epochs, message, size);
    case OPTION_BATCH:
        return take_count("batch", value, 1, &s->batch, message, size);
    case OPTION_PATIENCE:
        return take_count("patience", value, 0, &s->patience, message, size);
    case OPTION_TIER:
        return cli_parse_tier(value, &s->tier, message, size);
    case OPTION_PRODUCTS:
        return train_products_parse(value, &s->products, message, size);
    case OPTION_INIT:
        return take_init(value, &s->init, message, size);
    case OPTION_SCHEDULE:
        return schedule_parse(value, &s->schedule, message, size);
    case OPTION_WARM_UP:
        return take_warm_up(value, &s->schedule.warm_up, message, size);
    case OPTION_LOSS:
        return take_loss(value, &s->loss, message, size);
    case OPTION_OPTIMIZER:
        return take_optimizer(value, &s->optimizer.kind, message, size);
    default:
        return train_whole(value, 10, &s->seed) ||
               cli_fail(message, size, "--seed takes a whole number from 0, not '%s'", value);
    }
}

/* Defaults that depend on the optimizer, for what was not named. */
static void settle_optimizer(train_options *o) {
    train_settings *s = &o->settings;
    const clact_optimizer named = s->optimizer;
    clact_optimizer_init(&s->optimizer, named.kind);
    if (is_given(o, OPTION_MOMENTUM)) s->optimizer.momentum = named.momentum;
    if (is_given(o, OPTION_BETA1)) s->optimizer.beta1 = named.beta1;
    if (is_given(o, OPTION_BETA2)) s->optimizer.beta2 = named.beta2;
    if (is_given(o, OPTION_EPSILON)) s->optimizer.epsilon = named.epsilon;
    if (is_given(o, OPTION_WEIGHT_DECAY)) s->optimizer.weight_decay = named.weight_decay;
    if (!is_given(o, OPTION_LR)) s->lr = train_default_rate(named.kind);
}

/* An option that its optimizer does not look at would be silently without effect. */
static bool check_optimizer(const train_options *o, clact_optimizer_kind kind, char *message,
                            size_t size) {
    const bool momentum = kind == CLACT_OPTIMIZER_MOMENTUM || kind == CLACT_OPTIMIZER_NESTEROV;
    const bool adam = kind == CLACT_OPTIMIZER_ADAM || kind == CLACT_OPTIMIZER_ADAMW;
    const bool squares = adam || kind == CLACT_OPTIMIZER_RMSPROP;
    const char *idle = is_given(o, OPTION_MOMENTUM) && !momentum ? "momentum"
                       : is_given(o, OPTION_BETA1) && !adam      ? "beta1"
                       : is_given(o, OPTION_BETA2) && !squares   ? "beta2"
                       : is_given(o, OPTION_EPSILON) && !squares ? "epsilon"
                                                                 : NULL;
    return !idle || cli_fail(message, size,
                             "the optimizer %s has no --%s; see --optimizer in "
                             "`clact train --help`",
                             clact_optimizer_name(kind), idle);
}

/* `--loss bce --layers 1:sigmoid` names the output unit itself; that is not one more layer. */
static void drop_explicit_output(train_settings *s) {
    const train_layer *last = s->num_layers == 1 ? &s->layers[0] : NULL;
    if (s->loss == CLACT_LOSS_BCE_WITH_LOGITS && last && last->units == 1 &&
        last->activation.activation == CLACT_ACT_SIGMOID && last->activation.params[0] == 1.0f)
        s->num_layers--;
}

static bool settle_layers(train_options *o, const train_words *words, char *message, size_t size) {
    train_settings *s = &o->settings;
    float dropout = 0.0f;
    const char *preset = s->loss == CLACT_LOSS_BCE_WITH_LOGITS ? "none" : "128:relu";
    char reason[CLI_MESSAGE_SIZE];
    if (!train_layers_parse(words->layers ? words->layers : preset, s, reason, sizeof reason))
        return cli_fail(message, size, "--layers: %s", reason);
    if (words->dropout && !train_dropout_parse(words->dropout, &dropout))
        return cli_fail(message, size, "--dropout takes a number from 0 to less than 1, not '%s'",
                        words->dropout);
    drop_explicit_output(s);
    if (words->dropout && s->num_layers == 0)
        return cli_fail(message, size, "--dropout is for hidden layers, of which there are none");
    for (size_t i = 0; i < s->num_layers; i++) {
        clact_sweep *a = &s->layers[i].activation;
        a->tier = s->tier;
        if (a->dropout == TRAIN_DROPOUT_UNNAMED) a->dropout = dropout;
    }
    return true;
}

/* What a model has learned with stays as it is. */
static bool check_resume(const train_options *o, char *message, size_t size) {
    static const struct {
        const char *word;
        bool may_change;
    } options[] = {
#define OPTION_OF_RESUME(NAME, word, value, resume) {word, resume},
        TRAIN_OPTION_MAP(OPTION_OF_RESUME)};
    for (size_t i = 0; o->resume && i < sizeof options / sizeof *options; i++)
        if (is_given(o, FIRST_OPTION + 1 + (int)i) && !options[i].may_change)
            return cli_fail(message, size,
                            "--%s is the model's own and cannot change with --resume; leave it out",
                            options[i].word);
    return true;
}

bool train_options_override(const train_options *o, train_settings *to, char *message,
                            size_t size) {
    const train_settings *s = &o->settings;
    if (is_given(o, OPTION_LR)) to->lr = s->lr;
    if (is_given(o, OPTION_MOMENTUM)) to->optimizer.momentum = s->optimizer.momentum;
    if (is_given(o, OPTION_BETA1)) to->optimizer.beta1 = s->optimizer.beta1;
    if (is_given(o, OPTION_BETA2)) to->optimizer.beta2 = s->optimizer.beta2;
    if (is_given(o, OPTION_EPSILON)) to->optimizer.epsilon = s->optimizer.epsilon;
    if (is_given(o, OPTION_WEIGHT_DECAY)) to->optimizer.weight_decay = s->optimizer.weight_decay;
    if (is_given(o, OPTION_CLIP_NORM)) to->max_norm = s->max_norm;
    if (is_given(o, OPTION_EPOCHS)) to->epochs = s->epochs;
    if (is_given(o, OPTION_PATIENCE)) to->patience = s->patience;
    const double warm_up = to->schedule.warm_up;
    if (is_given(o, OPTION_SCHEDULE)) to->schedule = s->schedule;
    to->schedule.warm_up = is_given(o, OPTION_WARM_UP) ? s->schedule.warm_up : warm_up;
    if (is_given(o, OPTION_PRODUCTS)) to->products = s->products;
    return check_optimizer(o, to->optimizer.kind, message, size);
}

bool train_options_parse(int argc, char **argv, train_options *o, int *code) {
    static const struct option options[] = {
#define OPTION_LONG(NAME, word, value, resume)                                                     \
    {word, value ? required_argument : no_argument, NULL, OPTION_##NAME},
        TRAIN_OPTION_MAP(OPTION_LONG){"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    char message[CLI_MESSAGE_SIZE];
    train_words words = {NULL, NULL};
    *o = (train_options){.no_cache = false};
    train_settings_default(&o->settings);
    *code = CLI_USAGE;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, ":o:h", options, NULL)) != -1;) {
        if (c == 'h') {
            for (int i = 0; i < TRAIN_HELP_PARTS; i++)
                fputs(train_help[i], stdout);
            *code = CLI_DONE;
            return false;
        }
        if (c == 'o') c = OPTION_OUTPUT;
        if (c == '?' || c == ':') {
            *code = cli_option_error("train", c, argv);
            return false;
        }
        o->given |= (uint64_t)1 << (c - FIRST_OPTION);
        if (!take_option(o, &words, c, optarg, message, sizeof message)) {
            cli_error("train", CLI_USAGE, "%s", message);
            return false;
        }
    }
    if (optind < argc) {
        cli_error("train", CLI_USAGE, "unexpected '%s'; a file goes after --data", argv[optind]);
        return false;
    }
    settle_optimizer(o);
    if (settle_layers(o, &words, message, sizeof message) &&
        check_resume(o, message, sizeof message) &&
        (o->resume || check_optimizer(o, o->settings.optimizer.kind, message, sizeof message)))
        return true;
    cli_error("train", CLI_USAGE, "%s", message);
    return false;
}
