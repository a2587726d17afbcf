/* file_write.h: writes a whole file or none.
 *
 * A regular file appears whole under its name or not at all: it is written beside it, synced and
 * renamed. Links are followed; a pipe or device is written directly. A message is one sentence that
 * names the file, what is wrong and what to do.
 */
#ifndef FILE_WRITE_H
#define FILE_WRITE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct file_part {
    const void *bytes;
    size_t length;
} file_part;

/* Writes the parts one after the other. */
bool file_write(const char *path, const file_part *parts, size_t count, char *message, size_t size);

/* Whether file_write may be expected to work, to be asked before a long computation. */
bool file_check_output(const char *path, char *message, size_t size);

#endif
