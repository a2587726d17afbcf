/* update.c (L3): optimizer steps. */
#include "launch.h"
#include "operand.h"
#include "plan.h"
#include "text.h"

#include <math.h>

clact_status clact_sgd_step(clact_context *context, cl_command_queue queue, size_t n,
                            clact_matrix w, clact_matrix g, clact_matrix v, float lr,
                            float momentum, cl_uint num_wait, const cl_event *wait,
                            cl_event *event) {
    const kernel_spec spec = {
        .name = "sgd_step", .text = clact_text_update, .family = CLACT_FAMILY_FORWARD};
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    if (!isfinite(lr) || !isfinite(momentum))
        return context_fail(context, CLACT_INVALID_ARGUMENT,
                            "lr and momentum must be finite numbers");
    const launch_order order = {queue, num_wait, wait, event};
    clact_status status = launch_check(context, &order);
    if (status != CLACT_SUCCESS) return status;
    if (n == 0) return launch_nothing(context, &order);
    w.ld = g.ld = v.ld = 0;
    operand operands[] = {{"g", g, 1, n, true, false, false, CLACT_F32},
                          {"v", v, 1, n, true, true, false, CLACT_F32},
                          {"w", w, 1, n, true, true, false, CLACT_F32}};
    status = operand_check(context, operands, 3);
    if (status != CLACT_SUCCESS) return status;
    status = context_ensure(context, &spec, 1);
    if (status != CLACT_SUCCESS) return status;

    const cl_ulong cols = n;
    const launch_scalar scalars[] = {
        {sizeof cols, &cols}, {sizeof lr, &lr}, {sizeof momentum, &momentum}};
    const clact_tuning_shape shape = program_shape(&context->target, &spec);
    const plan_grid grid = plan_elementwise(1, n, shape.width, shape.local);
    return launch_kernel(context, &order, spec.name, grid, scalars, 3, operands, 3);
}
