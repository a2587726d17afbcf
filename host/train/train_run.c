/* train_run.c: epochs of minibatches over a dataset on one device. */
#include "train_run.h"

#include "cli_common.h"
#include "progress.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Host and device copies of one run's data. */
typedef struct run {
    picked_device *device;
    clact_net *net;
    const dataset *data;
    const train_settings *settings;
    size_t num_train, outputs;
    size_t *order;           /* of the training rows in this epoch */
    float *x, *label;        /* shuffled training rows */
    int32_t *classes;        /* their labels as class indices */
    float *outputs_read;     /* of the held-out rows */
    float *losses_read;      /* one a batch */
    cl_mem x_train, y_train; /* shuffled, written each epoch */
    cl_mem x_test, losses;
    uint64_t state;   /* of the shuffle */
    char caption[64]; /* of the progress bar */
} run;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool explain(const run *r, clact_status status, char *message, size_t size) {
    char text[512];
    clact_context_message(r->device->clact, text, sizeof text);
    return cli_fail(message, size, "%s: %s", clact_status_text(status), text);
}

static cl_mem new_buffer(const run *r, size_t count) {
    return clCreateBuffer(r->device->context, CL_MEM_READ_WRITE,
                          (count ? count : 1) * sizeof(float), NULL, NULL);
}

static bool acquire(run *r, char *message, size_t size) {
    const size_t inputs = r->data->inputs, held_out = r->data->rows - r->num_train;
    r->order = malloc(r->num_train * sizeof *r->order);
    r->x = malloc(r->num_train * inputs * sizeof *r->x);
    r->label = malloc(r->num_train * sizeof *r->label);
    r->outputs_read = malloc(held_out * r->outputs * sizeof *r->outputs_read);
    r->classes = malloc(r->num_train * sizeof *r->classes);
    r->losses_read = malloc(r->num_train * sizeof *r->losses_read);
    if (!r->order || !r->x || !r->label || !r->classes || !r->outputs_read || !r->losses_read)
        return cli_fail(message, size, "out of memory");
    r->x_train = new_buffer(r, r->num_train * inputs);
    r->y_train = new_buffer(r, r->num_train);
    r->x_test = new_buffer(r, held_out * inputs);
    r->losses = new_buffer(r, r->num_train);
    if (!r->x_train || !r->y_train || !r->x_test || !r->losses)
        return cli_fail(message, size, "the device has no memory for the data");
    for (size_t i = 0; i < r->num_train; i++)
        r->order[i] = i;
    const float *test = r->data->x + r->num_train * inputs;
    if (clEnqueueWriteBuffer(r->device->queue, r->x_test, CL_TRUE, 0,
                             held_out * inputs * sizeof *test, test, 0, NULL, NULL) != CL_SUCCESS)
        return cli_fail(message, size, "the data could not be written to the device");
    return true;
}

static void release(run *r) {
    const cl_mem buffers[] = {r->x_train, r->y_train, r->x_test, r->losses};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        if (buffers[i]) clReleaseMemObject(buffers[i]);
    free(r->order);
    free(r->x);
    free(r->label);
    free(r->classes);
    free(r->outputs_read);
    free(r->losses_read);
}

/* Shuffles the training rows and writes them to the device. */
static bool deal(run *r, char *message, size_t size) {
    const size_t inputs = r->data->inputs, n = r->num_train;
    for (size_t i = n - 1; i > 0; i--) {
        const size_t j = (size_t)(clact_random_next(&r->state) % (i + 1)), t = r->order[i];
        r->order[i] = r->order[j];
        r->order[j] = t;
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(r->x + i * inputs, r->data->x + r->order[i] * inputs, inputs * sizeof *r->x);
        r->label[i] = r->data->label[r->order[i]];
        r->classes[i] = (int32_t)r->label[i];
    }
    const cl_command_queue q = r->device->queue;
    const bool of_classes = r->settings->loss == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY;
    const void *const targets = of_classes ? (const void *)r->classes : r->label;
    if (clEnqueueWriteBuffer(q, r->x_train, CL_TRUE, 0, n * inputs * sizeof *r->x, r->x, 0, NULL,
                             NULL) != CL_SUCCESS ||
        clEnqueueWriteBuffer(q, r->y_train, CL_TRUE, 0, n * sizeof *r->label, targets, 0, NULL,
                             NULL) != CL_SUCCESS)
        return cli_fail(message, size, "the data could not be written to the device");
    return true;
}

/* One pass over the training rows; *loss is their mean loss while it went. */
static bool train_epoch(run *r, size_t epoch, double start, double *loss, char *message,
                        size_t size) {
    const train_settings *s = r->settings;
    const cl_command_queue q = r->device->queue;
    const bool bar = progress_on_terminal();
    if (!deal(r, message, size)) return false;
    size_t step = 0;
    for (size_t at = 0; at < r->num_train; at += s->batch, step++) {
        const size_t left = r->num_train - at, rows = left < s->batch ? left : s->batch;
        const clact_matrix x = {r->x_train, at * r->data->inputs, 0}, y = {r->y_train, at, 0};
        clact_matrix batch_loss;
        const clact_status status = clact_net_step(r->net, rows, x, y, s->lr, &batch_loss);
        if (status != CLACT_SUCCESS) return explain(r, status, message, size);
        if (clEnqueueCopyBuffer(q, batch_loss.buffer, r->losses, 0, step * sizeof(float),
                                sizeof(float), 0, NULL, NULL) != CL_SUCCESS)
            return cli_fail(message, size, "the losses could not be copied");
        if (step % 32 == 31) { /* the host must not run too far ahead */
            clFinish(q);
            if (bar)
                progress_draw(r->caption, (epoch - 1) * r->num_train + at + rows,
                              s->epochs * r->num_train, now() - start);
        }
    }
    if (clEnqueueReadBuffer(q, r->losses, CL_TRUE, 0, step * sizeof(float), r->losses_read, 0, NULL,
                            NULL) != CL_SUCCESS)
        return cli_fail(message, size, "the losses could not be read");
    *loss = 0.0;
    for (size_t at = 0, i = 0; i < step; at += s->batch, i++) {
        const size_t left = r->num_train - at, rows = left < s->batch ? left : s->batch;
        *loss += (double)r->losses_read[i] * (double)rows / (double)r->num_train;
    }
    return isfinite(*loss) ? true
                           : cli_fail(message, size,
                                      "the loss is no longer a number in epoch %zu; train again "
                                      "with a lower --lr",
                                      epoch);
}

static bool row_is_right(const float *output, size_t outputs, float label, clact_loss_kind loss) {
    if (loss == CLACT_LOSS_BCE_WITH_LOGITS) return (output[0] > 0.0f) == (label == 1.0f);
    size_t best = 0;
    for (size_t c = 1; c < outputs; c++)
        if (output[c] > output[best]) best = c;
    return (float)best == label;
}

/* Scores the network on the held-out rows. */
static bool evaluate(run *r, double label_scale, train_result *result, char *message, size_t size) {
    const size_t held_out = r->data->rows - r->num_train;
    double squares = 0.0;
    for (size_t at = 0; at < held_out; at += r->settings->batch) {
        const size_t left = held_out - at;
        const size_t rows = left < r->settings->batch ? left : r->settings->batch;
        const clact_matrix x = {r->x_test, at * r->data->inputs, 0};
        clact_matrix output;
        const clact_status status = clact_net_forward(r->net, rows, x, &output);
        if (status != CLACT_SUCCESS) return explain(r, status, message, size);
        if (clEnqueueReadBuffer(r->device->queue, output.buffer, CL_TRUE, 0,
                                rows * r->outputs * sizeof(float),
                                r->outputs_read + at * r->outputs, 0, NULL, NULL) != CL_SUCCESS)
            return cli_fail(message, size, "the outputs could not be read");
    }
    result->correct = 0;
    result->held_out = held_out;
    for (size_t i = 0; i < held_out; i++) {
        const float *output = r->outputs_read + i * r->outputs;
        const float label = r->data->label[r->num_train + i];
        squares += pow((double)(output[0] - label) * label_scale, 2.0);
        result->correct += row_is_right(output, r->outputs, label, r->settings->loss);
    }
    result->score = r->settings->loss == CLACT_LOSS_MSE
                        ? sqrt(squares / (double)held_out)
                        : (double)result->correct / (double)held_out;
    return true;
}

/* Full batches, the last of an epoch, and the last of the held-out rows each have their shape. */
static bool warm_up(run *r, char *message, size_t size) {
    const size_t batch = r->settings->batch, held_out = r->data->rows - r->num_train;
    const size_t shapes[] = {batch, r->num_train % batch, held_out % batch};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        if (shapes[i] == 0 || shapes[i] > r->num_train) continue;
        const clact_status status = clact_net_warm_up(r->net, shapes[i]);
        if (status != CLACT_SUCCESS) return explain(r, status, message, size);
    }
    return true;
}

static bool run_epochs(run *r, double label_scale, train_report *report, void *user,
                       train_result *result, char *message, size_t size) {
    const double start = now();
    double drawn = 0.0; /* when the bar was drawn last */
    for (size_t epoch = 1; epoch <= r->settings->epochs; epoch++) {
        clact_net_times times, unused;
        const double epoch_start = now();
        if (!train_epoch(r, epoch, start, &result->loss, message, size)) return false;
        result->train_seconds += now() - epoch_start;
        clact_net_collect_times(r->net, &times);
        result->times.gemm += times.gemm;
        result->times.activation += times.activation;
        result->times.other += times.other;
        if (!evaluate(r, label_scale, result, message, size)) return false;
        clact_net_collect_times(r->net, &unused); /* of the evaluation */
        const bool number = r->settings->loss == CLACT_LOSS_MSE;
        snprintf(r->caption, sizeof r->caption,
                 number ? "epoch %zu/%zu loss %.4f RMSE %.4g"
                        : "epoch %zu/%zu loss %.4f accuracy %.4f",
                 epoch, r->settings->epochs, result->loss, result->score);
        report(user, epoch, result->loss, result->score);
        if (progress_on_terminal() && now() - drawn > 0.1) {
            drawn = now();
            progress_draw(r->caption, epoch, r->settings->epochs, drawn - start);
        }
    }
    return true;
}

bool train_run(picked_device *device, clact_net *net, size_t outputs, const dataset *data,
               size_t num_train, const train_settings *settings, double label_scale,
               train_report *report, void *user, train_result *result, char *message,
               size_t message_size) {
    run r = {.device = device,
             .net = net,
             .data = data,
             .settings = settings,
             .num_train = num_train,
             .outputs = outputs,
             .state = settings->seed ^ 0x73687566666c65u,
             .caption = "epoch 1"};
    *result = (train_result){0};
    const double start = now();
    bool done = acquire(&r, message, message_size) && warm_up(&r, message, message_size);
    result->warm_up_seconds = now() - start;
    done = done && run_epochs(&r, label_scale, report, user, result, message, message_size);
    release(&r);
    return done;
}
