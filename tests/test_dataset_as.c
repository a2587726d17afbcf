/* test_dataset_as.c: data for a trained model: columns by name in any order, the model's classes,
 * one row or more, with labels or without; what the model cannot take is refused.
 */
#include "dataset_fixture.h"

#include <string.h>

static char *flower_names[] = {"petal length", "petal width", "sepal"};
static char *flower_classes[] = {"iris", "rose", "tulip"};
static const dataset_schema flowers = {.kind = LABEL_CLASS,
                                       .inputs = 3,
                                       .input_names = flower_names,
                                       .label_name = "kind",
                                       .num_classes = 3,
                                       .classes = flower_classes};

static char *digit_classes[] = {"-1", "3", "10"};
static const dataset_schema digits = {.kind = LABEL_CLASS,
                                      .inputs = 2,
                                      .label_name = "labels.npy",
                                      .num_classes = 3,
                                      .classes = digit_classes};

static void assert_x(const dataset *d, const float *want) {
    assert_memory_equal(d->x, want, d->rows * d->inputs * sizeof *want);
}

static void columns_are_found_by_name_in_any_order(void **state) {
    const fixture *f = *state;
    fixture_csv(f, "id,sepal,kind,petal width,note,petal length\n"
                   "7,3,tulip,2,NA,1\n"
                   "8,6,iris,5,,4\n");
    dataset d = reads_as(fixture_table(f, NULL), &flowers, true);
    assert_int_equal(d.rows, 2);
    assert_x(&d, (const float[]){1, 2, 3, 4, 5, 6});
    assert_true(d.label[0] == 2.0f && d.label[1] == 0.0f);
    assert_string_equal(d.label_name, "kind");
    assert_string_equal(d.input_names[2], "sepal");
    dataset_free(&d);
    d = reads_as(fixture_table(f, NULL), &flowers, false);
    assert_x(&d, (const float[]){1, 2, 3, 4, 5, 6});
    assert_string_equal(d.label_name, "kind");
    assert_string_equal(d.classes[1], "rose");
    dataset_free(&d);
}

static void without_labels_their_column_need_not_be_there(void **state) {
    const fixture *f = *state;
    fixture_csv(f, "petal length,petal width,sepal\n1,2,3\n");
    dataset d = reads_as(fixture_table(f, NULL), &flowers, false);
    assert_x(&d, (const float[]){1, 2, 3});
    dataset_free(&d);
    refuses_as(fixture_table(f, NULL), &flowers, true, f->csv, "no column 'kind'", NULL);
    fixture_csv(f, "petal length,petal width,sepal,sort\n1,2,3,rose\n");
    d = reads_as(fixture_table(f, "sort"), &flowers, true);
    assert_true(d.label[0] == 1.0f);
    dataset_free(&d);
    fixture_csv(f, "petal length,petal width,sepal,kind\n1,2,3,?\n");
    d = reads_as(fixture_table(f, NULL), &flowers, false);
    dataset_free(&d);
    refuses_as(fixture_table(f, NULL), &flowers, true, "line 2, label 'kind'", "missing", NULL);
}

static void what_a_table_lacks_is_named(void **state) {
    const fixture *f = *state;
    fixture_csv(f, "petal length,petal_width,sepal\n1,2,3\n");
    refuses_as(fixture_table(f, NULL), &flowers, false, "no column 'petal width'",
               "if 'petal_width' is that column, rename it", NULL);
    fixture_csv(f, "x,y\n1,2\n");
    refuses_as(fixture_table(f, NULL), &flowers, false, "no column 'petal length'", "'x' to 'y'",
               NULL);
    fixture_csv(f, "petal length,petal width,sepal\n");
    refuses_as(fixture_table(f, NULL), &flowers, false, f->csv, "no rows", NULL);
    fixture_csv(f, "petal length,petal width,sepal\n1,2,3\n1,NaN,3\n,1,1\n");
    refuses_as(fixture_table(f, NULL), &flowers, false, "line 3, column 'petal width'", "missing",
               "; 2 rows in all", NULL);
    fixture_csv(f, "petal length,petal width,sepal,kind\n1,2,3,rose\n1,2,3,tulips\n");
    refuses_as(fixture_table(f, NULL), &flowers, true, "line 3", "no class 'tulips'", "'tulip'?",
               NULL);
    fixture_csv(f, "petal length,petal width,sepal,kind\n1,2,3,oak\n");
    refuses_as(fixture_table(f, NULL), &flowers, true, "line 2", "'oak'", "'iris' to 'tulip'",
               NULL);
}

static void columns_of_one_name_are_taken_in_turn_or_refused(void **state) {
    const fixture *f = *state;
    char *names[] = {"a", "b", "a"};
    dataset_schema schema = flowers;
    schema.input_names = names;
    fixture_csv(f, "a,b,a\n1,2,3\n");
    dataset d = reads_as(fixture_table(f, NULL), &schema, false);
    assert_x(&d, (const float[]){1, 2, 3});
    dataset_free(&d);
    fixture_csv(f, "a,b\n1,2\n");
    refuses_as(fixture_table(f, NULL), &schema, false, "no column 'a'", NULL);
    fixture_csv(f, "a,b,a,a\n1,2,3,4\n");
    refuses_as(fixture_table(f, NULL), &schema, false, "more than one column 'a'", NULL);
    fixture_csv(f, "a,b,a,kind,kind\n1,2,3,rose,iris\n");
    refuses_as(fixture_table(f, NULL), &schema, true, "more than one column 'kind'", NULL);
    refuses(fixture_table(f, NULL), LABEL_CLASS, "more than one column 'kind'", NULL);
}

static void arrays_have_the_inputs_of_the_model(void **state) {
    const fixture *f = *state;
    const double x[] = {1, 2, 3, 4, 5, 6}, labels[] = {10, -1}, other[] = {10, 4};
    char *names[] = {"x", "y"};
    dataset_schema named = digits;
    named.input_names = names;
    write_npy(f->folder, "inputs", "<f8", (array_values){2, {3, 2}, x});
    dataset d = reads_as((dataset_source){f->inputs, NULL, NULL}, &named, false);
    assert_int_equal(d.rows, 3);
    assert_x(&d, (const float[]){1, 2, 3, 4, 5, 6});
    dataset_free(&d);
    refuses_as((dataset_source){f->inputs, NULL, NULL}, &digits, true, "--targets FILE", NULL);
    refuses_as((dataset_source){f->inputs, NULL, NULL}, &flowers, false, "rows of 2 numbers",
               "takes 3", NULL);
    write_idx(f->folder, "inputs", 0x08, (array_values){2, {2, 2}, x});
    write_npy(f->folder, "targets", "|i1", (array_values){1, {2}, labels});
    d = reads_as(fixture_arrays(f), &digits, true);
    assert_true(d.label[0] == 2.0f && d.label[1] == 0.0f);
    dataset_free(&d);
    write_npy(f->folder, "targets", "|i1", (array_values){1, {2}, other});
    refuses_as(fixture_arrays(f), &digits, true, "row 1", "no class '4'", NULL);
    write_npy(f->folder, "inputs", "<f8", (array_values){2, {0, 2}, x});
    refuses_as((dataset_source){f->inputs, NULL, NULL}, &digits, false, "no rows", NULL);
}

static void a_table_for_a_model_of_arrays_has_its_inputs_beside_the_label(void **state) {
    const fixture *f = *state;
    fixture_csv(f, "a,b,c\n1,2,3\n4,5,10.0\n");
    dataset d = reads_as(fixture_table(f, NULL), &digits, true);
    assert_x(&d, (const float[]){1, 2, 4, 5});
    assert_true(d.label[0] == 1.0f && d.label[1] == 2.0f); /* 10.0 is 10 */
    dataset_free(&d);
    d = reads_as(fixture_table(f, NULL), &digits, false);
    assert_x(&d, (const float[]){1, 2, 4, 5});
    dataset_free(&d);
    fixture_csv(f, "labels.npy,a,b\n3,1,2\n");
    d = reads_as(fixture_table(f, NULL), &digits, true);
    assert_x(&d, (const float[]){1, 2});
    dataset_free(&d);
    fixture_csv(f, "a,c,b\n1,3,2\n");
    d = reads_as(fixture_table(f, "c"), &digits, true);
    assert_x(&d, (const float[]){1, 2});
    dataset_free(&d);
    refuses_as(fixture_table(f, "d"), &digits, true, "no column 'd'", NULL);
    fixture_csv(f, "a,b\n1,2\n");
    d = reads_as(fixture_table(f, NULL), &digits, false);
    assert_x(&d, (const float[]){1, 2});
    dataset_free(&d);
    refuses_as(fixture_table(f, NULL), &digits, true, "2 columns", "2 inputs", NULL);
    fixture_csv(f, "a,b,c,d\n1,2,3,4\n");
    refuses_as(fixture_table(f, NULL), &digits, false, "4 columns", "2 inputs", NULL);
}

static void a_number_to_predict_needs_no_classes(void **state) {
    const fixture *f = *state;
    dataset_schema schema = flowers;
    schema.kind = LABEL_VALUE;
    schema.num_classes = 0;
    schema.classes = NULL;
    fixture_csv(f, "petal length,kind,petal width,sepal\n1,-2.5,2,3\n");
    dataset d = reads_as(fixture_table(f, NULL), &schema, true);
    assert_true(d.label[0] == -2.5f);
    dataset_free(&d);
}

static void training_data_reads_back_by_its_own_schema(void **state) {
    (void)state;
    const dataset_source wdbc = {"wdbc.csv", NULL, "benign"};
    dataset d = reads(wdbc, LABEL_BINARY);
    const dataset_schema schema = dataset_schema_of(&d);
    dataset again = reads_as(wdbc, &schema, true);
    assert_same_data(&again, &d);
    dataset_free(&again);
    dataset_free(&d);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(columns_are_found_by_name_in_any_order),
        TEST(without_labels_their_column_need_not_be_there),
        TEST(what_a_table_lacks_is_named),
        TEST(columns_of_one_name_are_taken_in_turn_or_refused),
        TEST(arrays_have_the_inputs_of_the_model),
        TEST(a_table_for_a_model_of_arrays_has_its_inputs_beside_the_label),
        TEST(a_number_to_predict_needs_no_classes),
        TEST(training_data_reads_back_by_its_own_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
