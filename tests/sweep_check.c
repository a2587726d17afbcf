/* sweep_check.c: passes on the device compared with the formulas compiled as C. */
#include "sweep_check.h"

#include "element.h"
#include "formulas_c.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum pass { PASS_FORWARD, PASS_BACKWARD_X, PASS_BACKWARD_Y } pass;
static const char *const pass_names[] = {"forward", "backward from x", "backward from y"};

/* ---- a checker ---- */

extent take_extent(int *argc, char ***argv) {
    static const char *const words[] = {[EXTENT_SOME] = "some", [EXTENT_SMALL] = "small"};
    for (extent e = EXTENT_SOME; e <= EXTENT_SMALL && *argc > 1; e++) {
        if (strcmp((*argv)[1], words[e]) != 0) continue;
        --*argc;
        ++*argv;
        return e;
    }
    return EXTENT_ALL;
}

bool checker_open(checker *c, const char *program, extent e, unsigned vector_width) {
    *c = (checker){.program = program, .extent = e};
    const bool open = fixture_open(&c->f, vector_width);
    c->f.exact = e == EXTENT_SMALL;
    if (open) c->arithmetic = device_probe(&c->f);
    if (c->arithmetic.flushes)
        puts("subnormals of float32 may be flushed on this device: such results are left out");
    if (c->arithmetic.loses_zero_sign)
        puts("fma(-1, 0, 0) is -0 on this device: the sign of a zero result is left out");
    return open;
}

void checker_close(checker *c) {
    if (c->arithmetic.flushes)
        printf("left out for their subnormals: %zu results, of which %zu differ from C\n",
               c->subnormal, c->subnormal_wrong);
    if (c->arithmetic.loses_zero_sign)
        printf("left out for their sign: %zu zeros\n", c->zero_wrong);
    fixture_close(&c->f);
}

/* ---- comparison ---- */

static double expected(const clact_sweep *w, pass p, double s, double dy) {
    if (w->dtype == CLACT_F64)
        return p == PASS_FORWARD
                   ? formula_forward_f64(w->activation, w->tier, w->params, s)
                   : formula_backward_f64(w->activation, w->tier, w->params, w->saved, s, dy);
    return (double)(p == PASS_FORWARD ? formula_forward(w->activation, w->tier, w->params, (float)s)
                                      : formula_backward(w->activation, w->tier, w->params,
                                                         w->saved, (float)s, (float)dy));
}

static bool is_below(double v, double limit) {
    return v != 0.0 && fabs(v) < limit;
}

/* Whether a device that flushes float32 subnormals may give another result: an operand is in their
 * range, or the result, or in the accurate tier its low part, 2^-24 of it and less. */
static bool may_be_flushed(const clact_sweep *w, pass p, double s, double dy, double result) {
    return is_below(s, 0x1p-126) || (p != PASS_FORWARD && is_below(dy, 0x1p-126)) ||
           is_below(result, w->tier == CLACT_TIER_ACCURATE ? 0x1p-100 : 0x1p-126);
}

static void explain(const checker *c, const clact_sweep *w, pass p, const layout *l, size_t i,
                    const void *s, const void *dy, const void *got, const void *want) {
    clact_activation_info info;
    clact_activation_query(w->activation, &info);
    const clact_dtype d = w->dtype;
    print_error("%s %s %s %s (%g, %g), width %u, %zu x %zu, offset %zu, pad %zu, element %zu: "
                "input %a, dy %a, device %a (code %llx), C %a (code %llx)\n"
                "  repeat: %s %s\n",
                info.name, clact_dtype_name(d), clact_tier_name(w->tier), pass_names[p],
                (double)w->params[0], (double)w->params[1], c->f.info.vector_width, l->rows,
                l->cols, l->offset, l->pad, i, element_value(d, s, i), element_value(d, dy, i),
                element_value(d, got, i), (unsigned long long)element_code(d, got, i),
                element_value(d, want, 0), (unsigned long long)element_code(d, want, 0), c->program,
                info.name);
}

static void compare(checker *c, const clact_sweep *w, pass p, const layout *l, const void *s,
                    const void *dy, const void *got) {
    const bool single = w->dtype != CLACT_F64;
    for (size_t i = 0; i < l->rows * l->cols; i++) {
        uint64_t want = 0;
        const double vs = element_value(w->dtype, s, i), vdy = element_value(w->dtype, dy, i);
        const double result = expected(w, p, vs, vdy);
        element_set(w->dtype, &want, 0, result);
        const bool same = element_same(w->dtype, got, i, &want, 0);
        if (single && c->arithmetic.flushes && may_be_flushed(w, p, vs, vdy, result)) {
            c->subnormal++;
            c->subnormal_wrong += !same;
            continue;
        }
        if (same) continue;
        if (single && c->arithmetic.loses_zero_sign && result == 0.0 &&
            element_value(w->dtype, got, i) == 0.0) {
            c->zero_wrong++;
            continue;
        }
        explain(c, w, p, l, i, s, dy, got, &want);
        fail();
    }
}

/* Inputs are as they were. */
static void unchanged(fixture *f, clact_dtype dtype, const guarded *g, const void *before,
                      void *after) {
    guarded_read(f, g, after);
    for (size_t i = 0; i < g->rows * g->cols; i++)
        assert_true(element_same(dtype, after, i, before, i));
}

typedef enum place { SEPARATE, OVER_LAST, OVER_FIRST } place; /* where a pass writes */

static void check_pass(checker *c, const clact_sweep *w, pass p, const layout *l, place where,
                       fill_function *fill) {
    fixture *f = &c->f;
    const size_t n = l->rows * l->cols, size = clact_dtype_size(w->dtype);
    const bool forward = p == PASS_FORWARD;
    void *s = malloc(n * size), *dy = malloc(n * size), *got = malloc(n * size);
    fill(w, l, s, dy);
    guarded a = guarded_create_of(f, size, l->rows, l->cols, l->offset, l->pad);
    guarded b = guarded_create_of(f, size, l->rows, l->cols, l->offset + 1, l->pad);
    guarded o = guarded_create_of(f, size, l->rows, l->cols, l->offset, l->pad + (l->pad > 0));
    const guarded *out = where == SEPARATE ? &o : forward || where == OVER_FIRST ? &a : &b;
    guarded_write(f, &a, s);
    guarded_write(f, &b, dy);
    if (forward)
        require_success(f,
                        clact_forward(f->clact, f->queue, w, l->rows, l->cols, a.matrix,
                                      out->matrix, 0, NULL, NULL),
                        "forward");
    else
        require_success(f,
                        clact_backward(f->clact, f->queue, w, l->rows, l->cols, a.matrix, b.matrix,
                                       out->matrix, 0, NULL, NULL),
                        "backward");
    guarded_read(f, out, got);
    compare(c, w, p, l, s, dy, got);
    if (out != &a) unchanged(f, w->dtype, &a, s, got);
    if (out != &b) unchanged(f, w->dtype, &b, dy, got);
    guarded_release(&a);
    guarded_release(&b);
    guarded_release(&o);
    free(s);
    free(dy);
    free(got);
}

void check_sweep(checker *c, clact_sweep *sweep, const layout *layouts, size_t count,
                 fill_function *fill) {
    static const place places[] = {SEPARATE, OVER_LAST, SEPARATE, OVER_FIRST};
    int passes = 0;
    for (pass p = PASS_FORWARD; p <= PASS_BACKWARD_Y; p++) {
        sweep->saved = p == PASS_BACKWARD_Y ? CLACT_SAVED_Y : CLACT_SAVED_X;
        if (clact_sweep_check(sweep, p != PASS_FORWARD) != CLACT_SUCCESS) continue;
        for (size_t i = 0; i < count; i++)
            check_pass(c, sweep, p, &layouts[i], places[i % 4], fill);
        passes++;
    }
    assert_true(passes >= 2); /* forward and one backward: the parameters were legal */
}

/* ---- rows of the table as tests ---- */

static void append(row_list *list, const row_case *r, CMUnitTestFunction run) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 64;
        list->cases = realloc(list->cases, list->capacity * sizeof *list->cases);
        list->tests = realloc(list->tests, list->capacity * sizeof *list->tests);
        if (!list->cases || !list->tests) abort();
    }
    list->cases[list->count] = *r;
    list->tests[list->count++] = (struct CMUnitTest){.test_func = run};
}

void list_rows(row_list *list, checker *c, clact_tier tier, clact_dtype dtype,
               CMUnitTestFunction run) {
    for (int i = 0; i < CLACT_ACT_COUNT; i++) {
        row_case r = {.c = c, .activation = (clact_activation)i, .tier = tier, .dtype = dtype};
        clact_activation_info info;
        clact_activation_query(r.activation, &info);
        if (list->only && strcmp(list->only, info.name) != 0) continue;
        snprintf(r.name, sizeof r.name, "%s %s %s", info.name, clact_dtype_name(dtype),
                 clact_tier_name(tier));
        append(list, &r, run);
    }
}

void list_test(row_list *list, checker *c, const char *name, CMUnitTestFunction run) {
    row_case r = {.c = c, .activation = CLACT_ACT_RELU};
    snprintf(r.name, sizeof r.name, "%s", name);
    append(list, &r, run);
}

clact_sweep case_sweep(const row_case *r) {
    clact_sweep sweep;
    clact_sweep_init(&sweep, r->activation);
    sweep.tier = r->tier;
    sweep.dtype = r->dtype;
    return sweep;
}

static void compile(const row_list *list) {
    clact_sweep *sweeps = calloc(2 * list->count, sizeof *sweeps);
    size_t n = 0;
    for (size_t i = 0; i < list->count; i++) {
        sweeps[n++] = case_sweep(&list->cases[i]);
        sweeps[n] = sweeps[n - 1];
        sweeps[n].saved = CLACT_SAVED_Y;
        if (clact_sweep_check(&sweeps[n], true) == CLACT_SUCCESS) n++;
    }
    fixture *f = &list->cases[0].c->f;
    require_success(f, clact_warm_up(f->clact, sweeps, n, true), "warm-up");
    printf("%s: %zu descriptors compiled in %.1f s\n", list->cases[0].c->program, n,
           clact_context_build_seconds(f->clact, NULL));
    free(sweeps);
}

int run_list(row_list *list, const char *group) {
    if (list->count == 0) {
        fprintf(stderr, "%s: there is no such activation\n", list->only ? list->only : "none");
        return 1;
    }
    for (size_t i = 0; i < list->count; i++) {
        list->tests[i].name = list->cases[i].name;
        list->tests[i].initial_state = &list->cases[i];
    }
    compile(list);
    const int failed = _cmocka_run_group_tests(group, list->tests, list->count, NULL, NULL);
    free(list->cases);
    free(list->tests);
    *list = (row_list){.only = list->only};
    return failed;
}
