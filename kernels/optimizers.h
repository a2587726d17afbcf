/* optimizers.h: the updates of optimizers for one weight, as PyTorch defines them. What depends on
 * the step alone comes from the host, which has it in double.
 */
#ifndef OPTIMIZERS_H
#define OPTIMIZERS_H

#include "elementary.h"

typedef struct update_numbers {
    real rate;  /* what is taken off is this times a direction; Adam's is corrected for bias */
    real decay; /* of weights: into the gradient, for AdamW off the weight itself */
    real keep1, new1; /* shares of the old and new in the first state */
    real keep2, new2; /* in the second state, or the mean square of RMSProp */
    real epsilon;
    real unbias; /* times the root of the second state */
} update_numbers;

/* A weight and its state, before and after; a rule leaves alone what it has no use for. */
typedef struct updated {
    real w, first, second;
} updated;

/* n / d for d of at least 2^-60, rounded once or, where it is subnormal, twice */
FN real step_over(real n, real d) {
    ints tiny = magnitude(n) < 0x1p-60f;
    real q = ratio(tiny ? n * 0x1p64f : n, d);
    q = tiny ? q * 0x1p-64f : q;
    return d == INFINITY ? n * 0.0f : q; /* the squares have overflowed */
}

/* The weight decays as part of the loss (L2). */
FN real decayed(real g, real w, update_numbers n) {
    return fma(n.decay, w, g);
}

FN updated update_sgd(updated u, real g, update_numbers n) {
    u.w = fma(-n.rate, decayed(g, u.w, n), u.w);
    return u;
}

FN updated update_momentum(updated u, real g, update_numbers n) {
    u.first = fma(n.keep1, u.first, decayed(g, u.w, n));
    u.w = fma(-n.rate, u.first, u.w);
    return u;
}

FN updated update_nesterov(updated u, real g, update_numbers n) {
    real d = decayed(g, u.w, n);
    u.first = fma(n.keep1, u.first, d);
    u.w = fma(-n.rate, fma(n.keep1, u.first, d), u.w);
    return u;
}

FN updated update_rmsprop(updated u, real g, update_numbers n) {
    real d = decayed(g, u.w, n);
    u.first = fma(n.keep2, u.first, n.new2 * d * d);
    u.w = fma(-n.rate, step_over(d, sqrt_of(u.first) + n.epsilon), u.w);
    return u;
}

FN updated adam_moved(updated u, real d, update_numbers n) {
    u.first = fma(n.keep1, u.first, n.new1 * d);
    u.second = fma(n.keep2, u.second, n.new2 * d * d);
    real root = fma(sqrt_of(u.second), n.unbias, n.epsilon);
    u.w = fma(-n.rate, step_over(u.first, root), u.w);
    return u;
}

FN updated update_adam(updated u, real g, update_numbers n) {
    return adam_moved(u, decayed(g, u.w, n), n);
}

FN updated update_adamw(updated u, real g, update_numbers n) {
    u.w = fma(-n.decay, u.w, u.w);
    return adam_moved(u, g, n);
}

#endif
