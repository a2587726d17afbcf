/* device_probe.h: what float32 arithmetic on the device does where IEEE 754 and devices part. */
#ifndef CLACT_TESTS_DEVICE_PROBE_H
#define CLACT_TESTS_DEVICE_PROBE_H

#include "device_fixture.h"

typedef struct device_arithmetic {
    bool flushes;         /* takes subnormals for 0, or gives 0 for them; or may, says the driver */
    bool loses_zero_sign; /* fma(-1, 0, 0) is -0, as where fma returns a b for every c = 0 */
} device_arithmetic;

device_arithmetic device_probe(fixture *f);

#endif
