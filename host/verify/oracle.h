/* oracle.h: what every activation and its gradient should be, in MPFR, independent of the kernels.
 *
 * Each activation has one forward formula, written from its definition. Its derivative is a
 * difference quotient of that formula; only the value at a kink, where the quotient means nothing,
 * and the limits at +-inf are written down. The gradient from y is the derivative at the solution
 * of f(x) = y. Nothing here is fast, and nothing is shared with kernels/.
 *
 * Inputs are doubles; a float is one. All is computed at the precision of the result r, which the
 * caller chooses. params are in the order of the table of activations; both are read, so pass two.
 * Threads may use it at once, each with its own numbers, where MPFR was built for them, as
 * Debian's is; a thread that ends calls mpfr_free_cache.
 */
#ifndef CLACT_VERIFY_ORACLE_H
#define CLACT_VERIFY_ORACLE_H

#include <stdbool.h>
#include <mpfr.h>
#include "clact/clact.h"

/* Precisions at which f and f' are right to more than 100 bits: the first for all inputs that are
 * floats and results not below 2^-280, the second for all doubles and results not below 2^-1100. */
#define ORACLE_BITS     512
#define ORACLE_BITS_F64 2400

/* r = f(x) for a finite x, computed at the precision of r; NaN outside the domain. r is not x. */
void oracle_forward(mpfr_ptr r, clact_activation act, const float params[2], mpfr_srcptr x);

/* r = f'(x) for a finite x: the value of the table of kinks if x is one, otherwise
 * (f(x + h) - f(x - h)) / 2h. h is 2^-100 times |x|, the latter kept between a bound that depends
 * on the precision (2^-200 for ORACLE_BITS, 2^-1100 for ORACLE_BITS_F64) and 1. */
void oracle_derivative(mpfr_ptr r, clact_activation act, const float params[2], mpfr_srcptr x);

/* The same with 2^step for 2^-100, to show that the step does not matter. */
void oracle_derivative_step(mpfr_ptr r, clact_activation act, const float params[2], mpfr_srcptr x,
                            long step);

/* Whether the derivative jumps (or, at the edge of a domain, is infinite) at x; if so r is the
 * value given to it there, PyTorch's. */
bool oracle_kink(mpfr_ptr r, clact_activation act, const float params[2], mpfr_srcptr x);

/* limits = f(-inf), f(+inf), f'(-inf), f'(+inf); NaN where there is none. -0.0 where the limit is
 * reached from below and the sign counts. */
void oracle_limits(clact_activation act, const float params[2], double limits[4]);

/* Solves f(x) = y for an increasing f, to 200 bits of y; false if y is no value of f, or x lies so
 * close to 0 that no double is near it. */
bool oracle_inverse(mpfr_ptr x, clact_activation act, const float params[2], double y);

/* r = f(x) for any input: NaN gives NaN, +-inf the limit. */
void oracle_expect_forward(mpfr_ptr r, clact_activation act, const float params[2], double x);

/* r = dy * f' at the saved tensor's element s, for any s; 0 where f' is, whatever dy is. False if s
 * is a y outside the closed range of f, or of an x other than 0 that rounds to 0 (in float32; for
 * CLACT_F64 in float64): nothing is promised there. */
bool oracle_expect_backward(mpfr_ptr r, clact_activation act, const float params[2],
                            clact_saved saved, double s, double dy, clact_dtype dtype);

/* |got - exact| in units of the last place that exact has in a format (2^-149 for a float32's
 * subnormals and below, 2^104 above the greatest float32), where an infinite got counts as the
 * power of two above the greatest number (2^128), and as right from there on. INFINITY if only one
 * of the two is NaN, or exact is infinite and got is not the same. got is a value of the format. */
double oracle_ulps(double got, mpfr_srcptr exact, clact_dtype dtype);

#endif
