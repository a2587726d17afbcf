/* lab_identities_report.c: what was seen of identities in float32. */
#include "lab_identities_parts.h"

#include "oracle.h"

#include <math.h>

static const char *const keys[NUM_IDENTITIES] = {"tanh_by_sigmoid", "sigmoid_slope",
                                                 "sigmoid_mirrored", "tanh_slope"};
static const char *const names[NUM_IDENTITIES] = {"tanh = 2s(2x)-1", "s' = s(1-s)", "s(-x) = 1-s",
                                                  "tanh' = 1-tanh^2"};

/* ---- the exact value ---- */

static void find_exact(mpfr_ptr exact, identity which, float x) {
    const clact_activation act =
        which == TANH_BY_SIGMOID || which == TANH_SLOPE ? CLACT_ACT_TANH : CLACT_ACT_SIGMOID;
    clact_sweep sweep;
    mpfr_t at;
    clact_sweep_init(&sweep, act);
    mpfr_init2(at, 24);
    mpfr_set_flt(at, which == SIGMOID_MIRRORED ? -x : x, MPFR_RNDN);
    if (which == SIGMOID_SLOPE || which == TANH_SLOPE)
        oracle_derivative(exact, act, sweep.params, at);
    else
        oracle_forward(exact, act, sweep.params, at);
    mpfr_clear(at);
}

static double ulps_from_exact(identity which, float x, float got, double *exact_value) {
    mpfr_t exact;
    mpfr_init2(exact, ORACLE_BITS);
    find_exact(exact, which, x);
    const double ulps = oracle_ulps((double)got, exact, CLACT_F32);
    if (exact_value) *exact_value = mpfr_get_d(exact, MPFR_RNDN);
    mpfr_clear(exact);
    return ulps;
}

/* ---- tables and figure ---- */

static void add_identities(const findings *found, lab_report *report) {
    static const lab_column columns[] = {
        {"identity", "identity", NULL}, {"tier", "tier", NULL},     {"ulps", "max ulps", "%.3g"},
        {"apart", "max diff", "%.2g"},  {"held", "% held", "%.2f"}, {"fails_at", "fails", NULL},
        {"fails_from", "from", "%.3g"}, {"fails_to", "to", "%.3g"}};
    lab_table *table = lab_add_table(
        report, "identities",
        "Kernel against formula, in ulps of the kernel (s: sigmoid; held: to 4 ulps)", columns, 8);
    for (int k = 0; k < NUM_IDENTITIES; k++)
        for (int tier = 0; tier < CLI_NUM_TIERS; tier++) {
            const tally *t = &found->of[k][tier];
            lab_add_row(table,
                        (lab_cell[]){LAB_TEXT(names[k]), LAB_TEXT(clact_tier_name(cli_tiers[tier])),
                                     LAB_NUMBER(t->worst.ulps), LAB_NUMBER(t->most_apart),

                                     LAB_NUMBER(100.0 * (double)t->held / (double)t->count),
                                     LAB_TEXT(t->fails_below_zero ? "|x|" : "x > 0"),
                                     LAB_NUMBER(t->fails_from), LAB_NUMBER(t->fails_to)});
        }
}

static void add_worst(const findings *found, lab_report *report) {
    static const lab_column columns[] = {
        {"identity", "identity", NULL}, {"x", "worst x", "%.4g"},
        {"left", "kernel", "%.5g"},     {"right", "formula", "%.5g"},
        {"exact", "exact", "%.5g"},     {"left_ulps", "kernel off", "%.2f"}};
    lab_table *table = lab_add_table(
        report, "worst", "Which is right, where they are furthest apart (fast; off in ulps)",
        columns, 6);
    for (identity k = TANH_BY_SIGMOID; k < NUM_IDENTITIES; k++) {
        const sides *s = &found->of[k][0].worst;
        double exact = NAN;
        const double left = ulps_from_exact(k, s->x, s->left, &exact);
        lab_add_row(table, (lab_cell[]){LAB_TEXT(names[k]), LAB_NUMBER(s->x), LAB_NUMBER(s->left),
                                        LAB_NUMBER(s->right), LAB_NUMBER(exact), LAB_NUMBER(left)});
    }
}

static void add_slope(const findings *found, lab_report *report) {
    static const lab_column columns[] = {{"tier", "tier", NULL},
                                         {"most", "max s'", "%.9g"},
                                         {"above", "above 1/4", "%.0f"},
                                         {"quarter_to", "1/4 up to", "%.4g"},
                                         {"formula_zero", "s(1-s)=0 at", "%.5g"},
                                         {"slope_there", "s' there", "%.4g"},
                                         {"kernel_zero", "s'=0 at", "%.5g"}};
    lab_table *table =
        lab_add_table(report, "slope",
                      "The bound s' <= 1/4, and the least |x| where nothing is left", columns, 7);
    for (int tier = 0; tier < CLI_NUM_TIERS; tier++) {
        const slope_tally *t = &found->slope[tier];
        lab_add_row(table, (lab_cell[]){LAB_TEXT(clact_tier_name(cli_tiers[tier])),
                                        LAB_NUMBER(t->most), LAB_NUMBER(t->above),
                                        LAB_NUMBER(t->quarter_to), LAB_NUMBER(t->formula_zero),
                                        LAB_NUMBER(t->slope_there), LAB_NUMBER(t->kernel_zero)});
    }
}

/* The kernel's distance from the exact value at two points of a cell */
static double kernel_ulps(identity k, const sides *a, const sides *b) {
    return fmax(ulps_from_exact(k, a->x, a->left, NULL), ulps_from_exact(k, b->x, b->left, NULL));
}

static void add_cells(tally *t, identity k, int tier, lab_table *table, lab_panel *panel) {
    static const char *const labels[CLI_NUM_TIERS][2] = {
        {"formula to kernel, fast", "kernel to exact, fast"},
        {"formula to kernel, accurate", "kernel to exact, accurate"}};
    double x[NUM_CELLS], apart[NUM_CELLS], off[NUM_CELLS];
    for (size_t c = 0; c < NUM_CELLS; c++) {
        const sides *s = &t->most[c];
        x[c] = (double)s->x;
        apart[c] = s->ulps;
        off[c] = kernel_ulps(k, s, &t->first[c]);
        t->kernel_ulps = fmax(t->kernel_ulps, off[c]);
        lab_add_row(table,
                    (lab_cell[]){LAB_TEXT(keys[k]), LAB_TEXT(clact_tier_name(cli_tiers[tier])),
                                 LAB_NUMBER(s->x), LAB_NUMBER(s->left), LAB_NUMBER(s->right),
                                 LAB_NUMBER(s->ulps), LAB_NUMBER(off[c])});
    }
    lab_add_curve(panel, labels[tier][0], FIGURE_LINE, tier + 1, x, apart, NUM_CELLS);
    lab_add_curve(panel, labels[tier][1], FIGURE_DASHED, tier + 1, x, off, NUM_CELLS);
}

static void draw_cells(findings *found, lab_report *report) {
    static const char *const titles[NUM_IDENTITIES] = {"tanh x = 2 s(2x) - 1",
                                                       "s'(x) = s(x) (1 - s(x))",
                                                       "s(-x) = 1 - s(x)", "tanh' x = 1 - tanh² x"};
    static const lab_column columns[] = {{"identity", "identity", NULL},
                                         {"tier", "tier", NULL},
                                         {"x", "x", "%.9g"},
                                         {"left", "kernel", "%.9g"},
                                         {"right", "formula", "%.9g"},
                                         {"ulps", "ulps", "%.3g"},
                                         {"kernel_ulps", "kernel ulps", "%.3g"}};
    lab_table *table = lab_add_table(report, "cells", NULL, columns, 7);
    lab_show_rows(table, 0);
    for (identity k = TANH_BY_SIGMOID; k < NUM_IDENTITIES; k++) {
        lab_panel *panel = lab_add_panel(report, titles[k], "x", "ulps");
        lab_panel_of(panel)->x.log = lab_panel_of(panel)->y.log = true;
        lab_panel_of(panel)->y.min = 1e-3; /* nearer is of no interest */
        lab_panel_of(panel)->y.max = 1e9;

        for (int tier = 0; tier < CLI_NUM_TIERS; tier++)
            add_cells(&found->of[k][tier], k, tier, table, panel);
    }
}

/* ---- sentences ---- */

static void conclude(const findings *found, lab_report *report) {
    const tally *fast[NUM_IDENTITIES];
    double apart[CLI_NUM_TIERS] = {0}, kernel = 0.0;
    size_t above = 0;
    for (int tier = 0; tier < CLI_NUM_TIERS; tier++) {
        for (int k = 0; k < NUM_IDENTITIES; k++) {
            fast[k] = &found->of[k][0];
            apart[tier] = fmax(apart[tier], found->of[k][tier].most_apart);
            kernel = fmax(kernel, found->of[k][tier].kernel_ulps);
        }
        above += found->slope[tier].above;
    }
    const slope_tally *slope = &found->slope[1];
    lab_add_fact(report, "floats", (double)fast[0]->count);
    lab_add_fact(report, "specials_wrong", (double)found->specials_wrong);
    lab_add_fact(report, "most_apart_fast", apart[0]);
    lab_add_fact(report, "most_apart_accurate", apart[1]);
    lab_add_fact(report, "kernel_ulps", kernel);
    lab_say(report,
            "At %zu floats, one of each %d neighbours, the two sides of no identity are further "
            "apart than %.2f (fast) or %.2f (accurate) ulps of 1. So they hold, as predicted, as "
            "far as float32 goes near 1.",
            fast[0]->count, (int)NEIGHBOURS, apart[0] * 0x1p23, apart[1] * 0x1p23);
    lab_say(report,
            "As formulas they can lose everything (2^24 = 1.7e7 ulps), for a subtraction keeps "
            "what rounding near 1 or 1/2 has left: more than 4 ulps are lost by 2s(2x)-1 for |x| "
            "up to %.2g, by 1-s and s(1-s) for x from %.2g and %.2g, by 1-tanh^2 for |x| from "
            "%.2g. The kernels are at most %.2f ulps from the exact value at %zu points: they are "
            "the side that is right.",
            fast[TANH_BY_SIGMOID]->fails_to, fast[SIGMOID_MIRRORED]->fails_from,
            fast[SIGMOID_SLOPE]->fails_from, fast[TANH_SLOPE]->fails_from, kernel,
            (size_t)2 * NUM_IDENTITIES * NUM_CELLS * CLI_NUM_TIERS);
    lab_say(report,
            "s' is at most %.9g, exactly that for |x| up to %.2g, and more at %zu floats "
            "(predicted: 1/4, none). s(1-s) is 0 from x = %.3f (accurate; predicted: 25 ln 2 = "
            "17.329, where s rounds to 1), though s' is %.2g there, and not 0 before |x| = %.4g.",
            (double)slope->most, (double)slope->quarter_to, above, (double)slope->formula_zero,
            (double)slope->slope_there, (double)slope->kernel_zero);
}

void identities_report(findings *found, lab_report *report) {
    add_identities(found, report);
    add_worst(found, report);
    add_slope(found, report);
    draw_cells(found, report);
    conclude(found, report);
}
