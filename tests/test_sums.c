/* test_sums.c: sums down columns: within the bound that clact.h states of the exact sum, also where
 * terms cancel; in the one order, so with the bits of C; the same from a sweep's bias gradient.
 */
#include "device_fixture.h"
#include "sweep_replica.h"

#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is summed. */
typedef enum kind { NORMAL, OFFSET, CANCELLING, KINDS } kind;
static const char *const kind_names[KINDS] = {"normal numbers", "1000 + normal numbers",
                                              "numbers of all sizes that cancel"};

static float draw(kind k, size_t row, size_t rows, size_t col, uint64_t *state) {
    if (k == NORMAL) return random_normal(state);
    if (k == OFFSET) return 1000.0f + random_normal(state);
    /* a row and the one that mirrors it cancel but for their last places */
    const size_t other = rows - 1 - row, low = row < other ? row : other;
    uint64_t own = 1000003u * low + col;
    const float v = ldexpf(random_normal(&own), (int)(random_bits(&own) % 60) - 30);
    return row < other ? v : row > other ? -v * (1.0f + 0x1p-22f * (float)(own % 3)) : 1e-12f;
}

static float *draw_all(kind k, size_t rows, size_t cols) {
    float *x = malloc(rows * cols * sizeof *x);
    uint64_t state = 99 + k;
    for (size_t i = 0; i < rows * cols; i++)
        x[i] = draw(k, i / cols, rows, i % cols, &state);
    return x;
}

static guarded make_workspace(fixture *f, size_t bytes) {
    return guarded_create(f, 1, bytes / 4, 0, 0);
}

static void sum_on_device(fixture *f, const float *x, size_t rows, size_t cols, float *sums) {
    size_t bytes = 0;
    require_success(f, clact_sum_columns_workspace(rows, cols, &bytes), "workspace");
    guarded in = guarded_create(f, rows, cols, 1, 2), out = guarded_create(f, 1, cols, 3, 0);
    guarded workspace = make_workspace(f, bytes);
    guarded_write(f, &in, x);
    require_success(f,
                    clact_sum_columns(f->clact, f->queue, rows, cols, in.matrix, out.matrix,
                                      workspace.buffer, 0, NULL, NULL),
                    "sums");
    guarded_read(f, &out, sums);
    guarded_release(&in);
    guarded_release(&out);
    guarded_release(&workspace);
}

/* ---- the bound ---- */

/* Exact, by far */
static void exact_sum(const float *x, size_t rows, size_t cols, size_t col, double *sum,
                      double *magnitudes) {
    mpfr_t total, all, term;
    mpfr_inits2(700, total, all, term, (mpfr_ptr)NULL);
    mpfr_set_zero(total, 1);
    mpfr_set_zero(all, 1);
    for (size_t row = 0; row < rows; row++) {
        mpfr_set_flt(term, x[row * cols + col], MPFR_RNDN);
        mpfr_add(total, total, term, MPFR_RNDN);
        mpfr_abs(term, term, MPFR_RNDN);
        mpfr_add(all, all, term, MPFR_RNDN);
    }
    *sum = mpfr_get_d(total, MPFR_RNDN);
    *magnitudes = mpfr_get_d(all, MPFR_RNDN);
    mpfr_clears(total, all, term, (mpfr_ptr)NULL);
}

static double naive_error(const float *x, size_t rows, size_t cols, size_t col, double exact) {
    float sum = 0.0f;
    for (size_t row = 0; row < rows; row++)
        sum += x[row * cols + col];
    return fabs((double)sum - exact);
}

static void a_million_rows_are_within_the_bound(void **state) {
    fixture *f = *state;
    enum { ROWS = 1000003, COLS = 3 };
    for (kind k = NORMAL; k < KINDS; k++) {
        float *x = draw_all(k, ROWS, COLS), sums[COLS];
        double share = 0.0, better = INFINITY;
        sum_on_device(f, x, ROWS, COLS, sums);
        for (size_t col = 0; col < COLS; col++) {
            double exact = 0.0, magnitudes = 0.0;
            exact_sum(x, ROWS, COLS, col, &exact, &magnitudes);
            const double n = 33.0 + 4.25 * sqrt(ROWS), error = fabs((double)sums[col] - exact);
            const double bound = 0x1p-23 * fabs(exact) + n * 0x1p-46 * magnitudes;
            const double gain = naive_error(x, ROWS, COLS, col, exact) / error;
            share = fmax(share, error / bound);
            better = fmin(better, gain);
        }
        printf("%s: error at most %.3f of the bound, a naive sum's is %.0f times as large\n",
               kind_names[k], share, better);
        assert_true(share <= 1.0);
        assert_true(better >= 100.0);
        free(x);
    }
}

/* ---- bits ---- */

/* dbias of an identity, and of the replica */
static void sweep_sums(fixture *f, const float *x, size_t rows, size_t cols, float *sums) {
    size_t bytes = 0;
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_IDENTITY);
    w.saved = CLACT_SAVED_NOTHING;
    w.bias = true;
    require_success(f, clact_sweep_workspace(&w, true, rows, cols, &bytes), "workspace");
    guarded dy = guarded_create(f, rows, cols, 0, 1), dx = guarded_create(f, rows, cols, 0, 0);
    guarded out = guarded_create(f, 1, cols, 2, 0), workspace = make_workspace(f, bytes);
    guarded_write(f, &dy, x);
    const clact_backward_tensors t = {.rows = rows,
                                      .cols = cols,
                                      .dy = dy.matrix,
                                      .dx = dx.matrix,
                                      .dbias = out.matrix,
                                      .workspace = workspace.buffer};
    require_success(f, clact_sweep_backward(f->clact, f->queue, &w, &t, 0, NULL, NULL), "sweep");
    guarded_read(f, &out, sums);
    guarded_release(&dy);
    guarded_release(&dx);
    guarded_release(&out);
    guarded_release(&workspace);
}

static void replica_sums(const float *x, size_t rows, size_t cols, float *sums) {
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_IDENTITY);
    w.saved = CLACT_SAVED_NOTHING;
    w.bias = true;
    double *dy = malloc(rows * cols * sizeof *dy), *dx = malloc(rows * cols * sizeof *dx);
    double *out = malloc(cols * sizeof *out);
    for (size_t i = 0; i < rows * cols; i++)
        dy[i] = (double)x[i];
    const replica r = {.rows = rows, .cols = cols, .dy = dy, .dx = dx, .dbias = out};
    replica_backward(&w, &r);
    for (size_t i = 0; i < cols; i++)
        sums[i] = (float)out[i];
    free(dy);
    free(dx);
    free(out);
}

static void check_bits(fixture *f, const float *x, size_t rows, size_t cols, const char *what) {
    float *sums = malloc(cols * sizeof *sums), *other = malloc(cols * sizeof *other);
    float *want = malloc(cols * sizeof *want);
    sum_on_device(f, x, rows, cols, sums);
    sweep_sums(f, x, rows, cols, other);
    replica_sums(x, rows, cols, want);
    for (size_t i = 0; i < cols; i++) {
        if (same_bits(sums[i], want[i]) && same_bits(other[i], want[i])) continue;
        print_error("%s, %zu x %zu, column %zu: sums %a, sweep %a, C %a\n", what, rows, cols, i,
                    (double)sums[i], (double)other[i], (double)want[i]);
        fail();
    }
    free(sums);
    free(other);
    free(want);
}

static void sums_have_the_bits_of_one_order(void **state) {
    fixture *f = *state;
    const size_t rows[] = {1, 2, 31, 32, 33, 256, 257, 1024, 1025, 4096, 4097, 4161, 16385, 20011};
    const size_t cols[] = {1, 5, 16, 17, 33, 64, 65};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (kind k = NORMAL; k < KINDS; k++) {
            const size_t width = cols[(i + k) % 7];
            float *x = draw_all(k, rows[i], width);
            check_bits(f, x, rows[i], width, kind_names[k]);
            free(x);
        }
    }
}

static void infinities_and_nan_in_any_block(void **state) {
    fixture *f = *state;
    enum { ROWS = 100, COLS = 8 };
    float x[ROWS * COLS], sums[COLS];
    for (int i = 0; i < ROWS * COLS; i++)
        x[i] = 1.0f;
    x[99 * COLS + 0] = INFINITY;
    x[0 * COLS + 1] = -INFINITY;
    x[40 * COLS + 2] = NAN;
    x[3 * COLS + 3] = INFINITY; /* and minus that, in one block and in two */
    x[4 * COLS + 3] = -INFINITY;
    x[3 * COLS + 4] = INFINITY;
    x[90 * COLS + 4] = -INFINITY;
    x[5 * COLS + 5] = x[6 * COLS + 5] = 0x1.8p127f; /* a partial sum overflows, and stays so */
    x[7 * COLS + 5] = -0x1.8p127f;
    x[5 * COLS + 6] = INFINITY;
    x[77 * COLS + 6] = INFINITY;
    check_bits(f, x, ROWS, COLS, "infinities");
    sum_on_device(f, x, ROWS, COLS, sums);
    assert_true(sums[0] == INFINITY && sums[1] == -INFINITY && isnan(sums[2]));
    assert_true(isnan(sums[3]) && isnan(sums[4]) && sums[5] == INFINITY);
    assert_true(sums[6] == INFINITY && sums[7] == 100.0f);
}

/* In place it would be refused: see test_sweep_errors. */
static void no_rows_or_columns(void **state) {
    fixture *f = *state;
    float sums[3];
    const clact_matrix none = {NULL, 0, 0};
    guarded out = guarded_create(f, 1, 3, 1, 0), workspace = make_workspace(f, 24);
    cl_event event = NULL;
    require_success(f,
                    clact_sum_columns(f->clact, f->queue, 0, 3, none, out.matrix, workspace.buffer,
                                      0, NULL, &event),
                    "no rows");
    assert_int_equal(clWaitForEvents(1, &event), CL_SUCCESS);
    clReleaseEvent(event);
    guarded_read(f, &out, sums);
    for (int i = 0; i < 3; i++)
        assert_true(same_bits(sums[i], 0.0f));
    require_success(
        f, clact_sum_columns(f->clact, f->queue, 5, 0, none, none, NULL, 0, NULL, &event), "none");
    assert_int_equal(clWaitForEvents(1, &event), CL_SUCCESS);
    clReleaseEvent(event);
    assert_int_equal(
        clact_sum_columns(f->clact, f->queue, 1, 3, out.matrix, out.matrix, NULL, 0, NULL, &event),
        CLACT_INVALID_ARGUMENT);
    assert_null(event);
    assert_int_equal(clact_sum_columns(f->clact, f->queue, 1, 3, out.matrix, out.matrix,
                                       workspace.buffer, 0, NULL, NULL),
                     CLACT_OVERLAP);
    assert_int_equal(clact_sum_columns(f->clact, f->queue, 33, 3, out.matrix, out.matrix,
                                       workspace.buffer, 0, NULL, NULL),
                     CLACT_BUFFER_SIZE);
    guarded_release(&out);
    guarded_release(&workspace);
}

int main(void) {
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &f }
    const struct CMUnitTest tests[] = {
        CASE(a_million_rows_are_within_the_bound),
        CASE(sums_have_the_bits_of_one_order),
        CASE(infinities_and_nan_in_any_block),
        CASE(no_rows_or_columns),
    };
    const int failed = cmocka_run_group_tests_name("sums", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
