/* warm_up.c (L3): compile the kernels of many descriptors at once. */
#include "descriptor.h"
#include "plan.h"
#include "product_plan.h"
#include "row_specs.h"
#include "update_specs.h"

#include "clact/product.h"

#include <stdlib.h>

static clact_status check_all(clact_context *context, const clact_descriptors *d) {
    clact_status status = CLACT_SUCCESS;
    if ((d->num_sweeps > 0 && !d->sweeps) || (d->num_softmaxes > 0 && !d->softmaxes) ||
        (d->num_losses > 0 && !d->losses) || (d->num_optimizers > 0 && !d->optimizers))
        return context_fail(context, CLACT_INVALID_ARGUMENT,
                            "sweeps, softmaxes, losses or optimizers is NULL, but its number is "
                            "not 0");
    for (size_t i = 0; i < d->num_sweeps && status == CLACT_SUCCESS; i++)
        status = descriptor_check(context, &d->sweeps[i], d->has_backward);
    for (size_t i = 0; i < d->num_softmaxes && status == CLACT_SUCCESS; i++)
        status = softmax_check(context, &d->softmaxes[i]);
    for (size_t i = 0; i < d->num_losses && status == CLACT_SUCCESS; i++)
        status = loss_check(context, &d->losses[i]);
    for (size_t i = 0; i < d->num_optimizers && status == CLACT_SUCCESS; i++) {
        char problem[128];
        status = clact_optimizer_check(&d->optimizers[i], problem, sizeof problem);
        if (status != CLACT_SUCCESS) return context_fail(context, status, "%s", problem);
    }
    return status;
}

/* The float32 product, and those with a sweep. */
static size_t list_products(const clact_context *context, const clact_descriptors *d,
                            kernel_spec *specs) {
    const product_tile tile = product_plan_tile(context, CLACT_F32);
    size_t n = 0;
    specs[n++] = product_plan_kernel(tile, CLACT_F32, NULL);
    for (size_t i = 0; i < d->num_sweeps; i++)
        if (d->sweeps[i].dtype == CLACT_F32 && clact_multiply_takes(&d->sweeps[i]))
            specs[n++] = product_plan_kernel(tile, CLACT_F32, &d->sweeps[i]);
    return n;
}

static size_t list_all(const clact_context *context, const clact_descriptors *d,
                       kernel_spec *specs) {
    size_t n = d->has_products ? list_products(context, d, specs) : 0;
    for (size_t i = 0; i < d->num_sweeps; i++) {
        n += plan_kernels(&d->sweeps[i], PLAN_FORWARD, specs + n);
        if (d->has_backward) n += plan_kernels(&d->sweeps[i], PLAN_BACKWARD, specs + n);
    }
    for (size_t i = 0; i < d->num_softmaxes; i++)
        n += softmax_specs(&d->softmaxes[i], d->has_backward, specs + n);
    for (size_t i = 0; i < d->num_losses; i++)
        n += loss_specs(&d->losses[i], specs + n);
    for (size_t i = 0; i < d->num_optimizers; i++)
        n += update_specs(&d->optimizers[i], specs + n);
    if (d->has_norm) n += norm_specs(specs + n);
    return n;
}

clact_status clact_warm_up_all(clact_context *context, const clact_descriptors *descriptors) {
    if (!context) return CLACT_INVALID_ARGUMENT;
    if (!descriptors) return context_fail(context, CLACT_INVALID_ARGUMENT, "descriptors is NULL");
    const clact_status status = check_all(context, descriptors);
    if (status != CLACT_SUCCESS) return status;
    const size_t products = descriptors->has_products ? descriptors->num_sweeps + 1 : 0;
    const size_t most = products + 2 * PLAN_MAX_KERNELS * descriptors->num_sweeps +
                        SOFTMAX_MOST_SPECS * descriptors->num_softmaxes +
                        LOSS_MOST_SPECS * descriptors->num_losses +
                        UPDATE_SPECS * descriptors->num_optimizers +
                        (descriptors->has_norm ? (size_t)NORM_SPECS : 0);
    if (most == 0) return CLACT_SUCCESS;
    kernel_spec *specs = calloc(most, sizeof *specs);
    if (!specs) return context_fail(context, CLACT_MEMORY, "out of host memory");
    const clact_status built =
        context_ensure(context, specs, list_all(context, descriptors, specs));
    free(specs);
    return built;
}

clact_status clact_warm_up(clact_context *context, const clact_sweep *sweeps, size_t count,
                           bool has_backward) {
    const clact_descriptors descriptors = {
        .sweeps = sweeps, .num_sweeps = count, .has_backward = has_backward};
    return clact_warm_up_all(context, &descriptors);
}
