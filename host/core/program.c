/* program.c (L1): compile kernels for one device, or take them from the cache folder. */
#include "program.h"

#include "cache_folder.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double program_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static char *build_log(cl_program program, cl_device_id device) {
    size_t size = 0;
    clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, 0, NULL, &size);
    char *log = malloc(size + 1);
    if (!log) return NULL;
    log[0] = '\0';
    clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, size, log, NULL);
    log[size] = '\0';
    return log;
}

/* A text holds all kernels that have the same defines: it stands in the program once. */
static bool text_is_there(const kernel_spec *specs, size_t i) {
    for (size_t j = 0; j < i; j++)
        if (specs[j].text == specs[i].text && strcmp(specs[j].defines, specs[i].defines) == 0)
            return true;
    return false;
}

/* What the compiler is given: the parts of the text, and the options. */
typedef struct program_text {
    const char **parts;
    cl_uint count;
    char sizes[1024], options[512];
} program_text;

clact_tuning_shape program_shape(const program_target *target, const kernel_spec *spec) {
    clact_tuning_shape shape = target->tuning.families[spec->family];
    if (!spec->abreast) shape.width = kernel_width_of_one(shape.width);
    shape.width = kernel_lanes(spec->flavour, shape.width);
    return shape;
}

bool program_is_shared(const program_target *target, const kernel_spec *a, const kernel_spec *b) {
    return a->flavour == b->flavour &&
           program_shape(target, a).width == program_shape(target, b).width;
}

/* What decides all kernels of a program, as kernel.h names it. It stands in the text, where no
 * option can undo it. */
static void write_sizes(const program_target *target, const kernel_spec *spec, char *text,
                        size_t size) {
    static const char *const names[CLACT_FAMILY_COUNT] = {
#define FAMILY_NAME(NAME, value, name) #NAME,
        CLACT_FAMILY_MAP(FAMILY_NAME)
#undef FAMILY_NAME
    };
    const clact_tuning *t = &target->tuning;
    int used =
        snprintf(text, size, "%s%s",
                 spec->flavour & KERNEL_ACCURATE ? "#define ACCURATE\n" : "#undef ACCURATE\n",
                 spec->flavour & KERNEL_DOUBLE ? "#define DOUBLE\n" : "#undef DOUBLE\n");
    used += snprintf(text + used, size - (size_t)used,
                     "#undef WIDTH\n#define WIDTH %u\n#undef FETCH_ROWS\n#define FETCH_ROWS %u\n",
                     program_shape(target, spec).width,
                     t->fetch_rows == CLACT_TUNING_NO_FETCH ? 0 : (unsigned)t->fetch_rows);
    for (int f = 0; f < CLACT_FAMILY_COUNT; f++)
        used += snprintf(text + used, size - (size_t)used,
                         "#undef %s_LOCAL\n#define %s_LOCAL %u\n"
                         "#undef %s_VECTORS\n#define %s_VECTORS %u\n",
                         names[f], names[f], t->families[f].local, names[f], names[f],
                         t->families[f].vectors);
}

/* False when memory is short. The caller frees text->parts. */
static bool write_text(const program_target *target, const kernel_spec *specs, size_t count,
                       program_text *text) {
    text->count = 0;
    text->parts = malloc((2 + 2 * count) * sizeof *text->parts);
    if (!text->parts) return false;
    write_sizes(target, &specs[0], text->sizes, sizeof text->sizes);
    text->parts[text->count++] = text->sizes;
    text->parts[text->count++] = clact_text_kernel;
    for (size_t i = 0; i < count; i++) {
        if (text_is_there(specs, i)) continue;
        text->parts[text->count++] = specs[i].defines;
        text->parts[text->count++] = specs[i].text;
    }
    snprintf(text->options, sizeof text->options, "-cl-std=CL1.2 %s", target->options);
    return true;
}

static clact_status compile(const program_target *target, const program_text *text,
                            program_result *result) {
    cl_program program =
        clCreateProgramWithSource(target->context, text->count, text->parts, NULL, &result->code);
    if (result->code != CL_SUCCESS) return CLACT_OPENCL;
    result->code = clBuildProgram(program, 1, &target->device, text->options, NULL, NULL);
    if (result->code == CL_SUCCESS) {
        result->program = program;
        return CLACT_SUCCESS;
    }
    result->log = build_log(program, target->device);
    clReleaseProgram(program);
    return result->code == CL_BUILD_PROGRAM_FAILURE || result->code == CL_INVALID_BUILD_OPTIONS
               ? CLACT_BUILD
               : CLACT_OPENCL;
}

/* ---- The cache folder ------------------------------------------------------------------------ */

static disk_key key_of(const program_target *target, const program_text *text) {
    const uint64_t numbers[] = {DISK_FORMAT, sizeof(void *)};
    disk_key key;
    sha256 hash = target->identity;
    sha256_add_field(&hash, numbers, sizeof numbers);
    sha256_add_field(&hash, text->options, strlen(text->options));
    for (cl_uint i = 0; i < text->count; i++)
        sha256_add_field(&hash, text->parts[i], strlen(text->parts[i]));
    sha256_digest(&hash, key.bytes);
    return key;
}

static bool has_kernels(cl_program program, const kernel_spec *specs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        cl_kernel kernel = clCreateKernel(program, specs[i].name, NULL);
        if (!kernel) return false;
        clReleaseKernel(kernel);
    }
    return true;
}

/* The program as it was kept; NULL where it is not, or the driver does not take it. */
static cl_program load(const program_target *target, const program_text *text,
                       const kernel_spec *specs, size_t count, const disk_key *key) {
    unsigned char *binary = NULL;
    size_t size = 0;
    cl_int code = CL_SUCCESS, accepted = CL_SUCCESS;
    if (!disk_cache_load(target->cache_folder, key, &binary, &size)) return NULL;
    cl_program program =
        clCreateProgramWithBinary(target->context, 1, &target->device, &size,
                                  (const unsigned char **)&binary, &accepted, &code);
    free(binary);
    if (!program) return NULL;
    if (code == CL_SUCCESS && accepted == CL_SUCCESS &&
        clBuildProgram(program, 1, &target->device, text->options, NULL, NULL) == CL_SUCCESS &&
        has_kernels(program, specs, count))
        return program;
    clReleaseProgram(program);
    return NULL;
}

/* Of the program's devices, and the binaries it has for each, those of the target alone count. */
void program_keep(const program_target *target, cl_program program, const disk_key *key) {
    cl_uint count = 0;
    cl_device_id *devices = NULL;
    size_t *sizes = NULL;
    unsigned char **binaries = NULL;
    if (!disk_cache_prepare(target->cache_folder) ||
        clGetProgramInfo(program, CL_PROGRAM_NUM_DEVICES, sizeof count, &count, NULL) != CL_SUCCESS)
        return;
    devices = calloc(count, sizeof *devices);
    sizes = calloc(count, sizeof *sizes);
    binaries = calloc(count, sizeof *binaries);
    bool is_good = devices && sizes && binaries &&
                   clGetProgramInfo(program, CL_PROGRAM_DEVICES, count * sizeof *devices, devices,
                                    NULL) == CL_SUCCESS &&
                   clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, count * sizeof *sizes, sizes,
                                    NULL) == CL_SUCCESS;
    for (cl_uint i = 0; i < count && is_good; i++)
        is_good = sizes[i] == 0 || (binaries[i] = malloc(sizes[i]));
    is_good = is_good && clGetProgramInfo(program, CL_PROGRAM_BINARIES, count * sizeof *binaries,
                                          binaries, NULL) == CL_SUCCESS;
    for (cl_uint i = 0; i < count && is_good; i++)
        if (devices[i] == target->device && binaries[i] &&
            disk_cache_store(target->cache_folder, key, binaries[i], sizes[i]))
            cache_folder_trim(target->cache_folder, CACHE_FOLDER_MAX);
    for (cl_uint i = 0; i < count && binaries; i++)
        free(binaries[i]);
    free(binaries);
    free(sizes);
    free(devices);
}

/* ---- Both ------------------------------------------------------------------------------------ */

clact_status program_build(const program_target *target, const kernel_spec *specs, size_t count,
                           program_result *result) {
    clact_status status = CLACT_SUCCESS;
    program_text text;
    *result = (program_result){0};
    if (!write_text(target, specs, count, &text)) return CLACT_MEMORY;
    if (target->cache_folder) {
        result->key = key_of(target, &text);
        result->program = load(target, &text, specs, count, &result->key);
        result->is_kept = result->program != NULL;
    }
    if (!result->is_kept) status = compile(target, &text, result);
    free(text.parts);
    return status;
}
