/* plot_options.h: the command line of `clact plot`. */
#ifndef PLOT_OPTIONS_H
#define PLOT_OPTIONS_H

#include <clact/clact.h>

enum {
    PLOT_MAX_CURVES = 64,
    PLOT_MAX_PARAMS = 16,      /* of --param */
    PLOT_MAX_POINTS = 1000000, /* of a curve */
    PLOT_PATH_SIZE = 4096
};

typedef struct plot_options {
    const char *log, *device, *tuning; /* NULL if not given */
    char output[PLOT_PATH_SIZE];       /* "" for no picture */
    bool derivative, as_text, keep, no_cache;
    double min, max, step; /* of x */
    double y_min, y_max;   /* NaN if not given */
    clact_tier tier;
    clact_dtype dtype;
    clact_sweep sweeps[PLOT_MAX_CURVES]; /* tier, element type and parameters set */
    size_t num_sweeps;                   /* 0 where a log is given */
    const char *params[PLOT_MAX_PARAMS];
    size_t num_params;
} plot_options;

/* How many points a curve has; at least 2, at most PLOT_MAX_POINTS. */
size_t plot_count_points(const plot_options *o);

/* Returns true to go on; false with *code to exit with, after --help or an error. */
bool plot_options_parse(int argc, char **argv, plot_options *out, int *code);

#endif
