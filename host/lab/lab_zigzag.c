/* lab_zigzag.c: a neuron that learns from inputs of one sign, and from inputs around zero.
 *
 * The inputs are sigmoids of random projections, which are all positive; or the same less their
 * means, so that only the sign is another; or hyperbolic tangents of the same projections, around
 * zero as well but larger. The neuron is to become another, whose outputs are its targets: so the
 * optimum is known, and there every gradient is zero, whatever the batch.
 */
#include "lab.h"
#include "lab_device.h"
#include "lab_net.h"
#include "lab_random.h"
#include "lab_zigzag_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS = 4096,
    SOURCES = 64, /* random numbers that a row is projected from */
    MOST_BATCH = 1 << (ZIGZAG_BATCHES - 1),
    CHUNK = 256, /* steps between looks at how near the optimum is */
    MOST_STEPS = 64 * CHUNK
};

const double zigzag_near = 0.05;
const float zigzag_rate = 0.5f;
const size_t zigzag_sizes[ZIGZAG_SIZES] = {2, ZIGZAG_INPUTS};

/* A neuron with its rows. */
typedef struct task {
    picked_device *device;
    const lab_options *options;
    size_t inputs;
    float wanted[ZIGZAG_INPUTS]; /* the optimum */
    clact_net *projection, *teacher, *neuron;
    clact_matrix x, target;
    cl_mem sources, centred, log;
    float *log_read; /* of each step: weights after it, then gradients; `inputs` each */
} task;

/* ---- the neuron ---- */

static bool make_net(const task *t, size_t inputs, size_t units, clact_activation activation,
                     clact_init init, size_t max_rows, clact_net **net, char *message,
                     size_t size) {
    clact_sweep sweep;
    clact_optimizer optimizer;
    clact_sweep_init(&sweep, activation);
    clact_optimizer_init(&optimizer, CLACT_OPTIMIZER_SGD);
    const clact_layer layer = {units, &sweep};
    const clact_net_options options = {.struct_size = sizeof options,
                                       .inputs = inputs,
                                       .layers = &layer,
                                       .num_layers = 1,
                                       .loss = CLACT_LOSS_BCE_WITH_LOGITS,
                                       .max_rows = max_rows,
                                       .seed = t->options->seed,
                                       .gemm_as_is = true,
                                       .products = CLACT_PRODUCTS_OWN,
                                       .optimizer = &optimizer,
                                       .init = init,
                                       .init_scale = init == CLACT_INIT_NORMAL ? 0.125f : 0.0f};
    const clact_status status = clact_net_create(t->device->clact, t->device->queue, &options, net);
    return status == CLACT_SUCCESS || train_explain(t->device, status, message, size);
}

/* Weights as given, and a bias of 0. */
static bool set_weights(const task *t, clact_net *net, const float *weights, char *message,
                        size_t size) {
    float values[ZIGZAG_INPUTS + 1] = {0};
    memcpy(values, weights, t->inputs * sizeof *values);
    return train_write_part(t->device, net, CLACT_NET_PARAMETERS, values, message, size);
}

static bool forward(const task *t, clact_net *net, clact_matrix x, clact_matrix *y, char *message,
                    size_t size) {
    const clact_status status = clact_net_forward(net, ROWS, x, y);
    return status == CLACT_SUCCESS || train_explain(t->device, status, message, size);
}

/* Numbers of variance 1, for all neurons the same. */
static cl_mem make_sources(const task *t, char *message, size_t size) {
    uint64_t state = t->options->seed;
    float *values = malloc((size_t)ROWS * SOURCES * sizeof *values);
    if (!values) {
        cli_fail(message, size, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < (size_t)ROWS * SOURCES; i++)
        values[i] = (float)(sqrt(12.0) * (lab_random(&state) - 0.5));
    cl_mem buffer = lab_buffer(t->device, values, (size_t)ROWS * SOURCES, message, size);
    free(values);
    return buffer;
}

/* Takes its mean from each input. */
static bool centre(task *t, char *message, size_t size) {
    const size_t n = t->inputs, ld = t->x.ld ? t->x.ld : n;
    float *read = malloc((size_t)ROWS * ld * sizeof *read);
    float *values = malloc((size_t)ROWS * n * sizeof *values);
    bool done = (read && values) || cli_fail(message, size, "out of memory");
    done = done && lab_read(t->device, t->x, read, (ROWS - 1) * ld + n, message, size);
    for (size_t c = 0; c < n && done; c++) {
        double mean = 0.0;
        for (size_t r = 0; r < ROWS; r++)
            mean += (double)read[r * ld + c] / ROWS;
        for (size_t r = 0; r < ROWS; r++)
            values[r * n + c] = (float)((double)read[r * ld + c] - mean);
    }
    if (done) t->centred = lab_buffer(t->device, values, (size_t)ROWS * n, message, size);
    t->x = (clact_matrix){t->centred, 0, 0};
    free(read);
    free(values);
    return done && t->centred;
}

/* Weights of both signs, so that on the way there some must rise and some fall. */
static void want(task *t) {
    uint64_t state = t->options->seed + t->inputs;
    for (size_t i = 0; i < t->inputs; i++)
        t->wanted[i] = (float)((i % 2 ? -1.0 : 1.0) * (1.0 + lab_random(&state)));
}

static bool task_create(task *t, zigzag_kind kind, char *message, size_t size) {
    const clact_activation of_inputs = kind == ZIGZAG_TANH ? CLACT_ACT_TANH : CLACT_ACT_SIGMOID;
    want(t);
    t->log_read = malloc((size_t)MOST_STEPS * 2 * t->inputs * sizeof *t->log_read);
    if (!t->log_read) return cli_fail(message, size, "out of memory");
    return (t->sources = make_sources(t, message, size)) &&
           (t->log =
                lab_buffer(t->device, NULL, (size_t)MOST_STEPS * 2 * t->inputs, message, size)) &&
           make_net(t, SOURCES, t->inputs, of_inputs, CLACT_INIT_NORMAL, ROWS, &t->projection,
                    message, size) &&
           make_net(t, t->inputs, 1, CLACT_ACT_SIGMOID, CLACT_INIT_ZEROS, ROWS, &t->teacher,
                    message, size) &&
           make_net(t, t->inputs, 1, CLACT_ACT_IDENTITY, CLACT_INIT_ZEROS, MOST_BATCH, &t->neuron,
                    message, size) &&
           set_weights(t, t->teacher, t->wanted, message, size) &&
           forward(t, t->projection, (clact_matrix){t->sources, 0, 0}, &t->x, message, size) &&
           (kind != ZIGZAG_CENTRED || centre(t, message, size)) &&
           forward(t, t->teacher, t->x, &t->target, message, size);
}

static void task_clear(task *t) {
    clFinish(t->device->queue);
    clact_net_destroy(t->projection);
    clact_net_destroy(t->teacher);
    clact_net_destroy(t->neuron);
    lab_release((cl_mem[]){t->sources, t->centred, t->log}, 3);
    free(t->log_read);
}

/* ---- training ---- */

/* One update of the weights alone, and what it was into the log. */
static bool step(const task *t, size_t batch, size_t at, char *message, size_t size) {
    const cl_command_queue q = t->device->queue;
    const size_t row = at * batch % ROWS, n = t->inputs, float_size = sizeof(float);
    const clact_matrix x = {t->x.buffer, t->x.offset + row * (t->x.ld ? t->x.ld : n), t->x.ld};
    const clact_matrix y = {t->target.buffer, t->target.offset + row, 0};
    const float zero = 0.0f;
    clact_matrix w, g;
    size_t count;
    const clact_status status = clact_net_step(t->neuron, batch, x, y, zigzag_rate, NULL);
    if (status != CLACT_SUCCESS) return train_explain(t->device, status, message, size);
    clact_net_array(t->neuron, CLACT_NET_PARAMETERS, &w, &count);
    clact_net_array(t->neuron, CLACT_NET_GRADIENTS, &g, &count);
    if (clEnqueueFillBuffer(q, w.buffer, &zero, float_size, (w.offset + n) * float_size, float_size,
                            0, NULL, NULL) != CL_SUCCESS ||
        clEnqueueCopyBuffer(q, w.buffer, t->log, w.offset * float_size, 2 * at * n * float_size,
                            n * float_size, 0, NULL, NULL) != CL_SUCCESS ||
        clEnqueueCopyBuffer(q, g.buffer, t->log, g.offset * float_size,
                            (2 * at + 1) * n * float_size, n * float_size, 0, NULL,
                            NULL) != CL_SUCCESS)
        return cli_fail(message, size, "a step of the training could not be logged");
    return true;
}

static double distance(const float *a, const float *b, size_t count) {
    double squares = 0.0;
    for (size_t i = 0; i < count; i++)
        squares += pow((double)a[i] - (double)b[i], 2.0);
    return sqrt(squares);
}

/* Whether gradients are nowhere of opposite sign; *none where all are 0. */
static bool has_one_sign(const float *gradient, size_t count, bool *none) {
    bool up = false, down = false;
    for (size_t i = 0; i < count; i++) {
        up = up || gradient[i] > 0.0f;
        down = down || gradient[i] < 0.0f;
    }
    *none = !up && !down;
    return !up || !down;
}

/* The first steps of the log as a journey. */
static zigzag_journey journey_of(const task *t, size_t steps) {
    static const float start[ZIGZAG_INPUTS] = {0};
    zigzag_journey j = {.steps = steps};
    size_t same = 0, moved = 0;
    const float *from = start;
    for (size_t i = 0; i < steps; i++) {
        const float *to = t->log_read + 2 * i * t->inputs;
        bool none;
        same += has_one_sign(to + t->inputs, t->inputs, &none) && !none;
        moved += !none;
        j.length += distance(from, to, t->inputs);
        from = to;
    }
    j.length /= distance(start, from, t->inputs);
    j.one_signed = (double)same / (double)moved;
    return j;
}

static bool travel(task *t, size_t batch, zigzag_journey *j, char *message, size_t size) {
    static const float start[ZIGZAG_INPUTS] = {0};
    const double near = zigzag_near * distance(start, t->wanted, t->inputs);
    const size_t stride = 2 * t->inputs;
    if (!set_weights(t, t->neuron, start, message, size)) return false;
    for (size_t at = 0; at < MOST_STEPS; at += CHUNK) {
        for (size_t i = at; i < at + CHUNK; i++)
            if (!step(t, batch, i, message, size)) return false;
        if (!lab_read(t->device, (clact_matrix){t->log, at * stride, 0}, t->log_read + at * stride,
                      CHUNK * stride, message, size))
            return false;
        for (size_t i = at; i < at + CHUNK; i++)
            if (distance(t->log_read + i * stride, t->wanted, t->inputs) <= near) {
                *j = journey_of(t, i + 1);
                return true;
            }
    }
    return cli_fail(message, size,
                    "the neuron did not come near its optimum in %d steps; try another --seed",
                    (int)MOST_STEPS);
}

/* ---- all of them ---- */

/* The way of two weights from the log */
static bool keep_path(const task *t, size_t steps, zigzag_path *path, char *message, size_t size) {
    path->x = calloc(2 * (steps + 1), sizeof *path->x);
    if (!path->x) return cli_fail(message, size, "out of memory");
    path->y = path->x + steps + 1;
    path->count = steps + 1;
    for (size_t i = 0; i < steps; i++) {
        path->x[i + 1] = (double)t->log_read[2 * i * t->inputs];
        path->y[i + 1] = (double)t->log_read[2 * i * t->inputs + 1];
    }
    return true;
}

/* All batches of one neuron; *done counts the trainings. */
static bool explore(task *t, zigzag_kind kind, zigzag_journey *journeys, zigzag_paths *paths,
                    size_t *done, char *message, size_t size) {
    for (size_t b = 0; b < ZIGZAG_BATCHES; b++) {
        lab_progress(t->options, "training",
                     (double)*done / (ZIGZAG_SIZES * ZIGZAG_KINDS * ZIGZAG_BATCHES));
        if (!travel(t, (size_t)1 << b, &journeys[b], message, size)) return false;
        const bool is_last = b + 1 == ZIGZAG_BATCHES;
        if (t->inputs == 2 && (b == 0 || is_last) &&
            !keep_path(t, journeys[b].steps, &paths->of[is_last][kind], message, size))
            return false;
        ++*done;
    }
    if (t->inputs == 2)
        for (int i = 0; i < 2; i++)
            paths->optimum[i] = (double)t->wanted[i];
    return true;
}

bool lab_zigzag(picked_device *device, const lab_options *options, lab_report *report,
                char *message, size_t size) {
    zigzag_found found;
    zigzag_paths paths = {0};
    size_t done = 0;
    bool whole = true;
    for (size_t s = 0; s < ZIGZAG_SIZES && whole; s++)
        for (zigzag_kind kind = ZIGZAG_POSITIVE; kind < ZIGZAG_KINDS && whole; kind++) {
            task t = {.device = device, .options = options, .inputs = zigzag_sizes[s]};
            whole = task_create(&t, kind, message, size) &&
                    explore(&t, kind, found.of[s][kind], &paths, &done, message, size);
            task_clear(&t);
        }
    if (whole) zigzag_report(&found, &paths, report);
    for (zigzag_path *p = &paths.of[0][0]; p < &paths.of[0][0] + 2 * ZIGZAG_KINDS; p++)
        free(p->x);
    return whole;
}
