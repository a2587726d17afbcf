/* lab_vanishing.c: see lab.def. */
#include "lab.h"

bool lab_vanishing(picked_device *device, const lab_options *options, lab_report *report,
                   char *message, size_t size) {
    (void)device;
    (void)options;
    (void)report;
    return cli_fail(message, size, "this experiment is not there yet");
}
