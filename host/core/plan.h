/* plan.h (L2): from a descriptor and a shape to a kernel and its launch numbers; pure functions. */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include "clact/clact.h"
#include "kernel_spec.h"

typedef enum plan_direction { PLAN_FORWARD, PLAN_BACKWARD } plan_direction;

/* The kernel of one sweep. */
kernel_spec plan_sweep(const clact_sweep *sweep, plan_direction direction);

typedef struct plan_grid {
    size_t global, local;
} plan_grid;

/* One work-item for every `width` of the cols of every row. */
plan_grid plan_elementwise(size_t rows, size_t cols, unsigned width, size_t local);

#endif
