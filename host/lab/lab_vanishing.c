/* lab_vanishing.c: how the gradient shrinks or grows from layer to layer of a deep stack.
 *
 * A stack is a number of hidden layers of 64 units on a batch of digits. delta of a layer is the
 * gradient of what goes into its activation (z). Its L2 norm, over units and rows, is what the
 * backward health of the layer has.
 *
 * The loss is a mean squared one towards targets of 2^40 in the place of the label and 0 elsewhere.
 * Gradients are proportional to it, so that ratios are those of any other size of targets, but
 * float32 has room for 64 layers of shrinking below and of growing above.
 */
#include "lab_mean_field.h"
#include "lab_net.h"

#include <math.h>
#include <stdlib.h>

enum { WIDTH = LAB_INPUTS, ROWS = 256, NUM_DEPTHS = 6, DEEPEST = 64, SHOWN_DEPTH = 32, SHOWN = 4 };
static const size_t depths[NUM_DEPTHS] = {2, 4, 8, 16, 32, DEEPEST};

/* gain: the deviation of the weights times sqrt(WIDTH) */
typedef struct stack {
    const char *key, *name, *weights;
    clact_activation activation;
    float scale;
    clact_init init;
    float init_scale;
    double gain;
} stack;

enum { ORTHOGONAL = 7, TANH_LARGE, RELU_LARGE, SIGMOID_LARGE, NUM_STACKS };
static const stack stacks[NUM_STACKS] = {
    {"sigmoid", "sigmoid", "Xavier", CLACT_ACT_SIGMOID, 1, CLACT_INIT_XAVIER, 1, 1},
    {"sigmoid4", "4*sigmoid", "Xavier", CLACT_ACT_SIGMOID, 4, CLACT_INIT_XAVIER, 1, 1},
    {"tanh", "tanh", "Xavier", CLACT_ACT_TANH, 1, CLACT_INIT_XAVIER, 1, 1},
    {"relu", "relu", "He", CLACT_ACT_RELU, 1, CLACT_INIT_HE, 1, 1.41421356},
    {"leaky_relu", "leaky_relu", "He", CLACT_ACT_LEAKY_RELU, 1, CLACT_INIT_HE, 1, 1.41421356},
    {"gelu", "gelu", "He", CLACT_ACT_GELU, 1, CLACT_INIT_HE, 1, 1.41421356},
    {"selu", "selu", "LeCun", CLACT_ACT_SELU, 1, CLACT_INIT_HE, 0.70710678f, 1},
    {"orthogonal", "sigmoid", "orthog.", CLACT_ACT_SIGMOID, 1, CLACT_INIT_ORTHOGONAL, 1, 1},
    {"tanh_large", "tanh", "Xavier*4", CLACT_ACT_TANH, 1, CLACT_INIT_XAVIER, 4, 4},
    {"relu_large", "relu", "He*1.5", CLACT_ACT_RELU, 1, CLACT_INIT_HE, 1.5f, 2.12132034},
    {"sigmoid_large", "sigmoid", "Xavier*32", CLACT_ACT_SIGMOID, 1, CLACT_INIT_XAVIER, 32, 32}};

/* What was measured of each stack: norms by layer relative to the last hidden one, and of the
 * gradients of its weights. */
typedef struct profile {
    double delta[DEEPEST], weight[DEEPEST];
} profile;

typedef struct measured {
    profile at[NUM_STACKS][NUM_DEPTHS];
    double mean_square; /* of the inputs */
    size_t not_finite;  /* elements of all gradients */
} measured;

/* ---- the measurement ---- */

static clact_sweep sweep_of(const stack *s) {
    clact_sweep sweep;
    clact_sweep_init(&sweep, s->activation);
    sweep.scale = s->scale;
    return sweep;
}

/* From the gradients of all parameters, layer by layer: weights, then biases */
static void weight_norms(const float *gradients, size_t depth, profile *p) {
    for (size_t i = 0; i < depth; i++, gradients += (LAB_INPUTS + 1) * WIDTH) {
        double sum = 0.0;
        for (size_t k = 0; k < LAB_INPUTS * WIDTH; k++)
            sum += (double)gradients[k] * (double)gradients[k];
        p->weight[i] = sqrt(sum);
    }
    for (size_t i = 0; i < depth; i++)
        p->weight[i] /= p->weight[depth - 1];
}

static bool read_profile(picked_device *device, clact_net *net, size_t depth, profile *p,
                         size_t *not_finite, char *message, size_t size) {
    clact_health records[WIDTH + 1];
    float *gradients = NULL;
    size_t count = 0;
    for (size_t i = 0; i < depth; i++) {
        if (!lab_health(device, net, i, WIDTH, true, records, message, size)) return false;
        p->delta[i] = (double)records[WIDTH].norm;
        *not_finite += (size_t)(records[WIDTH].nans + records[WIDTH].infs);
    }
    for (size_t i = 0; i < depth; i++)
        p->delta[i] /= p->delta[depth - 1];
    const bool done =
        lab_copy_part(device, net, CLACT_NET_GRADIENTS, &gradients, &count, message, size);
    if (done) weight_norms(gradients, depth, p);
    free(gradients);
    return done;
}

static bool measure(picked_device *device, const lab_digits *digits, cl_mem target, const stack *s,
                    size_t depth, uint64_t seed, profile *p, size_t *not_finite, char *message,
                    size_t size) {
    const clact_sweep sweep = sweep_of(s);
    const lab_plan plan = {.depth = depth,
                           .width = WIDTH,
                           .max_rows = ROWS,
                           .activation = &sweep,
                           .init = s->init,
                           .init_scale = s->init_scale,
                           .loss = CLACT_LOSS_MSE,
                           .seed = seed};
    clact_net *net = NULL;
    const bool done = lab_net_create(device, &plan, &net, message, size) &&
                      lab_watch(device, net, digits, 0, ROWS, target, message, size) &&
                      read_profile(device, net, depth, p, not_finite, message, size);
    clact_net_destroy(net);
    return done;
}

static cl_mem new_targets(picked_device *device, const lab_digits *digits) {
    float values[ROWS * LAB_CLASSES] = {0};
    for (size_t r = 0; r < ROWS; r++)
        values[r * LAB_CLASSES + (size_t)digits->label[r]] = 0x1p40f;
    return clCreateBuffer(device->context, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, sizeof values,
                          values, NULL);
}

static bool measure_all(picked_device *device, const lab_options *options, const lab_digits *digits,
                        cl_mem target, measured *m, char *message, size_t size) {
    clact_sweep sweeps[ORTHOGONAL]; /* the stacks after them have the same */
    for (size_t s = 0; s < ORTHOGONAL; s++)
        sweeps[s] = sweep_of(&stacks[s]);
    lab_progress(options, "compiling", 0.0);
    if (!lab_compile(device, sweeps, ORTHOGONAL, CLACT_LOSS_MSE, false, message, size))
        return false;
    for (size_t s = 0; s < NUM_STACKS; s++)
        for (size_t d = 0; d < NUM_DEPTHS; d++) {
            const uint64_t seed = options->seed * NUM_STACKS + s;
            lab_progress(options, stacks[s].key,
                         (double)(s * NUM_DEPTHS + d) / (NUM_STACKS * NUM_DEPTHS));
            if (!measure(device, digits, target, &stacks[s], depths[d], seed, &m->at[s][d],
                         &m->not_finite, message, size))
                return false;
        }
    for (size_t i = 0; i < (size_t)ROWS * LAB_INPUTS; i++)
        m->mean_square += (double)digits->x[i] * (double)digits->x[i] / (ROWS * LAB_INPUTS);
    return true;
}

/* ---- what it comes to ---- */

static double ratio(const measured *m, size_t s, size_t d) {
    return m->at[s][d].delta[0];
}

/* At each layer of the deepest stack, on the way back: a geometric mean */
static double factor(const measured *m, size_t s) {
    return pow(ratio(m, s, NUM_DEPTHS - 1), 1.0 / (DEEPEST - 1));
}

static double predicted(const measured *m, size_t s) {
    return lab_mean_field(stacks[s].activation, (double)stacks[s].scale, stacks[s].gain,
                          m->mean_square, DEEPEST);
}

/* The greatest factor of a single step between layers, over all depths of a stack */
static double greatest_step(const measured *m, size_t s) {
    double most = 0.0;
    for (size_t d = 0; d < NUM_DEPTHS; d++)
        for (size_t i = 0; i + 1 < depths[d]; i++)
            most = fmax(most, m->at[s][d].delta[i] / m->at[s][d].delta[i + 1]);
    return most;
}

/* ---- the report ---- */

static void add_ratios(const measured *m, lab_report *report) {
    static const lab_column columns[] = {
        {"activation", "activation", NULL},   {"weights", "weights", NULL},
        {"predicted", "pred.", "%.3f"},       {"factor", "seen", "%.3f"},
        {"log10_ratio_2", "2", "%.1f"},       {"log10_ratio_4", "4", "%.1f"},
        {"log10_ratio_8", "8", "%.1f"},       {"log10_ratio_16", "16", "%.1f"},
        {"log10_ratio_32", "32", "%.1f"},     {"log10_ratio_64", "64", "%.1f"},
        {"log10_weight_64", "dW 64", "%.1f"},
    };
    lab_table *t = lab_add_table(
        report, "ratios",
        "Factor on |delta| at each of 64 layers on its way back (pred.: mean field); then\n"
        "log10(|delta| first layer / |delta| last layer) by depth, and of |dW| at 64",
        columns, sizeof columns / sizeof *columns);
    for (size_t s = 0; s < NUM_STACKS; s++) {
        lab_cell cells[sizeof columns / sizeof *columns] = {
            LAB_TEXT(stacks[s].name), LAB_TEXT(stacks[s].weights), LAB_NUMBER(predicted(m, s)),
            LAB_NUMBER(factor(m, s))};
        for (size_t d = 0; d < NUM_DEPTHS; d++)
            cells[4 + d] = LAB_NUMBER(log10(ratio(m, s, d)));
        cells[4 + NUM_DEPTHS] = LAB_NUMBER(log10(m->at[s][NUM_DEPTHS - 1].weight[0]));
        lab_add_row(t, cells);
    }
}

static void add_layers(const measured *m, lab_report *report) {
    static const lab_column columns[] = {
        {"layer", "layer", "%.0f"},        {"sigmoid", "sigmoid", "%.2f"},
        {"sigmoid4", "4*sigm", "%.2f"},    {"tanh", "tanh", "%.2f"},
        {"relu", "relu", "%.2f"},          {"leaky_relu", "leaky", "%.2f"},
        {"gelu", "gelu", "%.2f"},          {"selu", "selu", "%.2f"},
        {"orthogonal", "orthog.", "%.2f"}, {"bound", "bound", "%.2f"},
    };
    lab_table *t = lab_add_table(report, "log10_layers",
                                 "log10(|delta| of a layer / of the last) in stacks of 32; "
                                 "orthog.: sigmoid with\northogonal weights, which must not "
                                 "exceed the bound 0.25^(32 - layer)",
                                 columns, sizeof columns / sizeof *columns);
    static const size_t shown[] = {1, 2, 4, 8, 12, 16, 20, 24, 28, 31, 32};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        lab_cell cells[sizeof columns / sizeof *columns] = {LAB_NUMBER(shown[i])};
        for (size_t s = 0; s <= ORTHOGONAL; s++)
            cells[1 + s] = LAB_NUMBER(log10(m->at[s][SHOWN].delta[shown[i] - 1]));
        cells[2 + ORTHOGONAL] = LAB_NUMBER(0.0 - (double)(SHOWN_DEPTH - shown[i]) * log10(4.0));
        lab_add_row(t, cells);
    }
}

/* The curves of stacks first to last; the place of an activation among the stacks is its colour in
 * all panels. */
static void add_layer_curves(const measured *m, lab_panel *panel, size_t first, size_t last) {
    double layer[SHOWN_DEPTH];
    for (size_t i = 0; i < SHOWN_DEPTH; i++)
        layer[i] = (double)(i + 1);
    for (size_t s = first; s <= last; s++)
        lab_add_curve(panel, stacks[s].name, FIGURE_LINE, (int)s + 1, layer, m->at[s][SHOWN].delta,
                      SHOWN_DEPTH);
    lab_panel_of(panel)->y.log = true;
}

static void add_layer_panels(const measured *m, lab_report *report) {
    double layer[SHOWN_DEPTH], bound[SHOWN_DEPTH];
    lab_panel *all = lab_add_panel(report, "Sigmoids, 32 hidden layers", "layer",
                                   "|delta| relative to the last layer");
    lab_panel *others = lab_add_panel(report, "The others, 32 hidden layers", "layer",
                                      "|delta| relative to the last layer");
    for (size_t i = 0; i < SHOWN_DEPTH; i++) {
        layer[i] = (double)(i + 1);
        bound[i] = pow(0.25, (double)(SHOWN_DEPTH - i - 1));
    }
    add_layer_curves(m, all, 0, 1);
    lab_add_curve(all, "sigmoid, orthogonal", FIGURE_POINTS, 6, layer,
                  m->at[ORTHOGONAL][SHOWN].delta, SHOWN_DEPTH);
    lab_add_curve(all, "bound 0.25^k", FIGURE_DASHED, 7, layer, bound, SHOWN_DEPTH);
    add_layer_curves(m, others, 2, ORTHOGONAL - 1);
    lab_panel_of(others)->y.min = 0.01;
    lab_panel_of(others)->y.max = 100.0;
}

static void add_depth_curve(const measured *m, lab_panel *panel, size_t s, int colour) {
    double x[NUM_DEPTHS], y[NUM_DEPTHS];
    for (size_t d = 0; d < NUM_DEPTHS; d++) {
        x[d] = (double)depths[d];
        y[d] = ratio(m, s, d);
    }
    lab_add_curve(panel, stacks[s].name, FIGURE_LINE_POINTS, colour, x, y, NUM_DEPTHS);
    lab_panel_of(panel)->y.log = true;
}

static void add_depth_panels(const measured *m, lab_report *report) {
    lab_panel *suitable = lab_add_panel(report, "Across the whole stack", "hidden layers",
                                        "|delta| first / last layer");
    lab_panel *large = lab_add_panel(report, "With weights too large", "hidden layers",
                                     "|delta| first / last layer");
    for (size_t s = 0; s < ORTHOGONAL; s++)
        add_depth_curve(m, suitable, s, (int)s + 1);
    add_depth_curve(m, large, SIGMOID_LARGE, 1);
    add_depth_curve(m, large, TANH_LARGE, 3);
    add_depth_curve(m, large, RELU_LARGE, 4);
}

static void add_facts(const measured *m, lab_report *report) {
    char key[64];
    for (size_t s = 0; s < NUM_STACKS; s++) {
        snprintf(key, sizeof key, "factor_%s", stacks[s].key);
        lab_add_fact(report, key, factor(m, s));
        snprintf(key, sizeof key, "predicted_%s", stacks[s].key);
        lab_add_fact(report, key, predicted(m, s));
    }
    lab_add_fact(report, "bound", 0.25);
    lab_add_fact(report, "greatest_step_orthogonal", greatest_step(m, ORTHOGONAL));
    lab_add_fact(report, "greatest_step_sigmoid", greatest_step(m, 0));
    lab_add_fact(report, "bound_holds", greatest_step(m, ORTHOGONAL) <= 0.25);
    lab_add_fact(report, "not_finite", (double)m->not_finite);
}

static void say(const measured *m, lab_report *report) {
    const size_t last = NUM_DEPTHS - 1;
    const double step = greatest_step(m, ORTHOGONAL);
    lab_say(report,
            "sigma' is at most 1/4, so with orthogonal weights the gradient must shrink at least "
            "fourfold at each layer: %s, the greatest factor of any layer is %.3f, and of 64 "
            "layers' gradient 10^%.1f is left (bound 10^%.1f).",
            step <= 0.25 ? "it does" : "the bound is BROKEN", step,
            log10(ratio(m, ORTHOGONAL, last)), (DEEPEST - 1) * log10(0.25));
    lab_say(report,
            "With Xavier's weights, whose largest singular value is near 2, nothing is proven, but "
            "the sigmoid still keeps only %.3f per layer; 4*sigmoid, whose slope at 0 is 1, keeps "
            "%.3f, because outputs around 2 instead of 0 drive the next layer to where it is flat.",
            factor(m, 0), factor(m, 1));
    lab_say(report,
            "tanh keeps %.3f per layer, relu %.3f, leaky_relu %.3f, selu %.3f: after 64 layers "
            "10^%.1f, 10^%.1f, 10^%.1f and 10^%.1f of the gradient, against 10^%.1f with the "
            "sigmoid. gelu with He's weights keeps %.3f, where wide layers should keep %.3f.",
            factor(m, 2), factor(m, 3), factor(m, 4), factor(m, 6), log10(ratio(m, 2, last)),
            log10(ratio(m, 3, last)), log10(ratio(m, 4, last)), log10(ratio(m, 6, last)),
            log10(ratio(m, 0, last)), factor(m, 5), predicted(m, 5));
    lab_say(report,
            "Weights too large make the gradient explode, through saturated units too: it grows by "
            "%.2f per layer with tanh at 4 times Xavier, %.2f with relu at 1.5 times He (theory "
            "1.5), %.2f with the sigmoid at 32 times Xavier.",
            factor(m, TANH_LARGE), factor(m, RELU_LARGE), factor(m, SIGMOID_LARGE));
}

bool lab_vanishing(picked_device *device, const lab_options *options, lab_report *report,
                   char *message, size_t size) {
    lab_digits digits;
    if (!lab_digits_open(device, &digits, message, size)) return false;
    measured *m = calloc(1, sizeof *m);
    cl_mem target = new_targets(device, &digits);
    bool done = (m && target) || cli_fail(message, size, "out of memory");
    done = done && measure_all(device, options, &digits, target, m, message, size);
    if (done) {
        add_ratios(m, report);
        add_layers(m, report);
        add_layer_panels(m, report);
        add_depth_panels(m, report);
        add_facts(m, report);
        say(m, report);
    }
    if (target) clReleaseMemObject(target);
    free(m);
    lab_digits_close(&digits);
    return done;
}
