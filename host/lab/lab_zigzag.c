/* lab_zigzag.c: a neuron that learns from inputs of one sign, and from inputs around zero.
 *
 * The inputs are sigmoids of random projections, which are all positive, or hyperbolic tangents of
 * the same projections. The neuron is to become another, whose outputs are its targets: so the
 * optimum is known, and there every gradient is zero, whatever the batch.
 */
#include "lab_device.h"

#include "lab.h"

#include <clact/net.h>

#include <math.h>
#include <stdlib.h>

enum {
    ROWS = 4096,
    SOURCES = 64, /* random numbers that a row is projected from */
    MOST_INPUTS = 8,
    MOST_BATCH = 64,
    CHUNK = 256, /* steps between looks at how near the optimum is */
    MOST_STEPS = 64 * CHUNK,
    NUM_BATCHES = 7,
    NUM_SIZES = 2
};

static const double near_enough = 0.05; /* of the distance from start to optimum */
static const float learning_rate = 0.5f;
static const size_t sizes[NUM_SIZES] = {2, MOST_INPUTS};

typedef enum feature { POSITIVE, CENTRED, NUM_FEATURES } feature;
static const char *const path_names[NUM_FEATURES] = {"sigmoid inputs, above 0",
                                                     "tanh inputs, around 0"};

/* A neuron with its rows. */
typedef struct task {
    picked_device *device;
    uint64_t seed;
    size_t inputs;
    float wanted[MOST_INPUTS]; /* the optimum */
    clact_net *projection, *teacher, *neuron;
    clact_matrix x, target;
    cl_mem sources, log;
    float *log_read; /* of each step: weights after it, then gradients; `inputs` each */
} task;

/* What one training was like, from the start at weights 0 until it was near the optimum. */
typedef struct journey {
    size_t steps;
    double one_signed; /* share of steps whose gradients are nowhere of opposite sign */
    double length;     /* of the path, over the straight line between its ends */
} journey;

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
                                       .seed = t->seed,
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
    clact_matrix all;
    size_t count;
    float values[MOST_INPUTS + 1] = {0};
    clact_net_array(net, CLACT_NET_PARAMETERS, &all, &count);
    for (size_t i = 0; i < t->inputs; i++)
        values[i] = weights[i];
    return lab_write(t->device, all.buffer, values, t->inputs + 1, message, size);
}

static bool forward(const task *t, clact_net *net, clact_matrix x, clact_matrix *y, char *message,
                    size_t size) {
    const clact_status status = clact_net_forward(net, ROWS, x, y);
    return status == CLACT_SUCCESS || train_explain(t->device, status, message, size);
}

/* Numbers of variance 1, for all neurons the same. */
static cl_mem make_sources(const task *t, char *message, size_t size) {
    uint64_t state = t->seed;
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

/* Weights of both signs, so that on the way there some must rise and some fall. */
static void want(task *t) {
    uint64_t state = t->seed + t->inputs;
    for (size_t i = 0; i < t->inputs; i++)
        t->wanted[i] = (float)((i % 2 ? -1.0 : 1.0) * (1.0 + lab_random(&state)));
}

static bool task_create(task *t, feature kind, char *message, size_t size) {
    static const clact_activation activations[NUM_FEATURES] = {CLACT_ACT_SIGMOID, CLACT_ACT_TANH};
    want(t);
    t->log_read = malloc((size_t)MOST_STEPS * 2 * t->inputs * sizeof *t->log_read);
    if (!t->log_read) return cli_fail(message, size, "out of memory");
    return (t->sources = make_sources(t, message, size)) &&
           (t->log =
                lab_buffer(t->device, NULL, (size_t)MOST_STEPS * 2 * t->inputs, message, size)) &&
           make_net(t, SOURCES, t->inputs, activations[kind], CLACT_INIT_NORMAL, ROWS,
                    &t->projection, message, size) &&
           make_net(t, t->inputs, 1, CLACT_ACT_SIGMOID, CLACT_INIT_ZEROS, ROWS, &t->teacher,
                    message, size) &&
           make_net(t, t->inputs, 1, CLACT_ACT_IDENTITY, CLACT_INIT_ZEROS, MOST_BATCH, &t->neuron,
                    message, size) &&
           set_weights(t, t->teacher, t->wanted, message, size) &&
           forward(t, t->projection, (clact_matrix){t->sources, 0, 0}, &t->x, message, size) &&
           forward(t, t->teacher, t->x, &t->target, message, size);
}

static void task_clear(task *t) {
    clFinish(t->device->queue);
    clact_net_destroy(t->projection);
    clact_net_destroy(t->teacher);
    clact_net_destroy(t->neuron);
    lab_release((cl_mem[]){t->sources, t->log}, 2);
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
    const clact_status status = clact_net_step(t->neuron, batch, x, y, learning_rate, NULL);
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
static journey journey_of(const task *t, size_t steps) {
    static const float start[MOST_INPUTS] = {0};
    journey j = {.steps = steps};
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

static bool travel(task *t, size_t batch, journey *j, char *message, size_t size) {
    static const float start[MOST_INPUTS] = {0};
    const double near = near_enough * distance(start, t->wanted, t->inputs);
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
    return cli_fail(message, size, "the neuron did not come near its optimum in %d steps",
                    (int)MOST_STEPS);
}

/* ---- the report ---- */

typedef struct outcome {
    journey of[NUM_SIZES][NUM_FEATURES][NUM_BATCHES];
} outcome;

static size_t batch_at(size_t i) {
    return (size_t)1 << i;
}

/* A panel that shows the way of two weights, and with the last kind of inputs what it might be. */
static void draw_path(const task *t, feature kind, size_t steps, lab_panel *panel) {
    double *x = calloc(2 * (steps + 1), sizeof *x), *y = x ? x + steps + 1 : NULL;
    if (!x) return;
    for (size_t i = 0; i < steps; i++) {
        x[i + 1] = (double)t->log_read[2 * i * t->inputs];
        y[i + 1] = (double)t->log_read[2 * i * t->inputs + 1];
    }
    lab_add_curve(panel, path_names[kind], FIGURE_LINE, (int)kind + 1, x, y, steps + 1);
    free(x);
    if (kind + 1 < NUM_FEATURES) return;
    const double ends_x[2] = {0.0, (double)t->wanted[0]};
    const double ends_y[2] = {0.0, (double)t->wanted[1]};
    lab_add_curve(panel, "straight line", FIGURE_DASHED, 3, ends_x, ends_y, 2);
    lab_add_curve(panel, "optimum", FIGURE_POINTS, 4, ends_x + 1, ends_y + 1, 1);
    lab_panel_of(panel)->x.max = ends_x[1] + 0.1;
    lab_panel_of(panel)->y.min = ends_y[1] - 0.1;
}

static void add_batch_panel(lab_report *report, const outcome *all, bool shares) {
    static const char *const names[NUM_FEATURES][NUM_SIZES] = {
        {"sigmoid, 2 inputs", "sigmoid, 8 inputs"}, {"tanh, 2 inputs", "tanh, 8 inputs"}};
    double x[NUM_BATCHES], y[NUM_BATCHES];
    lab_panel *panel = shares ? lab_add_panel(report, "Steps whose gradients have one sign",
                                              "rows in a batch", "% of steps")
                              : lab_add_panel(report, "Length of the way to the optimum",
                                              "rows in a batch", "path / straight line");
    lab_panel_of(panel)->x.log = true;
    lab_panel_of(panel)->y.min = shares ? 0.0 : 1.0;
    for (size_t k = 0; k < NUM_FEATURES; k++)
        for (size_t s = 0; s < NUM_SIZES; s++) {
            for (size_t b = 0; b < NUM_BATCHES; b++) {
                const journey *j = &all->of[s][k][b];
                x[b] = (double)batch_at(b);
                y[b] = shares ? 100.0 * j->one_signed : j->length;
            }
            lab_add_curve(panel, names[k][s], s == 0 ? FIGURE_DASHED : FIGURE_LINE_POINTS,
                          (int)k + 1, x, y, NUM_BATCHES);
        }
}

static void add_table(lab_report *report, const outcome *all) {
    static const lab_column columns[] = {{"inputs", "inputs", "%.0f"},
                                         {"batch", "batch", "%.0f"},
                                         {"one_signed_sigmoid", "% sig", "%.1f"},
                                         {"one_signed_tanh", "% tanh", "%.1f"},
                                         {"path_sigmoid", "path sig", "%.2f"},
                                         {"path_tanh", "path tanh", "%.2f"},
                                         {"steps_sigmoid", "steps sig", "%.0f"},
                                         {"steps_tanh", "steps tanh", "%.0f"}};
    lab_table *table = lab_add_table(report, "batches",
                                     "Sigmoid (sig) or tanh inputs. %: steps whose gradients have "
                                     "one sign;\npath: length over the straight line",
                                     columns, 8);
    for (size_t s = 0; s < NUM_SIZES; s++)
        for (size_t b = 0; b < NUM_BATCHES; b++) {
            const journey *p = &all->of[s][POSITIVE][b], *c = &all->of[s][CENTRED][b];
            lab_add_row(table, (lab_cell[]){LAB_NUMBER(sizes[s]), LAB_NUMBER(batch_at(b)),
                                            LAB_NUMBER(100.0 * p->one_signed),
                                            LAB_NUMBER(100.0 * c->one_signed),
                                            LAB_NUMBER(p->length), LAB_NUMBER(c->length),
                                            LAB_NUMBER(p->steps), LAB_NUMBER(c->steps)});
        }
}

static void conclude(lab_report *report, const outcome *all) {
    const journey *p = all->of[1][POSITIVE], *c = all->of[1][CENTRED];
    const size_t last = NUM_BATCHES - 1;
    lab_add_fact(report, "learning_rate", (double)learning_rate);
    lab_add_fact(report, "rows", ROWS);
    lab_add_fact(report, "near_enough", near_enough);
    lab_say(report,
            "Each neuron has no bias, starts with weights 0, and learns at rate %g until its "
            "distance from the optimum, whose weights have both signs, is %g %% of what it was.",
            (double)learning_rate, 100.0 * near_enough);
    lab_say(report,
            "With positive inputs and one row a step, all %d gradients have one sign in %.1f %% of "
            "the steps (predicted: 100, as each is one error times a positive input); with inputs "
            "around zero in %.1f %% (predicted for independent signs: 100 x 2^-%d = %.1f).",
            MOST_INPUTS, 100.0 * p[0].one_signed, 100.0 * c[0].one_signed, MOST_INPUTS - 1,
            100.0 * ldexp(1.0, 1 - MOST_INPUTS));
    lab_say(report,
            "So the way is a zigzag, as predicted: %.1f times as long as the straight line, with "
            "inputs around zero %.1f times.",
            p[0].length, c[0].length);
    lab_say(report,
            "Batches soften it: of %zu rows, whose errors differ in sign, gradients of one sign "
            "are left in %.1f %% of the steps, and the way is %.1f times the straight line. But it "
            "takes as many steps as before, %zu against %zu: zigzags cost length, and what costs "
            "steps is how little these inputs differ, where the weights must part.",
            batch_at(last), 100.0 * p[last].one_signed, p[last].length, p[last].steps, p[0].steps);
}

/* All batches of one neuron; *done counts the trainings. */
static bool explore(task *t, feature kind, journey *journeys, lab_panel *const panels[2],
                    const lab_options *options, size_t *done, char *message, size_t size) {
    for (size_t b = 0; b < NUM_BATCHES; b++) {
        if (options->progress)
            options->progress(options->user, "zigzag",
                              (double)*done / (NUM_SIZES * NUM_FEATURES * NUM_BATCHES));
        if (!travel(t, batch_at(b), &journeys[b], message, size)) return false;
        if (t->inputs == 2 && b == 0) draw_path(t, kind, journeys[b].steps, panels[0]);
        if (t->inputs == 2 && b + 1 == NUM_BATCHES)
            draw_path(t, kind, journeys[b].steps, panels[1]);
        ++*done;
    }
    return true;
}

bool lab_zigzag(picked_device *device, const lab_options *options, lab_report *report,
                char *message, size_t size) {
    outcome all;
    size_t done = 0;
    bool whole = true;
    lab_panel *const panels[2] = {
        lab_add_panel(report, "1 row in a batch, 2 inputs", "weight 1", "weight 2"),
        lab_add_panel(report, "64 rows in a batch, 2 inputs", "weight 1", "weight 2")};
    for (size_t s = 0; s < NUM_SIZES && whole; s++)
        for (feature kind = POSITIVE; kind < NUM_FEATURES && whole; kind++) {
            task t = {.device = device, .seed = options->seed, .inputs = sizes[s]};
            whole = task_create(&t, kind, message, size) &&
                    explore(&t, kind, all.of[s][kind], panels, options, &done, message, size);
            task_clear(&t);
        }
    if (!whole) return false;
    add_batch_panel(report, &all, true);
    add_batch_panel(report, &all, false);
    add_table(report, &all);
    conclude(report, &all);
    return true;
}
