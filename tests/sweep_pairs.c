/* sweep_pairs.c: a greedy choice out of random legal sweeps. */
#include "sweep_pairs.h"

#include "splitmix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is chosen, and from how many. */
enum {
    ACTIVATION,
    GATE,
    BIAS,
    SLOPES,
    DROPOUT,
    SCALE,
    RESIDUAL,
    SAVED,
    GRADIENTS,
    ACCUMULATE,
    TIER,
    DTYPE,
    HEALTH,
    PLACE,
    FACTORS
};

static const clact_activation activations[] = {
    CLACT_ACT_RELU,    CLACT_ACT_PRELU,    CLACT_ACT_GELU,       CLACT_ACT_SILU,
    CLACT_ACT_SIGMOID, CLACT_ACT_TANH,     CLACT_ACT_LEAKY_RELU, CLACT_ACT_HARDSIGMOID,
    CLACT_ACT_STEP,    CLACT_ACT_IDENTITY, CLACT_ACT_HARDTANH};
enum { NUM_ACTIVATIONS = sizeof activations / sizeof *activations };

static const int levels[FACTORS] = {NUM_ACTIVATIONS, 4, 2, 2, 3, 2, 2, 5, 4, 4, 2, 4, 2, 3};
enum { MOST_LEVELS = 16, FLAGS = FACTORS * MOST_LEVELS };

typedef struct choice {
    int of[FACTORS];
} choice;

/* [a][b]: values of two factors together, as flat numbers */
typedef struct pair_set {
    bool has[FLAGS][FLAGS];
    size_t count;
} pair_set;

static clact_sweep sweep_of(const choice *c) {
    static const float dropouts[] = {0.0f, 0.1f, 0.5f};
    static const unsigned gradients[] = {CLACT_GRADIENT_X, CLACT_GRADIENT_X | CLACT_GRADIENT_BIAS,
                                         CLACT_GRADIENT_SLOPES | CLACT_GRADIENT_RESIDUAL,
                                         CLACT_GRADIENT_ALL};
    static const unsigned accumulate[] = {0, CLACT_GRADIENT_X | CLACT_GRADIENT_SLOPES,
                                          CLACT_GRADIENT_BIAS | CLACT_GRADIENT_RESIDUAL,
                                          CLACT_GRADIENT_ALL};
    const int *of = c->of;
    clact_sweep w;
    clact_sweep_init(&w, activations[of[ACTIVATION]]);
    w.gate = (clact_gate)of[GATE];
    w.bias = of[BIAS];
    w.slopes = of[SLOPES];
    w.dropout = dropouts[of[DROPOUT]];
    w.scale = of[SCALE] ? -0.7f : 1.0f;
    w.residual = of[RESIDUAL];
    w.saved = (clact_saved)of[SAVED];
    w.gradients = gradients[of[GRADIENTS]];
    w.accumulate = accumulate[of[ACCUMULATE]];
    w.beta = of[SCALE] ? 1.0f : 0.3f;
    w.tier = (clact_tier)of[TIER];
    w.dtype = (clact_dtype)of[DTYPE];
    w.health = of[HEALTH];
    return w;
}

static choice draw(const pair_options *o, uint64_t *state) {
    choice c;
    for (;;) {
        for (int i = 0; i < FACTORS; i++)
            c.of[i] = (int)(splitmix(state) % (uint64_t)levels[i]);
        const clact_sweep w = sweep_of(&c);
        if (w.dtype == CLACT_F64 && !o->fp64) continue;
        if (clact_sweep_check(&w, true) == CLACT_SUCCESS) return c;
    }
}

/* How many pairs of c are not in the set; adds them where `add`. */
static size_t pairs_beyond(pair_set *set, const choice *c, bool add) {
    size_t n = 0;
    for (int i = 0; i < FACTORS; i++) {
        for (int j = i + 1; j < FACTORS; j++) {
            bool *has = &set->has[i * MOST_LEVELS + c->of[i]][j * MOST_LEVELS + c->of[j]];
            n += !*has;
            *has = *has || add;
        }
    }
    set->count += add ? n : 0;
    return n;
}

/* The one of many that brings most. */
static choice best_of(const pair_options *o, pair_set *covered, int tries, uint64_t *state) {
    choice best = draw(o, state);
    size_t most = pairs_beyond(covered, &best, false);
    for (int i = 1; i < tries; i++) {
        const choice c = draw(o, state);
        const size_t n = pairs_beyond(covered, &c, false);
        if (n <= most) continue;
        best = c;
        most = n;
    }
    return best;
}

sweep_case *sweep_pairs(const pair_options *o, size_t *count) {
    enum { SAMPLES = 60000, TRIES = 400, LIMIT = 400 };
    static pair_set legal, covered;
    uint64_t state = o->seed;
    memset(&legal, 0, sizeof legal);
    memset(&covered, 0, sizeof covered);
    for (int i = 0; i < SAMPLES; i++) {
        const choice c = draw(o, &state);
        pairs_beyond(&legal, &c, true);
    }
    sweep_case *list = calloc(LIMIT, sizeof *list);
    size_t n = 0;
    while (n < LIMIT && (o->most == 0 || n < o->most) && covered.count < legal.count) {
        const choice c = best_of(o, &covered, TRIES, &state);
        if (pairs_beyond(&covered, &c, true) == 0) continue;
        list[n++] = (sweep_case){
            .sweep = sweep_of(&c), .place = (case_place)c.of[PLACE], .seed = splitmix(&state)};
    }
    printf("seed %#llx: %zu sweeps with %zu of %zu pairs of settings\n",
           (unsigned long long)o->seed, n, covered.count, legal.count);
    *count = n;
    return list;
}
