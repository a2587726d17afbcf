/* gemm.cl: matrix products, c = op(a) op(b) + beta c with c of m x n elements and the inner
 * dimension k; and such a product with the forward pass of a sweep over it in one kernel. This text
 * stands once in a program for every kernel asked for, each time after these, of which ROWS,
 * VECTORS and LOCAL are the same for all:
 *
 *   GEMM_NAME     name of the kernel
 *   GEMM_ROWS     rows of a tile, which stays in the registers of a work-item
 *   GEMM_VECTORS  vectors of WIDTH columns of it
 *   GEMM_LOCAL    work-items of a work-group
 *   GEMM_ACT      defined for a sweep: first part of the names of its formulas, act_gelu
 *   GEMM_STAGES   its stages: STAGE_BIAS, STAGE_SCALE, both or 0
 *
 * The order of a sum decides its bits. Here k is taken in blocks of GEMM_BLOCK; the products of a
 * block are a chain of fma in order of k, from 0; and the sums of the blocks are added in their
 * order, the first to beta c by an fma unless beta is 0. So the bits depend on neither tiles,
 * work-groups nor vector width.
 *
 * A work-group makes rows_each rows of as many columns as a tile has. Of every block of k it first
 * copies its columns of b to local memory, in the order in which tiles will read them; a is read
 * where it stands. Element (row, i) of op(a) stands at a[at.s0 + row * step.s0 + i * step.s1],
 * element (i, col) of op(b) at b[at.s1 + i * step.s2 + col * step.s3]; at also has offset and
 * leading dimension of c and y and the offset of the bias; stage is scale and beta.
 */
#include "panel.h"

#define HAS(stage)      ((GEMM_STAGES & STAGE_##stage) != 0)
#define FORMULA(suffix) PASTE(GEMM_ACT, suffix)

__kernel __attribute__((reqd_work_group_size(GEMM_LOCAL, 1, 1))) void
GEMM_NAME(const ulong m, const ulong n, const ulong k, const ulong rows_each, const ulong4 step,
          const ulong8 at, const parameters params, const parameters stage,
          __global const scalar *a, __global const scalar *b, __global scalar *c,
          __global scalar *y, __global const scalar *bias) {
    __local scalar panel[GEMM_BLOCK * PANEL_COLS];
    const ulong panels = (n + PANEL_COLS - 1) / PANEL_COLS, strip = get_group_id(0) / panels;
    const ulong first_col = (get_group_id(0) - strip * panels) * PANEL_COLS;
    const uint cols = (uint)min(n - first_col, (ulong)PANEL_COLS);
    const ulong first_row = strip * rows_each, end_row = min(first_row + rows_each, m);
    const real beta = C(stage.s1);
#ifdef GEMM_ACT
    const act_params p = params_of(params, false);
#endif
    ulong done = 0; /* of k */
    do {
        const uint depth = (uint)min(k - done, (ulong)GEMM_BLOCK);
        panel_fill(panel, b + at.s1 + done * step.s2 + first_col * step.s3, step.s23, depth, cols);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (ulong row = first_row + get_local_id(0) * GEMM_ROWS; row < end_row;
             row += GEMM_LOCAL * GEMM_ROWS) {
            const uint rows = (uint)min(end_row - row, (ulong)GEMM_ROWS);
            real tile[GEMM_ROWS * GEMM_VECTORS];
            tile_multiply(tile, a + at.s0 + row * step.s0 + done * step.s1, step.s01, rows - 1,
                          panel, depth);
            for (uint r = 0; r < rows; r++) {
                for (uint v = 0; v < GEMM_VECTORS && v * WIDTH < cols; v++) {
                    const ulong col = first_col + v * WIDTH, left = n - col;
                    __global scalar *out = c + at.s2 + (row + r) * at.s3 + col;
                    real z = tile[r * GEMM_VECTORS + v];
                    if (done > 0)
                        z = load_real(out, left) + z;
                    else if (any_lane(beta != 0.0f))
                        z = fma(beta, load_real(out, left), z);
                    store_real(z, out, left);
#ifdef GEMM_ACT
                    if (k - done > GEMM_BLOCK) continue;
                    if (HAS(BIAS)) z = z + load_real(bias + at.s6 + col, left);
                    real value = FORMULA(_fwd)(z, p);
                    if (HAS(SCALE)) value = value * C(stage.s0);
                    store_real(value, y + at.s4 + (row + r) * at.s5 + col, left);
#endif
                }
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        done += GEMM_BLOCK;
    } while (done < k);
}

#undef HAS
#undef FORMULA
#undef GEMM_NAME
#undef GEMM_ACT
#undef GEMM_STAGES
