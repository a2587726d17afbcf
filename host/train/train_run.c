/* train_run.c: epochs of minibatches over a dataset on one device. */
#include "train_run.h"

#include "cli_common.h"
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_AHEAD = 32 }; /* the host must not run too far ahead of the device */

typedef struct run {
    const train_job *job;
    const train_settings *settings;
    clact_net *net;
    train_feed feed;
    train_progress *progress;
    size_t first;      /* epoch of this run */
    size_t steps_each; /* steps of an epoch */
    cl_mem losses;     /* one a step */
    float *losses_read, *outputs_read;
    layer_health *layers;
    float *spare[3];     /* where parameters and states are read to */
    double start, drawn; /* of the progress bar */
    char caption[96];
    char *message;
    size_t size;
} run;

void train_progress_clear(train_progress *p) {
    free(p->parameters);
    free(p->states[0]);
    free(p->states[1]);
    free(p->best);
    *p = (train_progress){0};
}

/* ---- progress ---- */

static bool make_room(float **values, size_t count) {
    if (!*values) *values = malloc((count + 1) * sizeof **values);
    return *values != NULL;
}

/* Room for what is kept of an epoch. */
static bool progress_init(run *r) {
    train_progress *p = r->progress;
    const unsigned states = clact_optimizer_states(r->settings->optimizer.kind);
    clact_net_array(r->net, CLACT_NET_PARAMETERS, NULL, &p->count);
    bool done = r->settings->patience == 0 || make_room(&p->best, p->count);
    for (unsigned k = 0; k <= states && done; k++)
        done = make_room(k == 0 ? &p->parameters : &p->states[k - 1], p->count) &&
               make_room(&r->spare[k], p->count);
    return done || cli_fail(r->message, r->size, "out of memory");
}

/* Reads everything before anything of the last whole epoch is given up. */
static bool take_progress(run *r, const train_epoch *e) {
    train_progress *p = r->progress;
    float **const kept[] = {&p->parameters, &p->states[0], &p->states[1]};
    static const clact_net_part parts[] = {CLACT_NET_PARAMETERS, CLACT_NET_FIRST_STATE,
                                           CLACT_NET_SECOND_STATE};
    if (!r->job->keeps && r->settings->patience == 0) return true;
    for (int k = 0; k < 3; k++)
        if (!train_read_part(r->job->place.device, r->net, parts[k], r->spare[k], r->message,
                             r->size))
            return false;
    for (int k = 0; k < 3; k++) {
        float *before = *kept[k];
        *kept[k] = r->spare[k];
        r->spare[k] = before;
    }
    p->epoch = e->epoch;
    p->steps = clact_net_steps(r->net);
    if (p->best && (p->best_epoch == 0 || e->held_out.loss < p->best_loss)) {
        p->best_epoch = e->epoch;
        p->best_loss = e->held_out.loss;
        memcpy(p->best, p->parameters, p->count * sizeof *p->best);
    }
    return true;
}

static bool put_progress(run *r) {
    const train_progress *p = r->progress;
    const picked_device *device = r->job->place.device;
    clact_net_set_steps(r->net, p->steps);
    return train_write_part(device, r->net, CLACT_NET_PARAMETERS, p->parameters, r->message,
                            r->size) &&
           train_write_part(device, r->net, CLACT_NET_FIRST_STATE, p->states[0], r->message,
                            r->size) &&
           train_write_part(device, r->net, CLACT_NET_SECOND_STATE, p->states[1], r->message,
                            r->size);
}

/* ---- one epoch ---- */

static void add_times(clact_net_times *to, clact_net *net) {
    clact_net_times times = {0};
    clact_net_collect_times(net, &times);
    to->gemm += times.gemm;
    to->activation += times.activation;
    to->other += times.other;
}

static bool is_stopped(const run *r) {
    return r->job->stop && *r->job->stop;
}

static void draw_bar(run *r, size_t epoch, size_t rows) {
    const size_t n = r->feed.num_train;
    if (!progress_on_terminal() || progress_seconds() - r->drawn < 0.1) return;
    r->drawn = progress_seconds();
    progress_draw(r->caption, (epoch - r->first) * n + rows,
                  (r->settings->epochs - r->first + 1) * n, r->drawn - r->start);
}

/* The rows of step `step` of an epoch */
static size_t rows_of(const run *r, size_t step) {
    const size_t left = r->feed.num_train - step * r->settings->batch;
    return left < r->settings->batch ? left : r->settings->batch;
}

static bool train_step(run *r, size_t epoch, size_t step, double *lr) {
    const train_settings *s = r->settings;
    const size_t at = step * s->batch;
    clact_matrix loss;
    *lr = schedule_rate(&s->schedule, (double)s->lr, (epoch - 1) * r->steps_each + step,
                        r->steps_each, s->epochs);
    const clact_status status = clact_net_step(r->net, rows_of(r, step), train_feed_x(&r->feed, at),
                                               train_feed_y(&r->feed, at), (float)*lr, &loss);
    if (status != CLACT_SUCCESS)
        return train_explain(r->job->place.device, status, r->message, r->size);
    return clEnqueueCopyBuffer(r->job->place.device->queue, loss.buffer, r->losses, 0,
                               step * sizeof(float), sizeof(float), 0, NULL, NULL) == CL_SUCCESS ||
           cli_fail(r->message, r->size, "the losses could not be copied");
}

static bool mean_loss(run *r, double *loss) {
    if (clEnqueueReadBuffer(r->job->place.device->queue, r->losses, CL_TRUE, 0,
                            r->steps_each * sizeof(float), r->losses_read, 0, NULL,
                            NULL) != CL_SUCCESS)
        return cli_fail(r->message, r->size, "the losses could not be read");
    *loss = 0.0;
    for (size_t i = 0; i < r->steps_each; i++)
        *loss += (double)r->losses_read[i] * (double)rows_of(r, i) / (double)r->feed.num_train;
    return true;
}

static train_end diverged(run *r, size_t epoch) {
    cli_fail(r->message, r->size,
             "the loss is no longer a number in epoch %zu; train again with a lower --lr", epoch);
    return TRAIN_DIVERGED;
}

static bool score_held_out(run *r, score *out) {
    const train_job *job = r->job;
    const size_t rows = job->data->rows - job->num_train;
    if (!train_net_outputs(&job->place, r->net, r->feed.x_test, rows, r->outputs_read, r->message,
                           r->size))
        return false;
    *out = score_outputs(r->settings->loss, r->outputs_read, job->place.outputs,
                         job->data->label + job->num_train, rows, job->label_deviation);
    return true;
}

static train_end train_epoch_run(run *r, train_epoch *e, train_result *result) {
    clact_net_times unused = {0};
    const double start = progress_seconds();
    if (!train_feed_deal(&r->feed, e->epoch, r->message, r->size)) return TRAIN_FAILED;
    for (size_t step = 0; step < r->steps_each; step++) {
        if (is_stopped(r)) return TRAIN_INTERRUPTED;
        if (!train_step(r, e->epoch, step, &e->lr)) return TRAIN_FAILED;
        if (step % STEPS_AHEAD < STEPS_AHEAD - 1) continue;
        add_times(&result->times, r->net); /* which waits, and lets go of their events */
        draw_bar(r, e->epoch, step * r->settings->batch);
    }
    if (!mean_loss(r, &e->loss)) return TRAIN_FAILED;
    e->seconds = progress_seconds() - start;
    add_times(&result->times, r->net);
    if (!isfinite(e->loss)) return diverged(r, e->epoch);
    if (!score_held_out(r, &e->held_out)) return TRAIN_FAILED;
    if (!isfinite(e->held_out.loss)) return diverged(r, e->epoch);
    if (r->layers && !train_health_find(&r->job->place, r->net, &r->feed, r->layers, e->num_layers,
                                        r->message, r->size))
        return TRAIN_FAILED;
    add_times(&unused, r->net); /* of the evaluation */
    return TRAIN_FINISHED;
}

/* ---- all of them ---- */

static train_end run_epochs(run *r, train_result *result) {
    const train_settings *s = r->settings;
    const train_progress *p = r->progress;
    r->start = progress_seconds();
    for (size_t epoch = p->epoch + 1; epoch <= s->epochs; epoch++) {
        train_epoch e = {.epoch = epoch, .layers = r->layers, .num_layers = s->num_layers + 1};
        const train_end end = train_epoch_run(r, &e, result);
        if (end != TRAIN_FINISHED) return end;
        if (!take_progress(r, &e)) return TRAIN_FAILED;
        result->train_seconds += e.seconds;
        result->epochs++;
        result->last = e;
        result->last.layers = NULL;
        snprintf(r->caption, sizeof r->caption,
                 s->loss == CLACT_LOSS_MSE ? "epoch %zu/%zu loss %.4f RMSE %.4g"
                                           : "epoch %zu/%zu loss %.4f accuracy %.4f",
                 epoch, s->epochs, e.loss, e.held_out.value);
        r->job->report(r->job->user, &e);
        draw_bar(r, epoch + 1, 0);
        if (s->patience > 0 && epoch - p->best_epoch >= s->patience) return TRAIN_STOPPED;
    }
    return TRAIN_FINISHED;
}

/* Full batches, the last of an epoch, and the last of the held-out rows each have their shape. */
static bool warm_up(run *r) {
    const size_t batch = r->settings->batch, held_out = r->job->data->rows - r->feed.num_train;
    const size_t shapes[] = {batch, r->feed.num_train % batch, held_out % batch};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        if (shapes[i] == 0) continue;
        const clact_status status = clact_net_warm_up(r->net, shapes[i]);
        if (status != CLACT_SUCCESS)
            return train_explain(r->job->place.device, status, r->message, r->size);
    }
    return true;
}

/* The second half of LSUV, on the first batch of the first epoch */
static bool scale_to_unit_variance(run *r) {
    if (!train_feed_deal(&r->feed, 1, r->message, r->size)) return false;
    const clact_status status =
        clact_net_unit_variance(r->net, rows_of(r, 0), train_feed_x(&r->feed, 0));
    return status == CLACT_SUCCESS ||
           train_explain(r->job->place.device, status, r->message, r->size);
}

static bool acquire(run *r) {
    const train_job *job = r->job;
    const size_t held_out = job->data->rows - job->num_train;
    if (!train_net_create(&job->place, r->settings, r->progress->epoch > 0, &r->net, r->message,
                          r->size) ||
        !train_feed_init(&r->feed, job->place.device, job->data, job->num_train,
                         r->settings->loss == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, r->settings->seed,
                         r->message, r->size) ||
        !progress_init(r))
        return false;
    r->losses = clCreateBuffer(job->place.device->context, CL_MEM_READ_WRITE,
                               r->steps_each * sizeof(float), NULL, NULL);
    r->losses_read = malloc(r->steps_each * sizeof *r->losses_read);
    r->outputs_read = malloc((held_out * job->place.outputs + 1) * sizeof *r->outputs_read);
    if (job->place.health) r->layers = calloc(r->settings->num_layers + 1, sizeof *r->layers);
    return (r->losses && r->losses_read && r->outputs_read && (r->layers || !job->place.health)) ||
           cli_fail(r->message, r->size, "out of memory");
}

static void release(run *r) {
    train_feed_clear(&r->feed);
    if (r->losses) clReleaseMemObject(r->losses);
    free(r->losses_read);
    free(r->outputs_read);
    free(r->layers);
    for (int k = 0; k < 3; k++)
        free(r->spare[k]);
    clact_net_destroy(r->net);
}

train_end train_run(const train_job *job, train_progress *progress, train_result *result,
                    char *message, size_t size) {
    const size_t batch = job->settings->batch;
    run r = {.job = job,
             .settings = job->settings,
             .progress = progress,
             .first = progress->epoch + 1,
             .steps_each = (job->num_train + batch - 1) / batch,
             .caption = "epoch 1",
             .message = message,
             .size = size};
    train_end end = TRAIN_FAILED;
    clact_net_times unused = {0};
    *result = (train_result){0};
    const double start = progress_seconds();
    bool done = acquire(&r) && warm_up(&r);
    if (done && progress->epoch > 0) done = put_progress(&r);
    if (done && progress->epoch == 0 && job->settings->init == TRAIN_INIT_LSUV)
        done = scale_to_unit_variance(&r);
    if (done) add_times(&unused, r.net);
    result->warm_up_seconds = progress_seconds() - start;
    if (done) end = run_epochs(&r, result);
    clFinish(job->place.device->queue);
    release(&r);
    return end;
}
