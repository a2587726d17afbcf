/* test_training_ops.c: bias, column sums, losses and the optimizer step on the device, against
 * double precision; gradients of losses against differences of the losses. */
#include "device_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 37, COLS = 11 };

static fixture *fixture_of(void **state) {
    return *state;
}

static double difference(double got, double want) {
    return fabs(got - want) / (fabs(want) > 1e-3 ? fabs(want) : 1e-3);
}

static void fill_normal(float *values, size_t n, float scale, uint64_t seed) {
    for (size_t i = 0; i < n; i++)
        values[i] = scale * random_normal(&seed);
}

/* ---- rows and columns ---- */

static void every_row_gets_the_bias(void **state) {
    fixture *f = fixture_of(state);
    float bias[COLS], y[ROWS * COLS];
    fill_normal(bias, COLS, 1.0f, 3);
    guarded b = guarded_create(f, 1, COLS, 3, 0), out = guarded_create(f, ROWS, COLS, 1, 4);
    guarded_write(f, &b, bias);
    require_success(
        f,
        clact_broadcast_rows(f->clact, f->queue, ROWS, COLS, b.matrix, out.matrix, 0, NULL, NULL),
        "broadcast");
    guarded_read(f, &out, y);
    for (int i = 0; i < ROWS * COLS; i++)
        assert_true(same_bits(y[i], bias[i % COLS]));
    guarded_release(&b);
    guarded_release(&out);
}

static void check_sums(fixture *f, size_t rows, size_t cols, float offset) {
    float *x = malloc(rows * cols * sizeof *x), *sums = malloc(cols * sizeof *sums);
    fill_normal(x, rows * cols, 1.0f, 5 + rows);
    for (size_t i = 0; i < rows * cols; i++)
        x[i] += offset;
    guarded in = guarded_create(f, rows, cols, 1, 3), out = guarded_create(f, 1, cols, 2, 0);
    guarded_write(f, &in, x);
    require_success(
        f, clact_sum_columns(f->clact, f->queue, rows, cols, in.matrix, out.matrix, 0, NULL, NULL),
        "sum");
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
    require_success(
        f, clact_sum_columns(f->clact, f->queue, 0, COLS, none, out.matrix, 0, NULL, NULL), "sum");
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
    require_success(
        f, clact_sum_columns(f->clact, f->queue, 2, 3, in.matrix, out.matrix, 0, NULL, NULL),
        "sum");
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
    require_success(
        f, clact_sum_columns(f->clact, f->queue, N, 1, in.matrix, out.matrix, 0, NULL, NULL),
        "sum");
    guarded_read(f, &out, &sum);
    assert_true(fabs((double)sum - (1.0 + (N - 1) * (double)x[1])) < 0x1p-23 * 1.07);
    guarded_release(&in);
    guarded_release(&out);
    free(x);
}

/* ---- losses ---- */

static double softmax_loss(const double *z, size_t cols, const float *t) {
    double most = z[0], total = 0.0;
    for (size_t c = 1; c < cols; c++)
        most = fmax(most, z[c]);
    for (size_t c = 0; c < cols; c++)
        total += exp(z[c] - most);
    return log(total) + most - z[(size_t)t[0]];
}

static double bce_loss(const double *z, size_t cols, const float *t) {
    double total = 0.0;
    for (size_t c = 0; c < cols; c++)
        total += fmax(z[c], 0.0) - z[c] * (double)t[c] + log1p(exp(-fabs(z[c])));
    return total / (double)cols;
}

static double mse_loss(const double *z, size_t cols, const float *t) {
    double total = 0.0;
    for (size_t c = 0; c < cols; c++)
        total += (z[c] - (double)t[c]) * (z[c] - (double)t[c]);
    return total / (double)cols;
}

typedef double loss_function(const double *z, size_t cols, const float *t);
static loss_function *const oracles[] = {softmax_loss, bce_loss, mse_loss};

/* Central difference of the oracle in z[c] */
static double slope(loss_function *loss, const float *z, size_t cols, const float *t, size_t c) {
    double at[COLS];
    const double h = 1e-5;
    for (size_t i = 0; i < cols; i++)
        at[i] = (double)z[i];
    at[c] += h;
    const double above = loss(at, cols, t);
    at[c] -= 2.0 * h;
    return (above - loss(at, cols, t)) / (2.0 * h);
}

static void check_loss(fixture *f, clact_loss kind, size_t cols, float spread, bool in_place) {
    const size_t targets = kind == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY ? 1 : cols;
    float z[ROWS * COLS], t[ROWS * COLS], loss[ROWS], dz[ROWS * COLS];
    uint64_t seed = 17 + cols;
    fill_normal(z, ROWS * cols, spread, seed);
    for (size_t i = 0; i < ROWS * targets; i++)
        t[i] = targets == 1 && cols > 1 ? (float)(random_bits(&seed) % cols)
                                        : (float)(random_bits(&seed) % 5) / 4.0f;
    if (kind == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY && cols == 1) memset(t, 0, sizeof t);
    guarded gz = guarded_create(f, ROWS, cols, 1, 2), gt = guarded_create(f, ROWS, targets, 2, 1);
    guarded gl = guarded_create(f, ROWS, 1, 0, 3), gd = guarded_create(f, ROWS, cols, 3, 1);
    guarded_write(f, &gz, z);
    guarded_write(f, &gt, t);
    const guarded *out = in_place ? &gz : &gd;
    require_success(f,
                    clact_loss_gradient(f->clact, f->queue, kind, ROWS, cols, gz.matrix, gt.matrix,
                                        0.25f, gl.matrix, out->matrix, 0, NULL, NULL),
                    "loss");
    guarded_read(f, &gl, loss);
    guarded_read(f, out, dz);
    for (size_t r = 0; r < ROWS; r++) {
        double row[COLS];
        for (size_t c = 0; c < cols; c++)
            row[c] = (double)z[r * cols + c];
        const double want = oracles[kind](row, cols, t + r * targets);
        if (difference((double)loss[r], want) > 2e-6) {
            print_error("loss %d, row %zu: got %g, want %g\n", (int)kind, r, (double)loss[r], want);
            fail();
        }
        for (size_t c = 0; c < cols; c++) {
            const double d = 0.25 * slope(oracles[kind], z + r * cols, cols, t + r * targets, c);
            if (fabs((double)dz[r * cols + c] - d) > 1e-8 + 1e-6 * fabs(d)) {
                print_error("loss %d, gradient (%zu, %zu): got %g, difference %g\n", (int)kind, r,
                            c, (double)dz[r * cols + c], d);
                fail();
            }
        }
    }
    guarded_release(&gz);
    guarded_release(&gt);
    guarded_release(&gl);
    guarded_release(&gd);
}

static void losses_and_gradients_match_the_oracle(void **state) {
    fixture *f = fixture_of(state);
    for (clact_loss kind = CLACT_LOSS_SOFTMAX_CROSS_ENTROPY; kind <= CLACT_LOSS_MSE; kind++) {
        check_loss(f, kind, COLS, 1.0f, false);
        check_loss(f, kind, COLS, 20.0f, true);
        check_loss(f, kind, 1, 3.0f, false);
        check_loss(f, kind, 2, 3.0f, true);
    }
}

/* Losses and gradients of a few rows, scale 1, with a guard around each matrix. */
static void run_loss(fixture *f, clact_loss kind, size_t rows, size_t cols, const float *z,
                     const float *t, float *loss, float *dz) {
    const size_t targets = kind == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY ? 1 : cols;
    guarded gz = guarded_create(f, rows, cols, 0, 0), gt = guarded_create(f, rows, targets, 0, 0);
    guarded gl = guarded_create(f, rows, 1, 0, 0), gd = guarded_create(f, rows, cols, 0, 0);
    guarded_write(f, &gz, z);
    guarded_write(f, &gt, t);
    require_success(f,
                    clact_loss_gradient(f->clact, f->queue, kind, rows, cols, gz.matrix, gt.matrix,
                                        1.0f, gl.matrix, gd.matrix, 0, NULL, NULL),
                    "loss");
    guarded_read(f, &gl, loss);
    guarded_read(f, &gd, dz);
    guarded_release(&gz);
    guarded_release(&gt);
    guarded_release(&gl);
    guarded_release(&gd);
}

static void losses_of_huge_logits_are_finite(void **state) {
    fixture *f = fixture_of(state);
    const float z[6] = {1e30f, -1e30f, 0.0f, 90.0f, 1000.0f, -1000.0f};
    const float classes[2] = {0.0f, 1.0f}, bits[6] = {1.0f, 0.0f, 0.5f, 1.0f, 1.0f, 0.0f};
    const float sure[6] = {INFINITY, -INFINITY, INFINITY, INFINITY, INFINITY, -INFINITY};
    const float right[6] = {1.0f, 0.0f, 1.0f, 1.0f, 1.0f, 0.0f};
    float loss[2], dz[6];
    run_loss(f, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, 2, 3, z, classes, loss, dz);
    assert_true(loss[0] == 0.0f && loss[1] == 0.0f);
    for (int i = 0; i < 6; i++)
        assert_true(dz[i] == 0.0f);
    run_loss(f, CLACT_LOSS_BCE_WITH_LOGITS, 2, 3, z, bits, loss, dz);
    assert_true(loss[0] < 0.5f && loss[1] >= 0.0f && loss[1] < 1e-6f);
    run_loss(f, CLACT_LOSS_BCE_WITH_LOGITS, 2, 3, sure, right, loss, dz);
    assert_true(loss[0] == 0.0f && loss[1] == 0.0f);
}

static void gradients_of_a_sure_and_right_logit_keep_their_bits(void **state) {
    const float z[2] = {20.0f, -20.0f}, t[2] = {1.0f, 0.0f};
    const double want = 1.0 / (1.0 + exp(20.0));
    float loss[2], dz[2];
    run_loss(fixture_of(state), CLACT_LOSS_BCE_WITH_LOGITS, 2, 1, z, t, loss, dz);
    assert_true(fabs((double)dz[0] + want) < 1e-6 * want && dz[1] == -dz[0]);
}

static void class_indices_out_of_range_give_nan_in_their_row_alone(void **state) {
    const float z[8] = {1.0f, 2.0f, 1.0f, 2.0f, 1.0f, 2.0f, 1.0f, 2.0f};
    const float t[4] = {-1.0f, 2.0f, 0.5f, 1.0f};
    float loss[4], dz[8];
    run_loss(fixture_of(state), CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, 4, 2, z, t, loss, dz);
    for (int r = 0; r < 4; r++) {
        assert_int_equal(isnan(loss[r]) != 0, r < 3);
        assert_int_equal(isnan(dz[2 * r]) != 0, r < 3);
    }
}

/* ---- optimizer ---- */

static void sgd_moves_as_pytorch_says(void **state) {
    fixture *f = fixture_of(state);
    enum { N = 101 };
    float w[N], g[N], v[N], got[N];
    double wd[N], vd[N];
    fill_normal(w, N, 1.0f, 1);
    fill_normal(v, N, 0.1f, 2);
    guarded gw = guarded_create(f, 1, N, 3, 0), gg = guarded_create(f, 1, N, 1, 0);
    guarded gv = guarded_create(f, 1, N, 2, 0);
    guarded_write(f, &gw, w);
    guarded_write(f, &gv, v);
    for (int i = 0; i < N; i++) {
        wd[i] = (double)w[i];
        vd[i] = (double)v[i];
    }
    for (uint64_t step = 0; step < 20; step++) {
        fill_normal(g, N, 1.0f, 100 + step);
        guarded_write(f, &gg, g);
        require_success(f,
                        clact_sgd_step(f->clact, f->queue, N, gw.matrix, gg.matrix, gv.matrix, 0.1f,
                                       0.9f, 0, NULL, NULL),
                        "step");
        for (int i = 0; i < N; i++) {
            vd[i] = (double)0.9f * vd[i] + (double)g[i];
            wd[i] -= (double)0.1f * vd[i];
        }
    }
    guarded_read(f, &gw, got);
    for (int i = 0; i < N; i++)
        assert_true(fabs((double)got[i] - wd[i]) < 1e-5);
    guarded_release(&gw);
    guarded_release(&gg);
    guarded_release(&gv);
}

int main(int argc, char **argv) {
    const bool small = argc > 1 && strcmp(argv[1], "small") == 0; /* for simulators */
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
    f.exact = small;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &f }
    const struct CMUnitTest tests[] = {
        CASE(every_row_gets_the_bias),
        CASE(column_sums_are_within_their_bound),
        CASE(sums_of_no_rows_are_zero),
        CASE(infinite_and_nan_columns_stay_so),
        CASE(losses_and_gradients_match_the_oracle),
        CASE(losses_of_huge_logits_are_finite),
        CASE(gradients_of_a_sure_and_right_logit_keep_their_bits),
        CASE(class_indices_out_of_range_give_nan_in_their_row_alone),
        CASE(sgd_moves_as_pytorch_says),
        CASE(long_column_sums_are_within_their_bound),
        CASE(small_terms_after_a_large_one_count),
    };
    const size_t count = sizeof tests / sizeof *tests - (small ? 2 : 0);
    const int failed = _cmocka_run_group_tests("training ops", tests, count, NULL, NULL);
    fixture_close(&f);
    return failed;
}
