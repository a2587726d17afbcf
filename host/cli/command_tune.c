/* command_tune.c: `clact tune`: measures what suits a device, and keeps it. */
#include "cache_place.h"
#include "cli_common.h"
#include "commands.h"
#include "device_pick.h"
#include "progress.h"
#include "tune_gemm.h"
#include "tune_report.h"
#include "tuning_pick.h"

#include <clact/tune.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: clact tune [--quick] [--families LIST] [--size N] [-o FILE] [--json]\n"
    "       clact tune --gemm [-o FILE] [--json]\n"
    "       clact tune --show [--gemm] [--json]\n"
    "\n"
    "Measures vector widths, work-groups and vectors of a work-item for each family of kernels,\n"
    "in turns with what clact ships for the device, in its caches and beyond them. What is faster\n"
    "by 2 % or more is kept in a file, and the other commands and clact-bench use it from then "
    "on.\n"
    "It takes about two minutes on a CPU, during which nothing else should run there. No result\n"
    "depends on a tuning: the bits stay the same. Until the end the file is as it was.\n"
    "\n"
    "  -d, --device DEVICE   a number of `clact devices`, or a part of a device's name\n"
    "      --families LIST   these alone, with commas between; the others stay as the file has\n"
    "                        them: forward, backward, sums, columns, rows, short_rows,\n"
    "                        fetch_rows, stream_bytes\n"
    "      --size N          elements of the matrices beyond the caches (default: by the device)\n"
    "      --quick           try only the neighbours of what ships\n"
    "  -o, --output FILE     the file to write; by default one for the device and its driver in\n"
    "                        $XDG_CACHE_HOME/clact/tuning, or $HOME/.cache/clact/tuning\n"
    "      --gemm            CLBlast's parameters for products of matrices instead, verified "
    "before\n"
    "                        they are kept; about three minutes, most of it compiling\n"
    "      --show            measure nothing; say what is in use\n"
    "  -j, --json            an object instead of the table\n"
    "  -h, --help            this text\n";

typedef struct job {
    const char *device, *output;
    bool quick, show, is_json, gemm, of_kernels; /* of_kernels: an option that --gemm has not */
    size_t elements;
    bool skipped[CLACT_TUNE_COUNT];
} job;

/* ---- The command line ------------------------------------------------------------------------ */

static bool parse_families(const char *list, job *work, char *message, size_t size) {
    const char *names[CLACT_TUNE_COUNT];
    for (unsigned part = 0; part < CLACT_TUNE_COUNT; part++) {
        names[part] = clact_tune_name(part);
        work->skipped[part] = true;
    }
    while (true) {
        char word[64];
        const size_t length = strcspn(list, ",");
        snprintf(word, sizeof word, "%.*s", (int)length, list);
        const int part = cli_find_word("part", word, names, CLACT_TUNE_COUNT, message, size);
        if (part < 0) return false;
        work->skipped[part] = false;
        if (!list[length]) return true;
        list += length + 1;
    }
}

static bool parse_size(const char *text, size_t *elements) {
    char *end = NULL;
    errno = 0;
    const unsigned long long n = isdigit((unsigned char)*text) ? strtoull(text, &end, 10) : 0;
    *elements = (size_t)n;
    return end && *end == '\0' && errno == 0 && n >= 1 << 16 && n <= 1ull << 30;
}

static int take_option(job *work, int option, char **argv) {
    char message[CLI_MESSAGE_SIZE];
    work->of_kernels = work->of_kernels || strchr("qfn", option);
    switch (option) {
    case 'd':
        work->device = optarg;
        return CLI_DONE;
    case 'o':
        work->output = optarg;
        return CLI_DONE;
    case 'j':
        work->is_json = true;
        return CLI_DONE;
    case 'q':
        work->quick = true;
        return CLI_DONE;
    case 'g':
        work->gemm = true;
        return CLI_DONE;
    case 's':
        work->show = true;
        return CLI_DONE;
    case 'f':
        if (parse_families(optarg, work, message, sizeof message)) return CLI_DONE;
        return cli_error("tune", CLI_USAGE, "%s", message);
    case 'n':
        if (parse_size(optarg, &work->elements)) return CLI_DONE;
        return cli_error("tune", CLI_USAGE, "--size is a number from 65536 to 2^30, not '%s'",
                         optarg);
    default:
        return cli_option_error("tune", option, argv);
    }
}

/* False with *code to exit with, after help or an error. */
static bool parse_arguments(job *work, int argc, char **argv, int *code) {
    static const struct option options[] = {
        {"device", required_argument, NULL, 'd'}, {"families", required_argument, NULL, 'f'},
        {"size", required_argument, NULL, 'n'},   {"quick", no_argument, NULL, 'q'},
        {"gemm", no_argument, NULL, 'g'},         {"output", required_argument, NULL, 'o'},
        {"show", no_argument, NULL, 's'},         {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, ":d:o:jh", options, NULL)) != -1;) {
        if (c == 'h') fputs(help, stdout);
        *code = c == 'h' ? CLI_DONE : take_option(work, c, argv);
        if (c == 'h' || *code != CLI_DONE) return false;
    }
    if (work->gemm && work->of_kernels) {
        *code = cli_error("tune", CLI_USAGE, "--gemm goes without --quick, --families and --size");
        return false;
    }
    if (optind == argc) return true;
    *code = cli_error("tune", CLI_USAGE, "takes no argument, so not '%s'", argv[optind]);
    return false;
}

/* ---- What is done ---------------------------------------------------------------------------- */

static bool report(const job *work, const picked_device *picked, const char *path,
                   const clact_tuning *tuning, const double *ratios) {
    clact_tuning usual = {.struct_size = sizeof usual};
    if (clact_tuning_default(picked->device, &usual) != CLACT_SUCCESS) return false;
    if (work->is_json) return tune_report_json(&picked->info, path, &usual, tuning, ratios);
    printf("device  %u: %s\n", picked->index, picked->info.name);
    printf("file    %s\n\n", path ? path : "none");
    tune_report_table(&usual, tuning, ratios);
    return true;
}

/* Parts that were not measured stay as they are in the file. */
static void keep_skipped(const job *work, const clact_tuning *old, clact_tuning *tuning) {
    for (int f = 0; f < CLACT_FAMILY_COUNT; f++)
        if (work->skipped[f]) tuning->families[f] = old->families[f];
    if (work->skipped[CLACT_TUNE_FETCH]) tuning->fetch_rows = old->fetch_rows;
    if (work->skipped[CLACT_TUNE_STREAM]) tuning->stream_bytes = old->stream_bytes;
}

static int measure(const job *work, const picked_device *picked, const char *path,
                   const clact_tuning *old) {
    char message[CLI_MESSAGE_SIZE];
    tune_progress progress = {.start = progress_seconds()};
    clact_tune_result result = {.struct_size = sizeof result};
    clact_tune_options options = {.struct_size = sizeof options,
                                  .quick = work->quick,
                                  .elements = work->elements,
                                  .progress = tune_report_trial,
                                  .user = &progress};
    memcpy(options.skipped, work->skipped, sizeof options.skipped);
    clact_status status =
        clact_tune_run(picked->context, picked->device, &options, &result, message, sizeof message);
    if (progress.is_drawn) progress_clear();
    if (status != CLACT_SUCCESS) return cli_error("tune", CLI_FAILED, "%s", message);
    keep_skipped(work, old, &result.tuning);
    status = clact_tuning_save(path, picked->device, &result.tuning, message, sizeof message);
    if (status != CLACT_SUCCESS) return cli_error("tune", CLI_FAILED, "%s", message);
    if (!report(work, picked, path, &result.tuning, result.ratios))
        return cli_error("tune", CLI_FAILED, "the figures cannot be shown");
    return CLI_DONE;
}

static int run(const job *work, const picked_device *picked) {
    char place[TUNING_PLACE_SIZE], message[CLI_MESSAGE_SIZE];
    clact_tuning old = {.struct_size = sizeof old};
    bool found = false;
    const char *path = work->output ? work->output : tuning_place(picked->device, place);
    if (!path && !work->show)
        return cli_error("tune", CLI_FAILED,
                         "there is no place for the file: neither XDG_CACHE_HOME nor HOME is an "
                         "absolute path; name one with -o");
    if (work->gemm)
        return work->show ? tune_gemm_show(picked, path, work->is_json)
                          : tune_gemm(picked, path, work->is_json);
    if (path && clact_tuning_load(path, picked->device, &old, &found, message, sizeof message) !=
                    CLACT_SUCCESS)
        fprintf(stderr, "warning: %s\n", message);
    if (!work->show) return measure(work, picked, path, &old);
    if (!report(work, picked, found ? path : NULL, &old, NULL))
        return cli_error("tune", CLI_FAILED, "the figures cannot be shown");
    return CLI_DONE;
}

int command_tune(int argc, char **argv) {
    char message[CLI_MESSAGE_SIZE];
    job work = {.device = NULL};
    picked_device picked;
    int code = CLI_DONE;
    if (!parse_arguments(&work, argc, argv, &code)) return code;
    if (!device_open(work.device, true, "none", &picked, message, sizeof message))
        return cli_error("tune", CLI_FAILED, "%s", message);
    code = run(&work, &picked);
    device_close(&picked);
    return code;
}
