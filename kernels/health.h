/* health.h: what is counted and summed of the values that pass through a sweep.
 *
 * It has to cost next to nothing, so the values of up to CHUNK_ROWS rows are taken with plain
 * arithmetic, as differences from the first of them, which keeps the bits of a small variance
 * beside a large mean; then that chunk goes into compensated sums. Magnitudes so large or small
 * that their squares would leave the range are rare and taken apart, NaN and infinities too.
 */
#ifndef HEALTH_H
#define HEALTH_H

#include "stages.h"
#include "sums.h"

#define NEAR_LEAST BY_TYPE(0x1p-48f, 0x1p-400)
#define NEAR_MOST  BY_TYPE(0x1p48f, 0x1p400)
#define SHIFT_UP   BY_TYPE(100, 600) /* powers of two for smaller and larger ones */
#define SHIFT_DOWN BY_TYPE(-80, -600)
#define CHUNK_ROWS 32

typedef struct health {
    /* of all chunks but the last: the sum, and three of squares, by magnitude and shifted */
    pair sum, small, middle, large;
    real most, zeros, saturated, nans, infs; /* counts are exact below 2^24 */
    /* of the last chunk: its first value, sums of the others' distance from it, and of its square;
     * how many are not near; zeros and saturated, 16 bits each */
    real first, distance, square, far;
    uints counts;
} health;

FN void health_start_chunk(health *h) {
    h->first = C(NAN);
    h->distance = h->square = h->far = C(0.0f);
    h->counts = U(0);
}

FN health no_health(void) {
    health h;
    h.sum = h.small = h.middle = h.large = no_sum();
    h.most = h.zeros = h.saturated = h.nans = h.infs = C(0.0f);
    health_start_chunk(&h);
    return h;
}

FN real counted(real n, ints condition) {
    return condition ? n + 1.0f : n;
}

/* a + v^2 */
FN pair with_square(pair a, real v) {
    return normalized(pair_add(a, product(v, v)));
}

/* Takes in the lanes that are not near. */
FN void observe_far(health *h, real v, ints near) {
    real a = magnitude(v), finite = (near | !(a < INFINITY)) ? C(0.0f) : v;
    h->far = counted(h->far, !near);
    h->nans = counted(h->nans, v != v);
    h->infs = counted(h->infs, a == INFINITY);
    h->sum = accumulate(h->sum, finite);
    ints is_small = magnitude(finite) < NEAR_LEAST;
    h->small = with_square(h->small, is_small ? finite * exp2i(C(SHIFT_UP)) : C(0.0f));
    h->large = with_square(h->large, is_small ? C(0.0f) : finite * exp2i(C(SHIFT_DOWN)));
}

/* Takes in a value; it counts as saturated where the slope is below the threshold. */
FN void observe(health *h, real v, real slope, real threshold) {
    real a = magnitude(v);
    ints near = ((a >= NEAR_LEAST) | (v == 0.0f)) & (a <= NEAR_MOST);
    real w = near ? v : C(0.0f);
    h->first = h->first != h->first ? w : h->first;
    real d = near ? w - h->first : C(0.0f);
    h->distance += d;
    h->square = fma(d, d, h->square);
    h->most = a > h->most ? a : h->most;
    h->counts += v == 0.0f ? U(1) : U(0);
    h->counts += magnitude(slope) < threshold ? U(0x10000) : U(0);
    if (any_lane(!near)) observe_far(h, v, near);
}

/* Ends a chunk of n values, at least one. */
FN void health_end_chunk(health *h, real n) {
    pair of_first = product(n - h->far, h->first);
    h->sum = accumulate(accumulate_pair(h->sum, of_first), h->distance);
    /* v^2 = (v - f)^2 + f (2 (v - f) + f) */
    pair rest = pair_mul_real(pair_add_real(of_first, 2.0f * h->distance), h->first);
    h->middle = accumulate(accumulate_pair(h->middle, rest), h->square);
    h->zeros += real_of(h->counts & 0xffffu);
    h->saturated += real_of(h->counts >> 16);
    health_start_chunk(h);
}

/* Both together, apart from counts; their last chunks have ended. */
FN health health_merged(health a, health b) {
    a.sum = accumulate_pair(a.sum, b.sum);
    a.middle = accumulate_pair(a.middle, b.middle);
    if (any_lane((b.small.h != 0.0f) | (b.large.h != 0.0f))) { /* rare, and zeros change nothing */
        a.small = accumulate_pair(a.small, b.small);
        a.large = accumulate_pair(a.large, b.large);
    }
    a.most = b.most > a.most ? b.most : a.most;
    return a;
}

#endif
