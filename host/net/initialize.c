/* initialize.c: initial weights of a network, and their scaling to unit variance. */
#include "dense.h"
#include "network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

uint64_t clact_random_next(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* In [-1, 1) */
static float uniform(uint64_t *state) {
    return (float)((double)(clact_random_next(state) >> 40) * 0x1p-23 - 1.0);
}

/* Standard normal, by Marsaglia's polar method */
static double normal(uint64_t *state) {
    double u = 0.0, s = 0.0;
    while (!(s > 0.0 && s < 1.0)) {
        u = (double)(int64_t)clact_random_next(state) * 0x1p-63;
        const double v = (double)(int64_t)clact_random_next(state) * 0x1p-63;
        s = u * u + v * v;
    }
    return u * sqrt(-2.0 * log(s) / s);
}

const char *clact_init_name(clact_init init) {
    static const char *const names[] = {
#define INIT_NAME(NAME, value, name) [CLACT_INIT_##NAME] = name,
        CLACT_INIT_MAP(INIT_NAME)
#undef INIT_NAME
    };
    return (int)init >= 0 && init < CLACT_INIT_COUNT ? names[init] : NULL;
}

/* ---- orthonormal rows ---- */

static double dot(const double *a, const double *b, size_t n) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Row r of `rows`, n long, made orthogonal to those before it; its length. */
static double reject(double *rows, size_t r, size_t n) {
    double *row = rows + r * n;
    for (size_t k = 0; k < r; k++) {
        const double *other = rows + k * n, share = dot(row, other, n);
        for (size_t i = 0; i < n; i++)
            row[i] -= share * other[i];
    }
    return sqrt(dot(row, row, n));
}

/* `count` <= n orthonormal rows in a random direction: Gram and Schmidt's method, twice, because
 * once leaves an error where rows are nearly parallel. */
static void draw_orthonormal(double *rows, size_t count, size_t n, uint64_t *state) {
    for (size_t r = 0; r < count; r++) {
        double length = 0.0;
        while (!(length > 1e-6)) {
            for (size_t i = 0; i < n; i++)
                rows[r * n + i] = normal(state);
            reject(rows, r, n);
            length = reject(rows, r, n);
        }
        for (size_t i = 0; i < n; i++)
            rows[r * n + i] /= length;
    }
}

static bool fill_orthogonal(float *w, size_t rows, size_t cols, double gain, uint64_t *state) {
    const bool wide = rows <= cols;
    const size_t count = wide ? rows : cols, n = wide ? cols : rows;
    double *q = malloc(count * n * sizeof *q);
    if (!q) return false;
    draw_orthonormal(q, count, n, state);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < cols; c++)
            w[r * cols + c] = (float)(gain * q[wide ? r * n + c : c * n + r]);
    free(q);
    return true;
}

/* ---- initial values ---- */

static bool fill_weights(const clact_dense *d, bool last, clact_init init, double scale, float *w,
                         uint64_t *state) {
    const size_t rows = dense_columns(d), count = rows * d->inputs;
    const bool xavier = init == CLACT_INIT_XAVIER || (init == CLACT_INIT_AUTO && last);
    const double fans = (double)(xavier ? d->inputs + rows : d->inputs);
    const float bound = (float)(scale * sqrt(6.0 / fans));
    if (init == CLACT_INIT_ORTHOGONAL) return fill_orthogonal(w, rows, d->inputs, scale, state);
    for (size_t i = 0; i < count; i++)
        w[i] = init == CLACT_INIT_ZEROS    ? 0.0f
               : init == CLACT_INIT_NORMAL ? (float)(scale * normal(state))
                                           : bound * uniform(state);
    return true;
}

bool net_initial_values(const clact_net *net, clact_init init, float scale, float *values) {
    const double preset = init == CLACT_INIT_NORMAL ? 0.01 : 1.0;
    uint64_t state = net->seed;
    float *w = values;
    memset(values, 0, net->num_params * sizeof *values);
    for (size_t i = 0; i < net->num_layers; i++) {
        const clact_dense *d = &net->layers[i].dense;
        const bool last = i + 1 == net->num_layers;
        if (!fill_weights(d, last, init, scale != 0.0f ? (double)scale : preset, w, &state))
            return false;
        w += (d->inputs + 1) * dense_columns(d);
    }
    return true;
}

/* ---- unit variance ---- */

/* What one layer's variance is found with */
typedef struct variance_probe {
    clact_sweep sweep; /* z as it is, with health */
    clact_dense dense;
    cl_mem records, workspace;
} variance_probe;

static clact_status probe_open(clact_net *net, const net_layer *layer, size_t rows,
                               variance_probe *p) {
    cl_context context = NULL;
    size_t bytes = 0;
    const size_t columns = dense_columns(&layer->dense);
    clact_sweep_init(&p->sweep, CLACT_ACT_IDENTITY);
    p->sweep.health = true;
    p->dense = layer->dense;
    p->dense.outputs = columns;
    p->dense.epilogue = &p->sweep;
    clact_status status = clact_dense_workspace(&p->dense, false, rows, &bytes);
    if (status != CLACT_SUCCESS) return status;
    clGetCommandQueueInfo(net->queue, CL_QUEUE_CONTEXT, sizeof context, &context, NULL);
    p->records = clCreateBuffer(context, CL_MEM_READ_WRITE, (columns + 1) * sizeof(clact_health),
                                NULL, NULL);
    p->workspace = clCreateBuffer(context, CL_MEM_READ_WRITE, bytes + 1, NULL, NULL);
    if (p->records && p->workspace) return CLACT_SUCCESS;
    return clact_context_report(net->context, CLACT_OPENCL, "no memory for health");
}

static clact_status probe(clact_net *net, const net_layer *layer, size_t rows, clact_matrix x,
                          variance_probe *p, float *variance) {
    clact_health all;
    clact_dense_forward_tensors t = {.x = x, .weight = layer->forward.weight};
    t.epilogue.rows = rows;
    t.epilogue.x = t.epilogue.y = layer->forward.epilogue.x;
    t.epilogue.health = p->records;
    t.epilogue.workspace = p->workspace;
    const clact_status status =
        dense_forward(net->context, net->queue, &p->dense, 1, &t, &net->times);
    if (status != CLACT_SUCCESS) return status;
    if (clEnqueueReadBuffer(net->queue, p->records, CL_TRUE, p->dense.outputs * sizeof all,
                            sizeof all, &all, 0, NULL, NULL) != CL_SUCCESS)
        return clact_context_report(net->context, CLACT_OPENCL, "the health could not be read");
    *variance = all.variance;
    return CLACT_SUCCESS;
}

static clact_status scale_weights(clact_net *net, const net_layer *layer, float factor) {
    clact_sweep scaled;
    const clact_matrix w = layer->forward.weight;
    clact_sweep_init(&scaled, CLACT_ACT_IDENTITY);
    scaled.scale = factor;
    return clact_forward(net->context, net->queue, &scaled, dense_columns(&layer->dense),
                         layer->dense.inputs, w, w, 0, NULL, NULL);
}

clact_status clact_net_unit_variance(clact_net *net, size_t rows, clact_matrix x) {
    if (!net) return CLACT_INVALID_ARGUMENT;
    clact_status status = clact_net_forward(net, rows, x, NULL); /* which checks rows and x */
    for (size_t i = 0; i < net->num_layers && status == CLACT_SUCCESS; i++) {
        net_layer *layer = &net->layers[i];
        variance_probe p = {.records = NULL};
        float variance = 0.0f;
        const clact_matrix input = i == 0 ? x : net->layers[i - 1].y;
        status = probe_open(net, layer, rows, &p);
        if (status == CLACT_SUCCESS) status = probe(net, layer, rows, input, &p, &variance);
        if (status == CLACT_SUCCESS && variance > 0.0f && isfinite(variance))
            status = scale_weights(net, layer, 1.0f / sqrtf(variance));
        if (status == CLACT_SUCCESS)
            status = dense_forward(net->context, net->queue, &layer->dense, 1, &layer->forward,
                                   &net->times);
        if (p.records) clReleaseMemObject(p.records);
        if (p.workspace) clReleaseMemObject(p.workspace);
    }
    return status;
}
