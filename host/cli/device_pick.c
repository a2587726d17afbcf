/* device_pick.c: finds OpenCL devices and opens the one the user has named. */
#include "device_pick.h"

#include "cache_place.h"
#include "tuning_pick.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INSIST "insist:" /* before a selector: do without the self-test */

enum { MAX_PLATFORMS = 64, MAX_DEVICES = 256 };

static bool refuse(char *message, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, size, format, arguments);
    va_end(arguments);
    return false;
}

unsigned device_list(cl_device_id *devices, unsigned max) {
    cl_platform_id platforms[MAX_PLATFORMS];
    cl_uint num_platforms = 0;
    unsigned total = 0;
    if (clGetPlatformIDs(MAX_PLATFORMS, platforms, &num_platforms) != CL_SUCCESS) return 0;
    if (num_platforms > MAX_PLATFORMS) num_platforms = MAX_PLATFORMS;
    for (cl_uint p = 0; p < num_platforms; p++) {
        cl_uint here = 0;
        unsigned room = total < max ? max - total : 0;
        if (clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, room, room ? devices + total : NULL,
                           &here) == CL_SUCCESS)
            total += here;
    }
    return total;
}

/* ---- Choosing -------------------------------------------------------------------------------- */

unsigned device_default(const cl_device_id *devices, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        cl_device_type type = 0;
        if (clGetDeviceInfo(devices[i], CL_DEVICE_TYPE, sizeof type, &type, NULL) == CL_SUCCESS &&
            (type & CL_DEVICE_TYPE_GPU))
            return i;
    }
    return 0;
}

static bool contains_ignoring_case(const char *text, const char *part) {
    for (; *text; text++) {
        size_t i = 0;
        while (part[i] && tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
            i++;
        if (!part[i]) return true;
    }
    return false;
}

static bool find_by_number(const char *selector, unsigned count, unsigned *index, char *message,
                           size_t size) {
    unsigned long number = strtoul(selector, NULL, 10); /* ULONG_MAX where it overflows */
    if (number < count) {
        *index = (unsigned)number;
        return true;
    }
    if (count == 1)
        return refuse(message, size,
                      "no device has the number %s: there is 1 device, number 0; `clact devices` "
                      "shows it",
                      selector);
    return refuse(message, size,
                  "no device has the number %s: there are %u, from 0 to %u; `clact devices` shows "
                  "them",
                  selector, count, count - 1);
}

static bool find_by_name(const char *selector, const cl_device_id *devices, unsigned count,
                         unsigned *index, char *message, size_t size) {
    unsigned matches = 0;
    for (unsigned i = 0; i < count; i++) {
        clact_device_info info;
        if (clact_device_query(devices[i], &info) != CLACT_SUCCESS ||
            !contains_ignoring_case(info.name, selector))
            continue;
        if (matches > 0)
            return refuse(message, size,
                          "devices %u and %u both have '%s' in their names; give a number of "
                          "`clact devices`",
                          *index, i, selector);
        *index = i;
        matches++;
    }
    if (matches == 1) return true;
    return refuse(message, size,
                  "no device has '%s' in its name: there %s %u; `clact devices` shows %s", selector,
                  count == 1 ? "is" : "are", count, count == 1 ? "it" : "them");
}

static bool choose(const char *selector, const cl_device_id *devices, unsigned count,
                   unsigned *index, char *message, size_t size) {
    cl_uint platforms = 0;
    clGetPlatformIDs(0, NULL, &platforms);
    if (count == 0 && platforms > 0)
        return refuse(message, size,
                      "an OpenCL driver is installed but offers no device; PoCL needs a writable "
                      "$HOME/.cache, or POCL_CACHE_DIR set to a writable folder");
    if (count == 0)
        return refuse(message, size,
                      "no OpenCL device found; install an OpenCL driver: the one of your GPU, or "
                      "for the CPU PoCL (on Debian the package pocl-opencl-icd)");
    if (!selector) {
        *index = device_default(devices, count);
        return true;
    }
    if (!*selector)
        return refuse(message, size,
                      "the device is empty; give a number of `clact devices` or a part of a name");
    if (strspn(selector, "0123456789") == strlen(selector))
        return find_by_number(selector, count, index, message, size);
    return find_by_name(selector, devices, count, index, message, size);
}

/* ---- Opening --------------------------------------------------------------------------------- */

clact_status device_self_test(cl_context context, cl_device_id device, bool with_cache,
                              clact_self_test_report *report) {
    clact_context *clact = NULL;
    char folder[CACHE_PLACE_SIZE];
    *report = (clact_self_test_report){.struct_size = sizeof *report};
    const clact_context_options options = {.struct_size = sizeof options,
                                           .self_test = CLACT_SELF_TEST_INSIST,
                                           .report = report,
                                           .cache_folder = with_cache ? cache_place(folder) : NULL};
    const clact_status status = clact_context_create(context, device, &options, &clact);
    if (status != CLACT_SUCCESS && !report->message[0])
        snprintf(report->message, sizeof report->message, "%s", clact_status_text(status));
    clact_context_destroy(clact);
    return status;
}

static bool passes_self_test(const picked_device *picked, bool with_cache, char *message,
                             size_t size) {
    clact_self_test_report report;
    const clact_status status =
        device_self_test(picked->context, picked->device, with_cache, &report);
    if (status != CLACT_SUCCESS)
        return refuse(message, size,
                      "device %u (%s) cannot run the self-test: %s; try another one of `clact "
                      "devices`",
                      picked->index, picked->info.name, report.message);
    if (!report.passed)
        return refuse(message, size,
                      "device %u: %s; try another one of `clact devices`, or --device insist:%u to "
                      "use it all the same",
                      picked->index, report.message, picked->index);
    return true;
}

static bool open_chosen(picked_device *picked, bool insists, bool with_cache, const char *named,
                        char *message, size_t size) {
    char folder[CACHE_PLACE_SIZE];
    clact_tuning tuning;
    const clact_context_options options = {.struct_size = sizeof options,
                                           .cache_folder = with_cache ? cache_place(folder) : NULL,
                                           .tuning = &tuning};
    cl_int error = CL_SUCCESS;
    const char *call = "clCreateContext";
    clact_status status = clact_device_query(picked->device, &picked->info);
    if (status != CLACT_SUCCESS)
        return refuse(message, size, "device %u cannot be asked for its properties: %s",
                      picked->index, clact_status_text(status));
    picked->context = clCreateContext(NULL, 1, &picked->device, NULL, NULL, &error);
    if (picked->context) {
        call = "clCreateCommandQueue";
        picked->queue = clCreateCommandQueue(picked->context, picked->device,
                                             CL_QUEUE_PROFILING_ENABLE, &error);
    }
    if (!picked->queue)
        return refuse(message, size,
                      "device %u (%s) cannot be opened: %s gave OpenCL error %d; try another one "
                      "of `clact devices`",
                      picked->index, picked->info.name, call, (int)error);
    if (!insists && !passes_self_test(picked, with_cache, message, size)) return false;
    if (!tuning_pick(named, picked->device, &tuning, message, size)) return false;
    status = clact_context_create(picked->context, picked->device, &options, &picked->clact);
    if (status != CLACT_SUCCESS)
        return refuse(message, size,
                      "device %u (%s) cannot be used: %s; try another one of `clact devices`",
                      picked->index, picked->info.name, clact_status_text(status));
    return true;
}

bool device_open(const char *selector, bool with_cache, const char *tuning, picked_device *out,
                 char *message, size_t message_size) {
    cl_device_id devices[MAX_DEVICES];
    *out = (picked_device){0};
    unsigned count = device_list(devices, MAX_DEVICES);
    if (count > MAX_DEVICES) count = MAX_DEVICES;
    const size_t prefix = strlen(INSIST);
    const bool insists = selector && strncmp(selector, INSIST, prefix) == 0;
    if (insists) selector = selector[prefix] ? selector + prefix : NULL;
    if (!choose(selector, devices, count, &out->index, message, message_size)) {
        out->index = 0;
        return false;
    }
    out->device = devices[out->index];
    if (!open_chosen(out, insists, with_cache, tuning, message, message_size)) {
        device_close(out);
        return false;
    }
    return true;
}

void device_close(picked_device *device) {
    clact_context_destroy(device->clact);
    if (device->queue) clReleaseCommandQueue(device->queue);
    if (device->context) clReleaseContext(device->context);
    *device = (picked_device){0};
}
