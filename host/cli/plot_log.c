/* plot_log.c: the log of a training, read; see plot_log.h. */
#include "plot_log.h"

#include "cli_common.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LAYERS = 1000 };

static const char *const health_keys[PLOT_LOG_HEALTH] = {[PLOT_LOG_DEAD] = "dead",
                                                         [PLOT_LOG_SATURATED] = "saturated",
                                                         [PLOT_LOG_GRADIENT] = "gradient_norm",
                                                         [PLOT_LOG_MEAN] = "mean"};

/* A line being read. */
typedef struct log_line {
    const char *path;
    size_t number;
    size_t bad; /* a line before that is no JSON object and perhaps was cut short; 0 for none */
    char *message;
    size_t size;
} log_line;

/* ---- Values ---------------------------------------------------------------------------------- */

static bool refuse(const log_line *line, const char *what, const char *key) {
    return cli_fail(line->message, line->size, "%s, line %zu: %s%s%s", line->path, line->number,
                    what, key ? " " : "", key ? key : "");
}

static bool refuse_bad(const log_line *line) {
    return cli_fail(line->message, line->size, "%s, line %zu: this is no JSON object", line->path,
                    line->bad);
}

/* NaN where there is none or it is null. */
static bool take_number(const log_line *line, const json_t *object, const char *key,
                        double *value) {
    const json_t *found = json_object_get(object, key);
    *value = NAN;
    if (!found || json_is_null(found)) return true;
    if (!json_is_number(found)) return refuse(line, "neither a number nor null is", key);
    *value = json_number_value(found);
    return true;
}

static void take_text(const json_t *object, const char *key, char *text, size_t size) {
    const char *found = json_string_value(json_object_get(object, key));
    if (found) snprintf(text, size, "%s", found);
}

/* ---- Room ------------------------------------------------------------------------------------ */

static bool grow(double **values, size_t capacity) {
    double *larger = realloc(*values, capacity * sizeof **values);
    if (larger) *values = larger;
    return larger != NULL;
}

static bool make_room(plot_log *log, const log_line *line) {
    if (log->epochs < log->capacity) return true;
    const size_t capacity = log->capacity ? 2 * log->capacity : 64;
    bool is_done = grow(&log->epoch, capacity) && grow(&log->loss, capacity) &&
                   grow(&log->held_out_loss, capacity) && grow(&log->score, capacity);
    for (size_t i = 0; i < log->num_layers; i++)
        for (int h = 0; h < PLOT_LOG_HEALTH; h++)
            is_done = is_done && grow(&log->layers[i].values[h], capacity);
    if (is_done) log->capacity = capacity;
    return is_done || refuse(line, "not enough memory", NULL);
}

static plot_log_layer *find_layer(plot_log *log, long long number) {
    for (size_t i = 0; i < log->num_layers; i++)
        if (log->layers[i].number == number) return &log->layers[i];
    return NULL;
}

/* A layer that no epoch had before, at its place by number. */
static plot_log_layer *add_layer(plot_log *log, long long number) {
    plot_log_layer *larger = realloc(log->layers, (log->num_layers + 1) * sizeof *larger);
    if (!larger) return NULL;
    log->layers = larger;
    size_t at = log->num_layers;
    for (; at > 0 && larger[at - 1].number > number; at--)
        larger[at] = larger[at - 1];
    larger[at] = (plot_log_layer){.number = number};
    log->num_layers++;
    for (int h = 0; h < PLOT_LOG_HEALTH; h++) {
        if (!grow(&larger[at].values[h], log->capacity)) return NULL;
        for (size_t i = 0; i < log->epochs; i++)
            larger[at].values[h][i] = NAN;
    }
    return &larger[at];
}

/* ---- Events ---------------------------------------------------------------------------------- */

static void take_start(plot_log *log, const json_t *object) {
    char data[64] = "", network[128] = "";
    take_text(object, "data", data, sizeof data);
    take_text(object, "network", network, sizeof network);
    take_text(object, "score", log->score_name, sizeof log->score_name);
    snprintf(log->title, sizeof log->title, "%s%s%s", data, data[0] && network[0] ? ": " : "",
             network);
}

static bool take_layer(plot_log *log, const log_line *line, const json_t *object) {
    const json_t *number = json_object_get(object, "layer");
    char activation[64] = "";
    if (!json_is_integer(number)) return refuse(line, "a layer has no whole number as", "layer");
    plot_log_layer *layer = find_layer(log, json_integer_value(number));
    if (!layer && log->num_layers == MAX_LAYERS) return refuse(line, "too many layers", NULL);
    if (!layer) layer = add_layer(log, json_integer_value(number));
    if (!layer) return refuse(line, "not enough memory", NULL);
    take_text(object, "activation", activation, sizeof activation);
    snprintf(layer->name, sizeof layer->name, "%lld %s", layer->number, activation);
    for (int h = 0; h < PLOT_LOG_HEALTH; h++)
        if (!take_number(line, object, health_keys[h], &layer->values[h][log->epochs]))
            return false;
    return true;
}

/* Epochs that a later run has done anew are forgotten. */
static void forget_from(plot_log *log, double epoch) {
    while (log->epochs > 0 && log->epoch[log->epochs - 1] >= epoch)
        log->epochs--;
}

static bool take_epoch(plot_log *log, const log_line *line, const json_t *object) {
    const json_t *number = json_object_get(object, "epoch");
    const json_t *layers = json_object_get(object, "layers");
    const char *score = log->score_name[0] ? log->score_name : "accuracy";
    if (!json_is_integer(number)) return refuse(line, "an epoch has no whole number as", "epoch");
    if (layers && !json_is_null(layers) && !json_is_array(layers))
        return refuse(line, "no array is", "layers");
    forget_from(log, (double)json_integer_value(number));
    if (!make_room(log, line)) return false;
    const size_t at = log->epochs;
    log->epoch[at] = (double)json_integer_value(number);
    if (!take_number(line, object, "loss", &log->loss[at]) ||
        !take_number(line, object, "held_out_loss", &log->held_out_loss[at]) ||
        !take_number(line, object, score, &log->score[at]))
        return false;
    for (size_t i = 0; i < log->num_layers; i++)
        for (int h = 0; h < PLOT_LOG_HEALTH; h++)
            log->layers[i].values[h][at] = NAN;
    for (size_t i = 0; i < json_array_size(layers); i++)
        if (!take_layer(log, line, json_array_get(layers, i))) return false;
    log->epochs++;
    return true;
}

static bool take_event(plot_log *log, log_line *line, const json_t *object) {
    const char *event = json_string_value(json_object_get(object, "event"));
    const bool is_start = event && strcmp(event, "start") == 0;
    if (line->bad > 0 && !is_start) return refuse_bad(line);
    line->bad = 0;
    if (!event) return refuse(line, "an object without the text", "event");
    if (is_start) take_start(log, object);
    return strcmp(event, "epoch") != 0 || take_epoch(log, line, object);
}

/* ---- The file -------------------------------------------------------------------------------- */

static bool is_blank(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!memchr(" \t\r\n", text[i], 4)) return false;
    return true;
}

static bool read_line(plot_log *log, log_line *line, const char *text, size_t length) {
    json_error_t error;
    if (is_blank(text, length)) return true;
    json_t *object = json_loadb(text, length, 0, &error);
    bool is_done = true;
    if (json_is_object(object))
        is_done = take_event(log, line, object);
    else if (line->bad > 0)
        is_done = refuse_bad(line);
    else
        log->cut_line = line->bad = line->number;
    json_decref(object);
    return is_done;
}

static bool read_lines(plot_log *log, log_line *line, FILE *stream) {
    char *text = NULL, last = '\n';
    size_t room = 0;
    bool is_done = true;
    for (ssize_t length; is_done && (length = getline(&text, &room, stream)) > 0;) {
        line->number++;
        last = text[length - 1];
        is_done = read_line(log, line, text, (size_t)length);
    }
    free(text);
    if (is_done && line->bad > 0 && last == '\n') return refuse_bad(line);
    return is_done;
}

bool plot_log_read(const char *path, plot_log *log, char *message, size_t size) {
    log_line line = {path, 0, 0, message, size};
    *log = (plot_log){.epochs = 0};
    errno = 0;
    FILE *stream = fopen(path, "r");
    bool is_done = stream && read_lines(log, &line, stream);
    if (!stream || ferror(stream))
        is_done = cli_fail(message, size, "%s cannot be read: %s", path, strerror(errno));
    if (stream) fclose(stream);
    if (is_done && log->epochs == 0)
        is_done = cli_fail(message, size, "%s has no epoch that has ended: nothing to draw", path);
    if (!is_done) plot_log_clear(log);
    return is_done;
}

void plot_log_clear(plot_log *log) {
    for (size_t i = 0; i < log->num_layers; i++)
        for (int h = 0; h < PLOT_LOG_HEALTH; h++)
            free(log->layers[i].values[h]);
    free(log->layers);
    free(log->series);
    free(log->epoch);
    free(log->loss);
    free(log->held_out_loss);
    free(log->score);
    *log = (plot_log){.epochs = 0};
}
