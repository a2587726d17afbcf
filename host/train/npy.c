/* npy.c: reader of .npy files, safe on any bytes; see npy.h. */
#include "npy.h"

#include "cli_common.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "npy.c copies little-endian data as it is; a big-endian host has to swap bytes here"
#endif

static const char magic[6] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};

/* For messages. */
#define READ_TYPES "clact reads float16, float32 and float64"

enum { MAX_HEADER = 1 << 20, MAX_DESCR = 48 };

/* The file at hand and where to say what is wrong with it. */
typedef struct npy_file {
    const char *path;
    char *message;
    size_t size;
} npy_file;

static bool refuse(const npy_file *file, const char *format, ...) {
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

typedef struct npy_header {
    char descr[MAX_DESCR];
    bool has_descr, has_order, has_shape;
    bool structured, fortran, too_many_dims, overflow;
    npy_array array; /* no data */
} npy_header;

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
    npy_array *array = &header->array;
    bool comma = true;
    if (!take(c, '(')) return false;
    while (!take(c, ')')) {
        size_t extent = 0;
        if (!comma || !take_size(c, &extent, &header->overflow)) return false;
        comma = take(c, ',');
        if (array->ndim == NPY_MAX_DIMS) {
            header->too_many_dims = true;
            array->ndim--;
        }
        array->shape[array->ndim++] = extent;
    }
    return array->ndim != 1 || comma; /* (3) is a number, not a tuple */
}

/* As NumPy does it, a zero elsewhere does not excuse extents whose product is too large. */
static void count_elements(npy_header *header) {
    npy_array *array = &header->array;
    size_t product = 1;
    bool empty = false;
    for (int i = 0; i < array->ndim; i++) {
        if (array->shape[i] == 0)
            empty = true;
        else if (product > SIZE_MAX / 2 / clact_dtype_size(array->dtype) / array->shape[i])
            header->overflow = true;
        else
            product *= array->shape[i];
    }
    array->count = empty ? 0 : product;
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

/* "float64" for "<f8"; false for types without such a name. */
static bool dtype_name(const char *descr, char *text, size_t size) {
    static const struct {
        char letter;
        const char *name;
    } kinds[] = {{'f', "float"}, {'i', "int"}, {'u', "uint"}, {'c', "complex"}};
    const char *digits = descr + 2;
    if (strlen(descr) < 3 || !strchr("<>|=", descr[0]) || strlen(digits) > 2 ||
        strspn(digits, "0123456789") != strlen(digits))
        return false;
    unsigned bytes = (unsigned)strtoul(digits, NULL, 10);
    if (bytes == 0 || (bytes & (bytes - 1)) != 0) return false;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (descr[1] == kinds[i].letter)
            return snprintf(text, size, "%s%u", kinds[i].name, 8 * bytes) > 0;
    if (strcmp(descr + 1, "b1") == 0) return snprintf(text, size, "bool") > 0;
    return false;
}

/* The type of the elements; a type is known by its descr but for the byte order before it. */
static bool check_descr(const npy_file *file, npy_header *header) {
    char name[MAX_DESCR] = "";
    const char *descr = header->descr;
    const bool is_named = dtype_name(descr, name, sizeof name);
    for (int i = 0; i < CLI_NUM_DTYPES; i++) {
        const char *known = npy_descr(cli_dtypes[i]);
        header->array.dtype = cli_dtypes[i];
        if (known && strcmp(descr, known) == 0) return true;
        if (known && descr[0] == '>' && strcmp(descr + 1, known + 1) == 0)
            return refuse(file,
                          "holds big-endian %s ('%s'), and clact reads little-endian; convert it: "
                          "np.save(file, a.astype('%s'))",
                          name, descr, known);
    }
    return refuse(file,
                  "holds %s%s%s'%s'%s, and " READ_TYPES "; convert it: "
                  "np.save(file, a.astype(np.float32))",
                  descr[0] == '>' ? "big-endian " : "", is_named ? name : "dtype ",
                  is_named ? " (" : "", descr, is_named ? ")" : "");
}

static bool check_header(const npy_file *file, npy_header *header) {
    if (!check_descr(file, header)) return false;
    count_elements(header);
    if (header->too_many_dims)
        return refuse(file, "has more than %d dimensions; reshape it", (int)NPY_MAX_DIMS);
    if (header->overflow)
        return refuse(
            file, "claims a shape with more elements than memory can hold; the file is damaged, "
                  "save the array again with np.save");
    if (header->fortran && header->array.ndim > 1)
        return refuse(file, "holds a Fortran-order array, and clact reads C order; convert it: "
                            "np.save(file, np.ascontiguousarray(a))");
    return true;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static bool read_failed(const npy_file *file) {
    return refuse(file, "cannot be read: %s", strerror(errno));
}

static bool header_ends_early(const npy_file *file) {
    return refuse(file, "ends inside its header; the file is cut off, save the array again with "
                        "np.save");
}

/* Magic, version and length of the header, which starts at *start. */
static bool read_preamble(const npy_file *file, FILE *stream, size_t *start, size_t *length) {
    unsigned char bytes[12];
    size_t got = fread(bytes, 1, 10, stream);
    if (ferror(stream)) return read_failed(file);
    if (got == 0)
        return refuse(file, "is empty; write it with np.save(file, a.astype(np.float32))");
    if (memcmp(bytes, magic, got < sizeof magic ? got : sizeof magic) != 0)
        return refuse(file, "is not a .npy file; write it with np.save(file, "
                            "a.astype(np.float32))");
    if (got < 10) return header_ends_early(file);
    if (bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0)
        return refuse(file,
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
        return refuse(file,
                      "claims a header of %zu bytes; the file is damaged, save the array "
                      "again with np.save",
                      *length);
    return true;
}

static bool read_header(const npy_file *file, FILE *stream, npy_header *header, size_t *data_at) {
    size_t length = 0;
    if (!read_preamble(file, stream, data_at, &length)) return false;
    char *text = malloc(length + 1);
    if (!text) return refuse(file, "has a header for which there is not enough memory");
    bool is_whole = fread(text, 1, length, stream) == length;
    bool is_parsed = is_whole && parse_header(text, length, header);
    free(text);
    if (!is_whole) return header_ends_early(file);
    if (!is_parsed && header->structured)
        return refuse(file, "holds a structured dtype, and " READ_TYPES "; save one field: "
                            "np.save(file, a['field'].astype(np.float32))");
    if (!is_parsed)
        return refuse(file,
                      "has a header that cannot be understood; the file is damaged, save the array "
                      "again with np.save");
    *data_at += length;
    return check_header(file, header);
}

static bool wrong_length(const npy_file *file, const npy_array *array, bool is_larger) {
    char shape[NPY_SHAPE_SIZE];
    npy_shape_text(array, shape);
    if (is_larger)
        return refuse(file,
                      "is larger than its header says: shape %s needs %zu bytes of data; "
                      "save one array to a file",
                      shape, npy_bytes(array));
    return refuse(file,
                  "has fewer data than its header says: shape %s needs %zu bytes; the file "
                  "is cut off, save the array again with np.save",
                  shape, npy_bytes(array));
}

/* Where the length of the file is not known beforehand, memory grows with what has arrived, so
 * that a header alone cannot ask for all of it. */
static bool read_data(const npy_file *file, FILE *stream, bool is_length_known, npy_array *array) {
    size_t wanted = npy_bytes(array), got = 0, room = wanted > 0 ? wanted : 1;
    if (!is_length_known && room > MAX_HEADER) room = MAX_HEADER;
    for (;;) {
        void *grown = realloc(array->data, room);
        if (!grown)
            return refuse(file, "has %zu bytes of data, for which there is not enough memory",
                          wanted);
        array->data = grown;
        size_t aim = wanted < room ? wanted : room;
        got += fread((char *)array->data + got, 1, aim - got, stream);
        if (ferror(stream)) return read_failed(file);
        if (got < aim) return wrong_length(file, array, false);
        if (got == wanted) break;
        room = room < wanted / 2 ? 2 * room : wanted;
    }
    if (getc(stream) != EOF) return wrong_length(file, array, true);
    return ferror(stream) ? read_failed(file) : true;
}

static bool read_stream(const npy_file *file, FILE *stream, npy_array *out) {
    struct stat about;
    npy_header header = {0};
    size_t data_at = 0;
    if (fstat(fileno(stream), &about) != 0) return read_failed(file);
    if (S_ISDIR(about.st_mode)) return refuse(file, "is a directory, not a .npy file");
    if (!read_header(file, stream, &header, &data_at)) return false;
    *out = header.array;
    if (S_ISREG(about.st_mode)) {
        uint64_t length = (uint64_t)about.st_size;
        uint64_t needed = (uint64_t)data_at + npy_bytes(out);
        if (length != needed) return wrong_length(file, out, length > needed);
    }
    return read_data(file, stream, S_ISREG(about.st_mode), out);
}

bool npy_read(const char *path, npy_array *out, char *message, size_t size) {
    npy_file file = {path, message, size};
    *out = (npy_array){0};
    FILE *stream = fopen(path, "rb");
    if (!stream) return refuse(&file, "cannot be opened: %s", strerror(errno));
    bool is_read = read_stream(&file, stream, out);
    fclose(stream);
    if (!is_read) npy_clear(out);
    return is_read;
}
