/* kernel.h: what every .cl file stands on; it is compiled once at the head of each program.
 *
 * WIDTH     lanes of a real
 * LOCAL     work-items of a work-group, fixed at compile time
 *
 * For kernels that walk down rows, to sum them:
 * SUM_LOCAL    work-items of a work-group
 * SUM_VECTORS  vectors of a row that a work-item does, a multiple of 8
 * FETCH_ROWS   how many rows ahead a CPU is to fetch, because it would not see them coming; or 0
 *
 * ACCURATE  if defined, the accurate tier
 * DOUBLE    if defined, double arithmetic
 */
#include "formulas.h"
#include "health.h"
#include "philox.h"
#include "storage.h"

#ifndef LOCAL
#define LOCAL 64
#endif

#ifndef SUM_LOCAL
#define SUM_LOCAL 64
#endif
#ifndef SUM_VECTORS
#define SUM_VECTORS 8
#endif
#ifndef FETCH_ROWS
#define FETCH_ROWS 0
#endif

#define KERNEL     __kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1))) void
#define SUM_KERNEL __kernel __attribute__((reqd_work_group_size(SUM_LOCAL, 1, 1))) void

/* Only where the compiler is at work for a CPU: Mesa's, by way of SPIR-V, would abort. */
#if defined(__x86_64__) || defined(__aarch64__) || defined(__riscv) || defined(__powerpc64__)
#if FETCH_ROWS > 0 && defined(__has_builtin)
#if __has_builtin(__builtin_prefetch)
#define FETCH_AHEAD(p) __builtin_prefetch(p)
#endif
#endif
#endif
#ifndef FETCH_AHEAD
#define FETCH_AHEAD(p) (void)(p)
#endif

/* The parameters as the host passes them: a, b, then 1/a and 1/b as (high, low); and with as many
 * other numbers after them */
#ifdef DOUBLE
typedef double8 parameters;
typedef double16 two_parameters;
#else
typedef float8 parameters;
typedef float16 two_parameters;
#endif

FN act_params params_of(const parameters v) {
    act_params p;
    p.a = C(v.s0);
    p.b = C(v.s1);
    p.recip_a = pair_of(C(v.s2), C(v.s3));
    p.recip_b = pair_of(C(v.s4), C(v.s5));
    return p;
}
