/* scratch.h: a folder for one test, and its files. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

enum { SCRATCH_PATH = 512 };

/* Makes a folder under $TMPDIR or /tmp; removes it with all that is in it. */
void scratch_make(char folder[SCRATCH_PATH]);
void scratch_remove(const char *folder);

/* "folder/name" */
void scratch_path(const char *folder, const char *name, char path[SCRATCH_PATH]);

/* The names in a folder, "." and ".." left out, in order; at most `most`. Returns how many. */
size_t scratch_list(const char *folder, char (*names)[SCRATCH_PATH], size_t most);

/* The whole file, malloc'd; NULL if there is none. */
unsigned char *scratch_read(const char *folder, const char *name, size_t *size);
void scratch_write(const char *folder, const char *name, const void *bytes, size_t size);

#endif
