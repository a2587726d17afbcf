/* lab_identities.c: identities between activations, looked for in float32.
 *
 * Left sides are what the kernels give, gradients for dy = 1. Right sides are computed here in
 * float32 as they are written, from the device's sigmoid and tanh.
 */
#include "lab.h"
#include "lab_identities_parts.h"
#include "lab_net.h"
#include "lab_random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 20, FINITE_RUNS = 2 * (255 << 15) /* of 256 neighbours, both signs */ };
_Static_assert(IDENTITIES_NEIGHBOURS == 256, "runs are counted by bits");

/* What the device computes of a chunk of x */
typedef enum value {
    SIGMOID,
    SIGMOID_OF_TWICE,
    SIGMOID_OF_MINUS,
    SIGMOID_GRADIENT,
    TANH,
    TANH_GRADIENT,
    NUM_VALUES
} value;

typedef struct work {
    picked_device *device;
    uint64_t state;
    cl_mem in, ones, out;
    float *x, *argument, *values[NUM_VALUES];
    identities_found *found;
    char *message;
    size_t size;
} work;

static bool acquire(work *w) {
    w->found = calloc(1, sizeof *w->found);
    w->x = malloc(CHUNK * sizeof *w->x);
    w->argument = malloc(CHUNK * sizeof *w->argument);
    bool whole = w->found && w->x && w->argument;
    for (int v = 0; v < NUM_VALUES; v++)
        whole = (w->values[v] = malloc(CHUNK * sizeof(float))) && whole;
    if (!whole) return cli_fail(w->message, w->size, "out of memory");
    for (size_t i = 0; i < CHUNK; i++)
        w->x[i] = 1.0f;
    return (w->in = lab_buffer(w->device, NULL, CHUNK, w->message, w->size)) &&
           (w->ones = lab_buffer(w->device, w->x, CHUNK, w->message, w->size)) &&
           (w->out = lab_buffer(w->device, NULL, CHUNK, w->message, w->size));
}

static void release(work *w) {
    clFinish(w->device->queue);
    lab_release((cl_mem[]){w->in, w->ones, w->out}, 3);
    for (int v = 0; v < NUM_VALUES; v++)
        free(w->values[v]);
    free(w->argument);
    free(w->x);
    free(w->found);
}

/* ---- the device ---- */

static bool compute(work *w, value v, clact_tier tier, size_t n) {
    static const float factor[NUM_VALUES] = {1.0f, 2.0f, -1.0f, 1.0f, 1.0f, 1.0f};
    const clact_matrix in = {w->in, 0, 0}, ones = {w->ones, 0, 0}, out = {w->out, 0, 0};
    const bool backward = v == SIGMOID_GRADIENT || v == TANH_GRADIENT;
    clact_sweep sweep;
    clact_sweep_init(&sweep, v >= TANH ? CLACT_ACT_TANH : CLACT_ACT_SIGMOID);
    sweep.tier = tier;
    for (size_t i = 0; i < n; i++)
        w->argument[i] = factor[v] * w->x[i];
    if (!lab_write(w->device, w->in, w->argument, n, w->message, w->size)) return false;
    picked_device *d = w->device;
    const clact_status status =
        backward ? clact_backward(d->clact, d->queue, &sweep, 1, n, in, ones, out, 0, NULL, NULL)
                 : clact_forward(d->clact, d->queue, &sweep, 1, n, in, out, 0, NULL, NULL);
    if (status != CLACT_SUCCESS) return train_explain(d, status, w->message, w->size);
    return lab_read(d, out, w->values[v], n, w->message, w->size);
}

/* ---- the identities ---- */

static identity_sides sides_at(const work *w, identity_kind which, size_t i) {
    const float s = w->values[SIGMOID][i], t = w->values[TANH][i];
    const float twice = w->values[SIGMOID_OF_TWICE][i];
    const float left[IDENTITIES] = {t, w->values[SIGMOID_GRADIENT][i],
                                    w->values[SIGMOID_OF_MINUS][i], w->values[TANH_GRADIENT][i]};
    const float right[IDENTITIES] = {2.0f * twice - 1.0f, s * (1.0f - s), 1.0f - s, 1.0f - t * t};
    return (identity_sides){w->x[i], left[which], right[which], 0.0};
}

static uint32_t bits_of(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static double ulp_of(float f) {
    const uint32_t exponent = bits_of(f) >> 23 & 255u;
    const uint64_t bits = (uint64_t)((exponent ? exponent : 1u) + (1023u - 150u)) << 52;
    double ulp;
    memcpy(&ulp, &bits, sizeof ulp);
    return ulp;
}

static void count_failure(identity_tally *t, float x) {
    const double size = fabs((double)x);
    if (t->fails_to == 0.0 || size < t->fails_from) t->fails_from = size;
    t->fails_to = fmax(t->fails_to, size);
    t->fails_below_zero = t->fails_below_zero || x < 0.0f;
}

static void count_in_cell(identity_tally *t, const identity_sides *s) {
    const uint32_t quarter = bits_of(s->x) >> 21;
    if (quarter < IDENTITIES_FIRST_CELL || quarter >= IDENTITIES_FIRST_CELL + IDENTITIES_CELLS)
        return;
    identity_sides *first = &t->first[quarter - IDENTITIES_FIRST_CELL],
                   *most = &t->most[quarter - IDENTITIES_FIRST_CELL];
    if (first->x == 0.0f) *first = *most = *s;
    if (s->ulps > most->ulps) *most = *s;
}

static void count_sides(identity_tally *t, identity_sides s) {
    const double apart = s.left == s.right ? 0.0 : fabs((double)s.left - (double)s.right);
    s.ulps = apart / ulp_of(s.left);
    t->count++;
    if (isnan(apart)) {
        t->nans++;
        return;
    }
    if (s.ulps <= IDENTITIES_HELD)
        t->held++;
    else
        count_failure(t, s.x);
    if (s.ulps > t->worst.ulps) t->worst = s;
    t->most_apart = fmax(t->most_apart, apart);
    count_in_cell(t, &s);
}

/* Both sides of the slope of the sigmoid */
static void count_slope(identity_slope *t, const identity_sides *s) {
    const float size = fabsf(s->x);
    t->most = fmaxf(t->most, s->left);
    t->above += s->left > 0.25f;
    if (s->left == 0.25f) t->quarter_to = fmaxf(t->quarter_to, size);
    if (s->left == 0.0f && (t->kernel_zero == 0.0f || size < t->kernel_zero)) t->kernel_zero = size;
    if (s->right == 0.0f && s->x > 0.0f && (t->formula_zero == 0.0f || size < t->formula_zero)) {
        t->formula_zero = size;
        t->slope_there = s->left;
    }
}

/* ---- the floats ---- */

/* One float of each run of neighbours, from run `first` on; the very first are 0 and -0. */
static size_t draw(work *w, size_t first) {
    size_t n = 0;
    for (; n < CHUNK && first + n < FINITE_RUNS; n++) {
        const uint32_t run = (uint32_t)(first + n) >> 1, sign = (uint32_t)(first + n) & 1u;
        const uint32_t in_run = run == 0 ? 0 : (uint32_t)(clact_random_next(&w->state) >> 56);
        w->x[n] = float_of(sign << 31 | run << 8 | in_run);
    }
    return n;
}

static bool look(work *w, int tier, size_t n) {
    for (value v = SIGMOID; v < NUM_VALUES; v++)
        if (!compute(w, v, cli_tiers[tier], n)) return false;
    for (identity_kind k = IDENTITY_TANH_BY_SIGMOID; k < IDENTITIES; k++)
        for (size_t i = 0; i < n; i++)
            count_sides(&w->found->of[k][tier], sides_at(w, k, i));
    for (size_t i = 0; i < n; i++) {
        const identity_sides s = sides_at(w, IDENTITY_SIGMOID_SLOPE, i);
        count_slope(&w->found->slope[tier], &s);
    }
    return true;
}

/* +-inf and NaN, where ulps say nothing */
static bool look_at_specials(work *w) {
    const float specials[] = {INFINITY, -INFINITY, NAN};
    const size_t n = sizeof specials / sizeof *specials;
    memcpy(w->x, specials, sizeof specials);
    for (int tier = 0; tier < CLI_NUM_TIERS; tier++) {
        for (value v = SIGMOID; v < NUM_VALUES; v++)
            if (!compute(w, v, cli_tiers[tier], n)) return false;
        for (size_t i = 0; i < n * IDENTITIES; i++) {
            const identity_sides s = sides_at(w, (identity_kind)(i / n), i % n);
            const bool right = isnan(s.x) ? isnan(s.left) && isnan(s.right) : s.left == s.right;
            w->found->specials_wrong += !right;
            w->found->specials++;
        }
    }
    return true;
}

bool lab_identities(picked_device *device, const lab_options *options, lab_report *report,
                    char *message, size_t size) {
    work w = {.device = device, .state = options->seed, .message = message, .size = size};
    bool is_done = acquire(&w) && look_at_specials(&w);
    for (size_t at = 0; at < FINITE_RUNS && is_done; at += CHUNK) {
        lab_progress(options, "looking", (double)at / FINITE_RUNS);
        const size_t n = draw(&w, at);
        for (int tier = 0; tier < CLI_NUM_TIERS && is_done; tier++)
            is_done = look(&w, tier, n);
    }
    if (is_done) identities_report(w.found, report);
    release(&w);
    return is_done;
}
