/* half.h: float32 to and from the codes of float16 and bfloat16, by integers alone.
 *
 * To a code: rounded to nearest, ties to even, subnormals kept, beyond the greatest to infinity; a
 * NaN becomes a quiet NaN of its sign. From a code: exact; a NaN comes out quiet.
 */
#ifndef CLACT_VERIFY_HALF_H
#define CLACT_VERIFY_HALF_H

#include <stdint.h>

uint16_t half_from_float(float value);
float half_to_float(uint16_t code);

uint16_t bfloat_from_float(float value);
float bfloat_to_float(uint16_t code);

#endif
