/* sweep_inputs.c: inputs and gradients for sweep_check.h. */
#include "sweep_check.h"

#include "element.h"

#include <math.h>
#include <string.h>

/* ---- a mixture ---- */

/* Writes the kink and its two neighbours to codes[3]. */
static void list_near(clact_dtype dtype, float kink, uint64_t *codes) {
    uint64_t buffer;
    element_set(dtype, &buffer, 0, (double)kink);
    const uint64_t sign = (uint64_t)1 << (element_format_of(dtype).bits - 1);
    const uint64_t code = element_code(dtype, &buffer, 0);
    const bool zero = (code & ~sign) == 0;
    codes[0] = code;
    codes[1] = zero ? 1 : code + 1;
    codes[2] = zero ? sign | 1 : code - 1;
}

void fill_mixed(const clact_sweep *sweep, const layout *l, void *s, void *dy) {
    const clact_dtype dtype = sweep->dtype;
    const size_t n = l->rows * l->cols;
    const element_format e = element_format_of(dtype);
    const double specials[] = {0.0,         -0.0,      e.least_subnormal, -e.least_subnormal,
                               INFINITY,    -INFINITY, e.least_normal,    -e.least_normal,
                               (double)NAN, 1.0,       e.greatest,        -e.greatest,
                               -1.0};
    const size_t num_specials = sizeof specials / sizeof *specials;
    float kinks[CLACT_MAX_KINKS];
    uint64_t near[3 * CLACT_MAX_KINKS], seed = 7 + n;
    const size_t num_kinks = clact_activation_kinks(sweep->activation, sweep->params, kinks);
    for (size_t k = 0; k < num_kinks; k++)
        list_near(dtype, kinks[k], near + 3 * k);
    for (size_t i = 0; i < n; i++) {
        const uint64_t bits = random_bits(&seed);
        if (i % 4 == 0 && i / 4 < num_specials)
            element_set(dtype, s, i, specials[i / 4]);
        else if (i % 4 == 1 && i / 4 < 3 * num_kinks)
            element_set_code(dtype, s, i, near[i / 4]);
        else if (bits >> 62 == 0)
            element_set_code(dtype, s, i, random_bits(&seed));
        else
            element_set(dtype, s, i, (double)(4.0f * random_normal(&seed)));
    }
    seed = 11 + n;
    for (size_t i = 0; i < n; i++) {
        const int exponent = (int)(random_bits(&seed) % 41) - 20;
        element_set(dtype, dy, i, (double)ldexpf(random_normal(&seed), exponent));
        if (i % 97 == 96) element_set(dtype, dy, i, i % 2 ? (double)INFINITY : (double)NAN);
        if (i % 101 == 100) element_set(dtype, dy, i, 0.0);
    }
}

/* ---- a walk ---- */

enum { NEAR_EXPONENTS = 96, NEAR_EACH = 48, EACH = 4 };

size_t walk_length(clact_dtype dtype) {
    const element_format e = element_format_of(dtype);
    if (e.bits == 16) return (size_t)1 << 16;
    const size_t exponents = (size_t)1 << (e.bits - 1 - e.fraction_bits);
    return 2 * (EACH * exponents + NEAR_EACH * NEAR_EXPONENTS);
}

/* The code at step i: of 16 bits, i; else sign and exponent in turn with a fraction that is 0, all
 * ones, or random. */
static uint64_t walk_code(clact_dtype dtype, size_t i) {
    const element_format e = element_format_of(dtype);
    if (e.bits == 16) return i;
    const size_t exponents = (size_t)1 << (e.bits - 1 - e.fraction_bits);
    const uint64_t sign = (uint64_t)(i & 1) << (e.bits - 1);
    const uint64_t mask = ((uint64_t)1 << e.fraction_bits) - 1;
    uint64_t seed = 31 + i, fraction = random_bits(&seed) & mask, exponent;
    size_t step = i / 2;
    if (step < EACH * exponents) {
        exponent = step / EACH;
        if (step % EACH == 0) fraction = 0;
        if (step % EACH == 1) fraction = mask;
    } else {
        step -= EACH * exponents; /* from 2^-80 to 2^15 */
        exponent = exponents / 2 - 81 + step / NEAR_EACH;
    }
    return sign | exponent << e.fraction_bits | fraction;
}

void fill_walk(const clact_sweep *sweep, const layout *l, void *s, void *dy) {
    const clact_dtype dtype = sweep->dtype;
    const element_format e = element_format_of(dtype);
    const double gradients[] = {
        1.0,         e.least_subnormal, -0.3,        e.greatest, INFINITY, -7.25,    e.least_normal,
        (double)NAN, 0x1p-12,           -e.greatest, 0.0,        1000.0,   -INFINITY};
    const size_t count = sizeof gradients / sizeof *gradients;
    for (size_t row = 0; row < l->rows; row++) {
        for (size_t i = 0; i < l->cols; i++) {
            const size_t at = row * l->cols + i;
            const double g = row == 0 ? 1.0 : gradients[(i + 5 * row) % count];
            element_set_code(dtype, s, at, walk_code(dtype, i));
            element_set(dtype, dy, at, g);
        }
    }
}
