/* plot_options.c: the command line of `clact plot`. */
#include "plot_options.h"

#include "cli_common.h"

#include <ctype.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: clact plot [ACT[:NAME=VALUE]...] [-o FIGURE.svg] [OPTION...]\n"
    "       clact plot --log LOG.jsonl [-o FIGURE.svg] [--text] [--keep]\n"
    "\n"
    "Draws activations as the device computes them, all into one figure; without ACT, sigmoid and\n"
    "its derivative. With --log: loss, score and health over the epochs of a training.\n"
    "\n"
    "  -o, --output FILE        the picture, by its ending .svg, .png or .pdf (default: the names\n"
    "                           of the activations, as in relu-elu.svg, in this folder; beside a\n"
    "                           log, its name with .svg)\n"
    "      --text               draw in characters to standard output, and no picture without -o\n"
    "      --keep               keep gnuplot's script and the data beside the picture, as .gp and\n"
    "                           .tsv; `gnuplot FIGURE.gp` there draws it again\n"
    "      --range MIN,MAX      of x (default -6,6)\n"
    "      --step X             from one x to the next (default 0.01)\n"
    "      --y-range MIN,MAX    what is shown of y. By default all of it, but of values beyond "
    "100\n"
    "                           times the greatest |x| (10 times, where there are several curves)\n"
    "                           only what lies within twice the greatest |x|\n"
    "      --derivative         the derivatives too, dashed\n"
    "  -p, --param NAME=VALUE   set a parameter of every activation that has it; `clact list ACT`\n"
    "                           shows them. For one alone: elu:alpha=0.5, which counts before -p\n"
    "      --tier TIER          one of:" CLI_TIER_NAMES " (default fast)\n"
    "      --dtype TYPE         what is computed, one of:" CLI_DTYPE_NAMES " (default f32)\n"
    "  -d, --device DEVICE      a number of `clact devices`, or a part of a device's name\n"
    "      --no-cache           compile anew, and keep nothing; see `clact cache --help`\n"
    "      --tuning FILE        of `clact tune`, or none; the device's own by default\n"
    "  -h, --help               this text\n"
    "\n"
    "Pictures are drawn by gnuplot (on Debian: apt-get install gnuplot-nox). Where a value is "
    "NaN,\n"
    "as outside of an activation's domain, or infinite, a curve has a gap. A picture is replaced\n"
    "only when everything has worked.\n"
    "\n"
    "  clact plot relu elu:alpha=0.5 gelu --derivative -o figure.png\n";

enum {
    OPTION_TEXT = 1000,
    OPTION_KEEP,
    OPTION_RANGE,
    OPTION_STEP,
    OPTION_Y_RANGE,
    OPTION_DERIVATIVE,
    OPTION_TIER,
    OPTION_DTYPE,
    OPTION_NO_CACHE,
    OPTION_TUNING,
    OPTION_LOG
};

/* ---- Numbers --------------------------------------------------------------------------------- */

/* A finite number up to the character `end`; NULL if there is none, else what follows it. */
static const char *parse_number(const char *text, char end, double *value) {
    char *rest = NULL;
    if (*text == '\0' || isspace((unsigned char)*text)) return NULL;
    *value = strtod(text, &rest);
    if (rest == text || *rest != end || !isfinite(*value)) return NULL;
    return end ? rest + 1 : rest;
}

static bool parse_range(const char *option, const char *text, double *min, double *max,
                        char *message, size_t size) {
    const char *second = parse_number(text, ',', min);
    if (second && parse_number(second, '\0', max) && *min < *max && isfinite(*max - *min))
        return true;
    return cli_fail(message, size,
                    "%s takes two numbers, the lower one first, such as -6,6, not '%s'", option,
                    text);
}

size_t plot_count_points(const plot_options *o) {
    return (size_t)floor((o->max - o->min) / o->step * (1.0 + 1e-12) + 1e-9) + 1;
}

static bool check_points(const plot_options *o, char *message, size_t size) {
    const double steps = (o->max - o->min) / o->step;
    if (steps * (1.0 + 1e-12) + 1e-9 < 1.0)
        return cli_fail(message, size, "--step %g is wider than the range from %g to %g", o->step,
                        o->min, o->max);
    if (steps >= PLOT_MAX_POINTS)
        return cli_fail(message, size,
                        "--step %g gives more than %d points from %g to %g; take a larger step",
                        o->step, (int)PLOT_MAX_POINTS, o->min, o->max);
    return true;
}

/* ---- Activations ----------------------------------------------------------------------------- */

static bool has_param(const clact_sweep *sweep, const char *setting) {
    clact_activation_info info;
    const size_t length = strcspn(setting, "=");
    if (clact_activation_query(sweep->activation, &info) != CLACT_SUCCESS) return false;
    for (int i = 0; i < info.num_params; i++)
        if (strlen(info.params[i].name) == length &&
            strncmp(info.params[i].name, setting, length) == 0)
            return true;
    return false;
}

/* "elu:alpha=0.5", with the parameters for all before its own. */
static bool parse_curve(char *text, const plot_options *o, clact_sweep *sweep, char *message,
                        size_t size) {
    clact_activation activation = CLACT_ACT_SIGMOID;
    char *param = strchr(text, ':');
    if (param) *param++ = '\0';
    if (!cli_parse_activation(text, &activation, message, size)) return false;
    clact_status status = clact_sweep_init(sweep, activation);
    if (status != CLACT_SUCCESS) return cli_fail(message, size, "%s", clact_status_text(status));
    sweep->tier = o->tier;
    sweep->dtype = o->dtype;
    for (size_t i = 0; i < o->num_params; i++)
        if (has_param(sweep, o->params[i]) && !cli_parse_param(sweep, o->params[i], message, size))
            return false;
    while (param) {
        char *next = strchr(param, ':');
        if (next) *next++ = '\0';
        if (!cli_parse_param(sweep, param, message, size)) return false;
        param = next;
    }
    return cli_check_sweep(sweep, o->derivative, message, size);
}

/* A parameter that no activation has; with one activation the sentence names those it has. */
static bool check_params(plot_options *o, char *message, size_t size) {
    for (size_t i = 0; i < o->num_params; i++) {
        bool is_known = false;
        for (size_t s = 0; s < o->num_sweeps; s++)
            is_known = is_known || has_param(&o->sweeps[s], o->params[i]);
        if (is_known) continue;
        if (o->num_sweeps == 1) return cli_parse_param(&o->sweeps[0], o->params[i], message, size);
        return cli_fail(message, size, "none of these activations has a parameter '%.*s'",
                        (int)strcspn(o->params[i], "="), o->params[i]);
    }
    return true;
}

static bool parse_curves(int count, char **words, plot_options *o, char *message, size_t size) {
    char classic[] = "sigmoid";
    char *none[] = {classic};
    if (count > PLOT_MAX_CURVES)
        return cli_fail(message, size, "more than %d activations", (int)PLOT_MAX_CURVES);
    if (count == 0) {
        o->derivative = true;
        words = none;
        count = 1;
    }
    for (int i = 0; i < count; i++)
        if (!parse_curve(words[i], o, &o->sweeps[o->num_sweeps++], message, size)) return false;
    return check_params(o, message, size) && check_points(o, message, size);
}

/* ---- Where the picture goes ------------------------------------------------------------------ */

/* "relu-elu.svg", each name once. */
static void name_after_curves(plot_options *o) {
    size_t used = 0;
    for (size_t i = 0; i < o->num_sweeps; i++) {
        clact_activation_info info = {.name = ""};
        bool is_first = true;
        for (size_t k = 0; k < i; k++)
            is_first = is_first && o->sweeps[k].activation != o->sweeps[i].activation;
        clact_activation_query(o->sweeps[i].activation, &info);
        if (is_first)
            used += (size_t)snprintf(o->output + used, sizeof o->output - used, "%s%s",
                                     used ? "-" : "", info.name);
    }
    if (used > 100) used = (size_t)snprintf(o->output, sizeof o->output, "activations");
    snprintf(o->output + used, sizeof o->output - used, ".svg");
}

static bool choose_output(plot_options *o, const char *output, char *message, size_t size) {
    int length = 0;
    if (output) {
        length = snprintf(o->output, sizeof o->output, "%s", output);
    } else if (o->as_text) {
        if (o->keep)
            return cli_fail(message, size, "--keep goes with a picture; add -o FIGURE.svg");
    } else if (o->log) {
        const char *slash = strrchr(o->log, '/'), *name = slash ? slash + 1 : o->log;
        const char *dot = strrchr(name, '.');
        const int stem = (int)(dot && dot > name ? (size_t)(dot - o->log) : strlen(o->log));
        length = snprintf(o->output, sizeof o->output, "%.*s.svg", stem, o->log);
    } else {
        name_after_curves(o);
    }
    if (length >= (int)sizeof o->output)
        return cli_fail(message, size, "the name of the picture is too long");
    return !output || output[0] || cli_fail(message, size, "-o needs the name of a picture");
}

/* ---- Options --------------------------------------------------------------------------------- */

/* One option; on failure a sentence in message. */
static bool parse_option(int option, const char *value, plot_options *o, char *message,
                         size_t size) {
    switch (option) {
    case OPTION_RANGE:
        return parse_range("--range", value, &o->min, &o->max, message, size);
    case OPTION_Y_RANGE:
        return parse_range("--y-range", value, &o->y_min, &o->y_max, message, size);
    case OPTION_STEP:
        return (parse_number(value, '\0', &o->step) && o->step > 0.0) ||
               cli_fail(message, size, "--step takes a number above 0, not '%s'", value);
    case OPTION_TIER:
        return cli_parse_tier(value, &o->tier, message, size);
    case OPTION_DTYPE:
        return cli_parse_dtype(value, &o->dtype, message, size);
    case 'p':
        if (o->num_params == PLOT_MAX_PARAMS)
            return cli_fail(message, size, "more than %d times --param", (int)PLOT_MAX_PARAMS);
        o->params[o->num_params++] = value;
        return true;
    case 'd':
        o->device = value;
        return true;
    case OPTION_TUNING:
        o->tuning = value;
        return true;
    case OPTION_LOG:
        o->log = value;
        return true;
    default:
        *(option == OPTION_TEXT         ? &o->as_text
          : option == OPTION_KEEP       ? &o->keep
          : option == OPTION_DERIVATIVE ? &o->derivative
                                        : &o->no_cache) = true;
        return true;
    }
}

/* Of the options of curves the first that was given, for a log has no use for them. */
static const char *option_of_curves(int option) {
    return option == OPTION_RANGE        ? "--range"
           : option == OPTION_STEP       ? "--step"
           : option == OPTION_Y_RANGE    ? "--y-range"
           : option == OPTION_DERIVATIVE ? "--derivative"
           : option == OPTION_TIER       ? "--tier"
           : option == OPTION_DTYPE      ? "--dtype"
           : option == OPTION_TUNING     ? "--tuning"
           : option == OPTION_NO_CACHE   ? "--no-cache"
           : option == 'p'               ? "--param"
           : option == 'd'               ? "--device"
                                         : NULL;
}

/* Options as they come. Returns false with *code to exit with. */
static bool parse_options(int argc, char **argv, plot_options *o, const char **output,
                          const char **of_curves, int *code) {
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"text", no_argument, NULL, OPTION_TEXT},
                                            {"keep", no_argument, NULL, OPTION_KEEP},
                                            {"range", required_argument, NULL, OPTION_RANGE},
                                            {"step", required_argument, NULL, OPTION_STEP},
                                            {"y-range", required_argument, NULL, OPTION_Y_RANGE},
                                            {"derivative", no_argument, NULL, OPTION_DERIVATIVE},
                                            {"param", required_argument, NULL, 'p'},
                                            {"tier", required_argument, NULL, OPTION_TIER},
                                            {"dtype", required_argument, NULL, OPTION_DTYPE},
                                            {"device", required_argument, NULL, 'd'},
                                            {"no-cache", no_argument, NULL, OPTION_NO_CACHE},
                                            {"tuning", required_argument, NULL, OPTION_TUNING},
                                            {"log", required_argument, NULL, OPTION_LOG},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    char message[CLI_MESSAGE_SIZE];
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, ":o:p:d:h", options, NULL)) != -1;) {
        if (c == 'h') {
            fputs(help, stdout);
            *code = CLI_DONE;
            return false;
        }
        if (c == '?' || c == ':') {
            *code = cli_option_error("plot", c, argv);
            return false;
        }
        if (c == 'o') {
            *output = optarg;
        } else if (!parse_option(c, optarg, o, message, sizeof message)) {
            *code = cli_error("plot", CLI_USAGE, "%s", message);
            return false;
        }
        if (!*of_curves) *of_curves = option_of_curves(c);
    }
    return true;
}

bool plot_options_parse(int argc, char **argv, plot_options *o, int *code) {
    char message[CLI_MESSAGE_SIZE];
    const char *output = NULL, *of_curves = NULL;
    *o = (plot_options){.min = -6.0, .max = 6.0, .step = 0.01, .y_min = NAN, .y_max = NAN};
    if (!parse_options(argc, argv, o, &output, &of_curves, code)) return false;
    const int count = argc - optind;
    bool is_good = true;
    if (o->log && count > 0)
        is_good =
            cli_fail(message, sizeof message, "--log stands alone, without '%s'", argv[optind]);
    else if (o->log && of_curves)
        is_good = cli_fail(message, sizeof message, "%s is for curves, not for a log", of_curves);
    else if (!o->log)
        is_good = parse_curves(count, argv + optind, o, message, sizeof message);
    is_good = is_good && choose_output(o, output, message, sizeof message);
    if (!is_good) *code = cli_error("plot", CLI_USAGE, "%s", message);
    return is_good;
}
