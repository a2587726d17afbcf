/* plot_log_figure.c: the log of a training as a figure; see plot_log.h. */
#include "plot_log.h"

#include "cli_common.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARKED_EPOCHS = 20 /* so many or fewer are marked on their line */ };

static bool has_numbers(const plot_log *log, const double *values) {
    for (size_t i = 0; i < log->epochs; i++)
        if (isfinite(values[i])) return true;
    return false;
}

/* Whether losses span so much that their end is flat on a linear axis. */
static bool wants_log(const plot_log *log, const double *values) {
    double least = INFINITY, greatest = -INFINITY;
    for (size_t i = 0; i < log->epochs; i++) {
        if (!isfinite(values[i])) continue;
        least = fmin(least, values[i]);
        greatest = fmax(greatest, values[i]);
    }
    return least > 0.0 && greatest > 30.0 * least;
}

/* A series of the panel, unless it has no numbers; colour is its place among all that might be. */
static void add_series(plot_log *log, figure_panel *panel, const char *name, const double *values,
                       int colour) {
    if (!has_numbers(log, values)) return;
    log->series[(size_t)(panel->series - log->series) + panel->num_series++] =
        (figure_series){.name = name,
                        .x = log->epoch,
                        .y = values,
                        .count = log->epochs,
                        .style = log->epochs <= MARKED_EPOCHS ? FIGURE_LINE_POINTS : FIGURE_LINE,
                        .colour = colour};
}

/* The next panel, whose series stand behind those of the last. */
static figure_panel *begin_panel(plot_log *log, const char *title) {
    const size_t place = log->drawn.num_panels;
    const figure_series *series = log->series;
    if (place > 0) series = log->panels[place - 1].series + log->panels[place - 1].num_series;
    log->panels[place] = (figure_panel){.title = title, .x = {.label = "epoch"}, .series = series};
    return &log->panels[place];
}

static void end_panel(plot_log *log, const figure_panel *panel) {
    if (panel->num_series > 0) log->drawn.num_panels++;
}

static void add_loss(plot_log *log) {
    figure_panel *panel = begin_panel(log, "Loss");
    panel->y.log = wants_log(log, log->loss) || wants_log(log, log->held_out_loss);
    add_series(log, panel, "training", log->loss, 1);
    add_series(log, panel, "held out", log->held_out_loss, 2);
    end_panel(log, panel);
}

static void add_score(plot_log *log) {
    const bool is_error = strcmp(log->score_name, "rmse") == 0;
    snprintf(log->score_title, sizeof log->score_title, "%s, held out",
             is_error             ? "RMSE"
             : log->score_name[0] ? log->score_name
                                  : "accuracy");
    log->score_title[0] = (char)toupper((unsigned char)log->score_title[0]);
    figure_panel *panel = begin_panel(log, log->score_title);
    panel->y.log = is_error && wants_log(log, log->score);
    add_series(log, panel, NULL, log->score, 2);
    end_panel(log, panel);
}

static void add_health(plot_log *log, plot_log_health what) {
    static const char *const titles[PLOT_LOG_HEALTH] = {
        [PLOT_LOG_DEAD] = "Dead units, %",
        [PLOT_LOG_SATURATED] = "Saturated outputs, %",
        [PLOT_LOG_GRADIENT] = "Norm of the gradient",
        [PLOT_LOG_MEAN] = "Mean output"};
    figure_panel *panel = begin_panel(log, titles[what]);
    panel->y.log = what == PLOT_LOG_GRADIENT;
    if (what == PLOT_LOG_DEAD || what == PLOT_LOG_SATURATED) panel->y.min = 0.0, panel->y.max = NAN;
    for (size_t i = 0; i < log->num_layers; i++)
        add_series(log, panel, log->layers[i].name, log->layers[i].values[what], (int)i + 1);
    end_panel(log, panel);
}

static void make_percent(plot_log *log, plot_log_health what) {
    for (size_t i = 0; i < log->num_layers; i++)
        for (size_t e = 0; e < log->epochs; e++)
            log->layers[i].values[what][e] *= 100.0;
}

bool plot_log_describe(plot_log *log, char *message, size_t size) {
    log->series = malloc((3 + log->num_layers * PLOT_LOG_HEALTH) * sizeof *log->series);
    if (!log->series) return cli_fail(message, size, "not enough memory for the figure");
    make_percent(log, PLOT_LOG_DEAD);
    make_percent(log, PLOT_LOG_SATURATED);
    log->drawn = (figure){.title = log->title[0] ? log->title : NULL,
                          .panels = log->panels,
                          .columns = log->num_layers ? 2 : 0};
    add_loss(log);
    add_score(log);
    for (int what = 0; what < PLOT_LOG_HEALTH; what++)
        add_health(log, (plot_log_health)what);
    return log->drawn.num_panels > 0 ||
           cli_fail(message, size, "the epochs of the log have no numbers to draw");
}
