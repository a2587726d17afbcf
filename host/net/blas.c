/* blas.c: the products of a dense layer on CLBlast. */
#include "blas.h"

#include <clblast_c.h>
#include <stdio.h>

clact_status blas_gemm(clact_context *context, cl_command_queue queue, bool transpose_a,
                       bool transpose_b, size_t m, size_t n, size_t k, clact_matrix a,
                       clact_matrix b, float beta, clact_matrix c, cl_event *event) {
    const size_t a_ld = a.ld ? a.ld : transpose_a ? m : k;
    const size_t b_ld = b.ld ? b.ld : transpose_b ? k : n;
    const size_t c_ld = c.ld ? c.ld : n;
    const CLBlastStatusCode code = CLBlastSgemm(
        CLBlastLayoutRowMajor, transpose_a ? CLBlastTransposeYes : CLBlastTransposeNo,
        transpose_b ? CLBlastTransposeYes : CLBlastTransposeNo, m, n, k, 1.0f, a.buffer, a.offset,
        a_ld, b.buffer, b.offset, b_ld, beta, c.buffer, c.offset, c_ld, &queue, event);
    if (code == CLBlastSuccess) return CLACT_SUCCESS;
    char message[128];
    snprintf(message, sizeof message, "CLBlastSgemm(%zu x %zu x %zu) failed with status %d", m, n,
             k, (int)code);
    return clact_context_report(context, CLACT_BLAS, message);
}
