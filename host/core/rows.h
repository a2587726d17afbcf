/* rows.h (L2): row-wise passes: how a row is cut up, workspaces, and kernels in sequence. */
#ifndef CORE_ROWS_H
#define CORE_ROWS_H

#include "launch.h"
#include "stages.h"

/* The most columns of a row that a lane does, up to CHAINS of chains.h. No result depends on it. */
enum { ROW_SHORT = 32 };

static inline size_t rows_chunks(size_t count, size_t chunk) {
    return count == 0 ? 0 : (count - 1) / chunk + 1;
}

/* Whether rows are so long and so few that their chunks are work-items of their own. Results do not
 * depend on it. */
bool rows_are_cut(const clact_context *context, size_t rows, size_t cols);

/* The most rows that may be cut, of `rows` or fewer: a workspace has room for them. */
size_t rows_most_cut(const clact_context *context, size_t rows, size_t cols);

/* The type that arithmetic on `dtype` is done in */
clact_dtype rows_real(clact_dtype dtype);

/* A number as kernels of a type take it */
typedef struct real_scalar {
    float single;
    double twice;
} real_scalar;
real_scalar rows_scalar(double value);
launch_scalar rows_argument(const real_scalar *value, clact_dtype dtype);

/* Checks that dtype and tier exist, and that the device has the type. */
clact_status rows_check_type(clact_context *context, const char *what, clact_dtype dtype,
                             clact_tier tier);

/* A lane for each of so many short rows */
plan_grid rows_short_grid(const clact_context *context, const kernel_spec *spec, size_t rows);

/* A work-item for each row, or each chunk of one */
plan_grid rows_grid(const clact_context *context, size_t items);

/* *total += a * b; false on overflow */
bool rows_add(size_t *total, size_t a, size_t b);

/* An operand of `count` reals in a workspace; the whole of it starts at 0. */
operand rows_workspace(cl_mem workspace, size_t offset, size_t count, clact_dtype dtype);

/* Enqueues a kernel of so many work-items, a row or a chunk each, or of a grid. `is_last` for the
 * last kernel. After an error nothing more is enqueued. */
void chain_launch(launch_chain *chain, bool is_last, const char *name, size_t items,
                  const launch_scalar *scalars, size_t num_scalars, const operand *operands,
                  size_t num_operands);
void chain_launch_grid(launch_chain *chain, bool is_last, const char *name, plan_grid grid,
                       const launch_scalar *scalars, size_t num_scalars, const operand *operands,
                       size_t num_operands);

#endif
