/* gemm_file.c: the section of a tuning file that has CLBlast's parameters. */
#include "tune_file.h"

#include <string.h>

static const char section_name[] = "gemm";

/* ---- Reading --------------------------------------------------------------------------------- */

/* False with *which where a parameter is not there or no number. */
static bool read_section(const json_t *section, clact_gemm_tuning *t, clact_gemm_parameter *which) {
    for (clact_gemm_parameter p = 0; p < CLACT_GEMM_PARAMETERS; p++) {
        const json_t *kernel = json_object_get(section, clact_gemm_kernel_name(p));
        const json_t *value = json_object_get(kernel, clact_gemm_parameter_name(p));
        *which = p;
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) > UINT32_MAX)
            return false;
        t->values[p] = (uint32_t)json_integer_value(value);
    }
    return true;
}

static clact_status take_section(const char *path, const clact_device_info *device,
                                 const json_t *section, clact_gemm_tuning *tuning,
                                 tune_message message) {
    clact_gemm_tuning read = {.struct_size = sizeof read};
    clact_gemm_parameter which = CLACT_GEMM_PARAMETERS;
    char why[256];
    if (!read_section(section, &read, &which))
        return tune_fail(message, CLACT_FILE,
                         "the parameters of CLBlast in %s are not used: %s of %s is no number",
                         path, clact_gemm_parameter_name(which), clact_gemm_kernel_name(which));
    if (clact_gemm_check(&read, device->max_work_group, why, sizeof why) != CLACT_SUCCESS)
        return tune_fail(message, CLACT_FILE, "the parameters of CLBlast in %s are not used: %s",
                         path, why);
    *tuning = read;
    return CLACT_SUCCESS;
}

clact_status clact_gemm_load(const char *path, cl_device_id device, clact_gemm_tuning *tuning,
                             bool *found, char *message, size_t size) {
    const tune_message say = {message, size};
    clact_device_info info;
    json_t *sections = NULL;
    tune_fail(say, CLACT_SUCCESS, "%s", "");
    if (found) *found = false;
    if (!path || !device || !found || !tuning || tuning->struct_size != sizeof *tuning)
        return tune_fail(say, CLACT_INVALID_ARGUMENT, "an argument is NULL, or has no struct_size");
    clact_status status = clact_device_query(device, &info);
    if (status != CLACT_SUCCESS)
        return tune_fail(say, status, "the device cannot be asked for its name");
    status = tune_file_read(path, &info, &sections, say);
    const json_t *section = json_object_get(sections, section_name);
    if (status == CLACT_SUCCESS && section) {
        status = take_section(path, &info, section, tuning, say);
        *found = status == CLACT_SUCCESS;
    }
    json_decref(sections);
    return status;
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* NULL without memory. */
static json_t *section_object(const clact_gemm_tuning *t) {
    json_t *section = json_object();
    bool is_good = section != NULL;
    for (clact_gemm_parameter p = 0; p < CLACT_GEMM_PARAMETERS && is_good; p++) {
        const char *const name = clact_gemm_kernel_name(p);
        json_t *kernel = json_object_get(section, name);
        if (!kernel && json_object_set_new(section, name, json_object()) == 0)
            kernel = json_object_get(section, name);
        is_good = json_object_set_new(kernel, clact_gemm_parameter_name(p),
                                      json_integer((json_int_t)t->values[p])) == 0;
    }
    if (is_good) return section;
    json_decref(section);
    return NULL;
}

clact_status clact_gemm_save(const char *path, cl_device_id device, const clact_gemm_tuning *tuning,
                             char *message, size_t size) {
    const tune_message say = {message, size};
    char why[256];
    clact_device_info info;
    tune_fail(say, CLACT_SUCCESS, "%s", "");
    if (!path || !device) return tune_fail(say, CLACT_INVALID_ARGUMENT, "path or device is NULL");
    const clact_status status = clact_device_query(device, &info);
    if (status != CLACT_SUCCESS)
        return tune_fail(say, status, "the device cannot be asked for its name");
    if (clact_gemm_check(tuning, info.max_work_group, why, sizeof why) != CLACT_SUCCESS)
        return tune_fail(say, CLACT_INVALID_ARGUMENT, "%s", why);
    return tune_file_write(path, &info, section_name, section_object(tuning), say);
}
