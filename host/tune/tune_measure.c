/* tune_measure.c: two tunings in turns. */
#include "tune_measure.h"

#include <stdlib.h>
#include <time.h>

enum { LEAST_TURNS = 5, MOST_TURNS = 301, MOST_CALLS = 256 };

#define LEAST_SAMPLE 0.5e-3 /* seconds: so many calls are one sample */
#define FAR_BEHIND   1.25

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static clact_status sample(const tune_memory *memory, clact_context *clact, const tune_pass *pass,
                           size_t elements, int calls, double *seconds) {
    const double start = now();
    clact_status status = CLACT_SUCCESS;
    for (int i = 0; i < calls && status == CLACT_SUCCESS; i++)
        status = pass->enqueue(memory, clact, elements);
    if (status == CLACT_SUCCESS && clFinish(memory->queue) != CL_SUCCESS)
        status = clact_context_report(clact, CLACT_OPENCL, "clFinish failed");
    *seconds = now() - start;
    return status;
}

static int compare(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Of a copy: the values stay in the order of their turns. */
static double median(const double *values, int count) {
    double sorted[MOST_TURNS];
    for (int i = 0; i < count; i++)
        sorted[i] = values[i];
    qsort(sorted, (size_t)count, sizeof *sorted, compare);
    return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

clact_status tune_compare(const tune_duel *duel, const tune_pass *pass, size_t elements,
                          double *ratio) {
    double ratios[MOST_TURNS], times[2] = {0};
    clact_context *const sides[2] = {duel->usual, duel->other};
    clact_status status = CLACT_SUCCESS;
    for (int i = 0; i < 4 && status == CLACT_SUCCESS; i++)
        status = sample(duel->memory, sides[i % 2], pass, elements, 1, &times[i % 2]);
    int calls = 1, turns = 0;
    while (calls < MOST_CALLS && calls * times[0] < LEAST_SAMPLE)
        calls *= 2;
    const double until = now() + duel->seconds;
    while (status == CLACT_SUCCESS && turns < MOST_TURNS &&
           (turns < LEAST_TURNS || now() < until)) {
        for (int i = 0; i < 2 && status == CLACT_SUCCESS; i++) {
            const int side = (turns + i) % 2; /* each is first as often as the other */
            status = sample(duel->memory, sides[side], pass, elements, calls, &times[side]);
        }
        ratios[turns++] = times[1] / times[0];
        if (turns == LEAST_TURNS && median(ratios, turns) > FAR_BEHIND) break;
    }
    *ratio = turns > 0 ? median(ratios, turns) : 1.0;
    return status;
}
