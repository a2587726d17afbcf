/* health_build.h: health.cl as C, in the precision that DOUBLE says. Included by one file of each
 * precision; work-items are run one after the other.
 */
#ifndef CLACT_TESTS_HEALTH_BUILD_H
#define CLACT_TESTS_HEALTH_BUILD_H

#include "health.h"

#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define ulong        uint64_t
#define uint         uint32_t
#define __global
#define __local             static
#define KERNEL(family)      static void
#define COLUMNS_LOCAL       1
#define HEALTH_SUFFIX       _c
#define WIDTH               1
#define load_real(p, n)     (*(p))
#define store_real(v, p, n) (*(p) = (v))
#define FETCH_ROWS          0
#define FETCH_AHEAD(p)      ((void)(p))
#define STORE_WHOLE(v, p)   (*(p) = (v))
#define get_global_id(d)    work_item
#define get_local_id(d)     ((uint)0)
#define barrier(flags)      ((void)0)

static uint64_t work_item;
#include "health.cl"

_Static_assert(sizeof(health_record) == 56, "the record of clact.h");

#endif
