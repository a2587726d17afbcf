/* tune_file.c: a tuning file as JSON: of which device it is, and its sections. */
#include "tune_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char kind[] = "clact tuning";

clact_status tune_fail(tune_message message, clact_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (message.text && message.size > 0) vsnprintf(message.text, message.size, format, arguments);
    va_end(arguments);
    return status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static const char *text_of(const json_t *root, const char *key) {
    const char *text = json_string_value(json_object_get(root, key));
    return text ? text : "";
}

/* Whether the file is one, of this format and device. */
static clact_status check_root(const char *path, const clact_device_info *device,
                               const json_t *root, tune_message message) {
    const json_t *format = json_object_get(root, "format");
    if (strcmp(text_of(root, "kind"), kind) != 0 || !json_is_integer(format) ||
        !json_is_object(json_object_get(root, "sections")))
        return tune_fail(message, CLACT_FILE, "%s is not used: it is no tuning of clact", path);
    if (json_integer_value(format) != TUNE_FILE_FORMAT)
        return tune_fail(message, CLACT_FILE,
                         "%s is not used: its format is %" JSON_INTEGER_FORMAT ", not %d; run "
                         "`clact tune` again",
                         path, json_integer_value(format), TUNE_FILE_FORMAT);
    if (strcmp(text_of(root, "device"), device->name) != 0 ||
        strcmp(text_of(root, "driver"), device->driver) != 0)
        return tune_fail(message, CLACT_FILE,
                         "%s is not used: it is of %s with driver %s, and this is %s with driver "
                         "%s",
                         path, text_of(root, "device"), text_of(root, "driver"), device->name,
                         device->driver);
    return CLACT_SUCCESS;
}

clact_status tune_file_read(const char *path, const clact_device_info *device, json_t **sections,
                            tune_message message) {
    json_error_t error;
    *sections = NULL;
    errno = 0;
    FILE *file = fopen(path, "rb");
    if (!file && (errno == ENOENT || errno == ENOTDIR)) {
        *sections = json_object();
        return *sections ? CLACT_SUCCESS : CLACT_MEMORY;
    }
    if (!file) return tune_fail(message, CLACT_FILE, "%s is not used: %s", path, strerror(errno));
    json_t *root = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    fclose(file);
    if (!root)
        return tune_fail(message, CLACT_FILE, "%s is not used: line %d: %s", path, error.line,
                         error.text);
    const clact_status status = check_root(path, device, root, message);
    if (status == CLACT_SUCCESS) *sections = json_incref(json_object_get(root, "sections"));
    json_decref(root);
    return status;
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* Makes the folders above the file, for the user alone. */
static bool make_folders(char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        const bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made) return false;
    }
    return true;
}

static bool write_all(int file, const char *text) {
    for (size_t left = strlen(text); left > 0;) {
        const ssize_t written = write(file, text, left);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text += written;
        left -= (size_t)written;
    }
    return true;
}

/* Beside the file first, then by rename in its place. */
static bool replace_file(const char *path, const char *text) {
    static const char suffix[] = ".XXXXXX";
    const size_t length = strlen(path);
    char *beside = malloc(length + sizeof suffix);
    if (!beside) return false;
    memcpy(beside, path, length);
    memcpy(beside + length, suffix, sizeof suffix);
    bool is_good = make_folders(beside);
    const int file = is_good ? mkstemp(beside) : -1;
    if (file >= 0) {
        is_good = write_all(file, text) && write_all(file, "\n") && fsync(file) == 0;
        is_good = close(file) == 0 && is_good;
        is_good = is_good && rename(beside, path) == 0;
        const int code = errno;
        if (!is_good) unlink(beside);
        errno = code;
    }
    free(beside);
    return is_good && file >= 0;
}

clact_status tune_file_write(const char *path, const clact_device_info *device, const char *name,
                             json_t *section, tune_message message) {
    json_t *sections = NULL;
    const clact_status read = tune_file_read(path, device, &sections, (tune_message){NULL, 0});
    if (read == CLACT_FILE) sections = json_object();
    if (json_object_set_new(sections, name, section) < 0) {
        json_decref(sections);
        return tune_fail(message, CLACT_MEMORY, "out of host memory");
    }
    json_t *root = json_pack("{s:s, s:i, s:s, s:s, s:s, s:o}", "kind", kind, "format",
                             TUNE_FILE_FORMAT, "device", device->name, "driver", device->driver,
                             "written_by", clact_version(), "sections", sections);
    char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    clact_status status = CLACT_SUCCESS;
    errno = 0;
    if (!text)
        status = tune_fail(message, CLACT_MEMORY,
                           "out of host memory, or the device's name is not UTF-8");
    else if (!replace_file(path, text))
        status = tune_fail(message, CLACT_FILE, "%s cannot be written: %s", path, strerror(errno));
    free(text);
    json_decref(root);
    return status;
}
