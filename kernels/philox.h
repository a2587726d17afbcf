/* philox.h: Philox-4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3" (2011): four random words from a counter of four words and a key of two; and which word
 * decides on the dropout of an element. Each lane of a part has a counter.
 */
#ifndef PHILOX_H
#define PHILOX_H

#include "dialect.h"

typedef struct philox_block {
    part_words w[4];
} philox_block;

/* The words of the state are the lower halves of wides all through, so that each product is one
 * instruction; what stands above them does not count. */
FN philox_block philox(philox_block counter, word key0, word key1) {
    part_wides c0 = part_to_wides(counter.w[0]), c1 = part_to_wides(counter.w[1]);
    part_wides c2 = part_to_wides(counter.w[2]), c3 = part_to_wides(counter.w[3]);
    for (int round = 0; round < 10; round++) {
        const part_wides product0 = (c0 & 0xffffffffu) * 0xd2511f53u;
        const part_wides product2 = (c2 & 0xffffffffu) * 0xcd9e8d57u;
        c0 = (product2 >> 32) ^ c1 ^ key0;
        c1 = product2;
        c2 = (product0 >> 32) ^ c3 ^ key1;
        c3 = product0;
        key0 += 0x9e3779b9u;
        key1 += 0xbb67ae85u;
    }
    philox_block random;
    random.w[0] = part_to_words(c0);
    random.w[1] = part_to_words(c1);
    random.w[2] = part_to_words(c2);
    random.w[3] = part_to_words(c3);
    return random;
}

/* 64 columns of a row share 16 counters: column c takes word c / 16 % 4 of counter c % 16, so that
 * the words of a vector of counters go to four vectors of neighbours. */
#define DROPOUT_GROUP 64

/* The words of as many neighbouring counters as a part has lanes, the first of them number `lane`
 * of its group. The counter is the group's number in the matrix, row by row, and the offset; the
 * key is the seed. */
FN philox_block dropout_words(wide group, word lane, wide seed, wide offset) {
    const wide first = group * 16 + lane; /* lanes of a group do not carry into the upper word */
    philox_block c;
    c.w[0] = P((word)first) + P_LANES;
    c.w[1] = P((word)(first >> 32));
    c.w[2] = P((word)offset);
    c.w[3] = P((word)(offset >> 32));
    return philox(c, (word)seed, (word)(seed >> 32));
}

/* The words of a real that begins with vector number `vector` of the four */
FN words words_of(philox_block b, word vector) {
#if WIDTH == 64
    (void)vector;
    return (words)(b.w[0], b.w[1], b.w[2], b.w[3]);
#elif WIDTH == 32
    return (words)(b.w[vector], b.w[vector + 1]);
#else
    return b.w[vector];
#endif
}

#endif
