/* row_build.h: one C build of softmaxes and losses over whole rows: a tier and a precision.
 *
 * The formulas are those of the kernels; the order of sums is written here anew, from the words in
 * kernels/chains.h. Numbers are doubles that hold float32 where the build is of float32.
 */
#ifndef CLACT_TESTS_ROW_BUILD_H
#define CLACT_TESTS_ROW_BUILD_H

#include "clact/clact.h"

typedef struct row_entropy {
    size_t label;
    const double *weights; /* NULL: all 1 */
    double smoothing, scale;
} row_entropy;

typedef struct row_build {
    void (*softmax)(bool log, const double *x, size_t n, double *y);
    void (*softmax_backward)(bool log, const double *y, const double *dy, size_t n, double *dx);
    double (*entropy)(const row_entropy *e, const double *z, size_t n, double *dz);
    double (*element)(clact_loss_kind kind, double z, double t, double param, double factor,
                      double *slope);
    /* The sum of n losses over a divisor; `elements` of them are added up before, 256 at a time */
    double (*total)(const double *losses, size_t n, bool elements, double divisor);
    /* What a mean of n rows with these weights of their labels divides by; scale over that */
    double (*divisor)(const double *weights, size_t n);
    double (*divide)(double a, double b);
} row_build;

extern const row_build row_build_fast_f32, row_build_accurate_f32;
extern const row_build row_build_fast_f64, row_build_accurate_f64;

static inline const row_build *row_build_of(clact_tier tier, clact_dtype dtype) {
    if (dtype == CLACT_F64)
        return tier == CLACT_TIER_ACCURATE ? &row_build_accurate_f64 : &row_build_fast_f64;
    return tier == CLACT_TIER_ACCURATE ? &row_build_accurate_f32 : &row_build_fast_f32;
}

#endif
