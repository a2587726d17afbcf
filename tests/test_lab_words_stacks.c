/* test_lab_words_stacks.c: what experiments on stacks of layers say follows from numbers, also from
 * such as no seed gives. */
#include "lab/lab_dying_parts.h"
#include "lab/lab_saturation_parts.h"
#include "lab/lab_vanishing_parts.h"
#include "lab_words.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- dying ---- */

/* relu dies at the last rate but one, and leaky_relu does not */
static dying_found *new_dying(void) {
    dying_found *f = calloc(1, sizeof *f);
    assert_non_null(f);
    for (int k = 0; k < DYING_KINDS; k++)
        for (int r = 0; r < DYING_RATES; r++)
            f->of[k][r] = (dying_outcome){.accuracy = 0.9};
    for (int r = 6; r < DYING_RATES; r++)
        f->of[DYING_RELU][r] = (dying_outcome){.dead = 0.5, .accuracy = 0.1};
    f->worst_rate = 6;
    f->num_dead = 64;
    for (int e = 0; e <= DYING_MORE_EPOCHS; e++) {
        f->relu.inactive[e] = 1.0;
        f->leaky.inactive[e] = 0.75;
        f->relu.accuracy[e] = 0.095;
        f->leaky.accuracy[e] = e > 0 ? 0.9 : 0.1;
    }
    f->learnt = 0.25;
    return f;
}

static heard *hear_dying(dying_found *f) {
    lab_report *report = hear_nothing();
    dying_report(f, report);
    free(f);
    return hear(report);
}

static const dying_outcome diverged = {true, NAN, NAN, NAN};

static void test_dying(void **state) {
    heard *s = hear_dying(new_dying());
    (void)state;
    heard_words(s, "50.0 % are dead at 3.2, and accuracy is 10.0 %");
    heard_words(s, "is 90.0 %, more than relu's");
    heard_words(s, "all are dead at the ends of all 30 more epochs");
    heard_words(s, "25.0 % of them are positive on some row by the switch alone");
    heard_words(s, "brought back 25.0 %");
    heard_words(s, "more is gained than as relu");
    heard_fact(s, "leaky_is_better", 1);
    heard_fact(s, "dead_stay_dead", 1);
    heard_fact(s, "learning_revives", 1);
    heard_free(s);
}

static void test_dying_otherwise(void **state) {
    dying_found *f = new_dying();
    (void)state;
    f->of[DYING_LEAKY][6].accuracy = 0.05;
    f->relu.inactive[3] = 0.984;
    f->relu.accuracy[DYING_MORE_EPOCHS] = 0.081;
    f->learnt = 0.0;
    for (int e = 0; e <= DYING_MORE_EPOCHS; e++)
        f->leaky.accuracy[e] = 0.5 - 0.01 * e;
    heard *s = hear_dying(f);
    heard_words(s, "is 5.0 %, less than relu's");
    heard_words(s, "from 98.4 to 100.0 % are dead");
    heard_words(s, "accuracy goes from 9.5 to 8.1 %");
    heard_words(s, "no more is gained than as relu");
    heard_fact(s, "relu_least_dead", 0.984);
    heard_fact(s, "dead_stay_dead", 0);
    heard_fact(s, "learning_revives", 0);
    heard_free(s);
}

static void test_dying_where_networks_diverge(void **state) {
    dying_found *f = new_dying();
    (void)state;
    f->of[DYING_RELU][0] = f->of[DYING_RELU][3] = f->of[DYING_LEAKY][6] = diverged;
    f->of[DYING_RELU][2].accuracy = 0.95;
    for (int r = 0; r < DYING_RATES; r++)
        f->of[DYING_GELU][r] = diverged;
    heard *s = hear_dying(f);
    heard_words(s, "0.0 % dead and 95.0 % at the best rate, 0.2.");
    heard_words(s, "that kills relu is no number (diverged).");
    heard_words(s, "up to 0.0 % and no number (diverged) dead");
    heard_fact(s, "leaky_is_better", 0);
    heard_free(s);
}

static void test_dying_where_nothing_dies(void **state) {
    dying_found *f = new_dying();
    (void)state;
    for (int r = 0; r < DYING_RATES; r++)
        f->of[DYING_RELU][r].dead = 0.0;
    f->num_dead = 0;
    f->learnt = NAN;
    heard *s = hear_dying(f);
    heard_words(s, "no rate here has killed that many, 0.0 % is the most");
    heard_not(s, "leaky_relu");
    heard_free(s);
}

/* ---- vanishing ---- */

/* Every stack loses half at each layer, the orthogonal one more than the bound says. */
static void keep(vanishing_found *f, vanishing_place s, double factor) {
    for (size_t d = 0; d < VANISHING_DEPTHS; d++)
        for (size_t i = 0; i < vanishing_depths[d]; i++) {
            f->at[s][d].weight[i] = 1.0;
            f->at[s][d].delta[i] = pow(factor, (double)(vanishing_depths[d] - 1 - i));
        }
}

static vanishing_found *new_vanishing(void) {
    vanishing_found *f = calloc(1, sizeof *f);
    assert_non_null(f);
    for (vanishing_place s = VANISHING_SIGMOID; s < VANISHING_STACKS; s++)
        keep(f, s, 0.5);
    keep(f, VANISHING_ORTHOGONAL, 0.24);
    return f;
}

static heard *hear_vanishing(vanishing_found *f) {
    lab_report *report = hear_nothing();
    vanishing_report(f, report);
    free(f);
    return hear(report);
}

static void test_vanishing(void **state) {
    vanishing_found *f = new_vanishing();
    (void)state;
    keep(f, VANISHING_TANH, 0.9);
    keep(f, VANISHING_RELU_LARGE, 1.5);
    f->at[VANISHING_SIGMOID4][VANISHING_DEPTHS - 1].flat = 0.4;
    f->predicted[VANISHING_GELU] = 0.52;
    heard *s = hear_vanishing(f);
    heard_words(s, "it does, the greatest factor of any layer is 0.240");
    heard_words(s, "keeps 0.500, less than tanh");
    heard_words(s, "and more of them are where");
    heard_words(s, "is met within 0.05");
    heard_words(s, "it does not grow with tanh, by 0.50");
    heard_words(s, "it grows with relu, by 1.50");
    heard_not(s, "no finite numbers");
    heard_fact(s, "sigmoid4_is_flatter", 1);
    heard_fact(s, "sigmoid4_keeps_less", 1);
    heard_fact(s, "gelu_follows", 1);
    heard_fact(s, "tanh_explodes", 0);
    heard_fact(s, "relu_explodes", 1);
    heard_free(s);
}

static void test_vanishing_otherwise(void **state) {
    vanishing_found *f = new_vanishing();
    (void)state;
    f->at[VANISHING_ORTHOGONAL][2].delta[5] *= 1.1;
    f->predicted[VANISHING_GELU] = 0.9;
    f->not_finite = 3;
    heard *s = hear_vanishing(f);
    heard_words(s, "the bound is BROKEN");
    heard_words(s, "keeps 0.500, no less than tanh");
    heard_words(s, "and no more of them are where");
    heard_words(s, "is not met within 0.05");
    heard_words(s, "3 elements of the gradients are no finite numbers");
    heard_fact(s, "bound_holds", 0);
    heard_free(s);
}

/* ---- saturation ---- */

static saturation_found *new_saturation(void) {
    saturation_found *f = calloc(1, sizeof *f);
    assert_non_null(f);
    for (int k = 0; k < SATURATION_KINDS; k++) {
        for (int i = 0; i < SATURATION_SCALES; i++) {
            f->deviation[i] = pow(10.0, i - 6.0);
            f->scaled[k][i] = (saturation_seen){.saturated = k == SATURATION_RELU ? 0.5 : 0.1 * i,
                                                .mean = 1.0 + i,
                                                .median = 1.0 / (1 + i)};
            for (int d = 0; d < SATURATION_DEPTH; d++)
                f->scaled[k][i].rms[d] = pow(10.0, d);
        }
        for (int i = 0; i < SATURATION_INITS; i++)
            for (int d = 0; d < SATURATION_DEPTH; d++)
                f->initial[k][i].rms[d] = k == SATURATION_SIGMOID ? pow(10.0, d) : 1.0;
    }
    f->initial[SATURATION_TANH][SATURATION_SMALL].saturated = 0.9;
    f->initial[SATURATION_TANH][SATURATION_HE].saturated = 0.03;
    return f;
}

static heard *hear_saturation(saturation_found *f) {
    lab_report *report = hear_nothing();
    saturation_report(f, report);
    free(f);
    return hear(report);
}

static void test_saturation(void **state) {
    heard *s = hear_saturation(new_saturation());
    (void)state;
    heard_words(
        s, "saturated from deviation 0.1 on with tanh and from deviation 0.1 on with the sigmoid");
    heard_words(s, "larger weights leave most of them with less");
    heard_words(s, "the mean does not fall, from 1e+00 to 9e+00");
    heard_words(s, "Weights too small lose the gradient as well");
    heard_words(s, "relu is blind to scale: it passes nothing in 50.0 to 50.0 %");
    heard_words(s, "no more than 3.0 % of tanh or sigmoid"); /* not of small weights */
    heard_words(s, "tanh keeps the gradient within a factor of ten");
    heard_words(s, "the sigmoid, whose slope is at most 1/4, does not keep it");
    heard_fact(s, "keeps_sigmoid", 0);
    heard_fact(s, "keeps_tanh", 1);
    heard_fact(s, "mean_falls", 0);
    heard_free(s);
}

static void test_saturation_otherwise(void **state) {
    saturation_found *f = new_saturation();
    (void)state;
    for (int i = 0; i < SATURATION_SCALES; i++) {
        f->scaled[SATURATION_TANH][i].saturated = 0.0;
        f->scaled[SATURATION_SIGMOID][i].saturated = 0.9;
        f->scaled[SATURATION_TANH][i].median = f->scaled[SATURATION_TANH][i].mean = 1.0;
        f->scaled[SATURATION_RELU][i].saturated = 0.4 + 0.01 * i;
    }
    f->scaled[SATURATION_TANH][SATURATION_SCALES - 1].mean = 0.5;
    f->scaled[SATURATION_TANH][0].rms[0] = 1e4;
    f->initial[SATURATION_TANH][SATURATION_XAVIER].rms[0] = 0.01;
    for (int i = 0; i < SATURATION_INITS; i++)
        f->initial[SATURATION_SIGMOID][i].rms[0] = 1e4;
    heard *s = hear_saturation(f);
    heard_words(s,
                "saturated at no deviation with tanh and from deviation 1e-06 on with the sigmoid");
    heard_not(s, "larger weights leave");
    heard_words(s, "the mean falls too");
    heard_words(s, "Weights too small do not lose the gradient of both");
    heard_words(s, "relu is not blind to scale: it passes nothing in 40.0 to 48.0 %");
    heard_words(s, "tanh does not keep the gradient");
    heard_words(s, "at most 1/4, keeps it");
    heard_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dying),
        cmocka_unit_test(test_dying_otherwise),
        cmocka_unit_test(test_dying_where_networks_diverge),
        cmocka_unit_test(test_dying_where_nothing_dies),
        cmocka_unit_test(test_vanishing),
        cmocka_unit_test(test_vanishing_otherwise),
        cmocka_unit_test(test_saturation),
        cmocka_unit_test(test_saturation_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
