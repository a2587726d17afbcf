/* optimizer.c (L0): the table of optimizers: names, states, defaults, legal ranges. */
#include "clact/clact.h"

#include <math.h>
#include <stdio.h>

static const struct {
    const char *name;
    unsigned states;
} table[CLACT_OPTIMIZER_COUNT] = {
#define OPTIMIZER_ROW(NAME, value, name, states) [CLACT_OPTIMIZER_##NAME] = {name, states},
    CLACT_OPTIMIZER_MAP(OPTIMIZER_ROW)
#undef OPTIMIZER_ROW
};

static bool is_kind(clact_optimizer_kind kind) {
    return (int)kind >= 0 && kind < CLACT_OPTIMIZER_COUNT;
}

const char *clact_optimizer_name(clact_optimizer_kind kind) {
    return is_kind(kind) ? table[kind].name : NULL;
}

unsigned clact_optimizer_states(clact_optimizer_kind kind) {
    return is_kind(kind) ? table[kind].states : 0;
}

clact_status clact_optimizer_init_sized(clact_optimizer *optimizer, size_t size,
                                        clact_optimizer_kind kind) {
    if (!optimizer || size != sizeof *optimizer || !is_kind(kind)) return CLACT_INVALID_ARGUMENT;
    *optimizer = (clact_optimizer){.struct_size = sizeof *optimizer,
                                   .kind = kind,
                                   .momentum = 0.9f,
                                   .beta1 = 0.9f,
                                   .beta2 = kind == CLACT_OPTIMIZER_RMSPROP ? 0.99f : 0.999f,
                                   .epsilon = 1e-8f,
                                   .weight_decay = kind == CLACT_OPTIMIZER_ADAMW ? 0.01f : 0.0f};
    return CLACT_SUCCESS;
}

static bool is_share(float v) {
    return v >= 0.0f && v < 1.0f;
}

/* What is wrong with the numbers; NULL for nothing */
static const char *range_problem(const clact_optimizer *o) {
    if (!is_share(o->momentum) || !is_share(o->beta1) || !is_share(o->beta2))
        return "momentum, beta1 and beta2 must lie in [0, 1)";
    if (!(o->epsilon >= 0x1p-60f && isfinite(o->epsilon)))
        return "epsilon must be at least 2^-60 (8.7e-19), and finite";
    if (!(o->weight_decay >= 0.0f && isfinite(o->weight_decay)))
        return "weight_decay must not be negative, and finite";
    return NULL;
}

clact_status clact_optimizer_check(const clact_optimizer *optimizer, char *text, size_t size) {
    const clact_optimizer *o = optimizer;
    const bool is_set_up = o && o->struct_size == sizeof *o && is_kind(o->kind);
    const char *problem = is_set_up
                              ? range_problem(o)
                              : "the optimizer is NULL or was not set up by clact_optimizer_init";
    if (text && size > 0) snprintf(text, size, "%s", problem ? problem : "");
    if (!problem) return CLACT_SUCCESS;
    return is_set_up ? CLACT_PARAMETER_RANGE : CLACT_INVALID_ARGUMENT;
}
