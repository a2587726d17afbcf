/* bench_host.c: work of the host on buffers of the device. */
#include "bench_host.h"

#include "bench_pin.h"

typedef struct host_call {
    const bench_host_work *work;
    void *arrays[BENCH_HOST_ARRAYS];
} host_call;

static bool host_call_run(const void *user, bench_error *error) {
    const host_call *call = user;
    return call->work->call(call->work->user, call->arrays, error);
}

static bool host_run(const void *user, cl_command_queue queue, size_t repeat, bench_sample *sample,
                     bench_error *error) {
    host_call call = {.work = user};
    const bench_host_work *work = call.work;
    size_t mapped = 0;
    bool ok = true;
    while (ok && mapped < work->count) {
        cl_int code;
        void *array =
            clEnqueueMapBuffer(queue, work->buffers[mapped], CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0,
                               (size_t)work->bytes[mapped], 0, NULL, NULL, &code);
        ok = bench_check_cl(code, "mapping a buffer", error);
        if (ok) call.arrays[mapped++] = array;
    }
    if (work->on_first_core) bench_pin_thread(0);
    ok = ok && bench_measure_host(host_call_run, &call, repeat, sample, error);
    if (work->on_first_core) bench_pin_release();
    for (size_t i = 0; i < mapped; ++i)
        clEnqueueUnmapMemObject(queue, work->buffers[i], call.arrays[i], 0, NULL, NULL);
    return bench_check_cl(clFinish(queue), "unmapping the buffers", error) && ok;
}

bench_task bench_host_task(const bench_host_work *work) {
    return (bench_task){.run = host_run, .user = work};
}
