/* plot_log.h: the log of a training, read and as a figure.
 *
 * A log is lines of JSON objects, each with an "event": "start" with what is trained, "epoch" with
 * its numbers, "end". Other events and unknown keys are passed over. A training that goes on
 * appends to the log: from the first epoch of the later run on, its numbers take the place of the
 * earlier.
 */
#ifndef PLOT_LOG_H
#define PLOT_LOG_H

#include "figure.h"

enum { PLOT_LOG_TEXT = 256, PLOT_LOG_PANELS = 6 };

/* What is known of a layer's health, in the order of the panels. */
typedef enum plot_log_health {
    PLOT_LOG_DEAD,
    PLOT_LOG_SATURATED,
    PLOT_LOG_GRADIENT,
    PLOT_LOG_MEAN,
    PLOT_LOG_HEALTH
} plot_log_health;

typedef struct plot_log_layer {
    long long number;
    char name[PLOT_LOG_TEXT];        /* "2 relu" */
    double *values[PLOT_LOG_HEALTH]; /* one for each epoch, NaN for none */
} plot_log_layer;

typedef struct plot_log {
    size_t epochs, capacity;                      /* epochs there, and room for them */
    double *epoch, *loss, *held_out_loss, *score; /* NaN for none */
    plot_log_layer *layers;
    size_t num_layers;
    char title[PLOT_LOG_TEXT], score_name[32], score_title[48];
    size_t cut_line; /* the last line that was cut short and is left out; 0 for none */

    figure_series *series; /* of all panels */
    figure_panel panels[PLOT_LOG_PANELS];
    figure drawn;
} plot_log;

/* Reads a log. A line cut short is left out where a training was killed: at the end of the file, or
 * before a start. The sentence of a failure names file and line. A log without an epoch is a
 * failure too. */
bool plot_log_read(const char *path, plot_log *out, char *message, size_t size);

/* Describes a log that was read, as log->drawn: loss, score, and where there is health dead and
 * saturated shares, gradient norms and mean outputs of the layers. What has no numbers is left out.
 */
bool plot_log_describe(plot_log *log, char *message, size_t size);

/* Accepts what was never read (all zero). */
void plot_log_clear(plot_log *log);

#endif
