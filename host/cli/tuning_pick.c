/* tuning_pick.c: which tuning a program uses. */
#include "tuning_pick.h"

#include "cache_place.h"

#include <clact/tune.h>
#include <stdio.h>
#include <string.h>

const char *tuning_place(cl_device_id device, char path[TUNING_PLACE_SIZE]) {
    char folder[CACHE_PLACE_SIZE], name[128];
    const size_t length = clact_tuning_file_name(device, name, sizeof name);
    if (length == 0 || length >= sizeof name || !cache_place(folder)) return NULL;
    const int full = snprintf(path, TUNING_PLACE_SIZE, "%s/tuning/%s", folder, name);
    return full < TUNING_PLACE_SIZE ? path : NULL;
}

bool tuning_pick(const char *named, cl_device_id device, clact_tuning *tuning, char *message,
                 size_t size) {
    char place[TUNING_PLACE_SIZE], why[TUNING_PLACE_SIZE + 512];
    bool found = false;
    *tuning = (clact_tuning){.struct_size = sizeof *tuning};
    if (named && strcmp(named, "none") == 0) return true;
    const char *path = named ? named : tuning_place(device, place);
    if (!path) return true;
    const clact_status status = clact_tuning_load(path, device, tuning, &found, why, sizeof why);
    if (status != CLACT_SUCCESS)
        fprintf(stderr, "warning: %s\n", why[0] ? why : clact_status_text(status));
    if (status != CLACT_SUCCESS || found || !named) return true;
    snprintf(message, size, "%s has no tuning of kernels; `clact tune -o %s` makes one", named,
             named);
    return false;
}

bool gemm_pick(const char *named, cl_device_id device, clact_gemm_tuning *tuning) {
    char place[TUNING_PLACE_SIZE], why[TUNING_PLACE_SIZE + 512];
    clact_tuning kernels = {.struct_size = sizeof kernels};
    bool found = false;
    *tuning = (clact_gemm_tuning){.struct_size = sizeof *tuning};
    if (named && strcmp(named, "none") == 0) return false;
    const char *path = named ? named : tuning_place(device, place);
    if (!path || clact_tuning_load(path, device, &kernels, NULL, NULL, 0) != CLACT_SUCCESS)
        return false;
    const clact_status status = clact_gemm_load(path, device, tuning, &found, why, sizeof why);
    if (status != CLACT_SUCCESS)
        fprintf(stderr, "warning: %s\n", why[0] ? why : clact_status_text(status));
    return found;
}
