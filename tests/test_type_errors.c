/* test_type_errors.c: what is checked before anything is enqueued counts in elements of the type at
 * hand: sizes of buffers, overlaps; and what has no float64, or is of float32 only, says so.
 */
#include "device_fixture.h"
#include "faults.h"

#include "clact/net.h"

#include <string.h>

enum { BYTES = 256 };

typedef struct setup {
    fixture f;
    cl_mem a, b; /* BYTES each */
} setup;

/* The status and, where it is an error, words of its message and that nothing was enqueued. */
#define expect(t, call, want, words)                                                               \
    do {                                                                                           \
        const unsigned launched = counts.launches;                                                 \
        expect_status(t, (call), want, words);                                                     \
        if ((want) != CLACT_SUCCESS) assert_int_equal(counts.launches, launched);                  \
    } while (0)

static void expect_status(setup *t, clact_status got, clact_status want, const char *words) {
    char message[512] = "";
    clact_context_message(t->f.clact, message, sizeof message);
    if (got != want || (words && !strstr(message, words))) {
        print_error("status %d (%s), message '%s'; wanted %d with '%s'\n", (int)got,
                    clact_status_text(got), message, (int)want, words ? words : "");
        fail();
    }
}

static clact_sweep sweep_of(clact_dtype dtype) {
    clact_sweep s;
    clact_sweep_init(&s, CLACT_ACT_RELU);
    s.dtype = dtype;
    return s;
}

static clact_status forward(setup *t, clact_dtype dtype, size_t rows, size_t cols, clact_matrix x,
                            clact_matrix y) {
    const clact_sweep s = sweep_of(dtype);
    return clact_forward(t->f.clact, t->f.queue, &s, rows, cols, x, y, 0, NULL, NULL);
}

static void buffers_are_measured_in_elements_of_the_type(void **state) {
    setup *t = *state;
    const clact_matrix a = {t->a, 0, 0}, b = {t->b, 0, 0};
    const clact_dtype dtypes[] = {CLACT_F16, CLACT_BF16, CLACT_F32, CLACT_F64};
    for (size_t i = 0; i < 3 + (size_t)t->f.info.fp64; i++) {
        const clact_dtype d = dtypes[i];
        const size_t holds = BYTES / clact_dtype_size(d);
        expect(t, forward(t, d, 1, holds, a, b), CLACT_SUCCESS, NULL);
        expect(t, forward(t, d, 1, holds + 1, a, b), CLACT_BUFFER_SIZE, clact_dtype_name(d));
        expect(t, forward(t, d, 1, 4, a, (clact_matrix){t->b, holds - 4, 0}), CLACT_SUCCESS, NULL);
        expect(t, forward(t, d, 1, 4, a, (clact_matrix){t->b, holds - 3, 0}), CLACT_BUFFER_SIZE,
               "of y");
        expect(t, forward(t, d, 2, 4, a, (clact_matrix){t->b, 0, holds - 4}), CLACT_SUCCESS, NULL);
        expect(t, forward(t, d, 2, 4, a, (clact_matrix){t->b, 0, holds - 3}), CLACT_BUFFER_SIZE,
               "of y");
    }
    /* as many elements as f16 fits, and f32 does not */
    expect(t, forward(t, CLACT_F16, 1, BYTES / 2, a, b), CLACT_SUCCESS, NULL);
    expect(t, forward(t, CLACT_F32, 1, BYTES / 2, a, b), CLACT_BUFFER_SIZE,
           "holds 64 elements of f32");
    /* half an element at the end does not count */
    cl_mem odd = clCreateBuffer(t->f.context, CL_MEM_READ_WRITE, BYTES + 1, NULL, NULL);
    expect(t, forward(t, CLACT_BF16, 1, BYTES / 2 + 1, (clact_matrix){odd, 0, 0}, b),
           CLACT_BUFFER_SIZE, "holds 128 elements of bf16");
    clReleaseMemObject(odd);
    /* a size that only overflows in bytes */
    expect(t, forward(t, CLACT_F16, 1, SIZE_MAX / 2 + 1, a, b), CLACT_SHAPE, "overflows");
    expect(t, forward(t, CLACT_F16, 1, SIZE_MAX / 4, a, b), CLACT_BUFFER_SIZE, "of x");
    expect(t, forward(t, CLACT_F32, 1, SIZE_MAX / 4 + 1, a, b), CLACT_SHAPE, "overflows");
}

static void overlaps_are_measured_in_bytes(void **state) {
    setup *t = *state;
    const clact_matrix a = {t->a, 0, 0};
    for (clact_dtype d = CLACT_F16; d <= CLACT_BF16; d++) {
        expect(t, forward(t, d, 1, 8, a, a), CLACT_SUCCESS, NULL);
        expect(t, forward(t, d, 1, 8, a, (clact_matrix){t->a, 8, 0}), CLACT_SUCCESS, NULL);
        expect(t, forward(t, d, 1, 8, a, (clact_matrix){t->a, 7, 0}), CLACT_OVERLAP,
               "y overlaps x");
        expect(t, forward(t, d, 1, 8, a, (clact_matrix){t->a, 1, 0}), CLACT_OVERLAP,
               "y overlaps x");
        /* halves of a wider matrix, and columns that run into the next row of the other */
        expect(t, forward(t, d, 3, 5, (clact_matrix){t->a, 0, 10}, (clact_matrix){t->a, 5, 10}),
               CLACT_SUCCESS, NULL);
        expect(t, forward(t, d, 3, 5, (clact_matrix){t->a, 0, 10}, (clact_matrix){t->a, 6, 10}),
               CLACT_OVERLAP, "overlaps");
    }
}

static void overlaps_between_types(void **state) {
    setup *t = *state;
    const size_t at[] = {0, 3, 4};
    clact_operand o[2] = {{"x", {t->a, 0, 0}, 1, 8, true, false, false, CLACT_F16},
                          {"y", {t->a, 0, 0}, 1, 8, false, true, true, CLACT_F32}};
    for (int i = 0; i < 3; i++) { /* x takes 16 bytes: 4 floats */
        o[1].matrix.offset = at[i];
        expect(t, clact_check_operands(t->f.clact, t->f.queue, o, 2),
               at[i] < 4 ? CLACT_OVERLAP : CLACT_SUCCESS, at[i] < 4 ? "y overlaps x" : NULL);
    }
    o[1].matrix.offset = 0; /* one size, another meaning: not the very same matrix */
    o[1].dtype = CLACT_BF16;
    expect(t, clact_check_operands(t->f.clact, t->f.queue, o, 2), CLACT_OVERLAP, "y overlaps x");
    o[1].dtype = CLACT_F16;
    expect(t, clact_check_operands(t->f.clact, t->f.queue, o, 2), CLACT_SUCCESS, NULL);
    o[1].dtype = (clact_dtype)9;
    expect(t, clact_check_operands(t->f.clact, t->f.queue, o, 2), CLACT_INVALID_ARGUMENT,
           "y has no dtype");
    /* columns side by side for one element size are not for two */
    o[1] = (clact_operand){"y", {t->a, 5, 10}, 3, 5, false, true, true, CLACT_F32};
    o[0] = (clact_operand){"x", {t->a, 0, 10}, 3, 5, true, false, false, CLACT_F16};
    expect(t, clact_check_operands(t->f.clact, t->f.queue, o, 2), CLACT_OVERLAP, "y overlaps x");
}

static void sub_buffers_of_16_bit_elements(void **state) {
    setup *t = *state;
    cl_buffer_region region = {BYTES / 2, BYTES / 2};
    cl_mem part =
        clCreateSubBuffer(t->a, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, &region, NULL);
    if (!part) skip(); /* the device wants a coarser alignment */
    const clact_matrix p = {part, 0, 0};
    expect(t, forward(t, CLACT_F16, 1, BYTES / 4, (clact_matrix){t->a, 0, 0}, p), CLACT_SUCCESS,
           NULL);
    expect(t, forward(t, CLACT_F16, 1, BYTES / 4, (clact_matrix){t->a, 1, 0}, p), CLACT_OVERLAP,
           "overlaps");
    clReleaseMemObject(part);
}

static void float64_where_there_is_none(void **state) {
    setup *t = *state;
    const clact_matrix a = {t->a, 0, 0}, b = {t->b, 0, 0};
    const clact_sweep s = sweep_of(CLACT_F64);
    setup without = *t;
    fault.no_double = true;
    assert_int_equal(clact_context_create(t->f.context, t->f.device, NULL, &without.f.clact), 0);
    fault.no_double = false;
    setup *w = &without;
    expect(w, forward(w, CLACT_F64, 1, 4, a, b), CLACT_DEVICE, "no float64");
    expect(w, clact_backward(w->f.clact, w->f.queue, &s, 1, 4, a, b, b, 0, NULL, NULL),
           CLACT_DEVICE, "no float64");
    expect(w, clact_warm_up(w->f.clact, &s, 1, true), CLACT_DEVICE, "no float64");
    expect(w, forward(w, CLACT_F16, 1, 4, a, b), CLACT_SUCCESS, NULL);
    clact_context_destroy(without.f.clact);
}

static void layers_are_of_float32(void **state) {
    setup *t = *state;
    const clact_matrix a = {t->a, 0, 0}, b = {t->b, 0, 0};
    const clact_sweep s = sweep_of(CLACT_BF16);
    const clact_dense d = {.inputs = 2, .outputs = 2, .epilogue = &s};
    const clact_dense_forward_tensors tensors = {
        .x = b, .weight = a, .epilogue = {.rows = 1, .x = b, .y = b}};
    const clact_layer layer = {4, &s};
    const clact_net_options o = {
        .struct_size = sizeof o, .inputs = 4, .layers = &layer, .num_layers = 1, .max_rows = 1};
    clact_net *net = NULL;
    expect(t, clact_dense_forward(t->f.clact, t->f.queue, &d, &tensors, 0, NULL, NULL),
           CLACT_INVALID_ARGUMENT, "dtype");
    expect(t, clact_net_create(t->f.clact, t->f.queue, &o, &net), CLACT_INVALID_ARGUMENT, "dtype");
    assert_null(net);
}

int main(void) {
    setup t = {0};
    if (!fixture_open(&t.f, 0)) return TEST_SKIPPED;
    t.a = clCreateBuffer(t.f.context, CL_MEM_READ_WRITE, BYTES, NULL, NULL);
    t.b = clCreateBuffer(t.f.context, CL_MEM_READ_WRITE, BYTES, NULL, NULL);
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &t }
    const struct CMUnitTest tests[] = {
        CASE(buffers_are_measured_in_elements_of_the_type),
        CASE(overlaps_are_measured_in_bytes),
        CASE(overlaps_between_types),
        CASE(sub_buffers_of_16_bit_elements),
        CASE(float64_where_there_is_none),
        CASE(layers_are_of_float32),
    };
    const int failed = cmocka_run_group_tests_name("type errors", tests, NULL, NULL);
    clFinish(t.f.queue);
    clReleaseMemObject(t.a);
    clReleaseMemObject(t.b);
    fixture_close(&t.f);
    return failed;
}
