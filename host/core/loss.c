/* loss.c (L3): losses with their gradients. */
#include "launch.h"
#include "operand.h"
#include "plan.h"
#include "text.h"

#include <math.h>

clact_status clact_loss_gradient(clact_context *context, cl_command_queue queue,
                                 clact_loss loss_kind, size_t rows, size_t cols, clact_matrix z,
                                 clact_matrix target, float scale, clact_matrix loss,
                                 clact_matrix dz, cl_uint num_wait, const cl_event *wait,
                                 cl_event *event) {
    /* in the order of clact_loss */
    const kernel_spec specs[] = {
        {"softmax_cross_entropy", "", clact_text_loss, KERNEL_SCALAR | KERNEL_ACCURATE},
        {"bce_with_logits", "", clact_text_loss, KERNEL_SCALAR | KERNEL_ACCURATE},
        {"mse", "", clact_text_loss, KERNEL_SCALAR | KERNEL_ACCURATE}};
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    if ((int)loss_kind < 0 || loss_kind > CLACT_LOSS_MSE)
        return context_fail(context, CLACT_INVALID_ARGUMENT, "there is no loss %d", (int)loss_kind);
    if (!isfinite(scale))
        return context_fail(context, CLACT_INVALID_ARGUMENT, "scale is not a finite number");
    const launch_order order = {queue, num_wait, wait, event};
    clact_status status = launch_check(context, &order);
    if (status != CLACT_SUCCESS) return status;
    if (rows == 0 || cols == 0) return launch_nothing(context, &order);
    const size_t target_cols = loss_kind == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY ? 1 : cols;
    operand operands[] = {{"z", z, rows, cols, true, false, false, CLACT_F32},
                          {"target", target, rows, target_cols, true, false, false, CLACT_F32},
                          {"loss", loss, rows, 1, false, true, false, CLACT_F32},
                          {"dz", dz, rows, cols, false, true, true, CLACT_F32}};
    status = operand_check(context, operands, 4);
    if (status != CLACT_SUCCESS) return status;
    status = context_ensure(context, specs, 3);
    if (status != CLACT_SUCCESS) return status;

    const cl_ulong num_rows = rows, num_cols = cols;
    const launch_scalar scalars[] = {
        {sizeof num_rows, &num_rows}, {sizeof num_cols, &num_cols}, {sizeof scale, &scale}};
    const plan_grid grid = plan_elementwise(1, rows, 1, context->target.local);
    return launch_kernel(context, &order, specs[loss_kind].name, grid, scalars, 3, operands, 4);
}
