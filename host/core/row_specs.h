/* row_specs.h (L2): the kernels of softmaxes and losses, for a warm-up that builds them together.
 */
#ifndef CORE_ROW_SPECS_H
#define CORE_ROW_SPECS_H

#include "context.h"

enum { SOFTMAX_MOST_SPECS = 11, LOSS_MOST_SPECS = 9 };

/* Checks the descriptor, with a message in the context. */
clact_status softmax_check(clact_context *context, const clact_softmax *softmax);
clact_status loss_check(clact_context *context, const clact_loss *loss);

/* Writes all kernels that a checked descriptor may need, whatever the shape, to
 * specs[SOFTMAX_MOST_SPECS] or specs[LOSS_MOST_SPECS]; returns how many. */
size_t softmax_specs(const clact_softmax *softmax, bool has_backward, kernel_spec *specs);
size_t loss_specs(const clact_loss *loss, kernel_spec *specs);

/* One kernel of a softmax. SOFTMAX_MOST serves cross-entropy too. */
typedef enum softmax_stage {
    SOFTMAX_WHOLE, /* all of a row in one work-item */
    SOFTMAX_SHORT, /* all of a short row in one lane */
    SOFTMAX_MOST,  /* the largest element of each chunk */
    SOFTMAX_SUM,   /* the sum of each chunk */
    SOFTMAX_JOIN,  /* those of a row joined */
    SOFTMAX_APPLY  /* the results, chunk by chunk */
} softmax_stage;
kernel_spec softmax_spec(const clact_softmax *softmax, bool backward, softmax_stage stage);

#endif
