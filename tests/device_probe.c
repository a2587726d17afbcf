/* device_probe.c: what float32 arithmetic on the device does where IEEE 754 and devices part. */
#include "device_probe.h"

#include <math.h>

enum { INPUTS = 6, RESULTS = 6 };

/* Inputs come from memory, so that no compiler knows them. */
static const char text[] = "#pragma OPENCL FP_CONTRACT OFF\n"
                           "__kernel void probe(__global const float *x, __global float *y) {\n"
                           "    const float tiny = x[0], one = x[1], half_ = x[2], least = x[3];\n"
                           "    y[0] = tiny * one;\n"
                           "    y[1] = least * half_;\n"
                           "    y[2] = tiny + tiny;\n"
                           "    y[3] = fma(tiny, one, tiny);\n"
                           "    y[4] = fma(least, half_, tiny);\n"
                           "    y[5] = fma(x[5], x[4], x[4]);\n"
                           "}\n";

device_arithmetic device_probe(fixture *f) {
    const float x[INPUTS] = {0x1p-140f, 1.0f, 0.5f, 0x1p-126f, 0.0f, -1.0f};
    const float want[RESULTS] = {0x1p-140f, 0x1p-127f, 0x1p-139f, 0x1p-139f, 0x1p-127f + 0x1p-140f,
                                 0.0f};
    const char *parts[] = {text};
    const size_t one = 1;
    float y[RESULTS];
    cl_int code = CL_SUCCESS;
    cl_program program = clCreateProgramWithSource(f->context, 1, parts, NULL, &code);
    code |= clBuildProgram(program, 1, &f->device, "-cl-std=CL1.2", NULL, NULL);
    cl_kernel kernel = clCreateKernel(program, "probe", NULL);
    cl_mem in = clCreateBuffer(f->context, CL_MEM_READ_ONLY, sizeof x, NULL, NULL);
    cl_mem out = clCreateBuffer(f->context, CL_MEM_READ_WRITE, sizeof y, NULL, NULL);
    code |= clSetKernelArg(kernel, 0, sizeof in, &in);
    code |= clSetKernelArg(kernel, 1, sizeof out, &out);
    code |= clEnqueueWriteBuffer(f->queue, in, CL_TRUE, 0, sizeof x, x, 0, NULL, NULL);
    code |= clEnqueueNDRangeKernel(f->queue, kernel, 1, NULL, &one, NULL, 0, NULL, NULL);
    code |= clEnqueueReadBuffer(f->queue, out, CL_TRUE, 0, sizeof y, y, 0, NULL, NULL);
    assert_int_equal(code, CL_SUCCESS);
    clReleaseMemObject(in);
    clReleaseMemObject(out);
    clReleaseKernel(kernel);
    clReleaseProgram(program);
    device_arithmetic a = {.flushes = !f->info.subnormals, .loses_zero_sign = signbit(y[5]) != 0};
    for (int i = 0; i < RESULTS - 1; i++)
        a.flushes = a.flushes || !same_bits(y[i], want[i]);
    return a;
}
