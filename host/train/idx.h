/* idx.h: reads IDX files, the format of MNIST: http://yann.lecun.com/exdb/mnist/ */
#ifndef IDX_H
#define IDX_H

#include "numbers.h"

#include <stdio.h>

/* Reads the rest of a stream that stands at its start, whatever bytes it has; path is for messages,
 * each one sentence that names the file and what is wrong with it. On failure *out is all zero. */
bool idx_read(FILE *stream, const char *path, numbers *out, char *message, size_t size);

#endif
