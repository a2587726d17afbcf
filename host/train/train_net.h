/* train_net.h: the network of a training or a model on a device, and its outputs for many rows. */
#ifndef TRAIN_NET_H
#define TRAIN_NET_H

#include "device_pick.h"
#include "train_settings.h"

/* What of a network the settings do not say */
typedef struct train_net_place {
    picked_device *device;
    const clact_gemm_tuning *gemm; /* NULL for what ships */
    size_t inputs, outputs;
    size_t max_rows;
    bool timing, health;
} train_net_place;

/* The hidden layers and the output layer. Where parameters will be written anyway, `blank` spares
 * the initial ones. On failure a sentence. */
bool train_net_create(const train_net_place *place, const train_settings *settings, bool blank,
                      clact_net **out, char *message, size_t size);

/* Columns of the output layer */
size_t train_outputs(const train_settings *settings, size_t num_classes);

/* "status: message of the context"; returns false. */
bool train_explain(const picked_device *device, clact_status status, char *message, size_t size);

/* Copies part of a net to the host, or back. A part that is not there has the count 0. */
bool train_read_part(const picked_device *device, clact_net *net, clact_net_part part,
                     float *values, char *message, size_t size);
bool train_write_part(const picked_device *device, clact_net *net, clact_net_part part,
                      const float *values, char *message, size_t size);

/* The net's outputs for rows x inputs that stand in a buffer: rows x outputs. Waits. */
bool train_net_outputs(const train_net_place *place, clact_net *net, cl_mem x, size_t rows,
                       float *outputs, char *message, size_t size);

#endif
