/* gemm.h: how CLBlast's products of float32 matrices are cut to a device.
 *
 * CLBlast picks its parameters from a table of devices it was tuned on. PoCL's CPUs are not among
 * them, and get a tenth of what they can do; clact has parameters for CPUs of its own. They belong
 * to CLBlast, whose table is one for the process: what is applied to a device counts for every
 * float32 product, symmetric and triangular ones included, of all who use CLBlast on it in this
 * process, until something else is applied. Calls from several threads are safe; a product enqueued
 * meanwhile has the old parameters or the new.
 */
#ifndef CLACT_GEMM_H
#define CLACT_GEMM_H

#include <clact/clact.h>

#ifdef __cplusplus
extern "C" {
#endif

/* CLBlast's kernels with their parameters, by its names. */
#define CLACT_GEMM_MAP(X)                                                                          \
    X(Xgemm, GEMMK)                                                                                \
    X(Xgemm, KREG)                                                                                 \
    X(Xgemm, KWG)                                                                                  \
    X(Xgemm, KWI)                                                                                  \
    X(Xgemm, MDIMA)                                                                                \
    X(Xgemm, MDIMC)                                                                                \
    X(Xgemm, MWG)                                                                                  \
    X(Xgemm, NDIMB)                                                                                \
    X(Xgemm, NDIMC)                                                                                \
    X(Xgemm, NWG)                                                                                  \
    X(Xgemm, SA)                                                                                   \
    X(Xgemm, SB)                                                                                   \
    X(Xgemm, STRM)                                                                                 \
    X(Xgemm, STRN)                                                                                 \
    X(Xgemm, VWM)                                                                                  \
    X(Xgemm, VWN)                                                                                  \
    X(XgemmDirect, KWID)                                                                           \
    X(XgemmDirect, MDIMAD)                                                                         \
    X(XgemmDirect, MDIMCD)                                                                         \
    X(XgemmDirect, NDIMBD)                                                                         \
    X(XgemmDirect, NDIMCD)                                                                         \
    X(XgemmDirect, PADA)                                                                           \
    X(XgemmDirect, PADB)                                                                           \
    X(XgemmDirect, VWMD)                                                                           \
    X(XgemmDirect, VWND)                                                                           \
    X(XgemmDirect, WGD)                                                                            \
    X(GemmRoutine, XGEMM_MIN_INDIRECT_SIZE)                                                        \
    X(Copy, COPY_DIMX)                                                                             \
    X(Copy, COPY_DIMY)                                                                             \
    X(Copy, COPY_VW)                                                                               \
    X(Copy, COPY_WPT)                                                                              \
    X(Pad, PAD_DIMX)                                                                               \
    X(Pad, PAD_DIMY)                                                                               \
    X(Pad, PAD_WPTX)                                                                               \
    X(Pad, PAD_WPTY)                                                                               \
    X(Transpose, TRA_DIM)                                                                          \
    X(Transpose, TRA_PAD)                                                                          \
    X(Transpose, TRA_SHUFFLE)                                                                      \
    X(Transpose, TRA_WPT)                                                                          \
    X(Padtranspose, PADTRA_PAD)                                                                    \
    X(Padtranspose, PADTRA_TILE)                                                                   \
    X(Padtranspose, PADTRA_WPT)

typedef enum clact_gemm_parameter {
#define CLACT_GEMM_ENUM(kernel, NAME) CLACT_GEMM_##NAME,
    CLACT_GEMM_MAP(CLACT_GEMM_ENUM)
#undef CLACT_GEMM_ENUM
        CLACT_GEMM_PARAMETERS
} clact_gemm_parameter;

/* Every parameter has its value here: CLBlast takes none from elsewhere. */
typedef struct clact_gemm_tuning {
    size_t struct_size; /* sizeof(clact_gemm_tuning) as the caller was compiled */
    uint32_t values[CLACT_GEMM_PARAMETERS];
} clact_gemm_tuning;

/* "MWG" and "Xgemm", and so on; NULL for none. */
CLACT_API const char *clact_gemm_parameter_name(clact_gemm_parameter parameter);
CLACT_API const char *clact_gemm_kernel_name(clact_gemm_parameter parameter);

/* What clact ships for the device, into *tuning with its struct_size. False where that is nothing
 * (GPUs keep CLBlast's own), and *tuning is as it was. Decided by the class of the device alone. */
CLACT_API bool clact_gemm_shipped(const clact_device_info *device, clact_gemm_tuning *tuning);

/* Whether CLBlast's kernels can be made of these numbers for work-groups of up to max_work_group
 * items, which CLBlast itself does not look at; and a sentence that says what is wrong (empty after
 * success), cut to size; text may be NULL. That products are right only clact_gemm_verify can say.
 * Errors: INVALID_ARGUMENT. */
CLACT_API clact_status clact_gemm_check(const clact_gemm_tuning *tuning, size_t max_work_group,
                                        char *text, size_t size);

/* Applies the tuning to the device; NULL for what ships, if anything does. The next product
 * compiles anew if the parameters are new to the process. Networks do this by themselves
 * (clact_net_options), for layers alone the caller does it once. Errors: INVALID_ARGUMENT (as
 * clact_gemm_check), OPENCL, BLAS (CLBlast has other parameters than these). */
CLACT_API clact_status clact_gemm_apply(cl_device_id device, const clact_gemm_tuning *tuning);

/* Whether products are right with what CLBlast has for the queue's device now, those of many layers
 * at once too if `batches`, which compiles two more programs: matrices of small whole numbers,
 * which every order of summation gives exactly, against sums on the host; odd sizes, transposes,
 * offsets, gaps, alpha and beta; and whether anything beside the result was written. Waits for the
 * queue. Errors: BLAS with the first product that failed or is wrong in the context's message,
 * MISMATCH, INVALID_ARGUMENT, MEMORY, OPENCL. */
CLACT_API clact_status clact_gemm_verify(clact_context *context, cl_command_queue queue,
                                         bool batches);

/* ---- Searching the user's own device --------------------------------------------------------- */

typedef enum clact_gemm_outcome {
    CLACT_GEMM_SLOWER, /* or not faster by enough to be told from noise */
    CLACT_GEMM_FASTER, /* the best so far, and verified */
    CLACT_GEMM_WRONG   /* faster, and thrown away: it failed clact_gemm_verify */
} clact_gemm_outcome;

typedef struct clact_gemm_trial {
    size_t done, total;
    const char *what; /* "NWG 12" */
    double ratio;     /* its time over that of the best before, 0 if it did not run */
    clact_gemm_outcome outcome;
    const char *message; /* where it did not run or was wrong, else "" */
} clact_gemm_trial;

typedef struct clact_gemm_search_options {
    size_t struct_size;
    bool (*progress)(void *user, const clact_gemm_trial *trial); /* false to stop; may be NULL */
    void *user;
} clact_gemm_search_options;

typedef struct clact_gemm_result {
    size_t struct_size;
    bool found;               /* tuning is verified, and faster than what CLBlast had before */
    bool stopped;             /* by progress */
    double ratio;             /* its time over that of what CLBlast had before */
    clact_gemm_tuning tuning; /* what the device is left with if found */
} clact_gemm_result;

/* Goes from what ships for the device (from a common start, where nothing does) to better tunings,
 * one parameter after another, by the time that products of layers take; each is verified before it
 * counts. Compiles one program a trial, which takes seconds. CLBlast's own parameters are compared
 * if none were applied to the device before in this process; they cannot be read from C, so where
 * nothing better is found the device is left with others until the process ends. Errors: as
 * clact_gemm_verify. */
CLACT_API clact_status clact_gemm_search(clact_context *context, cl_command_queue queue,
                                         const clact_gemm_search_options *options,
                                         clact_gemm_result *result);

#ifdef __cplusplus
}
#endif
#endif
