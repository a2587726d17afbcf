/* device_fixture.c: an open device for tests, and buffers whose edges are watched. */
#include "device_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 19 }; /* elements of poison at the end */
static const unsigned char poison[8] = {0xd1, 0xc3, 0xa5, 0x7f, 0xb7, 0x96, 0x69, 0x5a};

static cl_device_id pick_device(void) {
    const char *wanted = getenv("CLACT_TEST_DEVICE");
    long index = wanted ? strtol(wanted, NULL, 10) : 0;
    cl_platform_id platforms[16];
    cl_uint num_platforms = 0;
    if (clGetPlatformIDs(16, platforms, &num_platforms) != CL_SUCCESS) return NULL;
    for (cl_uint p = 0; p < num_platforms && p < 16; p++) {
        cl_device_id devices[16];
        cl_uint count = 0;
        if (clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, 16, devices, &count) != CL_SUCCESS)
            continue;
        if (index < (long)count) return devices[index];
        index -= (long)count;
    }
    return NULL;
}

static unsigned wanted_width(void) {
    const char *wanted = getenv("CLACT_TEST_WIDTH");
    return wanted ? (unsigned)strtoul(wanted, NULL, 10) : 0;
}

bool fixture_open(fixture *f, unsigned vector_width) {
    if (vector_width == 0) vector_width = wanted_width();
    const clact_context_options options = {.struct_size = sizeof options,
                                           .vector_width = vector_width,
                                           .build_options = getenv("CLACT_TEST_OPTIONS")};
    memset(f, 0, sizeof *f);
    f->device = pick_device();
    if (!f->device) {
        puts("skipped: there is no OpenCL device");
        return false;
    }
    f->context = clCreateContext(NULL, 1, &f->device, NULL, NULL, NULL);
    f->queue = clCreateCommandQueue(f->context, f->device, CL_QUEUE_PROFILING_ENABLE, NULL);
    const clact_status status = clact_context_create(f->context, f->device, &options, &f->clact);
    if (!f->context || !f->queue || status != CLACT_SUCCESS) {
        printf("the device could not be opened: %s\n", clact_status_text(status));
        exit(1);
    }
    clact_device_query(f->device, &f->info);
    if (vector_width) f->info.vector_width = vector_width;
    printf("device %s, vector width %u\n", f->info.name, f->info.vector_width);
    return true;
}

void fixture_close(fixture *f) {
    clact_context_destroy(f->clact);
    if (f->queue) clFinish(f->queue); /* what still compiles at exit may crash */
    if (f->queue) clReleaseCommandQueue(f->queue);
    if (f->context) clReleaseContext(f->context);
}

guarded guarded_create_of(fixture *f, size_t size, size_t rows, size_t cols, size_t offset,
                          size_t pad) {
    guarded g = {.matrix = {NULL, offset, cols + pad}, .rows = rows, .cols = cols, .size = size};
    g.total = offset + (rows - 1) * (cols + pad) + cols + (f->exact ? 0 : pad + GUARD);
    g.buffer = g.matrix.buffer =
        clCreateBuffer(f->context, CL_MEM_READ_WRITE, g.total * size, NULL, NULL);
    assert_non_null(g.buffer);
    /* Not by clEnqueueFillBuffer: Oclgrind 21.10 gives a new buffer the memory of one released
     * before and takes what kernels store there for uninitialised, until the host has written it.
     */
    unsigned char *all = malloc(g.total * size);
    for (size_t i = 0; i < g.total; i++)
        memcpy(all + i * size, poison, size);
    assert_int_equal(
        clEnqueueWriteBuffer(f->queue, g.buffer, CL_TRUE, 0, g.total * size, all, 0, NULL, NULL),
        CL_SUCCESS);
    free(all);
    return g;
}

guarded guarded_create(fixture *f, size_t rows, size_t cols, size_t offset, size_t pad) {
    return guarded_create_of(f, sizeof(float), rows, cols, offset, pad);
}

/* The element of the packed matrix that stands at `at` of the buffer, or -1. */
static long long packed_index(const guarded *g, size_t at) {
    if (at < g->matrix.offset) return -1;
    const size_t i = at - g->matrix.offset, row = i / g->matrix.ld, col = i % g->matrix.ld;
    return row < g->rows && col < g->cols ? (long long)(row * g->cols + col) : -1;
}

void guarded_write(fixture *f, const guarded *g, const void *values) {
    const size_t size = g->size;
    unsigned char *all = malloc(g->total * size);
    for (size_t i = 0; i < g->total; i++) {
        const long long k = packed_index(g, i);
        memcpy(all + i * size, k >= 0 ? (const unsigned char *)values + (size_t)k * size : poison,
               size);
    }
    assert_int_equal(
        clEnqueueWriteBuffer(f->queue, g->buffer, CL_TRUE, 0, g->total * size, all, 0, NULL, NULL),
        CL_SUCCESS);
    free(all);
}

void guarded_read(fixture *f, const guarded *g, void *values) {
    const size_t size = g->size;
    unsigned char *all = malloc(g->total * size);
    assert_int_equal(
        clEnqueueReadBuffer(f->queue, g->buffer, CL_TRUE, 0, g->total * size, all, 0, NULL, NULL),
        CL_SUCCESS);
    for (size_t i = 0; i < g->total; i++) {
        const long long k = packed_index(g, i);
        if (k >= 0) {
            memcpy((unsigned char *)values + (size_t)k * size, all + i * size, size);
        } else if (memcmp(all + i * size, poison, size) != 0) {
            print_error("element %zu of the buffer, outside the %zu x %zu matrix of %zu-byte "
                        "elements at offset %zu, ld %zu, was overwritten\n",
                        i, g->rows, g->cols, size, g->matrix.offset, g->matrix.ld);
            free(all);
            fail();
        }
    }
    free(all);
}

void guarded_release(guarded *g) {
    clReleaseMemObject(g->buffer);
}

void require_success(fixture *f, clact_status status, const char *what) {
    char message[512];
    if (status == CLACT_SUCCESS) return;
    clact_context_message(f->clact, message, sizeof message);
    print_error("%s: %s: %s\n", what, clact_status_text(status), message);
    fail();
}

bool same_bits(float a, float b) {
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

uint64_t random_bits(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

float random_normal(uint64_t *state) {
    const double u = ((double)(random_bits(state) >> 11) + 0.5) * 0x1p-53;
    const double v = (double)(random_bits(state) >> 11) * 0x1p-53;
    return (float)(sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v));
}
