/* test_dataset.c: data to train on: the same numbers from CSV, .npy and IDX of every type; what is
 * wrong is refused with file and place; and what training does to it can be done again.
 */
#include "dataset_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 12, WIDTH = 4, MOST_TEXT = 4096 };

/* Small whole numbers, which every type holds; `least` below 0 for signed ones. */
static void fill(double *values, size_t count, int least, int different) {
    for (size_t i = 0; i < count; i++)
        values[i] = least + (int)(i * 7 % (size_t)different);
}

static array_values of_rows(const double *values) {
    return (array_values){3, {ROWS, 2, WIDTH / 2}, values};
}

static array_values of_labels(const double *values) {
    return (array_values){1, {ROWS}, values};
}

/* The arrays on disk are these numbers. */
static void check_arrays(const fixture *f, const double *x, const double *labels, int least) {
    dataset d = reads(fixture_arrays(f), LABEL_CLASS), v = reads(fixture_arrays(f), LABEL_VALUE);
    char name[16];
    assert_int_equal(d.rows, ROWS);
    assert_int_equal(d.inputs, WIDTH);
    assert_null(d.input_names);
    assert_string_equal(d.label_name, "targets");
    assert_int_equal(v.num_classes, 0);
    for (size_t i = 0; i < ROWS * WIDTH; i++)
        assert_true(d.x[i] == (float)x[i]);
    for (size_t r = 0; r < ROWS; r++) {
        assert_true(d.label[r] == (float)(labels[r] - least));
        assert_true(v.label[r] == (float)labels[r]);
    }
    for (size_t i = 0; i < d.num_classes; i++) {
        snprintf(name, sizeof name, "%d", least + (int)i);
        assert_string_equal(d.classes[i], name);
    }
    dataset_free(&d);
    dataset_free(&v);
}

static void every_npy_type_gives_the_same_numbers(void **state) {
    const fixture *f = *state;
    static const char *const types[] = {"|i1", "<i2", "<i4", "<i8", ">i2", ">i4", ">i8",
                                        "|u1", "<u2", "<u4", "<u8", ">u2", ">u4", ">u8",
                                        "<f2", "<f4", "<f8", ">f2", ">f4", ">f8", "|b1"};
    double x[ROWS * WIDTH], labels[ROWS];
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const char letter = types[i][1];
        const int least = letter == 'i' || letter == 'f' ? -3 : 0;
        fill(x, ROWS * WIDTH, least, letter == 'b' ? 2 : 101);
        fill(labels, ROWS, least, letter == 'b' ? 2 : 5);
        write_npy(f->folder, "inputs", types[i], of_rows(x));
        write_npy(f->folder, "targets", types[i], of_labels(labels));
        check_arrays(f, x, labels, least);
    }
}

static void every_idx_type_gives_the_same_numbers(void **state) {
    const fixture *f = *state;
    static const unsigned char types[] = {0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e};
    double x[ROWS * WIDTH], labels[ROWS];
    for (size_t i = 0; i < sizeof types; i++) {
        const int least = types[i] == 0x08 ? 0 : -3;
        fill(x, ROWS * WIDTH, least, 101);
        fill(labels, ROWS, least, 5);
        write_idx(f->folder, "inputs", types[i], of_rows(x));
        write_idx(f->folder, "targets", types[i], (array_values){2, {ROWS, 1}, labels});
        check_arrays(f, x, labels, least);
    }
}

static void numbers_at_the_ends_of_their_types(void **state) {
    const fixture *f = *state;
    const double ends[] = {-0x1p63, 0x1p62, -1, 0x1p63, 0.1, 0x1.fffffep127, -0x1p-149, 65504};
    double x[10] = {0}, labels[10] = {0, 1};
    const array_values values = {1, {10}, x};
    const char *const types[] = {"<i8", "<i8", ">i8", "<u8", "<f8", "<f8", "<f4", "<f2"};
    write_npy(f->folder, "targets", "|u1", (array_values){1, {10}, labels});
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        x[9] = ends[i];
        write_npy(f->folder, "inputs", types[i], values);
        dataset d = reads(fixture_arrays(f), LABEL_CLASS);
        assert_int_equal(d.inputs, 1);
        assert_true(d.x[9] == (float)ends[i]);
        dataset_free(&d);
    }
}

static void digits_as_arrays_are_the_bundled_table(void **state) {
    const fixture *f = *state;
    dataset table = reads((dataset_source){NULL, NULL, NULL}, LABEL_CLASS);
    const size_t count = table.rows * table.inputs;
    double *x = malloc(count * sizeof *x), *labels = malloc(table.rows * sizeof *labels);
    assert_int_equal(table.rows, 1797);
    assert_string_equal(table.input_names[63], "p63");
    assert_string_equal(table.label_name, "digit");
    for (size_t i = 0; i < count; i++)
        x[i] = (double)table.x[i];
    for (size_t r = 0; r < table.rows; r++)
        labels[r] = atof(table.classes[(size_t)table.label[r]]);
    const array_values images = {3, {table.rows, 8, 8}, x};
    const array_values numbers = {1, {table.rows}, labels};
    for (int i = 0; i < 3; i++) {
        if (i < 2) {
            write_npy(f->folder, "inputs", i ? "<f4" : "|u1", images);
            write_npy(f->folder, "targets", "<i8", numbers);
        } else {
            write_idx(f->folder, "inputs", 0x08, images);
            write_idx(f->folder, "targets", 0x08, numbers);
        }
        dataset arrays = reads(fixture_arrays(f), LABEL_CLASS);
        assert_same_data(&arrays, &table);
        dataset_free(&arrays);
    }
    free(x);
    free(labels);
    dataset_free(&table);
}

/* ---- Refusals -------------------------------------------------------------------------------- */

static void files_that_are_no_arrays_are_refused(void **state) {
    const fixture *f = *state;
    const dataset_source both = fixture_arrays(f);
    const unsigned char gzip[] = {0x1f, 0x8b, 8}, foreign[] = {0, 0, 7, 1, 0, 0, 0, 0};
    const unsigned char no_dims[] = {0, 0, 8, 0}, many[] = {0, 0, 8, 33};
    const unsigned char huge[4 + 12] = {0, 0, 0x0e, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    double x[ROWS * WIDTH] = {0}, labels[ROWS] = {0, 1};
    write_idx(f->folder, "inputs", 0x08, of_rows(x));
    refuses((dataset_source){f->inputs, NULL, NULL}, LABEL_CLASS, f->inputs, "--targets FILE",
            NULL);
    refuses((dataset_source){f->inputs, f->targets, "y"}, LABEL_CLASS, "--label goes with CSV",
            NULL);
    refuses(both, LABEL_CLASS, "cannot read", f->targets, "No such file", NULL);
    scratch_write(f->folder, "targets", gzip, sizeof gzip);
    refuses(both, LABEL_CLASS, f->targets, "gunzip", NULL);
    scratch_write(f->folder, "targets", "a\n1\n", 4);
    refuses(both, LABEL_CLASS, f->targets, "neither .npy nor IDX", NULL);
    scratch_write(f->folder, "targets", "\x93NUMP", 5);
    refuses(both, LABEL_CLASS, f->targets, "ends inside its header", NULL);
    write_npy(f->folder, "targets", "<c8", of_labels(labels));
    refuses(both, LABEL_CLASS, f->targets, "complex64", "integers and bool", NULL);
    write_idx(f->folder, "targets", 0x08, of_labels(labels));
    scratch_write(f->folder, "inputs", gzip, sizeof gzip);
    refuses(both, LABEL_CLASS, f->inputs, "gunzip", NULL);
    scratch_write(f->folder, "inputs", foreign, sizeof foreign);
    refuses(both, LABEL_CLASS, f->inputs, "no IDX file", NULL);
    scratch_write(f->folder, "inputs", no_dims, sizeof no_dims);
    refuses(both, LABEL_CLASS, f->inputs, "0 dimensions", NULL);
    scratch_write(f->folder, "inputs", many, sizeof many);
    refuses(both, LABEL_CLASS, f->inputs, "33 dimensions", NULL);
    scratch_write(f->folder, "inputs", huge, sizeof huge);
    refuses(both, LABEL_CLASS, f->inputs, "more elements", NULL);
    refuses((dataset_source){f->folder, f->targets, NULL}, LABEL_CLASS, "directory", NULL);
    scratch_write(f->folder, "t.csv", "a,b\n1,2\n\0\0", 10);
    refuses(fixture_table(f, NULL), LABEL_CLASS, f->csv, "neither text nor", NULL);
    fixture_csv(f, "a,b\n1,2\n");
    refuses((dataset_source){f->csv, f->targets, NULL}, LABEL_CLASS, f->csv, "--targets goes",
            NULL);
}

static void shapes_that_do_not_fit_are_refused(void **state) {
    const fixture *f = *state;
    const dataset_source both = fixture_arrays(f);
    double x[ROWS * WIDTH] = {0}, labels[ROWS] = {0, 1};
    write_npy(f->folder, "inputs", "|u1", of_rows(x));
    write_npy(f->folder, "targets", "|u1", (array_values){1, {ROWS - 1}, labels});
    refuses(both, LABEL_CLASS, "inputs has 12 rows but", "targets 11", NULL);
    write_npy(f->folder, "targets", "|u1", (array_values){2, {ROWS, 2}, x});
    refuses(both, LABEL_CLASS, f->targets, "(12, 2)", "argmax", NULL);
    write_npy(f->folder, "targets", "|u1", (array_values){0, {0}, labels});
    refuses(both, LABEL_CLASS, f->targets, "()", NULL);
    write_npy(f->folder, "targets", "|u1", of_labels(labels));
    write_npy(f->folder, "inputs", "|u1", (array_values){0, {0}, x});
    refuses(both, LABEL_CLASS, f->inputs, "single number", NULL);
    write_npy(f->folder, "inputs", "|u1", (array_values){2, {9, 2}, x});
    refuses(both, LABEL_CLASS, f->inputs, "at least 10 rows", NULL);
    write_npy(f->folder, "inputs", "|u1", (array_values){2, {ROWS, 0}, x});
    refuses(both, LABEL_CLASS, f->inputs, "2 columns", NULL);
}

static void values_that_do_not_serve_are_refused(void **state) {
    const fixture *f = *state;
    const dataset_source both = fixture_arrays(f);
    double x[ROWS * WIDTH] = {0}, labels[ROWS] = {0, 1};
    const char *const types[] = {"<f4", ">f4", "<f8"};
    write_npy(f->folder, "targets", "|u1", of_labels(labels));
    for (size_t i = 0; i < 3; i++) {
        x[2 * WIDTH + 1] = NAN;
        x[5 * WIDTH] = x[5 * WIDTH + 3] = (double)INFINITY;
        write_npy(f->folder, "inputs", types[i], of_rows(x));
        refuses(both, LABEL_CLASS, f->inputs, "row 2, column 1", "nan", "; 2 rows in all", NULL);
        x[2 * WIDTH + 1] = 0;
        write_npy(f->folder, "inputs", types[i], of_rows(x));
        refuses(both, LABEL_CLASS, "row 5, column 0", "inf", NULL);
    }
    x[5 * WIDTH] = x[5 * WIDTH + 3] = 1e300;
    write_npy(f->folder, "inputs", "<f8", of_rows(x));
    refuses(both, LABEL_CLASS, "row 5, column 0", "float32", NULL);
    x[5 * WIDTH] = x[5 * WIDTH + 3] = 0;
    write_npy(f->folder, "inputs", "<f8", of_rows(x));
    labels[3] = 0.5;
    write_npy(f->folder, "targets", "<f4", of_labels(labels));
    refuses(both, LABEL_CLASS, f->targets, "row 3", "label 0.5", "--loss mse", NULL);
    labels[3] = NAN;
    write_npy(f->folder, "targets", "<f4", of_labels(labels));
    refuses(both, LABEL_CLASS, f->targets, "row 3", "no finite number", NULL);
    refuses(both, LABEL_VALUE, f->targets, "row 3", "no finite number", NULL);
    labels[3] = 2;
    write_npy(f->folder, "targets", "<f4", of_labels(labels));
    refuses(both, LABEL_BINARY, f->inputs, "'targets' has 3 classes", "bce", NULL);
    fill(labels, ROWS, 4, 1);
    write_npy(f->folder, "targets", "<f4", of_labels(labels));
    refuses(both, LABEL_CLASS, "single value", NULL);
    fill(labels, ROWS, 0, ROWS + 1);
    write_npy(f->folder, "targets", "<f4", of_labels(labels));
    refuses(both, LABEL_CLASS, "12 classes in 12 rows", NULL);
}

static void no_truncated_array_is_believed(void **state) {
    const fixture *f = *state;
    double x[ROWS * WIDTH] = {0}, labels[ROWS] = {0, 1};
    for (int is_idx = 0; is_idx < 2; is_idx++) {
        size_t length = 0;
        write_npy(f->folder, "targets", "|u1", of_labels(labels));
        if (is_idx)
            write_idx(f->folder, "inputs", 0x0b, of_rows(x));
        else
            write_npy(f->folder, "inputs", ">i2", of_rows(x));
        unsigned char *whole = scratch_read(f->folder, "inputs", &length);
        for (size_t cut = 1; cut < length; cut++) {
            scratch_write(f->folder, "inputs", whole, cut);
            refuses(fixture_arrays(f), LABEL_CLASS, f->inputs, NULL);
        }
        unsigned char *longer = calloc(1, length + 1);
        memcpy(longer, whole, length);
        scratch_write(f->folder, "inputs", longer, length + 1);
        refuses(fixture_arrays(f), LABEL_CLASS, f->inputs, "than its header says", NULL);
        free(longer);
        free(whole);
    }
}

/* ---- Missing values of a table --------------------------------------------------------------- */

/* 20 rows "i,i % 3", with other rows after them. */
static void write_table(const fixture *f, const char *rows) {
    char text[MOST_TEXT] = "a,b\n";
    for (int i = 0; i < 20; i++)
        snprintf(text + strlen(text), MOST_TEXT - strlen(text), "%d,%d\n", i, i % 3);
    snprintf(text + strlen(text), MOST_TEXT - strlen(text), "%s", rows);
    fixture_csv(f, text);
}

static void missing_values_are_counted_and_placed(void **state) {
    const fixture *f = *state;
    const dataset_source table = fixture_table(f, NULL);
    static const struct {
        const char *cell, *shown;
    } missing[] = {{"", "value is"}, {"?", "'?'"},     {"NA", "'NA'"},      {"NaN", "'NaN'"},
                   {"nan", "'nan'"}, {"\" \"", "' '"}, {"\" ? \"", "' ? '"}};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        const char *shown = missing[i].shown;
        char rows[64];
        snprintf(rows, sizeof rows, "%s,1\n", missing[i].cell);
        write_table(f, rows);
        refuses(table, LABEL_CLASS, "line 22, column 'a'", "missing", "remove the row", shown,
                NULL);
        snprintf(rows, sizeof rows, "1,%s\n", missing[i].cell);
        write_table(f, rows);
        refuses(table, LABEL_CLASS, "line 22, label 'b'", "missing", "remove the row", shown, NULL);
        refuses(table, LABEL_VALUE, "line 22, label 'b'", "missing", "remove the row", shown, NULL);
    }
    write_table(f, "1,1\n,1\n?,2\n3,NA\n,\n");
    refuses(table, LABEL_CLASS, "line 23", "; 4 rows in all have missing values", NULL);
    write_table(f, "1,NAB\n2,n\n1,NAB\n2,n\n"); /* these are classes */
    dataset d = reads(table, LABEL_CLASS);
    assert_int_equal(d.num_classes, 5);
    dataset_free(&d);
}

static void quoted_cells_and_line_ends_are_read(void **state) {
    const fixture *f = *state;
    write_table(f, "\"3\",\"x, \"\"y\"\"\nz\"\r\n\r\n4,\"x, \"\"y\"\"\nz\"\r\n5,?\n");
    refuses(fixture_table(f, NULL), LABEL_CLASS, "line 27,", NULL);
    write_table(f, "\"3\",\"x, \"\"y\"\"\nz\"\r\n\r\n4,\"x, \"\"y\"\"\nz\"\r\n5,0");
    dataset d = reads(fixture_table(f, "b"), LABEL_CLASS);
    assert_int_equal(d.rows, 23);
    assert_string_equal(d.classes[3], "x, \"y\"\nz");
    assert_true(d.x[22] == 5.0f);
    dataset_free(&d);
    write_table(f, "");
    d = reads(fixture_table(f, "a"), LABEL_VALUE);
    assert_string_equal(d.input_names[0], "b");
    assert_true(d.label[19] == 19.0f && d.x[19] == 1.0f);
    dataset_free(&d);
}

/* ---- Scaling --------------------------------------------------------------------------------- */

static void scaling_is_that_of_the_training_rows(void **state) {
    const fixture *f = *state;
    char text[MOST_TEXT] = "x,same,y\n";
    for (int i = 0; i < 20; i++)
        snprintf(text + strlen(text), MOST_TEXT - strlen(text), "%d.25,%s,%d\n", i * i,
                 i < 15 ? "0.1" : "0.3", 3 * i);
    fixture_csv(f, text);
    dataset d = reads(fixture_table(f, NULL), LABEL_VALUE);
    input_scaling s;
    double mean = 0.0, square = 0.0;
    assert_true(scaling_find(&d, 15, &s));
    assert_int_equal(s.count, 2);
    for (int i = 0; i < 15; i++)
        mean += (i * i + 0.25) / 15.0;
    for (int i = 0; i < 15; i++)
        square += pow(i * i + 0.25 - mean, 2.0) / 15.0;
    assert_true(fabs(s.mean[0] / mean - 1.0) < 1e-14);
    assert_true(fabs(s.deviation[0] / sqrt(square) - 1.0) < 1e-14);
    assert_true(s.mean[1] == (double)0.1f && s.deviation[1] == 1.0);
    float row[2] = {d.x[6], d.x[7]};
    scaling_apply(&s, d.x, d.rows);
    scaling_apply(&s, row, 1);
    assert_memory_equal(row, d.x + 6, sizeof row);
    assert_true(row[0] == (float)((9.25 - s.mean[0]) / s.deviation[0]));
    assert_true(row[1] == 0.0f && d.x[39] == (float)((double)0.3f - (double)0.1f));
    scaling_clear(&s);
    assert_null(s.mean);
    const label_scaling of_label = label_scaling_find(&d, 15);
    assert_true(fabs(of_label.mean - 21.0) < 1e-12);
    label_scaling_apply(of_label, d.label, d.rows);
    assert_true(d.label[19] == (float)((57.0 - of_label.mean) / of_label.deviation));
    dataset_free(&d);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_npy_type_gives_the_same_numbers), TEST(every_idx_type_gives_the_same_numbers),
        TEST(numbers_at_the_ends_of_their_types),    TEST(digits_as_arrays_are_the_bundled_table),
        TEST(files_that_are_no_arrays_are_refused),  TEST(shapes_that_do_not_fit_are_refused),
        TEST(values_that_do_not_serve_are_refused),  TEST(no_truncated_array_is_believed),
        TEST(missing_values_are_counted_and_placed), TEST(quoted_cells_and_line_ends_are_read),
        TEST(scaling_is_that_of_the_training_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
