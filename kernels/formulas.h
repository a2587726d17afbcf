/* formulas.h: the mathematics of every activation, forward and backward, and nothing else.
 *
 * For a row `name` of activations.def:
 *   act_<name>_fwd(x, p)         y
 *   act_<name>_bwd(x, dy, p)     dx from the input of the forward pass
 *   act_<name>_bwd_y(y, dy, p)   dx from its output, where the row says X_OR_Y
 * x = NaN gives NaN. No branch but ?:, with NaN falling through the comparisons of a clamp.
 */
#ifndef FORMULAS_H
#define FORMULAS_H

#include "formulas_algebraic.h"
#include "formulas_exponential.h"
#include "formulas_gated.h"
#include "formulas_periodic.h"
#include "formulas_piecewise.h"
#include "formulas_sigmoid.h"

#endif
