/* tune_gemm.c: `clact tune --gemm`: parameters of CLBlast. */
#include "tune_gemm.h"

#include "cli_common.h"
#include "progress.h"
#include "tune_report.h"

#include <clact/net.h>
#include <clact/tune.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- What is said ---------------------------------------------------------------------------- */

static void say_trial(const clact_gemm_trial *t) {
    fprintf(stderr, "%3zu/%zu  %-28s  ", t->done, t->total, t->what);
    if (t->outcome == CLACT_GEMM_WRONG)
        fprintf(stderr, "thrown away: %s\n", t->message);
    else if (t->ratio > 0.0)
        fprintf(stderr, "%.3f%s\n", t->ratio, t->outcome == CLACT_GEMM_FASTER ? "  wins" : "");
    else
        fprintf(stderr, "does not run: %s\n", t->message);
}

static bool take_trial(void *user, const clact_gemm_trial *trial) {
    tune_progress *p = user;
    p->is_drawn = progress_on_terminal();
    if (p->is_drawn && trial->outcome == CLACT_GEMM_WRONG) progress_clear();
    if (!p->is_drawn || trial->outcome == CLACT_GEMM_WRONG) say_trial(trial);
    if (p->is_drawn)
        progress_draw("products", trial->done, trial->total, progress_seconds() - p->start);
    return true;
}

/* The parameters by kernel, each kernel in a line. */
static void print_tuning(const clact_gemm_tuning *t) {
    for (clact_gemm_parameter p = 0; p < CLACT_GEMM_PARAMETERS; p++) {
        const char *kernel = clact_gemm_kernel_name(p);
        if (p == 0 || strcmp(kernel, clact_gemm_kernel_name(p - 1)) != 0)
            printf("%s%-12s ", p == 0 ? "" : "\n", kernel);
        printf(" %s %u", clact_gemm_parameter_name(p), (unsigned)t->values[p]);
    }
    putchar('\n');
}

static json_t *tuning_object(const clact_gemm_tuning *t) {
    json_t *kernels = json_object();
    for (clact_gemm_parameter p = 0; p < CLACT_GEMM_PARAMETERS; p++) {
        const char *const name = clact_gemm_kernel_name(p);
        if (!json_object_get(kernels, name)) json_object_set_new(kernels, name, json_object());
        json_object_set_new(json_object_get(kernels, name), clact_gemm_parameter_name(p),
                            json_integer((json_int_t)t->values[p]));
    }
    return kernels;
}

/* tuning NULL for CLBlast's own; time 0 where nothing was measured. */
static bool report(const picked_device *picked, const char *path, const char *source,
                   const clact_gemm_tuning *tuning, double time, bool is_json) {
    if (!is_json) {
        printf("device  %u: %s\n", picked->index, picked->info.name);
        printf("file    %s\n", path ? path : "none");
        printf("in use  %s\n", source);
        if (time > 0.0) printf("time    %.3f of that of CLBlast's own\n", time);
        if (tuning) putchar('\n');
        if (tuning) print_tuning(tuning);
        return true;
    }
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:s, s:o, s:o}", "device", picked->info.name, "driver",
                  picked->info.driver, "file", path ? json_string(path) : json_null(), "in_use",
                  source, "time", time > 0.0 ? json_real(time) : json_null(), "gemm",
                  tuning ? tuning_object(tuning) : json_null());
    char *text = object ? json_dumps(object, JSON_INDENT(2)) : NULL;
    if (text) puts(text);
    const bool is_good = text != NULL;
    free(text);
    json_decref(object);
    return is_good;
}

/* ---- What is done ---------------------------------------------------------------------------- */

int tune_gemm(const picked_device *picked, const char *path, bool is_json) {
    char message[CLI_MESSAGE_SIZE];
    tune_progress progress = {.start = progress_seconds()};
    const clact_gemm_search_options options = {
        .struct_size = sizeof options, .progress = take_trial, .user = &progress};
    clact_gemm_result result = {.struct_size = sizeof result};
    clact_status status = clact_gemm_search(picked->clact, picked->queue, &options, &result);
    if (progress.is_drawn) progress_clear();
    if (status != CLACT_SUCCESS) {
        clact_context_message(picked->clact, message, sizeof message);
        return cli_error("tune", CLI_FAILED, "%s", message);
    }
    if (!result.found) {
        fprintf(stderr, "nothing is faster than CLBlast's own parameters: no file is written\n");
        return report(picked, NULL, "CLBlast's own", NULL, 0.0, is_json) ? CLI_DONE : CLI_FAILED;
    }
    status = clact_gemm_save(path, picked->device, &result.tuning, message, sizeof message);
    if (status != CLACT_SUCCESS) return cli_error("tune", CLI_FAILED, "%s", message);
    return report(picked, path, "the file's", &result.tuning, result.ratio, is_json) ? CLI_DONE
                                                                                     : CLI_FAILED;
}

int tune_gemm_show(const picked_device *picked, const char *path, bool is_json) {
    char message[CLI_MESSAGE_SIZE];
    clact_gemm_tuning tuning = {.struct_size = sizeof tuning};
    bool found = false;
    if (path && clact_gemm_load(path, picked->device, &tuning, &found, message, sizeof message) !=
                    CLACT_SUCCESS)
        fprintf(stderr, "warning: %s\n", message);
    const bool shipped = !found && clact_gemm_shipped(&picked->info, &tuning);
    const char *source = found ? "the file's" : shipped ? "what ships" : "CLBlast's own";
    return report(picked, found ? path : NULL, source, found || shipped ? &tuning : NULL, 0.0,
                  is_json)
               ? CLI_DONE
               : CLI_FAILED;
}
