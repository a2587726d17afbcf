/* bench_sweep_list.c: the passes that the options ask for. */
#include "bench_options.h"

/* One row of the table at one shape and type: every chosen activation, its tiers side by side. */
static size_t list_row(const bench_options *options, size_t row, const bench_pass *at,
                       bench_pass *passes) {
    size_t count = 0;
    for (int a = 0; a < CLACT_ACT_COUNT; ++a) {
        for (int t = 0; t < CLI_NUM_TIERS; ++t) {
            bench_pass pass = *at;
            pass.tier = cli_tiers[t];
            if (!options->pass_activations[a] || !options->tiers[t]) continue;
            if (clact_activation_query((clact_activation)a, &pass.info) != CLACT_SUCCESS ||
                !bench_pass_fill(row, &pass))
                continue;
            if (passes) passes[count] = pass;
            ++count;
        }
    }
    return count;
}

size_t bench_options_passes(const bench_options *options, bench_pass *passes) {
    size_t count = 0;
    for (int d = 0; d < CLI_NUM_DTYPES; ++d) {
        for (size_t s = 0; s < options->num_shapes; ++s) {
            for (size_t row = 0; row < bench_pass_count(); ++row) {
                const bench_pass at = {.dtype = cli_dtypes[d],
                                       .rows = options->shapes[s].sides[0],
                                       .cols = options->shapes[s].sides[1]};
                if (options->shapes[s].count != 2 || !options->dtypes[d] ||
                    !options->ops[BENCH_SWEEP] || !(options->passes & 1u << row))
                    continue;
                count += list_row(options, row, &at, passes ? passes + count : NULL);
            }
        }
    }
    return count;
}
