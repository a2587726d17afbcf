/* descriptor.c (L2): fill, change and check a sweep. */
#include "descriptor.h"

#include "table.h"

#include <string.h>

clact_status clact_sweep_init_sized(clact_sweep *sweep, size_t size, clact_activation activation) {
    clact_activation_info info;
    if (!sweep || size != sizeof *sweep ||
        clact_activation_query(activation, &info) != CLACT_SUCCESS)
        return CLACT_INVALID_ARGUMENT;
    *sweep = (clact_sweep){
        .struct_size = sizeof *sweep, .activation = activation, .saved = CLACT_SAVED_X};
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

clact_status clact_sweep_check(const clact_sweep *sweep, bool backward) {
    clact_activation_info info;
    if (!sweep || sweep->struct_size != sizeof *sweep ||
        clact_activation_query(sweep->activation, &info) != CLACT_SUCCESS ||
        (sweep->saved != CLACT_SAVED_X && sweep->saved != CLACT_SAVED_Y) ||
        !clact_tier_name(sweep->tier) || !clact_dtype_size(sweep->dtype))
        return CLACT_INVALID_ARGUMENT;
    for (int i = 0; i < info.num_params; i++)
        if (!in_range(&info.params[i], sweep->params[i])) return CLACT_PARAMETER_RANGE;
    if (!table_params_agree(sweep->activation, sweep->params)) return CLACT_PARAMETER_RANGE;
    if (backward && sweep->saved == CLACT_SAVED_Y &&
        !table_y_is_legal(sweep->activation, sweep->params))
        return CLACT_SAVED_TENSOR;
    return CLACT_SUCCESS;
}

static clact_status explain_range(clact_context *context, const clact_sweep *sweep,
                                  const clact_activation_info *info) {
    for (int i = 0; i < info->num_params; i++) {
        const clact_parameter *p = &info->params[i];
        if (!in_range(p, sweep->params[i]))
            return context_fail(context, CLACT_PARAMETER_RANGE,
                                "%s of %s is %g; it must lie in [%g, %g]", p->name, info->name,
                                (double)sweep->params[i], (double)p->min, (double)p->max);
    }
    if (info->num_params == 1)
        return context_fail(context, CLACT_PARAMETER_RANGE, "%s of %s is %g; it needs %s (a = %s)",
                            info->params[0].name, info->name, (double)sweep->params[0],
                            table_rule_text(sweep->activation), info->params[0].name);
    return context_fail(context, CLACT_PARAMETER_RANGE,
                        "the parameters of %s do not go together: it needs %s (a = %s, b = %s)",
                        info->name, table_rule_text(sweep->activation), info->params[0].name,
                        info->params[1].name);
}

clact_status descriptor_check(clact_context *context, const clact_sweep *sweep, bool backward) {
    const clact_status status = clact_sweep_check(sweep, backward);
    clact_activation_info info;
    if (status == CLACT_SUCCESS) return status;
    if (status == CLACT_INVALID_ARGUMENT)
        return context_fail(context, status,
                            "the sweep is NULL, was not set up by clact_sweep_init, or names no "
                            "activation, saved tensor, tier or dtype");
    clact_activation_query(sweep->activation, &info);
    if (status == CLACT_PARAMETER_RANGE) return explain_range(context, sweep, &info);
    if (!info.reads_y)
        return context_fail(context, status, "backward of %s cannot read y; save x", info.name);
    return context_fail(context, status,
                        "backward of %s can read y only for %s (a = %s); save x for other values",
                        info.name, table_y_text(sweep->activation), info.params[0].name);
}
