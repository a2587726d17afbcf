/* test_sweep_widths.c: a fused pass has the bits of C, and so the same, at every vector width and
 * with work-groups of any size, shaped as for a CPU or as for a GPU: dropout, masks, tails, sums
 * and health, in rows narrower than a vector and groups of columns that are not full.
 *
 * test_sweep_widths WIDTH | cpu<SIZE> | gpu<SIZE>
 */
#include "sweep_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a device of another type, with smaller work-groups ---- */

static size_t group_size; /* 0: the device's, and its type */
static cl_device_type group_type;

cl_int __real_clGetDeviceInfo(cl_device_id device, cl_device_info key, size_t size, void *value,
                              size_t *needed);
cl_int __wrap_clGetDeviceInfo(cl_device_id device, cl_device_info key, size_t size, void *value,
                              size_t *needed);
cl_int __wrap_clGetDeviceInfo(cl_device_id device, cl_device_info key, size_t size, void *value,
                              size_t *needed) {
    const cl_int code = __real_clGetDeviceInfo(device, key, size, value, needed);
    if (group_size && key == CL_DEVICE_MAX_WORK_GROUP_SIZE && value && size == sizeof group_size)
        memcpy(value, &group_size, sizeof group_size);
    if (group_size && key == CL_DEVICE_TYPE && value && size == sizeof group_type)
        memcpy(value, &group_type, sizeof group_type);
    return code;
}

cl_int __real_clEnqueueNDRangeKernel(cl_command_queue q, cl_kernel k, cl_uint dims, const size_t *o,
                                     const size_t *g, const size_t *l, cl_uint n, const cl_event *w,
                                     cl_event *e);
cl_int __wrap_clEnqueueNDRangeKernel(cl_command_queue q, cl_kernel k, cl_uint dims, const size_t *o,
                                     const size_t *g, const size_t *l, cl_uint n, const cl_event *w,
                                     cl_event *e);
cl_int __wrap_clEnqueueNDRangeKernel(cl_command_queue q, cl_kernel k, cl_uint dims, const size_t *o,
                                     const size_t *g, const size_t *l, cl_uint n, const cl_event *w,
                                     cl_event *e) {
    if (group_size && l && *l > group_size) return CL_INVALID_WORK_GROUP_SIZE;
    return __real_clEnqueueNDRangeKernel(q, k, dims, o, g, l, n, w, e);
}

/* ---- sweeps ---- */

static clact_sweep masked(void) {
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_RELU);
    w.saved = CLACT_SAVED_MASK;
    w.bias = w.residual = true;
    w.dropout = 0.25f;
    return w;
}

static clact_sweep gated(void) {
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_GELU);
    w.gate = CLACT_GATE_FIRST;
    w.bias = w.health = true;
    w.dropout = 0.5f;
    w.accumulate = CLACT_GRADIENT_ALL;
    w.beta = -0.5f;
    return w;
}

static clact_sweep tailed(void) {
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_TANH);
    w.saved = CLACT_SAVED_TAIL;
    w.dtype = CLACT_F16;
    w.health = true;
    w.scale = 0.3f;
    return w;
}

static clact_sweep sloped(bool fp64) {
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_PRELU);
    w.dtype = fp64 ? CLACT_F64 : CLACT_F32;
    w.bias = w.slopes = w.health = true;
    w.dropout = 0.4f;
    return w;
}

enum { SWEEPS = 4 };

static void the_bits_are_those_of_c(void **state) {
    checker *c = *state;
    const layout layouts[] = {{3, 5, 1, 1},   {40, 17, 0, 0}, {33, 33, 3, 2}, {2, 129, 0, 1},
                              {7, 128, 0, 0}, {1, 300, 1, 0}, {70, 1, 0, 1},  {2, 95, 0, 0}};
    const clact_sweep sweeps[SWEEPS] = {masked(), gated(), tailed(), sloped(c->f.info.fp64)};
    require_success(&c->f, clact_warm_up(c->f.clact, sweeps, SWEEPS, true), "warm-up");
    for (int i = 0; i < SWEEPS; i++) {
        for (size_t j = 0; j < sizeof layouts / sizeof *layouts; j++) {
            const sweep_case one = {.sweep = sweeps[i],
                                    .l = layouts[j],
                                    .place = (case_place)((i + j) % CASE_PLACES),
                                    .specials = j % 2,
                                    .seed = 1000 * (uint64_t)i + j};
            case_check(&c->f, &one, c->program);
        }
    }
}

int main(int argc, char **argv) {
    const char *arg = argc > 1 ? argv[1] : "";
    const bool gpu = strncmp(arg, "gpu", 3) == 0, group = gpu || strncmp(arg, "cpu", 3) == 0;
    const unsigned number = (unsigned)strtoul(group ? arg + 3 : arg, NULL, 10);
    if (number == 0 || (!group && (number > 64 || (number & (number - 1))))) {
        fprintf(stderr, "usage: test_sweep_widths 1|2|4|8|16|32|64|cpu<SIZE>|gpu<SIZE>\n");
        return 2;
    }
    checker c;
    char program[64];
    snprintf(program, sizeof program, "test_sweep_widths %s", arg);
    group_size = group ? number : 0;
    group_type = gpu ? CL_DEVICE_TYPE_GPU : CL_DEVICE_TYPE_CPU;
    if (!checker_open(&c, program, EXTENT_ALL, group ? 0 : number)) return TEST_SKIPPED;
    if (c.arithmetic.flushes || c.arithmetic.loses_zero_sign) {
        puts("skipped: the device's arithmetic is not that of C");
        checker_close(&c);
        return TEST_SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        {"the bits are those of C", the_bits_are_those_of_c, NULL, NULL, &c}};
    const int failed = cmocka_run_group_tests_name(program, tests, NULL, NULL);
    checker_close(&c);
    return failed;
}
