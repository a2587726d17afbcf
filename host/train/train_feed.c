/* train_feed.c: the rows of a training on the device, shuffled anew for each epoch. */
#include "train_feed.h"

#include "cli_common.h"

#include <clact/net.h>

#include <stdlib.h>
#include <string.h>

static cl_mem new_buffer(const train_feed *f, size_t count) {
    return clCreateBuffer(f->device->context, CL_MEM_READ_WRITE,
                          (count ? count : 1) * sizeof(float), NULL, NULL);
}

bool train_feed_init(train_feed *f, const picked_device *device, const dataset *data,
                     size_t num_train, bool of_classes, uint64_t seed, char *message, size_t size) {
    const size_t inputs = data->inputs, held_out = data->rows - num_train;
    *f = (train_feed){.device = device,
                      .data = data,
                      .num_train = num_train,
                      .seed = seed,
                      .of_classes = of_classes};
    f->order = malloc(num_train * sizeof *f->order);
    f->x = malloc(num_train * inputs * sizeof *f->x);
    f->label = malloc(num_train * sizeof *f->label);
    f->classes = malloc(num_train * sizeof *f->classes);
    if (!f->order || !f->x || !f->label || !f->classes)
        return cli_fail(message, size, "out of memory");
    f->x_train = new_buffer(f, num_train * inputs);
    f->y_train = new_buffer(f, num_train);
    f->x_test = new_buffer(f, held_out * inputs);
    if (!f->x_train || !f->y_train || !f->x_test)
        return cli_fail(message, size, "the device has no memory for the data");
    const float *test = data->x + num_train * inputs;
    if (held_out > 0 &&
        clEnqueueWriteBuffer(device->queue, f->x_test, CL_TRUE, 0, held_out * inputs * sizeof *test,
                             test, 0, NULL, NULL) != CL_SUCCESS)
        return cli_fail(message, size, "the data could not be written to the device");
    return true;
}

void train_feed_clear(train_feed *f) {
    const cl_mem buffers[] = {f->x_train, f->y_train, f->x_test};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        if (buffers[i]) clReleaseMemObject(buffers[i]);
    free(f->order);
    free(f->x);
    free(f->label);
    free(f->classes);
    *f = (train_feed){0};
}

/* An epoch's order rests on nothing before it, so that a training can go on from any epoch. */
static void shuffle(train_feed *f, size_t epoch) {
    uint64_t state = f->seed ^ 0x73687566666c65u;
    for (size_t i = 0; i < f->num_train; i++)
        f->order[i] = i;
    state = clact_random_next(&state) + epoch;
    for (size_t i = f->num_train - 1; i > 0; i--) {
        const size_t j = (size_t)(clact_random_next(&state) % (i + 1)), t = f->order[i];
        f->order[i] = f->order[j];
        f->order[j] = t;
    }
}

bool train_feed_deal(train_feed *f, size_t epoch, char *message, size_t size) {
    const size_t inputs = f->data->inputs, n = f->num_train;
    const cl_command_queue q = f->device->queue;
    shuffle(f, epoch);
    for (size_t i = 0; i < n; i++) {
        memcpy(f->x + i * inputs, f->data->x + f->order[i] * inputs, inputs * sizeof *f->x);
        f->label[i] = f->data->label[f->order[i]];
        if (f->of_classes) f->classes[i] = (int32_t)f->label[i];
    }
    const void *const targets = f->of_classes ? (const void *)f->classes : f->label;
    if (clEnqueueWriteBuffer(q, f->x_train, CL_TRUE, 0, n * inputs * sizeof *f->x, f->x, 0, NULL,
                             NULL) != CL_SUCCESS ||
        clEnqueueWriteBuffer(q, f->y_train, CL_TRUE, 0, n * sizeof *f->label, targets, 0, NULL,
                             NULL) != CL_SUCCESS)
        return cli_fail(message, size, "the data could not be written to the device");
    return true;
}

clact_matrix train_feed_x(const train_feed *f, size_t at) {
    return (clact_matrix){f->x_train, at * f->data->inputs, 0};
}

clact_matrix train_feed_y(const train_feed *f, size_t at) {
    return (clact_matrix){f->y_train, at, 0};
}
