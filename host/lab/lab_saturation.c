/* lab_saturation.c: how the scale of the initial weights saturates units and stops the gradient.
 *
 * Networks of five hidden layers before their first step, on a batch of digits. A unit counts as
 * saturated at a row where |act'| is below a hundredth of its greatest value, and as dead where
 * that is so at every row. Beside the root mean square of the gradient of what goes into the first
 * layer's units there are mean and median of its magnitude, since large weights behind saturated
 * units may make few of its elements large and most of them small. For these single rows are passed
 * through the network, so that the health of a unit is its one element.
 */
#include "lab_net.h"
#include "lab_saturation_parts.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 256, SINGLE_ROWS = 16 };
_Static_assert((int)SATURATION_WIDTH == (int)LAB_INPUTS, "all layers are alike");

typedef struct kind {
    clact_activation activation;
    float saturation; /* a hundredth of the greatest act' */
} kind;

static const kind kinds[SATURATION_KINDS] = {
    {CLACT_ACT_SIGMOID, 0.0025f}, {CLACT_ACT_TANH, 0.01f}, {CLACT_ACT_RELU, 0.01f}};

typedef struct initial {
    clact_init init;
    float scale;
    bool unit_variance;
} initial;

static const initial inits[SATURATION_INITS] = {{CLACT_INIT_NORMAL, 0.01f, false},
                                                {CLACT_INIT_XAVIER, 1.0f, false},
                                                {CLACT_INIT_HE, 1.0f, false},
                                                {CLACT_INIT_ORTHOGONAL, 1.0f, true}};

/* ---- the measurement ---- */

static bool see_layers(picked_device *device, clact_net *net, saturation_seen *out, char *message,
                       size_t size) {
    clact_health records[SATURATION_WIDTH + 1];
    uint64_t saturated = 0, count = 0;
    size_t dead = 0;
    for (size_t i = 0; i < SATURATION_DEPTH; i++) {
        if (!lab_health(device, net, i, SATURATION_WIDTH, false, records, message, size))
            return false;
        saturated += records[SATURATION_WIDTH].saturated;
        count += records[SATURATION_WIDTH].count;
        for (size_t u = 0; u < SATURATION_WIDTH; u++)
            dead += records[u].saturated == records[u].count;
        if (!lab_health(device, net, i, SATURATION_WIDTH, true, records, message, size))
            return false;
        out->rms[i] =
            (double)records[SATURATION_WIDTH].norm / sqrt((double)records[SATURATION_WIDTH].count);
    }
    out->saturated = (double)saturated / (double)count;
    out->dead = (double)dead / (SATURATION_DEPTH * SATURATION_WIDTH);
    return true;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The loss of a single row has ROWS times the gradient that it has in the mean of a batch. */
static bool see_magnitudes(picked_device *device, clact_net *net, const lab_digits *digits,
                           saturation_seen *out, char *message, size_t size) {
    clact_health records[SATURATION_WIDTH + 1];
    double all[SINGLE_ROWS * SATURATION_WIDTH], sum = 0.0;
    for (size_t r = 0; r < SINGLE_ROWS; r++) {
        if (!lab_watch(device, net, digits, r, 1, NULL, message, size) ||
            !lab_health(device, net, 0, SATURATION_WIDTH, true, records, message, size))
            return false;
        for (size_t u = 0; u < SATURATION_WIDTH; u++)
            sum += all[r * SATURATION_WIDTH + u] = (double)records[u].norm / ROWS;
    }
    out->mean = sum / (SINGLE_ROWS * SATURATION_WIDTH);
    qsort(all, SINGLE_ROWS * SATURATION_WIDTH, sizeof *all, ascending);
    out->median = 0.5 * (all[SINGLE_ROWS * SATURATION_WIDTH / 2 - 1] +
                         all[SINGLE_ROWS * SATURATION_WIDTH / 2]);
    return true;
}

static clact_sweep sweep_of(const kind *k) {
    clact_sweep sweep;
    clact_sweep_init(&sweep, k->activation);
    sweep.saturation = k->saturation;
    return sweep;
}

static bool measure(picked_device *device, const lab_digits *digits, const kind *k,
                    const initial *init, uint64_t seed, saturation_seen *out, char *message,
                    size_t size) {
    const clact_sweep sweep = sweep_of(k);
    const lab_plan plan = {.depth = SATURATION_DEPTH,
                           .width = SATURATION_WIDTH,
                           .max_rows = ROWS,
                           .activation = &sweep,
                           .init = init->init,
                           .init_scale = init->scale,
                           .loss = CLACT_LOSS_SOFTMAX_CROSS_ENTROPY,
                           .seed = seed};
    clact_net *net = NULL;
    const clact_matrix x = {digits->x, 0, 0};
    bool done = lab_net_create(device, &plan, &net, message, size);
    if (done && init->unit_variance) {
        const clact_status status = clact_net_unit_variance(net, ROWS, x);
        done = status == CLACT_SUCCESS || train_explain(device, status, message, size);
    }
    done = done && lab_watch(device, net, digits, 0, ROWS, NULL, message, size) &&
           see_layers(device, net, out, message, size) &&
           see_magnitudes(device, net, digits, out, message, size);
    clact_net_destroy(net);
    return done;
}

static bool measure_all(picked_device *device, const lab_options *options, const lab_digits *digits,
                        saturation_found *f, char *message, size_t size) {
    clact_sweep sweeps[SATURATION_KINDS];
    const size_t each = SATURATION_SCALES + SATURATION_INITS;
    for (size_t k = 0; k < SATURATION_KINDS; k++)
        sweeps[k] = sweep_of(&kinds[k]);
    lab_progress(options, "compiling", 0.0);
    if (!lab_compile(device, sweeps, SATURATION_KINDS, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, true,
                     message, size))
        return false;
    for (size_t i = 0; i < SATURATION_SCALES; i++)
        f->deviation[i] = pow(10.0, -3.0 + 0.5 * (double)i);
    for (size_t k = 0; k < SATURATION_KINDS; k++)
        for (size_t i = 0; i < each; i++) {
            const bool is_scaled = i < SATURATION_SCALES;
            const initial scaled = {CLACT_INIT_NORMAL, is_scaled ? (float)f->deviation[i] : 0.0f,
                                    false};
            lab_progress(options, "measuring",
                         (double)(k * each + i) / (double)(SATURATION_KINDS * each));
            if (!measure(device, digits, &kinds[k],
                         is_scaled ? &scaled : &inits[i - SATURATION_SCALES], options->seed,
                         is_scaled ? &f->scaled[k][i] : &f->initial[k][i - SATURATION_SCALES],
                         message, size))
                return false;
        }
    return true;
}

bool lab_saturation(picked_device *device, const lab_options *options, lab_report *report,
                    char *message, size_t size) {
    lab_digits digits;
    saturation_found found;
    if (!lab_digits_open(device, &digits, message, size)) return false;
    const bool done = measure_all(device, options, &digits, &found, message, size);
    if (done) saturation_report(&found, report);
    lab_digits_close(&digits);
    return done;
}
