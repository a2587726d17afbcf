/* panel.h: what a matrix product is made of: a panel of b in local memory, and a tile of c in
 * registers. Stands on GEMM_ROWS, GEMM_VECTORS and GEMM_LOCAL, which gemm.cl explains.
 */
#ifndef PANEL_H
#define PANEL_H

#include "stages.h"
#include "storage.h"

#define PANEL_COLS (GEMM_VECTORS * WIDTH)

#ifdef DOUBLE
typedef double4 four;
#else
typedef float4 four;
#endif

/* panel[i * PANEL_COLS + j] = b[i * step.x + j * step.y] for i < depth and j < cols, and 0 for j
 * beyond. The work-items of a group share the columns or, where they lie side by side, the rows. */
FN void panel_fill(__local scalar *panel, __global const scalar *b, ulong2 step, uint depth,
                   uint cols) {
    const uint item = (uint)get_local_id(0);
    if (step.y == 1 && cols == PANEL_COLS) {
        for (uint i = item; i < depth; i += GEMM_LOCAL)
            for (uint j = 0; j < PANEL_COLS; j += WIDTH)
                STORE_WHOLE(LOAD_WHOLE(b + i * step.x + j), panel + i * PANEL_COLS + j);
        return;
    }
    /* columns of b that are rows in memory are turned in squares of four */
    const uint turned = step.x == 1 ? cols & ~3u : 0;
    for (uint j = 4 * item; j < turned; j += 4 * GEMM_LOCAL) {
        __global const scalar *p = b + j * step.y, *q = p + step.y, *r = q + step.y,
                              *s = r + step.y;
        __local scalar *out = panel + j;
        uint i = 0;
        for (; i + 4 <= depth; i += 4) {
            const four k = vload4(0, p + i), l = vload4(0, q + i);
            const four m = vload4(0, r + i), n = vload4(0, s + i);
            vstore4((four)(k.s0, l.s0, m.s0, n.s0), 0, out + i * PANEL_COLS);
            vstore4((four)(k.s1, l.s1, m.s1, n.s1), 0, out + (i + 1) * PANEL_COLS);
            vstore4((four)(k.s2, l.s2, m.s2, n.s2), 0, out + (i + 2) * PANEL_COLS);
            vstore4((four)(k.s3, l.s3, m.s3, n.s3), 0, out + (i + 3) * PANEL_COLS);
        }
        for (; i < depth; i++)
            vstore4((four)(p[i], q[i], r[i], s[i]), 0, out + i * PANEL_COLS);
    }
    for (uint j = turned + item; j < PANEL_COLS; j += GEMM_LOCAL)
        for (uint i = 0; i < depth; i++)
            panel[i * PANEL_COLS + j] = j < cols ? b[i * step.x + j * step.y] : 0.0f;
}

/* tile[r * GEMM_VECTORS + v] = the sum over i < depth, in order of i, of a[r, i] panel[i, v]: one
 * chain of fma from 0 for each element. Row r of a starts at a + r * step.x for r up to `last`, the
 * rows beyond repeat that one. */
FN void tile_multiply(real *tile, __global const scalar *a, ulong2 step, uint last,
                      __local const scalar *panel, uint depth) {
    __global const scalar *row[GEMM_ROWS];
    real sum[GEMM_ROWS][GEMM_VECTORS];
#pragma unroll
    for (uint r = 0; r < GEMM_ROWS; r++) {
        row[r] = a + (r < last ? r : last) * step.x;
#pragma unroll
        for (uint v = 0; v < GEMM_VECTORS; v++)
            sum[r][v] = C(0.0f);
    }
    for (uint i = 0; i < depth; i++) {
        real b[GEMM_VECTORS];
#pragma unroll
        for (uint v = 0; v < GEMM_VECTORS; v++)
            b[v] = LOAD_WHOLE(panel + i * PANEL_COLS + v * WIDTH);
#pragma unroll
        for (uint r = 0; r < GEMM_ROWS; r++) {
            const real factor = C(row[r][i * step.y]);
#pragma unroll
            for (uint v = 0; v < GEMM_VECTORS; v++)
                sum[r][v] = fma(factor, b[v], sum[r][v]);
        }
    }
#pragma unroll
    for (uint r = 0; r < GEMM_ROWS; r++)
#pragma unroll
        for (uint v = 0; v < GEMM_VECTORS; v++)
            tile[r * GEMM_VECTORS + v] = sum[r][v];
}

#endif
