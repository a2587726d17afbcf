/* tune_file.h: a tuning file as JSON: of which device it is, and its sections. */
#ifndef TUNE_FILE_H
#define TUNE_FILE_H

#include <clact/tune.h>
#include <jansson.h>

enum { TUNE_FILE_FORMAT = 1 };

/* Where a call says what went wrong. */
typedef struct tune_message {
    char *text;
    size_t size;
} tune_message;

/* Writes the message and returns `status`. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
clact_status
tune_fail(tune_message message, clact_status status, const char *format, ...);

/* The sections of the device's file, which the caller releases: an empty object where there is no
 * file. NULL after an error, which is FILE where the file is not to be used, with the reason. */
clact_status tune_file_read(const char *path, const clact_device_info *device, json_t **sections,
                            tune_message message);

/* Puts `section` under `name` in place of what is there, beside the other sections of a file that
 * can be read; of one that cannot, nothing stays. Takes the reference to `section`, also where that
 * is NULL for want of memory. */
clact_status tune_file_write(const char *path, const clact_device_info *device, const char *name,
                             json_t *section, tune_message message);

#endif
