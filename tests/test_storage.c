/* test_storage.c: storage.h alone, at every width: each 16-bit code is widened exactly, and each
 * float32 rounded once, to nearest even; with NaNs whose bits no formula here gives on this device,
 * but which another may.
 */
#include "device_fixture.h"
#include "element.h"

#include "core/text.h"

#include <stdio.h>
#include <stdlib.h>

static const char kernels[] =
    "\n#define ELEMENT PASTE(ELEMENT_, STORAGE)\n"
    "__kernel void narrow(__global const float *x, __global ELEMENT *y, const ulong n) {\n"
    "    const ulong i = get_global_id(0) * WIDTH;\n"
    "    if (i < n) PASTE(store_, STORAGE)(load_f32(x + i, n - i), y + i, n - i);\n"
    "}\n"
    "__kernel void widen(__global const ELEMENT *x, __global float *y, const ulong n) {\n"
    "    const ulong i = get_global_id(0) * WIDTH;\n"
    "    if (i < n) store_f32(PASTE(load_, STORAGE)(x + i, n - i), y + i, n - i);\n"
    "}\n";

typedef struct conversion {
    fixture f;
    cl_program program;
    clact_dtype dtype;
    unsigned width;
} conversion;

static void build(conversion *c) {
    char defines[128];
    cl_int code = CL_SUCCESS;
    snprintf(defines, sizeof defines, "#define WIDTH %u\n#define STORAGE %s\n", c->width,
             clact_dtype_name(c->dtype));
    const char *parts[] = {defines, clact_text_kernel, kernels};
    c->program = clCreateProgramWithSource(c->f.context, 3, parts, NULL, &code);
    assert_int_equal(code, CL_SUCCESS);
    assert_int_equal(clBuildProgram(c->program, 1, &c->f.device, "-cl-std=CL1.2", NULL, NULL),
                     CL_SUCCESS);
}

/* Runs the kernel over n elements of `from` and compares what it wrote with element.h. */
static void convert_and_compare(conversion *c, const char *name, clact_dtype from, clact_dtype to,
                                const void *values, size_t n) {
    fixture *f = &c->f;
    const cl_ulong count = n;
    const size_t items = (n + c->width - 1) / c->width;
    void *got = malloc(n * clact_dtype_size(to));
    guarded x = guarded_create_of(f, clact_dtype_size(from), 1, n, 0, 0);
    guarded y = guarded_create_of(f, clact_dtype_size(to), 1, n, 0, 0);
    cl_int code = CL_SUCCESS;
    cl_kernel kernel = clCreateKernel(c->program, name, &code);
    assert_int_equal(code, CL_SUCCESS);
    guarded_write(f, &x, values);
    clSetKernelArg(kernel, 0, sizeof x.buffer, &x.buffer);
    clSetKernelArg(kernel, 1, sizeof y.buffer, &y.buffer);
    clSetKernelArg(kernel, 2, sizeof count, &count);
    assert_int_equal(clEnqueueNDRangeKernel(f->queue, kernel, 1, NULL, &items, NULL, 0, NULL, NULL),
                     CL_SUCCESS);
    guarded_read(f, &y, got);
    for (size_t i = 0; i < n; i++) {
        uint64_t want = 0;
        element_set(to, &want, 0, element_value(from, values, i));
        if (element_same(to, got, i, &want, 0)) continue;
        print_error(
            "%s at width %u, element %zu of %zu: %a (code %llx) became code %llx, not %llx\n",
            clact_dtype_name(c->dtype), c->width, i, n, element_value(from, values, i),
            (unsigned long long)element_code(from, values, i),
            (unsigned long long)element_code(to, got, i),
            (unsigned long long)element_code(to, &want, 0));
        fail();
    }
    clReleaseKernel(kernel);
    guarded_release(&x);
    guarded_release(&y);
    free(got);
}

/* Every upper half of a float32 with lower halves around the ties of both types, then any. */
static size_t list_floats(float **values) {
    static const uint16_t low[] = {0,      1,      0x0fff, 0x1000, 0x1001, 0x2fff,
                                   0x3000, 0x3001, 0x7fff, 0x8000, 0x8001, 0xffff};
    const size_t each = sizeof low / sizeof *low + 4, n = each * 65536 + 5;
    uint64_t seed = 5;
    *values = malloc(n * sizeof **values);
    for (size_t i = 0; i < n; i++) {
        const size_t k = i % each;
        const uint64_t lower = k < each - 4 ? low[k] : random_bits(&seed) & 0xffff;
        element_set_code(CLACT_F32, *values, i, (uint64_t)(i / each) << 16 | lower);
    }
    return n;
}

static void conversions_are_exact_or_rounded_once(void **state) {
    conversion *c = *state;
    uint16_t codes[65536 + 5];
    float *floats = NULL;
    const size_t n = list_floats(&floats);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        codes[i] = (uint16_t)i;
    build(c);
    convert_and_compare(c, "widen", c->dtype, CLACT_F32, codes, sizeof codes / sizeof *codes);
    convert_and_compare(c, "narrow", CLACT_F32, c->dtype, floats, n);
    for (size_t tail = 1; tail <= c->width + 1; tail++) {
        convert_and_compare(c, "widen", c->dtype, CLACT_F32, codes + 12345, tail);
        convert_and_compare(c, "narrow", CLACT_F32, c->dtype, floats + n / 4 * 3, tail);
    }
    clReleaseProgram(c->program);
    free(floats);
}

int main(void) {
    static conversion cases[10];
    static char names[10][32];
    struct CMUnitTest tests[10];
    fixture f;
    size_t n = 0;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
    for (unsigned width = 1; width <= 16; width *= 2) {
        for (clact_dtype dtype = CLACT_F16; dtype <= CLACT_BF16; dtype++, n++) {
            cases[n] = (conversion){f, NULL, dtype, width};
            snprintf(names[n], sizeof names[n], "%s, width %u", clact_dtype_name(dtype), width);
            tests[n] = (struct CMUnitTest){names[n], conversions_are_exact_or_rounded_once, NULL,
                                           NULL, &cases[n]};
        }
    }
    const int failed = _cmocka_run_group_tests("storage", tests, n, NULL, NULL);
    fixture_close(&f);
    return failed;
}
