/* formulas_c.c: the formulas of the kernels compiled as C, one call per element. */
#include "formulas_c.h"

#include "core/derived.h"
#include "formulas.h"

#define NO_PARAM
#define PARAM(...)
#define X_ONLY(name)  NULL
#define X_OR_Y(...)   READS_Y
#define READS_Y(name) act_##name##_bwd_y

typedef struct formula {
    real (*forward)(real, act_params);
    real (*backward)(real, real, act_params);
    real (*backward_y)(real, real, act_params);
} formula;

static const formula formulas[] = {
#define ACTIVATION(ID, name, aliases, saved, ...)                                                  \
    [CLACT_ACT_##ID] = {act_##name##_fwd, act_##name##_bwd, saved(name)},
#include "clact/activations.def"
};

static act_params params_of(const float params[2]) {
    float d[8];
    derive_params(params, d);
    act_params p = {d[0], d[1], {d[2], d[3]}, {d[4], d[5]}};
    return p;
}

float formula_forward(clact_activation act, const float params[2], float x) {
    return formulas[act].forward(x, params_of(params));
}

float formula_backward(clact_activation act, const float params[2], clact_saved saved, float s,
                       float dy) {
    const formula *f = &formulas[act];
    act_params p = params_of(params);
    return saved == CLACT_SAVED_Y ? f->backward_y(s, dy, p) : f->backward(s, dy, p);
}
