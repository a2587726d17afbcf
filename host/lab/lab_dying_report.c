/* lab_dying_report.c: what was seen of dying units. */
#include "lab_dying_parts.h"

#include <math.h>
#include <stdio.h>

static const char *const kind_names[DYING_KINDS] = {"relu", "leaky_relu", "elu", "gelu"};

/* ---- tables and figure ---- */

static void add_rates(const dying_found *f, lab_report *report) {
    static const lab_column columns[] = {
        {"activation", "activation", NULL}, {"lr", "rate", "%.2f"},
        {"dead", "dead %", "%.1f"},         {"accuracy", "held-out accuracy %", "%.1f"},
        {"loss", "loss", "%.2g"},           {"outcome", "outcome", NULL},
    };
    lab_table *t = lab_add_table(
        report, "rates", "After 10 epochs of SGD in batches of 64, two hidden layers of 64 units",
        columns, sizeof columns / sizeof *columns);
    for (size_t k = 0; k < DYING_KINDS; k++)
        for (size_t r = 0; r < DYING_RATES; r++) {
            const dying_outcome *o = &f->of[k][r];
            const lab_cell cells[] = {
                LAB_TEXT(kind_names[k]),     LAB_NUMBER(dying_rates[r]),
                LAB_NUMBER(100.0 * o->dead), LAB_NUMBER(100.0 * o->accuracy),
                LAB_NUMBER(o->loss),         LAB_TEXT(o->diverged ? "diverged" : "finite")};
            lab_add_row(t, cells);
        }
}

static void add_recovery(const dying_found *f, lab_report *report) {
    static const lab_column columns[] = {
        {"epoch", "epoch", "%.0f"},
        {"relu_still_dead", "relu dead %", "%.1f"},
        {"relu_accuracy", "accuracy %", "%.1f"},
        {"leaky_still_dead", "leaky_relu inactive %", "%.1f"},
        {"leaky_accuracy", "accuracy %", "%.1f"},
    };
    static const size_t shown[] = {0, 1, 2, 3, 4, 5, 10, 15, 20, 25, DYING_MORE_EPOCHS};
    lab_table *t = lab_add_table(
        report, "recovery",
        "Going on at rate 0.3 from the relu network with the most dead units: those of\n"
        "them whose z is positive at no training row, and held-out accuracy",
        columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const size_t e = shown[i];
        const lab_cell cells[] = {LAB_NUMBER(e), LAB_NUMBER(100.0 * f->relu.inactive[e]),
                                  LAB_NUMBER(100.0 * f->relu.accuracy[e]),
                                  LAB_NUMBER(100.0 * f->leaky.inactive[e]),
                                  LAB_NUMBER(100.0 * f->leaky.accuracy[e])};
        lab_add_row(t, cells);
    }
}

static void add_rate_panels(const dying_found *f, lab_report *report) {
    double x[DYING_RATES], dead[DYING_RATES], accuracy[DYING_RATES];
    lab_panel *of_dead =
        lab_add_panel(report, "Dead units after 10 epochs", "learning rate", "dead units, %");
    lab_panel *of_accuracy =
        lab_add_panel(report, "Accuracy after 10 epochs", "learning rate", "held-out accuracy, %");
    for (size_t k = 0; k < DYING_KINDS; k++) {
        for (size_t r = 0; r < DYING_RATES; r++) {
            x[r] = dying_rates[r];
            dead[r] = 100.0 * f->of[k][r].dead;
            accuracy[r] = 100.0 * f->of[k][r].accuracy;
        }
        lab_add_curve(of_dead, kind_names[k], FIGURE_LINE_POINTS, 0, x, dead, DYING_RATES);
        lab_add_curve(of_accuracy, kind_names[k], FIGURE_LINE_POINTS, 0, x, accuracy, DYING_RATES);
    }
    lab_panel_of(of_dead)->x.log = lab_panel_of(of_accuracy)->x.log = true;
    lab_panel_of(of_dead)->y.min = lab_panel_of(of_accuracy)->y.min = 0.0;
    lab_panel_of(of_dead)->y.max = lab_panel_of(of_accuracy)->y.max = 100.0;
}

static void add_recovery_panels(const dying_found *f, lab_report *report) {
    const dying_going_on *const both[] = {&f->relu, &f->leaky};
    static const char *const names[] = {"as relu", "as leaky_relu"};
    double x[DYING_MORE_EPOCHS + 1], dead[DYING_MORE_EPOCHS + 1], accuracy[DYING_MORE_EPOCHS + 1];
    lab_panel *of_dead = lab_add_panel(report, "Going on from the worst relu network",
                                       "more epochs", "dead units never positive, %");
    lab_panel *of_accuracy = lab_add_panel(report, "Going on from the worst relu network",
                                           "more epochs", "held-out accuracy, %");
    for (int k = 0; k < 2; k++) {
        for (size_t e = 0; e <= DYING_MORE_EPOCHS; e++) {
            x[e] = (double)e;
            dead[e] = 100.0 * both[k]->inactive[e];
            accuracy[e] = 100.0 * both[k]->accuracy[e];
        }
        lab_add_curve(of_dead, names[k], FIGURE_LINE, 0, x, dead, DYING_MORE_EPOCHS + 1);
        lab_add_curve(of_accuracy, names[k], FIGURE_LINE, 0, x, accuracy, DYING_MORE_EPOCHS + 1);
    }
    lab_panel_of(of_dead)->y.min = lab_panel_of(of_accuracy)->y.min = 0.0;
    lab_panel_of(of_dead)->y.max = lab_panel_of(of_accuracy)->y.max = 105.0;
}

/* ---- what it comes to ---- */

enum { PERCENT = 48 };

/* "12.3 %"; a network that diverged has no number. */
static const char *percent(double share, char text[PERCENT]) {
    if (isnan(share))
        snprintf(text, PERCENT, "no number (diverged)");
    else
        snprintf(text, PERCENT, "%.1f %%", 100.0 * share);
    return text;
}

/* The lowest rate at which two fifths of the relu network are dead; DYING_RATES for none */
static size_t deadly(const dying_found *f) {
    size_t r = 0;
    while (r < DYING_RATES && !(f->of[DYING_RELU][r].dead >= 0.4))
        r++;
    return r;
}

/* The greatest share of dead units of a kind at any rate; NaN where all diverged */
static double most_dead(const dying_found *f, dying_kind k) {
    double most = NAN;
    for (size_t r = 0; r < DYING_RATES; r++)
        most = fmax(most, f->of[k][r].dead);
    return most;
}

/* The rate that is best on the held-out rows, of those at which it did not diverge; there is one
 * for relu. */
static size_t best_rate(const dying_found *f, dying_kind k) {
    size_t best = 0;
    for (size_t r = 1; r < DYING_RATES; r++)
        if (!(f->of[k][r].accuracy <= f->of[k][best].accuracy) && !f->of[k][r].diverged) best = r;
    return best;
}

/* Between which shares of units were inactive after each of the epochs */
static void range_of(const dying_going_on *g, double *least, double *most) {
    *least = *most = g->inactive[1];
    for (size_t e = 2; e <= DYING_MORE_EPOCHS; e++) {
        *least = fmin(*least, g->inactive[e]);
        *most = fmax(*most, g->inactive[e]);
    }
}

/* ---- facts and sentences ---- */

static void add_facts(const dying_found *f, lab_report *report) {
    const size_t r = deadly(f), end = DYING_MORE_EPOCHS;
    double least, most;
    char key[64];
    range_of(&f->relu, &least, &most);
    lab_add_fact(report, "deadly_rate", r < DYING_RATES ? dying_rates[r] : NAN);
    for (dying_kind k = DYING_RELU; k < DYING_KINDS; k++) {
        snprintf(key, sizeof key, "most_dead_%s", kind_names[k]);
        lab_add_fact(report, key, most_dead(f, k));
        snprintf(key, sizeof key, "deadly_accuracy_%s", kind_names[k]);
        lab_add_fact(report, key, r < DYING_RATES ? f->of[k][r].accuracy : NAN);
    }
    lab_add_fact(report, "dead_at_start", (double)f->num_dead);
    lab_add_fact(report, "relu_still_dead", f->relu.inactive[end]);
    lab_add_fact(report, "relu_least_dead", least);
    lab_add_fact(report, "leaky_inactive_at_switch", f->leaky.inactive[0]);
    lab_add_fact(report, "leaky_inactive", f->leaky.inactive[end]);
    lab_add_fact(report, "revived_by_learning", f->learnt);
    lab_add_fact(report, "accuracy_at_start", f->relu.accuracy[0]);
    lab_add_fact(report, "relu_accuracy", f->relu.accuracy[end]);
    lab_add_fact(report, "leaky_accuracy_at_switch", f->leaky.accuracy[0]);
    lab_add_fact(report, "leaky_accuracy", f->leaky.accuracy[end]);
}

static void say_of_rates(const dying_found *f, lab_report *report) {
    const size_t r = deadly(f), best = best_rate(f, DYING_RELU);
    const dying_outcome *at_best = &f->of[DYING_RELU][best];
    char text[8][PERCENT];
    if (r == DYING_RATES) {
        lab_say(report,
                "As much as 40 %% of a relu network is said to die where the rate is too high: no "
                "rate here has killed that many, %s is the most.",
                percent(most_dead(f, DYING_RELU), text[0]));
        return;
    }
    const dying_outcome *relu = &f->of[DYING_RELU][r], *leaky = &f->of[DYING_LEAKY][r];
    lab_say(report,
            "As much as 40 %% of a relu network is said to die where the rate is too high: %s are "
            "dead at %.2g, and accuracy is %s, against %s dead and %s at the best rate, %.2g.",
            percent(relu->dead, text[0]), dying_rates[r], percent(relu->accuracy, text[1]),
            percent(at_best->dead, text[2]), percent(at_best->accuracy, text[3]),
            dying_rates[best]);
    lab_add_fact(report, "leaky_is_better", leaky->accuracy > relu->accuracy);
    lab_say(report,
            "leaky_relu, whose slope is never 0, has %s dead at most, and its accuracy at the rate "
            "that kills relu is %s%s. elu and gelu, whose slopes die out far below 0, have up to "
            "%s and %s dead.",
            percent(most_dead(f, DYING_LEAKY), text[4]), percent(leaky->accuracy, text[5]),
            isnan(leaky->accuracy)              ? ""
            : leaky->accuracy > relu->accuracy  ? ", more than relu's"
            : leaky->accuracy == relu->accuracy ? ", no more than relu's"
                                                : ", less than relu's",
            percent(most_dead(f, DYING_ELU), text[6]), percent(most_dead(f, DYING_GELU), text[7]));
}

static void say_of_recovery(const dying_found *f, lab_report *report) {
    const size_t end = DYING_MORE_EPOCHS;
    const double *relu = f->relu.accuracy, *leaky = f->leaky.accuracy;
    char text[3][PERCENT], dead[64] = "all are";
    double least, most;
    if (f->num_dead == 0) return;
    range_of(&f->relu, &least, &most);
    lab_add_fact(report, "dead_stay_dead", least == 1.0);
    if (least < 1.0)
        snprintf(dead, sizeof dead, "from %.1f to %.1f %% are", 100.0 * least, 100.0 * most);
    lab_say(report,
            "Of the %zu units dead at rate %.2g, %s dead at the ends of all %d more epochs at %.2g "
            "as relu, and accuracy goes from %.1f to %.1f %%.",
            f->num_dead, dying_rates[f->worst_rate], dead, DYING_MORE_EPOCHS,
            (double)dying_low_rate, 100.0 * relu[0], 100.0 * relu[end]);
    lab_add_fact(report, "learning_revives", f->learnt > 0.0);
    lab_say(
        report,
        "With leaky_relu on the same weights %s of them are positive on some row by the switch "
        "alone, which changes what the second layer gets, and %s after the epochs; learning "
        "has brought back %s of those that the switch had not. Accuracy goes from %.1f to %.1f %%: "
        "%s is gained than as relu.",
        percent(1.0 - f->leaky.inactive[0], text[0]),
        percent(1.0 - f->leaky.inactive[end], text[1]),
        isnan(f->learnt) ? "none" : percent(f->learnt, text[2]), 100.0 * leaky[0],
        100.0 * leaky[end], leaky[end] - leaky[0] > relu[end] - relu[0] ? "more" : "no more");
}

void dying_report(const dying_found *found, lab_report *report) {
    add_rates(found, report);
    add_recovery(found, report);
    add_rate_panels(found, report);
    add_recovery_panels(found, report);
    add_facts(found, report);
    say_of_rates(found, report);
    say_of_recovery(found, report);
}
