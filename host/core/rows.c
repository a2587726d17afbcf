/* rows.c (L2): row-wise passes: how a row is cut up, workspaces, and kernels in sequence. */
#include "rows.h"

#include <stdint.h>

/* Rows that keep the device busy without being cut */
static size_t enough_rows(const clact_context *context) {
    return (size_t)context->device.compute_units *
           context->target.tuning.families[CLACT_FAMILY_ROWS].local;
}

bool rows_are_cut(const clact_context *context, size_t rows, size_t cols) {
    return cols > ROW_CHUNK && rows < enough_rows(context);
}

size_t rows_most_cut(const clact_context *context, size_t rows, size_t cols) {
    const size_t enough = enough_rows(context);
    return cols <= ROW_CHUNK ? 0 : rows < enough ? rows : enough - 1;
}

plan_grid rows_short_grid(const clact_context *context, const kernel_spec *spec, size_t rows) {
    const clact_tuning_shape shape = program_shape(&context->target, spec);
    return plan_elementwise(1, rows, shape.width, shape.local);
}

plan_grid rows_grid(const clact_context *context, size_t items) {
    const size_t local = context->target.tuning.families[CLACT_FAMILY_ROWS].local;
    return plan_elementwise(1, items, 1, local);
}

clact_dtype rows_real(clact_dtype dtype) {
    return dtype == CLACT_F64 ? CLACT_F64 : CLACT_F32;
}

real_scalar rows_scalar(double value) {
    return (real_scalar){(float)value, value};
}

launch_scalar rows_argument(const real_scalar *value, clact_dtype dtype) {
    return dtype == CLACT_F64 ? (launch_scalar){sizeof value->twice, &value->twice}
                              : (launch_scalar){sizeof value->single, &value->single};
}

clact_status rows_check_type(clact_context *context, const char *what, clact_dtype dtype,
                             clact_tier tier) {
    if (!clact_dtype_size(dtype) || !clact_tier_name(tier))
        return context_fail(context, CLACT_INVALID_ARGUMENT, "the %s names no dtype or tier", what);
    if (dtype == CLACT_F64 && !context->device.fp64)
        return context_fail(context, CLACT_DEVICE, "%s has no float64", context->device.name);
    return CLACT_SUCCESS;
}

bool rows_add(size_t *total, size_t a, size_t b) {
    const size_t most = SIZE_MAX / sizeof(double);
    if (*total > most || (b > 0 && a > (most - *total) / b)) return false;
    *total += a * b;
    return true;
}

operand rows_workspace(cl_mem workspace, size_t offset, size_t count, clact_dtype dtype) {
    return (operand){"the workspace", {workspace, offset, count}, 1, count, true, true, false,
                     rows_real(dtype)};
}

/* ---- kernels in sequence ---- */

void chain_launch(launch_chain *chain, bool is_last, const char *name, size_t items,
                  const launch_scalar *scalars, size_t num_scalars, const operand *operands,
                  size_t num_operands) {
    const plan_grid grid = rows_grid(chain->context, items);
    chain_launch_grid(chain, is_last, name, grid, scalars, num_scalars, operands, num_operands);
}

void chain_launch_grid(launch_chain *chain, bool is_last, const char *name, plan_grid grid,
                       const launch_scalar *scalars, size_t num_scalars, const operand *operands,
                       size_t num_operands) {
    if (chain->status != CLACT_SUCCESS) return;
    const launch_order *order = launch_chain_next(chain, is_last);
    chain->status = launch_kernel(chain->context, order, name, grid, scalars, num_scalars, operands,
                                  num_operands);
}
