/* bench_case.h: operations, and one of those on one tensor: of an activation at a size. */
#ifndef BENCH_CASE_H
#define BENCH_CASE_H

#include <clact/clact.h>

/* The order is the order of the report. A new operation is a new row here and in the table of
 * bench_case.c. Those up to BENCH_CASE_OPS are measured as cases, sweep as a bench_pass, the others
 * as a bench_layer. */
typedef enum bench_op {
    BENCH_FORWARD,
    BENCH_BACKWARD,
    BENCH_COPY,
    BENCH_SWEEP,
    BENCH_DENSE,
    BENCH_TRAIN,
    BENCH_OVERHEAD, /* see bench_overhead.h */
    BENCH_UPDATE,   /* see bench_update.h */
    BENCH_OP_COUNT,
    BENCH_CASE_OPS = BENCH_SWEEP,
    BENCH_DEFAULT_OPS = BENCH_COPY /* those before it */
} bench_op;

typedef struct bench_case {
    bench_op op;
    clact_activation_info info;
    clact_sweep sweep; /* default parameters; names tier and element type too */
    int copy_way;      /* of BENCH_COPY, which has neither activation nor tier */
    size_t elements;
} bench_case;

/* "forward". */
const char *bench_op_name(bench_op op);

/* What is run: "gelu", or for a copy its way; and its tier: "fast", or "" for a copy. */
const char *bench_case_subject(const bench_case *item);
const char *bench_case_tier(const bench_case *item);

/* Finds an operation by its name; false when there is none. */
bool bench_op_find(const char *name, bench_op *op);

/* Least bytes the case must read and write. */
uint64_t bench_case_bytes(const bench_case *item);

/* Bytes of one of its arrays. */
uint64_t bench_case_array_bytes(const bench_case *item);

/* Whether two cases move the same bytes in the same way: the same operation over as many elements
 * of the same type. */
bool bench_case_same_group(const bench_case *left, const bench_case *right);

/* "forward/gelu/f32/fast/1048576/real_time", "backward/tanh/saved:y/f16/accurate/1024/real_time" or
 * "copy/copy_stream_16/f32/1048576/real_time". */
void bench_case_name(const bench_case *item, char *text, size_t size);

/* Whether the case reads y in place of x. */
bool bench_case_reads_y(const bench_case *item);

/* Whether x must be positive: the activation is not real everywhere. */
bool bench_case_is_positive(const bench_case *item);

#endif
