/* test_sweep_steps.c: on the device itself a fused pass gives the bits of single passes one after
 * the other, in float32 and float64; for 16-bit types it is as near as their roundings in between
 * allow, and nearer to the exact result. Passes over nothing.
 */
#include "element.h"
#include "formulas_c.h"
#include "sweep_check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 70, COLS = 83, N = ROWS * COLS };

typedef enum name {
    X,
    VALUE,
    BIAS,
    VALUE_BIAS,
    RESIDUAL,
    DY,
    INPUTS,
    BIASED = INPUTS,
    BIASED_VALUE,
    ACTIVATED,
    GATED,
    DROPPED,
    SCALED,
    Y,
    FUSED_Y,
    D_SCALED,
    D_DROPPED,
    D_ACTIVATED,
    DVALUE,
    DX,
    DBIAS,
    DVALUE_BIAS,
    DRESIDUAL,
    FUSED_DX,
    FUSED_DVALUE,
    FUSED_DBIAS,
    FUSED_DVALUE_BIAS,
    NAMES
} name;

typedef struct bench {
    fixture *f;
    clact_sweep fused;
    guarded m[NAMES], workspace;
    double values[NAMES][N];
} bench;

static bool is_row(name k) {
    return k == BIAS || k == VALUE_BIAS || k == DBIAS || k == DVALUE_BIAS || k == FUSED_DBIAS ||
           k == FUSED_DVALUE_BIAS;
}

/* The sweep of one step */
static clact_sweep step(const bench *b, clact_activation activation) {
    clact_sweep w;
    clact_sweep_init(&w, activation);
    w.dtype = b->fused.dtype;
    w.tier = b->fused.tier;
    if (activation == CLACT_ACT_IDENTITY) w.saved = CLACT_SAVED_NOTHING;
    return w;
}

static bench *bench_create(fixture *f, clact_activation activation, clact_dtype dtype) {
    bench *b = calloc(1, sizeof *b);
    uint64_t state = 3;
    b->f = f;
    clact_sweep_init(&b->fused, activation);
    b->fused.dtype = dtype;
    b->fused.bias = b->fused.residual = true;
    b->fused.gate = CLACT_GATE_APART;
    b->fused.dropout = 0.3f;
    b->fused.scale = -1.3f;
    const size_t size = clact_dtype_size(dtype);
    for (name k = 0; k < NAMES; k++) {
        uint64_t codes[N];
        const size_t n = is_row(k) ? COLS : N;
        b->m[k] = guarded_create_of(f, size, is_row(k) ? 1 : ROWS, COLS, k % 3, k % 2);
        for (size_t i = 0; i < n && k < INPUTS; i++) {
            element_set(dtype, codes, i, (double)random_normal(&state));
            b->values[k][i] = element_value(dtype, codes, i);
        }
        if (k < INPUTS) guarded_write(f, &b->m[k], codes);
    }
    b->workspace = guarded_create_of(f, 8, 1, 64 * COLS, 0, 0);
    return b;
}

static void bench_destroy(bench *b) {
    for (name k = 0; k < NAMES; k++)
        guarded_release(&b->m[k]);
    guarded_release(&b->workspace);
    free(b);
}

static const double *read_values(bench *b, name k) {
    uint64_t codes[N];
    guarded_read(b->f, &b->m[k], codes);
    for (size_t i = 0; i < (is_row(k) ? COLS : N); i++)
        b->values[k][i] = element_value(b->fused.dtype, codes, i);
    return b->values[k];
}

/* ---- passes ---- */

static void forward_pass(bench *b, const clact_sweep *w, name x, name value, name bias, name y) {
    const clact_forward_tensors t = {.rows = ROWS,
                                     .cols = COLS,
                                     .x = b->m[x].matrix,
                                     .value = b->m[value].matrix,
                                     .bias = b->m[bias].matrix,
                                     .value_bias = b->m[VALUE_BIAS].matrix,
                                     .residual = b->m[RESIDUAL].matrix,
                                     .seed = 11,
                                     .offset = 12,
                                     .y = b->m[y].matrix};
    require_success(b->f, clact_sweep_forward(b->f->clact, b->f->queue, w, &t, 0, NULL, NULL),
                    "forward");
}

static void backward_pass(bench *b, const clact_sweep *w, name saved, name value, name dy, name dx,
                          name dvalue) {
    const clact_backward_tensors t = {.rows = ROWS,
                                      .cols = COLS,
                                      .saved = b->m[saved].matrix,
                                      .value = b->m[value].matrix,
                                      .bias = b->m[BIAS].matrix,
                                      .value_bias = b->m[VALUE_BIAS].matrix,
                                      .seed = 11,
                                      .offset = 12,
                                      .dy = b->m[dy].matrix,
                                      .dx = b->m[dx].matrix,
                                      .dvalue = b->m[dvalue].matrix,
                                      .dbias = b->m[FUSED_DBIAS].matrix,
                                      .dvalue_bias = b->m[FUSED_DVALUE_BIAS].matrix,
                                      .dresidual = b->m[DRESIDUAL].matrix,
                                      .workspace = b->workspace.buffer};
    require_success(b->f, clact_sweep_backward(b->f->clact, b->f->queue, w, &t, 0, NULL, NULL),
                    "backward");
}

static void forward_chain(bench *b) {
    const clact_sweep act = step(b, b->fused.activation);
    clact_sweep biased = step(b, CLACT_ACT_IDENTITY), gated = biased, dropped = biased;
    clact_sweep scaled = biased, summed = biased;
    biased.bias = summed.residual = true;
    gated.gate = CLACT_GATE_APART;
    gated.saved = CLACT_SAVED_X;
    dropped.dropout = b->fused.dropout;
    scaled.scale = b->fused.scale;
    forward_pass(b, &biased, X, X, BIAS, BIASED);
    forward_pass(b, &biased, VALUE, X, VALUE_BIAS, BIASED_VALUE);
    forward_pass(b, &act, BIASED, X, BIAS, ACTIVATED);
    forward_pass(b, &gated, ACTIVATED, BIASED_VALUE, BIAS, GATED);
    forward_pass(b, &dropped, GATED, X, BIAS, DROPPED);
    forward_pass(b, &scaled, DROPPED, X, BIAS, SCALED);
    forward_pass(b, &summed, SCALED, X, BIAS, Y);
    forward_pass(b, &b->fused, X, VALUE, BIAS, FUSED_Y);
}

static void backward_chain(bench *b) {
    const clact_sweep act = step(b, b->fused.activation);
    clact_sweep scaled = step(b, CLACT_ACT_IDENTITY), dropped = scaled, gated = scaled;
    gated.gate = CLACT_GATE_APART;
    gated.saved = CLACT_SAVED_X;
    dropped.dropout = b->fused.dropout;
    scaled.scale = b->fused.scale;
    backward_pass(b, &scaled, X, X, DY, D_SCALED, X);
    backward_pass(b, &dropped, X, X, D_SCALED, D_DROPPED, X);
    backward_pass(b, &gated, ACTIVATED, BIASED_VALUE, D_DROPPED, D_ACTIVATED, DVALUE);
    backward_pass(b, &act, BIASED, X, D_ACTIVATED, DX, X);
    backward_pass(b, &b->fused, X, VALUE, DY, FUSED_DX, FUSED_DVALUE);
}

static void same(bench *b, name fused, name chain, const char *what) {
    const double *got = read_values(b, fused), *want = read_values(b, chain);
    for (size_t i = 0; i < (is_row(fused) ? COLS : N); i++) {
        if (element_same(CLACT_F64, got, i, want, i)) continue;
        print_error("%s, element %zu: fused %a, chain %a\n", what, i, got[i], want[i]);
        fail();
    }
}

static void sum_of(bench *b, name x, name sum) {
    require_success(b->f,
                    clact_sum_columns(b->f->clact, b->f->queue, ROWS, COLS, b->m[x].matrix,
                                      b->m[sum].matrix, b->workspace.buffer, 0, NULL, NULL),
                    "sums");
}

static void single_passes_give_the_fused_bits(void **state) {
    fixture *f = &((checker *)*state)->f;
    for (int i = 0; i < 1 + f->info.fp64; i++) {
        const clact_dtype dtype = i ? CLACT_F64 : CLACT_F32;
        bench *b = bench_create(f, CLACT_ACT_GELU, dtype);
        forward_chain(b);
        backward_chain(b);
        same(b, FUSED_Y, Y, "y");
        same(b, FUSED_DX, DX, "dx");
        same(b, FUSED_DVALUE, DVALUE, "dvalue");
        same(b, DRESIDUAL, DY, "dresidual");
        if (dtype == CLACT_F32) {
            sum_of(b, DX, DBIAS);
            sum_of(b, DVALUE, DVALUE_BIAS);
            same(b, FUSED_DBIAS, DBIAS, "dbias");
            same(b, FUSED_DVALUE_BIAS, DVALUE_BIAS, "dvalue_bias");
        }
        bench_destroy(b);
    }
}

/* ---- 16 bits ---- */

/* Half a last place of a value as it is stored */
static double half_ulp(clact_dtype dtype, double v) {
    const element_format f = element_format_of(dtype);
    const double least = f.least_normal;
    return ldexp(1.0, ilogb(fabs(v) > least ? v : least) - f.fraction_bits - 1);
}

/* What the roundings of the chain may make of y, each carried on to the end to first order (|gelu'|
 * is below 1.13), with 2 % for the rest. */
static double chain_bound(const bench *b, size_t i) {
    const clact_dtype d = b->fused.dtype;
    const double keep = 1.0 / (1.0 - 0.3), scale = 1.3;
    const bool kept = clact_dropout_keeps(0.3f, 11, 12, COLS, i / COLS, i % COLS);
    const double v = fabs(b->values[BIASED_VALUE][i]), a = fabs(b->values[ACTIVATED][i]);
    double e = v * (1.13 * half_ulp(d, b->values[BIASED][i]) + half_ulp(d, a));
    e += a * half_ulp(d, v) + half_ulp(d, b->values[GATED][i]);
    e = kept ? (keep * e + half_ulp(d, b->values[DROPPED][i])) * scale : 0.0;
    e += half_ulp(d, b->values[SCALED][i]) + half_ulp(d, b->values[Y][i]);
    return 1.02 * e + half_ulp(d, b->values[FUSED_Y][i]);
}

static double exact_y(const bench *b, size_t i) {
    const float none[2] = {0};
    const size_t col = i % COLS;
    const double z = b->values[X][i] + b->values[BIAS][col];
    const double v = b->values[VALUE][i] + b->values[VALUE_BIAS][col];
    const double a = formula_forward_f64(CLACT_ACT_GELU, CLACT_TIER_ACCURATE, none, z) * v;
    const bool kept = clact_dropout_keeps(0.3f, 11, 12, COLS, i / COLS, i % COLS);
    return b->values[RESIDUAL][i] + (double)-1.3f * (kept ? a / (1.0 - (double)0.3f) : 0.0);
}

/* One rounding at the end, beside the few of float32, of terms that may cancel */
static double fused_bound(const bench *b, size_t i, double want) {
    const double r = b->values[RESIDUAL][i], v = b->values[BIASED_VALUE][i];
    return half_ulp(b->fused.dtype, want) + 0x1p-21 * (fabs(r) + fabs(want - r) + fabs(v));
}

static void sixteen_bits_lose_what_the_chain_rounds(void **state) {
    fixture *f = &((checker *)*state)->f;
    const clact_dtype dtypes[] = {CLACT_F16, CLACT_BF16};
    for (int k = 0; k < 2; k++) {
        bench *b = bench_create(f, CLACT_ACT_GELU, dtypes[k]);
        double most = 0.0, chain = 0.0, fused = 0.0, worst = 0.0;
        forward_chain(b);
        for (name n = BIASED; n <= FUSED_Y; n++)
            read_values(b, n);
        for (size_t i = 0; i < N; i++) {
            const double y = b->values[Y][i], got = b->values[FUSED_Y][i], want = exact_y(b, i);
            most = fmax(most, fabs(y - got) / chain_bound(b, i));
            worst = fmax(worst, fabs(got - want) / fused_bound(b, i, want));
            chain += (y - want) * (y - want);
            fused += (got - want) * (got - want);
        }
        printf(
            "%s: fused and chain differ by %.2f of the bound at most; the fused result is within "
            "%.3f of its bound; mean square error %.2g against %.2g of the chain\n",
            clact_dtype_name(dtypes[k]), most, worst, fused / N, chain / N);
        assert_true(most <= 1.0);
        assert_true(most > 0.0);
        assert_true(worst <= 1.0);
        assert_true(fused < 0.5 * chain);
        bench_destroy(b);
    }
}

/* ---- nothing ---- */

/* Sums over no rows are 0, or what is there times beta; health has seen nothing. */
static void passes_without_rows(void **state) {
    fixture *f = &((checker *)*state)->f;
    enum { WIDE = 5 };
    const float there[WIDE] = {1.0f, -2.0f, 3.0f, NAN, 5.0f};
    clact_health records[WIDE + 1];
    float got[WIDE];
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_PRELU);
    w.bias = w.slopes = w.health = true;
    w.accumulate = CLACT_GRADIENT_SLOPES;
    w.beta = 0.5f;
    guarded rows[3], health = guarded_create_of(f, 8, WIDE + 1, sizeof(clact_health) / 8, 0, 0);
    guarded workspace = guarded_create(f, 1, 17 * WIDE, 0, 0);
    for (int i = 0; i < 3; i++) {
        rows[i] = guarded_create(f, 1, WIDE, (size_t)i, 0);
        guarded_write(f, &rows[i], there);
    }
    const clact_backward_tensors t = {.cols = WIDE,
                                      .bias = rows[0].matrix,
                                      .slopes = rows[0].matrix,
                                      .dbias = rows[1].matrix,
                                      .dslopes = rows[2].matrix,
                                      .health = health.buffer,
                                      .workspace = workspace.buffer};
    cl_event event = NULL;
    require_success(f, clact_sweep_backward(f->clact, f->queue, &w, &t, 0, NULL, &event), "none");
    assert_int_equal(clWaitForEvents(1, &event), CL_SUCCESS);
    clReleaseEvent(event);
    guarded_read(f, &rows[1], got);
    for (int i = 0; i < WIDE; i++)
        assert_true(same_bits(got[i], 0.0f));
    guarded_read(f, &rows[2], got);
    for (int i = 0; i < WIDE; i++)
        assert_true(same_bits(got[i], 0.5f * there[i]));
    guarded_read(f, &health, records);
    for (int i = 0; i <= WIDE; i++) {
        const clact_health *h = &records[i];
        assert_int_equal(h->count + h->zeros + h->saturated + h->nans + h->infs, 0);
        assert_true(isnan(h->mean) && isnan(h->variance) && h->max_abs == 0.0f && h->norm == 0.0f);
    }
    for (int i = 0; i < 3; i++)
        guarded_release(&rows[i]);
    guarded_release(&health);
    guarded_release(&workspace);
}

/* With beta 0 a NaN that is there does not come through. */
static void beta_0_reads_nothing(void **state) {
    fixture *f = &((checker *)*state)->f;
    float values[6] = {1.0f, -1.0f, 2.0f, 3.0f, -4.0f, 5.0f}, nans[6], got[6];
    for (int i = 0; i < 6; i++)
        nans[i] = NAN;
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_RELU);
    w.bias = w.residual = true;
    w.accumulate = CLACT_GRADIENT_ALL;
    w.beta = 0.0f;
    guarded in = guarded_create(f, 2, 3, 0, 0), out[3], workspace = guarded_create(f, 1, 6, 0, 0);
    for (int i = 0; i < 3; i++) {
        out[i] = guarded_create(f, i < 2 ? 2 : 1, 3, 0, 0);
        guarded_write(f, &out[i], nans);
    }
    guarded_write(f, &in, values);
    const clact_matrix m = in.matrix;
    const clact_backward_tensors t = {.rows = 2,
                                      .cols = 3,
                                      .saved = m,
                                      .bias = m,
                                      .dy = m,
                                      .dx = out[0].matrix,
                                      .dresidual = out[1].matrix,
                                      .dbias = out[2].matrix,
                                      .workspace = workspace.buffer};
    require_success(f, clact_sweep_backward(f->clact, f->queue, &w, &t, 0, NULL, NULL), "beta 0");
    for (int i = 0; i < 3; i++) {
        guarded_read(f, &out[i], got);
        for (size_t k = 0; k < out[i].rows * 3; k++)
            assert_false(isnan(got[k]));
        guarded_release(&out[i]);
    }
    guarded_release(&in);
    guarded_release(&workspace);
}

int main(int argc, char **argv) {
    checker c;
    if (!checker_open(&c, "test_sweep_steps", take_extent(&argc, &argv), 0)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &c }
    const struct CMUnitTest tests[] = {
        CASE(single_passes_give_the_fused_bits),
        CASE(sixteen_bits_lose_what_the_chain_rounds),
        CASE(passes_without_rows),
        CASE(beta_0_reads_nothing),
    };
    const int failed = cmocka_run_group_tests_name("steps", tests, NULL, NULL);
    checker_close(&c);
    return failed;
}
