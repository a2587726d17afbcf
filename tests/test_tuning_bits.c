/* test_tuning_bits.c: any tuning gives the same bits: passes, sums and health those of C; softmax
 * and losses those of the device's default.
 *
 * test_tuning_bits [COUNT [SEED]]   so many drawn at random, instead of a few that differ much
 */
#include "sweep_case.h"

#include <clact/tuning.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHAPES(...) .families = {__VA_ARGS__}

static const clact_tuning far_apart[] = {
    {sizeof(clact_tuning),
     SHAPES({4, 1, 1}, {8, 256, 2}, {2, 16, 1}, {16, 1, 0}, {1, 4, 0}, {8, 64, 0}),
     .fetch_rows = CLACT_TUNING_NO_FETCH, .stream_bytes = 1},
    {sizeof(clact_tuning),
     SHAPES({16, 2, 32}, {32, 4, 16}, {8, 16, 128}, {4, 256, 0}, {16, 1, 0}, {2, 1, 0}),
     .fetch_rows = 64, .stream_bytes = CLACT_TUNING_NEVER},
    {sizeof(clact_tuning),
     SHAPES({8, 128, 8}, {4, 16, 1}, {16, 4, 512}, {1, 8, 0}, {4, 64, 0}, {16, 2, 0}),
     .fetch_rows = 1, .stream_bytes = 4096},
};

static clact_tuning drawn(uint64_t *state) {
    clact_tuning t = {.struct_size = sizeof t};
    for (int f = 0; f < CLACT_FAMILY_COUNT; f++) {
        clact_tuning_shape *s = &t.families[f];
        *s = (clact_tuning_shape){1u << random_bits(state) % (f < CLACT_FAMILY_SUMS ? 7 : 5),
                                  1u << random_bits(state) % 9,
                                  f < CLACT_FAMILY_SUMS    ? 1u << random_bits(state) % 6
                                  : f == CLACT_FAMILY_SUMS ? 1u << random_bits(state) % 10
                                                           : 1};
    }
    t.fetch_rows = (uint32_t)(random_bits(state) % 65);
    t.stream_bytes = random_bits(state) % 20000;
    return t;
}

static void print_tuning(const clact_tuning *t) {
    for (clact_family f = 0; f < CLACT_FAMILY_COUNT; f++)
        printf("%s %u x %u x %u, ", clact_family_name(f), t->families[f].width,
               t->families[f].local, t->families[f].vectors);
    printf("fetch_rows %lu, stream_bytes %llu\n", (unsigned long)t->fetch_rows,
           (unsigned long long)t->stream_bytes);
}

static clact_context *open_tuned(fixture *f, const clact_tuning *t) {
    const clact_context_options o = {.struct_size = sizeof o, .tuning = t};
    clact_context *clact = NULL;
    assert_int_equal(clact_context_create(f->context, f->device, &o, &clact), CLACT_SUCCESS);
    return clact;
}

/* ---- Passes ---------------------------------------------------------------------------------- */

enum { SWEEPS = 5 };

static void list_sweeps(clact_sweep sweeps[SWEEPS]) {
    clact_sweep_init(&sweeps[0], CLACT_ACT_RELU);
    sweeps[0].saved = CLACT_SAVED_MASK;
    sweeps[0].dropout = 0.25f;
    clact_sweep_init(&sweeps[1], CLACT_ACT_RELU);
    sweeps[1].saved = CLACT_SAVED_MASK;
    sweeps[1].bias = sweeps[1].residual = true;
    clact_sweep_init(&sweeps[2], CLACT_ACT_SOFTSIGN);
    sweeps[2].gate = CLACT_GATE_FIRST;
    sweeps[2].bias = sweeps[2].health = true;
    sweeps[2].dropout = 0.5f;
    sweeps[2].accumulate = CLACT_GRADIENT_ALL;
    sweeps[2].beta = -0.5f;
    clact_sweep_init(&sweeps[3], CLACT_ACT_PRELU);
    sweeps[3].dtype = CLACT_F16;
    sweeps[3].slopes = true;
    clact_sweep_init(&sweeps[4], CLACT_ACT_SQUARE);
    sweeps[4].scale = 0.3f;
}

static void passes_have_the_bits_of_c(checker *c, clact_context *clact) {
    const layout layouts[] = {{40, 17, 0, 0}, {3, 530, 1, 1}, {70, 1, 0, 1}, {7, 128, 0, 0}};
    clact_sweep sweeps[SWEEPS];
    fixture f = c->f;
    f.clact = clact;
    list_sweeps(sweeps);
    require_success(&f, clact_warm_up(clact, sweeps, SWEEPS, true), "warm-up");
    for (int i = 0; i < SWEEPS; i++) {
        for (size_t j = 0; j < sizeof layouts / sizeof *layouts; j++) {
            const sweep_case one = {.sweep = sweeps[i],
                                    .l = layouts[j],
                                    .place = (case_place)((i + j) % CASE_PLACES),
                                    .specials = j % 2,
                                    .seed = 1000 * (uint64_t)i + j};
            case_check(&f, &one, c->program);
        }
    }
}

/* ---- Rows ------------------------------------------------------------------------------------ */

enum { ELEMENTS = 3 * 4101, OUTPUTS = 6 }; /* softmax and its gradient, gradients, losses, sums */

typedef struct row_buffers {
    cl_mem x, dy, labels, out, result, work;
} row_buffers;

static cl_mem new_buffer(fixture *f, size_t count, void *values) {
    cl_mem m = clCreateBuffer(f->context, CL_MEM_READ_WRITE | (values ? CL_MEM_COPY_HOST_PTR : 0),
                              count * sizeof(float), values, NULL);
    assert_non_null(m);
    return m;
}

static row_buffers open_buffers(fixture *f) {
    float values[2][ELEMENTS];
    int32_t labels[ELEMENTS];
    uint64_t state = 7;
    for (int i = 0; i < ELEMENTS; i++) {
        values[0][i] = random_normal(&state);
        values[1][i] = random_normal(&state);
        labels[i] = i % 3;
    }
    return (row_buffers){new_buffer(f, ELEMENTS, values[0]), new_buffer(f, ELEMENTS, values[1]),
                         new_buffer(f, ELEMENTS, labels),    new_buffer(f, ELEMENTS, NULL),
                         new_buffer(f, ELEMENTS, NULL),      new_buffer(f, 1 << 20, NULL)};
}

static void close_buffers(row_buffers *b) {
    cl_mem *const all[] = {&b->x, &b->dy, &b->labels, &b->out, &b->result, &b->work};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        clReleaseMemObject(*all[i]);
}

static void read_output(fixture *f, cl_mem from, size_t count, float *output) {
    assert_int_equal(clEnqueueReadBuffer(f->queue, from, CL_TRUE, 0, count * sizeof *output, output,
                                         0, NULL, NULL),
                     CL_SUCCESS);
}

static clact_matrix whole(cl_mem buffer) {
    return (clact_matrix){buffer, 0, 0};
}

/* Everything that goes over rows, and column sums; outputs[OUTPUTS][ELEMENTS]. */
static void run_rows(fixture *f, const row_buffers *b, size_t rows, size_t cols,
                     float (*outputs)[ELEMENTS]) {
    static const clact_loss_kind kinds[] = {CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, CLACT_LOSS_HUBER};
    clact_softmax softmax;
    clact_softmax_init(&softmax);
    memset(outputs, 0, OUTPUTS * sizeof *outputs);
    require_success(f,
                    clact_softmax_forward(f->clact, f->queue, &softmax, rows, cols, whole(b->x),
                                          whole(b->out), b->work, 0, NULL, NULL),
                    "softmax");
    read_output(f, b->out, rows * cols, outputs[0]);
    require_success(f,
                    clact_softmax_backward(f->clact, f->queue, &softmax, rows, cols, whole(b->out),
                                           whole(b->dy), whole(b->out), b->work, 0, NULL, NULL),
                    "softmax, backward");
    read_output(f, b->out, rows * cols, outputs[1]);
    for (int k = 0; k < 2; k++) {
        clact_loss loss;
        clact_loss_init(&loss, kinds[k]);
        require_success(f,
                        clact_loss_evaluate(f->clact, f->queue, &loss, rows, cols, whole(b->x),
                                            whole(k == 0 ? b->labels : b->dy), whole(NULL), 1.0,
                                            whole(b->result), whole(b->out), b->work, 0, NULL,
                                            NULL),
                        "loss");
        read_output(f, b->out, rows * cols, outputs[2 + k]);
        read_output(f, b->result, 1, outputs[4] + k);
    }
    require_success(f,
                    clact_sum_columns(f->clact, f->queue, rows, cols, whole(b->x), whole(b->result),
                                      b->work, 0, NULL, NULL),
                    "column sums");
    read_output(f, b->result, cols, outputs[5]);
}

static void rows_have_the_bits_of_the_default(checker *c, clact_context *clact) {
    static const size_t shapes[][2] = {{300, 10}, {3, 4101}, {40, 300}};
    static float want[OUTPUTS][ELEMENTS], got[OUTPUTS][ELEMENTS];
    row_buffers b = open_buffers(&c->f);
    fixture tuned = c->f;
    tuned.clact = clact;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        run_rows(&c->f, &b, shapes[i][0], shapes[i][1], want);
        run_rows(&tuned, &b, shapes[i][0], shapes[i][1], got);
        for (int o = 0; o < OUTPUTS; o++)
            for (int e = 0; e < ELEMENTS; e++)
                if (!same_bits(want[o][e], got[o][e]))
                    fail_msg("%zu x %zu, output %d, element %d: %a, by default %a", shapes[i][0],
                             shapes[i][1], o, e, (double)got[o][e], (double)want[o][e]);
    }
    close_buffers(&b);
}

/* ---- Both ------------------------------------------------------------------------------------ */

static size_t count_drawn;
static uint64_t seed = 1;

/* One that the device has no room for is left out. */
static void check_tuning(checker *c, const clact_tuning *t) {
    if (clact_tuning_check(c->f.device, t, NULL, 0) != CLACT_SUCCESS) return;
    print_tuning(t);
    clact_context *clact = open_tuned(&c->f, t);
    passes_have_the_bits_of_c(c, clact);
    rows_have_the_bits_of_the_default(c, clact);
    clFinish(c->f.queue);
    clact_context_destroy(clact);
}

static void any_tuning_gives_the_same_bits(void **state) {
    checker *c = *state;
    uint64_t bits = seed;
    for (size_t i = 0; count_drawn == 0 && i < sizeof far_apart / sizeof *far_apart; i++)
        check_tuning(c, &far_apart[i]);
    for (size_t i = 0; i < count_drawn; i++) {
        const clact_tuning t = drawn(&bits);
        check_tuning(c, &t);
    }
}

int main(int argc, char **argv) {
    checker c;
    count_drawn = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    if (argc > 2) seed = strtoull(argv[2], NULL, 10);
    if (!checker_open(&c, "test_tuning_bits", EXTENT_ALL, 0)) return TEST_SKIPPED;
    if (c.arithmetic.flushes || c.arithmetic.loses_zero_sign) {
        puts("skipped: the device's arithmetic is not that of C");
        checker_close(&c);
        return TEST_SKIPPED;
    }
    if (count_drawn > 0) printf("seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        {"any tuning gives the same bits", any_tuning_gives_the_same_bits, NULL, NULL, &c}};
    const int failed = cmocka_run_group_tests_name("test_tuning_bits", tests, NULL, NULL);
    checker_close(&c);
    return failed;
}
