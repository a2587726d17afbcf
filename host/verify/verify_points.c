/* verify_points.c: results at single inputs, each against the oracle, in threads. */
#include "verify_judge.h"
#include "half.h"
#include "sample.h"
#include "verify_mix.h"

#include <math.h>
#include <mpfr.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#define MAX_THREADS 64
#define STEP        256 /* inputs from one call of progress to the next */

/* ---- Elements -------------------------------------------------------------------------------- */

static uint64_t bits_at(clact_dtype dtype, const void *values, size_t i) {
    uint64_t bits = 0;
    uint32_t low;
    switch (dtype) {
    case CLACT_F64:
        memcpy(&bits, (const double *)values + i, sizeof bits);
        return bits;
    case CLACT_F32:
        memcpy(&low, (const float *)values + i, sizeof low);
        return low;
    case CLACT_F16:
    case CLACT_BF16:
        break;
    }
    return ((const uint16_t *)values)[i];
}

static double value_at(clact_dtype dtype, const void *values, size_t i) {
    switch (dtype) {
    case CLACT_F64:
        return ((const double *)values)[i];
    case CLACT_F32:
        return (double)((const float *)values)[i];
    case CLACT_F16:
        return (double)half_to_float(((const uint16_t *)values)[i]);
    case CLACT_BF16:
        break;
    }
    return (double)bfloat_to_float(((const uint16_t *)values)[i]);
}

static uint64_t nan_bits(clact_dtype dtype) {
    static const uint64_t bits[] = {0x7fc00000, 0x7e00, 0x7fc0, UINT64_C(0x7ff8000000000000)};
    return bits[dtype];
}

/* ---- Judging --------------------------------------------------------------------------------- */

/* What the judging threads share. */
struct judging {
    const verify_case *c;
    size_t n;
    const void *input, *dy, *output;
    atomic_size_t next;
    atomic_bool stopped;
};

struct judge {
    struct judging *shared;
    verify_result result;
};

static void judge_element(struct judge *j, size_t i) {
    const struct judging *s = j->shared;
    const clact_dtype dtype = s->c->dtype;
    verify_point p = {.index = i, .dy = 1, .input = value_at(dtype, s->input, i)};
    p.got = value_at(dtype, s->output, i);
    if (s->dy) p.dy = value_at(dtype, s->dy, i);
    const uint64_t bits = isnan(p.got) ? nan_bits(dtype) : bits_at(dtype, s->output, i);
    j->result.inputs++;
    j->result.checksum += verify_mix(bits_at(dtype, s->input, i), bits);
    if (judge_point(s->c, &p)) judge_count(&j->result, &p, s->c->bound);
}

/* Judges the next few; false if there are none left. */
static bool judge_step(struct judge *j) {
    struct judging *s = j->shared;
    const size_t first = atomic_fetch_add(&s->next, STEP);
    if (first >= s->n || atomic_load(&s->stopped)) return false;
    for (size_t i = first; i < s->n && i < first + STEP; i++)
        judge_element(j, i);
    return true;
}

static int judge_in_thread(void *judge) {
    while (judge_step(judge))
        continue;
    mpfr_free_cache();
    return 0;
}

/* This thread judges too, and reports. False if cancelled. */
static bool judge_all(struct judging *s, const verify_run *run, verify_result *result) {
    struct judge judges[MAX_THREADS] = {{s, {0}}};
    thrd_t threads[MAX_THREADS];
    const unsigned most = mpfr_buildopt_tls_p() ? run->threads : 1;
    unsigned count = 1;
    while (count < most && count < MAX_THREADS) {
        judges[count].shared = s;
        if (thrd_create(&threads[count], judge_in_thread, &judges[count]) != thrd_success) break;
        count++;
    }
    while (judge_step(&judges[0])) {
        const size_t taken = atomic_load(&s->next), done = taken < s->n ? taken : s->n;
        if (run->progress && !run->progress(run->user, done, s->n)) atomic_store(&s->stopped, true);
    }
    for (unsigned i = 1; i < count; i++)
        thrd_join(threads[i], NULL);
    for (unsigned i = 0; i < count; i++)
        judge_merge(result, &judges[i].result);
    return !atomic_load(&s->stopped);
}

/* ---- The public two -------------------------------------------------------------------------- */

static void fill_with_one(clact_dtype dtype, void *dy, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (dtype == CLACT_F64) ((double *)dy)[i] = 1;
        if (dtype == CLACT_F32) ((float *)dy)[i] = 1;
        if (dtype == CLACT_F16) ((uint16_t *)dy)[i] = half_from_float(1);
        if (dtype == CLACT_BF16) ((uint16_t *)dy)[i] = bfloat_from_float(1);
    }
}

verify_status verify_points(const verify_case *c, size_t n, const void *input, const void *dy,
                            const verify_run *run, verify_result *result) {
    verify_status status = VERIFY_DONE;
    const size_t bytes = (n ? n : 1) * sample_size(c->dtype);
    void *output = malloc(bytes), *ones = c->backward && !dy ? malloc(bytes) : NULL;
    memset(result, 0, sizeof *result);
    if (!output || (c->backward && !dy && !ones)) {
        status = VERIFY_MEMORY;
        goto done;
    }

    memset(output, 0x5a, bytes);
    if (ones) fill_with_one(c->dtype, ones, n);
    const void *gradient = !c->backward ? NULL : dy ? dy : ones;
    if (n > 0 && !run->evaluate(run->user, c, n, input, gradient, output)) {
        status = VERIFY_EVALUATOR;
        goto done;
    }
    struct judging s = {.c = c, .n = n, .input = input, .dy = gradient, .output = output};
    if (!judge_all(&s, run, result)) status = VERIFY_CANCELLED;

done:
    free(output);
    free(ones);
    return status;
}

verify_status verify_sample(const verify_case *c, const verify_density *density,
                            const verify_run *run, verify_result *result) {
    const sample_spec spec = {.activation = c->activation,
                              .backward = c->backward,
                              .saved = c->saved,
                              .dtype = c->dtype,
                              .params = {c->params[0], c->params[1]},
                              .mantissas = density->mantissas,
                              .middle = density->middle};
    verify_status status = VERIFY_MEMORY;
    size_t n = 0;
    void *dy = NULL, *input = sample_create(&spec, &n);
    const bool random = c->backward && density->random_dy;
    memset(result, 0, sizeof *result);
    if (input && random) dy = malloc(n * sample_size(c->dtype));
    if (!input || (random && !dy)) goto done;

    if (random) sample_gradients(c->dtype, dy, n);
    status = verify_points(c, n, input, dy, run, result);

done:
    free(input);
    free(dy);
    return status;
}
