/* sweep.c (L3): forward and backward passes. */
#include "derived.h"
#include "descriptor.h"
#include "dropout.h"
#include "launch.h"
#include "stages.h"
#include "sweep_pass.h"

#include <string.h>

/* ---- launching ---- */

/* The arguments of sweep.cl, as it names them */
typedef struct pass_numbers {
    cl_ulong shape[8], at[16];
    union {
        double twice[16];
        float single[16];
    } numbers;
    cl_mem buffers[PASS_MAX_ROLES];
} pass_numbers;

static void fill_numbers(const sweep_pass *p, size_t rows, size_t cols, size_t rows_each,
                         pass_numbers *n) {
    const clact_sweep *sweep = p->sweep;
    const double keep = 1.0 / (1.0 - (double)sweep->dropout);
    const float stage[4] = {(float)keep, sweep->scale, sweep->beta, sweep->saturation};
    *n = (pass_numbers){
        .shape = {rows, cols, rows_each, p->seed, p->offset, dropout_threshold(sweep->dropout)}};
    if (sweep->dtype == CLACT_F64) {
        derive_params_f64(sweep->params, n->numbers.twice);
        for (int i = 0; i < 4; i++)
            n->numbers.twice[8 + i] = i == 0 ? keep : (double)stage[i];
    } else {
        derive_params(sweep->params, n->numbers.single);
        memcpy(n->numbers.single + 8, stage, sizeof stage);
    }
    for (size_t i = 0; i < p->num_roles; i++) {
        const operand *o = p->roles[i];
        const bool has_ld = i < p->num_matrices;
        const size_t place = has_ld ? 2 * i : p->num_matrices + i;
        if (!o) continue;
        n->buffers[i] = o->matrix.buffer;
        n->at[place] = o->matrix.offset;
        if (has_ld) n->at[place + 1] = o->matrix.ld;
    }
}

/* The pass itself. Rows and columns are those of an operand, which may have been flattened. */
static clact_status launch_pass(const sweep_pass *p, const launch_order *order,
                                const kernel_spec *spec, plan_rows blocks, size_t rows,
                                size_t cols) {
    const clact_context *context = p->context;
    pass_numbers n;
    fill_numbers(p, rows, cols, blocks.rows_each, &n);
    n.at[15] = plan_bytes_written(p->sweep, p->direction, rows * cols) >=
               context->target.tuning.stream_bytes;
    launch_scalar arguments[3 + PASS_MAX_ROLES + 1] = {
        {sizeof n.shape, n.shape},
        {sizeof n.at, n.at},
        {p->sweep->dtype == CLACT_F64 ? sizeof n.numbers.twice : sizeof n.numbers.single,
         &n.numbers}};
    size_t count = 3;
    for (size_t i = 0; i < p->num_roles; i++)
        arguments[count++] = (launch_scalar){sizeof n.buffers[i], &n.buffers[i]};
    arguments[count++] = (launch_scalar){sizeof p->workspace, &p->workspace};
    const plan_grid grid =
        plan_groups(blocks.count, cols,
                    plan_sweep_shape(p->sweep, p->stages, program_shape(&context->target, spec)));
    return launch_kernel(p->context, order, spec->name, grid, arguments, count, NULL, 0);
}

/* health_columns, or health_total by one work-group */
static clact_status launch_health(const sweep_pass *p, const launch_order *order,
                                  const kernel_spec *spec, size_t blocks, bool total) {
    const clact_context *context = p->context;
    const size_t planes = plan_planes(p->sweep, p->direction);
    const bool both = p->direction == PLAN_BACKWARD && (p->stages & STAGE_GATE);
    const cl_ulong numbers[] = {
        blocks,          p->cols, planes, planes - HEALTH_PLANES, both ? 2 * p->rows : p->rows,
        p->health_offset};
    launch_scalar arguments[8];
    for (int i = 0; i < 6; i++)
        arguments[i] = (launch_scalar){sizeof numbers[i], &numbers[i]};
    arguments[6] = (launch_scalar){sizeof p->workspace, &p->workspace};
    arguments[7] = (launch_scalar){sizeof p->health, &p->health};
    const clact_tuning_shape shape = program_shape(&context->target, spec);
    const plan_grid grid = plan_elementwise(1, total ? 1 : p->cols, shape.width, shape.local);
    return launch_kernel(p->context, order, spec->name, grid, arguments, 8, NULL, 0);
}

static clact_status enqueue(sweep_pass *p, const launch_order *order, const kernel_spec *specs,
                            size_t count) {
    const clact_sweep *sweep = p->sweep;
    const size_t planes = plan_planes(sweep, p->direction);
    const plan_rows blocks = plan_blocks(p->rows, planes > 0);
    const bool empty = p->rows == 0;
    const kernel_spec *spec = specs + 1;
    launch_chain chain = launch_chain_begin(p->context, order);
    if (!empty && chain.status == CLACT_SUCCESS) {
        size_t rows = p->rows, cols = p->cols;
        if (plan_may_flatten(sweep, p->direction, cols) &&
            operand_flatten(p->operands, p->num_operands)) {
            cols *= rows;
            rows = 1;
        }
        chain.status = launch_pass(p, launch_chain_next(&chain, count == 1), &specs[0],
                                   rows == p->rows ? blocks : plan_blocks(rows, false), rows, cols);
    }
    if (p->num_sums > 0 && chain.status == CLACT_SUCCESS)
        chain.status =
            sums_finish(p->context, launch_chain_next(&chain, !sweep->health), spec++, sweep->dtype,
                        blocks.count, p->cols, planes, p->workspace, p->sums, p->num_sums);
    for (int total = 0; total < 2 && sweep->health && chain.status == CLACT_SUCCESS; total++)
        chain.status =
            launch_health(p, launch_chain_next(&chain, total), spec++, blocks.count, total);
    return launch_chain_end(&chain);
}

/* ---- entry points ---- */

/* What a call is for */
typedef enum run_mode {
    RUN_SWEEP,
    RUN_SINGLE, /* of clact_forward and clact_backward: no tensors for stages */
    RUN_TRIED   /* not enqueued */
} run_mode;

/* Operands without rows are not looked at; nor are roles, because nothing will be launched. */
static void drop_empty(sweep_pass *p) {
    size_t kept = 0;
    for (size_t i = 0; i < p->num_operands; i++)
        if (p->operands[i].rows > 0) p->operands[kept++] = p->operands[i];
    p->num_operands = kept;
}

/* Whether the pass needs no tensors but two, or three. */
static clact_status check_single(const sweep_pass *p) {
    const unsigned tensors = ~(unsigned)(STAGE_SCALE | STAGE_ADD_DX);
    const clact_saved saved = p->sweep->saved;
    const bool saves = saved == CLACT_SAVED_MASK || saved == CLACT_SAVED_TAIL;
    if (!(p->stages & tensors) && !(saves && p->direction == PLAN_FORWARD)) return CLACT_SUCCESS;
    return context_fail(p->context, CLACT_INVALID_ARGUMENT,
                        "this sweep has stages that need more tensors; use clact_sweep_%s",
                        p->direction == PLAN_FORWARD ? "forward" : "backward");
}

/* Whether the pass is right; *idle if it has nothing to do, not even to zero a sum. */
static clact_status check_pass(sweep_pass *p, const launch_order *order,
                               const clact_forward_tensors *forward,
                               const clact_backward_tensors *backward, run_mode mode, bool *idle) {
    clact_context *context = p->context;
    clact_status status = descriptor_check(context, p->sweep, p->direction == PLAN_BACKWARD);
    if (status != CLACT_SUCCESS) return status;
    p->stages = plan_stages(p->sweep, p->direction);
    if (mode == RUN_SINGLE) status = check_single(p);
    if (status == CLACT_SUCCESS) status = launch_check(context, order);
    if (status != CLACT_SUCCESS) return status;
    if (p->cols > SIZE_MAX / 4)
        return context_fail(context, CLACT_SHAPE, "the number of columns overflows");
    const bool needs_no_rows = plan_planes(p->sweep, p->direction) > 0;
    *idle = p->cols == 0 || (p->rows == 0 && !needs_no_rows);
    if (*idle) return CLACT_SUCCESS;

    status = forward ? sweep_pass_forward(p, forward) : sweep_pass_backward(p, backward);
    if (status != CLACT_SUCCESS) return status;
    if (p->rows == 0) drop_empty(p);
    const size_t most = UINT32_MAX / 2; /* what health counts in a column */
    if (p->sweep->health && p->sweep->dtype != CLACT_F64 && p->rows > most)
        return context_fail(context, CLACT_SHAPE, "health is for at most %zu rows", most);
    if (p->narrow) /* before its halves are found to overlap */
        return context_fail(context, CLACT_SHAPE,
                            "the leading dimension of %s is %zu, less than its 2 x %zu columns",
                            p->narrow, p->narrow_ld, p->cols);
    return operand_check(context, p->operands, p->num_operands);
}

/* Checks the pass, compiles its kernels and enqueues it. */
static clact_status run(sweep_pass *p, const launch_order *order,
                        const clact_forward_tensors *forward,
                        const clact_backward_tensors *backward, run_mode mode) {
    bool idle = false;
    clact_status status = check_pass(p, order, forward, backward, mode, &idle);
    if (status != CLACT_SUCCESS) return status;
    if (idle) return mode == RUN_TRIED ? CLACT_SUCCESS : launch_nothing(p->context, order);
    kernel_spec specs[PLAN_MAX_KERNELS];
    const size_t count = plan_kernels(p->sweep, p->direction, specs);
    status = context_ensure(p->context, specs, count);
    if (status != CLACT_SUCCESS || mode == RUN_TRIED) return status;
    return enqueue(p, order, specs, count);
}

static clact_status run_forward(clact_context *context, const launch_order *order,
                                const clact_sweep *sweep, const clact_forward_tensors *tensors,
                                run_mode mode) {
    if (!context) return CLACT_INVALID_ARGUMENT;
    if (!tensors) return context_fail(context, CLACT_INVALID_ARGUMENT, "tensors is NULL");
    sweep_pass p = {.context = context,
                    .sweep = sweep,
                    .direction = PLAN_FORWARD,
                    .rows = tensors->rows,
                    .cols = tensors->cols,
                    .seed = tensors->seed,
                    .offset = tensors->offset};
    return run(&p, order, tensors, NULL, mode);
}

static clact_status run_backward(clact_context *context, const launch_order *order,
                                 const clact_sweep *sweep, const clact_backward_tensors *tensors,
                                 run_mode mode) {
    if (!context) return CLACT_INVALID_ARGUMENT;
    if (!tensors) return context_fail(context, CLACT_INVALID_ARGUMENT, "tensors is NULL");
    sweep_pass p = {.context = context,
                    .sweep = sweep,
                    .direction = PLAN_BACKWARD,
                    .rows = tensors->rows,
                    .cols = tensors->cols,
                    .seed = tensors->seed,
                    .offset = tensors->offset};
    return run(&p, order, NULL, tensors, mode);
}

clact_status clact_sweep_forward(clact_context *context, cl_command_queue queue,
                                 const clact_sweep *sweep, const clact_forward_tensors *tensors,
                                 cl_uint num_wait, const cl_event *wait, cl_event *event) {
    const launch_order order = {queue, num_wait, wait, event};
    if (event) *event = NULL;
    return run_forward(context, &order, sweep, tensors, RUN_SWEEP);
}

clact_status clact_sweep_backward(clact_context *context, cl_command_queue queue,
                                  const clact_sweep *sweep, const clact_backward_tensors *tensors,
                                  cl_uint num_wait, const cl_event *wait, cl_event *event) {
    const launch_order order = {queue, num_wait, wait, event};
    if (event) *event = NULL;
    return run_backward(context, &order, sweep, tensors, RUN_SWEEP);
}

clact_status clact_sweep_try_forward(clact_context *context, cl_command_queue queue,
                                     const clact_sweep *sweep,
                                     const clact_forward_tensors *tensors) {
    const launch_order order = {queue, 0, NULL, NULL};
    return run_forward(context, &order, sweep, tensors, RUN_TRIED);
}

clact_status clact_sweep_try_backward(clact_context *context, cl_command_queue queue,
                                      const clact_sweep *sweep,
                                      const clact_backward_tensors *tensors) {
    const launch_order order = {queue, 0, NULL, NULL};
    return run_backward(context, &order, sweep, tensors, RUN_TRIED);
}

clact_status clact_forward(clact_context *context, cl_command_queue queue, const clact_sweep *sweep,
                           size_t rows, size_t cols, clact_matrix x, clact_matrix y,
                           cl_uint num_wait, const cl_event *wait, cl_event *event) {
    const clact_forward_tensors tensors = {.rows = rows, .cols = cols, .x = x, .y = y};
    const launch_order order = {queue, num_wait, wait, event};
    if (event) *event = NULL;
    return run_forward(context, &order, sweep, &tensors, RUN_SINGLE);
}

clact_status clact_backward(clact_context *context, cl_command_queue queue,
                            const clact_sweep *sweep, size_t rows, size_t cols, clact_matrix saved,
                            clact_matrix dy, clact_matrix dx, cl_uint num_wait,
                            const cl_event *wait, cl_event *event) {
    const clact_backward_tensors tensors = {
        .rows = rows, .cols = cols, .saved = saved, .dy = dy, .dx = dx};
    const launch_order order = {queue, num_wait, wait, event};
    if (event) *event = NULL;
    return run_backward(context, &order, sweep, &tensors, RUN_SINGLE);
}
