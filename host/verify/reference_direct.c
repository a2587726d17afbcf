/* reference_direct.c: the periodic rows far from 0, where no polynomial follows them. */
#include "reference_piece.h"
#include "oracle.h"

#include <math.h>
#include <string.h>

#define NO_BOUND 0x7f800000u

uint32_t direct_bound(const struct function *f) {
    float bound = 8; /* neither row reads y */
    if (f->activation != CLACT_ACT_SINE && f->activation != CLACT_ACT_SNAKE) return NO_BOUND;
    if (f->activation == CLACT_ACT_SNAKE) bound = 4 / f->params[0];
    uint32_t bits;
    memcpy(&bits, &bound, sizeof bits);
    return bits;
}

/* 1 + sin(2 z) = (sin z + cos z)^2, where z = a x. 10 bits may cancel in the sum and 41 of 53 be
 * right; beyond, the oracle is asked: a step of 2^-60 and 320 bits, which leave 100 bits for the
 * least value there is, 2^-60 or so, at the greatest x. */
static double snake_slope(const struct function *f, double x, double z) {
    const double sum = sin(z) + cos(z);
    if (fabs(sum) > 0x1p-10) return sum * sum;
    mpfr_t r, exact;
    mpfr_init2(r, 320);
    mpfr_init2(exact, 53);
    mpfr_set_d(exact, x, MPFR_RNDN);
    oracle_derivative_step(r, f->activation, f->params, exact, -60);
    const double value = mpfr_get_d(r, MPFR_RNDN);
    mpfr_clears(r, exact, (mpfr_ptr)NULL);
    return value;
}

/* glibc reduces arguments to an absolute error below 2^-90, and no float but 0 is nearer than 2^-31
 * to a zero of sin or cos: of 53 bits of the result at least 50 are right (at a few doubles it is
 * off by 2^17 ulps). a x is exact, 24 bits times 24. Where |a x| > 4 at most a quarter of x cancels
 * in x + sin^2 / a. */
static double direct_value(const struct function *f, double x) {
    if (f->activation == CLACT_ACT_SINE) return f->backward ? cos(x) : sin(x);
    const double a = (double)f->params[0], z = a * x;
    if (f->backward) return snake_slope(f, x, z);
    const double s = sin(z);
    return x + s * s / a;
}

void direct_evaluate(const struct function *f, uint32_t first, size_t count, double *values) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = first + (uint32_t)i;
        float x;
        memcpy(&x, &bits, sizeof x);
        values[i] = direct_value(f, (double)x);
    }
}
