/* command_train.c: `clact train`, a dense network on a table or on arrays. */
#include "cli_common.h"
#include "commands.h"
#include "file_write.h"
#include "interrupt.h"
#include "model.h"
#include "progress.h"
#include "train_layers.h"
#include "train_log.h"
#include "train_options.h"
#include "train_print.h"
#include "tuning_pick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NETWORK_TEXT = 4096 };

/* One training from its command line to its model */
typedef struct session {
    train_options options;
    model m;
    dataset data;
    picked_device device;
    train_job job;
    train_result result;
    train_log log;
    double warned[TRAIN_MAX_LAYERS + 1];
    char network[NETWORK_TEXT];
    char message[CLI_MESSAGE_SIZE];
} session;

/* ---- data ---- */

static bool keep_source(session *s, const dataset_source *source) {
    model *m = &s->m;
    free(m->data_path);
    free(m->targets_path);
    m->data_path = source->path ? strdup(source->path) : NULL;
    m->targets_path = source->targets ? strdup(source->targets) : NULL;
    m->rows = s->data.rows;
    m->fingerprint = model_fingerprint(&s->data);
    return ((m->data_path || !source->path) && (m->targets_path || !source->targets)) ||
           cli_fail(s->message, sizeof s->message, "out of memory");
}

/* Data for a new network, and what they are like */
static bool read_new(session *s) {
    model *m = &s->m;
    const label_kind kind = train_label_kind(s->options.settings.loss);
    m->settings = s->options.settings;
    if (!dataset_read(&s->options.source, kind, &s->data, s->message, sizeof s->message))
        return false;
    if (!keep_source(s, &s->options.source)) return false;
    if (!model_take_schema(m, &s->data))
        return cli_fail(s->message, sizeof s->message, "out of memory");
    m->outputs = train_outputs(&m->settings, s->data.num_classes);
    m->num_parameters = model_count_parameters(&m->settings, s->data.inputs, m->outputs);
    m->num_train = dataset_hold_out(&s->data);
    m->label = (label_scaling){0.0, 1.0};
    if (kind == LABEL_VALUE) m->label = label_scaling_find(&s->data, m->num_train);
    return scaling_find(&s->data, m->num_train, &m->inputs) ||
           cli_fail(s->message, sizeof s->message, "out of memory");
}

/* A model to go on with, and its data or those named anew */
static bool read_model(session *s) {
    model *m = &s->m;
    const train_options *o = &s->options;
    if (!model_load(o->resume, m, s->message, sizeof s->message)) return false;
    train_options_override(o, &m->settings);
    if (m->progress.epoch >= m->settings.epochs)
        return cli_fail(s->message, sizeof s->message,
                        "%s has been trained for %zu epochs; to go on name more in all, such as "
                        "--epochs %zu",
                        o->resume, m->progress.epoch, 2 * m->progress.epoch);
    const bool named = o->source.path || o->source.targets;
    const dataset_source source = {named ? o->source.path : m->data_path,
                                   named ? o->source.targets : m->targets_path, NULL};
    if (!dataset_read_as(&source, &m->schema, true, &s->data, s->message, sizeof s->message))
        return false;
    if (s->data.rows < 10)
        return cli_fail(s->message, sizeof s->message, "%s: training needs at least 10 rows",
                        s->data.name);
    if (!named && (s->data.rows != m->rows || model_fingerprint(&s->data) != m->fingerprint))
        return cli_fail(s->message, sizeof s->message,
                        "%s has changed since %s was trained on it; to go on with it as it is now, "
                        "name it with --data",
                        s->data.name, o->resume);
    if (named && !keep_source(s, &source)) return false;
    m->num_train = dataset_hold_out(&s->data);
    return true;
}

static bool read_data(session *s) {
    if (!(s->options.resume ? read_model(s) : read_new(s))) return false;
    scaling_apply(&s->m.inputs, s->data.x, s->data.rows);
    if (s->m.schema.kind == LABEL_VALUE)
        label_scaling_apply(s->m.label, s->data.label, s->data.rows);
    if (s->m.settings.batch > s->m.num_train) s->m.settings.batch = s->m.num_train;
    return true;
}

/* ---- the run ---- */

static void report(void *user, const train_epoch *epoch) {
    session *s = user;
    train_print_epoch(&s->job, epoch, s->warned);
    train_log_epoch(&s->log, &s->job, epoch);
}

static void describe_job(session *s, const clact_gemm_tuning *gemm) {
    const model *m = &s->m;
    s->job = (train_job){.place = {.device = &s->device,
                                   .gemm = gemm,
                                   .products = s->options.products,
                                   .inputs = m->schema.inputs,
                                   .outputs = m->outputs,
                                   .max_rows = m->settings.batch,
                                   .timing = true,
                                   .health = s->options.health},
                         .settings = &m->settings,
                         .data = &s->data,
                         .num_train = m->num_train,
                         .label_deviation = m->label.deviation,
                         .keeps = s->options.output != NULL,
                         .stop = &interrupt_signal,
                         .report = report,
                         .user = s};
}

/* The parameters that the model is to have: the best, where these are kept, or the last. */
static bool save(session *s) {
    model *m = &s->m;
    const train_progress *p = &m->progress;
    const float *from = p->best ? p->best : p->parameters;
    const size_t bytes = m->num_parameters * sizeof *from;
    if (!m->parameters) m->parameters = malloc(bytes + 1);
    if (!m->parameters) return cli_fail(s->message, sizeof s->message, "out of memory");
    memcpy(m->parameters, from, bytes);
    return model_save(s->options.output, m, s->message, sizeof s->message);
}

static void print_saved(const session *s) {
    const train_progress *p = &s->m.progress;
    if (p->best && p->best_epoch != p->epoch)
        printf("wrote              %s, of epoch %zu with the lowest held-out loss, %.6f\n",
               s->options.output, p->best_epoch, p->best_loss);
    else
        printf("wrote              %s\n", s->options.output);
}

static int finish_interrupted(session *s, bool saved) {
    const train_progress *p = &s->m.progress;
    const size_t epoch = s->result.epochs > 0 ? s->result.last.epoch + 1 : p->epoch + 1;
    if (saved)
        cli_error("train", 0,
                  "interrupted in epoch %zu; %s is as it was after epoch %zu, and `clact train "
                  "--resume %s` goes on",
                  epoch, s->options.output, p->epoch, s->options.output);
    else if (s->options.output)
        cli_error("train", 0, "interrupted before an epoch was done; nothing new is written");
    else
        cli_error("train", 0,
                  "interrupted in epoch %zu; with -o MODEL.safetensors it could have been saved",
                  epoch);
    return 128 + interrupt_signal;
}

static int finish(session *s, train_end end) {
    static const char *const reasons[] = {"finished", "stopped early", "interrupted", "diverged",
                                          "failed"};
    char reason[CLI_MESSAGE_SIZE];
    memcpy(reason, s->message, sizeof reason);
    const bool may_save = s->options.output && s->result.epochs > 0;
    if (end == TRAIN_FINISHED || end == TRAIN_STOPPED) train_print_result(&s->job, &s->result);
    if (end == TRAIN_STOPPED)
        printf("stopped            after epoch %zu: %zu epochs without a lower held-out loss\n",
               s->result.last.epoch, s->m.settings.patience);
    train_log_end(&s->log, reasons[end], s->result.last.epoch, s->result.train_seconds);
    const bool saved = may_save && end != TRAIN_FAILED && save(s);
    if (may_save && end != TRAIN_FAILED && !saved)
        return cli_error("train", CLI_FAILED, "%s", s->message);
    if (!train_log_close(&s->log, s->message, sizeof s->message))
        return cli_error("train", CLI_FAILED, "%s", s->message);
    if (end == TRAIN_INTERRUPTED) return finish_interrupted(s, saved);
    if (end == TRAIN_DIVERGED && saved)
        return cli_error("train", CLI_FAILED, "%s; %s is as it was after epoch %zu", reason,
                         s->options.output, s->m.progress.epoch);
    if (end == TRAIN_DIVERGED || end == TRAIN_FAILED)
        return cli_error("train", CLI_FAILED, "%s", reason);
    if (saved) print_saved(s);
    return CLI_DONE;
}

static int train(session *s) {
    clact_gemm_tuning gemm;
    const bool tuned = gemm_pick(s->options.tuning, s->device.device, &gemm);
    const size_t first = s->m.progress.epoch + 1;
    describe_job(s, tuned ? &gemm : NULL);
    train_network_text(&s->m.settings, s->m.schema.inputs, s->m.outputs, s->network,
                       sizeof s->network);
    if (!train_log_open(&s->log, s->options.log, first > 1, s->message, sizeof s->message))
        return cli_error("train", CLI_FAILED, "%s", s->message);
    train_print_setup(&s->job, s->network, first);
    train_log_start(&s->log, &s->job, s->network, first);
    interrupt_watch();
    const train_end end =
        train_run(&s->job, &s->m.progress, &s->result, s->message, sizeof s->message);
    if (progress_on_terminal()) progress_clear();
    return finish(s, end);
}

static int run(session *s) {
    if (s->options.output && !file_check_output(s->options.output, s->message, sizeof s->message))
        return cli_error("train", CLI_FAILED, "%s", s->message);
    if (!read_data(s) || !device_open(s->options.device, !s->options.no_cache, s->options.tuning,
                                      &s->device, s->message, sizeof s->message))
        return cli_error("train", CLI_FAILED, "%s", s->message);
    return train(s);
}

int command_train(int argc, char **argv) {
    session *s = calloc(1, sizeof *s);
    int code = CLI_DONE;
    if (!s) return cli_error("train", CLI_FAILED, "out of memory");
    if (train_options_parse(argc, argv, &s->options, &code)) {
        if (!s->options.output) s->options.output = s->options.resume;
        code = run(s);
    }
    device_close(&s->device);
    dataset_free(&s->data);
    model_clear(&s->m);
    free(s);
    return code;
}
