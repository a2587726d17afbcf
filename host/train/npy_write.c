/* npy_write.c: writer of .npy files that leaves a whole file or none; see npy.h. */
#include "npy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PREAMBLE = 10, HEADER_UNIT = 64, MAX_TEXT = 1024, MAX_TRIES = 100 };

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

typedef struct npy_output {
    char *path;     /* links followed */
    char *folder;   /* that path stands in */
    bool is_direct; /* a pipe or device: no file beside it, no renaming */
    mode_t mode;    /* of the file that is there already; 0 for none */
} npy_output;

static void close_output(npy_output *output) {
    free(output->path);
    free(output->folder);
    *output = (npy_output){0};
}

static bool look_at_existing(const char *path, const struct stat *about, npy_output *output,
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

static bool find_folder(const char *path, npy_output *output, char *message, size_t size) {
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

static bool open_output(const char *path, npy_output *output, char *message, size_t size) {
    struct stat about;
    *output = (npy_output){0};
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

bool npy_check_output(const char *path, char *message, size_t size) {
    npy_output output;
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

static bool write_array(int file, const npy_array *array) {
    char header[MAX_TEXT];
    size_t length = format_header(array, header);
    return write_bytes(file, header, length) && write_bytes(file, array->data, npy_bytes(array));
}

/* A new file beside the output; its name is short, so that any legal output name works. */
static int create_beside(const npy_output *output, char *name, size_t size) {
    int file = -1;
    for (int i = 0; i < MAX_TRIES && file < 0; i++) {
        snprintf(name, size, "%s/.clact-%ld-%d.tmp", output->folder, (long)getpid(), i);
        file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file < 0 && errno != EEXIST) break;
    }
    return file;
}

static bool write_direct(const npy_output *output, const npy_array *array) {
    int file = open(output->path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return false;
    bool is_written = write_array(file, array);
    int error = errno;
    if (close(file) != 0) return false;
    errno = error;
    return is_written;
}

static bool write_renamed(const npy_output *output, const npy_array *array) {
    size_t size = strlen(output->folder) + 64;
    char *name = malloc(size);
    if (!name) return false;
    int file = create_beside(output, name, size);
    bool is_written = file >= 0;
    if (file >= 0) {
        is_written = (output->mode == 0 || fchmod(file, output->mode) == 0) &&
                     write_array(file, array) && fsync(file) == 0;
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

bool npy_write(const char *path, const npy_array *array, char *message, size_t size) {
    npy_output output;
    bool is_written = false;
    if (!npy_descr(array->dtype))
        return refuse(message, size, path, "cannot hold %s", clact_dtype_name(array->dtype));
    if (open_output(path, &output, message, size)) {
        is_written =
            output.is_direct ? write_direct(&output, array) : write_renamed(&output, array);
        if (!is_written) refuse(message, size, path, "cannot be written: %s", strerror(errno));
    }
    close_output(&output);
    return is_written;
}
