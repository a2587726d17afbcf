/* train_log.c: a training as JSON lines, an object for its start, each epoch and its end. */
#include "train_log.h"

#include "cli_common.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A training that was killed may have left half a line. */
static void end_line(FILE *file) {
    if (fseek(file, -1, SEEK_END) == 0 && fgetc(file) != '\n') {
        fseek(file, 0, SEEK_END);
        fputc('\n', file);
    }
    fseek(file, 0, SEEK_END);
}

bool train_log_open(train_log *log, const char *path, bool append, char *message, size_t size) {
    *log = (train_log){.path = path};
    if (!path) return true;
    log->file = fopen(path, append ? "a+b" : "wb");
    if (log->file && append) end_line(log->file);
    return log->file || cli_fail(message, size, "%s cannot be written: %s", path, strerror(errno));
}

/* Takes the object over and writes it as a line, at once: it is read while training goes on. */
static void write_line(train_log *log, json_t *line) {
    char *text =
        line ? json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9)) : NULL;
    if (!text || fprintf(log->file, "%s\n", text) < 0 || fflush(log->file) != 0) log->failed = true;
    free(text);
    json_decref(line);
}

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static const char *score_key(const train_settings *s) {
    return s->loss == CLACT_LOSS_MSE ? "rmse" : "accuracy";
}

void train_log_start(train_log *log, const train_job *job, const char *network,
                     size_t first_epoch) {
    const train_settings *s = job->settings;
    char seed[32];
    if (!log->file) return;
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->seed); /* beyond what JSON holds */
    write_line(
        log, json_pack(
                 "{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:f, s:s, s:I, s:I, s:I, "
                 "s:s, s:s}",
                 "event", "start", "clact", clact_version(), "device", job->place.device->info.name,
                 "data", job->data->name, "rows", (json_int_t)job->num_train, "held_out",
                 (json_int_t)(job->data->rows - job->num_train), "network", network, "loss",
                 train_loss_words(s->loss), "optimizer", clact_optimizer_name(s->optimizer.kind),
                 "lr", (double)s->lr, "schedule", schedule_name(s->schedule.kind), "epochs",
                 (json_int_t)s->epochs, "first_epoch", (json_int_t)first_epoch, "batch",
                 (json_int_t)s->batch, "seed", seed, "score", score_key(s)));
}

static json_t *layer_json(const layer_health *h, size_t number_of_layer) {
    clact_activation_info info;
    clact_activation_query(h->activation, &info);
    return json_pack(
        "{s:I, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "layer", (json_int_t)number_of_layer,
        "activation", info.name, "units", (json_int_t)h->units, "dead", number(h->dead), "zeros",
        number(h->zeros), "saturated", number(h->saturated), "mean", number(h->mean), "deviation",
        number(h->deviation), "max", number(h->most), "gradient_norm", number(h->gradient_norm));
}

void train_log_epoch(train_log *log, const train_job *job, const train_epoch *e) {
    if (!log->file) return;
    json_t *line =
        json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "event", "epoch", "epoch",
                  (json_int_t)e->epoch, "loss", number(e->loss), "held_out_loss",
                  number(e->held_out.loss), score_key(job->settings), number(e->held_out.value),
                  "lr", number(e->lr), "seconds", number(e->seconds));
    json_t *layers = e->layers ? json_array() : NULL;
    for (size_t i = 0; e->layers && i < e->num_layers; i++)
        json_array_append_new(layers, layer_json(&e->layers[i], i + 1));
    if (layers) json_object_set_new(line, "layers", layers);
    write_line(log, line);
}

void train_log_end(train_log *log, const char *reason, size_t epoch, double seconds) {
    if (!log->file) return;
    write_line(log, json_pack("{s:s, s:s, s:I, s:o}", "event", "end", "reason", reason, "epoch",
                              (json_int_t)epoch, "seconds", number(seconds)));
}

bool train_log_close(train_log *log, char *message, size_t size) {
    const bool wrote = !log->file || (fclose(log->file) == 0 && !log->failed);
    log->file = NULL;
    return wrote ||
           cli_fail(message, size, "the log %s could not be written; is the disk full?", log->path);
}
