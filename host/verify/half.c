/* half.c: float32 to and from the codes of float16 and bfloat16, by integers alone. */
#include "half.h"

#include <string.h>

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* value / 2^shift, to nearest, ties to even; shift from 1 to 31. */
static uint32_t shift_to_nearest(uint32_t value, unsigned shift) {
    const uint32_t kept = value >> shift, lost = value & ((1u << shift) - 1);
    const uint32_t tie = 1u << (shift - 1);
    return kept + (lost > tie || (lost == tie && (kept & 1)));
}

uint16_t half_from_float(float value) {
    const uint32_t bits = bits_of(value), magnitude = bits & 0x7fffffffu;
    const uint32_t sign = bits >> 16 & 0x8000u;
    if (magnitude > 0x7f800000u) return (uint16_t)(sign | 0x7e00u | (magnitude >> 13 & 0x1ffu));
    if (magnitude >= 0x47800000u) return (uint16_t)(sign | 0x7c00u); /* 2^16 and more */
    if (magnitude < 0x33000000u) return (uint16_t)sign;              /* less than 2^-25 */
    /* A carry out of the significand raises the exponent, up to infinity: as it should. */
    if (magnitude >= 0x38800000u)
        return (uint16_t)(sign | shift_to_nearest(magnitude - 0x38000000u, 13));
    const uint32_t significand = (magnitude & 0x7fffffu) | 0x800000u;
    return (uint16_t)(sign | shift_to_nearest(significand, 126 - (magnitude >> 23)));
}

float half_to_float(uint16_t code) {
    const uint32_t sign = (code & 0x8000u) << 16, exponent = code >> 10 & 31u;
    const uint32_t low = code & 0x3ffu;
    if (exponent == 31)
        return float_of(sign | 0x7f800000u | low << 13 | (low != 0 ? 0x400000u : 0));
    if (exponent != 0) return float_of(sign | (exponent + 112) << 23 | low << 13);
    const float magnitude = (float)low * 0x1p-24f;
    return sign ? -magnitude : magnitude;
}

uint16_t bfloat_from_float(float value) {
    const uint32_t bits = bits_of(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return (uint16_t)(bits >> 16 | 0x40u);
    return (uint16_t)shift_to_nearest(bits, 16);
}

float bfloat_to_float(uint16_t code) {
    const uint32_t bits = (uint32_t)code << 16;
    return float_of((bits & 0x7fffffffu) > 0x7f800000u ? bits | 0x400000u : bits);
}
