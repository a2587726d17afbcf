/* command_lab.c: `clact lab`, experiments on what an activation does to learning. */
#include "cli_common.h"
#include "commands.h"
#include "figure_print.h"
#include "file_write.h"
#include "lab.h"
#include "progress.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: clact lab NAME [-o FIG.svg|png|pdf] [--json FILE] [options]\n"
    "       clact lab --list\n"
    "\n"
    "Runs an experiment on the device, prints what it measured in a table, and says what was seen\n"
    "beside what theory predicts. Each takes less than a minute on two cores.\n"
    "\n";

static const char options_help[] =
    "\n"
    "  -o, --output FIG    draw the picture: .svg, .png or .pdf (needs gnuplot)\n"
    "      --keep          leave gnuplot's script and data beside it\n"
    "      --text          draw in characters, on the terminal\n"
    "      --json FILE     everything measured, as JSON; - for standard output, without the text\n"
    "      --seed N        of weights, data and shuffles (default 1); the same seed gives the "
    "same\n"
    "                      report at every run on a device\n"
    "  -d, --device D      number or part of the name, see `clact devices`\n"
    "      --no-cache      compile anew, and keep nothing; see `clact cache --help`\n"
    "      --tuning FILE   of `clact tune`, or none; the device's own by default\n"
    "      --list          the names of the experiments\n"
    "  -h, --help          this text\n";

enum {
    OPTION_KEEP = 1000,
    OPTION_TEXT,
    OPTION_JSON,
    OPTION_SEED,
    OPTION_NO_CACHE,
    OPTION_TUNING,
    OPTION_LIST
};

typedef struct lab_job {
    const lab_entry *entry;
    const char *output, *json, *device, *tuning; /* NULL: none, or the default */
    bool keep, as_text, no_cache;
    uint64_t seed;
} lab_job;

static void print_list(void) {
    for (size_t i = 0; i < LAB_COUNT; i++)
        printf("  %-11s %s\n", lab_list[i].name, lab_list[i].text);
}

/* ---- the command line ---- */

/* No more than the JSON of a report can say */
static bool parse_seed(const char *text, uint64_t *seed) {
    char *end = NULL;
    errno = 0;
    if (!isdigit((unsigned char)*text)) return false;
    *seed = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *seed <= INT64_MAX;
}

static bool take_option(lab_job *job, int option, int *code, char **argv) {
    switch (option) {
    case 'o':
        job->output = optarg;
        return true;
    case 'd':
        job->device = optarg;
        return true;
    case OPTION_KEEP:
        job->keep = true;
        return true;
    case OPTION_TEXT:
        job->as_text = true;
        return true;
    case OPTION_JSON:
        job->json = optarg;
        return true;
    case OPTION_NO_CACHE:
        job->no_cache = true;
        return true;
    case OPTION_TUNING:
        job->tuning = optarg;
        return true;
    case OPTION_SEED:
        if (parse_seed(optarg, &job->seed)) return true;
        *code = cli_error("lab", CLI_USAGE,
                          "--seed takes a whole number from 0 to %" PRId64 ", not '%s'", INT64_MAX,
                          optarg);
        return false;
    case OPTION_LIST:
        print_list();
        return false;
    case 'h':
        fputs(usage, stdout);
        print_list();
        fputs(options_help, stdout);
        return false;
    default:
        *code = cli_option_error("lab", option, argv);
        return false;
    }
}

static bool find_experiment(const char *word, lab_job *job, int *code) {
    const char *names[LAB_COUNT];
    char message[CLI_MESSAGE_SIZE];
    for (size_t i = 0; i < LAB_COUNT; i++)
        names[i] = lab_list[i].name;
    const int at = cli_find_word("experiment", word, names, LAB_COUNT, message, sizeof message);
    if (at >= 0)
        job->entry = &lab_list[at];
    else
        *code = cli_error("lab", CLI_USAGE, "%s", message);
    return at >= 0;
}

static bool check_outputs(const lab_job *job, int *code) {
    if (job->keep && !job->output)
        *code = cli_error("lab", CLI_USAGE, "--keep goes with a picture; add -o FIGURE.svg");
    else if (job->as_text && job->json && strcmp(job->json, "-") == 0)
        *code = cli_error("lab", CLI_USAGE,
                          "--text does not go with --json -, which prints JSON alone; name a file");
    else
        return true;
    return false;
}

/* Returns true to go on; false with *code to exit with. */
static bool parse(int argc, char **argv, lab_job *job, int *code) {
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"device", required_argument, NULL, 'd'},
                                            {"keep", no_argument, NULL, OPTION_KEEP},
                                            {"text", no_argument, NULL, OPTION_TEXT},
                                            {"json", required_argument, NULL, OPTION_JSON},
                                            {"seed", required_argument, NULL, OPTION_SEED},
                                            {"no-cache", no_argument, NULL, OPTION_NO_CACHE},
                                            {"tuning", required_argument, NULL, OPTION_TUNING},
                                            {"list", no_argument, NULL, OPTION_LIST},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    *job = (lab_job){.seed = 1};
    *code = CLI_DONE;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, ":o:d:h", options, NULL)) != -1;)
        if (!take_option(job, c, code, argv)) return false;
    if (optind >= argc) {
        *code = cli_error("lab", CLI_USAGE,
                          "which experiment? `clact lab --list` shows them, such as vanishing");
        return false;
    }
    if (optind + 1 < argc) {
        *code =
            cli_error("lab", CLI_USAGE, "one experiment at a time, so not '%s'", argv[optind + 1]);
        return false;
    }
    return find_experiment(argv[optind], job, code) && check_outputs(job, code);
}

/* ---- the run ---- */

typedef struct clock_of_run {
    double start, drawn;
} clock_of_run;

static void show_progress(void *user, const char *what, double done) {
    clock_of_run *c = user;
    const double at = progress_seconds();
    if (at - c->drawn < 0.1) return;
    c->drawn = at;
    progress_draw(what, (size_t)(1000 * done), 1000, at - c->start);
}

static bool write_json(const lab_job *job, const lab_report *report, char *message, size_t size) {
    json_t *all = lab_report_json(report);
    char *text = all ? json_dumps(all, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    json_decref(all);
    bool is_done = text != NULL || cli_fail(message, size, "out of memory");
    if (is_done && strcmp(job->json, "-") == 0)
        puts(text);
    else if (is_done)
        is_done =
            file_write(job->json, (file_part[]){{text, strlen(text)}, {"\n", 1}}, 2, message, size);
    free(text);
    return is_done;
}

static bool show(const lab_job *job, lab_report *report, char *message, size_t size) {
    figure drawn;
    const bool json_alone = job->json && strcmp(job->json, "-") == 0;
    const bool has_figure = lab_report_figure(report, job->entry->text, &drawn);
    if (job->output && has_figure && !figure_write(&drawn, job->output, job->keep, message, size))
        return false;
    if (job->json && !write_json(job, report, message, size)) return false;
    if (json_alone) return true;
    lab_report_print(report, job->entry->text, stdout);
    if (job->as_text && has_figure) figure_print(&drawn);
    if (job->output) {
        putchar('\n');
        figure_print_names(job->output, job->keep);
    }
    return true;
}

static bool run(const lab_job *job, char *message, size_t size) {
    picked_device device = {0};
    clock_of_run clock = {progress_seconds(), 0.0};
    const lab_options options = {.seed = job->seed,
                                 .progress = progress_on_terminal() ? show_progress : NULL,
                                 .user = &clock};
    if (!device_open(job->device, !job->no_cache, job->tuning, &device, message, size))
        return false;
    lab_report *report = lab_report_create(job->entry->name, job->seed);
    bool is_done = report != NULL || cli_fail(message, size, "out of memory");
    is_done = is_done && job->entry->run(&device, &options, report, message, size);
    if (options.progress) progress_clear();
    is_done =
        is_done && lab_report_is_whole(report, message, size) && show(job, report, message, size);
    lab_report_destroy(report);
    device_close(&device);
    return is_done;
}

int command_lab(int argc, char **argv) {
    char message[CLI_MESSAGE_SIZE] = "";
    lab_job job;
    int code = CLI_DONE;
    if (!parse(argc, argv, &job, &code)) return code;
    const bool may_start =
        (!job.output || figure_check(job.output, job.keep, message, sizeof message)) &&
        (!job.json || strcmp(job.json, "-") == 0 ||
         file_check_output(job.json, message, sizeof message));
    if (may_start && run(&job, message, sizeof message)) return CLI_DONE;
    return cli_error("lab", CLI_FAILED, "%s", message);
}
