/* test_loss_rows.c: losses of rows, batches and calls out of the ordinary: labels that do not count
 * or are no class, masked and infinite logits, queues out of order, and what is refused.
 *
 *     test_loss_rows WIDTH|TYPE [small]
 */
#include "loss_problem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static row_fixture *fixture_of(void **state) {
    return *state;
}

/* ---- rows and batches out of the ordinary ---- */

static loss_problem entropy_problem(const row_fixture *r, size_t rows, size_t cols) {
    loss_problem p = loss_problem_create(r, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, rows, cols, 1.0, 9);
    p.scale = 1.0;
    for (size_t i = 0; i < rows; i++)
        p.labels[i] = 0;
    return p;
}

static void labels_out_of_range_give_nan_in_their_row_alone(void **state) {
    row_fixture *r = fixture_of(state);
    loss_problem p = entropy_problem(r, 6, 3);
    const int32_t labels[6] = {-1, 3, INT32_MIN, INT32_MAX, 2, -100};
    memcpy(p.labels, labels, sizeof labels);
    for (int mean = 0; mean < 2; mean++) {
        p.loss.reduction = mean ? CLACT_REDUCTION_MEAN : CLACT_REDUCTION_NONE;
        loss_answer a = loss_solve(r, &p, WANT_LOSS | WANT_GRADIENT);
        for (size_t i = 0; i < 6; i++) {
            if (!mean) assert_int_equal(isnan(a.loss[i]) != 0, i < 4);
            assert_int_equal(isnan(a.dz[3 * i]) != 0, i < 4);
            assert_int_equal(isnan(a.dz[3 * i + 2]) != 0, i < 4);
        }
        assert_true(mean ? isnan(a.loss[0]) : a.loss[5] == 0.0);
        /* row 4 is the only one that counts */
        assert_true(fabs(a.dz[12] + a.dz[13] + a.dz[14]) < 1e-2 && a.dz[14] < -0.1);
        loss_answer_free(&a);
    }
    loss_problem_free(&p);
}

static void ignored_rows_do_not_count(void **state) {
    row_fixture *r = fixture_of(state);
    for (int32_t ignored = -100; ignored <= 1; ignored += 101) {
        loss_problem p = entropy_problem(r, 3, 4), rest = entropy_problem(r, 1, 4);
        p.loss.ignore_index = ignored;
        p.labels[0] = p.labels[2] = ignored;
        p.z[1] = NAN;
        memcpy(rest.z, p.z + 4, 4 * sizeof *p.z);
        loss_answer a = loss_solve(r, &p, WANT_LOSS | WANT_GRADIENT),
                    b = loss_solve(r, &rest, WANT_LOSS | WANT_GRADIENT);
        assert_true(a.loss[0] == b.loss[0]);
        for (size_t c = 0; c < 4; c++)
            assert_true(a.dz[c] == 0.0 && a.dz[8 + c] == 0.0 && a.dz[4 + c] == b.dz[c]);
        loss_answer_free(&a);
        loss_answer_free(&b);
        p.labels[1] = ignored; /* none is left */
        a = loss_solve(r, &p, WANT_LOSS | WANT_GRADIENT);
        assert_true(row_same(a.loss[0], 0.0));
        for (size_t i = 0; i < 12; i++)
            assert_true(row_same(a.dz[i], 0.0));
        loss_answer_free(&a);
        loss_problem_free(&p);
        loss_problem_free(&rest);
    }
}

/* Weights of 0 for all labels, however, are 0/0. */
static void a_mean_without_weight_is_nan(void **state) {
    row_fixture *r = fixture_of(state);
    if (!loss_is_thorough(r)) return; /* not compiled */
    loss_problem p = entropy_problem(r, 2, 3);
    p.loss.has_weight = true;
    p.weights[0] = 0.0;
    loss_answer a = loss_solve(r, &p, WANT_LOSS);
    assert_true(isnan(a.loss[0]));
    loss_answer_free(&a);
    loss_problem_free(&p);
}

static void masked_and_huge_logits(void **state) {
    row_fixture *r = fixture_of(state);
    const double huge = row_rounded(r->dtype, r->dtype == CLACT_F16 ? 60000.0 : 3e38), i = INFINITY;
    const double z[7][3] = {{huge, -huge, 0.0}, {-i, 2.0, 2.0},  {-i, -i, -i},        {2.0, -i, -i},
                            {i, 0.0, 0.0},      {NAN, 0.0, 0.0}, {-huge, -huge, huge}};
    const double losses[7] = {0.0, INFINITY, INFINITY, 0.0, NAN, NAN, 2.0 * huge};
    const double dz[7][3] = {{0, 0, 0},       {-1, 0.5, 0.5},  {0, 0, 0}, {0, 0, 0},
                             {NAN, NAN, NAN}, {NAN, NAN, NAN}, {-1, 0, 1}};
    loss_problem p = entropy_problem(r, 7, 3);
    p.loss.reduction = CLACT_REDUCTION_NONE;
    memcpy(p.z, z, sizeof z);
    loss_answer a = loss_solve(r, &p, WANT_LOSS | WANT_GRADIENT);
    for (size_t k = 0; k < 7; k++) {
        const double want = row_rounded(r->real, losses[k]);
        if (!row_same(a.loss[k], want)) {
            print_error("loss of row %zu: got %g, want %g\n", k, a.loss[k], want);
            fail();
        }
        for (size_t c = 0; c < 3; c++)
            assert_true(a.dz[3 * k + c] == dz[k][c] || (isnan(dz[k][c]) && isnan(a.dz[3 * k + c])));
    }
    loss_answer_free(&a);
    loss_problem_free(&p);
}

/* but not over a row that is all masked, nor over a class of weight 0 */
static void smoothing_spreads_over_masked_classes(void **state) {
    row_fixture *r = fixture_of(state);
    const double z[3][3] = {
        {2.0, -INFINITY, -INFINITY}, {-INFINITY, -INFINITY, -INFINITY}, {2.0, 2.0, -INFINITY}};
    loss_problem p = entropy_problem(r, 3, 3);
    p.loss.reduction = CLACT_REDUCTION_NONE;
    p.loss.label_smoothing = 0.3f;
    p.loss.tier = CLACT_TIER_ACCURATE;
    p.loss.has_weight = true;
    for (size_t c = 0; c < 3; c++)
        p.weights[c] = 1.0;
    memcpy(p.z, z, sizeof z);
    loss_answer a = loss_solve(r, &p, WANT_LOSS | WANT_GRADIENT);
    assert_true(a.loss[0] == INFINITY && a.loss[1] == INFINITY && a.loss[2] == INFINITY);
    assert_true(a.dz[3] == 0.0 && a.dz[4] == 0.0 && a.dz[5] == 0.0);
    assert_true(fabs(a.dz[1] + 0.1) < 1e-3 && fabs(a.dz[8] + 0.1) < 1e-3);
    loss_answer_free(&a);
    p.weights[2] = 0.0;
    a = loss_solve(r, &p, WANT_LOSS | WANT_GRADIENT);
    assert_true(fabs(a.loss[2] - 0.9 * log(2.0)) < 1e-3 && a.dz[8] == 0.0);
    loss_answer_free(&a);
    loss_problem_free(&p);
}

static void elements_that_are_not_finite(void **state) {
    row_fixture *r = fixture_of(state);
    const double z[6] = {INFINITY, -INFINITY, INFINITY, -INFINITY, NAN, 0.0};
    const double t[6] = {1.0, 0.0, 0.0, 1.0, 1.0, NAN};
    loss_problem p = loss_problem_create(r, CLACT_LOSS_BCE_WITH_LOGITS, 1, 6, 1.0, 3);
    p.loss.reduction = CLACT_REDUCTION_NONE;
    p.scale = 1.0;
    memcpy(p.z, z, sizeof z);
    memcpy(p.targets, t, sizeof t);
    loss_answer a = loss_solve(r, &p, WANT_LOSS | WANT_GRADIENT);
    assert_true(a.loss[0] == 0.0 && a.loss[1] == 0.0 && a.dz[0] == 0.0 && a.dz[1] == 0.0);
    assert_true(a.loss[2] == INFINITY && a.loss[3] == INFINITY && a.dz[2] == 1.0);
    assert_true(a.dz[3] == -1.0 && isnan(a.loss[4]) && isnan(a.dz[4]) && isnan(a.loss[5]));
    loss_answer_free(&a);
    p.loss.reduction = CLACT_REDUCTION_SUM;
    p.z[4] = 1.0;
    p.targets[5] = 1.0;
    a = loss_solve(r, &p, WANT_LOSS);
    assert_true(a.loss[0] == INFINITY);
    loss_answer_free(&a);
    for (clact_loss_kind kind = CLACT_LOSS_MSE; kind <= CLACT_LOSS_HUBER; kind++) {
        p.loss.kind = kind;
        p.loss.reduction = CLACT_REDUCTION_NONE;
        p.z[4] = NAN;
        p.z[5] = p.targets[5];
        a = loss_solve(r, &p, WANT_LOSS | WANT_GRADIENT);
        assert_true(a.loss[0] == INFINITY && isnan(a.loss[4]) && isnan(a.dz[4]));
        assert_true(a.loss[5] == 0.0 && a.dz[5] == 0.0);
        loss_answer_free(&a);
    }
    loss_problem_free(&p);
}

static void losses_of_nothing_are_0(void **state) {
    row_fixture *r = fixture_of(state);
    const clact_matrix none = {NULL, 0, 0};
    const double seven = 7.0;
    for (clact_loss_kind kind = 0; kind <= CLACT_LOSS_HUBER; kind++) {
        clact_loss loss;
        clact_loss_init(&loss, kind);
        loss.dtype = r->dtype;
        guarded l = row_upload(r, r->real, 1, 1, 1, 1, &seven);
        require_success(&r->f,
                        clact_loss_evaluate(r->f.clact, r->f.queue, &loss, 0, 3, none, none, none,
                                            1.0, l.matrix, none, NULL, 0, NULL, NULL),
                        "no rows");
        double *got = row_download(r, r->real, &l);
        assert_true(row_same(got[0], 0.0));
        free(got);
        guarded_release(&l);
    }
}

/* ---- queues ---- */

static void stages_wait_for_one_another_on_any_queue(void **state) {
    row_fixture *r = fixture_of(state);
    cl_command_queue in_order = r->f.queue;
    cl_command_queue queue = clCreateCommandQueue(r->f.context, r->f.device,
                                                  CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE, NULL);
    if (!queue) return; /* the device has none */
    loss_problem p = entropy_problem(r, 3, 5000);
    const guarded z = row_upload(r, r->dtype, p.rows, p.cols, 0, 0, p.z);
    guarded t = row_upload_labels(r, p.rows, 0, 0, p.labels),
            l = row_upload(r, r->real, 1, 1, 0, 0, NULL);
    guarded d = row_upload(r, r->dtype, p.rows, p.cols, 0, 0, NULL);
    const clact_matrix none = {NULL, 0, 0};
    cl_event first = NULL, done = NULL;
    size_t bytes = 0;
    clact_loss_workspace(r->f.clact, &p.loss, p.rows, p.cols, &bytes);
    guarded work = row_workspace(r, bytes);
    clFinish(in_order);
    for (int i = 0; i < 2; i++) /* the second waits for the first: they share the workspace */
        require_success(&r->f,
                        clact_loss_evaluate(r->f.clact, queue, &p.loss, p.rows, p.cols, z.matrix,
                                            t.matrix, none, p.scale, l.matrix, d.matrix,
                                            work.buffer, i, i ? &first : NULL, i ? &done : &first),
                        "out of order");
    clFlush(queue);
    assert_int_equal(clWaitForEvents(1, &done), CL_SUCCESS);
    loss_answer want = loss_solve(r, &p, WANT_LOSS | WANT_GRADIENT);
    double *loss = row_download(r, r->real, &l), *dz = row_download(r, r->dtype, &d);
    row_expect_same("loss out of order", loss, want.loss, 1);
    row_expect_same("gradient out of order", dz, want.dz, p.rows * p.cols);
    clReleaseEvent(first);
    clReleaseEvent(done);
    free(loss);
    free(dz);
    loss_answer_free(&want);
    row_workspace_release(r, &work);
    clReleaseMemObject(z.buffer);
    guarded_release(&t);
    guarded_release(&l);
    guarded_release(&d);
    clFinish(queue);
    clReleaseCommandQueue(queue);
    loss_problem_free(&p);
}

/* ---- what is refused ---- */

typedef struct refusal {
    row_fixture *r;
    clact_matrix z, target, weight, loss, dz;
    cl_mem workspace;
    double scale;
} refusal;

static void expect_refused(const refusal *c, const clact_loss *loss, clact_status want,
                           const char *words) {
    char message[512] = "";
    const clact_status got =
        clact_loss_evaluate(c->r->f.clact, c->r->f.queue, loss, 4, 3, c->z, c->target, c->weight,
                            c->scale, c->loss, c->dz, c->workspace, 0, NULL, NULL);
    clact_context_message(c->r->f.clact, message, sizeof message);
    if (got == want && strstr(message, words)) return;
    print_error("status %d, message '%s'; wanted %d with '%s'\n", (int)got, message, (int)want,
                words);
    fail();
}

static void wrong_descriptors_are_refused_by_name(void **state) {
    const refusal c = {.r = fixture_of(state), .scale = 1.0};
    clact_loss entropy, mse, l;
    clact_loss_init(&entropy, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY);
    clact_loss_init(&mse, CLACT_LOSS_MSE);
#define REFUSED(base, field, value, status, words)                                                 \
    do {                                                                                           \
        l = base;                                                                                  \
        l.field = value;                                                                           \
        expect_refused(&c, &l, status, words);                                                     \
    } while (0)
    expect_refused(&c, NULL, CLACT_INVALID_ARGUMENT, "clact_loss_init");
    REFUSED(mse, struct_size, 1, CLACT_INVALID_ARGUMENT, "clact_loss_init");
    REFUSED(mse, kind, (clact_loss_kind)9, CLACT_INVALID_ARGUMENT, "no loss 9");
    REFUSED(mse, reduction, (clact_reduction)3, CLACT_INVALID_ARGUMENT, "no reduction 3");
    REFUSED(mse, dtype, (clact_dtype)4, CLACT_INVALID_ARGUMENT, "dtype");
    REFUSED(mse, tier, (clact_tier)2, CLACT_INVALID_ARGUMENT, "tier");
    REFUSED(mse, label_smoothing, 0.1f, CLACT_PARAMETER_RANGE, "label_smoothing");
    REFUSED(mse, has_weight, true, CLACT_INVALID_ARGUMENT, "has_weight");
    REFUSED(entropy, label_smoothing, 1.5f, CLACT_PARAMETER_RANGE, "label_smoothing is 1.5");
    REFUSED(entropy, label_smoothing, NAN, CLACT_PARAMETER_RANGE, "label_smoothing");
    clact_loss_init(&mse, CLACT_LOSS_HUBER);
    REFUSED(mse, delta, 0.0f, CLACT_PARAMETER_RANGE, "delta is 0");
    REFUSED(mse, delta, INFINITY, CLACT_PARAMETER_RANGE, "delta");
    assert_int_equal(clact_loss_init_sized(&l, 3, CLACT_LOSS_MSE), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_loss_init(&l, (clact_loss_kind)5), CLACT_INVALID_ARGUMENT);
#undef REFUSED
}

static void wrong_calls_are_refused_by_name(void **state) {
    row_fixture *r = fixture_of(state);
    const clact_matrix none = {NULL, 0, 0};
    cl_mem buffers[6];
    for (int i = 0; i < 6; i++)
        buffers[i] = clCreateBuffer(r->f.context, CL_MEM_READ_WRITE, 256, NULL, NULL);
    cl_mem small = clCreateBuffer(r->f.context, CL_MEM_READ_WRITE, 4, NULL, NULL);
    const refusal good = {r,
                          {buffers[0], 0, 0},
                          {buffers[1], 0, 0},
                          {buffers[2], 0, 0},
                          {buffers[3], 0, 0},
                          {buffers[4], 0, 0},
                          buffers[5],
                          1.0};
    clact_loss entropy, plain;
    clact_loss_init(&entropy, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY);
    entropy.dtype = r->dtype;
    plain = entropy;
    entropy.has_weight = true;
#define REFUSED(loss_of, field, value, status, words)                                              \
    do {                                                                                           \
        refusal bad = good;                                                                        \
        bad.field = value;                                                                         \
        expect_refused(&bad, &(loss_of), status, words);                                           \
    } while (0)
    REFUSED(entropy, z, none, CLACT_INVALID_ARGUMENT, "buffer of z is NULL");
    REFUSED(entropy, target, none, CLACT_INVALID_ARGUMENT, "buffer of target is NULL");
    REFUSED(entropy, weight, none, CLACT_INVALID_ARGUMENT, "buffer of weight is NULL");
    REFUSED(plain, scale, 1.0, CLACT_INVALID_ARGUMENT, "has_weight of the loss is false");
    REFUSED(entropy, workspace, NULL, CLACT_INVALID_ARGUMENT, "buffer of the workspace is NULL");
    REFUSED(entropy, workspace, small, CLACT_BUFFER_SIZE, "workspace");
    REFUSED(entropy, workspace, buffers[3], CLACT_OVERLAP, "overlaps");
    REFUSED(entropy, scale, NAN, CLACT_INVALID_ARGUMENT, "scale");
    REFUSED(entropy, scale, INFINITY, CLACT_INVALID_ARGUMENT, "scale");
    REFUSED(entropy, dz, good.target, CLACT_OVERLAP, "dz overlaps target");
    REFUSED(entropy, loss, good.z, CLACT_OVERLAP, "loss overlaps z");
    refusal nothing = good;
    nothing.loss = nothing.dz = none;
    expect_refused(&nothing, &entropy, CLACT_INVALID_ARGUMENT, "one must be given");
    assert_int_equal(clact_loss_evaluate(r->f.clact, r->f.queue, &plain, 2, 0, good.z, good.target,
                                         none, 1.0, good.loss, none, NULL, 0, NULL, NULL),
                     CLACT_SHAPE);
#undef REFUSED
    for (int i = 0; i < 6; i++)
        clReleaseMemObject(buffers[i]);
    clReleaseMemObject(small);
}

int main(int argc, char **argv) {
    row_fixture r;
    if (!row_fixture_open(&r, argc, argv)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, loss_warm_up, NULL, &r }
    const struct CMUnitTest tests[] = {
        CASE(labels_out_of_range_give_nan_in_their_row_alone),
        CASE(ignored_rows_do_not_count),
        CASE(masked_and_huge_logits),
        CASE(smoothing_spreads_over_masked_classes),
        CASE(elements_that_are_not_finite),
        CASE(wrong_calls_are_refused_by_name),
        CASE(wrong_descriptors_are_refused_by_name),
        CASE(losses_of_nothing_are_0),
        CASE(a_mean_without_weight_is_nan),
        CASE(stages_wait_for_one_another_on_any_queue),
    };
    const size_t count = sizeof tests / sizeof *tests - (r.small ? 2 : 0);
    const int failed = _cmocka_run_group_tests("loss rows", tests, count, NULL, NULL);
    fixture_close(&r.f);
    return failed;
}
