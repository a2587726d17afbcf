/* lab_vanishing_report.c: what was seen of gradients in deep stacks. */
#include "lab_vanishing_parts.h"

#include <math.h>
#include <stdio.h>

enum { SHOWN_DEPTH = 32, SHOWN = 4 };

/* ---- what it comes to ---- */

static double ratio(const vanishing_found *f, size_t s, size_t d) {
    return f->at[s][d].delta[0];
}

static const vanishing_profile *at_depth(const vanishing_found *f, size_t s) {
    return &f->at[s][VANISHING_DEPTHS - 1];
}

/* At each layer of the deepest stack, on the way back: a geometric mean */
static double factor(const vanishing_found *f, size_t s) {
    return pow(ratio(f, s, VANISHING_DEPTHS - 1), 1.0 / (VANISHING_DEEPEST - 1));
}

/* The greatest factor of a single step between layers, over all depths of a stack; NaN if one is */
static double greatest_step(const vanishing_found *f, size_t s) {
    double most = 0.0;
    for (size_t d = 0; d < VANISHING_DEPTHS; d++)
        for (size_t i = 0; i + 1 < vanishing_depths[d]; i++) {
            const double step = f->at[s][d].delta[i] / f->at[s][d].delta[i + 1];
            if (!(step <= most)) most = step;
            if (isnan(step)) return NAN;
        }
    return most;
}

/* ---- the report ---- */

static void add_ratios(const vanishing_found *f, lab_report *report) {
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
    for (size_t s = 0; s < VANISHING_STACKS; s++) {
        lab_cell cells[sizeof columns / sizeof *columns] = {
            LAB_TEXT(vanishing_stacks[s].name), LAB_TEXT(vanishing_stacks[s].weights),
            LAB_NUMBER(f->predicted[s]), LAB_NUMBER(factor(f, s))};
        for (size_t d = 0; d < VANISHING_DEPTHS; d++)
            cells[4 + d] = LAB_NUMBER(log10(ratio(f, s, d)));
        cells[4 + VANISHING_DEPTHS] = LAB_NUMBER(log10(f->at[s][VANISHING_DEPTHS - 1].weight[0]));
        lab_add_row(t, cells);
    }
}

static void add_layers(const vanishing_found *f, lab_report *report) {
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
        for (size_t s = 0; s <= VANISHING_ORTHOGONAL; s++)
            cells[1 + s] = LAB_NUMBER(log10(f->at[s][SHOWN].delta[shown[i] - 1]));
        cells[2 + VANISHING_ORTHOGONAL] =
            LAB_NUMBER(0.0 - (double)(SHOWN_DEPTH - shown[i]) * log10(4.0));
        lab_add_row(t, cells);
    }
}

/* The curves of stacks first to last; the place of an activation among the stacks is its colour in
 * all panels. */
static void add_layer_curves(const vanishing_found *f, lab_panel *panel, size_t first,
                             size_t last) {
    double layer[SHOWN_DEPTH];
    for (size_t i = 0; i < SHOWN_DEPTH; i++)
        layer[i] = (double)(i + 1);
    for (size_t s = first; s <= last; s++)
        lab_add_curve(panel, vanishing_stacks[s].name, FIGURE_LINE, (int)s + 1, layer,
                      f->at[s][SHOWN].delta, SHOWN_DEPTH);
    lab_panel_of(panel)->y.log = true;
}

static void add_layer_panels(const vanishing_found *f, lab_report *report) {
    double layer[SHOWN_DEPTH], bound[SHOWN_DEPTH];
    lab_panel *all = lab_add_panel(report, "Sigmoids, 32 hidden layers", "layer",
                                   "|delta| relative to the last layer");
    lab_panel *others = lab_add_panel(report, "The others, 32 hidden layers", "layer",
                                      "|delta| relative to the last layer");
    for (size_t i = 0; i < SHOWN_DEPTH; i++) {
        layer[i] = (double)(i + 1);
        bound[i] = pow(0.25, (double)(SHOWN_DEPTH - i - 1));
    }
    add_layer_curves(f, all, 0, 1);
    lab_add_curve(all, "sigmoid, orthogonal", FIGURE_POINTS, 6, layer,
                  f->at[VANISHING_ORTHOGONAL][SHOWN].delta, SHOWN_DEPTH);
    lab_add_curve(all, "bound 0.25^k", FIGURE_DASHED, 7, layer, bound, SHOWN_DEPTH);
    add_layer_curves(f, others, 2, VANISHING_ORTHOGONAL - 1);
    lab_panel_of(others)->y.min = 0.01;
    lab_panel_of(others)->y.max = 100.0;
}

static void add_depth_curve(const vanishing_found *f, lab_panel *panel, size_t s, int colour) {
    double x[VANISHING_DEPTHS], y[VANISHING_DEPTHS];
    for (size_t d = 0; d < VANISHING_DEPTHS; d++) {
        x[d] = (double)vanishing_depths[d];
        y[d] = ratio(f, s, d);
    }
    lab_add_curve(panel, vanishing_stacks[s].name, FIGURE_LINE_POINTS, colour, x, y,
                  VANISHING_DEPTHS);
    lab_panel_of(panel)->y.log = true;
}

static void add_depth_panels(const vanishing_found *f, lab_report *report) {
    lab_panel *suitable = lab_add_panel(report, "Across the whole stack", "hidden layers",
                                        "|delta| first / last layer");
    lab_panel *large = lab_add_panel(report, "With weights too large", "hidden layers",
                                     "|delta| first / last layer");
    for (size_t s = 0; s < VANISHING_ORTHOGONAL; s++)
        add_depth_curve(f, suitable, s, (int)s + 1);
    add_depth_curve(f, large, VANISHING_SIGMOID_LARGE, 1);
    add_depth_curve(f, large, VANISHING_TANH_LARGE, 3);
    add_depth_curve(f, large, VANISHING_RELU_LARGE, 4);
}

static void add_facts(const vanishing_found *f, lab_report *report) {
    char key[64];
    for (size_t s = 0; s < VANISHING_STACKS; s++) {
        snprintf(key, sizeof key, "factor_%s", vanishing_stacks[s].key);
        lab_add_fact(report, key, factor(f, s));
        snprintf(key, sizeof key, "predicted_%s", vanishing_stacks[s].key);
        lab_add_fact(report, key, f->predicted[s]);
    }
    lab_add_fact(report, "bound", 0.25);
    lab_add_fact(report, "greatest_step_orthogonal", greatest_step(f, VANISHING_ORTHOGONAL));
    lab_add_fact(report, "greatest_step_sigmoid", greatest_step(f, 0));
    lab_add_fact(report, "bound_holds", greatest_step(f, VANISHING_ORTHOGONAL) <= 0.25);
    lab_add_fact(report, "predicted_gelu_of_one", f->predicted_of_one);
    lab_add_fact(report, "mean_sigmoid4", at_depth(f, VANISHING_SIGMOID4)->mean);
    lab_add_fact(report, "flat_sigmoid4", at_depth(f, VANISHING_SIGMOID4)->flat);
    lab_add_fact(report, "mean_tanh", at_depth(f, VANISHING_TANH)->mean);
    lab_add_fact(report, "flat_tanh", at_depth(f, VANISHING_TANH)->flat);
    lab_add_fact(report, "not_finite", (double)f->not_finite);
}

/* ---- sentences ---- */

static const char *grows(double factor) {
    return factor > 1.0 ? "grows" : "does not grow";
}

static void say_of_sigmoids(const vanishing_found *f, lab_report *report) {
    const double step = greatest_step(f, VANISHING_ORTHOGONAL);
    const vanishing_profile *four = at_depth(f, VANISHING_SIGMOID4),
                            *of_tanh = at_depth(f, VANISHING_TANH);
    lab_say(report,
            "sigma' is at most 1/4, so with orthogonal weights the gradient must shrink at least "
            "fourfold at each layer: %s, the greatest factor of any layer is %.3f, and of 64 "
            "layers' gradient 10^%.1f is left (bound 10^%.1f).",
            step <= 0.25 ? "it does" : "the bound is BROKEN", step,
            log10(at_depth(f, VANISHING_ORTHOGONAL)->delta[0]),
            (VANISHING_DEEPEST - 1) * log10(0.25));
    lab_add_fact(report, "sigmoid4_is_flatter", four->flat > of_tanh->flat);
    lab_add_fact(report, "sigmoid4_keeps_less",
                 factor(f, VANISHING_SIGMOID4) < factor(f, VANISHING_TANH));
    lab_say(report,
            "Xavier's weights may stretch a vector, so that nothing is proven for them; there the "
            "sigmoid keeps %.3f per layer. 4*sigmoid, whose slope at 0 is 1 like tanh's, keeps "
            "%.3f, %s than tanh: its outputs are %.2f on average (tanh's %.2f), and %s of "
            "them are where the slope is less than half of its greatest, %.0f against %.0f %%.",
            factor(f, VANISHING_SIGMOID), factor(f, VANISHING_SIGMOID4),
            factor(f, VANISHING_SIGMOID4) < factor(f, VANISHING_TANH) ? "less" : "no less",
            four->mean, of_tanh->mean, four->flat > of_tanh->flat ? "more" : "no more",
            100.0 * four->flat, 100.0 * of_tanh->flat);
}

static void say_of_others(const vanishing_found *f, lab_report *report) {
    const bool follows = fabs(factor(f, VANISHING_GELU) - f->predicted[VANISHING_GELU]) <= 0.05;
    double left[VANISHING_STACKS];
    lab_add_fact(report, "gelu_follows", follows);
    lab_add_fact(report, "tanh_explodes", factor(f, VANISHING_TANH_LARGE) > 1.0);
    lab_add_fact(report, "relu_explodes", factor(f, VANISHING_RELU_LARGE) > 1.0);
    lab_add_fact(report, "sigmoid_explodes", factor(f, VANISHING_SIGMOID_LARGE) > 1.0);
    for (size_t s = 0; s < VANISHING_STACKS; s++)
        left[s] = log10(at_depth(f, s)->delta[0]);
    lab_say(report,
            "tanh keeps %.3f per layer, relu %.3f, leaky_relu %.3f, selu %.3f: after 64 layers "
            "10^%.1f, 10^%.1f, 10^%.1f and 10^%.1f of the gradient, against 10^%.1f with the "
            "sigmoid.",
            factor(f, VANISHING_TANH), factor(f, VANISHING_RELU), factor(f, VANISHING_LEAKY),
            factor(f, VANISHING_SELU), left[VANISHING_TANH], left[VANISHING_RELU],
            left[VANISHING_LEAKY], left[VANISHING_SELU], left[VANISHING_SIGMOID]);
    lab_say(report,
            "gelu with He's weights keeps %.3f: the mean field's %.3f, of infinitely wide layers, "
            "is %s with 64 units. That is of the norm over all rows, which differ in size; a row "
            "of the average size would keep %.3f.",
            factor(f, VANISHING_GELU), f->predicted[VANISHING_GELU],
            follows ? "met within 0.05" : "not met within 0.05", f->predicted_of_one);
    lab_say(report,
            "With weights too large the gradient is to explode, through saturated units too: at 4 "
            "times Xavier it %s with tanh, by %.2f per layer, at 1.5 times He it %s with relu, by "
            "%.2f (theory 1.5), and at 32 times Xavier it %s with the sigmoid, by %.2f.",
            grows(factor(f, VANISHING_TANH_LARGE)), factor(f, VANISHING_TANH_LARGE),
            grows(factor(f, VANISHING_RELU_LARGE)), factor(f, VANISHING_RELU_LARGE),
            grows(factor(f, VANISHING_SIGMOID_LARGE)), factor(f, VANISHING_SIGMOID_LARGE));
    if (f->not_finite > 0)
        lab_say(report, "%zu elements of the gradients are no finite numbers and left out.",
                f->not_finite);
}

void vanishing_report(const vanishing_found *found, lab_report *report) {
    add_ratios(found, report);
    add_layers(found, report);
    add_layer_panels(found, report);
    add_depth_panels(found, report);
    add_facts(found, report);
    say_of_sigmoids(found, report);
    say_of_others(found, report);
}
