/* reduce.c (L3): a row to every row, and sums over rows. */
#include "launch.h"
#include "operand.h"
#include "plan.h"
#include "text.h"

static clact_status run_reduction(clact_context *context, const launch_order *order,
                                  const char *name, size_t rows, size_t grid_rows,
                                  operand *operands) {
    const kernel_spec specs[] = {{"broadcast_rows", "", clact_text_reduce, 0},
                                 {"sum_columns", "", clact_text_reduce, 0}};
    clact_status status = launch_check(context, order);
    if (status != CLACT_SUCCESS) return status;
    if (grid_rows == 0 || operands[0].cols == 0) return launch_nothing(context, order);
    /* sums of no rows: x is not read, so the sum stands in for it */
    status =
        rows > 0 ? operand_check(context, operands, 2) : operand_check(context, operands + 1, 1);
    if (status != CLACT_SUCCESS) return status;
    if (rows == 0) operands[0] = operands[1];
    status = context_ensure(context, specs, 2);
    if (status != CLACT_SUCCESS) return status;
    const plan_grid grid =
        plan_elementwise(grid_rows, operands[0].cols, context->target.width, context->target.local);
    const cl_ulong num_rows = rows, num_cols = operands[0].cols;
    const launch_scalar scalars[] = {{sizeof num_rows, &num_rows}, {sizeof num_cols, &num_cols}};
    return launch_kernel(context, order, name, grid, scalars, 2, operands, 2);
}

clact_status clact_broadcast_rows(clact_context *context, cl_command_queue queue, size_t rows,
                                  size_t cols, clact_matrix bias, clact_matrix y, cl_uint num_wait,
                                  const cl_event *wait, cl_event *event) {
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    const launch_order order = {queue, num_wait, wait, event};
    operand operands[] = {{"bias", bias, 1, cols, true, false, false, CLACT_F32},
                          {"y", y, rows, cols, false, true, false, CLACT_F32}};
    return run_reduction(context, &order, "broadcast_rows", rows, rows, operands);
}

clact_status clact_sum_columns(clact_context *context, cl_command_queue queue, size_t rows,
                               size_t cols, clact_matrix x, clact_matrix sum, cl_uint num_wait,
                               const cl_event *wait, cl_event *event) {
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    const launch_order order = {queue, num_wait, wait, event};
    operand operands[] = {{"x", x, rows, cols, true, false, false, CLACT_F32},
                          {"sum", sum, 1, cols, false, true, false, CLACT_F32}};
    return run_reduction(context, &order, "sum_columns", rows, 1, operands);
}
