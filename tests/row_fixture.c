/* row_fixture.c: rows of any element type on the device, as doubles on the host. */
#include "row_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool row_fixture_open(row_fixture *r, int argc, char **argv) {
    unsigned width = 0;
    *r = (row_fixture){.dtype = CLACT_F32};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "small") == 0) r->small = true;
        if (argv[i][0] >= '0' && argv[i][0] <= '9') width = (unsigned)strtoul(argv[i], NULL, 10);
        for (clact_dtype d = CLACT_F32; d <= CLACT_F64; d++)
            if (strcmp(argv[i], clact_dtype_name(d)) == 0) r->dtype = d;
    }
    r->real = r->dtype == CLACT_F64 ? CLACT_F64 : CLACT_F32;
    if (!fixture_open(&r->f, width)) return false;
    r->f.exact = r->small;
    if (r->dtype != CLACT_F64 || r->f.info.fp64) return true;
    puts("skipped: the device has no float64");
    fixture_close(&r->f);
    return false;
}

size_t row_lanes(const row_fixture *r) {
    const size_t width = r->f.info.vector_width;
    return width > 1 && r->dtype == CLACT_F64 ? width / 2 : width;
}

double row_rounded(clact_dtype dtype, double value) {
    uint64_t code = 0;
    if (dtype != CLACT_F64) value = (double)(float)value;
    element_set(dtype, &code, 0, value);
    return element_value(dtype, &code, 0);
}

double *row_random(clact_dtype dtype, size_t n, double scale, double shift, uint64_t seed) {
    double *values = malloc((n + 1) * sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = row_rounded(dtype, scale * (double)random_normal(&seed) + shift);
    return values;
}

guarded row_upload(row_fixture *r, clact_dtype dtype, size_t rows, size_t cols, size_t offset,
                   size_t pad, const double *values) {
    const size_t size = clact_dtype_size(dtype);
    guarded g = guarded_create_of(&r->f, size, rows, cols, offset, pad);
    if (!values) return g;
    void *packed = malloc(rows * cols * size);
    for (size_t i = 0; i < rows * cols; i++)
        element_set(dtype, packed, i, values[i]);
    guarded_write(&r->f, &g, packed);
    free(packed);
    return g;
}

guarded row_upload_labels(row_fixture *r, size_t rows, size_t offset, size_t pad,
                          const int32_t *labels) {
    guarded g = guarded_create_of(&r->f, sizeof *labels, rows, 1, offset, pad);
    guarded_write(&r->f, &g, labels);
    return g;
}

double *row_download(row_fixture *r, clact_dtype dtype, const guarded *g) {
    const size_t n = g->rows * g->cols;
    void *packed = malloc(n * g->size);
    double *values = malloc(n * sizeof *values);
    guarded_read(&r->f, g, packed);
    for (size_t i = 0; i < n; i++)
        values[i] = element_value(dtype, packed, i);
    free(packed);
    return values;
}

guarded row_workspace(row_fixture *r, size_t bytes) {
    if (bytes == 0) return (guarded){0};
    return guarded_create_of(&r->f, 4, 1, bytes / 4, 0, 0);
}

void row_workspace_release(row_fixture *r, guarded *g) {
    if (!g->buffer) return;
    void *all = malloc(g->cols * g->size);
    guarded_read(&r->f, g, all);
    free(all);
    guarded_release(g);
}

bool row_same(double a, double b) {
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

double row_ulps(clact_dtype dtype, double got, long double exact) {
    const element_format format = element_format_of(dtype);
    if (isnan(exact) || isnan(got)) return isnan(exact) && isnan(got) ? 0.0 : INFINITY;
    if (isinf(got) && fabsl(exact) > (long double)format.greatest)
        return (got > 0.0) == (exact > 0.0L) ? 0.0 : INFINITY;
    if (isinf(got) || isinf(exact)) return INFINITY;
    const int exponent = exact == 0.0L ? -20000 : ilogbl(exact);
    long double place = ldexpl(1.0L, exponent - format.fraction_bits);
    if (place < (long double)format.least_subnormal) place = (long double)format.least_subnormal;
    return (double)(fabsl((long double)got - exact) / place);
}

void row_expect_same(const char *what, const double *got, const double *want, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (row_same(got[i], want[i])) continue;
        print_error("%s, element %zu of %zu: got %a, the C build gives %a\n", what, i, n, got[i],
                    want[i]);
        fail();
    }
}
