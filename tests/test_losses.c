/* test_losses.c: losses on the device: their bits against the C build at every vector width and for
 * every option, losses against textbook definitions in long double, gradients against differences
 * of these.
 *
 *     test_losses WIDTH|TYPE [small]
 */
#include "loss_problem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static row_fixture *fixture_of(void **state) {
    return *state;
}

/* ---- bits ---- */

/* Some rows that do not count, and some whose label is no class */
static void spoil_labels(loss_problem *p) {
    for (size_t i = 0; i < p->rows; i += 5)
        p->labels[i] = i % 2 ? -100 : (int32_t)p->cols;
    if (p->rows > 7) p->labels[7] = -1;
}

static void bits_are_those_of_the_c_build(void **state) {
    row_fixture *r = fixture_of(state);
    const size_t w = r->f.info.vector_width;
    const size_t shapes[][4] = {{1, 1, 0, 0},     {37, 10, 3, 1},  {9, w, 0, 0},
                                {6, w + 1, 1, 2}, {3, 131, 1, 3},  {2500, 3, 0, 1},
                                {2, 2049, 1, 0},  {3, 5003, 0, 2}, {130, 2050, 0, 0}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        if (r->small && i != 1 && i != 3 && i != 6) continue;
        for (clact_loss_kind kind = 0; kind <= CLACT_LOSS_HUBER; kind++) {
            loss_problem p = loss_problem_create(r, kind, shapes[i][0], shapes[i][1], 3.0, 40 + i);
            p.offset = shapes[i][2];
            p.pad = shapes[i][3];
            if (i > 4) spoil_labels(&p);
            for (int k = 0; k < LOSS_OPTIONS; k++)
                if (loss_choose(r, &p, k))
                    loss_check_bits(r, &p, WANT_LOSS | WANT_GRADIENT | (k % 2 ? WANT_IN_PLACE : 0));
            if (loss_choose(r, &p, 2)) {
                loss_check_bits(r, &p, WANT_LOSS);
                loss_check_bits(r, &p, WANT_GRADIENT);
            }
            loss_problem_free(&p);
        }
    }
}

/* Rows that are a lane's, and the first ones that are not; some of them masked or NaN */
static void bits_of_short_rows_are_those_of_the_c_build(void **state) {
    row_fixture *r = fixture_of(state);
    static const size_t cols[] = {1, 2, 7, 10, 31, 32, 33};
    const size_t lanes = row_lanes(r), rows[] = {lanes + 1, 1, lanes > 1 ? lanes - 1 : 2};
    for (size_t i = 0; i < 7; i++) {
        for (size_t k = 0; k < LOSS_OPTIONS; k++) {
            loss_problem p = loss_problem_create(r, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY,
                                                 rows[(k + k / 3) % 3], cols[i], 3.0, 60 + i);
            p.offset = 1 + k % 2;
            p.pad = (i + k) % 3;
            spoil_labels(&p);
            if (p.rows > 1) p.z[p.cols] = k % 3 ? -INFINITY : NAN; /* of row 1 */
            if (loss_choose(r, &p, (int)k)) {
                const unsigned in_place = k % 2 ? WANT_IN_PLACE : 0;
                loss_check_bits(r, &p, WANT_LOSS | WANT_GRADIENT | in_place);
            }
            loss_problem_free(&p);
        }
    }
}

/* Totals of so many parts that these are summed in two steps */
static void totals_of_many_losses(void **state) {
    row_fixture *r = fixture_of(state);
    loss_problem p = loss_problem_create(r, CLACT_LOSS_BCE_WITH_LOGITS, 1, 1000003, 1.0, 5);
    loss_check_bits(r, &p, WANT_LOSS | WANT_GRADIENT);
    loss_problem_free(&p);
    p = loss_problem_create(r, CLACT_LOSS_BCE_WITH_LOGITS, 600001, 1, 4.0, 6);
    loss_check_bits(r, &p, WANT_LOSS | WANT_GRADIENT);
    loss_problem_free(&p);
    p = loss_problem_create(r, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, 100003, 10, 2.0, 7);
    loss_check_bits(r, &p, WANT_LOSS | WANT_GRADIENT);
    loss_problem_free(&p);
    p = loss_problem_create(r, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, 1, 1000000, 2.0, 8);
    loss_check_bits(r, &p, WANT_LOSS | WANT_GRADIENT);
    loss_problem_free(&p);
}

/* ---- definitions ---- */

/* The loss of row r: -log p, smoothed and weighted, as PyTorch's cross_entropy has it */
static long double entropy_of_row(const loss_problem *p, const double *z, size_t label) {
    const long double s = (long double)p->loss.label_smoothing, cols = (long double)p->cols;
    long double most = (long double)z[0], sum = 0.0L, all = 0.0L;
    for (size_t c = 1; c < p->cols; c++)
        most = fmaxl(most, (long double)z[c]);
    for (size_t c = 0; c < p->cols; c++)
        sum += expl((long double)z[c] - most);
#define WEIGHT(c) (p->loss.has_weight ? (long double)p->weights[c] : 1.0L)
    for (size_t c = 0; c < p->cols; c++)
        all += WEIGHT(c) * (logl(sum) + most - (long double)z[c]);
    return (1.0L - s) * WEIGHT(label) * (logl(sum) + most - (long double)z[label]) + s / cols * all;
#undef WEIGHT
}

static long double element_loss(const loss_problem *p, long double z, long double t, size_t c) {
    const long double d = fabsl(z - t), delta = (long double)p->loss.delta;
    const long double w = p->loss.has_weight ? (long double)p->weights[c] : 1.0L;
    switch (p->loss.kind) {
    case CLACT_LOSS_BCE_WITH_LOGITS:
        return w * t * log1pl(expl(-z)) + (1.0L - t) * log1pl(expl(z));
    case CLACT_LOSS_MSE:
        return d * d;
    case CLACT_LOSS_L1:
        return d;
    default:
        return d <= delta ? d * d / 2.0L : delta * (d - delta / 2.0L);
    }
}

/* The reduced loss; without reduction the sum, whose gradient is the same */
static long double oracle(const loss_problem *p, const double *z) {
    long double sum = 0.0L, divisor = 0.0L;
    for (size_t i = 0; i < p->rows; i++) {
        if (loss_of_classes(p)) {
            if (!loss_counts(p, i)) continue;
            sum += entropy_of_row(p, z + i * p->cols, (size_t)p->labels[i]);
            divisor += p->loss.has_weight ? (long double)p->weights[p->labels[i]] : 1.0L;
        }
        for (size_t c = 0; c < p->cols && !loss_of_classes(p); c++, divisor += 1.0L)
            sum += element_loss(p, (long double)z[i * p->cols + c],
                                (long double)p->targets[i * p->cols + c], c);
    }
    return p->loss.reduction == CLACT_REDUCTION_MEAN ? sum / divisor : sum;
}

/* Whether a kink of the loss is within reach of the difference */
static bool near_a_kink(const loss_problem *p, size_t i, double reach) {
    const double d = fabs(p->z[i] - p->targets[i]);
    if (p->loss.kind == CLACT_LOSS_L1) return d < reach;
    return p->loss.kind == CLACT_LOSS_HUBER && fabs(d - (double)p->loss.delta) < reach;
}

static void check_definition(row_fixture *r, loss_problem *p) {
    const double h = 0x1p-15, grain = r->dtype == CLACT_BF16  ? 0x1p-8
                                      : r->dtype == CLACT_F16 ? 0x1p-11
                                                              : 2e-6;
    loss_answer got = loss_solve(r, p, WANT_LOSS | WANT_GRADIENT);
    long double sum = 0.0L;
    for (size_t i = 0; i < loss_results(p); i++)
        sum += (long double)got.loss[i];
    const long double want = oracle(p, p->z), least = r->dtype == CLACT_F64 ? 1e-14L : 1e-6L;
    if (fabsl(sum - want) > least * want) {
        print_error("loss %d, reduction %d: got %Lg, want %Lg\n", (int)p->loss.kind,
                    (int)p->loss.reduction, sum, want);
        fail();
    }
    for (size_t i = 0; i < p->rows * p->cols; i++) {
        const double z = p->z[i];
        p->z[i] = z + h;
        const long double above = oracle(p, p->z);
        p->z[i] = z - h;
        const double d = p->scale * (double)((above - oracle(p, p->z)) / (2.0L * (long double)h));
        p->z[i] = z;
        if (near_a_kink(p, i, 2.0 * h)) continue;
        if (fabs(got.dz[i] - d) > 1e-7 + grain * fabs(d)) {
            print_error("loss %d, reduction %d, gradient %zu: got %g, difference %g\n",
                        (int)p->loss.kind, (int)p->loss.reduction, i, got.dz[i], d);
            fail();
        }
    }
    loss_answer_free(&got);
}

static void losses_and_gradients_are_as_defined(void **state) {
    row_fixture *r = fixture_of(state);
    for (clact_loss_kind kind = 0; kind <= CLACT_LOSS_HUBER; kind++) {
        for (int k = 0; k < LOSS_OPTIONS; k++) {
            loss_problem p =
                loss_problem_create(r, kind, 6, 7, k % 2 ? 0.5 : 3.0, 70 + (uint64_t)k);
            p.labels[2] = -100;
            if (loss_choose(r, &p, k)) check_definition(r, &p);
            loss_problem_free(&p);
        }
    }
}

/* ---- losses and gradients that are small ---- */

/* Losses of two classes whose logits differ by `sure`: log(1 + e^-sure), gradient -+1/(1 + e^sure)
 */
static void sure_logits_keep_their_bits(void **state) {
    row_fixture *r = fixture_of(state);
    for (clact_loss_kind kind = 0; kind <= CLACT_LOSS_BCE_WITH_LOGITS; kind++) {
        double worst = 0.0;
        for (double wanted = 1.0; wanted < 85.0; wanted += 0.75) {
            const double sure = row_rounded(r->dtype, wanted);
            const size_t cols = kind == CLACT_LOSS_BCE_WITH_LOGITS ? 1 : 2;
            loss_problem p = loss_problem_create(r, kind, 1, cols, 1.0, 3);
            p.z[0] = sure;
            p.scale = 1.0;
            if (cols == 2) p.z[1] = 0.0;
            p.labels[0] = 0;
            p.targets[0] = 1.0;
            loss_answer a = loss_solve(r, &p, WANT_LOSS | WANT_GRADIENT);
            const long double e = expl(-(long double)sure);
            worst = fmax(worst, row_ulps(r->real, a.loss[0], log1pl(e)));
            worst = fmax(worst, row_ulps(r->dtype, a.dz[0], -e / (1.0L + e)));
            if (cols == 2) worst = fmax(worst, row_ulps(r->dtype, a.dz[1], e / (1.0L + e)));
            loss_answer_free(&a);
            loss_problem_free(&p);
        }
        printf("loss %d of a sure logit, and its gradient: at most %.2f ulp\n", (int)kind, worst);
        assert_true(worst <= 4.0);
    }
}

int main(int argc, char **argv) {
    row_fixture r;
    if (!row_fixture_open(&r, argc, argv)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, loss_warm_up, NULL, &r }
    const struct CMUnitTest tests[] = {
        CASE(bits_are_those_of_the_c_build), CASE(bits_of_short_rows_are_those_of_the_c_build),
        CASE(sure_logits_keep_their_bits),   CASE(losses_and_gradients_are_as_defined),
        CASE(totals_of_many_losses),
    };
    /* definitions and large batches do not depend on the width: once for each type */
    const bool once = r.f.info.vector_width == 16 || r.dtype != CLACT_F32;
    const size_t count = r.small ? 1 : once ? sizeof tests / sizeof *tests : 3;
    const int failed = _cmocka_run_group_tests("losses", tests, count, NULL, NULL);
    fixture_close(&r.f);
    return failed;
}
