/* net.h: dense layers in batches, and a network of them that trains. Their products are CLBlast's
 * or clact's own.
 *
 * Everything here is float32. Queues must be in order: CLBlast takes no wait lists. Wait lists
 * given here are honoured by a barrier before the first command. Messages of failed calls stand in
 * the clact_context. clact allocates nothing on the device but in clact_net_create and
 * clact_net_warm_up; CLBlast's larger products allocate temporary buffers of their own.
 */
#ifndef CLACT_NET_H
#define CLACT_NET_H

#include "clact/gemm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Layers: y = epilogue(x W^T) ------------------------------------------------------------- */

/* Whose products: by default those that were measured to be faster on devices of the same class,
 * which are clact's own (see clact/product.h) on CPUs with fma, but for batches of products of
 * fewer than 16384 multiplications each, and CLBlast's elsewhere. clact's own have the same bits on
 * every device. CLBlast's are as fast as its parameters for the device: on CPUs call
 * clact_gemm_apply (gemm.h) once before the first. */
typedef enum clact_products {
    CLACT_PRODUCTS_AUTO = 0,
    CLACT_PRODUCTS_CLBLAST = 1,
    CLACT_PRODUCTS_OWN = 2
} clact_products;

/* A dense layer is a product and one sweep over it: z = x W^T, y = epilogue(z). Bias, activation or
 * gate, dropout, scale, residual and health are stages of the epilogue. z, dz and a bias have
 * `outputs` columns, or with CLACT_GATE_FIRST and CLACT_GATE_LAST twice as many, and W as many
 * rows. CLACT_GATE_APART is refused: it would take two products where W with both halves takes one.
 */
typedef struct clact_dense {
    size_t inputs, outputs; /* columns of x and of y */
    const clact_sweep *epilogue;
    float weight_beta, x_beta; /* backward adds this times what is there to dweight, to dx; 0 takes
                                  nothing from there, not even a NaN. What the epilogue accumulates
                                  are gradients of bias, slopes and residual */
    clact_products products;   /* CLACT_PRODUCTS_AUTO where it is left out */
} clact_dense;

/* epilogue holds the sweep's own tensors: its x is z, its rows those of the batch, its cols 0 or
 * `outputs`. z may be y where no backward reads it; x and weight overlap nothing that is written.
 */
typedef struct clact_dense_forward_tensors {
    clact_matrix x;      /* rows x inputs */
    clact_matrix weight; /* W, outputs (or 2 outputs) x inputs */
    clact_forward_tensors epilogue;
} clact_dense_forward_tensors;

/* Likewise; its dx is dz, the gradient of z, which is always written and may be dy or the saved
 * tensor. dweight and dx overlap nothing; each is computed unless its buffer is NULL. */
typedef struct clact_dense_backward_tensors {
    clact_matrix x, weight;
    clact_backward_tensors epilogue;
    clact_matrix dweight; /* as weight: dz^T x */
    clact_matrix dx;      /* as x: dz W */
} clact_dense_backward_tensors;

/* Bytes of epilogue.workspace that a pass over so many rows needs, perhaps 0; never fewer for more
 * rows. A batch needs no more than one of its entries, and all may share one. Errors:
 * INVALID_ARGUMENT, as clact_sweep_workspace. */
CLACT_API clact_status clact_dense_workspace(const clact_dense *layer, bool backward, size_t rows,
                                             size_t *bytes);

/* One product and one sweep; both in one kernel where the product is clact's own and
 * clact_multiply_takes the epilogue, with the same bits. Without rows the product is left out, and
 * the sweep does what it does without rows. The identity without stages from z to the same y is no
 * sweep at all.
 *
 * Errors: as clact_sweep_forward; INVALID_ARGUMENT also for a queue that is not in order, another
 * element type, a gate apart, an epilogue that accumulates into dz; SHAPE also for matrices that
 * end beyond 2^31 - 1 elements of their buffer, where CLBlast cannot count. Nothing is enqueued on
 * these. After BLAS, and OPENCL or MEMORY of a call on the way, a part of the pass may be. Messages
 * of the sweep call z x, and dz dx. */
CLACT_API clact_status clact_dense_forward(clact_context *context, cl_command_queue queue,
                                           const clact_dense *layer,
                                           const clact_dense_forward_tensors *tensors,
                                           cl_uint num_wait, const cl_event *wait, cl_event *event);

/* One sweep, dz and the sums of the epilogue, then the products dweight and dx. Without rows
 * dweight is weight_beta times what was there. Errors: as clact_dense_forward. */
CLACT_API clact_status clact_dense_backward(clact_context *context, cl_command_queue queue,
                                            const clact_dense *layer,
                                            const clact_dense_backward_tensors *tensors,
                                            cl_uint num_wait, const cl_event *wait,
                                            cl_event *event);

/* ---- Batches of layers: experts, heads, ensembles -------------------------------------------- */

/* `count` layers of one shape with tensors of their own, anywhere: entry i has tensors[i], and the
 * result is that of so many single calls: with the same bits where the products are
 * CLACT_PRODUCTS_OWN; where they are CLBlast's as far as its products in batches have those of its
 * single ones (on PoCL they do). Entries have equal rows; x of all
 * entries is in one buffer with one leading dimension, and so are weight, z (dz), dweight and dx.
 * An input may be shared by entries, an output may not. count 0 is success.
 *
 * clact's own products are one for each entry. CLBlast's are one CLBlastSgemmStridedBatched where
 * offsets are evenly spaced, else one
 * CLBlastSgemmBatched, which waits for the queue while it copies the offsets: events it depends on
 * must come without help from the calling thread. Even spacing that CLBlast 1.5.3 gets wrong
 * (packed matrices that do not start at 0 or have gaps between) goes to single products.
 *
 * There is one sweep for the whole batch where the epilogue looks at no columns (no bias, slopes or
 * health) nor at rows (no dropout), and each tensor of rows follows the one before it without gap:
 * rows times its leading dimension further on. Otherwise each entry has its own. Errors: as
 * clact_dense_forward, with the entry named. */
CLACT_API clact_status clact_dense_forward_batched(clact_context *context, cl_command_queue queue,
                                                   const clact_dense *layer, size_t count,
                                                   const clact_dense_forward_tensors *tensors,
                                                   cl_uint num_wait, const cl_event *wait,
                                                   cl_event *event);
CLACT_API clact_status clact_dense_backward_batched(clact_context *context, cl_command_queue queue,
                                                    const clact_dense *layer, size_t count,
                                                    const clact_dense_backward_tensors *tensors,
                                                    cl_uint num_wait, const cl_event *wait,
                                                    cl_event *event);

/* How many elements (records for health) a tensor of entry i + 1 stands behind that of entry i. 0
 * shares an input. The saved tensor of a backward pass has the stride of z, y or saved, as the
 * epilogue says. Heads side by side in the columns of one matrix have strides below its ld. */
typedef struct clact_dense_strides {
    size_t x, weight, z, bias, slopes, residual, y, saved, health;
    size_t dy, dz, dweight, dbias, dslopes, dresidual, dx;
} clact_dense_strides;

/* The same with evenly spaced tensors: those of entry 0 and their strides. Entry i draws its
 * dropout at offset + i, so the offset of the next step is at least count further on. Errors:
 * likewise, SHAPE (an offset overflows). */
CLACT_API clact_status clact_dense_forward_strided(clact_context *context, cl_command_queue queue,
                                                   const clact_dense *layer, size_t count,
                                                   const clact_dense_forward_tensors *first,
                                                   const clact_dense_strides *strides,
                                                   cl_uint num_wait, const cl_event *wait,
                                                   cl_event *event);
CLACT_API clact_status clact_dense_backward_strided(clact_context *context, cl_command_queue queue,
                                                    const clact_dense *layer, size_t count,
                                                    const clact_dense_backward_tensors *first,
                                                    const clact_dense_strides *strides,
                                                    cl_uint num_wait, const cl_event *wait,
                                                    cl_event *event);

/* ---- Random numbers -------------------------------------------------------------------------- */

/* SplitMix64 of Steele, Lea and Flood: the next 64 bits, and the state moves on. Initial weights
 * are drawn from it; use it for shuffles that come out the same on every platform. */
CLACT_API uint64_t clact_random_next(uint64_t *state);

/* ---- A network ------------------------------------------------------------------------------- */

typedef struct clact_net clact_net;

/* The sweep of a layer is copied by clact_net_create, which turns its bias on. Parameters, tier,
 * saved, scale, dropout, CLACT_GATE_FIRST and CLACT_GATE_LAST are the caller's; other stages are
 * refused. */
typedef struct clact_layer {
    size_t units; /* columns of its output */
    const clact_sweep *activation;
} clact_layer;

/* Initial weights; biases are zero. fan_in and fan_out are columns and rows of a layer's weights.
 *   auto        he, but xavier in the output layer
 *   zeros       all zero: units that stay alike, and nothing learned behind them
 *   normal      normal, deviation init_scale (0.01 by default)
 *   xavier      uniform of deviation sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio 2010)
 *   he          uniform of deviation sqrt(2 / fan_in) (He et al. 2015)
 *   orthogonal  orthonormal rows, or columns where there are fewer (Saxe et al. 2014); with
 *               clact_net_unit_variance after it LSUV (Mishkin and Matas 2016)
 * All but zeros and normal are multiplied by init_scale, 1 by default. */
#define CLACT_INIT_MAP(X)                                                                          \
    X(AUTO, 0, "auto")                                                                             \
    X(ZEROS, 1, "zeros")                                                                           \
    X(NORMAL, 2, "normal")                                                                         \
    X(XAVIER, 3, "xavier")                                                                         \
    X(HE, 4, "he")                                                                                 \
    X(ORTHOGONAL, 5, "orthogonal")

typedef enum clact_init {
#define CLACT_INIT_ENUM(NAME, value, name) CLACT_INIT_##NAME = value,
    CLACT_INIT_MAP(CLACT_INIT_ENUM)
#undef CLACT_INIT_ENUM
        CLACT_INIT_COUNT
} clact_init;

typedef struct clact_net_options {
    size_t struct_size; /* sizeof(clact_net_options) */
    size_t inputs;
    const clact_layer *layers; /* the last is the output: give it identity, the loss takes logits */
    size_t num_layers;
    clact_loss_kind loss; /* its mean over a batch is what training lowers */
    size_t max_rows;      /* most rows of one step or forward pass */
    uint64_t seed;        /* of the initial weights, and of dropout */
    bool timing;          /* keep times by kind of work until they are collected; needs a queue with
                             profiling on */
    const clact_gemm_tuning *gemm;    /* applied to the queue's device; NULL for what ships */
    bool gemm_as_is;                  /* apply nothing: CLBlast's parameters stay as they are */
    clact_products products;          /* of all layers */
    const clact_optimizer *optimizer; /* copied; NULL: momentum with its defaults */
    float max_norm; /* gradients of a step are scaled down to this L2 norm over all parameters; 0:
                       they are not */
    clact_init init;
    float init_scale; /* as clact_init says; 0 for its default */
    bool health;      /* keep records for clact_net_health */
} clact_net_options;

/* Allocates all it will need on the device, parameters, gradients, activations and workspace, and
 * writes the initial weights; waits for that write. A layer keeps z beside y only where its
 * backward reads x, and parameters the states that their optimizer has. Retains the queue; the
 * context must outlive the net, and one thread at a time may use it. Errors: INVALID_ARGUMENT (also
 * for timing on a queue without profiling, and for a gemm that clact_gemm_check refuses),
 * PARAMETER_RANGE, SHAPE (a size overflows), MISMATCH, MEMORY, OPENCL, BLAS. */
CLACT_API clact_status clact_net_create(clact_context *context, cl_command_queue queue,
                                        const clact_net_options *options, clact_net **out);
CLACT_API void clact_net_destroy(clact_net *net);

/* "he" and so on, NULL for none. */
CLACT_API const char *clact_init_name(clact_init init);

/* Scales the weights of each layer in turn, so that what it adds up (z) has unit variance over
 * these rows <= max_rows; a layer of constant z stays as it is. For LSUV, on a first batch, before
 * the first step. Waits for the queue. Errors: as clact_net_forward. */
CLACT_API clact_status clact_net_unit_variance(clact_net *net, size_t rows, clact_matrix x);

/* Enqueues a forward pass over rows <= max_rows, without dropout; *output is where its result will
 * stand, until the next pass. */
CLACT_API clact_status clact_net_forward(clact_net *net, size_t rows, clact_matrix x,
                                         clact_matrix *output);

/* Enqueues forward, loss and backward on rows <= max_rows, with dropout, and the optimizer's update
 * at learning rate lr. target is as clact_loss_evaluate takes it: class indices are int32. *loss
 * (may be NULL) is where the mean loss of the batch will stand, one float, until the next step.
 * INVALID_ARGUMENT also for an lr that is not finite. */
CLACT_API clact_status clact_net_step(clact_net *net, size_t rows, clact_matrix x,
                                      clact_matrix target, float lr, clact_matrix *loss);

/* The same without dropout and without an update: the gradients of the mean loss are left for
 * clact_net_array, and with options.health the records of this pass for clact_net_health. */
CLACT_API clact_status clact_net_gradients(clact_net *net, size_t rows, clact_matrix x,
                                           clact_matrix target, clact_matrix *loss);

/* What was seen in layer i by the last clact_net_gradients: clact_health records, one for each of
 * its outputs and one for all of them. forward is of the layer's outputs, backward of the gradient
 * of what goes into its activation (of the mean loss over the batch). INVALID_ARGUMENT past the
 * last layer and without options.health. */
CLACT_API clact_status clact_net_health(clact_net *net, size_t i, cl_mem *forward,
                                        cl_mem *backward);

/* How many updates there have been; it numbers the draws of dropout and is t of the optimizer. Set
 * it to go on with training where parameters and states are put back as they were. */
CLACT_API uint64_t clact_net_steps(const clact_net *net);
CLACT_API void clact_net_set_steps(clact_net *net, uint64_t steps);

/* Compiles and launches once everything that steps and passes of these rows need, so that none
 * waits for a compiler later. Parameters, states, steps and times are as before; gradients, health
 * and outputs are not. Waits for the queue. */
CLACT_API clact_status clact_net_warm_up(clact_net *net, size_t rows);

/* Layer i, and where its parameters are on the device; valid until clact_net_destroy. Those not
 * wanted may be NULL. INVALID_ARGUMENT past the last layer. */
CLACT_API clact_status clact_net_layer(clact_net *net, size_t i, clact_dense *layer,
                                       clact_matrix *weight, clact_matrix *bias);

/* All parameters, their gradients, and the optimizer's states, each contiguous and in one order:
 * weight and bias of layer 0, those of layer 1, and so on. */
typedef enum clact_net_part {
    CLACT_NET_PARAMETERS = 0,
    CLACT_NET_GRADIENTS = 1,
    CLACT_NET_FIRST_STATE = 2,
    CLACT_NET_SECOND_STATE = 3
} clact_net_part;

/* Where they stand on the device, 1 x *count; valid until clact_net_destroy. A state that the
 * optimizer does not have has the buffer NULL and count 0. INVALID_ARGUMENT for no part. */
CLACT_API clact_status clact_net_array(clact_net *net, clact_net_part part, clact_matrix *array,
                                       size_t *count);

/* Seconds of device time by kind of work. */
typedef struct clact_net_times {
    double gemm;       /* the products, with what their kernels do of a sweep */
    double activation; /* the sweeps, with bias and sums of gradients */
    double other;      /* losses and updates */
} clact_net_times;

/* Waits for the queue, adds up the time since the last call (or since creation) and starts anew.
 * A command counts from the end of the one before it, the gap included. INVALID_ARGUMENT without
 * options.timing. */
CLACT_API clact_status clact_net_collect_times(clact_net *net, clact_net_times *times);

#ifdef __cplusplus
}
#endif
#endif
