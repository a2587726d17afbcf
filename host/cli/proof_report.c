/* proof_report.c: rows of `clact verify` as JSON, as a table, and in a file to resume from. */
#include "proof_report.h"

#include "cli_common.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NUMBER_SIZE = 32 };

/* ---- To JSON --------------------------------------------------------------------------------- */

static json_t *json_hex(double value) {
    char text[NUMBER_SIZE];
    snprintf(text, sizeof text, "%a", value);
    return json_string(text);
}

static json_t *json_checksum(uint64_t checksum) {
    char text[NUMBER_SIZE];
    snprintf(text, sizeof text, "%016" PRIx64, checksum);
    return json_string(text);
}

/* Infinite errors, of a NaN for a number say, have no JSON number. */
static json_t *json_ulps(double ulps) {
    return isfinite(ulps) ? json_real(ulps) : json_string("inf");
}

static json_t *json_point(const verify_point *p) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "ulps", json_ulps(p->ulps), "input",
                     json_hex(p->input), "dy", json_hex(p->dy), "got", json_hex(p->got), "exact",
                     json_hex(p->exact));
}

static json_t *json_failures(const verify_result *result) {
    json_t *array = json_array();
    for (unsigned i = 0; i < result->shown; i++)
        json_array_append_new(array, json_point(&result->failed[i]));
    return array;
}

static json_t *json_result(const verify_result *result) {
    if (result->inputs == 0) return json_null();
    return json_pack("{s:I, s:I, s:I, s:o, s:o}", "inputs", (json_int_t)result->inputs, "compared",
                     (json_int_t)result->promised, "failures", (json_int_t)result->failures,
                     "worst", result->promised ? json_point(&result->worst) : json_null(), "failed",
                     json_failures(result));
}

/* A driver's text that is not UTF-8 is left out. */
static json_t *json_text(const char *text) {
    json_t *string = json_string(text);
    return string ? string : json_string("");
}

static const char *name_of(clact_activation activation) {
    clact_activation_info info;
    return clact_activation_query(activation, &info) == CLACT_SUCCESS ? info.name : "";
}

json_t *proof_to_json(const proof_row *row, const proof_origin *origin) {
    const proof_subject *s = &row->subject;
    json_t *params = json_array();
    clact_activation_info info;
    clact_activation_query(s->activation, &info);
    for (int i = 0; i < info.num_params; i++)
        json_array_append_new(params, json_hex((double)row->worst_params[i]));
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:b, s:{s:f, s:f}, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s}",
        "activation", name_of(s->activation), "direction", s->pass->name, "dtype",
        clact_dtype_name(s->dtype), "tier", clact_tier_name(row->tier), "exhaustive", s->exhaustive,
        "promised", "ulps", row->bound.ulps, "floor", row->bound.floor, "measured",
        json_result(&row->defaults), "any_dy", json_result(&row->any_dy), "any_parameters",
        json_result(&row->any_params), "worst_parameters", params, "checksum",
        json_checksum(row->defaults.checksum), "sample_checksum",
        json_checksum(row->sample_checksum), "device", json_text(origin->device), "driver",
        json_text(origin->driver), "kernels", origin->kernels);
}

/* ---- Looking up ------------------------------------------------------------------------------ */

static bool has(const json_t *row, const char *key, const char *value) {
    const char *text = json_string_value(json_object_get(row, key));
    return text && strcmp(text, value) == 0;
}

/* Whether the row was held to the bound that is promised now. */
static bool has_bound(const json_t *row, const proof_subject *subject, clact_tier tier) {
    clact_bound bound = {0};
    clact_activation_bound(subject->activation, tier, subject->dtype, subject->pass->backward,
                           &bound);
    return json_number_value(json_object_get(json_object_get(row, "promised"), "ulps")) ==
           bound.ulps;
}

json_t *proof_find(json_t *rows, const proof_subject *subject, clact_tier tier,
                   const proof_origin *origin) {
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row) {
        if (has(row, "activation", name_of(subject->activation)) &&
            has(row, "direction", subject->pass->name) &&
            has(row, "dtype", clact_dtype_name(subject->dtype)) &&
            has(row, "tier", clact_tier_name(tier)) && has(row, "device", origin->device) &&
            has(row, "driver", origin->driver) && has(row, "kernels", origin->kernels) &&
            has_bound(row, subject, tier) &&
            json_is_true(json_object_get(row, "exhaustive")) == subject->exhaustive)
            return row;
    }
    return NULL;
}

/* ---- The file to resume from ----------------------------------------------------------------- */

static const char row_start[] = "{\"activation\"";

/* Takes one line. A row that an interruption has cut short is the last one: *is_cut is set. */
static bool take_line(json_t *rows, const char *line, ssize_t length, bool *is_cut) {
    json_error_t error;
    const bool is_row = strncmp(line, row_start, strlen(row_start)) == 0;
    json_t *row = is_row ? json_loadb(line, (size_t)length, 0, &error) : NULL;
    *is_cut = is_row && line[length - 1] != '\n';
    if (*is_cut) json_decref(row);
    return *is_cut || (row && json_array_append_new(rows, row) == 0);
}

static bool read_rows(json_t *rows, FILE *file, const char *path, char *message, size_t size) {
    char *line = NULL;
    size_t room = 0, number = 0;
    ssize_t length;
    off_t good = 0; /* bytes of whole rows */
    bool is_good = true, is_cut = false;
    while (is_good && !is_cut && (length = getline(&line, &room, file)) > 0) {
        number++;
        is_good = take_line(rows, line, length, &is_cut);
        if (!is_cut) good += length;
    }
    free(line);
    if (!is_good)
        return cli_fail(message, size,
                        "line %zu of %s is no result of `clact verify`; give another file to "
                        "--resume",
                        number, path);
    if (ferror(file))
        return cli_fail(message, size, "%s cannot be read: %s", path, strerror(errno));
    if (is_cut && truncate(path, good) != 0)
        return cli_fail(message, size, "the last row of %s is cut short and cannot be removed: %s",
                        path, strerror(errno));
    return true;
}

json_t *proof_read(const char *path, char *message, size_t size) {
    json_t *rows = json_array();
    FILE *file = fopen(path, "a+"); /* so that a file that cannot be written shows at once */
    bool is_good = rows && file;
    if (!is_good)
        cli_fail(message, size, "%s cannot be read and written: %s", path, strerror(errno));
    if (is_good) rewind(file);
    if (is_good) is_good = read_rows(rows, file, path, message, size);
    if (file) fclose(file);
    if (is_good) return rows;
    json_decref(rows);
    return NULL;
}

bool proof_append(const char *path, const json_t *row, char *message, size_t size) {
    char *text = json_dumps(row, JSON_COMPACT | JSON_REAL_PRECISION(9));
    FILE *file = text ? fopen(path, "a") : NULL;
    bool is_good = file && fprintf(file, "%s\n", text) > 0;
    if (file && fclose(file) != 0) is_good = false;
    free(text);
    return is_good || cli_fail(message, size, "%s cannot be written: %s", path, strerror(errno));
}

/* ---- The table ------------------------------------------------------------------------------- */

static json_int_t failures_of(const json_t *row) {
    static const char *const kinds[] = {"measured", "any_dy", "any_parameters"};
    json_int_t sum = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        sum += json_integer_value(json_object_get(json_object_get(row, kinds[i]), "failures"));
    return sum;
}

bool proof_is_kept(const json_t *row) {
    return failures_of(row) == 0;
}

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* "0.6328", "-" where nothing was compared, "inf" */
static void ulps_cell(const json_t *result, char cell[NUMBER_SIZE]) {
    const json_t *ulps = json_object_get(json_object_get(result, "worst"), "ulps");
    if (json_is_number(ulps))
        snprintf(cell, NUMBER_SIZE, "%.4f", json_number_value(ulps));
    else
        snprintf(cell, NUMBER_SIZE, "%s", json_is_string(ulps) ? json_string_value(ulps) : "-");
}

static void print_failure(const json_t *point) {
    printf("    input %s, dy %s: got %s, exact %s\n", text_of(point, "input"), text_of(point, "dy"),
           text_of(point, "got"), text_of(point, "exact"));
}

void proof_print_head(void) {
    printf("%-12s %-10s %-5s %-8s %11s %8s %8s %8s %8s  %-16s %s\n", "ACTIVATION", "DIRECTION",
           "DTYPE", "TIER", "INPUTS", "PROMISED", "MEASURED", "ANY DY", "ANY PARM", "WORST AT",
           "RESULT");
}

void proof_print_row(const json_t *row) {
    static const char *const kinds[] = {"measured", "any_dy", "any_parameters"};
    char cells[3][NUMBER_SIZE], verdict[NUMBER_SIZE] = "ok";
    const json_t *measured = json_object_get(row, "measured");
    const json_int_t failures = failures_of(row);
    for (int i = 0; i < 3; i++)
        ulps_cell(json_object_get(row, kinds[i]), cells[i]);
    if (failures > 0) snprintf(verdict, sizeof verdict, "FAILS %" JSON_INTEGER_FORMAT, failures);
    printf("%-12s %-10s %-5s %-8s %11" JSON_INTEGER_FORMAT " %8.4g %8s %8s %8s  %-16s %s\n",
           text_of(row, "activation"), text_of(row, "direction"), text_of(row, "dtype"),
           text_of(row, "tier"), json_integer_value(json_object_get(measured, "inputs")),
           json_number_value(json_object_get(json_object_get(row, "promised"), "ulps")), cells[0],
           cells[1], cells[2], text_of(json_object_get(measured, "worst"), "input"), verdict);
    for (int i = 0; i < 3 && failures > 0; i++) {
        size_t k;
        json_t *point;
        json_array_foreach (json_object_get(json_object_get(row, kinds[i]), "failed"), k, point)
            print_failure(point);
    }
}
