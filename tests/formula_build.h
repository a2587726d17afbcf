/* formula_build.h: one C build of the formulas: a tier and a precision. */
#ifndef CLACT_TESTS_FORMULA_BUILD_H
#define CLACT_TESTS_FORMULA_BUILD_H

#include "clact/clact.h"

/* One of each, double where the build is of double arithmetic; see formulas_c.h. */
typedef struct formula_build {
    double (*forward)(clact_activation act, const float params[2], double x);
    double (*backward)(clact_activation act, const float params[2], clact_saved saved, double s,
                       double dy);
    double (*saved)(clact_activation act, const float params[2], clact_saved saved, double x);
} formula_build;

extern const formula_build formula_build_fast_f32, formula_build_accurate_f32;
extern const formula_build formula_build_fast_f64, formula_build_accurate_f64;

/* That of a tier, and of double for CLACT_F64, float for the other types. */
const formula_build *formula_build_of(clact_tier tier, clact_dtype dtype);

#endif
