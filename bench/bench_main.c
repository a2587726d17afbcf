/* bench_main.c: the program clact-bench: times every kernel and holds it against a copy. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench_file.h"
#include "bench_formats.h"
#include "bench_report.h"

enum { MAIN_DONE = 0, MAIN_FAILED = 1, MAIN_USAGE = 2 };

static int main_complain(const char *text, int status) {
    fprintf(stderr, "clact-bench: %s\n", text);
    return status;
}

/* Ends a program that has written to standard output. */
static int main_finish_stdout(void) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return MAIN_DONE;
    return main_complain("cannot write to standard output; send it elsewhere", MAIN_FAILED);
}

static bool main_is_stdout(const char *path) {
    return path != NULL && strcmp(path, "-") == 0;
}

/* The run on an open device, then its files. */
static bool main_measure(const bench_options *options, const picked_device *device,
                         bench_error *error) {
    const bool silent = main_is_stdout(options->json) || main_is_stdout(options->csv);
    bench_report report = {.out = silent ? NULL : stdout,
                           .progress = isatty(STDERR_FILENO) ? stderr : NULL};
    const bench_observer observer = bench_report_observer(&report);
    bench_run run = {0};
    const bool measured =
        bench_run_open(options, device, &run, error) && bench_run_execute(&run, &observer, error);
    bench_report_quiet(&report);
    const bool ok =
        measured && bench_report_summary(&report, &run, error) &&
        (!options->json || bench_file_write(options->json, bench_json_write, &run, error)) &&
        (!options->csv || bench_file_write(options->csv, bench_csv_write, &run, error));
    bench_run_close(&run);
    return ok;
}

static int main_run(const bench_options *options) {
    bench_error error = {0};
    picked_device device = {0};
    if ((options->json && !bench_file_check(options->json, &error)) ||
        (options->csv && !bench_file_check(options->csv, &error)))
        return main_complain(error.text, MAIN_FAILED);
    if (!device_open(options->device, !options->no_cache, options->tuning, &device, error.text,
                     sizeof error.text))
        return main_complain(error.text, MAIN_FAILED);
    const bool ok = main_measure(options, &device, &error);
    device_close(&device);
    return ok ? MAIN_DONE : main_complain(error.text, MAIN_FAILED);
}

int main(int argc, char **argv) {
    bench_options options;
    bench_error error = {0};
    if (!bench_options_parse(argc, argv, &options, &error))
        return main_complain(error.text, MAIN_USAGE);
    switch (options.action) {
    case BENCH_HELP:
        bench_options_help(stdout);
        return main_finish_stdout();
    case BENCH_LIST:
        bench_options_list(stdout);
        return main_finish_stdout();
    case BENCH_VERSION:
        printf("clact-bench %s\n", clact_version());
        return main_finish_stdout();
    case BENCH_RUN:
        break;
    }
    return main_run(&options);
}
