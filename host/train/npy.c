/* npy.c: reader of .npy files, safe on any bytes; see npy.h. */
#include "npy.h"

#include "cli_common.h"
#include "file_read.h"
#include "npy_header.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "npy.c copies little-endian data as it is; a big-endian host has to swap bytes here"
#endif

/* ---- Types and shapes ------------------------------------------------------------------------ */

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

static bool refuse_type(const npy_file *file, const char *descr) {
    char name[NPY_MAX_DESCR] = "";
    const bool is_named = dtype_name(descr, name, sizeof name);
    return npy_refuse(file,
                      "holds %s%s%s'%s'%s, and clact reads %s; convert it: "
                      "np.save(file, a.astype(np.float32))",
                      descr[0] == '>' ? "big-endian " : "", is_named ? name : "dtype ",
                      is_named ? " (" : "", descr, is_named ? ")" : "", file->reads);
}

/* A type is known by its descr but for the byte order before it. */
static bool find_dtype(const npy_file *file, const npy_header *header, clact_dtype *dtype) {
    char name[NPY_MAX_DESCR] = "";
    const char *descr = header->descr;
    dtype_name(descr, name, sizeof name);
    for (int i = 0; i < CLI_NUM_DTYPES; i++) {
        const char *known = npy_descr(cli_dtypes[i]);
        *dtype = cli_dtypes[i];
        if (known && strcmp(descr, known) == 0) return true;
        if (known && descr[0] == '>' && strcmp(descr + 1, known + 1) == 0)
            return npy_refuse(
                file,
                "holds big-endian %s ('%s'), and clact reads little-endian; convert it: "
                "np.save(file, a.astype('%s'))",
                name, descr, known);
    }
    return refuse_type(file, descr);
}

/* Sets kind, size and order. */
static bool find_type(const npy_file *file, npy_header *header) {
    static const char letters[] = {'f', 'i', 'u', 'b'};
    static const number_kind kinds[] = {NUMBER_FLOAT, NUMBER_SIGNED, NUMBER_UNSIGNED,
                                        NUMBER_UNSIGNED};
    const char *descr = header->descr;
    numbers *array = &header->array;
    const size_t size = strlen(descr) == 3 ? (size_t)(descr[2] - '0') : 0;
    if (size != 1 && size != 2 && size != 4 && size != 8) return refuse_type(file, descr);
    if (descr[0] != '<' && descr[0] != '>' && (descr[0] != '|' || size > 1))
        return refuse_type(file, descr);
    for (size_t i = 0; i < sizeof letters; i++) {
        if (letters[i] != descr[1] || (descr[1] == 'f' && size == 1) ||
            (descr[1] == 'b' && size > 1))
            continue;
        array->kind = kinds[i];
        array->size = size;
        array->is_big_endian = descr[0] == '>';
        return true;
    }
    return refuse_type(file, descr);
}

/* Counts the elements; their size is known by now. */
static bool check_shape(const npy_file *file, npy_header *header) {
    if (!numbers_count(&header->array)) header->overflow = true;
    if (header->too_many_dims)
        return npy_refuse(file, "has more than %d dimensions; reshape it", (int)NUMBERS_MAX_DIMS);
    if (header->overflow)
        return npy_refuse(
            file, "claims a shape with more elements than memory can hold; the file is damaged, "
                  "save the array again with np.save");
    if (header->fortran && header->array.ndim > 1)
        return npy_refuse(file, "holds a Fortran-order array, and clact reads C order; convert it: "
                                "np.save(file, np.ascontiguousarray(a))");
    return true;
}

/* ---- Data ------------------------------------------------------------------------------------ */

static bool wrong_length(const npy_file *file, const numbers *array, bool is_larger) {
    char shape[NUMBERS_SHAPE_SIZE];
    numbers_shape_text(array->ndim, array->shape, shape);
    if (is_larger)
        return npy_refuse(file,
                          "is larger than its header says: shape %s needs %zu bytes of data; "
                          "save one array to a file",
                          shape, array->count * array->size);
    return npy_refuse(file,
                      "has fewer data than its header says: shape %s needs %zu bytes; the file "
                      "is cut off, save the array again with np.save",
                      shape, array->count * array->size);
}

static bool read_data(const npy_file *file, FILE *stream, size_t data_at, numbers *array) {
    const size_t wanted = array->count * array->size;
    switch (file_read_rest(stream, data_at, wanted, &array->data)) {
    case FILE_END_HERE:
        return true;
    case FILE_END_EARLY:
        return wrong_length(file, array, false);
    case FILE_END_LATE:
        return wrong_length(file, array, true);
    case FILE_NO_MEMORY:
        return npy_refuse(file, "has %zu bytes of data, for which there is not enough memory",
                          wanted);
    case FILE_READ_FAILED:
        break;
    }
    return npy_refuse(file, "cannot be read: %s", strerror(errno));
}

/* Whatever type .npy names, or, where dtype is not NULL, those of clact alone. */
static bool read_stream(const npy_file *file, FILE *stream, clact_dtype *dtype, numbers *out) {
    struct stat about;
    npy_header header = {0};
    size_t data_at = 0;
    if (fstat(fileno(stream), &about) != 0)
        return npy_refuse(file, "cannot be read: %s", strerror(errno));
    if (S_ISDIR(about.st_mode)) return npy_refuse(file, "is a directory, not a .npy file");
    if (!npy_header_read(file, stream, &header, &data_at)) return false;
    if (dtype && !find_dtype(file, &header, dtype)) return false;
    if (!find_type(file, &header) || !check_shape(file, &header)) return false;
    *out = header.array;
    return read_data(file, stream, data_at, out);
}

bool npy_read_numbers(FILE *stream, const char *path, numbers *out, char *message, size_t size) {
    const npy_file file = {path, "float16, float32, float64, integers and bool", message, size};
    *out = (numbers){0};
    if (read_stream(&file, stream, NULL, out)) return true;
    numbers_clear(out);
    return false;
}

bool npy_read(const char *path, npy_array *out, char *message, size_t size) {
    const npy_file file = {path, "float16, float32 and float64", message, size};
    numbers array = {0};
    *out = (npy_array){0};
    FILE *stream = fopen(path, "rb");
    if (!stream) return npy_refuse(&file, "cannot be opened: %s", strerror(errno));
    const bool is_read = read_stream(&file, stream, &out->dtype, &array);
    fclose(stream);
    if (is_read) {
        out->ndim = array.ndim;
        memcpy(out->shape, array.shape, sizeof array.shape);
        out->count = array.count;
        out->data = array.data;
        return true;
    }
    numbers_clear(&array);
    npy_clear(out);
    return false;
}
