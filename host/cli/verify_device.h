/* verify_device.h: an evaluator for host/verify that runs on an opened device. */
#ifndef VERIFY_DEVICE_H
#define VERIFY_DEVICE_H

#include "device_pick.h"
#include "verify.h"

typedef struct verify_device {
    picked_device *picked;
    cl_mem saved, dy; /* results take the place of inputs */
    size_t bytes;     /* of each */
    char message[1024];
} verify_device;

/* Makes the buffers. On failure false, with the reason in d->message. */
bool verify_device_open(verify_device *d, picked_device *picked);

/* Accepts one that was never opened (all zero). */
void verify_device_close(verify_device *d);

/* Compiles the sweeps of a case in both tiers at once, so that evaluating does not. */
bool verify_device_prepare(verify_device *d, const verify_case *cases, size_t count);

/* A verify_evaluate; user is the verify_device. */
bool verify_device_evaluate(void *user, const verify_case *c, size_t n, const void *input,
                            const void *dy, void *output);

#endif
