/* bench_sweep_pass.c: names and bytes of what --op sweep measures. */
#include "bench_sweep_pass.h"

#include <stdio.h>

const char *bench_tensor_name(bench_tensor tensor) {
    static const char *const names[TENSOR_COUNT] = {
        [TENSOR_NONE] = "nothing",
        [TENSOR_X] = "x",
        [TENSOR_VALUE] = "value",
        [TENSOR_DY] = "dy",
        [TENSOR_Z] = "z",
        [TENSOR_VALUE_Z] = "value with its bias",
        [TENSOR_A] = "act(z)",
        [TENSOR_OUT] = "y or dx",
        [TENSOR_OUT_VALUE] = "dvalue",
        [TENSOR_DRESIDUAL] = "dresidual",
        [TENSOR_BIAS] = "bias",
        [TENSOR_VALUE_BIAS] = "value bias",
        [TENSOR_DBIAS] = "dbias",
        [TENSOR_DVALUE_BIAS] = "dvalue_bias",
        [TENSOR_MASK] = "mask",
        [TENSOR_HEALTH] = "health",
    };
    return names[tensor];
}

uint64_t bench_tensor_bytes(bench_tensor tensor, size_t rows, size_t cols, clact_dtype dtype) {
    const uint64_t row = (uint64_t)cols * clact_dtype_size(dtype);
    if (tensor == TENSOR_NONE) return 0;
    if (tensor == TENSOR_MASK) return (uint64_t)rows * ((cols + 127) / 128) * 16;
    if (tensor == TENSOR_HEALTH) return ((uint64_t)cols + 1) * sizeof(clact_health);
    return tensor >= TENSOR_BIAS ? row : row * rows;
}

bool bench_pass_is_backward(const bench_pass *pass) {
    return pass->fused.steps[0].kind == STEP_BACKWARD;
}

uint64_t bench_pass_bytes(const bench_pass *pass, const bench_steps *steps) {
    uint64_t sum = 0;
    for (size_t i = 0; i < steps->count; ++i) {
        const bench_step *step = &steps->steps[i];
        for (int role = 0; role < ROLE_COUNT; ++role) {
            const uint64_t bytes =
                bench_tensor_bytes(step->at[role], pass->rows, pass->cols, pass->dtype);
            const bool added = role == ROLE_RESIDUAL && step->kind == STEP_BACKWARD &&
                               (step->sweep.accumulate & CLACT_GRADIENT_RESIDUAL);
            sum += added ? 2 * bytes : bytes;
        }
    }
    return sum;
}

void bench_pass_name(const bench_pass *pass, char *text, size_t size) {
    snprintf(text, size, "sweep/%s/%s/%s/%s/%zux%zu/real_time", pass->name, pass->info.name,
             clact_dtype_name(pass->dtype), clact_tier_name(pass->tier), pass->rows, pass->cols);
}

bool bench_pass_same_group(const bench_pass *left, const bench_pass *right) {
    return bench_pass_is_backward(left) == bench_pass_is_backward(right) &&
           left->rows == right->rows && left->cols == right->cols && left->dtype == right->dtype;
}
