/* lab_mean_field.c: what theory says of gradients in a wide stack of random layers.
 *
 * z of a layer is normal with mean 0 and variance q. The next layer has
 * q' = gain^2 E[(scale f(z))^2], and squares of gradients change on the way back by
 * gain^2 E[(scale f'(z))^2]. Both are taken from a table over log q, whose places are computed when
 * they are first met.
 */
#include "lab_mean_field.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

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
    const int steps = 2000;
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

/* ---- the table ---- */

enum { PLACES_OF_ONE = 16, LOWEST = -160, PLACES = 2 * -LOWEST * PLACES_OF_ONE };

typedef struct field {
    clact_activation act;
    double factor;            /* gain^2 scale^2 */
    bool is_there[PLACES];    /* place i is log q = LOWEST + i / PLACES_OF_ONE */
    double log_value[PLACES]; /* log of q', of the change of a squared gradient */
    double log_slope[PLACES];
} field;

static void look_up(field *f, size_t place) {
    double of_value, of_slope;
    if (f->is_there[place]) return;
    mean_squares(f->act, exp(LOWEST + (double)place / PLACES_OF_ONE), &of_value, &of_slope);
    f->log_value[place] = log(f->factor * of_value);
    f->log_slope[place] = log(f->factor * of_slope);
    f->is_there[place] = true;
}

/* From log q of a layer to that of the next; returns the change of the log of a squared gradient
 * there. */
static double pass(field *f, double *log_q) {
    const double at = (*log_q - LOWEST) * PLACES_OF_ONE;
    if (!(at >= 0.0 && at < PLACES - 1)) return NAN;
    const size_t place = (size_t)at;
    const double part = at - (double)place;
    look_up(f, place);
    look_up(f, place + 1);
    *log_q = f->log_value[place] + part * (f->log_value[place + 1] - f->log_value[place]);
    return f->log_slope[place] + part * (f->log_slope[place + 1] - f->log_slope[place]);
}

/* ---- all rows ---- */

/* log(exp(a) + exp(b)) */
static double log_sum(double a, double b) {
    const double most = fmax(a, b);
    return most == -INFINITY ? most : most + log1p(exp(fmin(a, b) - most));
}

double lab_mean_field(clact_activation act, double scale, double gain, const double *mean_square,
                      size_t rows, int depth) {
    double first = -INFINITY, last = -INFINITY;
    field *f = calloc(1, sizeof *f);
    if (!f) return NAN;
    f->act = act;
    f->factor = gain * gain * scale * scale;
    for (size_t r = 0; r < rows; r++) {
        double log_q = log(gain * gain * mean_square[r]), all = 0.0, step = 0.0;
        for (int i = 0; i < depth; i++)
            all += step = pass(f, &log_q);
        first = log_sum(first, all);
        last = log_sum(last, step);
    }
    free(f);
    return exp(0.5 * (first - last) / (depth - 1));
}
