/* lab_device.h: buffers and transfers on the device of an experiment. */
#ifndef LAB_DEVICE_H
#define LAB_DEVICE_H

#include "train_net.h"

/* A buffer of `count` floats, at least one, that hold these values unless NULL. NULL with a
 * sentence where the device has no memory for it. */
cl_mem lab_buffer(const picked_device *device, const float *values, size_t count, char *message,
                  size_t size);

/* Releases count buffers; NULL is ignored. */
void lab_release(const cl_mem *buffers, size_t count);

/* Copies count floats to the start of a buffer, after all that is enqueued; waits. */
bool lab_write(const picked_device *device, cl_mem buffer, const float *values, size_t count,
               char *message, size_t size);

/* Copies count floats that stand one after the other from from.offset on, whatever from.ld says;
 * waits likewise. */
bool lab_read(const picked_device *device, clact_matrix from, float *values, size_t count,
              char *message, size_t size);

#endif
