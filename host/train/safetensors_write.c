/* safetensors_write.c: writer of .safetensors files; see safetensors.h. */
#include "safetensors.h"

#include "cli_common.h"
#include "file_write.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 8, HEADER_UNIT = 8, MAX_HEADER = 100000000 };

/* What is written, and where to say why not. */
typedef struct writer {
    const char *path;
    char *message;
    size_t size;
    const safetensor **order;
    size_t count;
    json_t *header;
    char *text; /* the header's length and the header */
    size_t text_length;
} writer;

/* Wide elements first: with a header of a multiple of 8 bytes, each is aligned without holes. */
static int in_order(const void *a, const void *b) {
    const safetensor *s = *(const safetensor *const *)a, *t = *(const safetensor *const *)b;
    const size_t of_s = safetensor_type_size(s->type), of_t = safetensor_type_size(t->type);
    if (of_s != of_t) return of_s > of_t ? -1 : 1;
    return strcmp(s->name, t->name);
}

static bool check(const writer *w, const safetensor *t) {
    if (t->ndim < 0 || t->ndim > SAFETENSOR_MAX_DIMS || (unsigned)t->type >= SAFETENSOR_NUM_TYPES)
        return cli_fail(w->message, w->size, "%s cannot hold tensor '%s' of that type or shape",
                        w->path, t->name);
    size_t bytes = safetensor_type_size(t->type);
    for (int i = 0; i < t->ndim && bytes > 0; i++) {
        if (t->shape[i] > SIZE_MAX / 2 / bytes)
            return cli_fail(w->message, w->size, "%s cannot hold as many elements as tensor '%s'",
                            w->path, t->name);
        bytes *= t->shape[i];
    }
    if (bytes != t->bytes)
        return cli_fail(w->message, w->size,
                        "%s cannot hold tensor '%s': its shape gives %zu bytes, and it has %zu",
                        w->path, t->name, bytes, t->bytes);
    if (strcmp(t->name, "__metadata__") == 0 || json_object_get(w->header, t->name))
        return cli_fail(w->message, w->size, "%s cannot hold another tensor of the name '%s'",
                        w->path, t->name);
    return true;
}

static bool no_memory(const writer *w) {
    return cli_fail(w->message, w->size, "%s cannot be written: not enough memory", w->path);
}

static bool add_metadata(const writer *w, const json_t *metadata) {
    const char *key;
    json_t *value, *copy = json_deep_copy(metadata);
    if (!copy) return no_memory(w);
    if (json_object_set_new(w->header, "__metadata__", copy) != 0) return no_memory(w);
    if (!json_is_object(copy))
        return cli_fail(w->message, w->size, "%s cannot hold metadata that is no object", w->path);
    json_object_foreach(copy, key, value) if (!json_is_string(value)) return cli_fail(
        w->message, w->size, "%s cannot hold metadata '%s', which is no text", w->path, key);
    return true;
}

static bool add_tensor(const writer *w, const safetensor *t, size_t begin) {
    json_t *shape = json_array();
    bool is_whole = shape != NULL;
    for (int i = 0; i < t->ndim && is_whole; i++)
        is_whole = json_array_append_new(shape, json_integer((json_int_t)t->shape[i])) == 0;
    if (!is_whole) {
        json_decref(shape);
        return no_memory(w);
    }
    json_t *entry =
        json_pack("{s:s, s:o, s:[I, I]}", "dtype", safetensor_type_name(t->type), "shape", shape,
                  "data_offsets", (json_int_t)begin, (json_int_t)(begin + t->bytes));
    if (entry && json_object_set_new(w->header, t->name, entry) == 0) return true;
    return cli_fail(w->message, w->size,
                    "%s cannot hold tensor '%s': not enough memory, or its name is not UTF-8",
                    w->path, t->name);
}

static bool make_header(writer *w, const json_t *metadata) {
    size_t begin = 0;
    w->header = json_object();
    if (!w->header) return no_memory(w);
    if (metadata && !add_metadata(w, metadata)) return false;
    for (size_t i = 0; i < w->count; i++) {
        if (!check(w, w->order[i]) || !add_tensor(w, w->order[i], begin)) return false;
        begin += w->order[i]->bytes;
    }
    return true;
}

/* Blanks after the header make it a multiple of 8 bytes. */
static bool make_text(writer *w) {
    const size_t length = json_dumpb(w->header, NULL, 0, JSON_COMPACT);
    const size_t padded = (length + HEADER_UNIT - 1) / HEADER_UNIT * HEADER_UNIT;
    if (length == 0) return no_memory(w);
    if (padded > MAX_HEADER)
        return cli_fail(w->message, w->size, "%s cannot hold a header of %zu bytes", w->path,
                        padded);
    w->text = malloc(LENGTH_BYTES + padded);
    if (!w->text) return no_memory(w);
    for (int i = 0; i < LENGTH_BYTES; i++)
        w->text[i] = (char)((uint64_t)padded >> 8 * i & 0xff);
    memset(w->text + LENGTH_BYTES, ' ', padded);
    json_dumpb(w->header, w->text + LENGTH_BYTES, length, JSON_COMPACT);
    w->text_length = LENGTH_BYTES + padded;
    return true;
}

static bool write_parts(const writer *w) {
    file_part *parts = calloc(w->count + 1, sizeof *parts);
    if (!parts) return no_memory(w);
    parts[0] = (file_part){w->text, w->text_length};
    for (size_t i = 0; i < w->count; i++)
        parts[1 + i] = (file_part){w->order[i]->data, w->order[i]->bytes};
    const bool is_written = file_write(w->path, parts, w->count + 1, w->message, w->size);
    free(parts);
    return is_written;
}

bool safetensors_write(const char *path, const safetensor *tensors, size_t count,
                       const json_t *metadata, char *message, size_t size) {
    writer w = {.path = path, .message = message, .size = size, .count = count};
    w.order = calloc(count + 1, sizeof *w.order);
    for (size_t i = 0; i < count && w.order; i++)
        w.order[i] = &tensors[i];
    if (w.order) qsort(w.order, count, sizeof *w.order, in_order);
    const bool is_written =
        w.order ? make_header(&w, metadata) && make_text(&w) && write_parts(&w) : no_memory(&w);
    free(w.order);
    free(w.text);
    json_decref(w.header);
    return is_written;
}
