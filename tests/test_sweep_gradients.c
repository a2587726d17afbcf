/* test_sweep_gradients.c: every gradient of a fused sweep, gates too, against central differences
 * of its forward pass in MPFR: no derivative is written down here.
 */
#include "sweep_case.h"
#include "verify/oracle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 7, COLS = 19 };

/* ---- the forward pass ---- */

/* The inputs of one element, one of which is to be shifted */
typedef struct inputs {
    double of[ROLES];
} inputs;

static void set_shifted(mpfr_ptr r, const inputs *in, case_role role, case_role moved,
                        mpfr_srcptr h) {
    mpfr_set_d(r, in->of[role], MPFR_RNDN);
    if (role == moved) mpfr_add(r, r, h, MPFR_RNDN);
}

/* r = y, with h added to one input; slopes have to stay floats */
static void forward_at(mpfr_ptr r, const sweep_case *c, const inputs *in, bool kept,
                       case_role moved, mpfr_srcptr h) {
    const clact_sweep *w = &c->sweep;
    float params[2] = {w->params[0], w->params[1]};
    mpfr_t z, t;
    mpfr_inits2(ORACLE_BITS, z, t, (mpfr_ptr)NULL);
    if (w->slopes) {
        set_shifted(t, in, ROLE_SLOPES, moved, h);
        params[0] = mpfr_get_flt(t, MPFR_RNDN);
    }
    set_shifted(z, in, ROLE_X, moved, h);
    set_shifted(t, in, ROLE_BIAS, moved, h);
    mpfr_add(z, z, t, MPFR_RNDN);
    oracle_forward(r, w->activation, params, z);
    if (w->gate != CLACT_GATE_OFF) {
        set_shifted(z, in, ROLE_VALUE, moved, h);
        set_shifted(t, in, ROLE_VALUE_BIAS, moved, h);
        mpfr_add(z, z, t, MPFR_RNDN);
        mpfr_mul(r, r, z, MPFR_RNDN);
    }
    mpfr_set_d(t, (double)w->dropout, MPFR_RNDN);
    mpfr_ui_sub(t, 1, t, MPFR_RNDN);
    mpfr_div(r, r, t, MPFR_RNDN);
    mpfr_mul_d(r, r, kept ? (double)w->scale : 0.0, MPFR_RNDN);
    set_shifted(t, in, ROLE_RESIDUAL, moved, h);
    mpfr_add(r, r, t, MPFR_RNDN);
    mpfr_clears(z, t, (mpfr_ptr)NULL);
}

/* (y(+h) - y(-h)) / 2h; h is 2^-100, or so large for slopes, in which y is linear, that they stay
 * floats */
static double difference(const sweep_case *c, const inputs *in, bool kept, case_role moved) {
    mpfr_t h, a, b;
    mpfr_inits2(ORACLE_BITS, h, a, b, (mpfr_ptr)NULL);
    mpfr_set_ui_2exp(h, 1, moved == ROLE_SLOPES ? -3 : -100, MPFR_RNDN);
    forward_at(a, c, in, kept, moved, h);
    mpfr_neg(h, h, MPFR_RNDN);
    forward_at(b, c, in, kept, moved, h);
    mpfr_sub(a, a, b, MPFR_RNDN);
    mpfr_div(a, a, h, MPFR_RNDN);
    const double d = -0.5 * mpfr_get_d(a, MPFR_RNDN);
    mpfr_clears(h, a, b, (mpfr_ptr)NULL);
    return d;
}

/* ---- gradients ---- */

static const case_role moved[] = {ROLE_X,          ROLE_VALUE,  ROLE_BIAS,
                                  ROLE_VALUE_BIAS, ROLE_SLOPES, ROLE_RESIDUAL};
static const case_role gradient_of[] = {ROLE_DX,          ROLE_DVALUE,  ROLE_DBIAS,
                                        ROLE_DVALUE_BIAS, ROLE_DSLOPES, ROLE_DRESIDUAL};
enum { MOVED = sizeof moved / sizeof *moved };

static bool is_single(case_role role) {
    return role == ROLE_BIAS || role == ROLE_VALUE_BIAS || role == ROLE_SLOPES;
}

static inputs inputs_of(const case_values *v, size_t i) {
    inputs in = {{0}};
    for (case_role role = ROLE_X; role <= ROLE_RESIDUAL; role++)
        if (v->of[role]) in.of[role] = v->of[role][is_single(role) ? i % COLS : i];
    return in;
}

/* One gradient of all elements: as the device has it, and what it is to be */
static void check_gradient(const sweep_case *c, const case_values *v, int which, double tolerance) {
    const size_t n = is_single(moved[which]) ? COLS : ROWS * COLS;
    double want[ROWS * COLS] = {0}, size[ROWS * COLS] = {0};
    if (!v->of[gradient_of[which]]) return;
    for (size_t i = 0; i < ROWS * COLS; i++) {
        const inputs in = inputs_of(v, i);
        const bool kept =
            clact_dropout_keeps(c->sweep.dropout, c->seed, ~c->seed, COLS, i / COLS, i % COLS);
        const double dy = v->of[ROLE_DY][i], d = difference(c, &in, kept, moved[which]);
        const double other = fabs(in.of[ROLE_VALUE] + in.of[ROLE_VALUE_BIAS]);
        const double z = fabs(in.of[ROLE_X] + in.of[ROLE_BIAS]);
        want[i % n] += dy * d;
        size[i % n] += fabs(dy) * (fabs(d) + (1.0 + other) * (1.0 + z));
    }
    for (size_t i = 0; i < n; i++) {
        const double got = v->of[gradient_of[which]][i];
        if (fabs(got - want[i]) <= tolerance * size[i]) continue;
        case_print(c);
        print_error("  %s, element %zu: %.17g, by differences %.17g\n",
                    case_role_names[gradient_of[which]], i, got, want[i]);
        fail();
    }
}

static void check_forward(const sweep_case *c, const case_values *v, double tolerance) {
    mpfr_t r, zero;
    mpfr_inits2(ORACLE_BITS, r, zero, (mpfr_ptr)NULL);
    mpfr_set_zero(zero, 1);
    for (size_t i = 0; i < ROWS * COLS; i++) {
        const inputs in = inputs_of(v, i);
        const bool kept =
            clact_dropout_keeps(c->sweep.dropout, c->seed, ~c->seed, COLS, i / COLS, i % COLS);
        forward_at(r, c, &in, kept, ROLES, zero);
        const double want = mpfr_get_d(r, MPFR_RNDN), y = v->of[ROLE_Y][i];
        const double other = 1.0 + fabs(in.of[ROLE_VALUE]) + fabs(in.of[ROLE_VALUE_BIAS]);
        const double z = 1.0 + fabs(in.of[ROLE_X]) + fabs(in.of[ROLE_BIAS]);
        assert_true(fabs(y - want) <= tolerance * (fabs(in.of[ROLE_RESIDUAL]) + 3.0 * z * other));
    }
    mpfr_clears(r, zero, (mpfr_ptr)NULL);
}

static const struct {
    clact_activation activation;
    clact_gate gate;
    clact_saved saved;
    clact_dtype dtype;
} cases[] = {{CLACT_ACT_GELU, CLACT_GATE_FIRST, CLACT_SAVED_X, CLACT_F32},
             {CLACT_ACT_SILU, CLACT_GATE_LAST, CLACT_SAVED_X, CLACT_F64},
             {CLACT_ACT_SIGMOID, CLACT_GATE_APART, CLACT_SAVED_X, CLACT_F32},
             {CLACT_ACT_TANH, CLACT_GATE_OFF, CLACT_SAVED_TAIL, CLACT_F64},
             {CLACT_ACT_PRELU, CLACT_GATE_OFF, CLACT_SAVED_X, CLACT_F32},
             {CLACT_ACT_PRELU, CLACT_GATE_APART, CLACT_SAVED_X, CLACT_F64},
             {CLACT_ACT_HARDSIGMOID, CLACT_GATE_OFF, CLACT_SAVED_MASK, CLACT_F32},
             {CLACT_ACT_RELU, CLACT_GATE_FIRST, CLACT_SAVED_X, CLACT_F32}};
enum { CASES = sizeof cases / sizeof *cases };

static sweep_case case_of(int i, bool fp64) {
    sweep_case c = {.l = {ROWS, COLS, 1, 1}, .seed = 41 + (uint64_t)i};
    clact_sweep *w = &c.sweep;
    clact_sweep_init(w, cases[i].activation);
    w->gate = cases[i].gate;
    w->saved = cases[i].saved;
    w->dtype = fp64 ? cases[i].dtype : CLACT_F32;
    w->slopes = cases[i].activation == CLACT_ACT_PRELU;
    w->bias = w->residual = true;
    w->dropout = i % 2 ? 0.25f : 0.0f;
    w->scale = -1.5f;
    return c;
}

static void gradients_are_those_of_the_forward_pass(void **state) {
    checker *k = *state;
    clact_sweep sweeps[CASES];
    for (int i = 0; i < CASES; i++)
        sweeps[i] = case_of(i, k->f.info.fp64).sweep;
    require_success(&k->f, clact_warm_up(k->f.clact, sweeps, CASES, true), "warm-up");
    for (int i = 0; i < CASES; i++) {
        const sweep_case c = case_of(i, k->f.info.fp64);
        const double tolerance = c.sweep.dtype == CLACT_F64 ? 0x1p-48 : 0x1p-19;
        case_values v = case_values_create(&c);
        for (size_t col = 0; v.of[ROLE_SLOPES] && col < COLS; col++) /* exact when shifted */
            v.of[ROLE_SLOPES][col] = nearbyint(0x1p10 * v.of[ROLE_SLOPES][col]) * 0x1p-10;
        case_run(&k->f, &c, &v);
        check_forward(&c, &v, tolerance);
        for (int which = 0; which < MOVED; which++)
            check_gradient(&c, &v, which, tolerance);
        case_values_free(&v);
    }
}

int main(int argc, char **argv) {
    checker c;
    if (!checker_open(&c, "test_sweep_gradients", take_extent(&argc, &argv), 0))
        return TEST_SKIPPED;
    const struct CMUnitTest tests[] = {{"gradients are those of the forward pass",
                                        gradients_are_those_of_the_forward_pass, NULL, NULL, &c}};
    const int failed = cmocka_run_group_tests_name("sweep gradients", tests, NULL, NULL);
    checker_close(&c);
    return failed;
}
