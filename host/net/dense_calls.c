/* dense_calls.c: the public calls for one dense layer and for batches of them. */
#include "dense.h"
#include "dense_check.h"

#include <stdlib.h>

clact_status clact_dense_workspace(const clact_dense *layer, bool backward, size_t rows,
                                   size_t *bytes) {
    if (!layer || !layer->epilogue || !bytes) return CLACT_INVALID_ARGUMENT;
    return clact_sweep_workspace(layer->epilogue, backward, rows, layer->outputs, bytes);
}

/* ---- one call ---- */

/* Where it is enqueued, what it waits for and what it hands out. */
typedef struct call {
    clact_context *context;
    cl_command_queue queue;
    cl_uint num_wait;
    const cl_event *wait;
    cl_event *event;
} call;

static clact_status begin(const call *c) {
    if (c->num_wait == 0 ||
        clEnqueueBarrierWithWaitList(c->queue, c->num_wait, c->wait, NULL) == CL_SUCCESS)
        return CLACT_SUCCESS;
    return clact_context_report(c->context, CLACT_OPENCL, "the wait list is not valid");
}

static clact_status end(const call *c, clact_status status) {
    if (status != CLACT_SUCCESS || !c->event) return status;
    if (clEnqueueMarkerWithWaitList(c->queue, 0, NULL, c->event) != CL_SUCCESS)
        return clact_context_report(c->context, CLACT_OPENCL, "clEnqueueMarkerWithWaitList failed");
    return CLACT_SUCCESS;
}

static clact_status check(const call *c, const clact_dense *layer, bool backward, size_t count,
                          const void *tensors) {
    if (c->event) *c->event = NULL;
    if (!c->context) return CLACT_INVALID_ARGUMENT;
    const clact_status status =
        dense_check_call(c->context, c->queue, layer, backward, c->num_wait, c->wait);
    if (status == CLACT_SUCCESS && count > 0 && !tensors)
        return clact_context_report(c->context, CLACT_INVALID_ARGUMENT, "tensors is NULL");
    return status;
}

static clact_status forward(const call *c, const clact_dense *layer, size_t count,
                            const clact_dense_forward_tensors *entries) {
    clact_status status = check(c, layer, false, count, entries);
    if (status == CLACT_SUCCESS && count > 0)
        status = dense_check_forward(c->context, c->queue, layer, count, entries);
    if (status == CLACT_SUCCESS) status = begin(c);
    if (status == CLACT_SUCCESS && count > 0)
        status = dense_forward(c->context, c->queue, layer, count, entries, NULL);
    return end(c, status);
}

static clact_status backward(const call *c, const clact_dense *layer, size_t count,
                             const clact_dense_backward_tensors *entries) {
    clact_status status = check(c, layer, true, count, entries);
    if (status == CLACT_SUCCESS && count > 0)
        status = dense_check_backward(c->context, c->queue, layer, count, entries);
    if (status == CLACT_SUCCESS) status = begin(c);
    if (status == CLACT_SUCCESS && count > 0)
        status = dense_backward(c->context, c->queue, layer, count, entries, NULL);
    return end(c, status);
}

clact_status clact_dense_forward(clact_context *context, cl_command_queue queue,
                                 const clact_dense *layer,
                                 const clact_dense_forward_tensors *tensors, cl_uint num_wait,
                                 const cl_event *wait, cl_event *event) {
    const call c = {context, queue, num_wait, wait, event};
    return forward(&c, layer, 1, tensors);
}

clact_status clact_dense_backward(clact_context *context, cl_command_queue queue,
                                  const clact_dense *layer,
                                  const clact_dense_backward_tensors *tensors, cl_uint num_wait,
                                  const cl_event *wait, cl_event *event) {
    const call c = {context, queue, num_wait, wait, event};
    return backward(&c, layer, 1, tensors);
}

clact_status clact_dense_forward_batched(clact_context *context, cl_command_queue queue,
                                         const clact_dense *layer, size_t count,
                                         const clact_dense_forward_tensors *tensors,
                                         cl_uint num_wait, const cl_event *wait, cl_event *event) {
    const call c = {context, queue, num_wait, wait, event};
    return forward(&c, layer, count, tensors);
}

clact_status clact_dense_backward_batched(clact_context *context, cl_command_queue queue,
                                          const clact_dense *layer, size_t count,
                                          const clact_dense_backward_tensors *tensors,
                                          cl_uint num_wait, const cl_event *wait, cl_event *event) {
    const call c = {context, queue, num_wait, wait, event};
    return backward(&c, layer, count, tensors);
}

/* ---- evenly spaced ---- */

/* The matrix of entry i; *fits turns false where its offset overflows. */
static void move(size_t *offset, size_t i, size_t stride, bool *fits) {
    if (i > 0 && stride > (SIZE_MAX - *offset) / i)
        *fits = false;
    else
        *offset += i * stride;
}

static bool move_forward(clact_dense_forward_tensors *t, const clact_dense_strides *s, size_t i) {
    clact_forward_tensors *e = &t->epilogue;
    bool fits = true;
    move(&t->x.offset, i, s->x, &fits);
    move(&t->weight.offset, i, s->weight, &fits);
    move(&e->x.offset, i, s->z, &fits);
    move(&e->bias.offset, i, s->bias, &fits);
    move(&e->slopes.offset, i, s->slopes, &fits);
    move(&e->residual.offset, i, s->residual, &fits);
    move(&e->y.offset, i, s->y, &fits);
    move(&e->saved.offset, i, s->saved, &fits);
    move(&e->health_offset, i, s->health, &fits);
    e->offset += i;
    return fits;
}

static bool move_backward(clact_dense_backward_tensors *t, const clact_dense_strides *s,
                          clact_saved saved, size_t i) {
    clact_backward_tensors *e = &t->epilogue;
    bool fits = true;
    move(&t->x.offset, i, s->x, &fits);
    move(&t->weight.offset, i, s->weight, &fits);
    move(&t->dweight.offset, i, s->dweight, &fits);
    move(&t->dx.offset, i, s->dx, &fits);
    move(&e->saved.offset, i,
         saved == CLACT_SAVED_X   ? s->z
         : saved == CLACT_SAVED_Y ? s->y
                                  : s->saved,
         &fits);
    move(&e->bias.offset, i, s->bias, &fits);
    move(&e->slopes.offset, i, s->slopes, &fits);
    move(&e->dy.offset, i, s->dy, &fits);
    move(&e->dx.offset, i, s->dz, &fits);
    move(&e->dbias.offset, i, s->dbias, &fits);
    move(&e->dslopes.offset, i, s->dslopes, &fits);
    move(&e->dresidual.offset, i, s->dresidual, &fits);
    move(&e->health_offset, i, s->health, &fits);
    e->offset += i;
    return fits;
}

/* What comes before the tensors are spread out. */
static clact_status check_strides(const call *c, const clact_dense *layer, bool backward,
                                  size_t count, const void *first,
                                  const clact_dense_strides *strides) {
    const clact_status status = check(c, layer, backward, count, first);
    if (status == CLACT_SUCCESS && count > 0 && !strides)
        return clact_context_report(c->context, CLACT_INVALID_ARGUMENT, "strides is NULL");
    return status;
}

clact_status clact_dense_forward_strided(clact_context *context, cl_command_queue queue,
                                         const clact_dense *layer, size_t count,
                                         const clact_dense_forward_tensors *first,
                                         const clact_dense_strides *strides, cl_uint num_wait,
                                         const cl_event *wait, cl_event *event) {
    const call c = {context, queue, num_wait, wait, event};
    clact_status status = check_strides(&c, layer, false, count, first, strides);
    if (status != CLACT_SUCCESS) return status;
    clact_dense_forward_tensors *entries = calloc(count > 0 ? count : 1, sizeof *entries);
    if (!entries) return clact_context_report(context, CLACT_MEMORY, "out of host memory");
    bool fits = true;
    for (size_t i = 0; i < count && fits; i++) {
        entries[i] = *first;
        fits = move_forward(&entries[i], strides, i);
    }
    status = fits ? forward(&c, layer, count, entries)
                  : clact_context_report(context, CLACT_SHAPE, "an offset of the batch overflows");
    free(entries);
    return status;
}

clact_status clact_dense_backward_strided(clact_context *context, cl_command_queue queue,
                                          const clact_dense *layer, size_t count,
                                          const clact_dense_backward_tensors *first,
                                          const clact_dense_strides *strides, cl_uint num_wait,
                                          const cl_event *wait, cl_event *event) {
    const call c = {context, queue, num_wait, wait, event};
    clact_status status = check_strides(&c, layer, true, count, first, strides);
    if (status != CLACT_SUCCESS) return status;
    clact_dense_backward_tensors *entries = calloc(count > 0 ? count : 1, sizeof *entries);
    if (!entries) return clact_context_report(context, CLACT_MEMORY, "out of host memory");
    bool fits = true;
    for (size_t i = 0; i < count && fits; i++) {
        entries[i] = *first;
        fits = move_backward(&entries[i], strides, layer->epilogue->saved, i);
    }
    status = fits ? backward(&c, layer, count, entries)
                  : clact_context_report(context, CLACT_SHAPE, "an offset of the batch overflows");
    free(entries);
    return status;
}
