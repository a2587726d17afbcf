/* bench_data.c: the arrays that the measured kernels read and write. */
#include "bench_data.h"

#include <element.h>
#include <math.h>
#include <stdio.h>

typedef struct data_range {
    float least, greatest;
    uint32_t seed;
} data_range;

static const data_range data_x = {-6.0f, 6.0f, 1};
static const data_range data_positive = {0.0f, 6.0f, 2};
static const data_range data_dy = {-1.0f, 1.0f, 3};

/* The constants are those of Numerical Recipes' generator, and its upper 24 bits are used. 2^-14 is
 * the least normal number of float16. */
static void data_fill(void *values, size_t count, clact_dtype dtype, const data_range *range) {
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

/* Fills a whole array; NULL is no array. */
static bool data_write(const bench_data *data, cl_command_queue queue, const data_range *range,
                       cl_mem buffer, bench_error *error) {
    cl_int code;
    if (buffer == NULL) return true;
    void *values = clEnqueueMapBuffer(queue, buffer, CL_TRUE, CL_MAP_WRITE_INVALIDATE_REGION, 0,
                                      (size_t)data->bytes, 0, NULL, NULL, &code);
    if (!bench_check_cl(code, "mapping a buffer", error)) return false;
    data_fill(values, (size_t)data->bytes / clact_dtype_size(data->dtype), data->dtype, range);
    code = clEnqueueUnmapMemObject(queue, buffer, values, 0, NULL, NULL);
    return bench_check_cl(code, "unmapping a buffer", error);
}

static bool data_fill_inputs(bench_data *data, clact_dtype dtype, cl_command_queue queue,
                             bench_error *error) {
    data->dtype = dtype;
    return data_write(data, queue, &data_x, data->x, error) &&
           data_write(data, queue, &data_positive, data->positive, error) &&
           data_write(data, queue, &data_dy, data->dy, error) &&
           bench_check_cl(clFinish(queue), "filling the buffers", error);
}

/* An array of zeros. */
static bool data_create(const bench_data *data, cl_context context, cl_command_queue queue,
                        cl_mem *buffer, bench_error *error) {
    const cl_uint zero = 0;
    cl_int code;
    *buffer = clCreateBuffer(context, CL_MEM_READ_WRITE, (size_t)data->bytes, NULL, &code);
    if (!bench_check_cl(code, "creating a buffer", error)) return false;
    code = clEnqueueFillBuffer(queue, *buffer, &zero, sizeof zero, 0, (size_t)data->bytes, 0, NULL,
                               NULL);
    return bench_check_cl(code, "filling a buffer", error);
}

bool bench_data_open(cl_context context, cl_command_queue queue, clact_context *clact,
                     const bench_case *cases, size_t count, bench_data *data, bench_error *error) {
    bool wide = false, positive = false, y = false, dy = false;
    *data = (bench_data){.clact = clact};
    for (size_t i = 0; i < count; ++i) {
        /* whole elements of every type */
        const uint64_t bytes = (bench_case_array_bytes(&cases[i]) + 7) / 8 * 8;
        wide |= !bench_case_is_positive(&cases[i]);
        positive |= bench_case_is_positive(&cases[i]);
        y |= bench_case_reads_y(&cases[i]);
        dy |= cases[i].op == BENCH_BACKWARD;
        if (bytes > data->bytes) data->bytes = bytes;
    }
    if (wide && !data_create(data, context, queue, &data->x, error)) return false;
    if (positive && !data_create(data, context, queue, &data->positive, error)) return false;
    if (y && !data_create(data, context, queue, &data->y, error)) return false;
    if (dy && !data_create(data, context, queue, &data->dy, error)) return false;
    return data_create(data, context, queue, &data->out, error) &&
           data_fill_inputs(data, cases[0].sweep.dtype, queue, error);
}

void bench_data_close(bench_data *data) {
    const cl_mem buffers[] = {data->x, data->positive, data->y, data->dy, data->out};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; ++i)
        if (buffers[i]) clReleaseMemObject(buffers[i]);
    *data = (bench_data){0};
}

static clact_matrix data_input(const bench_data_case *one) {
    const bench_data *data = one->data;
    return (clact_matrix){.buffer = bench_case_is_positive(one->item) ? data->positive : data->x};
}

static bool data_check(clact_status status, const bench_data_case *one, bench_error *error) {
    if (status == CLACT_SUCCESS) return true;
    char name[96];
    bench_case_name(one->item, name, sizeof name);
    return bench_check_clact(status, one->data->clact, name, error);
}

bool bench_data_prepare(bench_data *data, const bench_case *item, cl_command_queue queue,
                        bench_error *error) {
    const bench_data_case one = {.data = data, .item = item};
    const clact_matrix y = {.buffer = data->y};
    if (data->dtype != item->sweep.dtype &&
        !data_fill_inputs(data, item->sweep.dtype, queue, error))
        return false;
    if (!bench_case_reads_y(item)) return true;
    return data_check(clact_forward(data->clact, queue, &item->sweep, 1, item->elements,
                                    data_input(&one), y, 0, NULL, NULL),
                      &one, error) &&
           bench_check_cl(clFinish(queue), "computing the saved output", error);
}

static bool data_enqueue(const void *user, cl_command_queue queue, cl_event *event,
                         bench_error *error) {
    const bench_data_case *one = user;
    const bench_data *data = one->data;
    const bench_case *item = one->item;
    const clact_matrix x = data_input(one), y = {.buffer = data->y}, dy = {.buffer = data->dy};
    const clact_matrix out = {.buffer = data->out};
    clact_status status;
    if (item->op == BENCH_FORWARD)
        status = clact_forward(data->clact, queue, &item->sweep, 1, item->elements, x, out, 0, NULL,
                               event);
    else
        status = clact_backward(data->clact, queue, &item->sweep, 1, item->elements,
                                bench_case_reads_y(item) ? y : x, dy, out, 0, NULL, event);
    return data_check(status, one, error);
}

bench_task bench_data_task(const bench_data_case *one) {
    return (bench_task){.enqueue = data_enqueue, .user = one};
}
