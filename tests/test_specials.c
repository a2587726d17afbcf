/* test_specials.c: the formulas, as C, give what the table of special values says, and that table
 * is complete. `test_specials NAME` runs the tests of that name, in which * stands for anything.
 */
#include "formulas_c.h"
#include "specials.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* One direction of one row. */
typedef struct special_case {
    clact_activation_info info;
    special_direction direction;
    clact_tier tier;
    char name[64];
} special_case;

/* ---- What is tested: the build, and how close it must come ----------------------------------- */

static float evaluate(const special_case *c, float input) {
    const clact_activation act = c->info.activation;
    const float params[CLACT_MAX_PARAMS] = {c->info.params[0].value, c->info.params[1].value};
    const clact_saved saved = c->direction == SPECIAL_BACKWARD_Y ? CLACT_SAVED_Y : CLACT_SAVED_X;
    if (c->direction == SPECIAL_FORWARD) return formula_forward(act, c->tier, params, input);
    return formula_backward(act, c->tier, params, saved, input, 1.0f);
}

static double promise(const special_case *c) {
    clact_bound bound = {0};
    clact_activation_bound(c->info.activation, c->tier, CLACT_F32, c->direction != SPECIAL_FORWARD,
                           &bound);
    return bound.ulps;
}

/* ---- Tests, one a row and direction ---------------------------------------------------------- */

static bool is_of(const special_case *c, const special *s) {
    return s->activation == c->info.activation && s->direction == c->direction;
}

static void formula_gives_what_is_expected(void **state) {
    const special_case *c = *state;
    int failures = 0;
    for (size_t i = 0; i < num_specials; i++) {
        const special *s = &specials[i];
        float input;
        if (!is_of(c, s)) continue;
        if (!special_read_input(s->input, &input) || !special_is_expectation(s->expected))
            fail_msg("%s at %s: cannot read the line", c->name, s->input);
        const float got = evaluate(c, input);
        if (special_is_met(s->expected, got, promise(c))) continue;
        print_error("%s at %s: input %a got %a want %s (allowed %g ulps)\n"
                    "  repeat: test_specials '%s'\n",
                    c->name, s->input, (double)input, (double)got, s->expected, promise(c),
                    c->name);
        failures++;
    }
    assert_int_equal(failures, 0);
}

static size_t count_lines(const special_case *c, float wanted) {
    size_t count = 0;
    float input;
    for (size_t i = 0; i < num_specials; i++)
        if (is_of(c, &specials[i]) && special_read_input(specials[i].input, &input))
            count += memcmp(&input, &wanted, sizeof input) == 0 || (isnan(input) && isnan(wanted));
    return count;
}

static void every_input_has_one_line(void **state) {
    const special_case *c = *state;
    float inputs[SPECIAL_MOST_INPUTS];
    const size_t count = special_inputs(c->info.activation, c->direction, inputs);
    int failures = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t lines = count_lines(c, inputs[i]);
        if (lines == 1) continue;
        print_error("specials.def has %zu lines for %s at %a\n", lines, c->name, (double)inputs[i]);
        failures++;
    }
    assert_int_equal(failures, 0);
}

/* Where y may not be read, nothing is expected of it. Only a y can be out of reach. */
static void every_line_has_its_place(void **state) {
    (void)state;
    for (size_t i = 0; i < num_specials; i++) {
        const special *s = &specials[i];
        assert_true(special_applies(s->activation, s->direction));
        assert_true(s->direction == SPECIAL_BACKWARD_Y || strcmp(s->expected, "any") != 0);
    }
}

/* ---- The notation ---------------------------------------------------------------------------- */

static void the_notation_means_what_it_says(void **state) {
    (void)state;
    const struct {
        const char *expected;
        float got;
        double ulps;
        bool met;
    } cases[] = {{"nan", NAN, 0, true},
                 {"nan", 0.0f, 9, false},
                 {"1", NAN, 9, false},
                 {"+0", NAN, 9, false},
                 {"0", NAN, 9, false},
                 {"+0", 0.0f, 0, true},
                 {"+0", -0.0f, 9, false},
                 {"-0", -0.0f, 0, true},
                 {"-0", 0.0f, 9, false},
                 {"0", -0.0f, 0, true},
                 {"0", 0.0f, 0, true},
                 {"0", 0x1p-149f, 9, false},
                 {"+inf", INFINITY, 0, true},
                 {"+inf", -INFINITY, 0, false},
                 {"-inf", -INFINITY, 0, true},
                 {"+inf", 0x1.fffffep127f, 9, false},
                 {"max", INFINITY, 9, false},
                 {"max", 0x1.fffffep127f, 0, true},
                 {"-max", 0x1.fffffep127f, 9, false},
                 {"tiny", 0.0f, 9, false},
                 {"tiny", 0x1p-149f, 0, true},
                 {"tiny", 0x1p-148f, 0.5, false},
                 {"tiny", 0x1p-148f, 1, true},
                 {"+0|tiny", 0.0f, 1, true},
                 {"+0|tiny", 0x1p-149f, 0, true},
                 {"+0|tiny", -0.0f, 1, false},
                 {"-0|-tiny", -0x1p-149f, 1, true},
                 {"-0|-tiny", 0x1p-149f, 1, false},
                 {"1", 0x1.000002p0f, 0.5, false},
                 {"1", 0x1.000002p0f, 1, true},
                 {"0.01", 0.01f, 0, true},
                 {"-0x1p-24", -0x1p-24f, 0, true},
                 {"any", NAN, 0, true},
                 {"any", 3.0f, 0, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!special_is_expectation(cases[i].expected) ||
            special_is_met(cases[i].expected, cases[i].got, cases[i].ulps) != cases[i].met)
            fail_msg("%s and %a", cases[i].expected, (double)cases[i].got);
    const char *const wrong[] = {"",      "inf", "0|tiny", "+0|", "|1",
                                 "small", "1 ",  "tinys",  "+",   "-any"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (special_is_expectation(wrong[i])) fail_msg("'%s' can be read", wrong[i]);
    const struct {
        const char *input;
        float value;
    } inputs[] = {{"+0", 0.0f},
                  {"-0", -0.0f},
                  {"-tiny", -0x1p-149f},
                  {"max", 0x1.fffffep127f},
                  {"-inf", -INFINITY},
                  {"below(-3)", -0x1.800002p1f},
                  {"above(-3)", -0x1.7ffffep1f},
                  {"-0.5", -0.5f}};
    float value;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        if (!special_read_input(inputs[i].input, &value) ||
            memcmp(&value, &inputs[i].value, sizeof value) != 0)
            fail_msg("%s", inputs[i].input);
    assert_false(special_read_input("above(3", &value));
    assert_false(special_read_input("near(3)", &value));
}

/* ---- Running --------------------------------------------------------------------------------- */

static int run_group(const char *name, CMUnitTestFunction test, clact_tier tier) {
    static special_case cases[CLACT_ACT_COUNT * SPECIAL_DIRECTIONS];
    struct CMUnitTest tests[CLACT_ACT_COUNT * SPECIAL_DIRECTIONS];
    size_t count = 0;
    for (int act = 0; act < CLACT_ACT_COUNT; act++)
        for (int d = 0; d < SPECIAL_DIRECTIONS; d++) {
            special_case *c = &cases[count];
            c->direction = (special_direction)d;
            if (!special_applies((clact_activation)act, c->direction)) continue;
            clact_activation_query((clact_activation)act, &c->info);
            c->tier = tier;
            snprintf(c->name, sizeof c->name, "%s %s %s", c->info.name, special_direction_names[d],
                     clact_tier_name(tier));
            tests[count++] = (struct CMUnitTest){c->name, test, NULL, NULL, c};
        }
    return _cmocka_run_group_tests(name, tests, count, NULL, NULL);
}

int main(int argc, char **argv) {
    const struct CMUnitTest whole[] = {cmocka_unit_test(the_notation_means_what_it_says),
                                       cmocka_unit_test(every_line_has_its_place)};
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    int failed = cmocka_run_group_tests_name("the table of special values", whole, NULL, NULL);
    failed += run_group("the table is complete", every_input_has_one_line, CLACT_TIER_ACCURATE);
    failed += run_group("the C build, fast", formula_gives_what_is_expected, CLACT_TIER_FAST);
    failed +=
        run_group("the C build, accurate", formula_gives_what_is_expected, CLACT_TIER_ACCURATE);
    return failed != 0;
}
