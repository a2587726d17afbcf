/* bench_copy.c: the reference: the fastest copy this program knows of a number of bytes. */
#include "bench_copy.h"

#define COPY_LOCAL      256
#define COPY_PARTS      4 /* for each compute unit of a CPU */
#define COPY_MIN_ROUNDS 3
#define COPY_SECONDS    0.02

/* The text of copy.cl, embedded by the build. */
extern const char bench_copy_source[];

static const struct copy_kernel {
    const char *name;
    uint64_t width; /* floats a work-item moves; 0: it is one of few parts */
} copy_kernels[BENCH_COPY_KERNELS] = {
    {"copy_plain_4", 4},  {"copy_plain_16", 16},  {"copy_plain_parts", 0},
    {"copy_stream_4", 4}, {"copy_stream_16", 16}, {"copy_stream_parts", 0},
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
        if (copy_kernels[i].width == 0 && copy->parts == 0) continue;
        copy->kernels[i] = clCreateKernel(copy->program, copy_kernels[i].name, &code);
        if (code != CL_INVALID_KERNEL_NAME &&
            !bench_check_cl(code, "creating a copy kernel", error))
            return false;
    }
    return true;
}

/* How the kernels are launched on the device. */
static bool copy_measure_device(cl_device_id device, bench_copy *copy, bench_error *error) {
    size_t most = 0;
    cl_uint units = 1;
    cl_device_type type = 0;
    cl_int code = clGetDeviceInfo(device, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof most, &most, NULL);
    if (code == CL_SUCCESS)
        code = clGetDeviceInfo(device, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof units, &units, NULL);
    if (code == CL_SUCCESS)
        code = clGetDeviceInfo(device, CL_DEVICE_TYPE, sizeof type, &type, NULL);
    copy->local = most < COPY_LOCAL ? most : COPY_LOCAL;
    copy->parts = type & CL_DEVICE_TYPE_CPU ? COPY_PARTS * (size_t)units : 0;
    return bench_check_cl(code, "asking for the device's work-groups", error);
}

bool bench_copy_open(cl_context context, cl_device_id device, cl_command_queue queue,
                     uint64_t max_bytes, bench_copy *copy, bench_error *error) {
    const size_t bytes = (size_t)((max_bytes / 2 + 3) / 4 * 4);
    const float one = 1.0f;
    cl_int code;
    *copy = (bench_copy){.local = 0};
    if (!copy_measure_device(device, copy, error) || !copy_build(context, device, copy, error))
        return false;

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
    const uint64_t width = copy_kernels[choice->way - 1].width;
    const size_t local = width ? copy->local : 1;
    const size_t items = width ? (size_t)(n / width) + 1 : copy->parts;
    const size_t global = (items + local - 1) / local * local;
    cl_int code = clSetKernelArg(kernel, 0, sizeof copy->from, &copy->from);
    if (code == CL_SUCCESS) code = clSetKernelArg(kernel, 1, sizeof copy->to, &copy->to);
    if (code == CL_SUCCESS) code = clSetKernelArg(kernel, 2, sizeof n, &n);
    if (code == CL_SUCCESS)
        code = clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &global, &local, 0, NULL, event);
    return bench_check_cl(code, "running a copy kernel", error);
}

/* Rounds of every way in turn. Least times are compared: other work on the machine, or a driver
 * that compiles at the first launch, can only add to a time. */
bool bench_copy_choose(const bench_copy *copy, cl_command_queue queue, uint64_t bytes,
                       bench_copy_choice *choice, bench_error *error) {
    double least = 0.0;
    bench_copy_choice one = bench_copy_take(copy, 0, bytes);
    const bench_task task = bench_copy_task(&one);
    const double until = bench_seconds() + COPY_SECONDS;
    for (int round = 0; round < COPY_MIN_ROUNDS || bench_seconds() < until; ++round) {
        for (one.way = 0; one.way < BENCH_COPY_WAYS; ++one.way) {
            bench_sample sample;
            if (!bench_copy_can(copy, one.way)) continue;
            if (!bench_measure_launches(&task, queue, 1, &sample, error)) return false;
            if (least > 0.0 && sample.device_ns >= least) continue;
            least = sample.device_ns;
            *choice = one;
        }
    }
    return true;
}

const char *bench_copy_way_name(int way) {
    return way == 0 ? "clEnqueueCopyBuffer" : copy_kernels[way - 1].name;
}

const char *bench_copy_name(const bench_copy_choice *choice) {
    return bench_copy_way_name(choice->way);
}

bool bench_copy_can(const bench_copy *copy, int way) {
    return way == 0 || copy->kernels[way - 1] != NULL;
}

bench_copy_choice bench_copy_take(const bench_copy *copy, int way, uint64_t bytes) {
    return (bench_copy_choice){.copy = copy, .way = way, .floats = (bytes + 7) / 8};
}

uint64_t bench_copy_bytes(const bench_copy_choice *choice) {
    return choice->floats * 2 * sizeof(float);
}

bench_task bench_copy_task(const bench_copy_choice *choice) {
    return (bench_task){.enqueue = copy_enqueue, .user = choice};
}
