/* idx.c: reader of IDX files, safe on any bytes; see idx.h. */
#include "idx.h"

#include "cli_common.h"
#include "file_read.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

enum { MAGIC_BYTES = 4, EXTENT_BYTES = 4 };

/* The type by the third byte of a file. */
static bool set_type(unsigned char code, numbers *array) {
    static const struct {
        unsigned char code;
        number_kind kind;
        size_t size;
    } types[] = {{0x08, NUMBER_UNSIGNED, 1}, {0x09, NUMBER_SIGNED, 1}, {0x0b, NUMBER_SIGNED, 2},
                 {0x0c, NUMBER_SIGNED, 4},   {0x0d, NUMBER_FLOAT, 4},  {0x0e, NUMBER_FLOAT, 8}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i].code != code) continue;
        array->kind = types[i].kind;
        array->size = types[i].size;
        array->is_big_endian = true;
        return true;
    }
    return false;
}

static bool read_header(FILE *stream, const char *path, numbers *array, char *message,
                        size_t size) {
    unsigned char bytes[EXTENT_BYTES] = {0};
    const size_t got = fread(bytes, 1, MAGIC_BYTES, stream);
    if (ferror(stream)) return cli_fail(message, size, "cannot read %s: %s", path, strerror(errno));
    if (got < MAGIC_BYTES || bytes[0] != 0 || bytes[1] != 0 || !set_type(bytes[2], array))
        return cli_fail(message, size,
                        "%s is no IDX file, which would begin with two zero bytes and a type, nor "
                        "is it text or .npy",
                        path);
    if (bytes[3] == 0 || bytes[3] > NUMBERS_MAX_DIMS)
        return cli_fail(message, size, "%s has %u dimensions, and clact reads 1 to %d", path,
                        (unsigned)bytes[3], (int)NUMBERS_MAX_DIMS);
    array->ndim = bytes[3];
    for (int i = 0; i < array->ndim; i++) {
        if (fread(bytes, 1, EXTENT_BYTES, stream) < EXTENT_BYTES)
            return cli_fail(message, size, "%s ends inside its header; the file is cut off", path);
        array->shape[i] = (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 |
                          (size_t)bytes[3];
    }
    if (numbers_count(array)) return true;
    return cli_fail(message, size,
                    "%s claims a shape with more elements than memory can hold; the file is "
                    "damaged",
                    path);
}

bool idx_read(FILE *stream, const char *path, numbers *out, char *message, size_t size) {
    char shape[NUMBERS_SHAPE_SIZE];
    *out = (numbers){0};
    if (!read_header(stream, path, out, message, size)) {
        numbers_clear(out);
        return false;
    }
    const size_t bytes = out->count * out->size;
    const uint64_t at = MAGIC_BYTES + EXTENT_BYTES * (uint64_t)out->ndim;
    const file_end end = file_read_rest(stream, at, bytes, &out->data);
    const int error = errno;
    if (end == FILE_END_HERE) return true;
    numbers_shape_text(out->ndim, out->shape, shape);
    numbers_clear(out);
    if (end == FILE_NO_MEMORY)
        return cli_fail(message, size,
                        "%s has %zu bytes of data, for which there is not enough "
                        "memory",
                        path, bytes);
    if (end == FILE_READ_FAILED)
        return cli_fail(message, size, "cannot read %s: %s", path, strerror(error));
    return cli_fail(message, size,
                    "%s has %s data than its header says: shape %s needs %zu bytes; "
                    "the file is %s",
                    path, end == FILE_END_EARLY ? "fewer" : "more", shape, bytes,
                    end == FILE_END_EARLY ? "cut off" : "damaged");
}
