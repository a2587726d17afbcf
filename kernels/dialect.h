/* dialect.h: the one place where C11 and OpenCL C 1.2 meet; all other kernel headers are neutral.
 *
 * real, ints, uints and words hold WIDTH lanes in OpenCL C (default 1) and one in C. They are float
 * and 32-bit integers, or double and 64-bit integers where DOUBLE is defined; words are of 32 and
 * wides of 64 bits in both. word, wide and uint_lane are one lane of these and of a uints.
 * A part is a real of 16 lanes at most, as part_words and part_wides are.
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

/* Vectors wider than the machine's are passed to functions by another convention than where it has
 * them; no such call leaves a program. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wpsabi"
#endif

/* Where the compiler is at work for a CPU. Mesa's goes by way of SPIR-V, and would abort on these
 * built-ins. */
#if defined(__x86_64__) || defined(__aarch64__) || defined(__riscv) || defined(__powerpc64__)
#ifdef __has_builtin
#if __has_builtin(__builtin_prefetch) && __has_builtin(__builtin_nontemporal_store) &&             \
    __has_builtin(__builtin_convertvector) && __has_builtin(__builtin_astype)
#define ON_CPU
#endif
#endif
#endif

#ifndef WIDTH
#define WIDTH 1
#endif

/* OpenCL C has vectors of 16 at most. For a CPU a real of more is ABREAST of them side by side, its
 * parts: one chain of operations that wait for each other leaves most of a core idle. Where the
 * compiler has no such vectors they are done one by one. */
#if WIDTH == 64
#define ABREAST 4
#elif WIDTH == 32
#define ABREAST 2
#else
#define ABREAST 1
#endif
#if WIDTH > 16 && !defined(ON_CPU)
#undef WIDTH
#define WIDTH 16
#endif
#define PARTS (WIDTH > 16 ? WIDTH / 16 : 1)

/* LANES(name): the type or function `name` for the lanes of a part */
#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#if WIDTH == 1
#define LANES(name) name
#elif WIDTH > 16
#define LANES(name) PASTE(name, 16)
#else
#define LANES(name) PASTE(name, WIDTH)
#endif

#if WIDTH > 16
#define LANES_TYPE(type, name)  typedef type name __attribute__((ext_vector_type(WIDTH)))
#define AS_LANES(x, type, name) __builtin_astype(x, name)
#define TO_LANES(x, type, name) __builtin_convertvector(x, name)
#else
#define LANES_TYPE(type, name)  typedef LANES(type) name
#define AS_LANES(x, type, name) LANES(as_##type)(x)
#define TO_LANES(x, type, name) LANES(convert_##type)(x)
#endif

#ifdef DOUBLE
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
typedef double scalar;
LANES_TYPE(double, real);
LANES_TYPE(long, ints);
LANES_TYPE(ulong, uints);
#define bits_uint(x) AS_LANES(x, ulong, uints)
#define bits_real(i) AS_LANES(i, double, real)
#define int_of(u)    TO_LANES(u, long, ints)
#define real_of(u)   TO_LANES(u, double, real)
#define whole_of(x)  TO_LANES(x, ulong, uints)
typedef LANES(double) part;
typedef ulong uint_lane;
#else
typedef float scalar;
LANES_TYPE(float, real);
LANES_TYPE(int, ints);
LANES_TYPE(uint, uints);
#define bits_uint(x) AS_LANES(x, uint, uints)
#define bits_real(i) AS_LANES(i, float, real)
#define int_of(u)    TO_LANES(u, int, ints)
#define real_of(u)   TO_LANES(u, float, real)
#define whole_of(x)  TO_LANES(x, uint, uints)
typedef LANES(float) part;
typedef uint uint_lane;
#endif

/* 32-bit words, as many as a real has lanes, whatever its precision */
typedef uint word;
typedef ulong wide;
LANES_TYPE(uint, words);
LANES_TYPE(ulong, wides);
#define W(value)          ((words)(value))
#define words_to_wides(w) TO_LANES(w, ulong, wides)
#define wides_to_words(w) TO_LANES(w, uint, words) /* their lower halves */
#ifdef DOUBLE
#define words_to_ints(condition) TO_LANES(condition, long, ints) /* of a comparison */
#else
#define words_to_ints(condition) (condition)
#endif

/* Words and wides of the lanes of a part alone */
typedef LANES(uint) part_words;
typedef LANES(ulong) part_wides;
#define P(value)         ((part_words)(value))
#define part_to_wides(w) LANES(convert_ulong)(w)
#define part_to_words(w) LANES(convert_uint)(w) /* their lower halves */
#if WIDTH == 1
#define P_LANES 0u
#elif WIDTH == 2
#define P_LANES ((words)(0, 1))
#elif WIDTH == 4
#define P_LANES ((words)(0, 1, 2, 3))
#elif WIDTH == 8
#define P_LANES ((words)(0, 1, 2, 3, 4, 5, 6, 7))
#else
#define P_LANES ((part_words)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
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

/* An elementary function, half of a row of the table, and what hardly ever runs. On a CPU a call in
 * a loop would be dear, because it puts all vectors on the stack, and compilers are not always
 * afraid of it. */
#if defined(ON_CPU) && defined(__OPTIMIZE__)
#define FN     static inline __attribute__((always_inline))
#define SELDOM static __attribute__((noinline))
#else
#define FN     static inline
#define SELDOM FN
#endif
#define ACT FN

/* ROUNDED_DIVISION: that / rounds right, as it does in C and in double everywhere; of a device the
 * host says so, and tells its compiler. SPELLED_OUT leaves out this and the machine's own forms. */
#ifdef SPELLED_OUT
#undef ROUNDED_DIVISION
#endif
#if defined(DOUBLE) && !defined(ROUNDED_DIVISION)
#define ROUNDED_DIVISION
#endif

/* What a machine does in one instruction and pairs.h spells out for the others, to the same bits:
 * y 2^k, the two parts of x = significand 2^exponent (of 0, infinities and NaN as split has them),
 * the square root rounded right, and the float16 codes of x; all of a part */
#if !defined(SPELLED_OUT) && defined(ON_CPU) && defined(__AVX512DQ__) && WIDTH >= 16 &&            \
    !defined(DOUBLE)
#if __has_builtin(__builtin_ia32_scalefps512_mask) &&                                              \
    __has_builtin(__builtin_ia32_fpclassps512_mask) &&                                             \
    __has_builtin(__builtin_ia32_getexpps512_mask) &&                                              \
    __has_builtin(__builtin_ia32_getmantps512_mask) && __has_builtin(__builtin_ia32_sqrtps512) &&  \
    __has_builtin(__builtin_ia32_vcvtps2ph512_mask)
#define HAS_MACHINE_FORMS
#define ALL_LANES           ((ushort)0xffff)
#define IS_NUMBER(x)        ((ushort)~__builtin_ia32_fpclassps512_mask(x, 0x9f, ALL_LANES))
#define part_scale(y, k)    __builtin_ia32_scalefps512_mask(y, k, y, ALL_LANES, 4)
#define part_exponent(x)    __builtin_ia32_getexpps512_mask(x, (part)(0.0f), IS_NUMBER(x), 4)
#define part_significand(x) __builtin_ia32_getmantps512_mask(x, 0, x, IS_NUMBER(x), 4)
#define part_sqrt(x)        __builtin_ia32_sqrtps512(x, 4)
#define part_half(x)        __builtin_ia32_vcvtps2ph512_mask(x, 0, (short16)0, ALL_LANES)
#endif
#endif

/* A function of parts made one of reals */
#if WIDTH == 64
#define OF_PARTS_1(type, f, x) ((type)(f(x.lo.lo), f(x.lo.hi), f(x.hi.lo), f(x.hi.hi)))
#define OF_PARTS_2(type, f, x, y)                                                                  \
    ((type)(f(x.lo.lo, y.lo.lo), f(x.lo.hi, y.lo.hi), f(x.hi.lo, y.hi.lo), f(x.hi.hi, y.hi.hi)))
#define OF_PARTS_3(type, f, x, y, z)                                                               \
    ((type)(f(x.lo.lo, y.lo.lo, z.lo.lo), f(x.lo.hi, y.lo.hi, z.lo.hi),                            \
            f(x.hi.lo, y.hi.lo, z.hi.lo), f(x.hi.hi, y.hi.hi, z.hi.hi)))
#elif WIDTH == 32
#define OF_PARTS_1(type, f, x)       ((type)(f(x.lo), f(x.hi)))
#define OF_PARTS_2(type, f, x, y)    ((type)(f(x.lo, y.lo), f(x.hi, y.hi)))
#define OF_PARTS_3(type, f, x, y, z) ((type)(f(x.lo, y.lo, z.lo), f(x.hi, y.hi, z.hi)))
#else
#define OF_PARTS_1(type, f, x)    f(x)
#define OF_PARTS_2(type, f, x, y) f(x, y)
#endif

/* The square root rounded right, where the language promises it together with the division */
#if defined(HAS_MACHINE_FORMS)
#define ROUNDED_ROOT(x) machine_sqrt(x)
#elif defined(ROUNDED_DIVISION) && !defined(DOUBLE)
#define ROUNDED_ROOT(x) OF_PARTS_1(real, sqrt, x)
#endif

#ifdef HAS_MACHINE_FORMS
FN real machine_scale(real y, real k) {
    return OF_PARTS_2(real, part_scale, y, k);
}
FN real machine_exponent(real x) {
    return OF_PARTS_1(real, part_exponent, x);
}
FN real machine_significand(real x) {
    return OF_PARTS_1(real, part_significand, x);
}
FN real machine_sqrt(real x) {
    return OF_PARTS_1(real, part_sqrt, x);
}
#endif

#if WIDTH > 16
FN real __attribute__((overloadable)) fma(real x, real y, real z) {
    return OF_PARTS_3(real, fma, x, y, z);
}
FN real __attribute__((overloadable)) fabs(real x) {
    return OF_PARTS_1(real, fabs, x);
}
FN real __attribute__((overloadable)) copysign(real x, real y) {
    return OF_PARTS_2(real, copysign, x, y);
}
#ifdef DOUBLE
FN uints __attribute__((overloadable)) mul_hi(uints x, uints y) {
    return OF_PARTS_2(uints, mul_hi, x, y);
}
#endif
FN int __attribute__((overloadable)) any(ints x) {
#if WIDTH == 64
    return any(x.lo.lo | x.lo.hi | x.hi.lo | x.hi.hi);
#else
    return any(x.lo | x.hi);
#endif
}
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
typedef words part_words;
typedef wides part_wides;
#define P(value)                 ((words)(value))
#define P_LANES                  0u
#define part_to_wides(w)         ((wides)(w))
#define part_to_words(w)         ((words)(w))
#define W(value)                 ((words)(value))
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

#if defined(DOUBLE) || !defined(SPELLED_OUT)
#define ROUNDED_DIVISION
#endif

#define FN  static inline __attribute__((unused))
#define ACT static /* not inline: a formula without a row in the table does not compile */

#endif
#endif
