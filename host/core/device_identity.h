/* device_identity.h (L1): what decides the code that a device's compiler makes. */
#ifndef CORE_DEVICE_IDENTITY_H
#define CORE_DEVICE_IDENTITY_H

#include "clact/clact.h"
#include "sha256.h"

/* Adds the names and versions of device, driver and platform and, of a CPU, the features of the
 * processor. False where the driver does not say. */
bool device_identity_add(cl_device_id device, sha256 *hash);

#endif
