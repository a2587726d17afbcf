/* file_read.h: reads streams to their end into memory, regular files and pipes alike. */
#ifndef FILE_READ_H
#define FILE_READ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* All that is left of a stream, malloc'd and never NULL for an empty one; NULL with errno set. */
void *file_read_all(FILE *stream, size_t *length);

typedef enum file_end {
    FILE_END_HERE,   /* as many bytes as wanted */
    FILE_END_EARLY,  /* fewer */
    FILE_END_LATE,   /* more */
    FILE_NO_MEMORY,  /* for that many */
    FILE_READ_FAILED /* errno says why */
} file_end;

/* Reads the rest of a stream that stands `at` bytes from its start and should end after `wanted`
 * more. *data is malloc'd, whatever is returned, or NULL. */
file_end file_read_rest(FILE *stream, uint64_t at, size_t wanted, void **data);

#endif
