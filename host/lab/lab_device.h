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

/* Copies count floats at the start of a buffer, after all that is enqueued; waits. */
bool lab_write(const picked_device *device, cl_mem buffer, const float *values, size_t count,
               char *message, size_t size);
bool lab_read(const picked_device *device, clact_matrix from, float *values, size_t count,
              char *message, size_t size);

/* A number in [0, 1) of 53 bits, the next of clact_random_next. */
double lab_random(uint64_t *state);

#endif
