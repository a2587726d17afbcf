/* device.h (L1): what the library needs to know of a device. */
#ifndef CORE_DEVICE_H
#define CORE_DEVICE_H

#include "clact/clact.h"

/* True for a device that has a compiler and the full profile of OpenCL 1.2. */
bool device_is_usable(cl_device_id device);

/* The most work-items of a work-group of one dimension. */
size_t device_most_local(cl_device_id device);

#endif
