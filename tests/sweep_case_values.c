/* sweep_case_values.c: the values of a case: drawn, done in C, compared. */
#include "sweep_case.h"

#include "element.h"
#include "splitmix.h"
#include "sweep_replica.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const case_role_names[ROLES] = {
    "x",  "value", "bias",   "value_bias", "slopes",      "residual", "y",        "saved",
    "dy", "dx",    "dvalue", "dbias",      "dvalue_bias", "dslopes",  "dresidual"};

/* ---- what there is ---- */

static bool is_row(case_role role) {
    return role == ROLE_BIAS || role == ROLE_VALUE_BIAS || role == ROLE_SLOPES ||
           role == ROLE_DBIAS || role == ROLE_DVALUE_BIAS || role == ROLE_DSLOPES;
}

static bool has_role(const clact_sweep *w, case_role role) {
    const bool gate = w->gate != CLACT_GATE_OFF;
    const unsigned g = w->gradients;
    switch (role) {
    case ROLE_VALUE:
    case ROLE_DVALUE:
        return gate;
    case ROLE_BIAS:
        return w->bias;
    case ROLE_VALUE_BIAS:
        return w->bias && gate;
    case ROLE_SLOPES:
        return w->slopes;
    case ROLE_RESIDUAL:
        return w->residual;
    case ROLE_SAVED:
        return w->saved == CLACT_SAVED_MASK || w->saved == CLACT_SAVED_TAIL;
    case ROLE_DBIAS:
        return w->bias && (g & CLACT_GRADIENT_BIAS);
    case ROLE_DVALUE_BIAS:
        return w->bias && gate && (g & CLACT_GRADIENT_BIAS);
    case ROLE_DSLOPES:
        return w->slopes && (g & CLACT_GRADIENT_SLOPES);
    case ROLE_DRESIDUAL:
        return w->residual && (g & CLACT_GRADIENT_RESIDUAL);
    default:
        return true;
    }
}

static size_t count_of(const case_values *v, case_role role) {
    return (is_row(role) ? 1 : v->rows) * v->cols;
}

/* ---- drawing ---- */

static double normal(uint64_t *state) {
    const double u = splitmix_unit(state) + 0x1p-54, t = splitmix_unit(state);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * t);
}

static double special(clact_dtype dtype, uint64_t *state) {
    const element_format format = element_format_of(dtype);
    const double values[] = {0.0,
                             -0.0,
                             INFINITY,
                             -INFINITY,
                             NAN,
                             format.least_subnormal,
                             -format.least_normal,
                             format.greatest,
                             -format.greatest,
                             3.0,
                             -3.0,
                             1e-20,
                             1e20};
    return values[splitmix(state) % (sizeof values / sizeof *values)];
}

static double draw(const sweep_case *c, case_role role, uint64_t *state) {
    const clact_dtype dtype = c->sweep.dtype;
    uint64_t code = 0;
    double v = normal(state) * (splitmix(state) % 4 ? 1.0 : 4.0);
    if (c->specials && splitmix(state) % 64 == 0) v = special(dtype, state);
    if (role == ROLE_SLOPES) v = (double)(float)(0.25 * normal(state)); /* whatever the type */
    element_set(dtype, &code, 0, v);
    return element_value(dtype, &code, 0);
}

case_values case_values_create(const sweep_case *c) {
    case_values v = {.rows = c->l.rows, .cols = c->l.cols};
    uint64_t state = c->seed;
    for (case_role role = 0; role < ROLES; role++) {
        if (!has_role(&c->sweep, role)) continue;
        const size_t n = count_of(&v, role);
        v.of[role] = calloc(n + 1, sizeof(double));
        for (size_t i = 0; i < n; i++)
            v.of[role][i] = draw(c, role, &state);
    }
    for (int pass = 0; pass < 2 && c->sweep.health; pass++)
        v.health[pass] = calloc(v.cols + 1, sizeof(clact_health));
    return v;
}

case_values case_values_copy(const case_values *v) {
    case_values copy = *v;
    for (case_role role = 0; role < ROLES; role++) {
        const size_t bytes = (count_of(v, role) + 1) * sizeof(double);
        if (v->of[role]) copy.of[role] = memcpy(malloc(bytes), v->of[role], bytes);
    }
    for (int pass = 0; pass < 2; pass++)
        if (v->health[pass]) copy.health[pass] = calloc(v->cols + 1, sizeof(clact_health));
    return copy;
}

void case_values_free(case_values *v) {
    for (case_role role = 0; role < ROLES; role++)
        free(v->of[role]);
    free(v->health[0]);
    free(v->health[1]);
}

/* ---- in C ---- */

void case_replicate(const sweep_case *c, case_values *v) {
    double *const *of = v->of;
    const clact_sweep *w = &c->sweep;
    replica r = {.rows = v->rows,
                 .cols = v->cols,
                 .seed = c->seed,
                 .offset = ~c->seed,
                 .x = of[ROLE_X],
                 .value = of[ROLE_VALUE],
                 .bias = of[ROLE_BIAS],
                 .value_bias = of[ROLE_VALUE_BIAS],
                 .slopes = of[ROLE_SLOPES],
                 .residual = of[ROLE_RESIDUAL],
                 .dy = of[ROLE_DY],
                 .y = of[ROLE_Y],
                 .saved_out = of[ROLE_SAVED],
                 .dx = of[ROLE_DX],
                 .dvalue = of[ROLE_DVALUE],
                 .dresidual = of[ROLE_DRESIDUAL],
                 .dbias = of[ROLE_DBIAS],
                 .dvalue_bias = of[ROLE_DVALUE_BIAS],
                 .dslopes = of[ROLE_DSLOPES],
                 .health = v->health[0]};
    replica_forward(w, &r);
    r.health = v->health[1];
    r.saved = w->saved == CLACT_SAVED_X         ? r.x
              : w->saved == CLACT_SAVED_Y       ? r.y
              : w->saved == CLACT_SAVED_NOTHING ? NULL
                                                : r.saved_out;
    replica_backward(w, &r);
}

/* ---- comparison ---- */

void case_print(const sweep_case *c) {
    const clact_sweep *w = &c->sweep;
    static const char *const gates[] = {"off", "first", "last", "apart"};
    clact_activation_info info;
    clact_activation_query(w->activation, &info);
    print_error("%s %s %s: bias %d, slopes %d, gate %s, dropout %g, scale %g, residual %d, saved "
                "%s, health %d, gradients %x, accumulate %x, beta %g; %zu x %zu, offset %zu, pad "
                "%zu, place %d, specials %d, seed %#llx\n",
                info.name, clact_dtype_name(w->dtype), clact_tier_name(w->tier), w->bias, w->slopes,
                gates[w->gate], (double)w->dropout, (double)w->scale, w->residual,
                clact_saved_name(w->saved), w->health, w->gradients, w->accumulate, (double)w->beta,
                c->l.rows, c->l.cols, c->l.offset, c->l.pad, (int)c->place, c->specials,
                (unsigned long long)c->seed);
}

static bool same_health(const clact_health *a, const clact_health *b) {
    return memcmp(a, b, offsetof(clact_health, mean)) == 0 && same_bits(a->mean, b->mean) &&
           same_bits(a->variance, b->variance) && same_bits(a->max_abs, b->max_abs) &&
           same_bits(a->norm, b->norm);
}

static void print_health(const char *whose, const clact_health *h) {
    print_error("  %s: count %llu, zeros %llu, saturated %llu, nans %llu, infs %llu, mean %a, "
                "variance %a, max %a, norm %a\n",
                whose, (unsigned long long)h->count, (unsigned long long)h->zeros,
                (unsigned long long)h->saturated, (unsigned long long)h->nans,
                (unsigned long long)h->infs, (double)h->mean, (double)h->variance,
                (double)h->max_abs, (double)h->norm);
}

static void compare_health(const sweep_case *c, const char *program, const char *pass,
                           const clact_health *got, const clact_health *want, size_t cols) {
    for (size_t col = 0; got && col <= cols; col++) {
        if (same_health(&got[col], &want[col])) continue;
        case_print(c);
        print_error("  health %s of column %zu of %zu; repeat: %s\n", pass, col, cols, program);
        print_health("device", &got[col]);
        print_health("C", &want[col]);
        fail();
    }
}

void case_compare(const sweep_case *c, const char *program, const case_values *got,
                  const case_values *want) {
    for (case_role role = ROLE_Y; role < ROLES; role++) {
        if (!got->of[role] || (role == ROLE_SAVED && c->sweep.saved == CLACT_SAVED_MASK)) continue;
        for (size_t i = 0; i < count_of(got, role); i++) {
            if (element_same(CLACT_F64, got->of[role], i, want->of[role], i)) continue;
            case_print(c);
            print_error("  %s, row %zu, column %zu: device %a, C %a; repeat: %s\n",
                        case_role_names[role], i / got->cols, i % got->cols, got->of[role][i],
                        want->of[role][i], program);
            fail();
        }
    }
    compare_health(c, program, "forward", got->health[0], want->health[0], got->cols);
    compare_health(c, program, "backward", got->health[1], want->health[1], got->cols);
}

void case_check(fixture *f, const sweep_case *c, const char *program) {
    case_values want = case_values_create(c), got = case_values_copy(&want);
    case_replicate(c, &want);
    case_run(f, c, &got);
    case_compare(c, program, &got, &want);
    case_values_free(&want);
    case_values_free(&got);
}
