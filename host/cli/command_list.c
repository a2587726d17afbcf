/* command_list.c: `clact list` shows the table of activations. */
#include "cli_common.h"
#include "commands.h"

#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] = "usage: clact list [--json] [ACT...]\n"
                           "\n"
                           "Shows the activations: without ACT one line each, with ACT everything "
                           "known of the ones named.\n"
                           "ACT is a name or alias; letter case, '_' and '-' do not count.\n"
                           "\n"
                           "  -j, --json    an array of objects with everything, instead of text\n"
                           "  -h, --help    this text\n";

enum { CELL_SIZE = 96 };

/* ---- When backward may read y ---------------------------------------------------------------- */

static bool y_is_refused(clact_activation activation, int parameter, float value) {
    clact_sweep sweep;
    if (clact_sweep_init(&sweep, activation) != CLACT_SUCCESS) return false;
    sweep.saved = CLACT_SAVED_Y;
    sweep.params[parameter] = value;
    return clact_sweep_check(&sweep, true) == CLACT_SAVED_TENSOR;
}

/* "" where y always (or never) will do; else the condition on the parameters. */
static void y_condition(const clact_activation_info *info, char text[CELL_SIZE]) {
    text[0] = '\0';
    for (int i = 0; info->reads_y && i < info->num_params; i++) {
        const clact_parameter *parameter = &info->params[i];
        bool refuses_least = y_is_refused(info->activation, i, parameter->min);
        if (!refuses_least && !y_is_refused(info->activation, i, parameter->max)) continue;
        if (refuses_least && parameter->min < 0.0f && y_is_refused(info->activation, i, -1e-6f) &&
            !y_is_refused(info->activation, i, 0.0f))
            snprintf(text, CELL_SIZE, "%s >= 0", parameter->name);
        else
            snprintf(text, CELL_SIZE, "only for some values of %s", parameter->name);
    }
}

/* ---- One line each --------------------------------------------------------------------------- */

enum { FIRST_TIER = 3, COLUMNS = FIRST_TIER + CLI_NUM_TIERS + 1 };

typedef struct table_row {
    char cells[COLUMNS][CELL_SIZE];
} table_row;

static void parameters_cell(const clact_activation_info *info, char text[CELL_SIZE]) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < info->num_params && used < CELL_SIZE; i++) {
        char value[CLI_FLOAT_SIZE];
        cli_float_text(info->params[i].value, value);
        int written = snprintf(text + used, CELL_SIZE - used, "%s%s=%s", i ? " " : "",
                               info->params[i].name, value);
        used += written > 0 ? (size_t)written : 0;
    }
}

static double ulps_of(const clact_activation_info *info, clact_tier tier, clact_dtype dtype,
                      bool backward) {
    clact_bound bound = {0};
    clact_activation_bound(info->activation, tier, dtype, backward, &bound);
    return bound.ulps;
}

static void fill_row(const clact_activation_info *info, table_row *row) {
    char condition[CELL_SIZE];
    y_condition(info, condition);
    snprintf(row->cells[0], CELL_SIZE, "%s", info->name);
    parameters_cell(info, row->cells[1]);
    snprintf(row->cells[2], CELL_SIZE, "%s%s", info->reads_y ? "x y" : "x",
             condition[0] ? "*" : "");
    for (int i = 0; i < CLI_NUM_TIERS; i++)
        snprintf(row->cells[FIRST_TIER + i], CELL_SIZE, "%g/%g",
                 ulps_of(info, cli_tiers[i], CLACT_F32, false),
                 ulps_of(info, cli_tiers[i], CLACT_F32, true));
    snprintf(row->cells[COLUMNS - 1], CELL_SIZE, "%s", info->formula);
}

static void print_table(const clact_activation_info *infos, size_t count) {
#define TIER_HEADING(NAME, value, name) #NAME,
    table_row rows[CLACT_ACT_COUNT + 1] = {
        {{"NAME", "PARAMETERS", "READS", CLACT_TIER_MAP(TIER_HEADING) "FORMULA"}}};
    int widths[COLUMNS] = {0};
    for (size_t r = 0; r < count; r++)
        fill_row(&infos[r], &rows[r + 1]);
    for (size_t r = 0; r <= count; r++)
        for (int c = 0; c < COLUMNS; c++)
            if ((int)strlen(rows[r].cells[c]) > widths[c])
                widths[c] = (int)strlen(rows[r].cells[c]);
    for (size_t r = 0; r <= count; r++) {
        for (int c = 0; c + 1 < COLUMNS; c++)
            printf("%-*s  ", widths[c], rows[r].cells[c]);
        puts(rows[r].cells[COLUMNS - 1]);
    }
    fputs("\n"
          "READS  what the gradient can be found from: the input x, or as well the output y\n"
          "       (x y*: y depends on the parameters)\n"
          "The tiers, to be chosen with --tier, have the promised bounds on the error, "
          "forward/backward,\n"
          "in units in the last place of float32; 0 is exact.\n"
          "s(z) is 1 / (1 + e^-z). `clact list NAME` shows the derivative and all else.\n",
          stdout);
}

/* ---- Everything about one -------------------------------------------------------------------- */

static void print_parameters(const clact_activation_info *info) {
    for (int i = 0; i < info->num_params; i++) {
        const clact_parameter *parameter = &info->params[i];
        char value[CLI_FLOAT_SIZE], least[CLI_FLOAT_SIZE], greatest[CLI_FLOAT_SIZE];
        cli_float_text(parameter->value, value);
        cli_float_text(parameter->min, least);
        cli_float_text(parameter->max, greatest);
        printf("  %-11s %s = %s, from %s to %s\n", i == 0 ? "parameters" : "", parameter->name,
               value, least, greatest);
    }
}

static void print_kinks(const clact_activation_info *info) {
    float kinks[CLACT_MAX_KINKS];
    size_t count = clact_activation_kinks(info->activation, NULL, kinks);
    for (size_t i = 0; i < count; i++) {
        char value[CLI_FLOAT_SIZE];
        cli_float_text(kinks[i], value);
        printf("%s%s", i == 0 ? "  kinks       x = " : ", ", value);
    }
    if (count > 0) putchar('\n');
}

static void print_aliases(const clact_activation_info *info) {
    const char *alias = info->aliases;
    while (*alias) {
        size_t length = strcspn(alias, "|");
        printf("%s%.*s", alias == info->aliases ? "  also called " : ", ", (int)length, alias);
        alias += length + (alias[length] == '|');
    }
    if (*info->aliases) putchar('\n');
}

static void print_error(const char *pass, double ulps) {
    if (ulps > 0.0)
        printf("%s at most %g ulp", pass, ulps);
    else
        printf("%s exact", pass);
}

static void print_errors(const clact_activation_info *info) {
    double f16 = 0.0, bf16 = 0.0;
    for (int i = 0; i < CLI_NUM_TIERS; i++) {
        printf("  %-11s %-8s  ", i == 0 ? "error" : "", clact_tier_name(cli_tiers[i]));
        print_error("forward", ulps_of(info, cli_tiers[i], CLACT_F32, false));
        print_error(", backward", ulps_of(info, cli_tiers[i], CLACT_F32, true));
        putchar('\n');
        for (int backward = 0; backward < 2; backward++) {
            f16 = fmax(f16, ulps_of(info, cli_tiers[i], CLACT_F16, backward));
            bf16 = fmax(bf16, ulps_of(info, cli_tiers[i], CLACT_BF16, backward));
        }
    }
    const double f64 = fmax(ulps_of(info, CLACT_TIER_ACCURATE, CLACT_F64, false),
                            ulps_of(info, CLACT_TIER_ACCURATE, CLACT_F64, true));
    printf(
        "              for float32, and float64 (accurate: at most %g); float16 and bfloat16 are\n"
        "              computed in float32 and rounded once: at most %g and %g ulp of their own\n",
        f64, ceil(1e4 * f16) * 1e-4, ceil(1e4 * bf16) * 1e-4);
}

static void print_details(const clact_activation_info *info) {
    char condition[CELL_SIZE], least[CLI_FLOAT_SIZE], greatest[CLI_FLOAT_SIZE];
    y_condition(info, condition);
    puts(info->name);
    print_aliases(info);
    printf("  formula     %s\n", info->formula);
    printf("  derivative  %s\n", info->derivative);
    print_parameters(info);
    if (isfinite(info->domain_min) || isfinite(info->domain_max)) {
        cli_float_text(info->domain_min, least);
        cli_float_text(info->domain_max, greatest);
        printf("  domain      from %s to %s; NaN outside\n", least, greatest);
    }
    print_kinks(info);
    printf("  backward    reads x%s%s%s\n", info->reads_y ? " or y" : "",
           condition[0] ? "; y where " : "", condition);
    print_errors(info);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* The short decimal of a float, not the long one of its double; null for infinity. */
static json_t *json_float(float value) {
    char text[CLI_FLOAT_SIZE];
    if (!isfinite(value)) return json_null();
    cli_float_text(value, text);
    return json_real(strtod(text, NULL));
}

static json_t *json_aliases(const char *alias) {
    json_t *array = json_array();
    while (*alias) {
        size_t length = strcspn(alias, "|");
        json_array_append_new(array, json_stringn(alias, length));
        alias += length + (alias[length] == '|');
    }
    return array;
}

static json_t *json_parameters(const clact_activation_info *info) {
    json_t *array = json_array();
    for (int i = 0; i < info->num_params; i++) {
        const clact_parameter *parameter = &info->params[i];
        json_array_append_new(array, json_pack("{s:s, s:o, s:o, s:o}", "name", parameter->name,
                                               "default", json_float(parameter->value), "min",
                                               json_float(parameter->min), "max",
                                               json_float(parameter->max)));
    }
    return array;
}

static json_t *json_kinks(const clact_activation_info *info) {
    json_t *array = json_array();
    float kinks[CLACT_MAX_KINKS];
    size_t count = clact_activation_kinks(info->activation, NULL, kinks);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_float(kinks[i]));
    return array;
}

/* Of float32 and float64. */
static json_t *json_ulps(const clact_activation_info *info) {
    json_t *object = json_object();
    for (int i = 0; i < CLI_NUM_TIERS; i++)
        json_object_set_new(object, clact_tier_name(cli_tiers[i]),
                            json_pack("{s:f, s:f}", "forward",
                                      ulps_of(info, cli_tiers[i], CLACT_F32, false), "backward",
                                      ulps_of(info, cli_tiers[i], CLACT_F32, true)));
    return object;
}

static json_t *json_activation(const clact_activation_info *info) {
    char condition[CELL_SIZE];
    y_condition(info, condition);
    json_t *reads = info->reads_y ? json_pack("[s, s]", "x", "y") : json_pack("[s]", "x");
    return json_pack("{s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:{s:o, s:o}, s:o}", "name",
                     info->name, "aliases", json_aliases(info->aliases), "formula", info->formula,
                     "derivative", info->derivative, "params", json_parameters(info), "reads",
                     reads, "reads_y_where", condition[0] ? json_string(condition) : json_null(),
                     "kinks", json_kinks(info), "domain", "min", json_float(info->domain_min),
                     "max", json_float(info->domain_max), "ulps", json_ulps(info));
}

static bool print_json(const clact_activation_info *infos, size_t count) {
    json_t *array = json_array();
    bool is_good = true;
    for (size_t i = 0; i < count && is_good; i++)
        is_good = json_array_append_new(array, json_activation(&infos[i])) == 0;
    char *text = is_good ? json_dumps(array, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) : NULL;
    is_good = text != NULL;
    if (is_good) puts(text);
    free(text);
    json_decref(array);
    return is_good;
}

/* ---- The command ----------------------------------------------------------------------------- */

/* Rows in the order named, each once; all rows for no name. */
static int choose_rows(int count, char **names, clact_activation_info *infos, size_t *chosen) {
    bool is_taken[CLACT_ACT_COUNT] = {false};
    char message[CLI_MESSAGE_SIZE];
    int wanted = count > 0 ? count : CLACT_ACT_COUNT;
    *chosen = 0;
    for (int i = 0; i < wanted; i++) {
        clact_activation activation = (clact_activation)i;
        if (count > 0 && !cli_parse_activation(names[i], &activation, message, sizeof message))
            return cli_error("list", CLI_USAGE, "%s", message);
        if (is_taken[activation]) continue;
        is_taken[activation] = true;
        clact_status status = clact_activation_query(activation, &infos[*chosen]);
        if (status != CLACT_SUCCESS)
            return cli_error("list", CLI_FAILED, "%s", clact_status_text(status));
        ++*chosen;
    }
    return CLI_DONE;
}

int command_list(int argc, char **argv) {
    clact_activation_info infos[CLACT_ACT_COUNT];
    size_t count = 0;
    bool as_json = false;
    int code = CLI_DONE;
    if (!cli_list_options("list", help, argc, argv, &as_json, &code)) return code;
    code = choose_rows(argc - optind, argv + optind, infos, &count);
    if (code != CLI_DONE) return code;
    if (as_json)
        return print_json(infos, count)
                   ? CLI_DONE
                   : cli_error("list", CLI_FAILED, "the table cannot be put into JSON");
    if (optind == argc) print_table(infos, count);
    for (size_t i = 0; i < count && optind < argc; i++) {
        if (i > 0) putchar('\n');
        print_details(&infos[i]);
    }
    return CLI_DONE;
}
