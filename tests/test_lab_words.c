/* test_lab_words.c: what experiments on one neuron say follows from numbers, also from such as no
 * seed gives. */
#include "lab/lab_identities_parts.h"
#include "lab/lab_neuron_parts.h"
#include "lab/lab_zigzag_parts.h"
#include "lab_words.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- zigzag ---- */

static heard *hear_zigzag(zigzag_journey positive, zigzag_journey positive_in_batches,
                          zigzag_journey centred) {
    lab_report *report = hear_nothing();
    const zigzag_paths paths = {0};
    zigzag_found f;
    for (int s = 0; s < ZIGZAG_SIZES; s++)
        for (int b = 0; b < ZIGZAG_BATCHES; b++) {
            f.of[s][ZIGZAG_POSITIVE][b] = b == ZIGZAG_BATCHES - 1 ? positive_in_batches : positive;
            f.of[s][ZIGZAG_CENTRED][b] = f.of[s][ZIGZAG_TANH][b] = centred;
        }
    zigzag_report(&f, &paths, report);
    return hear(report);
}

static void test_zigzag(void **state) {
    heard *s = hear_zigzag((zigzag_journey){900, 1.0, 6.0}, (zigzag_journey){950, 0.1, 1.5},
                           (zigzag_journey){300, 0.01, 2.0});
    (void)state;
    heard_words(s, "a zigzag, as predicted, for the sign alone makes it 3.00 times as long");
    heard_words(s, "Batches soften it");
    heard_words(s,
                "takes about as many steps, 950 against 900. With the same inputs centred it takes "
                "fewer, 300");
    heard_fact(s, "is_zigzag", 1);
    heard_fact(s, "batches_soften", 1);
    heard_fact(s, "batches_save_steps", 0);
    heard_fact(s, "centring_saves_steps", 1);
    heard_free(s);
    s = hear_zigzag((zigzag_journey){900, 0.9, 2.0}, (zigzag_journey){300, 0.9, 2.5},
                    (zigzag_journey){900, 0.01, 2.0});
    heard_words(
        s, "no zigzag, against the prediction, for the sign alone makes it 1.00 times as long");
    heard_words(s, "Batches do not soften it");
    heard_words(
        s, "takes fewer steps, 300 against 900. With the same inputs centred it takes more, 900");
    heard_fact(s, "is_zigzag", 0);
    heard_fact(s, "batches_soften", 0);
    heard_fact(s, "batches_save_steps", 1);
    heard_fact(s, "centring_saves_steps", 0);
    heard_free(s);
}

/* ---- neuron ---- */

enum { FEATURES = NEURON_SHOWN, TUMOURS = 8 };

static heard *hear_neuron(const float *probability, double held_out_loss, double first_loss,
                          size_t alike) {
    static const float label[TUMOURS] = {0, 0, 0, 1, 1, 1, 1, 1};
    static const char *const names[FEATURES] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    float weights[FEATURES + 1] = {0}, logit[TUMOURS] = {0}, p[TUMOURS];
    char message[CLI_MESSAGE_SIZE];
    lab_report *report = hear_nothing();
    neuron_found f = {.inputs = FEATURES, .input_names = names, .weights = weights, .alike = alike};
    memcpy(p, probability, sizeof p);
    for (int part = 0; part < NEURON_PARTS; part++) {
        neuron_set *s = &f.sets[part];
        s->count = TUMOURS;
        s->label = label;
        s->logit = logit;
        s->probability = p;
        for (int e = 0; e <= NEURON_EPOCHS; e++)
            s->losses[e] = e == 0 ? first_loss : part == NEURON_TRAINING ? 0.1 : held_out_loss;
        assert_true(scores_find(p, label, TUMOURS, 1, &s->scores));
    }
    assert_true(neuron_report(&f, report, message, sizeof message));
    for (int part = 0; part < NEURON_PARTS; part++)
        scores_clear(&f.sets[part].scores);
    return hear(report);
}

static void test_neuron(void **state) {
    heard *s = hear_neuron((const float[]){0.01f, 0, 0, 1, 1, 1, 1, 1}, 0.05, log(2.0), 7);
    (void)state;
    heard_words(s, "errors of that: it does.");
    heard_words(s, "the rows it was trained on are harder");
    heard_words(s, "Of their 45 pairs 7 are correlated beyond 0.9 or -0.9, and what one");
    heard_words(s, "and that is it");
    heard_words(s, "nothing speaks against");
    heard_fact(s, "linear_suffices", 1);
    heard_fact(s, "training_rows_harder", 1);
    heard_fact(s, "starts_at_ln_2", 1);
    heard_fact(s, "calibrated", 1);
    heard_free(s);
    s = hear_neuron((const float[]){1, 1, 0, 1, 1, 1, 1, 1}, 0.2, 0.6932, 0);
    heard_words(s, "errors of that: it does NOT.");
    heard_words(s, "the rows it was trained on are easier");
    heard_words(s, "Of their 45 pairs 0 are correlated beyond 0.9 or -0.9. The loss");
    heard_words(s, "and that is NOT it");
    heard_words(s, "not as well calibrated as predicted");
    heard_fact(s, "linear_suffices", 0);
    heard_fact(s, "training_rows_harder", 0);
    heard_fact(s, "starts_at_ln_2", 0);
    heard_fact(s, "calibrated", 0);
    heard_free(s);
}

/* ---- identities ---- */

/* Kernels that are right at 0, formulas that lose everything between 1 and 100 */
static identities_found *new_identities(void) {
    static const float at_0[IDENTITIES] = {0.0f, 0.25f, 0.5f, 1.0f};
    identities_found *f = calloc(1, sizeof *f);
    assert_non_null(f);
    for (int k = 0; k < IDENTITIES; k++)
        for (int tier = 0; tier < CLI_NUM_TIERS; tier++) {
            identity_tally *t = &f->of[k][tier];
            *t = (identity_tally){.count = 1000,
                                  .held = 900,
                                  .worst = {1.0f, 1.0f, 0.0f, 0x1p24},
                                  .most_apart = 0x1p-23,
                                  .fails_from = 1.0,
                                  .fails_to = 100.0};
            for (int c = 0; c < IDENTITIES_CELLS; c++)
                t->first[c] = t->most[c] = (identity_sides){0.0f, at_0[k], at_0[k], 0.0};
        }
    for (int tier = 0; tier < CLI_NUM_TIERS; tier++)
        f->slope[tier] = (identity_slope){0.25f, 0, 1e-4f, 100.0f, 17.0f, 1e-8f};
    f->specials = 24;
    return f;
}

static heard *hear_identities(identities_found *f) {
    lab_report *report = hear_nothing();
    identities_report(f, report);
    free(f);
    return hear(report);
}

static void test_identities(void **state) {
    heard *s = hear_identities(new_identities());
    (void)state;
    heard_words(s, "as far as float32 goes near 1 they hold");
    heard_words(s, "NaN 0 of 24 comparisons differ");
    heard_words(s, "each formula loses everything somewhere");
    heard_words(s, "With the fast tier more than 4 ulps are lost by 2s(2x)-1 for x from 1 to 100");
    heard_words(s, "they are the side that is right");
    heard_words(s, "The bound s' <= 1/4 holds");
    heard_words(s, "it is exactly 1/4 for |x| up to 0.0001");
    heard_not(s, "a side is NaN");
    heard_fact(s, "they_hold", 1);
    heard_fact(s, "nans", 0);
    heard_fact(s, "all_lose_everything", 1);
    heard_fact(s, "kernel_is_right", 1);
    heard_fact(s, "slope_is_bounded", 1);
    heard_free(s);
}

static void test_identities_otherwise(void **state) {
    identities_found *f = new_identities();
    (void)state;
    f->of[IDENTITY_SIGMOID_SLOPE][1].most_apart = 5 * 0x1p-23;
    f->of[IDENTITY_TANH_SLOPE][0].worst.ulps = 10.0;
    f->of[IDENTITY_TANH_SLOPE][0].fails_from = f->of[IDENTITY_TANH_SLOPE][0].fails_to = 0.0;
    f->of[IDENTITY_TANH_SLOPE][1].first[3].left = 0.9f;
    f->of[IDENTITY_TANH_BY_SIGMOID][1].nans = 2;
    f->of[IDENTITY_TANH_BY_SIGMOID][0].fails_below_zero = true;
    f->slope[0].above = 3;
    f->slope[1] = (identity_slope){.most = 0.24f};
    f->specials_wrong = 1;
    heard *s = hear_identities(f);
    heard_words(s, "they do NOT hold near 1");
    heard_words(s, "NaN 1 of 24 comparisons differ");
    heard_words(s, "At 2 finite floats a side is NaN");
    heard_words(s, "not every formula loses everything");
    heard_words(s, "by 2s(2x)-1 for |x| from 1 to 100");
    heard_words(s, "by 1-tanh^2 nowhere");
    heard_words(s, "they are NOT always the side that is right");
    heard_words(s, "The bound s' <= 1/4 does NOT hold: 3 floats");
    heard_words(s,
                "it is exactly 1/4 nowhere. There s(1-s) is 0 nowhere, and s' itself is 0 nowhere");
    heard_fact(s, "they_hold", 0);
    heard_fact(s, "nans", 2);
    heard_free(s);
}

static void test_identities_with_nan_alone(void **state) {
    identities_found *f = new_identities();
    (void)state;
    f->of[IDENTITY_SIGMOID_MIRRORED][0].nans = 1;
    heard *s = hear_identities(f);
    heard_words(s, "At 1 finite floats a side is NaN");
    heard_words(s, "they do NOT hold near 1");
    heard_fact(s, "they_hold", 0);
    heard_fact(s, "nans", 1);
    heard_free(s);
}

/* ---- reports themselves ---- */

static void test_no_room_is_said(void **state) {
    static const lab_column column = {"k", "k", "%g"};
    char message[CLI_MESSAGE_SIZE];
    lab_report *report = hear_nothing();
    (void)state;
    while (lab_report_is_whole(report, message, sizeof message))
        lab_add_row(lab_add_table(report, "t", NULL, &column, 1), (lab_cell[]){LAB_NUMBER(1)});
    assert_non_null(strstr(message, "more tables than"));
    lab_report_destroy(report);
    report = hear_nothing();
    while (lab_report_is_whole(report, message, sizeof message))
        lab_add_panel(report, "p", "x", "y");
    assert_non_null(strstr(message, "more panels than"));
    lab_report_destroy(report);
    report = hear_nothing();
    lab_report_lacks_memory(report);
    assert_false(lab_report_is_whole(report, message, sizeof message));
    assert_non_null(strstr(message, "out of memory"));
    lab_report_destroy(report);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zigzag),
        cmocka_unit_test(test_neuron),
        cmocka_unit_test(test_identities),
        cmocka_unit_test(test_identities_otherwise),
        cmocka_unit_test(test_identities_with_nan_alone),
        cmocka_unit_test(test_no_room_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
