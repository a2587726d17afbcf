/* sums.h (L3): the second stage of sums down columns. */
#ifndef CORE_SUMS_H
#define CORE_SUMS_H

#include "launch.h"

/* The rows that sums go to, of cols elements each; a beta that is not 0 adds what is there. */
enum { SUMS_MAX_OUTPUTS = 3 };
typedef struct sums_output {
    clact_matrix matrix;
    float beta;
} sums_output;

/* Enqueues sum_partials over `blocks` blocks of `planes` planes. Its kernel is compiled already. */
clact_status sums_finish(clact_context *context, const launch_order *order, const kernel_spec *spec,
                         clact_dtype dtype, size_t blocks, size_t cols, size_t planes,
                         cl_mem partials, const sums_output *outputs, size_t count);

#endif
