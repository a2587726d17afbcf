/* bench_copy.c: the reference: the fastest copy this program knows of a number of bytes. */
#include "bench_copy.h"

#define COPY_WAYS       (1 + BENCH_COPY_KERNELS)
#define COPY_LOCAL      256
#define COPY_MIN_ROUNDS 3
#define COPY_SECONDS    0.02

/* The text of copy.cl, embedded by the build. */
extern const char bench_copy_source[];

static const struct copy_kernel {
    const char *name;
    uint64_t width; /* floats a work-item moves */
} copy_kernels[BENCH_COPY_KERNELS] = {
    {"copy_plain_4", 4},
    {"copy_plain_16", 16},
    {"copy_stream_4", 4},
    {"copy_stream_16", 16},
};

static bool copy_build(cl_context context, cl_device_id device, bench_copy *copy,
                       bench_error *error) {
    const char *source = bench_copy_source;
    cl_int code;
    copy->program = clCreateProgramWithSource(context, 1, &source, NULL, &code);
    if (!bench_check_cl(code, "creating the copy program", error)) return false;
    code = clBuildProgram(copy->program, 1, &device, "-cl-std=CL1.2", NULL, NULL);
    if (code != CL_SUCCESS) {
        char log[600] = "";
        clGetProgramBuildInfo(copy->program, device, CL_PROGRAM_BUILD_LOG, sizeof log - 1, log,
                              NULL);
        return bench_fail(error, "the reference copy did not compile (OpenCL error %d)\n%s",
                          (int)code, log);
    }
    for (int i = 0; i < BENCH_COPY_KERNELS; ++i) {
        copy->kernels[i] = clCreateKernel(copy->program, copy_kernels[i].name, &code);
        if (code != CL_INVALID_KERNEL_NAME &&
            !bench_check_cl(code, "creating a copy kernel", error))
            return false;
    }
    return true;
}

bool bench_copy_open(cl_context context, cl_device_id device, cl_command_queue queue,
                     uint64_t max_bytes, bench_copy *copy, bench_error *error) {
    const size_t bytes = (size_t)((max_bytes / 2 + 3) / 4 * 4);
    const float one = 1.0f;
    cl_int code;
    *copy = (bench_copy){.local = COPY_LOCAL};
    if (!copy_build(context, device, copy, error)) return false;

    size_t most = 0;
    code = clGetDeviceInfo(device, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof most, &most, NULL);
    if (!bench_check_cl(code, "asking for the work-group size", error)) return false;
    if (copy->local > most) copy->local = most;

    copy->from = clCreateBuffer(context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    if (!bench_check_cl(code, "creating a copy buffer", error)) return false;
    copy->to = clCreateBuffer(context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    if (!bench_check_cl(code, "creating a copy buffer", error)) return false;
    code = clEnqueueFillBuffer(queue, copy->from, &one, sizeof one, 0, bytes, 0, NULL, NULL);
    if (!bench_check_cl(code, "filling a copy buffer", error)) return false;
    code = clEnqueueFillBuffer(queue, copy->to, &one, sizeof one, 0, bytes, 0, NULL, NULL);
    return bench_check_cl(code, "filling a copy buffer", error) &&
           bench_check_cl(clFinish(queue), "filling the copy buffers", error);
}

void bench_copy_close(bench_copy *copy) {
    for (int i = 0; i < BENCH_COPY_KERNELS; ++i)
        if (copy->kernels[i]) clReleaseKernel(copy->kernels[i]);
    if (copy->program) clReleaseProgram(copy->program);
    if (copy->from) clReleaseMemObject(copy->from);
    if (copy->to) clReleaseMemObject(copy->to);
    *copy = (bench_copy){0};
}

static bool copy_enqueue(const void *user, cl_command_queue queue, cl_event *event,
                         bench_error *error) {
    const bench_copy_choice *choice = user;
    const bench_copy *copy = choice->copy;
    if (choice->way == 0) {
        const cl_int code =
            clEnqueueCopyBuffer(queue, copy->from, copy->to, 0, 0,
                                (size_t)choice->floats * sizeof(float), 0, NULL, event);
        return bench_check_cl(code, "copying a buffer", error);
    }
    const cl_kernel kernel = copy->kernels[choice->way - 1];
    const cl_ulong n = choice->floats;
    const size_t items = (size_t)(n / copy_kernels[choice->way - 1].width) + 1;
    const size_t global = (items + copy->local - 1) / copy->local * copy->local;
    cl_int code = clSetKernelArg(kernel, 0, sizeof copy->from, &copy->from);
    if (code == CL_SUCCESS) code = clSetKernelArg(kernel, 1, sizeof copy->to, &copy->to);
    if (code == CL_SUCCESS) code = clSetKernelArg(kernel, 2, sizeof n, &n);
    if (code == CL_SUCCESS)
        code =
            clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &global, &copy->local, 0, NULL, event);
    return bench_check_cl(code, "running a copy kernel", error);
}

/* Rounds of every way in turn. Least times are compared: other work on the machine, or a driver
 * that compiles at the first launch, can only add to a time. */
bool bench_copy_choose(const bench_copy *copy, cl_command_queue queue, uint64_t bytes,
                       bench_copy_choice *choice, bench_error *error) {
    double least = 0.0;
    bench_copy_choice one = {.copy = copy, .floats = (bytes + 7) / 8};
    const bench_task task = bench_copy_task(&one);
    const double until = bench_seconds() + COPY_SECONDS;
    for (int round = 0; round < COPY_MIN_ROUNDS || bench_seconds() < until; ++round) {
        for (one.way = 0; one.way < COPY_WAYS; ++one.way) {
            bench_sample sample;
            if (one.way > 0 && copy->kernels[one.way - 1] == NULL) continue;
            if (!bench_measure_launches(&task, queue, 1, &sample, error)) return false;
            if (least > 0.0 && sample.device_ns >= least) continue;
            least = sample.device_ns;
            *choice = one;
        }
    }
    return true;
}

const char *bench_copy_name(const bench_copy_choice *choice) {
    return choice->way == 0 ? "clEnqueueCopyBuffer" : copy_kernels[choice->way - 1].name;
}

uint64_t bench_copy_bytes(const bench_copy_choice *choice) {
    return choice->floats * 2 * sizeof(float);
}

bench_task bench_copy_task(const bench_copy_choice *choice) {
    return (bench_task){.enqueue = copy_enqueue, .user = choice};
}
