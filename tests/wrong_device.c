/* wrong_device.c: to be preloaded: a device on which tanh is off by one bit in the self-test, and
 * where WRONG_SWEEP is set, the fourth element of any other array that is read too. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "core/known_answers.h"

#include <clact/clact.h>

#include <dlfcn.h>
#include <stdlib.h>

typedef cl_int (*read_buffer)(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                              size_t offset, size_t size, void *to, cl_uint num_wait,
                              const cl_event *wait, cl_event *event);

__attribute__((visibility("default"))) cl_int
clEnqueueReadBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset,
                    size_t size, void *to, cl_uint num_wait, const cl_event *wait,
                    cl_event *event) {
    read_buffer real;
    *(void **)&real = dlsym(RTLD_NEXT, "clEnqueueReadBuffer");
    const cl_int code = real(queue, buffer, blocking, offset, size, to, num_wait, wait, event);
    uint32_t *cells = to;
    if (size == KNOWN_ROWS * KNOWN_COLUMNS * sizeof *cells)
        cells[KNOWN_tanh * KNOWN_COLUMNS + 30] ^= 1;
    else if (size >= 64 && getenv("WRONG_SWEEP"))
        cells[3] ^= 1;
    return code;
}
