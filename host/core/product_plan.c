/* product_plan.c (L2): kernels of matrix products and their launch numbers. */
#include "product_plan.h"

#include "clact/product.h"
#include "stages.h"
#include "text.h"

#include <stdio.h>

enum {
    GROUPS_A_UNIT = 2, /* work-groups for each compute unit, so that none is idle for long */
    MOST_ROWS = 256    /* of a work-group: what it has copied of b is then used often enough, and
                          rows of a stay in a core's cache from one panel to the next */
};

/* 16 sums of 16 lanes leave half of the 32 registers of AVX-512 free; 12 are most of the 16 that
 * narrower CPUs have. On a CPU a work-item has a core to itself, so it is alone in its group. */
product_tile product_plan_tile(const clact_context *context, clact_dtype dtype) {
    const clact_tuning_shape shape = context->target.tuning.families[CLACT_FAMILY_FORWARD];
    const unsigned width = kernel_width_of_one(shape.width);
    const cl_device_type type = context->device.type;
    const bool cpu = (type & CL_DEVICE_TYPE_CPU) && !(type & CL_DEVICE_TYPE_GPU);
    return (product_tile){.rows = width == 16 ? 8 : 6,
                          .vectors = 2,
                          .lanes = kernel_lanes(plan_flavour(dtype, CLACT_TIER_FAST), width),
                          .local = cpu ? 1 : shape.local};
}

static unsigned stages_of(const clact_sweep *sweep) {
    return plan_stages(sweep, PLAN_FORWARD);
}

bool clact_multiply_takes(const clact_sweep *sweep) {
    const unsigned taken = STAGE_BIAS | STAGE_SCALE;
    return sweep && clact_sweep_check(sweep, false) == CLACT_SUCCESS &&
           (sweep->dtype == CLACT_F32 || sweep->dtype == CLACT_F64) &&
           !(stages_of(sweep) & ~taken) && sweep->saved != CLACT_SAVED_MASK &&
           sweep->saved != CLACT_SAVED_TAIL;
}

kernel_spec product_plan_kernel(product_tile tile, clact_dtype dtype, const clact_sweep *sweep) {
    const clact_tier tier = sweep ? sweep->tier : CLACT_TIER_FAST;
    kernel_spec spec = {.text = clact_text_gemm,
                        .flavour = plan_flavour(dtype, tier),
                        .family = CLACT_FAMILY_FORWARD};
    const char *storage = clact_dtype_name(dtype);
    char formulas[96] = "";
    if (sweep) {
        clact_activation_info info;
        clact_activation_query(sweep->activation, &info);
        snprintf(spec.name, sizeof spec.name, "gemm_%s_%s_%s_%x", info.name, storage,
                 clact_tier_name(tier), stages_of(sweep));
        snprintf(formulas, sizeof formulas, "#define GEMM_ACT act_%s\n#define GEMM_STAGES %u\n",
                 info.name, stages_of(sweep));
    } else {
        snprintf(spec.name, sizeof spec.name, "gemm_%s", storage);
    }
    snprintf(spec.defines, sizeof spec.defines,
             "\n#define GEMM_NAME %s\n#define GEMM_ROWS %u\n#define GEMM_VECTORS %u\n"
             "#define GEMM_LOCAL %zu\n%s",
             spec.name, tile.rows, tile.vectors, tile.local, formulas);
    return spec;
}

static size_t divided_up(size_t a, size_t b) {
    return (a - 1) / b + 1;
}

product_cut product_plan_cut(size_t m, size_t n, product_tile tile, unsigned compute_units) {
    const size_t panels = divided_up(n, (size_t)tile.vectors * tile.lanes),
                 at_once = tile.rows * tile.local;
    const size_t wanted =
        divided_up(GROUPS_A_UNIT * (compute_units > 0 ? compute_units : 1), panels);
    const size_t needed = divided_up(m, MOST_ROWS), strips = wanted > needed ? wanted : needed;
    const size_t rows_each = divided_up(divided_up(m, strips), at_once) * at_once;
    return (product_cut){rows_each, divided_up(m, rows_each) * panels};
}
