/* tuning_file.c: the section of a tuning file that has the numbers of kernels. */
#include "tune_file.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char section_name[] = "kernels";

/* ---- Names ----------------------------------------------------------------------------------- */

/* FNV-1a, the end of the text included */
static uint64_t hash_text(uint64_t hash, const char *text) {
    do {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    } while (*text++);
    return hash;
}

size_t clact_tuning_file_name(cl_device_id device, char *text, size_t size) {
    clact_device_info info;
    char name[sizeof info.name] = "";
    if (text && size > 0) text[0] = '\0';
    if (clact_device_query(device, &info) != CLACT_SUCCESS) return 0;
    size_t length = 0;
    for (const char *p = info.name; *p && length < 48; p++) {
        const bool is_plain = isalnum((unsigned char)*p) || *p == '.' || *p == '_';
        if (is_plain || (length > 0 && name[length - 1] != '-'))
            name[length++] = is_plain ? *p : '-';
    }
    const uint64_t hash =
        hash_text(hash_text(UINT64_C(0xcbf29ce484222325), info.name), info.driver);
    const int full = snprintf(text, size, "%s-%016" PRIx64 ".json", name, hash);
    return full > 0 ? (size_t)full : 0;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* A whole number of at most `most`, or "never"; 0 where there is none. */
static bool read_number(const json_t *object, const char *key, uint64_t most, const char *word,
                        uint64_t of_word, uint64_t *number) {
    const json_t *value = json_object_get(object, key);
    *number = 0;
    if (!value) return true;
    if (word && json_is_string(value) && strcmp(json_string_value(value), word) == 0) {
        *number = of_word;
        return true;
    }
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) > most)
        return false;
    *number = (uint64_t)json_integer_value(value);
    return true;
}

static bool read_shape(const json_t *families, const char *name, clact_tuning_shape *shape) {
    const json_t *object = json_object_get(families, name);
    uint64_t width = 0, local = 0, vectors = 0;
    if (!object) return true;
    const bool is_good = json_is_object(object) &&
                         read_number(object, "width", UINT32_MAX, NULL, 0, &width) &&
                         read_number(object, "local", UINT32_MAX, NULL, 0, &local) &&
                         read_number(object, "vectors", UINT32_MAX, NULL, 0, &vectors);
    *shape = (clact_tuning_shape){(unsigned)width, (unsigned)local, (unsigned)vectors};
    return is_good;
}

static bool read_section(const json_t *section, clact_tuning *t) {
    const json_t *families = json_object_get(section, "families");
    uint64_t fetch = 0;
    bool is_good = json_is_object(section) && json_is_object(families);
    for (int f = 0; f < CLACT_FAMILY_COUNT && is_good; f++)
        is_good = read_shape(families, clact_family_name((clact_family)f), &t->families[f]);
    is_good = is_good && read_number(section, "fetch_rows", UINT32_MAX, "never",
                                     CLACT_TUNING_NO_FETCH, &fetch);
    is_good = is_good && read_number(section, "stream_bytes", INT64_MAX, "never",
                                     CLACT_TUNING_NEVER, &t->stream_bytes);
    t->fetch_rows = (uint32_t)fetch;
    return is_good;
}

clact_status clact_tuning_load(const char *path, cl_device_id device, clact_tuning *tuning,
                               bool *found, char *message, size_t size) {
    const tune_message say = {message, size};
    char why[256];
    clact_device_info info;
    json_t *sections = NULL;
    if (found) *found = false;
    tune_fail(say, CLACT_SUCCESS, "%s", "");
    if (!path || !device || !tuning || tuning->struct_size != sizeof *tuning)
        return tune_fail(say, CLACT_INVALID_ARGUMENT, "an argument is NULL, or has no struct_size");
    *tuning = (clact_tuning){.struct_size = sizeof *tuning};
    clact_status status = clact_device_query(device, &info);
    if (status != CLACT_SUCCESS)
        return tune_fail(say, status, "the device cannot be asked for its name");
    status = tune_file_read(path, &info, &sections, say);
    if (status != CLACT_SUCCESS) return status;

    clact_tuning read = *tuning;
    const json_t *section = json_object_get(sections, section_name);
    if (section && !read_section(section, &read))
        status = tune_fail(say, CLACT_FILE, "%s is not used: a number in it is none", path);
    else if (section && clact_tuning_check(device, &read, why, sizeof why) != CLACT_SUCCESS)
        status = tune_fail(say, CLACT_FILE, "%s is not used: %s", path, why);
    else
        *tuning = read;
    if (found) *found = section && status == CLACT_SUCCESS;
    json_decref(sections);
    return status;
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* Nothing is written of a number that is 0. */
static bool set_number(json_t *object, const char *key, uint64_t number, uint64_t never) {
    if (number == 0) return true;
    json_t *value = number == never ? json_string("never") : json_integer((json_int_t)number);
    return json_object_set_new(object, key, value) == 0;
}

static bool set_shape(json_t *families, const char *name, clact_tuning_shape s) {
    json_t *object = json_object();
    return json_object_set_new(families, name, object) == 0 &&
           set_number(object, "width", s.width, UINT64_MAX) &&
           set_number(object, "local", s.local, UINT64_MAX) &&
           set_number(object, "vectors", s.vectors, UINT64_MAX);
}

/* NULL without memory. */
static json_t *section_object(const clact_tuning *t) {
    json_t *section = json_object(), *families = json_object();
    bool is_good = json_object_set_new(section, "families", families) == 0;
    for (int f = 0; f < CLACT_FAMILY_COUNT && is_good; f++)
        is_good = set_shape(families, clact_family_name((clact_family)f), t->families[f]);
    is_good = is_good && set_number(section, "fetch_rows", t->fetch_rows, CLACT_TUNING_NO_FETCH) &&
              set_number(section, "stream_bytes", t->stream_bytes, CLACT_TUNING_NEVER);
    if (is_good) return section;
    json_decref(section);
    return NULL;
}

clact_status clact_tuning_save(const char *path, cl_device_id device, const clact_tuning *tuning,
                               char *message, size_t size) {
    const tune_message say = {message, size};
    char why[256];
    clact_device_info info;
    tune_fail(say, CLACT_SUCCESS, "%s", "");
    if (!path || !device) return tune_fail(say, CLACT_INVALID_ARGUMENT, "path or device is NULL");
    if (clact_tuning_check(device, tuning, why, sizeof why) != CLACT_SUCCESS)
        return tune_fail(say, CLACT_INVALID_ARGUMENT, "%s", why);
    const clact_status status = clact_device_query(device, &info);
    if (status != CLACT_SUCCESS)
        return tune_fail(say, status, "the device cannot be asked for its name");
    return tune_file_write(path, &info, section_name, section_object(tuning), say);
}
