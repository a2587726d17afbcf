/* test_training_ops.c: column sums on the device, against double precision. */
#include "device_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 37, COLS = 11 };

static fixture *fixture_of(void **state) {
    return *state;
}

static void fill_normal(float *values, size_t n, float scale, uint64_t seed) {
    for (size_t i = 0; i < n; i++)
        values[i] = scale * random_normal(&seed);
}

/* ---- sums down columns ---- */

/* Sums into `out`, with a workspace of just the size it needs. */
static void sum_columns(fixture *f, size_t rows, size_t cols, clact_matrix x, clact_matrix out) {
    size_t bytes = 0;
    assert_int_equal(clact_sum_columns_workspace(rows, cols, &bytes), CLACT_SUCCESS);
    guarded workspace = guarded_create(f, 1, bytes / sizeof(float), 0, 0);
    require_success(
        f,
        clact_sum_columns(f->clact, f->queue, rows, cols, x, out, workspace.buffer, 0, NULL, NULL),
        "sum");
    clFinish(f->queue);
    guarded_release(&workspace);
}

static void check_sums(fixture *f, size_t rows, size_t cols, float offset) {
    float *x = malloc(rows * cols * sizeof *x), *sums = malloc(cols * sizeof *sums);
    fill_normal(x, rows * cols, 1.0f, 5 + rows);
    for (size_t i = 0; i < rows * cols; i++)
        x[i] += offset;
    guarded in = guarded_create(f, rows, cols, 1, 3), out = guarded_create(f, 1, cols, 2, 0);
    guarded_write(f, &in, x);
    sum_columns(f, rows, cols, in.matrix, out.matrix);
    guarded_read(f, &out, sums);
    for (size_t c = 0; c < cols; c++) {
        long double exact = 0.0L, magnitudes = 0.0L;
        for (size_t r = 0; r < rows; r++) {
            exact += (long double)x[r * cols + c];
            magnitudes += fabsl((long double)x[r * cols + c]);
        }
        const long double per_term = (long double)rows * 0x1p-23L;
        const long double bound = 0x1p-23L * fabsl(exact) + per_term * per_term * magnitudes;
        if (fabsl((long double)sums[c] - exact) > bound) {
            print_error("column %zu of %zu x %zu: got %a, want %La\n", c, rows, cols,
                        (double)sums[c], exact);
            fail();
        }
    }
    guarded_release(&in);
    guarded_release(&out);
    free(x);
    free(sums);
}

static void column_sums_are_within_their_bound(void **state) {
    fixture *f = fixture_of(state);
    check_sums(f, 1, 1, 0.0f);
    check_sums(f, ROWS, COLS, 0.0f);
    check_sums(f, 3, 1 + f->info.vector_width, 0.0f);
}

static void long_column_sums_are_within_their_bound(void **state) {
    fixture *f = fixture_of(state);
    check_sums(f, 100003, 3, 0.0f);
    check_sums(f, 100003, 3, 1000.0f); /* a naive sum is off by 2^-10 here */
}

static void sums_of_no_rows_are_zero(void **state) {
    fixture *f = fixture_of(state);
    const float before[COLS] = {1.0f};
    float sums[COLS];
    const clact_matrix none = {NULL, 0, 0};
    guarded out = guarded_create(f, 1, COLS, 0, 0);
    guarded_write(f, &out, before);
    sum_columns(f, 0, COLS, none, out.matrix);
    guarded_read(f, &out, sums);
    for (int c = 0; c < COLS; c++)
        assert_true(sums[c] == 0.0f);
    guarded_release(&out);
}

static void infinite_and_nan_columns_stay_so(void **state) {
    fixture *f = fixture_of(state);
    const float x[6] = {INFINITY, NAN, 1.0f, 2.0f, 3.0f, -INFINITY};
    float sums[3];
    guarded in = guarded_create(f, 2, 3, 0, 0), out = guarded_create(f, 1, 3, 0, 0);
    guarded_write(f, &in, x);
    sum_columns(f, 2, 3, in.matrix, out.matrix);
    guarded_read(f, &out, sums);
    assert_true(sums[0] == INFINITY && isnan(sums[1]) && sums[2] == -INFINITY);
    guarded_release(&in);
    guarded_release(&out);
}

/* A first 1 hides all bits of the terms after it from a low part that is summed naively. */
static void small_terms_after_a_large_one_count(void **state) {
    fixture *f = fixture_of(state);
    enum { N = 1 << 20 };
    float *x = malloc(N * sizeof *x), sum = 0.0f;
    for (int i = 0; i < N; i++)
        x[i] = i == 0 ? 1.0f : 15.515f * 0x1p-28f;
    guarded in = guarded_create(f, N, 1, 0, 0), out = guarded_create(f, 1, 1, 0, 0);
    guarded_write(f, &in, x);
    sum_columns(f, N, 1, in.matrix, out.matrix);
    guarded_read(f, &out, &sum);
    assert_true(fabs((double)sum - (1.0 + (N - 1) * (double)x[1])) < 0x1p-23 * 1.07);
    guarded_release(&in);
    guarded_release(&out);
    free(x);
}

int main(int argc, char **argv) {
    const bool small = argc > 1 && strcmp(argv[1], "small") == 0; /* for simulators */
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
    f.exact = small;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &f }
    const struct CMUnitTest tests[] = {
        CASE(column_sums_are_within_their_bound),  CASE(sums_of_no_rows_are_zero),
        CASE(infinite_and_nan_columns_stay_so),    CASE(long_column_sums_are_within_their_bound),
        CASE(small_terms_after_a_large_one_count),
    };
    const size_t count = sizeof tests / sizeof *tests - (small ? 2 : 0);
    const int failed = _cmocka_run_group_tests("training ops", tests, count, NULL, NULL);
    fixture_close(&f);
    return failed;
}
