/* loss.cl: losses of single elements with their gradients. This text stands once in a program for
 * every kernel asked for, each time after
 *   LOSS_NAME     name of the kernel
 *   LOSS_STORAGE  element type of outputs, targets and gradients
 *   LOSS_FORMULA  bce_with_logits, mse, l1 or huber
 * or, for totals, TOTAL_NAME.
 *
 * Elements count row by row, whatever the leading dimensions are: a work-item does `chunk` of them.
 * All of an element is read before its gradient is written.
 */
#include "chains.h"
#include "losses.h"

#ifndef FLAT_IS_WHOLE
/* Where element number i stands in a matrix; ld 0 repeats one row */
FN ulong flat_place(ulong i, ulong cols, ulong ld) {
    if (ld == cols) return i;
    const ulong row = i / cols;
    return row * ld + (i - row * cols);
}
/* Whether n elements, WIDTH at most, stand side by side there */
#define FLAT_IS_WHOLE(i, n, ld)                                                                    \
    ((ld) == cols || cols % WIDTH == 0 || (i) % cols + (n < WIDTH ? n : WIDTH) <= cols)
#endif

#ifdef LOSS_NAME
#define LOSS_FN(name)   PASTE(PASTE(LOSS_NAME, _), name)
#define LOSS_ELEMENT    PASTE(ELEMENT_, LOSS_STORAGE)
#define LOSS_LOAD       PASTE(load_, LOSS_STORAGE)
#define LOSS_STORE      PASTE(store_, LOSS_STORAGE)
#define LOSS_LOAD_1(p)  PASTE(one_load_, LOSS_STORAGE)(p, 0)
#define LOSS_STORE_1    PASTE(one_store_, LOSS_STORAGE)
#define LOSS_VALUES     1u
#define LOSS_GRADIENT   2u
#define LOSS_TOTAL      4u
#define LOSS_WEIGHT_ROW 8u

FN real LOSS_FN(load)(__global const LOSS_ELEMENT *p, ulong i, ulong n, ulong cols, ulong ld) {
    if (FLAT_IS_WHOLE(i, n, ld)) return LOSS_LOAD(p + flat_place(i, cols, ld), n);
    scalar lane[WIDTH];
    for (ulong k = 0; k < WIDTH; k++)
        lane[k] = k < n ? LOSS_LOAD_1(p + flat_place(i + k, cols, ld)) : 0.0f;
    return LOAD_WHOLE(lane);
}

FN real LOSS_FN(load_real)(__global const scalar *p, ulong i, ulong n, ulong cols, ulong ld) {
    if (FLAT_IS_WHOLE(i, n, ld)) return load_real(p + flat_place(i, cols, ld), n);
    scalar lane[WIDTH];
    for (ulong k = 0; k < WIDTH; k++)
        lane[k] = k < n ? p[flat_place(i + k, cols, ld)] : 0.0f;
    return LOAD_WHOLE(lane);
}

FN void LOSS_FN(store)(real v, __global LOSS_ELEMENT *p, ulong i, ulong n, ulong cols, ulong ld) {
    if (FLAT_IS_WHOLE(i, n, ld)) {
        LOSS_STORE(v, p + flat_place(i, cols, ld), n);
        return;
    }
    scalar lane[WIDTH];
    STORE_WHOLE(v, lane);
    for (ulong k = 0; k < WIDTH && k < n; k++)
        LOSS_STORE_1(lane[k], p + flat_place(i + k, cols, ld), 0);
}

FN void LOSS_FN(store_real)(real v, __global scalar *p, ulong i, ulong n, ulong cols, ulong ld) {
    if (FLAT_IS_WHOLE(i, n, ld)) {
        store_real(v, p + flat_place(i, cols, ld), n);
        return;
    }
    scalar lane[WIDTH];
    STORE_WHOLE(v, lane);
    for (ulong k = 0; k < WIDTH && k < n; k++)
        p[flat_place(i + k, cols, ld)] = lane[k];
}

/* `loss` gets each loss, or the sum of each chunk: all high parts, then all low parts */
KERNEL(ROWS)
LOSS_NAME(const ulong rows, const ulong cols, const ulong chunk, const uint has,
          const scalar factor, const scalar param, MATRIX_IN(LOSS_STORAGE, z),
          MATRIX_IN(LOSS_STORAGE, target), MATRIX_IN(real, weight), MATRIX_OUT(real, loss),
          MATRIX_OUT(LOSS_STORAGE, dz)) {
    const ulong k = get_global_id(0), first = k * chunk, all = rows * cols;
    if (first >= all) return;
    const ulong count = min(chunk, all - first);
    pair chains[CHAIN_VECTORS];
    chains_clear(chains);
    FOR_CHAINS(j, c, count) {
        const ulong i = first + c, n = count - c;
        const real v = LOSS_FN(load)(z + z_offset, i, n, cols, z_ld);
        const real t = LOSS_FN(load)(target + target_offset, i, n, cols, target_ld);
        real w = C(param);
        if (has & LOSS_WEIGHT_ROW)
            w = LOSS_FN(load_real)(weight + weight_offset, i, n, cols, weight_ld);
        const loss_part part = LOSS_FORMULA(v, t, w);
        if (has & LOSS_TOTAL) chains[j] = accumulate(chains[j], first_lanes(part.value, n, 0.0f));
        if (has & LOSS_VALUES)
            LOSS_FN(store_real)(part.value, loss + loss_offset, i, n, cols, loss_ld);
        if (has & LOSS_GRADIENT)
            LOSS_FN(store)(part.slope * factor, dz + dz_offset, i, n, cols, dz_ld);
    }
    if (!(has & LOSS_TOTAL)) return;
    const pair s = chains_joined(chains);
    *AT(loss, 0, k) = LANE_0(s.h);
    *AT(loss, 1, k) = LANE_0(s.l);
}
#undef LOSS_FN
#undef LOSS_ELEMENT
#undef LOSS_LOAD
#undef LOSS_STORE
#undef LOSS_LOAD_1
#undef LOSS_STORE_1
#undef LOSS_NAME
#undef LOSS_STORAGE
#undef LOSS_FORMULA
#endif

#ifdef TOTAL_NAME
/* The sum of each chunk of `count` reals or `of_pairs` (all high parts, then all low parts); or, if
 * `finish`, of all of them, divided by `divisor`, or by the first number of `divisors` */
KERNEL(ROWS)
TOTAL_NAME(const ulong count, const ulong chunk, const uint of_pairs, const uint finish,
           const uint has_divisors, const scalar divisor, MATRIX_IN(real, parts),
           MATRIX_IN(real, divisors), MATRIX_OUT(real, total)) {
    const ulong k = get_global_id(0), first = k * chunk;
    if (k > 0 && first >= count) return;
    const ulong n = min(chunk, count - first);
    pair chains[CHAIN_VECTORS];
    chains_clear(chains);
    FOR_CHAINS(j, c, n) {
        const ulong at = first + c;
        pair p = pair_of(load_real(AT(parts, 0, at), n - c), C(0.0f));
        if (of_pairs) p.l = load_real(AT(parts, 1, at), n - c);
        chains[j] = pair_join(chains[j], p);
    }
    const pair s = chains_joined(chains);
    if (finish) {
        const scalar d = has_divisors ? *AT(divisors, 0, 0) : divisor;
        *AT(total, 0, 0) = LANE_0(divide(rounded(s), C(d)));
    } else {
        *AT(total, 0, k) = LANE_0(s.h);
        *AT(total, 1, k) = LANE_0(s.l);
    }
}
#undef TOTAL_NAME
#endif
