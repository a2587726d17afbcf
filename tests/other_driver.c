/* other_driver.c: calls of OpenCL that answer as another driver would. Each __wrap_ function stands
 * in for a call of the library under test, each __real_ one is the call itself.
 */
#include "other_driver.h"

struct other_driver other_driver;
atomic_int other_driver_programs;

#define WRAPPED(result, name, parameters)                                                          \
    result __real_##name parameters;                                                               \
    result __wrap_##name parameters;                                                               \
    result __wrap_##name parameters

/* The last byte before the end of the text, or the first of a number */
static cl_int change(cl_int code, cl_uint key, size_t size, void *value) {
    unsigned char *bytes = value;
    if (code == CL_SUCCESS && key == other_driver.changed_key && value && size > 1)
        bytes[size > 16 ? size - 2 : 0] ^= 1;
    return code;
}

WRAPPED(cl_int, clGetDeviceInfo,
        (cl_device_id device, cl_device_info key, size_t size, void *value, size_t *needed)) {
    if (other_driver.no_identity && key == CL_DEVICE_OPENCL_C_VERSION) return CL_OUT_OF_HOST_MEMORY;
    return change(__real_clGetDeviceInfo(device, key, size, value, needed), key, size, value);
}

WRAPPED(cl_int, clGetPlatformInfo,
        (cl_platform_id platform, cl_platform_info key, size_t size, void *value, size_t *needed)) {
    return change(__real_clGetPlatformInfo(platform, key, size, value, needed), key, size, value);
}

WRAPPED(cl_program, clCreateProgramWithBinary,
        (cl_context context, cl_uint count, const cl_device_id *devices, const size_t *sizes,
         const unsigned char **binaries, cl_int *accepted, cl_int *code)) {
    if (other_driver.refusal == DRIVER_NO_BINARY) {
        *code = CL_INVALID_BINARY;
        return NULL;
    }
    cl_program program =
        __real_clCreateProgramWithBinary(context, count, devices, sizes, binaries, accepted, code);
    other_driver_programs += program != NULL;
    if (other_driver.refusal == DRIVER_BAD_STATUS) *accepted = CL_INVALID_BINARY;
    return program;
}

static bool is_from_source(cl_program program) {
    size_t size = 0;
    clGetProgramInfo(program, CL_PROGRAM_SOURCE, 0, NULL, &size);
    return size > 1;
}

WRAPPED(cl_int, clBuildProgram,
        (cl_program program, cl_uint count, const cl_device_id *devices, const char *options,
         void(CL_CALLBACK *notify)(cl_program, void *), void *data)) {
    if (other_driver.refusal == DRIVER_NO_BUILD && !is_from_source(program))
        return CL_BUILD_PROGRAM_FAILURE;
    return __real_clBuildProgram(program, count, devices, options, notify, data);
}

WRAPPED(cl_kernel, clCreateKernel, (cl_program program, const char *name, cl_int *code)) {
    if (other_driver.refusal == DRIVER_NO_KERNEL && !is_from_source(program)) {
        if (code) *code = CL_INVALID_KERNEL_NAME;
        return NULL;
    }
    return __real_clCreateKernel(program, name, code);
}

WRAPPED(cl_int, clGetProgramInfo,
        (cl_program program, cl_program_info key, size_t size, void *value, size_t *needed)) {
    if (other_driver.refusal == DRIVER_NO_SIZES && key == CL_PROGRAM_BINARY_SIZES)
        return CL_OUT_OF_HOST_MEMORY;
    return __real_clGetProgramInfo(program, key, size, value, needed);
}

WRAPPED(cl_program, clCreateProgramWithSource,
        (cl_context context, cl_uint count, const char **texts, const size_t *sizes,
         cl_int *code)) {
    cl_program program = __real_clCreateProgramWithSource(context, count, texts, sizes, code);
    other_driver_programs += program != NULL;
    return program;
}

WRAPPED(cl_int, clRetainProgram, (cl_program program)) {
    other_driver_programs++;
    return __real_clRetainProgram(program);
}

WRAPPED(cl_int, clReleaseProgram, (cl_program program)) {
    other_driver_programs--;
    return __real_clReleaseProgram(program);
}
