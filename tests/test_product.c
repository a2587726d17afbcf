/* test_product.c: matrix products have the bits that a plain loop in their order of sums gives,
 * whatever the layout, and so do products with a sweep behind them.
 *
 * An argument, the vector width, or `small` for who watches every access.
 */
#include "device_fixture.h"

#include "clact/product.h"
#include "core/product_plan.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_small;
enum { BLOCK = 256 }; /* of k, as product.h promises */

/* ---- a product on host and device ---- */

typedef struct product_case {
    size_t m, n, k;
    bool a_transposed, b_transposed;
    float beta;
    clact_dtype dtype;
} product_case;

/* A matrix as it is stored, in double on the host whatever its type */
typedef struct tensor {
    guarded device;
    double *host;
    size_t rows, cols;
} tensor;

static tensor tensor_create(fixture *f, clact_dtype dtype, size_t rows, size_t cols, size_t offset,
                            size_t pad) {
    return (tensor){guarded_create_of(f, clact_dtype_size(dtype), rows, cols, offset, pad),
                    calloc(rows * cols, sizeof(double)), rows, cols};
}

static void tensor_release(tensor *t) {
    guarded_release(&t->device);
    free(t->host);
}

static void tensor_write(fixture *f, const tensor *t) {
    const size_t count = t->rows * t->cols;
    float *single = malloc(count * sizeof *single);
    for (size_t i = 0; i < count; i++)
        single[i] = (float)t->host[i];
    guarded_write(f, &t->device, t->device.size == sizeof(float) ? (void *)single : t->host);
    free(single);
}

static void tensor_read(fixture *f, const tensor *t, double *values) {
    const size_t count = t->rows * t->cols;
    float *single = malloc(count * sizeof *single);
    guarded_read(f, &t->device, t->device.size == sizeof(float) ? (void *)single : values);
    for (size_t i = 0; i < count && t->device.size == sizeof(float); i++)
        values[i] = (double)single[i];
    free(single);
}

static void tensor_draw(fixture *f, const tensor *t, uint64_t *seed) {
    for (size_t i = 0; i < t->rows * t->cols; i++)
        t->host[i] = (double)random_normal(seed);
    tensor_write(f, t);
}

/* Rounded to the type; exact for what stays float */
static double rounded(clact_dtype dtype, double value) {
    return dtype == CLACT_F32 ? (double)(float)value : value;
}

static double fused(clact_dtype dtype, double a, double b, double c) {
    return dtype == CLACT_F32 ? (double)fmaf((float)a, (float)b, (float)c) : fma(a, b, c);
}

/* An element in the order that product.h promises; its exact value and what bounds its error. */
typedef struct element {
    double value;
    long double exact, magnitude;
} element;

static element replica(const product_case *p, const double *a, const double *b, double c,
                       size_t row, size_t col) {
    element e = {0.0, (long double)p->beta * (p->beta != 0.0f ? c : 0.0), 0.0L};
    e.magnitude = fabsl(e.exact);
    for (size_t from = 0; from == 0 || from < p->k; from += BLOCK) {
        double chain = 0.0;
        for (size_t i = from; i < p->k && i < from + BLOCK; i++) {
            const double x = a[p->a_transposed ? i * p->m + row : row * p->k + i];
            const double w = b[p->b_transposed ? col * p->k + i : i * p->n + col];
            chain = fused(p->dtype, x, w, chain);
            e.exact += (long double)x * w;
            e.magnitude += fabsl((long double)x * w);
        }
        if (from > 0)
            e.value = rounded(p->dtype, e.value + chain);
        else
            e.value = p->beta != 0.0f ? fused(p->dtype, (double)p->beta, c, chain) : chain;
    }
    return e;
}

static void complain(const product_case *p, size_t row, size_t col, double got, double want) {
    print_error("%zu x %zu x %zu, %s, a%s b%s, beta %g: [%zu, %zu] is %a, not %a\n", p->m, p->n,
                p->k, clact_dtype_name(p->dtype), p->a_transposed ? "^T" : "",
                p->b_transposed ? "^T" : "", (double)p->beta, row, col, got, want);
    fail();
}

/* Returns the largest error as a share of its bound. */
static double check_elements(const product_case *p, const tensor *a, const tensor *b,
                             const tensor *c, const double *got) {
    const size_t chain = p->k < BLOCK ? p->k : BLOCK;
    const double unit = p->dtype == CLACT_F32 ? 0x1p-24 : 0x1p-53;
    const double factor = (double)(chain + p->k / BLOCK + 2) * unit;
    double worst = 0.0;
    for (size_t row = 0; row < p->m; row++) {
        for (size_t col = 0; col < p->n; col++) {
            const double is = got[row * p->n + col];
            const element e = replica(p, a->host, b->host, c->host[row * p->n + col], row, col);
            const double off = (double)fabsl((long double)is - e.exact);
            const double bound = factor * (double)e.magnitude + DBL_MIN;
            if (memcmp(&is, &e.value, sizeof is) != 0) complain(p, row, col, is, e.value);
            if (!(off <= bound)) complain(p, row, col, is, (double)e.exact);
            if (off / bound > worst) worst = off / bound;
        }
    }
    return worst;
}

static double check_product(fixture *f, const product_case *p) {
    const bool ta = p->a_transposed, tb = p->b_transposed;
    const size_t k = p->k > 0 ? p->k : 1; /* there is no empty buffer */
    uint64_t seed = 11;
    tensor a = tensor_create(f, p->dtype, ta ? k : p->m, ta ? p->m : k, 3, 1);
    tensor b = tensor_create(f, p->dtype, tb ? p->n : k, tb ? k : p->n, 1, 2);
    tensor c = tensor_create(f, p->dtype, p->m, p->n, 2, 3);
    tensor_draw(f, &a, &seed);
    tensor_draw(f, &b, &seed);
    tensor_draw(f, &c, &seed);
    if (p->beta == 0.0f) c.host[0] = NAN; /* takes nothing from there */
    tensor_write(f, &c);
    const clact_product product = {.m = p->m,
                                   .n = p->n,
                                   .k = p->k,
                                   .a_transposed = ta,
                                   .b_transposed = tb,
                                   .a = a.device.matrix,
                                   .b = b.device.matrix,
                                   .c = c.device.matrix,
                                   .dtype = p->dtype,
                                   .beta = p->beta};
    double *got = malloc(p->m * p->n * sizeof *got);
    require_success(f, clact_multiply(f->clact, f->queue, &product, 0, NULL, NULL), "multiply");
    tensor_read(f, &c, got);
    const double worst = check_elements(p, &a, &b, &c, got);
    free(got);
    tensor_release(&a);
    tensor_release(&b);
    tensor_release(&c);
    return worst;
}

static void products_have_the_bits_of_a_loop_in_their_order(void **state) {
    /* around tiles, panels and blocks of k, more strips than one, and one element */
    static const size_t shapes[][3] = {{1, 1, 1},    {8, 32, 256}, {7, 31, 255},
                                       {9, 33, 257}, {64, 10, 5},  {13, 67, 600},
                                       {3, 100, 0},  {300, 2, 3},  {33, 16, 513}};
    static const size_t few[][3] = {{1, 1, 1}, {9, 10, 3}, {2, 11, 257}};
    const size_t(*listed)[3] = is_small ? few : shapes;
    fixture *f = *state;
    double worst = 0.0;
    for (int type = 0; type < 2; type++) {
        if (type == 1 && !f->info.fp64) break;
        for (size_t s = 0; s < (is_small ? sizeof few : sizeof shapes) / sizeof *shapes; s++) {
            for (int layout = 0; layout < 4; layout++) {
                const product_case p = {.m = listed[s][0],
                                        .n = listed[s][1],
                                        .k = listed[s][2],
                                        .a_transposed = layout & 1,
                                        .b_transposed = layout & 2,
                                        .beta = s % 3 == 2 ? -0.75f : 0.0f,
                                        .dtype = type == 0 ? CLACT_F32 : CLACT_F64};
                const double off = check_product(f, &p);
                if (off > worst) worst = off;
            }
        }
    }
    printf("greatest error: %.3f of its bound\n", worst);
}

/* ---- with a sweep ---- */

static clact_sweep sweep_of(clact_activation activation, clact_tier tier, bool bias, float scale) {
    clact_sweep s;
    clact_sweep_init(&s, activation);
    s.tier = tier;
    s.bias = bias;
    s.scale = scale;
    return s;
}

/* z and y of one kernel against those of a product and a sweep; in place y is z. */
static void check_fused(fixture *f, const clact_sweep *sweep, size_t m, size_t n, size_t k,
                        bool in_place) {
    const size_t bytes = m * n * sizeof(float);
    uint64_t seed = 5;
    tensor x = tensor_create(f, CLACT_F32, m, k, 1, 0), w = tensor_create(f, CLACT_F32, n, k, 0, 1);
    tensor bias = tensor_create(f, CLACT_F32, 1, n, 2, 0);
    guarded z[2], y[2];
    float *got[4];
    tensor_draw(f, &x, &seed);
    tensor_draw(f, &w, &seed);
    tensor_draw(f, &bias, &seed);
    for (int i = 0; i < 2; i++) {
        z[i] = guarded_create(f, m, n, 1, 2);
        y[i] = guarded_create(f, m, n, 3, 1);
        const clact_product product = {.m = m,
                                       .n = n,
                                       .k = k,
                                       .a = x.device.matrix,
                                       .b = w.device.matrix,
                                       .b_transposed = true,
                                       .c = z[i].matrix};
        const clact_forward_tensors t = {.rows = m,
                                         .cols = n,
                                         .x = z[i].matrix,
                                         .bias = bias.device.matrix,
                                         .y = in_place ? z[i].matrix : y[i].matrix};
        if (i == 0) {
            require_success(
                f, clact_multiply_forward(f->clact, f->queue, &product, sweep, &t, 0, NULL, NULL),
                "fused");
        } else {
            require_success(f, clact_multiply(f->clact, f->queue, &product, 0, NULL, NULL),
                            "product");
            require_success(f, clact_sweep_forward(f->clact, f->queue, sweep, &t, 0, NULL, NULL),
                            "sweep");
        }
        got[2 * i] = malloc(bytes);
        got[2 * i + 1] = malloc(bytes);
        guarded_read(f, &z[i], got[2 * i]);
        guarded_read(f, &y[i], got[2 * i + 1]);
    }
    assert_memory_equal(got[0], got[2], bytes);
    assert_memory_equal(got[1], got[3], bytes); /* in place the poison of both */
    for (int i = 0; i < 2; i++) {
        guarded_release(&z[i]);
        guarded_release(&y[i]);
    }
    for (int i = 0; i < 4; i++)
        free(got[i]);
    tensor_release(&x);
    tensor_release(&w);
    tensor_release(&bias);
}

static void a_sweep_behind_a_product_has_the_bits_of_a_sweep(void **state) {
    fixture *f = *state;
    const clact_sweep sweeps[] = {
        sweep_of(CLACT_ACT_RELU, CLACT_TIER_FAST, true, 1.0f),
        sweep_of(CLACT_ACT_GELU, CLACT_TIER_ACCURATE, true, 1.0f),
        sweep_of(CLACT_ACT_TANH, CLACT_TIER_FAST, true, 0.5f),
        sweep_of(CLACT_ACT_IDENTITY, CLACT_TIER_FAST, true, 1.0f),
        sweep_of(CLACT_ACT_ELU, CLACT_TIER_FAST, false, -2.0f),
    };
    for (size_t i = 0; i < (is_small ? 2 : sizeof sweeps / sizeof *sweeps); i++) {
        if (!is_small) check_fused(f, &sweeps[i], 11, 45, 300, false);
        check_fused(f, &sweeps[i], 9, 34, 20, true);
    }
}

static void sweeps_that_look_elsewhere_are_not_taken(void **state) {
    fixture *f = *state;
    clact_sweep s = sweep_of(CLACT_ACT_RELU, CLACT_TIER_FAST, true, 2.0f);
    const clact_product product = {.m = 1, .n = 1, .k = 1};
    const clact_forward_tensors t = {.rows = 1, .cols = 1};
    assert_true(clact_multiply_takes(&s));
    assert_false(clact_multiply_takes(NULL));
    s.saved = CLACT_SAVED_MASK;
    assert_false(clact_multiply_takes(&s));
    assert_int_equal(clact_multiply_forward(f->clact, f->queue, &product, &s, &t, 0, NULL, NULL),
                     CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_multiply_try(f->clact, CLACT_F32, &s), CLACT_INVALID_ARGUMENT);
    s = sweep_of(CLACT_ACT_RELU, CLACT_TIER_FAST, true, 2.0f);
    s.dropout = 0.5f;
    assert_false(clact_multiply_takes(&s));
    s = sweep_of(CLACT_ACT_RELU, CLACT_TIER_FAST, true, 2.0f);
    s.dtype = CLACT_BF16;
    assert_false(clact_multiply_takes(&s));
    s = sweep_of(CLACT_ACT_SILU, CLACT_TIER_FAST, true, 2.0f);
    s.gate = CLACT_GATE_FIRST;
    assert_false(clact_multiply_takes(&s));
}

/* ---- what is refused, and what is nothing ---- */

static void wrong_products_are_refused(void **state) {
    fixture *f = *state;
    guarded a = guarded_create(f, 4, 6, 0, 0), b = guarded_create(f, 6, 5, 0, 0);
    guarded c = guarded_create(f, 4, 5, 0, 0);
    const clact_product right = {
        .m = 4, .n = 5, .k = 6, .a = a.matrix, .b = b.matrix, .c = c.matrix};
    cl_event event = NULL;
#define EXPECT(change, status)                                                                     \
    do {                                                                                           \
        clact_product p = right;                                                                   \
        change;                                                                                    \
        assert_int_equal(clact_multiply(f->clact, f->queue, &p, 0, NULL, &event), status);         \
        assert_null(event);                                                                        \
    } while (0)
    EXPECT(p.beta = NAN, CLACT_PARAMETER_RANGE);
    EXPECT(p.dtype = CLACT_F16, CLACT_INVALID_ARGUMENT);
    EXPECT(p.dtype = (clact_dtype)9, CLACT_INVALID_ARGUMENT);
    EXPECT(p.c = p.a, CLACT_OVERLAP);
    EXPECT(p.a.ld = 5, CLACT_SHAPE);
    EXPECT(p.b.ld = 4, CLACT_SHAPE);
    EXPECT(p.m = 1000, CLACT_BUFFER_SIZE);
    EXPECT(p.b.buffer = NULL, CLACT_INVALID_ARGUMENT);
    EXPECT(p.k = SIZE_MAX, CLACT_SHAPE);
#undef EXPECT
    assert_int_equal(clact_multiply(f->clact, f->queue, NULL, 0, NULL, NULL),
                     CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_multiply(NULL, f->queue, &right, 0, NULL, NULL), CLACT_INVALID_ARGUMENT);
    clact_product nothing = right;
    nothing.m = 0;
    nothing.a.buffer = NULL;
    require_success(f, clact_multiply(f->clact, f->queue, &nothing, 0, NULL, &event), "no rows");
    assert_non_null(event);
    clReleaseEvent(event);
    guarded_release(&a);
    guarded_release(&b);
    guarded_release(&c);
}

/* Work-groups cover every element once, and there are enough of them for all compute units as far
 * as there are rows. */
static void shapes_are_cut_into_whole_tiles(void **state) {
    (void)state;
    for (unsigned units = 1; units <= 128; units *= 8) {
        for (size_t m = 1; m < 5000; m = m * 3 + 1) {
            for (size_t n = 1; n < 5000; n = n * 5 + 2) {
                const product_tile tile = {8, 2, 16, 1};
                const product_cut cut = product_plan_cut(m, n, tile, units);
                const size_t panels = (n + 31) / 32, strips = cut.groups / panels;
                assert_int_equal(cut.groups % panels, 0);
                assert_int_equal(cut.rows_each % tile.rows, 0);
                assert_true(strips * cut.rows_each >= m && (strips - 1) * cut.rows_each < m);
                assert_true(cut.groups >= units || cut.rows_each == tile.rows);
            }
        }
    }
}

int main(int argc, char **argv) {
    fixture f;
    is_small = argc > 1 && strcmp(argv[1], "small") == 0;
    const unsigned width = argc > 1 && !is_small ? (unsigned)atoi(argv[1]) : 0;
    if (!fixture_open(&f, width)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &f }
    const struct CMUnitTest tests[] = {
        CASE(products_have_the_bits_of_a_loop_in_their_order),
        CASE(a_sweep_behind_a_product_has_the_bits_of_a_sweep),
        CASE(sweeps_that_look_elsewhere_are_not_taken),
        CASE(wrong_products_are_refused),
        CASE(shapes_are_cut_into_whole_tiles),
    };
    const int failed = cmocka_run_group_tests_name("products", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
