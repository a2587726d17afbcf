/* file_write.c: writes a whole file or none; see file_write.h. */
#include "file_write.h"

#include "cli_common.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_TRIES = 100 };

CLI_PRINTF(4, 5)
static bool refuse(char *message, size_t size, const char *path, const char *format, ...) {
    va_list arguments;
    int used = snprintf(message, size, "%s ", path);
    if (used < 0 || (size_t)used >= size) return false;
    va_start(arguments, format);
    vsnprintf(message + used, size - (size_t)used, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- Where to write -------------------------------------------------------------------------- */

typedef struct output_place {
    char *path;     /* links followed */
    char *folder;   /* that path stands in */
    bool is_direct; /* a pipe or device: no file beside it, no renaming */
    mode_t mode;    /* of the file that is there already; 0 for none */
} output_place;

static void close_output(output_place *output) {
    free(output->path);
    free(output->folder);
    *output = (output_place){0};
}

static bool look_at_existing(const char *path, const struct stat *about, output_place *output,
                             char *message, size_t size) {
    if (S_ISDIR(about->st_mode))
        return refuse(message, size, path, "is a directory; give the name of a file to write");
    if (access(path, W_OK) != 0)
        return refuse(message, size, path, "cannot be written: %s", strerror(errno));
    output->is_direct = !S_ISREG(about->st_mode);
    output->mode = about->st_mode & 07777;
    output->path = output->is_direct ? strdup(path) : realpath(path, NULL);
    if (!output->path) return refuse(message, size, path, "cannot be written: %s", strerror(errno));
    return true;
}

static bool find_folder(const char *path, output_place *output, char *message, size_t size) {
    const char *slash = strrchr(output->path, '/');
    if (!slash)
        output->folder = strdup(".");
    else
        output->folder =
            strndup(output->path, slash == output->path ? 1 : (size_t)(slash - output->path));
    if (!output->folder) return refuse(message, size, path, "cannot be written: not enough memory");
    struct stat about;
    if (stat(output->folder, &about) != 0 || !S_ISDIR(about.st_mode))
        return refuse(message, size, path, "cannot be written: there is no folder %s",
                      output->folder);
    if (access(output->folder, W_OK | X_OK) != 0)
        return refuse(message, size, path, "cannot be written: folder %s: %s", output->folder,
                      strerror(errno));
    return true;
}

static bool open_output(const char *path, output_place *output, char *message, size_t size) {
    struct stat about;
    *output = (output_place){0};
    size_t length = strlen(path);
    if (length == 0 || path[length - 1] == '/')
        return refuse(message, size, length ? path : "''", "is not the name of a file to write");
    if (stat(path, &about) == 0)
        return look_at_existing(path, &about, output, message, size) &&
               (output->is_direct || find_folder(path, output, message, size));
    if (errno != ENOENT)
        return refuse(message, size, path, "cannot be written: %s", strerror(errno));
    output->path = strdup(path);
    if (!output->path) return refuse(message, size, path, "cannot be written: not enough memory");
    return find_folder(path, output, message, size);
}

bool file_check_output(const char *path, char *message, size_t size) {
    output_place output;
    bool is_good = open_output(path, &output, message, size);
    close_output(&output);
    return is_good;
}

/* ---- What to write --------------------------------------------------------------------------- */

static bool write_bytes(int file, const void *bytes, size_t length) {
    const char *at = bytes;
    while (length > 0) {
        ssize_t written = write(file, at, length);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        at += written;
        length -= (size_t)written;
    }
    return true;
}

static bool write_parts(int file, const file_part *parts, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!write_bytes(file, parts[i].bytes, parts[i].length)) return false;
    return true;
}

/* A new file beside the output; its name is short, so that any legal output name works. */
static int create_beside(const output_place *output, char *name, size_t size) {
    int file = -1;
    for (int i = 0; i < MAX_TRIES && file < 0; i++) {
        snprintf(name, size, "%s/.clact-%ld-%d.tmp", output->folder, (long)getpid(), i);
        file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file < 0 && errno != EEXIST) break;
    }
    return file;
}

static bool write_direct(const output_place *output, const file_part *parts, size_t count) {
    int file = open(output->path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return false;
    bool is_written = write_parts(file, parts, count);
    int error = errno;
    if (close(file) != 0) return false;
    errno = error;
    return is_written;
}

static bool write_renamed(const output_place *output, const file_part *parts, size_t count) {
    size_t size = strlen(output->folder) + 64;
    char *name = malloc(size);
    if (!name) return false;
    int file = create_beside(output, name, size);
    bool is_written = file >= 0;
    if (file >= 0) {
        is_written = (output->mode == 0 || fchmod(file, output->mode) == 0) &&
                     write_parts(file, parts, count) && fsync(file) == 0;
        int error = errno;
        if (close(file) != 0)
            is_written = false;
        else
            errno = error;
        is_written = is_written && rename(name, output->path) == 0;
        error = errno;
        if (!is_written) unlink(name);
        errno = error;
    }
    free(name);
    return is_written;
}

bool file_write(const char *path, const file_part *parts, size_t count, char *message,
                size_t size) {
    output_place output;
    bool is_written = false;
    if (open_output(path, &output, message, size)) {
        is_written = output.is_direct ? write_direct(&output, parts, count)
                                      : write_renamed(&output, parts, count);
        if (!is_written) refuse(message, size, path, "cannot be written: %s", strerror(errno));
    }
    close_output(&output);
    return is_written;
}
