/* rusticl_libclc.c: preloaded by rusticl_test.sh. Mesa's library has the folder of libclc compiled
 * in; where Mesa was unpacked aside, under CLACT_RUSTICL_ROOT, its files are there.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char folder[] = "/usr/lib/clc/";

static int open_here(const char *path, int flags, int mode) {
    const char *root = getenv("CLACT_RUSTICL_ROOT");
    char other[4096];
    if (root && strncmp(path, folder, sizeof folder - 1) == 0) {
        snprintf(other, sizeof other, "%s%s", root, path);
        path = other;
    }
    return openat(AT_FDCWD, path, flags, mode);
}

/* The mode is there only where a file may be created. */
#define OPEN(name, more)                                                                           \
    int name(const char *path, int flags, ...) {                                                   \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        const int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, int) : 0;               \
        va_end(arguments);                                                                         \
        return open_here(path, flags | (more), mode);                                              \
    }

OPEN(open, 0)
OPEN(open64, O_LARGEFILE)
