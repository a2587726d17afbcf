/* numbers.c: an array of numbers as a file holds it; see numbers.h. */
#include "numbers.h"

#include "element.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As NumPy does it, a zero elsewhere does not excuse extents whose product is too large. */
bool numbers_count(numbers *array) {
    size_t product = 1;
    bool is_empty = false;
    for (int i = 0; i < array->ndim; i++) {
        if (array->shape[i] == 0)
            is_empty = true;
        else if (product > SIZE_MAX / 2 / array->size / array->shape[i])
            return false;
        else
            product *= array->shape[i];
    }
    array->count = is_empty ? 0 : product;
    return true;
}

static uint64_t load_bits(const unsigned char *bytes, size_t size, bool is_big_endian) {
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits = bits << 8 | bytes[is_big_endian ? i : size - 1 - i];
    return bits;
}

static double float_of(uint64_t bits, size_t size) {
    const uint16_t half = (uint16_t)bits;
    const uint32_t word = (uint32_t)bits;
    double wide;
    float narrow;
    if (size == sizeof half) return element_load(CLACT_F16, &half);
    memcpy(&wide, &bits, sizeof wide);
    memcpy(&narrow, &word, sizeof narrow);
    return size == sizeof narrow ? (double)narrow : wide;
}

void numbers_load(const numbers *array, size_t at, size_t count, double *out) {
    const unsigned char *from = (const unsigned char *)array->data + at * array->size;
    const uint64_t sign = (uint64_t)1 << (8 * array->size - 1);
    for (size_t i = 0; i < count; i++, from += array->size) {
        const uint64_t bits = load_bits(from, array->size, array->is_big_endian);
        if (array->kind == NUMBER_UNSIGNED)
            out[i] = (double)bits;
        else if (array->kind == NUMBER_SIGNED)
            out[i] = (double)(int64_t)((bits ^ sign) - sign);
        else
            out[i] = float_of(bits, array->size);
    }
}

void numbers_shape_text(int ndim, const size_t *shape, char text[NUMBERS_SHAPE_SIZE]) {
    size_t used = 0;
    text[used++] = '(';
    for (int i = 0; i < ndim; i++)
        used += (size_t)snprintf(text + used, NUMBERS_SHAPE_SIZE - used, "%s%zu", i ? ", " : "",
                                 shape[i]);
    snprintf(text + used, NUMBERS_SHAPE_SIZE - used, ndim == 1 ? ",)" : ")");
}

void numbers_clear(numbers *array) {
    free(array->data);
    *array = (numbers){0};
}
