/* sums.c (L3): sums down columns, in two stages. */
#include "sums.h"

#include "operand.h"
#include "plan.h"

clact_status sums_finish(clact_context *context, const launch_order *order, const kernel_spec *spec,
                         clact_dtype dtype, size_t blocks, size_t cols, size_t planes,
                         cl_mem partials, const sums_output *outputs, size_t count) {
    const cl_ulong sizes[4] = {blocks, cols, planes, count};
    cl_ulong at[4] = {0};
    float single[8] = {0};
    double twice[8] = {0};
    cl_mem buffers[SUMS_MAX_OUTPUTS] = {NULL};
    for (size_t i = 0; i < count; i++) {
        at[i] = outputs[i].matrix.offset;
        buffers[i] = outputs[i].matrix.buffer;
        single[i] = outputs[i].beta;
        twice[i] = (double)outputs[i].beta;
    }
    const launch_scalar betas = dtype == CLACT_F64 ? (launch_scalar){sizeof twice, twice}
                                                   : (launch_scalar){sizeof single, single};
    const launch_scalar arguments[] = {{sizeof *sizes, &sizes[0]},
                                       {sizeof *sizes, &sizes[1]},
                                       {sizeof *sizes, &sizes[2]},
                                       {sizeof *sizes, &sizes[3]},
                                       {sizeof at, at},
                                       betas,
                                       {sizeof partials, &partials},
                                       {sizeof(cl_mem), &buffers[0]},
                                       {sizeof(cl_mem), &buffers[1]},
                                       {sizeof(cl_mem), &buffers[2]}};
    const clact_tuning_shape shape = program_shape(&context->target, spec);
    const plan_grid grid = plan_elementwise(count, cols, shape.width, shape.local);
    return launch_kernel(context, order, spec->name, grid, arguments,
                         sizeof arguments / sizeof *arguments, NULL, 0);
}

/* First stage: sum_blocks. */
static clact_status sum_blocks(clact_context *context, const launch_order *order,
                               const kernel_spec *spec, const operand *x, plan_rows blocks,
                               cl_mem partials) {
    const cl_ulong rows = x->rows, cols = x->cols, rows_each = blocks.rows_each;
    const launch_scalar scalars[] = {{sizeof rows, &rows},
                                     {sizeof cols, &cols},
                                     {sizeof rows_each, &rows_each},
                                     {sizeof partials, &partials}};
    const plan_grid grid =
        plan_groups(blocks.count, x->cols, program_shape(&context->target, spec));
    return launch_kernel(context, order, spec->name, grid, scalars, 4, x, 1);
}

clact_status clact_sum_columns(clact_context *context, cl_command_queue queue, size_t rows,
                               size_t cols, clact_matrix x, clact_matrix sum, cl_mem workspace,
                               cl_uint num_wait, const cl_event *wait, cl_event *event) {
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    const launch_order order = {queue, num_wait, wait, event};
    size_t bytes = 0;
    clact_status status = launch_check(context, &order);
    if (status != CLACT_SUCCESS) return status;
    if (cols == 0) return launch_nothing(context, &order);
    if (clact_sum_columns_workspace(rows, cols, &bytes) != CLACT_SUCCESS)
        return context_fail(context, CLACT_SHAPE, "the size of the workspace overflows");
    operand operands[] = {
        {"sum", sum, 1, cols, false, true, false, CLACT_F32},
        {"the workspace", {workspace, 0, 0}, 1, bytes / 4, true, true, false, CLACT_F32},
        {"x", x, rows, cols, true, false, false, CLACT_F32}};
    status = operand_check(context, operands, rows > 0 ? 3 : 2);
    if (status != CLACT_SUCCESS) return status;
    const kernel_spec specs[] = {plan_sum_blocks(CLACT_F32, CLACT_TIER_FAST),
                                 plan_sum_partials(CLACT_F32, CLACT_TIER_FAST)};
    status = context_ensure(context, specs, 2);
    if (status != CLACT_SUCCESS) return status;

    const plan_rows blocks = plan_blocks(rows, true);
    const sums_output output = {operands[0].matrix, 0.0f};
    launch_chain chain = launch_chain_begin(context, &order);
    if (rows > 0 && chain.status == CLACT_SUCCESS)
        chain.status = sum_blocks(context, launch_chain_next(&chain, false), &specs[0],
                                  &operands[2], blocks, workspace);
    if (chain.status == CLACT_SUCCESS)
        chain.status = sums_finish(context, launch_chain_next(&chain, true), &specs[1], CLACT_F32,
                                   blocks.count, cols, 2, workspace, &output, 1);
    return launch_chain_end(&chain);
}
