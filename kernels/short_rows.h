/* short_rows.h: rows of at most CHAINS columns, one to a lane and WIDTH to a work-item.
 *
 * Such rows are turned, WIDTH columns at a time, into an array of CHAINS reals: one for each
 * column, those from `cols` on being of no account. Each chain of a row has one term at most, so
 * that sums run down the lanes, joined as chains.h joins them. They are a family of their own: a
 * CPU has the arrays of a whole work-group in memory, and few of them stay in its cache.
 */
#ifndef SHORT_ROWS_H
#define SHORT_ROWS_H

#include "chains.h"

/* Names the first row of this work-item and how many there are, up to WIDTH. */
#define SHORT_LOCATE(first, count)                                                                 \
    const ulong first = get_global_id(0) * WIDTH;                                                  \
    if (first >= rows) return;                                                                     \
    const ulong count = min((ulong)WIDTH, rows - first)

/* Lane j of v[i] and lane i of v[j] change places. Each step moves the upper bit of the lane to the
 * end of the number of the vector, and that of the vector to the end of the lane. */
FN void transpose(real *v) {
#if WIDTH > 1
    real a[WIDTH], b[WIDTH]; /* in registers, once all loops are unrolled */
#pragma unroll
    for (uint i = 0; i < WIDTH; i++)
        a[i] = v[i];
#pragma unroll
    for (uint n = 1; n < WIDTH; n *= 2) {
#pragma unroll
        for (uint i = 0; i < WIDTH / 2; i++) {
            b[2 * i].even = a[i].lo;
            b[2 * i].odd = a[i + WIDTH / 2].lo;
            b[2 * i + 1].even = a[i].hi;
            b[2 * i + 1].odd = a[i + WIDTH / 2].hi;
        }
#pragma unroll
        for (uint i = 0; i < WIDTH; i++)
            a[i] = b[i];
    }
#pragma unroll
    for (uint i = 0; i < WIDTH; i++)
        v[i] = a[i];
#endif
}

/* short_read_T   the columns of n rows from p on; lanes without a row repeat the first one. Vectors
 *                that reach beyond their row end within the n rows.
 * short_write_T  the reverse. Where rows lie side by side a vector may reach into the next row,
 *                which is written after it. */
#define SHORT_ROWS(T)                                                                              \
    FN void short_read_##T(real *columns, __global const ELEMENT_##T *p, ulong ld, ulong n,        \
                           ulong cols) {                                                           \
        const ulong end = (n - 1) * ld + cols;                                                     \
        for (ulong c = 0; c < cols; c += WIDTH) {                                                  \
            ulong i = 0;                                                                           \
            for (ulong at = c; i < n; i++, at += ld) {                                             \
                columns[c + i] = load_##T(p + at, end - at);                                       \
                FETCH_AHEAD(p + at + WIDTH * ld);                                                  \
            }                                                                                      \
            for (; i < WIDTH; i++)                                                                 \
                columns[c + i] = columns[c];                                                       \
            transpose(columns + c);                                                                \
        }                                                                                          \
    }                                                                                              \
    FN void short_write_##T(real *columns, __global ELEMENT_##T *p, ulong ld, ulong n,             \
                            ulong cols) {                                                          \
        const ulong end = (n - 1) * ld + cols;                                                     \
        for (ulong c = 0; c < cols; c += WIDTH)                                                    \
            transpose(columns + c);                                                                \
        for (ulong i = 0; i < n; i++) {                                                            \
            for (ulong c = 0; c < cols; c += WIDTH) {                                              \
                const ulong at = i * ld + c;                                                       \
                store_##T(columns[c + i], p + at, ld == cols ? end - at : cols - c);               \
            }                                                                                      \
        }                                                                                          \
    }
#ifdef DOUBLE
SHORT_ROWS(f64)
#else
SHORT_ROWS(f32)
SHORT_ROWS(f16)
SHORT_ROWS(bf16)
#endif

FN pair no_terms(void) {
    return pair_of(C(0.0f), C(0.0f));
}

/* Puts `term` into chain c of n, after all later ones, and takes in those that chains.h has it take
 * in; a chain beyond n is 0. */
FN void term_put(pair *chains, ulong c, ulong n, pair term) {
    for (ulong step = CHAINS / 2; step > c; step /= 2) {
        const pair other = c + step < n ? chains[c + step] : no_terms();
        term = pair_join(term, other);
    }
    chains[c] = term;
}

/* The sum of a row's only chunk, once chain 0 is there */
FN pair terms_joined(const pair *chains) {
    return pair_join(no_terms(), chains[0]);
}

#endif
