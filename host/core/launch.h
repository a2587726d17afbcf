/* launch.h (L2): set the arguments of a kernel and enqueue it. */
#ifndef CORE_LAUNCH_H
#define CORE_LAUNCH_H

#include "context.h"
#include "operand.h"
#include "plan.h"

/* The queue, what to wait for and what to hand out. */
typedef struct launch_order {
    cl_command_queue queue;
    cl_uint num_wait;
    const cl_event *wait;
    cl_event *event;
} launch_order;

typedef struct launch_scalar {
    size_t size;
    const void *value;
} launch_scalar;

/* Whether the queue belongs to the context and its device, and the wait list is one. */
clact_status launch_check(clact_context *context, const launch_order *order);

/* Enqueues the kernel `name` (compiled before) with the scalars, then buffer, offset and ld of
 * each operand, as its arguments. */
clact_status launch_kernel(clact_context *context, const launch_order *order, const char *name,
                           plan_grid grid, const launch_scalar *scalars, size_t num_scalars,
                           const operand *operands, size_t num_operands);

/* Commands one after the other, whatever the order of the queue: the first waits for what the
 * caller named, each of the others for the one before it, the last hands out the caller's event. */
typedef struct launch_chain {
    clact_context *context;
    const launch_order *order;
    clact_status status; /* after an error no more is to be enqueued */
    bool started, in_order;
    cl_event previous, current;
    launch_order next;
} launch_chain;

launch_chain launch_chain_begin(clact_context *context, const launch_order *order);

/* The order of the next command; the chain must stay where it is until then. */
const launch_order *launch_chain_next(launch_chain *chain, bool is_last);

/* Releases what the chain holds and returns its status. */
clact_status launch_chain_end(launch_chain *chain);

/* Nothing to do, but the caller's events still count. */
clact_status launch_nothing(clact_context *context, const launch_order *order);

#endif
