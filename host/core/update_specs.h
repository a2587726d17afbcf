/* update_specs.h (L2): the kernels of optimizers and norms, for a warm-up that builds them
 * together. */
#ifndef CORE_UPDATE_SPECS_H
#define CORE_UPDATE_SPECS_H

#include "context.h"

enum { UPDATE_SPECS = 2, NORM_SPECS = 3 };

/* Writes the kernels of a legal optimizer's steps, for one tensor and for several, to
 * specs[UPDATE_SPECS]; those of a norm to specs[NORM_SPECS]. Return how many. */
size_t update_specs(const clact_optimizer *optimizer, kernel_spec *specs);
size_t norm_specs(kernel_spec *specs);

#endif
