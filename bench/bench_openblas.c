/* bench_openblas.c: a dense layer by OpenBLAS and plain loops. */
#include "bench_openblas.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

void bench_openblas_set_threads(unsigned threads) {
    if (threads > 0) openblas_set_num_threads((int)threads);
}

/* ---- Activations: the textbook's formulas of z, as loops that a compiler can vectorise ----------
 */

static inline float plain_sigmoid(float z) {
    return 1.0f / (1.0f + expf(-z));
}

static inline float plain_normal(float z) {
    return 0.5f * erfcf(-0.70710678f * z);
}

#define PLAIN_MAP(M)                                                                               \
    M(IDENTITY, z, 1.0f)                                                                           \
    M(RELU, z > 0.0f ? z : 0.0f, z > 0.0f ? 1.0f : 0.0f)                                           \
    M(SIGMOID, plain_sigmoid(z), plain_sigmoid(z) * (1.0f - plain_sigmoid(z)))                     \
    M(TANH, tanhf(z), 1.0f - tanhf(z) * tanhf(z))                                                  \
    M(SILU, z *plain_sigmoid(z), plain_sigmoid(z) * (1.0f + z * (1.0f - plain_sigmoid(z))))        \
    M(GELU, z *plain_normal(z), plain_normal(z) + 0.39894228f * z * expf(-0.5f * z * z))

/* A row each: y from z + bias, and dz from dy. */
#define PLAIN_LOOPS(ID, VALUE, SLOPE)                                                              \
    static void plain_forward_##ID(size_t n, const float *row, const float *bias, float *y) {      \
        for (size_t i = 0; i < n; ++i) {                                                           \
            const float z = row[i] + bias[i];                                                      \
            y[i] = VALUE;                                                                          \
        }                                                                                          \
    }                                                                                              \
    static void plain_backward_##ID(size_t n, const float *row, const float *bias,                 \
                                    const float *dy, float *dz) {                                  \
        for (size_t i = 0; i < n; ++i) {                                                           \
            const float z = row[i] + bias[i];                                                      \
            (void)z;                                                                               \
            dz[i] = dy[i] * (SLOPE);                                                               \
        }                                                                                          \
    }
PLAIN_MAP(PLAIN_LOOPS)

#define PLAIN_ROW(ID, VALUE, SLOPE) {CLACT_ACT_##ID, plain_forward_##ID, plain_backward_##ID},
static const struct plain_row {
    clact_activation activation;
    void (*forward)(size_t n, const float *row, const float *bias, float *y);
    void (*backward)(size_t n, const float *row, const float *bias, const float *dy, float *dz);
} plain_rows[] = {PLAIN_MAP(PLAIN_ROW)};

static const struct plain_row *plain_find(clact_activation activation) {
    for (size_t i = 0; i < sizeof plain_rows / sizeof *plain_rows; ++i)
        if (plain_rows[i].activation == activation) return &plain_rows[i];
    return NULL;
}

bool bench_openblas_has(clact_activation activation) {
    return plain_find(activation) != NULL;
}

/* ---- Layers ---------------------------------------------------------------------------------- */

/* C (rows x cols) = A B, both read as the transposes say; matrices are packed. */
static void openblas_product(enum CBLAS_TRANSPOSE a, enum CBLAS_TRANSPOSE b, size_t rows,
                             size_t cols, size_t inner, const float *left, const float *right,
                             float *result) {
    cblas_sgemm(CblasRowMajor, a, b, (int)rows, (int)cols, (int)inner, 1.0f, left,
                (int)(a == CblasNoTrans ? inner : rows), right,
                (int)(b == CblasNoTrans ? cols : inner), 0.0f, result, (int)cols);
}

bool bench_openblas_forward_product(const void *user, void *const *arrays, bench_error *error) {
    const bench_openblas *one = user;
    (void)error;
    openblas_product(CblasNoTrans, CblasTrans, one->batch, one->outputs, one->inputs, arrays[0],
                     arrays[1], arrays[3]);
    return true;
}

bool bench_openblas_forward(const void *user, void *const *arrays, bench_error *error) {
    const bench_openblas *one = user;
    const struct plain_row *plain = plain_find(one->activation);
    const float *bias = arrays[2], *z = arrays[3];
    float *y = arrays[4];
    if (!bench_openblas_forward_product(user, arrays, error)) return false;
    for (size_t row = 0; row < one->batch; ++row)
        plain->forward(one->outputs, z + row * one->outputs, bias, y + row * one->outputs);
    return true;
}

bool bench_openblas_backward_products(const void *user, void *const *arrays, bench_error *error) {
    const bench_openblas *one = user;
    (void)error;
    openblas_product(CblasTrans, CblasNoTrans, one->outputs, one->inputs, one->batch, arrays[5],
                     arrays[0], arrays[6]);
    openblas_product(CblasNoTrans, CblasNoTrans, one->batch, one->inputs, one->outputs, arrays[5],
                     arrays[1], arrays[7]);
    return true;
}

bool bench_openblas_backward(const void *user, void *const *arrays, bench_error *error) {
    const bench_openblas *one = user;
    const struct plain_row *plain = plain_find(one->activation);
    const float *z = arrays[2], *bias = arrays[3], *dy = arrays[4];
    float *dz = arrays[5], *dbias = arrays[8];
    memset(dbias, 0, one->outputs * sizeof *dbias);
    for (size_t row = 0; row < one->batch; ++row) {
        const size_t at = row * one->outputs;
        plain->backward(one->outputs, z + at, bias, dy + at, dz + at);
        for (size_t i = 0; i < one->outputs; ++i)
            dbias[i] += dz[at + i];
    }
    return bench_openblas_backward_products(user, arrays, error);
}
