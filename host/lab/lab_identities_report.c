/* lab_identities_report.c: what was seen of identities in float32. */
#include "lab_identities_parts.h"

#include "oracle.h"

#include <math.h>
#include <stdio.h>

static const char *const keys[IDENTITIES] = {"tanh_by_sigmoid", "sigmoid_slope", "sigmoid_mirrored",
                                             "tanh_slope"};
static const char *const names[IDENTITIES] = {"tanh = 2s(2x)-1", "s' = s(1-s)", "s(-x) = 1-s",
                                              "tanh' = 1-tanh^2"};

/* ---- the exact value ---- */

static void find_exact(mpfr_ptr exact, identity_kind which, float x) {
    const clact_activation act = which == IDENTITY_TANH_BY_SIGMOID || which == IDENTITY_TANH_SLOPE
                                     ? CLACT_ACT_TANH
                                     : CLACT_ACT_SIGMOID;
    clact_sweep sweep;
    mpfr_t at;
    clact_sweep_init(&sweep, act);
    mpfr_init2(at, 24);
    mpfr_set_flt(at, which == IDENTITY_SIGMOID_MIRRORED ? -x : x, MPFR_RNDN);
    if (which == IDENTITY_SIGMOID_SLOPE || which == IDENTITY_TANH_SLOPE)
        oracle_derivative(exact, act, sweep.params, at);
    else
        oracle_forward(exact, act, sweep.params, at);
    mpfr_clear(at);
}

static double ulps_from_exact(identity_kind which, float x, float got, double *exact_value) {
    mpfr_t exact;
    mpfr_init2(exact, ORACLE_BITS);
    find_exact(exact, which, x);
    const double ulps = oracle_ulps((double)got, exact, CLACT_F32);
    if (exact_value) *exact_value = mpfr_get_d(exact, MPFR_RNDN);
    mpfr_clear(exact);
    return ulps;
}

/* ---- tables and figure ---- */

static void add_identities(const identities_found *found, lab_report *report) {
    static const lab_column columns[] = {
        {"identity", "identity", NULL}, {"tier", "tier", NULL},     {"ulps", "max ulps", "%.3g"},
        {"apart", "max diff", "%.2g"},  {"held", "% held", "%.2f"}, {"fails_at", "fails", NULL},
        {"fails_from", "from", "%.3g"}, {"fails_to", "to", "%.3g"}};
    lab_table *table = lab_add_table(
        report, "identities",
        "Kernel against formula, in ulps of the kernel (s: sigmoid; held: to 4 ulps)", columns, 8);
    for (int k = 0; k < IDENTITIES; k++)
        for (int tier = 0; tier < CLI_NUM_TIERS; tier++) {
            const identity_tally *t = &found->of[k][tier];
            lab_add_row(table,
                        (lab_cell[]){LAB_TEXT(names[k]), LAB_TEXT(clact_tier_name(cli_tiers[tier])),
                                     LAB_NUMBER(t->worst.ulps), LAB_NUMBER(t->most_apart),
                                     LAB_NUMBER(100.0 * (double)t->held / (double)t->count),
                                     LAB_TEXT(t->fails_below_zero ? "|x|" : "x > 0"),
                                     LAB_NUMBER(t->fails_from), LAB_NUMBER(t->fails_to)});
        }
}

static void add_worst(const identities_found *found, lab_report *report) {
    static const lab_column columns[] = {
        {"identity", "identity", NULL}, {"x", "worst x", "%.4g"},
        {"left", "kernel", "%.5g"},     {"right", "formula", "%.5g"},
        {"exact", "exact", "%.5g"},     {"left_ulps", "kernel off", "%.2f"}};
    lab_table *table = lab_add_table(
        report, "worst", "Which is right, where they are furthest apart (fast; off in ulps)",
        columns, 6);
    for (identity_kind k = IDENTITY_TANH_BY_SIGMOID; k < IDENTITIES; k++) {
        const identity_sides *s = &found->of[k][0].worst;
        double exact = NAN;
        const double left = ulps_from_exact(k, s->x, s->left, &exact);
        lab_add_row(table, (lab_cell[]){LAB_TEXT(names[k]), LAB_NUMBER(s->x), LAB_NUMBER(s->left),
                                        LAB_NUMBER(s->right), LAB_NUMBER(exact), LAB_NUMBER(left)});
    }
}

static void add_slope(const identities_found *found, lab_report *report) {
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
        const identity_slope *t = &found->slope[tier];
        lab_add_row(table, (lab_cell[]){LAB_TEXT(clact_tier_name(cli_tiers[tier])),
                                        LAB_NUMBER(t->most), LAB_NUMBER(t->above),
                                        LAB_NUMBER(t->quarter_to), LAB_NUMBER(t->formula_zero),
                                        LAB_NUMBER(t->slope_there), LAB_NUMBER(t->kernel_zero)});
    }
}

/* The kernel's distance from the exact value at two points of a cell */
static double kernel_ulps(identity_kind k, const identity_sides *a, const identity_sides *b) {
    return fmax(ulps_from_exact(k, a->x, a->left, NULL), ulps_from_exact(k, b->x, b->left, NULL));
}

static void add_cells(identity_tally *t, identity_kind k, int tier, lab_table *table,
                      lab_panel *panel) {
    static const char *const labels[CLI_NUM_TIERS][2] = {
        {"formula to kernel, fast", "kernel to exact, fast"},
        {"formula to kernel, accurate", "kernel to exact, accurate"}};
    double x[IDENTITIES_CELLS], apart[IDENTITIES_CELLS], off[IDENTITIES_CELLS];
    for (size_t c = 0; c < IDENTITIES_CELLS; c++) {
        const identity_sides *s = &t->most[c];
        x[c] = (double)s->x;
        apart[c] = s->ulps;
        off[c] = kernel_ulps(k, s, &t->first[c]);
        t->kernel_ulps = fmax(t->kernel_ulps, off[c]);
        lab_add_row(table,
                    (lab_cell[]){LAB_TEXT(keys[k]), LAB_TEXT(clact_tier_name(cli_tiers[tier])),
                                 LAB_NUMBER(s->x), LAB_NUMBER(s->left), LAB_NUMBER(s->right),
                                 LAB_NUMBER(s->ulps), LAB_NUMBER(off[c])});
    }
    lab_add_curve(panel, labels[tier][0], FIGURE_LINE, tier + 1, x, apart, IDENTITIES_CELLS);
    lab_add_curve(panel, labels[tier][1], FIGURE_DASHED, tier + 1, x, off, IDENTITIES_CELLS);
}

static void draw_cells(identities_found *found, lab_report *report) {
    static const char *const titles[IDENTITIES] = {"tanh x = 2 s(2x) - 1",
                                                   "s'(x) = s(x) (1 - s(x))", "s(-x) = 1 - s(x)",
                                                   "tanh' x = 1 - tanh² x"};
    static const lab_column columns[] = {{"identity", "identity", NULL},
                                         {"tier", "tier", NULL},
                                         {"x", "x", "%.9g"},
                                         {"left", "kernel", "%.9g"},
                                         {"right", "formula", "%.9g"},
                                         {"ulps", "ulps", "%.3g"},
                                         {"kernel_ulps", "kernel ulps", "%.3g"}};
    lab_table *table = lab_add_table(report, "cells", NULL, columns, 7);
    lab_show_rows(table, 0);
    for (identity_kind k = IDENTITY_TANH_BY_SIGMOID; k < IDENTITIES; k++) {
        lab_panel *panel = lab_add_panel(report, titles[k], "x", "ulps");
        lab_panel_of(panel)->x.log = lab_panel_of(panel)->y.log = true;
        lab_panel_of(panel)->y.min = 1e-3; /* nearer is of no interest */
        lab_panel_of(panel)->y.max = 1e9;
        for (int tier = 0; tier < CLI_NUM_TIERS; tier++)
            add_cells(&found->of[k][tier], k, tier, table, panel);
    }
}

/* ---- facts and sentences ---- */

enum { WHERE = 48 };
static const double all_lost = 0x1p23; /* ulps: the sides have no digit in common */

static const identity_tally *fast(const identities_found *found, identity_kind k) {
    return &found->of[k][0];
}

static double most_apart(const identities_found *found, int tier) {
    double most = 0.0;
    for (int k = 0; k < IDENTITIES; k++)
        most = fmax(most, found->of[k][tier].most_apart);
    return most;
}

static void say_of_size(const identities_found *found, lab_report *report) {
    const double in_fast = most_apart(found, 0), in_accurate = most_apart(found, 1);
    size_t nans = 0;
    for (int k = 0; k < IDENTITIES; k++)
        for (int tier = 0; tier < CLI_NUM_TIERS; tier++)
            nans += found->of[k][tier].nans;
    const bool hold = nans == 0 && fmax(in_fast, in_accurate) <= IDENTITIES_HELD * 0x1p-23;
    lab_add_fact(report, "floats", (double)fast(found, 0)->count);
    lab_add_fact(report, "specials_wrong", (double)found->specials_wrong);
    lab_add_fact(report, "nans", (double)nans);
    lab_add_fact(report, "most_apart_fast", in_fast);
    lab_add_fact(report, "most_apart_accurate", in_accurate);
    lab_add_fact(report, "they_hold", hold);
    lab_say(report,
            "At %zu floats, one of each %d neighbours, the two sides of no identity are further "
            "apart than %.2f (fast) or %.2f (accurate) ulps of 1: %s, predicted was no further "
            "than %d. At infinities and NaN %zu of %zu comparisons differ.",
            fast(found, 0)->count, (int)IDENTITIES_NEIGHBOURS, in_fast * 0x1p23,
            in_accurate * 0x1p23,
            hold ? "as far as float32 goes near 1 they hold" : "they do NOT hold near 1",
            (int)IDENTITIES_HELD, found->specials_wrong, found->specials);
    if (nans > 0)
        lab_say(
            report,
            "At %zu finite floats a side is NaN: they are not held, and in no maximum or range.",
            nans);
}

/* "for |x| from 0.55 to 51" */
static const char *where(const identity_tally *t, char text[WHERE]) {
    if (t->fails_to == 0.0)
        snprintf(text, WHERE, "nowhere");
    else
        snprintf(text, WHERE, "for %s from %.2g to %.3g", t->fails_below_zero ? "|x|" : "x",
                 t->fails_from, t->fails_to);
    return text;
}

static void say_of_ulps(const identities_found *found, lab_report *report) {
    double kernel = 0.0, least_worst = INFINITY;
    char text[IDENTITIES][WHERE];
    for (int k = 0; k < IDENTITIES; k++) {
        least_worst = fmin(least_worst, found->of[k][0].worst.ulps);
        for (int tier = 0; tier < CLI_NUM_TIERS; tier++)
            kernel = fmax(kernel, found->of[k][tier].kernel_ulps);
    }
    lab_add_fact(report, "kernel_ulps", kernel);
    lab_add_fact(report, "kernel_is_right", kernel <= IDENTITIES_HELD);
    lab_add_fact(report, "all_lose_everything", least_worst >= all_lost);
    lab_say(report,
            "In ulps of the value itself %s (it is 2^23 to 2^24 of them), for a subtraction "
            "keeps what rounding near 1 or 1/2 has left. With the fast tier more than %d ulps are "
            "lost by 2s(2x)-1 %s, by s(1-s) %s, by 1-s %s, and by 1-tanh^2 %s.",
            least_worst >= all_lost ? "each formula loses everything somewhere"
                                    : "not every formula loses everything",
            (int)IDENTITIES_HELD, where(fast(found, IDENTITY_TANH_BY_SIGMOID), text[0]),
            where(fast(found, IDENTITY_SIGMOID_SLOPE), text[1]),
            where(fast(found, IDENTITY_SIGMOID_MIRRORED), text[2]),
            where(fast(found, IDENTITY_TANH_SLOPE), text[3]));
    lab_say(report,
            "The kernels are at most %.2f ulps from the exact value at %zu points: they %s the "
            "side that is right.",
            kernel, (size_t)2 * IDENTITIES * IDENTITIES_CELLS * CLI_NUM_TIERS,
            kernel <= IDENTITIES_HELD ? "are" : "are NOT always");
}

static void say_of_slope(const identities_found *found, lab_report *report) {
    const identity_slope *slope = &found->slope[1];
    char quarter[64] = "nowhere", formula[160] = "s(1-s) is 0 nowhere", kernel[64] = "is 0 nowhere";
    size_t above = 0;
    for (int tier = 0; tier < CLI_NUM_TIERS; tier++)
        above += found->slope[tier].above;
    if (slope->quarter_to > 0.0f)
        snprintf(quarter, sizeof quarter, "for |x| up to %.2g", (double)slope->quarter_to);
    if (slope->formula_zero > 0.0f)
        snprintf(formula, sizeof formula,
                 "s(1-s) is 0 from x = %.3f on (predicted: 25 ln 2 = 17.329, where s rounds to 1), "
                 "where s' is %.2g",
                 (double)slope->formula_zero, (double)slope->slope_there);
    if (slope->kernel_zero > 0.0f)
        snprintf(kernel, sizeof kernel, "is not 0 before |x| = %.4g", (double)slope->kernel_zero);
    lab_add_fact(report, "slope_is_bounded", above == 0);
    lab_say(report,
            "The bound s' <= 1/4 %s: %zu floats are above it in either tier. With the accurate "
            "tier s' is at most %.9g; it is exactly 1/4 %s. There %s, and s' itself %s.",
            above == 0 ? "holds" : "does NOT hold", above, (double)slope->most, quarter, formula,
            kernel);
}

void identities_report(identities_found *found, lab_report *report) {
    add_identities(found, report);
    add_worst(found, report);
    add_slope(found, report);
    draw_cells(found, report);
    say_of_size(found, report);
    say_of_ulps(found, report);
    say_of_slope(found, report);
}
