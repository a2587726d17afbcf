/* element_loss.c (L2): losses of single elements: binary cross-entropy, MSE, L1, Huber. */
#include "loss_call.h"
#include "text.h"

#include <stdio.h>

/* Flags of loss.cl */
enum { HAS_VALUES = 1, HAS_GRADIENT = 2, HAS_TOTAL = 4, HAS_WEIGHT = 8 };

static kernel_spec element_spec(const clact_loss *loss) {
    static const char *const formulas[] = {NULL, "bce_with_logits", "mse", "l1", "huber"};
    const char *storage = clact_dtype_name(loss->dtype);
    kernel_spec spec = {.text = clact_text_loss,
                        .flavour = plan_flavour(loss->dtype, loss->tier),
                        .family = CLACT_FAMILY_ROWS};
    snprintf(spec.name, sizeof spec.name, "loss_%s_%s_%s", formulas[loss->kind], storage,
             clact_tier_name(loss->tier));
    snprintf(spec.defines, sizeof spec.defines,
             "\n#define LOSS_NAME %s\n#define LOSS_STORAGE %s\n#define LOSS_FORMULA %s\n",
             spec.name, storage, formulas[loss->kind]);
    return spec;
}

size_t element_loss_specs(const clact_loss *loss, kernel_spec *specs) {
    specs[0] = element_spec(loss);
    specs[1] = loss_total_spec(loss);
    return 2;
}

clact_status element_loss_run(const loss_call *call, const loss_layout *layout) {
    const clact_loss *loss = call->loss;
    const bool total = loss->reduction != CLACT_REDUCTION_NONE && call->has_result;
    kernel_spec specs[2];
    element_loss_specs(loss, specs);
    const clact_status status = context_ensure(call->context, specs, total ? 2 : 1);
    if (status != CLACT_SUCCESS) return status;

    const size_t elements = call->rows * call->cols, parts = rows_chunks(elements, LOSS_CHUNK);
    const bool mean = loss->reduction == CLACT_REDUCTION_MEAN;
    const double divisor = mean ? (double)elements : 1.0;
    const double slope = loss->kind == CLACT_LOSS_MSE ? 2.0 : 1.0; /* the kernel's is halved */
    const cl_ulong rows = call->rows, cols = call->cols, chunk = LOSS_CHUNK;
    const cl_uint has = (call->has_gradient ? HAS_GRADIENT : 0u) |
                        (call->has_result ? (total ? HAS_TOTAL : HAS_VALUES) : 0u) |
                        (loss->has_weight ? HAS_WEIGHT : 0u);
    const real_scalar factor = rows_scalar(slope * call->scale / divisor);
    const real_scalar constant =
        rows_scalar(loss->kind == CLACT_LOSS_HUBER ? (double)loss->delta : 1.0);
    const launch_scalar scalars[] = {{sizeof rows, &rows},
                                     {sizeof cols, &cols},
                                     {sizeof chunk, &chunk},
                                     {sizeof has, &has},
                                     rows_argument(&factor, loss->dtype),
                                     rows_argument(&constant, loss->dtype)};
    operand weight = call->weight;
    weight.matrix.ld = 0; /* one row for all */
    const operand operands[] = {
        call->z, call->target, weight,
        total ? rows_workspace(call->workspace, layout->parts, parts, loss->dtype) : call->result,
        call->dz};
    launch_chain chain = launch_chain_begin(call->context, call->order);
    chain_launch(&chain, !total, specs[0].name, parts, scalars, 6, operands, 5);
    if (total) loss_total_launch(&chain, call, layout, parts, false, divisor);
    return launch_chain_end(&chain);
}
