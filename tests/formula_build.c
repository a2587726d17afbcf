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
#define NO_COMPACT(name)
#define NOTHING(name)
#define MASK(name) , .kept = act_##name##_kept, .backward_mask = act_##name##_bwd_mask
#define TAIL(name) , .tail = act_##name##_tail, .backward_tail = act_##name##_bwd_tail

typedef struct formula {
    real (*forward)(real, act_params);
    real (*backward)(real, real, act_params);
    real (*backward_y)(real, real, act_params);
    ints (*kept)(real, act_params);
    real (*backward_mask)(ints, real, act_params);
    real (*tail)(real, act_params);
    real (*backward_tail)(real, real, act_params);
} formula;

static const formula formulas[] = {
#define ACTIVATION(ID, name, aliases, saved, compact, ...)                                         \
    [CLACT_ACT_##ID] = {act_##name##_fwd, act_##name##_bwd, saved(name) compact(name)},
#include "clact/activations.def"
};

static act_params params_of(const float params[2]) {
    real d[8];
#ifdef DOUBLE
    derive_params_f64(params, d);
#else
    derive_params(params, d);
#endif
    act_params p = {d[0], d[1], {d[2], d[3]}, {d[4], d[5]}, 0};
    return p;
}

static double forward(clact_activation act, const float params[2], double x) {
    return (double)formulas[act].forward((real)x, params_of(params));
}

static double backward(clact_activation act, const float params[2], clact_saved saved, double s,
                       double dy) {
    const formula *f = &formulas[act];
    const act_params p = params_of(params);
    const real at = (real)s, g = (real)dy;
    switch (saved) {
    case CLACT_SAVED_Y:
        return (double)f->backward_y(at, g, p);
    case CLACT_SAVED_MASK:
        return (double)f->backward_mask(at != 0, g, p);
    case CLACT_SAVED_TAIL:
        return (double)f->backward_tail(at, g, p);
    case CLACT_SAVED_NOTHING:
        return (double)f->backward(1, g, p);
    default:
        return (double)f->backward(at, g, p);
    }
}

static double saved(clact_activation act, const float params[2], clact_saved saved, double x) {
    const formula *f = &formulas[act];
    const act_params p = params_of(params);
    if (saved == CLACT_SAVED_TAIL) return (double)f->tail((real)x, p);
    return f->kept((real)x, p) || x != x ? 1.0 : 0.0;
}

const formula_build FORMULA_BUILD = {forward, backward, saved};
