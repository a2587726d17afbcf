/* train_feed.h: the rows of a training on the device, shuffled anew for each epoch. */
#ifndef TRAIN_FEED_H
#define TRAIN_FEED_H

#include "dataset.h"
#include "device_pick.h"

typedef struct train_feed {
    const picked_device *device;
    const dataset *data;
    size_t num_train;
    uint64_t seed;
    bool of_classes;         /* labels are class indices */
    size_t *order;           /* of the training rows in this epoch */
    float *x, *label;        /* shuffled training rows */
    int32_t *classes;        /* their labels as class indices */
    cl_mem x_train, y_train; /* the same on the device */
    cl_mem x_test;           /* the rows held out */
} train_feed;

/* data is scaled, the rows held out behind the first num_train, and outlives the feed. Waits for
 * the copy of the rows held out. On failure a sentence, and a feed that may only be cleared. */
bool train_feed_init(train_feed *feed, const picked_device *device, const dataset *data,
                     size_t num_train, bool of_classes, uint64_t seed, char *message, size_t size);
void train_feed_clear(train_feed *feed);

/* Shuffles the training rows as seed and epoch alone decide, and copies them to the device.
 * Waits for the copies. */
bool train_feed_deal(train_feed *feed, size_t epoch, char *message, size_t size);

/* Row `at` of the training rows and its label, on the device */
clact_matrix train_feed_x(const train_feed *feed, size_t at);
clact_matrix train_feed_y(const train_feed *feed, size_t at);

#endif
