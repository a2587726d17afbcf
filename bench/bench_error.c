/* bench_error.c: sentences about what went wrong. */
#include "bench_error.h"

#include <stdarg.h>
#include <stdio.h>

bool bench_fail(bench_error *error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return false;
}

bool bench_check_cl(cl_int code, const char *what, bench_error *error) {
    if (code == CL_SUCCESS) return true;
    const bool memory = code == CL_MEM_OBJECT_ALLOCATION_FAILURE || code == CL_OUT_OF_RESOURCES ||
                        code == CL_OUT_OF_HOST_MEMORY || code == CL_INVALID_BUFFER_SIZE;
    return bench_fail(error, "%s failed with OpenCL error %d%s", what, (int)code,
                      memory ? " (memory); try a smaller --size" : "");
}

bool bench_check_clact(clact_status status, clact_context *context, const char *what,
                       bench_error *error) {
    if (status == CLACT_SUCCESS) return true;
    char message[400] = "", log[400] = "";
    clact_context_message(context, message, sizeof message);
    if (status == CLACT_BUILD) clact_context_build_log(context, log, sizeof log);
    return bench_fail(error, "%s: %s%s%s%s%s", what, clact_status_text(status),
                      message[0] ? ": " : "", message, log[0] ? "\n" : "", log);
}
