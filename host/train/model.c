/* model.c: a trained network as a safetensors file: what it owns, and writing it. */
#include "model_parts.h"

#include "cli_common.h"
#include "safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what it owns ---- */

void model_clear(model *m) {
    dataset_free_names(m->schema.input_names, m->schema.inputs);
    dataset_free_names(m->schema.classes, m->schema.num_classes);
    free(m->schema.label_name);
    scaling_clear(&m->inputs);
    free(m->parameters);
    train_progress_clear(&m->progress);
    free(m->data_path);
    free(m->targets_path);
    *m = (model){0};
}

/* Whether JSON can hold a text; if not, a sentence, in which '?' stands for what no terminal shows.
 */
static bool is_utf8(const char *what, const char *text, char *message, size_t size) {
    char shown[64];
    json_t *json = text ? json_string(text) : json_null();
    json_decref(json);
    if (json) return true;
    snprintf(shown, sizeof shown, "%s", text);
    for (char *at = shown; *at; at++)
        if (*at & 0x80) *at = '?';
    return cli_fail(message, size,
                    "%s '%s' is not UTF-8, so a model cannot keep it; save the table as UTF-8, or "
                    "give it another name",
                    what, shown);
}

static bool all_utf8(const char *what, char *const *texts, size_t count, char *message,
                     size_t size) {
    for (size_t i = 0; texts && i < count; i++)
        if (!is_utf8(what, texts[i], message, size)) return false;
    return true;
}

bool model_take_schema(model *m, const dataset *data, char *message, size_t size) {
    dataset_schema *s = &m->schema;
    const bool named = data->input_names, classed = data->classes;
    if (!is_utf8("the label", data->label_name, message, size) ||
        !all_utf8("the column", data->input_names, data->inputs, message, size) ||
        !all_utf8("the class", data->classes, data->num_classes, message, size))
        return false;
    *s = (dataset_schema){
        .kind = data->kind, .inputs = data->inputs, .num_classes = data->num_classes};
    s->label_name = strdup(data->label_name);
    if (named) s->input_names = dataset_copy_names(data->input_names, data->inputs);
    if (classed) s->classes = dataset_copy_names(data->classes, data->num_classes);
    if (!classed) s->num_classes = 0;
    return (s->label_name && (s->input_names || !named) && (s->classes || !classed)) ||
           cli_fail(message, size, "out of memory");
}

bool model_take_source(model *m, const dataset_source *source, const dataset *data, char *message,
                       size_t size) {
    char *path = source->path ? strdup(source->path) : NULL;
    char *targets = source->targets ? strdup(source->targets) : NULL;
    const bool copied = (path || !source->path) && (targets || !source->targets);
    if (!copied || !is_utf8("the file", path, message, size) ||
        !is_utf8("the file", targets, message, size)) {
        free(path);
        free(targets);
        return copied ? false : cli_fail(message, size, "out of memory");
    }
    free(m->data_path);
    free(m->targets_path);
    m->data_path = path;
    m->targets_path = targets;
    m->rows = data->rows;
    m->fingerprint = model_fingerprint(data);
    return true;
}

/* FNV-1a of Fowler, Noll and Vo */
static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t length) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * 0x100000001b3u;
    return hash;
}

uint64_t model_fingerprint(const dataset *data) {
    const uint64_t of_x =
        add_bytes(0xcbf29ce484222325u, data->x, data->rows * data->inputs * sizeof *data->x);
    return data->label ? add_bytes(of_x, data->label, data->rows * sizeof *data->label) : of_x;
}

size_t model_count_parameters(const train_settings *s, size_t inputs, size_t outputs) {
    size_t count = 0;
    for (size_t i = 0; i < s->num_layers; inputs = s->layers[i++].units)
        count += s->layers[i].units * (inputs + 1);
    return count + outputs * (inputs + 1);
}

/* ---- metadata ---- */

/* NULL without memory */
static json_t *texts_json(char *const *texts, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(array, json_string(texts[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *text_or_null(const char *text) {
    return text ? json_string(text) : json_null();
}

static json_t *schema_json(const dataset_schema *s) {
    return json_pack(
        "{s:i, s:I, s:o, s:s, s:o}", "kind", (int)s->kind, "inputs", (json_int_t)s->inputs,
        "input_names", s->input_names ? texts_json(s->input_names, s->inputs) : json_null(),
        "label_name", s->label_name, "classes", texts_json(s->classes, s->num_classes));
}

static json_t *progress_json(const model *m) {
    char steps[32], fingerprint[32];
    snprintf(steps, sizeof steps, "%llu", (unsigned long long)m->progress.steps);
    snprintf(fingerprint, sizeof fingerprint, "%016llx", (unsigned long long)m->fingerprint);
    return json_pack("{s:I, s:s, s:f, s:I, s:o, s:o, s:I, s:s}", "epoch",
                     (json_int_t)m->progress.epoch, "steps", steps, "best_loss",
                     m->progress.best_loss, "best_epoch", (json_int_t)m->progress.best_epoch,
                     "data", text_or_null(m->data_path), "targets", text_or_null(m->targets_path),
                     "rows", (json_int_t)m->rows, "fingerprint", fingerprint);
}

/* Takes the JSON over and sets it as a text. */
static bool set_json(json_t *metadata, const char *key, json_t *json) {
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    const bool done = text && json_object_set_new(metadata, key, json_string(text)) == 0;
    free(text);
    json_decref(json);
    return done;
}

static json_t *metadata_of(const model *m) {
    json_t *all = json_pack("{s:s, s:s}", "format", MODEL_FORMAT, "clact", clact_version());
    if (all && set_json(all, "settings", train_settings_json(&m->settings)) &&
        set_json(all, "schema", schema_json(&m->schema)) &&
        set_json(all, "progress", progress_json(m)))
        return all;
    json_decref(all);
    return NULL;
}

/* ---- tensors ---- */

typedef struct tensor_list {
    safetensor tensors[MODEL_MOST_TENSORS];
    char names[MODEL_MOST_TENSORS][MODEL_NAME];
    size_t count;
} tensor_list;

static void add_tensor(tensor_list *list, const char *name, safetensor_type type, int ndim,
                       size_t rows, size_t cols, const void *data) {
    safetensor *t = &list->tensors[list->count];
    char *kept = list->names[list->count++];
    const size_t count = ndim == 0 ? 1 : ndim == 1 ? cols : rows * cols;
    snprintf(kept, MODEL_NAME, "%s", name);
    *t = (safetensor){.name = kept,
                      .type = type,
                      .ndim = ndim,
                      .data = data,
                      .bytes = count * safetensor_type_size(type)};
    if (ndim == 2) t->shape[0] = rows;
    if (ndim > 0) t->shape[ndim - 1] = cols;
}

static void add_layers(tensor_list *list, const model *m) {
    const float *at = m->parameters;
    for (size_t i = 0; i <= m->settings.num_layers; i++) {
        char name[MODEL_NAME];
        const model_shape shape = model_layer_shape(m, i);
        snprintf(name, sizeof name, "layers.%zu.weight", i);
        add_tensor(list, name, SAFETENSOR_F32, 2, shape.outputs, shape.inputs, at);
        at += shape.outputs * shape.inputs;
        snprintf(name, sizeof name, "layers.%zu.bias", i);
        add_tensor(list, name, SAFETENSOR_F32, 1, 0, shape.outputs, at);
        at += shape.outputs;
    }
}

static void add_training(tensor_list *list, const model *m) {
    static const char *const states[2] = {MODEL_FIRST_STATE, MODEL_SECOND_STATE};
    if (m->progress.epoch == 0) return;
    for (int k = 0; k < 2; k++)
        if (m->progress.states[k])
            add_tensor(list, states[k], SAFETENSOR_F32, 1, 0, m->num_parameters,
                       m->progress.states[k]);
    if (m->progress.best)
        add_tensor(list, MODEL_LAST_PARAMETERS, SAFETENSOR_F32, 1, 0, m->num_parameters,
                   m->progress.parameters);
}

bool model_save(const char *path, const model *m, char *message, size_t size) {
    tensor_list *list = calloc(1, sizeof *list);
    json_t *metadata = metadata_of(m);
    bool done = (list && metadata) || cli_fail(message, size, "out of memory");
    if (done) {
        add_layers(list, m);
        add_tensor(list, "input.mean", SAFETENSOR_F64, 1, 0, m->inputs.count, m->inputs.mean);
        add_tensor(list, "input.deviation", SAFETENSOR_F64, 1, 0, m->inputs.count,
                   m->inputs.deviation);
        if (m->schema.kind == LABEL_VALUE) {
            add_tensor(list, "label.mean", SAFETENSOR_F64, 0, 0, 1, &m->label.mean);
            add_tensor(list, "label.deviation", SAFETENSOR_F64, 0, 0, 1, &m->label.deviation);
        }
        add_training(list, m);
        done = safetensors_write(path, list->tensors, list->count, metadata, message, size);
    }
    json_decref(metadata);
    free(list);
    return done;
}

model_shape model_layer_shape(const model *m, size_t i) {
    const train_settings *s = &m->settings;
    return (model_shape){i == 0 ? m->schema.inputs : s->layers[i - 1].units,
                         i == s->num_layers ? m->outputs : s->layers[i].units};
}
