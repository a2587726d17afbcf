/* bench_case.h: operations, and one of those on one tensor: of an activation at a size. */
#ifndef BENCH_CASE_H
#define BENCH_CASE_H

#include <clact/clact.h>

/* The order is the order of the report. A new operation is a new row here and in the table of
 * bench_case.c. Those up to BENCH_CASE_OPS are measured as cases, sweep as a bench_pass. */
typedef enum bench_op {
    BENCH_FORWARD,
    BENCH_BACKWARD,
    BENCH_SWEEP,
    BENCH_OVERHEAD, /* see bench_overhead.h */
    BENCH_OP_COUNT,
    BENCH_CASE_OPS = BENCH_SWEEP
} bench_op;

typedef struct bench_case {
    bench_op op;
    clact_activation_info info;
    clact_sweep sweep; /* default parameters; names tier and element type too */
    size_t elements;
} bench_case;

/* "forward". */
const char *bench_op_name(bench_op op);

/* Finds an operation by its name; false when there is none. */
bool bench_op_find(const char *name, bench_op *op);

/* Least bytes the case must read and write. */
uint64_t bench_case_bytes(const bench_case *item);

/* Bytes of one of its arrays. */
uint64_t bench_case_array_bytes(const bench_case *item);

/* Whether two cases move the same bytes in the same way: the same operation over as many elements
 * of the same type. */
bool bench_case_same_group(const bench_case *left, const bench_case *right);

/* "forward/gelu/f32/fast/1048576/real_time", or
 * "backward/tanh/saved:y/f16/accurate/1024/real_time".
 */
void bench_case_name(const bench_case *item, char *text, size_t size);

/* Whether the case reads y in place of x. */
bool bench_case_reads_y(const bench_case *item);

/* Whether x must be positive: the activation is not real everywhere. */
bool bench_case_is_positive(const bench_case *item);

#endif
