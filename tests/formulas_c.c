/* formulas_c.c: the C builds of the formulas behind one call per direction. */
#include "formulas_c.h"

#include "formula_build.h"

const formula_build *formula_build_of(clact_tier tier, clact_dtype dtype) {
    if (dtype == CLACT_F64)
        return tier == CLACT_TIER_ACCURATE ? &formula_build_accurate_f64 : &formula_build_fast_f64;
    return tier == CLACT_TIER_ACCURATE ? &formula_build_accurate_f32 : &formula_build_fast_f32;
}

float formula_forward(clact_activation act, clact_tier tier, const float params[2], float x) {
    return (float)formula_build_of(tier, CLACT_F32)->forward(act, params, (double)x);
}

float formula_backward(clact_activation act, clact_tier tier, const float params[2],
                       clact_saved saved, float s, float dy) {
    return (float)formula_build_of(tier, CLACT_F32)
        ->backward(act, params, saved, (double)s, (double)dy);
}

double formula_forward_f64(clact_activation act, clact_tier tier, const float params[2], double x) {
    return formula_build_of(tier, CLACT_F64)->forward(act, params, x);
}

double formula_backward_f64(clact_activation act, clact_tier tier, const float params[2],
                            clact_saved saved, double s, double dy) {
    return formula_build_of(tier, CLACT_F64)->backward(act, params, saved, s, dy);
}

float formula_saved(clact_activation act, clact_tier tier, const float params[2], clact_saved saved,
                    float x) {
    return (float)formula_build_of(tier, CLACT_F32)->saved(act, params, saved, (double)x);
}
