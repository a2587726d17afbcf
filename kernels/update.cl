/* update.cl: optimizer steps and norms of gradients, over the tensors of a list at once. This text
 * stands once in a program for every kernel asked for, each time after
 *   UPDATE_TENSORS  how many tensors it takes: 1 or 8
 * and
 *   UPDATE_NAME     name of the kernel of a step
 *   UPDATE_RULE     function of optimizers.h
 *   UPDATE_STATES   how many states it has
 * or
 *   SQUARES_NAME    name of the kernel that sums squares
 * or, for what joins these,
 *   NORM_NAME
 *
 * Tensors are cut into pieces of one work-item each, numbered through: those of tensor t start at
 * lane t of `starts`. Tensors that are not there start behind the last piece.
 */
#include "chains.h"
#include "optimizers.h"

#undef TENSOR_OF
#undef LANE_OF
#undef TENSOR_AT
#undef EACH_TENSOR
#if UPDATE_TENSORS == 1
#define TENSOR_OF(item, starts) 0u
#define LANE_OF(v, t)           ((v).s0)
#define TENSOR_AT(p, t)         p##0
#define EACH_TENSOR(X)          X(0)
#else
#define TENSOR_OF(item, starts)                                                                    \
    ((uint)((item) >= (starts).s1) + (uint)((item) >= (starts).s2) +                               \
     (uint)((item) >= (starts).s3) + (uint)((item) >= (starts).s4) +                               \
     (uint)((item) >= (starts).s5) + (uint)((item) >= (starts).s6) +                               \
     (uint)((item) >= (starts).s7))
#define ONE_OF_8(t, a, b, c, d, e, f, g, h)                                                        \
    ((t) < 4   ? (t) < 2   ? (t) < 1 ? (a) : (b)                                                   \
                   : (t) < 3 ? (c)                                                                 \
                           : (d)                                                                   \
       : (t) < 6 ? (t) < 5 ? (e) : (f)                                                             \
       : (t) < 7 ? (g)                                                                             \
               : (h))
#define LANE_OF(v, t)   ONE_OF_8(t, (v).s0, (v).s1, (v).s2, (v).s3, (v).s4, (v).s5, (v).s6, (v).s7)
#define TENSOR_AT(p, t) ONE_OF_8(t, p##0, p##1, p##2, p##3, p##4, p##5, p##6, p##7)
#define EACH_TENSOR(X)  X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#endif

#ifdef UPDATE_NAME
/* numbers: the fields of update_numbers, one after the other. The gradient counts `clip[1]` times
 * where clip is one. */
#define UPDATED(i)                                                                                 \
    , __global float *w##i, __global const float *g##i, __global float *first##i,                  \
        __global float *second##i
KERNEL(FORWARD)
UPDATE_NAME(const float8 numbers, const ulong8 starts, const ulong8 counts, const ulong8 w_at,
            const ulong8 g_at, const ulong8 first_at, const ulong8 second_at, const uint clipped,
            MATRIX_IN(f32, clip) EACH_TENSOR(UPDATED)) {
    const ulong item = get_global_id(0);
    const uint t = TENSOR_OF(item, starts);
    const ulong at = (item - LANE_OF(starts, t)) * WIDTH, count = LANE_OF(counts, t);
    if (at >= count) return;
    const ulong n = count - at;
    __global float *const w = TENSOR_AT(w, t) + LANE_OF(w_at, t) + at;
    __global const float *const g = TENSOR_AT(g, t) + LANE_OF(g_at, t) + at;
    __global float *const first = TENSOR_AT(first, t) + LANE_OF(first_at, t) + at;
    __global float *const second = TENSOR_AT(second, t) + LANE_OF(second_at, t) + at;
    const update_numbers u = {C(numbers.s0), C(numbers.s1), C(numbers.s2), C(numbers.s3),
                              C(numbers.s4), C(numbers.s5), C(numbers.s6), C(numbers.s7)};
    const real factor = C(clipped ? *AT(clip, 0, 1) : 1.0f);
    updated x = {load_f32(w, n), C(0.0f), C(0.0f)};
    if (UPDATE_STATES > 0) x.first = load_f32(first, n);
    if (UPDATE_STATES > 1) x.second = load_f32(second, n);
    x = UPDATE_RULE(x, load_f32(g, n) * factor, u);
    store_f32(x.w, w, n);
    if (UPDATE_STATES > 0) store_f32(x.first, first, n);
    if (UPDATE_STATES > 1) store_f32(x.second, second, n);
}
#undef UPDATED
#undef UPDATE_NAME
#undef UPDATE_RULE
#undef UPDATE_STATES
#endif

#ifdef SQUARES_NAME
/* The sum of squares of each chunk: high parts from `before` on, low parts `all` further on */
#define SQUARED(i) , __global const float *g##i
KERNEL(ROWS)
SQUARES_NAME(const ulong chunk, const ulong items, const ulong8 starts, const ulong8 counts,
             const ulong8 g_at, const ulong before, const ulong all,
             MATRIX_OUT(f32, parts) EACH_TENSOR(SQUARED)) {
    const ulong item = get_global_id(0);
    if (item >= items) return;
    const uint t = TENSOR_OF(item, starts);
    const ulong from = (item - LANE_OF(starts, t)) * chunk;
    const ulong count = min(chunk, LANE_OF(counts, t) - from);
    __global const float *const g = TENSOR_AT(g, t) + LANE_OF(g_at, t) + from;
    pair chains[CHAIN_VECTORS];
    chains_clear(chains);
    FOR_CHAINS(j, at, count) {
        const real v = load_f32(g + at, count - at); /* lanes beyond the last are 0 */
        chains[j] = pair_join(chains[j], product(v, v));
    }
    const pair s = chains_joined(chains);
    *AT(parts, 0, before + item) = LANE_0(s.h);
    *AT(parts, 0, all + before + item) = LANE_0(s.l);
}
#undef SQUARED
#undef SQUARES_NAME
#endif

#ifdef NORM_NAME
/* The root of the sum of all parts, and what brings it down to `most` */
KERNEL(ROWS)
NORM_NAME(const ulong all, const float most, MATRIX_IN(f32, parts), MATRIX_OUT(f32, norm)) {
    if (get_global_id(0) > 0) return;
    pair chains[CHAIN_VECTORS];
    chains_clear(chains);
    FOR_CHAINS(j, at, all) {
        const pair p = pair_of(load_f32(AT(parts, 0, at), all - at),
                               load_f32(AT(parts, 0, all + at), all - at));
        chains[j] = pair_join(chains[j], p);
    }
    const real root = sqrt_of(rounded(chains_joined(chains)));
    *AT(norm, 0, 0) = LANE_0(root);
    *AT(norm, 0, 1) = LANE_0(root <= C(most) ? C(1.0f) : divide(C(most), root));
}
#undef NORM_NAME
#endif
#undef UPDATE_TENSORS
