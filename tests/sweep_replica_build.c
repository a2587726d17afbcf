/* sweep_replica_build.c: the chain of steps in one precision. Compiled twice, once with DOUBLE;
 * REPLICA_BUILD is the name of what comes out.
 */
#include "sweep_replica.h"

#include "element.h"
#include "formula_build.h"
#include "health_build.h"

#include <stdlib.h>

enum { PLANES = 13 };

/* What is stored */
static double stored(const clact_sweep *w, real v) {
    uint64_t code = 0;
    element_set(w->dtype, &code, 0, (double)v);
    return element_value(w->dtype, &code, 0);
}

static size_t rows_each(size_t rows) {
    size_t each = 32;
    while (4 * ((rows + each - 1) / each) > each)
        each += each;
    return each;
}

/* ---- sums ---- */

/* blocks x cols of anything that is taken in row by row: the block of a row */
static size_t block_of(size_t rows, size_t row) {
    return row / rows_each(rows);
}
static size_t num_blocks(size_t rows) {
    return rows == 0 ? 0 : block_of(rows, rows - 1) + 1;
}

static void take_in(const replica *r, pair *sums, size_t row, size_t col, real v) {
    pair *at = &sums[block_of(r->rows, row) * r->cols + col];
    *at = accumulate(*at, v);
}

static pair *new_sums(const replica *r) {
    return calloc((num_blocks(r->rows) + 1) * r->cols, sizeof(pair)); /* pairs of zeros */
}

static void finish_sums(const clact_sweep *w, const replica *r, clact_gradient which, pair *sums,
                        double *out) {
    const real beta = w->accumulate & (unsigned)which ? w->beta : 0;
    for (size_t col = 0; out && col < r->cols; col++) {
        pair total = no_sum();
        for (size_t block = 0; block < num_blocks(r->rows); block++)
            total = accumulate_pair(total, sums[block * r->cols + col]);
        real sum = rounded(total);
        if (beta != 0) sum = fma(beta, (real)out[col], sum);
        out[col] = stored(w, sum);
    }
    free(sums);
}

/* ---- health ---- */

typedef struct watch {
    health *seen;
} watch;

static watch new_watch(const replica *r) {
    watch w = {calloc((num_blocks(r->rows) + 1) * r->cols, sizeof(health))};
    for (size_t i = 0; i < num_blocks(r->rows) * r->cols; i++)
        w.seen[i] = no_health();
    return w;
}

static void watch_value(const replica *r, watch *w, size_t row, size_t col, real v, real slope,
                        real threshold) {
    observe(&w->seen[block_of(r->rows, row) * r->cols + col], v, slope, threshold);
}

/* Of every row, after its values: chunks of 32 rows of a block, `each` values in a row */
static void end_row(const replica *r, watch *w, size_t row, size_t col, int each) {
    const size_t begin = block_of(r->rows, row) * rows_each(r->rows);
    const size_t n = (row - begin) % CHUNK_ROWS + 1;
    const bool block_ends = row + 1 == r->rows || (row + 1 - begin) == rows_each(r->rows);
    if (n == CHUNK_ROWS || block_ends)
        health_end_chunk(&w->seen[block_of(r->rows, row) * r->cols + col],
                         (real)(n * (size_t)each));
}

static void finish_watch(const replica *r, watch *w, uint64_t each) {
    const size_t blocks = num_blocks(r->rows), cols = r->cols;
    real *partials = calloc((blocks + 1) * PLANES * cols, sizeof *partials);
    for (size_t i = 0; r->health && i < blocks * cols; i++) {
        const health *h = &w->seen[i];
        const real planes[PLANES] = {h->sum.h,     h->sum.l,   h->small.h, h->small.l, h->middle.h,
                                     h->middle.l,  h->large.h, h->large.l, h->most,    h->zeros,
                                     h->saturated, h->nans,    h->infs};
        for (size_t plane = 0; plane < PLANES; plane++)
            partials[(i / cols * PLANES + plane) * cols + i % cols] = planes[plane];
    }
    if (r->health) {
        health_record *records = (health_record *)(void *)r->health;
        for (work_item = 0; work_item < cols; work_item++)
            health_columns_c(blocks, cols, PLANES, 0, each, 0, partials, records);
        health_total_c(blocks, cols, PLANES, 0, each, 0, partials, records);
    }
    free(partials);
    free(w->seen);
}

/* ---- steps ---- */

typedef struct element {
    size_t row, col, i; /* i: of a packed matrix */
    float params[CLACT_MAX_PARAMS];
} element;

static element element_at(const clact_sweep *w, const replica *r, size_t i) {
    element e = {i / r->cols, i % r->cols, i, {w->params[0], w->params[1]}};
    if (w->slopes) e.params[0] = (float)r->slopes[e.col];
    return e;
}

static real with_bias(const clact_sweep *w, const double *m, const double *bias, const element *e) {
    const real v = (real)m[e->i];
    return w->bias ? v + (real)bias[e->col] : v;
}

static real dropped(const clact_sweep *w, const replica *r, const element *e, real v) {
    if (!(w->dropout > 0.0f)) return v;
    const real keep = (real)(1.0 / (1.0 - (double)w->dropout));
    return clact_dropout_keeps(w->dropout, r->seed, r->offset, r->cols, e->row, e->col) ? v * keep
                                                                                        : 0;
}

static real scaled_by(const clact_sweep *w, real v) {
    return w->scale == 1.0f ? v : v * (real)w->scale;
}

static void forward(const clact_sweep *w, const replica *r) {
    const formula_build *f = formula_build_of(w->tier, w->dtype);
    const clact_activation act = w->activation;
    watch seen = new_watch(r);
    for (size_t i = 0; i < r->rows * r->cols; i++) {
        const element e = element_at(w, r, i);
        const real z = with_bias(w, r->x, r->bias, &e);
        real a = (real)f->forward(act, e.params, (double)z);
        if (w->saved == CLACT_SAVED_MASK || w->saved == CLACT_SAVED_TAIL)
            r->saved_out[i] = stored(w, (real)f->saved(act, e.params, w->saved, (double)z));
        if (w->gate != CLACT_GATE_OFF) a = a * with_bias(w, r->value, r->value_bias, &e);
        if (w->health) {
            watch_value(r, &seen, e.row, e.col, a,
                        (real)f->backward(act, e.params, CLACT_SAVED_X, (double)z, 1.0),
                        w->saturation);
            end_row(r, &seen, e.row, e.col, 1);
        }
        a = scaled_by(w, dropped(w, r, &e, a));
        if (w->residual) a = (real)r->residual[i] + a;
        r->y[i] = stored(w, a);
    }
    finish_watch(r, &seen, r->rows);
}

/* v beside what is there */
static double beside(const clact_sweep *w, clact_gradient which, double there, real v) {
    if (w->accumulate & (unsigned)which && w->beta != 0.0f) v = fma((real)w->beta, (real)there, v);
    return stored(w, v);
}

typedef struct totals {
    pair *bias, *value_bias, *slopes;
    watch seen;
} totals;

/* The gradient of the value; returns that of the gate's output. */
static real through_gate(const clact_sweep *w, const replica *r, totals *t, const element *e,
                         real z, real g) {
    const formula_build *f = formula_build_of(w->tier, w->dtype);
    const real v = with_bias(w, r->value, r->value_bias, e);
    const real dv = g * (real)f->forward(w->activation, e->params, (double)z);
    take_in(r, t->value_bias, e->row, e->col, dv);
    if (w->health) watch_value(r, &t->seen, e->row, e->col, dv, 1, 0);
    r->dvalue[e->i] = beside(w, CLACT_GRADIENT_X, r->dvalue[e->i], dv);
    return g * v;
}

static void backward_element(const clact_sweep *w, const replica *r, totals *t, size_t i) {
    const formula_build *f = formula_build_of(w->tier, w->dtype);
    const element e = element_at(w, r, i);
    const bool from_x = w->saved == CLACT_SAVED_X;
    real g = (real)r->dy[i];
    if (r->dresidual) r->dresidual[i] = beside(w, CLACT_GRADIENT_RESIDUAL, r->dresidual[i], g);
    g = dropped(w, r, &e, scaled_by(w, g));
    const double *none = r->dy;
    const double *s = r->saved ? r->saved : none;
    const real at = from_x ? with_bias(w, s, r->bias, &e) : (real)s[i];
    if (w->gate != CLACT_GATE_OFF) g = through_gate(w, r, t, &e, at, g);
    const real dz = (real)f->backward(w->activation, e.params, w->saved, (double)at, (double)g);
    if (w->slopes) take_in(r, t->slopes, e.row, e.col, at > 0 ? 0 : at * g);
    take_in(r, t->bias, e.row, e.col, dz);
    if (w->health) {
        watch_value(r, &t->seen, e.row, e.col, dz, 1, 0);
        end_row(r, &t->seen, e.row, e.col, w->gate != CLACT_GATE_OFF ? 2 : 1);
    }
    r->dx[i] = beside(w, CLACT_GRADIENT_X, r->dx[i], dz);
}

static void backward(const clact_sweep *w, const replica *r) {
    totals t = {new_sums(r), new_sums(r), new_sums(r), new_watch(r)};
    for (size_t i = 0; i < r->rows * r->cols; i++)
        backward_element(w, r, &t, i);
    finish_sums(w, r, CLACT_GRADIENT_BIAS, t.bias, r->dbias);
    finish_sums(w, r, CLACT_GRADIENT_BIAS, t.value_bias, r->dvalue_bias);
    finish_sums(w, r, CLACT_GRADIENT_SLOPES, t.slopes, r->dslopes);
    finish_watch(r, &t.seen, w->gate != CLACT_GATE_OFF ? 2 * r->rows : r->rows);
}

const replica_build REPLICA_BUILD = {forward, backward};
