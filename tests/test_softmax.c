/* test_softmax.c: softmax and log-softmax on the device: their bits against the C build at every
 * vector width, their error against a textbook oracle in long double, gradients against differences
 * of that oracle, and rows that are masked, infinite or NaN.
 *
 *     test_softmax WIDTH|TYPE [small]
 */
#include "row_fixture.h"

#include "core/context.h"
#include "core/row_specs.h"
#include "row_build.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static row_fixture *fixture_of(void **state) {
    return *state;
}

static clact_softmax describe(const row_fixture *r, bool log, clact_tier tier) {
    clact_softmax s;
    assert_int_equal(clact_softmax_init(&s), CLACT_SUCCESS);
    s.log = log;
    s.dtype = r->dtype;
    s.tier = tier;
    return s;
}

/* At odd widths the fast tier will do, for the sake of the compiler. */
static clact_tier most_tier(const row_fixture *r) {
    const unsigned width = r->f.info.vector_width;
    return width == 4 || width == 16 ? CLACT_TIER_ACCURATE : CLACT_TIER_FAST;
}

/* ---- running ---- */

typedef struct shape {
    size_t rows, cols, offset, pad;
} shape;

static guarded workspace_for(row_fixture *r, const clact_softmax *s, size_t rows, size_t cols) {
    size_t bytes = 0;
    require_success(&r->f, clact_softmax_workspace(r->f.clact, s, rows, cols, &bytes), "workspace");
    return row_workspace(r, bytes);
}

/* y, which the caller frees; in place in x where asked for */
static double *run_forward(row_fixture *r, const clact_softmax *s, shape at, const double *x,
                           bool in_place) {
    guarded gx = row_upload(r, s->dtype, at.rows, at.cols, at.offset, at.pad, x);
    guarded gy = row_upload(r, s->dtype, at.rows, at.cols, at.pad, at.offset, NULL);
    guarded work = workspace_for(r, s, at.rows, at.cols);
    const guarded *out = in_place ? &gx : &gy;
    require_success(&r->f,
                    clact_softmax_forward(r->f.clact, r->f.queue, s, at.rows, at.cols, gx.matrix,
                                          out->matrix, work.buffer, 0, NULL, NULL),
                    "forward");
    double *y = row_download(r, s->dtype, out);
    row_workspace_release(r, &work);
    guarded_release(&gx);
    guarded_release(&gy);
    return y;
}

/* dx; `place` 0: of its own, 1: in y, 2: in dy */
static double *run_backward(row_fixture *r, const clact_softmax *s, shape at, const double *y,
                            const double *dy, int place) {
    guarded gy = row_upload(r, s->dtype, at.rows, at.cols, at.offset, at.pad, y);
    guarded gd = row_upload(r, s->dtype, at.rows, at.cols, 1, 0, dy);
    guarded gx = row_upload(r, s->dtype, at.rows, at.cols, at.pad, at.offset, NULL);
    guarded work = workspace_for(r, s, at.rows, at.cols);
    const guarded *const places[] = {&gx, &gy, &gd};
    require_success(&r->f,
                    clact_softmax_backward(r->f.clact, r->f.queue, s, at.rows, at.cols, gy.matrix,
                                           gd.matrix, places[place]->matrix, work.buffer, 0, NULL,
                                           NULL),
                    "backward");
    double *dx = row_download(r, s->dtype, places[place]);
    row_workspace_release(r, &work);
    guarded_release(&gy);
    guarded_release(&gd);
    guarded_release(&gx);
    return dx;
}

/* ---- the oracle ---- */

/* softmax of x from its definition, log-softmax as z - m - log(1 + the rest) */
static void oracle(bool log, const double *x, size_t n, long double *y) {
    size_t top = 0;
    long double rest = 0.0L, lost = 0.0L;
    for (size_t i = 1; i < n; i++)
        if (x[i] > x[top]) top = i;
    const long double m = (long double)x[top];
    for (size_t i = 0; i < n; i++) {
        y[i] = expl((long double)x[i] - m);
        if (i == top) continue;
        const long double term = y[i] - lost, next = rest + term;
        lost = (next - rest) - term;
        rest = next;
    }
    const long double log_sum = log1pl(rest);
    for (size_t i = 0; i < n; i++)
        y[i] = log ? ((long double)x[i] - m) - log_sum : y[i] / (1.0L + rest);
}

/* ---- bits ---- */

/* Rows of all magnitudes: near 0, logits, spread wide, far from 0, huge; some of them masked, in
 * part or altogether, infinite or NaN */
static double *varied_rows(const row_fixture *r, size_t rows, size_t cols, uint64_t seed) {
    static const double scales[] = {1.0, 1e-3, 20.0, 1.0, 1e4, 5.0};
    static const double shifts[] = {0.0, 0.0, 0.0, 1000.0, 0.0, -80.0};
    double *x = malloc(rows * cols * sizeof *x);
    for (size_t row = 0; row < rows; row++) {
        double *values = row_random(r->dtype, cols, scales[row % 6], shifts[row % 6], seed + row);
        memcpy(x + row * cols, values, cols * sizeof *x);
        free(values);
        if (row % 5 == 3)
            for (size_t c = row % 3; c < cols; c += 3)
                x[row * cols + c] = -INFINITY;
        if (row % 7 == 6) x[row * cols + row % cols] = row % 2 ? INFINITY : NAN;
        if (row % 4 == 1) x[row * cols + row / 4 % cols] = -0.0;
    }
    return x;
}

static void round_all(const row_fixture *r, double *values, size_t n) {
    for (size_t i = 0; i < n; i++)
        values[i] = row_rounded(r->dtype, values[i]);
}

static void check_bits(row_fixture *r, shape at, bool log, clact_tier tier) {
    const clact_softmax s = describe(r, log, tier);
    const row_build *build = row_build_of(tier, r->dtype);
    const size_t n = at.rows * at.cols;
    const int place = (int)((at.rows + at.cols + log) % 3);
    double *x = varied_rows(r, at.rows, at.cols, 3 + at.cols);
    /* far from 0, so that dy - dot shows the low part of dot, which the order of the sum decides */
    const double far = r->dtype == CLACT_F16 ? 0.25 : r->dtype == CLACT_F64 ? 0x1p50 : 0x1p20;
    double *dy = row_random(r->dtype, n, 1.0, far, 99), *want = malloc(n * sizeof *want);
    for (size_t i = 2; i < n; i += 17)
        dy[i] = -0.0;
    double *y = run_forward(r, &s, at, x, place == 1);
    for (size_t i = 0; i < n; i += at.cols)
        build->softmax(log, x + i, at.cols, want + i);
    round_all(r, want, n);
    row_expect_same(log ? "log-softmax" : "softmax", y, want, n);
    double *dx = run_backward(r, &s, at, y, dy, place);
    for (size_t i = 0; i < n; i += at.cols)
        build->softmax_backward(log, y + i, dy + i, at.cols, want + i);
    round_all(r, want, n);
    row_expect_same(log ? "log-softmax backward" : "softmax backward", dx, want, n);
    free(x);
    free(dy);
    free(want);
    free(y);
    free(dx);
}

static void bits_are_those_of_the_c_build(void **state) {
    row_fixture *r = fixture_of(state);
    const size_t w = r->f.info.vector_width;
    const shape shapes[] = {{1, 1, 0, 0},     {37, 10, 3, 1},    {7, w, 0, 1},     {5, w + 1, 1, 0},
                            {3, 131, 1, 3},   {3, 2048, 0, 0},   {2, 2049, 1, 5},  {3, 5003, 2, 1},
                            {1000, 10, 0, 0}, {130, 2100, 0, 0}, {1, 100003, 0, 0}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        if (r->small && i != 1 && i != 4 && i != 6) continue;
        for (int log = 0; log < 2; log++)
            for (clact_tier t = CLACT_TIER_FAST; t <= most_tier(r); t++)
                check_bits(r, shapes[i], log, t);
    }
}

/* Rows that are a lane's, and the first ones that are not */
static void bits_of_short_rows_are_those_of_the_c_build(void **state) {
    row_fixture *r = fixture_of(state);
    static const size_t cols[] = {1, 2, 7, 10, 31, 32, 33};
    const size_t lanes = row_lanes(r), rows[] = {1, lanes + 1, lanes - 1};
    for (size_t i = 0; i < 7; i++) {
        if (r->small && cols[i] != 7 && cols[i] != 31) continue;
        for (size_t k = 0; k < 3 && rows[k] > 0; k++)
            for (int log = 0; log < 2; log++)
                for (clact_tier t = CLACT_TIER_FAST; t <= most_tier(r); t++)
                    check_bits(r, (shape){rows[k], cols[i], k, (i + k) % 3}, log, t);
    }
}

/* A row gives the same bits whether it is one of few, and cut, or one of many. */
static void cutting_rows_does_not_change_bits(void **state) {
    row_fixture *r = fixture_of(state);
    enum { COLS = 4500, MANY = 300 };
    const clact_softmax s = describe(r, false, CLACT_TIER_FAST);
    double *x = varied_rows(r, MANY, COLS, 7);
    double *all = run_forward(r, &s, (shape){MANY, COLS, 0, 0}, x, false);
    double *few = run_forward(r, &s, (shape){6, COLS, 0, 0}, x, false);
    row_expect_same("rows that are cut", few, all, 6 * COLS);
    free(x);
    free(all);
    free(few);
}

static void a_row_of_a_million_columns(void **state) {
    check_bits(fixture_of(state), (shape){1, 1000000, 0, 0}, false, CLACT_TIER_FAST);
    check_bits(fixture_of(state), (shape){1, 1000000, 1, 0}, true, CLACT_TIER_ACCURATE);
}

/* ---- errors ---- */

/* Most ulps of softmax and of log-softmax in either tier; see clact.h */
static double forward_bound(clact_dtype dtype, bool log, clact_tier tier) {
    if (dtype == CLACT_F16 || dtype == CLACT_BF16) return 0.51;
    if (tier == CLACT_TIER_FAST) return 2.5;
    return log ? 1.5 : 1.0;
}

static void check_errors(row_fixture *r, bool log, clact_tier tier) {
    static const double scales[] = {1e-3, 1.0, 5.0, 20.0, 100.0, 1e4};
    static const size_t widths[] = {1, 2, 3, 10, 100, 1000, 3000, 50000};
    const clact_softmax s = describe(r, log, tier);
    double worst = 0.0;
    for (size_t k = 0; k < 6; k++) {
        for (size_t c = 0; c < 8; c++) {
            const size_t cols = widths[c], rows = cols < 100 ? 300 : cols < 5000 ? 10 : 1;
            double *x = row_random(r->dtype, rows * cols, scales[k], 0.0, 31 * k + c);
            double *y = run_forward(r, &s, (shape){rows, cols, 0, 0}, x, false);
            long double *exact = malloc(cols * sizeof *exact);
            for (size_t row = 0; row < rows; row++) {
                oracle(log, x + row * cols, cols, exact);
                for (size_t i = 0; i < cols; i++) {
                    const double ulps = row_ulps(r->dtype, y[row * cols + i], exact[i]);
                    if (ulps > forward_bound(r->dtype, log, tier)) {
                        print_error("%s, %s, %s, scale %g, %zu columns: x %a, got %a, want %La, "
                                    "%g ulp\n",
                                    log ? "log" : "softmax", clact_dtype_name(r->dtype),
                                    clact_tier_name(tier), scales[k], cols, x[row * cols + i],
                                    y[row * cols + i], exact[i], ulps);
                        fail();
                    }
                    worst = ulps > worst ? ulps : worst;
                }
            }
            free(x);
            free(y);
            free(exact);
        }
    }
    printf("%s %s %s: at most %.3f ulp\n", log ? "log_softmax" : "softmax",
           clact_dtype_name(r->dtype), clact_tier_name(tier), worst);
}

static void errors_are_within_their_bounds(void **state) {
    for (int log = 0; log < 2; log++)
        for (clact_tier t = CLACT_TIER_FAST; t <= CLACT_TIER_ACCURATE; t++)
            check_errors(fixture_of(state), log, t);
}

/* d/dx[i] of sum over c of dy[c] y[c], as a difference of the oracle */
static long double slope(bool log, const double *x, const double *dy, size_t n, size_t i) {
    double at[64];
    long double y[64], sides[2];
    const double h = 0x1p-16;
    memcpy(at, x, n * sizeof *at);
    for (int side = 0; side < 2; side++) {
        at[i] = side ? x[i] - h : x[i] + h;
        oracle(log, at, n, y);
        sides[side] = 0.0L;
        for (size_t c = 0; c < n; c++)
            sides[side] += (long double)dy[c] * y[c];
    }
    return (sides[0] - sides[1]) / (2.0L * (long double)h);
}

static void gradients_match_differences_of_the_oracle(void **state) {
    row_fixture *r = fixture_of(state);
    enum { ROWS = 12, COLS = 13 };
    const double bound = r->dtype == CLACT_BF16 ? 5e-2 : r->dtype == CLACT_F16 ? 5e-3 : 2e-6;
    for (int log = 0; log < 2; log++) {
        const clact_softmax s = describe(r, log, CLACT_TIER_FAST);
        double *x = row_random(r->dtype, ROWS * COLS, 2.0, 0.0, 1);
        double *dy = row_random(r->dtype, ROWS * COLS, 1.0, 0.0, 2);
        double *y = run_forward(r, &s, (shape){ROWS, COLS, 1, 2}, x, false);
        double *dx = run_backward(r, &s, (shape){ROWS, COLS, 1, 2}, y, dy, 0);
        for (size_t i = 0; i < ROWS * COLS; i++) {
            const size_t row = i / COLS * COLS;
            const long double want = slope(log, x + row, dy + row, COLS, i - row);
            if (fabsl((long double)dx[i] - want) > (long double)bound) {
                print_error("gradient %zu, log %d: got %g, difference %Lg\n", i, log, dx[i], want);
                fail();
            }
        }
        free(x);
        free(dy);
        free(y);
        free(dx);
    }
}

/* From the stored y: within a few last places of its terms */
static void gradients_are_exact_for_the_stored_output(void **state) {
    row_fixture *r = fixture_of(state);
    enum { ROWS = 10, COLS = 997 };
    for (int log = 0; log < 2; log++) {
        for (clact_tier tier = CLACT_TIER_FAST; tier <= CLACT_TIER_ACCURATE; tier++) {
            const clact_softmax s = describe(r, log, tier);
            double *x = row_random(r->dtype, ROWS * COLS, 3.0, 0.0, 11), worst = 0.0;
            double *dy = row_random(r->dtype, ROWS * COLS, 1.0, 0.0, 12);
            double *y = run_forward(r, &s, (shape){ROWS, COLS, 0, 0}, x, false);
            double *dx = run_backward(r, &s, (shape){ROWS, COLS, 0, 0}, y, dy, 0);
            for (size_t row = 0; row < ROWS; row++) {
                const double *ys = y + row * COLS, *gs = dy + row * COLS;
                long double dot = 0.0L;
                for (size_t i = 0; i < COLS; i++)
                    dot += log ? (long double)gs[i] : (long double)ys[i] * (long double)gs[i];
                for (size_t i = 0; i < COLS; i++) {
                    const long double g = (long double)gs[i], v = (long double)ys[i];
                    const long double p = log ? expl(v) : v,
                                      want = log ? g - p * dot : p * (g - dot);
                    /* in last places of the larger term where the oracle cancels, too */
                    const long double terms = p * fmaxl(fabsl(g), fabsl(dot));
                    const long double size = log ? fmaxl(fabsl(g), fabsl(p * dot))
                                             : r->dtype == CLACT_F64 ? terms
                                                                     : fabsl(want);
                    const double one = row_ulps(r->dtype, 0.0, size);
                    const long double place = size > 0.0L ? size / (long double)one : 1.0L;
                    const double ulps =
                        (double)(fabsl((long double)dx[row * COLS + i] - want) / place);
                    worst = ulps > worst ? ulps : worst;
                }
            }
            printf("%s backward %s %s: at most %.3f ulp\n", log ? "log_softmax" : "softmax",
                   clact_dtype_name(r->dtype), clact_tier_name(tier), worst);
            assert_true(worst <= (tier == CLACT_TIER_ACCURATE ? 2.0 : 3.0));
            free(x);
            free(dy);
            free(y);
            free(dx);
        }
    }
}

/* ---- special rows ---- */

static void expect_row(const char *what, const double *got, const double *want, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (row_same(got[i], want[i])) continue;
        print_error("%s, element %zu: got %g, want %g\n", what, i, got[i], want[i]);
        fail();
    }
}

/* The same rows of four, side by side in `copies` copies, so that long rows have them too */
static void check_special(row_fixture *r, size_t copies) {
    const double big = r->dtype == CLACT_F16 ? 65504.0 : r->dtype == CLACT_F64 ? 1e308 : 3e38;
    const double i = INFINITY, huge = row_rounded(r->dtype, big), one = 1.0 / (double)copies;
    const double rows[][4] = {{huge, -huge, 0.0, -i}, {-i, -i, -i, -i},     {NAN, 1.0, -i, 2.0},
                              {i, 0.0, -i, 1.0},      {-huge, -i, -i, -i},  {i, i, -i, -i},
                              {-huge, -huge, -i, -i}, {huge, huge, 0.0, -i}};
    const double softmax[][4] = {
        {one, 0, 0, 0}, {0, 0, 0, 0},         {NAN, NAN, NAN, NAN},     {NAN, NAN, NAN, NAN},
        {one, 0, 0, 0}, {NAN, NAN, NAN, NAN}, {one / 2, one / 2, 0, 0}, {one / 2, one / 2, 0, 0}};
    enum { ROWS = 8 };
    const size_t cols = 4 * copies, n = ROWS * cols;
    double *x = malloc(n * sizeof *x), *want = malloc(n * sizeof *want);
    double *dy = row_random(r->dtype, n, 1.0, 0.0, 5), *zeros = calloc(n, sizeof *zeros);
    for (size_t k = 0; k < n; k++) {
        x[k] = rows[k / cols][k % 4];
        want[k] = softmax[k / cols][k % 4];
    }
    for (clact_tier t = CLACT_TIER_FAST; t <= most_tier(r); t++) {
        const clact_softmax s = describe(r, false, t), l = describe(r, true, t);
        double *y = run_forward(r, &s, (shape){ROWS, cols, 0, 1}, x, false);
        expect_row("softmax", y, want, n);
        double *dx = run_backward(r, &s, (shape){ROWS, cols, 0, 1}, y, dy, 0);
        expect_row("gradient of a masked row", dx + cols, zeros, cols);
        for (size_t k = 0; k < n; k++)
            if (y[k] == 0.0) assert_true(dx[k] == 0.0);
        assert_true(isnan(dx[2 * cols]) && isnan(dx[3 * cols]));
        free(y);
        free(dx);
        y = run_forward(r, &l, (shape){ROWS, cols, 0, 1}, x, false);
        dx = run_backward(r, &l, (shape){ROWS, cols, 0, 1}, y, dy, 0);
        for (size_t k = 0; k < cols; k++) {
            assert_true(y[cols + k] == -i && dx[cols + k] == 0.0);
            assert_true(isnan(y[2 * cols + k]) && isnan(y[3 * cols + k]) && isnan(y[5 * cols + k]));
        }
        assert_true(y[1] <= -huge && y[3] == -i && dx[3] == 0.0 && y[2] <= -huge);
        assert_true(fabs(y[0] - log(one)) < 0.01 && fabs(y[4 * cols] - log(one)) < 0.01);
        free(y);
        free(dx);
    }
    free(x);
    free(want);
    free(dy);
    free(zeros);
}

static void special_rows_are_as_defined(void **state) {
    row_fixture *r = fixture_of(state);
    check_special(r, 1);
    check_special(r, 16);
    if (!r->small) check_special(r, 1024); /* cut */
}

/* What is masked counts for nothing: not in the sums, nor its dy. */
static void masked_elements_are_as_if_they_were_not_there(void **state) {
    row_fixture *r = fixture_of(state);
    const double x[4] = {1.0, -INFINITY, 2.0, -INFINITY}, bare[2] = {1.0, 2.0};
    const double dy[4] = {3.0, NAN, 5.0, INFINITY}, bare_dy[2] = {3.0, 5.0};
    for (int log = 0; log < 2; log++) {
        const clact_softmax s = describe(r, log, CLACT_TIER_FAST);
        double *y = run_forward(r, &s, (shape){1, 4, 0, 0}, x, false);
        double *by = run_forward(r, &s, (shape){1, 2, 0, 0}, bare, false);
        double *dx = run_backward(r, &s, (shape){1, 4, 0, 0}, y, dy, 0);
        double *bx = run_backward(r, &s, (shape){1, 2, 0, 0}, by, bare_dy, 0);
        assert_true(y[0] == by[0] && y[2] == by[1] && y[1] == (log ? -INFINITY : 0.0));
        assert_true(dx[0] == bx[0] && dx[2] == bx[1] && dx[1] == 0.0 && dx[3] == 0.0);
        free(y);
        free(by);
        free(dx);
        free(bx);
    }
}

/* ---- what is refused ---- */

static void expect_refused(row_fixture *r, clact_status got, clact_status want, const char *words) {
    char message[512] = "";
    clact_context_message(r->f.clact, message, sizeof message);
    if (got == want && strstr(message, words)) return;
    print_error("status %d, message '%s'; wanted %d with '%s'\n", (int)got, message, (int)want,
                words);
    fail();
}

static void wrong_calls_are_refused_by_name(void **state) {
    row_fixture *r = fixture_of(state);
    clact_context *c = r->f.clact;
    clact_softmax s = describe(r, false, CLACT_TIER_FAST), other = s;
    size_t bytes = 1;
    guarded x = row_upload(r, s.dtype, 2, 4, 0, 0, NULL),
            y = row_upload(r, s.dtype, 2, 4, 0, 0, NULL);
    guarded row = row_upload(r, s.dtype, 1, 3000, 0, 0, NULL);
    const clact_matrix shifted = {x.buffer, 1, 0}, none = {NULL, 0, 0};
#define FORWARD(desc, rows, cols, a, b, work)                                                      \
    clact_softmax_forward(c, r->f.queue, desc, rows, cols, a, b, work, 0, NULL, NULL)
    other.struct_size = 1;
    expect_refused(r, FORWARD(&other, 2, 4, x.matrix, y.matrix, NULL), CLACT_INVALID_ARGUMENT,
                   "clact_softmax_init");
    expect_refused(r, FORWARD(NULL, 2, 4, x.matrix, y.matrix, NULL), CLACT_INVALID_ARGUMENT,
                   "softmax is NULL");
    other = s;
    other.tier = (clact_tier)7;
    expect_refused(r, FORWARD(&other, 2, 4, x.matrix, y.matrix, NULL), CLACT_INVALID_ARGUMENT,
                   "tier");
    expect_refused(r, FORWARD(&s, 2, 4, none, y.matrix, NULL), CLACT_INVALID_ARGUMENT,
                   "buffer of x is NULL");
    expect_refused(r, FORWARD(&s, 2, 400, x.matrix, y.matrix, NULL), CLACT_SHAPE, "of x is 4");
    expect_refused(r, FORWARD(&s, 99, 4, x.matrix, y.matrix, NULL), CLACT_BUFFER_SIZE, "of x");
    expect_refused(r, FORWARD(&s, 1, 7, x.matrix, shifted, NULL), CLACT_SHAPE, "of x is 4");
    expect_refused(r, FORWARD(&s, 1, 4, x.matrix, shifted, NULL), CLACT_OVERLAP, "y overlaps x");
    expect_refused(r, FORWARD(&s, 1, 3000, row.matrix, row.matrix, NULL), CLACT_INVALID_ARGUMENT,
                   "buffer of the workspace is NULL");
    expect_refused(r, FORWARD(&s, 1, 3000, row.matrix, row.matrix, row.buffer), CLACT_OVERLAP,
                   "overlaps");
    cl_mem small = clCreateBuffer(r->f.context, CL_MEM_READ_WRITE, 8, NULL, NULL);
    expect_refused(r, FORWARD(&s, 1, 3000, row.matrix, row.matrix, small), CLACT_BUFFER_SIZE,
                   "the workspace");
    expect_refused(r, clact_softmax_workspace(c, &s, 1, 3000, NULL), CLACT_INVALID_ARGUMENT,
                   "bytes");
    assert_int_equal(clact_softmax_init_sized(&other, 3), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_softmax_workspace(c, &s, 1000000, 2048, &bytes), CLACT_SUCCESS);
    assert_int_equal(bytes, 0);
#undef FORWARD
    clReleaseMemObject(small);
    guarded_release(&x);
    guarded_release(&y);
    guarded_release(&row);
}

/* All kernels of the test in one build */
static void warm_up(row_fixture *r) {
    kernel_spec specs[4 * SOFTMAX_MOST_SPECS];
    size_t n = 0;
    for (int i = 0; i < (most_tier(r) ? 4 : 2); i++) {
        const clact_softmax s = describe(r, i % 2, i / 2 ? CLACT_TIER_ACCURATE : CLACT_TIER_FAST);
        n += softmax_specs(&s, true, specs + n);
    }
    require_success(&r->f, context_ensure(r->f.clact, specs, n), "warm-up");
}

static int set_up(void **state) {
    warm_up(*state);
    return 0;
}

int main(int argc, char **argv) {
    row_fixture r;
    if (!row_fixture_open(&r, argc, argv)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, set_up, NULL, &r }
    const struct CMUnitTest tests[] = {
        CASE(bits_are_those_of_the_c_build),
        CASE(bits_of_short_rows_are_those_of_the_c_build),
        CASE(special_rows_are_as_defined),
        CASE(masked_elements_are_as_if_they_were_not_there),
        CASE(gradients_match_differences_of_the_oracle),
        CASE(wrong_calls_are_refused_by_name),
        CASE(cutting_rows_does_not_change_bits),
        CASE(errors_are_within_their_bounds),
        CASE(gradients_are_exact_for_the_stored_output),
        CASE(a_row_of_a_million_columns),
    };
    /* errors and large rows do not depend on the width: once for each type */
    const bool once = r.f.info.vector_width == 16 || r.dtype != CLACT_F32;
    const size_t count = sizeof tests / sizeof *tests - (r.small ? 4 : once ? 0 : 3);
    const int failed = _cmocka_run_group_tests("softmax", tests, count, NULL, NULL);
    fixture_close(&r.f);
    return failed;
}
