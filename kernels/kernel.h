/* kernel.h: what every .cl file stands on; it is compiled once at the head of each program.
 *
 * WIDTH     lanes of a real
 * LOCAL     work-items of a work-group, fixed at compile time
 * ACCURATE  if defined, the accurate tier
 * DOUBLE    if defined, double arithmetic
 */
#include "formulas.h"
#include "storage.h"

#ifndef LOCAL
#define LOCAL 64
#endif

#define KERNEL __kernel __attribute__((reqd_work_group_size(LOCAL, 1, 1))) void

/* The parameters as the host passes them: a, b, then 1/a and 1/b as (high, low) */
#ifdef DOUBLE
typedef double8 parameters;
#else
typedef float8 parameters;
#endif

FN act_params params_of(const parameters v) {
    act_params p;
    p.a = C(v.s0);
    p.b = C(v.s1);
    p.recip_a = pair_of(C(v.s2), C(v.s3));
    p.recip_b = pair_of(C(v.s4), C(v.s5));
    return p;
}
