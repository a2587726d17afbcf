/* lab_zigzag_report.c: what was seen of a neuron's ways to its optimum. */
#include "lab_zigzag_parts.h"

#include <math.h>

enum { LAST = ZIGZAG_BATCHES - 1, MOST = ZIGZAG_SIZES - 1, STRAIGHT = ZIGZAG_KINDS + 1 };

/* ---- table and figure ---- */

static double batch_at(size_t place) {
    return ldexp(1.0, (int)place);
}

static void add_paths(const zigzag_paths *paths, lab_report *report) {
    static const char *const titles[2] = {"1 row in a batch, 2 inputs",
                                          "64 rows in a batch, 2 inputs"};
    static const char *const names[ZIGZAG_KINDS] = {"sigmoid inputs, above 0", "the same, centred",
                                                    "tanh inputs, around 0"};
    const double ends_x[2] = {0.0, paths->optimum[0]}, ends_y[2] = {0.0, paths->optimum[1]};
    for (int i = 0; i < 2; i++) {
        lab_panel *panel = lab_add_panel(report, titles[i], "weight 1", "weight 2");
        for (int k = 0; k < ZIGZAG_KINDS; k++)
            lab_add_curve(panel, names[k], FIGURE_LINE, k + 1, paths->of[i][k].x, paths->of[i][k].y,
                          paths->of[i][k].count);
        lab_add_curve(panel, "straight line", FIGURE_DASHED, STRAIGHT, ends_x, ends_y, 2);
        lab_add_curve(panel, "optimum", FIGURE_POINTS, STRAIGHT + 1, ends_x + 1, ends_y + 1, 1);
        lab_panel_of(panel)->x.max = ends_x[1] + 0.1;
        lab_panel_of(panel)->y.min = ends_y[1] - 0.1;
    }
}

static void add_batch_panel(const zigzag_found *f, bool shares, lab_report *report) {
    static const char *const names[ZIGZAG_KINDS][ZIGZAG_SIZES] = {
        {"sigmoid, 2 inputs", "sigmoid, 8 inputs"},
        {"centred, 2 inputs", "centred, 8 inputs"},
        {"tanh, 2 inputs", "tanh, 8 inputs"}};
    double x[ZIGZAG_BATCHES], y[ZIGZAG_BATCHES];
    lab_panel *panel = shares ? lab_add_panel(report, "Steps whose gradients have one sign",
                                              "rows in a batch", "% of steps")
                              : lab_add_panel(report, "Length of the way to the optimum",
                                              "rows in a batch", "path / straight line");
    lab_panel_of(panel)->x.log = true;
    lab_panel_of(panel)->y.min = shares ? 0.0 : 1.0;
    for (int k = 0; k < ZIGZAG_KINDS; k++)
        for (int s = 0; s < ZIGZAG_SIZES; s++) {
            for (size_t b = 0; b < ZIGZAG_BATCHES; b++) {
                const zigzag_journey *j = &f->of[s][k][b];
                x[b] = batch_at(b);
                y[b] = shares ? 100.0 * j->one_signed : j->length;
            }
            lab_add_curve(panel, names[k][s], s == 0 ? FIGURE_DASHED : FIGURE_LINE_POINTS, k + 1, x,
                          y, ZIGZAG_BATCHES);
        }
}

static void add_table(const zigzag_found *f, lab_report *report) {
    static const lab_column columns[] = {{"inputs", "inputs", "%.0f"},
                                         {"batch", "batch", "%.0f"},
                                         {"one_signed_sigmoid", "% sig", "%.1f"},
                                         {"one_signed_centred", "% cen", "%.1f"},
                                         {"one_signed_tanh", "% tanh", "%.1f"},
                                         {"path_sigmoid", "path sig", "%.2f"},
                                         {"path_centred", "cen", "%.2f"},
                                         {"path_tanh", "tanh", "%.2f"},
                                         {"steps_sigmoid", "steps sig", "%.0f"},
                                         {"steps_centred", "cen", "%.0f"},
                                         {"steps_tanh", "tanh", "%.0f"}};
    lab_table *table = lab_add_table(report, "batches",
                                     "Inputs: sigmoids (sig), the same centred (cen), or tanh. "
                                     "%: steps whose\ngradients have one sign; path: length over "
                                     "the straight line",
                                     columns, sizeof columns / sizeof *columns);
    for (size_t s = 0; s < ZIGZAG_SIZES; s++)
        for (size_t b = 0; b < ZIGZAG_BATCHES; b++) {
            lab_cell cells[2 + 3 * ZIGZAG_KINDS] = {LAB_NUMBER(zigzag_sizes[s]),
                                                    LAB_NUMBER(batch_at(b))};
            for (size_t k = 0; k < ZIGZAG_KINDS; k++) {
                const zigzag_journey *j = &f->of[s][k][b];
                cells[2 + k] = LAB_NUMBER(100.0 * j->one_signed);
                cells[2 + ZIGZAG_KINDS + k] = LAB_NUMBER(j->length);
                cells[2 + 2 * ZIGZAG_KINDS + k] = LAB_NUMBER(j->steps);
            }
            lab_add_row(table, cells);
        }
}

/* ---- sentences ---- */

/* Of counts: within 15 % */
static bool about(size_t a, size_t b) {
    return fabs((double)a / (double)b - 1.0) < 0.15;
}

static const char *compare(size_t a, size_t b) {
    return about(a, b) ? "about as many" : a < b ? "fewer" : "more";
}

static void say_of_signs(const zigzag_found *f, lab_report *report) {
    const zigzag_journey *p = f->of[MOST][ZIGZAG_POSITIVE], *c = f->of[MOST][ZIGZAG_CENTRED],
                         *t = f->of[MOST][ZIGZAG_TANH];
    const double longer = p[0].length / c[0].length;
    lab_say(report,
            "With positive inputs and one row a step, all %d gradients have one sign in %.1f %% of "
            "the steps (predicted: 100, as each is one error times a positive input); with the "
            "same inputs centred in %.1f %%, with tanh inputs in %.1f %% (predicted for "
            "independent signs: 100 x 2^-%d = %.1f).",
            ZIGZAG_INPUTS, 100.0 * p[0].one_signed, 100.0 * c[0].one_signed,
            100.0 * t[0].one_signed, ZIGZAG_INPUTS - 1, 100.0 * ldexp(1.0, 1 - ZIGZAG_INPUTS));
    lab_add_fact(report, "longer_by_sign", longer);
    lab_add_fact(report, "is_zigzag", longer > 1.1);
    lab_say(report,
            "The way is %.1f times as long as the straight line, and with the same inputs centred "
            "%.1f times: %s the sign alone makes it %.2f times as long. With tanh inputs, which "
            "are larger as well, it is %.1f times the straight line.",
            p[0].length, c[0].length,
            longer > 1.1 ? "a zigzag, as predicted, for" : "no zigzag, against the prediction, for",
            longer, t[0].length);
}

static void say_of_batches(const zigzag_found *f, lab_report *report) {
    const zigzag_journey *p = f->of[MOST][ZIGZAG_POSITIVE], *c = f->of[MOST][ZIGZAG_CENTRED],
                         *t = f->of[MOST][ZIGZAG_TANH];
    const bool soften = p[LAST].one_signed < p[0].one_signed && p[LAST].length < p[0].length;
    lab_add_fact(report, "batches_soften", soften);
    lab_add_fact(report, "batches_save_steps",
                 !about(p[LAST].steps, p[0].steps) && p[LAST].steps < p[0].steps);
    lab_add_fact(report, "centring_saves_steps",
                 !about(c[LAST].steps, p[LAST].steps) && c[LAST].steps < p[LAST].steps);
    lab_say(report,
            "Batches %s it: of %.0f rows, whose errors may differ in sign, gradients of one sign "
            "are left in %.1f %% of the steps, and the way is %.1f times the straight line. It "
            "takes %s steps, %zu against %zu. With the same inputs centred it takes %s, %zu, and "
            "with tanh inputs, larger ones at the same rate, %s, %zu.",
            soften ? "soften" : "do not soften", batch_at(LAST), 100.0 * p[LAST].one_signed,
            p[LAST].length, compare(p[LAST].steps, p[0].steps), p[LAST].steps, p[0].steps,
            compare(c[LAST].steps, p[LAST].steps), c[LAST].steps,
            compare(t[LAST].steps, p[LAST].steps), t[LAST].steps);
}

void zigzag_report(const zigzag_found *found, const zigzag_paths *paths, lab_report *report) {
    add_paths(paths, report);
    add_batch_panel(found, true, report);
    add_batch_panel(found, false, report);
    add_table(found, report);
    lab_add_fact(report, "learning_rate", (double)zigzag_rate);
    lab_add_fact(report, "near_enough", zigzag_near);
    lab_say(report,
            "Each neuron has no bias, starts with weights 0, and learns at rate %g until its "
            "distance from the optimum, whose weights have both signs, is %g %% of what it was.",
            (double)zigzag_rate, 100.0 * zigzag_near);
    say_of_signs(found, report);
    say_of_batches(found, report);
}
