/* bench_data.c: the arrays that the measured kernels read and write. */
#include "bench_data.h"

#include <stdio.h>

typedef struct data_range {
    float least, greatest;
    uint32_t seed;
} data_range;

static const data_range data_x = {-6.0f, 6.0f, 1};
static const data_range data_positive = {6.0f / 16777216.0f, 6.0f, 2};
static const data_range data_dy = {-1.0f, 1.0f, 3};

/* The constants are those of Numerical Recipes' generator; the upper 24 bits are used, so that each
 * value is a multiple of the range / 2^24: never subnormal. */
static void data_fill(float *values, size_t count, const data_range *range) {
    const float step = (range->greatest - range->least) / 16777216.0f;
    uint32_t state = range->seed;
    for (size_t i = 0; i < count; ++i) {
        state = state * 1664525u + 1013904223u;
        values[i] = range->least + step * (float)(state >> 8);
    }
}

static bool data_create(cl_context context, cl_command_queue queue, size_t elements,
                        const data_range *range, cl_mem *buffer, bench_error *error) {
    const size_t bytes = elements * sizeof(float);
    const float zero = 0.0f;
    cl_int code;
    *buffer = clCreateBuffer(context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    if (!bench_check_cl(code, "creating a buffer", error)) return false;
    if (range == NULL) {
        code = clEnqueueFillBuffer(queue, *buffer, &zero, sizeof zero, 0, bytes, 0, NULL, NULL);
        return bench_check_cl(code, "filling a buffer", error);
    }
    float *values = clEnqueueMapBuffer(queue, *buffer, CL_TRUE, CL_MAP_WRITE_INVALIDATE_REGION, 0,
                                       bytes, 0, NULL, NULL, &code);
    if (!bench_check_cl(code, "mapping a buffer", error)) return false;
    data_fill(values, elements, range);
    code = clEnqueueUnmapMemObject(queue, *buffer, values, 0, NULL, NULL);
    return bench_check_cl(code, "unmapping a buffer", error);
}

bool bench_data_open(cl_context context, cl_command_queue queue, clact_context *clact,
                     const bench_case *cases, size_t count, bench_data *data, bench_error *error) {
    bool wide = false, positive = false, y = false, dy = false;
    size_t most = 0;
    for (size_t i = 0; i < count; ++i) {
        wide |= !bench_case_is_positive(&cases[i]);
        positive |= bench_case_is_positive(&cases[i]);
        y |= bench_case_reads_y(&cases[i]);
        dy |= cases[i].op == BENCH_BACKWARD;
        if (cases[i].elements > most) most = cases[i].elements;
    }
    *data = (bench_data){.clact = clact};
    if (wide && !data_create(context, queue, most, &data_x, &data->x, error)) return false;
    if (positive && !data_create(context, queue, most, &data_positive, &data->positive, error))
        return false;
    if (y && !data_create(context, queue, most, NULL, &data->y, error)) return false;
    if (dy && !data_create(context, queue, most, &data_dy, &data->dy, error)) return false;
    return data_create(context, queue, most, NULL, &data->out, error) &&
           bench_check_cl(clFinish(queue), "filling the buffers", error);
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

bool bench_data_prepare(const bench_data_case *one, cl_command_queue queue, bench_error *error) {
    if (!bench_case_reads_y(one->item)) return true;
    const clact_matrix y = {.buffer = one->data->y};
    return data_check(clact_forward(one->data->clact, queue, &one->item->sweep, 1,
                                    one->item->elements, data_input(one), y, 0, NULL, NULL),
                      one, error) &&
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
