/* operand.h (L2): check the matrices of a call before anything is enqueued. */
#ifndef CORE_OPERAND_H
#define CORE_OPERAND_H

#include "context.h"

typedef clact_operand operand;

/* Those of one call: of the public check, and of an optimizer's step */
enum { OPERAND_MOST = 40 };

/* Sets ld 0 to cols; then leading dimension, buffer, context, size, flags, and that no output
 * overlaps another operand. At most OPERAND_MOST. Messages name the operand. */
clact_status operand_check(clact_context *context, operand *operands, size_t count);

/* If no operand has a gap between rows, makes each a single row of rows * cols and returns true. */
bool operand_flatten(operand *operands, size_t count);

#endif
