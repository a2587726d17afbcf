/* chains.h: sums in an order that depends on nothing but how many terms there are.
 *
 * Term i of a chunk belongs to chain i mod CHAINS, and is added there after the one before it. At
 * the end of the chunk chain i takes in chain i + CHAINS/2, then i + CHAINS/4, and so on to 1.
 * Chunks are joined from the first to the last. A work-item does a chunk with all of its chains, in
 * CHAINS / WIDTH vectors, so that neither WIDTH nor the work-group matters.
 */
#ifndef CHAINS_H
#define CHAINS_H

#include "rows.h"

#define CHAINS        32
#define CHAIN_VECTORS (CHAINS / WIDTH)

/* Numbers of the lanes, the first lane, and what turns a vector by half its lanes, a quarter, ...
 */
#if WIDTH == 16
#define LANE                                                                                       \
    ((real)(0.0f, 1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f, 7.0f, 8.0f, 9.0f, 10.0f, 11.0f, 12.0f,       \
            13.0f, 14.0f, 15.0f))
#define TURNS(X) X(s89abcdef01234567) X(s456789abcdef0123) X(s23456789abcdef01) X(s123456789abcdef0)
#elif WIDTH == 8
#define LANE     ((real)(0.0f, 1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f, 7.0f))
#define TURNS(X) X(s45670123) X(s23456701) X(s12345670)
#elif WIDTH == 4
#define LANE     ((real)(0.0f, 1.0f, 2.0f, 3.0f))
#define TURNS(X) X(s2301) X(s1230)
#elif WIDTH == 2
#define LANE     ((real)(0.0f, 1.0f))
#define TURNS(X) X(s10)
#else
#define LANE 0.0f
#define TURNS(X)
#endif

/* Labels */
#define ELEMENT_i32 int

/* Names the row and the columns of this work-item's chunk. */
#define LOCATE_CHUNK(row, k, first, count)                                                         \
    const ulong row = get_global_id(0) / chunks, k = get_global_id(0) % chunks;                    \
    if (row >= rows) return;                                                                       \
    const ulong first = k * chunk, count = min(chunk, cols - first)

/* v with `other` in all lanes but the first n */
FN real first_lanes(real v, ulong n, scalar other) {
    if (n >= WIDTH) return v;
    return LANE < C((scalar)n) ? v : C(other);
}

FN void chains_clear(pair *chains) {
    for (uint j = 0; j < CHAIN_VECTORS; j++)
        chains[j] = pair_of(C(0.0f), C(0.0f));
}

/* The sum of all chains, in every lane */
FN pair chains_joined(pair *chains) {
    for (uint n = CHAIN_VECTORS / 2; n > 0; n /= 2)
        for (uint j = 0; j < n; j++)
            chains[j] = pair_join(chains[j], chains[j + n]);
    pair s = chains[0];
#define JOIN_TURNED(lanes) s = pair_join(s, pair_of(s.h.lanes, s.l.lanes));
    TURNS(JOIN_TURNED)
#undef JOIN_TURNED
    return pair_of(C(LANE_0(s.h)), C(LANE_0(s.l)));
}

/* The largest lane, or NaN, in every lane */
FN real largest_lane(real v) {
#define KEEP_GREATER(lanes) v = greater_of(v, v.lanes);
    TURNS(KEEP_GREATER)
#undef KEEP_GREATER
    return C(LANE_0(v));
}

/* Visits terms 0 .. count - 1 of a chunk: `body` adds those from `at` on to chains[j], the first
 * count - at lanes of it being terms */
#define FOR_CHAINS(j, at, count)                                                                   \
    for (ulong at##_0 = 0; at##_0 < (count); at##_0 += CHAINS)                                     \
        for (ulong j = 0, at = at##_0; j < CHAIN_VECTORS; j++, at += WIDTH)                        \
            if (at < (count))

/* ---- what the chunks of a row leave behind ---- */

/* A workspace has for each row values 0, 1, ...: value v of chunk k stands at v (chunks + 1) + k,
 * and that of the whole row at k = chunks. Value 0 is the largest element, 1 and 2 are a sum. */
#define VALUE(work, row, v, chunks, k)                                                             \
    (work + work##_offset + (row)*work##_ld + (v) * ((chunks) + 1) + (k))

/* The largest of n reals, or NaN */
FN real largest_of(__global const scalar *values, ulong n) {
    real most = C(-INFINITY);
    for (ulong i = 0; i < n; i += WIDTH)
        most = greater_of(most, first_lanes(load_real(values + i, n - i), n - i, -INFINITY));
    return largest_lane(most);
}

/* The sum of n pairs, one after the other */
FN pair sum_of_chunks(__global const scalar *high, __global const scalar *low, ulong n) {
    pair s = pair_of(C(0.0f), C(0.0f));
    for (ulong k = 0; k < n; k++)
        s = pair_join(s, pair_of(C(high[k]), C(low[k])));
    return s;
}

#endif
