/* optimizer.h (L0): whether an optimizer is legal. */
#ifndef CORE_OPTIMIZER_H
#define CORE_OPTIMIZER_H

#include "clact/clact.h"

/* *problem is a sentence, NULL after success. */
clact_status optimizer_explain(const clact_optimizer *optimizer, const char **problem);

#endif
