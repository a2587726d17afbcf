/* proof.c: what `clact verify` finds of one activation, direction, element type and tier. */
#include "proof.h"

#include "sample.h"

#include <stdlib.h>
#include <string.h>

const proof_pass proof_passes[PROOF_PASSES] = {{"forward", false, CLACT_SAVED_X},
                                               {"backward", true, CLACT_SAVED_X},
                                               {"backward_y", true, CLACT_SAVED_Y}};

/* Inputs of a sample: enough to meet every binade, kink and zero, few enough for MPFR */
static const verify_density at_defaults = {8, 10000, false}, any_gradient = {4, 1500, true},
                            any_parameters = {3, 900, true};

/* Of the 16-bit types, every so many codes beside the defaults: prime, to meet all binades. */
enum { CODE_STEP = 7 };

static bool is_narrow(clact_dtype dtype) {
    return dtype == CLACT_F16 || dtype == CLACT_BF16;
}

bool proof_applies(clact_activation activation, const proof_pass *pass) {
    clact_sweep sweep;
    if (clact_sweep_init(&sweep, activation) != CLACT_SUCCESS) return false;
    sweep.saved = pass->saved;
    return clact_sweep_check(&sweep, pass->backward) == CLACT_SUCCESS;
}

/* MPFR's time for one input, in units of the walk's */
static uint64_t oracle_cost(clact_dtype dtype) {
    return dtype == CLACT_F64 ? 20000 : 5000;
}

uint64_t proof_cost(const proof_subject *subject, size_t num_tiers) {
    clact_activation_info info;
    clact_activation_query(subject->activation, &info);
    const bool narrow = is_narrow(subject->dtype);
    const uint64_t ends = info.num_params > 0 ? UINT64_C(1) << info.num_params : 0;
    const uint64_t defaults = narrow ? 65536 : 14500, more = narrow ? 65536 / CODE_STEP : 3500;
    const uint64_t sampled = defaults + more * (ends + subject->pass->backward);
    return num_tiers * sampled * oracle_cost(subject->dtype) +
           (subject->exhaustive && num_tiers > 0 ? UINT64_C(1) << 32 : 0);
}

/* ---- One call of the engine ------------------------------------------------------------------ */

typedef struct work {
    const proof_run *run;
    uint64_t before;    /* cost of the calls that have ended */
    uint64_t done;      /* of this one */
    uint64_t cost_each; /* of an input */
} work;

static bool evaluate(void *user, const verify_case *c, size_t n, const void *input, const void *dy,
                     void *output) {
    const work *w = user;
    return verify_device_evaluate(w->run->device, c, n, input, dy, output);
}

static bool report_progress(void *user, uint64_t done, uint64_t total) {
    work *w = user;
    (void)total;
    w->done = done * w->cost_each;
    return !w->run->progress || w->run->progress(w->run->user, w->before + w->done);
}

static verify_run run_of(work *w) {
    return (verify_run){evaluate, report_progress, w, w->run->threads};
}

static verify_case case_of(const proof_row *row) {
    clact_activation_info info;
    verify_case c = {.activation = row->subject.activation,
                     .tier = row->tier,
                     .dtype = row->subject.dtype,
                     .backward = row->subject.pass->backward,
                     .saved = row->subject.pass->saved,
                     .bound = row->bound.ulps,
                     .floor = row->bound.floor};
    clact_activation_query(row->subject.activation, &info);
    for (int i = 0; i < info.num_params; i++)
        c.params[i] = info.params[i].value;
    return c;
}

static verify_status sample(const verify_case *c, const verify_density *density, work *w,
                            verify_result *result) {
    const verify_run run = run_of(w);
    const verify_status status = verify_sample(c, density, &run, result);
    w->before += w->done;
    w->done = 0;
    return status;
}

/* Some codes of a 16-bit type, all of which the engine would take. */
static verify_status sample_codes(const verify_case *c, const verify_density *density, work *w,
                                  verify_result *result) {
    const sample_spec spec = {.activation = c->activation, .dtype = c->dtype};
    const verify_run run = run_of(w);
    size_t count = 0, n = 0;
    uint16_t *codes = sample_create(&spec, &count), *dy = malloc((count + 1) * sizeof *dy);
    verify_status status = VERIFY_MEMORY;
    if (codes && dy) {
        for (size_t i = 0; i < count; i += CODE_STEP)
            codes[n++] = codes[i];
        sample_gradients(c->dtype, dy, n);
        status = verify_points(c, n, codes, density->random_dy ? dy : NULL, &run, result);
    }
    free(codes);
    free(dy);
    w->before += w->done;
    w->done = 0;
    return status;
}

/* Beside the defaults */
static verify_status sample_more(const verify_case *c, const verify_density *density, work *w,
                                 verify_result *result) {
    return is_narrow(c->dtype) ? sample_codes(c, density, w, result)
                               : sample(c, density, w, result);
}

/* ---- Parameters ------------------------------------------------------------------------------ */

static bool is_legal(const verify_case *c) {
    clact_sweep sweep;
    clact_sweep_init(&sweep, c->activation);
    sweep.saved = c->saved;
    memcpy(sweep.params, c->params, sizeof c->params);
    return clact_sweep_check(&sweep, c->backward) == CLACT_SUCCESS;
}

/* Adds what one more set of parameters has shown. */
static void add_result(proof_row *row, const verify_case *c, const verify_result *result) {
    verify_result *sum = &row->any_params;
    if (result->promised && (!sum->promised || !(result->worst.ulps <= sum->worst.ulps))) {
        sum->worst = result->worst;
        memcpy(row->worst_params, c->params, sizeof c->params);
    }
    for (unsigned i = 0; i < result->shown && sum->shown < VERIFY_SHOWN; i++)
        sum->failed[sum->shown++] = result->failed[i];
    sum->inputs += result->inputs;
    sum->promised += result->promised;
    sum->failures += result->failures;
    sum->wrong_signs += result->wrong_signs;
    sum->wrong_nans += result->wrong_nans;
}

/* Both ends of the range of each parameter, where they are legal together. */
static verify_status sample_parameters(proof_row *row, work *w) {
    clact_activation_info info;
    clact_activation_query(row->subject.activation, &info);
    if (info.num_params == 0) return VERIFY_DONE;
    for (int ends = 0; ends < 1 << info.num_params; ends++) {
        verify_case c = case_of(row);
        verify_result result;
        for (int i = 0; i < info.num_params; i++)
            c.params[i] = ends >> i & 1 ? info.params[i].max : info.params[i].min;
        if (!is_legal(&c)) continue;
        const verify_status status = sample_more(&c, &any_parameters, w, &result);
        if (status != VERIFY_DONE) return status;
        add_result(row, &c, &result);
    }
    return VERIFY_DONE;
}

/* ---- All inputs ------------------------------------------------------------------------------ */

static bool keep_building(void *user, unsigned done, unsigned total) {
    const work *w = user;
    (void)done;
    (void)total;
    return !w->run->progress || w->run->progress(w->run->user, w->before);
}

static verify_status walk_all(proof_row *rows, size_t num_rows, work *w) {
    verify_case cases[PROOF_TIERS] = {0};
    verify_result results[PROOF_TIERS];
    const verify_run run = run_of(w);
    w->cost_each = 1;
    for (size_t i = 0; i < num_rows; i++)
        cases[i] = case_of(&rows[i]);
    reference_spec spec = {.activation = cases[0].activation,
                           .backward = cases[0].backward,
                           .saved = cases[0].saved,
                           .last = 0xffffffffu,
                           .threads = run.threads};
    memcpy(spec.params, cases[0].params, sizeof spec.params);
    reference *r = reference_create(&spec, keep_building, w);
    if (!r) return keep_building(w, 0, 0) ? VERIFY_MEMORY : VERIFY_CANCELLED;
    const verify_status status =
        verify_exhaustive(cases, num_rows, r, 0, 0xffffffffu, &run, results);
    reference_destroy(r);
    w->before += w->done;
    w->done = 0;
    for (size_t i = 0; i < num_rows && status == VERIFY_DONE; i++)
        rows[i].defaults = results[i];
    return status;
}

static verify_status sample_row(proof_row *row, work *w) {
    const verify_case c = case_of(row);
    verify_status status = sample(&c, &at_defaults, w, &row->defaults);
    row->sample_checksum = row->defaults.checksum;
    if (status == VERIFY_DONE && row->subject.pass->backward)
        status = sample_more(&c, &any_gradient, w, &row->any_dy);
    return status == VERIFY_DONE ? sample_parameters(row, w) : status;
}

verify_status proof_make(const proof_subject *subject, const clact_tier *tiers, size_t num_tiers,
                         const proof_run *run, proof_row *rows) {
    verify_case cases[PROOF_TIERS] = {0};
    work w = {.run = run, .cost_each = oracle_cost(subject->dtype)};
    for (size_t i = 0; i < num_tiers; i++) {
        rows[i] = (proof_row){.subject = *subject, .tier = tiers[i]};
        clact_activation_bound(subject->activation, tiers[i], subject->dtype,
                               subject->pass->backward, &rows[i].bound);
        cases[i] = case_of(&rows[i]);
    }
    verify_status status =
        verify_device_prepare(run->device, cases, num_tiers) ? VERIFY_DONE : VERIFY_EVALUATOR;
    for (size_t i = 0; i < num_tiers && status == VERIFY_DONE; i++)
        status = sample_row(&rows[i], &w);
    if (status == VERIFY_DONE && subject->exhaustive && subject->dtype == CLACT_F32)
        status = walk_all(rows, num_tiers, &w);
    return status;
}
