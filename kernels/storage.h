/* storage.h: load and store the lanes of a real, whole or the first n of them at a tail, as
 * float32, float16 (f16), bfloat16 (bf16) or, where DOUBLE is defined, as float64.
 *
 * A 16-bit element is widened exactly, and rounded once, to nearest even, when it is stored.
 * Neither type needs cl_khr_fp16.
 */
#ifndef STORAGE_H
#define STORAGE_H

#include "dialect.h"

#if WIDTH == 1
#define PART_LANES        1
#define LOAD_WHOLE(p)     (*(p))
#define STORE_WHOLE(v, p) (*(p) = (v))
#else
#define PART_LANES        (WIDTH / PARTS)
#define LOAD_WHOLE(p)     LANES(vload)(0, p)
#define STORE_WHOLE(v, p) LANES(vstore)(v, 0, p)
#endif

/* A vector to an address that is aligned for it, past the caches: that spares the read of what is
 * overwritten. Nothing reads it before the kernel has ended, and the locked instructions of x86 or
 * the release of other CPUs by which a thread says so are behind these stores too. */
#ifdef ON_CPU
#define STREAM(vector, v, p) __builtin_nontemporal_store(v, (__global vector *)(p))
#define MAY_STREAM           true
#define ALIGNED_TO(element)  (WIDTH * sizeof(element) < 64 ? WIDTH * sizeof(element) : (ulong)64)
#else
#define STREAM(vector, v, p) (*(__global vector *)(p) = (v))
#define MAY_STREAM           false
#define ALIGNED_TO(element)  1
#endif

/* What is done with each part of a real at its place, with n elements in all */
#define LEFT(n, i) ((n) > 16 * (i) ? (n)-16 * (i) : 0)
#if WIDTH == 64
#define LOADED(f, p) ((real)(f(p), f(p + 16), f(p + 32), f(p + 48)))
#define LOADED_LEFT(f, p, n)                                                                       \
    ((real)(f(p, n), f(p + 16, LEFT(n, 1)), f(p + 32, LEFT(n, 2)), f(p + 48, LEFT(n, 3))))
#define STORED(f, v, p) (f(v.lo.lo, p), f(v.lo.hi, p + 16), f(v.hi.lo, p + 32), f(v.hi.hi, p + 48))
#define STORED_LEFT(f, v, p, n)                                                                    \
    (f(v.lo.lo, p, n), f(v.lo.hi, p + 16, LEFT(n, 1)), f(v.hi.lo, p + 32, LEFT(n, 2)),             \
     f(v.hi.hi, p + 48, LEFT(n, 3)))
#elif WIDTH == 32
#define LOADED(f, p)            ((real)(f(p), f(p + 16)))
#define LOADED_LEFT(f, p, n)    ((real)(f(p, n), f(p + 16, LEFT(n, 1))))
#define STORED(f, v, p)         (f(v.lo, p), f(v.hi, p + 16))
#define STORED_LEFT(f, v, p, n) (f(v.lo, p, n), f(v.hi, p + 16, LEFT(n, 1)))
#else
#define LOADED(f, p)            f(p)
#define LOADED_LEFT(f, p, n)    f(p, n)
#define STORED(f, v, p)         f(v, p)
#define STORED_LEFT(f, v, p, n) f(v, p, n)
#endif

/* Given whole_load_T, whole_store_T, one_load_T and one_store_T of an element type, for the lanes
 * of a part, and stream_all_T for those of a real: load_T    p[0] .. p[min(n, WIDTH) - 1]; the
 * other lanes are 0 store_T   writes p[0] .. p[min(n, WIDTH) - 1] and nothing else stream_T  the
 * same, and where `past` is not 0 past the caches if it can */
#if WIDTH == 1
#define LOAD_AND_STORE(T, element)                                                                 \
    FN real load_##T(__global const element *p, ulong n) {                                         \
        return whole_load_##T(p);                                                                  \
    }                                                                                              \
    FN void store_##T(real v, __global element *p, ulong n) {                                      \
        whole_store_##T(v, p);                                                                     \
    }                                                                                              \
    FN void stream_##T(real v, __global element *p, ulong n, ulong past) {                         \
        whole_store_##T(v, p);                                                                     \
    }
#else
#define LOAD_AND_STORE(T, element)                                                                 \
    FN part part_load_##T(__global const element *p, ulong n) {                                    \
        if (n >= PART_LANES) return whole_load_##T(p);                                             \
        scalar lane[PART_LANES];                                                                   \
        for (uint i = 0; i < PART_LANES; i++)                                                      \
            lane[i] = i < n ? one_load_##T(p, i) : 0.0f;                                           \
        return LOAD_WHOLE(lane);                                                                   \
    }                                                                                              \
    FN void part_store_##T(part v, __global element *p, ulong n) {                                 \
        if (n >= PART_LANES) {                                                                     \
            whole_store_##T(v, p);                                                                 \
            return;                                                                                \
        }                                                                                          \
        scalar lane[PART_LANES];                                                                   \
        STORE_WHOLE(v, lane);                                                                      \
        for (uint i = 0; i < n; i++)                                                               \
            one_store_##T(lane[i], p, i);                                                          \
    }                                                                                              \
    SELDOM real load_left_##T(__global const element *p, ulong n) {                                \
        return LOADED_LEFT(part_load_##T, p, n);                                                   \
    }                                                                                              \
    SELDOM void store_left_##T(real v, __global element *p, ulong n) {                             \
        STORED_LEFT(part_store_##T, v, p, n);                                                      \
    }                                                                                              \
    FN real load_##T(__global const element *p, ulong n) {                                         \
        if (n >= WIDTH) return LOADED(whole_load_##T, p);                                          \
        return load_left_##T(p, n);                                                                \
    }                                                                                              \
    FN void store_##T(real v, __global element *p, ulong n) {                                      \
        if (n >= WIDTH)                                                                            \
            STORED(whole_store_##T, v, p);                                                         \
        else                                                                                       \
            store_left_##T(v, p, n);                                                               \
    }                                                                                              \
    FN void stream_##T(real v, __global element *p, ulong n, ulong past) {                         \
        if (MAY_STREAM && past != 0 && n >= WIDTH && ((ulong)p & (ALIGNED_TO(element) - 1)) == 0)  \
            stream_all_##T(v, p);                                                                  \
        else                                                                                       \
            store_##T(v, p, n);                                                                    \
    }
#endif

#ifdef DOUBLE

#define ELEMENT_f64            double
#define whole_load_f64(p)      LOAD_WHOLE(p)
#define whole_store_f64(v, p)  STORE_WHOLE(v, p)
#define part_stream_f64(v, p)  STREAM(part, v, p)
#define stream_all_f64(v, p)   STORED(part_stream_f64, v, p)
#define one_load_f64(p, i)     ((p)[i])
#define one_store_f64(v, p, i) ((p)[i] = (v))
LOAD_AND_STORE(f64, double)

#else

#define ELEMENT_f32            float
#define whole_load_f32(p)      LOAD_WHOLE(p)
#define whole_store_f32(v, p)  STORE_WHOLE(v, p)
#define part_stream_f32(v, p)  STREAM(part, v, p)
#define stream_all_f32(v, p)   STORED(part_stream_f32, v, p)
#define one_load_f32(p, i)     ((p)[i])
#define one_store_f32(v, p, i) ((p)[i] = (v))
LOAD_AND_STORE(f32, float)

#define ELEMENT_f16            half
#define whole_load_f16(p)      LANES(vload_half)(0, p)
#define one_load_f16(p, i)     vload_half(i, p)
#define one_store_f16(v, p, i) vstore_half_rte(v, i, p)
#ifdef part_half
#define whole_store_f16(v, p) vstore16(part_half(v), 0, (__global short *)(p))
#define part_stream_f16(v, p) STREAM(short16, part_half(v), p)
#else
#if WIDTH == 1
#define whole_store_f16(v, p) vstore_half_rte(v, 0, p)
#else
#define whole_store_f16(v, p) PASTE(LANES(vstore_half), _rte)(v, 0, p)
#endif
#define part_stream_f16(v, p) whole_store_f16(v, p)
#endif
#define stream_all_f16(v, p) STORED(part_stream_f16, v, p)
LOAD_AND_STORE(f16, half)

/* A bfloat16 is the upper half of a float32. Adding rounds it; a NaN would carry over. */
#define ELEMENT_bf16         ushort
#define bf16_rounded(u)      (((u)&0x10000u) != 0 ? (u) + 0x8000u : (u) + 0x7fffu)
#define bf16_quiet(u)        ((u) | 0x400000u)
#define bf16_is_nan(u)       (((u)&0x7fffffffu) > 0x7f800000u)
#define bf16_code(u)         ((bf16_is_nan(u) ? bf16_quiet(u) : bf16_rounded(u)) >> 16)
#define one_load_bf16(p, i)  as_float((uint)(p)[i] << 16)
FN void one_store_bf16(float v, __global ushort *p, uint i) {
    const uint u = as_uint(v);
    p[i] = (ushort)bf16_code(u);
}
FN part whole_load_bf16(__global const ushort *p) {
    return LANES(as_float)(LANES(convert_uint)(LOAD_WHOLE(p)) << 16);
}
FN void whole_store_bf16(part v, __global ushort *p) {
    const LANES(uint) u = LANES(as_uint)(v);
    STORE_WHOLE(LANES(convert_ushort)(bf16_code(u)), p);
}
/* Whole lines: a compiler may take a part's for a store that narrows, which goes to the caches */
LANES_TYPE(ushort, codes);
FN void stream_all_bf16(real v, __global ushort *p) {
    const uints u = bits_uint(v);
    STREAM(codes, TO_LANES(bf16_code(u), ushort, codes), p);
}
LOAD_AND_STORE(bf16, ushort)

#endif

/* Elements of the type that the arithmetic has: sums are stored as they are taken */
#ifdef DOUBLE
#define ELEMENT_real double
#define load_real    load_f64
#define store_real   store_f64
#else
#define ELEMENT_real float
#define load_real    load_f32
#define store_real   store_f32
#endif

/* Bytes, as the lanes of a uints */
#ifdef DOUBLE
#define load_bytes(p) LANES(convert_ulong)(LOAD_WHOLE(p))
#else
#define load_bytes(p) LANES(convert_uint)(LOAD_WHOLE(p))
#endif
#define store_bytes(v, p) STORE_WHOLE(LANES(convert_uchar)(v), p)

/* Names what this work-item does where rows are taken in blocks of rows_each, and columns in groups
 * of group_cols: rows [row_begin, row_end), and from column col on WIDTH lanes every 16 columns to
 * the end of the group. Returns from the kernel when there is nothing left to do. */
#define ITEMS_OF_16 (WIDTH > 16 ? 1 : 16 / WIDTH)
#define LOCATE_GROUP(group_cols)                                                                   \
    const ulong groups = (cols + (group_cols)-1) / (group_cols), items = groups * ITEMS_OF_16;     \
    const ulong block = get_global_id(0) / items, place = get_global_id(0) - block * items;        \
    const ulong group = place / ITEMS_OF_16;                                                       \
    const uint lane = (uint)(place - group * ITEMS_OF_16) * WIDTH;                                 \
    const ulong first_col = group * (group_cols) + lane, row_begin = block * rows_each;            \
    if (row_begin >= rows || first_col >= cols) return;                                            \
    const ulong row_end = rows - row_begin < rows_each ? rows : row_begin + rows_each

/* A matrix argument of a kernel, of element type T: buffer, offset and leading dimension in
 * elements */
#define MATRIX_IN(T, name)                                                                         \
    __global const PASTE(ELEMENT_, T) * name, const ulong name##_offset, const ulong name##_ld
#define MATRIX_OUT(T, name)                                                                        \
    __global PASTE(ELEMENT_, T) * name, const ulong name##_offset, const ulong name##_ld
#define AT(name, row, col) (name + name##_offset + (row)*name##_ld + (col))

#endif
