/* test_specials_device.c: at the inputs of the table of special values the kernels on the device
 * give the bits of the formulas compiled as C: the same zeros, infinities and NaN. One build for
 * each tier compiles them all. `test_specials_device NAME` runs the tests of that name, in which *
 * stands for anything.
 */
#include "device_fixture.h"
#include "formulas_c.h"
#include "specials.h"

#include <stdio.h>

typedef struct special_case {
    fixture *f;
    clact_sweep sweep;
    special_direction direction;
    char name[64];
} special_case;

/* The inputs of a row and direction, COPIES times, so that whole vectors and a tail meet them. */
enum { COPIES = 5, MOST = 256 };

static size_t fill_inputs(const special_case *c, float values[MOST]) {
    size_t count = 0;
    for (int copy = 0; copy < COPIES; copy++)
        for (size_t i = 0; i < num_specials; i++) {
            const special *s = &specials[i];
            if (s->activation != c->sweep.activation || s->direction != c->direction) continue;
            assert_true(count < MOST);
            assert_true(special_read_input(s->input, &values[count]));
            count++;
        }
    return count;
}

static float expected(const special_case *c, float s) {
    const clact_sweep *w = &c->sweep;
    if (c->direction == SPECIAL_FORWARD)
        return formula_forward(w->activation, w->tier, w->params, s);
    return formula_backward(w->activation, w->tier, w->params, w->saved, s, 1.0f);
}

static void device_gives_the_bits_of_c(void **state) {
    const special_case *c = *state;
    fixture *f = c->f;
    float s[MOST], dy[MOST], got[MOST];
    const size_t n = fill_inputs(c, s);
    int failures = 0;
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++)
        dy[i] = 1.0f;
    guarded in = guarded_create(f, 1, n, 0, 0), out = guarded_create(f, 1, n, 0, 0);
    guarded grad = guarded_create(f, 1, n, 0, 0);
    guarded_write(f, &in, s);
    guarded_write(f, &grad, dy);
    if (c->direction == SPECIAL_FORWARD)
        require_success(f,
                        clact_forward(f->clact, f->queue, &c->sweep, 1, n, in.matrix, out.matrix, 0,
                                      NULL, NULL),
                        "forward");
    else
        require_success(f,
                        clact_backward(f->clact, f->queue, &c->sweep, 1, n, in.matrix, grad.matrix,
                                       out.matrix, 0, NULL, NULL),
                        "backward");
    guarded_read(f, &out, got);
    for (size_t i = 0; i < n; i++) {
        const float want = expected(c, s[i]);
        if (same_bits(got[i], want)) continue;
        print_error(
            "%s, element %zu: input %a got %a want %a\n  repeat: test_specials_device '%s'\n",
            c->name, i, (double)s[i], (double)got[i], (double)want, c->name);
        failures++;
    }
    guarded_release(&in);
    guarded_release(&out);
    guarded_release(&grad);
    assert_int_equal(failures, 0);
}

static void two_builds_compiled_everything(void **state) {
    const special_case *c = *state;
    unsigned builds = 0;
    clact_context_build_seconds(c->f->clact, &builds);
    assert_int_equal(builds, 2);
}

int main(int argc, char **argv) {
    enum { TIERS = 2, PLACES = CLACT_ACT_COUNT * SPECIAL_DIRECTIONS, MOST_CASES = TIERS * PLACES };
    static special_case cases[MOST_CASES];
    clact_sweep sweeps[MOST_CASES];
    struct CMUnitTest tests[MOST_CASES + 1];
    fixture f;
    size_t n = 0;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
    for (int place = 0; place < MOST_CASES; place++) {
        const clact_activation act = (clact_activation)(place % PLACES / SPECIAL_DIRECTIONS);
        const special_direction d = (special_direction)(place % SPECIAL_DIRECTIONS);
        special_case *c = &cases[n];
        clact_activation_info info;
        if (!special_applies(act, d)) continue;
        clact_activation_query(act, &info);
        c->f = &f;
        c->direction = d;
        clact_sweep_init(&c->sweep, act);
        c->sweep.tier = (clact_tier)(place / PLACES);
        c->sweep.saved = d == SPECIAL_BACKWARD_Y ? CLACT_SAVED_Y : CLACT_SAVED_X;
        snprintf(c->name, sizeof c->name, "%s %s %s", info.name, special_direction_names[d],
                 clact_tier_name(c->sweep.tier));
        sweeps[n] = c->sweep;
        tests[n++] = (struct CMUnitTest){c->name, device_gives_the_bits_of_c, NULL, NULL, c};
    }
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    if (clact_warm_up(f.clact, sweeps, n, true) != CLACT_SUCCESS) {
        char message[512];
        clact_context_message(f.clact, message, sizeof message);
        printf("warm-up: %s\n", message);
        return 1;
    }
    tests[n++] = (struct CMUnitTest){"two_builds_compiled_everything",
                                     two_builds_compiled_everything, NULL, NULL, &cases[0]};
    const int failed =
        _cmocka_run_group_tests("special values on the device", tests, n, NULL, NULL);
    fixture_close(&f);
    return failed;
}
