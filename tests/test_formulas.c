/* test_formulas.c: the formulas, as C, are within the table's promise of the oracle.
 *
 *     test_formulas            everything, then a table of what was measured
 *     test_formulas NAME DIRECTION TIER DTYPE INPUT [A [B [DY]]]
 *                              one comparison; DIRECTION is forward, backward (INPUT is x) or
 *                              backward_y; TIER fast or accurate; DTYPE f32 or f64
 */
#include "core/table.h"
#include "formulas_c.h"
#include "oracle.h"
#include "sample.h"
#include "verify.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum direction { FORWARD, BACKWARD, BACKWARD_Y, DIRECTIONS };
static const char *const direction_names[DIRECTIONS] = {"forward", "backward", "backward_y"};

/* The greatest error seen, and where. */
struct tally {
    uint64_t samples;
    float params[2];
    verify_point worst;
};

/* A row under test, in one build. */
struct subject {
    clact_activation act;
    clact_tier tier;
    clact_dtype dtype;
    struct tally at_defaults[DIRECTIONS], with_params[DIRECTIONS], with_dy[DIRECTIONS];
};

enum { BUILDS = 4 }; /* the two tiers of float32, then of float64 */
static struct subject subjects[BUILDS][CLACT_ACT_COUNT];

static struct subject *subject_of(void **state) {
    return *state;
}

/* ---- One run of the engine ------------------------------------------------------------------- */

/* verify_evaluate by the formulas as C. */
static bool evaluate(void *user, const verify_case *c, size_t n, const void *input, const void *dy,
                     void *output) {
    const float *in = input, *gradient = dy;
    const double *in64 = input, *gradient64 = dy;
    float *out = output;
    double *out64 = output;
    const clact_activation act = c->activation;
    (void)user;
    for (size_t i = 0; i < n; i++)
        if (c->dtype == CLACT_F64)
            out64[i] = c->backward ? formula_backward_f64(act, c->tier, c->params, c->saved,
                                                          in64[i], gradient64[i])
                                   : formula_forward_f64(act, c->tier, c->params, in64[i]);
        else
            out[i] = c->backward
                         ? formula_backward(act, c->tier, c->params, c->saved, in[i], gradient[i])
                         : formula_forward(act, c->tier, c->params, in[i]);
    return true;
}

static const verify_run formulas = {.evaluate = evaluate, .threads = 2};

static clact_activation_info info_of(clact_activation act) {
    clact_activation_info info;
    assert_int_equal(clact_activation_query(act, &info), CLACT_SUCCESS);
    return info;
}

/* Defaults of the table, the promised bound. */
static verify_case case_of(const struct subject *s, enum direction direction) {
    const clact_activation_info info = info_of(s->act);
    clact_bound bound;
    verify_case c = {.activation = s->act, .tier = s->tier, .dtype = s->dtype};
    c.backward = direction != FORWARD;
    c.saved = direction == BACKWARD_Y ? CLACT_SAVED_Y : CLACT_SAVED_X;
    assert_int_equal(clact_activation_bound(s->act, s->tier, s->dtype, c.backward, &bound), 0);
    c.bound = bound.ulps;
    c.floor = bound.floor;
    for (int i = 0; i < info.num_params; i++)
        c.params[i] = info.params[i].value;
    return c;
}

static enum direction direction_of(const verify_case *c) {
    return !c->backward ? FORWARD : c->saved == CLACT_SAVED_X ? BACKWARD : BACKWARD_Y;
}

static void print_point(const verify_case *c, const verify_point *p) {
    const char *name = info_of(c->activation).name, *direction = direction_names[direction_of(c)];
    const char *tier = clact_tier_name(c->tier), *dtype = clact_dtype_name(c->dtype);
    const double a = (double)c->params[0], b = (double)c->params[1];
    printf("%s %s %s %s a=%a b=%a dy=%a: input %a got %a want %a, %.4g ulps (allowed %g)\n"
           "  repeat: test_formulas %s %s %s %s %a %a %a %a\n",
           name, direction, tier, dtype, a, b, p->dy, p->input, p->got, p->exact, p->ulps, c->bound,
           name, direction, tier, dtype, p->input, a, b, p->dy);
    if (p->wrong_sign) printf("  the sign of the zero is wrong\n");
}

/* Adds a result to the tally and prints its failures. Returns how many there are. */
static uint64_t settle(const verify_case *c, const verify_result *result, struct tally *tally) {
    if (result->promised > 0 && (tally->samples == 0 || result->worst.ulps > tally->worst.ulps)) {
        tally->worst = result->worst;
        memcpy(tally->params, c->params, sizeof c->params);
    }
    tally->samples += result->promised;
    for (unsigned i = 0; i < result->shown; i++)
        print_point(c, &result->failed[i]);
    if (result->failures > result->shown) {
        printf("  and %llu more; the worst is\n",
               (unsigned long long)(result->failures - result->shown));
        print_point(c, &result->worst);
    }
    return result->failures;
}

static uint64_t check_sample(const verify_case *c, const verify_density *density,
                             struct tally *tally) {
    verify_result result;
    assert_int_equal(verify_sample(c, density, &formulas, &result), VERIFY_DONE);
    return settle(c, &result, tally);
}

/* ---- The promise of the table ---------------------------------------------------------------- */

static void check_defaults(struct subject *s, enum direction direction, verify_density density) {
    const verify_case c = case_of(s, direction);
    struct tally *tally = &s->at_defaults[direction];
    assert_int_equal(check_sample(&c, &density, tally), 0);
    assert_true(tally->samples > density.middle / 3); /* most inputs were not refused */
}

/* The oracle takes some ten times longer for float64. */
static verify_density thorough(const struct subject *s) {
    return s->dtype == CLACT_F64 ? (verify_density){1, 500, false}
                                 : (verify_density){8, 10000, false};
}

static void test_forward(void **state) {
    check_defaults(subject_of(state), FORWARD, thorough(subject_of(state)));
}

static void test_backward(void **state) {
    check_defaults(subject_of(state), BACKWARD, thorough(subject_of(state)));
}

static void test_backward_y(void **state) {
    const struct subject *s = *state;
    const verify_density density =
        s->dtype == CLACT_F64 ? (verify_density){1, 200, false} : (verify_density){4, 3000, false};
    check_defaults(*state, BACKWARD_Y, density);
}

/* ---- Other parameters, other dy -------------------------------------------------------------- */

/* Both ends of a parameter's range and what lies between of 0, 0.37 and 5.3. */
static size_t list_values(const clact_parameter *parameter, float values[5]) {
    const float inner[3] = {0.0f, 0.37f, 5.3f};
    size_t count = 0;
    values[count++] = parameter->min;
    for (int i = 0; i < 3; i++)
        if (inner[i] > parameter->min && inner[i] < parameter->max) values[count++] = inner[i];
    values[count++] = parameter->max;
    return count;
}

/* Whether the table allows c's parameters together (each is in its range), and y where c reads it.
 */
static bool is_legal(const verify_case *c) {
    return table_params_agree(c->activation, c->params) &&
           (direction_of(c) != BACKWARD_Y || table_y_is_legal(c->activation, c->params));
}

static uint64_t check_params(struct subject *s, enum direction direction, float a, float b) {
    const int num_params = info_of(s->act).num_params;
    const verify_density density = {3, num_params > 1 ? 300 : 900, true}; /* and other dy */
    verify_case c = case_of(s, direction);
    c.params[0] = a;
    if (num_params > 1) c.params[1] = b;
    return is_legal(&c) ? check_sample(&c, &density, &s->with_params[direction]) : 0;
}

static void test_params(void **state) {
    const clact_activation_info info = info_of(subject_of(state)->act);
    float a[5], b[5] = {0};
    uint64_t failures = 0;
    const size_t num_a = list_values(&info.params[0], a);
    const size_t num_b = info.num_params > 1 ? list_values(&info.params[1], b) : 1;
    for (int direction = 0; direction < (info.reads_y ? DIRECTIONS : BACKWARD_Y); direction++)
        for (size_t i = 0; i < num_a; i++)
            for (size_t j = 0; j < num_b; j++)
                failures += check_params(*state, (enum direction)direction, a[i], b[j]);
    assert_int_equal(failures, 0);
}

static void test_gradient(void **state) {
    struct subject *s = *state;
    const verify_density density =
        s->dtype == CLACT_F64 ? (verify_density){1, 100, true} : (verify_density){4, 1500, true};
    uint64_t failures = 0;
    for (int direction = BACKWARD; direction < DIRECTIONS; direction++) {
        const verify_case c = case_of(s, (enum direction)direction);
        if (direction == BACKWARD || info_of(s->act).reads_y)
            failures += check_sample(&c, &density, &s->with_dy[direction]);
    }
    assert_int_equal(failures, 0);
}

/* dy = +-inf and NaN: 0 where the derivative of a row with kinks is 0, else what the product is. */
static void check_special_gradient(void **state, bool zero) {
    float inputs[9 + CLACT_MAX_KINKS] = {-7.0f, -2.0f, -0.75f, -0.25f, 0.25f,
                                         0.75f, 2.0f,  7.0f,   NAN};
    static const float gradients[] = {INFINITY, -INFINITY, NAN, 0x1.fffffep+127f};
    uint64_t failures = 0;
    verify_case c = case_of(*state, BACKWARD);
    if (zero && info_of(c.activation).num_params > 0 && info_of(c.activation).params[0].min <= 0)
        c.params[0] = 0;
    const size_t count = 9 + clact_activation_kinks(c.activation, c.params, inputs + 9);
    for (size_t i = 0; i < sizeof gradients / sizeof *gradients; i++) {
        float dy[9 + CLACT_MAX_KINKS];
        struct tally tally = {0};
        verify_result result;
        for (size_t k = 0; k < count; k++)
            dy[k] = gradients[i];
        assert_int_equal(verify_points(&c, count, inputs, dy, &formulas, &result), VERIFY_DONE);
        assert_int_equal(result.promised, count);
        failures += settle(&c, &result, &tally);
    }
    assert_int_equal(failures, 0);
}

static void test_special_gradient(void **state) {
    check_special_gradient(state, false);
    check_special_gradient(state, true); /* a first parameter of 0 */
}

/* ---- The oracle itself ----------------------------------------------------------------------- */

static void default_params(const struct subject *s, float params[2]) {
    memcpy(params, case_of(s, FORWARD).params, 2 * sizeof *params);
}

/* A step 2^40 times smaller changes nothing within 100 bits, or 2^-250. */
static void test_oracle_derivative(void **state) {
    const float inputs[] = {-90.0f,   -13.1f, -1.3f, -0x1p-3f, -0x1p-140f, 0.0f,
                            0x1p-30f, 0.7f,   2.4f,  17.9f,    88.0f,      0x1.9p+90f};
    const clact_activation act = subject_of(state)->act;
    float params[2];
    default_params(*state, params);
    mpfr_t x, coarse, fine;
    mpfr_inits2(ORACLE_BITS, x, coarse, fine, (mpfr_ptr)NULL);
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        mpfr_set_flt(x, inputs[i], MPFR_RNDN);
        oracle_derivative_step(coarse, act, params, x, -100);
        oracle_derivative_step(fine, act, params, x, -140);
        if (mpfr_number_p(coarse)) {
            mpfr_sub(fine, fine, coarse, MPFR_RNDN);
            mpfr_div_2ui(coarse, coarse, 100, MPFR_RNDN);
            assert_true(mpfr_cmpabs(fine, coarse) <= 0 || mpfr_get_exp(fine) < -250);
        } else {
            assert_true(mpfr_equal_p(fine, coarse) || (mpfr_nan_p(fine) && mpfr_nan_p(coarse)));
        }
    }
    mpfr_clears(x, coarse, fine, (mpfr_ptr)NULL);
}

/* The table of activations and the oracle's table of kinks name the same places. */
static void test_oracle_kinks(void **state) {
    const clact_activation act = subject_of(state)->act;
    const float candidates[] = {-6.0f, -3.0f, -1.0f, -0.5f, 0.0f, 0.5f, 1.0f, 3.0f, 6.0f};
    float kinks[CLACT_MAX_KINKS], params[2];
    default_params(*state, params);
    const size_t count = clact_activation_kinks(act, NULL, kinks);
    size_t found = 0;
    mpfr_t x, value;
    mpfr_inits2(ORACLE_BITS, x, value, (mpfr_ptr)NULL);
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        mpfr_set_flt(x, candidates[i], MPFR_RNDN);
        found += oracle_kink(value, act, params, x) && mpfr_number_p(value);
    }
    assert_int_equal(found, count);
    for (size_t i = 0; i < count; i++) {
        mpfr_set_flt(x, kinks[i], MPFR_RNDN);
        assert_true(oracle_kink(value, act, params, x));
    }
    mpfr_clears(x, value, (mpfr_ptr)NULL);
}

static void test_ulps(void **state) {
    (void)state;
    const struct {
        float got;
        double exact, ulps;
    } cases[] = {{1.0f, 1, 0},
                 {1.0f, 0x1.000001p+0, 0.5},
                 {0x1.fffffep-1f, 1, 0.5},
                 {0.0f, 0x1p-150, 0.5},
                 {0x1p-149f, 0, 1},
                 {0x1p-126f, 0x1p-149, 8388607},
                 {INFINITY, 0x1p200, 0},
                 {INFINITY, 0x1.fffffep+127, 1},
                 {0x1.fffffep+127f, 0x1p128, 1},
                 {-INFINITY, 0x1p128, INFINITY},
                 {NAN, 1, INFINITY},
                 {1.0f, NAN, INFINITY},
                 {NAN, NAN, 0},
                 {INFINITY, INFINITY, 0},
                 {1.0f, INFINITY, INFINITY}};
    mpfr_t exact;
    mpfr_init2(exact, ORACLE_BITS);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mpfr_set_d(exact, cases[i].exact, MPFR_RNDN);
        const double ulps = oracle_ulps((double)cases[i].got, exact, CLACT_F32);
        assert_true(ulps == cases[i].ulps || (cases[i].got < 0 && ulps > 1e6));
    }
    mpfr_clear(exact);
}

/* ---- Running --------------------------------------------------------------------------------- */

static bool always(const clact_activation_info *info) {
    return info->name != NULL;
}

static bool has_y(const clact_activation_info *info) {
    return info->reads_y;
}

static bool has_params(const clact_activation_info *info) {
    return info->num_params > 0;
}

/* One cmocka test per activation, by its name. Returns the number that failed. */
static int run_group(int build, const char *name, CMUnitTestFunction test,
                     bool (*applies)(const clact_activation_info *)) {
    struct CMUnitTest tests[CLACT_ACT_COUNT];
    char title[96];
    size_t count = 0;
    for (int i = 0; i < CLACT_ACT_COUNT; i++) {
        clact_activation_info info;
        struct subject *s = &subjects[build][i];
        clact_activation_query((clact_activation)i, &info);
        s->act = (clact_activation)i;
        s->tier = build % 2 ? CLACT_TIER_ACCURATE : CLACT_TIER_FAST;
        s->dtype = build < 2 ? CLACT_F32 : CLACT_F64;
        if (applies(&info)) tests[count++] = (struct CMUnitTest){info.name, test, NULL, NULL, s};
    }
    snprintf(title, sizeof title, "%s, %s %s", name, clact_tier_name(subjects[build][0].tier),
             clact_dtype_name(subjects[build][0].dtype));
    return _cmocka_run_group_tests(title, tests, count, NULL, NULL);
}

static void print_tally(const char *text, const struct tally *tally) {
    if (tally->samples == 0) return;
    printf("  %s %7.4f at %-16a", text, tally->worst.ulps, tally->worst.input);
}

static void print_subject(const struct subject *s, int direction) {
    const struct tally *tally = &s->at_defaults[direction], *other = &s->with_params[direction];
    const struct tally *dy = &s->with_dy[direction];
    if (tally->samples == 0) return;
    printf("%-12s %-10s %-8s %s %6llu of %g", info_of(s->act).name, direction_names[direction],
           clact_tier_name(s->tier), clact_dtype_name(s->dtype), (unsigned long long)tally->samples,
           case_of(s, (enum direction)direction).bound);
    print_tally("", tally);
    print_tally("params", other);
    if (other->samples > 0) printf("(%g, %g)", (double)other->params[0], (double)other->params[1]);
    print_tally("dy", dy);
    if (dy->samples > 0) printf("(%a)", dy->worst.dy);
    printf("\n");
}

static void print_table(void) {
    printf("\nGreatest error in ulps at the defaults, with other parameters, with other dy\n");
    for (int i = 0; i < CLACT_ACT_COUNT; i++)
        for (int build = 0; build < BUILDS; build++)
            for (int d = 0; d < DIRECTIONS; d++)
                print_subject(&subjects[build][i], d);
}

/* The index of a word among count names; count if it is none of them. */
static int index_of(const char *word, const char *const *names, int count) {
    int i = 0;
    while (i < count && strcmp(word, names[i]) != 0)
        i++;
    return i;
}

static int compare_one(int argc, char **argv) {
    static const char *const tiers[] = {"fast", "accurate"}, *const dtypes[] = {"f32", "f64"};
    struct subject s = {0};
    const int direction = argc > 2 ? index_of(argv[2], direction_names, DIRECTIONS) : DIRECTIONS;
    const int tier = argc > 3 ? index_of(argv[3], tiers, 2) : 2;
    const int dtype = argc > 4 ? index_of(argv[4], dtypes, 2) : 2;
    if (argc < 6 || direction == DIRECTIONS || tier == 2 || dtype == 2 ||
        clact_activation_find(argv[1], &s.act)) {
        printf("usage: test_formulas [NAME forward|backward|backward_y fast|accurate f32|f64 INPUT "
               "[A [B [DY]]]]\n");
        return 2;
    }
    verify_result result;
    s.tier = (clact_tier)tier;
    s.dtype = dtype == 0 ? CLACT_F32 : CLACT_F64;
    verify_case c = case_of(&s, (enum direction)direction);
    const double input64 = strtod(argv[5], NULL), dy64 = argc > 8 ? strtod(argv[8], NULL) : 1;
    const float input = (float)input64, dy = (float)dy64;
    for (int i = 6; i < argc && i < 8; i++)
        c.params[i - 6] = strtof(argv[i], NULL);
    memset(&result, 0, sizeof result);
    if ((direction != BACKWARD_Y || info_of(s.act).reads_y) &&
        verify_points(&c, 1, dtype == 0 ? (const void *)&input : &input64,
                      dtype == 0 ? (const void *)&dy : &dy64, &formulas, &result) != VERIFY_DONE)
        return 1;
    if (result.promised > 0)
        print_point(&c, &result.worst);
    else
        printf("nothing is promised here\n");
    return result.failures > 0;
}

int main(int argc, char **argv) {
    if (argc > 1) return compare_one(argc, argv);
    const struct CMUnitTest ulps[] = {cmocka_unit_test(test_ulps)};
    printf("seed 0x%llx\n", (unsigned long long)SAMPLE_SEED);
    int failed = cmocka_run_group_tests_name("ulps", ulps, NULL, NULL);
    failed += run_group(0, "oracle: the step does not matter", test_oracle_derivative, always);
    failed += run_group(0, "oracle: kinks are the table's", test_oracle_kinks, always);
    for (int build = 0; build < BUILDS; build++) {
        failed += run_group(build, "forward", test_forward, always);
        failed += run_group(build, "backward from x", test_backward, always);
        failed += run_group(build, "any dy", test_gradient, always);
        failed += run_group(build, "backward from y", test_backward_y, has_y);
        if (build >= 2) continue; /* float64 with parameters: `clact verify --dtype f64` */
        failed += run_group(build, "infinite and NaN dy", test_special_gradient, always);
        failed += run_group(build, "any parameters", test_params, has_params);
    }
    print_table();
    return failed != 0;
}
