/* lab_net.h: networks of equal hidden layers on the bundled digits, as experiments need them.
 *
 * Products are clact's own, so that a report has the same numbers on every IEEE 754 device. What
 * can fail returns false with a sentence.
 */
#ifndef LAB_NET_H
#define LAB_NET_H

#include "lab.h"
#include "lab_device.h"
#include "train_feed.h"

enum { LAB_INPUTS = 64, LAB_CLASSES = 10 }; /* of the digits */

/* The digits on the host and the device: `train` rows, then `held_out` rows; every input has mean 0
 * and deviation 1 over the first. Does not move while it is open. */
typedef struct lab_digits {
    dataset data;
    size_t train, held_out;
    cl_mem x, label; /* of all rows; labels are int32 */
    train_feed feed; /* of the training rows, shuffled */
} lab_digits;

bool lab_digits_open(picked_device *device, lab_digits *out, char *message, size_t size);
void lab_digits_close(lab_digits *digits); /* all zero is fine */

/* `depth` hidden layers of `width` units on the digits, and an output layer of LAB_CLASSES. */
typedef struct lab_plan {
    size_t depth, width, max_rows;
    const clact_sweep *activation; /* of the hidden layers */
    clact_init init;
    float init_scale;
    clact_loss_kind loss;
    float max_norm; /* of the gradients of a step; 0: any */
    uint64_t seed;
} lab_plan;

/* Made to keep health, and trained by plain SGD. */
bool lab_net_create(picked_device *device, const lab_plan *plan, clact_net **out, char *message,
                    size_t size);

/* Compiles in one build what nets of these activations need: to be watched, and with `training` to
 * be trained and used. */
bool lab_compile(picked_device *device, const clact_sweep *activations, size_t count,
                 clact_loss_kind loss, bool training, char *message, size_t size);

/* Gradients and health over rows from row `first` of the digits; target NULL for their labels. */
bool lab_watch(picked_device *device, clact_net *net, const lab_digits *digits, size_t first,
               size_t rows, cl_mem target, char *message, size_t size);

/* What lab_watch has seen in layer i of so many units: records[units + 1], the last of them all. */
bool lab_health(picked_device *device, clact_net *net, size_t i, size_t units, bool backward,
                clact_health *records, char *message, size_t size);

/* A copy of parameters or gradients, which the caller frees. */
bool lab_copy_part(picked_device *device, clact_net *net, clact_net_part part, float **values,
                   size_t *count, char *message, size_t size);

/* An epoch of SGD over batches of 64, shuffled as seed and epoch decide. *loss is that of its last
 * whole batch, perhaps no number. */
bool lab_epoch(picked_device *device, clact_net *net, lab_digits *digits, float lr, uint64_t seed,
               size_t epoch, float *loss, char *message, size_t size);

/* The share of held-out rows that the net has right. Its max_rows is no less than their number. */
bool lab_accuracy(picked_device *device, clact_net *net, const lab_digits *digits, double *share,
                  char *message, size_t size);

/* Tells the caller how far it is, where he wants to know. */
void lab_progress(const lab_options *options, const char *what, double done);

#endif
