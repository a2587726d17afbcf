/* specials.c: the lines of specials.def and their notation. */
#include "specials.h"
#include "formulas_c.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const special_direction_names[SPECIAL_DIRECTIONS] = {"forward", "backward",
                                                                 "backward_y"};

/* A name or direction that does not exist does not compile. */
enum {
#define ACTIVATION(ID, name, ...) row_##name = CLACT_ACT_##ID,
#include "clact/activations.def"
    direction_forward = SPECIAL_FORWARD,
    direction_backward = SPECIAL_BACKWARD,
    direction_backward_y = SPECIAL_BACKWARD_Y
};

const special specials[] = {
#define SPECIAL(name, direction, input, expected)                                                  \
    {(clact_activation)row_##name, (special_direction)direction_##direction, #input, #expected},
#include "specials.def"
};
const size_t num_specials = sizeof specials / sizeof *specials;

/* ---- Which inputs ---------------------------------------------------------------------------- */

bool special_applies(clact_activation act, special_direction direction) {
    clact_sweep sweep;
    clact_sweep_init(&sweep, act);
    sweep.saved = direction == SPECIAL_BACKWARD_Y ? CLACT_SAVED_Y : CLACT_SAVED_X;
    return clact_sweep_check(&sweep, direction != SPECIAL_FORWARD) == CLACT_SUCCESS;
}

static size_t add_input(float *inputs, size_t count, float value) {
    for (size_t i = 0; i < count; i++)
        if (memcmp(&inputs[i], &value, sizeof value) == 0) return count;
    inputs[count] = value;
    return count + 1;
}

size_t special_inputs(clact_activation act, special_direction direction, float *inputs) {
    const float always[] = {0.0f,     -0.0f,    0x1p-149f, -0x1p-149f, FLT_MAX,
                            -FLT_MAX, INFINITY, -INFINITY, NAN};
    size_t count = 0;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        count = add_input(inputs, count, always[i]);
    float kinks[CLACT_MAX_KINKS];
    const size_t num_kinks = clact_activation_kinks(act, NULL, kinks);
    for (size_t i = 0; i < num_kinks; i++) {
        count = add_input(inputs, count, kinks[i]);
        count = add_input(inputs, count, nextafterf(kinks[i], -INFINITY));
        count = add_input(inputs, count, nextafterf(kinks[i], INFINITY));
    }
    if (direction != SPECIAL_BACKWARD_Y) return count;
    clact_sweep defaults;
    clact_sweep_init(&defaults, act);
    for (int i = 0; i < 2; i++) {
        const float end = formula_forward(act, CLACT_TIER_ACCURATE, defaults.params,
                                          i == 0 ? -INFINITY : INFINITY);
        if (isfinite(end)) count = add_input(inputs, count, end);
    }
    return count;
}

/* ---- Notation -------------------------------------------------------------------------------- */

/* Reads a number, tiny, max, inf or nan, with or without a sign, that ends right before `end`. */
static bool read_number(const char *text, const char *end, float *value) {
    const bool has_sign = *text == '+' || *text == '-';
    const char *name = text + has_sign;
    const size_t length = (size_t)(end - name);
    const float sign = *text == '-' ? -1.0f : 1.0f;
    char *stop;
    if (length == 4 && memcmp(name, "tiny", 4) == 0) {
        *value = sign * 0x1p-149f;
        return true;
    }
    if (length == 3 && memcmp(name, "max", 3) == 0) {
        *value = sign * FLT_MAX;
        return true;
    }
    *value = strtof(text, &stop);
    return length > 0 && stop == end;
}

bool special_read_input(const char *input, float *value) {
    const bool below = strncmp(input, "below(", 6) == 0, above = strncmp(input, "above(", 6) == 0;
    const char *end = strchr(input, '\0');
    if (!below && !above) return read_number(input, end, value);
    if (end[-1] != ')' || !read_number(input + 6, end - 1, value)) return false;
    *value = nextafterf(*value, below ? -INFINITY : INFINITY);
    return true;
}

static const char *end_of_choice(const char *choice) {
    const char *bar = strchr(choice, '|');
    return bar ? bar : strchr(choice, '\0');
}

/* A zero must say its sign, and so must an infinity, lest one be left out by mistake. */
static bool read_choice(const char *choice, float *value) {
    const bool has_sign = *choice == '+' || *choice == '-';
    return read_number(choice, end_of_choice(choice), value) &&
           (has_sign || !(*value == 0 || isinf(*value)));
}

bool special_is_expectation(const char *expected) {
    float value;
    if (strcmp(expected, "any") == 0 || strcmp(expected, "0") == 0) return true;
    for (const char *choice = expected;; choice = end_of_choice(choice) + 1) {
        if (!read_choice(choice, &value)) return false;
        if (*end_of_choice(choice) == '\0') return true;
    }
}

static bool choice_is_met(float want, float got, double ulps) {
    if (isnan(want)) return isnan(got);
    if (want == 0 || isinf(want)) return memcmp(&got, &want, sizeof got) == 0;
    if (got == 0 || !isfinite(got)) return false;
    const int exponent = ilogbf(want) < -126 ? -126 : ilogbf(want);
    return fabs((double)got - (double)want) <= ulps * ldexp(1.0, exponent - 23);
}

bool special_is_met(const char *expected, float got, double ulps) {
    float value;
    if (strcmp(expected, "any") == 0) return true;
    if (strcmp(expected, "0") == 0) return got == 0;
    for (const char *choice = expected;; choice = end_of_choice(choice) + 1) {
        if (read_choice(choice, &value) && choice_is_met(value, got, ulps)) return true;
        if (*end_of_choice(choice) == '\0') return false;
    }
}
