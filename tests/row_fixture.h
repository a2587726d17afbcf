/* row_fixture.h: rows of any element type on the device, as doubles on the host. */
#ifndef CLACT_TESTS_ROW_FIXTURE_H
#define CLACT_TESTS_ROW_FIXTURE_H

#include "device_fixture.h"
#include "element.h"

typedef struct row_fixture {
    fixture f;
    clact_dtype dtype, real; /* of the elements and of the arithmetic */
    bool small;              /* as little as will do, for simulators */
} row_fixture;

/* What a test program is told: a vector width or an element type, then perhaps "small". Returns
 * false, and why, where the device cannot. */
bool row_fixture_open(row_fixture *r, int argc, char **argv);

/* Lanes of a work-item */
size_t row_lanes(const row_fixture *r);

/* n numbers of the type: of a normal distribution, scaled and shifted */
double *row_random(clact_dtype dtype, size_t n, double scale, double shift, uint64_t seed);
double row_rounded(clact_dtype dtype, double value);

/* A guarded matrix of these values; or of poison where values is NULL */
guarded row_upload(row_fixture *r, clact_dtype dtype, size_t rows, size_t cols, size_t offset,
                   size_t pad, const double *values);
guarded row_upload_labels(row_fixture *r, size_t rows, size_t offset, size_t pad,
                          const int32_t *labels);
double *row_download(row_fixture *r, clact_dtype dtype, const guarded *g);

/* A workspace of exactly these bytes between guards; its buffer is NULL for none */
guarded row_workspace(row_fixture *r, size_t bytes);
/* Fails the test if something beside it was written. */
void row_workspace_release(row_fixture *r, guarded *g);

/* Equal, or both NaN; -0 is not 0 */
bool row_same(double a, double b);

/* |got - exact| in last places of the type at exact; 0 for equal infinities and NaN */
double row_ulps(clact_dtype dtype, double got, long double exact);

/* Fails unless n results are these. */
void row_expect_same(const char *what, const double *got, const double *want, size_t n);

#endif
