/* derived.h (L0): parameters of a row as the kernels take them. */
#ifndef CORE_DERIVED_H
#define CORE_DERIVED_H

/* derived = a, b, then 1/a and 1/b as (high, low) float pairs, two spare zeros. A reciprocal is
 * within 2^-48; that of 0 is not used by any formula and comes out as 0. */
void derive_params(const float params[2], float derived[8]);

/* The same for double arithmetic; a reciprocal is within 2^-104. */
void derive_params_f64(const float params[2], double derived[8]);

#endif
