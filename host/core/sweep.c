/* sweep.c (L3): forward and backward passes of an activation, and their warm-up. */
#include "derived.h"
#include "descriptor.h"
#include "launch.h"
#include "operand.h"
#include "plan.h"

#include <stdlib.h>

static clact_status check_sweep(clact_context *context, const clact_sweep *sweep, bool backward) {
    const clact_status status = descriptor_check(context, sweep, backward);
    if (status == CLACT_SUCCESS && sweep->dtype == CLACT_F64 && !context->device.fp64)
        return context_fail(context, CLACT_DEVICE, "%s has no float64", context->device.name);
    return status;
}

/* Checks, compiles what is missing and enqueues the sweep; the last operand is the output. */
static clact_status run_sweep(clact_context *context, const launch_order *order,
                              const clact_sweep *sweep, plan_direction direction, operand *operands,
                              size_t count) {
    clact_status status = check_sweep(context, sweep, direction == PLAN_BACKWARD);
    if (status != CLACT_SUCCESS) return status;
    status = launch_check(context, order);
    if (status != CLACT_SUCCESS) return status;
    for (size_t i = 0; i < count; i++)
        operands[i].dtype = sweep->dtype;
    if (operands[0].rows == 0 || operands[0].cols == 0) return launch_nothing(context, order);
    status = operand_check(context, operands, count);
    if (status != CLACT_SUCCESS) return status;

    const kernel_spec spec = plan_sweep(sweep, direction);
    status = context_ensure(context, &spec, 1);
    if (status != CLACT_SUCCESS) return status;

    operand_flatten(operands, count);
    const cl_ulong rows = operands[0].rows, cols = operands[0].cols;
    float single[8];
    double twice[8];
    const bool in_double = sweep->dtype == CLACT_F64;
    if (in_double)
        derive_params_f64(sweep->params, twice);
    else
        derive_params(sweep->params, single);
    const launch_scalar params =
        in_double ? (launch_scalar){sizeof twice, twice} : (launch_scalar){sizeof single, single};
    const launch_scalar scalars[] = {{sizeof rows, &rows}, {sizeof cols, &cols}, params};
    const plan_grid grid =
        plan_elementwise(operands[0].rows, operands[0].cols,
                         kernel_lanes(spec.flavour, context->target.width), context->target.local);
    return launch_kernel(context, order, spec.name, grid, scalars, 3, operands, count);
}

clact_status clact_forward(clact_context *context, cl_command_queue queue, const clact_sweep *sweep,
                           size_t rows, size_t cols, clact_matrix x, clact_matrix y,
                           cl_uint num_wait, const cl_event *wait, cl_event *event) {
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    const launch_order order = {queue, num_wait, wait, event};
    operand operands[] = {{"x", x, rows, cols, true, false, false, CLACT_F32},
                          {"y", y, rows, cols, false, true, true, CLACT_F32}};
    return run_sweep(context, &order, sweep, PLAN_FORWARD, operands, 2);
}

clact_status clact_backward(clact_context *context, cl_command_queue queue,
                            const clact_sweep *sweep, size_t rows, size_t cols, clact_matrix saved,
                            clact_matrix dy, clact_matrix dx, cl_uint num_wait,
                            const cl_event *wait, cl_event *event) {
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    const launch_order order = {queue, num_wait, wait, event};
    operand operands[] = {{"the saved tensor", saved, rows, cols, true, false, false, CLACT_F32},
                          {"dy", dy, rows, cols, true, false, false, CLACT_F32},
                          {"dx", dx, rows, cols, false, true, true, CLACT_F32}};
    return run_sweep(context, &order, sweep, PLAN_BACKWARD, operands, 3);
}

clact_status clact_warm_up(clact_context *context, const clact_sweep *sweeps, size_t count,
                           bool has_backward) {
    if (!context) return CLACT_INVALID_ARGUMENT;
    if (count == 0) return CLACT_SUCCESS;
    if (!sweeps) return context_fail(context, CLACT_INVALID_ARGUMENT, "sweeps is NULL");
    for (size_t i = 0; i < count; i++) {
        const clact_status status = check_sweep(context, &sweeps[i], has_backward);
        if (status != CLACT_SUCCESS) return status;
    }
    kernel_spec *specs = calloc(count, 2 * sizeof *specs);
    if (!specs) return context_fail(context, CLACT_MEMORY, "out of host memory");
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        specs[n++] = plan_sweep(&sweeps[i], PLAN_FORWARD);
        if (has_backward) specs[n++] = plan_sweep(&sweeps[i], PLAN_BACKWARD);
    }
    const clact_status status = context_ensure(context, specs, n);
    free(specs);
    return status;
}
