/* npy_header.h: the header of a .npy file, as npy.c reads it. */
#ifndef NPY_HEADER_H
#define NPY_HEADER_H

#include "cli_common.h"
#include "numbers.h"

#include <stdio.h>

enum { NPY_MAX_DESCR = 48 };

/* The file at hand and where to say what is wrong with it. */
typedef struct npy_file {
    const char *path, *reads; /* name, and the types that are read; for messages */
    char *message;
    size_t size;
} npy_file;

typedef struct npy_header {
    char descr[NPY_MAX_DESCR];
    bool has_descr, has_order, has_shape;
    bool structured, fortran, too_many_dims, overflow;
    numbers array; /* dimensions alone */
} npy_header;

/* Writes a message that begins with the path, and returns false. */
bool npy_refuse(const npy_file *file, const char *format, ...) CLI_PRINTF(2, 3);

/* Reads a header that starts out all zero; *data_at is where the data begins. */
bool npy_header_read(const npy_file *file, FILE *stream, npy_header *header, size_t *data_at);

#endif
