/* polynomials.h: every polynomial and every irrational constant of the kernels, float and double.
 *
 * Each section gives what is approximated, where, the degree of the tail in float and in double,
 * and the relative error of the whole sum there in each, with the coefficients as rounded and the
 * sum evaluated exactly. The tails are Horner schemes with fma, in float often of lines side by
 * side; what stands before a tail is left to the caller, who has it as a pair. Every macro is a
 * real; NAME_H and NAME_L are a pair: the constant rounded, and the rounded remainder.
 * polynomials.sollya computes and measures all this.
 */
#ifndef POLYNOMIALS_H
#define POLYNOMIALS_H

#include "dialect.h"

/* a + s b + s^2 c + s^3 d: with s the square of the argument, four lines of a polynomial in a
 * shorter chain than Horner's */
FN real four_lines(real s, real a, real b, real c, real d) {
    return fma(s * s, fma(s, d, c), fma(s, b, a));
}

/* ---- constants ---- */

/* log 2. LN2_H has 21 bits in float, where fma(-k, LN2_H, x) is exact for |k| <= 400 and k next to
 * x / log 2; it has 41 bits in double, where k * LN2_H is exact by itself for |k| <= 4096. */
#define LN2_H C(BY_TYPE(0x1.62e43p-1f, 0x1.62e42fefa4p-1))
#define LN2_L C(BY_TYPE(-0x1.05c61p-29f, -0x1.8432a1b0e2634p-43))

/* 1 / log 2, pi / 2, sqrt 2, 1/6, 1/3 */
#define LOG2E     C(BY_TYPE(0x1.715476p0f, 0x1.71547652b82fep0))
#define HALF_PI_H C(BY_TYPE(0x1.921fb6p0f, 0x1.921fb54442d18p0))
#define HALF_PI_L C(BY_TYPE(-0x1.777a5cp-25f, 0x1.1a62633145c07p-54))
#define SQRT2_H   C(BY_TYPE(0x1.6a09e6p0f, 0x1.6a09e667f3bcdp0))
#define SQRT2_L   C(BY_TYPE(0x1.9fcef4p-26f, -0x1.bdd3413b26456p-54))
#define SIXTH_H   C(BY_TYPE(0x1.555556p-3f, 0x1.5555555555555p-3))
#define SIXTH_L   C(BY_TYPE(-0x1.555556p-28f, 0x1.5555555555555p-57))
#define THIRD_H   C(BY_TYPE(0x1.555556p-2f, 0x1.5555555555555p-2))
#define THIRD_L   C(BY_TYPE(-0x1.555556p-27f, 0x1.5555555555555p-56))

/* lambda = 1.0507009873554804934193349852946, alpha = 1.6732632423543772848170429916717 */
#define SELU_LAMBDA_H       C(BY_TYPE(0x1.0cfabep0f, 0x1.0cfabd6a91132p0))
#define SELU_LAMBDA_L       C(BY_TYPE(-0x1.2adddap-25f, 0x1.6fc7d272f2695p-55))
#define SELU_LAMBDA_ALPHA_H C(BY_TYPE(0x1.c212ccp0f, 0x1.c212cc640f031p0))
#define SELU_LAMBDA_ALPHA_L C(BY_TYPE(0x1.903c0cp-26f, 0x1.05161b045a1fep-56))

/* 1.702 */
#define QUICK_GELU_BETA_H C(BY_TYPE(0x1.b3b646p0f, 0x1.b3b645a1cac08p0))
#define QUICK_GELU_BETA_L C(BY_TYPE(-0x1.78d4fep-26f, 0x1.89374bc6a7efap-55))

/* c1 = 2 sqrt(2 / pi), c3 = 0.044715 c1. C1_H is a multiple of 2^-19 (2^-46 in double): a sum of
 * it and a number not below 0 stays exact up to 16 (64) when C1_H is taken off again. */
#define GELU_TANH_C1_H C(BY_TYPE(0x1.98846p0f, 0x1.9884533d4364p0))
#define GELU_TANH_C1_L C(BY_TYPE(-0x1.985794p-21f, 0x1.08d0fcb3c500cp-48))
#define GELU_TANH_C3_H C(BY_TYPE(0x1.2444f2p-4f, 0x1.2444f2a4d8b4bp-4))
#define GELU_TANH_C3_L C(BY_TYPE(0x1.49b16ap-29f, -0x1.6c843a29d1c7p-61))

/* a0 with silu'(-a0) = 0, and e^-a0 = a0 - 1 */
#define SILU_ZERO_H   C(BY_TYPE(0x1.474974p0f, 0x1.474973c84120bp0))
#define SILU_ZERO_L   C(BY_TYPE(-0x1.bdf6fap-27f, 0x1.f8d74bc9ac154p-54))
#define SILU_ZERO_E_H C(BY_TYPE(0x1.1d25dp-2f, 0x1.1d25cf210482ep-2))
#define SILU_ZERO_E_L C(BY_TYPE(-0x1.bdf6fap-27f, -0x1.ca2d0d94faaecp-60))

/* ---- exponential and logarithm ---- */

/* e^r = 1 + r + r^2 (1/2 + r exp_tail(r)), |r| <= 0.3467, s = r^2: degrees 4 and 9, relative errors
 * 2^-33.2 and 2^-63.7; in float's fast tier degree 3, 2^-28.0 */
FN real exp_tail(real r, real s) {
#ifdef DOUBLE
    (void)s;
    real q = fma(r, C(0x1.1e4916be3071p-29), C(0x1.af66d8dff879fp-26));
    q = fma(r, fma(r, q, C(0x1.27e5a1184d9adp-22)), C(0x1.71ddf377a5659p-19));
    q = fma(r, fma(r, q, C(0x1.a01a0148c04b5p-16)), C(0x1.a01a01b1ea474p-13));
    q = fma(r, fma(r, q, C(0x1.6c16c16c28f99p-10)), C(0x1.111111110f15cp-7));
    return fma(r, fma(r, q, C(0x1.555555555552cp-5)), C(0x1.555555555555ap-3));
#elif defined(ACCURATE)
    real q = fma(r, C(0x1.9e135p-13f), C(0x1.6d4f58p-10f));
    return fma(r, fma(s, q, fma(r, C(0x1.111304p-7f), C(0x1.5554e6p-5f))), C(0x1.555554p-3f));
#else
    real q = fma(r, C(0x1.6b7ecp-10f), C(0x1.123208p-7f));
    return fma(s, q, fma(r, C(0x1.55567ep-5f), C(0x1.5554ap-3f)));
#endif
}

/* log(1 + u) = u + u^2 log1p_tail(u), u in [-1/4, 1/2]: degrees 8 and 21, relative errors
 * 2^-26.4 and 2^-61.8. In float it is 2^-28.4 for u > 0, and for u < 0 relative to log(2 + 2u). */
FN real log1p_tail(real u) {
#ifdef DOUBLE
    real q = fma(u, C(0x1.94b2109987f15p-8), C(-0x1.88d4320a52c89p-6));
    q = fma(u, fma(u, q, C(0x1.67bb80dc02bf9p-5)), C(-0x1.b84eafe6a5dbcp-5));
    q = fma(u, fma(u, q, C(0x1.c35ec7c08b6b9p-5)), C(-0x1.c8ef2590eb696p-5));
    q = fma(u, fma(u, q, C(0x1.dfacf4ebb84bp-5)), C(-0x1.ff540324bb1a5p-5));
    q = fma(u, fma(u, q, C(0x1.111abe530bd6cp-4)), C(-0x1.2499afa4fbb18p-4));
    q = fma(u, fma(u, q, C(0x1.3b13f77b90724p-4)), C(-0x1.5555044863bb5p-4));
    q = fma(u, fma(u, q, C(0x1.745d0ee3ad1fcp-4)), C(-0x1.99999b82adf8fp-4));
    q = fma(u, fma(u, q, C(0x1.c71c720df071p-4)), C(-0x1.fffffff9b956p-4));
    q = fma(u, fma(u, q, C(0x1.249249240699bp-3)), C(-0x1.555555555a729p-3));
    q = fma(u, fma(u, q, C(0x1.999999999a904p-3)), C(-0x1.fffffffffffcdp-3));
    return fma(u, fma(u, q, C(0x1.5555555555551p-2)), C(-0x1p-1));
#else
    real a = fma(u, C(-0x1.fffc34p-3f), C(0x1.5555bep-2f));
    real b = fma(u, C(-0x1.553ecp-3f), C(0x1.995b9ep-3f));
    real c = fma(u, C(-0x1.0c5f64p-3f), C(0x1.29b184p-3f));
    real d = fma(u, C(-0x1.538ecap-5f), C(0x1.9ca226p-4f));
    return fma(u, four_lines(u * u, a, b, c, d), C(-0x1.000004p-1f));
#endif
}

/* log(1 + E) = t (1 + y atanh_tail(y)), t = 2E / (2 + E), y = t^2, E in [0, 1]: degrees 4 and 11,
 * relative errors 2^-31.7 and 2^-65.9 */
FN real atanh_tail(real y) {
#ifdef DOUBLE
    real q = fma(y, C(0x1.66cd35969571dp-28), C(0x1.8877844f84ec3p-28));
    q = fma(y, fma(y, q, C(0x1.a9eae5d330826p-25)), C(0x1.aa17c996e1ee6p-23));
    q = fma(y, fma(y, q, C(0x1.e25cc77955244p-21)), C(0x1.110d114b484b5p-18));
    q = fma(y, fma(y, q, C(0x1.3b13df1114e9ep-16)), C(0x1.745d15e27bfd1p-14));
    q = fma(y, fma(y, q, C(0x1.c71c71ce1cdecp-12)), C(0x1.249249248796cp-9));
    return fma(y, fma(y, q, C(0x1.9999999999aaep-7)), C(0x1.5555555555555p-4));
#else
    real q = C(0x1.e1607p-14f);
    q = fma(y, fma(y, q, C(0x1.bb241cp-12f)), C(0x1.24d7d8p-9f));
    return fma(y, fma(y, q, C(0x1.999864p-7f)), C(0x1.555556p-4f));
#endif
}

/* ---- sine and cosine ---- */

/* sin r = r + r s (c0 + s sine_tail(s)), s = r^2, |r| <= pi/4: degrees 2 and 5, relative errors
 * 2^-31.0 and 2^-62.8 */
#define SINE_C0 C(BY_TYPE(-0x1.555556p-3f, -0x1.5555555555555p-3))
FN real sine_tail(real s) {
#ifdef DOUBLE
    real q = C(-0x1.a55ccb91f3195p-41);
    q = fma(s, fma(s, q, C(0x1.6114a621121adp-33)), C(-0x1.ae643d442006dp-26));
    q = fma(s, fma(s, q, C(0x1.71de3a40199a1p-19)), C(-0x1.a01a01a006d8bp-13));
    return fma(s, q, C(0x1.111111111108bp-7));
#else
    real q = fma(s, C(0x1.874ad8p-19f), C(-0x1.a082bep-13f));
    return fma(s, q, C(0x1.111198p-7f));
#endif
}

/* cos r = 1 - s/2 + s^2 cosine_tail(s), s = r^2, |r| <= pi/4: degrees 3 and 5, relative errors
 * 2^-33.4 and 2^-63.9 */
FN real cosine_tail(real s) {
#ifdef DOUBLE
    real q = fma(s, C(-0x1.8fa6a8a7d8669p-37), C(0x1.1ee9dc12c88adp-29));
    q = fma(s, fma(s, q, C(-0x1.27e4f7f1ee922p-22)), C(0x1.a01a019c8f945p-16));
    return fma(s, fma(s, q, C(-0x1.6c16c16c15018p-10)), C(0x1.555555555554bp-5));
#else
    real q = fma(s, C(-0x1.57f7f8p-22f), C(0x1.a0f2bap-16f));
    return fma(s, fma(s, q, C(-0x1.6c17d2p-10f)), C(0x1.555556p-5f));
#endif
}

/* Word i of a string of bits: 32 at a time, 64 zeros and the first 256 bits of 2/pi; in double 64
 * at a time, 128 zeros and the first 1408 bits of 2/pi */
#ifdef DOUBLE
#define TWO_OVER_PI(i)                                                                             \
    ((i) == 2    ? 0xA2F9836E4E441529ul                                                            \
     : (i) == 3  ? 0xFC2757D1F534DDC0ul                                                            \
     : (i) == 4  ? 0xDB6295993C439041ul                                                            \
     : (i) == 5  ? 0xFE5163ABDEBBC561ul                                                            \
     : (i) == 6  ? 0xB7246E3A424DD2E0ul                                                            \
     : (i) == 7  ? 0x06492EEA09D1921Cul                                                            \
     : (i) == 8  ? 0xFE1DEB1CB129A73Eul                                                            \
     : (i) == 9  ? 0xE88235F52EBB4484ul                                                            \
     : (i) == 10 ? 0xE99C7026B45F7E41ul                                                            \
     : (i) == 11 ? 0x3991D639835339F4ul                                                            \
     : (i) == 12 ? 0x9C845F8BBDF9283Bul                                                            \
     : (i) == 13 ? 0x1FF897FFDE05980Ful                                                            \
     : (i) == 14 ? 0xEF2F118B5A0A6D1Ful                                                            \
     : (i) == 15 ? 0x6D367ECF27CB09B7ul                                                            \
     : (i) == 16 ? 0x4F463F669E5FEA2Dul                                                            \
     : (i) == 17 ? 0x7527BAC7EBE5F17Bul                                                            \
     : (i) == 18 ? 0x3D0739F78A5292EAul                                                            \
     : (i) == 19 ? 0x6BFB5FB11F8D5D08ul                                                            \
     : (i) == 20 ? 0x56033046FC7B6BABul                                                            \
     : (i) == 21 ? 0xF0CFBC209AF4361Dul                                                            \
     : (i) == 22 ? 0xA9E391615EE61B08ul                                                            \
     : (i) == 23 ? 0x6599855F14A06840ul                                                            \
                 : 0u)
#else
#define TWO_OVER_PI(i)                                                                             \
    ((i) == 2   ? 0xA2F9836Eu                                                                      \
     : (i) == 3 ? 0x4E441529u                                                                      \
     : (i) == 4 ? 0xFC2757D1u                                                                      \
     : (i) == 5 ? 0xF534DDC0u                                                                      \
     : (i) == 6 ? 0xDB629599u                                                                      \
     : (i) == 7 ? 0x3C439041u                                                                      \
     : (i) == 8 ? 0xFE5163ABu                                                                      \
     : (i) == 9 ? 0xDEBBC561u                                                                      \
                : 0u)
#endif

/* ---- error function and tanhshrink ---- */

/* 2 / sqrt(pi) */
#define ERF_C0_H C(BY_TYPE(0x1.20dd76p0f, 0x1.20dd750429b6dp0))
#define ERF_C0_L C(BY_TYPE(-0x1.f7ac92p-25f, 0x1.1ae3a914fed8p-56))

/* erf(a) = a (c0 + y erf_tail(y)), c0 = ERF_C0, y = a^2, a in [0, 3/4]: degrees 5 and 10,
 * relative errors 2^-32.9 and 2^-63.6 */
FN real erf_tail(real y) {
#ifdef DOUBLE
    real q = C(-0x1.0b6a5d2eebfbbp-30);
    q = fma(y, fma(y, q, C(0x1.f1bfb93d02785p-27)), C(-0x1.5ef87a6a4c7fcp-23));
    q = fma(y, fma(y, q, C(0x1.b9e0670d5b1f1p-20)), C(-0x1.f4d22d9df28d4p-17));
    q = fma(y, fma(y, q, C(0x1.f9a3268adaef7p-14)), C(-0x1.c02db404211acp-11));
    q = fma(y, fma(y, q, C(0x1.565bcd0e8fd66p-8)), C(-0x1.b82ce31289c23p-6));
    return fma(y, fma(y, q, C(0x1.ce2f21a042c18p-4)), C(-0x1.812746b0379e7p-2));
#else
    real q = fma(y, C(0x1.83225ep-14f), C(-0x1.b3ecp-11f));
    q = fma(y, fma(y, q, C(0x1.55b3dap-8f)), C(-0x1.b8235cp-6f));
    return fma(y, fma(y, q, C(0x1.ce2edep-4f)), C(-0x1.812746p-2f));
#endif
}

#define TANHSHRINK_C0_H C(BY_TYPE(0x1.555556p-2f, 0x1.5555555555555p-2))
#define TANHSHRINK_C0_L C(BY_TYPE(-0x1.59dc34p-27f, 0x1.5555555555555p-56))

/* a - tanh(a) = a^3 (c0 + y tanhshrink_tail(y)), c0 = TANHSHRINK_C0 (1/3 in double), y = a^2, a
 * in [0, 1]: degrees 7 and 16, relative errors 2^-31.0 and 2^-62.6 */
FN real tanhshrink_tail(real y) {
#ifdef DOUBLE
    real q = C(-0x1.992fe3c77a40dp-29);
    q = fma(y, fma(y, q, C(0x1.236bc43dbf2ddp-25)), C(-0x1.9d16d107adbf9p-23));
    q = fma(y, fma(y, q, C(0x1.8f70c41232524p-21)), C(-0x1.331d1a380bc9fp-19));
    q = fma(y, fma(y, q, C(0x1.9f67c4253493ep-18)), C(-0x1.085af72715cbp-16));
    q = fma(y, fma(y, q, C(0x1.48d76fcca4f4fp-15)), C(-0x1.965fcb0dcdf28p-14));
    q = fma(y, fma(y, q, C(0x1.f5794b4708221p-13)), C(-0x1.3557ee21f8589p-11));
    q = fma(y, fma(y, q, C(0x1.7da36059a55cdp-10)), C(-0x1.d6d3d0ae5f1e6p-9));
    q = fma(y, fma(y, q, C(0x1.226e355d9b5dbp-7)), C(-0x1.664f4882bd4afp-6));
    return fma(y, fma(y, q, C(0x1.ba1ba1ba1b9a3p-5)), C(-0x1.1111111111111p-3));
#else
    real s = y * y, a = fma(y, C(0x1.ba1a4ep-5f), C(-0x1.11110ep-3f));
    real b = fma(y, C(0x1.213cdp-7f), C(-0x1.6632fcp-6f));
    real c = fma(y, C(0x1.45f2eep-10f), C(-0x1.c8111cp-9f));
    return four_lines(s, a, b, c, fma(y, C(0x1.9801e6p-15f), C(-0x1.62d8e4p-12f)));
#endif
}

/* ---- about the zeros of two derivatives ---- */

/* a0 with mish'(-a0) = 0, E0 = e^-a0, E0 (6 - 4 a0 + 4 E0 + E0^2), E0 (4 + E0) */
#define MISH_ZERO_H   C(BY_TYPE(0x1.31432cp0f, 0x1.31432c0d12d84p0))
#define MISH_ZERO_L   C(BY_TYPE(0x1.a25b08p-29f, 0x1.bf319154da21p-55))
#define MISH_ZERO_E_H C(BY_TYPE(0x1.36c42p-2f, 0x1.36c4202fc3eccp-2))
#define MISH_ZERO_E_L C(BY_TYPE(0x1.7e1f66p-29f, 0x1.6d73a02f8d922p-56))
#define MISH_C0_H     C(BY_TYPE(0x1.8a196p-1f, 0x1.8a19606896c22p-1))
#define MISH_C0_L     C(BY_TYPE(0x1.a25b08p-27f, -0x1.0339baac977bfp-55))
#define MISH_C1_H     C(BY_TYPE(0x1.4e581ap0f, 0x1.4e58197313a7ep0))
#define MISH_C1_L     C(BY_TYPE(-0x1.19d8bp-25f, -0x1.cada88fbf1d51p-55))

/* a0 with gelu_tanh'(-a0) = 0, z0 = z(a0) for z = c1 a + c3 a^3, E0 = e^-z0;
 * z0 - z = (a0 - a) (w0 + a (w1 + a c3)), a0 z'(a0) - a z'(a) = (a0 - a) (n0 + a (n1 + a n2)) */
#define GELU_TANH_ZERO_H   C(BY_TYPE(0x1.8142ap-1f, 0x1.81429f9e97e4dp-1))
#define GELU_TANH_ZERO_L   C(BY_TYPE(-0x1.85a06cp-27f, -0x1.4f523ed77dbdcp-55))
#define GELU_TANH_ZERO_Z_H C(BY_TYPE(0x1.3b2cf8p0f, 0x1.3b2cf738f9ffep0))
#define GELU_TANH_ZERO_Z_L C(BY_TYPE(-0x1.8e0cp-25f, -0x1.0b556131950eap-56))
#define GELU_TANH_ZERO_E_H C(BY_TYPE(0x1.2af64ep-2f, 0x1.2af64e9c485eep-2))
#define GELU_TANH_ZERO_E_L C(BY_TYPE(0x1.3890bep-27f, -0x1.3ca470b477afcp-57))
#define GELU_TANH_W0_H     C(BY_TYPE(0x1.a2dc0cp0f, 0x1.a2dc0b014e208p0))
#define GELU_TANH_W0_L     C(BY_TYPE(-0x1.fd63cp-25f, -0x1.2af8a15dd1a6dp-55))
#define GELU_TANH_W1_H     C(BY_TYPE(0x1.b7d7cp-5f, 0x1.b7d7c0ec5b13ap-5))
#define GELU_TANH_W1_L     C(BY_TYPE(0x1.d8b628p-30f, -0x1.72e4bbafbd846p-61))
#define GELU_TANH_N0_H     C(BY_TYPE(0x1.b78b7ap0f, 0x1.b78b7a8963976p0))
#define GELU_TANH_N0_L     C(BY_TYPE(0x1.12c72ep-25f, 0x1.d70cb410c5286p-54))
#define GELU_TANH_N1_H     C(BY_TYPE(0x1.49e1dp-3f, 0x1.49e1d0b1444ebp-3))
#define GELU_TANH_N1_L     C(BY_TYPE(0x1.62889ep-28f, 0x1.ba751ccf0c773p-57))
#define GELU_TANH_N2_H     C(BY_TYPE(0x1.b6676cp-3f, 0x1.b6676bf7450fp-3))
#define GELU_TANH_N2_L     C(BY_TYPE(-0x1.175e2p-32f, 0x1.bba7351828aabp-57))

/* ---- gelu: P(-a) = e^(-a^2/2) R(a), R(a) = erfcx(a / sqrt 2) / 2 ---- */

#define GELU_SHIFT C(BY_TYPE(3.0f, 5.0))
#define GELU_C0_H  C(BY_TYPE(0x1.754a76p-1f, 0x1.89d3abe1f95aep-1))
#define GELU_C0_L  C(BY_TYPE(-0x1.c735fp-26f, -0x1.06b8402a8f10cp-56))
#define GELU_C1    C(BY_TYPE(-0x1.04c72ap-1f, -0x1.54ad03f27ca18p-1))

/* R(a) (a + s) = c0 + t (c1 + t gelu_tail(t)), c0 = GELU_C0, c1 = GELU_C1, t = (a - s) / (a +
 * s), s = GELU_SHIFT, a in [0, 14.7] (float) and [0, 39.5] (double): degrees 8 and 21, relative
 * errors 2^-28.9 and 2^-61.5 */
FN real gelu_tail(real t) {
#ifdef DOUBLE
    real q = fma(t, C(-0x1.984d9ce10403bp-32), C(-0x1.37e3a33f84d82p-30));
    q = fma(t, fma(t, q, C(0x1.2f6759353bdd5p-29)), C(0x1.703420cdce55ap-27));
    q = fma(t, fma(t, q, C(-0x1.2690fcea3dec5p-27)), C(-0x1.2ccc0dfecba5p-24));
    q = fma(t, fma(t, q, C(0x1.59905e4b1ebd2p-25)), C(0x1.d4616545568f7p-22));
    q = fma(t, fma(t, q, C(-0x1.674c9f31203b7p-22)), C(-0x1.73e0005bd8921p-19));
    q = fma(t, fma(t, q, C(0x1.0b14fbaacba43p-18)), C(0x1.17df0d975592fp-16));
    q = fma(t, fma(t, q, C(-0x1.a170144c79a0fp-15)), C(-0x1.f2149251e4ab6p-15));
    q = fma(t, fma(t, q, C(0x1.1daf1ae2f9173p-11)), C(-0x1.a250377978663p-11));
    q = fma(t, fma(t, q, C(-0x1.88590e986bf4dp-9)), C(0x1.54b4d4f48b59p-6));
    q = fma(t, fma(t, q, C(-0x1.1b1c254ca3f14p-4)), C(0x1.51f6329f01b99p-3));
    return fma(t, fma(t, q, C(-0x1.410ed5f87594dp-2)), C(0x1.fb31653876f89p-2));
#else
    real a = fma(t, C(-0x1.56d6bap-7f), C(-0x1.832c84p-5f));
    real b = fma(t, C(0x1.0ca51p-10f), C(0x1.c8a09ep-8f));
    real c = fma(t, C(-0x1.fe45f4p-13f), C(-0x1.0d7d38p-10f));
    real d = fma(t, C(0x1.b4764p-15f), C(0x1.0ab3dp-13f));
    return fma(t, four_lines(t * t, a, b, c, d), C(0x1.d71386p-3f));
#endif
}

/* a0 with gelu'(-a0) = 0 */
#define GELU_ZERO_H      C(BY_TYPE(0x1.80ead2p-1f, 0x1.80ead197f00b4p-1))
#define GELU_ZERO_L      C(BY_TYPE(-0x1.a03fd4p-27f, -0x1.13e74c58cada8p-56))
#define GELU_SLOPE_SHIFT C(BY_TYPE(4.0f, 5.5))
#define GELU_SLOPE_C0_H  C(BY_TYPE(0x1.d94de8p-2f, 0x1.ca07251d560b1p-2))
#define GELU_SLOPE_C0_L  C(BY_TYPE(-0x1.df24ep-28f, 0x1.61641208889fep-56))
#define GELU_SLOPE_C1    C(BY_TYPE(-0x1.a763p-4f, -0x1.58633275d07e9p-4))

/* (a / sqrt(2 pi) - R(a)) / (a - a0) = c0 + t (c1 + t gelu_slope_tail(t)), a0 = GELU_ZERO, c0 =
 * GELU_SLOPE_C0, c1 = GELU_SLOPE_C1, t = (a - s) / (a + s), s = GELU_SLOPE_SHIFT, a in [0, 21.4]
 * (float) and [0, 55] (double): degrees 8 and 20, relative errors 2^-30.3 and 2^-60.2 */
FN real gelu_slope_tail(real t) {
#ifdef DOUBLE
    real q = C(0x1.9071520b41956p-36);
    q = fma(t, fma(t, q, C(-0x1.5c33620fe7faap-35)), C(-0x1.ac49e652d087cp-32));
    q = fma(t, fma(t, q, C(0x1.d11e085594d2cp-32)), C(0x1.cc7b880d98dbfp-29));
    q = fma(t, fma(t, q, C(-0x1.4454c01883edcp-28)), C(-0x1.8e73bca7cce51p-26));
    q = fma(t, fma(t, q, C(0x1.f50bc020ef47dp-25)), C(0x1.08e20239f2077p-23));
    q = fma(t, fma(t, q, C(-0x1.7273d8a19b1e1p-21)), C(0x1.250055fa95a67p-23));
    q = fma(t, fma(t, q, C(0x1.b1300516cf0abp-18)), C(-0x1.43ca0b4169a9fp-16));
    q = fma(t, fma(t, q, C(-0x1.16b91fc91e9ep-17)), C(0x1.214dfd34a54c1p-12));
    q = fma(t, fma(t, q, C(-0x1.564d5abd51628p-10)), C(0x1.0cc2fa51c3326p-8));
    q = fma(t, fma(t, q, C(-0x1.4be895aa2286fp-7)), C(0x1.57705a92b8a74p-6));
    return fma(t, fma(t, q, C(-0x1.339f593c09d08p-5)), C(0x1.e695c704c83fep-5));
#else
    real a = fma(t, C(0x1.377814p-7f), C(-0x1.cc1e22p-6f));
    real b = fma(t, C(-0x1.47f34ep-13f), C(-0x1.d4c95ap-10f));
    real c = fma(t, C(-0x1.c3214cp-17f), C(0x1.84e2ep-13f));
    real d = fma(t, C(-0x1.3ff09ep-26f), C(-0x1.1179a8p-16f));
    return fma(t, four_lines(t * t, a, b, c, d), C(0x1.ef4fecp-5f));
#endif
}

#endif
