/* verify.h: whether an evaluator keeps the promised bounds, by samples or over all float32 inputs.
 *
 * An evaluator is anything that computes activations: the formulas as C, a device. Results are
 * compared with the oracle in MPFR; over all inputs with a reference made from it, and with the
 * oracle itself wherever the reference's own error could matter. Nothing here prints.
 */
#ifndef CLACT_VERIFY_VERIFY_H
#define CLACT_VERIFY_VERIFY_H

#include "reference.h"

typedef struct verify_case {
    clact_activation activation;
    clact_tier tier;   /* for the evaluator alone */
    clact_dtype dtype; /* of all arrays */
    bool backward;
    clact_saved saved; /* of backward: whether inputs are x or y */
    float params[CLACT_MAX_PARAMS];
    double bound; /* ulps */
    double floor; /* absolute, times |dy|: so much of an error does not count */
} verify_case;

/* output[i] = act(input[i]), or backward dy[i] * act'(input[i]); n elements of c->dtype each. dy is
 * NULL in forward. Called by the thread that called verify_*. False means it failed. */
typedef bool (*verify_evaluate)(void *user, const verify_case *c, size_t n, const void *input,
                                const void *dy, void *output);

/* Called now and then, by the thread that called verify_*; counts inputs. False cancels. */
typedef bool (*verify_progress)(void *user, uint64_t done, uint64_t total);

/* How to run: what all functions here take. */
typedef struct verify_run {
    verify_evaluate evaluate;
    verify_progress progress; /* may be NULL */
    void *user;               /* for both */
    unsigned threads;         /* that compare; 0 means 1 */
} verify_run;

/* One input and what became of it. */
typedef struct verify_point {
    uint64_t index; /* place in the order of inputs; of verify_exhaustive the float's bits */
    double input, dy, got, exact, ulps;
    bool wrong_sign; /* got is a zero of the wrong sign */
} verify_point;

#define VERIFY_SHOWN 3

typedef struct verify_result {
    uint64_t inputs;      /* evaluated */
    uint64_t promised;    /* of these, the ones about which something is promised: compared */
    uint64_t failures;    /* above the bound, or a zero of the wrong sign */
    uint64_t wrong_signs; /* of these, zeros of the wrong sign */
    uint64_t wrong_nans;  /* of these, NaN for a number or a number for NaN */
    verify_point worst; /* the greatest ulps; of equals the first. Means nothing if promised is 0 */
    unsigned shown;
    verify_point failed[VERIFY_SHOWN]; /* the first failures */
    uint64_t checksum; /* of all pairs of input and output bits, NaNs being equal, in any order */
} verify_result;

typedef enum verify_status {
    VERIFY_DONE,      /* *result is filled; look at failures */
    VERIFY_CANCELLED, /* by progress */
    VERIFY_EVALUATOR, /* the evaluator failed */
    VERIFY_MEMORY,
    VERIFY_UNSUPPORTED /* cases that do not go together, or no float32 */
} verify_status;

/* Compares at n inputs of c->dtype with the oracle. dy NULL means 1, as in forward. */
verify_status verify_points(const verify_case *c, size_t n, const void *input, const void *dy,
                            const verify_run *run, verify_result *result);

typedef struct verify_density {
    unsigned mantissas, middle; /* as in sample_spec */
    bool random_dy;             /* of backward: gradients of all sizes instead of 1 */
} verify_density;

/* Compares at stratified inputs (float32, float64) or all codes (16 bits): sample.h. */
verify_status verify_sample(const verify_case *c, const verify_density *density,
                            const verify_run *run, verify_result *result);

/* Compares at the floats of bits `first` to `last` (0 and 0xffffffff for all) with dy = 1, for up
 * to VERIFY_CASES float32 cases that differ in tier and bound alone; the reference, which the
 * caller made for their function and these inputs, is evaluated once for all of them.
 *
 * results[i] is of cases[i]. Failures are exactly those the oracle sees. worst is exact for the
 * input it names; another may exceed it by no more than 2 REFERENCE_ULPS. The results, checksum
 * included, do not depend on the number of threads. */
#define VERIFY_CASES 2
verify_status verify_exhaustive(const verify_case *cases, size_t count, const reference *r,
                                uint32_t first, uint32_t last, const verify_run *run,
                                verify_result *results);

#endif
