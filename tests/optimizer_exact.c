/* optimizer_exact.c: one weight moved as clact.h defines its optimizer, in double. */
#include "optimizer_exact.h"

#include <math.h>

void exact_move(exact_weight *x, const clact_optimizer *o, double lr, double g, int t) {
    const double mu = (double)o->momentum, b1 = (double)o->beta1, b2 = (double)o->beta2;
    const double decay = (double)o->weight_decay, eps = (double)o->epsilon;
    const bool adam = o->kind == CLACT_OPTIMIZER_ADAM || o->kind == CLACT_OPTIMIZER_ADAMW;
    if (o->kind == CLACT_OPTIMIZER_ADAMW)
        x->w -= lr * decay * x->w;
    else
        g += decay * x->w;
    if (o->kind == CLACT_OPTIMIZER_SGD) x->w -= lr * g;
    if (o->kind == CLACT_OPTIMIZER_MOMENTUM || o->kind == CLACT_OPTIMIZER_NESTEROV) {
        x->m = mu * x->m + g;
        x->w -= lr * (o->kind == CLACT_OPTIMIZER_NESTEROV ? g + mu * x->m : x->m);
    }
    if (o->kind == CLACT_OPTIMIZER_RMSPROP) {
        x->v = b2 * x->v + (1 - b2) * g * g;
        x->w -= lr * g / (sqrt(x->v) + eps);
    }
    if (!adam) return;
    x->m = b1 * x->m + (1 - b1) * g;
    x->v = b2 * x->v + (1 - b2) * g * g;
    x->w -= lr * (x->m / (1 - pow(b1, t))) / (sqrt(x->v / (1 - pow(b2, t))) + eps);
}
