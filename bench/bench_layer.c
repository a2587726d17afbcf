/* bench_layer.c: names and amounts of what --op dense and --op train measure. */
#include "bench_layer.h"

#include <stdio.h>

void bench_shape_text(const bench_shape *shape, char text[BENCH_SHAPE_SIZE]) {
    size_t at = 0;
    for (size_t i = 0; i < shape->count; ++i)
        at += (size_t)snprintf(text + at, BENCH_SHAPE_SIZE - at, "%s%zu", i ? "x" : "",
                               shape->sides[i]);
}

const char *bench_layer_direction(const bench_layer *layer) {
    if (layer->op == BENCH_TRAIN) return "step";
    return layer->backward ? "backward" : "forward";
}

void bench_layer_name(const bench_layer *layer, char *text, size_t size) {
    char shape[BENCH_SHAPE_SIZE];
    bench_shape_text(&layer->shape, shape);
    snprintf(text, size, "%s/%s/%s/f32/%s/%s/real_time", bench_op_name(layer->op),
             bench_layer_direction(layer), layer->info.name, clact_tier_name(layer->tier), shape);
}

double bench_layer_flops(const bench_layer *layer) {
    const bench_shape *shape = &layer->shape;
    double sum = 0.0;
    for (size_t i = 2; i < shape->count; ++i) {
        const double product =
            2.0 * (double)shape->sides[0] * (double)shape->sides[i - 1] * (double)shape->sides[i];
        if (layer->op == BENCH_TRAIN)
            sum += (i == 2 ? 2.0 : 3.0) * product;
        else
            sum += (layer->backward ? 2.0 : 1.0) * product;
    }
    return sum;
}

uint64_t bench_layer_bytes(const bench_layer *layer) {
    const bench_shape *shape = &layer->shape;
    const uint64_t batch = shape->sides[0];
    uint64_t floats = batch * shape->sides[1];
    for (size_t i = 2; i < shape->count; ++i) {
        const uint64_t units = shape->sides[i], weights = units * shape->sides[i - 1];
        if (layer->op == BENCH_TRAIN)
            floats += 4 * (weights + units);
        else if (layer->backward) /* x, dx, W, dW; saved, dy, dz; dbias */
            floats += batch * shape->sides[1] + 2 * weights + 3 * batch * units + units;
        else
            floats += weights + batch * units + units;
    }
    return floats * sizeof(float);
}

clact_status bench_layer_sweep(const bench_layer *layer, clact_sweep *sweep) {
    const clact_status status = clact_sweep_init(sweep, layer->info.activation);
    if (status != CLACT_SUCCESS) return status;
    sweep->tier = layer->tier;
    sweep->bias = true;
    sweep->saved = CLACT_SAVED_Y;
    if (clact_sweep_check(sweep, true) != CLACT_SUCCESS) sweep->saved = CLACT_SAVED_X;
    return clact_sweep_check(sweep, true);
}
