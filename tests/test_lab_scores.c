/* test_lab_scores.c: decisions, ROC area and calibration of probabilities, by hand. */
#include "lab/lab_scores.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROWS = 6 };
static const float label[ROWS] = {0, 1, 0, 1, 1, 0};

static void near(double got, double want) {
    assert_true(fabs(got - want) < 1e-7);
}

static double area_of(const float *probability) {
    roc_point points[ROWS + 1];
    double area;
    const size_t count = scores_roc(probability, label, ROWS, points, &area);
    assert_true(count >= 2 && count <= ROWS + 1);
    near(points[0].false_positive + points[0].true_positive, 0.0);
    near(points[count - 1].false_positive + points[count - 1].true_positive, 2.0);
    return area;
}

static void test_area(void **state) {
    (void)state;
    near(area_of((float[]){0.1f, 0.9f, 0.2f, 0.8f, 0.7f, 0.3f}), 1.0);
    near(area_of((float[]){0.9f, 0.1f, 0.8f, 0.2f, 0.3f, 0.7f}), 0.0);
    near(area_of((float[]){0.1f, 0.9f, 0.8f, 0.7f, 0.6f, 0.3f}), 7.0 / 9.0);
}

static void test_equal_probabilities_count_half(void **state) {
    (void)state;
    near(area_of((float[]){0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f}), 0.5);
    near(area_of((float[]){0.5f, 0.5f, 0.2f, 0.8f, 0.5f, 0.3f}), 8.0 / 9.0);
}

static void test_area_without_a_class_is_no_number(void **state) {
    const float same[2] = {1, 1}, probability[2] = {0.5f, 0.6f};
    roc_point points[3];
    double area = 0.0;
    (void)state;
    assert_int_equal(scores_roc(probability, same, 2, points, &area), 3);
    assert_true(isnan(area));
}

static void test_decisions(void **state) {
    (void)state;
    const score_counts c =
        scores_count((float[]){0.1f, 0.9f, 0.8f, 0.7f, 0.5f, 0.51f}, label, ROWS);
    assert_int_equal(c.of[0][0], 1);
    assert_int_equal(c.of[0][1], 2);
    assert_int_equal(c.of[1][0], 1); /* at 0.5 */
    assert_int_equal(c.of[1][1], 2);
    near(scores_recall(&c, 0), 1.0 / 3.0);
    near(scores_precision(&c, 1), 0.5);
    assert_true(isnan(scores_precision(&(score_counts){0}, 0)));
}

static void test_calibration(void **state) {
    calibration_bin bins[SCORES_BINS];
    (void)state;
    const double error =
        scores_calibration((float[]){0.0f, 0.25f, 0.25f, 0.75f, 1.0f, 0.96875f}, label, ROWS, bins);
    assert_int_equal(bins[0].count, 1);
    assert_int_equal(bins[2].count, 2);
    near(bins[2].predicted, 0.25);
    near(bins[2].observed, 0.5);
    assert_int_equal(bins[9].count, 2); /* 1 is in the last */
    near(bins[9].observed, 0.5);
    assert_true(isnan(bins[5].predicted));
    near(error, (0.0 + 0.5 + 0.25 + 0.96875) / 6.0);
}

static void test_calibration_by_chance(void **state) {
    double mean, most;
    (void)state;
    assert_true(scores_calibration_by_chance((float[]){0.5f, 0.5f}, 2, 1, &mean, &most));
    assert_true(fabs(mean - 0.25) < 0.03); /* of 0, 1 or 2 right: off by 1/2, 0, 1/2 */
    near(most, 0.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_area),
        cmocka_unit_test(test_equal_probabilities_count_half),
        cmocka_unit_test(test_area_without_a_class_is_no_number),
        cmocka_unit_test(test_decisions),
        cmocka_unit_test(test_calibration),
        cmocka_unit_test(test_calibration_by_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
