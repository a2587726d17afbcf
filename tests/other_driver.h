/* other_driver.h: another device or driver, or one that refuses; the linker wraps its calls
 * (--wrap). */
#ifndef OTHER_DRIVER_H
#define OTHER_DRIVER_H

#include <clact/clact.h>

#include <stdatomic.h>

/* What is not to be had of it; binaries, builds and kernels: of programs made from a binary. */
typedef enum driver_refusal {
    DRIVER_TAKES_ALL,
    DRIVER_NO_BINARY,
    DRIVER_BAD_STATUS, /* a program all the same, but the binary is said to be none */
    DRIVER_NO_BUILD,
    DRIVER_NO_KERNEL,
    DRIVER_NO_SIZES /* nor the binary of any program */
} driver_refusal;

/* In force until it is set back. */
extern struct other_driver {
    cl_uint changed_key; /* what clGetDeviceInfo or clGetPlatformInfo says otherwise; 0: nothing */
    bool no_identity;    /* it does not say all it is asked */
    driver_refusal refusal;
} other_driver;

extern atomic_int other_driver_programs; /* references to programs that are held */

#endif
