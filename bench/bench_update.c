/* bench_update.c: --op update: optimizer steps beside a copy of their bytes, and lists of tensors
 * beside a call for each. */
#include "bench_update.h"

#include <math.h>
#include <stdlib.h>

#include "bench_copy.h"
#include "bench_fill.h"

enum { UPDATE_LIST = 64, UPDATE_EACH = 1000, UPDATE_PARTS = 4 };

bool bench_update_fill(bench_options *options, bench_error *error) {
    if (!options->ops[BENCH_UPDATE]) return true;
    for (int op = 0; op < BENCH_OP_COUNT; ++op)
        if (op != BENCH_UPDATE && options->ops[op])
            return bench_fail(error, "--op update is measured alone, not beside %s",
                              bench_op_name((bench_op)op));
    if (options->json || options->csv)
        return bench_fail(error, "--op update has tables only; leave out --json and --csv");
    options->ops[BENCH_FORWARD] = true; /* stands for it where sizes are counted */
    return true;
}

/* w, g and two states, side by side in buffers of their own, and what norms need */
typedef struct update_data {
    const picked_device *device;
    size_t most; /* elements of each */
    cl_mem parts[UPDATE_PARTS], norm, workspace;
    bench_copy copy;
} update_data;

/* One row: an optimizer, or with `optimizer.struct_size` 0 the norm, over so many tensors */
typedef struct update_row {
    const update_data *data;
    clact_optimizer optimizer;
    size_t count, each;
    bool apart; /* a call for each tensor */
} update_row;

static void update_close(update_data *d) {
    for (int i = 0; i < UPDATE_PARTS; ++i)
        if (d->parts[i]) clReleaseMemObject(d->parts[i]);
    if (d->norm) clReleaseMemObject(d->norm);
    if (d->workspace) clReleaseMemObject(d->workspace);
    bench_copy_close(&d->copy);
}

static clact_parameter_tensor update_tensor(const update_data *d, size_t at, size_t count) {
    return (clact_parameter_tensor){count,
                                    {d->parts[0], at, 0},
                                    {d->parts[1], at, 0},
                                    {d->parts[2], at, 0},
                                    {d->parts[3], at, 0}};
}

static bool update_open(const bench_options *options, const picked_device *device, update_data *d,
                        bench_error *error) {
    *d = (update_data){.device = device, .most = UPDATE_LIST * UPDATE_EACH};
    for (size_t i = 0; i < options->num_sizes; ++i)
        if (options->sizes[i] > d->most) d->most = options->sizes[i];
    const uint64_t bytes = (uint64_t)d->most * sizeof(float);
    size_t scratch = 0;
    bool ok = true;
    for (int i = 0; ok && i < UPDATE_PARTS; ++i)
        ok = bench_fill_create(device->context, device->queue, bytes, &d->parts[i], error);
    const clact_parameter_tensor all = update_tensor(d, 0, d->most);
    clact_gradient_norm_workspace(1, &all, &scratch);
    scratch += 2 * UPDATE_LIST * sizeof(float); /* lists begin a chunk for each tensor */
    return ok && bench_fill(device->queue, d->parts[0], bytes, CLACT_F32, &bench_range_x, error) &&
           bench_fill(device->queue, d->parts[1], bytes, CLACT_F32, &bench_range_dy, error) &&
           bench_fill_create(device->context, device->queue, 2 * sizeof(float), &d->norm, error) &&
           bench_fill_create(device->context, device->queue, scratch, &d->workspace, error) &&
           bench_copy_open(device->context, device->device, device->queue, 7 * bytes, &d->copy,
                           error);
}

/* ---- tasks ---- */

static clact_status update_call(const update_row *row, size_t count,
                                const clact_parameter_tensor *tensors, cl_event *event) {
    const update_data *d = row->data;
    const clact_matrix none = {NULL, 0, 0}, norm = {d->norm, 0, 0};
    if (row->optimizer.struct_size == 0)
        return clact_gradient_norm(d->device->clact, d->device->queue, INFINITY, count, tensors,
                                   norm, d->workspace, 0, NULL, event);
    return clact_optimizer_step(d->device->clact, d->device->queue, &row->optimizer, 1e-6f, 1000,
                                count, tensors, none, 0, NULL, event);
}

static bool update_enqueue(const void *user, cl_command_queue queue, cl_event *event,
                           bench_error *error) {
    const update_row *row = user;
    clact_parameter_tensor tensors[UPDATE_LIST];
    clact_status status = CLACT_SUCCESS;
    (void)queue;
    for (size_t i = 0; i < row->count; ++i)
        tensors[i] = update_tensor(row->data, i * row->each, row->each);
    for (size_t i = 0; row->apart && i < row->count && status == CLACT_SUCCESS; ++i)
        status = update_call(row, 1, &tensors[i], i + 1 < row->count ? NULL : event);
    if (!row->apart) status = update_call(row, row->count, tensors, event);
    return bench_check_clact(status, row->data->device->clact, "an optimizer step", error);
}

/* ---- tables ---- */

static const char *update_name(const update_row *row) {
    return row->optimizer.struct_size == 0 ? "norm" : clact_optimizer_name(row->optimizer.kind);
}

/* w and states are read and written, gradients read; a norm reads these alone. */
static uint64_t update_bytes(const update_row *row) {
    const unsigned arrays =
        row->optimizer.struct_size == 0 ? 1 : 3 + 2 * clact_optimizer_states(row->optimizer.kind);
    return (uint64_t)row->count * row->each * sizeof(float) * arrays;
}

static bool update_beside_copy(const bench_limits *limits, const update_row *row, FILE *out,
                               bench_error *error) {
    const uint64_t bytes = update_bytes(row);
    bench_copy_choice choice;
    bench_measurement m;
    if (!bench_copy_choose(&row->data->copy, row->data->device->queue, bytes, &choice, error))
        return false;
    const bench_task tasks[BENCH_MAX_TASKS] = {
        [BENCH_TASK_SUBJECT] = {.enqueue = update_enqueue, .user = row},
        [BENCH_TASK_COPY] = bench_copy_task(&choice)};
    if (!bench_measure_turns(tasks, row->data->device->queue, limits, &m, error)) return false;
    const bench_timing *t = &m.timings[BENCH_TASK_SUBJECT];
    fprintf(out, "%-10s %9.2f %10.1f %10.1f %8.2f %9.2f  %.2f\n", update_name(row),
            (double)bytes * 1e-6, t->wall_min_ns * 1e-3, t->wall_median_ns * 1e-3,
            (double)bytes / t->wall_median_ns,
            (double)bench_copy_bytes(&choice) / m.timings[BENCH_TASK_COPY].wall_median_ns,
            m.wall_ratios[BENCH_TASK_COPY]);
    return true;
}

static bool update_beside_calls(const bench_limits *limits, const update_row *row, FILE *out,
                                bench_error *error) {
    update_row apart = *row;
    bench_measurement m;
    apart.apart = true;
    const bench_task tasks[BENCH_MAX_TASKS] = {
        [BENCH_TASK_SUBJECT] = {.enqueue = update_enqueue, .user = row},
        [BENCH_TASK_CHAIN] = {.enqueue = update_enqueue, .user = &apart}};
    if (!bench_measure_turns(tasks, row->data->device->queue, limits, &m, error)) return false;
    fprintf(out, "%-10s %10.1f %10.1f  %.2f\n", update_name(row),
            m.timings[BENCH_TASK_SUBJECT].wall_median_ns * 1e-3,
            m.timings[BENCH_TASK_CHAIN].wall_median_ns * 1e-3, m.wall_ratios[BENCH_TASK_CHAIN]);
    return true;
}

/* The rows of a table: all optimizers, then the norm */
static bool
update_rows(const bench_limits *limits, const update_data *data, size_t count, size_t each,
            bool (*measure)(const bench_limits *, const update_row *, FILE *, bench_error *),
            FILE *out, bench_error *error) {
    bool ok = true;
    for (int kind = 0; ok && kind <= CLACT_OPTIMIZER_COUNT; ++kind) {
        update_row row = {.data = data, .count = count, .each = each};
        if (kind < CLACT_OPTIMIZER_COUNT)
            clact_optimizer_init(&row.optimizer, (clact_optimizer_kind)kind);
        ok = measure(limits, &row, out, error);
    }
    return ok;
}

bool bench_update_run(const bench_options *options, const picked_device *device, FILE *out,
                      bench_error *error) {
    const bench_limits limits = {.turns = options->repetitions, .seconds = options->min_seconds};
    update_data data;
    fprintf(out, "%s, driver %s\n", device->info.name, device->info.driver);
    bool ok = update_open(options, device, &data, error);
    for (size_t i = 0; ok && i < options->num_sizes; ++i) {
        fprintf(out, "\none step of %zu parameters, wall times\n", options->sizes[i]);
        fprintf(out, "%-10s %9s %10s %10s %8s %9s  share\n", "optimizer", "MB", "min us",
                "median us", "GB/s", "copy GB/s");
        ok = update_rows(&limits, &data, 1, options->sizes[i], update_beside_copy, out, error);
    }
    if (ok) {
        fprintf(out, "\n%d tensors of %d parameters, median wall time, us\n", (int)UPDATE_LIST,
                (int)UPDATE_EACH);
        fprintf(out, "%-10s %10s %10s  ratio\n", "optimizer", "one call", "64 calls");
        ok = update_rows(&limits, &data, UPDATE_LIST, UPDATE_EACH, update_beside_calls, out, error);
    }
    update_close(&data);
    return ok && (fflush(out) == 0 || bench_fail(error, "cannot write to standard output"));
}
