/* device.c (L1): facts about an OpenCL device. */
#include "device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cl_int read_text(cl_device_id device, cl_device_info key, char *text, size_t size) {
    size_t length = 0;
    cl_int code = clGetDeviceInfo(device, key, 0, NULL, &length);
    char *whole = code == CL_SUCCESS ? malloc(length + 1) : NULL;
    text[0] = '\0';
    if (!whole) return code == CL_SUCCESS ? CL_OUT_OF_HOST_MEMORY : code;
    code = clGetDeviceInfo(device, key, length, whole, NULL);
    if (code == CL_SUCCESS) {
        whole[length] = '\0';
        snprintf(text, size, "%s", whole + strspn(whole, " "));
    }
    free(whole);
    return code;
}

static bool has_extension(cl_device_id device, const char *name) {
    char list[8192];
    if (read_text(device, CL_DEVICE_EXTENSIONS, list, sizeof list) != CL_SUCCESS) return false;
    const size_t length = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0')) return true;
    return false;
}

/* Four lanes keep a GPU's loads wide; a CPU gets what fills its registers. */
static unsigned choose_width(cl_device_id device, cl_device_type type) {
    cl_uint native = 0;
    if (!(type & CL_DEVICE_TYPE_CPU)) return 4;
    clGetDeviceInfo(device, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, sizeof native, &native, NULL);
    return native >= 16 ? 16 : native >= 8 ? 8 : 4;
}

#define READ(key, value) code |= clGetDeviceInfo(device, key, sizeof(value), &(value), NULL)

clact_status clact_device_query(cl_device_id device, clact_device_info *info) {
    if (!device || !info) return CLACT_INVALID_ARGUMENT;
    memset(info, 0, sizeof *info);
    cl_platform_id platform = NULL;
    cl_uint units = 0, clock = 0;
    cl_ulong global = 0, cache = 0, alloc = 0;
    cl_device_fp_config config = 0, config64 = 0;
    cl_int code = read_text(device, CL_DEVICE_NAME, info->name, sizeof info->name);
    code |= read_text(device, CL_DEVICE_VENDOR, info->vendor, sizeof info->vendor);
    code |= read_text(device, CL_DRIVER_VERSION, info->driver, sizeof info->driver);
    code |= read_text(device, CL_DEVICE_VERSION, info->version, sizeof info->version);
    READ(CL_DEVICE_PLATFORM, platform);
    READ(CL_DEVICE_TYPE, info->type);
    READ(CL_DEVICE_MAX_COMPUTE_UNITS, units);
    READ(CL_DEVICE_MAX_CLOCK_FREQUENCY, clock);
    READ(CL_DEVICE_GLOBAL_MEM_SIZE, global);
    READ(CL_DEVICE_GLOBAL_MEM_CACHE_SIZE, cache);
    READ(CL_DEVICE_MAX_MEM_ALLOC_SIZE, alloc);
    READ(CL_DEVICE_MAX_WORK_GROUP_SIZE, info->max_work_group);
    READ(CL_DEVICE_SINGLE_FP_CONFIG, config);
    if (code != CL_SUCCESS) return CLACT_OPENCL;
    clGetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof info->platform, info->platform, NULL);
    clGetDeviceInfo(device, CL_DEVICE_DOUBLE_FP_CONFIG, sizeof config64, &config64, NULL);
    info->compute_units = units;
    info->clock_mhz = clock;
    info->global_bytes = global;
    info->cache_bytes = cache;
    info->max_alloc_bytes = alloc;
    info->fp16 = has_extension(device, "cl_khr_fp16");
    info->fp64 = config64 != 0;
    info->subnormals = (config & CL_FP_DENORM) != 0;
    info->fma = (config & CL_FP_FMA) != 0;
    info->rounded_division = (config & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) != 0;
    info->vector_width = choose_width(device, info->type);
    return CLACT_SUCCESS;
}

bool device_is_usable(cl_device_id device) {
    cl_bool compiler = CL_FALSE;
    char version[128], profile[64];
    unsigned major = 0, minor = 0;
    clGetDeviceInfo(device, CL_DEVICE_COMPILER_AVAILABLE, sizeof compiler, &compiler, NULL);
    return compiler &&
           read_text(device, CL_DEVICE_PROFILE, profile, sizeof profile) == CL_SUCCESS &&
           strcmp(profile, "FULL_PROFILE") == 0 &&
           read_text(device, CL_DEVICE_VERSION, version, sizeof version) == CL_SUCCESS &&
           sscanf(version, "OpenCL %u.%u", &major, &minor) == 2 && major * 10 + minor >= 12;
}

size_t device_most_local(cl_device_id device) {
    size_t group = 0, items[16] = {0};
    clGetDeviceInfo(device, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof group, &group, NULL);
    clGetDeviceInfo(device, CL_DEVICE_MAX_WORK_ITEM_SIZES, sizeof items, items, NULL);
    const size_t least = items[0] < group ? items[0] : group;
    return least > 0 ? least : 1;
}
