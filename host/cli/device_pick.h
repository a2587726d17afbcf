/* device_pick.h: choose and open an OpenCL device by the user's words; for programs. */
#ifndef DEVICE_PICK_H
#define DEVICE_PICK_H

#include <clact/clact.h>

typedef struct picked_device {
    unsigned index; /* in the order `clact devices` lists */
    cl_device_id device;
    cl_context context;
    cl_command_queue queue; /* in order, profiling on */
    clact_context *clact;
    clact_device_info info;
} picked_device;

/* Every OpenCL device of every platform, platform order then device order. Returns how many there
 * are; writes at most max of them. */
unsigned device_list(cl_device_id *devices, unsigned max);

/* The index a program takes when the user names none: the first GPU, else 0. */
unsigned device_default(const cl_device_id *devices, unsigned count);

/* Runs clact's self-test on the device, in a clact_context of its own, so that the compiler's time
 * does not count elsewhere. with_cache: compiled programs are kept in cache_place's folder. The
 * report is filled whatever comes back; its message says what failed, or why it could not be run.
 */
clact_status device_self_test(cl_context context, cl_device_id device, bool with_cache,
                              clact_self_test_report *report);

/* selector: NULL for the default, a number as `clact devices` prints it, or a part of a device's
 * name in any letter case. A device that fails the self-test is refused, unless the selector has
 * "insist:" before it ("insist:" alone insists on the default). with_cache: as above. tuning: as
 * tuning_pick.h has it. On failure returns false, writes one sentence that says what to do, and
 * leaves *out closed. */
bool device_open(const char *selector, bool with_cache, const char *tuning, picked_device *out,
                 char *message, size_t message_size);

/* Accepts a device that was never opened (all zero). */
void device_close(picked_device *device);

#endif
