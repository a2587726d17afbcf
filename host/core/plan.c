/* plan.c (L2): from a descriptor and a shape to kernels and their launch numbers. */
#include "plan.h"

#include "stages.h"
#include "text.h"

_Static_assert(SAVED_X == (int)CLACT_SAVED_X && SAVED_Y == (int)CLACT_SAVED_Y &&
                   SAVED_MASK == (int)CLACT_SAVED_MASK && SAVED_TAIL == (int)CLACT_SAVED_TAIL &&
                   SAVED_NOTHING == (int)CLACT_SAVED_NOTHING,
               "the kernels number saved tensors as clact.h does");

static unsigned forward_stages(const clact_sweep *sweep) {
    unsigned stages = 0;
    if (sweep->bias) stages |= STAGE_BIAS;
    if (sweep->slopes) stages |= STAGE_SLOPES;
    if (sweep->gate != CLACT_GATE_OFF) stages |= STAGE_GATE;
    if (sweep->dropout > 0.0f) stages |= STAGE_DROPOUT;
    if (sweep->scale != 1.0f) stages |= STAGE_SCALE;
    if (sweep->residual) stages |= STAGE_RESIDUAL;
    if (sweep->health) stages |= STAGE_HEALTH;
    return stages;
}

unsigned plan_stages(const clact_sweep *sweep, plan_direction direction) {
    unsigned stages = forward_stages(sweep);
    if (direction == PLAN_FORWARD) return stages;
    stages &= ~(unsigned)STAGE_RESIDUAL;
    if (sweep->saved != CLACT_SAVED_X) stages &= ~(unsigned)STAGE_BIAS;
    const unsigned added = sweep->beta != 0.0f ? sweep->accumulate : 0;
    const bool add_residual = added & CLACT_GRADIENT_RESIDUAL;
    if (sweep->bias && (sweep->gradients & CLACT_GRADIENT_BIAS)) stages |= STAGE_DBIAS;
    if (sweep->slopes && (sweep->gradients & CLACT_GRADIENT_SLOPES)) stages |= STAGE_DSLOPES;
    if (sweep->residual && (sweep->gradients & CLACT_GRADIENT_RESIDUAL))
        stages |= STAGE_DRESIDUAL | (add_residual ? STAGE_ADD_DRESIDUAL : 0);
    if (added & CLACT_GRADIENT_X) stages |= STAGE_ADD_DX;
    return stages;
}

unsigned plan_flavour(clact_dtype dtype, clact_tier tier) {
    return (tier == CLACT_TIER_ACCURATE ? (unsigned)KERNEL_ACCURATE : 0u) |
           (dtype == CLACT_F64 ? (unsigned)KERNEL_DOUBLE : 0u);
}

/* Whether formulas may leave out what their parameters would multiply by */
static bool has_unit_parameters(const clact_sweep *sweep, const clact_activation_info *info) {
    bool unit = info->num_params > 0 && !sweep->slopes;
    for (int i = 0; i < info->num_params; i++)
        unit = unit && sweep->params[i] == 1.0f;
    return unit;
}

kernel_spec plan_sweep(const clact_sweep *sweep, plan_direction direction) {
    static const char *const backward[] = {"bwd", "bwd_y", "bwd_mask", "bwd_tail", "bwd_nothing"};
    static const char *const forward[] = {"fwd", "fwd", "fwd_mask", "fwd_tail", "fwd"};
    kernel_spec spec = {.text = clact_text_sweep,
                        .flavour = plan_flavour(sweep->dtype, sweep->tier)};
    clact_activation_info info;
    clact_activation_query(sweep->activation, &info);
    const bool is_forward = direction == PLAN_FORWARD;
    const char *half = (is_forward ? forward : backward)[sweep->saved];
    const char *storage = clact_dtype_name(sweep->dtype);
    const unsigned stages = plan_stages(sweep, direction);
    const bool unit = has_unit_parameters(sweep, &info);
    const size_t planes = plan_planes(sweep, direction);
    const kernel_number hex = kernel_hex(stages), saved = kernel_hex((unsigned)sweep->saved),
                        left = kernel_hex((unsigned)planes);
    spec.family = planes > 0   ? CLACT_FAMILY_SUMS
                  : is_forward ? CLACT_FAMILY_FORWARD
                               : CLACT_FAMILY_BACKWARD;
    /* sums are kept, and bits of a mask laid out, for each vector of 16 */
    spec.abreast = planes == 0 && sweep->saved != CLACT_SAVED_MASK;
    kernel_words(spec.name, sizeof spec.name, half, "_", info.name, unit ? "_unit_" : "_", storage,
                 "_", clact_tier_name(sweep->tier), stages ? "_" : "", stages ? hex.text : "",
                 NULL);
    kernel_words(spec.defines, sizeof spec.defines, "\n#define SWEEP_NAME ", spec.name,
                 "\n#define SWEEP_STORAGE ", storage, "\n#define SWEEP_ACT act_", info.name,
                 "\n#define SWEEP_STAGES 0x", hex.text, "\n#define SWEEP_SAVED 0x", saved.text,
                 "\n#define SWEEP_PLANES 0x", left.text, unit ? "\n#define SWEEP_UNIT true" : "",
                 is_forward ? "\n#define SWEEP_FORWARD\n" : "\n", NULL);
    return spec;
}

static kernel_spec sums_spec(const char *kernel, clact_family family, clact_dtype dtype,
                             clact_tier tier) {
    kernel_spec spec = {
        .text = clact_text_sums, .flavour = plan_flavour(dtype, tier), .family = family};
    const char *storage = clact_dtype_name(dtype), *of = clact_tier_name(tier);
    kernel_words(spec.name, sizeof spec.name, kernel, "_", storage, "_", of, NULL);
    kernel_words(spec.defines, sizeof spec.defines, "\n#define SUMS_NAME(kernel) kernel##_",
                 storage, "_", of, "\n#define SUMS_STORAGE ", storage, "\n", NULL);
    return spec;
}

kernel_spec plan_sum_blocks(clact_dtype dtype, clact_tier tier) {
    return sums_spec("sum_blocks", CLACT_FAMILY_SUMS, dtype, tier);
}

kernel_spec plan_sum_partials(clact_dtype dtype, clact_tier tier) {
    return sums_spec("sum_partials", CLACT_FAMILY_COLUMNS, dtype, tier);
}

static kernel_spec health_spec(const char *kernel, clact_dtype dtype) {
    kernel_spec spec = {.text = clact_text_health,
                        .flavour = plan_flavour(dtype, CLACT_TIER_ACCURATE),
                        .family = CLACT_FAMILY_COLUMNS};
    const char *suffix = dtype == CLACT_F64 ? "_f64" : "_f32"; /* of the arithmetic */
    kernel_words(spec.name, sizeof spec.name, kernel, suffix, NULL);
    kernel_words(spec.defines, sizeof spec.defines, "\n#define HEALTH_SUFFIX ", suffix, "\n", NULL);
    return spec;
}

kernel_spec plan_health_columns(clact_dtype dtype) {
    return health_spec("health_columns", dtype);
}

kernel_spec plan_health_total(clact_dtype dtype) {
    return health_spec("health_total", dtype);
}

static size_t num_sums(unsigned stages) {
    const size_t biases = stages & STAGE_GATE ? 2 : 1;
    return (stages & STAGE_DBIAS ? biases : 0) + (stages & STAGE_DSLOPES ? 1 : 0);
}

size_t plan_kernels(const clact_sweep *sweep, plan_direction direction,
                    kernel_spec specs[PLAN_MAX_KERNELS]) {
    size_t n = 0;
    specs[n++] = plan_sweep(sweep, direction);
    if (num_sums(plan_stages(sweep, direction)) > 0)
        specs[n++] = plan_sum_partials(sweep->dtype, sweep->tier);
    if (sweep->health) {
        specs[n++] = plan_health_columns(sweep->dtype);
        specs[n++] = plan_health_total(sweep->dtype);
    }
    return n;
}

size_t plan_planes(const clact_sweep *sweep, plan_direction direction) {
    return 2 * num_sums(plan_stages(sweep, direction)) + (sweep->health ? HEALTH_PLANES : 0);
}

uint64_t plan_bytes_written(const clact_sweep *sweep, plan_direction direction, uint64_t elements) {
    const unsigned stages = plan_stages(sweep, direction);
    const unsigned forward = 1 + (sweep->saved == CLACT_SAVED_TAIL);
    const unsigned backward = 1 + !!(stages & STAGE_GATE) + !!(stages & STAGE_DRESIDUAL);
    return elements * clact_dtype_size(sweep->dtype) *
           (direction == PLAN_FORWARD ? forward : backward);
}

static size_t num_blocks(size_t rows, size_t each) {
    return rows == 0 ? 0 : (rows - 1) / each + 1;
}

plan_rows plan_blocks(size_t rows, bool has_sums) {
    size_t each = has_sums ? SUM_LEAST_ROWS : 1;
    while (has_sums && num_blocks(rows, each) > each / SUM_ROWS_TO_BLOCKS)
        each *= 2;
    return (plan_rows){num_blocks(rows, each), each};
}

size_t plan_most_blocks(size_t rows, bool has_sums) {
    const plan_rows blocks = plan_blocks(rows, has_sums);
    const size_t shorter = blocks.rows_each / 2 / SUM_ROWS_TO_BLOCKS;
    const bool has_shorter = has_sums && blocks.rows_each > SUM_LEAST_ROWS;
    return has_shorter && shorter > blocks.count ? shorter : blocks.count;
}

bool plan_gate_is_packed(const clact_sweep *sweep) {
    return sweep->gate == CLACT_GATE_FIRST || sweep->gate == CLACT_GATE_LAST;
}

size_t plan_mask_words(size_t cols) {
    return cols == 0 ? 0 : 4 * ((cols - 1) / 128 + 1);
}

bool plan_may_flatten(const clact_sweep *sweep, plan_direction direction, size_t cols) {
    const unsigned columns = STAGE_BIAS | STAGE_SLOPES | STAGE_HEALTH | STAGE_DBIAS | STAGE_DSLOPES;
    const unsigned stages = plan_stages(sweep, direction);
    return !(stages & columns) && (!(stages & STAGE_DROPOUT) || cols % 64 == 0) &&
           (sweep->saved != CLACT_SAVED_MASK || cols % 128 == 0);
}

plan_grid plan_elementwise(size_t rows, size_t cols, unsigned width, size_t local) {
    const size_t items = rows * ((cols - 1) / width + 1), groups = (items - 1) / local + 1;
    return (plan_grid){groups * local, local};
}

plan_grid plan_groups(size_t blocks, size_t cols, clact_tuning_shape shape) {
    const size_t groups = (cols - 1) / (16 * shape.vectors) + 1;
    return plan_elementwise(blocks, groups * 16, kernel_width_of_one(shape.width), shape.local);
}

clact_tuning_shape plan_sweep_shape(const clact_sweep *sweep, unsigned stages,
                                    clact_tuning_shape shape) {
    const unsigned abreast = shape.width > 16 ? shape.width / 16 : 1;
    const unsigned least = sweep->saved == CLACT_SAVED_MASK ? 8
                           : stages & STAGE_DROPOUT         ? 4
                                                            : abreast;
    if (shape.vectors < least) shape.vectors = least;
    return shape;
}
