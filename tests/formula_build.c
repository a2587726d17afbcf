/* formula_build.c: the formulas of the kernels as C. Compiled once for each tier and precision,
 * with FORMULA_BUILD the name of what comes out, and ACCURATE and DOUBLE as the kernels know them.
 */
#include "formula_build.h"

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
    real d[8];
#ifdef DOUBLE
    derive_params_f64(params, d);
#else
    derive_params(params, d);
#endif
    act_params p = {d[0], d[1], {d[2], d[3]}, {d[4], d[5]}};
    return p;
}

static double forward(clact_activation act, const float params[2], double x) {
    return (double)formulas[act].forward((real)x, params_of(params));
}

static double backward(clact_activation act, const float params[2], clact_saved saved, double s,
                       double dy) {
    const formula *f = &formulas[act];
    act_params p = params_of(params);
    return (double)(saved == CLACT_SAVED_Y ? f->backward_y((real)s, (real)dy, p)
                                           : f->backward((real)s, (real)dy, p));
}

const formula_build FORMULA_BUILD = {forward, backward};
