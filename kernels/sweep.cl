/* sweep.cl: the fused forward and backward pass over rows x cols. This text stands once in a
 * program for every kernel asked for, each time after these:
 *
 *   SWEEP_NAME      name of the kernel
 *   SWEEP_FORWARD   defined for a forward pass
 *   SWEEP_STORAGE   element type: f32, f16 or bf16, or f64 in a DOUBLE program
 *   SWEEP_ACT       first part of the names of its formulas: act_gelu
 *   SWEEP_SAVED     what backward reads: SAVED_X, SAVED_Y, SAVED_MASK, SAVED_TAIL or SAVED_NOTHING
 *   SWEEP_STAGES    sum of STAGE_ numbers
 *   SWEEP_PLANES    planes of partial sums that it leaves
 *   SWEEP_UNIT      true if every parameter that the activation has is known to be 1; default false
 *
 * Stages are constants: nothing is compiled but what was asked for, and the arguments of the others
 * are NULL. Numbers come in few arguments, because a driver may take an allocation for each:
 *
 *   shape    rows, columns, rows of a block, seed and offset of dropout, its threshold
 *   at       offset of each matrix and, unless it is one row, its leading dimension; last, whether
 *            matrices are so large that they are written past the caches
 *   numbers  parameters; then what dropout multiplies by, scale, beta, the threshold of saturation
 *
 * A work-item reads an element of every matrix before it writes there, so outputs may be inputs.
 */
#ifndef SWEEP_UNIT
#define SWEEP_UNIT false
#endif
#define ELEMENT         PASTE(ELEMENT_, SWEEP_STORAGE)
#define LOAD(p)         PASTE(load_, SWEEP_STORAGE)(p, n)
#define STORE(v, p)     PASTE(stream_, SWEEP_STORAGE)(v, p, n, at.sf)
#define FORMULA(suffix) PASTE(SWEEP_ACT, suffix)
#define HAS(stage)      ((SWEEP_STAGES & STAGE_##stage) != 0)

/* Element (row, col) of a matrix with offset and leading dimension `place`, and of a single row */
#define OF(matrix, place)        (matrix + (place).x + row * (place).y + col)
#define OF_ROW(matrix, position) (matrix + (position) + col)

#if SWEEP_SAVED == SAVED_MASK
#define SAVED_ELEMENT uchar
#define LEAST_VECTORS 8 /* of a work-item: a byte of the mask has a bit of each */
#define OF_MASK       (saved + 4 * (at.s6 + row * at.s7) + (col - lane) / 128 * 16 + lane)
#else
#define SAVED_ELEMENT ELEMENT
/* the words of a random block have one for each */
#define LEAST_VECTORS (HAS(DROPOUT) ? 4 : ABREAST)
#endif
#define AT_LEAST(vectors) (vectors > LEAST_VECTORS ? vectors : LEAST_VECTORS)
#if SWEEP_PLANES > 0
#define VECTORS AT_LEAST(SUMS_VECTORS)
#define SWEEP   KERNEL(SUMS)
#elif defined(SWEEP_FORWARD)
#define VECTORS AT_LEAST(FORWARD_VECTORS)
#define SWEEP   KERNEL(FORWARD)
#else
#define VECTORS AT_LEAST(BACKWARD_VECTORS)
#define SWEEP   KERNEL(BACKWARD)
#endif

#define UNPACK                                                                                     \
    const ulong rows = shape.s0, cols = shape.s1, rows_each = shape.s2;                            \
    const ulong2 seed = shape.s34;                                                                 \
    const uint threshold = (uint)shape.s5;                                                         \
    const real kept_times = C(numbers.s8), scale = C(numbers.s9), beta = C(numbers.sa);            \
    const real saturated_under = C(numbers.sb)

#define DRAW                                                                                       \
    if (HAS(DROPOUT) && vector % 4 == 0)                                                           \
    random = dropout_words(row * ((cols + DROPOUT_GROUP - 1) / DROPOUT_GROUP) +                    \
                               (col - lane) / DROPOUT_GROUP,                                       \
                           lane, seed.x, seed.y)
#define DROPPED(v)                                                                                 \
    (words_to_ints(words_of(random, vector % 4) >= W(threshold)) ? (v)*kept_times : C(0.0f))

/* What is soon to be read, and written unless that goes past the caches */
#define FETCH_OUTPUT(matrix, place)                                                                \
    if (at.sf == 0 || HAS(ADD_DX)) FETCH(matrix, place)
#define FETCH(matrix, place)                                                                       \
    if (SWEEP_PLANES > 0) FETCH_AHEAD(OF(matrix, place) + FETCH_STEP(vector, VECTORS, (place).y))

/* Health is taken in chunks of rows, counted from the first of a block. */
#define ENDS_CHUNK   (row + 1 == row_end || (row - row_begin) % CHUNK_ROWS == CHUNK_ROWS - 1)
#define CHUNK_LENGTH C((scalar)((row - row_begin) % CHUNK_ROWS + 1))

/* Partial sums of this block, one plane after the other */
#define STORE_SUM(v) store_real(v, partials + ((block * SWEEP_PLANES + plane++) * cols + col), n)
#define STORE_PAIR(v)                                                                              \
    do {                                                                                           \
        STORE_SUM((v).h);                                                                          \
        STORE_SUM((v).l);                                                                          \
    } while (0)
#define STORE_HEALTH(v)                                                                            \
    do {                                                                                           \
        STORE_PAIR((v).sum);                                                                       \
        STORE_PAIR((v).small);                                                                     \
        STORE_PAIR((v).middle);                                                                    \
        STORE_PAIR((v).large);                                                                     \
        STORE_SUM((v).most);                                                                       \
        STORE_SUM((v).zeros);                                                                      \
        STORE_SUM((v).saturated);                                                                  \
        STORE_SUM((v).nans);                                                                       \
        STORE_SUM((v).infs);                                                                       \
    } while (0)

#ifdef SWEEP_FORWARD

SWEEP SWEEP_NAME(const ulong8 shape, const ulong16 at, const two_parameters numbers,
                 __global const ELEMENT *x, __global const ELEMENT *value,
                 __global const ELEMENT *residual, __global SAVED_ELEMENT *saved,
                 __global ELEMENT *y, __global const ELEMENT *bias,
                 __global const ELEMENT *value_bias, __global const ELEMENT *slopes,
                 __global scalar *partials) {
    UNPACK;
    LOCATE_GROUP(VECTORS * 16);
    act_params p = params_of(numbers.lo, SWEEP_UNIT);
    health seen[VECTORS];
    for (uint vector = 0; HAS(HEALTH) && vector < VECTORS; vector++) {
        if (first_col + 16 * vector >= cols) break;
        seen[vector] = no_health();
    }
    for (ulong row = row_begin; row < row_end; row++) {
        philox_block random;
        uints mask = U(0);
        for (uint vector = 0; vector < VECTORS; vector += PARTS) {
            const ulong col = first_col + 16 * vector, n = cols - col;
            if (col >= cols) break;
            FETCH(x, at.s01);
            FETCH_OUTPUT(y, at.s89);
            DRAW;
            if (HAS(SLOPES)) p.a = LOAD(OF_ROW(slopes, at.sc));
            real z = LOAD(OF(x, at.s01));
            if (HAS(BIAS)) z = z + LOAD(OF_ROW(bias, at.sa));
            real a = FORMULA(_fwd)(z, p);
#if SWEEP_SAVED == SAVED_MASK
            mask |= (FORMULA(_kept)(z, p) | (z != z)) ? U(1u << vector % 8) : U(0);
            if (vector % 8 == 7 || col + 16 >= cols) {
                store_bytes(mask, OF_MASK);
                mask = U(0);
            }
#elif SWEEP_SAVED == SAVED_TAIL
            STORE(FORMULA(_tail)(z, p), OF(saved, at.s67));
#endif
            if (HAS(GATE)) {
                real v = LOAD(OF(value, at.s23));
                if (HAS(BIAS)) v = v + LOAD(OF_ROW(value_bias, at.sb));
                a = a * v;
            }
            if (HAS(HEALTH)) {
                observe(&seen[vector], a, FORMULA(_bwd)(z, C(1.0f), p), saturated_under);
                if (ENDS_CHUNK) health_end_chunk(&seen[vector], CHUNK_LENGTH);
            }
            if (HAS(DROPOUT)) a = DROPPED(a);
            if (HAS(SCALE)) a = a * scale;
            if (HAS(RESIDUAL)) a = LOAD(OF(residual, at.s45)) + a;
            STORE(a, OF(y, at.s89));
        }
    }
    for (uint vector = 0; HAS(HEALTH) && vector < VECTORS; vector++) {
        const ulong col = first_col + 16 * vector, n = cols - col;
        ulong plane = 0;
        if (col >= cols) break;
        STORE_HEALTH(seen[vector]);
    }
}

#else

SWEEP SWEEP_NAME(const ulong8 shape, const ulong16 at, const two_parameters numbers,
                 __global ELEMENT *dx, __global const ELEMENT *value, __global const ELEMENT *dy,
                 __global const SAVED_ELEMENT *saved, __global ELEMENT *dvalue,
                 __global ELEMENT *dresidual, __global const ELEMENT *bias,
                 __global const ELEMENT *value_bias, __global const ELEMENT *slopes,
                 __global scalar *partials) {
    UNPACK;
    LOCATE_GROUP(VECTORS * 16);
    act_params p = params_of(numbers.lo, SWEEP_UNIT);
    pair of_bias[VECTORS], of_value_bias[VECTORS], of_slopes[VECTORS];
    health seen[VECTORS];
    for (uint vector = 0; SWEEP_PLANES > 0 && vector < VECTORS; vector++) {
        if (first_col + 16 * vector >= cols) break;
        of_bias[vector] = of_value_bias[vector] = of_slopes[vector] = no_sum();
        if (HAS(HEALTH)) seen[vector] = no_health();
    }
    for (ulong row = row_begin; row < row_end; row++) {
        philox_block random;
        uints mask = U(0);
        for (uint vector = 0; vector < VECTORS; vector += PARTS) {
            const ulong col = first_col + 16 * vector, n = cols - col;
            if (col >= cols) break;
            FETCH(dy, at.s45);
#if SWEEP_SAVED < SAVED_MASK || SWEEP_SAVED == SAVED_TAIL
            FETCH(saved, at.s67);
#endif
            FETCH_OUTPUT(dx, at.s01);
            DRAW;
            real g = LOAD(OF(dy, at.s45));
            if (HAS(DRESIDUAL)) {
                real d = g;
                if (HAS(ADD_DRESIDUAL)) d = fma(beta, LOAD(OF(dresidual, at.sab)), d);
                STORE(d, OF(dresidual, at.sab));
            }
            if (HAS(SCALE)) g = g * scale;
            if (HAS(DROPOUT)) g = DROPPED(g);
            if (HAS(SLOPES)) p.a = LOAD(OF_ROW(slopes, at.se));

#if SWEEP_SAVED == SAVED_MASK
            if (vector % 8 == 0) mask = load_bytes(OF_MASK);
            real dz = FORMULA(_bwd_mask)((mask & U(1u << vector % 8)) != U(0), g, p);
#elif SWEEP_SAVED == SAVED_TAIL
            real dz = FORMULA(_bwd_tail)(LOAD(OF(saved, at.s67)), g, p);
#elif SWEEP_SAVED == SAVED_Y
            real dz = FORMULA(_bwd_y)(LOAD(OF(saved, at.s67)), g, p);
#elif SWEEP_SAVED == SAVED_NOTHING
            real dz = FORMULA(_bwd)(C(1.0f), g, p);
#else
            real z = LOAD(OF(saved, at.s67));
            if (HAS(BIAS)) z = z + LOAD(OF_ROW(bias, at.sc));
            if (HAS(GATE)) {
                real v = LOAD(OF(value, at.s23)), dv = g * FORMULA(_fwd)(z, p);
                if (HAS(BIAS)) v = v + LOAD(OF_ROW(value_bias, at.sd));
                g = g * v;
                if (HAS(DBIAS)) of_value_bias[vector] = accumulate(of_value_bias[vector], dv);
                if (HAS(HEALTH)) observe(&seen[vector], dv, C(1.0f), C(0.0f));
                if (HAS(ADD_DX)) dv = fma(beta, LOAD(OF(dvalue, at.s89)), dv);
                STORE(dv, OF(dvalue, at.s89));
            }
            real dz = FORMULA(_bwd)(z, g, p);
            if (HAS(DSLOPES)) {
                real d = z > 0.0f ? C(0.0f) : z * g;
                of_slopes[vector] = accumulate(of_slopes[vector], d);
            }
#endif
            if (HAS(DBIAS)) of_bias[vector] = accumulate(of_bias[vector], dz);
            if (HAS(HEALTH)) {
                observe(&seen[vector], dz, C(1.0f), C(0.0f));
                if (ENDS_CHUNK)
                    health_end_chunk(&seen[vector], (HAS(GATE) ? 2.0f : 1.0f) * CHUNK_LENGTH);
            }
            if (HAS(ADD_DX)) dz = fma(beta, LOAD(OF(dx, at.s01)), dz);
            STORE(dz, OF(dx, at.s01));
        }
    }
    for (uint vector = 0; SWEEP_PLANES > 0 && vector < VECTORS; vector++) {
        const ulong col = first_col + 16 * vector, n = cols - col;
        ulong plane = 0;
        if (col >= cols) break;
        if (HAS(DBIAS)) STORE_PAIR(of_bias[vector]);
        if (HAS(DBIAS) && HAS(GATE)) STORE_PAIR(of_value_bias[vector]);
        if (HAS(DSLOPES)) STORE_PAIR(of_slopes[vector]);
        if (HAS(HEALTH)) STORE_HEALTH(seen[vector]);
    }
}

#endif

#undef ELEMENT
#undef LOAD
#undef STORE
#undef FORMULA
#undef HAS
#undef OF
#undef OF_ROW
#undef OF_MASK
#undef VECTORS
#undef SAVED_ELEMENT
#undef UNPACK
#undef DRAW
#undef DROPPED
#undef STORE_SUM
#undef STORE_PAIR
#undef STORE_HEALTH
#undef ENDS_CHUNK
#undef CHUNK_LENGTH
#undef LEAST_VECTORS
#undef AT_LEAST
#undef FETCH
#undef FETCH_OUTPUT
#undef SWEEP
#undef SWEEP_PLANES
#undef SWEEP_NAME
#undef SWEEP_FORWARD
#undef SWEEP_STORAGE
#undef SWEEP_ACT
#undef SWEEP_SAVED
#undef SWEEP_STAGES
#undef SWEEP_UNIT
