/* dialect.h: the one place where C11 and OpenCL C 1.2 meet; all other kernel headers are neutral.
 *
 * real, ints, uints and words hold WIDTH lanes in OpenCL C (default 1) and one in C. They are float
 * and 32-bit integers, or double and 64-bit integers where DOUBLE is defined; words are of 32 and
 * wides of 64 bits in both. word, wide and uint_lane are one lane of these and of a uints.
 * Comparisons give an ints to be used only in ?: and with & and |, because true is 1 in a scalar
 * and -1 in a lane.
 *
 * ACCURATE, if defined, keeps the low parts of pairs; without it they are constant (see pairs.h).
 */
#ifndef DIALECT_H
#define DIALECT_H

#ifdef DOUBLE
#define BY_TYPE(single_value, double_value) (double_value)
#else
#define BY_TYPE(single_value, double_value) (single_value)
#endif

#ifdef __OPENCL_VERSION__

#pragma OPENCL FP_CONTRACT OFF

#ifndef WIDTH
#define WIDTH 1
#endif

#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#if WIDTH == 1
#define LANES(type) type
#else
#define LANES(type) PASTE(type, WIDTH)
#endif

#ifdef DOUBLE
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
typedef double scalar;
typedef LANES(double) real;
typedef LANES(long) ints;
typedef LANES(ulong) uints;
#define bits_uint(x) LANES(as_ulong)(x)
#define bits_real(i) LANES(as_double)(i)
#define int_of(u)    LANES(as_long)(u)
#define real_of(u)   LANES(convert_double)(u)
#define whole_of(x)  LANES(convert_ulong)(x)
typedef ulong uint_lane;
#else
typedef float scalar;
typedef LANES(float) real;
typedef LANES(int) ints;
typedef LANES(uint) uints;
#define bits_uint(x) LANES(as_uint)(x)
#define bits_real(i) LANES(as_float)(i)
#define int_of(u)    LANES(as_int)(u)
#define real_of(u)   LANES(convert_float)(u)
#define whole_of(x)  LANES(convert_uint)(x)
typedef uint uint_lane;
#endif

/* 32-bit words, as many as a real has lanes, whatever its precision */
typedef uint word;
typedef ulong wide;
typedef LANES(uint) words;
typedef LANES(ulong) wides;
#define W(value)          ((words)(value))
#define words_to_wides(w) LANES(convert_ulong)(w)
#define wides_to_words(w) LANES(convert_uint)(w) /* their lower halves */
#ifdef DOUBLE
#define words_to_ints(condition) LANES(convert_long)(condition) /* of a comparison */
#else
#define words_to_ints(condition) (condition)
#endif
#if WIDTH == 1
#define W_LANES 0u
#elif WIDTH == 2
#define W_LANES ((words)(0, 1))
#elif WIDTH == 4
#define W_LANES ((words)(0, 1, 2, 3))
#elif WIDTH == 8
#define W_LANES ((words)(0, 1, 2, 3, 4, 5, 6, 7))
#else
#define W_LANES ((words)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
#endif

#define C(value)        ((real)(value))  /* a constant in every lane */
#define I(value)        ((ints)(value))  /* a signed integer in every lane */
#define U(value)        ((uints)(value)) /* an unsigned integer in every lane */
#define magnitude(x)    fabs(x)
#define with_sign(a, s) copysign(a, s)
/* by way of the wider product, which compilers know better than mul_hi */
#ifdef DOUBLE
#define high_product(a, b) mul_hi(a, b)
#else
#define high_product(a, b) wides_to_words((words_to_wides(a) * words_to_wides(b)) >> 32)
#endif
#if WIDTH == 1
#define any_lane(condition) (condition)
#define LANE_0(v)           (v)
#else
#define any_lane(condition) any(condition)
#define LANE_0(v)           ((v).s0)
#endif

#define FN  static inline /* an elementary function */
#define ACT static inline /* one half of a row of the table */

/* Where the compiler is at work for a CPU. Mesa's goes by way of SPIR-V, and would abort on these
 * built-ins. */
#if defined(__x86_64__) || defined(__aarch64__) || defined(__riscv) || defined(__powerpc64__)
#ifdef __has_builtin
#if __has_builtin(__builtin_prefetch) && __has_builtin(__builtin_nontemporal_store)
#define ON_CPU
#endif
#endif
#endif

/* What a machine does in one instruction and pairs.h spells out for the others, to the same bits:
 * y 2^k, the two parts of x = significand 2^exponent (of 0, infinities and NaN as split has them),
 * the square root rounded right, and the float16 codes of x */
#if defined(ON_CPU) && defined(__AVX512DQ__) && WIDTH == 16 && !defined(DOUBLE)
#if __has_builtin(__builtin_ia32_scalefps512_mask) &&                                              \
    __has_builtin(__builtin_ia32_fpclassps512_mask) &&                                             \
    __has_builtin(__builtin_ia32_getexpps512_mask) &&                                              \
    __has_builtin(__builtin_ia32_getmantps512_mask) && __has_builtin(__builtin_ia32_sqrtps512) &&  \
    __has_builtin(__builtin_ia32_vcvtps2ph512_mask)
#define HAS_MACHINE_FORMS
#define ALL_LANES              ((ushort)0xffff)
#define machine_scale(y, k)    __builtin_ia32_scalefps512_mask(y, k, y, ALL_LANES, 4)
#define IS_NUMBER(x)           ((ushort)~__builtin_ia32_fpclassps512_mask(x, 0x9f, ALL_LANES))
#define machine_exponent(x)    __builtin_ia32_getexpps512_mask(x, C(0.0f), IS_NUMBER(x), 4)
#define machine_significand(x) __builtin_ia32_getmantps512_mask(x, 0, x, IS_NUMBER(x), 4)
#define machine_sqrt(x)        __builtin_ia32_sqrtps512(x, 4)
#define machine_half(x)        __builtin_ia32_vcvtps2ph512_mask(x, 0, (short16)0, ALL_LANES)
#endif
#endif

#else

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef DOUBLE
typedef double scalar;
typedef int64_t ints;
typedef uint64_t uints;
#define fma(a, b, c)    __builtin_fma(a, b, c)
#define magnitude(x)    __builtin_fabs(x)
#define with_sign(a, s) __builtin_copysign(a, s)
#else
typedef float scalar;
typedef int32_t ints;
typedef uint32_t uints;
#define fma(a, b, c)    __builtin_fmaf(a, b, c)
#define magnitude(x)    __builtin_fabsf(x)
#define with_sign(a, s) __builtin_copysignf(a, s)
#endif
typedef scalar real;
typedef uint32_t word, words;
typedef uint64_t wide, wides;
#define W(value)                 ((words)(value))
#define W_LANES                  0u
#define words_to_wides(w)        ((wides)(w))
#define wides_to_words(w)        ((words)(w))
#define words_to_ints(condition) (condition)
#define any_lane(condition)      (condition)
#define LANE_0(v)                (v)
#define whole_of(x)              ((uints)(x))
typedef uints uint_lane;

static inline uints bits_uint(real x) {
    uints u;
    memcpy(&u, &x, sizeof u);
    return u;
}
static inline real bits_real(uints u) {
    real x;
    memcpy(&x, &u, sizeof x);
    return x;
}
static inline uints high_product(uints a, uints b) {
#ifdef DOUBLE
    const uints low = 0xffffffffu, al = a & low, ah = a >> 32, bl = b & low, bh = b >> 32;
    const uints middle = ah * bl + (al * bl >> 32), other = al * bh + (middle & low);
    return ah * bh + (middle >> 32) + (other >> 32);
#else
    return (uints)(((uint64_t)a * b) >> 32);
#endif
}
#define int_of(u)  ((ints)(u))
#define real_of(u) ((real)(u))
#define C(value)   ((real)(value))
#define I(value)   ((ints)(value))
#define U(value)   ((uints)(value))

#define FN  static inline __attribute__((unused))
#define ACT static /* not inline: a formula without a row in the table does not compile */

#endif
#endif
