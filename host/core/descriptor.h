/* descriptor.h (L2): check a sweep and say in words what is wrong with it. */
#ifndef CORE_DESCRIPTOR_H
#define CORE_DESCRIPTOR_H

#include "context.h"

/* As clact_sweep_check, with a message in the context; DEVICE where it has no float64. */
clact_status descriptor_check(clact_context *context, const clact_sweep *sweep, bool backward);

/* As clact_sweep_workspace, of a sweep that has been checked. */
clact_status descriptor_workspace(const clact_sweep *sweep, bool backward, size_t rows, size_t cols,
                                  size_t *bytes);

#endif
