/* npy_write.c: writer of .npy files; see npy.h. */
#include "npy.h"

#include "cli_common.h"
#include "file_write.h"

#include <stdio.h>
#include <string.h>

enum { PREAMBLE = 10, HEADER_UNIT = 64, MAX_TEXT = 1024 };

/* Magic, version 1.0, length, dict; blanks up to a multiple of 64 and a newline, as NumPy does. */
static size_t format_header(const npy_array *array, char header[MAX_TEXT]) {
    char shape[NPY_SHAPE_SIZE];
    npy_shape_text(array, shape);
    size_t used =
        PREAMBLE + (size_t)snprintf(header + PREAMBLE, MAX_TEXT - PREAMBLE,
                                    "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                                    npy_descr(array->dtype), shape);
    size_t total = (used + 1 + HEADER_UNIT - 1) / HEADER_UNIT * HEADER_UNIT;
    memset(header + used, ' ', total - used);
    header[total - 1] = '\n';
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (char)((total - PREAMBLE) & 0xff);
    header[9] = (char)((total - PREAMBLE) >> 8);
    return total;
}

bool npy_write(const char *path, const npy_array *array, char *message, size_t size) {
    char header[MAX_TEXT];
    if (!npy_descr(array->dtype))
        return cli_fail(message, size, "%s cannot hold %s", path, clact_dtype_name(array->dtype));
    const file_part parts[] = {{header, format_header(array, header)},
                               {array->data, npy_bytes(array)}};
    return file_write(path, parts, 2, message, size);
}
