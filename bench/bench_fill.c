/* bench_fill.c: numbers for the tensors that are measured. */
#include "bench_fill.h"

#include <element.h>
#include <math.h>

const bench_range bench_range_x = {-6.0f, 6.0f, 1};
const bench_range bench_range_positive = {0.0f, 6.0f, 2};
const bench_range bench_range_dy = {-1.0f, 1.0f, 3};

bool bench_fill_create(cl_context context, cl_command_queue queue, uint64_t bytes, cl_mem *buffer,
                       bench_error *error) {
    const cl_uchar zero = 0;
    cl_int code;
    *buffer = clCreateBuffer(context, CL_MEM_READ_WRITE, (size_t)bytes, NULL, &code);
    if (!bench_check_cl(code, "creating a buffer", error)) return false;
    code = clEnqueueFillBuffer(queue, *buffer, &zero, sizeof zero, 0, (size_t)bytes, 0, NULL, NULL);
    return bench_check_cl(code, "filling a buffer", error);
}

/* The constants are those of Numerical Recipes' generator, and its upper 24 bits are used. 2^-14 is
 * the least normal number of float16. */
static void fill_values(void *values, size_t count, clact_dtype dtype, const bench_range *range) {
    const float step = (range->greatest - range->least) / 16777216.0f, normal = 0x1p-14f;
    const size_t size = clact_dtype_size(dtype);
    uint32_t state = range->seed;
    for (size_t i = 0; i < count; ++i) {
        state = state * 1664525u + 1013904223u;
        const float value = range->least + step * (float)(state >> 8);
        element_store(dtype, (double)copysignf(fmaxf(fabsf(value), normal), value),
                      (char *)values + i * size);
    }
}

bool bench_fill(cl_command_queue queue, cl_mem buffer, uint64_t bytes, clact_dtype dtype,
                const bench_range *range, bench_error *error) {
    cl_int code;
    if (buffer == NULL) return true;
    void *values = clEnqueueMapBuffer(queue, buffer, CL_TRUE, CL_MAP_WRITE_INVALIDATE_REGION, 0,
                                      (size_t)bytes, 0, NULL, NULL, &code);
    if (!bench_check_cl(code, "mapping a buffer", error)) return false;
    fill_values(values, (size_t)bytes / clact_dtype_size(dtype), dtype, range);
    code = clEnqueueUnmapMemObject(queue, buffer, values, 0, NULL, NULL);
    return bench_check_cl(code, "unmapping a buffer", error);
}
