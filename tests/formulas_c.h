/* formulas_c.h: the formulas of kernels/formulas.h, compiled as C11, behind one call per direction.
 */
#ifndef CLACT_TESTS_FORMULAS_C_H
#define CLACT_TESTS_FORMULAS_C_H

#include "clact/clact.h"

/* y = act(x) in float32 arithmetic. params in the order of the table, legal and finite; unused ones
 * are ignored. */
float formula_forward(clact_activation act, clact_tier tier, const float params[2], float x);

/* dx = dy * act'(.), act' taken at s, which is x or y as saved says. y only where the table allows
 * it for these parameters. */
float formula_backward(clact_activation act, clact_tier tier, const float params[2],
                       clact_saved saved, float s, float dy);

/* The same in float64 arithmetic. */
double formula_forward_f64(clact_activation act, clact_tier tier, const float params[2], double x);
double formula_backward_f64(clact_activation act, clact_tier tier, const float params[2],
                            clact_saved saved, double s, double dy);

#endif
