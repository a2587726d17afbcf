/* test_health.c: what health counts and sums, against long double: forward, backward and gated, for
 * magnitudes at both ends of the range, and columns of which little is left. Its bits are compared
 * with those of C by test_sweep.
 */
#include "element.h"
#include "sweep_check.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- columns ---- */

typedef enum kind {
    NORMAL,    /* standard normal */
    FAR,       /* 1000 + 0.01 normal: a mean that hides the variance */
    SMALL,     /* about 1e-30 */
    LARGE,     /* about 1e30 */
    TINY,      /* about 1e-40: subnormal */
    MIXED,     /* all sizes */
    MINOR,     /* 2^-80 to 2^-30: partly those whose squares are shifted */
    LEVEL,     /* 0.7 and its neighbours: no variance to speak of, nor a negative one */
    HALF_DEAD, /* every other one 0, of either sign */
    BROKEN,    /* with NaN and infinities */
    NOTHING,   /* NaN and infinities alone */
    ZERO,
    CONSTANT,
    EDGES, /* greatest and least numbers, and those where squares are shifted */
    KINDS
} kind;

static double draw(kind k, size_t row, clact_dtype dtype, uint64_t *state) {
    static const double broken[] = {NAN, INFINITY, -INFINITY};
    const double n = (double)random_normal(state), size = dtype == CLACT_F64 ? 10.0 : 1.0;
    const element_format format = element_format_of(dtype);
    const double edges[] = {format.greatest / 65536.0,
                            format.least_subnormal,
                            0x1p48,
                            0x1p-48,
                            -0x1.000002p48,
                            -0x1.fffffep-49};
    switch (k) {
    case FAR:
        return 1000.0 + 0.01 * n;
    case SMALL:
        return n * pow(1e-30, size);
    case LARGE:
        return n * pow(1e30, size);
    case TINY:
        return n * (dtype == CLACT_F64 ? 1e-310 : 1e-40);
    case MIXED:
        return ldexp(n, (int)((double)(random_bits(state) % 160) * size) - (int)(80 * size));
    case MINOR:
        return ldexp(n, (int)((double)(random_bits(state) % 50) * size) - (int)(80 * size));
    case LEVEL:
        return (double)0.7f + (row % 3 ? 0x1p-24 : 0.0);
    case HALF_DEAD:
        return row % 2 ? n : row % 4 ? 0.0 : -0.0;
    case BROKEN:
        return row % 5 == 3 ? broken[row % 3] : n;
    case NOTHING:
        return broken[row % 3];
    case ZERO:
        return 0.0;
    case CONSTANT:
        return 0.1;
    case EDGES:
        return edges[row % 6];
    default:
        return n;
    }
}

/* ---- what is expected ---- */

typedef struct wanted {
    size_t rows;
    bool is_total;
    uint64_t count, zeros, nans, infs;
    long double mean, variance, max_abs, norm, magnitudes, squares;
    long double least, most; /* of those that are near: summed with plain arithmetic */
} wanted;

/* Columns first to last of a packed matrix (and of another, where there are two). */
static wanted expect_columns(const double *m, const double *other, size_t rows, size_t cols,
                             size_t first, size_t last) {
    wanted w = {
        .rows = rows, .is_total = first != last, .least = INFINITY, .most = -(long double)INFINITY};
    long double sum = 0.0L, about = 0.0L;
    uint64_t finite = 0;
    for (int pass = 0; pass < 2; pass++) { /* the mean, then the rest */
        for (size_t i = 0; i < rows * cols * (other ? 2 : 1); i++) {
            const size_t k = i % (rows * cols), col = k % cols;
            const long double v = (long double)(i < rows * cols ? m : other)[k];
            if (col < first || col > last) continue;
            if (pass == 1) {
                if (isfinite(v)) about += (v - w.mean) * (v - w.mean);
                continue;
            }
            w.count++;
            w.nans += isnan(v) != 0;
            w.infs += isinf(v) != 0;
            w.zeros += v == 0.0L;
            if (!isnan(v)) w.max_abs = fmaxl(w.max_abs, fabsl(v));
            if (!isfinite(v)) continue;
            if (v == 0.0L || (fabsl(v) >= 0x1p-48L && fabsl(v) <= 0x1p48L)) {
                w.least = fminl(w.least, v);
                w.most = fmaxl(w.most, v);
            }
            finite++;
            sum += v;
            w.magnitudes += fabsl(v);
            w.squares += v * v;
        }
        w.mean = finite ? sum / (long double)finite : (long double)NAN;
    }
    w.variance = finite ? about / (long double)finite : (long double)NAN;
    w.norm = sqrtl(w.squares);
    return w;
}

/* Within so much of want, after it is a float */
static bool near(float got, long double want, long double error) {
    if (isnan(want)) return isnan(got);
    const long double least = 0x1p-149L, most = (long double)FLT_MAX;
    if (fabsl(want) > most) return fabsl((long double)got) >= most * (1.0L - 0x1p-20L);
    return fabsl((long double)got - want) <= error + 0x1p-22L * fabsl(want) + least;
}

static void check_record(const clact_health *h, const wanted *w, bool doubles, const char *what,
                         size_t col) {
    const long double finite = (long double)(w->count - w->nans - w->infs);
    /* a block's rows and the blocks: so many times 2^-46 of the sum of magnitudes */
    const long double rows = (long double)w->rows, each = fmaxl(ceill(rows / 512.0L), 32.0L);
    const long double n = fminl(rows, each) + ceill(rows / each) + 150.0L * w->is_total;
    const long double fine = n * (doubles ? 0x1p-104L : 0x1p-46L);
    /* and in chunks of at most 64 values their distances from one of them */
    const long double range = w->most > w->least ? w->most - w->least : 0.0L;
    const long double coarse = doubles ? 0x1p-47L : 0x1p-18L;
    const long double size = range > 0 ? fmaxl(fabsl(w->most), fabsl(w->least)) : 0.0L;
    const long double square = coarse * finite * (2.0L * size + range) * range; /* of the norm */
    const long double error = finite > 0 ? fine * w->magnitudes / finite + coarse * range : 0.0L;
    const long double spread =
        finite > 0 ? fine * w->squares / finite + 3.0L * coarse * range * range : 0.0L;
    const long double slack = w->norm > 0.0L ? square / (2.0L * w->norm) : 0.0L;
    const bool counts =
        h->count == w->count && h->zeros == w->zeros && h->nans == w->nans && h->infs == w->infs;
    if (counts && !(h->variance < 0.0f) && near(h->mean, w->mean, error) &&
        near(h->variance, w->variance, spread) && (h->max_abs == (float)w->max_abs) &&
        near(h->norm, w->norm, slack))
        return;
    print_error("%s, column %zu: count %llu of %llu, zeros %llu of %llu, nans %llu of %llu, infs "
                "%llu of %llu, mean %a for %La, variance %a for %La, max %a for %La, norm %a for "
                "%La\n",
                what, col, (unsigned long long)h->count, (unsigned long long)w->count,
                (unsigned long long)h->zeros, (unsigned long long)w->zeros,
                (unsigned long long)h->nans, (unsigned long long)w->nans,
                (unsigned long long)h->infs, (unsigned long long)w->infs, (double)h->mean, w->mean,
                (double)h->variance, w->variance, (double)h->max_abs, w->max_abs, (double)h->norm,
                w->norm);
    fail();
}

/* ---- passes over an identity, which shows what it is given ---- */

typedef struct batch {
    size_t rows, cols;
    clact_dtype dtype;
    double *x, *value;
    void *codes;
} batch;

static batch batch_create(size_t rows, size_t cols, clact_dtype dtype, uint64_t seed) {
    batch b = {rows,
               cols,
               dtype,
               malloc(rows * cols * 8),
               malloc(rows * cols * 8),
               malloc(rows * cols * 8)};
    uint64_t code;
    for (size_t i = 0; i < rows * cols; i++) {
        element_set(dtype, &code, 0, draw((kind)(i % cols % KINDS), i / cols, dtype, &seed));
        b.x[i] = element_value(dtype, &code, 0);
        b.value[i] =
            ldexp((double)(random_bits(&seed) % 3) - 1.0, 1); /* -2, 0, 2: exact products */
    }
    return b;
}

static void batch_destroy(batch *b) {
    free(b->x);
    free(b->value);
    free(b->codes);
}

static guarded matrix_of(fixture *f, const batch *b, const double *values) {
    guarded g = guarded_create_of(f, clact_dtype_size(b->dtype), b->rows, b->cols, 1, 1);
    for (size_t i = 0; values && i < b->rows * b->cols; i++)
        element_set(b->dtype, b->codes, i, values[i]);
    if (values) guarded_write(f, &g, b->codes);
    return g;
}

/* Health of a pass: forward of x (times value, where gated), backward of x as dy. */
static clact_health *health_of(fixture *f, const batch *b, const clact_sweep *w, bool backward) {
    size_t bytes = 0;
    clact_health *records = malloc((b->cols + 1) * sizeof *records);
    require_success(f, clact_sweep_workspace(w, backward, b->rows, b->cols, &bytes), "workspace");
    guarded x = matrix_of(f, b, b->x), value = matrix_of(f, b, b->value);
    guarded y = matrix_of(f, b, NULL), dvalue = matrix_of(f, b, NULL);
    guarded health = guarded_create_of(f, 8, b->cols + 1, sizeof *records / 8, 0, 0);
    guarded workspace = guarded_create(f, 1, bytes / 4, 0, 0);
    const clact_forward_tensors forward = {.rows = b->rows,
                                           .cols = b->cols,
                                           .x = x.matrix,
                                           .value = value.matrix,
                                           .y = y.matrix,
                                           .health = health.buffer,
                                           .workspace = workspace.buffer};
    const clact_backward_tensors gradients = {.rows = b->rows,
                                              .cols = b->cols,
                                              .saved = value.matrix,
                                              .value = value.matrix,
                                              .dy = x.matrix,
                                              .dx = y.matrix,
                                              .dvalue = dvalue.matrix,
                                              .health = health.buffer,
                                              .workspace = workspace.buffer};
    require_success(f,
                    backward
                        ? clact_sweep_backward(f->clact, f->queue, w, &gradients, 0, NULL, NULL)
                        : clact_sweep_forward(f->clact, f->queue, w, &forward, 0, NULL, NULL),
                    "health");
    guarded_read(f, &health, records);
    guarded *all[] = {&x, &value, &y, &dvalue, &health, &workspace};
    for (int i = 0; i < 6; i++)
        guarded_release(all[i]);
    return records;
}

static void check_batch(fixture *f, const batch *b, clact_gate gate, bool backward) {
    const size_t n = b->rows * b->cols;
    char what[96];
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_IDENTITY);
    w.dtype = b->dtype;
    w.gate = gate;
    w.saved = gate == CLACT_GATE_OFF ? CLACT_SAVED_NOTHING : CLACT_SAVED_X;
    w.health = true;
    w.scale = 3.0f; /* of neither */
    if (backward) w.scale = 1.0f;
    snprintf(what, sizeof what, "%s %s%s, %zu x %zu", clact_dtype_name(b->dtype),
             backward ? "backward" : "forward", gate ? " gated" : "", b->rows, b->cols);
    /* gated: forward x value; backward dy value twice, because the gate is saved as the value */
    double *seen = malloc(n * sizeof *seen);
    for (size_t i = 0; i < n; i++)
        seen[i] = gate ? b->x[i] * b->value[i] : b->x[i];
    for (size_t i = 0; b->dtype == CLACT_F32 && i < n; i++)
        seen[i] = (double)(float)seen[i];
    const double *other = gate && backward ? seen : NULL;
    clact_health *records = health_of(f, b, &w, backward);
    for (size_t col = 0; col <= b->cols; col++) {
        const bool total = col == b->cols;
        const wanted want =
            expect_columns(seen, other, b->rows, b->cols, total ? 0 : col, total ? col : col);
        if (total && b->cols > 1) /* extremes of all kinds in one: see totals_of_like_columns */
            assert_true(records[col].count == want.count && records[col].zeros == want.zeros &&
                        records[col].nans == want.nans && records[col].infs == want.infs);
        else
            check_record(&records[col], &want, b->dtype == CLACT_F64, what, col);
    }
    free(records);
    free(seen);
}

static void every_kind_of_column(void **state) {
    checker *c = *state;
    const size_t rows[] = {1, 2, 33, 1000, 17000};
    const int count = c->extent == EXTENT_SMALL ? 3 : 5;
    for (clact_dtype dtype = CLACT_F32; dtype <= CLACT_F64; dtype += CLACT_F64) {
        if (dtype == CLACT_F64 && !c->f.info.fp64) break;
        for (int i = 0; i < count; i++) {
            batch b = batch_create(rows[i], i == 3 ? 2 * KINDS + 1 : KINDS, dtype, 7 + (uint64_t)i);
            check_batch(&c->f, &b, CLACT_GATE_OFF, false);
            check_batch(&c->f, &b, CLACT_GATE_OFF, true);
            check_batch(&c->f, &b, CLACT_GATE_APART, false);
            check_batch(&c->f, &b, CLACT_GATE_APART, true);
            batch_destroy(&b);
        }
    }
}

/* Columns of one kind alone, more of them than the total has chains */
static void totals_of_like_columns(void **state) {
    checker *c = *state;
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_IDENTITY);
    w.saved = CLACT_SAVED_NOTHING;
    w.health = true;
    for (int k = 0; k < KINDS; k++) {
        batch b = batch_create(40, 150, CLACT_F32, 50 + (uint64_t)k);
        uint64_t seed = 60 + (uint64_t)k;
        for (size_t i = 0; i < b.rows * b.cols; i++)
            b.x[i] = (double)(float)draw((kind)k, i / b.cols, CLACT_F32, &seed);
        clact_health *records = health_of(&c->f, &b, &w, false);
        const wanted want = expect_columns(b.x, NULL, b.rows, b.cols, 0, b.cols - 1);
        check_record(&records[b.cols], &want, false, "total", b.cols);
        free(records);
        batch_destroy(&b);
    }
}

/* A norm neither overflows nor underflows before the number itself does. */
static void norms_at_the_ends_of_the_range(void **state) {
    checker *c = *state;
    const double values[] = {0x1p127, 0x1.8p126, 0x1p-149, 0x1.8p-130, 0x1p64, 0x1p-64};
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_IDENTITY);
    w.saved = CLACT_SAVED_NOTHING;
    w.health = true;
    batch b = batch_create(1, 6, CLACT_F32, 1);
    memcpy(b.x, values, sizeof values);
    clact_health *records = health_of(&c->f, &b, &w, false);
    for (int i = 0; i < 6; i++) {
        assert_true(records[i].norm == (float)values[i]);
        assert_true(records[i].mean == (float)values[i]);
        assert_true(records[i].variance == 0.0f);
    }
    free(records);
    batch_destroy(&b);
}

/* Saturated are units, not elements with a large value: |sigma'| below the threshold */
static void saturated_units(void **state) {
    checker *c = *state;
    batch b = batch_create(200, 3, CLACT_F32, 9);
    uint64_t want[3] = {0}, seed = 4;
    const double threshold = 0.05;
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_SIGMOID);
    w.health = true;
    w.saturation = (float)threshold;
    for (size_t i = 0; i < 600; i++) {
        double slope = 0.0;
        do {
            b.x[i] = (double)(3.0f * random_normal(&seed));
            const double s = 1.0 / (1.0 + exp(-b.x[i]));
            slope = s * (1.0 - s);
        } while (fabs(slope - threshold) < 1e-5);
        want[i % 3] += slope < threshold;
    }
    clact_health *records = health_of(&c->f, &b, &w, false);
    for (int i = 0; i < 3; i++)
        assert_int_equal(records[i].saturated, want[i]);
    assert_int_equal(records[3].saturated, want[0] + want[1] + want[2]);
    assert_true(want[0] > 20 && want[0] < 180);
    free(records);
    records = health_of(&c->f, &b, &w, true);
    assert_int_equal(records[3].saturated, 0);
    free(records);
    batch_destroy(&b);
}

int main(int argc, char **argv) {
    checker c;
    if (!checker_open(&c, "test_health", take_extent(&argc, &argv), 0)) return TEST_SKIPPED;
    if (c.arithmetic.flushes) {
        puts("skipped: the device may flush subnormals");
        checker_close(&c);
        return TEST_SKIPPED;
    }
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &c }
    const struct CMUnitTest tests[] = {
        CASE(every_kind_of_column),
        CASE(totals_of_like_columns),
        CASE(norms_at_the_ends_of_the_range),
        CASE(saturated_units),
    };
    const int failed = cmocka_run_group_tests_name("health", tests, NULL, NULL);
    checker_close(&c);
    return failed;
}
