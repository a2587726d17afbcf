/* blas.c: products of one layer or a batch of them on CLBlast.
 *
 * CLBlast's kernels write columns, and would transpose a row-major c before and after. So it gets
 * the transposed product, c^T = op(b)^T op(a)^T: the same memory read as columns is that of the
 * transposed matrices, and every sum is taken in the same order.
 */
#include "blas.h"

#include <clblast_c.h>
#include <stdio.h>
#include <stdlib.h>

/* A matrix with its leading dimension, and the way its offsets go. */
typedef struct placed {
    cl_mem buffer;
    size_t offset, ld, stride;
    CLBlastTranspose transpose;
    bool even; /* offset + i * stride holds for every entry */
    bool safe; /* CLBlastSgemmStridedBatched, which takes a packed matrix to start at 0 and have no
                  gaps if its tiles divide the matrix, gets it right */
} placed;

static size_t offset_of(const blas_matrix *m, size_t i) {
    return blas_entry(m, i)->offset;
}

static placed place(const blas_matrix *m, size_t rows, size_t cols, size_t count) {
    const size_t height = m->transposed ? cols : rows, width = m->transposed ? rows : cols;
    placed p = {.buffer = m->first->buffer,
                .offset = m->first->offset,
                .ld = m->first->ld ? m->first->ld : width,
                .transpose = m->transposed ? CLBlastTransposeYes : CLBlastTransposeNo,
                .even = true};
    if (count > 1) p.stride = offset_of(m, 1) - p.offset; /* wraps round where they go down */
    for (size_t i = 1; i < count; i++)
        p.even = p.even && offset_of(m, i) >= p.offset &&
                 offset_of(m, i) - offset_of(m, i - 1) == p.stride;
    p.safe = p.ld != width || (p.offset == 0 && p.stride == height * width);
    return p;
}

static clact_status result(clact_context *context, const blas_product *p, const char *call,
                           CLBlastStatusCode code) {
    char message[128];
    if (code == CLBlastSuccess) return CLACT_SUCCESS;
    snprintf(message, sizeof message, "%s(%zu x %zu x %zu) failed with status %d", call, p->m, p->n,
             p->k, (int)code);
    return clact_context_report(context, CLACT_BLAS, message);
}

static clact_status single(clact_context *context, cl_command_queue queue, const blas_product *p,
                           const placed *a, const placed *b, const placed *c, size_t i,
                           cl_event *event) {
    return result(context, p, "CLBlastSgemm",
                  CLBlastSgemm(CLBlastLayoutColMajor, b->transpose, a->transpose, p->n, p->m, p->k,
                               1.0f, b->buffer, offset_of(&p->b, i), b->ld, a->buffer,
                               offset_of(&p->a, i), a->ld, p->beta, c->buffer, offset_of(&p->c, i),
                               c->ld, &queue, event));
}

/* Offsets in any order */
static clact_status listed(clact_context *context, cl_command_queue queue, const blas_product *p,
                           const placed *a, const placed *b, const placed *c) {
    const size_t count = p->count;
    size_t *at = malloc(3 * count * sizeof *at);
    float *factors = malloc(2 * count * sizeof *factors);
    clact_status status = CLACT_SUCCESS;
    if (!at || !factors) {
        status = clact_context_report(context, CLACT_MEMORY, "out of host memory");
        goto done;
    }
    for (size_t i = 0; i < count; i++) {
        at[i] = offset_of(&p->a, i);
        at[count + i] = offset_of(&p->b, i);
        at[2 * count + i] = offset_of(&p->c, i);
        factors[i] = 1.0f;
        factors[count + i] = p->beta;
    }
    status = result(context, p, "CLBlastSgemmBatched",
                    CLBlastSgemmBatched(CLBlastLayoutColMajor, b->transpose, a->transpose, p->n,
                                        p->m, p->k, factors, b->buffer, at + count, b->ld,
                                        a->buffer, at, a->ld, factors + count, c->buffer,
                                        at + 2 * count, c->ld, count, &queue, NULL));
done:
    free(at);
    free(factors);
    return status;
}

clact_status blas_gemm(clact_context *context, cl_command_queue queue, const blas_product *p,
                       cl_event *event) {
    const placed a = place(&p->a, p->m, p->k, p->count), b = place(&p->b, p->k, p->n, p->count);
    const placed c = place(&p->c, p->m, p->n, p->count);
    if (p->count == 1) return single(context, queue, p, &a, &b, &c, 0, event);
    if (!a.even || !b.even || !c.even) return listed(context, queue, p, &a, &b, &c);
    if (a.safe && b.safe && c.safe)
        return result(context, p, "CLBlastSgemmStridedBatched",
                      CLBlastSgemmStridedBatched(
                          CLBlastLayoutColMajor, b.transpose, a.transpose, p->n, p->m, p->k, 1.0f,
                          b.buffer, b.offset, b.ld, b.stride, a.buffer, a.offset, a.ld, a.stride,
                          p->beta, c.buffer, c.offset, c.ld, c.stride, p->count, &queue, NULL));
    clact_status status = CLACT_SUCCESS;
    for (size_t i = 0; i < p->count && status == CLACT_SUCCESS; i++)
        status = single(context, queue, p, &a, &b, &c, i, NULL);
    return status;
}
