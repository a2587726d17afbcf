/* npy.h: reads and writes NumPy .npy files in C order: little-endian float16, 32 or 64 as arrays
 * to compute on, other numbers to be converted.
 *
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1.0,
 * 2.0 and 3.0. A file is refused rather than guessed at; a message is one sentence that names the
 * file, what is wrong with it and what to do.
 */
#ifndef NPY_H
#define NPY_H

#include "numbers.h"

#include <clact/clact.h>
#include <stdio.h>

enum { NPY_MAX_DIMS = NUMBERS_MAX_DIMS, NPY_SHAPE_SIZE = NUMBERS_SHAPE_SIZE };

typedef struct npy_array {
    int ndim; /* 0 for a single number */
    size_t shape[NPY_MAX_DIMS];
    size_t count; /* product of shape, 1 for a single number */
    clact_dtype dtype;
    void *data; /* count elements, C order; never NULL after npy_read */
} npy_array;

/* Reads a whole file, whatever bytes it has. On failure *out is all zero. */
bool npy_read(const char *path, npy_array *out, char *message, size_t size);

/* The same of a stream that stands at its start, and of any float, integer or bool in either byte
 * order; path is for messages. */
bool npy_read_numbers(FILE *stream, const char *path, numbers *out, char *message, size_t size);

/* Makes the elements those of another type, each rounded once to nearest even. On failure (not
 * enough memory) the array is as it was. */
bool npy_convert(npy_array *array, clact_dtype dtype, char *message, size_t size);

/* Writes version 1.0, of a type that has a npy_descr, whole or not at all (file_write.h). */
bool npy_write(const char *path, const npy_array *array, char *message, size_t size);

/* How a file names a type: "<f4"; NULL where .npy has no such type. */
const char *npy_descr(clact_dtype dtype);

/* Bytes of all elements. */
size_t npy_bytes(const npy_array *array);

bool npy_same_shape(const npy_array *a, const npy_array *b);

/* As Python prints it: "()", "(3,)", "(2, 0, 4)". */
void npy_shape_text(const npy_array *array, char text[NPY_SHAPE_SIZE]);

/* Frees the data and makes it all zero. */
void npy_clear(npy_array *array);

#endif
