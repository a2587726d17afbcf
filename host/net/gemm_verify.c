/* gemm_verify.c: CLBlast's products against sums of whole numbers on the host. */
#include "blas.h"
#include "clact/gemm.h"
#include "clact/net.h"
#include "dense_check.h"

#include <clblast_c.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { COUNT = 3, TRIES = 4 };

/* How matrices lie in their buffers */
typedef enum layout {
    ALONE,  /* one, from the start, rows without gaps */
    WITHIN, /* one amid others, rows with gaps */
    PACKED, /* one after the other */
    EVEN,   /* with gaps, evenly spaced */
    UNEVEN
} layout;

typedef struct shape {
    size_t m, n, k;
} shape;

/* A multiple of common tiles, narrow ones, one that no tile divides, the least */
static const shape shapes[] = {{384, 384, 64}, {128, 10, 256}, {10, 256, 128},
                               {67, 45, 33},   {1, 1, 1},      {3, 130, 1}};

typedef struct tensor {
    size_t rows, cols, ld, offsets[COUNT], total;
    float *host;
    cl_mem buffer;
    clact_matrix at[COUNT];
} tensor;

typedef struct bench {
    clact_context *context;
    cl_context cl;
    cl_command_queue queue;
    uint64_t seed;
} bench;

/* ---- matrices ---- */

static clact_status open_tensor(bench *b, tensor *t, layout way, bool is_empty) {
    const bool has_gaps = way != ALONE && way != PACKED;
    const size_t count = way == ALONE || way == WITHIN ? 1 : COUNT;
    t->ld = t->cols + (has_gaps ? 3 : 0);
    t->total = has_gaps ? 5 : 0;
    for (size_t i = 0; i < count; i++) {
        t->offsets[i] = t->total;
        t->total += t->rows * t->ld + (way == EVEN ? 7 : way == UNEVEN ? 2 + 5 * i : 0);
    }
    t->host = malloc(t->total * sizeof *t->host);
    if (!t->host) return clact_context_report(b->context, CLACT_MEMORY, "out of host memory");
    for (size_t i = 0; i < t->total; i++)
        t->host[i] = NAN;
    for (size_t i = 0; i < count * t->rows * t->cols && !is_empty; i++) {
        const size_t row = i / t->cols % t->rows, at = t->offsets[i / (t->rows * t->cols)];
        t->host[at + row * t->ld + i % t->cols] = (float)(clact_random_next(&b->seed) % 9) - 4.0f;
    }
    cl_int code = CL_SUCCESS;
    t->buffer = clCreateBuffer(b->cl, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR,
                               t->total * sizeof *t->host, t->host, &code);
    for (size_t i = 0; i < count; i++)
        t->at[i] = (clact_matrix){t->buffer, t->offsets[i], t->ld};
    return code == CL_SUCCESS
               ? CLACT_SUCCESS
               : clact_context_report(b->context, CLACT_OPENCL, "no memory to verify products in");
}

static void close_tensor(tensor *t) {
    if (t->buffer) clReleaseMemObject(t->buffer);
    free(t->host);
}

/* ---- one product ---- */

typedef struct product {
    shape s;
    bool transposed_a, transposed_b;
    layout layout;
    float alpha, beta;
} product;

static float element(const tensor *t, size_t entry, size_t row, size_t col) {
    return t->host[t->offsets[entry] + row * t->ld + col];
}

static void expect(const product *p, const tensor *a, const tensor *b, tensor *c, size_t entry) {
    for (size_t i = 0; i < p->s.m; i++)
        for (size_t j = 0; j < p->s.n; j++) {
            float sum = 0.0f, *to = &c->host[c->offsets[entry] + i * c->ld + j];
            for (size_t l = 0; l < p->s.k; l++)
                sum += (p->transposed_a ? element(a, entry, l, i) : element(a, entry, i, l)) *
                       (p->transposed_b ? element(b, entry, j, l) : element(b, entry, l, j));
            *to = p->alpha * sum + (p->beta != 0.0f ? p->beta * *to : 0.0f);
        }
}

static clact_status compute(bench *b, const product *p, const tensor *left, const tensor *right,
                            const tensor *result) {
    const bool one = p->layout == ALONE || p->layout == WITHIN;
    const blas_product asked = {.m = p->s.m,
                                .n = p->s.n,
                                .k = p->s.k,
                                .count = one ? 1 : COUNT,
                                .a = {left->at, sizeof *left->at, p->transposed_a},
                                .b = {right->at, sizeof *right->at, p->transposed_b},
                                .c = {result->at, sizeof *result->at, false},
                                .beta = p->beta};
    if (p->alpha == 1.0f) return blas_gemm(b->context, b->queue, &asked, NULL);
    /* as callers of CLBlast may, who get the same parameters */
    return CLBlastSgemm(CLBlastLayoutRowMajor,
                        p->transposed_a ? CLBlastTransposeYes : CLBlastTransposeNo,
                        p->transposed_b ? CLBlastTransposeYes : CLBlastTransposeNo, p->s.m, p->s.n,
                        p->s.k, p->alpha, left->buffer, left->offsets[0], left->ld, right->buffer,
                        right->offsets[0], right->ld, p->beta, result->buffer, result->offsets[0],
                        result->ld, &b->queue, NULL) == CLBlastSuccess
               ? CLACT_SUCCESS
               : clact_context_report(b->context, CLACT_BLAS, "CLBlastSgemm failed");
}

static clact_status compare(bench *b, const product *p, const tensor *c) {
    static const char *const places[] = {"", " amid others", " in a packed batch",
                                         " in an even batch", " in a batch"};
    char message[192];
    float *got = malloc(c->total * sizeof *got);
    if (!got) return clact_context_report(b->context, CLACT_MEMORY, "out of host memory");
    const cl_int code = clEnqueueReadBuffer(b->queue, c->buffer, CL_TRUE, 0, c->total * sizeof *got,
                                            got, 0, NULL, NULL);
    size_t i = 0;
    while (code == CL_SUCCESS && i < c->total &&
           (got[i] == c->host[i] || (isnan(got[i]) && isnan(c->host[i]))))
        i++;
    const float wrong = i < c->total ? got[i] : 0.0f;
    free(got);
    if (code != CL_SUCCESS)
        return clact_context_report(b->context, CLACT_OPENCL, "products could not be read back");
    if (i == c->total) return CLACT_SUCCESS;
    snprintf(message, sizeof message,
             "the product %zu x %zu x %zu%s%s%s is wrong: %g, not %g, at element %zu", p->s.m,
             p->s.n, p->s.k, p->transposed_a ? ", a transposed" : "",
             p->transposed_b ? ", b transposed" : "", places[p->layout], (double)wrong,
             (double)c->host[i], i);
    return clact_context_report(b->context, CLACT_BLAS, message);
}

static clact_status verify(bench *b, const product *p) {
    tensor left = {.rows = p->transposed_a ? p->s.k : p->s.m,
                   .cols = p->transposed_a ? p->s.m : p->s.k};
    tensor right = {.rows = p->transposed_b ? p->s.n : p->s.k,
                    .cols = p->transposed_b ? p->s.k : p->s.n};
    tensor result = {.rows = p->s.m, .cols = p->s.n};
    const size_t count = p->layout == ALONE || p->layout == WITHIN ? 1 : COUNT;
    clact_status status = open_tensor(b, &left, p->layout, false);
    if (status == CLACT_SUCCESS) status = open_tensor(b, &right, p->layout, false);
    if (status == CLACT_SUCCESS) status = open_tensor(b, &result, p->layout, p->beta == 0.0f);
    if (status == CLACT_SUCCESS) status = compute(b, p, &left, &right, &result);
    for (size_t i = 0; i < count && status == CLACT_SUCCESS; i++)
        expect(p, &left, &right, &result, i);
    if (status == CLACT_SUCCESS) status = compare(b, p, &result);
    close_tensor(&left);
    close_tensor(&right);
    close_tensor(&result);
    return status;
}

/* ---- all ---- */

clact_status clact_gemm_verify(clact_context *context, cl_command_queue queue, bool batches) {
    if (!context) return CLACT_INVALID_ARGUMENT;
    bench b = {.context = context, .queue = queue, .seed = 1};
    clact_status status = dense_check_queue(context, queue);
    if (status != CLACT_SUCCESS) return status;
    clGetCommandQueueInfo(queue, CL_QUEUE_CONTEXT, sizeof b.cl, &b.cl, NULL);

    const int layouts = batches ? UNEVEN + 1 : WITHIN + 1;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes * TRIES * (size_t)layouts; i++) {
        const size_t way = i / TRIES % (size_t)layouts;
        const product p = {.s = shapes[i / TRIES / (size_t)layouts],
                           .transposed_a = i & 1,
                           .transposed_b = i & 2,
                           .layout = (layout)way,
                           .alpha = way == WITHIN && (i & 3) == 0 ? 3.0f : 1.0f,
                           .beta = (i + way) & 1 ? 2.0f : 0.0f};
        status = verify(&b, &p);
        if (status != CLACT_SUCCESS) break;
    }
    return status;
}
