/* bench_host.h: work of the host on buffers of the device: how the libraries of the CPU run on the
 * very arrays that our kernels run on. */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include "bench_measure.h"

#define BENCH_HOST_ARRAYS 9

/* Maps the buffers, calls and unmaps; only the call is timed. On a device that shares the host's
 * memory, as PoCL's does, nothing is copied. */
typedef struct bench_host_work {
    cl_mem buffers[BENCH_HOST_ARRAYS];
    uint64_t bytes[BENCH_HOST_ARRAYS];
    size_t count;
    bool on_first_core; /* see bench_pin.h: the library's other threads are on the other cores */
    bool (*call)(const void *user, void *const *arrays, bench_error *error);
    const void *user;
} bench_host_work;

/* The work as a task; it must stay where it is. */
bench_task bench_host_task(const bench_host_work *work);

#endif
