/* test_verify.c: references and the engine are right, and notice faults put in on purpose. */
#include "formulas_c.h"
#include "oracle.h"
#include "reference_piece.h"
#include "sample.h"
#include "verify.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t next_random(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 32);
}

static void default_params(clact_activation act, float params[2]) {
    clact_activation_info info;
    assert_int_equal(clact_activation_query(act, &info), CLACT_SUCCESS);
    for (int i = 0; i < 2; i++)
        params[i] = i < info.num_params ? info.params[i].value : 0;
}

/* ---- References ------------------------------------------------------------------------------ */

/* The greatest difference, in ulps of float32, between r and the oracle. */
struct probe {
    const reference *r;
    mpfr_t want;
    double worst;
};

static void probe_at(struct probe *p, uint32_t bits) {
    const struct function *f = &p->r->f;
    bool promised = true;
    double value;
    reference_evaluate(p->r, bits, 1, &value);
    if (f->backward)
        promised = oracle_expect_backward(p->want, f->activation, f->params, f->saved,
                                          (double)float_of(bits), 1, CLACT_F32);
    else
        oracle_expect_forward(p->want, f->activation, f->params, (double)float_of(bits));
    assert_int_equal(promised, value != REFERENCE_NOTHING);
    if (!promised) return;
    assert_int_equal(mpfr_nan_p(p->want) != 0, isnan(value));
    if (isnan(value)) return;
    const bool beyond =
        mpfr_inf_p(p->want) || (mpfr_regular_p(p->want) && mpfr_get_exp(p->want) > 129);
    if (beyond) {
        assert_true(fabs(value) > 0x1p128 && (value > 0) == (mpfr_sgn(p->want) > 0));
        return;
    }
    assert_true(mpfr_zero_p(p->want) || value != 0);
    const double ulps = oracle_ulps(value, p->want, CLACT_F32);
    if (ulps > p->worst) p->worst = ulps;
}

static void probe_sample(struct probe *p, uint32_t first, uint32_t last) {
    const struct function *f = &p->r->f;
    const sample_spec spec = {.activation = f->activation,
                              .backward = f->backward,
                              .saved = f->saved,
                              .params = {f->params[0], f->params[1]},
                              .mantissas = 2,
                              .middle = 200};
    size_t count = 0;
    float *inputs = sample_create(&spec, &count);
    assert_non_null(inputs);
    for (size_t i = 0; i < count; i++)
        if (bits_of(inputs[i]) >= first && bits_of(inputs[i]) <= last)
            probe_at(p, bits_of(inputs[i]));
    free(inputs);
}

/* At `count` random floats, at stratified ones and in a hundred pieces. */
static double probe(const reference *r, uint32_t first, uint32_t last, int count) {
    struct probe p = {.r = r};
    uint64_t random = 1;
    mpfr_init2(p.want, ORACLE_BITS);
    for (int i = 0; i < count; i++)
        probe_at(&p, first + next_random(&random) % (last - first + 1));
    for (size_t i = 0; i < r->count; i += 1 + r->count / 100) {
        probe_at(&p, r->pieces[i].first);
        probe_at(&p, r->pieces[i].first + r->pieces[i].count / 3);
        probe_at(&p, r->pieces[i].first + r->pieces[i].count - 1);
    }
    probe_sample(&p, first, last);
    mpfr_clear(p.want);
    return p.worst;
}

static reference *refer(clact_activation act, bool backward, clact_saved saved, uint32_t first,
                        uint32_t last) {
    reference_spec spec = {.activation = act,
                           .backward = backward,
                           .saved = saved,
                           .first = first,
                           .last = last,
                           .threads = 2};
    default_params(act, spec.params);
    reference *r = reference_create(&spec, NULL, NULL);
    assert_non_null(r);
    return r;
}

static void test_references(void **state) {
    static const struct {
        clact_activation act;
        bool backward;
        clact_saved saved;
        uint32_t first, last;
    } cases[] = {
        {CLACT_ACT_SIGMOID, false, CLACT_SAVED_X, 0, 0xfffffffe},
        {CLACT_ACT_EXP, false, CLACT_SAVED_X, 0, 0xfffffffe},
        {CLACT_ACT_GELU, true, CLACT_SAVED_X, 0xbf000000, 0xc1ffffff},
        {CLACT_ACT_MISH, true, CLACT_SAVED_X, 0xbf000000, 0xc2ffffff},
        {CLACT_ACT_HARDSWISH, false, CLACT_SAVED_X, 0x3f000000, 0xfffffffe},
        {CLACT_ACT_HARDSWISH, true, CLACT_SAVED_X, 0xbf123456, 0xc1234567},
        {CLACT_ACT_SINE, false, CLACT_SAVED_X, 0, 0xfffffffe},
        {CLACT_ACT_SINE, true, CLACT_SAVED_X, 0, 0xfffffffe},
        {CLACT_ACT_SNAKE, true, CLACT_SAVED_X, 0, 0xfffffffe},
        {CLACT_ACT_LOG, false, CLACT_SAVED_X, 0, 0xfffffffe},
        {CLACT_ACT_LOG, true, CLACT_SAVED_X, 0, 0x00ffffff},
        {CLACT_ACT_SQRT, true, CLACT_SAVED_X, 0x7f000000, 0x80ffffff},
        {CLACT_ACT_TANHSHRINK, true, CLACT_SAVED_X, 0, 0x42ffffff},
        {CLACT_ACT_HARDSHRINK, false, CLACT_SAVED_X, 0, 0xfffffffe},
        {CLACT_ACT_TANH, true, CLACT_SAVED_Y, 0x3f000000, 0x40000000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const uint32_t first = cases[i].first, last = cases[i].last;
        reference *r = refer(cases[i].act, cases[i].backward, cases[i].saved, first, last);
        const double worst = probe(r, first, last, 1000);
        if (worst > REFERENCE_ULPS) printf("case %zu: off by %g ulps\n", i, worst);
        assert_true(worst <= REFERENCE_ULPS);
        reference_destroy(r);
    }
}

/* A last place wrong in one coefficient, and two values changed about, are noticed. */
static void test_wrong_pieces(void **state) {
    (void)state;
    reference *r = refer(CLACT_ACT_SIGMOID, false, CLACT_SAVED_X, 0x3f800000, 0x3fffffff);
    assert_true(probe(r, 0x3f800000, 0x3fffffff, 300) <= REFERENCE_ULPS);
    struct piece *p = &r->pieces[r->count / 2];
    p->c[1] += 0x1p-38;
    assert_true(probe(r, 0x3f800000, 0x3fffffff, 300) > REFERENCE_ULPS);
    reference_destroy(r);

    r = refer(CLACT_ACT_THRESHOLD, false, CLACT_SAVED_X, 0x3f000000, 0x3fffffff);
    for (size_t i = 0; i < r->count; i++)
        if (r->pieces[i].count <= PIECE_TERMS) r->pieces[i].c[0] += 1;
    assert_true(probe(r, 0x3f000000, 0x3fffffff, 300) > REFERENCE_ULPS);
    reference_destroy(r);
}

/* ---- The engine ------------------------------------------------------------------------------ */

/* An evaluator that spoils one result of the formulas, or takes sigmoid for everything. */
struct saboteur {
    bool active, sigmoid;
    uint32_t input, output;
};

static bool evaluate(void *user, const verify_case *c, size_t n, const void *input, const void *dy,
                     void *output) {
    const struct saboteur *saboteur = user;
    const clact_activation act = saboteur->sigmoid ? CLACT_ACT_SIGMOID : c->activation;
    const float *in = input, *gradient = dy;
    float *out = output;
    assert_true(c->backward == (dy != NULL));
    for (size_t i = 0; i < n; i++) {
        out[i] = c->backward
                     ? formula_backward(act, c->tier, c->params, c->saved, in[i], gradient[i])
                     : formula_forward(act, c->tier, c->params, in[i]);
        if (saboteur->active && bits_of(in[i]) == saboteur->input)
            out[i] = float_of(saboteur->output);
    }
    return true;
}

static bool refuse(void *user, const verify_case *c, size_t n, const void *input, const void *dy,
                   void *output) {
    (void)user, (void)c, (void)n, (void)input, (void)dy, (void)output;
    return false;
}

static bool cancel(void *user, uint64_t done, uint64_t total) {
    (void)user;
    return done < total / 2;
}

static bool cancel_building(void *user, unsigned done, unsigned total) {
    (void)user;
    return done < total / 2;
}

static verify_case case_of(clact_activation act, bool backward, double bound) {
    verify_case c = {.activation = act,
                     .tier = CLACT_TIER_ACCURATE,
                     .dtype = CLACT_F32,
                     .backward = backward,
                     .bound = bound};
    default_params(act, c.params);
    return c;
}

#define WALK_FIRST 0xbfe00000u
#define WALK_LAST  0xc00fffffu

static verify_result walk(const verify_case *c, uint32_t first, uint32_t last, unsigned threads,
                          struct saboteur *saboteur) {
    verify_result result;
    const verify_run run = {.evaluate = evaluate, .user = saboteur, .threads = threads};
    reference *r = refer(c->activation, c->backward, c->saved, first, last);
    assert_int_equal(verify_exhaustive(c, 1, r, first, last, &run, &result), VERIFY_DONE);
    assert_int_equal(result.inputs, (uint64_t)last - first + 1);
    reference_destroy(r);
    return result;
}

static void test_walk(void **state) {
    (void)state;
    struct saboteur none = {0};
    const verify_case c = case_of(CLACT_ACT_SIGMOID, false, 1);
    const verify_result one = walk(&c, WALK_FIRST, WALK_LAST, 1, &none);
    const verify_result three = walk(&c, WALK_FIRST, WALK_LAST, 3, &none);
    const verify_result low = walk(&c, WALK_FIRST, 0xbff12345u, 2, &none);
    const verify_result high = walk(&c, 0xbff12346u, WALK_LAST, 2, &none);
    assert_int_equal(one.failures, 0);
    assert_int_equal(one.promised, one.inputs);
    assert_true(one.worst.ulps > 0.4 && one.worst.ulps <= 1);
    assert_true(one.worst.index == three.worst.index && one.worst.ulps == three.worst.ulps);
    assert_true(one.checksum == three.checksum && one.checksum == low.checksum + high.checksum);
    assert_true(one.worst.ulps == fmax(low.worst.ulps, high.worst.ulps));
}

/* A bound just below the greatest error finds exactly the inputs that the oracle puts above it. */
static void test_walk_bound(void **state) {
    (void)state;
    struct saboteur none = {0};
    verify_case c = case_of(CLACT_ACT_SIGMOID, false, 1);
    const verify_result before = walk(&c, 0xbff00000u, 0xbff0ffffu, 1, &none);
    c.bound = before.worst.ulps - 2e-3;
    const verify_result after = walk(&c, 0xbff00000u, 0xbff0ffffu, 1, &none);
    const verify_run run = {.evaluate = evaluate, .user = &none, .threads = 2};
    float *inputs = malloc(0x10000 * sizeof *inputs);
    assert_non_null(inputs);
    for (uint32_t i = 0; i < 0x10000; i++)
        inputs[i] = float_of(0xbff00000u + i);
    verify_result points;
    assert_int_equal(verify_points(&c, 0x10000, inputs, NULL, &run, &points), VERIFY_DONE);
    assert_true(points.failures > 0 && points.failures == after.failures);
    assert_true(points.failed[0].input == after.failed[0].input);
    assert_true(points.worst.ulps == after.worst.ulps && points.checksum == after.checksum);
    free(inputs);
}

static void test_walk_faults(void **state) {
    (void)state;
    static const struct {
        clact_activation act;
        bool backward;
        uint32_t first, last, input, output;
        uint64_t signs, nans;
    } faults[] = {
        {CLACT_ACT_SIGMOID, false, WALK_FIRST, WALK_LAST, 0xbff00001u, 0x3e0ee9a0u, 0, 0},
        {CLACT_ACT_SIGMOID, false, WALK_FIRST, WALK_LAST, WALK_LAST, 0x7fc00000u, 0, 1},
        {CLACT_ACT_RELU, true, 0x3f000000u, 0x3f0fffffu, 0x3f000000u, 0x3f800001u, 0, 0},
        {CLACT_ACT_SILU, false, 0xc3000000u, 0xc30fffffu, 0xc3000123u, 0, 1, 0},
        {CLACT_ACT_SILU, false, 0x80000000u, 0x8000ffffu, 0x80000000u, 0, 1, 0},
        {CLACT_ACT_SILU, false, 0xff700000u, 0xff8fffffu, 0xff800000u, 0, 1, 0},
        {CLACT_ACT_LOG, false, 0xc3000000u, 0xc30fffffu, 0xc3000123u, 0, 0, 1},
        {CLACT_ACT_RELU, false, 0x7f700000u, 0x7fafffffu, 0x7fa00000u, 0, 0, 1},
        {CLACT_ACT_SQUARE, false, 0x7f000000u, 0x7f0fffffu, 0x7f000001u, 0x7f7fffffu, 0, 0},
        {CLACT_ACT_SQUARE, false, 0x7f000000u, 0x7f0fffffu, 0x7f000001u, 0xff800000u, 0, 0},
        {CLACT_ACT_HARDTANH, false, 0x3f000000u, 0x3fffffffu, 0x3f800000u, 0x3f7ffffeu, 0, 0},
    };
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct saboteur s = {.input = faults[i].input, .output = faults[i].output};
        const verify_case c = case_of(faults[i].act, faults[i].backward, 1 - 0x1p-5);
        const verify_result clean = walk(&c, faults[i].first, faults[i].last, 1, &s);
        s.active = true;
        const verify_result spoilt = walk(&c, faults[i].first, faults[i].last, 1, &s);
        assert_int_equal(clean.failures, 0);
        assert_int_equal(spoilt.failures, 1);
        assert_int_equal(spoilt.failed[0].index, faults[i].input);
        assert_int_equal(spoilt.wrong_signs, faults[i].signs);
        assert_int_equal(spoilt.wrong_nans, faults[i].nans);
        assert_true(spoilt.checksum != clean.checksum);
        const verify_run run = {.evaluate = evaluate, .user = &s};
        const float input = float_of(faults[i].input);
        verify_result point; /* the same, asked for by itself */
        assert_int_equal(verify_points(&c, 1, &input, NULL, &run, &point), VERIFY_DONE);
        assert_int_equal(point.failures, 1);
        assert_int_equal(point.wrong_signs, faults[i].signs);
        assert_int_equal(point.wrong_nans, faults[i].nans);
        if (faults[i].signs == 0) assert_int_equal(spoilt.worst.index, faults[i].input);
    }
}

/* All wrong: counted without asking the oracle each time. */
static void test_walk_all_wrong(void **state) {
    (void)state;
    struct saboteur other = {.sigmoid = true};
    const verify_case c = case_of(CLACT_ACT_TANH, false, 1);
    const verify_result result = walk(&c, WALK_FIRST, WALK_LAST, 2, &other);
    assert_int_equal(result.failures, result.inputs);
    assert_int_equal(result.shown, VERIFY_SHOWN);
    assert_int_equal(result.failed[2].index, WALK_FIRST + 2);
}

static void test_stops(void **state) {
    (void)state;
    struct saboteur none = {0};
    verify_result results[2];
    const verify_case c = case_of(CLACT_ACT_RELU, false, 0);
    const verify_run refusing = {.evaluate = refuse};
    const verify_run cancelled = {.evaluate = evaluate, .progress = cancel, .user = &none};
    const verify_density density = {2, 1000, false};
    reference *r = refer(CLACT_ACT_RELU, false, CLACT_SAVED_X, 0, 0x00ffffff);
    assert_int_equal(verify_exhaustive(&c, 1, r, 0, 0xffffff, &refusing, results),
                     VERIFY_EVALUATOR);
    assert_int_equal(verify_exhaustive(&c, 1, r, 0, 0xffffff, &cancelled, results),
                     VERIFY_CANCELLED);
    assert_int_equal(verify_sample(&c, &density, &refusing, results), VERIFY_EVALUATOR);
    assert_int_equal(verify_sample(&c, &density, &cancelled, results), VERIFY_CANCELLED);
    const verify_case others[2] = {c, case_of(CLACT_ACT_TANH, false, 1)};
    assert_int_equal(verify_exhaustive(others, 2, r, 0, 0xffffff, &refusing, results),
                     VERIFY_UNSUPPORTED);
    reference_destroy(r);
    const reference_spec spec = {.activation = CLACT_ACT_RELU, .last = UINT32_MAX, .threads = 1};
    assert_null(reference_create(&spec, cancel_building, NULL));
}

/* The 16-bit types over all codes and doubles on the sample, by what is exact for identity and abs:
 * the result is the input. One spoilt code is found. */
struct copier {
    int spoilt; /* place of the element with a bit too many, or -1 */
};

static bool copy(void *user, const verify_case *c, size_t n, const void *input, const void *dy,
                 void *output) {
    const struct copier *copier = user;
    (void)dy;
    memcpy(output, input, n * sample_size(c->dtype));
    if (copier->spoilt >= 0)
        ((unsigned char *)output)[(size_t)copier->spoilt * sample_size(c->dtype)] ^= 1;
    return true;
}

static void test_other_types(void **state) {
    (void)state;
    for (int dtype = 0; dtype < 4; dtype++) {
        verify_case c = case_of(CLACT_ACT_IDENTITY, false, 0);
        c.dtype = (clact_dtype)dtype;
        struct copier copier = {-1};
        const verify_run run = {.evaluate = copy, .user = &copier, .threads = 2};
        const verify_density density = {2, 200, false};
        verify_result clean, spoilt;
        assert_int_equal(verify_sample(&c, &density, &run, &clean), VERIFY_DONE);
        assert_int_equal(clean.failures, 0);
        assert_true(clean.inputs == clean.promised && clean.worst.ulps == 0);
        copier.spoilt = 8; /* 1.0 of the samples, 2^-21 of float16 */
        assert_int_equal(verify_sample(&c, &density, &run, &spoilt), VERIFY_DONE);
        assert_int_equal(spoilt.failures, 1);
        assert_int_equal(spoilt.worst.index, 8);
        assert_true(spoilt.worst.ulps == 1 && spoilt.checksum != clean.checksum);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_references),  cmocka_unit_test(test_wrong_pieces),
        cmocka_unit_test(test_walk),        cmocka_unit_test(test_walk_bound),
        cmocka_unit_test(test_walk_faults), cmocka_unit_test(test_walk_all_wrong),
        cmocka_unit_test(test_stops),       cmocka_unit_test(test_other_types),
    };
    return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
