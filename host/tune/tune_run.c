/* tune_run.c: the search for a tuning that is faster than the device's default. */
#include "tune_file.h"
#include "tune_measure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_WORSE 1.05 /* in no pass may a winner be slower by more */

enum { MOST_VALUES = 8, LEAST_STREAM = 1 << 14 };

const char *clact_tune_name(unsigned part) {
    if (part == CLACT_TUNE_FETCH) return "fetch_rows";
    if (part == CLACT_TUNE_STREAM) return "stream_bytes";
    return part < CLACT_FAMILY_COUNT ? clact_family_name((clact_family)part) : NULL;
}

typedef struct search {
    tune_memory memory;
    clact_device_info device;
    clact_tuning otherwise; /* the device's default, complete */
    clact_context *usual;
    clact_tune_options options;
    clact_tune_result *result;
    size_t done, total;
    tune_message message;
} search;

/* ---- One trial ------------------------------------------------------------------------------- */

static clact_status open_context(const search *s, const clact_tuning *tuning,
                                 clact_context **clact) {
    const clact_context_options options = {.struct_size = sizeof options, .tuning = tuning};
    const clact_status status =
        clact_context_create(s->memory.context, s->memory.device, &options, clact);
    if (status != CLACT_SUCCESS)
        tune_fail(s->message, status, "a context cannot be made: %s", clact_status_text(status));
    return status;
}

/* Whether the pass shows what a part does. */
static bool concerns(const tune_pass *pass, unsigned part) {
    if (part == CLACT_TUNE_STREAM) return pass->stores;
    if (part == CLACT_TUNE_FETCH)
        return pass->family == CLACT_FAMILY_SUMS || pass->family == CLACT_FAMILY_COLUMNS;
    return pass->family == part;
}

/* The geometric mean, over the passes of a part, of other's time over usual's; or that of the first
 * pass in which it is too slow. */
static clact_status compare_all(const tune_duel *duel, unsigned part, const size_t *sizes,
                                size_t num_sizes, double *ratio) {
    double logarithms = 0.0;
    size_t count = 0;
    *ratio = 1.0;
    for (size_t i = 0; i < TUNE_PASSES * num_sizes; i++) {
        const tune_pass *pass = &tune_passes[i / num_sizes];
        double one = 1.0;
        if (!concerns(pass, part)) continue;
        const clact_status status = tune_compare(duel, pass, sizes[i % num_sizes], &one);
        if (status != CLACT_SUCCESS) return status;
        if (one > MOST_WORSE && part != CLACT_TUNE_STREAM) {
            *ratio = one;
            return CLACT_SUCCESS;
        }
        logarithms += log(one);
        count++;
    }
    if (count > 0) *ratio = exp(logarithms / (double)count);
    return CLACT_SUCCESS;
}

static double seconds_each(const search *s, unsigned part, size_t num_sizes) {
    size_t count = 0;
    for (int i = 0; i < TUNE_PASSES; i++)
        count += concerns(&tune_passes[i], part) ? num_sizes : 0;
    return s->options.seconds / (double)(count > 0 ? count : 1);
}

/* A tuning in turns with the default. What does not compile, or has no room, is infinitely slow. */
static clact_status try_tuning(const search *s, unsigned part, const clact_tuning *tuning,
                               double *ratio) {
    const size_t sizes[] = {s->memory.elements, TUNE_INSIDE};
    const size_t num_sizes = s->memory.elements > TUNE_INSIDE ? 2 : 1;
    tune_duel duel = {&s->memory, s->usual, NULL, seconds_each(s, part, num_sizes)};
    char text[512];
    clact_status status = open_context(s, tuning, &duel.other);
    if (status != CLACT_SUCCESS) return status;
    status = compare_all(&duel, part, sizes, num_sizes, ratio);
    if (clact_context_message(duel.other, text, sizeof text) == 0)
        clact_context_message(s->usual, text, sizeof text);
    clact_context_destroy(duel.other);
    if (status == CLACT_DEVICE || status == CLACT_BUILD) *ratio = INFINITY;
    if (status == CLACT_SUCCESS || status == CLACT_DEVICE || status == CLACT_BUILD)
        return CLACT_SUCCESS;
    return tune_fail(s->message, status, "%s", text[0] ? text : clact_status_text(status));
}

/* Tells the caller; false to stop. */
static bool tell(search *s, unsigned part, const char *what, double ratio, bool wins) {
    const clact_tune_trial trial = {++s->done, s->total, part, what, ratio, wins};
    if (!s->options.progress || s->options.progress(s->options.user, &trial)) return true;
    s->result->stopped = true;
    return false;
}

/* ---- Numbers that are tried ------------------------------------------------------------------ */

enum { WIDTH, LOCAL, VECTORS, AXES };

static uint32_t get_number(const clact_tuning *t, unsigned part, int axis) {
    if (part == CLACT_TUNE_FETCH) return t->fetch_rows;
    const clact_tuning_shape *shape = &t->families[part];
    return axis == WIDTH ? shape->width : axis == LOCAL ? shape->local : shape->vectors;
}

static void set_number(clact_tuning *t, unsigned part, int axis, uint32_t value) {
    if (part == CLACT_TUNE_FETCH) {
        t->fetch_rows = value;
        return;
    }
    clact_tuning_shape *shape = &t->families[part];
    *(axis == WIDTH ? &shape->width : axis == LOCAL ? &shape->local : &shape->vectors) = value;
}

static size_t list_values(const search *s, unsigned part, int axis, uint32_t values[MOST_VALUES]) {
    static const uint32_t fetches[] = {CLACT_TUNING_NO_FETCH, 1, 2, 4, 8, 16};
    const bool fetch = part == CLACT_TUNE_FETCH, quick = s->options.quick;
    const uint32_t usual = get_number(&s->otherwise, part, axis), step = axis == LOCAL ? 4 : 2;
    const uint32_t range = quick ? step : axis == WIDTH ? 4 : 256;
    size_t n = 0;
    if (fetch && (axis > 0 || !(s->device.type & CL_DEVICE_TYPE_CPU))) return 0;
    for (size_t i = 0; fetch && i < sizeof fetches / sizeof *fetches; i++)
        if (fetches[i] != usual) values[n++] = fetches[i];
    if (fetch) return n;
    uint32_t least = usual, most = usual;
    while (least / step >= 1 && least / step * range >= usual)
        least /= step;
    while (most * step <= 256 && most * step <= usual * range)
        most *= step;
    for (uint32_t value = least; value <= most && n < MOST_VALUES; value *= step) {
        clact_tuning t = s->otherwise;
        set_number(&t, part, axis, value);
        if (value != usual && clact_tuning_check(s->memory.device, &t, NULL, 0) == CLACT_SUCCESS)
            values[n++] = value;
    }
    return n;
}

static void describe(const clact_tuning *t, unsigned part, char *text, size_t size) {
    if (part == CLACT_TUNE_FETCH && t->fetch_rows == CLACT_TUNING_NO_FETCH)
        snprintf(text, size, "never");
    else if (part == CLACT_TUNE_FETCH)
        snprintf(text, size, "%u", (unsigned)t->fetch_rows);
    else
        snprintf(text, size, "width %u, local %u, vectors %u", t->families[part].width,
                 t->families[part].local, t->families[part].vectors);
}

/* ---- The search ------------------------------------------------------------------------------ */

/* Takes the winner of a part, if it wins once more. */
static clact_status confirm(search *s, unsigned part, const clact_tuning *best) {
    double ratio = 1.0;
    const clact_status status = try_tuning(s, part, best, &ratio);
    if (status != CLACT_SUCCESS || ratio > 1.0 - s->options.margin) return status;
    s->result->ratios[part] = ratio;
    for (int axis = 0; axis < (part == CLACT_TUNE_FETCH ? 1 : AXES); axis++) {
        const uint32_t value = get_number(best, part, axis);
        if (value != get_number(&s->otherwise, part, axis))
            set_number(&s->result->tuning, part, axis, value);
    }
    return CLACT_SUCCESS;
}

/* One number after the other, the others as they are best so far. */
static clact_status search_part(search *s, unsigned part) {
    clact_tuning best = s->otherwise;
    double least = 1.0 - s->options.margin;
    bool found = false;
    for (int axis = 0; axis < AXES; axis++) {
        uint32_t values[MOST_VALUES];
        const size_t count = list_values(s, part, axis, values);
        for (size_t i = 0; i < count; i++) {
            clact_tuning t = best;
            char what[64];
            double ratio = 1.0;
            set_number(&t, part, axis, values[i]);
            const clact_status status = try_tuning(s, part, &t, &ratio);
            if (status != CLACT_SUCCESS) return status;
            const bool wins = ratio < least;
            if (wins) best = t;
            if (wins) least = ratio;
            found = found || wins;
            describe(&t, part, what, sizeof what);
            if (!tell(s, part, what, ratio, wins)) return CLACT_SUCCESS;
        }
    }
    return found ? confirm(s, part, &best) : CLACT_SUCCESS;
}

static size_t count_sizes(const search *s) {
    size_t count = 0;
    for (size_t n = s->memory.elements; n >= LEAST_STREAM; n /= 4)
        count++;
    return count;
}

/* From which size on stores past the caches are faster. The default decides where none is. */
static clact_status search_stream(search *s) {
    clact_tuning never = s->otherwise, always = s->otherwise;
    never.stream_bytes = CLACT_TUNING_NEVER;
    always.stream_bytes = 1;
    tune_duel duel = {&s->memory, NULL, NULL, seconds_each(s, CLACT_TUNE_STREAM, 1)};
    uint64_t from = CLACT_TUNING_NEVER;
    double gain = 1.0;
    bool goes_on = true, differs = false;
    clact_status status = open_context(s, &never, &duel.usual);
    if (status == CLACT_SUCCESS) status = open_context(s, &always, &duel.other);
    for (size_t n = s->memory.elements; n >= LEAST_STREAM && goes_on; n /= 4) {
        const uint64_t bytes = n * sizeof(float);
        double ratio = 1.0;
        char what[64];
        if (status == CLACT_SUCCESS) status = compare_all(&duel, CLACT_TUNE_STREAM, &n, 1, &ratio);
        if (status != CLACT_SUCCESS) break;
        const bool usual = bytes >= s->otherwise.stream_bytes;
        const bool is_faster = ratio < 1.0 - s->options.margin;
        const bool is_slower = ratio > 1.0 / (1.0 - s->options.margin);
        const bool streams = is_faster || (usual && !is_slower);
        if (streams != usual) {
            differs = true;
            gain = fmin(gain, usual ? 1.0 / ratio : ratio);
        }
        if (streams) from = bytes;
        snprintf(what, sizeof what, "%llu", (unsigned long long)bytes);
        goes_on = tell(s, CLACT_TUNE_STREAM, what, ratio, streams) && streams;
    }
    clact_context_destroy(duel.usual);
    clact_context_destroy(duel.other);
    if (status != CLACT_SUCCESS || s->result->stopped || !differs) return status;
    s->result->tuning.stream_bytes = from;
    s->result->ratios[CLACT_TUNE_STREAM] = gain;
    return CLACT_SUCCESS;
}

static clact_status search_all(search *s) {
    clact_status status = open_context(s, &s->otherwise, &s->usual);
    for (unsigned part = 0; part < CLACT_TUNE_COUNT; part++) {
        uint32_t values[MOST_VALUES];
        s->result->ratios[part] = 1.0;
        if (s->options.skipped[part]) continue;
        if (part == CLACT_TUNE_STREAM) s->total += count_sizes(s);
        for (int axis = 0; part != CLACT_TUNE_STREAM && axis < AXES; axis++)
            s->total += list_values(s, part, axis, values);
    }
    for (unsigned part = 0; part < CLACT_TUNE_COUNT && status == CLACT_SUCCESS; part++) {
        if (s->options.skipped[part] || s->result->stopped) continue;
        status = part == CLACT_TUNE_STREAM ? search_stream(s) : search_part(s, part);
    }
    clact_context_destroy(s->usual);
    return status;
}

clact_status clact_tune_run(cl_context context, cl_device_id device,
                            const clact_tune_options *options, clact_tune_result *result,
                            char *message, size_t size) {
    search s = {.result = result, .message = {message, size}};
    tune_fail(s.message, CLACT_SUCCESS, "%s", "");
    if (!context || !device || !result || result->struct_size != sizeof *result ||
        (options && options->struct_size != sizeof *options))
        return tune_fail(s.message, CLACT_INVALID_ARGUMENT,
                         "an argument is NULL, or has no struct_size");
    *result = (clact_tune_result){.struct_size = sizeof *result,
                                  .tuning = {.struct_size = sizeof result->tuning}};
    if (options) s.options = *options;
    if (!(s.options.seconds > 0)) s.options.seconds = s.options.quick ? 0.5 : 1.0;
    if (!(s.options.margin > 0)) s.options.margin = 0.02;
    s.otherwise.struct_size = sizeof s.otherwise;
    clact_status status = clact_device_query(device, &s.device);
    if (status == CLACT_SUCCESS) status = clact_tuning_default(device, &s.otherwise);
    if (status != CLACT_SUCCESS)
        return tune_fail(s.message, status, "the device cannot be asked for its properties");
    const size_t elements = s.options.elements ? s.options.elements : tune_outside(&s.device);
    if (tune_memory_open(&s.memory, context, device, elements))
        status = search_all(&s);
    else
        status =
            tune_fail(s.message, CLACT_MEMORY, "there is no memory for %zu elements", elements);
    tune_memory_close(&s.memory);
    return status;
}
