/* bench_layer.h: what --op dense and --op train measure: one pass of a dense layer, and a training
 * step of a network of them. float32 only. */
#ifndef BENCH_LAYER_H
#define BENCH_LAYER_H

#include "bench_case.h"

#define BENCH_MAX_SIDES 8

/* Rows and columns of a sweep; of a network batch, inputs, and the units of each layer. */
typedef struct bench_shape {
    size_t sides[BENCH_MAX_SIDES];
    size_t count;
} bench_shape;

/* "128x784x512". */
enum { BENCH_SHAPE_SIZE = 21 * BENCH_MAX_SIDES };
void bench_shape_text(const bench_shape *shape, char text[BENCH_SHAPE_SIZE]);

typedef struct bench_layer {
    bench_op op;                /* BENCH_DENSE or BENCH_TRAIN */
    bool backward;              /* of BENCH_DENSE */
    clact_activation_info info; /* of the layer, or of all but the last */
    clact_tier tier;
    bench_shape shape; /* three sides for a single layer */
} bench_layer;

/* "forward", "backward" or, of a step, "step". */
const char *bench_layer_direction(const bench_layer *layer);

/* "dense/forward/relu/f32/fast/128x784x512/real_time". */
void bench_layer_name(const bench_layer *layer, char *text, size_t size);

/* Multiplications and additions of the products: forward one product, backward two; a step all of
 * them but the gradient of its inputs, which nobody needs. */
double bench_layer_flops(const bench_layer *layer);

/* Least bytes: each tensor of a pass once; of a step the parameters and their momentum read and
 * written, and its inputs. */
uint64_t bench_layer_bytes(const bench_layer *layer);

/* The sweep of a layer: with bias; y is saved where backward can read it, else x. */
clact_status bench_layer_sweep(const bench_layer *layer, clact_sweep *sweep);

#endif
