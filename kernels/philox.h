/* philox.h: Philox-4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3" (2011): four random words from a counter of four words and a key of two; and which word
 * decides on the dropout of an element. WIDTH lanes have a counter each.
 */
#ifndef PHILOX_H
#define PHILOX_H

#include "dialect.h"

typedef struct philox_block {
    words w[4];
} philox_block;

FN philox_block philox(philox_block counter, word key0, word key1) {
    philox_block c = counter;
    for (int round = 0; round < 10; round++) {
        words high0 = word_high_product(c.w[0], W(0xd2511f53u)), low0 = c.w[0] * W(0xd2511f53u);
        words high2 = word_high_product(c.w[2], W(0xcd9e8d57u)), low2 = c.w[2] * W(0xcd9e8d57u);
        c.w[0] = high2 ^ c.w[1] ^ W(key0);
        c.w[1] = low2;
        c.w[2] = high0 ^ c.w[3] ^ W(key1);
        c.w[3] = low0;
        key0 += 0x9e3779b9u;
        key1 += 0xbb67ae85u;
    }
    return c;
}

/* 64 columns of a row share 16 counters: column c takes word c / 16 % 4 of counter c % 16, so that
 * the words of a vector of counters go to four vectors of neighbours. */
#define DROPOUT_GROUP 64

/* The words of WIDTH neighbouring counters, the first of them number `lane` of its group. The
 * counter is the group's number in the matrix, row by row, and the offset; the key is the seed. */
FN philox_block dropout_words(wide group, word lane, wide seed, wide offset) {
    const wide first = group * 16 + lane; /* lanes of a group do not carry into the upper word */
    philox_block c;
    c.w[0] = W((word)first) + W_LANES;
    c.w[1] = W((word)(first >> 32));
    c.w[2] = W((word)offset);
    c.w[3] = W((word)(offset >> 32));
    return philox(c, (word)seed, (word)(seed >> 32));
}

#endif
