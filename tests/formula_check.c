/* formula_check.c: the inputs at which a formula meets the oracle, and the comparison. */
#include "formula_check.h"
#include "core/table.h"
#include "formulas_c.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define REPORTS 3 /* failures printed in full per check */

const char *const direction_names[DIRECTIONS] = {"forward", "backward", "backward_y"};

/* ---- Places that need a closer look ---------------------------------------------------------- */

/* Zeros of f or f' that are not floats, for the default parameters; x a = place for others. */
static const struct {
    clact_activation act;
    double at;
} places[] = {
    {CLACT_ACT_SILU, -1.2784645427610738},
    {CLACT_ACT_SWISH, -1.2784645427610738},
    {CLACT_ACT_QUICK_GELU, -0.75115425544129},
    {CLACT_ACT_GELU, -0.7517915246935645},
    {CLACT_ACT_GELU_TANH, -0.7524614220710163},
    {CLACT_ACT_MISH, -1.1924312145154952},
    {CLACT_ACT_LOG, 1.0},
    {CLACT_ACT_SINE, 1.5707963267948966},
    {CLACT_ACT_SINE, 3.1415926535897932},
    {CLACT_ACT_SINE, -4.7123889803846899},
    {CLACT_ACT_SINE, 6.2831853071795865},
    {CLACT_ACT_SNAKE, -0.78539816339744831},
    {CLACT_ACT_SNAKE, 2.3561944901923449},
    {CLACT_ACT_SNAKE, -3.9269908169872415},
};

/* The floats nearest to multiples of pi / 2, relative to the spacing of floats there, found by
 * trying all of them; half of one is as near to a zero of snake'. */
static const float near_quarter_turns[] = {0x1.f37c8ap+95f, 0x1.47d0fep+34f, 0x1.f37c8ap+96f,
                                           0x1.47d0fep+35f, 0x1.f9cbe2p+7f,  0x1.32ede2p+85f,
                                           0x1.628d4cp+40f, 0x1.13093p+76f,  0x1.b08c4ap+111f};

/* Whether f follows the sign of x through zero, so that the sign of a zero result counts. */
static bool follows_sign(const struct check *c) {
    const float a = c->params[0];
    switch (c->info.activation) {
    case CLACT_ACT_LEAKY_RELU:
    case CLACT_ACT_PRELU:
    case CLACT_ACT_ELU:
        return a > 0;
    case CLACT_ACT_HARDTANH:
        return a < 0 && c->params[1] > 0;
    case CLACT_ACT_IDENTITY:
    case CLACT_ACT_SELU:
    case CLACT_ACT_CELU:
    case CLACT_ACT_TANH:
    case CLACT_ACT_TANHSHRINK:
    case CLACT_ACT_SOFTSIGN:
    case CLACT_ACT_SILU:
    case CLACT_ACT_SWISH:
    case CLACT_ACT_QUICK_GELU:
    case CLACT_ACT_HARDSWISH:
    case CLACT_ACT_GELU:
    case CLACT_ACT_GELU_TANH:
    case CLACT_ACT_MISH:
    case CLACT_ACT_SQRT:
    case CLACT_ACT_SINE:
    case CLACT_ACT_SNAKE:
        return true;
    default:
        return false;
    }
}

/* ---- One comparison -------------------------------------------------------------------------- */

static float evaluate(const struct check *c, float input, float dy) {
    const clact_activation act = c->info.activation;
    if (c->direction == FORWARD) return formula_forward(act, c->params, input);
    const clact_saved saved = c->direction == BACKWARD ? CLACT_SAVED_X : CLACT_SAVED_Y;
    return formula_backward(act, c->params, saved, input, dy);
}

/* Fills c->want; false where nothing is promised. */
static bool expect(struct check *c, float input, float dy) {
    const clact_activation act = c->info.activation;
    const clact_saved saved = c->direction == BACKWARD ? CLACT_SAVED_X : CLACT_SAVED_Y;
    if (c->direction == FORWARD)
        oracle_expect_forward(c->want, act, c->params, input);
    else
        return oracle_expect_backward(c->want, act, c->params, saved, input, dy);
    return true;
}

static bool sign_is_wrong(const struct check *c, float input, float got) {
    if (c->direction != FORWARD || got != 0) return false;
    if (isinf(input)) return mpfr_zero_p(c->want) && mpfr_signbit(c->want) && !signbit(got);
    if (input != 0 && mpfr_zero_p(c->want)) return false;
    return follows_sign(c) && !signbit(got) != !signbit(input);
}

static void report(const struct check *c, float input, float dy, float got, double ulps) {
    const char *direction = direction_names[c->direction];
    printf("%s %s a=%a b=%a dy=%a: input %a got %a want %a, %.4g ulps (allowed %g)\n"
           "  repeat: test_formulas %s %s %a %a %a %a\n",
           c->info.name, direction, (double)c->params[0], (double)c->params[1], (double)dy,
           (double)input, (double)got, mpfr_get_d(c->want, MPFR_RNDN), ulps, c->allowed,
           c->info.name, direction, (double)input, (double)c->params[0], (double)c->params[1],
           (double)dy);
}

static uint64_t next_random(struct check *c) {
    uint64_t z = c->random += CHECK_SEED;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* In [0, 1). */
static double random_unit(struct check *c) {
    return (double)(next_random(c) >> 11) * 0x1p-53;
}

static float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void check_compare(struct check *c, float input) {
    float dy = c->dy;
    if (c->random_dy) {
        const uint64_t r = next_random(c); /* |dy| from 2^-90 to 2^91 */
        const uint32_t exponent = 37 + (uint32_t)(r >> 32) % 181;
        dy = float_of_bits(((uint32_t)r & 0x807fffffu) | exponent << 23);
    }
    if (!expect(c, input, dy)) return;
    const float got = evaluate(c, input, dy);
    const double ulps = oracle_ulps(got, c->want);
    if (c->tally->samples++ == 0 || ulps > c->tally->ulps) {
        c->tally->ulps = ulps;
        c->tally->input = input;
        c->tally->dy = dy;
        memcpy(c->tally->params, c->params, sizeof c->params);
    }
    const bool wrong_sign = sign_is_wrong(c, input, got);
    const bool failed = !(ulps <= c->allowed) || wrong_sign;
    if (c->verbose || (failed && c->failures < REPORTS)) {
        report(c, input, dy, got, ulps);
        if (wrong_sign) printf("  the sign of the zero is wrong\n");
    }
    c->failures += failed;
}

/* ---- Inputs ---------------------------------------------------------------------------------- */

/* The floats beside place, then ever farther ones. */
static void look_around(struct check *c, double place, int steps) {
    if (!isfinite(place)) return;
    float up = (float)place, down = up;
    check_compare(c, up);
    for (int i = 0; i < steps; i++) {
        check_compare(c, up = nextafterf(up, INFINITY));
        check_compare(c, down = nextafterf(down, -INFINITY));
    }
    for (int k = 1; k < 24; k++) {
        const double distance = ldexp(place != 0 ? place : 1, -k);
        check_compare(c, (float)(place + distance));
        check_compare(c, (float)(place - distance));
    }
}

static void visit_specials(struct check *c) {
    static const float values[] = {0.0f, 0x1p-149f, 0x1.fffffcp-127f, 0x1p-126f, 1.0f,    2.0f,
                                   0.5f, FLT_MAX,   INFINITY,         0x1p64f,   0x1p63f, NAN};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        check_compare(c, values[i]);
        check_compare(c, -values[i]);
    }
    const clact_activation act = c->info.activation;
    float kinks[CLACT_MAX_KINKS];
    double limits[4];
    const size_t count = clact_activation_kinks(act, c->params, kinks);
    for (size_t i = 0; i < count; i++)
        look_around(c, (double)kinks[i], 16);
    oracle_limits(act, c->params, limits);
    for (size_t i = 0; i < 2 && c->direction == BACKWARD_Y; i++)
        look_around(c, limits[i], 64);
}

static void visit_places(struct check *c) {
    const clact_activation act = c->info.activation;
    const double scale = c->info.num_params > 0 ? (double)c->params[0] : 1;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i].act == act && scale != 0) {
            look_around(c, places[i].at / scale, 64);
            for (int k = 0; k < 600; k++) { /* from a distance of 1 to one of 2^-20 */
                const double side = k % 2 ? 1 : -1, length = ldexp(random_unit(c), -k / 30);
                check_compare(c, (float)((places[i].at + side * length) / scale));
            }
        }
    if (act != CLACT_ACT_SINE && act != CLACT_ACT_SNAKE) return;
    for (size_t i = 0; i < sizeof near_quarter_turns / sizeof *near_quarter_turns; i++) {
        const float hard = near_quarter_turns[i];
        check_compare(c, act == CLACT_ACT_SINE ? hard : hard / 2);
        check_compare(c, act == CLACT_ACT_SINE ? -hard : -hard / 2);
    }
}

/* Every binade of both signs, its ends and mantissas - 2 others; subnormals of every length. */
static void visit_binades(struct check *c, unsigned mantissas) {
    for (uint32_t exponent = 0; exponent < 255; exponent++)
        for (unsigned i = 0; i < mantissas; i++) {
            uint32_t low = i == 0 ? 0 : i == 1 ? 0x7fffff : (uint32_t)next_random(c) & 0x7fffff;
            check_compare(c, float_of_bits(exponent << 23 | low));
            check_compare(c, float_of_bits(0x80000000u | exponent << 23 | low));
        }
    for (unsigned bits = 1; bits < 24; bits++) {
        const uint32_t low = (uint32_t)next_random(c) & ((1u << bits) - 1);
        check_compare(c, float_of_bits(low));
        check_compare(c, float_of_bits(0x80000000u | low));
    }
}

/* [-20, 20] and a quarter as densely [-160, 160] evenly, also shrunk and stretched by the first
 * parameter; every other y is a value of the formula itself. */
static void visit_middle(struct check *c, unsigned count) {
    const double a = c->info.num_params > 0 ? fabs((double)c->params[0]) : 1;
    const double scales[3] = {1, a != 0 ? 1 / a : 1, a};
    for (unsigned i = 0; i < count; i++) {
        const double width = i % 5 == 4 ? 320 : 40;
        const double x = width * ((i + random_unit(c)) / count - 0.5);
        const float input = (float)(x * scales[a == 1 ? 0 : i / 2 % 3]);
        const bool image = c->direction == BACKWARD_Y && i % 2;
        check_compare(c, image ? formula_forward(c->info.activation, c->params, input) : input);
    }
}

/* ---- A check --------------------------------------------------------------------------------- */

void check_init(struct check *c, clact_activation act, enum direction direction,
                struct tally *tally) {
    memset(c, 0, sizeof *c);
    clact_activation_query(act, &c->info);
    for (int i = 0; i < c->info.num_params; i++)
        c->params[i] = c->info.params[i].value;
    c->direction = direction;
    c->dy = 1;
    c->allowed = direction == FORWARD ? c->info.forward_ulps : c->info.backward_ulps;
    c->random = CHECK_SEED;
    c->tally = tally;
    mpfr_init2(c->want, ORACLE_BITS);
}

bool check_is_legal(const struct check *c) {
    const clact_activation act = c->info.activation;
    return table_params_agree(act, c->params) &&
           (c->direction != BACKWARD_Y || table_y_is_legal(act, c->params));
}

void check_sweep(struct check *c, unsigned mantissas, unsigned middle) {
    c->random = CHECK_SEED;
    visit_specials(c);
    visit_places(c);
    visit_binades(c, mantissas);
    visit_middle(c, middle);
}

long check_finish(struct check *c) {
    if (c->failures > REPORTS)
        printf("  and %ld more; %s %s is worst at %a: %.4g ulps\n", c->failures - REPORTS,
               c->info.name, direction_names[c->direction], (double)c->tally->input,
               c->tally->ulps);
    mpfr_clear(c->want);
    return c->failures;
}
