/* cli_common.c: messages, suggestions, and names and parameters as users write them. */
#include "cli_common.h"

#include <ctype.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cli_error(const char *command, int code, const char *format, ...) {
    va_list arguments;
    fputs(command ? "clact " : "clact", stderr);
    fprintf(stderr, "%s: ", command ? command : "");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return code;
}

bool cli_fail(char *message, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, size, format, arguments);
    va_end(arguments);
    return false;
}

int cli_option_error(const char *command, int code, char *const *argv) {
    /* getopt_long has stepped past a long option, but not past a half-read group of short ones. */
    const char *argument = argv[optind - 1];
    bool is_long = strncmp(argument, "--", 2) == 0;
    if (code == ':')
        return cli_error(command, CLI_USAGE, "option '%s' needs a value; see `clact %s --help`",
                         argument, command);
    if (is_long && optopt != 0 && strchr(argument, '='))
        return cli_error(command, CLI_USAGE, "option '%.*s' takes no value; see `clact %s --help`",
                         (int)strcspn(argument, "="), argument, command);
    if (is_long)
        return cli_error(command, CLI_USAGE, "unknown option '%s'; see `clact %s --help`", argument,
                         command);
    return cli_error(command, CLI_USAGE, "unknown option '-%c'; see `clact %s --help`",
                     isprint(optopt) ? optopt : '?', command);
}

bool cli_list_options(const char *command, const char *help, int argc, char **argv, bool *as_json,
                      int *code) {
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    *as_json = false;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, ":jh", options, NULL)) != -1;) {
        if (c == 'h') fputs(help, stdout);
        if (c != 'j') {
            *code = c == 'h' ? CLI_DONE : cli_option_error(command, c, argv);
            return false;
        }
        *as_json = true;
    }
    return true;
}

/* ---- Suggestions ----------------------------------------------------------------------------- */

enum { LONGEST_WORD = 63 };

static size_t least_of(size_t a, size_t b, size_t c) {
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Changes, insertions, deletions and swaps of neighbours that turn one word into the other. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t rows[3][LONGEST_WORD + 1];
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            int p = tolower((unsigned char)a[i - 1]), q = tolower((unsigned char)b[j - 1]);
            row[j] = least_of(above[j] + 1, row[j - 1] + 1, above[j - 1] + (p != q));
            if (i > 1 && j > 1 && p == tolower((unsigned char)b[j - 2]) &&
                q == tolower((unsigned char)a[i - 2]) && second[j - 2] + 1 < row[j])
                row[j] = second[j - 2] + 1;
        }
    }
    return rows[a_length % 3][b_length];
}

void cli_suggest(cli_suggestion *suggestion, const char *text, size_t length, const char *answer) {
    size_t word_length = strlen(suggestion->word);
    if (word_length == 0 || word_length > LONGEST_WORD || length == 0 || length > LONGEST_WORD)
        return;
    bool is_start = word_length >= 3 && word_length < length &&
                    edit_distance(suggestion->word, word_length, text, word_length) == 0;
    size_t distance = is_start ? 1 : edit_distance(suggestion->word, word_length, text, length);
    size_t shorter = word_length < length ? word_length : length;
    if (distance > 1 + shorter / 4 || distance >= shorter) return;
    if (!suggestion->best || distance < suggestion->distance) {
        suggestion->best = answer;
        suggestion->distance = distance;
    }
}

/* "fast and accurate", "f32, f16 and bf16". */
static void join_names(const char *const *names, int count, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < count && used < size; i++) {
        const char *before = i == 0 ? "" : i + 1 < count ? ", " : " and ";
        const int written = snprintf(text + used, size - used, "%s%s", before, names[i]);
        used += written > 0 ? (size_t)written : 0;
    }
}

int cli_find_word(const char *what, const char *word, const char *const *names, int count,
                  char *message, size_t size) {
    cli_suggestion suggestion = {word, NULL, 0};
    char all[256];
    for (int i = 0; i < count; i++) {
        if (strcmp(word, names[i]) == 0) return i;
        cli_suggest(&suggestion, names[i], strlen(names[i]), names[i]);
    }
    join_names(names, count, all, sizeof all);
    if (suggestion.best)
        cli_fail(message, size, "there is no %s '%s'; did you mean '%s'? The %ss are %s", what,
                 word, suggestion.best, what, all);
    else
        cli_fail(message, size, "there is no %s '%s'; the %ss are %s", what, word, what, all);
    return -1;
}

/* ---- Tiers and element types ----------------------------------------------------------------- */

#define TIER_VALUE(NAME, value, name)        CLACT_TIER_##NAME,
#define DTYPE_VALUE(NAME, value, name, size) CLACT_##NAME,
const clact_tier cli_tiers[CLI_NUM_TIERS] = {CLACT_TIER_MAP(TIER_VALUE)};
const clact_dtype cli_dtypes[CLI_NUM_DTYPES] = {CLACT_DTYPE_MAP(DTYPE_VALUE)};

bool cli_parse_tier(const char *name, clact_tier *tier, char *message, size_t size) {
    const char *names[CLI_NUM_TIERS];
    for (int i = 0; i < CLI_NUM_TIERS; i++)
        names[i] = clact_tier_name(cli_tiers[i]);
    const int at = cli_find_word("tier", name, names, CLI_NUM_TIERS, message, size);
    if (at >= 0) *tier = cli_tiers[at];
    return at >= 0;
}

bool cli_parse_dtype(const char *name, clact_dtype *dtype, char *message, size_t size) {
    const char *names[CLI_NUM_DTYPES];
    for (int i = 0; i < CLI_NUM_DTYPES; i++)
        names[i] = clact_dtype_name(cli_dtypes[i]);
    const int at = cli_find_word("element type", name, names, CLI_NUM_DTYPES, message, size);
    if (at >= 0) *dtype = cli_dtypes[at];
    return at >= 0;
}

/* ---- Activations ----------------------------------------------------------------------------- */

/* Name and aliases of every row. The answer is always the canonical name. */
static const char *nearest_activation(const char *name) {
    cli_suggestion suggestion = {name, NULL, 0};
    for (int i = 0; i < CLACT_ACT_COUNT; i++) {
        clact_activation_info info;
        if (clact_activation_query((clact_activation)i, &info) != CLACT_SUCCESS) continue;
        cli_suggest(&suggestion, info.name, strlen(info.name), info.name);
        for (const char *alias = info.aliases; *alias;) {
            size_t length = strcspn(alias, "|");
            cli_suggest(&suggestion, alias, length, info.name);
            alias += length + (alias[length] == '|');
        }
    }
    return suggestion.best;
}

bool cli_parse_activation(const char *name, clact_activation *activation, char *message,
                          size_t size) {
    if (clact_activation_find(name, activation) == CLACT_SUCCESS) return true;
    const char *nearest = nearest_activation(name);
    if (nearest)
        return cli_fail(message, size,
                        "no activation is called '%s'; did you mean '%s'? `clact list` shows all",
                        name, nearest);
    return cli_fail(message, size, "no activation is called '%s'; `clact list` shows all", name);
}

/* ---- Parameters ------------------------------------------------------------------------------ */

/* "scale", "alpha and beta"; for messages. */
static void legal_names(const clact_activation_info *info, char *text, size_t size) {
    const char *names[CLACT_MAX_PARAMS];
    for (int i = 0; i < info->num_params; i++)
        names[i] = info->params[i].name;
    join_names(names, info->num_params, text, size);
}

static const clact_parameter *find_parameter(const clact_activation_info *info, const char *name,
                                             size_t length) {
    for (int i = 0; i < info->num_params; i++)
        if (strlen(info->params[i].name) == length &&
            strncmp(info->params[i].name, name, length) == 0)
            return &info->params[i];
    return NULL;
}

static bool parse_float(const char *text, float *value) {
    char *end = NULL;
    if (*text == '\0' || isspace((unsigned char)*text)) return false;
    *value = strtof(text, &end);
    return *end == '\0' && isfinite(*value);
}

bool cli_parse_param(clact_sweep *sweep, const char *text, char *message, size_t size) {
    clact_activation_info info;
    char names[128], least[CLI_FLOAT_SIZE], greatest[CLI_FLOAT_SIZE];
    clact_status status = clact_activation_query(sweep->activation, &info);
    if (status != CLACT_SUCCESS) return cli_fail(message, size, "%s", clact_status_text(status));
    if (info.num_params == 0)
        return cli_fail(message, size, "%s has no parameters, so '%s' cannot be set", info.name,
                        text);
    size_t length = strcspn(text, "=");
    const clact_parameter *parameter = find_parameter(&info, text, length);
    if (!parameter) {
        legal_names(&info, names, sizeof names);
        return cli_fail(message, size, "%s has no parameter '%.*s'; it has %s", info.name,
                        (int)length, text, names);
    }
    if (text[length] != '=')
        return cli_fail(message, size, "parameter '%s' of %s needs a value: write %s=NUMBER",
                        parameter->name, info.name, parameter->name);
    float value = 0.0f;
    cli_float_text(parameter->min, least);
    cli_float_text(parameter->max, greatest);
    if (!parse_float(text + length + 1, &value))
        return cli_fail(message, size,
                        "parameter %s of %s must be a number between %s and %s, not '%s'",
                        parameter->name, info.name, least, greatest, text + length + 1);
    status = clact_sweep_set(sweep, parameter->name, value);
    if (status == CLACT_PARAMETER_RANGE)
        return cli_fail(message, size, "parameter %s of %s must be between %s and %s, not %s",
                        parameter->name, info.name, least, greatest, text + length + 1);
    if (status != CLACT_SUCCESS)
        return cli_fail(message, size, "parameter %s of %s: %s", parameter->name, info.name,
                        clact_status_text(status));
    return true;
}

/* "hardtanh with min = 2 and max = 1"; only the name where it has no parameters. */
static void sweep_text(const clact_sweep *sweep, const clact_activation_info *info, char *text,
                       size_t size) {
    int written = snprintf(text, size, "%s", info->name);
    size_t used = written > 0 ? (size_t)written : 0;
    for (int i = 0; i < info->num_params && used < size; i++) {
        char value[CLI_FLOAT_SIZE];
        cli_float_text(sweep->params[i], value);
        written = snprintf(text + used, size - used, " %s %s = %s", i == 0 ? "with" : "and",
                           info->params[i].name, value);
        used += written > 0 ? (size_t)written : 0;
    }
}

bool cli_check_sweep(const clact_sweep *sweep, bool backward, char *message, size_t size) {
    clact_activation_info info;
    char text[256];
    clact_status status = clact_sweep_check(sweep, backward);
    if (status == CLACT_SUCCESS) return true;
    if (clact_activation_query(sweep->activation, &info) != CLACT_SUCCESS)
        return cli_fail(message, size, "%s", clact_status_text(status));
    sweep_text(sweep, &info, text, sizeof text);
    if (status == CLACT_SAVED_TENSOR && info.reads_y)
        return cli_fail(message, size,
                        "the gradient of %s cannot be found from y; save x (`clact list %s` says "
                        "when y will do)",
                        text, info.name);
    if (status == CLACT_SAVED_TENSOR)
        return cli_fail(message, size, "the gradient of %s cannot be found from y; save x",
                        info.name);
    if (status == CLACT_PARAMETER_RANGE)
        return cli_fail(message, size,
                        "%s: these do not go together; see the formula in `clact list %s`", text,
                        info.name);
    return cli_fail(message, size, "%s: %s", text, clact_status_text(status));
}

/* ---- Texts ----------------------------------------------------------------------------------- */

void cli_float_text(float value, char text[CLI_FLOAT_SIZE]) {
    char shortest[CLI_FLOAT_SIZE] = "";
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(shortest, sizeof shortest, "%.*g", digits, (double)value);
        float back = strtof(shortest, NULL);
        if (!(back < value || back > value)) break;
    }
    memcpy(text, shortest, sizeof shortest);
}

void cli_bytes_text(uint64_t bytes, char text[CLI_BYTES_SIZE]) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double amount = (double)bytes;
    size_t unit = 0;
    while (amount >= 1024.0 && unit + 1 < sizeof units / sizeof units[0]) {
        amount /= 1024.0;
        unit++;
    }
    snprintf(text, CLI_BYTES_SIZE, unit == 0 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
}
