/* file_read.c: reads streams to their end into memory; see file_read.h. */
#include "file_read.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FIRST_ROOM = 1 << 16, TRUSTED = 1 << 20 };

static bool is_regular(FILE *stream, uint64_t *length) {
    struct stat about;
    if (fstat(fileno(stream), &about) != 0 || !S_ISREG(about.st_mode)) return false;
    *length = (uint64_t)about.st_size;
    return true;
}

/* For a regular file there is room for all of it at once, and for one byte more, which finds the
 * end. */
void *file_read_all(FILE *stream, size_t *length) {
    uint64_t expected = 0;
    size_t room = FIRST_ROOM, used = 0, got = 1;
    if (is_regular(stream, &expected) && expected < SIZE_MAX) room = (size_t)expected + 1;
    char *bytes = malloc(room);
    while (bytes && got > 0) {
        if (used == room) {
            char *larger = room <= SIZE_MAX / 2 ? realloc(bytes, 2 * room) : NULL;
            if (!larger) break;
            bytes = larger;
            room *= 2;
        }
        got = fread(bytes + used, 1, room - used, stream);
        used += got;
    }
    *length = used;
    if (bytes && got == 0 && !ferror(stream)) return bytes;
    if (!ferror(stream)) errno = ENOMEM;
    free(bytes);
    return NULL;
}

/* Where the length of the file is not known beforehand, memory grows with what has arrived, so
 * that a header alone cannot ask for all of it. */
file_end file_read_rest(FILE *stream, uint64_t at, size_t wanted, void **data) {
    uint64_t length = 0;
    size_t got = 0, room = wanted > 0 ? wanted : 1;
    *data = NULL;
    if (is_regular(stream, &length)) {
        if (length < at || length - at < wanted) return FILE_END_EARLY;
        if (length - at > wanted) return FILE_END_LATE;
    } else if (room > TRUSTED) {
        room = TRUSTED;
    }
    for (;;) {
        void *grown = realloc(*data, room);
        if (!grown) return FILE_NO_MEMORY;
        *data = grown;
        const size_t aim = wanted < room ? wanted : room;
        got += fread((char *)*data + got, 1, aim - got, stream);
        if (ferror(stream)) return FILE_READ_FAILED;
        if (got < aim) return FILE_END_EARLY;
        if (got == wanted) break;
        room = room < wanted / 2 ? 2 * room : wanted;
    }
    const bool is_longer = getc(stream) != EOF;
    if (ferror(stream)) return FILE_READ_FAILED;
    return is_longer ? FILE_END_LATE : FILE_END_HERE;
}
