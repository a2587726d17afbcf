/* plot_curves.c: activations and derivatives as a device computes them, as a figure. */
#include "plot_curves.h"

#include "cli_common.h"
#include "device_pick.h"
#include "element.h"
#include "progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- On the device --------------------------------------------------------------------------- */

typedef struct curve_run {
    picked_device picked;
    clact_dtype dtype;
    size_t count, bytes;
    void *inputs, *staging; /* elements on the host */
    cl_mem x, result;
    char *message;
    size_t size;
} curve_run;

static bool opencl_failed(const curve_run *run, const char *call, cl_int error) {
    return cli_fail(run->message, run->size, "device %u (%s): %s gave OpenCL error %d",
                    run->picked.index, run->picked.info.name, call, (int)error);
}

static bool clact_failed(const curve_run *run, clact_status status) {
    char detail[1024] = "", log[2048] = "";
    clact_context_message(run->picked.clact, detail, sizeof detail);
    if (status == CLACT_BUILD) clact_context_build_log(run->picked.clact, log, sizeof log);
    return cli_fail(run->message, run->size, "device %u (%s): %s%s%s%s%s", run->picked.index,
                    run->picked.info.name, clact_status_text(status), detail[0] ? ": " : "", detail,
                    log[0] ? "\n" : "", log);
}

/* Inputs as the device will see them; x has their values. */
static bool fill_inputs(const plot_options *o, curve_run *run, double *x) {
    const size_t element = clact_dtype_size(run->dtype);
    for (size_t i = 0; i < run->count; i++) {
        char *at = (char *)run->inputs + i * element;
        element_store(run->dtype, o->min + (double)i * o->step, at);
        x[i] = element_load(run->dtype, at);
        if (!isfinite(x[i]))
            return cli_fail(run->message, run->size, "the range from %g to %g does not fit into %s",
                            o->min, o->max, clact_dtype_name(run->dtype));
    }
    return true;
}

static bool create_buffers(curve_run *run) {
    cl_int error = CL_SUCCESS;
    run->x = clCreateBuffer(run->picked.context, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR,
                            run->bytes, run->inputs, &error);
    if (run->x)
        run->result =
            clCreateBuffer(run->picked.context, CL_MEM_READ_WRITE, run->bytes, NULL, &error);
    return error == CL_SUCCESS || opencl_failed(run, "clCreateBuffer", error);
}

/* dy = 1 */
static bool write_ones(curve_run *run) {
    const size_t element = clact_dtype_size(run->dtype);
    for (size_t i = 0; i < run->count; i++)
        element_store(run->dtype, 1.0, (char *)run->staging + i * element);
    const cl_int error = clEnqueueWriteBuffer(run->picked.queue, run->result, CL_TRUE, 0,
                                              run->bytes, run->staging, 0, NULL, NULL);
    return error == CL_SUCCESS || opencl_failed(run, "clEnqueueWriteBuffer", error);
}

static bool compute(curve_run *run, const clact_sweep *sweep, bool is_backward, double *y) {
    const clact_matrix x = {run->x, 0, 0}, result = {run->result, 0, 0};
    const size_t element = clact_dtype_size(run->dtype);
    clact_status status;
    if (is_backward && !write_ones(run)) return false;
    if (is_backward)
        status = clact_backward(run->picked.clact, run->picked.queue, sweep, 1, run->count, x,
                                result, result, 0, NULL, NULL);
    else
        status = clact_forward(run->picked.clact, run->picked.queue, sweep, 1, run->count, x,
                               result, 0, NULL, NULL);
    if (status != CLACT_SUCCESS) return clact_failed(run, status);
    const cl_int error = clEnqueueReadBuffer(run->picked.queue, run->result, CL_TRUE, 0, run->bytes,
                                             run->staging, 0, NULL, NULL);
    if (error != CL_SUCCESS) return opencl_failed(run, "clEnqueueReadBuffer", error);
    for (size_t i = 0; i < run->count; i++)
        y[i] = element_load(run->dtype, (char *)run->staging + i * element);
    return true;
}

/* Compiling may take a while, so there is a bar on a terminal. */
static bool compute_all(const plot_options *o, curve_run *run, double *y) {
    const bool has_bar = o->num_sweeps > 1 && progress_on_terminal();
    const double start = progress_seconds();
    bool is_done = true;
    for (size_t s = 0; is_done && s < o->num_sweeps; s++)
        for (int backward = 0; is_done && backward <= (o->derivative ? 1 : 0); backward++) {
            if (has_bar) progress_draw("computing", s, o->num_sweeps, progress_seconds() - start);
            is_done = compute(run, &o->sweeps[s], backward, y);
            y += run->count;
        }
    if (has_bar) progress_clear();
    return is_done;
}

static bool run_curves(const plot_options *o, plot_curves *c, size_t count, char *message,
                       size_t size) {
    const size_t bytes = count * clact_dtype_size(o->dtype);
    curve_run run = {.dtype = o->dtype,
                     .count = count,
                     .bytes = bytes,
                     .inputs = malloc(bytes),
                     .staging = malloc(bytes),
                     .message = message,
                     .size = size};
    bool is_done =
        (run.inputs && run.staging) || cli_fail(message, size, "not enough memory for the curves");
    is_done = is_done && fill_inputs(o, &run, c->x) &&
              device_open(o->device, !o->no_cache, o->tuning, &run.picked, message, size) &&
              create_buffers(&run) && compute_all(o, &run, c->y);
    if (run.picked.queue)
        clFinish(run.picked.queue); /* after a failure something may still be on its way */
    if (run.result) clReleaseMemObject(run.result);
    if (run.x) clReleaseMemObject(run.x);
    device_close(&run.picked);
    free(run.inputs);
    free(run.staging);
    return is_done;
}

/* ---- As a figure ----------------------------------------------------------------------------- */

/* "elu' (alpha = 0.5)": parameters where they are not the defaults. */
static void name_curve(const clact_sweep *sweep, bool is_derivative, char *text) {
    clact_activation_info info = {.name = ""};
    clact_activation_query(sweep->activation, &info);
    size_t used =
        (size_t)snprintf(text, PLOT_NAME_SIZE, "%s%s", info.name, is_derivative ? "'" : "");
    bool is_first = true;
    for (int i = 0; i < info.num_params && used < PLOT_NAME_SIZE; i++) {
        char value[CLI_FLOAT_SIZE];
        if (sweep->params[i] == info.params[i].value) continue;
        cli_float_text(sweep->params[i], value);
        used += (size_t)snprintf(text + used, PLOT_NAME_SIZE - used, "%s%s = %s",
                                 is_first ? " (" : ", ", info.params[i].name, value);
        is_first = false;
    }
    if (!is_first && used < PLOT_NAME_SIZE) snprintf(text + used, PLOT_NAME_SIZE - used, ")");
}

/* Where some y is so large that the rest would be flat, y ends at twice the greatest |x|. */
static void limit_y(plot_curves *c, size_t num_series, size_t count) {
    const double width = fmax(fabs(c->x[0]), fabs(c->x[count - 1]));
    const double most = (num_series > 1 ? 10.0 : 100.0) * width;
    double least = INFINITY, greatest = -INFINITY;
    for (size_t i = 0; i < num_series * count; i++) {
        if (!isfinite(c->y[i])) continue;
        least = fmin(least, c->y[i]);
        greatest = fmax(greatest, c->y[i]);
    }
    /* a range that would lie all beyond the limit is left as it is */
    if (greatest > most && least < 2.0 * width) c->panel.y.max = 2.0 * width, c->is_cut = true;
    if (least < -most && greatest > -2.0 * width) c->panel.y.min = -2.0 * width, c->is_cut = true;
}

static void describe(const plot_options *o, plot_curves *c, size_t count) {
    const size_t each = o->derivative ? 2 : 1, num_series = each * o->num_sweeps;
    for (size_t i = 0; i < num_series; i++) {
        const bool is_derivative = i % each == 1;
        name_curve(&o->sweeps[i / each], is_derivative, c->names[i]);
        c->series[i] = (figure_series){.name = c->names[i],
                                       .x = c->x,
                                       .y = c->y + i * count,
                                       .count = count,
                                       .style = is_derivative ? FIGURE_DASHED : FIGURE_LINE,
                                       .colour = (int)(i / each) + 1};
    }
    if (o->num_sweeps == 1)
        snprintf(c->title, sizeof c->title, "%s%s", c->names[0],
                 o->derivative ? " and its derivative" : "");
    c->panel = (figure_panel){.title = c->title[0] ? c->title : NULL,
                              .x = {.label = "x", .min = o->min, .max = o->max},
                              .y = {.min = o->y_min, .max = o->y_max},
                              .axes_through_origin = true,
                              .series = c->series,
                              .num_series = num_series};
    c->drawn = (figure){.panels = &c->panel, .num_panels = 1};
    if (isnan(o->y_min)) limit_y(c, num_series, count);
}

bool plot_curves_make(const plot_options *o, plot_curves *c, char *message, size_t size) {
    const size_t count = plot_count_points(o);
    const size_t num_series = o->num_sweeps * (o->derivative ? 2 : 1);
    *c = (plot_curves){.x = malloc(count * sizeof *c->x)};
    c->y = malloc(count * num_series * sizeof *c->y);
    bool is_done = (c->x && c->y) || cli_fail(message, size, "not enough memory for the curves");
    is_done = is_done && run_curves(o, c, count, message, size);
    if (is_done) describe(o, c, count);
    return is_done;
}

void plot_curves_clear(plot_curves *curves) {
    free(curves->x);
    free(curves->y);
    curves->x = curves->y = NULL;
}
