/* tune_report.c: what `clact tune` says: a line for each trial, and what came out. */
#include "tune_report.h"

#include "cli_common.h"
#include "progress.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool tune_report_trial(void *user, const clact_tune_trial *trial) {
    tune_progress *p = user;
    p->is_drawn = progress_on_terminal();
    if (p->is_drawn)
        progress_draw(clact_tune_name(trial->part), trial->done, trial->total,
                      progress_seconds() - p->start);
    else if (isfinite(trial->ratio))
        fprintf(stderr, "%3zu/%zu  %-12s  %-32s  %.3f%s\n", trial->done, trial->total,
                clact_tune_name(trial->part), trial->what, trial->ratio,
                trial->wins ? "  wins" : "");
    else
        fprintf(stderr, "%3zu/%zu  %-12s  %-32s  does not fit\n", trial->done, trial->total,
                clact_tune_name(trial->part), trial->what);
    return true;
}

/* Of each part: its numbers, as they are in use. */
static clact_tuning in_use(const clact_tuning *usual, const clact_tuning *tuned) {
    clact_tuning t = *usual;
    for (int f = 0; f < CLACT_FAMILY_COUNT; f++) {
        const clact_tuning_shape *s = &tuned->families[f];
        if (s->width) t.families[f].width = s->width;
        if (s->local) t.families[f].local = s->local;
        if (s->vectors) t.families[f].vectors = s->vectors;
    }
    if (tuned->fetch_rows) t.fetch_rows = tuned->fetch_rows;
    if (tuned->stream_bytes) t.stream_bytes = tuned->stream_bytes;
    return t;
}

void tune_part_text(const clact_tuning *t, unsigned part, char text[TUNE_TEXT_SIZE]) {
    if (part < CLACT_FAMILY_COUNT)
        snprintf(text, TUNE_TEXT_SIZE, "%u x %u x %u", t->families[part].width,
                 t->families[part].local, t->families[part].vectors);
    else if (part == CLACT_TUNE_FETCH && t->fetch_rows == CLACT_TUNING_NO_FETCH)
        snprintf(text, TUNE_TEXT_SIZE, "none");
    else if (part == CLACT_TUNE_FETCH)
        snprintf(text, TUNE_TEXT_SIZE, "%u", (unsigned)t->fetch_rows);
    else if (t->stream_bytes == CLACT_TUNING_NEVER)
        snprintf(text, TUNE_TEXT_SIZE, "never");
    else
        snprintf(text, TUNE_TEXT_SIZE, "%llu", (unsigned long long)t->stream_bytes);
}

void tune_report_table(const clact_tuning *usual, const clact_tuning *tuned, const double *ratios) {
    const clact_tuning t = in_use(usual, tuned);
    char before[TUNE_TEXT_SIZE], after[TUNE_TEXT_SIZE];
    printf("%-12s  %-16s  %-16s%s\n", "PART", "DEFAULT", "IN USE", ratios ? "  TIME" : "");
    for (unsigned part = 0; part < CLACT_TUNE_COUNT; part++) {
        tune_part_text(usual, part, before);
        tune_part_text(&t, part, after);
        printf("%-12s  %-16s  %-16s", clact_tune_name(part), before, after);
        if (ratios) printf("  %.3f", ratios[part]);
        putchar('\n');
    }
    puts("\nA family has vector width x work-items of a work-group x vectors of a work-item.");
    if (ratios) puts("TIME is that of what is in use over that of the default.");
}

static json_t *part_object(const clact_tuning *t, unsigned part) {
    if (part < CLACT_FAMILY_COUNT)
        return json_pack("{s:I, s:I, s:I}", "width", (json_int_t)t->families[part].width, "local",
                         (json_int_t)t->families[part].local, "vectors",
                         (json_int_t)t->families[part].vectors);
    const bool fetch = part == CLACT_TUNE_FETCH;
    if (fetch ? t->fetch_rows == CLACT_TUNING_NO_FETCH : t->stream_bytes == CLACT_TUNING_NEVER)
        return json_null();
    return json_integer((json_int_t)(fetch ? t->fetch_rows : t->stream_bytes));
}

bool tune_report_json(const clact_device_info *device, const char *file, const clact_tuning *usual,
                      const clact_tuning *tuned, const double *ratios) {
    const clact_tuning t = in_use(usual, tuned);
    json_t *parts = json_array();
    bool is_good = parts != NULL;
    for (unsigned part = 0; part < CLACT_TUNE_COUNT && is_good; part++) {
        json_t *row = json_pack("{s:s, s:o, s:o, s:o}", "part", clact_tune_name(part), "default",
                                part_object(usual, part), "in_use", part_object(&t, part), "time",
                                ratios ? json_real(ratios[part]) : json_null());
        is_good = json_array_append_new(parts, row) == 0;
    }
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:o}", "device", device->name, "driver", device->driver, "file",
                  file ? json_string(file) : json_null(), "parts", parts);
    char *text = object && is_good ? json_dumps(object, JSON_INDENT(2)) : NULL;
    if (text) puts(text);
    is_good = text != NULL;
    free(text);
    json_decref(object);
    return is_good;
}
