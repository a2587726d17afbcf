/* device_fixture.h: an open device for tests, and buffers whose edges are watched. */
#ifndef DEVICE_FIXTURE_H
#define DEVICE_FIXTURE_H

#include <clact/clact.h>

/* cmocka.h needs these four before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { TEST_SKIPPED = 77 };

typedef struct fixture {
    cl_device_id device;
    cl_context context;
    cl_command_queue queue;
    clact_context *clact;
    clact_device_info info;
    bool exact; /* buffers end with the last element of their matrix, for who watches bounds */
} fixture;

/* Opens the device number CLACT_TEST_DEVICE (0 when unset) with this vector width (0: that of
 * CLACT_TEST_WIDTH, or the device's default) and the compiler's options CLACT_TEST_OPTIONS;
 * info.vector_width is the one in use. False when there
 * is none: then main returns TEST_SKIPPED. */
bool fixture_open(fixture *f, unsigned vector_width);
void fixture_close(fixture *f);

/* A matrix inside a poisoned buffer. */
typedef struct guarded {
    cl_mem buffer;
    clact_matrix matrix;
    size_t rows, cols, total; /* total: elements of the buffer */
    size_t size;              /* bytes of an element */
} guarded;

/* Elements of `size` bytes, at most 8: offset elements of poison before, ld = cols + pad, poison
 * between rows and, unless f->exact, after. */
guarded guarded_create_of(fixture *f, size_t size, size_t rows, size_t cols, size_t offset,
                          size_t pad);
void guarded_write(fixture *f, const guarded *g, const void *values);

/* Reads the matrix, packed; fails the test if one element outside it has changed. */
void guarded_read(fixture *f, const guarded *g, void *values);
void guarded_release(guarded *g);

/* The same for floats */
guarded guarded_create(fixture *f, size_t rows, size_t cols, size_t offset, size_t pad);

/* Fails the test with the context's message unless status is CLACT_SUCCESS. */
void require_success(fixture *f, clact_status status, const char *what);

/* Equal bits, or both NaN. */
bool same_bits(float a, float b);

/* Reproducible values: SplitMix64 from a state that the caller keeps. */
uint64_t random_bits(uint64_t *state);
float random_normal(uint64_t *state);

#endif
