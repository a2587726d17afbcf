/* safetensors.h: reads and writes .safetensors files: named tensors and a few texts about them.
 *
 * Format: https://github.com/huggingface/safetensors#format. The header is JSON, the data follows
 * without holes. A file is refused rather than guessed at; a message is one sentence that names the
 * file and what is wrong with it.
 */
#ifndef SAFETENSORS_H
#define SAFETENSORS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* X(name, bytes of an element) */
#define SAFETENSOR_TYPE_MAP(X)                                                                     \
    X(BOOL, 1)                                                                                     \
    X(U8, 1)                                                                                       \
    X(I8, 1)                                                                                       \
    X(F8_E5M2, 1)                                                                                  \
    X(F8_E4M3, 1)                                                                                  \
    X(U16, 2)                                                                                      \
    X(I16, 2)                                                                                      \
    X(F16, 2)                                                                                      \
    X(BF16, 2)                                                                                     \
    X(U32, 4)                                                                                      \
    X(I32, 4)                                                                                      \
    X(F32, 4)                                                                                      \
    X(U64, 8)                                                                                      \
    X(I64, 8)                                                                                      \
    X(F64, 8)

#define SAFETENSOR_VALUE(name, bytes) SAFETENSOR_##name,
typedef enum safetensor_type {
    SAFETENSOR_TYPE_MAP(SAFETENSOR_VALUE) SAFETENSOR_NUM_TYPES
} safetensor_type;

enum { SAFETENSOR_MAX_DIMS = 8 };

typedef struct safetensor {
    const char *name;
    safetensor_type type;
    int ndim; /* 0 for a single number */
    size_t shape[SAFETENSOR_MAX_DIMS];
    const void *data; /* C order, little-endian, aligned for its type */
    size_t bytes;     /* product of shape times the bytes of an element */
} safetensor;

/* A file in memory. */
typedef struct safetensors {
    size_t count;
    safetensor *tensors; /* in the order of their data */
    json_t *metadata;    /* object of strings; NULL: none */
    json_t *header;      /* holds the names and metadata */
    void *storage;       /* holds the data */
} safetensors;

/* "F32", and bytes of an element. */
const char *safetensor_type_name(safetensor_type type);
size_t safetensor_type_size(safetensor_type type);

/* Reads a whole file, whatever bytes it has. On failure *out is all zero. */
bool safetensors_read(const char *path, safetensors *out, char *message, size_t size);

/* Writes a file whole or not at all (file_write.h), the same bytes for the same tensors in whatever
 * order they come. metadata is an object of strings, or NULL. Names are unique UTF-8 other than
 * "__metadata__"; each bytes is what type and shape give. */
bool safetensors_write(const char *path, const safetensor *tensors, size_t count,
                       const json_t *metadata, char *message, size_t size);

/* NULL where there is none of that name. */
const safetensor *safetensors_find(const safetensors *file, const char *name);
const char *safetensors_metadata(const safetensors *file, const char *key);

/* Frees everything and makes it all zero. */
void safetensors_clear(safetensors *file);

#endif
