/* formulas_c.h: the formulas of kernels/formulas.h, compiled as C11, behind one call per direction.
 */
#ifndef CLACT_TESTS_FORMULAS_C_H
#define CLACT_TESTS_FORMULAS_C_H

#include "clact/clact.h"

/* y = act(x) in float32 arithmetic. params in the order of the table, legal and finite; unused ones
 * are ignored. */
float formula_forward(clact_activation act, clact_tier tier, const float params[2], float x);

/* dx = dy * act'(.), act' taken at s, which is x, y, tail or mask (0 or not) as saved says. Only
 * what the table allows for these parameters. */
float formula_backward(clact_activation act, clact_tier tier, const float params[2],
                       clact_saved saved, float s, float dy);

/* What a forward pass saves: the tail, or 1 or 0 for the bit of the mask. */
float formula_saved(clact_activation act, clact_tier tier, const float params[2], clact_saved saved,
                    float x);

/* The first two in float64 arithmetic. */
double formula_forward_f64(clact_activation act, clact_tier tier, const float params[2], double x);
double formula_backward_f64(clact_activation act, clact_tier tier, const float params[2],
                            clact_saved saved, double s, double dy);

#endif
