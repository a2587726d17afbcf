/* element.c: elements of every type, as codes and as doubles. */
#include "element.h"

#include "verify/half.h"

#include <float.h>
#include <math.h>
#include <string.h>

element_format element_format_of(clact_dtype dtype) {
    switch (dtype) {
    case CLACT_F16:
        return (element_format){16, 10, 0x1p-24, 0x1p-14, 65504.0};
    case CLACT_BF16:
        return (element_format){16, 7, 0x1p-133, 0x1p-126, 0x1.fep127};
    case CLACT_F64:
        return (element_format){64, 52, 0x1p-1074, 0x1p-1022, DBL_MAX};
    case CLACT_F32:
        break;
    }
    return (element_format){32, 23, 0x1p-149, 0x1p-126, (double)FLT_MAX};
}

uint64_t element_code(clact_dtype dtype, const void *values, size_t i) {
    const size_t size = clact_dtype_size(dtype);
    const unsigned char *at = (const unsigned char *)values + i * size;
    uint16_t code16;
    uint32_t code32;
    uint64_t code;
    switch (size) {
    case 2:
        memcpy(&code16, at, sizeof code16);
        return code16;
    case 4:
        memcpy(&code32, at, sizeof code32);
        return code32;
    default:
        memcpy(&code, at, sizeof code);
        return code;
    }
}

void element_set_code(clact_dtype dtype, void *values, size_t i, uint64_t code) {
    const size_t size = clact_dtype_size(dtype);
    unsigned char *at = (unsigned char *)values + i * size;
    const uint16_t code16 = (uint16_t)code;
    const uint32_t code32 = (uint32_t)code;
    memcpy(at, size == 2 ? (const void *)&code16 : size == 4 ? (const void *)&code32 : &code, size);
}

double element_value(clact_dtype dtype, const void *values, size_t i) {
    const uint64_t code = element_code(dtype, values, i);
    const uint32_t code32 = (uint32_t)code;
    float single;
    double value;
    switch (dtype) {
    case CLACT_F16:
        return (double)half_to_float((uint16_t)code);
    case CLACT_BF16:
        return (double)bfloat_to_float((uint16_t)code);
    case CLACT_F32:
        memcpy(&single, &code32, sizeof single);
        return (double)single;
    case CLACT_F64:
        break;
    }
    memcpy(&value, &code, sizeof value);
    return value;
}

void element_set(clact_dtype dtype, void *values, size_t i, double value) {
    const float single = (float)value;
    uint32_t code32;
    uint64_t code;
    switch (dtype) {
    case CLACT_F16:
        code = half_from_float(single);
        break;
    case CLACT_BF16:
        code = bfloat_from_float(single);
        break;
    case CLACT_F32:
        memcpy(&code32, &single, sizeof code32);
        code = code32;
        break;
    default:
        memcpy(&code, &value, sizeof code);
    }
    element_set_code(dtype, values, i, code);
}

bool element_same(clact_dtype dtype, const void *a, size_t i, const void *b, size_t j) {
    return element_code(dtype, a, i) == element_code(dtype, b, j) ||
           (isnan(element_value(dtype, a, i)) && isnan(element_value(dtype, b, j)));
}
