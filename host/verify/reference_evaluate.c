/* reference_evaluate.c: the values of one piece, in a loop for vectors. */
#include "reference_evaluate.h"
#include "vector.h"

CLONES
void piece_evaluate(const struct piece *p, uint32_t skipped, size_t count, double *values) {
    const double scale = p->scale;
    const double c0 = p->c[0], c1 = p->c[1], c2 = p->c[2], c3 = p->c[3];
    const double c4 = p->c[4], c5 = p->c[5], c6 = p->c[6], c7 = p->c[7];
    const int start = (int)skipped, end = (int)count;
    for (int i = 0; i < end; i++) {
        const double t = (double)(start + i) * scale - 1;
        double sum = c7 * t + c6;
        sum = sum * t + c5;
        sum = sum * t + c4;
        sum = sum * t + c3;
        sum = sum * t + c2;
        sum = sum * t + c1;
        values[i] = sum * t + c0;
    }
}
