/* faults.c: calls that fail on demand and are counted. Each __wrap_ function stands in for a call
 * of the library under test, each __real_ one is the call itself.
 */
#include "faults.h"

#include <clblast_c.h>
#include <string.h>

faults fault;
fault_counts counts;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
cl_int __real_clGetDeviceInfo(cl_device_id device, cl_device_info key, size_t size, void *value,
                              size_t *needed);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
cl_int __wrap_clGetDeviceInfo(cl_device_id device, cl_device_info key, size_t size, void *value,
                              size_t *needed);

cl_int __real_clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dims,
                                     const size_t *offset, const size_t *global,
                                     const size_t *local, cl_uint num_wait, const cl_event *wait,
                                     cl_event *event);
cl_int __wrap_clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dims,
                                     const size_t *offset, const size_t *global,
                                     const size_t *local, cl_uint num_wait, const cl_event *wait,
                                     cl_event *event);

cl_int __wrap_clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dims,
                                     const size_t *offset, const size_t *global,
                                     const size_t *local, cl_uint num_wait, const cl_event *wait,
                                     cl_event *event) {
    if (fault.no_launch) return CL_OUT_OF_RESOURCES;
    if (fault.small_groups && *local > 8) return CL_INVALID_WORK_GROUP_SIZE;
    counts.launches++;
    counts.last_items = global[0];
    return __real_clEnqueueNDRangeKernel(queue, kernel, dims, offset, global, local, num_wait, wait,
                                         event);
}
CLBlastStatusCode __real_CLBlastSgemm(CLBlastLayout layout, CLBlastTranspose ta,
                                      CLBlastTranspose tb, size_t m, size_t n, size_t k,
                                      float alpha, cl_mem a, size_t a_offset, size_t a_ld, cl_mem b,
                                      size_t b_offset, size_t b_ld, float beta, cl_mem c,
                                      size_t c_offset, size_t c_ld, cl_command_queue *queue,
                                      cl_event *event);
CLBlastStatusCode __wrap_CLBlastSgemm(CLBlastLayout layout, CLBlastTranspose ta,
                                      CLBlastTranspose tb, size_t m, size_t n, size_t k,
                                      float alpha, cl_mem a, size_t a_offset, size_t a_ld, cl_mem b,
                                      size_t b_offset, size_t b_ld, float beta, cl_mem c,
                                      size_t c_offset, size_t c_ld, cl_command_queue *queue,
                                      cl_event *event);

CLBlastStatusCode __wrap_CLBlastSgemm(CLBlastLayout layout, CLBlastTranspose ta,
                                      CLBlastTranspose tb, size_t m, size_t n, size_t k,
                                      float alpha, cl_mem a, size_t a_offset, size_t a_ld, cl_mem b,
                                      size_t b_offset, size_t b_ld, float beta, cl_mem c,
                                      size_t c_offset, size_t c_ld, cl_command_queue *queue,
                                      cl_event *event) {
    if (fault.no_blas) return CLBlastNotImplemented;
    if (!fault.no_count) counts.launches++;
    if (fault.short_sums && k > 1) k--;
    return __real_CLBlastSgemm(layout, ta, tb, m, n, k, alpha, a, a_offset, a_ld, b, b_offset, b_ld,
                               beta, c, c_offset, c_ld, queue, event);
}
void *__wrap_malloc(size_t size) {
    return fault.no_memory ? NULL : __real_malloc(size);
}
void *__wrap_calloc(size_t count, size_t size) {
    return fault.no_memory ? NULL : __real_calloc(count, size);
}
void *__wrap_realloc(void *old, size_t size) {
    return fault.no_memory ? NULL : __real_realloc(old, size);
}
cl_int __wrap_clGetDeviceInfo(cl_device_id device, cl_device_info key, size_t size, void *value,
                              size_t *needed) {
    if ((fault.no_compiler && key == CL_DEVICE_COMPILER_AVAILABLE) ||
        (fault.no_double && key == CL_DEVICE_DOUBLE_FP_CONFIG)) {
        memset(value, 0, size);
        return CL_SUCCESS;
    }
    if (fault.version && key == CL_DEVICE_VERSION) {
        if (needed) *needed = strlen(fault.version) + 1;
        if (value) memcpy(value, fault.version, strlen(fault.version) + 1);
        return CL_SUCCESS;
    }
    return __real_clGetDeviceInfo(device, key, size, value, needed);
}

cl_kernel __real_clCreateKernel(cl_program program, const char *name, cl_int *code);
cl_kernel __wrap_clCreateKernel(cl_program program, const char *name, cl_int *code);
cl_kernel __wrap_clCreateKernel(cl_program program, const char *name, cl_int *code) {
    counts.kernels_made++;
    counts.kernels_live++;
    return __real_clCreateKernel(program, name, code);
}
#define COUNTED(call, type, change)                                                                \
    cl_int __real_##call(type object);                                                             \
    cl_int __wrap_##call(type object);                                                             \
    cl_int __wrap_##call(type object) {                                                            \
        change;                                                                                    \
        return __real_##call(object);                                                              \
    }
COUNTED(clReleaseKernel, cl_kernel, counts.kernels_live--)
COUNTED(clRetainProgram, cl_program, counts.programs_live++)
COUNTED(clReleaseProgram, cl_program, counts.programs_live--)
cl_program __real_clCreateProgramWithSource(cl_context c, cl_uint n, const char **t,
                                            const size_t *l, cl_int *code);
cl_program __wrap_clCreateProgramWithSource(cl_context c, cl_uint n, const char **t,
                                            const size_t *l, cl_int *code);
cl_program __wrap_clCreateProgramWithSource(cl_context c, cl_uint n, const char **t,
                                            const size_t *l, cl_int *code) {
    counts.programs_live++;
    return __real_clCreateProgramWithSource(c, n, t, l, code);
}
