/* lab_neuron_report.c: what one sigmoid neuron has made of the tumours. */
#include "lab_neuron_parts.h"

#include <math.h>
#include <stdlib.h>

static const char *const part_names[NEURON_PARTS] = {"held out", "training"};
static const double diagonal[2] = {0.0, 1.0};

static double right(const scores *s) {
    return (double)(s->counts.of[0][0] + s->counts.of[1][1]);
}

/* The share of the more frequent class, which needs no neuron to be told. */
static double majority(const scores *s) {
    const double benign = (double)(s->counts.of[1][0] + s->counts.of[1][1]) / (double)s->count;
    return fmax(benign, 1.0 - benign);
}

static void report_losses(const neuron_found *n, lab_report *report) {
    static const lab_column columns[] = {{"epoch", "epoch", "%.0f"},
                                         {"training", "training", "%.4f"},
                                         {"held_out", "held out", "%.4f"}};
    double epochs[NEURON_EPOCHS + 1];
    const double *const training = n->sets[NEURON_TRAINING].losses, *const out =
                                                                        n->sets[NEURON_HELD_OUT]
                                                                            .losses;
    lab_table *table = lab_add_table(report, "losses", NULL, columns, 3);
    lab_show_rows(table, 0);
    for (size_t e = 0; e <= NEURON_EPOCHS; e++) {
        epochs[e] = (double)e;
        lab_add_row(table,
                    (lab_cell[]){LAB_NUMBER(e), LAB_NUMBER(training[e]), LAB_NUMBER(out[e])});
    }
    lab_panel *panel = lab_add_panel(report, "Loss", "epoch", "binary cross-entropy");
    lab_panel_of(panel)->y.log = true;
    lab_add_curve(panel, "held out", FIGURE_LINE, 1, epochs, out, NEURON_EPOCHS + 1);
    lab_add_curve(panel, "training", FIGURE_LINE, 2, epochs, training, NEURON_EPOCHS + 1);
}

static void report_decisions(const neuron_found *n, lab_report *report) {
    static const lab_column columns[] = {{"rows", "rows", NULL},
                                         {"actual", "actually", NULL},
                                         {"predicted_malignant", "called malignant", "%.0f"},
                                         {"predicted_benign", "called benign", "%.0f"},
                                         {"precision", "precision", "%.4f"},
                                         {"recall", "recall", "%.4f"}};
    static const lab_column each[] = {{"rows", "rows", NULL},
                                      {"label", "label", "%.0f"},
                                      {"logit", "logit", "%.9g"},
                                      {"probability", "probability", "%.9g"}};
    lab_table *table = lab_add_table(report, "confusion",
                                     "Decisions at 0.5; benign is the positive class", columns, 6);
    lab_table *predictions = lab_add_table(report, "predictions", NULL, each, 4);
    lab_show_rows(predictions, 0);
    for (neuron_part p = NEURON_HELD_OUT; p < NEURON_PARTS; p++) {
        const neuron_set *s = &n->sets[p];
        const score_counts *c = &s->scores.counts;
        for (int k = 0; k < 2; k++)
            lab_add_row(table,
                        (lab_cell[]){LAB_TEXT(part_names[p]), LAB_TEXT(k ? "benign" : "malignant"),
                                     LAB_NUMBER(c->of[k][0]), LAB_NUMBER(c->of[k][1]),
                                     LAB_NUMBER(scores_precision(c, k)),
                                     LAB_NUMBER(scores_recall(c, k))});
        for (size_t i = 0; i < s->count; i++)
            lab_add_row(predictions,
                        (lab_cell[]){LAB_TEXT(part_names[p]), LAB_NUMBER(s->label[i]),
                                     LAB_NUMBER(s->logit[i]), LAB_NUMBER(s->probability[i])});
    }
}

static void report_scores(const neuron_found *n, lab_report *report) {
    static const lab_column columns[] = {{"rows", "rows", NULL},
                                         {"count", "count", "%.0f"},
                                         {"loss", "loss", "%.4f"},
                                         {"accuracy", "accuracy", "%.4f"},
                                         {"area", "ROC area", "%.4f"},
                                         {"calibration_error", "calibration", "%.4f"},
                                         {"by_chance", "by chance", "%.4f"},
                                         {"most_by_chance", "95 % below", "%.4f"}};
    lab_table *table = lab_add_table(report, "scores", "Scores", columns, 8);
    for (neuron_part p = NEURON_HELD_OUT; p < NEURON_PARTS; p++) {
        const scores *s = &n->sets[p].scores;
        lab_add_row(table, (lab_cell[]){LAB_TEXT(part_names[p]), LAB_NUMBER(s->count),
                                        LAB_NUMBER(n->sets[p].losses[NEURON_EPOCHS]),
                                        LAB_NUMBER(right(s) / (double)s->count),
                                        LAB_NUMBER(s->area), LAB_NUMBER(s->error),
                                        LAB_NUMBER(s->chance), LAB_NUMBER(s->most_by_chance)});
    }
}

static void draw_roc(const neuron_found *n, lab_report *report) {
    lab_panel *panel =
        lab_add_panel(report, "ROC: every threshold of the probability",
                      "share of malignant called benign", "share of benign called benign");
    lab_panel_of(panel)->x.min = -0.02;
    lab_panel_of(panel)->y.max = 1.02;
    for (neuron_part p = NEURON_HELD_OUT; p < NEURON_PARTS; p++) {
        const scores *s = &n->sets[p].scores;
        double *x = malloc(2 * s->num_points * sizeof *x), *y = x ? x + s->num_points : NULL;
        if (!x) {
            lab_report_lacks_memory(report);
            return;
        }
        for (size_t i = 0; i < s->num_points; i++) {
            x[i] = s->curve[i].false_positive;
            y[i] = s->curve[i].true_positive;
        }
        lab_add_curve(panel, part_names[p], FIGURE_LINE, (int)p + 1, x, y, s->num_points);
        free(x);
    }
    lab_add_curve(panel, "chance", FIGURE_DASHED, 3, diagonal, diagonal, 2);
}

static void report_calibration(const neuron_found *n, lab_report *report) {
    static const lab_column columns[] = {{"rows", "rows", NULL},
                                         {"from", "from", "%.1f"},
                                         {"to", "to", "%.1f"},
                                         {"count", "count", "%.0f"},
                                         {"predicted", "predicted mean", "%.3f"},
                                         {"observed", "observed share", "%.3f"}};
    lab_table *table = lab_add_table(report, "calibration",
                                     "Calibration: probability of benign, in tenths", columns, 6);
    lab_panel *panel = lab_add_panel(report, "Calibration, by tenths",
                                     "predicted probability of benign", "observed share of benign");
    for (neuron_part p = NEURON_HELD_OUT; p < NEURON_PARTS; p++) {
        const calibration_bin *bins = n->sets[p].scores.bins;
        double x[SCORES_BINS], y[SCORES_BINS];
        size_t filled = 0;
        for (int b = 0; b < SCORES_BINS; b++) {
            lab_add_row(table,
                        (lab_cell[]){LAB_TEXT(part_names[p]), LAB_NUMBER(b / 10.0),
                                     LAB_NUMBER((b + 1) / 10.0), LAB_NUMBER(bins[b].count),
                                     LAB_NUMBER(bins[b].predicted), LAB_NUMBER(bins[b].observed)});
            if (bins[b].count == 0) continue;
            x[filled] = bins[b].predicted;
            y[filled++] = bins[b].observed;
        }
        lab_add_curve(panel, part_names[p], FIGURE_LINE_POINTS, (int)p + 1, x, y, filled);
    }
    lab_add_curve(panel, "perfect", FIGURE_DASHED, 3, diagonal, diagonal, 2);
}

/* Places of the weights, the greatest magnitude first */
static void rank_weights(const neuron_found *n, size_t *place) {
    for (size_t i = 0; i < n->inputs; i++) {
        size_t at = i;
        for (; at > 0 && fabsf(n->weights[place[at - 1]]) < fabsf(n->weights[i]); at--)
            place[at] = place[at - 1];
        place[at] = i;
    }
}

static void report_weights(const neuron_found *n, size_t *place, lab_report *report) {
    static const lab_column columns[] = {{"name", "feature", NULL}, {"weight", "weight", "%+.3f"}};
    const char *names[NEURON_SHOWN];
    double x[NEURON_SHOWN], y[NEURON_SHOWN];
    rank_weights(n, place);
    lab_table *table = lab_add_table(report, "weights",
                                     "The ten greatest weights, for a change of one deviation; "
                                     "above 0 for benign",
                                     columns, 2);
    lab_show_rows(table, NEURON_SHOWN);
    for (size_t i = 0; i < n->inputs; i++)
        lab_add_row(table, (lab_cell[]){LAB_TEXT(n->input_names[place[i]]),
                                        LAB_NUMBER(n->weights[place[i]])});
    for (size_t i = 0; i < NEURON_SHOWN; i++) {
        names[i] = n->input_names[place[i]];
        x[i] = (double)i;
        y[i] = (double)n->weights[place[i]];
    }
    lab_panel *panel = lab_add_panel(report, "The ten greatest weights", NULL, "weight");
    lab_name_places(panel, names, NEURON_SHOWN);
    lab_add_curve(panel, "above 0 for benign", FIGURE_BARS, 1, x, y, NEURON_SHOWN);
    lab_add_fact(report, "bias", (double)n->weights[n->inputs]);
}

/* ---- facts and sentences ---- */

static void say_of_errors(const neuron_found *n, lab_report *report) {
    const neuron_set *out = &n->sets[NEURON_HELD_OUT], *training = &n->sets[NEURON_TRAINING];
    const scores *s = &out->scores;
    const double accuracy = right(s) / (double)s->count;
    const bool suffices = 1.0 - accuracy <= 0.25 * (1.0 - majority(s));
    const double here = training->losses[NEURON_EPOCHS], there = out->losses[NEURON_EPOCHS];
    lab_add_fact(report, "accuracy", accuracy);
    lab_add_fact(report, "accuracy_of_majority", majority(s));
    lab_add_fact(report, "area", s->area);
    lab_add_fact(report, "linear_suffices", suffices);
    lab_add_fact(report, "training_rows_harder", here > there);
    lab_say(report,
            "Of %zu held-out rows %.0f are decided wrong (accuracy %.1f %%, area %.4f; always "
            "saying the more frequent class gives %.1f %%). Predicted was that a linear boundary "
            "suffices, to make no more than a quarter of the errors of that: it %s.",
            s->count, (double)s->count - right(s), 100.0 * accuracy, s->area, 100.0 * majority(s),
            suffices ? "does" : "does NOT");
    lab_say(report,
            "So few rows say little of the last per cent: the rows it was trained on are %s, by "
            "their loss of %.3f against %.3f held out, with %.0f of %zu wrong.",
            here > there   ? "harder"
            : here < there ? "easier"
                           : "as hard",
            here, there, (double)training->count - right(&training->scores), training->count);
}

static void say_of_weights(const neuron_found *n, const size_t *place, lab_report *report) {
    const double loss = n->sets[NEURON_TRAINING].losses[0];
    const bool is_ln_2 = fabs(loss - log(2.0)) < 1e-6;
    lab_add_fact(report, "loss_at_start", loss);
    lab_add_fact(report, "starts_at_ln_2", is_ln_2);
    lab_add_fact(report, "alike_pairs", (double)n->alike);
    lab_add_fact(report, "learning_rate", (double)n->learning_rate);
    lab_say(report,
            "%s (%+.2f), %s (%+.2f) and %s (%+.2f) weigh most, out of %zu features. Of their %zu "
            "pairs %zu are correlated beyond 0.9 or -0.9%s. The loss began at %.4f: weights 0 give "
            "every row the probability 0.5 and the loss ln 2, and that %s.",
            n->input_names[place[0]], (double)n->weights[place[0]], n->input_names[place[1]],
            (double)n->weights[place[1]], n->input_names[place[2]], (double)n->weights[place[2]],
            n->inputs, n->inputs * (n->inputs - 1) / 2, n->alike,
            n->alike > 0 ? ", and what one of such a pair weighs the other might" : "", loss,
            is_ln_2 ? "is it" : "is NOT it");
}

static void say_of_calibration(const neuron_found *n, lab_report *report) {
    const scores *s = &n->sets[NEURON_HELD_OUT].scores;
    const bool calibrated = s->error <= s->most_by_chance;
    lab_add_fact(report, "calibrated", calibrated);
    lab_say(report,
            "The held-out probabilities are off by %.3f on average. Labels drawn with exactly "
            "these probabilities would be off by %.3f, and below %.3f in 95 of 100 draws: %s",
            s->error, s->chance, s->most_by_chance,
            calibrated ? "nothing speaks against the prediction that they are calibrated."
                       : "they are not as well calibrated as predicted.");
}

bool neuron_report(const neuron_found *n, lab_report *report, char *message, size_t size) {
    size_t *place = malloc(n->inputs * sizeof *place);
    if (!place) return cli_fail(message, size, "out of memory");
    report_losses(n, report);
    report_scores(n, report);
    report_decisions(n, report);
    draw_roc(n, report);
    report_calibration(n, report);
    report_weights(n, place, report);
    say_of_errors(n, report);
    say_of_weights(n, place, report);
    say_of_calibration(n, report);
    free(place);
    return true;
}
