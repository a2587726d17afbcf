/* plan.c (L2): from a descriptor and a shape to a kernel and its launch numbers. */
#include "plan.h"

#include "text.h"

#include <stdio.h>

kernel_spec plan_sweep(const clact_sweep *sweep, plan_direction direction) {
    kernel_spec spec = {.text = clact_text_sweep};
    clact_activation_info info;
    clact_activation_query(sweep->activation, &info);
    if (sweep->tier == CLACT_TIER_ACCURATE) spec.flavour |= KERNEL_ACCURATE;
    if (sweep->dtype == CLACT_F64) spec.flavour |= KERNEL_DOUBLE;
    const bool forward = direction == PLAN_FORWARD;
    const char *half = forward ? "fwd" : sweep->saved == CLACT_SAVED_Y ? "bwd_y" : "bwd";
    const char *storage = clact_dtype_name(sweep->dtype);
    snprintf(spec.name, sizeof spec.name, "%s_%s_%s_%s", half, info.name, storage,
             clact_tier_name(sweep->tier));
    snprintf(spec.defines, sizeof spec.defines,
             "\n#define SWEEP_NAME %s\n#define SWEEP_STORAGE %s\n#define SWEEP_%s act_%s_%s\n",
             spec.name, storage, forward ? "FORWARD" : "BACKWARD", info.name, half);
    return spec;
}

plan_grid plan_elementwise(size_t rows, size_t cols, unsigned width, size_t local) {
    const size_t items = rows * ((cols - 1) / width + 1), groups = (items - 1) / local + 1;
    return (plan_grid){groups * local, local};
}
