/* verify_block.h: float32 results of consecutive floats against a reference, in loops for vectors.
 */
#ifndef CLACT_VERIFY_VERIFY_BLOCK_H
#define CLACT_VERIFY_VERIFY_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ulps[i] = the error of got[i] as the reference want[i] shows it: in units of oracle_ulps, NaN if
 * only one of the two is NaN, 0 where nothing is promised. *nothing is the number of those. Returns
 * the bits of the greatest; a NaN's are greater than any number's. */
uint64_t block_ulps(size_t n, const double *want, const float *got, double *ulps, size_t *nothing);

/* Sets ulps[i] = INFINITY where got[i] is a zero of another sign than the float of bits first + i,
 * and want[i] not 0. Returns whether there are any. */
bool block_signs(uint32_t first, size_t n, const double *want, const float *got, double *ulps);

/* What the results for the floats of bits first + i add to a checksum. */
uint64_t block_checksum(uint32_t first, size_t n, const float *got);

#endif
