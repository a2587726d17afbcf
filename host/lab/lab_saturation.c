/* lab_saturation.c: how the scale of the initial weights saturates units and stops the gradient.
 *
 * Networks of five hidden layers before their first step, on a batch of digits. A unit counts as
 * saturated at a row where |act'| is below a hundredth of its greatest value, and as dead where
 * that is so at every row. Beside the root mean square of the gradient of what goes into the first
 * layer's units there are mean and median of its magnitude, since large weights behind saturated
 * units make few of its elements large and most of them small. For these single rows are passed
 * through the network, so that the health of a unit is its one element.
 */
#include "lab_net.h"

#include <math.h>
#include <stdlib.h>

enum {
    DEPTH = 5,
    WIDTH = LAB_INPUTS,
    ROWS = 256,
    SINGLE_ROWS = 16,
    NUM_KINDS = 3,
    NUM_SCALES = 9,
    NUM_INITS = 4
};

typedef struct kind {
    const char *name;
    clact_activation activation;
    float saturation; /* a hundredth of the greatest act' */
} kind;

enum { SIGMOID, TANH, RELU };
static const kind kinds[NUM_KINDS] = {{"sigmoid", CLACT_ACT_SIGMOID, 0.0025f},
                                      {"tanh", CLACT_ACT_TANH, 0.01f},
                                      {"relu", CLACT_ACT_RELU, 0.01f}};

typedef struct initial {
    const char *name;
    clact_init init;
    float scale;
    bool unit_variance;
} initial;

enum { XAVIER = 1, HE, LSUV };
static const initial inits[NUM_INITS] = {{"small", CLACT_INIT_NORMAL, 0.01f, false},
                                         {"xavier", CLACT_INIT_XAVIER, 1.0f, false},
                                         {"he", CLACT_INIT_HE, 1.0f, false},
                                         {"lsuv", CLACT_INIT_ORTHOGONAL, 1.0f, true}};

/* What one network showed; shares are of all hidden layers. */
typedef struct seen {
    double saturated, dead;
    double rms[DEPTH];   /* of delta, the gradient of what goes into a layer's units, by layer */
    double mean, median; /* of its magnitude in the first layer */
} seen;

typedef struct measured {
    double deviation[NUM_SCALES];
    seen scaled[NUM_KINDS][NUM_SCALES], initial[NUM_KINDS][NUM_INITS];
} measured;

/* ---- the measurement ---- */

static bool see_layers(picked_device *device, clact_net *net, seen *out, char *message,
                       size_t size) {
    clact_health records[WIDTH + 1];
    uint64_t saturated = 0, count = 0;
    size_t dead = 0;
    for (size_t i = 0; i < DEPTH; i++) {
        if (!lab_health(device, net, i, WIDTH, false, records, message, size)) return false;
        saturated += records[WIDTH].saturated;
        count += records[WIDTH].count;
        for (size_t u = 0; u < WIDTH; u++)
            dead += records[u].saturated == records[u].count;
        if (!lab_health(device, net, i, WIDTH, true, records, message, size)) return false;
        out->rms[i] = (double)records[WIDTH].norm / sqrt((double)records[WIDTH].count);
    }
    out->saturated = (double)saturated / (double)count;
    out->dead = (double)dead / (DEPTH * WIDTH);
    return true;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The loss of a single row has ROWS times the gradient that it has in the mean of a batch. */
static bool see_magnitudes(picked_device *device, clact_net *net, const lab_digits *digits,
                           seen *out, char *message, size_t size) {
    clact_health records[WIDTH + 1];
    double all[SINGLE_ROWS * WIDTH], sum = 0.0;
    for (size_t r = 0; r < SINGLE_ROWS; r++) {
        if (!lab_watch(device, net, digits, r, 1, NULL, message, size) ||
            !lab_health(device, net, 0, WIDTH, true, records, message, size))
            return false;
        for (size_t u = 0; u < WIDTH; u++)
            sum += all[r * WIDTH + u] = (double)records[u].norm / ROWS;
    }
    out->mean = sum / (SINGLE_ROWS * WIDTH);
    qsort(all, SINGLE_ROWS * WIDTH, sizeof *all, ascending);
    out->median = 0.5 * (all[SINGLE_ROWS * WIDTH / 2 - 1] + all[SINGLE_ROWS * WIDTH / 2]);
    return true;
}

static clact_sweep sweep_of(const kind *k) {
    clact_sweep sweep;
    clact_sweep_init(&sweep, k->activation);
    sweep.saturation = k->saturation;
    return sweep;
}

static bool measure(picked_device *device, const lab_digits *digits, const kind *k,
                    const initial *init, uint64_t seed, seen *out, char *message, size_t size) {
    const clact_sweep sweep = sweep_of(k);
    const lab_plan plan = {.depth = DEPTH,
                           .width = WIDTH,
                           .max_rows = ROWS,
                           .activation = &sweep,
                           .init = init->init,
                           .init_scale = init->scale,
                           .loss = CLACT_LOSS_SOFTMAX_CROSS_ENTROPY,
                           .seed = seed};
    clact_net *net = NULL;
    const clact_matrix x = {digits->x_device, 0, 0};
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
                        measured *m, char *message, size_t size) {
    clact_sweep sweeps[NUM_KINDS];
    const size_t each = NUM_SCALES + NUM_INITS;
    for (size_t k = 0; k < NUM_KINDS; k++)
        sweeps[k] = sweep_of(&kinds[k]);
    lab_progress(options, "compiling", 0.0);
    if (!lab_compile(device, sweeps, NUM_KINDS, CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, true, message,
                     size))
        return false;
    for (size_t i = 0; i < NUM_SCALES; i++)
        m->deviation[i] = pow(10.0, -3.0 + 0.5 * (double)i);
    for (size_t k = 0; k < NUM_KINDS; k++)
        for (size_t i = 0; i < each; i++) {
            const bool is_scaled = i < NUM_SCALES;
            const initial scaled = {NULL, CLACT_INIT_NORMAL,
                                    is_scaled ? (float)m->deviation[i] : 0.0f, false};
            lab_progress(options, kinds[k].name,
                         (double)(k * each + i) / (double)(NUM_KINDS * each));
            if (!measure(device, digits, &kinds[k], is_scaled ? &scaled : &inits[i - NUM_SCALES],
                         options->seed,
                         is_scaled ? &m->scaled[k][i] : &m->initial[k][i - NUM_SCALES], message,
                         size))
                return false;
        }
    return true;
}

/* ---- the report ---- */

static double first_to_last(const seen *s) {
    return s->rms[0] / s->rms[DEPTH - 1];
}

enum { OF_SEEN = 6 };
#define SEEN_COLUMNS                                                                               \
    {"saturated", "satur. %", "%.1f"}, {"dead", "dead %", "%.1f"}, {"rms_first", "rms", "%.1e"},   \
        {"ratio", "ratio", "%.1e"}, {"mean_first", "mean", "%.1e"},                                \
        {"median_first", "median", "%.1e"},

/* Half of relu's units pass nothing: no median */
static void put_seen(size_t k, const seen *s, lab_cell cells[OF_SEEN]) {
    cells[0] = LAB_NUMBER(100.0 * s->saturated);
    cells[1] = LAB_NUMBER(100.0 * s->dead);
    cells[2] = LAB_NUMBER(s->rms[0]);
    cells[3] = LAB_NUMBER(first_to_last(s));
    cells[4] = LAB_NUMBER(s->mean);
    cells[5] = LAB_NUMBER(k == RELU ? NAN : s->median);
}

static void add_tables(const measured *m, lab_report *report) {
    static const lab_column by_scale[] = {
        {"activation", "activation", NULL}, {"deviation", "weights", "%.4f"}, SEEN_COLUMNS};
    static const lab_column by_init[] = {
        {"activation", "activation", NULL}, {"init", "weights", NULL}, SEEN_COLUMNS};
    lab_table *scales = lab_add_table(
        report, "scales",
        "Normal weights of a deviation, before the first step; rms, mean and median: of\n"
        "|delta|, the gradient of what goes into the first hidden layer's units; ratio:\n"
        "rms of the first layer / of the last",
        by_scale, 2 + OF_SEEN);
    for (size_t k = 0; k < NUM_KINDS; k++)
        for (size_t i = 0; i < NUM_SCALES; i++) {
            lab_cell cells[2 + OF_SEEN] = {LAB_TEXT(kinds[k].name), LAB_NUMBER(m->deviation[i])};
            put_seen(k, &m->scaled[k][i], cells + 2);
            lab_add_row(scales, cells);
        }
    lab_table *usual = lab_add_table(
        report, "inits", "Usual initial weights; small: deviation 0.01", by_init, 2 + OF_SEEN);
    for (size_t k = 0; k < NUM_KINDS; k++)
        for (size_t i = 0; i < NUM_INITS; i++) {
            lab_cell cells[2 + OF_SEEN] = {LAB_TEXT(kinds[k].name), LAB_TEXT(inits[i].name)};
            put_seen(k, &m->initial[k][i], cells + 2);
            lab_add_row(usual, cells);
        }
}

static void add_scale_panels(const measured *m, lab_report *report) {
    static const char *const label = "deviation of the weights";
    lab_panel *shares = lab_add_panel(report, "Saturated units", label, "units and rows, %");
    lab_panel *sizes = lab_add_panel(report, "Gradient, first layer", label, "mean |delta|");
    lab_panel *medians = lab_add_panel(report, "Gradient, first layer", label, "median |delta|");
    for (size_t k = 0; k < NUM_KINDS; k++) {
        double share[NUM_SCALES], mean[NUM_SCALES], median[NUM_SCALES];
        for (size_t i = 0; i < NUM_SCALES; i++) {
            share[i] = 100.0 * m->scaled[k][i].saturated;
            mean[i] = m->scaled[k][i].mean;
            median[i] = m->scaled[k][i].median;
        }
        lab_add_curve(shares, kinds[k].name, FIGURE_LINE_POINTS, 0, m->deviation, share,
                      NUM_SCALES);
        lab_add_curve(sizes, kinds[k].name, FIGURE_LINE_POINTS, 0, m->deviation, mean, NUM_SCALES);
        if (k != RELU) /* half of it is 0 */
            lab_add_curve(medians, kinds[k].name, FIGURE_LINE_POINTS, 0, m->deviation, median,
                          NUM_SCALES);
    }
    lab_panel_of(shares)->x.log = lab_panel_of(sizes)->x.log = lab_panel_of(medians)->x.log = true;
    lab_panel_of(sizes)->y.log = lab_panel_of(medians)->y.log = true;
    lab_panel_of(shares)->y.min = 0.0;
    lab_panel_of(shares)->y.max = 100.0;
}

static void add_init_panels(const measured *m, lab_report *report) {
    double layer[DEPTH];
    for (size_t i = 0; i < DEPTH; i++)
        layer[i] = (double)(i + 1);
    for (size_t k = 0; k < NUM_KINDS; k++) {
        char title[64];
        snprintf(title, sizeof title, "Gradient by layer, %s", kinds[k].name);
        lab_panel *panel = lab_add_panel(report, title, "hidden layer", "rms");
        for (size_t i = 0; i < NUM_INITS; i++)
            lab_add_curve(panel, inits[i].name, FIGURE_LINE_POINTS, 0, layer, m->initial[k][i].rms,
                          DEPTH);
        lab_panel_of(panel)->y.log = true;
    }
}

/* The deviation at which half of the units are saturated, between those measured; NaN if never */
static double half_saturated(const measured *m, size_t k) {
    for (size_t i = 1; i < NUM_SCALES; i++) {
        const double before = m->scaled[k][i - 1].saturated, after = m->scaled[k][i].saturated;
        if (before < 0.5 && after >= 0.5)
            return m->deviation[i - 1] *
                   pow(m->deviation[i] / m->deviation[i - 1], (0.5 - before) / (after - before));
    }
    return NAN;
}

/* Where the median gradient of the first layer is greatest */
static size_t peak(const measured *m, size_t k) {
    size_t best = 0;
    for (size_t i = 1; i < NUM_SCALES; i++)
        if (m->scaled[k][i].median > m->scaled[k][best].median) best = i;
    return best;
}

/* The power of the deviation with which relu's gradient grows, over the first two decades */
static double relu_power(const measured *m) {
    return log10(m->scaled[RELU][4].rms[0] / m->scaled[RELU][0].rms[0]) / 2.0;
}

static void add_facts(const measured *m, lab_report *report) {
    char key[64];
    for (size_t k = 0; k < NUM_KINDS; k++) {
        snprintf(key, sizeof key, "half_saturated_%s", kinds[k].name);
        lab_add_fact(report, key, half_saturated(m, k));
        snprintf(key, sizeof key, "peak_%s", kinds[k].name);
        lab_add_fact(report, key, k == RELU ? NAN : m->deviation[peak(m, k)]);
        for (size_t i = 0; i < NUM_INITS; i++) {
            snprintf(key, sizeof key, "saturated_%s_%s", kinds[k].name, inits[i].name);
            lab_add_fact(report, key, m->initial[k][i].saturated);
            snprintf(key, sizeof key, "ratio_%s_%s", kinds[k].name, inits[i].name);
            lab_add_fact(report, key, first_to_last(&m->initial[k][i]));
        }
    }
    lab_add_fact(report, "relu_power", relu_power(m));
}

static double most_saturated(const measured *m) {
    double most = 0.0;
    for (size_t k = SIGMOID; k <= TANH; k++)
        for (size_t i = 0; i < NUM_INITS; i++)
            most = fmax(most, m->initial[k][i].saturated);
    return most;
}

static void say(const measured *m, lab_report *report) {
    const seen *of_tanh = m->scaled[TANH], *of_sigmoid = m->scaled[SIGMOID];
    const seen *tanh_by = m->initial[TANH], *relu_by = m->initial[RELU];
    const size_t at = peak(m, TANH), end = NUM_SCALES - 1;
    lab_say(
        report,
        "More than half is saturated from deviation %.2g on with tanh and %.2g with the "
        "sigmoid (Xavier's is 0.125 here); at 10 it is %.0f and %.0f %%. Most units of the "
        "first layer then learn little: with tanh their median gradient goes from %.0e at "
        "%.2g to %.0e at %.2g, while the mean goes from %.0e to %.0e, because large weights carry "
        "more through the few units that are not flat.",
        half_saturated(m, TANH), half_saturated(m, SIGMOID), 100.0 * of_tanh[end].saturated,
        100.0 * of_sigmoid[end].saturated, of_tanh[at].median, m->deviation[at],
        of_tanh[end - 1].median, m->deviation[end - 1], of_tanh[at].mean, of_tanh[end - 1].mean);
    lab_say(report,
            "Weights too small lose it as well: at 0.001 the first of five layers gets %.0e (tanh) "
            "and %.0e (sigmoid) of what the last one gets. relu is blind to scale: %.1f %% of it "
            "passes nothing at every deviation, and its gradient grows as the power %.2f of the "
            "deviation (predicted: 5, one for each layer of weights above).",
            first_to_last(&of_tanh[0]), first_to_last(&of_sigmoid[0]),
            100.0 * m->scaled[RELU][0].saturated, relu_power(m));
    lab_say(report,
            "Suitable weights avoid both: no more than %.1f %% of tanh or sigmoid is saturated, "
            "and the first layer's gradient is %.2f (Xavier), %.2f (He) and %.2f (LSUV) of the "
            "last's with tanh, %.2f, %.2f and %.2f with relu; the sigmoid, whose slope is at most "
            "1/4, keeps %.3f even with LSUV.",
            100.0 * most_saturated(m), first_to_last(&tanh_by[XAVIER]), first_to_last(&tanh_by[HE]),
            first_to_last(&tanh_by[LSUV]), first_to_last(&relu_by[XAVIER]),
            first_to_last(&relu_by[HE]), first_to_last(&relu_by[LSUV]),
            first_to_last(&m->initial[SIGMOID][LSUV]));
}

bool lab_saturation(picked_device *device, const lab_options *options, lab_report *report,
                    char *message, size_t size) {
    lab_digits digits;
    if (!lab_digits_open(device, &digits, message, size)) return false;
    measured *m = calloc(1, sizeof *m);
    bool done = m || cli_fail(message, size, "out of memory");
    done = done && measure_all(device, options, &digits, m, message, size);
    if (done) {
        add_tables(m, report);
        add_scale_panels(m, report);
        add_init_panels(m, report);
        add_facts(m, report);
        say(m, report);
    }
    free(m);
    lab_digits_close(&digits);
    return done;
}
