/* command_verify.c: `clact verify` proves the bounds of the table on a device. */
#include "cli_common.h"
#include "commands.h"
#include "progress.h"
#include "proof_report.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: clact verify [ACT...] [OPTION...]\n"
    "\n"
    "Compares what a device computes with exact values (MPFR): forward, backward from x and, "
    "where\n"
    "that is possible, backward from y. Shows the greatest error in ulps of the element type "
    "beside\n"
    "the bound that is promised. ACT are names or aliases of `clact list`; all without one.\n"
    "\n"
    "      --exhaustive      all 2^32 float32 inputs, forward and backward from x, for the "
    "default\n"
    "                        parameters and dy = 1: a minute or so for each activation on a CPU\n"
    "      --dtype LIST      f32, f16, bf16, f64 or a list with commas (default: f32)\n"
    "      --tier LIST       fast, accurate or both with a comma (default: both)\n"
    "  -d, --device DEVICE   a number of `clact devices`, or a part of a device's name\n"
    "      --resume FILE     keep each result in FILE as it comes, and take from it what is there\n"
    "                        already of this device, driver and version of the kernels\n"
    "      --no-cache        compile anew, and keep nothing; see `clact cache --help`\n"
    "      --tuning FILE     of `clact tune`, or none; the device's own by default\n"
    "  -j, --json            an array of objects instead of the table\n"
    "  -h, --help            this text\n"
    "\n"
    "INPUTS are stratified: special values, kinks, zeros of derivatives, every binade; of the\n"
    "16-bit types all 65,536 codes. MEASURED is for the default parameters and dy = 1, ANY DY for\n"
    "gradients of all sizes, ANY PARM for these and both ends of every parameter's range (of the\n"
    "16-bit types at every seventh code).\n"
    "\n"
    "Exit code 0: every bound is kept, 1: one is not, or the device failed, 2: wrong usage.\n";

enum {
    OPTION_EXHAUSTIVE = 1000,
    OPTION_DTYPE,
    OPTION_TIER,
    OPTION_RESUME,
    OPTION_NO_CACHE,
    OPTION_TUNING,
    MAX_DTYPES = 4
};

typedef struct job {
    bool exhaustive, is_json, no_cache;
    const char *device, *tuning, *resume;
    clact_activation activations[CLACT_ACT_COUNT];
    size_t num_activations;
    clact_dtype dtypes[MAX_DTYPES];
    size_t num_dtypes;
    clact_tier tiers[PROOF_TIERS];
    size_t num_tiers;
} job;

/* ---- The command line ------------------------------------------------------------------------ */

/* Calls take for each word of a list with commas. */
static int take_list(job *work, const char *list, int (*take)(job *, const char *)) {
    char word[64];
    int code = CLI_DONE;
    for (const char *at = list; code == CLI_DONE;) {
        const size_t length = strcspn(at, ",");
        snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1),
                 at);
        code = take(work, word);
        if (at[length] == '\0') break;
        at += length + 1;
    }
    return code;
}

static int take_dtype(job *work, const char *word) {
    char message[CLI_MESSAGE_SIZE];
    clact_dtype dtype = CLACT_F32;
    if (!cli_parse_dtype(word, &dtype, message, sizeof message))
        return cli_error("verify", CLI_USAGE, "%s", message);
    for (size_t i = 0; i < work->num_dtypes; i++)
        if (work->dtypes[i] == dtype) return CLI_DONE;
    work->dtypes[work->num_dtypes++] = dtype;
    return CLI_DONE;
}

static int take_tier(job *work, const char *word) {
    char message[CLI_MESSAGE_SIZE];
    clact_tier tier = CLACT_TIER_FAST;
    if (!cli_parse_tier(word, &tier, message, sizeof message))
        return cli_error("verify", CLI_USAGE, "%s", message);
    for (size_t i = 0; i < work->num_tiers; i++)
        if (work->tiers[i] == tier) return CLI_DONE;
    work->tiers[work->num_tiers++] = tier;
    return CLI_DONE;
}

static int take_activation(job *work, const char *word) {
    char message[CLI_MESSAGE_SIZE];
    clact_activation activation;
    if (!cli_parse_activation(word, &activation, message, sizeof message))
        return cli_error("verify", CLI_USAGE, "%s", message);
    for (size_t i = 0; i < work->num_activations; i++)
        if (work->activations[i] == activation) return CLI_DONE;
    work->activations[work->num_activations++] = activation;
    return CLI_DONE;
}

static void fill_defaults(job *work) {
    if (work->num_activations == 0)
        for (int i = 0; i < CLACT_ACT_COUNT; i++)
            work->activations[work->num_activations++] = (clact_activation)i;
    if (work->num_dtypes == 0) work->dtypes[work->num_dtypes++] = CLACT_F32;
    if (work->num_tiers == 0) {
        work->tiers[work->num_tiers++] = CLACT_TIER_FAST;
        work->tiers[work->num_tiers++] = CLACT_TIER_ACCURATE;
    }
}

static int parse_arguments(job *work, int argc, char **argv, bool *is_help) {
    static const struct option options[] = {{"exhaustive", no_argument, NULL, OPTION_EXHAUSTIVE},
                                            {"dtype", required_argument, NULL, OPTION_DTYPE},
                                            {"tier", required_argument, NULL, OPTION_TIER},
                                            {"device", required_argument, NULL, 'd'},
                                            {"resume", required_argument, NULL, OPTION_RESUME},
                                            {"no-cache", no_argument, NULL, OPTION_NO_CACHE},
                                            {"tuning", required_argument, NULL, OPTION_TUNING},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option, code = CLI_DONE;
    opterr = 0;
    while (code == CLI_DONE && (option = getopt_long(argc, argv, ":d:jh", options, NULL)) != -1) {
        switch (option) {
        case OPTION_EXHAUSTIVE:
            work->exhaustive = true;
            break;
        case OPTION_DTYPE:
            code = take_list(work, optarg, take_dtype);
            break;
        case OPTION_TIER:
            code = take_list(work, optarg, take_tier);
            break;
        case OPTION_RESUME:
            work->resume = optarg;
            break;
        case 'd':
            work->device = optarg;
            break;
        case OPTION_NO_CACHE:
            work->no_cache = true;
            break;
        case OPTION_TUNING:
            work->tuning = optarg;
            break;
        case 'j':
            work->is_json = true;
            break;
        case 'h':
            *is_help = true;
            return CLI_DONE;
        default:
            return cli_option_error("verify", option, argv);
        }
    }
    for (int i = optind; i < argc && code == CLI_DONE; i++)
        code = take_activation(work, argv[i]);
    return code;
}

/* ---- The rows -------------------------------------------------------------------------------- */

typedef struct verifier {
    const job *work;
    verify_device device;
    proof_origin origin;
    json_t *kept, *rows; /* those of --resume; all of this run */
    bool any_excess;
    uint64_t done, total; /* of proof_cost, without the rows kept */
    double start;
    char label[64];
    char *message;
    size_t size;
} verifier;

static bool show_progress(void *user, uint64_t done) {
    const verifier *v = user;
    const uint64_t so_far = v->done + done < v->total ? v->done + done : v->total;
    if (progress_on_terminal())
        progress_draw(v->label, (size_t)(so_far >> 10), (size_t)(v->total >> 10),
                      progress_seconds() - v->start);
    return true;
}

/* Exhaustive means what can be walked: float32 from x. */
static proof_subject subject_of(const verifier *v, clact_activation activation,
                                const proof_pass *pass, clact_dtype dtype) {
    const bool exhaustive =
        v->work->exhaustive && dtype == CLACT_F32 && pass->saved == CLACT_SAVED_X;
    return (proof_subject){activation, pass, dtype, exhaustive};
}

static bool finish_row(verifier *v, json_t *row, bool is_new) {
    if (!row || json_array_append(v->rows, row) != 0)
        return cli_fail(v->message, v->size, "out of memory");
    if (is_new && v->work->resume && !proof_append(v->work->resume, row, v->message, v->size))
        return false;
    v->any_excess = v->any_excess || !proof_is_kept(row);
    if (v->work->is_json) return true;
    if (progress_on_terminal()) progress_clear();
    proof_print_row(row);
    fflush(stdout);
    return true;
}

static bool make_rows(verifier *v, const proof_subject *subject, const clact_tier *tiers,
                      size_t num_tiers) {
    proof_row rows[PROOF_TIERS];
    clact_activation_info info;
    const proof_run run = {&v->device, 2, show_progress, v};
    clact_activation_query(subject->activation, &info);
    snprintf(v->label, sizeof v->label, "%s %s", info.name, subject->pass->name);
    const verify_status status = proof_make(subject, tiers, num_tiers, &run, rows);
    if (status == VERIFY_EVALUATOR) return cli_fail(v->message, v->size, "%s", v->device.message);
    if (status != VERIFY_DONE) return cli_fail(v->message, v->size, "out of memory");
    for (size_t i = 0; i < num_tiers; i++) {
        json_t *row = proof_to_json(&rows[i], &v->origin);
        const bool is_good = finish_row(v, row, true);
        json_decref(row);
        if (!is_good) return false;
    }
    return true;
}

/* Those rows of one subject that --resume does not have. */
static bool verify_subject(verifier *v, const proof_subject *subject) {
    clact_tier tiers[PROOF_TIERS];
    size_t count = 0;
    for (size_t i = 0; i < v->work->num_tiers; i++) {
        json_t *row = proof_find(v->kept, subject, v->work->tiers[i], &v->origin);
        if (!row)
            tiers[count++] = v->work->tiers[i];
        else if (!finish_row(v, row, false))
            return false;
    }
    const bool is_good = count == 0 || make_rows(v, subject, tiers, count);
    v->done += proof_cost(subject, count);
    return is_good;
}

/* Adds what is to be done for a subject. */
static bool add_cost(verifier *v, const proof_subject *subject) {
    size_t count = 0;
    for (size_t i = 0; i < v->work->num_tiers; i++)
        count += !proof_find(v->kept, subject, v->work->tiers[i], &v->origin);
    v->total += proof_cost(subject, count);
    return true;
}

/* Calls visit for every subject, until it returns false. */
static bool each_subject(verifier *v, bool (*visit)(verifier *, const proof_subject *)) {
    const job *work = v->work;
    for (size_t d = 0; d < work->num_dtypes; d++)
        for (size_t a = 0; a < work->num_activations; a++)
            for (int p = 0; p < PROOF_PASSES; p++) {
                const proof_subject subject =
                    subject_of(v, work->activations[a], &proof_passes[p], work->dtypes[d]);
                if (proof_applies(subject.activation, subject.pass) && !visit(v, &subject))
                    return false;
            }
    return true;
}

static bool verify_all(verifier *v) {
    v->start = progress_seconds();
    each_subject(v, add_cost);
    if (!v->work->is_json) proof_print_head();
    const bool is_good = each_subject(v, verify_subject);
    if (progress_on_terminal()) progress_clear();
    if (!is_good || !v->work->is_json) return is_good;
    char *text = json_dumps(v->rows, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    if (!text) return cli_fail(v->message, v->size, "out of memory");
    puts(text);
    free(text);
    return true;
}

static int run(const job *work) {
    char message[CLI_MESSAGE_SIZE] = "";
    verifier v = {.work = work, .message = message, .size = sizeof message};
    picked_device picked;
    if (!device_open(work->device, !work->no_cache, work->tuning, &picked, message, sizeof message))
        return cli_error("verify", CLI_FAILED, "%s", message);
    v.origin = (proof_origin){.device = picked.info.name, .driver = picked.info.driver};
    snprintf(v.origin.kernels, sizeof v.origin.kernels, "%016" PRIx64, clact_kernel_fingerprint());
    v.rows = json_array();
    v.kept = work->resume ? proof_read(work->resume, message, sizeof message) : json_array();
    bool is_good = v.rows && v.kept;
    if (is_good) {
        is_good = verify_device_open(&v.device, &picked);
        if (!is_good) snprintf(message, sizeof message, "%s", v.device.message);
    }
    if (is_good) is_good = verify_all(&v);
    verify_device_close(&v.device);
    device_close(&picked);
    json_decref(v.rows);
    json_decref(v.kept);
    if (!is_good) return cli_error("verify", CLI_FAILED, "%s", message);
    if (v.any_excess) return cli_error("verify", CLI_FAILED, "a bound is not kept; see RESULT");
    return CLI_DONE;
}

int command_verify(int argc, char **argv) {
    job work = {0};
    bool is_help = false;
    const int code = parse_arguments(&work, argc, argv, &is_help);
    if (code != CLI_DONE) return code;
    if (is_help) {
        fputs(help, stdout);
        return CLI_DONE;
    }
    fill_defaults(&work);
    return run(&work);
}
