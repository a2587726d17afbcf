/* array_files.c: .npy and IDX files put together byte by byte; see array_files.h. */
#include "array_files.h"

#include "element.h"
#include "scratch.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count_of(array_values array) {
    size_t count = 1;
    for (int i = 0; i < array.ndim; i++)
        count *= array.shape[i];
    return count;
}

static uint64_t bits_of(double value, char letter, size_t size) {
    const float narrow = (float)value;
    uint64_t wide;
    uint32_t word;
    uint16_t half;
    if (letter == 'i') return (uint64_t)(int64_t)value;
    if (letter != 'f') return (uint64_t)value;
    memcpy(&wide, &value, sizeof wide);
    memcpy(&word, &narrow, sizeof word);
    if (size == 8) return wide;
    if (size == 4) return word;
    element_set(CLACT_F16, &half, 0, value);
    return half;
}

static size_t put(unsigned char *at, uint64_t bits, size_t size, bool is_big_endian) {
    for (size_t i = 0; i < size; i++)
        at[i] = (unsigned char)(bits >> 8 * (is_big_endian ? size - 1 - i : i));
    return size;
}

static void write_values(const char *folder, const char *name, const void *head, size_t head_size,
                         char letter, size_t size, bool is_big_endian, array_values array) {
    const size_t count = count_of(array);
    unsigned char *whole = malloc(head_size + count * size + 1);
    size_t used = head_size;
    memcpy(whole, head, head_size);
    for (size_t i = 0; i < count; i++)
        used += put(whole + used, bits_of(array.values[i], letter, size), size, is_big_endian);
    scratch_write(folder, name, whole, used);
    free(whole);
}

void write_npy(const char *folder, const char *name, const char *descr, array_values array) {
    enum { PREAMBLE = 10, HEAD = 128 };
    char head[HEAD + 1], shape[64] = "";
    for (int i = 0; i < array.ndim; i++)
        snprintf(shape + strlen(shape), sizeof shape - strlen(shape), "%zu,", array.shape[i]);
    snprintf(head, sizeof head,
             "\x93NUMPY\x01%c%c%c{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", 0, 0, 0,
             descr, shape);
    head[8] = HEAD - PREAMBLE;
    const size_t text = strlen(head + PREAMBLE);
    memset(head + PREAMBLE + text, ' ', HEAD - PREAMBLE - text);
    head[HEAD - 1] = '\n';
    write_values(folder, name, head, HEAD, descr[1], (size_t)(descr[2] - '0'), descr[0] == '>',
                 array);
}

void write_idx(const char *folder, const char *name, unsigned char type, array_values array) {
    unsigned char head[4 + 4 * MOST_DIMS] = {0, 0, type, (unsigned char)array.ndim};
    const size_t sizes[] = {1, 1, 0, 2, 4, 4, 8};
    size_t used = 4;
    for (int i = 0; i < array.ndim; i++)
        used += put(head + used, array.shape[i], 4, true);
    write_values(folder, name, head, used,
                 type >= 0x0d   ? 'f'
                 : type == 0x08 ? 'u'
                                : 'i',
                 sizes[type - 0x08], true, array);
}
