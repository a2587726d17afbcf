/* model_load.c: a model read back from its file, every part of it checked. */
#include "model_parts.h"

#include "cli_common.h"
#include "safetensors.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct loader {
    const char *path;
    safetensors file;
    model *m;
    char *message;
    size_t size;
} loader;

CLI_PRINTF(2, 3) static bool refuse(const loader *l, const char *format, ...) {
    char reason[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return cli_fail(l->message, l->size, "%s is no model that clact can use: %s", l->path, reason);
}

static json_t *parse_metadata(const loader *l, const char *key) {
    const char *text = safetensors_metadata(&l->file, key);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    if (!json_is_object(json)) {
        json_decref(json);
        refuse(l, "its metadata have no '%s', or it is damaged", key);
        return NULL;
    }
    return json;
}

/* ---- settings, schema, progress ---- */

static bool load_settings(const loader *l) {
    char reason[512] = "";
    json_t *json = parse_metadata(l, "settings");
    if (!json) return false;
    const bool done = train_settings_parse(json, &l->m->settings, reason, sizeof reason);
    json_decref(json);
    return done || refuse(l, "in its settings %s", reason);
}

/* The texts of an array; false where one is none, or memory is short. */
static bool load_texts(const json_t *array, char ***out) {
    const size_t count = json_array_size(array);
    const char **texts = malloc((count + 1) * sizeof *texts);
    bool whole = texts != NULL;
    for (size_t i = 0; whole && i < count; i++)
        whole = (texts[i] = json_string_value(json_array_get(array, i))) != NULL;
    *out = whole ? dataset_copy_names((char *const *)texts, count) : NULL;
    free(texts);
    return *out != NULL;
}

/* Counts are taken over only with the texts that they count. */
static bool take_schema(const json_t *json, model *m) {
    dataset_schema *s = &m->schema;
    const json_t *names = json_object_get(json, "input_names");
    const json_t *classes = json_object_get(json, "classes");
    const char *label = json_string_value(json_object_get(json, "label_name"));
    const json_int_t inputs = json_integer_value(json_object_get(json, "inputs"));
    const size_t num_classes = json_array_size(classes);
    s->kind = (label_kind)json_integer_value(json_object_get(json, "kind"));
    if (s->kind != train_label_kind(m->settings.loss) || !label || inputs < 1 ||
        inputs > 100000000 || !json_is_array(classes) || num_classes > 100000000 ||
        (json_is_array(names) && json_array_size(names) != (size_t)inputs))
        return false;
    if (s->kind == LABEL_VALUE    ? num_classes != 0
        : s->kind == LABEL_BINARY ? num_classes != 2
                                  : num_classes < 2)
        return false;
    s->label_name = strdup(label);
    if (!s->label_name || (num_classes > 0 && !load_texts(classes, &s->classes))) return false;
    s->num_classes = num_classes;
    s->inputs = (size_t)inputs;
    m->outputs = train_outputs(&m->settings, num_classes);
    return !json_is_array(names) || load_texts(names, &s->input_names);
}

static bool load_schema(const loader *l) {
    json_t *json = parse_metadata(l, "schema");
    if (!json) return false;
    const bool done = take_schema(json, l->m);
    json_decref(json);
    l->m->num_parameters =
        model_count_parameters(&l->m->settings, l->m->schema.inputs, l->m->outputs);
    return done || refuse(l, "its 'schema' does not fit its settings");
}

static char *copy_text(const json_t *json, const char *key) {
    const char *text = json_string_value(json_object_get(json, key));
    return text ? strdup(text) : NULL;
}

static size_t get_size(const json_t *json, const char *key) {
    const json_int_t value = json_integer_value(json_object_get(json, key));
    return value > 0 ? (size_t)value : 0;
}

static bool take_progress(const json_t *json, model *m) {
    train_progress *p = &m->progress;
    p->epoch = get_size(json, "epoch");
    p->best_epoch = get_size(json, "best_epoch");
    p->best_loss = json_number_value(json_object_get(json, "best_loss"));
    m->rows = get_size(json, "rows");
    m->data_path = copy_text(json, "data");
    m->targets_path = copy_text(json, "targets");
    return train_whole(json_string_value(json_object_get(json, "steps")), 10, &p->steps) &&
           train_whole(json_string_value(json_object_get(json, "fingerprint")), 16,
                       &m->fingerprint) &&
           p->best_epoch <= p->epoch &&
           (m->data_path || json_is_null(json_object_get(json, "data"))) &&
           (m->targets_path || json_is_null(json_object_get(json, "targets")));
}

static bool load_progress(const loader *l) {
    json_t *json = parse_metadata(l, "progress");
    if (!json) return false;
    const bool done = take_progress(json, l->m);
    json_decref(json);
    return done || refuse(l, "its 'progress' is damaged");
}

/* ---- tensors ---- */

/* Copies a tensor of this type and shape to `to`; false with a reason where there is none. */
static bool take_tensor(const loader *l, const char *name, safetensor_type type, int ndim,
                        size_t rows, size_t cols, void *to) {
    const safetensor *t = safetensors_find(&l->file, name);
    if (!t) return refuse(l, "it has no tensor '%s'", name);
    if (t->type != type || t->ndim != ndim || (ndim > 0 && t->shape[ndim - 1] != cols) ||
        (ndim == 2 && t->shape[0] != rows))
        return refuse(l, "its tensor '%s' has not the type and shape that its settings ask for",
                      name);
    if (t->bytes > 0) memcpy(to, t->data, t->bytes);
    return true;
}

static bool all_finite(const float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i])) return false;
    return true;
}

static bool load_layers(const loader *l) {
    model *m = l->m;
    m->parameters = malloc((m->num_parameters + 1) * sizeof *m->parameters);
    if (!m->parameters) return cli_fail(l->message, l->size, "out of memory");
    float *at = m->parameters;
    for (size_t i = 0; i <= m->settings.num_layers; i++) {
        char name[MODEL_NAME];
        const model_shape shape = model_layer_shape(m, i);
        snprintf(name, sizeof name, "layers.%zu.weight", i);
        if (!take_tensor(l, name, SAFETENSOR_F32, 2, shape.outputs, shape.inputs, at)) return false;
        at += shape.outputs * shape.inputs;
        snprintf(name, sizeof name, "layers.%zu.bias", i);
        if (!take_tensor(l, name, SAFETENSOR_F32, 1, 0, shape.outputs, at)) return false;
        at += shape.outputs;
    }
    return all_finite(m->parameters, m->num_parameters) ||
           refuse(l, "it has weights that are NaN or infinite");
}

static bool load_scaling(const loader *l) {
    model *m = l->m;
    const size_t n = m->schema.inputs;
    m->inputs = (input_scaling){calloc(n, sizeof(double)), calloc(n, sizeof(double)), n};
    m->label = (label_scaling){0.0, 1.0};
    if (!m->inputs.mean || !m->inputs.deviation)
        return cli_fail(l->message, l->size, "out of memory");
    if (!take_tensor(l, "input.mean", SAFETENSOR_F64, 1, 0, n, m->inputs.mean) ||
        !take_tensor(l, "input.deviation", SAFETENSOR_F64, 1, 0, n, m->inputs.deviation))
        return false;
    if (m->schema.kind == LABEL_VALUE &&
        (!take_tensor(l, "label.mean", SAFETENSOR_F64, 0, 0, 1, &m->label.mean) ||
         !take_tensor(l, "label.deviation", SAFETENSOR_F64, 0, 0, 1, &m->label.deviation)))
        return false;
    bool legal =
        isfinite(m->label.mean) && m->label.deviation > 0.0 && isfinite(m->label.deviation);
    for (size_t i = 0; i < n && legal; i++)
        legal = isfinite(m->inputs.mean[i]) && m->inputs.deviation[i] > 0.0 &&
                isfinite(m->inputs.deviation[i]);
    return legal || refuse(l, "a mean of its inputs is not finite, or a deviation not positive");
}

/* A vector of all parameters, in memory of its own */
static bool load_vector(const loader *l, const char *name, float **out) {
    const size_t n = l->m->num_parameters;
    *out = malloc((n + 1) * sizeof **out);
    if (!*out) return cli_fail(l->message, l->size, "out of memory");
    if (!take_tensor(l, name, SAFETENSOR_F32, 1, 0, n, *out)) return false;
    return all_finite(*out, n) || refuse(l, "its tensor '%s' has NaN or infinities", name);
}

static bool load_training(const loader *l) {
    static const char *const states[2] = {MODEL_FIRST_STATE, MODEL_SECOND_STATE};
    model *m = l->m;
    train_progress *p = &m->progress;
    const size_t bytes = m->num_parameters * sizeof *m->parameters;
    p->count = m->num_parameters;
    if (p->epoch == 0) return true;
    for (unsigned k = 0; k < clact_optimizer_states(m->settings.optimizer.kind); k++)
        if (!load_vector(l, states[k], &p->states[k])) return false;
    if (safetensors_find(&l->file, MODEL_LAST_PARAMETERS)) {
        p->best = malloc(bytes + 1);
        if (p->best) memcpy(p->best, m->parameters, bytes);
        return p->best ? load_vector(l, MODEL_LAST_PARAMETERS, &p->parameters)
                       : cli_fail(l->message, l->size, "out of memory");
    }
    p->parameters = malloc(bytes + 1);
    if (p->parameters) memcpy(p->parameters, m->parameters, bytes);
    return p->parameters || cli_fail(l->message, l->size, "out of memory");
}

bool model_load(const char *path, model *out, char *message, size_t size) {
    loader l = {.path = path, .m = out, .message = message, .size = size};
    *out = (model){0};
    if (!safetensors_read(path, &l.file, message, size)) return false;
    const char *format = safetensors_metadata(&l.file, "format");
    bool done = format && strcmp(format, MODEL_FORMAT) == 0;
    if (!done && format && strncmp(format, "clact-", 6) == 0)
        refuse(&l, "its format is %s, and this version of clact knows " MODEL_FORMAT, format);
    else if (!done)
        refuse(&l, "it was not written by `clact train -o`");
    done = done && load_settings(&l) && load_schema(&l) && load_progress(&l) && load_layers(&l) &&
           load_scaling(&l) && load_training(&l);
    safetensors_clear(&l.file);
    if (!done) model_clear(out);
    return done;
}
