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
typedef struct training {
    train_options options;
    model m;
    dataset data;
    size_t num_train; /* rows of it; the others are held out */
    picked_device device;
    train_job job;
    size_t first; /* epoch of this run */
    train_result result;
    train_log log;
    double warned[TRAIN_MAX_LAYERS + 1];
    char network[NETWORK_TEXT];
    char message[CLI_MESSAGE_SIZE];
} training;

/* ---- data ---- */

/* Data for a new network, and what they are like */
static bool read_new(training *t) {
    model *m = &t->m;
    const dataset_source *source = &t->options.source;
    const label_kind kind = train_label_kind(t->options.settings.loss);
    m->settings = t->options.settings;
    if (source->targets && !source->path)
        return cli_fail(t->message, sizeof t->message,
                        "--targets are labels beside arrays; name these with --data");
    if (!dataset_read(source, kind, &t->data, t->message, sizeof t->message) ||
        !model_take_source(m, source, &t->data, t->message, sizeof t->message) ||
        !model_take_schema(m, &t->data, t->message, sizeof t->message))
        return false;
    m->outputs = train_outputs(&m->settings, t->data.num_classes);
    m->num_parameters = model_count_parameters(&m->settings, t->data.inputs, m->outputs);
    t->num_train = dataset_hold_out(&t->data);
    m->label = (label_scaling){0.0, 1.0};
    if (kind == LABEL_VALUE) m->label = label_scaling_find(&t->data, t->num_train);
    return scaling_find(&t->data, t->num_train, &m->inputs) ||
           cli_fail(t->message, sizeof t->message, "out of memory");
}

/* Whether a model is one to go on with, after what was named anew */
static bool check_resume(training *t) {
    model *m = &t->m;
    const train_progress *p = &m->progress;
    const char *path = t->options.resume;
    const size_t since = p->epoch - p->best_epoch;
    if (!train_options_override(&t->options, &m->settings, t->message, sizeof t->message))
        return false;
    if (p->epoch == 0)
        return cli_fail(t->message, sizeof t->message,
                        "%s holds nothing of its training, so it cannot be gone on with", path);
    if (p->epoch >= m->settings.epochs)
        return cli_fail(t->message, sizeof t->message,
                        "%s has been trained for %zu epochs; to go on name more in all, such as "
                        "--epochs %zu",
                        path, p->epoch, 2 * p->epoch);
    if (p->best && m->settings.patience > 0 && since >= m->settings.patience)
        return cli_fail(t->message, sizeof t->message,
                        "%s was stopped after %zu epochs without a lower held-out loss; to go on "
                        "name a greater --patience, or 0 for any",
                        path, since);
    return true;
}

/* A model to go on with, and its data or those named anew */
static bool read_model(training *t) {
    model *m = &t->m;
    const dataset_source *named = &t->options.source;
    if (!model_load(t->options.resume, m, t->message, sizeof t->message) || !check_resume(t))
        return false;
    const bool is_named = named->path || named->targets;
    const dataset_source source = {named->path ? named->path : m->data_path,
                                   is_named ? named->targets : m->targets_path, NULL};
    if (!dataset_read_as(&source, &m->schema, true, &t->data, t->message, sizeof t->message))
        return false;
    if (t->data.rows < 10)
        return cli_fail(t->message, sizeof t->message, "%s: training needs at least 10 rows",
                        t->data.name);
    const bool same = t->data.rows == m->rows && model_fingerprint(&t->data) == m->fingerprint;
    if (!is_named && !same)
        return cli_fail(t->message, sizeof t->message,
                        "%s has changed since %s was trained on it; to go on with it as it is now, "
                        "name it with --data",
                        t->data.name, t->options.resume);
    if (!same) m->progress.best_epoch = 0; /* losses on other rows say nothing beside these */
    if (m->settings.patience == 0) {       /* the last epoch is wanted, not the best */
        free(m->progress.best);
        m->progress.best = NULL;
        m->progress.best_epoch = 0;
    }
    if (is_named && !model_take_source(m, &source, &t->data, t->message, sizeof t->message))
        return false;
    t->num_train = dataset_hold_out(&t->data);
    return true;
}

static bool read_data(training *t) {
    if (!(t->options.resume ? read_model(t) : read_new(t))) return false;
    scaling_apply(&t->m.inputs, t->data.x, t->data.rows);
    if (t->m.schema.kind == LABEL_VALUE)
        label_scaling_apply(t->m.label, t->data.label, t->data.rows);
    if (t->m.settings.batch > t->num_train) t->m.settings.batch = t->num_train;
    return true;
}

/* ---- the run ---- */

static void report(void *user, const train_epoch *epoch) {
    training *t = user;
    train_print_epoch(&t->job, epoch, t->warned);
    train_log_epoch(&t->log, &t->job, epoch);
}

static void describe_job(training *t, const clact_gemm_tuning *gemm) {
    const model *m = &t->m;
    t->job = (train_job){.place = {.device = &t->device,
                                   .gemm = gemm,
                                   .inputs = m->schema.inputs,
                                   .outputs = m->outputs,
                                   .max_rows = m->settings.batch,
                                   .timing = true,
                                   .health = t->options.health},
                         .settings = &m->settings,
                         .data = &t->data,
                         .num_train = t->num_train,
                         .label_deviation = m->label.deviation,
                         .keeps = t->options.output != NULL,
                         .stop = &interrupt_signal,
                         .report = report,
                         .user = t};
}

/* The parameters that the model is to have: the best, where these are kept, or the last. */
static bool save(training *t) {
    model *m = &t->m;
    const train_progress *p = &m->progress;
    const float *from = p->best ? p->best : p->parameters;
    const size_t bytes = m->num_parameters * sizeof *from;
    if (!m->parameters) m->parameters = malloc(bytes + 1);
    if (!m->parameters) return cli_fail(t->message, sizeof t->message, "out of memory");
    memcpy(m->parameters, from, bytes);
    return model_save(t->options.output, m, t->message, sizeof t->message);
}

static void print_saved(const training *t) {
    const train_progress *p = &t->m.progress;
    if (p->best && p->best_epoch != p->epoch)
        printf("wrote              %s, of epoch %zu with the lowest held-out loss, %.6f\n",
               t->options.output, p->best_epoch, p->best_loss);
    else
        printf("wrote              %s\n", t->options.output);
}

static int finish_interrupted(const training *t, bool saved) {
    const train_progress *p = &t->m.progress;
    const size_t epoch = t->result.epochs > 0 ? t->result.last.epoch + 1 : t->first;
    if (saved)
        cli_error("train", 0,
                  "interrupted in epoch %zu; %s is as it was after epoch %zu, and `clact train "
                  "--resume %s` goes on",
                  epoch, t->options.output, p->epoch, t->options.output);
    else if (t->options.output)
        cli_error("train", 0, "interrupted before an epoch was done; nothing new is written");
    else
        cli_error("train", 0,
                  "interrupted in epoch %zu; with -o MODEL.safetensors it could have been saved",
                  epoch);
    return 128 + interrupt_signal;
}

/* After what went wrong, as t->message has it, what of the training is there */
static int finish_failed(const training *t, const char *reason, bool saved) {
    if (saved)
        return cli_error("train", CLI_FAILED, "%s; %s is as it was after epoch %zu", reason,
                         t->options.output, t->m.progress.epoch);
    return cli_error("train", CLI_FAILED, "%s", reason);
}

/* Saves what there is, closes the log, and says how it ended. */
static int finish(training *t, train_end end) {
    static const char *const reasons[] = {"finished", "stopped early", "interrupted", "diverged",
                                          "failed"};
    char reason[CLI_MESSAGE_SIZE];
    memcpy(reason, t->message, sizeof reason);
    const bool well = end == TRAIN_FINISHED || end == TRAIN_STOPPED;
    const bool may_save = t->options.output && t->result.epochs > 0;
    if (well) train_print_result(&t->job, &t->result);
    if (end == TRAIN_STOPPED)
        printf("stopped            after epoch %zu: %zu epochs without a lower held-out loss\n",
               t->result.last.epoch, t->m.settings.patience);
    train_log_end(&t->log, reasons[end], t->first + t->result.epochs - 1, t->result.train_seconds);
    const bool logged = train_log_close(&t->log, t->message, sizeof t->message);
    int code = logged ? CLI_DONE : cli_error("train", CLI_FAILED, "%s", t->message);
    const bool saved = may_save && save(t);
    if (may_save && !saved) code = cli_error("train", CLI_FAILED, "%s", t->message);
    if (saved && well) print_saved(t);
    if (end == TRAIN_INTERRUPTED) return finish_interrupted(t, saved);
    return well ? code : finish_failed(t, reason, saved);
}

static int train(training *t) {
    clact_gemm_tuning gemm;
    const bool tuned = gemm_pick(t->options.tuning, t->device.device, &gemm);
    const size_t first = t->first = t->m.progress.epoch + 1;
    describe_job(t, tuned ? &gemm : NULL);
    train_network_text(&t->m.settings, t->m.schema.inputs, t->m.outputs, t->network,
                       sizeof t->network);
    if (!train_log_open(&t->log, t->options.log, first > 1, t->message, sizeof t->message))
        return cli_error("train", CLI_FAILED, "%s", t->message);
    train_print_setup(&t->job, t->network, first);
    train_log_start(&t->log, &t->job, t->network, first);
    interrupt_watch();
    const train_end end =
        train_run(&t->job, &t->m.progress, &t->result, t->message, sizeof t->message);
    if (progress_on_terminal()) progress_clear();
    return finish(t, end);
}

static int run(training *t) {
    if (t->options.output && !file_check_output(t->options.output, t->message, sizeof t->message))
        return cli_error("train", CLI_FAILED, "%s", t->message);
    if (!read_data(t) || !device_open(t->options.device, !t->options.no_cache, t->options.tuning,
                                      &t->device, t->message, sizeof t->message))
        return cli_error("train", CLI_FAILED, "%s", t->message);
    return train(t);
}

int command_train(int argc, char **argv) {
    training *t = calloc(1, sizeof *t);
    int code = CLI_DONE;
    if (!t) return cli_error("train", CLI_FAILED, "out of memory");
    if (train_options_parse(argc, argv, &t->options, &code)) {
        if (!t->options.output) t->options.output = t->options.resume;
        code = run(t);
    }
    device_close(&t->device);
    dataset_free(&t->data);
    model_clear(&t->m);
    free(t);
    return code;
}
