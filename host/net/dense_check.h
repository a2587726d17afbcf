/* dense_check.h: what dense layers check before they enqueue anything. */
#ifndef NET_DENSE_CHECK_H
#define NET_DENSE_CHECK_H

#include "clact/net.h"

/* That the queue is the context's and in order. */
clact_status dense_check_queue(clact_context *context, cl_command_queue queue);

/* That a layer can have this epilogue: legal, float32, no gate apart. */
clact_status dense_check_epilogue(clact_context *context, const clact_sweep *epilogue,
                                  bool backward);

/* That layer, queue and wait list will do. */
clact_status dense_check_call(clact_context *context, cl_command_queue queue,
                              const clact_dense *layer, bool backward, cl_uint num_wait,
                              const cl_event *wait);

/* That the tensors of all entries, at least one, will do; the kernels of the sweep are compiled. */
clact_status dense_check_forward(clact_context *context, cl_command_queue queue,
                                 const clact_dense *layer, size_t count,
                                 const clact_dense_forward_tensors *entries);
clact_status dense_check_backward(clact_context *context, cl_command_queue queue,
                                  const clact_dense *layer, size_t count,
                                  const clact_dense_backward_tensors *entries);

#endif
