/* command_plot.c: `clact plot`, figures of activations and of trainings. */
#include "cli_common.h"
#include "commands.h"
#include "figure_print.h"
#include "plot_curves.h"
#include "plot_log.h"
#include "plot_options.h"

#include <stdio.h>

static bool show(const plot_options *o, const figure *f, char *message, size_t size) {
    if (o->output[0] && !figure_write(f, o->output, o->keep, message, size)) return false;
    if (o->as_text) figure_print(f);
    if (o->output[0]) figure_print_names(o->output, o->keep);
    return true;
}

static bool plot_a_log(const plot_options *o, char *message, size_t size) {
    plot_log log;
    if (!plot_log_read(o->log, &log, message, size)) return false;
    if (log.cut_line)
        cli_error("plot", CLI_DONE, "warning: %s, line %zu, is cut short and left out", o->log,
                  log.cut_line);
    const bool is_done =
        plot_log_describe(&log, message, size) && show(o, &log.drawn, message, size);
    plot_log_clear(&log);
    return is_done;
}

static bool plot_activations(const plot_options *o, char *message, size_t size) {
    plot_curves curves;
    const bool is_done =
        plot_curves_make(o, &curves, message, size) && show(o, &curves.drawn, message, size);
    if (is_done && curves.is_cut)
        puts("some values lie beyond what is shown of y; see --y-range of `clact plot --help`");
    plot_curves_clear(&curves);
    return is_done;
}

int command_plot(int argc, char **argv) {
    char message[CLI_MESSAGE_SIZE] = "";
    plot_options options;
    int code = CLI_DONE;
    if (!plot_options_parse(argc, argv, &options, &code)) return code;
    const bool is_done = (!options.output[0] ||
                          figure_check(options.output, options.keep, message, sizeof message)) &&
                         (options.log ? plot_a_log(&options, message, sizeof message)
                                      : plot_activations(&options, message, sizeof message));
    return is_done ? CLI_DONE : cli_error("plot", CLI_FAILED, "%s", message);
}
