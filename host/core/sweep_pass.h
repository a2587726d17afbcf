/* sweep_pass.h (L3): the operands of one forward or backward pass. */
#ifndef CORE_SWEEP_PASS_H
#define CORE_SWEEP_PASS_H

#include "operand.h"
#include "plan.h"
#include "sums.h"

enum { PASS_MAX_ROLES = 9 };

/* One call: its operands as they are checked, and which of them is what. */
typedef struct sweep_pass {
    clact_context *context;
    const clact_sweep *sweep;
    plan_direction direction;
    unsigned stages;
    size_t rows, cols, num_matrices, num_roles;
    uint64_t seed, offset;

    operand operands[CLACT_MAX_OPERANDS];
    size_t num_operands;
    /* The tensors of the kernel in the order of its arguments: first num_matrices of many rows,
     * which have an offset and a leading dimension in `at`, then single rows with an offset. NULL
     * for a stage that is off. */
    const operand *roles[PASS_MAX_ROLES];
    const char *narrow; /* a matrix that has no room for both halves, or NULL */
    size_t narrow_ld;

    sums_output sums[SUMS_MAX_OUTPUTS];
    size_t num_sums;
    cl_mem workspace, health;
    size_t health_offset;
} sweep_pass;

/* Lists the operands of a pass whose context, sweep, direction, stages, rows and cols are set.
 * Errors: SHAPE (a size overflows). */
clact_status sweep_pass_forward(sweep_pass *pass, const clact_forward_tensors *tensors);
clact_status sweep_pass_backward(sweep_pass *pass, const clact_backward_tensors *tensors);

#endif
