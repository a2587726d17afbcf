/* lab_vanishing.c: how the gradient shrinks or grows from layer to layer of a deep stack.
 *
 * A stack is a number of hidden layers of 64 units on a batch of digits. delta of a layer is the
 * gradient of what goes into its activation (z). Its L2 norm, over units and rows, is what the
 * backward health of the layer has.
 *
 * The loss is a mean squared one towards targets of 2^40 in the place of the label and 0 elsewhere.
 * Gradients are proportional to it, so that ratios are those of any other size of targets, but
 * float32 has room for 64 layers of shrinking below and of growing above.
 */
#include "lab_mean_field.h"
#include "lab_net.h"
#include "lab_vanishing_parts.h"

#include <math.h>
#include <stdlib.h>

enum { WIDTH = LAB_INPUTS, ROWS = 256 };

const size_t vanishing_depths[VANISHING_DEPTHS] = {2, 4, 8, 16, 32, VANISHING_DEEPEST};

const vanishing_stack vanishing_stacks[VANISHING_STACKS] = {
    {"sigmoid", "sigmoid", "Xavier", CLACT_ACT_SIGMOID, 1, CLACT_INIT_XAVIER, 1, 1},
    {"sigmoid4", "4*sigmoid", "Xavier", CLACT_ACT_SIGMOID, 4, CLACT_INIT_XAVIER, 1, 1},
    {"tanh", "tanh", "Xavier", CLACT_ACT_TANH, 1, CLACT_INIT_XAVIER, 1, 1},
    {"relu", "relu", "He", CLACT_ACT_RELU, 1, CLACT_INIT_HE, 1, 1.41421356},
    {"leaky_relu", "leaky_relu", "He", CLACT_ACT_LEAKY_RELU, 1, CLACT_INIT_HE, 1, 1.41421356},
    {"gelu", "gelu", "He", CLACT_ACT_GELU, 1, CLACT_INIT_HE, 1, 1.41421356},
    {"selu", "selu", "LeCun", CLACT_ACT_SELU, 1, CLACT_INIT_HE, 0.70710678f, 1},
    {"orthogonal", "sigmoid", "orthog.", CLACT_ACT_SIGMOID, 1, CLACT_INIT_ORTHOGONAL, 1, 1},
    {"tanh_large", "tanh", "Xavier*4", CLACT_ACT_TANH, 1, CLACT_INIT_XAVIER, 4, 4},
    {"relu_large", "relu", "He*1.5", CLACT_ACT_RELU, 1, CLACT_INIT_HE, 1.5f, 2.12132034},
    {"sigmoid_large", "sigmoid", "Xavier*32", CLACT_ACT_SIGMOID, 1, CLACT_INIT_XAVIER, 32, 32}};

/* ---- the measurement ---- */

/* saturation: half of the greatest slope of sigmoid and tanh, which alone are asked for it */
static clact_sweep sweep_of(const vanishing_stack *s) {
    clact_sweep sweep;
    clact_sweep_init(&sweep, s->activation);
    sweep.scale = s->scale;
    sweep.saturation = s->activation == CLACT_ACT_SIGMOID ? 0.125f : 0.5f;
    return sweep;
}

/* From the gradients of all parameters, layer by layer: weights, then biases */
static void weight_norms(const float *gradients, size_t depth, vanishing_profile *p) {
    for (size_t i = 0; i < depth; i++, gradients += (LAB_INPUTS + 1) * WIDTH) {
        double sum = 0.0;
        for (size_t k = 0; k < LAB_INPUTS * WIDTH; k++)
            sum += (double)gradients[k] * (double)gradients[k];
        p->weight[i] = sqrt(sum);
    }
    for (size_t i = 0; i < depth; i++)
        p->weight[i] /= p->weight[depth - 1];
}

/* Health is that of the activation, before it is scaled. */
static bool read_profile(picked_device *device, clact_net *net, const vanishing_stack *s,
                         size_t depth, vanishing_profile *p, size_t *not_finite, char *message,
                         size_t size) {
    clact_health records[WIDTH + 1], forward[WIDTH + 1];
    float *gradients = NULL;
    size_t count = 0;
    p->mean = p->flat = 0.0;
    for (size_t i = 0; i < depth; i++) {
        if (!lab_health(device, net, i, WIDTH, true, records, message, size)) return false;
        p->delta[i] = (double)records[WIDTH].norm;
        if (i + 1 < depth) {
            if (!lab_health(device, net, i, WIDTH, false, forward, message, size)) return false;
            p->mean += (double)(s->scale * forward[WIDTH].mean) / (double)(depth - 1);
            p->flat += (double)forward[WIDTH].saturated / (double)forward[WIDTH].count /
                       (double)(depth - 1);
        }
        *not_finite += (size_t)(records[WIDTH].nans + records[WIDTH].infs);
    }
    for (size_t i = 0; i < depth; i++)
        p->delta[i] /= p->delta[depth - 1];
    const bool done =
        lab_copy_part(device, net, CLACT_NET_GRADIENTS, &gradients, &count, message, size);
    if (done) weight_norms(gradients, depth, p);
    free(gradients);
    return done;
}

static bool measure(picked_device *device, const lab_digits *digits, cl_mem target,
                    const vanishing_stack *s, size_t depth, uint64_t seed, vanishing_profile *p,
                    size_t *not_finite, char *message, size_t size) {
    const clact_sweep sweep = sweep_of(s);
    const lab_plan plan = {.depth = depth,
                           .width = WIDTH,
                           .max_rows = ROWS,
                           .activation = &sweep,
                           .init = s->init,
                           .init_scale = s->init_scale,
                           .loss = CLACT_LOSS_MSE,
                           .seed = seed};
    clact_net *net = NULL;
    const bool done = lab_net_create(device, &plan, &net, message, size) &&
                      lab_watch(device, net, digits, 0, ROWS, target, message, size) &&
                      read_profile(device, net, s, depth, p, not_finite, message, size);
    clact_net_destroy(net);
    return done;
}

static cl_mem new_targets(picked_device *device, const lab_digits *digits, char *message,
                          size_t size) {
    float values[ROWS * LAB_CLASSES] = {0};
    for (size_t r = 0; r < ROWS; r++)
        values[r * LAB_CLASSES + (size_t)digits->data.label[r]] = 0x1p40f;
    return lab_buffer(device, values, ROWS * LAB_CLASSES, message, size);
}

/* By the mean field, from the rows as they are */
static void predict(const lab_digits *digits, vanishing_found *f) {
    double mean_square[ROWS] = {0}, of_all = 0.0;
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < LAB_INPUTS; i++) {
            const double x = (double)digits->data.x[r * LAB_INPUTS + i];
            mean_square[r] += x * x / LAB_INPUTS;
            of_all += x * x / (ROWS * LAB_INPUTS);
        }
    for (size_t s = 0; s < VANISHING_STACKS; s++) {
        const vanishing_stack *of = &vanishing_stacks[s];
        f->predicted[s] = lab_mean_field(of->activation, (double)of->scale, of->gain, mean_square,
                                         ROWS, VANISHING_DEEPEST);
    }
    const vanishing_stack *gelu = &vanishing_stacks[VANISHING_GELU];
    f->predicted_of_one = lab_mean_field(gelu->activation, (double)gelu->scale, gelu->gain, &of_all,
                                         1, VANISHING_DEEPEST);
}

static bool measure_all(picked_device *device, const lab_options *options, const lab_digits *digits,
                        cl_mem target, vanishing_found *f, char *message, size_t size) {
    clact_sweep sweeps[VANISHING_ORTHOGONAL]; /* the stacks after them have the same */
    for (size_t s = 0; s < VANISHING_ORTHOGONAL; s++)
        sweeps[s] = sweep_of(&vanishing_stacks[s]);
    lab_progress(options, "compiling", 0.0);
    if (!lab_compile(device, sweeps, VANISHING_ORTHOGONAL, CLACT_LOSS_MSE, false, message, size))
        return false;
    for (size_t s = 0; s < VANISHING_STACKS; s++)
        for (size_t d = 0; d < VANISHING_DEPTHS; d++) {
            const uint64_t seed = options->seed * VANISHING_STACKS + s;
            lab_progress(options, vanishing_stacks[s].key,
                         (double)(s * VANISHING_DEPTHS + d) /
                             (VANISHING_STACKS * VANISHING_DEPTHS));
            if (!measure(device, digits, target, &vanishing_stacks[s], vanishing_depths[d], seed,
                         &f->at[s][d], &f->not_finite, message, size))
                return false;
        }
    return true;
}

bool lab_vanishing(picked_device *device, const lab_options *options, lab_report *report,
                   char *message, size_t size) {
    lab_digits digits;
    if (!lab_digits_open(device, &digits, message, size)) return false;
    cl_mem target = new_targets(device, &digits, message, size);
    vanishing_found *f = calloc(1, sizeof *f);
    bool done = f || cli_fail(message, size, "out of memory");
    done = done && target && measure_all(device, options, &digits, target, f, message, size);
    if (done) {
        predict(&digits, f);
        vanishing_report(f, report);
    }
    free(f);
    lab_release(&target, 1);
    lab_digits_close(&digits);
    return done;
}
