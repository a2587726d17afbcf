/* bench_peer_compare.c: a peer's results against ours, before anything is timed. */
#include "bench_peer_compare.h"

#include <element.h>
#include <math.h>
#include <stdlib.h>

/* Of longer arrays evenly spaced elements are looked at, about so many. */
#define COMPARE_MOST (1u << 20)

/* What the arrays of a case hold after a task. */
typedef struct compare_values {
    char *input, *ours, *peers; /* in one allocation that begins at input */
    size_t bytes;               /* of each */
} compare_values;

static bool compare_read(cl_mem buffer, size_t bytes, void *values, cl_command_queue queue,
                         bench_error *error) {
    const cl_int code =
        clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, bytes, values, 0, NULL, NULL);
    return bench_check_cl(code, "reading a buffer", error);
}

static bool compare_run(const bench_task *task, const bench_data *data, size_t bytes, void *values,
                        cl_command_queue queue, bench_error *error) {
    const cl_uint poison = 0x7fffffffu; /* NaN in every type */
    bench_sample unused;
    const cl_int code = clEnqueueFillBuffer(queue, data->out, &poison, sizeof poison, 0,
                                            (size_t)data->bytes, 0, NULL, NULL);
    return bench_check_cl(code, "filling an output", error) &&
           bench_check_cl(clFinish(queue), "filling an output", error) &&
           bench_measure_launches(task, queue, 1, &unused, error) &&
           compare_read(data->out, bytes, values, queue, error);
}

/* Relative for large values, absolute for small ones, where the polynomials of others have no
 * digits left. */
static bool compare_near(double ours, double peers, clact_dtype dtype) {
    const double tolerance = dtype == CLACT_BF16 ? 0x1p-6 : dtype == CLACT_F16 ? 0x1p-9 : 1e-4;
    return fabs(ours - peers) <= tolerance * (1.0 + fabs(ours));
}

static bool compare_is_kink(const bench_case *item, double input) {
    float kinks[CLACT_MAX_KINKS];
    const size_t count = clact_activation_kinks(item->info.activation, item->sweep.params, kinks);
    for (size_t i = 0; i < count; ++i)
        if (input == (double)kinks[i]) return true;
    return false;
}

static bool compare_values_near(const bench_case *item, const compare_values *values,
                                const char *name, bench_error *error) {
    const clact_dtype dtype = item->sweep.dtype;
    const size_t size = clact_dtype_size(dtype), step = 1 + item->elements / COMPARE_MOST;
    for (size_t i = 0; i < item->elements; i += step) {
        const double input = element_load(dtype, values->input + i * size);
        const double ours = element_load(dtype, values->ours + i * size);
        const double peers = element_load(dtype, values->peers + i * size);
        if (compare_near(ours, peers, dtype) || compare_is_kink(item, input)) continue;
        char row[96];
        bench_case_name(item, row, sizeof row);
        return bench_fail(error,
                          "%s: %s gives %.9g where clact gives %.9g, for %.9g at element %zu; "
                          "nothing can be said of their times",
                          row, name, peers, ours, input, i);
    }
    return true;
}

bool bench_peer_compare(const bench_data_case *one, const bench_task *peer, const char *name,
                        cl_command_queue queue, bench_error *error) {
    const bench_task subject = bench_data_task(one);
    const cl_mem input = bench_data_host_work(one).buffers[0];
    compare_values values = {.bytes = (size_t)bench_case_array_bytes(one->item)};
    values.input = malloc(3 * values.bytes);
    if (values.input == NULL) return bench_fail(error, "out of memory; choose a smaller --size");
    values.ours = values.input + values.bytes;
    values.peers = values.ours + values.bytes;
    const bool ok = compare_read(input, values.bytes, values.input, queue, error) &&
                    compare_run(&subject, one->data, values.bytes, values.ours, queue, error) &&
                    compare_run(peer, one->data, values.bytes, values.peers, queue, error) &&
                    compare_values_near(one->item, &values, name, error);
    free(values.input);
    return ok;
}
