/* create.c (L3): creation of a context, with a self-test when one is asked for. */
#include "context.h"

clact_status clact_context_create(cl_context context, cl_device_id device,
                                  const clact_context_options *options, clact_context **out) {
    if (out) *out = NULL;
    if (!out) return CLACT_INVALID_ARGUMENT;
    clact_context *c = NULL;
    clact_status status = context_create(context, device, options, &c);
    if (status != CLACT_SUCCESS) return status;
    if (options && options->self_test != CLACT_SELF_TEST_OFF) {
        clact_self_test_report report = {.struct_size = sizeof report};
        status = clact_context_self_test(c, &report);
        if (options->report) *options->report = report;
        if (status == CLACT_SUCCESS && !report.passed &&
            options->self_test == CLACT_SELF_TEST_REFUSE)
            status = CLACT_DEVICE;
    }
    if (status == CLACT_SUCCESS)
        *out = c;
    else
        clact_context_destroy(c);
    return status;
}
