/* formulas.h: the mathematics of every activation, forward and backward, and nothing else.
 *
 * For a row `name` of activations.def:
 *   act_<name>_fwd(x, p)         y
 *   act_<name>_bwd(x, dy, p)     dx from the input of the forward pass
 *   act_<name>_bwd_y(y, dy, p)   dx from its output, where the row says X_OR_Y
 *   act_<name>_kept(x, p)        a bit for each element, where the row says MASK
 *   act_<name>_bwd_mask(kept, dy, p)   dx from it
 *   act_<name>_tail(x, p)        the minor tail with the sign of x, where the row says TAIL
 *   act_<name>_bwd_tail(tail, dy, p)   dx from it
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
