/* kernel.h: what every .cl file stands on; it is compiled once at the head of each program.
 *
 * WIDTH       lanes of a real: a power of two up to 16, in sweep.cl without a mask also 32 and 64
 * FETCH_ROWS  how many rows ahead a CPU is to fetch where it walks down rows, because it would not
 *             see them coming; or 0. Where it does long runs of rows: not 0
 *
 * and for each family F of kernels in clact/tuning.h, powers of two:
 * F_LOCAL    work-items of a work-group, fixed at compile time
 * F_VECTORS  vectors of a row that a work-item does; FORWARD, BACKWARD and SUMS only
 *
 * ACCURATE  if defined, the accurate tier
 * DOUBLE    if defined, double arithmetic
 */
#include "formulas.h"
#include "health.h"
#include "philox.h"
#include "storage.h"

#ifndef FORWARD_LOCAL /* all of them are defined, or none */
#define FORWARD_LOCAL    64
#define FORWARD_VECTORS  4
#define BACKWARD_LOCAL   64
#define BACKWARD_VECTORS 4
#define SUMS_LOCAL       64
#define SUMS_VECTORS     2
#define COLUMNS_LOCAL    64
#define ROWS_LOCAL       64
#define SHORT_ROWS_LOCAL 64
#define FETCH_ROWS       0
#endif

#define KERNEL(family)                                                                             \
    __kernel __attribute__((reqd_work_group_size(PASTE(family, _LOCAL), 1, 1))) void

#if FETCH_ROWS > 0 && defined(ON_CPU)
#define FETCH_AHEAD(p) __builtin_prefetch(p)
#else
#define FETCH_AHEAD(p) (void)(p)
#endif

/* How many elements ahead that is, where a work-item does `vectors` of 16 columns of each row: in a
 * long run so many vectors, and at its end those at the start of the next row's */
#define FETCH_VECTORS 64
#define FETCH_STEP(vector, vectors, ld)                                                            \
    (vectors <= FETCH_VECTORS           ? FETCH_ROWS * (ld)                                        \
     : vector + FETCH_VECTORS < vectors ? 16ul * FETCH_VECTORS                                     \
                                        : (ld)-16ul * (vectors - FETCH_VECTORS))

/* The parameters as the host passes them: a, b, then 1/a and 1/b as (high, low); and with as many
 * other numbers after them */
#ifdef DOUBLE
typedef double8 parameters;
typedef double16 two_parameters;
#else
typedef float8 parameters;
typedef float16 two_parameters;
#endif

/* unit: whether all that the row has are known to be 1 */
FN act_params params_of(const parameters v, const bool unit) {
    act_params p;
    p.a = unit ? C(1.0f) : C(v.s0);
    p.b = unit ? C(1.0f) : C(v.s1);
    p.recip_a = unit ? plain(C(1.0f)) : pair_of(C(v.s2), C(v.s3));
    p.recip_b = unit ? plain(C(1.0f)) : pair_of(C(v.s4), C(v.s5));
    p.unit = unit ? I(-1) : I(0);
    return p;
}
