/* tune_measure.h: two tunings in turns. */
#ifndef TUNE_MEASURE_H
#define TUNE_MEASURE_H

#include "tune_work.h"

typedef struct tune_duel {
    const tune_memory *memory;
    clact_context *usual, *other;
    double seconds; /* for a pass */
} tune_duel;

/* The median, over turns, of other's time over usual's in one pass over so many elements. What
 * compiles does so before time counts. Less time is spent where the other is far behind. */
clact_status tune_compare(const tune_duel *duel, const tune_pass *pass, size_t elements,
                          double *ratio);

#endif
