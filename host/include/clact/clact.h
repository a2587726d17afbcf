/* clact.h: neural activations and their gradients on OpenCL 1.2 devices.
 *
 * The caller owns contexts, queues, buffers and events. Functions that take a queue only enqueue:
 * no wait, no host copy, no print. They check every argument before anything is enqueued, wait for
 * the events given, and hand out an event when asked for one (the caller releases it). The first
 * call of a kind compiles its kernels, which may take seconds: see Warm-up.
 *
 * An event asked for is NULL after an error. New values may join the enums, and new fields the ends
 * of the structs that carry their size; until 1.0 other structs may change with the minor version,
 * and the library's SOVERSION with them.
 *
 * A batch is a matrix of rows x cols elements, row-major; element (r, c) of a clact_matrix stands
 * at buffer[offset + r * ld + c], counted in elements. Sweeps, softmaxes and losses take the
 * element type that their descriptor names; all else is float32.
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
    X(OVERLAP, 7, "matrices of a call overlap where they must not")                                \
    X(MISMATCH, 8, "queue, buffer or device belongs to another OpenCL context")                    \
    X(DEVICE, 9, "the device cannot run clact kernels")                                            \
    X(BUILD, 10, "a kernel did not compile; see the build log")                                    \
    X(MEMORY, 11, "out of host memory")                                                            \
    X(OPENCL, 12, "an OpenCL call failed")                                                         \
    X(BLAS, 13, "a CLBlast call failed")                                                           \
    X(FILE, 14, "a file or folder cannot be read or removed")

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

/* The tensor a backward pass reads beside dy:
 *   x     the input of the forward pass
 *   y     its output
 *   mask  a bit for each element, on which side of its kinks a piecewise linear activation was
 *   tail  t = sigma(-|z|) with the sign of z, for sigmoid(x) with z = scale x, and for tanh with
 *         z = 2 alpha x. It has y' without loss, as |t| (1 - |t|), where a stored y near 1 has
 *         rounded 1 - y away; and y of a sigmoid, as |t| or 1 - |t|
 *   nothing, where the derivative is constant */
#define CLACT_SAVED_MAP(M)                                                                         \
    M(X, 0, "x")                                                                                   \
    M(Y, 1, "y")                                                                                   \
    M(MASK, 2, "mask")                                                                             \
    M(TAIL, 3, "tail")                                                                             \
    M(NOTHING, 4, "nothing")

typedef enum clact_saved {
#define CLACT_SAVED_ENUM(NAME, value, name) CLACT_SAVED_##NAME = value,
    CLACT_SAVED_MAP(CLACT_SAVED_ENUM)
#undef CLACT_SAVED_ENUM
        CLACT_SAVED_COUNT
} clact_saved;

/* "x" and so on, NULL for none. */
CLACT_API const char *clact_saved_name(clact_saved saved);

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

/* What is promised of every result: |got - exact| <= ulps * ulp(exact) + floor * |dy|, where
 * ulp(exact) is the last place of the result's type at the exact value (its smallest subnormal
 * below that). The exact value is f at the stored input, or for a gradient dy f' at the stored dy
 * and saved tensor, for any finite dy. In float32 it is proven at all inputs for the default
 * parameters and dy = 1, and measured on samples elsewhere: host/docs/accuracy.md. */
typedef struct clact_bound {
    double ulps;
    double floor; /* 0 but for swish's gradient: formulas have the zeros of a derivative as a
                     factor, and only a parameter can bring an argument closer to one than 2^-26 */
} clact_bound;

/* The bound of one row and direction. Errors: INVALID_ARGUMENT. */
CLACT_API clact_status clact_activation_bound(clact_activation activation, clact_tier tier,
                                              clact_dtype dtype, bool backward, clact_bound *bound);

/* ---- Descriptors ----------------------------------------------------------------------------- */

/* Gated activations, as in GLU, ReGLU, GEGLU and SwiGLU: a = act(gate) * value. */
typedef enum clact_gate {
    CLACT_GATE_OFF = 0,
    CLACT_GATE_FIRST = 1, /* both are halves of x, which is rows x 2 cols: gate, then value */
    CLACT_GATE_LAST = 2,  /* value, then gate */
    CLACT_GATE_APART = 3  /* x is the gate; the value is a matrix of its own */
} clact_gate;

/* What backward computes beside the gradient of x (and of a separate value). */
typedef enum clact_gradient {
    CLACT_GRADIENT_X = 1,        /* always computed; a name for `accumulate` */
    CLACT_GRADIENT_BIAS = 2,     /* column sums */
    CLACT_GRADIENT_SLOPES = 4,   /* of prelu, column sums */
    CLACT_GRADIENT_RESIDUAL = 8, /* dy itself: clear it where dy will do */
    CLACT_GRADIENT_ALL = 15
} clact_gradient;

/* One pass over a matrix, forward and backward: what is computed, apart from shape and buffers.
 * Fill it with clact_sweep_init, which sets every field, those of later versions too. Forward does,
 * in this order and as far as asked for,
 *
 *   z = x + bias[col]
 *   a = act(z), or act(gate) * value, each with its bias
 *   a = a / (1 - dropout) where kept, else 0
 *   y = residual + scale * a
 *
 * and backward, from dy and what was saved, the gradients. Each is one kernel, with small ones
 * behind it for sums down columns and for health. Arithmetic is float32 (float64 for f64) with one
 * rounding where a tensor is stored, so in f32 and f64 the bits are those of the single passes one
 * after the other.
 */
typedef struct clact_sweep {
    size_t struct_size; /* sizeof(clact_sweep) as the caller was compiled */
    clact_activation activation;
    clact_saved saved;              /* what backward reads; forward writes a mask or tail */
    float params[CLACT_MAX_PARAMS]; /* in the order of the table */
    clact_tier tier;                /* CLACT_TIER_FAST by default */
    clact_dtype dtype;              /* of all tensors; CLACT_F32 by default */

    bool bias;        /* a bias for each column is added to x (and the value) */
    bool slopes;      /* prelu takes its parameter from a row of cols, one for each column */
    clact_gate gate;  /* CLACT_GATE_OFF by default */
    float dropout;    /* the probability of 0, in [0, 1); 0 by default: none */
    float scale;      /* finite; 1 by default: none */
    bool residual;    /* a matrix is added */
    bool health;      /* see clact_health */
    float saturation; /* units with |act'| below it count as saturated; 0.01 by default */

    unsigned gradients;  /* which of clact_gradient backward computes, where they have a meaning;
                            CLACT_GRADIENT_ALL by default */
    unsigned accumulate; /* to which of these it adds beta times what is there, and which then may
                            not be one of the inputs; 0 by default */
    float beta;          /* finite; 1 by default. 0 takes nothing from there, not even a NaN */
} clact_sweep;

/* Default parameters, saved tensor x, fast tier, float32, no stages but the activation. size is the
 * caller's sizeof(clact_sweep), so that a later library knows which fields there are. Errors:
 * INVALID_ARGUMENT. */
CLACT_API clact_status clact_sweep_init_sized(clact_sweep *sweep, size_t size,
                                              clact_activation activation);
static inline clact_status clact_sweep_init(clact_sweep *sweep, clact_activation activation) {
    return clact_sweep_init_sized(sweep, sizeof *sweep, activation);
}

/* Sets a parameter by its name in the table. Errors: INVALID_ARGUMENT, UNKNOWN_NAME,
 * PARAMETER_RANGE (the value alone is outside its range, or not finite). */
CLACT_API clact_status clact_sweep_set(clact_sweep *sweep, const char *param, float value);

/* Whether forward (and, if backward is true, backward from sweep->saved) is legal. Errors:
 * INVALID_ARGUMENT, PARAMETER_RANGE (also for parameters that do not go together, dropout, scale
 * and beta), SAVED_TENSOR (a saved tensor that does not hold what the gradient needs). */
CLACT_API clact_status clact_sweep_check(const clact_sweep *sweep, bool backward);

/* The same, and a sentence that says what is wrong (empty after success), cut to size. */
CLACT_API clact_status clact_sweep_explain(const clact_sweep *sweep, bool backward, char *text,
                                           size_t size);

/* What may be saved for backward, and the bytes it takes for rows x cols without gaps: x and y in
 * their element type (x with both halves where gated), a mask 16 bytes for each row and 128 columns
 * begun, a tail as much as y. */
typedef struct clact_saved_choice {
    clact_saved saved;
    size_t bytes;
} clact_saved_choice;

/* Writes the choices that are legal for the sweep, whatever its own, and returns how many there
 * are; 0 for a sweep that is not legal at all or where a size overflows. */
CLACT_API size_t clact_sweep_saved_choices(const clact_sweep *sweep, size_t rows, size_t cols,
                                           clact_saved_choice choices[CLACT_SAVED_COUNT]);

/* Bytes of scratch that a pass over rows x cols needs on the device for its sums, perhaps 0; never
 * fewer for more rows. It holds nothing between passes, but two that may run at the same time need
 * one each. Errors: as clact_sweep_check, SHAPE (it overflows). */
CLACT_API clact_status clact_sweep_workspace(const clact_sweep *sweep, bool backward, size_t rows,
                                             size_t cols, size_t *bytes);

/* What was seen in one column, or in all of them: forward of a, the output of the activation (with
 * the value, where gated; before dropout), backward of the gradients of x (and value), before they
 * are added to anything. All as computed: a value that float16 has no room for is no infinity here,
 * but max_abs shows it. */
typedef struct clact_health {
    uint64_t count;     /* elements */
    uint64_t zeros;     /* exactly 0: dead units */
    uint64_t saturated; /* with |act'(z)| below sweep->saturation; 0 backward */
    uint64_t nans, infs;
    float mean, variance; /* of the finite ones, within 2^-18 of their range and 2^-16 of its square
                             (float64: 2^-23); NaN if there are none, or their sum overflows */
    float max_abs;        /* greatest magnitude, NaN apart */
    float norm;           /* L2 norm of the finite ones; does not overflow or underflow early */
} clact_health;

/* Whether dropout keeps element (row, col) of a matrix of so many columns: word c / 16 % 4 of
 * Philox-4x32-10 (Salmon et al. 2011) with key seed and counter (g, offset), 64 bits each and the
 * low word first, where c = col % 64 and g = 16 (row ceil(cols / 64) + floor(col / 64)) + c % 16,
 * is at least dropout * 2^32, for dropout in [0, 1). Passes with another offset draw independent
 * numbers; those with the same seed and offset, of another layer say, the same ones. */
CLACT_API bool clact_dropout_keeps(float dropout, uint64_t seed, uint64_t offset, size_t cols,
                                   size_t row, size_t col);

/* ---- Devices --------------------------------------------------------------------------------- */

typedef struct clact_device_info {
    char name[256], vendor[128], driver[128], version[128], platform[128];
    cl_device_type type;
    unsigned compute_units, clock_mhz;
    uint64_t global_bytes, cache_bytes, max_alloc_bytes;
    size_t max_work_group;
    bool fp16, fp64;       /* arithmetic: cl_khr_fp16, cl_khr_fp64 */
    bool subnormals, fma;  /* as the driver reports for float32 */
    bool rounded_division; /* as well: that / and sqrt can be had rounded right */
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
typedef struct clact_tuning clact_tuning; /* see clact/tuning.h */

typedef struct clact_context_options {
    size_t struct_size;        /* sizeof(clact_context_options) */
    unsigned vector_width;     /* 1, 2, 4, 8 or 16, or as in clact/tuning.h 32 or 64; 0 chooses by
                                  the device */
    const char *build_options; /* added to the compiler's options; NULL for none. Options that let
                                  the compiler change arithmetic are refused. */
    clact_self_test self_test;
    clact_self_test_report *report; /* where the self-test leaves what it found, also when no
                                       context is created; struct_size set; NULL if not wanted */
    const char *cache_folder;   /* where compiled programs are kept from one run to the next, see
                                   "Kept programs"; NULL for nowhere */
    const clact_tuning *tuning; /* copied; NULL for the device's default. Where it names no width,
                                   vector_width counts */
} clact_context_options;

/* options NULL means the defaults. Retains context and device; compiles nothing yet, and waits for
 * nothing, unless a self-test is asked for.
 * Errors: INVALID_ARGUMENT (also for build options like -cl-fast-relaxed-math, or of 256 characters
 * and more, and for a tuning that clact_tuning_check refuses), MISMATCH (device not in context),
 * DEVICE (no compiler, or not the full profile of OpenCL 1.2, or it has failed the self-test),
 * MEMORY, OPENCL; with a self-test BUILD. After any of them report->message, where there is a
 * report, says why if the self-test has got that far. */
CLACT_API clact_status clact_context_create(cl_context context, cl_device_id device,
                                            const clact_context_options *options,
                                            clact_context **out);

/* Kernels already enqueued run to their end. With a cache folder it writes there what it has
 * compiled. NULL is ignored. */
CLACT_API void clact_context_destroy(clact_context *context);

/* Copies the message of the last failed call on this context ("" if none), NUL-terminated, cut to
 * size; returns the length it has in full. */
CLACT_API size_t clact_context_message(clact_context *context, char *text, size_t size);

/* Sets that message, for libraries built on clact; returns `status`. */
CLACT_API clact_status clact_context_report(clact_context *context, clact_status status,
                                            const char *message);

/* Copies, likewise, the compiler's log of the last failed build. */
CLACT_API size_t clact_context_build_log(clact_context *context, char *text, size_t size);

/* Seconds this context has spent in the compiler so far, and the number of builds. Programs that
 * came from the cache folder are not in it. */
CLACT_API double clact_context_build_seconds(clact_context *context, unsigned *builds);

/* ---- Kept programs --------------------------------------------------------------------------- */

/* A context with a cache folder looks there before it compiles. When it is destroyed it keeps there
 * what it has compiled, a file for each build: not before, because some drivers compile a kernel
 * only at its first launch (PoCL, which at this point also compiles each kernel once more). A file
 * is used only where kernels, options, element widths, device, driver, platform and, for a CPU, its
 * features are the same, and where every bit of it is as it was written. Whatever else is found,
 * and a folder that cannot be made, read or written, only costs the compiler's time: no call fails
 * for it. The folder and those above it are made when missing, for the user alone. Files that
 * belong to or may be written by somebody else are not used. Beyond 256 MiB the files longest
 * unused are removed. Any number of contexts, threads and processes may share a folder.
 * What clact cannot see is an environment variable that has a driver compile otherwise. */

/* Programs that this context took from its cache folder, and those that it did not find there. */
CLACT_API void clact_context_cache_counts(clact_context *context, unsigned *hits, unsigned *misses);

/* What there is in a cache folder. */
typedef struct clact_cache_info {
    size_t struct_size;     /* sizeof(clact_cache_info), set by the caller */
    size_t programs;        /* whole files */
    size_t unusable;        /* damaged, of another version, or open to others: each is replaced when
                               its program is compiled */
    size_t leftovers;       /* what writers are writing, or were when they were stopped */
    size_t foreign;         /* not clact's: never read, counted in bytes or removed */
    uint64_t bytes;         /* of clact's files, whole or not */
    int64_t oldest, newest; /* last use of a program, in seconds since 1970; 0 without programs */
} clact_cache_info;

/* Reads all files of the folder and fills *info, whose struct_size is set. No folder is an empty
 * one. Errors: INVALID_ARGUMENT, MEMORY, FILE. */
CLACT_API clact_status clact_cache_query(const char *folder, clact_cache_info *info);

/* Removes clact's files, told by their names and first bytes, and nothing else; the folder stays.
 * *removed, unless NULL, is how many there were. Errors: INVALID_ARGUMENT, MEMORY, FILE (one cannot
 * be removed; others may have been). */
CLACT_API clact_status clact_cache_clear(const char *folder, size_t *removed);

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
#define CLACT_MAX_OPERANDS 16
CLACT_API clact_status clact_check_operands(clact_context *context, cl_command_queue queue,
                                            clact_operand *operands, size_t count);

/* ---- Forward and backward -------------------------------------------------------------------- */

/* The tensors of a forward pass over rows x cols, of the sweep's element type. Those of stages that
 * are off are not looked at; leave them zero. */
typedef struct clact_forward_tensors {
    size_t rows, cols;       /* of y. Without columns, or without rows where there is no sum and no
                                health, nothing is written; an event wanted is a marker's */
    clact_matrix x;          /* rows x cols, or rows x 2 cols with both halves of a gate */
    clact_matrix value;      /* rows x cols, CLACT_GATE_APART only */
    clact_matrix bias;       /* as many columns as x; 1 row */
    clact_matrix value_bias; /* 1 x cols, CLACT_GATE_APART only */
    clact_matrix slopes;     /* 1 x cols */
    clact_matrix residual;   /* rows x cols */
    uint64_t seed, offset;   /* of the dropout, see clact_dropout_keeps */
    clact_matrix y;          /* rows x cols; may be x or one half of it, value or residual. A
                                backward pass that reads x must find it unchanged */
    clact_matrix saved; /* a tail: rows x cols. A mask: rows of 4 ceil(cols / 128) 32-bit words, in
                           which offset and ld count. Its bits stand in an order of their own; words
                           beyond the last column are not all written */
    cl_mem health;      /* cols + 1 records of clact_health, the last for all columns */
    size_t health_offset; /* records before the first */
    cl_mem workspace;     /* at least clact_sweep_workspace bytes, from its start */
} clact_forward_tensors;

/* Errors: INVALID_ARGUMENT, PARAMETER_RANGE, SAVED_TENSOR (a mask or tail where there is none),
 * SHAPE, BUFFER_SIZE, OVERLAP, MISMATCH, DEVICE (float64 on a device without it), BUILD, MEMORY,
 * OPENCL. Nothing is enqueued on error, unless it is OPENCL and comes from the driver at the second
 * kernel of a pass or a later one. */
CLACT_API clact_status clact_sweep_forward(clact_context *context, cl_command_queue queue,
                                           const clact_sweep *sweep,
                                           const clact_forward_tensors *tensors, cl_uint num_wait,
                                           const cl_event *wait, cl_event *event);

/* The tensors of a backward pass, likewise. Bias, slopes, value, seed and offset are those of the
 * forward pass. */
typedef struct clact_backward_tensors {
    size_t rows, cols;       /* of dy */
    clact_matrix saved;      /* what the sweep says; for x as in the forward pass */
    clact_matrix value;      /* rows x cols, CLACT_GATE_APART only */
    clact_matrix bias;       /* read where x was saved */
    clact_matrix value_bias; /* 1 x cols, CLACT_GATE_APART only */
    clact_matrix slopes;     /* 1 x cols */
    uint64_t seed, offset;
    clact_matrix dy;          /* rows x cols */
    clact_matrix dx;          /* as x; may be saved, in halves too; where it has none also dy or
                                 value. Not where it is added to */
    clact_matrix dvalue;      /* rows x cols, CLACT_GATE_APART only; may be what dx may be */
    clact_matrix dbias;       /* as bias */
    clact_matrix dvalue_bias; /* as value_bias */
    clact_matrix dslopes;     /* 1 x cols */
    clact_matrix dresidual;   /* rows x cols */
    cl_mem health;            /* of dx (and dvalue); as in the forward pass */
    size_t health_offset;
    cl_mem workspace;
} clact_backward_tensors;

/* Where act' is zero by definition (dead side of a relu) dx is 0 whatever dy is. Where an element
 * was dropped dy counts as 0, whatever it is. A NaN in the saved tensor gives NaN; a mask takes it
 * for the side where dy passes. Sums are compensated and in one fixed order: the same bits on every
 * device, in float32 within 2^-23 |sum| + n 2^-46 (sum of magnitudes) of the exact sum, where n is
 * 33 + 4.25 sqrt(rows), in float64 2^-52 and 2^-104, as long as no partial sum overflows; the sum
 * of a 16-bit type is then rounded to it. Without rows sums are 0. A mask's buffer must not be
 * CL_MEM_READ_ONLY. Errors: as
 * clact_sweep_forward. */
CLACT_API clact_status clact_sweep_backward(clact_context *context, cl_command_queue queue,
                                            const clact_sweep *sweep,
                                            const clact_backward_tensors *tensors, cl_uint num_wait,
                                            const cl_event *wait, cl_event *event);

/* The same checks, and the kernels compiled, but nothing is enqueued: for libraries built on clact
 * that enqueue work of their own before a pass. Errors: as clact_sweep_forward. */
CLACT_API clact_status clact_sweep_try_forward(clact_context *context, cl_command_queue queue,
                                               const clact_sweep *sweep,
                                               const clact_forward_tensors *tensors);
CLACT_API clact_status clact_sweep_try_backward(clact_context *context, cl_command_queue queue,
                                                const clact_sweep *sweep,
                                                const clact_backward_tensors *tensors);

/* y = act(x), rows x cols each: a sweep without other stages. y may be x (same buffer, offset and
 * ld); any other overlap of the two is refused. Errors: as clact_sweep_forward; INVALID_ARGUMENT
 * for a sweep that needs more tensors. */
CLACT_API clact_status clact_forward(clact_context *context, cl_command_queue queue,
                                     const clact_sweep *sweep, size_t rows, size_t cols,
                                     clact_matrix x, clact_matrix y, cl_uint num_wait,
                                     const cl_event *wait, cl_event *event);

/* dx = dy * act'(.), where act' is taken at the saved tensor; such a sweep likewise. dx may be dy
 * or the saved tensor, unless it is added to. Where nothing is saved, `saved` is not looked at.
 * Errors: as clact_forward, SAVED_TENSOR. */
CLACT_API clact_status clact_backward(clact_context *context, cl_command_queue queue,
                                      const clact_sweep *sweep, size_t rows, size_t cols,
                                      clact_matrix saved, clact_matrix dy, clact_matrix dx,
                                      cl_uint num_wait, const cl_event *wait, cl_event *event);

/* ---- Sums down columns ----------------------------------------------------------------------- */

/* sum[c] = sum over r of x[r, c], float32, with the bits that a sweep gives a bias gradient. sum is
 * 1 x cols. rows 0 gives zeros. workspace: clact_sum_columns_workspace bytes from its start.
 * Errors: as clact_sweep_forward. */
CLACT_API clact_status clact_sum_columns_workspace(size_t rows, size_t cols, size_t *bytes);
CLACT_API clact_status clact_sum_columns(clact_context *context, cl_command_queue queue,
                                         size_t rows, size_t cols, clact_matrix x, clact_matrix sum,
                                         cl_mem workspace, cl_uint num_wait, const cl_event *wait,
                                         cl_event *event);

/* ---- Softmax --------------------------------------------------------------------------------- */

/* Softmax or log-softmax over the columns of each row. Fill it with clact_softmax_init, which sets
 * every field, those of later versions too. */
typedef struct clact_softmax {
    size_t struct_size; /* sizeof(clact_softmax) as the caller was compiled */
    bool log;           /* log-softmax */
    clact_dtype dtype;  /* of all tensors; CLACT_F32 by default */
    clact_tier tier;    /* CLACT_TIER_FAST by default */
} clact_softmax;

/* Softmax, fast tier, float32. size is the caller's sizeof(clact_softmax). Errors:
 * INVALID_ARGUMENT. */
CLACT_API clact_status clact_softmax_init_sized(clact_softmax *softmax, size_t size);
static inline clact_status clact_softmax_init(clact_softmax *softmax) {
    return clact_softmax_init_sized(softmax, sizeof *softmax);
}

/* Bytes of device memory that a pass over rows x cols, or over fewer rows, needs to work in,
 * forward or backward: 0 for up to 2048 columns. Errors: INVALID_ARGUMENT, DEVICE, SHAPE
 * (overflow). */
CLACT_API clact_status clact_softmax_workspace(clact_context *context, const clact_softmax *softmax,
                                               size_t rows, size_t cols, size_t *bytes);

/* y[r, c] = e^x[r, c] / sum over c of e^x[r, c], or its logarithm. Finite for finite x of any size,
 * with these exceptions:
 *   -inf       masks an element: its y is exactly 0 (log: -inf), and the others are as without it;
 *   all -inf   a row that is masked altogether gives 0 everywhere (log: -inf), not NaN;
 *   NaN, +inf  make their row NaN. (+inf is what an overflow leaves behind; two of them have no
 *              limit. PyTorch gives NaN for it too.)
 * At most 2.5 ulp (fast) or 1 ulp (accurate) from the exact value, log-softmax 2.5 or 1.5 ulp, also
 * where it is next to 0; float16 and bfloat16 are rounded right in all but rare cases. Measured up
 * to 50000 columns: 1.84 and 0.75, log-softmax 1.86 and 1.28 ulp.
 * The sums are compensated and taken in an order that depends on cols alone: the same bits on every
 * IEEE 754 device. y may be x. workspace holds clact_softmax_workspace bytes, used from its start
 * and free again when the pass is done; NULL where that is 0. rows or cols 0 is success.
 * Errors: INVALID_ARGUMENT, SHAPE, BUFFER_SIZE, OVERLAP, MISMATCH, DEVICE, BUILD, MEMORY, OPENCL.
 */
CLACT_API clact_status clact_softmax_forward(clact_context *context, cl_command_queue queue,
                                             const clact_softmax *softmax, size_t rows, size_t cols,
                                             clact_matrix x, clact_matrix y, cl_mem workspace,
                                             cl_uint num_wait, const cl_event *wait,
                                             cl_event *event);

/* From the output y of the forward pass and its gradient dy:
 *   softmax      dx = y (dy - sum over c of y dy)
 *   log-softmax  dx = dy - e^y sum over c of dy
 * An element that is masked (y is 0, for log-softmax -inf) has the gradient 0, and its dy does not
 * count, so that a row masked altogether gets zeros. For the stored y softmax's is within 3 ulp
 * (fast) or 2 ulp (accurate), but for 2^-44 of the largest |y dy|; log-softmax's within as many
 * last places of the larger of its two terms. dx may be y or dy. workspace and errors: as
 * clact_softmax_forward. */
CLACT_API clact_status clact_softmax_backward(clact_context *context, cl_command_queue queue,
                                              const clact_softmax *softmax, size_t rows,
                                              size_t cols, clact_matrix y, clact_matrix dy,
                                              clact_matrix dx, cl_mem workspace, cl_uint num_wait,
                                              const cl_event *wait, cl_event *event);

/* ---- Losses ---------------------------------------------------------------------------------- */

/* Of logits or outputs z, rows x cols, and targets t, as PyTorch defines them. */
typedef enum clact_loss_kind {
    CLACT_LOSS_SOFTMAX_CROSS_ENTROPY = 0, /* -log softmax(z)[t], t class indices */
    CLACT_LOSS_BCE_WITH_LOGITS = 1,       /* w t log(1 + e^-z) + (1 - t) log(1 + e^z) */
    CLACT_LOSS_MSE = 2,                   /* (z - t)^2 */
    CLACT_LOSS_L1 = 3,                    /* |z - t|; the gradient at 0 is 0 */
    CLACT_LOSS_HUBER = 4 /* (z - t)^2 / 2 up to |z - t| = delta, then delta (|z - t| - delta / 2) */
} clact_loss_kind;

typedef enum clact_reduction {
    CLACT_REDUCTION_NONE = 0, /* a loss for each row (cross-entropy) or element (the others) */
    CLACT_REDUCTION_SUM = 1,
    CLACT_REDUCTION_MEAN = 2 /* the sum over the number of elements; for cross-entropy over the sum
                                of the weights of the labels, or their number */
} clact_reduction;

/* A loss. Fill it with clact_loss_init, which sets every field, those of later versions too. */
typedef struct clact_loss {
    size_t struct_size; /* sizeof(clact_loss) as the caller was compiled */
    clact_loss_kind kind;
    clact_reduction reduction; /* CLACT_REDUCTION_MEAN by default */
    bool has_weight;       /* a weight is given: of each class (cross-entropy), or of t = 1 in each
                              column (BCE: PyTorch's pos_weight) */
    float label_smoothing; /* cross-entropy: in [0, 1], 0 by default */
    int32_t ignore_index;  /* cross-entropy: rows with this label do not count; -100 by default */
    float delta;           /* Huber: > 0, 1 by default */
    clact_dtype dtype;     /* of z and dz, and of a target that is no index; CLACT_F32 by default */
    clact_tier tier;       /* CLACT_TIER_FAST by default */
} clact_loss;

/* The defaults; size is the caller's sizeof(clact_loss). Errors: INVALID_ARGUMENT. */
CLACT_API clact_status clact_loss_init_sized(clact_loss *loss, size_t size, clact_loss_kind kind);
static inline clact_status clact_loss_init(clact_loss *loss, clact_loss_kind kind) {
    return clact_loss_init_sized(loss, sizeof *loss, kind);
}

/* Bytes of device memory that clact_loss_evaluate needs to work in for rows x cols, or for fewer
 * rows: 0 without a reduction, unless it is cross-entropy with more than 2048 classes. Errors:
 * INVALID_ARGUMENT, PARAMETER_RANGE, DEVICE, SHAPE (overflow). */
CLACT_API clact_status clact_loss_workspace(clact_context *context, const clact_loss *loss,
                                            size_t rows, size_t cols, size_t *bytes);

/* Loss and gradient in one pass over z:
 *   target  rows x 1 of int32 class indices for cross-entropy, else rows x cols of loss->dtype
 *   weight  1 x cols where loss->has_weight, else its buffer is NULL
 *   result  the loss: 1 x 1 for a sum or mean; without reduction rows x 1 for cross-entropy, else
 *           rows x cols. Not computed where its buffer is NULL.
 *   dz      rows x cols: scale * d(result) / dz, without reduction scale times the derivative of
 *           each loss. Not computed where its buffer is NULL; may be z.
 * weight and result are float32, or float64 where loss->dtype is: the type of the arithmetic.
 *
 * Cross-entropy with smoothing s and weights w is, for label t,
 *   (1 - s) w[t] (-log p[t]) + s / cols * sum over c of w[c] (-log p[c]),  p = softmax of the row
 * and masked elements (-inf) are as in clact_softmax_forward: a masked label, and smoothing over a
 * masked class of weight not 0, make the loss infinite; in a row masked altogether the gradient is
 * 0. An ignored row has loss and gradient 0, whatever its z. A label that is neither ignore_index
 * nor in [0, cols) gives NaN in its row, loss and gradient, and in a sum or mean, but the divisor
 * of a mean does not count it. If no row counts the mean is 0, so that a batch of padding does not
 * spoil a running sum; PyTorch gives NaN for the loss and zeros for the gradient.
 *
 * Small losses and gradients keep their bits: log p is not taken from p near 1, nor p - 1 from p.
 * Sums are compensated and in an order that depends on the shape alone: the same bits on every
 * IEEE 754 device. workspace holds clact_loss_workspace bytes, used from its start and free again
 * when the pass is done; NULL where that is 0. rows 0, or cols 0 for element losses, is success: a
 * sum or mean of 0.
 * Errors: INVALID_ARGUMENT (also a scale that is not finite, and neither result nor dz),
 * PARAMETER_RANGE, SHAPE, BUFFER_SIZE, OVERLAP, MISMATCH, DEVICE, BUILD, MEMORY, OPENCL. */
CLACT_API clact_status clact_loss_evaluate(clact_context *context, cl_command_queue queue,
                                           const clact_loss *loss, size_t rows, size_t cols,
                                           clact_matrix z, clact_matrix target, clact_matrix weight,
                                           double scale, clact_matrix result, clact_matrix dz,
                                           cl_mem workspace, cl_uint num_wait, const cl_event *wait,
                                           cl_event *event);

/* ---- Optimizers ------------------------------------------------------------------------------ */

/* Updates of weights w from gradients g at learning rate lr, as PyTorch defines them; m and v are
 * states that start at zero, t counts steps from 1:
 *   sgd       w -= lr g
 *   momentum  m = momentum m + g;  w -= lr m
 *   nesterov  m = momentum m + g;  w -= lr (g + momentum m)
 *   rmsprop   m = beta2 m + (1 - beta2) g^2;  w -= lr g / (sqrt(m) + epsilon)
 *   adam      m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
 *             w -= lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 *   adamw     the same
 * The weight decay is added to the gradient first, as weight_decay w; of adamw it is taken off the
 * weight, as lr weight_decay w. (Kingma and Ba 2015; Loshchilov and Hutter 2019.)
 * The map: name, how many states. */
#define CLACT_OPTIMIZER_MAP(X)                                                                     \
    X(SGD, 0, "sgd", 0)                                                                            \
    X(MOMENTUM, 1, "momentum", 1)                                                                  \
    X(NESTEROV, 2, "nesterov", 1)                                                                  \
    X(RMSPROP, 3, "rmsprop", 1)                                                                    \
    X(ADAM, 4, "adam", 2)                                                                          \
    X(ADAMW, 5, "adamw", 2)

typedef enum clact_optimizer_kind {
#define CLACT_OPTIMIZER_ENUM(NAME, value, name, states) CLACT_OPTIMIZER_##NAME = value,
    CLACT_OPTIMIZER_MAP(CLACT_OPTIMIZER_ENUM)
#undef CLACT_OPTIMIZER_ENUM
        CLACT_OPTIMIZER_COUNT
} clact_optimizer_kind;

/* "adam" and so on, NULL for none; how many states it keeps for each weight, 0 for none. */
CLACT_API const char *clact_optimizer_name(clact_optimizer_kind kind);
CLACT_API unsigned clact_optimizer_states(clact_optimizer_kind kind);

/* An optimizer. Fill it with clact_optimizer_init, which sets every field, those of later versions
 * too. A kind looks only at what its update names. */
typedef struct clact_optimizer {
    size_t struct_size; /* sizeof(clact_optimizer) as the caller was compiled */
    clact_optimizer_kind kind;
    float momentum;     /* in [0, 1); 0.9 by default */
    float beta1;        /* in [0, 1); 0.9 by default */
    float beta2;        /* in [0, 1); 0.999 by default, 0.99 for rmsprop */
    float epsilon;      /* at least 2^-60; 1e-8 by default */
    float weight_decay; /* >= 0; 0 by default, 0.01 for adamw */
} clact_optimizer;

/* The defaults; size is the caller's sizeof(clact_optimizer). Errors: INVALID_ARGUMENT. */
CLACT_API clact_status clact_optimizer_init_sized(clact_optimizer *optimizer, size_t size,
                                                  clact_optimizer_kind kind);
static inline clact_status clact_optimizer_init(clact_optimizer *optimizer,
                                                clact_optimizer_kind kind) {
    return clact_optimizer_init_sized(optimizer, sizeof *optimizer, kind);
}

/* Whether it is legal, and a sentence that says what is wrong (empty after success), cut to size;
 * text may be NULL. Errors: INVALID_ARGUMENT, PARAMETER_RANGE. */
CLACT_API clact_status clact_optimizer_check(const clact_optimizer *optimizer, char *text,
                                             size_t size);

/* One tensor of a model, `count` contiguous float32 in each of its matrices; ld is not used. The
 * states that the optimizer does not have are not looked at. */
typedef struct clact_parameter_tensor {
    size_t count;
    clact_matrix w, g;
    clact_matrix first, second; /* its states */
} clact_parameter_tensor;

/* Updates all tensors, eight in a kernel. step is t, which adam and adamw alone look at. clip, if
 * its buffer is not NULL, is what clact_gradient_norm has left: gradients then count clip[1] times,
 * and the host need not wait to see it. Results have the same bits on every device. What is written
 * overlaps nothing else; tensors that are not among the same eight are not compared. An empty list
 * or tensor is fine. Errors: INVALID_ARGUMENT (lr is not finite, or step 0), PARAMETER_RANGE,
 * SHAPE, BUFFER_SIZE, OVERLAP, MISMATCH, BUILD, MEMORY, OPENCL. Nothing is enqueued on the first
 * five. */
CLACT_API clact_status clact_optimizer_step(clact_context *context, cl_command_queue queue,
                                            const clact_optimizer *optimizer, float lr,
                                            uint64_t step, size_t num_tensors,
                                            const clact_parameter_tensor *tensors,
                                            clact_matrix clip, cl_uint num_wait,
                                            const cl_event *wait, cl_event *event);

/* The L2 norm over the gradients of all tensors, for gradient clipping. result is 1 x 2: the norm,
 * and the factor that brings it down to max_norm: 1 where it is no greater, else max_norm / norm,
 * NaN for a NaN. max_norm INFINITY clips nothing. The sum of squares is compensated and in an order
 * that depends on the counts alone: the same bits on every device. A norm of 2^64 and
 * more is infinite, and elements below 2^-63 lose bits of their squares. workspace:
 * clact_gradient_norm_workspace bytes from its start. Errors: as clact_optimizer_step;
 * INVALID_ARGUMENT for a max_norm that is not positive. */
CLACT_API clact_status clact_gradient_norm_workspace(size_t num_tensors,
                                                     const clact_parameter_tensor *tensors,
                                                     size_t *bytes);
CLACT_API clact_status clact_gradient_norm(clact_context *context, cl_command_queue queue,
                                           float max_norm, size_t num_tensors,
                                           const clact_parameter_tensor *tensors,
                                           clact_matrix result, cl_mem workspace, cl_uint num_wait,
                                           const cl_event *wait, cl_event *event);

/* ---- Warm-up --------------------------------------------------------------------------------- */

/* Descriptors of every kind; leave out what there is none of. */
typedef struct clact_descriptors {
    const clact_sweep *sweeps;
    size_t num_sweeps;
    const clact_softmax *softmaxes;
    size_t num_softmaxes;
    const clact_loss *losses;
    size_t num_losses;
    bool has_backward; /* backward kernels too, of sweeps and softmaxes */
    bool has_products; /* float32 products of clact/product.h too, alone and with those of the
                          sweeps that they take */
    const clact_optimizer *optimizers;
    size_t num_optimizers;
    bool has_norm; /* clact_gradient_norm too */
} clact_descriptors;

/* Compiles the kernels of all of them in one build for each tier, precision and width of vectors,
 * so that no later call with one of them has to compile, whatever its shape (a driver may still
 * specialise a kernel at its first launch). Launches of other kernels by other threads go on
 * meanwhile. Kernels that are there already cost nothing. Errors: as clact_sweep_check, DEVICE,
 * BUILD, MEMORY, OPENCL. */
CLACT_API clact_status clact_warm_up_all(clact_context *context,
                                         const clact_descriptors *descriptors);

/* The same for count sweeps alone. */
CLACT_API clact_status clact_warm_up(clact_context *context, const clact_sweep *sweeps,
                                     size_t count, bool has_backward);

#ifdef __cplusplus
}
#endif
#endif
