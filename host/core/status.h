/* status.h (L0): names of OpenCL's status codes, for messages. */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

#include "clact/clact.h"

/* "CL_OUT_OF_RESOURCES" and so on; never NULL. */
const char *status_opencl_name(cl_int code);

#endif
