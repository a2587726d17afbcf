/* bench_overhead.c: --op overhead: what a call costs beside an empty kernel on the same queue. */
#include "bench_overhead.h"

#include <stdlib.h>

#include "bench_data.h"

#define OVERHEAD_BATCH 64

bool bench_overhead_fill(bench_options *options, bench_error *error) {
    static const clact_activation usual[] = {CLACT_ACT_RELU, CLACT_ACT_SILU, CLACT_ACT_GELU};
    bool chosen = false;
    if (!options->ops[BENCH_OVERHEAD]) return true;
    for (int op = 0; op < BENCH_OP_COUNT; ++op)
        if (op != BENCH_OVERHEAD && options->ops[op])
            return bench_fail(error, "--op overhead is measured alone, not beside %s",
                              bench_op_name((bench_op)op));
    if (options->json || options->csv)
        return bench_fail(error, "--op overhead has a table only; leave out --json and --csv");
    options->ops[BENCH_FORWARD] = options->ops[BENCH_BACKWARD] = true;
    if (options->num_sizes == 0) options->sizes[options->num_sizes++] = 1024;
    for (int a = 0; a < CLACT_ACT_COUNT; ++a)
        chosen |= options->activations[a];
    for (size_t i = 0; !chosen && i < sizeof usual / sizeof *usual; ++i)
        options->activations[usual[i]] = true;
    return true;
}

/* ---- tasks ---- */

static bool overhead_enqueue_empty(const void *user, cl_command_queue queue, cl_event *event,
                                   bench_error *error) {
    const size_t one = 1;
    cl_kernel const *kernel = user;
    return bench_check_cl(
        clEnqueueNDRangeKernel(queue, *kernel, 1, NULL, &one, &one, 0, NULL, event),
        "launching an empty kernel", error);
}

/* The task many times; hands out the event of the last. */
static bool overhead_enqueue_batch(const void *user, cl_command_queue queue, cl_event *event,
                                   bench_error *error) {
    const bench_task *task = user;
    for (int i = 0; i < OVERHEAD_BATCH; ++i) {
        if (i > 0) clReleaseEvent(*event);
        if (!task->enqueue(task->user, queue, event, error)) return false;
    }
    return true;
}

static bool overhead_make_empty(const picked_device *device, cl_program *program, cl_kernel *kernel,
                                bench_error *error) {
    const char *text = "__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void empty() {}\n";
    cl_int code = CL_SUCCESS;
    *program = clCreateProgramWithSource(device->context, 1, &text, NULL, &code);
    if (code == CL_SUCCESS) code = clBuildProgram(*program, 1, &device->device, "", NULL, NULL);
    if (code == CL_SUCCESS) *kernel = clCreateKernel(*program, "empty", &code);
    return bench_check_cl(code, "compiling an empty kernel", error);
}

/* ---- the table ---- */

static void overhead_print_heading(FILE *out, const bench_case *item) {
    fprintf(out, "\n%s, %zu elements: wall time of a call, us, and of an empty kernel\n",
            bench_op_name(item->op), item->elements);
    fprintf(out, "%-29s %28s   %28s\n", "", "each waited for", "64 together, each");
    fprintf(out, "%-29s %9s %9s %8s   %9s %9s %8s\n", "activation", "call", "empty", "ratio",
            "call", "empty", "ratio");
}

enum { OVERHEAD_EMPTY, OVERHEAD_CALL };

static void overhead_print(FILE *out, const bench_measurement *m, double each) {
    fprintf(out, " %9.2f %9.2f %8.2f", m->timings[OVERHEAD_CALL].wall_median_ns * 1e-3 / each,
            m->timings[OVERHEAD_EMPTY].wall_median_ns * 1e-3 / each, m->wall_ratios[OVERHEAD_CALL]);
}

static bool overhead_row(const bench_options *options, const bench_data *data,
                         const bench_case *item, cl_kernel empty, cl_command_queue queue, FILE *out,
                         bench_error *error) {
    const bench_limits limits = {.turns = options->repetitions, .seconds = options->min_seconds};
    const bench_data_case one = {data, item};
    const bench_task single[BENCH_MAX_TASKS] = {
        [OVERHEAD_EMPTY] = {.enqueue = overhead_enqueue_empty, .user = &empty},
        [OVERHEAD_CALL] = bench_data_task(&one)};
    const bench_task batch[BENCH_MAX_TASKS] = {
        [OVERHEAD_EMPTY] = {.enqueue = overhead_enqueue_batch, .user = &single[OVERHEAD_EMPTY]},
        [OVERHEAD_CALL] = {.enqueue = overhead_enqueue_batch, .user = &single[OVERHEAD_CALL]}};
    bench_measurement alone, together;
    if (!bench_measure_turns(single, queue, &limits, &alone, error) ||
        !bench_measure_turns(batch, queue, &limits, &together, error))
        return false;
    fprintf(out, "%-15s %-4s %-8s", item->info.name, clact_dtype_name(item->sweep.dtype),
            clact_tier_name(item->sweep.tier));
    overhead_print(out, &alone, 1.0);
    fputs("  ", out);
    overhead_print(out, &together, OVERHEAD_BATCH);
    fputc('\n', out);
    return true;
}

static bool overhead_rows(const bench_options *options, const picked_device *device,
                          const bench_case *cases, size_t count, cl_kernel empty, FILE *out,
                          bench_error *error) {
    bench_data data = {0};
    bool ok =
        bench_data_open(device->context, device->queue, device->clact, cases, count, &data, error);
    for (size_t i = 0; ok && i < count; ++i) {
        if (i == 0 || !bench_case_same_group(&cases[i], &cases[i - 1]))
            overhead_print_heading(out, &cases[i]);
        ok = bench_data_prepare(&data, &cases[i], device->queue, error) &&
             overhead_row(options, &data, &cases[i], empty, device->queue, out, error);
    }
    bench_data_close(&data);
    return ok;
}

bool bench_overhead_run(const bench_options *options, const picked_device *device, FILE *out,
                        bench_error *error) {
    const size_t count = bench_options_cases(options, NULL);
    cl_program program = NULL;
    cl_kernel empty = NULL;
    bench_case *cases = calloc(count, sizeof *cases);
    if (cases == NULL) return bench_fail(error, "out of memory; measure fewer activations");
    bench_options_cases(options, cases);
    fprintf(out, "%s, driver %s\n", device->info.name, device->info.driver);
    const bool ok = overhead_make_empty(device, &program, &empty, error) &&
                    overhead_rows(options, device, cases, count, empty, out, error);
    if (empty) clReleaseKernel(empty);
    if (program) clReleaseProgram(program);
    free(cases);
    return ok && (fflush(out) == 0 || bench_fail(error, "cannot write to standard output"));
}
