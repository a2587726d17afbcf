/* element.c: one number as an element of any type; see element.h. */
#include "element.h"

#include "half.h"

#include <math.h>
#include <string.h>

/* To float32, inexact results with an odd last bit. They lie on no tie of a shorter type and on the
 * right side of each, so that rounding once more gives what one rounding of value would, as float32
 * has more than two bits more than either (S. Boldo, G. Melquiond: When double rounding is odd,
 * 2005). */
static float float_with_odd_end(double value) {
    float rounded = (float)value;
    uint32_t bits;
    if (isnan(value) || (double)rounded == value) return rounded;
    memcpy(&bits, &rounded, sizeof bits);
    if (fabs((double)rounded) > fabs(value)) bits--; /* toward zero: from infinity too */
    bits |= 1;
    memcpy(&rounded, &bits, sizeof bits);
    return rounded;
}

double element_load(clact_dtype dtype, const void *at) {
    double wide = 0.0;
    float narrow = 0.0f;
    uint16_t code = 0;
    switch (dtype) {
    case CLACT_F16:
        memcpy(&code, at, sizeof code);
        return (double)half_to_float(code);
    case CLACT_BF16:
        memcpy(&code, at, sizeof code);
        return (double)bfloat_to_float(code);
    case CLACT_F32:
        memcpy(&narrow, at, sizeof narrow);
        return (double)narrow;
    case CLACT_F64:
        memcpy(&wide, at, sizeof wide);
        break;
    }
    return wide;
}

void element_store(clact_dtype dtype, double value, void *at) {
    const float narrow = (float)value;
    uint16_t code = 0;
    switch (dtype) {
    case CLACT_F16:
        code = half_from_float(float_with_odd_end(value));
        memcpy(at, &code, sizeof code);
        break;
    case CLACT_BF16:
        code = bfloat_from_float(float_with_odd_end(value));
        memcpy(at, &code, sizeof code);
        break;
    case CLACT_F32:
        memcpy(at, &narrow, sizeof narrow);
        break;
    case CLACT_F64:
        memcpy(at, &value, sizeof value);
        break;
    }
}
