/* test_device.c: the kernels on the device give the bits of the formulas compiled as C, in both
 * tiers, write nothing else, and keep the contracts of enqueueing. float32 at the width in use; see
 * test_device_widths.c and test_device_types.c for the others.
 *
 * test_device [some|small] [ACTIVATION]
 */
#include "sweep_check.h"

#include <threads.h>

static void device_gives_the_bits_of_c(void **state) {
    const row_case *r = *state;
    const size_t w = r->c->f.info.vector_width, less = w > 1 ? w - 1 : 1;
    const layout few[] = {{3, 5, 0, 2}, {3, w + 1, 3, 1}, {1, 20011, 1, 0}};
    const layout layouts[] = {{1, 1, 0, 0},     {1, 1, 3, 0},
                              {1, less, 1, 0},  {1, w, 0, 0},
                              {1, w + 1, 3, 0}, {1, 101, 1, 0},
                              {3, 5, 0, 2},     {3, w + 1, 3, 1},
                              {7, 33, 1, 3},    {5, 17, 0, 0},
                              {129, w, 1, 1},   {1, 1021, 3, 0},
                              {37, 64, 0, 0},   {1, (1u << 20) + 3, 1, 0}};
    const size_t count = sizeof layouts / sizeof *layouts;
    clact_sweep sweep = case_sweep(r);
    if (r->c->extent != EXTENT_ALL) {
        check_sweep(r->c, &sweep, few, r->c->extent == EXTENT_SMALL ? 2 : 3, fill_mixed);
        return;
    }
    check_sweep(r->c, &sweep, layouts, count, fill_mixed);
    /* parameters elsewhere in their range */
    clact_activation_info info;
    clact_activation_query(r->activation, &info);
    if (info.num_params == 0) return;
    for (int i = 0; i < info.num_params; i++)
        sweep.params[i] = i == 0 ? 0.375f : 2.75f;
    check_sweep(r->c, &sweep, layouts, count - 1, fill_mixed);
}

/* ---- contracts of enqueueing ---- */

static void no_rows_or_columns_is_success(void **state) {
    fixture *f = &((row_case *)*state)->c->f;
    clact_sweep sweep;
    cl_event event = NULL;
    const clact_matrix none = {NULL, 0, 0};
    clact_sweep_init(&sweep, CLACT_ACT_GELU);
    assert_int_equal(clact_forward(f->clact, f->queue, &sweep, 0, 5, none, none, 0, NULL, NULL), 0);
    assert_int_equal(
        clact_backward(f->clact, f->queue, &sweep, 5, 0, none, none, none, 0, NULL, &event), 0);
    assert_non_null(event);
    assert_int_equal(clWaitForEvents(1, &event), CL_SUCCESS);
    clReleaseEvent(event);
}

static void waits_for_its_events_and_hands_one_out(void **state) {
    fixture *f = &((row_case *)*state)->c->f;
    clact_sweep sweep;
    const float x[4] = {-1.0f, 0.5f, 2.0f, 3.0f};
    float y[4];
    guarded a = guarded_create(f, 1, 4, 0, 0), b = guarded_create(f, 1, 4, 0, 0);
    cl_event gate = clCreateUserEvent(f->context, NULL), done = NULL;
    cl_int progress = CL_COMPLETE;
    guarded_write(f, &a, x);
    clFinish(f->queue);
    clact_sweep_init(&sweep, CLACT_ACT_RELU);
    require_success(
        f, clact_forward(f->clact, f->queue, &sweep, 1, 4, a.matrix, b.matrix, 1, &gate, &done),
        "forward");
    clFlush(f->queue);
    thrd_sleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* time to go wrong */
    clGetEventInfo(done, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof progress, &progress, NULL);
    assert_int_not_equal(progress, CL_COMPLETE);
    clSetUserEventStatus(gate, CL_COMPLETE);
    assert_int_equal(clWaitForEvents(1, &done), CL_SUCCESS);
    guarded_read(f, &b, y);
    assert_true(y[0] == 0.0f && y[1] == 0.5f && y[3] == 3.0f);
    clReleaseEvent(gate);
    clReleaseEvent(done);
    /* so does a pass over nothing */
    gate = clCreateUserEvent(f->context, NULL);
    require_success(
        f, clact_forward(f->clact, f->queue, &sweep, 0, 4, a.matrix, b.matrix, 1, &gate, &done),
        "forward");
    clFlush(f->queue);
    thrd_sleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* time to go wrong */
    clGetEventInfo(done, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof progress, &progress, NULL);
    assert_int_not_equal(progress, CL_COMPLETE);
    clSetUserEventStatus(gate, CL_COMPLETE);
    assert_int_equal(clWaitForEvents(1, &done), CL_SUCCESS);
    clReleaseEvent(gate);
    clReleaseEvent(done);
    guarded_release(&a);
    guarded_release(&b);
}

/* The pass may not be taken as one long row when a single operand has a gap between its rows. */
static void a_gap_in_one_operand_alone(void **state) {
    fixture *f = &((row_case *)*state)->c->f;
    enum { ROWS = 3, COLS = 5 };
    float s[ROWS * COLS], dy[ROWS * COLS], got[ROWS * COLS];
    clact_sweep sweep;
    clact_sweep_init(&sweep, CLACT_ACT_RELU);
    for (int i = 0; i < ROWS * COLS; i++) {
        s[i] = (float)(i % 4) - 1.0f;
        dy[i] = (float)(i + 1);
    }
    for (int gap = 0; gap < 3; gap++) {
        guarded a = guarded_create(f, ROWS, COLS, 0, gap == 0 ? 2 : 0);
        guarded b = guarded_create(f, ROWS, COLS, 0, gap == 1 ? 2 : 0);
        guarded c = guarded_create(f, ROWS, COLS, 0, gap == 2 ? 2 : 0);
        guarded_write(f, &a, s);
        guarded_write(f, &b, dy);
        require_success(f,
                        clact_backward(f->clact, f->queue, &sweep, ROWS, COLS, a.matrix, b.matrix,
                                       c.matrix, 0, NULL, NULL),
                        "backward");
        guarded_read(f, &c, got);
        for (int i = 0; i < ROWS * COLS; i++)
            assert_true(got[i] == (s[i] > 0.0f ? dy[i] : 0.0f));
        guarded_release(&a);
        guarded_release(&b);
        guarded_release(&c);
    }
}

static void halves_of_one_matrix_are_no_overlap(void **state) {
    fixture *f = &((row_case *)*state)->c->f;
    enum { ROWS = 3, COLS = 5 };
    float whole[ROWS * 2 * COLS];
    clact_sweep sweep;
    guarded g = guarded_create(f, ROWS, 2 * COLS, 2, 0);
    for (int i = 0; i < ROWS * 2 * COLS; i++)
        whole[i] = (float)(i % 7) - 3.0f;
    guarded_write(f, &g, whole);
    clact_sweep_init(&sweep, CLACT_ACT_SQUARE);
    clact_matrix left = g.matrix, right = g.matrix;
    right.offset += COLS;
    require_success(
        f, clact_forward(f->clact, f->queue, &sweep, ROWS, COLS, left, right, 0, NULL, NULL),
        "forward");
    float after[ROWS * 2 * COLS];
    guarded_read(f, &g, after);
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLS; c++) {
            const float x = whole[r * 2 * COLS + c];
            assert_true(after[r * 2 * COLS + c] == x);
            assert_true(after[r * 2 * COLS + COLS + c] == x * x);
        }
    }
    guarded_release(&g);
}

int main(int argc, char **argv) {
    const extent e = take_extent(&argc, &argv);
    checker c;
    row_list list = {.only = argc > 1 ? argv[1] : NULL};
    if (!checker_open(&c, "test_device", e, 0)) return TEST_SKIPPED;
    list_rows(&list, &c, CLACT_TIER_FAST, CLACT_F32, device_gives_the_bits_of_c);
    list_rows(&list, &c, CLACT_TIER_ACCURATE, CLACT_F32, device_gives_the_bits_of_c);
#define CONTRACT(test) list_test(&list, &c, #test, test)
    if (!list.only) {
        CONTRACT(no_rows_or_columns_is_success);
        CONTRACT(a_gap_in_one_operand_alone);
        CONTRACT(halves_of_one_matrix_are_no_overlap);
    }
    if (!list.only &&
        e != EXTENT_SMALL) /* a simulator that runs each command at once cannot wait */
        CONTRACT(waits_for_its_events_and_hands_one_out);
    const int failed = run_list(&list, "device");
    checker_close(&c);
    return failed;
}
