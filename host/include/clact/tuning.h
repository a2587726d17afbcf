/* tuning.h: how kernels are cut to a device. No result depends on it: any tuning gives the same
 * bits, only sooner or later (but for the payload of a NaN in float16).
 */
#ifndef CLACT_TUNING_H
#define CLACT_TUNING_H

#include <clact/clact.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Families of kernels that are tuned together. Optimizer steps go with forward passes. */
#define CLACT_FAMILY_MAP(X)                                                                        \
    X(FORWARD, 0, "forward")       /* forward passes that leave no sums */                         \
    X(BACKWARD, 1, "backward")     /* backward passes that leave none */                           \
    X(SUMS, 2, "sums")             /* passes that leave sums or health, and sums down columns */   \
    X(COLUMNS, 3, "columns")       /* the small kernels that put sums and health together */       \
    X(ROWS, 4, "rows")             /* softmax, cross-entropy and the losses of elements */         \
    X(SHORT_ROWS, 5, "short_rows") /* softmax and cross-entropy of rows of at most 32 columns */

typedef enum clact_family {
#define CLACT_FAMILY_ENUM(NAME, value, name) CLACT_FAMILY_##NAME = value,
    CLACT_FAMILY_MAP(CLACT_FAMILY_ENUM)
#undef CLACT_FAMILY_ENUM
        CLACT_FAMILY_COUNT
} clact_family;

/* "forward" and so on, NULL for none. */
CLACT_API const char *clact_family_name(clact_family family);

/* The numbers of a family, powers of two, or 0 for the default of the device. */
typedef struct clact_tuning_shape {
    unsigned width;   /* lanes of a vector of float32, at most 16; float64 has half of them. Forward
                         and backward may have 32 or 64: two or four vectors of 16 side by side,
                         which keep a CPU busy; passes with a mask take 16 all the same */
    unsigned local;   /* work-items of a work-group, at most 1024 and what the device allows */
    unsigned vectors; /* that a work-item does of a row, at most 32; of sums 512, and a work-group
                         2048. Forward, backward and sums only; a pass with dropout does 4 at least,
                         one with a mask 8 */
} clact_tuning_shape;

#define CLACT_TUNING_NO_FETCH UINT32_MAX
#define CLACT_TUNING_NEVER    UINT64_MAX

/* Zeros mean the default. */
typedef struct clact_tuning {
    size_t struct_size; /* sizeof(clact_tuning) as the caller was compiled */
    clact_tuning_shape families[CLACT_FAMILY_COUNT];
    uint32_t fetch_rows;   /* how many rows ahead kernels that walk down rows fetch, at most 64, or
                              not so far where they do more than 64 vectors of each;
                              CLACT_TUNING_NO_FETCH for not at all. CPUs only */
    uint64_t stream_bytes; /* a pass that writes so many bytes or more stores them past the caches;
                              CLACT_TUNING_NEVER for none */
} clact_tuning;

/* What clact uses on the device where nothing else is asked for: what was measured on it, else on
 * devices of its class, else what suits most. Fills every field of *tuning, whose struct_size is
 * set. Errors: INVALID_ARGUMENT, OPENCL. */
CLACT_API clact_status clact_tuning_default(cl_device_id device, clact_tuning *tuning);

/* Whether a context of the device takes this tuning, and a sentence that says what is wrong with it
 * (empty after success), cut to size; text may be NULL. The limits of single kernels show only when
 * they are launched: a call then returns DEVICE. Errors: INVALID_ARGUMENT, OPENCL. */
CLACT_API clact_status clact_tuning_check(cl_device_id device, const clact_tuning *tuning,
                                          char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
