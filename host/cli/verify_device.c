/* verify_device.c: an evaluator for host/verify that runs on an opened device. */
#include "verify_device.h"

#include "cli_common.h"

#include <string.h>

enum { BUFFER_BYTES = 1 << 24 };

static bool opencl_failed(verify_device *d, const char *call, cl_int code) {
    return cli_fail(d->message, sizeof d->message, "device %u (%s): %s gave OpenCL error %d",
                    d->picked->index, d->picked->info.name, call, (int)code);
}

static bool clact_failed(verify_device *d, clact_status status) {
    char detail[512] = "";
    clact_context_message(d->picked->clact, detail, sizeof detail);
    return cli_fail(d->message, sizeof d->message, "device %u (%s): %s%s%s", d->picked->index,
                    d->picked->info.name, clact_status_text(status), detail[0] ? ": " : "", detail);
}

bool verify_device_open(verify_device *d, picked_device *picked) {
    cl_int code = CL_SUCCESS;
    *d = (verify_device){.picked = picked, .bytes = BUFFER_BYTES};
    d->saved = clCreateBuffer(picked->context, CL_MEM_READ_WRITE, d->bytes, NULL, &code);
    if (code == CL_SUCCESS)
        d->dy = clCreateBuffer(picked->context, CL_MEM_READ_WRITE, d->bytes, NULL, &code);
    return code == CL_SUCCESS || opencl_failed(d, "clCreateBuffer", code);
}

void verify_device_close(verify_device *d) {
    if (d->saved) clReleaseMemObject(d->saved);
    if (d->dy) clReleaseMemObject(d->dy);
    d->saved = d->dy = NULL;
}

static clact_sweep sweep_of(const verify_case *c) {
    clact_sweep sweep;
    clact_sweep_init(&sweep, c->activation);
    sweep.tier = c->tier;
    sweep.dtype = c->dtype;
    sweep.saved = c->saved;
    memcpy(sweep.params, c->params, sizeof c->params);
    return sweep;
}

bool verify_device_prepare(verify_device *d, const verify_case *cases, size_t count) {
    clact_sweep sweeps[VERIFY_CASES];
    for (size_t i = 0; i < count; i++)
        sweeps[i] = sweep_of(&cases[i]);
    const clact_status status =
        clact_warm_up(d->picked->clact, sweeps, count, count > 0 && cases[0].backward);
    return status == CLACT_SUCCESS || clact_failed(d, status);
}

/* At most as many elements as the buffers hold */
static bool evaluate_part(verify_device *d, const verify_case *c, size_t n, const void *input,
                          const void *dy, void *output) {
    const clact_sweep sweep = sweep_of(c);
    const cl_command_queue queue = d->picked->queue;
    const size_t bytes = n * clact_dtype_size(c->dtype);
    const clact_matrix saved = {d->saved, 0, 0}, gradient = {d->dy, 0, 0};
    cl_int code = clEnqueueWriteBuffer(queue, d->saved, CL_FALSE, 0, bytes, input, 0, NULL, NULL);
    if (code == CL_SUCCESS && c->backward)
        code = clEnqueueWriteBuffer(queue, d->dy, CL_FALSE, 0, bytes, dy, 0, NULL, NULL);
    if (code != CL_SUCCESS) {
        clFinish(queue); /* the caller's arrays may go */
        return opencl_failed(d, "writing to the device", code);
    }
    const clact_status status =
        c->backward
            ? clact_backward(d->picked->clact, queue, &sweep, 1, n, saved, gradient, gradient, 0,
                             NULL, NULL)
            : clact_forward(d->picked->clact, queue, &sweep, 1, n, saved, saved, 0, NULL, NULL);
    if (status != CLACT_SUCCESS) {
        clFinish(queue);
        return clact_failed(d, status);
    }
    code = clEnqueueReadBuffer(queue, c->backward ? d->dy : d->saved, CL_TRUE, 0, bytes, output, 0,
                               NULL, NULL);
    return code == CL_SUCCESS || opencl_failed(d, "reading from the device", code);
}

bool verify_device_evaluate(void *user, const verify_case *c, size_t n, const void *input,
                            const void *dy, void *output) {
    verify_device *d = user;
    const size_t size = clact_dtype_size(c->dtype), most = d->bytes / size;
    for (size_t at = 0; at < n; at += most) {
        const size_t part = n - at < most ? n - at : most, shift = at * size;
        if (!evaluate_part(d, c, part, (const char *)input + shift,
                           dy ? (const char *)dy + shift : NULL, (char *)output + shift))
            return false;
    }
    return true;
}
