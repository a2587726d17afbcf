/* bench_sweep_pass.h: what --op sweep measures: one fused pass at one shape, beside the chain of
 * single passes that does the same. */
#ifndef BENCH_SWEEP_PASS_H
#define BENCH_SWEEP_PASS_H

#include <clact/clact.h>

/* What the steps read and write. */
typedef enum bench_tensor {
    TENSOR_NONE,
    /* matrices */
    TENSOR_X,
    TENSOR_VALUE,
    TENSOR_DY, /* forward: the residual */
    TENSOR_Z,  /* what a chain's forward pass has left: x + bias, value + its bias, act(z) */
    TENSOR_VALUE_Z,
    TENSOR_A,
    TENSOR_OUT, /* y or dx */
    TENSOR_OUT_VALUE,
    TENSOR_DRESIDUAL,
    /* single rows */
    TENSOR_BIAS,
    TENSOR_VALUE_BIAS,
    TENSOR_DBIAS,
    TENSOR_DVALUE_BIAS,

    TENSOR_MASK,
    TENSOR_HEALTH,
    TENSOR_COUNT
} bench_tensor;

/* "dbias", for messages. */
const char *bench_tensor_name(bench_tensor tensor);

/* Of rows x cols elements. */
uint64_t bench_tensor_bytes(bench_tensor tensor, size_t rows, size_t cols, clact_dtype dtype);

/* One call of the library, and which tensor is what in it. */
typedef enum bench_step_kind { STEP_FORWARD, STEP_BACKWARD, STEP_SUM } bench_step_kind;

typedef enum bench_role {
    ROLE_IN, /* x, dy, or what is summed */
    ROLE_SAVED,
    ROLE_VALUE,
    ROLE_BIAS,
    ROLE_VALUE_BIAS,
    ROLE_RESIDUAL, /* backward: its gradient */
    ROLE_OUT,      /* y, dx, or the sum */
    ROLE_OUT_VALUE,
    ROLE_DBIAS,
    ROLE_DVALUE_BIAS,
    ROLE_HEALTH,
    ROLE_COUNT
} bench_role;

typedef struct bench_step {
    bench_step_kind kind;
    clact_sweep sweep; /* not of STEP_SUM */
    bench_tensor at[ROLE_COUNT];
} bench_step;

#define BENCH_MAX_STEPS 6

typedef struct bench_steps {
    bench_step steps[BENCH_MAX_STEPS];
    size_t count;
} bench_steps;

typedef struct bench_pass {
    const char *name;
    clact_activation_info info;
    clact_tier tier;
    clact_dtype dtype;
    size_t rows, cols;
    bench_steps fused;   /* one */
    bench_steps chain;   /* the same from single passes */
    bench_steps plain;   /* the fused pass without health; none where it has none */
    bench_steps prepare; /* not measured: makes what the others read */
} bench_pass;

/* The rows of the table. */
size_t bench_pass_count(void);
const char *bench_pass_row_name(size_t row);

/* Fills what a row comes to for the activation, tier, type and shape that stand in *pass; false
 * where the activation cannot do it. */
bool bench_pass_fill(size_t row, bench_pass *pass);

bool bench_pass_is_backward(const bench_pass *pass);

/* Least bytes that the steps must read and write: each tensor of each step once, or twice where it
 * is added to. */
uint64_t bench_pass_bytes(const bench_pass *pass, const bench_steps *steps);

/* "sweep/bias+act/gelu/f32/fast/4096x4096/real_time". */
void bench_pass_name(const bench_pass *pass, char *text, size_t size);

/* Whether two passes belong under one heading: direction, shape and type are the same. */
bool bench_pass_same_group(const bench_pass *left, const bench_pass *right);

#endif
