/* dialect.h: the one place where C11 and OpenCL C 1.2 meet; all other kernel headers are neutral.
 *
 * real, ints and uints hold WIDTH lanes in OpenCL C (default 1) and one in C. Comparisons give an
 * ints to be used only in ?: and with & and |, because true is 1 in a scalar and -1 in a lane.
 */
#ifndef DIALECT_H
#define DIALECT_H

#ifdef __OPENCL_VERSION__

#pragma OPENCL FP_CONTRACT OFF

#ifndef WIDTH
#define WIDTH 1
#endif

#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)

#if WIDTH == 1
typedef float real;
typedef int ints;
typedef uint uints;
#define bits_int(x)  as_int(x)
#define bits_uint(x) as_uint(x)
#define bits_real(i) as_float(i)
#define uint_of(i)   as_uint(i)
#define int_of(u)    as_int(u)
#define real_of(u)   convert_float(u)
#else
typedef PASTE(float, WIDTH) real;
typedef PASTE(int, WIDTH) ints;
typedef PASTE(uint, WIDTH) uints;
#define bits_int(x)  PASTE(as_int, WIDTH)(x)
#define bits_uint(x) PASTE(as_uint, WIDTH)(x)
#define bits_real(i) PASTE(as_float, WIDTH)(i)
#define uint_of(i)   PASTE(as_uint, WIDTH)(i)
#define int_of(u)    PASTE(as_int, WIDTH)(u)
#define real_of(u)   PASTE(convert_float, WIDTH)(u)
#endif

#define C(value)           ((real)(value))  /* a float constant in every lane */
#define I(value)           ((ints)(value))  /* an int in every lane */
#define U(value)           ((uints)(value)) /* a uint in every lane */
#define magnitude(x)       fabs(x)
#define with_sign(a, s)    copysign(a, s)
#define high_product(a, b) mul_hi(a, b)

#define FN  static inline /* an elementary function */
#define ACT static inline /* one half of a row of the table */

#else

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef float real;
typedef int32_t ints;
typedef uint32_t uints;

static inline ints bits_int(real x) {
    ints i;
    memcpy(&i, &x, sizeof i);
    return i;
}
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
#define uint_of(i)      ((uints)(i))
#define int_of(u)       ((ints)(u))
#define real_of(u)      ((real)(u))
#define C(value)        ((real)(value))
#define I(value)        ((ints)(value))
#define U(value)        ((uints)(value))
#define fma(a, b, c)    __builtin_fmaf(a, b, c)
#define magnitude(x)    __builtin_fabsf(x)
#define with_sign(a, s) __builtin_copysignf(a, s)
static inline uints high_product(uints a, uints b) {
    return (uints)(((uint64_t)a * b) >> 32);
}

#define FN  static inline __attribute__((unused))
#define ACT static /* not inline: a formula without a row in the table does not compile */

#endif
#endif
