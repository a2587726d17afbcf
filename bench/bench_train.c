/* bench_train.c: a training step of a network on the device. */
#include "bench_train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench_fill.h"

/* A learning rate at which the loss falls without running away. */
#define TRAIN_LR       0.01f
#define TRAIN_MOMENTUM 0.9f

/* The text of torch_step.py, embedded by the build. */
extern const char bench_torch_source[];

static const size_t *train_sides(const bench_train *train) {
    return train->layer->shape.sides;
}

static size_t train_num_layers(const bench_train *train) {
    return train->layer->shape.count - 2;
}

static bool train_check(const bench_train *train, clact_status status, bench_error *error) {
    return bench_check_clact(status, train->device->clact, "training", error);
}

static bool train_create_net(bench_train *train, bench_error *error) {
    const size_t *sides = train_sides(train), count = train_num_layers(train);
    clact_layer layers[BENCH_MAX_SIDES];
    clact_sweep hidden, output;
    clact_status status = bench_layer_sweep(train->layer, &hidden);
    if (status == CLACT_SUCCESS) status = clact_sweep_init(&output, CLACT_ACT_IDENTITY);
    if (!train_check(train, status, error)) return false;
    output.tier = train->layer->tier;
    hidden.bias = false; /* which a network turns on itself */
    for (size_t i = 0; i < count; ++i)
        layers[i] =
            (clact_layer){.units = sides[i + 2], .activation = i + 1 < count ? &hidden : &output};
    clact_optimizer momentum;
    clact_optimizer_init(&momentum, CLACT_OPTIMIZER_MOMENTUM);
    momentum.momentum = TRAIN_MOMENTUM;
    const clact_net_options options = {.struct_size = sizeof options,
                                       .optimizer = &momentum,
                                       .inputs = sides[1],
                                       .layers = layers,
                                       .num_layers = count,
                                       .loss = CLACT_LOSS_SOFTMAX_CROSS_ENTROPY,
                                       .max_rows = sides[0],
                                       .seed = 1};
    return train_check(
               train,
               clact_net_create(train->device->clact, train->device->queue, &options, &train->net),
               error) &&
           train_check(train, clact_net_warm_up(train->net, sides[0]), error);
}

static bool train_create_batch(bench_train *train, bench_error *error) {
    const size_t *sides = train_sides(train), batch = sides[0];
    const size_t classes = sides[train->layer->shape.count - 1];
    const cl_command_queue queue = train->device->queue;
    uint64_t state = 1;
    int32_t *target = malloc(batch * sizeof *target);
    if (target == NULL) return bench_fail(error, "out of memory; choose a smaller --shape");
    for (size_t i = 0; i < batch; ++i)
        target[i] = (int32_t)(clact_random_next(&state) % classes);
    const cl_context context = train->device->context;
    const size_t bytes = batch * sides[1] * sizeof(float);
    bool ok = bench_fill_create(context, queue, bytes, &train->x, error) &&
              bench_fill_create(context, queue, batch * sizeof *target, &train->classes, error) &&
              bench_fill(queue, train->x, bytes, CLACT_F32, &bench_range_dy, error);
    if (ok)
        ok = bench_check_cl(clEnqueueWriteBuffer(queue, train->classes, CL_TRUE, 0,
                                                 batch * sizeof *target, target, 0, NULL, NULL),
                            "writing the classes", error);
    free(target);
    return ok;
}

static bool train_step(const bench_train *train, clact_matrix *loss, bench_error *error) {
    const clact_matrix x = {.buffer = train->x}, classes = {.buffer = train->classes};
    return train_check(
        train, clact_net_step(train->net, train_sides(train)[0], x, classes, TRAIN_LR, loss),
        error);
}

/* ---- The tasks ------------------------------------------------------------------------------- */

typedef struct train_steps {
    const bench_train *train;
    size_t count;
} train_steps;

static bool train_call(const void *user, bench_error *error) {
    const train_steps *steps = user;
    for (size_t i = 0; i < steps->count; ++i)
        if (!train_step(steps->train, NULL, error)) return false;
    return bench_check_cl(clFinish(steps->train->device->queue), "training", error);
}

static void train_divide(bench_sample *sample, size_t repeat) {
    sample->wall_ns /= (double)repeat;
    sample->device_ns /= (double)repeat;
    sample->cpu_ns /= (double)repeat;
}

/* A step is many kernels and hands out no event: only its wall time is known. */
static bool train_run(const void *user, cl_command_queue queue, size_t repeat, bench_sample *sample,
                      bench_error *error) {
    const train_steps steps = {user, repeat};
    (void)queue;
    if (!bench_measure_host(train_call, &steps, 1, sample, error)) return false;
    train_divide(sample, repeat);
    return true;
}

static bool train_run_torch(const void *user, cl_command_queue queue, size_t repeat,
                            bench_sample *sample, bench_error *error) {
    bench_train *train = (bench_train *)user; /* whose pipe it reads */
    const char *answer;
    char line[32], *end;
    (void)queue;
    snprintf(line, sizeof line, "%zu\n", repeat);
    if (!bench_child_ask(&train->torch, line, &answer, error)) return false;
    const double seconds = strtod(answer, &end);
    if (end == answer || !(seconds > 0.0))
        return bench_fail(error, "PyTorch's program answers '%.80s', not with seconds", answer);
    sample->wall_ns = sample->device_ns = sample->cpu_ns = seconds * 1e9;
    train_divide(sample, repeat);
    return true;
}

/* ---- PyTorch --------------------------------------------------------------------------------- */

static bool train_write(FILE *file, const bench_train *train, cl_mem buffer, size_t offset,
                        size_t count, bench_error *error) {
    float *values = malloc(count * sizeof *values);
    if (values == NULL) return bench_fail(error, "out of memory; choose a smaller --shape");
    const cl_int code =
        clEnqueueReadBuffer(train->device->queue, buffer, CL_TRUE, offset * sizeof *values,
                            count * sizeof *values, values, 0, NULL, NULL);
    bool ok = bench_check_cl(code, "reading the network", error);
    if (ok && fwrite(values, sizeof *values, count, file) != count)
        ok = bench_fail(error, "the data for PyTorch could not be written to a temporary file");
    free(values);
    return ok;
}

/* What torch_step.py reads. */
static bool train_write_data(FILE *file, const bench_train *train, bench_error *error) {
    const size_t *sides = train_sides(train);
    bool ok = train_write(file, train, train->x, 0, sides[0] * sides[1], error) &&
              train_write(file, train, train->classes, 0, sides[0], error);
    for (size_t i = 0; ok && i < train_num_layers(train); ++i) {
        clact_matrix weight, bias;
        const size_t units = sides[i + 2];
        ok = train_check(train, clact_net_layer(train->net, i, NULL, &weight, &bias), error) &&
             train_write(file, train, weight.buffer, weight.offset, units * sides[i + 1], error) &&
             train_write(file, train, bias.buffer, bias.offset, units, error);
    }
    return ok;
}

static bool train_start(bench_train *train, const char *path, unsigned threads,
                        bench_error *error) {
    const char *python = getenv("CLACT_PYTHON");
    char count[16], shape[BENCH_SHAPE_SIZE], lr[16], momentum[16];
    const char *answer;
    bench_error inner;
    snprintf(count, sizeof count, "%u", threads);
    snprintf(lr, sizeof lr, "%g", (double)TRAIN_LR);
    snprintf(momentum, sizeof momentum, "%g", (double)TRAIN_MOMENTUM);
    bench_shape_text(&train->layer->shape, shape);
    const char *const arguments[] = {python && *python ? python : "python3",
                                     "-c",
                                     bench_torch_source,
                                     path,
                                     count,
                                     train->layer->info.name,
                                     shape,
                                     lr,
                                     momentum,
                                     NULL};
    /* its OpenMP threads would spin on the cores that its BLAS has threads on, and be slower */
    setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
    if (!bench_child_open(arguments, &train->torch, error)) return false;
    if (bench_child_ask(&train->torch, NULL, &answer, &inner) &&
        sscanf(answer, "ready %63s %f %f %f", train->torch_version, &train->torch_losses[0],
               &train->torch_losses[1], &train->torch_losses[2]) == 4)
        return true;
    return bench_fail(error,
                      "--peer torch runs %s, which has not answered as it should (its words are "
                      "above); it needs PyTorch and NumPy, on Debian python3-torch; CLACT_PYTHON "
                      "names another Python",
                      arguments[0]);
}

/* The file is gone once PyTorch has read it. */
static bool train_open_torch(bench_train *train, unsigned threads, bench_error *error) {
    const char *folder = getenv("TMPDIR");
    char path[512];
    snprintf(path, sizeof path, "%s/clact-bench-XXXXXX", folder && *folder ? folder : "/tmp");
    const int descriptor = mkstemp(path);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "wb") : NULL;
    if (file == NULL)
        return bench_fail(error, "no temporary file can be made as %s; set TMPDIR", path);
    bool ok = train_write_data(file, train, error);
    if (fclose(file) != 0 && ok) ok = bench_fail(error, "cannot write %s", path);
    ok = ok && train_start(train, path, threads, error);
    remove(path);
    return ok;
}

/* ---- ----------------------------------------------------------------------------------------- */

static bool train_first_steps(bench_train *train, bench_error *error) {
    for (int i = 0; i < BENCH_TRAIN_STEPS; ++i) {
        clact_matrix loss;
        if (!train_step(train, &loss, error)) return false;
        const cl_int code = clEnqueueReadBuffer(train->device->queue, loss.buffer, CL_TRUE,
                                                loss.offset * sizeof(float), sizeof(float),
                                                &train->losses[i], 0, NULL, NULL);
        if (!bench_check_cl(code, "reading a loss", error)) return false;
    }
    return true;
}

bool bench_train_open(const picked_device *device, const bench_layer *layer, bool with_peer,
                      unsigned threads, bench_train *train, bench_task tasks[BENCH_MAX_TASKS],
                      bench_error *error) {
    *train = (bench_train){.device = device, .layer = layer};
    tasks[BENCH_TASK_SUBJECT] = (bench_task){.run = train_run, .user = train};
    if (with_peer) tasks[BENCH_TASK_PEER] = (bench_task){.run = train_run_torch, .user = train};
    return train_create_batch(train, error) && train_create_net(train, error) &&
           (!with_peer || train_open_torch(train, threads, error)) &&
           train_first_steps(train, error);
}

void bench_train_close(bench_train *train) {
    bench_child_close(&train->torch);
    clact_net_destroy(train->net);
    if (train->x) clReleaseMemObject(train->x);
    if (train->classes) clReleaseMemObject(train->classes);
    *train = (bench_train){.device = NULL};
}

const char *bench_train_peer_version(const bench_train *train) {
    return train->torch_version;
}

bool bench_train_compare(const bench_train *train, bench_error *error) {
    for (int i = 0; i < BENCH_TRAIN_STEPS; ++i) {
        if (fabsf(train->losses[i] - train->torch_losses[i]) <= 1e-3f * train->losses[i]) continue;
        return bench_fail(error,
                          "the loss of step %d is %.7g by PyTorch and %.7g by clact; nothing can "
                          "be said of their times",
                          i + 1, (double)train->torch_losses[i], (double)train->losses[i]);
    }
    return true;
}
