/* lab_mean_field.c: what theory says of gradients in a wide stack of random layers.
 *
 * z of a layer is normal with mean 0 and variance q. The next layer has
 * q' = gain^2 E[(scale f(z))^2], and squares of gradients change on the way back by
 * gain^2 E[(scale f'(z))^2].
 */
#include "lab_mean_field.h"

#include <math.h>

static void sigmoid(double z, double *f, double *slope) {
    *f = 1.0 / (1.0 + exp(-z));
    *slope = *f * (1.0 - *f);
}

static void gelu(double z, double *f, double *slope) {
    const double below = 0.5 * erfc(-z * 0.70710678118654752);
    *f = z * below;
    *slope = below + z * 0.39894228040143268 * exp(-0.5 * z * z);
}

/* The constants of Klambauer et al. 2017 */
static void selu(double z, double *f, double *slope) {
    const double lambda = 1.0507009873554805, alpha = 1.6732632423543772;
    *f = z > 0.0 ? lambda * z : lambda * alpha * expm1(z);
    *slope = z > 0.0 ? lambda : lambda * alpha * exp(z);
}

static void evaluate(clact_activation act, double z, double *f, double *slope) {
    const double low = act == CLACT_ACT_LEAKY_RELU ? 0.01 : 0.0;
    switch (act) {
    case CLACT_ACT_SIGMOID:
        sigmoid(z, f, slope);
        return;
    case CLACT_ACT_TANH:
        *f = tanh(z);
        *slope = 1.0 - *f * *f;
        return;
    case CLACT_ACT_RELU:
    case CLACT_ACT_LEAKY_RELU:
        *slope = z > 0.0 ? 1.0 : low;
        *f = *slope * z;
        return;
    case CLACT_ACT_GELU:
        gelu(z, f, slope);
        return;
    case CLACT_ACT_SELU:
        selu(z, f, slope);
        return;
    default:
        *f = *slope = NAN;
    }
}

/* E[f(z)^2] and E[f'(z)^2] of a normal z of variance q, by the midpoint rule, which never meets the
 * kink at 0. */
static void mean_squares(clact_activation act, double q, double *of_value, double *of_slope) {
    const int steps = 8000;
    const double width = 20.0 / steps;
    *of_value = *of_slope = 0.0;
    for (int i = 0; i < steps; i++) {
        const double t = -10.0 + (i + 0.5) * width;
        const double weight = width * 0.39894228040143268 * exp(-0.5 * t * t);
        double f, slope;
        evaluate(act, sqrt(q) * t, &f, &slope);
        *of_value += weight * f * f;
        *of_slope += weight * slope * slope;
    }
}

double lab_mean_field(clact_activation act, double scale, double gain, double mean_square,
                      int depth) {
    const double factor = gain * gain * scale * scale;
    double q = gain * gain * mean_square, sum = 0.0;
    for (int i = 0; i + 1 < depth; i++) {
        double of_value, of_slope;
        mean_squares(act, q, &of_value, &of_slope);
        sum += 0.5 * log(factor * of_slope);
        q = factor * of_value;
    }
    return exp(sum / (depth - 1));
}
