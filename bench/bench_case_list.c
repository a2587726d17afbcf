/* bench_case_list.c: the cases that the options ask for. */
#include "bench_copy.h"
#include "bench_options.h"

/* A group of copies has every way; the run leaves out what the device cannot do. */
static size_t list_copies(const bench_case *group, bench_case *cases) {
    for (int way = 0; cases && way < BENCH_COPY_WAYS; ++way) {
        cases[way] = *group;
        cases[way].copy_way = way;
    }
    return BENCH_COPY_WAYS;
}

/* The cases of one group: every chosen activation, and the tiers of each side by side. */
static size_t list_group(const bench_options *options, const bench_case *group, bench_case *cases) {
    if (group->op == BENCH_COPY) return list_copies(group, cases);
    const bool backward = group->op == BENCH_BACKWARD;
    size_t count = 0;
    for (int a = 0; a < CLACT_ACT_COUNT; ++a) {
        for (int t = 0; t < CLI_NUM_TIERS; ++t) {
            bench_case item = *group;
            if (!options->activations[a] || !options->tiers[t]) continue;
            if (clact_activation_query((clact_activation)a, &item.info) != CLACT_SUCCESS ||
                clact_sweep_init(&item.sweep, (clact_activation)a) != CLACT_SUCCESS)
                continue;
            item.sweep.tier = cli_tiers[t];
            item.sweep.dtype = group->sweep.dtype;
            if (backward) item.sweep.saved = options->saved;
            if (clact_sweep_check(&item.sweep, backward) != CLACT_SUCCESS) continue;
            if (cases) cases[count] = item;
            ++count;
        }
    }
    return count;
}

size_t bench_options_cases(const bench_options *options, bench_case *cases) {
    size_t count = 0;
    for (int d = 0; d < CLI_NUM_DTYPES; ++d) {
        for (int op = 0; op < BENCH_CASE_OPS; ++op) {
            for (size_t s = 0; s < options->num_sizes; ++s) {
                const bench_case group = {.op = (bench_op)op,
                                          .elements = options->sizes[s],
                                          .sweep.dtype = cli_dtypes[d]};
                if (!options->dtypes[d] || !options->ops[op]) continue;
                count += list_group(options, &group, cases ? cases + count : NULL);
            }
        }
    }
    return count;
}
