/* test_dense_batch.c: batches of dense layers have the bits of single ones, wherever their tensors
 * stand; and how many sweeps they take.
 */
#include "dense_case.h"
#include "faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLOATS = 1 << 13, COUNT = 3, ROWS = 7, IN = 6, OUT = 5, RECORDS = COUNT * (OUT + 1) };

/* One buffer for each tensor, with all entries and the gaps between them. */
typedef struct arena {
    fixture *f;
    cl_mem buffer[TENSOR_COUNT], health, workspace;
} arena;

typedef struct snapshot {
    float values[TENSOR_COUNT][FLOATS];
    clact_health health[2][RECORDS]; /* forward, backward */
} snapshot;

/* How entries follow one another. */
typedef enum layout {
    PACKED, /* from 0, without gap */
    GAPS,   /* elsewhere, with gaps */
    HEADS,  /* side by side in the columns of wider matrices */
    SHARED, /* as GAPS, but x and the residual are of all entries */
    MIXED   /* in no order, unevenly spaced */
} layout;

typedef enum way { SINGLE, LISTED, STRIDED } way;

typedef struct batch {
    clact_sweep sweep;
    clact_dense layer;
    clact_dense_forward_tensors forward[COUNT];
    clact_dense_backward_tensors backward[COUNT];
    clact_dense_strides strides;
} batch;

static void arena_open(arena *a, fixture *f) {
    a->f = f;
    for (int t = 0; t < TENSOR_COUNT; t++)
        a->buffer[t] =
            clCreateBuffer(f->context, CL_MEM_READ_WRITE, FLOATS * sizeof(float), NULL, NULL);
    a->health =
        clCreateBuffer(f->context, CL_MEM_READ_WRITE, RECORDS * sizeof(clact_health), NULL, NULL);
    a->workspace = clCreateBuffer(f->context, CL_MEM_READ_WRITE, FLOATS, NULL, NULL);
}

static void arena_close(arena *a) {
    for (int t = 0; t < TENSOR_COUNT; t++)
        clReleaseMemObject(a->buffer[t]);
    clReleaseMemObject(a->health);
    clReleaseMemObject(a->workspace);
}

static void arena_fill(arena *a) {
    float *values = malloc(FLOATS * sizeof *values);
    uint64_t seed = 5;
    for (int t = 0; t < TENSOR_COUNT; t++) {
        for (int i = 0; i < FLOATS; i++)
            values[i] = random_normal(&seed);
        clEnqueueWriteBuffer(a->f->queue, a->buffer[t], CL_TRUE, 0, FLOATS * sizeof *values, values,
                             0, NULL, NULL);
    }
    free(values);
}

/* A matrix of entry i, rows x cols, and the stride of its kind. */
static clact_matrix place(const arena *a, dense_tensor t, layout l, size_t i, size_t rows,
                          size_t cols, size_t *stride) {
    static const size_t mixed[COUNT] = {300, 7, 700};
    const bool shared = l == SHARED && (t == TENSOR_X || t == TENSOR_RESIDUAL);
    const size_t gap = l == PACKED ? 0 : 9, ld = l == HEADS ? COUNT * cols : cols;
    *stride = shared ? 0 : l == HEADS ? cols : rows * cols + gap;
    return (clact_matrix){a->buffer[t], l == MIXED ? mixed[i] : i * *stride + 2 * gap, ld};
}

/* The tensors of all entries; a bias, slopes and such are as matrices of one row. */
static void batch_init(batch *b, const arena *a, const clact_sweep *sweep, layout l,
                       clact_products products) {
    memset(b, 0, sizeof *b);
    b->sweep = *sweep;
    b->layer = (clact_dense){IN, OUT, &b->sweep, 0.5f, 0.0f, products};
    clact_dense_strides *s = &b->strides;
    const bool mask = sweep->saved == CLACT_SAVED_MASK;
    const size_t columns = sweep->gate != CLACT_GATE_OFF ? 2 * OUT : OUT;
    for (size_t i = 0; i < COUNT; i++) {
        clact_dense_forward_tensors *f = &b->forward[i];
        clact_dense_backward_tensors *g = &b->backward[i];
        f->epilogue.rows = g->epilogue.rows = ROWS;
        f->epilogue.seed = g->epilogue.seed = 3;
        f->epilogue.offset = g->epilogue.offset = 40 + i;
        f->epilogue.workspace = g->epilogue.workspace = a->workspace;
        f->epilogue.health = g->epilogue.health = a->health;
        f->epilogue.health_offset = g->epilogue.health_offset = i * (OUT + 1);
        s->health = OUT + 1;
        f->x = g->x = place(a, TENSOR_X, l, i, ROWS, IN, &s->x);
        f->weight = g->weight = place(a, TENSOR_WEIGHT, l, i, columns, IN, &s->weight);
        f->epilogue.x = place(a, TENSOR_Z, l, i, ROWS, columns, &s->z);
        f->epilogue.y = place(a, TENSOR_Y, l, i, ROWS, OUT, &s->y);
        f->epilogue.bias = g->epilogue.bias = place(a, TENSOR_BIAS, l, i, 1, columns, &s->bias);
        f->epilogue.slopes = g->epilogue.slopes = place(a, TENSOR_SLOPES, l, i, 1, OUT, &s->slopes);
        f->epilogue.residual = place(a, TENSOR_RESIDUAL, l, i, ROWS, OUT, &s->residual);
        f->epilogue.saved = place(a, TENSOR_SAVED, l, i, ROWS, mask ? 4 : OUT, &s->saved);
        g->epilogue.saved = sweep->saved == CLACT_SAVED_X   ? f->epilogue.x
                            : sweep->saved == CLACT_SAVED_Y ? f->epilogue.y
                                                            : f->epilogue.saved;
        g->epilogue.dy = place(a, TENSOR_DY, l, i, ROWS, OUT, &s->dy);
        g->epilogue.dx = place(a, TENSOR_DZ, l, i, ROWS, columns, &s->dz);
        g->epilogue.dbias = place(a, TENSOR_DBIAS, l, i, 1, columns, &s->dbias);
        g->epilogue.dslopes = place(a, TENSOR_DSLOPES, l, i, 1, OUT, &s->dslopes);
        g->epilogue.dresidual = place(a, TENSOR_DRESIDUAL, l, i, ROWS, OUT, &s->dresidual);
        g->dweight = place(a, TENSOR_DWEIGHT, l, i, columns, IN, &s->dweight);
        g->dx = place(a, TENSOR_DX, l == SHARED ? GAPS : l, i, ROWS, IN, &s->dx);
    }
}

static void read_health(arena *a, clact_health *records) {
    clEnqueueReadBuffer(a->f->queue, a->health, CL_TRUE, 0, RECORDS * sizeof *records, records, 0,
                        NULL, NULL);
}

/* Both passes over fresh tensors, and all that is on the device afterwards. */
static void run_batch(arena *a, const batch *b, way how, snapshot *s) {
    clact_context *c = a->f->clact;
    const cl_command_queue q = a->f->queue;
    clact_status status = CLACT_SUCCESS;
    arena_fill(a);
    if (how == LISTED)
        status = clact_dense_forward_batched(c, q, &b->layer, COUNT, b->forward, 0, NULL, NULL);
    if (how == STRIDED)
        status = clact_dense_forward_strided(c, q, &b->layer, COUNT, b->forward, &b->strides, 0,
                                             NULL, NULL);
    for (size_t i = 0; i < COUNT && how == SINGLE && status == CLACT_SUCCESS; i++)
        status = clact_dense_forward(c, q, &b->layer, &b->forward[i], 0, NULL, NULL);
    require_success(a->f, status, "forward");
    if (b->sweep.health) read_health(a, s->health[0]);
    if (how == LISTED)
        status = clact_dense_backward_batched(c, q, &b->layer, COUNT, b->backward, 0, NULL, NULL);
    if (how == STRIDED)
        status = clact_dense_backward_strided(c, q, &b->layer, COUNT, b->backward, &b->strides, 0,
                                              NULL, NULL);
    for (size_t i = 0; i < COUNT && how == SINGLE && status == CLACT_SUCCESS; i++)
        status = clact_dense_backward(c, q, &b->layer, &b->backward[i], 0, NULL, NULL);
    require_success(a->f, status, "backward");
    if (b->sweep.health) read_health(a, s->health[1]);
    for (int t = 0; t < TENSOR_COUNT; t++)
        clEnqueueReadBuffer(q, a->buffer[t], CL_TRUE, 0, sizeof s->values[t], s->values[t], 0, NULL,
                            NULL);
}

static clact_sweep plain(clact_activation activation, clact_saved saved) {
    clact_sweep s;
    clact_sweep_init(&s, activation);
    s.saved = saved;
    return s;
}

/* Sweeps that are one for the batch, sweeps that are not, and all stages. */
enum { SWEEPS = 6 };
static void list_sweeps(clact_sweep sweeps[SWEEPS]) {
    sweeps[0] = plain(CLACT_ACT_TANH, CLACT_SAVED_X);
    sweeps[0].residual = true;
    sweeps[1] = plain(CLACT_ACT_RELU, CLACT_SAVED_MASK);
    sweeps[2] = plain(CLACT_ACT_SILU, CLACT_SAVED_X);
    sweeps[2].gate = CLACT_GATE_FIRST;
    sweeps[3] = plain(CLACT_ACT_TANH, CLACT_SAVED_Y);
    sweeps[3].bias = true;
    sweeps[4] = plain(CLACT_ACT_PRELU, CLACT_SAVED_X);
    sweeps[4].slopes = true;
    sweeps[4].dropout = 0.4f;
    sweeps[5] = sweeps[2];
    sweeps[5].bias = sweeps[5].health = sweeps[5].residual = true;
    sweeps[5].dropout = 0.25f;
}

static void batches_have_the_bits_of_single_layers(void **state) {
    fixture *f = *state;
    clact_sweep sweeps[SWEEPS];
    snapshot *single = calloc(1, sizeof *single), *got = calloc(1, sizeof *got);
    arena a;
    arena_open(&a, f);
    list_sweeps(sweeps);
    require_success(f, clact_warm_up(f->clact, sweeps, SWEEPS, true), "warm-up");
    for (int k = 0; k < 2 * SWEEPS; k++) {
        for (layout l = PACKED; l <= MIXED; l++) {
            batch b;
            batch_init(&b, &a, &sweeps[k % SWEEPS], l,
                       k < SWEEPS ? CLACT_PRODUCTS_OWN : CLACT_PRODUCTS_CLBLAST);
            run_batch(&a, &b, SINGLE, single);
            for (way how = LISTED; how <= (l == MIXED ? LISTED : STRIDED); how++) {
                run_batch(&a, &b, how, got);
                for (int t = 0; t < TENSOR_COUNT; t++)
                    for (int i = 0; i < FLOATS; i++)
                        if (!same_bits(single->values[t][i], got->values[t][i])) {
                            print_error("case %d, layout %d, way %d: tensor %d [%d] is %a, of "
                                        "single layers %a\n",
                                        k, (int)l, (int)how, t, i, (double)got->values[t][i],
                                        (double)single->values[t][i]);
                            fail();
                        }
                if (b.sweep.health)
                    assert_memory_equal(single->health, got->health, sizeof got->health);
            }
        }
    }
    free(single);
    free(got);
    arena_close(&a);
}

/* Kernels of clact itself that a forward pass takes: CLBlast's are not counted. */
static unsigned kernels_of(arena *a, const clact_sweep *sweep, layout l, clact_products products) {
    batch b;
    batch_init(&b, a, sweep, l, products);
    fault.no_count = true; /* of products */
    const unsigned before = counts.launches;
    require_success(a->f,
                    clact_dense_forward_strided(a->f->clact, a->f->queue, &b.layer, COUNT,
                                                b.forward, &b.strides, 0, NULL, NULL),
                    "forward");
    fault.no_count = false;
    return counts.launches - before;
}

static void a_batch_without_gaps_is_one_sweep_where_columns_do_not_matter(void **state) {
    clact_sweep sweeps[SWEEPS];
    arena a;
    arena_open(&a, *state);
    list_sweeps(sweeps);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(kernels_of(&a, &sweeps[k], PACKED, CLACT_PRODUCTS_CLBLAST), 1);
        assert_int_equal(kernels_of(&a, &sweeps[k], GAPS, CLACT_PRODUCTS_CLBLAST), COUNT);
        assert_int_equal(kernels_of(&a, &sweeps[k], HEADS, CLACT_PRODUCTS_CLBLAST), COUNT);
    }
    for (int k = 3; k < 5; k++)
        assert_int_equal(kernels_of(&a, &sweeps[k], PACKED, CLACT_PRODUCTS_CLBLAST), COUNT);
    arena_close(&a);
}

/* A product with bias and activation is one kernel; other sweeps follow the products. */
static void own_products_take_a_sweep_with_them(void **state) {
    clact_sweep sweeps[SWEEPS];
    arena a;
    arena_open(&a, *state);
    list_sweeps(sweeps);
    assert_int_equal(kernels_of(&a, &sweeps[3], PACKED, CLACT_PRODUCTS_OWN), COUNT);
    assert_int_equal(kernels_of(&a, &sweeps[2], PACKED, CLACT_PRODUCTS_OWN), COUNT + 1);
    assert_int_equal(kernels_of(&a, &sweeps[4], PACKED, CLACT_PRODUCTS_OWN), 2 * COUNT);
    arena_close(&a);
}

/* dx of matrices that CLBlast's tiles divide, which its strided product would take to start at 0.
 */
static void large_layers_in_the_midst_of_buffers_are_right(void **state) {
    fixture *f = *state;
    enum { N = 1024, AT = 64, ALL = 2 * N * N + AT };
    const clact_sweep sweep = plain(CLACT_ACT_RELU, CLACT_SAVED_Y);
    const clact_dense layer = {
        .inputs = N, .outputs = N, .epilogue = &sweep, .products = CLACT_PRODUCTS_CLBLAST};
    float *values = malloc(ALL * sizeof *values), *dx[2];
    uint64_t seed = 9;
    cl_mem buffer[4]; /* y, dy (then dz), weight, dx */
    clact_dense_backward_tensors entries[2];
    for (int i = 0; i < ALL; i++)
        values[i] = random_normal(&seed);
    for (int k = 0; k < 4; k++)
        buffer[k] = clCreateBuffer(f->context, CL_MEM_READ_WRITE, ALL * sizeof *values, NULL, NULL);
    for (size_t i = 0; i < 2; i++) {
        const size_t at = AT + i * N * N;
        const clact_matrix dy = {buffer[1], at, 0};
        entries[i] = (clact_dense_backward_tensors){
            .weight = {buffer[2], at, 0},
            .epilogue = {.rows = N, .saved = {buffer[0], at, 0}, .dy = dy, .dx = dy},
            .dx = {buffer[3], at, 0}};
    }
    for (int k = 0; k < 2; k++) {
        clact_status status = CLACT_SUCCESS;
        dx[k] = malloc(ALL * sizeof *dx[k]);
        for (int b = 0; b < 4; b++)
            clEnqueueWriteBuffer(f->queue, buffer[b], CL_TRUE, 0, ALL * sizeof *values, values, 0,
                                 NULL, NULL);
        for (size_t i = 0; i < 2 && k == 0 && status == CLACT_SUCCESS; i++)
            status = clact_dense_backward(f->clact, f->queue, &layer, &entries[i], 0, NULL, NULL);
        if (k == 1)
            status =
                clact_dense_backward_batched(f->clact, f->queue, &layer, 2, entries, 0, NULL, NULL);
        require_success(f, status, "backward");
        clEnqueueReadBuffer(f->queue, buffer[3], CL_TRUE, 0, ALL * sizeof **dx, dx[k], 0, NULL,
                            NULL);
    }
    assert_memory_equal(dx[0], dx[1], ALL * sizeof **dx);
    for (int k = 0; k < 4; k++)
        clReleaseMemObject(buffer[k]);
    free(values);
    free(dx[0]);
    free(dx[1]);
}

int main(void) {
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &f }
    const struct CMUnitTest tests[] = {
        CASE(batches_have_the_bits_of_single_layers),
        CASE(a_batch_without_gaps_is_one_sweep_where_columns_do_not_matter),
        CASE(own_products_take_a_sweep_with_them),
        CASE(large_layers_in_the_midst_of_buffers_are_right),
    };
    const int failed = cmocka_run_group_tests_name("dense batches", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
