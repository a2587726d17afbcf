/* sums.cl: sums down columns, in two stages; see sums.h. This text stands once in a program for
 * every element type, each time after SUMS_NAME(kernel), which makes its name, and SUMS_STORAGE,
 * the type.
 */
#define SUMS_IN  MATRIX_IN(SUMS_STORAGE, x)
#define SUMS_OUT __global PASTE(ELEMENT_, SUMS_STORAGE)

#define LOAD_SUMMAND(p, n) PASTE(load_, SUMS_STORAGE)(p, n)

/* First stage: blocks of rows of x, each to a pair of planes. A sweep does the same in passing. */
KERNEL(SUMS)
SUMS_NAME(sum_blocks)
(const ulong rows, const ulong cols, const ulong rows_each, __global scalar *partials, SUMS_IN) {
    LOCATE_GROUP(SUMS_VECTORS * 16);
    pair total[SUMS_VECTORS];
    for (uint vector = 0; vector < SUMS_VECTORS; vector++) {
        if (first_col + 16 * vector >= cols) break;
        total[vector] = no_sum();
    }
    for (ulong row = row_begin; row < row_end; row++) {
        for (uint vector = 0; vector < SUMS_VECTORS; vector++) {
            const ulong col = first_col + 16 * vector;
            if (col >= cols) break;
            FETCH_AHEAD(AT(x, row, col) + FETCH_STEP(vector, SUMS_VECTORS, x_ld));
            total[vector] = accumulate(total[vector], LOAD_SUMMAND(AT(x, row, col), cols - col));
        }
    }
    for (uint vector = 0; vector < SUMS_VECTORS; vector++) {
        const ulong col = first_col + 16 * vector;
        if (col >= cols) break;
        store_real(total[vector].h, partials + 2 * block * cols + col, cols - col);
        store_real(total[vector].l, partials + (2 * block + 1) * cols + col, cols - col);
    }
}

/* Second stage: `outputs` sums from the first planes of each block, to rows of cols elements that
 * start at a[at.x], b[at.y], c[at.z]. Each is added to beta times what is there, where its beta is
 * not 0. A work-item does WIDTH columns of one output. */
KERNEL(COLUMNS)
SUMS_NAME(sum_partials)
(const ulong blocks, const ulong cols, const ulong planes, const ulong outputs, const ulong4 at,
 const parameters betas, __global const scalar *partials, SUMS_OUT *a, SUMS_OUT *b, SUMS_OUT *c) {
    const ulong chunks = (cols + WIDTH - 1) / WIDTH;
    const ulong output = get_global_id(0) / chunks;
    const ulong col = (get_global_id(0) - output * chunks) * WIDTH, n = cols - col;
    if (output >= outputs) return;
    pair total = no_sum();
    for (ulong block = 0; block < blocks; block++) {
        __global const scalar *p = partials + (block * planes + 2 * output) * cols + col;
        FETCH_AHEAD(p + FETCH_ROWS * planes * cols);
        FETCH_AHEAD(p + (FETCH_ROWS * planes + 1) * cols);
        total = accumulate_pair(total, pair_of(load_real(p, n), load_real(p + cols, n)));
    }
    SUMS_OUT *out = (output == 0 ? a + at.x : output == 1 ? b + at.y : c + at.z) + col;
    const real beta = C(output == 0 ? betas.s0 : output == 1 ? betas.s1 : betas.s2);
    real sum = rounded(total);
    if (any_lane(beta != 0.0f)) sum = fma(beta, LOAD_SUMMAND(out, n), sum);
    PASTE(store_, SUMS_STORAGE)(sum, out, n);
}

#undef SUMS_IN
#undef LOAD_SUMMAND
#undef SUMS_OUT
#undef SUMS_NAME
#undef SUMS_STORAGE
