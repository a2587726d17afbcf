/* bench_options.c: reads the command line. */
#include "bench_options.h"

#include <stdlib.h>
#include <string.h>

#include "bench_overhead.h"
#include "bench_update.h"

typedef bool option_setter(bench_options *options, const char *value, bench_error *error);

static bool option_is_saved(bench_options *options, const char *value, bench_error *error) {
    if (strcmp(value, "x") != 0 && strcmp(value, "y") != 0)
        return bench_fail(error, "--saved takes x or y, not '%s'", value);
    options->saved = value[0] == 'y' ? CLACT_SAVED_Y : CLACT_SAVED_X;
    return true;
}

/* Calls one for each part of a comma-separated list. */
static bool option_each(bench_options *options, const char *list, bench_error *error,
                        option_setter *one) {
    for (const char *start = list;;) {
        const size_t length = strcspn(start, ",");
        char part[BENCH_OPTION_SIZE];
        if (length == 0) return bench_fail(error, "a name is missing in the list '%s'", list);
        if (length >= sizeof part) return bench_fail(error, "'%.40s...' is too long", start);
        memcpy(part, start, length);
        part[length] = '\0';
        if (!one(options, part, error)) return false;
        if (start[length] == '\0') return true;
        start += length + 1;
    }
}

static bool option_add_activation(bench_options *options, const char *name, bench_error *error) {
    clact_activation activation;
    if (clact_activation_find(name, &activation) != CLACT_SUCCESS)
        return bench_fail(error, "unknown activation '%s'; --list shows the names", name);
    options->activations[activation] = true;
    return true;
}

static bool option_add_op(bench_options *options, const char *name, bench_error *error) {
    bench_op op;
    if (!bench_op_find(name, &op))
        return bench_fail(error, "unknown operation '%s'; --list shows the names", name);
    options->ops[op] = true;
    return true;
}

static bool option_add_peer(bench_options *options, const char *name, bench_error *error) {
    bench_peer peer;
    if (!bench_peer_find(name, &peer))
        return bench_fail(error, "unknown peer '%s'; --list shows the names", name);
    options->peers[peer] = true;
    return true;
}

static bool option_tier(bench_options *options, const char *value, bench_error *error) {
    const char *names[CLI_NUM_TIERS + 1];
    for (int i = 0; i < CLI_NUM_TIERS; ++i)
        names[i] = clact_tier_name(cli_tiers[i]);
    names[CLI_NUM_TIERS] = "both";
    const int at =
        cli_find_word("tier", value, names, CLI_NUM_TIERS + 1, error->text, sizeof error->text);
    for (int i = 0; i < CLI_NUM_TIERS; ++i)
        options->tiers[i] = i == at || at == CLI_NUM_TIERS;
    return at >= 0;
}

static bool option_add_dtype(bench_options *options, const char *name, bench_error *error) {
    clact_dtype dtype;
    if (!cli_parse_dtype(name, &dtype, error->text, sizeof error->text)) return false;
    for (int i = 0; i < CLI_NUM_DTYPES; ++i)
        options->dtypes[i] |= cli_dtypes[i] == dtype;
    return true;
}

static bool option_add_pass(bench_options *options, const char *name, bench_error *error) {
    for (size_t row = 0; row < bench_pass_count(); ++row) {
        if (strcmp(name, bench_pass_row_name(row)) != 0) continue;
        options->passes |= 1u << row;
        return true;
    }
    return bench_fail(error, "unknown pass '%s'; --list shows the names", name);
}

static bool option_activation(bench_options *options, const char *value, bench_error *error) {
    return option_each(options, value, error, option_add_activation);
}

static bool option_op(bench_options *options, const char *value, bench_error *error) {
    return option_each(options, value, error, option_add_op);
}

static bool option_size(bench_options *options, const char *value, bench_error *error) {
    return option_each(options, value, error, bench_options_add_size);
}

static bool option_shape(bench_options *options, const char *value, bench_error *error) {
    return option_each(options, value, error, bench_options_add_shape);
}

static bool option_pass(bench_options *options, const char *value, bench_error *error) {
    return option_each(options, value, error, option_add_pass);
}

static bool option_peer(bench_options *options, const char *value, bench_error *error) {
    return option_each(options, value, error, option_add_peer);
}

static bool option_dtype(bench_options *options, const char *value, bench_error *error) {
    return option_each(options, value, error, option_add_dtype);
}

static bool option_repetitions(bench_options *options, const char *value, bench_error *error) {
    char *end;
    const unsigned long count = strtoul(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || count < 1 || count > 1000000)
        return bench_fail(error, "--repetitions takes a number from 1 to 1000000, not '%s'", value);
    options->repetitions = count;
    return true;
}

static bool option_min_time(bench_options *options, const char *value, bench_error *error) {
    char *end;
    const double seconds = strtod(value, &end);
    if (end == value || *end != '\0' || !(seconds >= 0.0 && seconds <= 3600.0))
        return bench_fail(error, "--min-time takes seconds from 0 to 3600, not '%s'", value);
    options->min_seconds = seconds;
    return true;
}

static bool option_threads(bench_options *options, const char *value, bench_error *error) {
    char *end;
    const unsigned long count = strtoul(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || count < 1 || count > 1024)
        return bench_fail(error, "--threads takes a number from 1 to 1024, not '%s'", value);
    options->threads = (unsigned)count;
    return true;
}

static bool option_device(bench_options *options, const char *value, bench_error *error) {
    (void)error;
    options->device = value;
    return true;
}

static bool option_tuning(bench_options *options, const char *value, bench_error *error) {
    (void)error;
    options->tuning = value;
    return true;
}

static bool option_json(bench_options *options, const char *value, bench_error *error) {
    if (*value == '\0') return bench_fail(error, "--json takes a file name, or - for stdout");
    options->json = value;
    return true;
}

static bool option_csv(bench_options *options, const char *value, bench_error *error) {
    if (*value == '\0') return bench_fail(error, "--csv takes a file name, or - for stdout");
    options->csv = value;
    return true;
}

static bool option_html(bench_options *options, const char *value, bench_error *error) {
    if (*value == '\0') return bench_fail(error, "--html takes a file name, or - for stdout");
    options->html = value;
    return true;
}

static bool option_roofline(bench_options *options, const char *value, bench_error *error) {
    if (*value == '\0') return bench_fail(error, "--roofline takes a file name, or - for stdout");
    options->roofline = value;
    return true;
}

static const struct option_row {
    const char *name;
    option_setter *set;
} option_rows[] = {
    {"--activation", option_activation},
    {"--op", option_op},
    {"--size", option_size},
    {"--shape", option_shape},
    {"--pass", option_pass},
    {"--peer", option_peer},
    {"--tier", option_tier},
    {"--dtype", option_dtype},
    {"--saved", option_is_saved},
    {"--repetitions", option_repetitions},
    {"--min-time", option_min_time},
    {"--threads", option_threads},
    {"--device", option_device},
    {"--tuning", option_tuning},
    {"--json", option_json},
    {"--csv", option_csv},
    {"--html", option_html},
    {"--roofline", option_roofline},
};

static bool option_parse_flag(const char *text, bench_action *action) {
    if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0)
        *action = BENCH_HELP;
    else if (strcmp(text, "--list") == 0)
        *action = BENCH_LIST;
    else if (strcmp(text, "--version") == 0)
        *action = BENCH_VERSION;
    else
        return false;
    return true;
}

/* One option that takes a value, as "--name value" or "--name=value". Moves *index past it. */
static bool option_parse_one(int argc, char **argv, int *index, bench_options *options,
                             bench_error *error) {
    const char *text = argv[*index];
    const size_t length = strcspn(text, "=");
    for (size_t i = 0; i < sizeof option_rows / sizeof *option_rows; ++i) {
        const struct option_row *row = &option_rows[i];
        if (strlen(row->name) != length || strncmp(row->name, text, length) != 0) continue;
        if (text[length] == '=') return row->set(options, text + length + 1, error);
        if (*index + 1 >= argc)
            return bench_fail(error, "%s needs a value; --help shows which", row->name);
        return row->set(options, argv[++*index], error);
    }
    return bench_fail(error, "unknown %s '%s'; --help lists the options",
                      text[0] == '-' ? "option" : "argument", text);
}

static bool option_any(const bool *flags, int count) {
    bool any = false;
    for (int i = 0; i < count; ++i)
        any |= flags[i];
    return any;
}

/* Whether a shape was given: for sweeps, or for layers. */
static bool option_has_shape(const bench_options *options, bool of_sweeps) {
    bool has = false;
    for (size_t i = 0; i < options->num_shapes; ++i)
        has |= (options->shapes[i].count == 2) == of_sweeps;
    return has;
}

/* Sets the first `defaults` flags where none is set. */
static void option_fill_flags(bool *flags, int count, int defaults) {
    if (option_any(flags, count)) return;
    for (int i = 0; i < defaults; ++i)
        flags[i] = true;
}

static void option_add_shapes(bench_options *options, const bench_shape *shapes, size_t count) {
    memcpy(options->shapes + options->num_shapes, shapes, count * sizeof *shapes);
    options->num_shapes += count;
}

/* Of sweeps: some activations, all passes, a large shape and a small one. Of layers: relu, and the
 * network that digits are read with. */
static void option_fill_shapes(bench_options *options) {
    static const clact_activation usual[] = {CLACT_ACT_RELU, CLACT_ACT_SILU, CLACT_ACT_GELU};
    static const bench_shape sweeps[] = {{{4096, 4096}, 2}, {{128, 512}, 2}};
    static const bench_shape layers[] = {{{128, 784, 512, 256, 10}, 5}};
    const bool any = option_any(options->activations, CLACT_ACT_COUNT);
    memcpy(options->pass_activations, options->activations, sizeof options->activations);
    memcpy(options->layer_activations, options->activations, sizeof options->activations);
    for (size_t i = 0; !any && i < sizeof usual / sizeof *usual; ++i)
        options->pass_activations[usual[i]] = true;
    options->layer_activations[CLACT_ACT_RELU] |= !any;
    if (options->passes == 0) options->passes = UINT32_MAX;
    if (!option_has_shape(options, true)) option_add_shapes(options, sweeps, 2);
    if (!option_has_shape(options, false)) option_add_shapes(options, layers, 1);
}

/* Filters that were not given choose everything, but one tier, one element type and no sweeps. */
static void option_fill_defaults(bench_options *options) {
    option_fill_shapes(options);
    option_fill_flags(options->activations, CLACT_ACT_COUNT, CLACT_ACT_COUNT);
    option_fill_flags(options->ops, BENCH_OP_COUNT, BENCH_DEFAULT_OPS);
    option_fill_flags(options->tiers, CLI_NUM_TIERS, 1);
    option_fill_flags(options->dtypes, CLI_NUM_DTYPES, 1);
    if (options->num_sizes == 0) {
        options->sizes[options->num_sizes++] = (size_t)1 << 20;
        options->sizes[options->num_sizes++] = (size_t)1 << 24;
    }
    const bool counted = options->repetitions > 0;
    if (!counted) options->repetitions = 7;
    if (options->min_seconds < 0.0) options->min_seconds = counted ? 0.0 : 0.1;
}

/* The peer's operation must be measured. */
static bool option_check_peers(const bench_options *options, bench_error *error) {
    const bool used[BENCH_PEER_COUNT] = {
        [BENCH_PEER_ONEDNN] = options->ops[BENCH_FORWARD] || options->ops[BENCH_BACKWARD] ||
                              !option_any(options->ops, BENCH_OP_COUNT),
        [BENCH_PEER_OPENBLAS] = options->ops[BENCH_DENSE],
        [BENCH_PEER_TORCH] = options->ops[BENCH_TRAIN]};
    for (int i = 0; i < BENCH_PEER_COUNT; ++i)
        if (options->peers[i] && !used[i])
            return bench_fail(error, "--peer %s is for --op %s", bench_peer_name((bench_peer)i),
                              bench_peer_ops((bench_peer)i));
    return true;
}

/* Options that would say nothing of what is measured. */
static bool option_check_used(const bench_options *options, bench_error *error) {
    const bool sweeps = options->ops[BENCH_SWEEP];
    const bool layers = options->ops[BENCH_DENSE] || options->ops[BENCH_TRAIN];
    if (!sweeps && (option_has_shape(options, true) || options->passes != 0))
        return bench_fail(error, "--pass and a --shape of two sides are for --op sweep");
    if (!layers && option_has_shape(options, false))
        return bench_fail(error, "a --shape of more than two sides is for --op dense and train");
    if ((sweeps || layers) && !option_any(options->ops, BENCH_CASE_OPS) && options->num_sizes > 0)
        return bench_fail(error, "--op sweep, dense and train take --shape, not --size");
    return option_check_peers(options, error);
}

static bool option_check_outputs(const bench_options *options, bench_error *error) {
    const char *const paths[] = {options->json, options->csv, options->html, options->roofline};
    int count = 0;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; ++i)
        count += paths[i] && strcmp(paths[i], "-") == 0;
    return count <= 1 || bench_fail(error, "only one of --json, --csv, --html and --roofline can "
                                           "go to standard output");
}

bool bench_options_parse(int argc, char **argv, bench_options *options, bench_error *error) {
    *options =
        (bench_options){.action = BENCH_RUN, .min_seconds = -1.0, .argc = argc, .argv = argv};
    for (int i = 1; i < argc; ++i) {
        if (option_parse_flag(argv[i], &options->action)) return true;
        if (strcmp(argv[i], "--no-cache") == 0) {
            options->no_cache = true;
            continue;
        }
        if (!option_parse_one(argc, argv, &i, options, error)) return false;
    }
    if (!option_check_used(options, error) || !bench_overhead_fill(options, error) ||
        !bench_update_fill(options, error))
        return false;
    option_fill_defaults(options);
    if (!option_check_outputs(options, error)) return false;
    if (bench_options_cases(options, NULL) + bench_options_passes(options, NULL) +
            bench_options_layers(options, NULL) >
        0)
        return true;
    if (options->ops[BENCH_SWEEP])
        return bench_fail(error, "nothing to measure: none of these activations can save a mask");
    return bench_fail(error, "nothing to measure: none of these activations can run backward from "
                             "y; use --saved x");
}
