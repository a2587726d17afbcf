/* array_files.h: .npy and IDX files put together byte by byte, apart from clact's own readers. */
#ifndef ARRAY_FILES_H
#define ARRAY_FILES_H

#include <stdbool.h>
#include <stddef.h>

enum { MOST_DIMS = 4 };

/* What a file holds: values row by row, of which every type below holds those that it is given. */
typedef struct array_values {
    int ndim;
    size_t shape[MOST_DIMS];
    const double *values;
} array_values;

/* descr is NumPy's: order, letter, bytes ("<f4", ">i8", "|b1"). */
void write_npy(const char *folder, const char *name, const char *descr, array_values array);

/* type is IDX's third byte: 08 ubyte, 09 byte, 0B short, 0C int, 0D float, 0E double. */
void write_idx(const char *folder, const char *name, unsigned char type, array_values array);

#endif
