/* bench_main.c: the program clact-bench: times every kernel and holds it against a copy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench_file.h"
#include "bench_formats.h"
#include "bench_overhead.h"
#include "bench_pin.h"
#include "bench_render.h"
#include "bench_report.h"
#include "bench_stored.h"
#include "bench_update.h"

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

/* Whether a result goes to standard output, so that the table cannot. */
static bool main_is_silent(const bench_options *options) {
    const char *const paths[] = {options->json, options->csv, options->html, options->roofline};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; ++i)
        if (paths[i] && strcmp(paths[i], "-") == 0) return true;
    return false;
}

/* Before anything is measured for nothing. */
static bool main_check_files(const bench_options *options, bench_error *error) {
    const char *const paths[] = {options->json, options->csv, options->html, options->roofline};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; ++i)
        if (paths[i] && !bench_file_check(paths[i], error)) return false;
    return true;
}

static bool main_write_files(const bench_options *options, const bench_run *run,
                             bench_error *error) {
    const bench_render_paths paths = {options->html, options->roofline};
    return (!options->json || bench_file_write(options->json, bench_json_write, run, error)) &&
           (!options->csv || bench_file_write(options->csv, bench_csv_write, run, error)) &&
           bench_render_run(run, &paths, error);
}

/* The run on an open device, then its files. */
static bool main_measure(const bench_options *options, const picked_device *device,
                         bench_error *error) {
    bench_report report = {.out = main_is_silent(options) ? NULL : stdout,
                           .progress = isatty(STDERR_FILENO) ? stderr : NULL};
    const bench_observer observer = bench_report_observer(&report);
    bench_run run = {0};
    const bool measured =
        bench_run_open(options, device, &run, error) && bench_run_execute(&run, &observer, error);
    bench_report_quiet(&report);
    const bool ok = measured && bench_report_summary(&report, &run, error) &&
                    main_write_files(options, &run, error);
    bench_run_close(&run);
    return ok;
}

/* PoCL reads these when its platform is first asked for. Beside a peer its threads stay each on a
 * core, as those of the peer do, unless the user says otherwise. A number of threads overrules the
 * user's; its second name is that of PoCL 4 and later. */
static void main_set_threads(unsigned threads, bool beside_peer) {
    char text[16];
    if (beside_peer) setenv("POCL_AFFINITY", "1", 0);
    if (threads == 0) return;
    snprintf(text, sizeof text, "%u", threads);
    setenv("POCL_MAX_PTHREAD_COUNT", text, 1);
    setenv("POCL_CPU_MAX_CU_COUNT", text, 1);
}

static int main_run(const bench_options *options) {
    bench_error error = {0};
    picked_device device = {0};
    if (!main_check_files(options, &error)) return main_complain(error.text, MAIN_FAILED);
    bool beside_peer = false;
    for (int i = 0; i < BENCH_PEER_COUNT; ++i) {
        if (options->peers[i] && !bench_peer_check((bench_peer)i, &error))
            return main_complain(error.text, MAIN_FAILED);
        beside_peer |= options->peers[i];
    }
    bench_pin_start();
    main_set_threads(options->threads, beside_peer);
    if (!device_open(options->device, !options->no_cache, options->tuning, &device, error.text,
                     sizeof error.text))
        return main_complain(error.text, MAIN_FAILED);
    const bool ok =
        options->ops[BENCH_OVERHEAD] ? bench_overhead_run(options, &device, stdout, &error)
        : options->ops[BENCH_UPDATE] ? bench_update_run(options, &device, stdout, &error)
                                     : main_measure(options, &device, &error);
    device_close(&device);
    return ok ? MAIN_DONE : main_complain(error.text, MAIN_FAILED);
}

int main(int argc, char **argv) {
    bench_options options;
    bench_error error = {0};
    if (bench_stored_wanted(argc, argv)) {
        const int status = bench_stored_run(argc, argv);
        const int written = main_finish_stdout();
        return status != MAIN_DONE ? status : written;
    }
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
