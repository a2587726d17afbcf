/* test_formulas.c: the formulas, as C, are within the table's promise of the oracle.
 *
 *     test_formulas                                    everything, then a table of what was
 * measured test_formulas NAME DIRECTION INPUT [A [B [DY]]]  one comparison; DIRECTION is forward,
 *                                                      backward (INPUT is x) or backward_y
 */
#include "formula_check.h"
#include "formulas_c.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct tally at_defaults[CLACT_ACT_COUNT][DIRECTIONS];
static struct tally with_params[CLACT_ACT_COUNT][DIRECTIONS];
static struct tally with_dy[CLACT_ACT_COUNT][DIRECTIONS];

static clact_activation row_of(void **state) {
    return *(const clact_activation *)*state;
}

/* ---- The promise of the table ---------------------------------------------------------------- */

static void check_defaults(clact_activation act, enum direction direction, unsigned mantissas,
                           unsigned middle) {
    struct check c;
    check_init(&c, act, direction, &at_defaults[act][direction]);
    check_sweep(&c, mantissas, middle);
    assert_true(c.tally->samples > middle / 3); /* most inputs were not refused */
    assert_int_equal(check_finish(&c), 0);
}

static void test_forward(void **state) {
    check_defaults(row_of(state), FORWARD, 8, 10000);
}

static void test_backward(void **state) {
    check_defaults(row_of(state), BACKWARD, 8, 10000);
}

static void test_backward_y(void **state) {
    check_defaults(row_of(state), BACKWARD_Y, 4, 3000);
}

/* ---- Looser: other parameters, other dy -------------------------------------------------------
 */

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

static long check_params(clact_activation act, enum direction direction, float a, float b) {
    struct check c;
    check_init(&c, act, direction, &with_params[act][direction]);
    c.params[0] = a;
    if (c.info.num_params > 1) c.params[1] = b;
    c.allowed += 1;
    if (check_is_legal(&c)) check_sweep(&c, 3, c.info.num_params > 1 ? 300 : 900);
    return check_finish(&c);
}

static void test_params(void **state) {
    clact_activation_info info;
    float a[5], b[5] = {0};
    long failures = 0;
    clact_activation_query(row_of(state), &info);
    const size_t num_a = list_values(&info.params[0], a);
    const size_t num_b = info.num_params > 1 ? list_values(&info.params[1], b) : 1;
    for (int direction = 0; direction < (info.reads_y ? DIRECTIONS : BACKWARD_Y); direction++)
        for (size_t i = 0; i < num_a; i++)
            for (size_t j = 0; j < num_b; j++)
                failures += check_params(row_of(state), (enum direction)direction, a[i], b[j]);
    assert_int_equal(failures, 0);
}

static void test_gradient(void **state) {
    long failures = 0;
    for (int direction = BACKWARD; direction < DIRECTIONS; direction++) {
        struct check c;
        check_init(&c, row_of(state), (enum direction)direction,
                   &with_dy[row_of(state)][direction]);
        c.random_dy = true;
        c.allowed += 1;
        if (direction == BACKWARD || c.info.reads_y) check_sweep(&c, 4, 1500);
        failures += check_finish(&c);
    }
    assert_int_equal(failures, 0);
}

/* dy = +-inf and NaN: 0 where the derivative of a row with kinks is 0, else what the product is. */
static void test_special_gradient(void **state) {
    static const float inputs[] = {-7.0f, -2.0f, -0.75f, -0.25f, 0.25f, 0.75f, 2.0f, 7.0f, NAN};
    static const float gradients[] = {INFINITY, -INFINITY, NAN, 0x1.fffffep+127f};
    long failures = 0;
    for (size_t i = 0; i < sizeof gradients / sizeof *gradients; i++) {
        struct check c;
        struct tally tally = {0};
        float kinks[CLACT_MAX_KINKS];
        check_init(&c, row_of(state), BACKWARD, &tally);
        c.dy = gradients[i];
        c.allowed += 1;
        for (size_t k = 0; k < sizeof inputs / sizeof *inputs; k++)
            check_compare(&c, inputs[k]);
        for (size_t k = clact_activation_kinks(row_of(state), c.params, kinks); k-- > 0;)
            check_compare(&c, kinks[k]);
        failures += check_finish(&c);
    }
    assert_int_equal(failures, 0);
}

/* ---- The oracle itself ----------------------------------------------------------------------- */

static void default_params(clact_activation act, float params[2]) {
    clact_activation_info info;
    assert_int_equal(clact_activation_query(act, &info), CLACT_SUCCESS);
    for (int i = 0; i < 2; i++)
        params[i] = i < info.num_params ? info.params[i].value : 0;
}

/* A step 2^40 times smaller changes nothing within 100 bits, or 2^-250. */
static void test_oracle_derivative(void **state) {
    const float inputs[] = {-90.0f,   -13.1f, -1.3f, -0x1p-3f, -0x1p-140f, 0.0f,
                            0x1p-30f, 0.7f,   2.4f,  17.9f,    88.0f,      0x1.9p+90f};
    const clact_activation act = row_of(state);
    float params[2];
    default_params(act, params);
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
    const clact_activation act = row_of(state);
    const float candidates[] = {-6.0f, -3.0f, -1.0f, -0.5f, 0.0f, 0.5f, 1.0f, 3.0f, 6.0f};
    float kinks[CLACT_MAX_KINKS], params[2];
    default_params(act, params);
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
        const double ulps = oracle_ulps(cases[i].got, exact);
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
static int run_group(const char *name, CMUnitTestFunction test,
                     bool (*applies)(const clact_activation_info *)) {
    static clact_activation rows[CLACT_ACT_COUNT];
    struct CMUnitTest tests[CLACT_ACT_COUNT];
    size_t count = 0;
    for (int i = 0; i < CLACT_ACT_COUNT; i++) {
        clact_activation_info info;
        rows[i] = (clact_activation)i;
        clact_activation_query(rows[i], &info);
        if (applies(&info))
            tests[count++] = (struct CMUnitTest){info.name, test, NULL, NULL, &rows[i]};
    }
    return _cmocka_run_group_tests(name, tests, count, NULL, NULL);
}

static void print_tally(const char *text, const struct tally *tally) {
    if (tally->samples == 0) return;
    printf("  %s %7.4f at %-16a", text, tally->ulps, (double)tally->input);
}

static void print_table(void) {
    printf("\nGreatest error in ulps (loose: other parameters, then other dy)\n");
    for (int i = 0; i < CLACT_ACT_COUNT; i++) {
        clact_activation_info info;
        clact_activation_query((clact_activation)i, &info);
        for (int d = 0; d < DIRECTIONS; d++) {
            const struct tally *tally = &at_defaults[i][d], *loose = &with_params[i][d];
            if (tally->samples == 0) continue;
            printf("%-12s %-10s %6ld", info.name, direction_names[d], tally->samples);
            printf(" of %.1f", d == FORWARD ? info.forward_ulps : info.backward_ulps);
            print_tally("", tally);
            print_tally("params", loose);
            if (loose->samples > 0)
                printf("(%g, %g)", (double)loose->params[0], (double)loose->params[1]);
            print_tally("dy", &with_dy[i][d]);
            if (with_dy[i][d].samples > 0) printf("(%a)", (double)with_dy[i][d].dy);
            printf("\n");
        }
    }
}

static int compare_one(int argc, char **argv) {
    clact_activation act;
    int direction = 0;
    while (argc > 2 && direction < DIRECTIONS && strcmp(argv[2], direction_names[direction]) != 0)
        direction++;
    if (argc < 4 || direction == DIRECTIONS || clact_activation_find(argv[1], &act)) {
        printf("usage: test_formulas [NAME forward|backward|backward_y INPUT [A [B [DY]]]]\n");
        return 2;
    }
    struct tally tally = {0};
    struct check c;
    check_init(&c, act, (enum direction)direction, &tally);
    for (int i = 4; i < argc && i < 6; i++)
        c.params[i - 4] = strtof(argv[i], NULL);
    if (argc > 6) c.dy = strtof(argv[6], NULL);
    bool loose = false;
    for (int i = 0; i < c.info.num_params; i++)
        if (c.params[i] != c.info.params[i].value) loose = true;
    if (loose || c.dy != 1) c.allowed += 1;
    c.verbose = true;
    check_compare(&c, strtof(argv[3], NULL));
    if (tally.samples == 0) printf("nothing is promised here\n");
    return check_finish(&c) > 0;
}

int main(int argc, char **argv) {
    if (argc > 1) return compare_one(argc, argv);
    const struct CMUnitTest ulps[] = {cmocka_unit_test(test_ulps)};
    printf("seed 0x%llx\n", (unsigned long long)CHECK_SEED);
    int failed = cmocka_run_group_tests_name("ulps", ulps, NULL, NULL);
    failed += run_group("oracle: the step does not matter", test_oracle_derivative, always);
    failed += run_group("oracle: kinks are the table's", test_oracle_kinks, always);
    failed += run_group("forward", test_forward, always);
    failed += run_group("backward from x", test_backward, always);
    failed += run_group("backward from y", test_backward_y, has_y);
    failed += run_group("any dy", test_gradient, always);
    failed += run_group("infinite and NaN dy", test_special_gradient, always);
    failed += run_group("any parameters", test_params, has_params);
    print_table();
    return failed != 0;
}
