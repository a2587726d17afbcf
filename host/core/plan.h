/* plan.h (L2): from a descriptor and a shape to kernels and their launch numbers; pure functions.
 */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include "clact/clact.h"
#include "kernel_spec.h"

typedef enum plan_direction { PLAN_FORWARD, PLAN_BACKWARD } plan_direction;

/* Flags of kernel_flavour for a type and tier. */
unsigned plan_flavour(clact_dtype dtype, clact_tier tier);

/* What a pass is made of: STAGE_ numbers of kernels/stages.h. */
unsigned plan_stages(const clact_sweep *sweep, plan_direction direction);

/* The kernel of one pass. */
kernel_spec plan_sweep(const clact_sweep *sweep, plan_direction direction);

/* Every kernel of a pass: its own, then those of its sums and its health. */
enum { PLAN_MAX_KERNELS = 4 };
size_t plan_kernels(const clact_sweep *sweep, plan_direction direction,
                    kernel_spec specs[PLAN_MAX_KERNELS]);

/* The two stages of sums down columns, and of health. */
kernel_spec plan_sum_blocks(clact_dtype dtype, clact_tier tier);
kernel_spec plan_sum_partials(clact_dtype dtype, clact_tier tier);
kernel_spec plan_health_columns(clact_dtype dtype);
kernel_spec plan_health_total(clact_dtype dtype);

/* Planes of partial sums that a pass leaves, those of health last. */
size_t plan_planes(const clact_sweep *sweep, plan_direction direction);

/* Bytes of the matrices that a pass over so many elements writes, a mask apart. */
uint64_t plan_bytes_written(const clact_sweep *sweep, plan_direction direction, uint64_t elements);

/* The blocks in which rows are summed: a function of rows alone, because the bits of the sums
 * depend on it. Few, because each leaves partial sums; but devices take one beside the other.
 * Without sums every row is a block. */
typedef struct plan_rows {
    size_t count, rows_each;
} plan_rows;
plan_rows plan_blocks(size_t rows, bool has_sums);

/* The most blocks that so many rows or fewer make: more rows may have fewer, longer ones. */
size_t plan_most_blocks(size_t rows, bool has_sums);

/* Both halves of the gate in one matrix. */
bool plan_gate_is_packed(const clact_sweep *sweep);

/* 32-bit words of a mask for one row. */
size_t plan_mask_words(size_t cols);

/* Whether rows x cols elements may be taken as one row: no stage looks at columns, and neither
 * dropout nor mask has a group of columns that ends within it. */
bool plan_may_flatten(const clact_sweep *sweep, plan_direction direction, size_t cols);

typedef struct plan_grid {
    size_t global, local;
} plan_grid;

/* One work-item for every `width` of the cols of every row. */
plan_grid plan_elementwise(size_t rows, size_t cols, unsigned width, size_t local);

/* As LOCATE_GROUP of storage.h numbers them: for every 16 columns of each of the shape's vectors
 * 16 / width work-items. */
plan_grid plan_groups(size_t blocks, size_t cols, clact_tuning_shape shape);

/* The shape of a pass, whose work-items do no fewer vectors than a random block or a byte of a mask
 * has room for. */
clact_tuning_shape plan_sweep_shape(const clact_sweep *sweep, unsigned stages,
                                    clact_tuning_shape shape);

#endif
