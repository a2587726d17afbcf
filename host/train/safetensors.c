/* safetensors.c: reader of .safetensors files, safe on any bytes; see safetensors.h. */
#include "safetensors.h"

#include "cli_common.h"
#include "file_read.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "safetensors.c copies little-endian data as it is; a big-endian host has to swap bytes here"
#endif

enum { LENGTH_BYTES = 8, MAX_HEADER = 100000000, UNIT = 16 /* of memory for one tensor */ };

#define TYPE_NAME(name, bytes) #name,
#define TYPE_SIZE(name, bytes) bytes,
static const char *const type_names[] = {SAFETENSOR_TYPE_MAP(TYPE_NAME)};
static const unsigned char type_sizes[] = {SAFETENSOR_TYPE_MAP(TYPE_SIZE)};

const char *safetensor_type_name(safetensor_type type) {
    return type_names[type];
}

size_t safetensor_type_size(safetensor_type type) {
    return type_sizes[type];
}

/* The file at hand and where to say what is wrong with it. */
typedef struct reader {
    const char *path;
    char *message;
    size_t size;
    const unsigned char *bytes; /* after the header */
    size_t length;
} reader;

static bool refuse(const reader *r, const char *format, ...) CLI_PRINTF(2, 3);
static bool refuse(const reader *r, const char *format, ...) {
    va_list arguments;
    int used = snprintf(r->message, r->size, "%s cannot be read: ", r->path);
    if (used < 0 || (size_t)used >= r->size) return false;
    va_start(arguments, format);
    vsnprintf(r->message + used, r->size - (size_t)used, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- One tensor ------------------------------------------------------------------------------ */

static bool read_type(const reader *r, const json_t *value, safetensor *t) {
    const char *name = json_string_value(value);
    if (!name) return refuse(r, "tensor '%s' has no dtype", t->name);
    for (int i = 0; i < SAFETENSOR_NUM_TYPES; i++) {
        t->type = (safetensor_type)i;
        if (strcmp(name, type_names[i]) == 0) return true;
    }
    return refuse(r, "tensor '%s' has the dtype '%s', which clact does not know", t->name, name);
}

/* False where the value is no whole number from 0 on that memory could count to. */
static bool read_size(const json_t *value, size_t *out) {
    const json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || (uint64_t)number > SIZE_MAX / 2) return false;
    *out = (size_t)number;
    return true;
}

/* A zero elsewhere does not excuse extents whose product is too large. */
static bool read_shape(const reader *r, const json_t *value, safetensor *t) {
    size_t product = type_sizes[t->type];
    bool is_empty = false;
    if (!json_is_array(value)) return refuse(r, "tensor '%s' has no shape", t->name);
    if (json_array_size(value) > SAFETENSOR_MAX_DIMS)
        return refuse(r, "tensor '%s' has %zu dimensions, and clact reads up to %d", t->name,
                      json_array_size(value), (int)SAFETENSOR_MAX_DIMS);
    t->ndim = (int)json_array_size(value);
    for (int i = 0; i < t->ndim; i++) {
        if (!read_size(json_array_get(value, (size_t)i), &t->shape[i]))
            return refuse(r, "the shape of tensor '%s' is not made of whole numbers", t->name);
        if (t->shape[i] == 0)
            is_empty = true;
        else if (product > SIZE_MAX / 2 / t->shape[i])
            return refuse(r, "tensor '%s' claims a shape with more elements than memory can hold",
                          t->name);
        else
            product *= t->shape[i];
    }
    t->bytes = is_empty ? 0 : product;
    return true;
}

static bool read_place(const reader *r, const json_t *value, safetensor *t) {
    size_t begin = 0, end = 0;
    if (!json_is_array(value) || json_array_size(value) != 2 ||
        !read_size(json_array_get(value, 0), &begin) || !read_size(json_array_get(value, 1), &end))
        return refuse(r, "tensor '%s' has no data_offsets of two whole numbers", t->name);
    if (begin > end || end > r->length)
        return refuse(r,
                      "tensor '%s' claims bytes %zu to %zu of %zu bytes of data; the file is cut "
                      "off or damaged",
                      t->name, begin, end, r->length);
    if (end - begin != t->bytes)
        return refuse(r, "tensor '%s' claims %zu bytes, and its shape gives %zu", t->name,
                      end - begin, t->bytes);
    t->data = r->bytes + begin;
    return true;
}

static bool read_tensor(const reader *r, const json_t *entry, safetensor *t) {
    if (!json_is_object(entry) || json_object_size(entry) > 3)
        return refuse(r, "'%s' in its header is not a dtype, shape and data_offsets", t->name);
    return read_type(r, json_object_get(entry, "dtype"), t) &&
           read_shape(r, json_object_get(entry, "shape"), t) &&
           read_place(r, json_object_get(entry, "data_offsets"), t);
}

/* ---- All of them ----------------------------------------------------------------------------- */

static bool check_metadata(const reader *r, json_t *metadata) {
    const char *key;
    json_t *value;
    if (!json_is_object(metadata)) return refuse(r, "its __metadata__ is not an object");
    json_object_foreach(metadata, key, value) if (!json_is_string(value)) return refuse(
        r, "its __metadata__ '%s' is not a string", key);
    return true;
}

/* By place; those without bytes before the one that begins there. */
static int in_order(const void *a, const void *b) {
    const safetensor *s = a, *t = b;
    if (s->data != t->data) return (const char *)s->data < (const char *)t->data ? -1 : 1;
    if (s->bytes != t->bytes) return s->bytes < t->bytes ? -1 : 1;
    return strcmp(s->name, t->name);
}

static bool check_places(const reader *r, const safetensors *file) {
    const unsigned char *end = r->bytes;
    for (size_t i = 0; i < file->count; i++) {
        const safetensor *t = &file->tensors[i];
        const unsigned char *data = t->data;
        if (data < end)
            return refuse(r, "tensors '%s' and '%s' overlap", file->tensors[i - 1].name, t->name);
        if (data > end)
            return refuse(r, "%zu bytes before tensor '%s' belong to none", (size_t)(data - end),
                          t->name);
        end = data + t->bytes;
    }
    if (end == r->bytes + r->length) return true;
    return refuse(r, "%zu bytes after the last tensor belong to none",
                  (size_t)(r->bytes + r->length - end));
}

static bool read_entries(const reader *r, safetensors *file) {
    const char *key;
    json_t *value;
    file->tensors = calloc(json_object_size(file->header) + 1, sizeof *file->tensors);
    if (!file->tensors) return refuse(r, "there is not enough memory");
    json_object_foreach(file->header, key, value) {
        if (strcmp(key, "__metadata__") == 0) {
            if (!check_metadata(r, value)) return false;
            file->metadata = value;
            continue;
        }
        safetensor *t = &file->tensors[file->count++];
        t->name = key;
        if (!read_tensor(r, value, t)) return false;
    }
    qsort(file->tensors, file->count, sizeof *file->tensors, in_order);
    return check_places(r, file);
}

/* What others have written need not be aligned; then every tensor gets a place of its own. */
static bool align(const reader *r, safetensors *file) {
    size_t room = 1;
    bool is_aligned = true;
    for (size_t i = 0; i < file->count; i++) {
        const safetensor *t = &file->tensors[i];
        is_aligned = is_aligned && (uintptr_t)t->data % type_sizes[t->type] == 0;
        room += t->bytes + UNIT;
    }
    if (is_aligned) return true;
    char *place = malloc(room);
    if (!place) return refuse(r, "there is not enough memory for its %zu bytes", r->length);
    void *const storage = place;
    for (size_t i = 0; i < file->count; i++) {
        safetensor *t = &file->tensors[i];
        if (t->bytes) memcpy(place, t->data, t->bytes);
        t->data = place;
        place += (t->bytes + UNIT - 1) / UNIT * UNIT;
    }
    free(file->storage);
    file->storage = storage;
    return true;
}

/* ---- The file -------------------------------------------------------------------------------- */

static bool read_bytes(reader *r, const unsigned char *bytes, size_t length, safetensors *file) {
    json_error_t error;
    uint64_t header = 0;
    if (length < LENGTH_BYTES + 2)
        return refuse(r, "its %zu bytes are too few for a safetensors file", length);
    for (int i = LENGTH_BYTES; i-- > 0;)
        header = header << 8 | bytes[i];
    const char *const text = (const char *)bytes + LENGTH_BYTES;
    if (header > MAX_HEADER || header > length - LENGTH_BYTES || header < 2)
        return refuse(r,
                      "it claims a header of %llu bytes in a file of %zu; it is cut off, or no "
                      "safetensors file",
                      (unsigned long long)header, length);
    if (text[0] != '{') return refuse(r, "its header does not begin with '{'");
    file->header = json_loadb(text, (size_t)header, JSON_REJECT_DUPLICATES, &error);
    if (!file->header) return refuse(r, "its header is not JSON: %s", error.text);
    r->bytes = bytes + LENGTH_BYTES + header;
    r->length = length - LENGTH_BYTES - (size_t)header;
    return read_entries(r, file) && align(r, file);
}

bool safetensors_read(const char *path, safetensors *out, char *message, size_t size) {
    reader r = {.path = path, .message = message, .size = size};
    size_t length = 0;
    *out = (safetensors){0};
    errno = 0;
    FILE *stream = fopen(path, "rb");
    out->storage = stream ? file_read_all(stream, &length) : NULL;
    const int error = errno;
    if (stream) fclose(stream);
    if (!out->storage) return refuse(&r, "%s", strerror(error));
    if (read_bytes(&r, out->storage, length, out)) return true;
    safetensors_clear(out);
    return false;
}

const safetensor *safetensors_find(const safetensors *file, const char *name) {
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0) return &file->tensors[i];
    return NULL;
}

const char *safetensors_metadata(const safetensors *file, const char *key) {
    return json_string_value(json_object_get(file->metadata, key));
}

void safetensors_clear(safetensors *file) {
    free(file->tensors);
    free(file->storage);
    json_decref(file->header);
    *file = (safetensors){0};
}
