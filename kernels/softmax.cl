/* softmax.cl: softmax and log-softmax over rows, and their gradients from y. This text stands once
 * in a program for every kernel asked for, each time after
 *   ROW_NAME      name of the kernel
 *   ROW_STORAGE   element type
 *   ROW_LOG       if defined, log-softmax
 *   ROW_BACKWARD  if defined, the gradient
 * and one of the stages
 *   ROW_WHOLE     all of it, a work-item a row
 *   ROW_SHORT     all of it, a lane a row of at most CHAINS columns
 *   ROW_MOST      the largest element of each chunk of each row
 *   ROW_SUM       the sum of each chunk
 *   ROW_JOIN      the sums of a row joined, a work-item a row
 *   ROW_APPLY     the results, chunk by chunk
 * A long row is cut into chunks of `chunk` columns, which add up in the same order whether one
 * work-item does them all or each its own. Each element is read before it is written, so that the
 * output may be an input.
 */
#include "short_rows.h"

#define ROW_FN(name)  PASTE(PASTE(ROW_NAME, _), name)
#define ROW_ELEMENT   PASTE(ELEMENT_, ROW_STORAGE)
#define ROW_LOAD      PASTE(load_, ROW_STORAGE)
#define ROW_STORE     PASTE(store_, ROW_STORAGE)
#define ROW_INPUT(x)  __global const ROW_ELEMENT *x
#define ROW_OUTPUT(x) __global ROW_ELEMENT *x

#ifdef ROW_LOG
#define ROW_KNOWN     row_log_sum
#define ROW_KNOWN_OF  row_log_sum_of
#define ROW_RESULT    log_softmax_value
#define ROW_DOT_ADDED log_softmax_dot_added
#define ROW_GRADIENT  log_softmax_gradient
#else
#define ROW_KNOWN     row_shares
#define ROW_KNOWN_OF  row_shares_of
#define ROW_RESULT    softmax_value
#define ROW_DOT_ADDED softmax_dot_added
#define ROW_GRADIENT  softmax_gradient
#endif

#if defined(ROW_WHOLE) || defined(ROW_MOST)
#ifndef ROW_BACKWARD
FN real ROW_FN(most)(ROW_INPUT(x), ulong n) {
    real most = C(-INFINITY);
    for (ulong c = 0; c < n; c += WIDTH)
        most = greater_of(most, first_lanes(ROW_LOAD(x + c, n - c), n - c, -INFINITY));
    return largest_lane(most);
}
#endif
#endif

#if defined(ROW_WHOLE) || defined(ROW_SUM)
#ifdef ROW_BACKWARD
FN pair ROW_FN(sum)(ROW_INPUT(y), ROW_INPUT(dy), ulong n) {
    pair chains[CHAIN_VECTORS];
    chains_clear(chains);
    FOR_CHAINS(j, c, n) { /* lanes beyond n are 0 in both */
        chains[j] = ROW_DOT_ADDED(chains[j], ROW_LOAD(y + c, n - c), ROW_LOAD(dy + c, n - c));
    }
    return chains_joined(chains);
}
#else
FN pair ROW_FN(sum)(ROW_INPUT(x), real m, ulong n) {
    pair chains[CHAIN_VECTORS];
    chains_clear(chains);
    FOR_CHAINS(j, c, n) {
        const real z = first_lanes(ROW_LOAD(x + c, n - c), n - c, -INFINITY);
        chains[j] = share_added(chains[j], z, m);
    }
    return chains_joined(chains);
}
#endif
#endif

#if defined(ROW_WHOLE) || defined(ROW_APPLY)
#ifdef ROW_BACKWARD
FN void ROW_FN(apply)(ROW_INPUT(y), ROW_INPUT(dy), ROW_OUTPUT(dx), pair dot, ulong n) {
    for (ulong c = 0; c < n; c += WIDTH) {
        const real s = ROW_LOAD(y + c, n - c), g = ROW_LOAD(dy + c, n - c);
        ROW_STORE(ROW_GRADIENT(s, g, dot), dx + c, n - c);
    }
}
#else
FN void ROW_FN(apply)(ROW_INPUT(x), ROW_OUTPUT(y), real most, pair sum, ulong n) {
    const ROW_KNOWN row = ROW_KNOWN_OF(most, sum);
    for (ulong c = 0; c < n; c += WIDTH) {
        ROW_STORE(ROW_RESULT(ROW_LOAD(x + c, n - c), row), y + c, n - c);
    }
}
#endif
#endif

#ifdef ROW_SHORT
#define ROW_READ(columns, x)                                                                       \
    PASTE(short_read_, ROW_STORAGE)(columns, AT(x, first, 0), x##_ld, count, cols)
#define ROW_WRITE(columns, x)                                                                      \
    PASTE(short_write_, ROW_STORAGE)(columns, AT(x, first, 0), x##_ld, count, cols)
#ifdef ROW_BACKWARD
KERNEL(SHORT_ROWS)
ROW_NAME(const ulong rows, const ulong cols, const ulong chunk, MATRIX_IN(ROW_STORAGE, y),
         MATRIX_IN(ROW_STORAGE, dy), MATRIX_OUT(ROW_STORAGE, dx)) {
    SHORT_LOCATE(first, count);
    real ys[CHAINS], gs[CHAINS];
    pair chains[CHAINS];
    ROW_READ(ys, y);
    ROW_READ(gs, dy);
    for (ulong c = cols; c-- > 0;)
        term_put(chains, c, cols, ROW_DOT_ADDED(no_terms(), ys[c], gs[c]));
    const pair dot = terms_joined(chains);
    for (ulong c = 0; c < cols; c++)
        gs[c] = ROW_GRADIENT(ys[c], gs[c], dot);
    ROW_WRITE(gs, dx);
}
#else
KERNEL(SHORT_ROWS)
ROW_NAME(const ulong rows, const ulong cols, const ulong chunk, MATRIX_IN(ROW_STORAGE, x),
         MATRIX_OUT(ROW_STORAGE, y)) {
    SHORT_LOCATE(first, count);
    real columns[CHAINS], most = C(-INFINITY);
    pair chains[CHAINS];
    ROW_READ(columns, x);
    for (ulong c = 0; c < cols; c++)
        most = greater_of(most, columns[c]);
    const real m = row_shift(most);
    for (ulong c = cols; c-- > 0;)
        term_put(chains, c, cols, share_added(no_terms(), columns[c], m));
    const ROW_KNOWN row = ROW_KNOWN_OF(most, terms_joined(chains));
    for (ulong c = 0; c < cols; c++)
        columns[c] = ROW_RESULT(columns[c], row);
    ROW_WRITE(columns, y);
}
#endif
#endif

#ifdef ROW_WHOLE
#ifdef ROW_BACKWARD
KERNEL(ROWS)
ROW_NAME(const ulong rows, const ulong cols, const ulong chunk, MATRIX_IN(ROW_STORAGE, y),
         MATRIX_IN(ROW_STORAGE, dy), MATRIX_OUT(ROW_STORAGE, dx)) {
    const ulong row = get_global_id(0);
    if (row >= rows) return;
    pair dot = pair_of(C(0.0f), C(0.0f));
    for (ulong c = 0; c < cols; c += chunk)
        dot = pair_join(dot, ROW_FN(sum)(AT(y, row, c), AT(dy, row, c), min(chunk, cols - c)));
    ROW_FN(apply)(AT(y, row, 0), AT(dy, row, 0), AT(dx, row, 0), dot, cols);
}
#else
KERNEL(ROWS)
ROW_NAME(const ulong rows, const ulong cols, const ulong chunk, MATRIX_IN(ROW_STORAGE, x),
         MATRIX_OUT(ROW_STORAGE, y)) {
    const ulong row = get_global_id(0);
    if (row >= rows) return;
    const real most = ROW_FN(most)(AT(x, row, 0), cols), m = row_shift(most);
    pair sum = pair_of(C(0.0f), C(0.0f));
    for (ulong c = 0; c < cols; c += chunk)
        sum = pair_join(sum, ROW_FN(sum)(AT(x, row, c), m, min(chunk, cols - c)));
    ROW_FN(apply)(AT(x, row, 0), AT(y, row, 0), most, sum, cols);
}
#endif
#endif

#ifdef ROW_MOST
KERNEL(ROWS)
ROW_NAME(const ulong rows, const ulong cols, const ulong chunk, const ulong chunks,
         MATRIX_IN(ROW_STORAGE, x), MATRIX_OUT(real, work)) {
    LOCATE_CHUNK(row, k, first, count);
    *VALUE(work, row, 0, chunks, k) = LANE_0(ROW_FN(most)(AT(x, row, first), count));
}
#endif

#ifdef ROW_SUM
KERNEL(ROWS)
ROW_NAME(const ulong rows, const ulong cols, const ulong chunk, const ulong chunks,
         MATRIX_IN(ROW_STORAGE, x), MATRIX_IN(ROW_STORAGE, dy), MATRIX_OUT(real, work)) {
    LOCATE_CHUNK(row, k, first, count);
#ifdef ROW_BACKWARD
    const pair s = ROW_FN(sum)(AT(x, row, first), AT(dy, row, first), count);
#else
    const real m = row_shift(largest_of(VALUE(work, row, 0, chunks, 0), chunks));
    const pair s = ROW_FN(sum)(AT(x, row, first), m, count);
#endif
    *VALUE(work, row, 1, chunks, k) = LANE_0(s.h);
    *VALUE(work, row, 2, chunks, k) = LANE_0(s.l);
}
#endif

#ifdef ROW_JOIN
KERNEL(ROWS) ROW_NAME(const ulong rows, const ulong chunks, MATRIX_OUT(real, work)) {
    const ulong row = get_global_id(0);
    if (row >= rows) return;
    const pair s =
        sum_of_chunks(VALUE(work, row, 1, chunks, 0), VALUE(work, row, 2, chunks, 0), chunks);
#ifndef ROW_BACKWARD
    const real most = largest_of(VALUE(work, row, 0, chunks, 0), chunks);
    *VALUE(work, row, 0, chunks, chunks) = LANE_0(most);
#endif
    *VALUE(work, row, 1, chunks, chunks) = LANE_0(s.h);
    *VALUE(work, row, 2, chunks, chunks) = LANE_0(s.l);
}
#endif

#ifdef ROW_APPLY
KERNEL(ROWS)
ROW_NAME(const ulong rows, const ulong cols, const ulong chunk, const ulong chunks,
         MATRIX_IN(ROW_STORAGE, x), MATRIX_IN(ROW_STORAGE, dy), MATRIX_OUT(ROW_STORAGE, y),
         MATRIX_IN(real, work)) {
    LOCATE_CHUNK(row, k, first, count);
    const pair s =
        pair_of(C(*VALUE(work, row, 1, chunks, chunks)), C(*VALUE(work, row, 2, chunks, chunks)));
#ifdef ROW_BACKWARD
    ROW_FN(apply)(AT(x, row, first), AT(dy, row, first), AT(y, row, first), s, count);
#else
    const real most = C(*VALUE(work, row, 0, chunks, chunks));
    ROW_FN(apply)(AT(x, row, first), AT(y, row, first), most, s, count);
#endif
}
#endif

#undef ROW_FN
#undef ROW_ELEMENT
#undef ROW_LOAD
#undef ROW_STORE
#undef ROW_INPUT
#undef ROW_OUTPUT
#undef ROW_KNOWN
#undef ROW_KNOWN_OF
#undef ROW_RESULT
#undef ROW_DOT_ADDED
#undef ROW_GRADIENT
#undef ROW_READ
#undef ROW_WRITE
#undef ROW_NAME
#undef ROW_STORAGE
#undef ROW_LOG
#undef ROW_BACKWARD
#undef ROW_WHOLE
#undef ROW_SHORT
#undef ROW_MOST
#undef ROW_SUM
#undef ROW_JOIN
#undef ROW_APPLY
