/* descriptor.c (L2): fill, change and check a sweep, and say what it needs. */
#include "descriptor.h"

#include "plan.h"
#include "table.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

clact_status clact_sweep_init_sized(clact_sweep *sweep, size_t size, clact_activation activation) {
    clact_activation_info info;
    if (!sweep || size != sizeof *sweep ||
        clact_activation_query(activation, &info) != CLACT_SUCCESS)
        return CLACT_INVALID_ARGUMENT;
    *sweep = (clact_sweep){.struct_size = sizeof *sweep,
                           .activation = activation,
                           .saved = CLACT_SAVED_X,
                           .scale = 1.0f,
                           .saturation = 0.01f,
                           .gradients = CLACT_GRADIENT_ALL,
                           .beta = 1.0f};
    for (int i = 0; i < CLACT_MAX_PARAMS; i++)
        sweep->params[i] = info.params[i].value;
    return CLACT_SUCCESS;
}

static bool in_range(const clact_parameter *p, float value) {
    return value >= p->min && value <= p->max; /* false for NaN */
}

clact_status clact_sweep_set(clact_sweep *sweep, const char *param, float value) {
    clact_activation_info info;
    if (!sweep || !param || clact_activation_query(sweep->activation, &info) != CLACT_SUCCESS)
        return CLACT_INVALID_ARGUMENT;
    for (int i = 0; i < info.num_params; i++) {
        if (strcmp(param, info.params[i].name) != 0) continue;
        if (!in_range(&info.params[i], value)) return CLACT_PARAMETER_RANGE;
        sweep->params[i] = value;
        return CLACT_SUCCESS;
    }
    return CLACT_UNKNOWN_NAME;
}

/* ---- what is wrong ---- */

typedef struct complaint {
    char *text;
    size_t size;
} complaint;

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static clact_status
complain(const complaint *c, clact_status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (c->size > 0) vsnprintf(c->text, c->size, format, args);
    va_end(args);
    return status;
}

static clact_status check_params(const clact_sweep *sweep, const clact_activation_info *info,
                                 const complaint *c) {
    for (int i = 0; i < info->num_params; i++) {
        const clact_parameter *p = &info->params[i];
        if (!in_range(p, sweep->params[i]))
            return complain(c, CLACT_PARAMETER_RANGE, "%s of %s is %g; it must lie in [%g, %g]",
                            p->name, info->name, (double)sweep->params[i], (double)p->min,
                            (double)p->max);
    }
    if (table_params_agree(sweep->activation, sweep->params)) return CLACT_SUCCESS;
    if (info->num_params == 1)
        return complain(c, CLACT_PARAMETER_RANGE, "%s of %s is %g; it needs %s (a = %s)",
                        info->params[0].name, info->name, (double)sweep->params[0],
                        table_rule_text(sweep->activation), info->params[0].name);
    return complain(c, CLACT_PARAMETER_RANGE,
                    "the parameters of %s do not go together: it needs %s (a = %s, b = %s)",
                    info->name, table_rule_text(sweep->activation), info->params[0].name,
                    info->params[1].name);
}

static clact_status check_stages(const clact_sweep *sweep, const clact_activation_info *info,
                                 const complaint *c) {
    if (sweep->slopes && sweep->activation != CLACT_ACT_PRELU)
        return complain(c, CLACT_INVALID_ARGUMENT,
                        "slopes for each column are prelu's; the activation is %s", info->name);
    if (!(sweep->dropout >= 0.0f && sweep->dropout < 1.0f))
        return complain(c, CLACT_PARAMETER_RANGE, "dropout is %g; it must lie in [0, 1)",
                        (double)sweep->dropout);
    if (!isfinite(sweep->scale) || !isfinite(sweep->beta))
        return complain(c, CLACT_PARAMETER_RANGE,
                        "scale is %g and beta %g; they must be finite numbers",
                        (double)sweep->scale, (double)sweep->beta);
    if (sweep->health && !(sweep->saturation >= 0.0f))
        return complain(c, CLACT_PARAMETER_RANGE,
                        "saturation is %g; it must be 0 or more, a bound for |act'|",
                        (double)sweep->saturation);
    return CLACT_SUCCESS;
}

/* The first stage that keeps y from being the output of the activation; NULL if none does. */
static const char *stage_after_activation(const clact_sweep *sweep) {
    return sweep->gate != CLACT_GATE_OFF ? "a gate"
           : sweep->dropout > 0.0f       ? "dropout"
           : sweep->scale != 1.0f        ? "a scale"
           : sweep->residual             ? "a residual"
                                         : NULL;
}

/* Whether a float is a number of the type too. */
static bool is_exact(float value, clact_dtype dtype) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const float size = fabsf(value), steps = size * 0x1p24f; /* of float16 near 0 */
    if (dtype == CLACT_BF16) return (bits & 0xffff) == 0;
    if (dtype != CLACT_F16) return true;
    return size < 0x1p-14f ? steps == floorf(steps) : size < 0x1p16f && (bits & 0x1fff) == 0;
}

/* Whether a y that was rounded when it was stored still says on which side of a jump of the
 * derivative it was. Hardtanh's jumps are where y stops, and rounding may take it back inside. */
static bool rounding_keeps_sides(const clact_sweep *sweep) {
    return sweep->activation != CLACT_ACT_HARDTANH ||
           (is_exact(sweep->params[0], sweep->dtype) && is_exact(sweep->params[1], sweep->dtype));
}

static clact_status check_y(const clact_sweep *sweep, const clact_activation_info *info,
                            const complaint *c) {
    const char *stage = stage_after_activation(sweep);
    if (!info->reads_y)
        return complain(c, CLACT_SAVED_TENSOR, "backward of %s cannot read y; save x", info->name);
    if (stage)
        return complain(c, CLACT_SAVED_TENSOR,
                        "backward cannot read y behind %s: it is not the output of %s; save x",
                        stage, info->name);
    if (sweep->slopes)
        return complain(c, CLACT_SAVED_TENSOR,
                        "backward cannot read y with slopes for each column, which may be "
                        "negative; save x");
    if (!table_y_is_legal(sweep->activation, sweep->params))
        return complain(c, CLACT_SAVED_TENSOR,
                        "backward of %s can read y only for %s (a = %s); save x for other values",
                        info->name, table_y_text(sweep->activation), info->params[0].name);
    if (!rounding_keeps_sides(sweep))
        return complain(c, CLACT_SAVED_TENSOR,
                        "backward of %s can read y in %s only for limits that are numbers of that "
                        "type; save x or a mask",
                        info->name, clact_dtype_name(sweep->dtype));
    return CLACT_SUCCESS;
}

static clact_status check_compact(const clact_sweep *sweep, const clact_activation_info *info,
                                  table_compact needed, const complaint *c) {
    const char *name = clact_saved_name(sweep->saved);
    if (table_compact_of(sweep->activation) != needed)
        return complain(c, CLACT_SAVED_TENSOR, "the gradient of %s needs more than %s%s; save x",
                        info->name, needed == COMPACT_NOTHING ? "" : "a ", name);
    if (sweep->gate != CLACT_GATE_OFF)
        return complain(c, CLACT_SAVED_TENSOR,
                        "the gradient of the value of a gate needs more than %s%s; save x",
                        needed == COMPACT_NOTHING ? "" : "a ", name);
    if (sweep->slopes && (sweep->gradients & CLACT_GRADIENT_SLOPES))
        return complain(c, CLACT_SAVED_TENSOR,
                        "the gradient of slopes needs more than a mask; save x, or clear "
                        "CLACT_GRADIENT_SLOPES");
    return CLACT_SUCCESS;
}

static clact_status check_saved(const clact_sweep *sweep, const clact_activation_info *info,
                                bool backward, const complaint *c) {
    switch (sweep->saved) {
    case CLACT_SAVED_Y:
        return backward ? check_y(sweep, info, c) : CLACT_SUCCESS;
    case CLACT_SAVED_MASK:
        return check_compact(sweep, info, COMPACT_MASK, c);
    case CLACT_SAVED_TAIL:
        return check_compact(sweep, info, COMPACT_TAIL, c);
    case CLACT_SAVED_NOTHING:
        return backward ? check_compact(sweep, info, COMPACT_NOTHING, c) : CLACT_SUCCESS;
    case CLACT_SAVED_X:
    case CLACT_SAVED_COUNT:
        break;
    }
    return CLACT_SUCCESS;
}

clact_status clact_sweep_explain(const clact_sweep *sweep, bool backward, char *text, size_t size) {
    const complaint c = {text, text ? size : 0};
    clact_activation_info info;
    if (c.size > 0) text[0] = '\0';
    if (!sweep || sweep->struct_size != sizeof *sweep ||
        clact_activation_query(sweep->activation, &info) != CLACT_SUCCESS ||
        !clact_saved_name(sweep->saved) || !clact_tier_name(sweep->tier) ||
        !clact_dtype_size(sweep->dtype) || (int)sweep->gate < CLACT_GATE_OFF ||
        sweep->gate > CLACT_GATE_APART ||
        ((sweep->gradients | sweep->accumulate) & ~(unsigned)CLACT_GRADIENT_ALL))
        return complain(&c, CLACT_INVALID_ARGUMENT,
                        "the sweep is NULL, was not set up by clact_sweep_init, or names no "
                        "activation, saved tensor, tier, dtype, gate or gradient");
    clact_status status = check_params(sweep, &info, &c);
    if (status == CLACT_SUCCESS) status = check_stages(sweep, &info, &c);
    if (status == CLACT_SUCCESS) status = check_saved(sweep, &info, backward, &c);
    return status;
}

clact_status clact_sweep_check(const clact_sweep *sweep, bool backward) {
    return clact_sweep_explain(sweep, backward, NULL, 0);
}

clact_status descriptor_check(clact_context *context, const clact_sweep *sweep, bool backward) {
    char text[256];
    const clact_status status = clact_sweep_explain(sweep, backward, text, sizeof text);
    if (status != CLACT_SUCCESS) return context_fail(context, status, "%s", text);
    if (sweep->dtype == CLACT_F64 && !context->device.fp64)
        return context_fail(context, CLACT_DEVICE, "%s has no float64", context->device.name);
    return CLACT_SUCCESS;
}

/* ---- what it needs ---- */

static bool multiply(size_t *product, size_t factor) {
    if (factor != 0 && *product > SIZE_MAX / factor) return false;
    *product *= factor;
    return true;
}

static bool saved_bytes(const clact_sweep *sweep, size_t rows, size_t cols, size_t *bytes) {
    const bool mask = sweep->saved == CLACT_SAVED_MASK;
    const bool both = sweep->saved == CLACT_SAVED_X && plan_gate_is_packed(sweep);
    const bool apart = sweep->saved == CLACT_SAVED_X && sweep->gate == CLACT_GATE_APART;
    *bytes = sweep->saved == CLACT_SAVED_NOTHING ? 0 : rows;
    if (mask) return multiply(bytes, plan_mask_words(cols)) && multiply(bytes, 4);
    return multiply(bytes, cols) && multiply(bytes, clact_dtype_size(sweep->dtype)) &&
           multiply(bytes, both || apart ? 2 : 1);
}

size_t clact_sweep_saved_choices(const clact_sweep *sweep, size_t rows, size_t cols,
                                 clact_saved_choice choices[CLACT_SAVED_COUNT]) {
    size_t n = 0;
    if (!sweep || !choices) return 0;
    for (int saved = 0; saved < CLACT_SAVED_COUNT; saved++) {
        clact_sweep other = *sweep;
        clact_saved_choice choice = {(clact_saved)saved, 0};
        other.saved = choice.saved;
        if (clact_sweep_check(&other, true) != CLACT_SUCCESS) continue;
        if (!saved_bytes(&other, rows, cols, &choice.bytes)) return 0;
        choices[n++] = choice;
    }
    return n;
}

clact_status descriptor_workspace(const clact_sweep *sweep, bool backward, size_t rows, size_t cols,
                                  size_t *bytes) {
    const size_t scalar = sweep->dtype == CLACT_F64 ? 8 : 4;
    size_t product = plan_planes(sweep, backward ? PLAN_BACKWARD : PLAN_FORWARD);
    const size_t blocks = plan_most_blocks(rows, product > 0);
    *bytes = 0;
    if (!multiply(&product, blocks > 0 ? blocks : 1) || !multiply(&product, cols) ||
        !multiply(&product, scalar))
        return CLACT_SHAPE;
    *bytes = product;
    return CLACT_SUCCESS;
}

clact_status clact_sweep_workspace(const clact_sweep *sweep, bool backward, size_t rows,
                                   size_t cols, size_t *bytes) {
    if (!bytes) return CLACT_INVALID_ARGUMENT;
    *bytes = 0;
    const clact_status status = clact_sweep_check(sweep, backward);
    if (status != CLACT_SUCCESS) return status;
    return descriptor_workspace(sweep, backward, rows, cols, bytes);
}

clact_status clact_sum_columns_workspace(size_t rows, size_t cols, size_t *bytes) {
    size_t product = 2 * sizeof(float);
    if (!bytes) return CLACT_INVALID_ARGUMENT;
    *bytes = 0;
    const size_t blocks = plan_most_blocks(rows, true);
    if (!multiply(&product, blocks > 0 ? blocks : 1) || !multiply(&product, cols))
        return CLACT_SHAPE;
    *bytes = product;
    return CLACT_SUCCESS;
}
