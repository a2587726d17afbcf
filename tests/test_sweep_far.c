/* test_sweep_far.c: rows beyond 2^32 elements, or as far as the device's greatest buffer goes,
 * which for 4 GiB is 2^31 elements of 2 bytes; of the buffer only the pages in use exist. The
 * results stand where they belong, so no index was cut to 32 bits.
 */
#include "device_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS 0x20
#endif
#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0x4000
#endif

enum { ROWS = 3, COLS = 70 };

static const size_t offset = 3;
static size_t ld, mask_ld; /* elements of 2 bytes, words of 4 */

typedef struct setup {
    fixture f;
    uint16_t *memory, *mask_memory;
    size_t bytes;
    cl_mem buffer, mask;
} setup;

/* Where a row starts; x, and y and the gradient behind it */
static size_t at(int matrix, size_t row) {
    return offset + (size_t)matrix * 1000 + row * ld;
}

static clact_matrix matrix_of(const setup *s, int matrix) {
    return (clact_matrix){s->buffer, at(matrix, 0), ld};
}

static uint16_t code_of(size_t row, size_t col) {
    return (uint16_t)(0x3c00u + 7 * row + col); /* small numbers of float16, all positive */
}

static void fill(setup *s) {
    for (int matrix = 0; matrix < 4; matrix++)
        for (size_t row = 0; row < ROWS; row++)
            for (size_t col = 0; col < 1000; col++)
                s->memory[at(matrix, row) + col] =
                    col < COLS && matrix % 2 == 0
                        ? (uint16_t)(code_of(row, col) ^ (col % 3 == 0 ? 0x8000u : 0u))
                        : 0xfeffu;
}

static void check(setup *s, int matrix, const char *what) {
    cl_int code = CL_SUCCESS;
    for (size_t row = 0; row < ROWS; row++) {
        const size_t origin = at(matrix, row) * 2, bytes = 1000 * 2;
        const uint16_t *got = clEnqueueMapBuffer(s->f.queue, s->buffer, CL_TRUE, CL_MAP_READ,
                                                 origin, bytes, 0, NULL, NULL, &code);
        assert_int_equal(code, CL_SUCCESS);
        for (size_t col = 0; col < 1000; col++) {
            const bool zero = col % 3 == 0;
            const uint16_t want = col >= COLS ? 0xfeffu : zero ? 0 : code_of(row, col);
            if (got[col] == want) continue;
            print_error("%s, row %zu, column %zu: %x for %x\n", what, row, col, got[col], want);
            fail();
        }
        clEnqueueUnmapMemObject(s->f.queue, s->buffer, (void *)(uintptr_t)got, 0, NULL, NULL);
    }
    clFinish(s->f.queue);
}

static void rows_far_apart(void **state) {
    setup *s = *state;
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_RELU);
    w.dtype = CLACT_F16;
    const clact_matrix x = matrix_of(s, 0), y = matrix_of(s, 1), dx = matrix_of(s, 3);
    fill(s);
    require_success(&s->f,
                    clact_forward(s->f.clact, s->f.queue, &w, ROWS, COLS, x, y, 0, NULL, NULL),
                    "forward");
    clFinish(s->f.queue);
    check(s, 1, "y");
    require_success(&s->f,
                    clact_backward(s->f.clact, s->f.queue, &w, ROWS, COLS, x, y, dx, 0, NULL, NULL),
                    "backward");
    clFinish(s->f.queue);
    check(s, 3, "dx");
}

/* A mask of which each row but the first is far away, in words */
static void masks_far_apart(void **state) {
    setup *s = *state;
    clact_sweep w;
    clact_sweep_init(&w, CLACT_ACT_RELU);
    w.dtype = CLACT_F16;
    w.saved = CLACT_SAVED_MASK;
    const clact_matrix x = matrix_of(s, 0), y = matrix_of(s, 1), dx = matrix_of(s, 3);
    const clact_matrix mask = {s->mask, 4096, mask_ld};
    fill(s);
    const clact_forward_tensors t = {.rows = ROWS, .cols = COLS, .x = x, .y = y, .saved = mask};
    require_success(&s->f, clact_sweep_forward(s->f.clact, s->f.queue, &w, &t, 0, NULL, NULL),
                    "forward");
    require_success(
        &s->f, clact_backward(s->f.clact, s->f.queue, &w, ROWS, COLS, mask, y, dx, 0, NULL, NULL),
        "backward");
    clFinish(s->f.queue);
    check(s, 1, "y");
    check(s, 3, "dx");
    for (size_t row = 0; row < ROWS; row++) { /* bit v of byte c: column c + 16 v */
        const unsigned char *bytes = (unsigned char *)s->mask_memory + 4 * (4096 + row * mask_ld);
        for (size_t col = 0; col < COLS; col++)
            assert_int_equal(bytes[col % 16] >> col / 16 & 1, col % 3 != 0);
    }
}

/* Pages that are not touched do not exist. */
static cl_mem sparse(const setup *s, uint16_t **memory) {
    void *p = mmap(NULL, s->bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return NULL;
    *memory = p;
    return clCreateBuffer(s->f.context, CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, s->bytes, p, NULL);
}

static bool map_far(setup *s) {
    const size_t most = s->f.info.max_alloc_bytes, whole = (size_t)1 << 32;
    const bool beyond = most / 2 > whole + 65536;
    ld = beyond ? whole / 2 + 5 : whole / 4 - 16384;
    mask_ld = beyond ? whole / 4 + 8 : whole / 8 - 65536;
    s->bytes = 2 * (at(0, ROWS - 1) + 16384);
    if (most < s->bytes) return false;
    printf("the last row stands at element %zu, %s 2^32\n", at(0, ROWS - 1),
           beyond ? "beyond" : "not beyond");
    s->buffer = sparse(s, &s->memory);
    s->mask = sparse(s, &s->mask_memory);
    return s->buffer && s->mask;
}

int main(void) {
    setup s = {.buffer = NULL};
    if (!fixture_open(&s.f, 0)) return TEST_SKIPPED;
    /* elsewhere the whole buffer would be copied */
    if (!(s.f.info.type & CL_DEVICE_TYPE_CPU) || !map_far(&s)) {
        puts("skipped: the device cannot use so much of the host's memory in place");
        fixture_close(&s.f);
        return TEST_SKIPPED;
    }
    const struct CMUnitTest tests[] = {{"rows_far_apart", rows_far_apart, NULL, NULL, &s},
                                       {"masks_far_apart", masks_far_apart, NULL, NULL, &s}};
    const int failed = cmocka_run_group_tests_name("far", tests, NULL, NULL);
    clFinish(s.f.queue);
    clReleaseMemObject(s.buffer);
    clReleaseMemObject(s.mask);
    munmap(s.memory, s.bytes);
    munmap(s.mask_memory, s.bytes);
    fixture_close(&s.f);
    return failed;
}
