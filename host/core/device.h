/* device.h (L1): what the library needs to know of a device. */
#ifndef CORE_DEVICE_H
#define CORE_DEVICE_H

#include "clact/clact.h"

/* True for a device that has a compiler and OpenCL 1.2; otherwise *reason says what it lacks. */
bool device_is_usable(cl_device_id device, const char **reason);

/* Work-items of a work-group, fixed at compile time. */
size_t device_local_size(const clact_device_info *info);

#endif
