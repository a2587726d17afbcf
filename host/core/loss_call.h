/* loss_call.h (L2): one loss to be enqueued, its arguments checked. */
#ifndef CORE_LOSS_CALL_H
#define CORE_LOSS_CALL_H

#include "rows.h"

typedef struct loss_call {
    clact_context *context;
    const launch_order *order;
    const clact_loss *loss;
    size_t rows, cols;
    double scale;
    operand z, target, weight, result, dz; /* those that are not there stand for z */
    bool has_result, has_gradient;
    cl_mem workspace;
} loss_call;

/* Where things stand in the workspace, in reals; `count` in all. */
typedef struct loss_layout {
    size_t factor;        /* of a mean cross-entropy: divisor, gradient factor, sums of labels */
    size_t parts, joined; /* of a total: its terms, and the sums of their chunks */
    size_t rows;          /* of long rows: what their chunks leave behind */
    size_t count;
} loss_layout;

/* False if a size overflows. rows and cols are not 0. */
bool loss_layout_of(const clact_context *context, const clact_loss *loss, size_t rows, size_t cols,
                    loss_layout *layout);

/* Numbers in the workspace for each chunk of a long row of a cross-entropy */
size_t cross_entropy_values(const clact_loss *loss);
size_t cross_entropy_specs(const clact_loss *loss, kernel_spec *specs);
clact_status cross_entropy_run(const loss_call *call, const loss_layout *layout);

size_t element_loss_specs(const clact_loss *loss, kernel_spec *specs);
clact_status element_loss_run(const loss_call *call, const loss_layout *layout);

/* The sum of `count` terms in the workspace (pairs, or of a cross-entropy reals) to `result`, over
 * a divisor, or over the one that stands in the workspace. The last kernels of the chain. */
kernel_spec loss_total_spec(const clact_loss *loss);
void loss_total_launch(launch_chain *chain, const loss_call *call, const loss_layout *layout,
                       size_t count, bool has_divisor, double divisor);

#endif
