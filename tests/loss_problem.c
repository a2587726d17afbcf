/* loss_problem.c: losses to be computed on the device and by the C build. */
#include "loss_problem.h"

#include "core/context.h"
#include "core/row_specs.h"
#include "row_build.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool loss_of_classes(const loss_problem *p) {
    return p->loss.kind == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY;
}

size_t loss_results(const loss_problem *p) {
    if (p->loss.reduction != CLACT_REDUCTION_NONE) return 1;
    return loss_of_classes(p) ? p->rows : p->rows * p->cols;
}

bool loss_counts(const loss_problem *p, size_t row) {
    const int32_t t = p->labels[row];
    return t != p->loss.ignore_index && t >= 0 && (size_t)t < p->cols;
}

loss_problem loss_problem_create(const row_fixture *r, clact_loss_kind kind, size_t rows,
                                 size_t cols, double spread, uint64_t seed) {
    loss_problem p = {.rows = rows, .cols = cols, .scale = 0.375};
    assert_int_equal(clact_loss_init(&p.loss, kind), CLACT_SUCCESS);
    p.loss.dtype = r->dtype;
    p.z = row_random(r->dtype, rows * cols, spread, 0.0, seed);
    p.targets = row_random(r->dtype, rows * cols, spread, 0.0, seed + 1);
    p.weights = row_random(r->real, cols, 0.25, 1.0, seed + 2);
    p.labels = malloc(rows * sizeof *p.labels);
    for (size_t i = 0; i < rows; i++)
        p.labels[i] = (int32_t)(random_bits(&seed) % cols);
    for (size_t i = 0; i < rows * cols && kind == CLACT_LOSS_BCE_WITH_LOGITS; i++)
        p.targets[i] = (double)(random_bits(&seed) % 5) / 4.0;
    for (size_t i = 0; i < cols; i++)
        p.weights[i] = fabs(p.weights[i]);
    return p;
}

void loss_problem_free(loss_problem *p) {
    free(p->z);
    free(p->targets);
    free(p->weights);
    free(p->labels);
}

/* ---- on the device ---- */

void loss_answer_free(loss_answer *a) {
    free(a->loss);
    free(a->dz);
}

loss_answer loss_solve(row_fixture *r, const loss_problem *p, int wanted) {
    const clact_loss *loss = &p->loss;
    const clact_matrix nothing = {NULL, 0, 0};
    const bool in_place = wanted & WANT_IN_PLACE;
    size_t bytes = 0;
    const size_t columns =
        loss->reduction == CLACT_REDUCTION_NONE && !loss_of_classes(p) ? p->cols : 1;
    guarded z = row_upload(r, loss->dtype, p->rows, p->cols, p->offset, p->pad, p->z);
    guarded t = loss_of_classes(p)
                    ? row_upload_labels(r, p->rows, p->pad, p->offset, p->labels)
                    : row_upload(r, loss->dtype, p->rows, p->cols, p->pad, 0, p->targets);
    guarded w = row_upload(r, r->real, 1, p->cols, p->offset, 0, p->weights);
    guarded l = row_upload(r, r->real, loss_results(p) / columns, columns, 1, p->pad, NULL);
    guarded d = row_upload(r, loss->dtype, p->rows, p->cols, p->pad, p->offset, NULL);
    require_success(&r->f, clact_loss_workspace(r->f.clact, loss, p->rows, p->cols, &bytes),
                    "workspace");
    guarded work = row_workspace(r, bytes);
    const guarded *const dz = in_place ? &z : &d;
    require_success(&r->f,
                    clact_loss_evaluate(r->f.clact, r->f.queue, loss, p->rows, p->cols, z.matrix,
                                        t.matrix, loss->has_weight ? w.matrix : nothing, p->scale,
                                        wanted & WANT_LOSS ? l.matrix : nothing,
                                        wanted & WANT_GRADIENT ? dz->matrix : nothing, work.buffer,
                                        0, NULL, NULL),
                    "loss");
    const loss_answer a = {wanted & WANT_LOSS ? row_download(r, r->real, &l) : NULL,
                           wanted & WANT_GRADIENT ? row_download(r, loss->dtype, dz) : NULL};
    row_workspace_release(r, &work);
    guarded_release(&z);
    guarded_release(&t);
    guarded_release(&w);
    guarded_release(&l);
    guarded_release(&d);
    return a;
}

/* ---- by the C build ---- */

static double divisor_of_entropy(const loss_problem *p, const row_build *build) {
    double *weights = malloc(p->rows * sizeof *weights);
    size_t counted = 0;
    for (size_t i = 0; i < p->rows; i++) {
        weights[i] = !loss_counts(p, i) ? 0.0 : p->loss.has_weight ? p->weights[p->labels[i]] : 1.0;
        counted += loss_counts(p, i);
    }
    const double divisor = counted > 0 ? build->divisor(weights, p->rows) : 1.0;
    free(weights);
    return divisor;
}

static void build_entropy(const loss_problem *p, const row_build *build, double *losses, double *dz,
                          double *divisor) {
    const bool mean = p->loss.reduction == CLACT_REDUCTION_MEAN;
    *divisor = mean ? divisor_of_entropy(p, build) : 1.0;
    for (size_t i = 0; i < p->rows; i++) {
        const double none = p->labels[i] == p->loss.ignore_index ? 0.0 : NAN;
        double *row = dz + i * p->cols;
        const row_entropy e = {(size_t)p->labels[i], p->loss.has_weight ? p->weights : NULL,
                               (double)p->loss.label_smoothing,
                               mean ? build->divide(p->scale, *divisor) : p->scale};
        losses[i] = none;
        for (size_t c = 0; c < p->cols; c++)
            row[c] = none;
        if (loss_counts(p, i)) losses[i] = build->entropy(&e, p->z + i * p->cols, p->cols, row);
    }
}

static void build_elements(const loss_problem *p, const row_build *build, double *losses,
                           double *dz, double *divisor) {
    const size_t n = p->rows * p->cols;
    *divisor = p->loss.reduction == CLACT_REDUCTION_MEAN ? (double)n : 1.0;
    const double factor = p->scale * (p->loss.kind == CLACT_LOSS_MSE ? 2.0 : 1.0) / *divisor;
    for (size_t i = 0; i < n; i++) {
        const double param = p->loss.kind == CLACT_LOSS_HUBER ? (double)p->loss.delta
                             : p->loss.has_weight             ? p->weights[i % p->cols]
                                                              : 1.0;
        losses[i] = build->element(p->loss.kind, p->z[i], p->targets[i], param, factor, dz + i);
    }
}

void loss_check_bits(row_fixture *r, const loss_problem *p, int wanted) {
    const row_build *build = row_build_of(p->loss.tier, r->dtype);
    const size_t n = p->rows * p->cols, count = loss_of_classes(p) ? p->rows : n;
    double *losses = malloc(count * sizeof *losses), *dz = malloc(n * sizeof *dz), divisor = 1.0;
    loss_answer got = loss_solve(r, p, wanted);
    (loss_of_classes(p) ? build_entropy : build_elements)(p, build, losses, dz, &divisor);
    if (p->loss.reduction != CLACT_REDUCTION_NONE)
        losses[0] = build->total(losses, count, !loss_of_classes(p), divisor);
    for (size_t i = 0; i < n; i++)
        dz[i] = row_rounded(r->dtype, dz[i]);
    char what[128];
    snprintf(what, sizeof what,
             "loss %d, reduction %d, tier %d, weight %d, smoothing %g, %zu x %zu",
             (int)p->loss.kind, (int)p->loss.reduction, (int)p->loss.tier, p->loss.has_weight,
             (double)p->loss.label_smoothing, p->rows, p->cols);
    if (got.loss) row_expect_same(what, got.loss, losses, loss_results(p));
    if (got.dz) row_expect_same(what, got.dz, dz, n);
    loss_answer_free(&got);
    free(losses);
    free(dz);
}

bool loss_is_thorough(const row_fixture *r) {
    return r->dtype == CLACT_F32 && r->f.info.vector_width == 16 && !r->small;
}

static bool is_brief(const row_fixture *r) {
    const unsigned width = r->f.info.vector_width;
    return r->dtype == CLACT_F16 || (width != 4 && width != 16);
}

bool loss_choose(const row_fixture *r, loss_problem *p, int k) {
    const bool accurate = k / 3 % 2, weight = k / 6 % 2, smooth = k / 12 % 2;
    p->loss.reduction = (clact_reduction)(k % 3);
    p->loss.tier = accurate ? CLACT_TIER_ACCURATE : CLACT_TIER_FAST;
    p->loss.has_weight = p->loss.kind <= CLACT_LOSS_BCE_WITH_LOGITS && weight;
    p->loss.label_smoothing = loss_of_classes(p) && smooth ? 0.1f : 0.0f;
    p->loss.delta = 0.75f;
    if (weight != p->loss.has_weight || smooth != (p->loss.label_smoothing > 0.0f)) return false;
    if (loss_is_thorough(r)) return true;
    if (is_brief(r) && p->loss.kind > CLACT_LOSS_BCE_WITH_LOGITS) return false;
    return loss_of_classes(p) && !is_brief(r) ? accurate == weight && accurate == smooth
                                              : !accurate && !weight && !smooth;
}

int loss_warm_up(void **state) {
    row_fixture *r = *state;
    static kernel_spec specs[5 * LOSS_OPTIONS * LOSS_MOST_SPECS];
    size_t n = 0;
    for (clact_loss_kind kind = 0; kind <= CLACT_LOSS_HUBER; kind++) {
        for (int k = 0; k < LOSS_OPTIONS; k += 3) {
            loss_problem p = {0};
            clact_loss_init(&p.loss, kind);
            p.loss.dtype = r->dtype;
            if (loss_choose(r, &p, k)) n += loss_specs(&p.loss, specs + n);
        }
    }
    require_success(&r->f, context_ensure(r->f.clact, specs, n), "warm-up");
    return 0;
}
