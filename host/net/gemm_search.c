/* gemm_search.c: parameters of CLBlast that are fast on the device at hand. */
#include "blas.h"
#include "dense_check.h"
#include "gemm_tuning.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_VALUES = 12, TURNS = 4, LEAST_CALLS = 3 };

#define LEAST_GAIN   0.98 /* of the time of the best so far: less may be noise */
#define FAR_BEHIND   1.4
#define LEAST_SAMPLE 8e-3 /* seconds of a product in a turn */

/* ---- what is timed ---- */

/* The products of a step of a network on a small batch, of a large layer, and a small one */
typedef struct timed_shape {
    size_t m, n, k;
    bool transposed_a, transposed_b;
} timed_shape;

static const timed_shape shapes[] = {
    {128, 512, 784, false, true},    {512, 784, 128, true, false}, {128, 512, 256, false, false},
    {128, 10, 256, false, true},     {64, 64, 64, false, true},    {500, 500, 500, false, false},
    {1024, 1024, 1024, false, true},
};
enum { SHAPES = sizeof shapes / sizeof *shapes, MOST_ELEMENTS = 1024 * 1024 };

typedef struct search {
    clact_context *context;
    cl_command_queue queue;
    cl_device_id device;
    clact_device_info info;
    clact_matrix a, b, c;
    const clact_gemm_search_options *options;
    clact_gemm_result *result;
    clact_gemm_tuning best;
    size_t done, total;
} search;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static clact_status time_shape(const search *s, const timed_shape *shape, double *seconds) {
    const blas_product p = {.m = shape->m,
                            .n = shape->n,
                            .k = shape->k,
                            .count = 1,
                            .a = {&s->a, 0, shape->transposed_a},
                            .b = {&s->b, 0, shape->transposed_b},
                            .c = {&s->c, 0, false}};
    double until = INFINITY;
    clact_status status = CLACT_SUCCESS;
    for (int calls = 0; status == CLACT_SUCCESS && (calls < LEAST_CALLS || now() < until);
         calls++) {
        const double start = now();
        status = blas_gemm(s->context, s->queue, &p, NULL);
        if (status == CLACT_SUCCESS && clFinish(s->queue) != CL_SUCCESS)
            status = clact_context_report(s->context, CLACT_OPENCL, "clFinish failed");
        const double end = now();
        if (calls > 0 && end - start < *seconds) *seconds = end - start;
        if (calls == 0) until = end + LEAST_SAMPLE; /* the first may compile */
    }
    return status;
}

/* The least time of each shape so far */
static clact_status time_all(const search *s, double seconds[SHAPES]) {
    clact_status status = CLACT_SUCCESS;
    for (size_t i = 0; i < SHAPES && status == CLACT_SUCCESS; i++)
        status = time_shape(s, &shapes[i], &seconds[i]);
    return status;
}

static void forget(double seconds[SHAPES]) {
    for (size_t i = 0; i < SHAPES; i++)
        seconds[i] = INFINITY;
}

/* The geometric mean of times over others */
static double mean_ratio(const double times[SHAPES], const double others[SHAPES]) {
    double logarithms = 0.0;
    for (size_t i = 0; i < SHAPES; i++)
        logarithms += log(times[i] / others[i]);
    return exp(logarithms / SHAPES);
}

/* ---- one trial ---- */

static bool is_refusal(clact_status status) {
    return status == CLACT_BLAS || status == CLACT_INVALID_ARGUMENT;
}

/* The tuning in turns with the best so far. */
static clact_status compare(const search *s, const clact_gemm_tuning *tuning, double *ratio) {
    double times[2][SHAPES];
    const clact_gemm_tuning *const sides[2] = {tuning, &s->best};
    clact_status status = CLACT_SUCCESS;
    forget(times[0]);
    forget(times[1]);
    for (int i = 0; i < 2 * TURNS && status == CLACT_SUCCESS; i++) {
        status = clact_gemm_apply(s->device, sides[i % 2]);
        if (status == CLACT_SUCCESS) status = time_all(s, times[i % 2]);
        if (status == CLACT_SUCCESS && i == 1 && mean_ratio(times[0], times[1]) > FAR_BEHIND) break;
    }
    *ratio = status == CLACT_SUCCESS ? mean_ratio(times[0], times[1]) : 0.0;
    return status;
}

/* False to stop. */
static bool tell(search *s, const char *what, double ratio, clact_gemm_outcome outcome,
                 bool has_message) {
    char message[512] = "";
    if (has_message) clact_context_message(s->context, message, sizeof message);
    const clact_gemm_trial trial = {++s->done, s->total, what, ratio, outcome, message};
    if (s->options && s->options->progress && !s->options->progress(s->options->user, &trial))
        s->result->stopped = true;
    return !s->result->stopped;
}

/* Tries one tuning; afterwards the best is applied. What CLBlast or the device does not take is a
 * trial that did not run. */
static clact_status try_tuning(search *s, const clact_gemm_tuning *tuning, const char *what) {
    double ratio = 0.0;
    clact_gemm_outcome outcome = CLACT_GEMM_SLOWER;
    clact_status status = compare(s, tuning, &ratio);
    bool has_message = is_refusal(status);
    if (status == CLACT_SUCCESS && ratio < LEAST_GAIN) {
        status = clact_gemm_apply(s->device, tuning);
        if (status == CLACT_SUCCESS) status = clact_gemm_verify(s->context, s->queue, true);
        has_message = is_refusal(status);
        outcome = has_message ? CLACT_GEMM_WRONG : CLACT_GEMM_FASTER;
        if (status == CLACT_SUCCESS) s->best = *tuning;
    }
    if (status != CLACT_SUCCESS && !has_message) return status;
    tell(s, what, ratio, outcome, has_message);
    return clact_gemm_apply(s->device, &s->best);
}

/* ---- what is tried ---- */

typedef struct axis {
    clact_gemm_parameter parameter;
    uint32_t values[MOST_VALUES]; /* up to the first 0, but for the one of a flag */
} axis;

/* Of a work-group of one work-item */
static const axis cpu_axes[] = {
    {CLACT_GEMM_NWG, {4, 5, 6, 8, 10, 12, 14, 16}},
    {CLACT_GEMM_MWG, {8, 16, 32, 48, 64}},
    {CLACT_GEMM_VWM, {4, 8, 16}},
    {CLACT_GEMM_VWN, {1, 2, 4, 8}},
    {CLACT_GEMM_KWG, {8, 16, 32}},
    {CLACT_GEMM_PADTRA_TILE, {8, 16, 32}},
};
static const axis gpu_axes[] = {
    {CLACT_GEMM_MWG, {32, 64, 128}},
    {CLACT_GEMM_NWG, {32, 64, 128}},
    {CLACT_GEMM_MDIMC, {8, 16, 32}},
    {CLACT_GEMM_NDIMC, {8, 16, 32}},
    {CLACT_GEMM_KWG, {16, 32}},
    {CLACT_GEMM_KWI, {2, 8}},
    {CLACT_GEMM_VWM, {1, 2, 4, 8}},
    {CLACT_GEMM_VWN, {1, 2, 4, 8}},
    {CLACT_GEMM_STRM, {1}},
    {CLACT_GEMM_STRN, {1}},
    {CLACT_GEMM_WGD, {16, 32, 64}},
    {CLACT_GEMM_MDIMCD, {8, 16}},
    {CLACT_GEMM_NDIMCD, {8, 16}},
    {CLACT_GEMM_PADTRA_TILE, {8, 16, 32}},
    {CLACT_GEMM_PADTRA_WPT, {1, 2, 4}},
    {CLACT_GEMM_XGEMM_MIN_INDIRECT_SIZE, {64, 256, 448, 768}},
};

/* Where GPUs begin: tiles of 64 x 64 through local memory, as most of CLBlast's own */
static const clact_gemm_tuning gpu_start = {
    .struct_size = sizeof(clact_gemm_tuning),
    .values = {[CLACT_GEMM_KREG] = 1,       [CLACT_GEMM_KWG] = 16,
               [CLACT_GEMM_KWI] = 2,        [CLACT_GEMM_MDIMA] = 16,
               [CLACT_GEMM_MDIMC] = 16,     [CLACT_GEMM_MWG] = 64,
               [CLACT_GEMM_NDIMB] = 16,     [CLACT_GEMM_NDIMC] = 16,
               [CLACT_GEMM_NWG] = 64,       [CLACT_GEMM_SA] = 1,
               [CLACT_GEMM_SB] = 1,         [CLACT_GEMM_VWM] = 4,
               [CLACT_GEMM_VWN] = 4,        [CLACT_GEMM_KWID] = 2,
               [CLACT_GEMM_MDIMAD] = 8,     [CLACT_GEMM_MDIMCD] = 8,
               [CLACT_GEMM_NDIMBD] = 8,     [CLACT_GEMM_NDIMCD] = 8,
               [CLACT_GEMM_PADA] = 1,       [CLACT_GEMM_PADB] = 1,
               [CLACT_GEMM_VWMD] = 2,       [CLACT_GEMM_VWND] = 2,
               [CLACT_GEMM_WGD] = 32,       [CLACT_GEMM_COPY_DIMX] = 16,
               [CLACT_GEMM_COPY_DIMY] = 8,  [CLACT_GEMM_COPY_VW] = 4,
               [CLACT_GEMM_COPY_WPT] = 1,   [CLACT_GEMM_PAD_DIMX] = 32,
               [CLACT_GEMM_PAD_DIMY] = 8,   [CLACT_GEMM_PAD_WPTX] = 1,
               [CLACT_GEMM_PAD_WPTY] = 1,   [CLACT_GEMM_TRA_DIM] = 8,
               [CLACT_GEMM_TRA_PAD] = 1,    [CLACT_GEMM_TRA_WPT] = 4,
               [CLACT_GEMM_PADTRA_PAD] = 1, [CLACT_GEMM_PADTRA_TILE] = 16,
               [CLACT_GEMM_PADTRA_WPT] = 1, [CLACT_GEMM_XGEMM_MIN_INDIRECT_SIZE] = 256}};

static size_t count_values(const axis *a) {
    size_t n = 0;
    while (n < MOST_VALUES && a->values[n] != 0)
        n++;
    return n;
}

/* The tuning with another value of one parameter, and those set right that hang on it. */
static clact_gemm_tuning changed(const clact_gemm_tuning *from, clact_gemm_parameter parameter,
                                 uint32_t value) {
    clact_gemm_tuning t = *from;
    uint32_t *v = t.values;
    v[parameter] = value;
    if (parameter == CLACT_GEMM_VWM && v[CLACT_GEMM_MDIMC] == 1)
        v[CLACT_GEMM_MWG] = 2 * value; /* one work-item: what counts is how many vectors it holds */
    while (v[CLACT_GEMM_VWM] > 1 && v[CLACT_GEMM_MWG] % (v[CLACT_GEMM_MDIMC] * v[CLACT_GEMM_VWM]))
        v[CLACT_GEMM_VWM] /= 2;
    while (v[CLACT_GEMM_VWN] > 1 && v[CLACT_GEMM_NWG] % (v[CLACT_GEMM_NDIMC] * v[CLACT_GEMM_VWN]))
        v[CLACT_GEMM_VWN] /= 2;
    v[CLACT_GEMM_MDIMA] = v[CLACT_GEMM_MDIMC];
    v[CLACT_GEMM_NDIMB] = v[CLACT_GEMM_NDIMC];
    v[CLACT_GEMM_MDIMAD] = v[CLACT_GEMM_MDIMCD];
    v[CLACT_GEMM_NDIMBD] = v[CLACT_GEMM_NDIMCD];
    return t;
}

static clact_status walk(search *s, const axis *axes, size_t count) {
    for (size_t i = 0; i < count; i++)
        s->total += count_values(&axes[i]);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count_values(&axes[i]); j++) {
            char what[64];
            const clact_gemm_parameter p = axes[i].parameter;
            const clact_gemm_tuning next = changed(&s->best, p, axes[i].values[j]);
            if (s->result->stopped) return CLACT_SUCCESS;
            if (memcmp(&next, &s->best, sizeof next) == 0 ||
                clact_gemm_check(&next, s->info.max_work_group, NULL, 0) != CLACT_SUCCESS) {
                s->total--;
                continue;
            }
            snprintf(what, sizeof what, "%s %u", clact_gemm_parameter_name(p),
                     (unsigned)axes[i].values[j]);
            const clact_status status = try_tuning(s, &next, what);
            if (status != CLACT_SUCCESS) return status;
        }
    return CLACT_SUCCESS;
}

/* ---- the search ---- */

static clact_status open_search(search *s) {
    cl_context context = NULL;
    clact_status status = dense_check_queue(s->context, s->queue);
    if (status != CLACT_SUCCESS) return status;
    clGetCommandQueueInfo(s->queue, CL_QUEUE_CONTEXT, sizeof context, &context, NULL);
    clGetCommandQueueInfo(s->queue, CL_QUEUE_DEVICE, sizeof s->device, &s->device, NULL);
    status = clact_device_query(s->device, &s->info);
    float *values = malloc(MOST_ELEMENTS * sizeof *values);
    if (!values) return clact_context_report(s->context, CLACT_MEMORY, "out of host memory");
    for (size_t i = 0; i < MOST_ELEMENTS; i++)
        values[i] = (float)(i % 7) - 3.0f;
    clact_matrix *const matrices[] = {&s->a, &s->b, &s->c};
    for (int i = 0; i < 3 && status == CLACT_SUCCESS; i++) {
        cl_int code = CL_SUCCESS;
        matrices[i]->buffer = clCreateBuffer(context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR,
                                             MOST_ELEMENTS * sizeof *values, values, &code);
        if (code != CL_SUCCESS)
            status =
                clact_context_report(s->context, CLACT_OPENCL, "no memory to time products in");
    }
    free(values);
    return status;
}

static void close_search(search *s) {
    const cl_mem buffers[] = {s->a.buffer, s->b.buffer, s->c.buffer};
    for (int i = 0; i < 3; i++)
        if (buffers[i]) clReleaseMemObject(buffers[i]);
}

/* What the search begins with; false in *is_right where the device gets it wrong. */
static clact_status begin(search *s, bool *is_right) {
    if (!clact_gemm_shipped(&s->info, &s->best)) s->best = gpu_start;
    clact_status status = clact_gemm_apply(s->device, &s->best);
    if (status == CLACT_SUCCESS) status = clact_gemm_verify(s->context, s->queue, true);
    *is_right = status == CLACT_SUCCESS;
    if (!is_refusal(status)) return status;
    tell(s, "the start", 0.0, CLACT_GEMM_WRONG, true);
    return CLACT_SUCCESS;
}

clact_status clact_gemm_search(clact_context *context, cl_command_queue queue,
                               const clact_gemm_search_options *options,
                               clact_gemm_result *result) {
    if (!context) return CLACT_INVALID_ARGUMENT;
    if (!result || result->struct_size != sizeof *result ||
        (options && options->struct_size != sizeof *options))
        return clact_context_report(context, CLACT_INVALID_ARGUMENT,
                                    "the result or the options have no struct_size");
    search s = {.context = context, .queue = queue, .options = options, .result = result};
    double before[SHAPES], after[SHAPES];
    bool is_right = false;
    *result = (clact_gemm_result){.struct_size = sizeof *result, .ratio = 1.0};
    forget(before);
    forget(after);
    clact_status status = open_search(&s);
    if (status == CLACT_SUCCESS) status = time_all(&s, before);
    if (status == CLACT_SUCCESS) status = begin(&s, &is_right);
    const bool is_cpu = gemm_class_of(&s.info) != GEMM_CLASSES;
    if (status == CLACT_SUCCESS && is_right)
        status = is_cpu ? walk(&s, cpu_axes, sizeof cpu_axes / sizeof *cpu_axes)
                        : walk(&s, gpu_axes, sizeof gpu_axes / sizeof *gpu_axes);
    if (status == CLACT_SUCCESS && is_right) status = time_all(&s, after);
    if (status == CLACT_SUCCESS && is_right) {
        result->ratio = mean_ratio(after, before);
        result->found = result->ratio < 1.0;
        result->tuning = s.best;
    }
    close_search(&s);
    return status;
}
