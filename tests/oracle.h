/* oracle.h: what every activation and its gradient should be, in MPFR, independent of the kernels.
 *
 * Each activation has one forward formula, written from its definition. Its derivative is a
 * difference quotient of that formula; only the value at a kink, where the quotient means nothing,
 * and the limits at +-inf are written down. The gradient from y is the derivative at the solution
 * of f(x) = y. Nothing here is fast, and nothing is shared with kernels/.
 *
 * params are in the order of the table of activations; both are read, so pass two. Not for threads
 * unless MPFR was built for them.
 */
#ifndef CLACT_TESTS_ORACLE_H
#define CLACT_TESTS_ORACLE_H

#include <stdbool.h>
#include <mpfr.h>
#include "clact/clact.h"

/* Precision of the difference quotients and of the numbers the oracle_expect functions fill. */
#define ORACLE_BITS 512

/* r = f(x) for a finite x, computed at the precision of r; NaN outside the domain. r is not x. */
void oracle_forward(mpfr_ptr r, clact_activation act, const float params[2], mpfr_srcptr x);

/* r = f'(x) for a finite x, more than 100 bits of it right: the value of the table of kinks if x is
 * one, otherwise (f(x + h) - f(x - h)) / 2h at ORACLE_BITS. h is 2^-100 times |x|, the latter kept
 * between 2^-200 and 1. */
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

/* Solves f(x) = y for an increasing f; false if y is no value of f, or x lies so close to 0 that no
 * float is near it. */
bool oracle_inverse(mpfr_ptr x, clact_activation act, const float params[2], float y);

/* r = f(x) for any float: NaN gives NaN, +-inf the limit. r has ORACLE_BITS. */
void oracle_expect_forward(mpfr_ptr r, clact_activation act, const float params[2], float x);

/* r = dy * f' at the saved tensor's element s, for any float; 0 where f' is, whatever dy is. False
 * if s is a y outside the closed range of f, for which nothing is promised. r has ORACLE_BITS. */
bool oracle_expect_backward(mpfr_ptr r, clact_activation act, const float params[2],
                            clact_saved saved, float s, float dy);

/* |got - exact| in units of the last place of exact: 2^-149 for subnormals and below, 2^104 above
 * the greatest float, where an infinite got counts as 2^128. INFINITY if only one of the two is
 * NaN, or exact is infinite and got is not the same. */
double oracle_ulps(float got, mpfr_srcptr exact);

#endif
