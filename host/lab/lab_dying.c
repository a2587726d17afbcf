/* lab_dying.c: how a high learning rate kills rectified units, and which activations recover.
 *
 * Networks of two hidden layers learn the digits by SGD at several learning rates. The gradient of
 * a step is scaled down to a norm of 2, so that at rates too high they neither overflow nor are
 * lost at the first step. A unit is dead where |act'| is below 1e-6 at every training row: nothing
 * that the loss says reaches its weights any more. Then the relu network with the most dead units
 * goes on from where it is at a low rate, once as it is and once with leaky_relu in the place of
 * relu.
 */
#include "lab_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 2, WIDTH = 64, EPOCHS = 10, MORE_EPOCHS = 30, NUM_KINDS = 4, NUM_RATES = 8 };

static const double rates[NUM_RATES] = {0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4};
static const float low_rate = 0.3f, max_norm = 2.0f;

enum { RELU, LEAKY, ELU, GELU };
static const clact_activation kinds[NUM_KINDS] = {CLACT_ACT_RELU, CLACT_ACT_LEAKY_RELU,
                                                  CLACT_ACT_ELU, CLACT_ACT_GELU};
static const char *const kind_names[NUM_KINDS] = {"relu", "leaky_relu", "elu", "gelu"};

/* What a network was like after training */
typedef struct outcome {
    bool diverged;
    double dead, accuracy; /* shares: of the units of all hidden layers, of the held-out rows */
    double loss;
} outcome;

/* A network by epochs of going on, from none; inactive: units whose z is positive at no training
 * row, as a share of all and as a share of those that were dead in the relu network at the start */
typedef struct going_on {
    double inactive[MORE_EPOCHS + 1], still_dead[MORE_EPOCHS + 1], accuracy[MORE_EPOCHS + 1];
} going_on;

typedef struct measured {
    outcome of[NUM_KINDS][NUM_RATES];
    float *worst; /* parameters of the relu network with the most dead units */
    size_t worst_rate;
    bool dead[DEPTH * WIDTH]; /* its units */
    size_t num_dead;
    going_on relu, leaky;
} measured;

typedef struct bench {
    picked_device *device;
    const lab_options *options;
    lab_digits digits;
} bench;

/* ---- one network ---- */

static bool new_net(bench *b, const clact_sweep *sweep, clact_net **net, char *message,
                    size_t size) {
    const lab_plan plan = {.depth = DEPTH,
                           .width = WIDTH,
                           .max_rows = b->digits.train,
                           .activation = sweep,
                           .init = CLACT_INIT_HE,
                           .loss = CLACT_LOSS_SOFTMAX_CROSS_ENTROPY,
                           .max_norm = max_norm,
                           .seed = b->options->seed};
    return lab_net_create(b->device, &plan, net, message, size);
}

/* Which units the sweep's saturation counts at every training row: all of 0 or 1 */
static bool find_flat(bench *b, clact_net *net, bool flat[DEPTH * WIDTH], size_t *count,
                      char *message, size_t size) {
    clact_health records[WIDTH + 1];
    *count = 0;
    if (!lab_watch(b->device, net, &b->digits, 0, b->digits.train, NULL, message, size))
        return false;
    for (size_t i = 0; i < DEPTH; i++) {
        if (!lab_health(b->device, net, i, WIDTH, false, records, message, size)) return false;
        for (size_t u = 0; u < WIDTH; u++) {
            flat[i * WIDTH + u] = records[u].saturated == records[u].count;
            *count += flat[i * WIDTH + u];
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
static bool train(bench *b, clact_activation activation, float lr, outcome *out, float **parameters,
                  size_t *count, char *message, size_t size) {
    const clact_sweep sweep = sweep_of(activation, 1e-6f);
    uint64_t shuffle = b->options->seed;
    bool flat[DEPTH * WIDTH];
    clact_net *net = NULL;
    size_t dead = 0;
    float loss = 0.0f;
    bool done = new_net(b, &sweep, &net, message, size);
    for (int epoch = 0; epoch < EPOCHS && done && isfinite(loss); epoch++)
        done = lab_epoch(b->device, net, &b->digits, lr, &shuffle, &loss, message, size);
    done = done &&
           lab_copy_part(b->device, net, CLACT_NET_PARAMETERS, parameters, count, message, size);
    out->diverged = done && !(isfinite(loss) && all_finite(*parameters, *count));
    out->loss = out->accuracy = out->dead = NAN;
    if (done && !out->diverged) {
        done = lab_accuracy(b->device, net, &b->digits, &out->accuracy, message, size) &&
               find_flat(b, net, flat, &dead, message, size);
        out->dead = (double)dead / (DEPTH * WIDTH);
        out->loss = (double)loss;
    }
    clact_net_destroy(net);
    return done;
}

/* Keeps the parameters of the relu network with more dead units than those before it. */
static void keep_worst(measured *m, size_t k, size_t r, float **parameters) {
    const outcome *now = &m->of[k][r];
    if (k == RELU && !now->diverged && (!m->worst || now->dead > m->of[RELU][m->worst_rate].dead)) {
        free(m->worst);
        m->worst = *parameters;
        m->worst_rate = r;
        *parameters = NULL;
    }
    free(*parameters);
    *parameters = NULL;
}

/* ---- all of them ---- */

static bool train_all(bench *b, measured *m, char *message, size_t size) {
    for (size_t k = 0; k < NUM_KINDS; k++)
        for (size_t r = 0; r < NUM_RATES; r++) {
            float *parameters = NULL;
            size_t count = 0;
            lab_progress(b->options, kind_names[k],
                         0.9 * (double)(k * NUM_RATES + r) / (NUM_KINDS * NUM_RATES));
            const bool done = train(b, kinds[k], (float)rates[r], &m->of[k][r], &parameters, &count,
                                    message, size);
            if (done) keep_worst(m, k, r, &parameters);
            free(parameters);
            if (!done) return false;
        }
    return m->worst || cli_fail(message, size, "every relu network diverged");
}

/* relu's slope is 0 and leaky_relu's 0.01 where z is not positive: below 0.5 both. The relu network
 * comes first and says which units are dead. */
static bool go_on(bench *b, measured *m, clact_activation activation, going_on *out, char *message,
                  size_t size) {
    const clact_sweep sweep = sweep_of(activation, 0.5f);
    uint64_t shuffle = b->options->seed + 1;
    bool flat[DEPTH * WIDTH];
    clact_net *net = NULL;
    size_t inactive = 0;
    float loss = 0.0f;
    bool done = new_net(b, &sweep, &net, message, size) &&
                train_write_part(b->device, net, CLACT_NET_PARAMETERS, m->worst, message, size);
    for (size_t e = 0; e <= MORE_EPOCHS && done; e++) {
        size_t still = 0;
        lab_progress(b->options, "recovery", 0.9 + 0.1 * (double)e / (MORE_EPOCHS + 1));
        if (e > 0)
            done = lab_epoch(b->device, net, &b->digits, low_rate, &shuffle, &loss, message, size);
        done = done && lab_accuracy(b->device, net, &b->digits, &out->accuracy[e], message, size) &&
               find_flat(b, net, flat, &inactive, message, size);
        if (done && e == 0 && activation == CLACT_ACT_RELU) {
            memcpy(m->dead, flat, sizeof flat);
            m->num_dead = inactive;
        }
        for (size_t i = 0; i < DEPTH * WIDTH && done; i++)
            still += m->dead[i] && flat[i];
        out->inactive[e] = (double)inactive / (DEPTH * WIDTH);
        out->still_dead[e] = m->num_dead > 0 ? (double)still / (double)m->num_dead : NAN;
    }
    clact_net_destroy(net);
    return done;
}

static bool measure(bench *b, measured *m, char *message, size_t size) {
    clact_sweep sweeps[NUM_KINDS];
    for (size_t k = 0; k < NUM_KINDS; k++)
        sweeps[k] = sweep_of(kinds[k], 1e-6f);
    lab_progress(b->options, "compiling", 0.0);
    if (!lab_compile(b->device, sweeps, NUM_KINDS, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, true, message,
                     size) ||
        !train_all(b, m, message, size))
        return false;
    return go_on(b, m, CLACT_ACT_RELU, &m->relu, message, size) &&
           go_on(b, m, CLACT_ACT_LEAKY_RELU, &m->leaky, message, size);
}

/* ---- the report ---- */

static void add_rates(const measured *m, lab_report *report) {
    static const lab_column columns[] = {
        {"activation", "activation", NULL}, {"lr", "rate", "%.2f"},
        {"dead", "dead %", "%.1f"},         {"accuracy", "held-out accuracy %", "%.1f"},
        {"loss", "loss", "%.2g"},           {"outcome", "outcome", NULL},
    };
    lab_table *t = lab_add_table(
        report, "rates", "After 10 epochs of SGD in batches of 64, two hidden layers of 64 units",
        columns, sizeof columns / sizeof *columns);
    for (size_t k = 0; k < NUM_KINDS; k++)
        for (size_t r = 0; r < NUM_RATES; r++) {
            const outcome *o = &m->of[k][r];
            const lab_cell cells[] = {
                LAB_TEXT(kind_names[k]),     LAB_NUMBER(rates[r]),
                LAB_NUMBER(100.0 * o->dead), LAB_NUMBER(100.0 * o->accuracy),
                LAB_NUMBER(o->loss),         LAB_TEXT(o->diverged ? "diverged" : "finite")};
            lab_add_row(t, cells);
        }
}

static void add_recovery(const measured *m, lab_report *report) {
    static const lab_column columns[] = {
        {"epoch", "epoch", "%.0f"},
        {"relu_still_dead", "relu dead %", "%.1f"},
        {"relu_accuracy", "accuracy %", "%.1f"},
        {"leaky_still_dead", "leaky_relu inactive %", "%.1f"},
        {"leaky_accuracy", "accuracy %", "%.1f"},
    };
    static const size_t shown[] = {0, 1, 2, 3, 4, 5, 10, 15, 20, 25, MORE_EPOCHS};
    lab_table *t = lab_add_table(
        report, "recovery",
        "Going on at rate 0.3 from the relu network with the most dead units: those of\n"
        "them whose z is positive at no training row, and held-out accuracy",
        columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const size_t e = shown[i];
        const lab_cell cells[] = {LAB_NUMBER(e), LAB_NUMBER(100.0 * m->relu.still_dead[e]),
                                  LAB_NUMBER(100.0 * m->relu.accuracy[e]),
                                  LAB_NUMBER(100.0 * m->leaky.still_dead[e]),
                                  LAB_NUMBER(100.0 * m->leaky.accuracy[e])};
        lab_add_row(t, cells);
    }
}

static void add_rate_panels(const measured *m, lab_report *report) {
    double x[NUM_RATES], dead[NUM_RATES], accuracy[NUM_RATES];
    lab_panel *of_dead =
        lab_add_panel(report, "Dead units after 10 epochs", "learning rate", "dead units, %");
    lab_panel *of_accuracy =
        lab_add_panel(report, "Accuracy after 10 epochs", "learning rate", "held-out accuracy, %");
    for (size_t k = 0; k < NUM_KINDS; k++) {
        for (size_t r = 0; r < NUM_RATES; r++) {
            x[r] = rates[r];
            dead[r] = 100.0 * m->of[k][r].dead;
            accuracy[r] = 100.0 * m->of[k][r].accuracy;
        }
        lab_add_curve(of_dead, kind_names[k], FIGURE_LINE_POINTS, 0, x, dead, NUM_RATES);
        lab_add_curve(of_accuracy, kind_names[k], FIGURE_LINE_POINTS, 0, x, accuracy, NUM_RATES);
    }
    lab_panel_of(of_dead)->x.log = lab_panel_of(of_accuracy)->x.log = true;
    lab_panel_of(of_dead)->y.min = lab_panel_of(of_accuracy)->y.min = 0.0;
    lab_panel_of(of_dead)->y.max = lab_panel_of(of_accuracy)->y.max = 100.0;
}

static void add_recovery_panels(const measured *m, lab_report *report) {
    const going_on *const both[] = {&m->relu, &m->leaky};
    static const char *const names[] = {"as relu", "as leaky_relu"};
    double x[MORE_EPOCHS + 1], dead[MORE_EPOCHS + 1], accuracy[MORE_EPOCHS + 1];
    lab_panel *of_dead = lab_add_panel(report, "Going on from the worst relu network",
                                       "more epochs", "dead units never positive, %");
    lab_panel *of_accuracy = lab_add_panel(report, "Going on from the worst relu network",
                                           "more epochs", "held-out accuracy, %");
    for (int k = 0; k < 2; k++) {
        for (size_t e = 0; e <= MORE_EPOCHS; e++) {
            x[e] = (double)e;
            dead[e] = 100.0 * both[k]->still_dead[e];
            accuracy[e] = 100.0 * both[k]->accuracy[e];
        }
        lab_add_curve(of_dead, names[k], FIGURE_LINE, 0, x, dead, MORE_EPOCHS + 1);
        lab_add_curve(of_accuracy, names[k], FIGURE_LINE, 0, x, accuracy, MORE_EPOCHS + 1);
    }
    lab_panel_of(of_dead)->y.min = lab_panel_of(of_accuracy)->y.min = 0.0;
    lab_panel_of(of_dead)->y.max = lab_panel_of(of_accuracy)->y.max = 105.0;
}

/* The lowest rate at which two fifths of the relu network are dead; NUM_RATES where there is none
 */
static size_t deadly(const measured *m) {
    size_t r = 0;
    while (r < NUM_RATES && !(m->of[RELU][r].dead >= 0.4))
        r++;
    return r;
}

/* The greatest share of dead units of a kind at any rate */
static double most_dead(const measured *m, size_t k) {
    double most = 0.0;
    for (size_t r = 0; r < NUM_RATES; r++)
        most = fmax(most, m->of[k][r].dead);
    return most;
}

/* The rate that is best on the held-out rows */
static size_t best_rate(const measured *m, size_t k) {
    size_t best = 0;
    for (size_t r = 1; r < NUM_RATES; r++)
        if (m->of[k][r].accuracy > m->of[k][best].accuracy) best = r;
    return best;
}

static void add_facts(const measured *m, lab_report *report) {
    const size_t r = deadly(m);
    char key[64];
    lab_add_fact(report, "deadly_rate", r < NUM_RATES ? rates[r] : NAN);
    for (size_t k = 0; k < NUM_KINDS; k++) {
        snprintf(key, sizeof key, "most_dead_%s", kind_names[k]);
        lab_add_fact(report, key, most_dead(m, k));
        snprintf(key, sizeof key, "deadly_accuracy_%s", kind_names[k]);
        lab_add_fact(report, key, r < NUM_RATES ? m->of[k][r].accuracy : NAN);
    }
    lab_add_fact(report, "dead_at_start", (double)m->num_dead);
    lab_add_fact(report, "relu_still_dead", m->relu.still_dead[MORE_EPOCHS]);
    lab_add_fact(report, "leaky_still_dead", m->leaky.still_dead[MORE_EPOCHS]);
    lab_add_fact(report, "accuracy_at_start", m->relu.accuracy[0]);
    lab_add_fact(report, "relu_accuracy", m->relu.accuracy[MORE_EPOCHS]);
    lab_add_fact(report, "leaky_accuracy", m->leaky.accuracy[MORE_EPOCHS]);
}

static void say(const measured *m, lab_report *report) {
    const size_t r = deadly(m), best = best_rate(m, RELU);
    const outcome *at_best = &m->of[RELU][best];
    if (r < NUM_RATES)
        lab_say(report,
                "As much as 40 %% of a relu network is said to die where the rate is too high: "
                "%.1f %% are dead at %.2g, and accuracy is %.1f %%, against %.1f %% dead and "
                "%.1f %% at the best rate, %.2g. leaky_relu, whose slope is never 0, has %.1f %% "
                "dead and still reaches %.1f %% at the rate that kills relu; elu and gelu, whose "
                "slopes die out far below 0, lose up to %.1f and %.1f %% of their units.",
                100.0 * m->of[RELU][r].dead, rates[r], 100.0 * m->of[RELU][r].accuracy,
                100.0 * at_best->dead, 100.0 * at_best->accuracy, rates[best],
                100.0 * most_dead(m, LEAKY), 100.0 * m->of[LEAKY][r].accuracy,
                100.0 * most_dead(m, ELU), 100.0 * most_dead(m, GELU));
    else
        lab_say(report, "No rate has killed 40 %% of a relu network; %.1f %% is the most.",
                100.0 * most_dead(m, RELU));
    if (m->num_dead == 0) return;
    lab_say(report,
            "Of the %zu units dead at rate %.2g, %.0f %% are still dead after %d more epochs at "
            "%.2g as relu, and accuracy stays at %.1f %%. With leaky_relu on the same weights "
            "%.0f %% of them become positive on some row again (the others pass a hundredth), and "
            "accuracy goes from %.1f to "
            "%.1f %%.",
            m->num_dead, rates[m->worst_rate], 100.0 * m->relu.still_dead[MORE_EPOCHS], MORE_EPOCHS,
            (double)low_rate, 100.0 * m->relu.accuracy[MORE_EPOCHS],
            100.0 * (1.0 - m->leaky.still_dead[MORE_EPOCHS]), 100.0 * m->leaky.accuracy[0],
            100.0 * m->leaky.accuracy[MORE_EPOCHS]);
}

bool lab_dying(picked_device *device, const lab_options *options, lab_report *report, char *message,
               size_t size) {
    bench b = {.device = device, .options = options};
    if (!lab_digits_open(device, &b.digits, message, size)) return false;
    measured *m = calloc(1, sizeof *m);
    bool done = m || cli_fail(message, size, "out of memory");
    done = done && measure(&b, m, message, size);
    if (done) {
        add_rates(m, report);
        add_recovery(m, report);
        add_rate_panels(m, report);
        add_recovery_panels(m, report);
        add_facts(m, report);
        say(m, report);
    }
    if (m) free(m->worst);
    free(m);
    lab_digits_close(&b.digits);
    return done;
}
