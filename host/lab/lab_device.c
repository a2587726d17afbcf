/* lab_device.c: buffers and transfers on the device of an experiment. */
#include "lab_device.h"

#include "cli_common.h"

cl_mem lab_buffer(const picked_device *device, const float *values, size_t count, char *message,
                  size_t size) {
    const cl_mem_flags copy = values ? CL_MEM_COPY_HOST_PTR : 0;
    cl_mem buffer = clCreateBuffer(device->context, CL_MEM_READ_WRITE | copy,
                                   (count ? count : 1) * sizeof(float), (void *)values, NULL);
    if (!buffer) cli_fail(message, size, "the device has no memory for the experiment");
    return buffer;
}

void lab_release(const cl_mem *buffers, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (buffers[i]) clReleaseMemObject(buffers[i]);
}

bool lab_write(const picked_device *device, cl_mem buffer, const float *values, size_t count,
               char *message, size_t size) {
    return clEnqueueWriteBuffer(device->queue, buffer, CL_TRUE, 0, count * sizeof *values, values,
                                0, NULL, NULL) == CL_SUCCESS ||
           cli_fail(message, size, "numbers could not be written to the device");
}

bool lab_read(const picked_device *device, clact_matrix from, float *values, size_t count,
              char *message, size_t size) {
    return clEnqueueReadBuffer(device->queue, from.buffer, CL_TRUE, from.offset * sizeof *values,
                               count * sizeof *values, values, 0, NULL, NULL) == CL_SUCCESS ||
           cli_fail(message, size, "numbers could not be read from the device");
}
