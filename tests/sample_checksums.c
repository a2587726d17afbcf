/* sample_checksums.c: prints a checksum of what the C build gives at the stratified inputs of every
 * row, direction and tier in float32: NAME DIRECTION TIER CHECKSUM. It is the one `clact verify`
 * has as sample_checksum, so a formula whose bits have changed shows.
 */
#include "formulas_c.h"
#include "sample.h"
#include "verify_mix.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return isnan(value) ? 0x7fc00000u : bits;
}

/* As the engine has it: the input's own bits, and one NaN for all in the output. */
static uint64_t mix(float input, float output) {
    uint32_t bits;
    memcpy(&bits, &input, sizeof bits);
    return verify_mix(bits, bits_of(output));
}

static float result(const sample_spec *s, clact_tier tier, float x) {
    return s->backward ? formula_backward(s->activation, tier, s->params, s->saved, x, 1.0f)
                       : formula_forward(s->activation, tier, s->params, x);
}

static int print_row(const sample_spec *s, const char *name, const char *direction) {
    size_t count = 0;
    float *inputs = sample_create(s, &count);
    if (!inputs) return 1;
    for (clact_tier tier = CLACT_TIER_FAST; tier <= CLACT_TIER_ACCURATE; tier++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += mix(inputs[i], result(s, tier, inputs[i]));
        printf("%s %s %s %016" PRIx64 "\n", name, direction, clact_tier_name(tier), sum);
    }
    free(inputs);
    return 0;
}

int main(void) {
    int failed = 0;
    for (int i = 0; i < CLACT_ACT_COUNT; i++) {
        clact_activation_info info;
        clact_activation_query((clact_activation)i, &info);
        sample_spec s = {.activation = info.activation, .mantissas = 8, .middle = 10000};
        for (int k = 0; k < info.num_params; k++)
            s.params[k] = info.params[k].value;
        failed |= print_row(&s, info.name, "forward");
        s.backward = true;
        failed |= print_row(&s, info.name, "backward");
        s.saved = CLACT_SAVED_Y;
        if (info.reads_y) failed |= print_row(&s, info.name, "backward_y");
    }
    return failed;
}
