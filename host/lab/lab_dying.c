/* lab_dying.c: how a high learning rate kills rectified units, and which activations recover.
 *
 * Networks of two hidden layers learn the digits by SGD at several learning rates. The gradient of
 * a step is scaled down to a norm of 2, so that at rates too high they neither overflow nor are
 * lost at the first step. A unit is dead where |act'| is below 1e-6 at every training row: no
 * gradient reaches its own weights any more, and only the layers below, where they still learn,
 * can move its inputs to where it lives again. Then the relu network with the most dead units goes
 * on from where it is at a low rate, once as it is and once with leaky_relu in the place of relu.
 * The switch itself changes what the second layer gets, so that units are looked at before and
 * after learning.
 */
#include "lab_dying_parts.h"
#include "lab_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double dying_rates[DYING_RATES] = {0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4};
const float dying_low_rate = 0.3f;
static const float max_norm = 2.0f;

static const clact_activation kinds[DYING_KINDS] = {CLACT_ACT_RELU, CLACT_ACT_LEAKY_RELU,
                                                    CLACT_ACT_ELU, CLACT_ACT_GELU};

typedef struct trial {
    picked_device *device;
    const lab_options *options;
    lab_digits digits;
    dying_found found;
    float *worst;           /* parameters of the relu network with the most dead units */
    bool dead[DYING_UNITS]; /* its units */
} trial;

/* ---- one network ---- */

static bool new_net(trial *t, const clact_sweep *sweep, clact_net **net, char *message,
                    size_t size) {
    const lab_plan plan = {.depth = DYING_DEPTH,
                           .width = DYING_WIDTH,
                           .max_rows = t->digits.train,
                           .activation = sweep,
                           .init = CLACT_INIT_HE,
                           .loss = CLACT_LOSS_SOFTMAX_CROSS_ENTROPY,
                           .max_norm = max_norm,
                           .seed = t->options->seed};
    return lab_net_create(t->device, &plan, net, message, size);
}

/* Which units the sweep's saturation counts at every training row: all of 0 or 1 */
static bool find_flat(trial *t, clact_net *net, bool flat[DYING_UNITS], size_t *count,
                      char *message, size_t size) {
    clact_health records[DYING_WIDTH + 1];
    *count = 0;
    if (!lab_watch(t->device, net, &t->digits, 0, t->digits.train, NULL, message, size))
        return false;
    for (size_t i = 0; i < DYING_DEPTH; i++) {
        if (!lab_health(t->device, net, i, DYING_WIDTH, false, records, message, size))
            return false;
        for (size_t u = 0; u < DYING_WIDTH; u++) {
            flat[i * DYING_WIDTH + u] = records[u].saturated == records[u].count;
            *count += flat[i * DYING_WIDTH + u];
        }
    }
    return true;
}

static clact_sweep sweep_of(clact_activation activation, float saturation) {
    clact_sweep sweep;
    clact_sweep_init(&sweep, activation);
    sweep.saturation = saturation;
    return sweep;
}

static bool all_finite(const float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i])) return false;
    return true;
}

/* Trains one network; *parameters are those it ended with, for the caller to free. */
static bool train(trial *t, clact_activation activation, float lr, dying_outcome *out,
                  float **parameters, size_t *count, char *message, size_t size) {
    const clact_sweep sweep = sweep_of(activation, 1e-6f);
    bool flat[DYING_UNITS];
    clact_net *net = NULL;
    size_t dead = 0;
    float loss = 0.0f;
    bool done = new_net(t, &sweep, &net, message, size);
    for (size_t epoch = 0; epoch < DYING_EPOCHS && done && isfinite(loss); epoch++)
        done = lab_epoch(t->device, net, &t->digits, lr, t->options->seed, epoch, &loss, message,
                         size);
    done = done &&
           lab_copy_part(t->device, net, CLACT_NET_PARAMETERS, parameters, count, message, size);
    out->diverged = done && !(isfinite(loss) && all_finite(*parameters, *count));
    out->loss = out->accuracy = out->dead = NAN;
    if (done && !out->diverged) {
        done = lab_accuracy(t->device, net, &t->digits, &out->accuracy, message, size) &&
               find_flat(t, net, flat, &dead, message, size);
        out->dead = (double)dead / DYING_UNITS;
        out->loss = (double)loss;
    }
    clact_net_destroy(net);
    return done;
}

/* Keeps the parameters of the relu network with more dead units than those before it. */
static void keep_worst(trial *t, size_t k, size_t r, float **parameters) {
    const dying_outcome *all = t->found.of[DYING_RELU], *now = &t->found.of[k][r];
    if (k == DYING_RELU && !now->diverged &&
        (!t->worst || now->dead > all[t->found.worst_rate].dead)) {
        free(t->worst);
        t->worst = *parameters;
        t->found.worst_rate = r;
        *parameters = NULL;
    }
    free(*parameters);
    *parameters = NULL;
}

/* ---- all of them ---- */

static bool train_all(trial *t, char *message, size_t size) {
    for (size_t k = 0; k < DYING_KINDS; k++)
        for (size_t r = 0; r < DYING_RATES; r++) {
            float *parameters = NULL;
            size_t count = 0;
            lab_progress(t->options, "training",
                         0.9 * (double)(k * DYING_RATES + r) / (DYING_KINDS * DYING_RATES));
            const bool done = train(t, kinds[k], (float)dying_rates[r], &t->found.of[k][r],
                                    &parameters, &count, message, size);
            if (done) keep_worst(t, k, r, &parameters);
            free(parameters);
            if (!done) return false;
        }
    return t->worst || cli_fail(message, size, "every relu network diverged; try another --seed");
}

/* What is inactive of some units */
static double share(const bool *of, const bool *flat, size_t *count) {
    size_t both = 0;
    *count = 0;
    for (size_t i = 0; i < DYING_UNITS; i++) {
        *count += of[i];
        both += of[i] && flat[i];
    }
    return *count > 0 ? (double)both / (double)*count : NAN;
}

/* relu's slope is 0 and leaky_relu's 0.01 where z is not positive: below 0.5 both. The relu network
 * comes first and says which units are dead. */
static bool go_on(trial *t, clact_activation activation, dying_going_on *out, char *message,
                  size_t size) {
    const clact_sweep sweep = sweep_of(activation, 0.5f);
    bool flat[DYING_UNITS], at_start[DYING_UNITS];
    clact_net *net = NULL;
    size_t count = 0;
    float loss = 0.0f;
    bool done = new_net(t, &sweep, &net, message, size) &&
                train_write_part(t->device, net, CLACT_NET_PARAMETERS, t->worst, message, size);
    for (size_t e = 0; e <= DYING_MORE_EPOCHS && done; e++) {
        lab_progress(t->options, "recovery", 0.9 + 0.1 * (double)e / (DYING_MORE_EPOCHS + 1));
        if (e > 0)
            done = lab_epoch(t->device, net, &t->digits, dying_low_rate, t->options->seed,
                             DYING_EPOCHS + e, &loss, message, size);
        done = done && lab_accuracy(t->device, net, &t->digits, &out->accuracy[e], message, size) &&
               find_flat(t, net, flat, &count, message, size);
        if (!done) break;
        if (e == 0 && activation == CLACT_ACT_RELU) memcpy(t->dead, flat, sizeof flat);
        out->inactive[e] = share(t->dead, flat, &t->found.num_dead);
        for (size_t i = 0; i < DYING_UNITS && e == 0; i++)
            at_start[i] = t->dead[i] && flat[i];
    }
    clact_net_destroy(net);
    if (done) t->found.learnt = 1.0 - share(at_start, flat, &count);
    return done;
}

static bool measure(trial *t, char *message, size_t size) {
    clact_sweep sweeps[DYING_KINDS];
    for (size_t k = 0; k < DYING_KINDS; k++)
        sweeps[k] = sweep_of(kinds[k], 1e-6f);
    lab_progress(t->options, "compiling", 0.0);
    return lab_compile(t->device, sweeps, DYING_KINDS, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, true,
                       message, size) &&
           train_all(t, message, size) && go_on(t, CLACT_ACT_RELU, &t->found.relu, message, size) &&
           go_on(t, CLACT_ACT_LEAKY_RELU, &t->found.leaky, message, size);
}

bool lab_dying(picked_device *device, const lab_options *options, lab_report *report, char *message,
               size_t size) {
    trial *t = calloc(1, sizeof *t);
    if (!t) return cli_fail(message, size, "out of memory");
    t->device = device;
    t->options = options;
    const bool done =
        lab_digits_open(device, &t->digits, message, size) && measure(t, message, size);
    if (done) dying_report(&t->found, report);
    lab_digits_close(&t->digits);
    free(t->worst);
    free(t);
    return done;
}
