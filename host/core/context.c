/* context.c (L2): life of a context, its messages, and the kernels it holds. */
#include "context.h"

#include "device_identity.h"
#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool option_is_safe(const char *options) {
    static const char *const refused[] = {"fast-relaxed-math",
                                          "unsafe-math",
                                          "finite-math",
                                          "mad-enable",
                                          "denorms-are-zero",
                                          "no-signed-zeros",
                                          "fast-math",
                                          "fp-contract",
                                          "Ofast",
                                          "associative-math",
                                          "reciprocal-math",
                                          "ffp-model",
                                          "single-precision-constant"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (strstr(options, refused[i])) return false;
    return true;
}

static clact_status check_device(cl_context context, cl_device_id device) {
    size_t size = 0;
    bool found = false;
    if (clGetContextInfo(context, CL_CONTEXT_DEVICES, 0, NULL, &size) != CL_SUCCESS)
        return CLACT_OPENCL;
    cl_device_id *devices = malloc(size + sizeof *devices);
    if (!devices) return CLACT_MEMORY;
    if (clGetContextInfo(context, CL_CONTEXT_DEVICES, size, devices, NULL) == CL_SUCCESS)
        for (size_t i = 0; i < size / sizeof *devices; i++)
            found = found || devices[i] == device;
    free(devices);
    if (!found) return CLACT_MISMATCH;
    return device_is_usable(device) ? CLACT_SUCCESS : CLACT_DEVICE;
}

static clact_status check_options(cl_device_id device, const clact_context_options *options) {
    if (!options) return CLACT_SUCCESS;
    const unsigned w = options->vector_width;
    if (options->struct_size != sizeof *options || w > 64 || (w & (w - 1)))
        return CLACT_INVALID_ARGUMENT;
    if ((int)options->self_test < CLACT_SELF_TEST_OFF ||
        options->self_test > CLACT_SELF_TEST_INSIST ||
        (options->report && options->report->struct_size != sizeof *options->report))
        return CLACT_INVALID_ARGUMENT;
    if (options->build_options &&
        (strlen(options->build_options) >= 256 || !option_is_safe(options->build_options)))
        return CLACT_INVALID_ARGUMENT;
    return options->tuning ? clact_tuning_check(device, options->tuning, NULL, 0) : CLACT_SUCCESS;
}

static bool init_locks(clact_context *c) {
    mtx_t *const locks[] = {&c->build_lock, &c->cache_lock, &c->text_lock};
    for (int i = 0; i < 3; i++) {
        if (mtx_init(locks[i], mtx_plain) == thrd_success) continue;
        while (i-- > 0)
            mtx_destroy(locks[i]);
        return false;
    }
    return true;
}

static clact_tuning tuning_for(const clact_device_info *info, cl_device_id device,
                               const clact_context_options *options) {
    const clact_tuning shipped = tuning_shipped(info, device_most_local(device));
    return tuning_completed(options ? options->tuning : NULL, options ? options->vector_width : 0,
                            &shipped);
}

/* Without memory, or where the driver does not say who it is, there is no cache. */
static void open_cache(clact_context *c, const char *folder) {
    sha256_init(&c->target.identity);
    if (!device_identity_add(c->target.device, &c->target.identity)) return;
    const size_t size = strlen(folder) + 1;
    c->cache_folder = malloc(size);
    if (c->cache_folder) memcpy(c->cache_folder, folder, size);
    c->target.cache_folder = c->cache_folder;
}

clact_status context_create(cl_context context, cl_device_id device,
                            const clact_context_options *options, clact_context **out) {
    if (!context || !device) return CLACT_INVALID_ARGUMENT;
    clact_status status = check_options(device, options);
    if (status == CLACT_SUCCESS) status = check_device(context, device);
    if (status != CLACT_SUCCESS) return status;

    clact_context *c = calloc(1, sizeof *c);
    if (!c) return CLACT_MEMORY;
    status = clact_device_query(device, &c->device);
    if (status == CLACT_SUCCESS && !init_locks(c)) status = CLACT_MEMORY;
    if (status != CLACT_SUCCESS) {
        free(c);
        return status;
    }

    snprintf(c->options, sizeof c->options, "%s%s",
             c->device.rounded_division
                 ? "-cl-fp32-correctly-rounded-divide-sqrt -DROUNDED_DIVISION "
                 : "",
             options && options->build_options ? options->build_options : "");
    c->target = (program_target){.context = context,
                                 .device = device,
                                 .tuning = tuning_for(&c->device, device, options),
                                 .options = c->options};
    if (options && options->cache_folder && options->cache_folder[0])
        open_cache(c, options->cache_folder);
    clRetainContext(context);
    clRetainDevice(device);
    *out = c;
    return CLACT_SUCCESS;
}

/* Not before now, because a driver may compile a kernel only when it is launched (PoCL does), and
 * the binary then has what came of it. */
static void keep_programs(clact_context *context) {
    for (size_t i = 0; i < context->num_unkept; i++) {
        program_keep(&context->target, context->unkept[i].program, &context->unkept[i].key);
        clReleaseProgram(context->unkept[i].program);
    }
    free(context->unkept);
}

void clact_context_destroy(clact_context *context) {
    if (!context) return;
    keep_programs(context);
    free(context->cache_folder);
    cache_clear(&context->cache);
    clReleaseDevice(context->target.device);
    clReleaseContext(context->target.context);
    mtx_destroy(&context->build_lock);
    mtx_destroy(&context->cache_lock);
    mtx_destroy(&context->text_lock);
    free(context->build_log);
    free(context);
}

/* ---- messages ---- */

clact_status context_fail(clact_context *context, clact_status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    mtx_lock(&context->text_lock);
    vsnprintf(context->message, sizeof context->message, format, args);
    mtx_unlock(&context->text_lock);
    va_end(args);
    return status;
}

clact_status context_fail_opencl(clact_context *context, const char *call, cl_int code) {
    return context_fail(context, CLACT_OPENCL, "%s failed: %s (%d)", call, status_opencl_name(code),
                        (int)code);
}

clact_status clact_context_report(clact_context *context, clact_status status,
                                  const char *message) {
    return context ? context_fail(context, status, "%s", message ? message : "") : status;
}

static size_t copy_text(clact_context *context, const char *source, char *text, size_t size) {
    mtx_lock(&context->text_lock);
    const size_t length = source ? strlen(source) : 0;
    if (text && size > 0) snprintf(text, size, "%s", source ? source : "");
    mtx_unlock(&context->text_lock);
    return length;
}

size_t clact_context_message(clact_context *context, char *text, size_t size) {
    if (context) return copy_text(context, context->message, text, size);
    if (text && size > 0) text[0] = '\0';
    return 0;
}

size_t clact_context_build_log(clact_context *context, char *text, size_t size) {
    if (context) return copy_text(context, context->build_log, text, size);
    if (text && size > 0) text[0] = '\0';
    return 0;
}

static clact_status keep_log(clact_context *context, const char *kernel, char *log) {
    mtx_lock(&context->text_lock);
    free(context->build_log);
    context->build_log = log;
    mtx_unlock(&context->text_lock);
    return context_fail(context, CLACT_BUILD, "kernel %s did not compile for %s; see the build log",
                        kernel, context->device.name);
}

/* ---- kernels ---- */

static bool is_listed(const kernel_spec *specs, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(specs[i].name, name) == 0) return true;
    return false;
}

/* Copies to `missing` the kernels that are not compiled yet and may share a program with the first,
 * each once; returns how many, 0 if the first is there. */
static size_t list_missing(clact_context *context, const kernel_spec *specs, size_t count,
                           kernel_spec *missing) {
    size_t n = 0;
    mtx_lock(&context->cache_lock);
    if (!cache_contains(&context->cache, specs[0].name))
        for (size_t i = 0; i < count; i++)
            if (program_is_shared(&context->target, &specs[0], &specs[i]) &&
                !cache_contains(&context->cache, specs[i].name) &&
                !is_listed(missing, n, specs[i].name))
                missing[n++] = specs[i];
    mtx_unlock(&context->cache_lock);
    return n;
}

static clact_status add_kernel(clact_context *context, const kernel_spec *spec,
                               cl_program program) {
    cl_int code = CL_SUCCESS;
    cl_kernel kernel = clCreateKernel(program, spec->name, &code);
    if (!kernel) return context_fail_opencl(context, "clCreateKernel", code);
    mtx_lock(&context->cache_lock);
    const bool added = cache_add(&context->cache, spec->name, program);
    if (added) cache_give(&context->cache, spec->name, kernel);
    mtx_unlock(&context->cache_lock);
    if (added) return CLACT_SUCCESS;
    clReleaseKernel(kernel);
    return CLACT_MEMORY;
}

static clact_status add_kernels(clact_context *context, const kernel_spec *specs, size_t count,
                                cl_program program) {
    clact_status status = CLACT_SUCCESS;
    for (size_t i = 0; i < count && status == CLACT_SUCCESS; i++)
        status = add_kernel(context, &specs[i], program);
    return status;
}

static void count_build(clact_context *context, const program_result *result, double seconds) {
    mtx_lock(&context->cache_lock);
    context->hits += result->is_kept;
    context->misses += context->cache_folder && !result->is_kept;
    context->builds += !result->is_kept;
    if (!result->is_kept) context->build_seconds += seconds;
    mtx_unlock(&context->cache_lock);
}

/* Where memory is short it is not kept. */
static void note_unkept(clact_context *context, const program_result *result) {
    const size_t count = context->num_unkept + 1;
    unkept_program *larger = realloc(context->unkept, count * sizeof *larger);
    if (!larger) return;
    clRetainProgram(result->program);
    larger[context->num_unkept] = (unkept_program){result->program, result->key};
    context->unkept = larger;
    context->num_unkept = count;
}

/* Builds the first kernel, if it is missing, into one program with all that may share it. Under the
 * build lock. */
static clact_status build_missing(clact_context *context, const kernel_spec *specs, size_t count,
                                  kernel_spec *missing) {
    const size_t n = list_missing(context, specs, count, missing);
    if (n == 0) return CLACT_SUCCESS;

    program_result result;
    const double start = program_clock();
    clact_status status = program_build(&context->target, missing, n, &result);
    count_build(context, &result, program_clock() - start);
    if (status == CLACT_BUILD) return keep_log(context, missing[0].name, result.log);
    free(result.log);
    if (status == CLACT_OPENCL)
        return context_fail_opencl(context, "building a program", result.code);
    if (status == CLACT_SUCCESS) status = add_kernels(context, missing, n, result.program);
    if (status == CLACT_SUCCESS && context->cache_folder && !result.is_kept)
        note_unkept(context, &result);
    if (result.program) clReleaseProgram(result.program);
    if (status == CLACT_MEMORY) context_fail(context, status, "out of host memory");
    return status;
}

clact_status context_ensure(clact_context *context, const kernel_spec *specs, size_t count) {
    bool complete = true;
    mtx_lock(&context->cache_lock);
    for (size_t i = 0; i < count; i++)
        complete = complete && cache_contains(&context->cache, specs[i].name);
    mtx_unlock(&context->cache_lock);
    if (complete) return CLACT_SUCCESS;

    kernel_spec *missing = malloc(count * sizeof *missing);
    if (!missing) return context_fail(context, CLACT_MEMORY, "out of host memory");
    mtx_lock(&context->build_lock);
    clact_status status = CLACT_SUCCESS;
    for (size_t i = 0; i < count && status == CLACT_SUCCESS; i++)
        status = build_missing(context, specs + i, count - i, missing);
    mtx_unlock(&context->build_lock);
    free(missing);
    return status;
}

clact_status context_take(clact_context *context, const char *name, cl_kernel *kernel) {
    mtx_lock(&context->cache_lock);
    const cl_int code = cache_take(&context->cache, name, kernel);
    mtx_unlock(&context->cache_lock);
    return code == CL_SUCCESS ? CLACT_SUCCESS
                              : context_fail_opencl(context, "clCreateKernel", code);
}

void context_give(clact_context *context, const char *name, cl_kernel kernel) {
    mtx_lock(&context->cache_lock);
    cache_give(&context->cache, name, kernel);
    mtx_unlock(&context->cache_lock);
}

double clact_context_build_seconds(clact_context *context, unsigned *builds) {
    if (builds) *builds = 0;
    if (!context) return 0.0;
    mtx_lock(&context->cache_lock);
    const double seconds = context->build_seconds;
    if (builds) *builds = context->builds;
    mtx_unlock(&context->cache_lock);
    return seconds;
}

void clact_context_cache_counts(clact_context *context, unsigned *hits, unsigned *misses) {
    if (hits) *hits = 0;
    if (misses) *misses = 0;
    if (!context) return;
    mtx_lock(&context->cache_lock);
    if (hits) *hits = context->hits;
    if (misses) *misses = context->misses;
    mtx_unlock(&context->cache_lock);
}
