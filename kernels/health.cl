/* health.cl: from the partial sums of a sweep to its health. Names of kernels end in HEALTH_SUFFIX.
 */

/* What the caller reads: clact_health */
typedef struct health_record {
    ulong count, zeros, saturated, nans, infs;
    float mean, variance, max_abs, norm;
} health_record;

/* What a health amounts to, in each lane */
typedef struct health_figures {
    real mean, variance, most, norm;
} health_figures;

/* Whole numbers, below 2^40 in each lane and one for all lanes, as pairs */
FN pair pair_of_whole(uints n) {
    return sum_ordered(real_of(n >> 16) * 65536.0f, real_of(n & 0xffffu));
}
FN pair pair_of_wide(ulong n) {
    const pair high =
        sum_ordered(C((scalar)(n >> 48)) * 0x1p48f, C((scalar)(n >> 24 & 0xffffff)) * 0x1p24f);
    return accumulate(high, C((scalar)(n & 0xffffff)));
}

FN pair pair_divided(pair n, pair d) {
    const real q = divide(n.h, d.h);
    const real rest = fma(-q, d.h, n.h) + (n.l - q * d.l);
    return sum_ordered(q, divide(rest, d.h));
}

/* v 2^shift for an even shift, in two steps that neither overflow nor underflow early */
FN real shifted(real v, real shift) {
    return v * exp2i(0.5f * shift) * exp2i(0.5f * shift);
}

/* The sum of squares in the scale of its largest class: v 2^(2 k) */
FN scaled sum_of_squares(health h) {
    const real down = exp2i(C(SHIFT_DOWN)), up = exp2i(C(-(SHIFT_UP)));
    const ints has_large = h.large.h > 0.0f, has_middle = h.middle.h > 0.0f;
    const pair large = pair_add(h.large, pair_shift(pair_shift(h.middle, down), down));
    const pair middle = pair_add(h.middle, pair_shift(pair_shift(h.small, up), up));
    const pair v = pair_choose(has_large, large, pair_choose(has_middle, middle, h.small));
    const real k = has_middle ? C(0.0f) : C(-(SHIFT_UP));
    return scaled_of(normalized(v), has_large ? C(-(SHIFT_DOWN)) : k);
}

/* Of n finite values */
FN health_figures figures_of(health h, pair n) {
    const scaled squares = sum_of_squares(h);
    const pair mean = pair_divided(h.sum, n);
    const pair unit = pair_of(shifted(mean.h, -squares.k), shifted(mean.l, -squares.k));
    const pair v = pair_add(pair_divided(squares.v, n), negated(pair_mul(unit, unit)));
    const real variance = v.h + v.l;
    const scaled_root root = square_root(squares.v.h);
    const real norm = (root.root.h + root.root.l) * exp2i(root.k);
    health_figures f;
    f.mean = mean.h + mean.l;
    f.variance = shifted(variance < 0.0f ? C(0.0f) : variance, 2.0f * squares.k);
    f.most = h.most;
    f.norm = squares.v.h > 0.0f ? shifted(norm, squares.k) : C(0.0f);
    return f;
}

/* Sums of the columns from col on, in the planes that start at p */
FN health load_health(__global const scalar *p, ulong cols, ulong n) {
    health h = no_health();
    h.sum = pair_of(load_real(p, n), load_real(p + cols, n));
    h.small = pair_of(load_real(p + 2 * cols, n), load_real(p + 3 * cols, n));
    h.middle = pair_of(load_real(p + 4 * cols, n), load_real(p + 5 * cols, n));
    h.large = pair_of(load_real(p + 6 * cols, n), load_real(p + 7 * cols, n));
    h.most = load_real(p + 8 * cols, n);
    return h;
}
FN void store_health(health h, __global scalar *p, ulong cols, ulong n) {
    store_real(h.sum.h, p, n);
    store_real(h.sum.l, p + cols, n);
    store_real(h.small.h, p + 2 * cols, n);
    store_real(h.small.l, p + 3 * cols, n);
    store_real(h.middle.h, p + 4 * cols, n);
    store_real(h.middle.l, p + 5 * cols, n);
    store_real(h.large.h, p + 6 * cols, n);
    store_real(h.large.l, p + 7 * cols, n);
    store_real(h.most, p + 8 * cols, n);
}

/* Blocks in their order to columns, WIDTH of them by a work-item. Leaves the sums of each column in
 * the first block, where health_total finds them. `first` is the plane where health starts, `each`
 * the values seen in a column. */
KERNEL(COLUMNS)
PASTE(health_columns, HEALTH_SUFFIX)
(const ulong blocks, const ulong cols, const ulong planes, const ulong first, const ulong each,
 const ulong at, __global scalar *partials, __global health_record *records) {
    const ulong col = get_global_id(0) * WIDTH, n = cols - col;
    if (col >= cols) return;
    health h = no_health();
    uints counts[4] = {U(0), U(0), U(0), U(0)};
    for (ulong block = 0; block < blocks; block++) {
        __global const scalar *p = partials + (block * planes + first) * cols + col;
        for (uint plane = 0; plane < HEALTH_PLANES; plane++)
            FETCH_AHEAD(p + (FETCH_ROWS * planes + plane) * cols);
        h = health_merged(h, load_health(p, cols, n));
        for (uint i = 0; i < 4; i++)
            counts[i] += whole_of(load_real(p + (9 + i) * cols, n));
    }
    store_health(h, partials + first * cols + col, cols, n);
    const pair finite = pair_of_whole(U(each) - counts[2] - counts[3]);
    const health_figures f = figures_of(h, finite);
    scalar mean[WIDTH], variance[WIDTH], most[WIDTH], norm[WIDTH];
    STORE_WHOLE(f.mean, mean);
    STORE_WHOLE(f.variance, variance);
    STORE_WHOLE(f.most, most);
    STORE_WHOLE(f.norm, norm);
    uint_lane count[4][WIDTH];
    for (uint i = 0; i < 4; i++)
        STORE_WHOLE(counts[i], count[i]);
    for (uint i = 0; i < WIDTH && i < n; i++) {
        const health_record r = {each,          count[0][i],    count[1][i],        count[2][i],
                                 count[3][i],   (float)mean[i], (float)variance[i], (float)most[i],
                                 (float)norm[i]};
        records[at + col + i] = r;
    }
}

#define HEALTH_CHAINS 64

/* All columns to the record after theirs, by one work-group: column c to chain c % 64, then the
 * chains in their order. */
KERNEL(COLUMNS)
PASTE(health_total, HEALTH_SUFFIX)
(const ulong blocks, const ulong cols, const ulong planes, const ulong first, const ulong each,
 const ulong at, __global scalar *partials, __global health_record *records) {
    __global scalar *sums = partials + first * cols;
    for (uint chain = get_local_id(0) * WIDTH; chain < HEALTH_CHAINS && chain < cols;
         chain += COLUMNS_LOCAL * WIDTH) {
        health h = no_health();
        for (ulong col = chain; col < cols; col += HEALTH_CHAINS)
            h = health_merged(h, load_health(sums + col, cols, cols - col));
        store_health(h, sums + chain, cols, cols - chain);
    }
    barrier(CLK_GLOBAL_MEM_FENCE);
    if (get_local_id(0) != 0) return;
    health h = no_health();
    for (ulong chain = 0; chain < HEALTH_CHAINS && chain < cols; chain++) {
        health one = no_health();
        __global const scalar *p = sums + chain;
        one.sum = pair_of(C(p[0]), C(p[cols]));
        one.small = pair_of(C(p[2 * cols]), C(p[3 * cols]));
        one.middle = pair_of(C(p[4 * cols]), C(p[5 * cols]));
        one.large = pair_of(C(p[6 * cols]), C(p[7 * cols]));
        one.most = C(p[8 * cols]);
        h = health_merged(h, one);
    }
    health_record r = {each * cols, 0, 0, 0, 0, 0.0f, 0.0f, 0.0f, 0.0f};
    for (ulong col = 0; col < cols; col++) {
        r.zeros += records[at + col].zeros;
        r.saturated += records[at + col].saturated;
        r.nans += records[at + col].nans;
        r.infs += records[at + col].infs;
    }
    const health_figures f = figures_of(h, pair_of_wide(r.count - r.nans - r.infs));
    r.mean = (float)LANE_0(f.mean);
    r.variance = (float)LANE_0(f.variance);
    r.max_abs = (float)LANE_0(f.most);
    r.norm = (float)LANE_0(f.norm);
    records[at + cols] = r;
}
