/* dropout.c (L0): which elements dropout keeps, as the kernels find it. */
#include "dropout.h"

#include "clact/clact.h"
#include "philox.h"

uint32_t dropout_threshold(float p) {
    const double exact = p > 0.0f && p < 1.0f ? (double)p * 0x1p32 : 0.0;
    const uint32_t whole = (uint32_t)exact;
    return whole + ((double)whole < exact); /* p is at most 1 - 2^-24 */
}

bool clact_dropout_keeps(float dropout, uint64_t seed, uint64_t offset, size_t cols, size_t row,
                         size_t col) {
    if (!(dropout < 1.0f)) return false;
    const uint64_t groups = (uint64_t)cols / DROPOUT_GROUP + (cols % DROPOUT_GROUP != 0);
    const uint64_t group = (uint64_t)row * groups + (uint64_t)col / DROPOUT_GROUP;
    const philox_block random = dropout_words(group, (uint32_t)(col % 16), seed, offset);
    return random.w[col / 16 % 4] >= dropout_threshold(dropout);
}
