/* bench_file.h: results appear complete or not at all. */
#ifndef BENCH_FILE_H
#define BENCH_FILE_H

#include <stdio.h>

#include "bench_error.h"

/* Writes the content to out; the caller checks ferror. False when out of memory. */
typedef bool bench_file_writer(FILE *out, const void *user);

/* Whether a result could be written to path now; leaves nothing behind. "-" always can. */
bool bench_file_check(const char *path, bench_error *error);

/* Writes to a temporary file beside path, then renames it; what stood at path stays until then. A
 * path that is no regular file (a pipe, a device) is written directly, "-" is standard output. */
bool bench_file_write(const char *path, bench_file_writer *writer, const void *user,
                      bench_error *error);

#endif
