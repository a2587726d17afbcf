/* npy_header.c: the header of a .npy file; see npy_header.h. */
#include "npy_header.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char magic[6] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};

enum { MAX_HEADER = 1 << 20 };

bool npy_refuse(const npy_file *file, const char *format, ...) {
    va_list arguments;
    int used = snprintf(file->message, file->size, "%s ", file->path);
    if (used < 0 || (size_t)used >= file->size) return false;
    va_start(arguments, format);
    vsnprintf(file->message + used, file->size - (size_t)used, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- The header: a Python dict literal with exactly three keys ------------------------------- */

typedef struct cursor {
    const char *at, *end;
} cursor;

static void skip_blanks(cursor *c) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
        c->at++;
}

static bool take(cursor *c, char wanted) {
    skip_blanks(c);
    if (c->at == c->end || *c->at != wanted) return false;
    c->at++;
    return true;
}

static bool take_word(cursor *c, const char *word) {
    size_t length = strlen(word);
    skip_blanks(c);
    if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0) return false;
    c->at += length;
    return true;
}

/* A quoted string of printable ASCII without escapes, cut to size; all that descr needs. */
static bool take_string(cursor *c, char *text, size_t size) {
    size_t used = 0;
    skip_blanks(c);
    if (c->at == c->end || (*c->at != '\'' && *c->at != '"')) return false;
    char quote = *c->at++;
    for (; c->at < c->end && *c->at != quote; c->at++) {
        if (*c->at < ' ' || *c->at > '~' || *c->at == '\\') return false;
        if (used + 1 < size) text[used++] = *c->at;
    }
    text[used] = '\0';
    return take(c, quote);
}

/* One dimension. Python 2 wrote a long as 3L. */
static bool take_size(cursor *c, size_t *value, bool *overflow) {
    skip_blanks(c);
    const char *start = c->at;
    *value = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        size_t digit = (size_t)(*c->at - '0');
        if (*value > (SIZE_MAX / 2 - digit) / 10)
            *overflow = true;
        else
            *value = *value * 10 + digit;
    }
    if (c->at == start) return false;
    if (c->at < c->end && *c->at == 'L') c->at++;
    return true;
}

static bool take_shape(cursor *c, npy_header *header) {
    numbers *array = &header->array;
    bool comma = true;
    if (!take(c, '(')) return false;
    while (!take(c, ')')) {
        size_t extent = 0;
        if (!comma || !take_size(c, &extent, &header->overflow)) return false;
        comma = take(c, ',');
        if (array->ndim == NUMBERS_MAX_DIMS) {
            header->too_many_dims = true;
            array->ndim--;
        }
        array->shape[array->ndim++] = extent;
    }
    return array->ndim != 1 || comma; /* (3) is a number, not a tuple */
}

static bool take_value(cursor *c, const char *key, npy_header *header) {
    bool *seen = NULL, is_good = false;
    if (strcmp(key, "descr") == 0) {
        seen = &header->has_descr;
        skip_blanks(c);
        header->structured = c->at < c->end && (*c->at == '[' || *c->at == '(');
        is_good = !header->structured && take_string(c, header->descr, sizeof header->descr);
    } else if (strcmp(key, "fortran_order") == 0) {
        seen = &header->has_order;
        header->fortran = take_word(c, "True");
        is_good = header->fortran || take_word(c, "False");
    } else if (strcmp(key, "shape") == 0) {
        seen = &header->has_shape;
        is_good = take_shape(c, header);
    }
    if (!is_good || *seen) return false;
    *seen = true;
    return true;
}

/* False where the text is no header; then structured may still say why. */
static bool parse_header(const char *text, size_t length, npy_header *header) {
    cursor c = {text, text + length};
    bool comma = true;
    if (!take(&c, '{')) return false;
    while (!take(&c, '}')) {
        char key[16];
        if (!comma || !take_string(&c, key, sizeof key) || !take(&c, ':') ||
            !take_value(&c, key, header))
            return false;
        comma = take(&c, ',');
    }
    skip_blanks(&c);
    return c.at == c.end && header->has_descr && header->has_order && header->has_shape;
}

/* ---- Where it stands in the file ------------------------------------------------------------- */

static bool header_ends_early(const npy_file *file) {
    return npy_refuse(file,
                      "ends inside its header; the file is cut off, save the array again with "
                      "np.save");
}

/* Magic, version and length of the header, which starts at *start. */
static bool read_preamble(const npy_file *file, FILE *stream, size_t *start, size_t *length) {
    unsigned char bytes[12];
    size_t got = fread(bytes, 1, 10, stream);
    if (ferror(stream)) return npy_refuse(file, "cannot be read: %s", strerror(errno));
    if (got == 0)
        return npy_refuse(file, "is empty; write it with np.save(file, a.astype(np.float32))");
    if (memcmp(bytes, magic, got < sizeof magic ? got : sizeof magic) != 0)
        return npy_refuse(file, "is not a .npy file; write it with np.save(file, "
                                "a.astype(np.float32))");
    if (got < 10) return header_ends_early(file);
    if (bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0)
        return npy_refuse(file,
                          "has .npy format version %u.%u, and clact knows 1.0, 2.0 and 3.0; "
                          "save the array again with np.save",
                          (unsigned)bytes[6], (unsigned)bytes[7]);
    *start = 10;
    *length = bytes[8] | (size_t)bytes[9] << 8;
    if (bytes[6] > 1) {
        if (fread(bytes + 10, 1, 2, stream) < 2) return header_ends_early(file);
        *start = 12;
        *length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    }
    if (*length > MAX_HEADER)
        return npy_refuse(file,
                          "claims a header of %zu bytes; the file is damaged, save the array "
                          "again with np.save",
                          *length);
    return true;
}

bool npy_header_read(const npy_file *file, FILE *stream, npy_header *header, size_t *data_at) {
    size_t length = 0;
    if (!read_preamble(file, stream, data_at, &length)) return false;
    char *text = malloc(length + 1);
    if (!text) return npy_refuse(file, "has a header for which there is not enough memory");
    bool is_whole = fread(text, 1, length, stream) == length;
    bool is_parsed = is_whole && parse_header(text, length, header);
    free(text);
    if (!is_whole) return header_ends_early(file);
    if (!is_parsed && header->structured)
        return npy_refuse(file,
                          "holds a structured dtype, and clact reads %s; save one field: "
                          "np.save(file, a['field'].astype(np.float32))",
                          file->reads);
    if (!is_parsed)
        return npy_refuse(
            file, "has a header that cannot be understood; the file is damaged, save the array "
                  "again with np.save");
    *data_at += length;
    return true;
}
