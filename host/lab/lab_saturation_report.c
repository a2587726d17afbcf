/* lab_saturation_report.c: what was seen of initial weights. */
#include "lab_saturation_parts.h"

#include <math.h>
#include <stdio.h>

static const char *const kind_names[SATURATION_KINDS] = {"sigmoid", "tanh", "relu"};
static const char *const init_names[SATURATION_INITS] = {"small", "xavier", "he", "lsuv"};

/* ---- tables and figure ---- */

static double first_to_last(const saturation_seen *s) {
    return s->rms[0] / s->rms[SATURATION_DEPTH - 1];
}

enum { OF_SEEN = 6 };
#define SEEN_COLUMNS                                                                               \
    {"saturated", "satur. %", "%.1f"}, {"dead", "dead %", "%.1f"}, {"rms_first", "rms", "%.1e"},   \
        {"ratio", "ratio", "%.1e"}, {"mean_first", "mean", "%.1e"},                                \
        {"median_first", "median", "%.1e"},

/* Half of relu's units pass nothing: no median */
static void put_seen(size_t k, const saturation_seen *s, lab_cell cells[OF_SEEN]) {
    cells[0] = LAB_NUMBER(100.0 * s->saturated);
    cells[1] = LAB_NUMBER(100.0 * s->dead);
    cells[2] = LAB_NUMBER(s->rms[0]);
    cells[3] = LAB_NUMBER(first_to_last(s));
    cells[4] = LAB_NUMBER(s->mean);
    cells[5] = LAB_NUMBER(k == SATURATION_RELU ? NAN : s->median);
}

static void add_tables(const saturation_found *f, lab_report *report) {
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
    for (size_t k = 0; k < SATURATION_KINDS; k++)
        for (size_t i = 0; i < SATURATION_SCALES; i++) {
            lab_cell cells[2 + OF_SEEN] = {LAB_TEXT(kind_names[k]), LAB_NUMBER(f->deviation[i])};
            put_seen(k, &f->scaled[k][i], cells + 2);
            lab_add_row(scales, cells);
        }
    lab_table *usual = lab_add_table(
        report, "inits", "Usual initial weights; small: deviation 0.01", by_init, 2 + OF_SEEN);
    for (size_t k = 0; k < SATURATION_KINDS; k++)
        for (size_t i = 0; i < SATURATION_INITS; i++) {
            lab_cell cells[2 + OF_SEEN] = {LAB_TEXT(kind_names[k]), LAB_TEXT(init_names[i])};
            put_seen(k, &f->initial[k][i], cells + 2);
            lab_add_row(usual, cells);
        }
}

static void add_scale_panels(const saturation_found *f, lab_report *report) {
    static const char *const label = "deviation of the weights";
    lab_panel *shares = lab_add_panel(report, "Saturated units", label, "units and rows, %");
    lab_panel *sizes = lab_add_panel(report, "Gradient, first layer", label, "mean |delta|");
    lab_panel *medians = lab_add_panel(report, "Gradient, first layer", label, "median |delta|");
    for (size_t k = 0; k < SATURATION_KINDS; k++) {
        double share[SATURATION_SCALES], mean[SATURATION_SCALES], median[SATURATION_SCALES];
        for (size_t i = 0; i < SATURATION_SCALES; i++) {
            share[i] = 100.0 * f->scaled[k][i].saturated;
            mean[i] = f->scaled[k][i].mean;
            median[i] = f->scaled[k][i].median;
        }
        lab_add_curve(shares, kind_names[k], FIGURE_LINE_POINTS, 0, f->deviation, share,
                      SATURATION_SCALES);
        lab_add_curve(sizes, kind_names[k], FIGURE_LINE_POINTS, 0, f->deviation, mean,
                      SATURATION_SCALES);
        if (k != SATURATION_RELU) /* half of it is 0 */
            lab_add_curve(medians, kind_names[k], FIGURE_LINE_POINTS, 0, f->deviation, median,
                          SATURATION_SCALES);
    }
    lab_panel_of(shares)->x.log = lab_panel_of(sizes)->x.log = lab_panel_of(medians)->x.log = true;
    lab_panel_of(sizes)->y.log = lab_panel_of(medians)->y.log = true;
    lab_panel_of(shares)->y.min = 0.0;
    lab_panel_of(shares)->y.max = 100.0;
}

static void add_init_panels(const saturation_found *f, lab_report *report) {
    double layer[SATURATION_DEPTH];
    for (size_t i = 0; i < SATURATION_DEPTH; i++)
        layer[i] = (double)(i + 1);
    for (size_t k = 0; k < SATURATION_KINDS; k++) {
        char title[64];
        snprintf(title, sizeof title, "Gradient by layer, %s", kind_names[k]);
        lab_panel *panel = lab_add_panel(report, title, "hidden layer", "rms");
        for (size_t i = 0; i < SATURATION_INITS; i++)
            lab_add_curve(panel, init_names[i], FIGURE_LINE_POINTS, 0, layer, f->initial[k][i].rms,
                          SATURATION_DEPTH);
        lab_panel_of(panel)->y.log = true;
    }
}

/* ---- what it comes to ---- */

/* The deviation at which half of the units are saturated, between those measured; NaN if never */
static double half_saturated(const saturation_found *f, size_t k) {
    if (f->scaled[k][0].saturated >= 0.5) return f->deviation[0];
    for (size_t i = 1; i < SATURATION_SCALES; i++) {
        const double before = f->scaled[k][i - 1].saturated, after = f->scaled[k][i].saturated;
        if (before < 0.5 && after >= 0.5)
            return f->deviation[i - 1] *
                   pow(f->deviation[i] / f->deviation[i - 1], (0.5 - before) / (after - before));
    }
    return NAN;
}

/* Where the median gradient of the first layer is greatest */
static size_t peak(const saturation_found *f, size_t k) {
    size_t best = 0;
    for (size_t i = 1; i < SATURATION_SCALES; i++)
        if (f->scaled[k][i].median > f->scaled[k][best].median) best = i;
    return best;
}

/* The power of the deviation with which relu's gradient grows, over the first two decades */
static double relu_power(const saturation_found *f) {
    return log10(f->scaled[SATURATION_RELU][4].rms[0] / f->scaled[SATURATION_RELU][0].rms[0]) / 2.0;
}

/* The greatest share of saturated sigmoids or tanhs, with weights that are not too small */
static double most_saturated(const saturation_found *f) {
    double most = 0.0;
    for (size_t k = SATURATION_SIGMOID; k <= SATURATION_TANH; k++)
        for (size_t i = SATURATION_XAVIER; i < SATURATION_INITS; i++)
            most = fmax(most, f->initial[k][i].saturated);
    return most;
}

/* Whether of what the last layer gets the first gets a tenth to tenfold with all of those */
static bool keeps_gradient(const saturation_found *f, size_t k) {
    for (size_t i = SATURATION_XAVIER; i < SATURATION_INITS; i++) {
        const double ratio = first_to_last(&f->initial[k][i]);
        if (!(ratio >= 0.1 && ratio <= 10.0)) return false;
    }
    return true;
}

/* ---- facts and sentences ---- */

static void add_facts(const saturation_found *f, lab_report *report) {
    char key[64];
    for (size_t k = 0; k < SATURATION_KINDS; k++) {
        snprintf(key, sizeof key, "half_saturated_%s", kind_names[k]);
        lab_add_fact(report, key, k == SATURATION_RELU ? NAN : half_saturated(f, k));
        snprintf(key, sizeof key, "peak_%s", kind_names[k]);
        lab_add_fact(report, key, k == SATURATION_RELU ? NAN : f->deviation[peak(f, k)]);
        for (size_t i = 0; i < SATURATION_INITS; i++) {
            snprintf(key, sizeof key, "saturated_%s_%s", kind_names[k], init_names[i]);
            lab_add_fact(report, key, f->initial[k][i].saturated);
            snprintf(key, sizeof key, "ratio_%s_%s", kind_names[k], init_names[i]);
            lab_add_fact(report, key, first_to_last(&f->initial[k][i]));
        }
    }
    lab_add_fact(report, "relu_power", relu_power(f));
    lab_add_fact(report, "most_saturated", most_saturated(f));
}

/* "from deviation 0.63 on" */
static void say_half(const saturation_found *f, size_t k, char *text, size_t size) {
    const double half = half_saturated(f, k);
    if (isnan(half))
        snprintf(text, size, "at no deviation");
    else
        snprintf(text, size, "from deviation %.2g on", half);
}

static void say_of_large(const saturation_found *f, lab_report *report) {
    const size_t at = peak(f, SATURATION_TANH), end = SATURATION_SCALES - 1;
    const saturation_seen *of = f->scaled[SATURATION_TANH];
    char of_tanh[64], of_sigmoid[64];
    say_half(f, SATURATION_TANH, of_tanh, sizeof of_tanh);
    say_half(f, SATURATION_SIGMOID, of_sigmoid, sizeof of_sigmoid);
    const bool falls = of[end].median < of[at].median;
    lab_add_fact(report, "median_falls", falls);
    lab_add_fact(report, "mean_falls", of[end].mean < of[at].mean);
    lab_say(report,
            "More than half is saturated %s with tanh and %s with the sigmoid (Xavier's deviation "
            "is %.3g here); at %.2g it is %.0f and %.0f %%. The median gradient of the first "
            "layer's tanhs is greatest at %.2g%s: from there to %.2g it goes from %.0e to %.0e, "
            "and the mean %s from %.0e to %.0e.",
            of_tanh, of_sigmoid, 1.0 / sqrt(SATURATION_WIDTH), f->deviation[end],
            100.0 * of[end].saturated, 100.0 * f->scaled[SATURATION_SIGMOID][end].saturated,
            f->deviation[at], falls ? "; larger weights leave most of them with less" : "",
            f->deviation[end], of[at].median, of[end].median,
            of[end].mean < of[at].mean ? "falls too," : "does not fall,", of[at].mean,
            of[end].mean);
}

static void say_of_small(const saturation_found *f, lab_report *report) {
    const saturation_seen *relu = f->scaled[SATURATION_RELU];
    const double of_tanh = first_to_last(&f->scaled[SATURATION_TANH][0]),
                 of_sigmoid = first_to_last(&f->scaled[SATURATION_SIGMOID][0]);
    const bool lost = of_tanh < 0.01 && of_sigmoid < 0.01;
    double least = relu[0].saturated, most = least;
    for (size_t i = 1; i < SATURATION_SCALES; i++) {
        least = fmin(least, relu[i].saturated);
        most = fmax(most, relu[i].saturated);
    }
    lab_add_fact(report, "small_loses", lost);
    lab_add_fact(report, "relu_is_blind", most == least);
    lab_say(report,
            "Weights too small %s: at %.2g the first of five layers gets %.0e (tanh) and %.0e "
            "(sigmoid) of what the last one gets. relu is %s scale: it passes nothing in %.1f to "
            "%.1f %% of units and rows over all deviations, and its gradient grows as the power "
            "%.2f of the deviation (predicted: 5, one for each layer of weights above).",
            lost ? "lose the gradient as well" : "do not lose the gradient of both",
            f->deviation[0], of_tanh, of_sigmoid, most == least ? "blind to" : "not blind to",
            100.0 * least, 100.0 * most, relu_power(f));
}

static void say_of_usual(const saturation_found *f, lab_report *report) {
    const saturation_seen *of_tanh = f->initial[SATURATION_TANH],
                          *of_relu = f->initial[SATURATION_RELU],
                          *of_sigmoid = f->initial[SATURATION_SIGMOID];
    static const char *const verbs[2] = {"does not keep", "keeps"};
    for (size_t k = 0; k < SATURATION_KINDS; k++) {
        char key[32];
        snprintf(key, sizeof key, "keeps_%s", kind_names[k]);
        lab_add_fact(report, key, keeps_gradient(f, k));
    }
    lab_say(report,
            "With Xavier's, He's and LSUV's weights no more than %.1f %% of tanh or sigmoid is "
            "saturated. With all three tanh %s the gradient within a factor of ten (first layer / "
            "last: %.2f, %.2f and %.2f), relu %s it (%.2f, %.2f and %.2f), and the sigmoid, whose "
            "slope is at most 1/4, %s it (%.0e, %.0e and %.0e).",
            100.0 * most_saturated(f), verbs[keeps_gradient(f, SATURATION_TANH)],
            first_to_last(&of_tanh[SATURATION_XAVIER]), first_to_last(&of_tanh[SATURATION_HE]),
            first_to_last(&of_tanh[SATURATION_LSUV]), verbs[keeps_gradient(f, SATURATION_RELU)],
            first_to_last(&of_relu[SATURATION_XAVIER]), first_to_last(&of_relu[SATURATION_HE]),
            first_to_last(&of_relu[SATURATION_LSUV]), verbs[keeps_gradient(f, SATURATION_SIGMOID)],
            first_to_last(&of_sigmoid[SATURATION_XAVIER]),
            first_to_last(&of_sigmoid[SATURATION_HE]), first_to_last(&of_sigmoid[SATURATION_LSUV]));
}

void saturation_report(const saturation_found *found, lab_report *report) {
    add_tables(found, report);
    add_scale_panels(found, report);
    add_init_panels(found, report);
    add_facts(found, report);
    say_of_large(found, report);
    say_of_small(found, report);
    say_of_usual(found, report);
}
