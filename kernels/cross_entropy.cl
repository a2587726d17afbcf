/* cross_entropy.cl: softmax cross-entropy with class indices, its gradient, and what a mean divides
 * by. This text stands once in a program for every kernel asked for, each time after
 *   CE_NAME     name of the kernel
 *   CE_STORAGE  element type of logits and gradient
 *   CE_WEIGHTS  if defined, classes have weights
 *   CE_SMOOTH   if defined, the target is smoothed
 * and one of the stages
 *   CE_COUNT    sums of the weights of the labels, 2048 rows a work-item
 *   CE_FACTOR   those joined
 *   CE_WHOLE    losses and gradients, a work-item a row
 *   CE_SHORT    the same, a lane a row of at most CHAINS columns
 *   CE_SUM      the sums of each chunk of each row, after the largest elements (see softmax.cl)
 *   CE_JOIN     those of a row joined, and its loss
 *   CE_APPLY    its gradient, chunk by chunk
 *
 * loss = keep w_t (-log p_t) + spread sum_c w_c (-log p_c), with keep = 1 - smoothing and spread =
 * smoothing / cols. The gradient is factor times its derivative. A row whose label is `ignored` has
 * the loss 0 and the gradient 0; one whose label is not a class has NaN in both.
 */
#include "short_rows.h"

/* What all stages are told */
#ifndef CE_ARGUMENTS
#define CE_HAS_LOSS     1u
#define CE_HAS_GRADIENT 2u
#define CE_HAS_FACTOR   4u
#define CE_ARGUMENTS                                                                               \
    const ulong rows, const ulong cols, const ulong chunk, const ulong chunks, const uint has,     \
        const int ignored, const scalar keep, const scalar spread, const scalar scale

/* The sums of a row or chunk; CE_SUMS of them are used */
#define CE_KEEP(work, row, chunks, k, s)                                                           \
    do {                                                                                           \
        CE_KEEP_1(work, row, chunks, k, 1, (s).shares);                                            \
        if (CE_SUMS > 1) CE_KEEP_1(work, row, chunks, k, 3, (s).distances);                        \
        if (CE_SUMS > 1) CE_KEEP_1(work, row, chunks, k, 5, (s).weights);                          \
    } while (0)
#define CE_KEEP_1(work, row, chunks, k, v, s)                                                      \
    do {                                                                                           \
        *VALUE(work, row, v, chunks, k) = LANE_0((s).h);                                           \
        *VALUE(work, row, v + 1, chunks, k) = LANE_0((s).l);                                       \
    } while (0)

FN entropy_sums entropy_sums_of_none(void) {
    entropy_sums s;
    s.shares = s.distances = s.weights = pair_of(C(0.0f), C(0.0f));
    return s;
}

FN entropy_sums entropy_sums_joined(entropy_sums a, entropy_sums b) {
    a.shares = pair_join(a.shares, b.shares);
    a.distances = pair_join(a.distances, b.distances);
    a.weights = pair_join(a.weights, b.weights);
    return a;
}
#endif

#define CE_FN(name)    PASTE(PASTE(CE_NAME, _), name)
#define CE_ELEMENT     PASTE(ELEMENT_, CE_STORAGE)
#define CE_LOAD(p, n)  PASTE(load_, CE_STORAGE)(p, n)
#define CE_LOAD_1(p)   first_lanes(CE_LOAD(p, 1), 1, 0.0f)
#define CE_STORE       PASTE(store_, CE_STORAGE)
#define CE_INPUT(x)    __global const CE_ELEMENT *x
#define CE_REALS(x)    __global const scalar *x
#define CE_IS_CLASS(t) ((t) >= 0 && (ulong)(t) < cols)

#ifdef CE_WEIGHTS
#define CE_WEIGHT(p, n) load_real(p, n)
#define CE_WEIGHT_1(p)  C(*(p))
#else
#define CE_WEIGHT(p, n) C(1.0f)
#define CE_WEIGHT_1(p)  C(1.0f)
#endif

/* Values of a row's chunks in the workspace: the largest element, the sum of shares, and if the
 * target is smoothed the sums of w_c (m - z_c) and of w_c */
#ifdef CE_SMOOTH
#define CE_SUMS 3
#else
#define CE_SUMS 1
#endif

/* ---- what a mean divides by ---- */

#if defined(CE_COUNT) || defined(CE_FACTOR)
/* The divisor, and the factor of the gradient, from the sum of the weights of the labels that count
 * and how many they are. No labels at all: the mean is 0, not 0/0. */
FN void CE_FN(finish)(__global scalar *work, pair total, scalar counted, scalar scale) {
    const real divisor = counted == 0.0f ? C(1.0f) : rounded(total);
    work[0] = LANE_0(divisor);
    work[1] = LANE_0(divide(C(scale), divisor));
}
#endif

/* work: the two numbers of the above, then sums (high, low) and counts, `chunks` of each */
#ifdef CE_COUNT
KERNEL(ROWS)
CE_NAME(CE_ARGUMENTS, MATRIX_IN(i32, label), MATRIX_IN(real, weight), MATRIX_OUT(real, work)) {
    const ulong k = get_global_id(0), first = k * chunk;
    if (first >= rows) return;
    const ulong count = min(chunk, rows - first);
    scalar lane[WIDTH];
    ulong counted = 0;
    pair chains[CHAIN_VECTORS];
    chains_clear(chains);
    FOR_CHAINS(j, r, count) {
        for (ulong i = 0; i < WIDTH; i++) {
            const int t = r + i < count ? *AT(label, first + r + i, 0) : -1;
            const bool counts = r + i < count && t != ignored && CE_IS_CLASS(t);
            lane[i] = counts ? LANE_0(CE_WEIGHT_1(AT(weight, 0, t))) : 0.0f;
            counted += counts;
        }
        chains[j] = accumulate(chains[j], LOAD_WHOLE(lane));
    }
    const pair s = chains_joined(chains);
    __global scalar *out = AT(work, 0, 0);
    out[2 + k] = LANE_0(s.h);
    out[2 + chunks + k] = LANE_0(s.l);
    out[2 + 2 * chunks + k] = (scalar)counted;
    if (chunks == 1) CE_FN(finish)(out, s, (scalar)counted, scale);
}
#endif

#ifdef CE_FACTOR
KERNEL(ROWS) CE_NAME(CE_ARGUMENTS, MATRIX_OUT(real, work)) {
    if (get_global_id(0) > 0) return;
    __global scalar *out = AT(work, 0, 0), *counts = out + 2 + 2 * chunks;
    scalar counted = 0.0f;
    for (ulong k = 0; k < chunks; k++)
        counted += counts[k];
    CE_FN(finish)(out, sum_of_chunks(out + 2, out + 2 + chunks, chunks), counted, scale);
}
#endif

/* ---- sums of a chunk ---- */

#ifdef CE_WHOLE
FN real CE_FN(most)(CE_INPUT(x), ulong n) {
    real most = C(-INFINITY);
    for (ulong c = 0; c < n; c += WIDTH)
        most = greater_of(most, first_lanes(CE_LOAD(x + c, n - c), n - c, -INFINITY));
    return largest_lane(most);
}
#endif

#if defined(CE_WHOLE) || defined(CE_SUM)
FN entropy_sums CE_FN(sums)(CE_INPUT(z), CE_REALS(weight), real m, ulong n) {
    entropy_sums sums = entropy_sums_of_none();
    pair shares[CHAIN_VECTORS];
    chains_clear(shares);
#ifdef CE_SMOOTH
    pair distances[CHAIN_VECTORS], weights[CHAIN_VECTORS];
    chains_clear(distances);
    chains_clear(weights);
#endif
    FOR_CHAINS(j, c, n) {
        const real v = first_lanes(CE_LOAD(z + c, n - c), n - c, -INFINITY);
        shares[j] = share_added(shares[j], v, m);
#ifdef CE_SMOOTH
        const real w = first_lanes(CE_WEIGHT(weight + c, n - c), n - c, 0.0f);
        distances[j] = distance_added(distances[j], v, m, w);
        weights[j] = accumulate(weights[j], w);
#endif
    }
    sums.shares = chains_joined(shares);
#ifdef CE_SMOOTH
    sums.distances = chains_joined(distances);
    sums.weights = chains_joined(weights);
#endif
    return sums;
}
#endif

/* ---- gradient of a row ---- */

#if defined(CE_WHOLE) || defined(CE_APPLY)
/* n columns; the label's, if it is one of them, from its logit `of_label` */
FN void CE_FN(apply)(CE_INPUT(z), CE_REALS(weight), __global CE_ELEMENT *dz, entropy_row row,
                     ulong n, ulong label, real of_label) {
    for (ulong c = 0; c < n; c += WIDTH) {
#ifdef CE_SMOOTH
        const real w = CE_WEIGHT(weight + c, n - c);
#else
        const real w = C(0.0f);
#endif
        CE_STORE(entropy_gradient(CE_LOAD(z + c, n - c), w, row), dz + c, n - c);
    }
    if (label < n) CE_STORE(entropy_gradient_at_label(of_label, row), dz + label, 1);
}

FN void CE_FN(fill)(__global CE_ELEMENT *dz, scalar value, ulong n) {
    for (ulong c = 0; c < n; c += WIDTH)
        CE_STORE(C(value), dz + c, n - c);
}
#endif

#ifdef CE_WHOLE
KERNEL(ROWS)
CE_NAME(CE_ARGUMENTS, MATRIX_IN(CE_STORAGE, z), MATRIX_IN(i32, label), MATRIX_IN(real, weight),
        MATRIX_IN(real, divisor), MATRIX_OUT(real, loss), MATRIX_OUT(CE_STORAGE, dz)) {
    const ulong row = get_global_id(0);
    if (row >= rows) return;
    const int t = *AT(label, row, 0);
    if (t == ignored || !CE_IS_CLASS(t)) {
        const scalar none = t == ignored ? 0.0f : NAN;
        if (has & CE_HAS_LOSS) *AT(loss, row, 0) = none;
        if (has & CE_HAS_GRADIENT) CE_FN(fill)(AT(dz, row, 0), none, cols);
        return;
    }
    const real most = CE_FN(most)(AT(z, row, 0), cols), m = row_shift(most);
    entropy_sums sums = entropy_sums_of_none();
    for (ulong c = 0; c < cols; c += chunk)
        sums = entropy_sums_joined(
            sums, CE_FN(sums)(AT(z, row, c), AT(weight, 0, c), m, min(chunk, cols - c)));
    const real of_label = CE_LOAD_1(AT(z, row, t)), w = CE_WEIGHT_1(AT(weight, 0, t));
    if (has & CE_HAS_LOSS)
        *AT(loss, row, 0) = LANE_0(entropy_loss(of_label, w, most, sums, C(keep), C(spread)));
    if (has & CE_HAS_GRADIENT) {
        const scalar factor = has & CE_HAS_FACTOR ? *AT(divisor, 0, 1) : scale;
        const entropy_row r = entropy_row_of(w, most, sums, C(keep), C(spread), C(factor));
        CE_FN(apply)(AT(z, row, 0), AT(weight, 0, 0), AT(dz, row, 0), r, cols, t, of_label);
    }
}
#endif

#ifdef CE_SHORT
/* The sum of `added`, a term for each column c */
#define CE_TERMS_JOINED(sum, added)                                                                \
    do {                                                                                           \
        for (ulong c = cols; c-- > 0;)                                                             \
            term_put(chains, c, cols, added);                                                      \
        sum = terms_joined(chains);                                                                \
    } while (0)

KERNEL(SHORT_ROWS)
CE_NAME(CE_ARGUMENTS, MATRIX_IN(CE_STORAGE, z), MATRIX_IN(i32, label), MATRIX_IN(real, weight),
        MATRIX_IN(real, divisor), MATRIX_OUT(real, loss), MATRIX_OUT(CE_STORAGE, dz)) {
    SHORT_LOCATE(first, count);
    real columns[CHAINS];
    pair chains[CHAINS];
    /* of each row: its class, or -1 and the result that there is instead; and its weight */
    scalar classes[WIDTH], instead[WIDTH], weights[WIDTH];
    for (ulong i = 0; i < WIDTH; i++) {
        const int t = *AT(label, first + min(i, count - 1), 0);
        const bool counts = t != ignored && CE_IS_CLASS(t);
        classes[i] = counts ? (scalar)t : -1.0f;
        instead[i] = t == ignored ? 0.0f : NAN;
        weights[i] = counts ? LANE_0(CE_WEIGHT_1(AT(weight, 0, t))) : 0.0f;
    }
    const real t = LOAD_WHOLE(classes), none = LOAD_WHOLE(instead), w = LOAD_WHOLE(weights);
    real most = C(-INFINITY), of_label = C(0.0f);
    PASTE(short_read_, CE_STORAGE)(columns, AT(z, first, 0), z_ld, count, cols);
    for (ulong c = 0; c < cols; c++) {
        most = greater_of(most, columns[c]);
        of_label = t == (scalar)c ? columns[c] : of_label;
    }
    const real m = row_shift(most);
    entropy_sums sums = entropy_sums_of_none();
    CE_TERMS_JOINED(sums.shares, share_added(no_terms(), columns[c], m));
#ifdef CE_SMOOTH
#define CE_WEIGHT_OF(c) CE_WEIGHT_1(AT(weight, 0, c))
    CE_TERMS_JOINED(sums.distances, distance_added(no_terms(), columns[c], m, CE_WEIGHT_OF(c)));
    CE_TERMS_JOINED(sums.weights, accumulate(no_terms(), CE_WEIGHT_OF(c)));
#else
#define CE_WEIGHT_OF(c) C(0.0f)
#endif
    if (has & CE_HAS_LOSS) {
        const real value = entropy_loss(of_label, w, most, sums, C(keep), C(spread));
        scalar losses[WIDTH];
        STORE_WHOLE(t < 0.0f ? none : value, losses);
        for (ulong i = 0; i < count; i++)
            *AT(loss, first + i, 0) = losses[i];
    }
    if (has & CE_HAS_GRADIENT) {
        const scalar factor = has & CE_HAS_FACTOR ? *AT(divisor, 0, 1) : scale;
        const entropy_row row = entropy_row_of(w, most, sums, C(keep), C(spread), C(factor));
        const real at_label = entropy_gradient_at_label(of_label, row);
        for (ulong c = 0; c < cols; c++) {
            const real beside = entropy_gradient(columns[c], CE_WEIGHT_OF(c), row);
            const real value = t == (scalar)c ? at_label : beside;
            columns[c] = t < 0.0f ? none : value;
        }
        PASTE(short_write_, CE_STORAGE)(columns, AT(dz, first, 0), dz_ld, count, cols);
    }
}
#endif

#ifdef CE_SUM
KERNEL(ROWS)
CE_NAME(CE_ARGUMENTS, MATRIX_IN(CE_STORAGE, z), MATRIX_IN(real, weight), MATRIX_OUT(real, work)) {
    LOCATE_CHUNK(row, k, first, count);
    const real m = row_shift(largest_of(VALUE(work, row, 0, chunks, 0), chunks));
    const entropy_sums sums = CE_FN(sums)(AT(z, row, first), AT(weight, 0, first), m, count);
    CE_KEEP(work, row, chunks, k, sums);
}
#endif

#ifdef CE_JOIN
#define CE_JOINED(v)                                                                               \
    sum_of_chunks(VALUE(work, row, v, chunks, 0), VALUE(work, row, v + 1, chunks, 0), chunks)
KERNEL(ROWS)
CE_NAME(CE_ARGUMENTS, MATRIX_IN(CE_STORAGE, z), MATRIX_IN(i32, label), MATRIX_IN(real, weight),
        MATRIX_OUT(real, work), MATRIX_OUT(real, loss)) {
    const ulong row = get_global_id(0);
    if (row >= rows) return;
    const real most = largest_of(VALUE(work, row, 0, chunks, 0), chunks);
    *VALUE(work, row, 0, chunks, chunks) = LANE_0(most);
    entropy_sums sums = entropy_sums_of_none();
    sums.shares = CE_JOINED(1);
    if (CE_SUMS > 1) sums.distances = CE_JOINED(3);
    if (CE_SUMS > 1) sums.weights = CE_JOINED(5);
    CE_KEEP(work, row, chunks, chunks, sums);
    const int t = *AT(label, row, 0);
    if (!(has & CE_HAS_LOSS)) return;
    if (t == ignored || !CE_IS_CLASS(t)) {
        *AT(loss, row, 0) = t == ignored ? 0.0f : NAN;
        return;
    }
    *AT(loss, row, 0) = LANE_0(entropy_loss(CE_LOAD_1(AT(z, row, t)), CE_WEIGHT_1(AT(weight, 0, t)),
                                            most, sums, C(keep), C(spread)));
}
#endif

#ifdef CE_APPLY
#define CE_KEPT(v)                                                                                 \
    pair_of(C(*VALUE(work, row, v, chunks, chunks)), C(*VALUE(work, row, v + 1, chunks, chunks)))
KERNEL(ROWS)
CE_NAME(CE_ARGUMENTS, MATRIX_IN(CE_STORAGE, z), MATRIX_IN(i32, label), MATRIX_IN(real, weight),
        MATRIX_IN(real, divisor), MATRIX_IN(real, work), MATRIX_OUT(CE_STORAGE, dz)) {
    LOCATE_CHUNK(row, k, first, count);
    const int t = *AT(label, row, 0);
    if (t == ignored || !CE_IS_CLASS(t)) {
        CE_FN(fill)(AT(dz, row, first), t == ignored ? 0.0f : NAN, count);
        return;
    }
    entropy_sums sums = entropy_sums_of_none();
    sums.shares = CE_KEPT(1);
    if (CE_SUMS > 1) sums.weights = CE_KEPT(5);
    const real most = C(*VALUE(work, row, 0, chunks, chunks));
    const real w = CE_WEIGHT_1(AT(weight, 0, t));
    const scalar factor = has & CE_HAS_FACTOR ? *AT(divisor, 0, 1) : scale;
    const ulong label_here = (ulong)t - first; /* huge before this chunk */
    const real of_label = label_here < count ? CE_LOAD_1(AT(z, row, t)) : C(0.0f);
    const entropy_row r = entropy_row_of(w, most, sums, C(keep), C(spread), C(factor));
    CE_FN(apply)
    (AT(z, row, first), AT(weight, 0, first), AT(dz, row, first), r, count, label_here, of_label);
}
#endif

#undef CE_FN
#undef CE_ELEMENT
#undef CE_LOAD
#undef CE_LOAD_1
#undef CE_STORE
#undef CE_INPUT
#undef CE_REALS
#undef CE_IS_CLASS
#undef CE_WEIGHT
#undef CE_WEIGHT_1
#undef CE_SUMS
#undef CE_TERMS_JOINED
#undef CE_WEIGHT_OF
#undef CE_JOINED
#undef CE_KEPT
#undef CE_NAME
#undef CE_STORAGE
#undef CE_WEIGHTS
#undef CE_SMOOTH
#undef CE_COUNT
#undef CE_FACTOR
#undef CE_WHOLE
#undef CE_SHORT
#undef CE_SUM
#undef CE_JOIN
#undef CE_APPLY
