/* bench_data.c: the arrays that the measured kernels read and write. */
#include "bench_data.h"

#include <stdio.h>

#include "bench_fill.h"

static bool data_fill_inputs(bench_data *data, clact_dtype dtype, cl_command_queue queue,
                             bench_error *error) {
    data->dtype = dtype;
    return bench_fill(queue, data->x, data->bytes, dtype, &bench_range_x, error) &&
           bench_fill(queue, data->positive, data->bytes, dtype, &bench_range_positive, error) &&
           bench_fill(queue, data->dy, data->bytes, dtype, &bench_range_dy, error) &&
           bench_check_cl(clFinish(queue), "filling the buffers", error);
}

bool bench_data_open(cl_context context, cl_command_queue queue, clact_context *clact,
                     const bench_case *cases, size_t count, bench_data *data, bench_error *error) {
    bool wide = false, positive = false, y = false, dy = false;
    *data = (bench_data){.clact = clact};
    for (size_t i = 0; i < count; ++i) {
        /* whole elements of every type */
        const uint64_t bytes = (bench_case_array_bytes(&cases[i]) + 7) / 8 * 8;
        if (cases[i].op == BENCH_COPY) continue; /* it has buffers of its own */
        wide |= !bench_case_is_positive(&cases[i]);
        positive |= bench_case_is_positive(&cases[i]);
        y |= bench_case_reads_y(&cases[i]);
        dy |= cases[i].op == BENCH_BACKWARD;
        if (bytes > data->bytes) data->bytes = bytes;
    }
    if (data->bytes == 0) return true;
    if (wide && !bench_fill_create(context, queue, data->bytes, &data->x, error)) return false;
    if (positive && !bench_fill_create(context, queue, data->bytes, &data->positive, error))
        return false;
    if (y && !bench_fill_create(context, queue, data->bytes, &data->y, error)) return false;
    if (dy && !bench_fill_create(context, queue, data->bytes, &data->dy, error)) return false;
    return bench_fill_create(context, queue, data->bytes, &data->out, error) &&
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

bench_host_work bench_data_host_work(const bench_data_case *one) {
    const bench_data *data = one->data;
    const uint64_t bytes = bench_case_array_bytes(one->item);
    bench_host_work work = {.count = 0};
    work.buffers[work.count++] = bench_case_reads_y(one->item) ? data->y : data_input(one).buffer;
    if (one->item->op == BENCH_BACKWARD) work.buffers[work.count++] = data->dy;
    work.buffers[work.count++] = data->out;
    for (size_t i = 0; i < work.count; ++i)
        work.bytes[i] = bytes;
    return work;
}
