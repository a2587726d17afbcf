/* clact.h: neural activations and their gradients on OpenCL 1.2 devices.
 *
 * The caller owns contexts, queues, buffers and events. Functions that take a queue only enqueue:
 * no wait, no host copy, no print. They check every argument before anything is enqueued, wait for
 * the events given, and hand out an event when asked for one (the caller releases it).
 *
 * An event asked for is NULL after an error. New values may join the enums, and new fields the ends
 * of the structs that carry their size; until 1.0 other structs may change with the minor version,
 * and the library's SOVERSION with them.
 *
 * A batch is a matrix of rows x cols elements, row-major; element (r, c) of a clact_matrix stands
 * at buffer[offset + r * ld + c], counted in elements. Forward and backward passes take the element
 * type their sweep names; all else is float32.
 */
#ifndef CLACT_CLACT_H
#define CLACT_CLACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 120
#endif
#include <CL/cl.h>

#if defined(_WIN32)
#define CLACT_API
#else
#define CLACT_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status ---------------------------------------------------------------------------------- */

#define CLACT_STATUS_MAP(X)                                                                        \
    X(SUCCESS, 0, "success")                                                                       \
    X(INVALID_ARGUMENT, 1, "an argument is NULL, unknown or out of range")                         \
    X(UNKNOWN_NAME, 2, "no activation or parameter has this name")                                 \
    X(PARAMETER_RANGE, 3, "a parameter is outside its legal range")                                \
    X(SAVED_TENSOR, 4, "backward cannot read this saved tensor for this activation")               \
    X(SHAPE, 5, "a leading dimension is smaller than the columns, or a size overflows")            \
    X(BUFFER_SIZE, 6, "a buffer is too small for its matrix")                                      \
    X(OVERLAP, 7, "output and input overlap without being the same matrix")                        \
    X(MISMATCH, 8, "queue, buffer or device belongs to another OpenCL context")                    \
    X(DEVICE, 9, "the device cannot run clact kernels")                                            \
    X(BUILD, 10, "a kernel did not compile; see the build log")                                    \
    X(MEMORY, 11, "out of host memory")                                                            \
    X(OPENCL, 12, "an OpenCL call failed")                                                         \
    X(BLAS, 13, "a CLBlast call failed")

typedef enum clact_status {
#define CLACT_STATUS_ENUM(name, value, text) CLACT_##name = value,
    CLACT_STATUS_MAP(CLACT_STATUS_ENUM)
#undef CLACT_STATUS_ENUM
} clact_status;

/* One sentence about a status; never NULL. */
CLACT_API const char *clact_status_text(clact_status status);

/* "1.2.3" of the library that runs. */
CLACT_API const char *clact_version(void);

/* A number for the text of all kernels: libraries with the same one give the same bits on every
 * IEEE 754 device. */
CLACT_API uint64_t clact_kernel_fingerprint(void);

/* ---- The table of activations ---------------------------------------------------------------- */

typedef enum clact_activation {
#define ACTIVATION(ID, ...) CLACT_ACT_##ID,
#include "clact/activations.def"
    CLACT_ACT_COUNT
} clact_activation;

/* The tensor a backward pass reads beside dy: the input x or the output y of the forward pass. */
typedef enum clact_saved { CLACT_SAVED_X = 0, CLACT_SAVED_Y = 1 } clact_saved;

#define CLACT_MAX_PARAMS 2
#define CLACT_MAX_KINKS  2

typedef struct clact_parameter {
    const char *name;
    float value;    /* default */
    float min, max; /* legal range, inclusive */
} clact_parameter;

/* What the table says of one activation. Strings and values live as long as the program. */
typedef struct clact_activation_info {
    clact_activation activation;
    const char *name;    /* canonical, lower case */
    const char *aliases; /* other accepted names, '|' between them; "" for none */
    const char *formula, *derivative;
    int num_params;
    clact_parameter params[CLACT_MAX_PARAMS];
    float domain_min, domain_max; /* NaN outside */
    bool reads_y;                 /* backward may read y (perhaps for some parameters only) */
} clact_activation_info;

/* Fills *info. Errors: INVALID_ARGUMENT for a kind outside the table or info NULL. */
CLACT_API clact_status clact_activation_query(clact_activation activation,
                                              clact_activation_info *info);

/* Finds a row by name or alias, PyTorch's and ONNX's spellings included: letter case, '_' and '-'
 * do not count. Errors: INVALID_ARGUMENT (NULL), UNKNOWN_NAME. */
CLACT_API clact_status clact_activation_find(const char *name, clact_activation *activation);

/* Writes the inputs at which the derivative jumps, for these parameters, to kinks[CLACT_MAX_KINKS];
 * returns how many there are. params NULL means the defaults. */
CLACT_API size_t clact_activation_kinks(clact_activation activation, const float *params,
                                        float *kinks);

/* ---- Element types and tiers ----------------------------------------------------------------- */

/* Element types of a tensor, their names and sizes in bytes. float16 and bfloat16 need no extension
 * of the device: the arithmetic is float32, with one rounding to nearest even at the store. float64
 * has its own arithmetic and needs a device with fp64. */
#define CLACT_DTYPE_MAP(X)                                                                         \
    X(F32, 0, "f32", 4)                                                                            \
    X(F16, 1, "f16", 2)                                                                            \
    X(BF16, 2, "bf16", 2)                                                                          \
    X(F64, 3, "f64", 8)

typedef enum clact_dtype {
#define CLACT_DTYPE_ENUM(NAME, value, name, size) CLACT_##NAME = value,
    CLACT_DTYPE_MAP(CLACT_DTYPE_ENUM)
#undef CLACT_DTYPE_ENUM
} clact_dtype;

/* Two tiers of one formula: fast, at most 4 ulp from the exact value, or accurate, at most 1 ulp.
 * clact_activation_bound has the bound of each row. */
#define CLACT_TIER_MAP(X)                                                                          \
    X(FAST, 0, "fast")                                                                             \
    X(ACCURATE, 1, "accurate")

typedef enum clact_tier {
#define CLACT_TIER_ENUM(NAME, value, name) CLACT_TIER_##NAME = value,
    CLACT_TIER_MAP(CLACT_TIER_ENUM)
#undef CLACT_TIER_ENUM
} clact_tier;

/* Bytes of an element, 0 for no type; "f32" and so on, NULL for none. */
CLACT_API size_t clact_dtype_size(clact_dtype dtype);
CLACT_API const char *clact_dtype_name(clact_dtype dtype);
CLACT_API const char *clact_tier_name(clact_tier tier);

/* What is promised of every result: |got - exact| <= ulps * ulp(exact) + floor * |dy|, where ulp(exact)
 * is the last place of the result's type at the exact value (its smallest subnormal below that). The
 * exact value is f at the stored input, or for a gradient dy f' at the stored dy and saved tensor,
 * for any finite dy. In float32 it is proven at all inputs for the default parameters and dy = 1,
 * and measured on samples elsewhere: host/docs/accuracy.md. */
typedef struct clact_bound {
    double ulps;
    double floor; /* 0 but for swish's gradient: formulas have the zeros of a derivative as a factor,
                     and only a parameter can bring an argument closer to one than 2^-26 */
} clact_bound;

/* The bound of one row and direction. Errors: INVALID_ARGUMENT. */
CLACT_API clact_status clact_activation_bound(clact_activation activation, clact_tier tier,
                                              clact_dtype dtype, bool backward, clact_bound *bound);

/* ---- Descriptors ----------------------------------------------------------------------------- */

/* One elementwise pass over a matrix: what is computed, apart from shape and buffers. Fill it with
 * clact_sweep_init, which sets every field, those of later versions too. */
typedef struct clact_sweep {
    size_t struct_size; /* sizeof(clact_sweep) as the caller was compiled */
    clact_activation activation;
    clact_saved saved;              /* what backward reads */
    float params[CLACT_MAX_PARAMS]; /* in the order of the table */
    clact_tier tier;                /* CLACT_TIER_FAST by default */
    clact_dtype dtype;              /* of all tensors; CLACT_F32 by default */
} clact_sweep;

/* Default parameters, saved tensor x, fast tier, float32. size is the caller's sizeof(clact_sweep),
 * so that a later library knows which fields there are. Errors: INVALID_ARGUMENT. */
CLACT_API clact_status clact_sweep_init_sized(clact_sweep *sweep, size_t size,
                                              clact_activation activation);
static inline clact_status clact_sweep_init(clact_sweep *sweep, clact_activation activation) {
    return clact_sweep_init_sized(sweep, sizeof *sweep, activation);
}

/* Sets a parameter by its name in the table. Errors: INVALID_ARGUMENT, UNKNOWN_NAME,
 * PARAMETER_RANGE (the value alone is outside its range, or not finite). */
CLACT_API clact_status clact_sweep_set(clact_sweep *sweep, const char *param, float value);

/* Whether forward (and, if backward is true, backward from sweep->saved) is legal.
 * Errors: INVALID_ARGUMENT, PARAMETER_RANGE (also for parameters that do not go together),
 * SAVED_TENSOR (y asked for where it would give a wrong gradient). */
CLACT_API clact_status clact_sweep_check(const clact_sweep *sweep, bool backward);

/* ---- Devices --------------------------------------------------------------------------------- */

typedef struct clact_device_info {
    char name[256], vendor[128], driver[128], version[128], platform[128];
    cl_device_type type;
    unsigned compute_units, clock_mhz;
    uint64_t global_bytes, cache_bytes, max_alloc_bytes;
    size_t max_work_group;
    bool fp16, fp64;       /* arithmetic: cl_khr_fp16, cl_khr_fp64 */
    bool subnormals, fma;  /* as the driver reports for float32 */
    unsigned vector_width; /* what clact uses on it by default */
} clact_device_info;

/* Errors: INVALID_ARGUMENT, OPENCL. */
CLACT_API clact_status clact_device_query(cl_device_id device, clact_device_info *info);

/* ---- Context --------------------------------------------------------------------------------- */

/* Holds the compiled kernels for one cl_context and device. May be used from many threads. */
typedef struct clact_context clact_context;

/* What the creation of a context has to do with the self-test (see there). */
typedef enum clact_self_test {
    CLACT_SELF_TEST_OFF = 0,    /* nothing: nothing is compiled */
    CLACT_SELF_TEST_REFUSE = 1, /* it is run, and a device that fails is refused: DEVICE */
    CLACT_SELF_TEST_INSIST = 2  /* it is run, and the context created whatever it finds, unless it
                                   cannot be run at all */
} clact_self_test;

typedef struct clact_self_test_report clact_self_test_report;

typedef struct clact_context_options {
    size_t struct_size;        /* sizeof(clact_context_options) */
    unsigned vector_width;     /* 1, 2, 4, 8 or 16; 0 chooses by the device */
    const char *build_options; /* added to the compiler's options; NULL for none. Options that let
                                  the compiler change arithmetic are refused. */
    clact_self_test self_test;
    clact_self_test_report *report; /* where the self-test leaves what it found, also when no
                                       context is created; struct_size set; NULL if not wanted */
} clact_context_options;

/* options NULL means the defaults. Retains context and device; compiles nothing yet, and waits for
 * nothing, unless a self-test is asked for.
 * Errors: INVALID_ARGUMENT (also for build options like -cl-fast-relaxed-math, or of 256 characters
 * and more), MISMATCH (device not in context), DEVICE (no compiler, or not the full profile of
 * OpenCL 1.2, or it has failed the self-test), MEMORY, OPENCL; with a self-test BUILD. After any of
 * them report->message, where there is a report, says why if the self-test has got that far. */
CLACT_API clact_status clact_context_create(cl_context context, cl_device_id device,
                                            const clact_context_options *options,
                                            clact_context **out);

/* Kernels already enqueued run to their end. NULL is ignored. */
CLACT_API void clact_context_destroy(clact_context *context);

/* Copies the message of the last failed call on this context ("" if none), NUL-terminated, cut to
 * size; returns the length it has in full. */
CLACT_API size_t clact_context_message(clact_context *context, char *text, size_t size);

/* Sets that message, for libraries built on clact; returns `status`. */
CLACT_API clact_status clact_context_report(clact_context *context, clact_status status,
                                            const char *message);

/* Copies, likewise, the compiler's log of the last failed build. */
CLACT_API size_t clact_context_build_log(clact_context *context, char *text, size_t size);

/* Compiles the forward (and where has_backward, backward) kernels of count sweeps in one build,
 * so that no later call has to compile (a driver may still specialise a kernel at its first
 * launch). Launches of other kernels by other threads go on meanwhile. Errors: as
 * clact_sweep_check, DEVICE, BUILD, MEMORY, OPENCL. Kernels that are there already cost nothing. */
CLACT_API clact_status clact_warm_up(clact_context *context, const clact_sweep *sweeps,
                                     size_t count, bool has_backward);

/* Seconds this context has spent in the compiler so far, and the number of builds. */
CLACT_API double clact_context_build_seconds(clact_context *context, unsigned *builds);

/* ---- Self-test ------------------------------------------------------------------------------- */

/* What clact promises rests on a device whose + * and fma are those of IEEE 754 and whose compiler
 * leaves them alone. The self-test looks: it runs the operations and the elementary functions, in
 * float32, both tiers and at the context's vector width, on some 64 numbers each, and compares all
 * bits with those of the C build. A wrong answer fails it. Taking subnormal numbers for 0 is a
 * device's right and does not; the answers that depend on them are then left out. */
struct clact_self_test_report {
    size_t struct_size; /* sizeof(clact_self_test_report), set by the caller */
    bool passed;
    unsigned answers, wrong, left_out; /* compared, of these wrong; not compared */

    /* The first wrong answer; function is "" where there is none. Operations come before functions:
     * "multiply", "add", "multiply_add", "multiply_subtract", "subtract_product", "fma", "divide",
     * "square_root", "exp", "expm1", "log", "log1p", "tanh", "erf", "erfc", "sine". */
    char function[32];
    clact_tier tier;
    unsigned num_inputs;
    uint32_t inputs[3], got, want; /* bits of float32; any NaN as 0x7fc00000 */

    bool contracts;         /* a * b + c has been rounded once, as fma(a, b, c); it fails then */
    bool fma_exact;         /* fma rounds once; it fails otherwise */
    bool fma_subnormals;    /* fma is exact also where addends or results are subnormal */
    bool subnormal_inputs;  /* are taken for what they are, not for 0 */
    bool subnormal_results; /* of products and sums come out, not 0 */
    double seconds;         /* it took, compiling included */
    char message[512];      /* names the device and what failed, with numbers; "" if it passed */
};

/* Runs the self-test if it has not been run on this context, and fills *report, whose struct_size
 * is set. What it found is kept with the context: later calls cost nothing. This and a creation
 * that asks for it are the only places where clact waits: it makes a queue and buffers of its own
 * on the device, runs a kernel of each tier, reads and releases them. Success says that it was
 * run; report->passed how it ended. Errors: INVALID_ARGUMENT, BUILD, MEMORY, OPENCL;
 * report->message is then the context's, and the next call tries again. */
CLACT_API clact_status clact_context_self_test(clact_context *context,
                                               clact_self_test_report *report);

/* ---- Matrices -------------------------------------------------------------------------------- */

typedef struct clact_matrix {
    cl_mem buffer;
    size_t offset; /* elements before (0, 0) */
    size_t ld;     /* leading dimension: elements from one row to the next, >= cols; 0 means cols */
} clact_matrix;

/* One matrix of a call, as clact_check_operands sees it. */
typedef struct clact_operand {
    const char *name; /* for messages */
    clact_matrix matrix;
    size_t rows, cols;  /* both at least 1 */
    bool input, output; /* read, written, or both */
    bool in_place;      /* of an output: may be the very same matrix as an input */
    clact_dtype dtype;
} clact_operand;

/* What every call here checks before it enqueues, for libraries built on clact: that the queue is
 * the context's, each buffer belongs to it, holds its matrix and may be read or written, and no
 * output overlaps another operand. Sets ld 0 to cols. At most CLACT_MAX_OPERANDS at a time. Errors:
 * INVALID_ARGUMENT, SHAPE, BUFFER_SIZE, OVERLAP, MISMATCH, OPENCL. */
#define CLACT_MAX_OPERANDS 8
CLACT_API clact_status clact_check_operands(clact_context *context, cl_command_queue queue,
                                            clact_operand *operands, size_t count);

/* ---- Forward and backward -------------------------------------------------------------------- */

/* y = act(x), rows x cols each. rows or cols 0 is success and enqueues a marker when an event is
 * asked for. y may be x (same buffer, offset and ld); any other overlap of the two is refused.
 * Errors: INVALID_ARGUMENT, PARAMETER_RANGE, SHAPE, BUFFER_SIZE, OVERLAP, MISMATCH, DEVICE (float64
 * on a device without it), BUILD, MEMORY, OPENCL. Nothing is enqueued on error. */
CLACT_API clact_status clact_forward(clact_context *context, cl_command_queue queue,
                                     const clact_sweep *sweep, size_t rows, size_t cols,
                                     clact_matrix x, clact_matrix y, cl_uint num_wait,
                                     const cl_event *wait, cl_event *event);

/* dx = dy * act'(.), where act' is taken at the saved tensor: x or y, as sweep->saved says. dx may
 * be dy or the saved tensor. Where act' is zero by definition (dead side of a relu) dx is 0
 * whatever dy is; a NaN in the saved tensor gives NaN. Errors: as clact_forward, SAVED_TENSOR. */
CLACT_API clact_status clact_backward(clact_context *context, cl_command_queue queue,
                                      const clact_sweep *sweep, size_t rows, size_t cols,
                                      clact_matrix saved, clact_matrix dy, clact_matrix dx,
                                      cl_uint num_wait, const cl_event *wait, cl_event *event);

/* ---- What a training step needs beside them -------------------------------------------------- */

/* y[r, c] = bias[c] for every row: the start of y = x W^T + b. Errors: as clact_forward. */
CLACT_API clact_status clact_broadcast_rows(clact_context *context, cl_command_queue queue,
                                            size_t rows, size_t cols, clact_matrix bias,
                                            clact_matrix y, cl_uint num_wait, const cl_event *wait,
                                            cl_event *event);

/* sum[c] = sum over r of x[r, c]: the bias gradient. Compensated and in one fixed order: the same
 * bits on every device, within 2^-23 |sum| + (rows 2^-23)^2 (sum of |x|) of the exact sum for up to
 * 2^22 rows as long as no partial sum overflows. sum is 1 x cols. rows 0 gives zeros. */
CLACT_API clact_status clact_sum_columns(clact_context *context, cl_command_queue queue,
                                         size_t rows, size_t cols, clact_matrix x, clact_matrix sum,
                                         cl_uint num_wait, const cl_event *wait, cl_event *event);

typedef enum clact_loss {
    CLACT_LOSS_SOFTMAX_CROSS_ENTROPY = 0, /* target: rows x 1, the class index as a float */
    CLACT_LOSS_BCE_WITH_LOGITS = 1,       /* target: rows x cols, in [0, 1] */
    CLACT_LOSS_MSE = 2                    /* target: rows x cols */
} clact_loss;

/* Loss and gradient in one pass over z, rows x cols logits (or outputs for MSE):
 *   loss[r] = softmax cross-entropy of row r, or the mean over its columns of the BCE or MSE;
 *   dz      = scale * d(loss[r]) / dz. With scale = 1/rows it is the gradient of the mean loss.
 * loss is rows x 1 with its own ld; dz may be z. A class index that is not an integer in
 * [0, cols) gives NaN for its row, loss and gradient. Errors: as clact_forward. */
CLACT_API clact_status clact_loss_gradient(clact_context *context, cl_command_queue queue,
                                           clact_loss loss_kind, size_t rows, size_t cols,
                                           clact_matrix z, clact_matrix target, float scale,
                                           clact_matrix loss, clact_matrix dz, cl_uint num_wait,
                                           const cl_event *wait, cl_event *event);

/* SGD with momentum over n contiguous elements, as PyTorch has it:
 *   v = momentum * v + g;  w = w - lr * v.
 * offsets count elements; ld is not used. Errors: as clact_forward. */
CLACT_API clact_status clact_sgd_step(clact_context *context, cl_command_queue queue, size_t n,
                                      clact_matrix w, clact_matrix g, clact_matrix v, float lr,
                                      float momentum, cl_uint num_wait, const cl_event *wait,
                                      cl_event *event);

#ifdef __cplusplus
}
#endif
#endif
