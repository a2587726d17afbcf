/* sweep_case.c: both passes of a case on the device. */
#include "sweep_case.h"

#include "element.h"

#include <stdlib.h>
#include <string.h>

/* The matrices of a call: halves of a packed gate stand in one. */
typedef struct call {
    fixture *f;
    const sweep_case *c;
    case_values *v;
    bool packed;
    guarded g[ROLES];
    guarded health, workspace;
} call;

static bool is_packed(const clact_sweep *w) {
    return w->gate == CLACT_GATE_FIRST || w->gate == CLACT_GATE_LAST;
}

/* The half that stands beside a role in a packed matrix, or ROLES */
static case_role partner(case_role role) {
    switch (role) {
    case ROLE_X:
        return ROLE_VALUE;
    case ROLE_BIAS:
        return ROLE_VALUE_BIAS;
    case ROLE_DX:
        return ROLE_DVALUE;
    case ROLE_DBIAS:
        return ROLE_DVALUE_BIAS;
    default:
        return ROLES;
    }
}

static bool is_second_half(case_role role) {
    return role == ROLE_VALUE || role == ROLE_VALUE_BIAS || role == ROLE_DVALUE ||
           role == ROLE_DVALUE_BIAS;
}

static bool is_single_row(case_role role) {
    return role == ROLE_BIAS || role == ROLE_VALUE_BIAS || role == ROLE_SLOPES ||
           role == ROLE_DBIAS || role == ROLE_DVALUE_BIAS || role == ROLE_DSLOPES;
}

static bool is_mask(const call *k, case_role role) {
    return role == ROLE_SAVED && k->c->sweep.saved == CLACT_SAVED_MASK;
}

/* ---- matrices ---- */

/* Rows of both halves, or of the one there is, as elements */
static size_t gather(const call *k, case_role role, bool into_values, unsigned char *elements) {
    const case_role other = k->packed ? partner(role) : ROLES;
    const bool two = other != ROLES && k->v->of[other];
    const size_t cols = k->v->cols, width = two ? 2 * cols : cols;
    const size_t rows = is_single_row(role) ? 1 : k->v->rows;
    const clact_dtype d = k->c->sweep.dtype;
    for (size_t row = 0; elements && row < rows; row++) {
        for (size_t col = 0; col < width; col++) {
            const bool first = col < cols,
                       gate = first != (two && k->c->sweep.gate == CLACT_GATE_LAST);
            double *v = &k->v->of[gate ? role : other][row * cols + (first ? col : col - cols)];
            if (into_values)
                *v = element_value(d, elements, row * width + col);
            else
                element_set(d, elements, row * width + col, *v);
        }
    }
    return width;
}

static void make(call *k, case_role role, bool filled) {
    const layout *l = &k->c->l;
    if (!k->v->of[role] || (k->packed && is_second_half(role))) return;
    const size_t rows = is_single_row(role) ? 1 : l->rows;
    const size_t width =
        is_mask(k, role) ? 4 * ((l->cols + 127) / 128) : gather(k, role, false, NULL);
    const size_t size = is_mask(k, role) ? 4 : clact_dtype_size(k->c->sweep.dtype);
    const bool gap = role == ROLE_DY && k->c->seed % 2; /* backward is no single row, forward is */
    const size_t pad = l->pad ? l->pad + role % 3 : gap;
    k->g[role] = guarded_create_of(k->f, size, rows, width, l->offset + role % 2, pad);
    if (!filled) return;
    void *elements = malloc(rows * width * size);
    gather(k, role, false, elements);
    guarded_write(k->f, &k->g[role], elements);
    free(elements);
}

/* Reads an output into the values. */
static void take(call *k, case_role role) {
    guarded *g = &k->g[role];
    if (!g->buffer) return;
    void *elements = malloc(g->rows * g->cols * g->size);
    guarded_read(k->f, g, elements);
    if (!is_mask(k, role)) gather(k, role, true, elements);
    free(elements);
}

/* Inputs that nothing was to be written to are as they were. */
static void still(call *k, case_role role) {
    guarded *g = &k->g[role];
    if (!g->buffer || is_mask(k, role)) return;
    const size_t n = g->rows * g->cols;
    void *before = malloc(n * g->size), *after = malloc(n * g->size);
    gather(k, role, false, before);
    guarded_read(k->f, g, after);
    for (size_t i = 0; i < n; i++)
        if (!element_same(k->c->sweep.dtype, before, i, after, i)) {
            case_print(k->c);
            print_error("  %s was written to\n", case_role_names[role]);
            fail();
        }
    free(before);
    free(after);
}

static void make_scratch(call *k, bool backward) {
    size_t bytes = 0;
    const layout *l = &k->c->l;
    require_success(k->f, clact_sweep_workspace(&k->c->sweep, backward, l->rows, l->cols, &bytes),
                    "workspace");
    k->workspace = k->health = (guarded){0};
    if (bytes > 0) k->workspace = guarded_create_of(k->f, 4, 1, bytes / 4, 0, 0);
    if (k->c->sweep.health)
        k->health = guarded_create_of(k->f, 8, l->cols + 1, sizeof(clact_health) / 8,
                                      3 * sizeof(clact_health) / 8, 0);
}

static void take_scratch(call *k, int pass) {
    if (k->health.buffer) guarded_read(k->f, &k->health, k->v->health[pass]);
    if (k->health.buffer) guarded_release(&k->health);
    if (!k->workspace.buffer) return;
    void *any = malloc(k->workspace.cols * 4);
    guarded_read(k->f, &k->workspace, any);
    free(any);
    guarded_release(&k->workspace);
}

static void release(call *k, case_role role) {
    if (k->g[role].buffer) guarded_release(&k->g[role]);
    k->g[role] = (guarded){0};
}

static clact_matrix of(const call *k, case_role role) {
    return k->g[role].matrix;
}

/* One half of a packed matrix */
static clact_matrix half_of(const call *k, case_role role, bool second) {
    clact_matrix m = k->g[role].matrix;
    if (second) m.offset += k->c->l.cols;
    return m;
}

/* ---- passes ---- */

/* What y may replace, as the case says; ROLE_Y for a matrix of its own */
static case_role under_y(const call *k) {
    const clact_sweep *w = &k->c->sweep;
    if (k->c->place == CASE_SEPARATE) return ROLE_Y;
    if (k->c->place == CASE_OVER_FIRST) return ROLE_X;
    return w->residual ? ROLE_RESIDUAL : w->gate == CLACT_GATE_APART ? ROLE_VALUE : ROLE_X;
}

/* y from one half of what x is packed in; the other is as it was */
static void take_half(call *k, bool second) {
    guarded *g = &k->g[ROLE_X];
    const size_t rows = g->rows, cols = k->c->l.cols;
    const clact_dtype d = k->c->sweep.dtype;
    void *after = malloc(rows * g->cols * g->size), *before = malloc(rows * g->cols * g->size);
    gather(k, ROLE_X, false, before);
    guarded_read(k->f, g, after);
    for (size_t i = 0; i < rows * g->cols; i++) {
        const size_t col = i % g->cols;
        if ((col >= cols) == second)
            k->v->of[ROLE_Y][i / g->cols * cols + col % cols] = element_value(d, after, i);
        else
            assert_true(element_same(d, after, i, before, i));
    }
    free(before);
    free(after);
}

static void forward(call *k) {
    const case_role at = under_y(k);
    const bool half = k->packed && at == ROLE_X;
    const bool second = k->c->place == CASE_OVER_LAST;
    for (case_role role = ROLE_X; role <= ROLE_RESIDUAL; role++)
        make(k, role, true);
    if (at == ROLE_Y) make(k, ROLE_Y, false);
    make(k, ROLE_SAVED, false);
    make_scratch(k, false);
    const clact_forward_tensors t = {.rows = k->v->rows,
                                     .cols = k->v->cols,
                                     .x = of(k, ROLE_X),
                                     .value = of(k, ROLE_VALUE),
                                     .bias = of(k, ROLE_BIAS),
                                     .value_bias = of(k, ROLE_VALUE_BIAS),
                                     .slopes = of(k, ROLE_SLOPES),
                                     .residual = of(k, ROLE_RESIDUAL),
                                     .seed = k->c->seed,
                                     .offset = ~k->c->seed,
                                     .y = half_of(k, at, half && second),
                                     .saved = of(k, ROLE_SAVED),
                                     .health = k->health.buffer,
                                     .health_offset = 3,
                                     .workspace = k->workspace.buffer};
    require_success(k->f,
                    clact_sweep_forward(k->f->clact, k->f->queue, &k->c->sweep, &t, 0, NULL, NULL),
                    "forward");
    if (half) {
        take_half(k, second);
    } else {
        k->g[ROLE_Y] = k->g[at];
        if (at != ROLE_Y) k->g[at] = (guarded){0};
        take(k, ROLE_Y);
    }
    take(k, ROLE_SAVED);
    for (case_role role = ROLE_X; role <= ROLE_RESIDUAL; role++) {
        if (!(half && role == ROLE_X)) still(k, role);
        release(k, role);
    }
    release(k, ROLE_Y);
    take_scratch(k, 0);
}

/* The role whose matrix holds the saved tensor; ROLES for none */
static case_role saved_role(const clact_sweep *w) {
    return w->saved == CLACT_SAVED_X         ? ROLE_X
           : w->saved == CLACT_SAVED_Y       ? ROLE_Y
           : w->saved == CLACT_SAVED_NOTHING ? ROLES
                                             : ROLE_SAVED;
}

static bool adds(const clact_sweep *w, clact_gradient which) {
    return w->accumulate & (unsigned)which;
}

/* What dx may replace */
static case_role under_dx(const call *k) {
    const clact_sweep *w = &k->c->sweep;
    const case_role saved = saved_role(w);
    if (k->c->place == CASE_SEPARATE || adds(w, CLACT_GRADIENT_X)) return ROLE_DX;
    if (saved == ROLES || is_mask(k, saved)) return k->packed ? ROLE_DX : ROLE_DY;
    return k->packed || k->c->place == CASE_OVER_FIRST ? saved : ROLE_DY;
}

static void make_backward(call *k) {
    const clact_sweep *w = &k->c->sweep;
    const case_role saved = saved_role(w);
    if (saved != ROLES && saved != ROLE_SAVED) make(k, saved, true);
    if (saved == ROLE_X) make(k, ROLE_VALUE, true);
    if (saved == ROLE_X) make(k, ROLE_BIAS, true);
    if (saved == ROLE_X) make(k, ROLE_VALUE_BIAS, true);
    make(k, ROLE_SLOPES, true);
    make(k, ROLE_DY, true);
    if (under_dx(k) == ROLE_DX) make(k, ROLE_DX, adds(w, CLACT_GRADIENT_X));
    if (under_dx(k) == ROLE_DX) make(k, ROLE_DVALUE, adds(w, CLACT_GRADIENT_X));
    make(k, ROLE_DBIAS, adds(w, CLACT_GRADIENT_BIAS));
    make(k, ROLE_DVALUE_BIAS, adds(w, CLACT_GRADIENT_BIAS));
    make(k, ROLE_DSLOPES, adds(w, CLACT_GRADIENT_SLOPES));
    make(k, ROLE_DRESIDUAL, adds(w, CLACT_GRADIENT_RESIDUAL));
    make_scratch(k, true);
}

/* Gives a matrix that was written over the name of what was written. */
static void rename_role(call *k, case_role from, case_role to) {
    if (from == to) return;
    k->g[to] = k->g[from];
    k->g[from] = (guarded){0};
}

static void finish_backward(call *k, case_role dx_at, case_role dvalue_at) {
    rename_role(k, dx_at, ROLE_DX);
    rename_role(k, dvalue_at, ROLE_DVALUE);
    for (case_role role = 0; role < ROLES; role++) {
        if (role >= ROLE_DX)
            take(k, role);
        else
            still(k, role);
        release(k, role);
    }
    take_scratch(k, 1);
}

static void backward(call *k) {
    const case_role saved = saved_role(&k->c->sweep), dx_at = under_dx(k);
    const bool apart = k->c->sweep.gate == CLACT_GATE_APART;
    make_backward(k);
    const case_role dvalue_at = apart && dx_at != ROLE_DX ? ROLE_VALUE : ROLE_DVALUE;
    const clact_backward_tensors t = {.rows = k->v->rows,
                                      .cols = k->v->cols,
                                      .saved = saved == ROLES ? (clact_matrix){0} : of(k, saved),
                                      .value = of(k, ROLE_VALUE),
                                      .bias = of(k, ROLE_BIAS),
                                      .value_bias = of(k, ROLE_VALUE_BIAS),
                                      .slopes = of(k, ROLE_SLOPES),
                                      .seed = k->c->seed,
                                      .offset = ~k->c->seed,
                                      .dy = of(k, ROLE_DY),
                                      .dx = of(k, dx_at),
                                      .dvalue = of(k, dvalue_at),
                                      .dbias = of(k, ROLE_DBIAS),
                                      .dvalue_bias = of(k, ROLE_DVALUE_BIAS),
                                      .dslopes = of(k, ROLE_DSLOPES),
                                      .dresidual = of(k, ROLE_DRESIDUAL),
                                      .health = k->health.buffer,
                                      .health_offset = 3,
                                      .workspace = k->workspace.buffer};
    require_success(k->f,
                    clact_sweep_backward(k->f->clact, k->f->queue, &k->c->sweep, &t, 0, NULL, NULL),
                    "backward");
    finish_backward(k, dx_at, dvalue_at);
}

void case_run(fixture *f, const sweep_case *c, case_values *v) {
    call k = {.f = f, .c = c, .v = v, .packed = is_packed(&c->sweep)};
    forward(&k);
    backward(&k);
}
