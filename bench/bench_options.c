/* bench_options.c: reads the command line and makes the list of cases from it. */
#include "bench_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OPTION_TEXT_MAX 256

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
        char part[OPTION_TEXT_MAX];
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

/* 65536, 64K, 1M, 2G (powers of 1024) or 2^20. */
static bool option_parse_size(const char *text, size_t *size) {
    char *end;
    if (text[0] < '0' || text[0] > '9') return false;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno) return false;
    unsigned shift = 0;
    if (end[0] == '^') {
        if (value != 2 || end[1] < '0' || end[1] > '9') return false;
        const unsigned long power = strtoul(end + 1, &end, 10);
        if (power >= 48) return false;
        value = 1;
        shift = (unsigned)power;
    } else if (end[0] != '\0') {
        const char *letters = "KMG", *letter = strchr(letters, end[0] & ~0x20);
        if (letter == NULL || *letter == '\0') return false;
        shift = 10 * (unsigned)(letter - letters + 1);
        ++end;
    }
    if (*end != '\0' || value == 0 || value > (1ull << 48) >> shift) return false;
    value <<= shift;
    *size = (size_t)value;
    return *size == value && value <= SIZE_MAX / 32;
}

static bool option_add_size(bench_options *options, const char *text, bench_error *error) {
    size_t size;
    if (!option_parse_size(text, &size))
        return bench_fail(error, "'%s' is no size; write elements like 65536, 64K, 1M or 2^20",
                          text);
    for (size_t i = 0; i < options->num_sizes; ++i)
        if (options->sizes[i] == size) return true;
    if (options->num_sizes == BENCH_MAX_SIZES)
        return bench_fail(error, "--size takes at most %d sizes", BENCH_MAX_SIZES);
    options->sizes[options->num_sizes++] = size;
    return true;
}

/* 4096x512, each side as a size. */
static bool option_add_shape(bench_options *options, const char *text, bench_error *error) {
    char rows[OPTION_TEXT_MAX];
    const size_t length = strcspn(text, "xX");
    bench_shape shape = {0, 0};
    memcpy(rows, text, length);
    rows[length] = '\0';
    if (text[length] == '\0' || !option_parse_size(rows, &shape.rows) ||
        !option_parse_size(text + length + 1, &shape.cols) ||
        shape.cols > SIZE_MAX / 64 / shape.rows)
        return bench_fail(error, "'%s' is no shape; write rows and columns like 4096x512 or 4Kx512",
                          text);
    for (size_t i = 0; i < options->num_shapes; ++i)
        if (options->shapes[i].rows == shape.rows && options->shapes[i].cols == shape.cols)
            return true;
    if (options->num_shapes == BENCH_MAX_SIZES)
        return bench_fail(error, "--shape takes at most %d shapes", BENCH_MAX_SIZES);
    options->shapes[options->num_shapes++] = shape;
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
    return option_each(options, value, error, option_add_size);
}

static bool option_shape(bench_options *options, const char *value, bench_error *error) {
    return option_each(options, value, error, option_add_shape);
}

static bool option_pass(bench_options *options, const char *value, bench_error *error) {
    return option_each(options, value, error, option_add_pass);
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

static bool option_device(bench_options *options, const char *value, bench_error *error) {
    (void)error;
    options->device = value;
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
    {"--tier", option_tier},
    {"--dtype", option_dtype},
    {"--saved", option_is_saved},
    {"--repetitions", option_repetitions},
    {"--min-time", option_min_time},
    {"--device", option_device},
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

/* Sets the first `defaults` flags where none is set. */
static void option_fill_flags(bool *flags, int count, int defaults) {
    if (option_any(flags, count)) return;
    for (int i = 0; i < defaults; ++i)
        flags[i] = true;
}

/* Of sweeps: some activations, all passes, a large shape and a small one. */
static void option_fill_sweeps(bench_options *options) {
    static const clact_activation usual[] = {CLACT_ACT_RELU, CLACT_ACT_SILU, CLACT_ACT_GELU};
    const bool any = option_any(options->activations, CLACT_ACT_COUNT);
    memcpy(options->pass_activations, options->activations, sizeof options->activations);
    for (size_t i = 0; !any && i < sizeof usual / sizeof *usual; ++i)
        options->pass_activations[usual[i]] = true;
    if (options->passes == 0) options->passes = UINT32_MAX;
    if (options->num_shapes > 0) return;
    options->shapes[options->num_shapes++] = (bench_shape){4096, 4096};
    options->shapes[options->num_shapes++] = (bench_shape){128, 512};
}

/* Filters that were not given choose everything, but one tier, one element type and no sweeps. */
static void option_fill_defaults(bench_options *options) {
    option_fill_sweeps(options);
    option_fill_flags(options->activations, CLACT_ACT_COUNT, CLACT_ACT_COUNT);
    option_fill_flags(options->ops, BENCH_OP_COUNT, BENCH_CASE_OPS);
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

/* Options that would say nothing of what is measured. */
static bool option_check_used(const bench_options *options, bench_error *error) {
    const bool sweeps = options->ops[BENCH_SWEEP];
    if (!sweeps && (options->num_shapes > 0 || options->passes != 0))
        return bench_fail(error, "--shape and --pass are for --op sweep");
    if (sweeps && !option_any(options->ops, BENCH_CASE_OPS) && options->num_sizes > 0)
        return bench_fail(error, "--op sweep takes --shape ROWSxCOLS, not --size");
    return true;
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
    if (!option_check_used(options, error)) return false;
    option_fill_defaults(options);
    if (!option_check_outputs(options, error)) return false;
    if (bench_options_cases(options, NULL) + bench_options_passes(options, NULL) > 0) return true;
    if (options->ops[BENCH_SWEEP])
        return bench_fail(error, "nothing to measure: none of these activations can save a mask");
    return bench_fail(error, "nothing to measure: none of these activations can run backward from "
                             "y; use --saved x");
}

/* The cases of one group: every chosen activation, and the tiers of each side by side. */
static size_t option_group(const bench_options *options, const bench_case *group,
                           bench_case *cases) {
    const bool backward = group->op == BENCH_BACKWARD;
    size_t count = 0;
    for (int a = 0; a < CLACT_ACT_COUNT; ++a) {
        for (int t = 0; t < CLI_NUM_TIERS; ++t) {
            bench_case item = *group;
            if (!options->activations[a] || !options->tiers[t]) continue;
            if (clact_activation_query((clact_activation)a, &item.info) != CLACT_SUCCESS ||
                clact_sweep_init(&item.sweep, (clact_activation)a) != CLACT_SUCCESS)
                continue;
            item.sweep.tier = cli_tiers[t];
            item.sweep.dtype = group->sweep.dtype;
            if (backward) item.sweep.saved = options->saved;
            if (clact_sweep_check(&item.sweep, backward) != CLACT_SUCCESS) continue;
            if (cases) cases[count] = item;
            ++count;
        }
    }
    return count;
}

size_t bench_options_cases(const bench_options *options, bench_case *cases) {
    size_t count = 0;
    for (int d = 0; d < CLI_NUM_DTYPES; ++d) {
        for (int op = 0; op < BENCH_CASE_OPS; ++op) {
            for (size_t s = 0; s < options->num_sizes; ++s) {
                const bench_case group = {.op = (bench_op)op,
                                          .elements = options->sizes[s],
                                          .sweep.dtype = cli_dtypes[d]};
                if (!options->dtypes[d] || !options->ops[op]) continue;
                count += option_group(options, &group, cases ? cases + count : NULL);
            }
        }
    }
    return count;
}
