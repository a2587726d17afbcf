/* bench_json.c: a finished run in Google-Benchmark's JSON format. */
#include "bench_formats.h"

#include <stdio.h>
#include <unistd.h>

#include "bench_origin.h"

/* Sets a string a driver gave, which may not be UTF-8. */
static bool json_set_text(json_t *object, const char *key, const char *text) {
    json_t *value = json_string(text);
    return json_object_set_new(object, key, value ? value : json_string("?")) == 0;
}

static bool json_set_real(json_t *object, const char *key, double value) {
    return json_object_set_new(object, key, json_real(value)) == 0;
}

static bool json_set_count(json_t *object, const char *key, uint64_t value) {
    return json_object_set_new(object, key, json_integer((json_int_t)value)) == 0;
}

/* Which machine, built from what, called how. */
static bool json_add_origin(json_t *context, const bench_run *run) {
    char text[4096];
    bench_origin_host(text, sizeof text);
    if (!json_set_text(context, "host", text) ||
        !json_set_text(context, "commit", bench_origin_commit()))
        return false;
    bench_origin_command(run->options->argc, run->options->argv, text, sizeof text);
    return json_set_text(context, "command", text);
}

static json_t *json_make_context(const bench_run *run) {
    const clact_device_info *device = &run->device->info;
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef NDEBUG
    const char *build = "release";
#else
    const char *build = "debug";
#endif
    json_t *context = json_object();
    const bool ok =
        json_set_text(context, "date", run->date) &&
        json_set_text(context, "executable", "clact-bench") &&
        json_set_count(context, "num_cpus", processors > 0 ? (uint64_t)processors : 1) &&
        json_set_count(context, "mhz_per_cpu", device->clock_mhz) &&
        json_object_set_new(context, "caches", json_array()) == 0 &&
        json_set_text(context, "library_build_type", build) &&
        json_set_text(context, "clact_version", clact_version()) && json_add_origin(context, run) &&
        json_set_text(context, "device", device->name) &&
        json_set_text(context, "driver", device->driver) &&
        json_set_text(context, "platform", device->platform) &&
        json_set_text(context, "opencl_version", device->version) &&
        json_set_count(context, "compute_units", device->compute_units) &&
        json_set_count(context, "threads", run->options->threads) &&
        json_set_count(context, "vector_width", device->vector_width) &&
        json_set_count(context, "cache_bytes", device->cache_bytes) &&
        json_set_real(context, "compile_seconds", run->build_seconds) &&
        json_set_count(context, "compile_builds", run->builds) &&
        json_set_count(context, "cached_programs", run->cached) &&
        json_set_real(context, "first_launch_seconds", run->launch_seconds);
    if (ok) return context;
    json_decref(context);
    return NULL;
}

/* Times of a task under keys that start with prefix; those of the device where they are wanted. */
static bool json_add_times(json_t *object, const char *prefix, const bench_timing *timing,
                           bool device) {
    const struct {
        const char *name;
        double value;
        bool of_device;
    } times[] = {{"min_ns", timing->min_ns, true},
                 {"median_ns", timing->median_ns, true},
                 {"wall_min_ns", timing->wall_min_ns, false},
                 {"wall_median_ns", timing->wall_median_ns, false}};
    bool ok = true;
    for (size_t i = 0; i < sizeof times / sizeof *times; ++i) {
        char key[32];
        snprintf(key, sizeof key, "%s%s", prefix, times[i].name);
        if (device || !times[i].of_device) ok = ok && json_set_real(object, key, times[i].value);
    }
    return ok;
}

static bool json_add_case(json_t *object, const bench_run *run, size_t row) {
    const bench_case *item = &run->cases[row];
    const bench_timing *timings = run->results[row].measured.timings;
    return json_set_text(object, "op", bench_op_name(item->op)) &&
           json_set_text(object, item->op == BENCH_COPY ? "way" : "activation",
                         bench_case_subject(item)) &&
           json_set_text(object, "tier", bench_case_tier(item)) &&
           json_set_text(object, "dtype", clact_dtype_name(item->sweep.dtype)) &&
           json_set_text(object, "saved", bench_case_reads_y(item) ? "y" : "x") &&
           json_set_count(object, "bytes", bench_case_bytes(item)) &&
           json_set_count(object, "elements", item->elements) &&
           json_add_times(object, "", &timings[BENCH_TASK_SUBJECT], true) &&
           json_set_real(object, "device_bytes_per_second", bench_run_device_rate(run, row));
}

/* A pass is more than one kernel, so its device times stay out. */
static bool json_add_pass(json_t *object, const bench_run *run, size_t row) {
    const bench_pass *pass = &run->passes[row - run->count];
    const bench_measurement *measured = &run->results[row].measured;
    const bench_timing *timings = measured->timings;
    const bool ok = json_set_text(object, "op", bench_op_name(BENCH_SWEEP)) &&
                    json_set_text(object, "pass", pass->name) &&
                    json_set_text(object, "activation", pass->info.name) &&
                    json_set_text(object, "tier", clact_tier_name(pass->tier)) &&
                    json_set_text(object, "dtype", clact_dtype_name(pass->dtype)) &&
                    json_set_count(object, "rows", pass->rows) &&
                    json_set_count(object, "cols", pass->cols) &&
                    json_set_count(object, "bytes", bench_pass_bytes(pass, &pass->fused)) &&
                    json_set_count(object, "chain_bytes", bench_pass_bytes(pass, &pass->chain)) &&
                    json_set_count(object, "elements", pass->rows * pass->cols) &&
                    json_add_times(object, "", &timings[BENCH_TASK_SUBJECT], false) &&
                    json_add_times(object, "chain_", &timings[BENCH_TASK_CHAIN], false) &&
                    json_set_real(object, "chain_ratio", measured->wall_ratios[BENCH_TASK_CHAIN]);
    if (!ok || pass->plain.count == 0) return ok;
    return json_add_times(object, "without_health_", &timings[BENCH_TASK_PLAIN], false) &&
           json_set_real(object, "health_ratio", 1.0 / measured->wall_ratios[BENCH_TASK_PLAIN]);
}

/* Of a layer too only wall times are known. */
static bool json_add_layer(json_t *object, const bench_run *run, size_t at,
                           const bench_result *result) {
    const bench_layer *layer = &run->layers[at];
    const bench_measurement *measured = &result->measured;
    const bench_timing *gemm = &measured->timings[BENCH_TASK_GEMM];
    const double seconds = measured->timings[BENCH_TASK_SUBJECT].wall_median_ns * 1e-9;
    const double flops = bench_layer_flops(layer);
    char shape[BENCH_SHAPE_SIZE];
    bench_shape_text(&layer->shape, shape);
    const bool ok =
        json_set_text(object, "op", bench_op_name(layer->op)) &&
        json_set_text(object, "direction", bench_layer_direction(layer)) &&
        json_set_text(object, "activation", layer->info.name) &&
        json_set_text(object, "tier", clact_tier_name(layer->tier)) &&
        json_set_text(object, "dtype", clact_dtype_name(CLACT_F32)) &&
        json_set_text(object, "shape", shape) &&
        json_set_count(object, "batch", layer->shape.sides[0]) &&
        json_set_count(object, "bytes", bench_layer_bytes(layer)) &&
        json_set_real(object, "flops", flops) &&
        json_set_real(object, "flops_per_second", flops / seconds) &&
        json_set_real(object, "samples_per_second", (double)layer->shape.sides[0] / seconds) &&
        json_add_times(object, "", &measured->timings[BENCH_TASK_SUBJECT], false);
    if (!ok || layer->op != BENCH_DENSE || result->peer[0] == '\0') return ok;
    return json_set_real(object, "peer_gemm_median_ns", gemm->wall_median_ns) &&
           json_set_real(object, "peer_gemm_ratio", measured->wall_ratios[BENCH_TASK_GEMM]);
}

static bool json_add_copy(json_t *object, const bench_result *result) {
    const bench_timing *copy = &result->measured.timings[BENCH_TASK_COPY];
    return json_set_text(object, "label", bench_copy_name(&result->copy)) &&
           json_set_real(object, "copy_min_ns", copy->min_ns) &&
           json_set_real(object, "copy_median_ns", copy->median_ns) &&
           json_set_real(object, "copy_wall_min_ns", copy->wall_min_ns) &&
           json_set_real(object, "copy_wall_median_ns", copy->wall_median_ns) &&
           json_set_real(object, "copy_share", result->share);
}

/* A layer's ratio is by wall time. */
static bool json_add_peer(json_t *object, const bench_result *result, bool by_wall) {
    const bench_measurement *measured = &result->measured;
    const bench_timing *timing = &measured->timings[BENCH_TASK_PEER];
    if (result->peer[0] == '\0') return true;
    return json_set_text(object, "peer", result->peer) &&
           json_set_count(object, "calls_per_turn", measured->repeat) &&
           json_set_real(object, "peer_min_ns", timing->wall_min_ns) &&
           json_set_real(object, "peer_median_ns", timing->wall_median_ns) &&
           json_set_real(
               object, "peer_ratio",
               (by_wall ? measured->wall_ratios : measured->device_ratios)[BENCH_TASK_PEER]) &&
           json_set_real(object, "peer_wall_ratio", measured->wall_ratios[BENCH_TASK_PEER]);
}

static bool json_add_counters(json_t *object, const bench_run *run, size_t row) {
    const bench_result *result = &run->results[row];
    size_t at;
    const bench_kind kind = bench_run_kind(run, row, &at);
    bool ok = true;
    switch (kind) {
    case BENCH_KIND_CASE:
        ok = json_add_case(object, run, row) && json_add_copy(object, result);
        break;
    case BENCH_KIND_PASS:
        ok = json_add_pass(object, run, row) && json_add_copy(object, result);
        break;
    case BENCH_KIND_LAYER:
        ok = json_add_layer(object, run, at, result);
        break;
    }
    return ok && json_set_real(object, "first_launch_ns", result->first_launch_ns) &&
           json_add_peer(object, result, kind == BENCH_KIND_LAYER);
}

static json_t *json_make_row(const bench_run *run, size_t row) {
    const bench_result *result = &run->results[row];
    const bench_timing *timing = &result->measured.timings[BENCH_TASK_SUBJECT];
    char name[128];
    bench_run_name(run, row, name, sizeof name);
    json_t *object = json_object();
    const bool ok =
        json_set_text(object, "name", name) && json_set_count(object, "family_index", row) &&
        json_set_count(object, "per_family_instance_index", 0) &&
        json_set_text(object, "run_name", name) && json_set_text(object, "run_type", "iteration") &&
        json_set_count(object, "repetitions", 1) && json_set_count(object, "repetition_index", 0) &&
        json_set_count(object, "threads", 1) &&
        json_set_count(object, "iterations", result->measured.turns) &&
        json_set_real(object, "real_time", timing->wall_median_ns) &&
        json_set_real(object, "cpu_time", timing->cpu_median_ns) &&
        json_set_text(object, "time_unit", "ns") &&
        json_set_real(object, "bytes_per_second", bench_run_wall_rate(run, row)) &&
        json_set_real(object, "items_per_second",
                      (double)bench_run_elements(run, row) / (timing->wall_median_ns * 1e-9)) &&
        json_add_counters(object, run, row);
    if (ok) return object;
    json_decref(object);
    return NULL;
}

json_t *bench_json_make(const bench_run *run) {
    json_t *root = json_object(), *rows = json_array();
    bool ok = root && json_object_set_new(root, "context", json_make_context(run)) == 0;
    for (size_t i = 0; ok && i < bench_run_rows(run); ++i)
        ok = json_array_append_new(rows, json_make_row(run, i)) == 0;
    ok = ok && json_object_set(root, "benchmarks", rows) == 0;
    json_decref(rows);
    if (ok) return root;
    json_decref(root);
    return NULL;
}

bool bench_json_write(FILE *out, const void *run) {
    json_t *root = bench_json_make(run);
    const bool ok = root && json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(10)) == 0;
    fputc('\n', out);
    json_decref(root);
    return ok;
}
