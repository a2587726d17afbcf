/* bench_layer_list.c: the layers and steps that the options ask for. */
#include "bench_options.h"

/* One shape and direction: every chosen activation, its tiers side by side. */
static size_t list_shape(const bench_options *options, const bench_layer *at, bench_layer *layers) {
    size_t count = 0;
    for (int a = 0; a < CLACT_ACT_COUNT; ++a) {
        for (int t = 0; t < CLI_NUM_TIERS; ++t) {
            bench_layer layer = *at;
            clact_sweep sweep;
            layer.tier = cli_tiers[t];
            if (!options->layer_activations[a] || !options->tiers[t]) continue;
            if (clact_activation_query((clact_activation)a, &layer.info) != CLACT_SUCCESS ||
                bench_layer_sweep(&layer, &sweep) != CLACT_SUCCESS)
                continue;
            if (layers) layers[count] = layer;
            ++count;
        }
    }
    return count;
}

/* Each layer of a network, forward and backward. */
static size_t list_dense(const bench_options *options, const bench_shape *shape,
                         bench_layer *layers) {
    size_t count = 0;
    for (int backward = 0; backward < 2; ++backward) {
        for (size_t i = 2; i < shape->count; ++i) {
            const bench_layer layer = {
                .op = BENCH_DENSE,
                .backward = backward,
                .shape = {{shape->sides[0], shape->sides[i - 1], shape->sides[i]}, 3}};
            count += list_shape(options, &layer, layers ? layers + count : NULL);
        }
    }
    return count;
}

size_t bench_options_layers(const bench_options *options, bench_layer *layers) {
    size_t count = 0;
    for (size_t s = 0; options->ops[BENCH_DENSE] && s < options->num_shapes; ++s)
        if (options->shapes[s].count > 2)
            count += list_dense(options, &options->shapes[s], layers ? layers + count : NULL);
    for (size_t s = 0; options->ops[BENCH_TRAIN] && s < options->num_shapes; ++s) {
        const bench_layer step = {.op = BENCH_TRAIN, .shape = options->shapes[s]};
        if (step.shape.count > 2)
            count += list_shape(options, &step, layers ? layers + count : NULL);
    }
    return count;
}
