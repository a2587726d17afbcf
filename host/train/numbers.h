/* numbers.h: an array of numbers as a file holds it, of any type and byte order. */
#ifndef NUMBERS_H
#define NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    NUMBERS_MAX_DIMS = 32,
    NUMBERS_SHAPE_SIZE = 24 * NUMBERS_MAX_DIMS /* numbers_shape_text */
};

typedef enum number_kind { NUMBER_FLOAT, NUMBER_SIGNED, NUMBER_UNSIGNED } number_kind;

typedef struct numbers {
    number_kind kind;
    size_t size; /* bytes of an element: 1, 2, 4 or 8; a float's from 2 */
    bool is_big_endian;
    int ndim; /* 0 for a single number */
    size_t shape[NUMBERS_MAX_DIMS];
    size_t count; /* product of shape, 1 for a single number */
    void *data;   /* C order */
} numbers;

/* Sets count from shape and size. False where the bytes of all elements, or the product of the
 * extents that are not 0, are more than memory can hold. */
bool numbers_count(numbers *array);

/* Elements from `at` on. 64-bit integers are rounded to nearest even. */
void numbers_load(const numbers *array, size_t at, size_t count, double *out);

/* As Python prints it: "()", "(3,)", "(2, 0, 4)". */
void numbers_shape_text(int ndim, const size_t *shape, char text[NUMBERS_SHAPE_SIZE]);

/* Frees the data and makes it all zero. */
void numbers_clear(numbers *array);

#endif
