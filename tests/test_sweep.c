/* test_sweep.c: a fused pass gives the bits of its steps one after the other: those of the replica
 * in C, for sweeps that have every pair of settings, over shapes that end within a vector, a group
 * of columns and a block of rows.
 *
 * test_sweep [some|small] [SEED]
 *
 * With `some` or `small`, as many pairs as a few sweeps can have.
 */
#include "sweep_pairs.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct setup {
    checker c;
    sweep_case *cases;
    size_t count;
} setup;

static const layout layouts[] = {{1, 1, 0, 0},   {1, 127, 1, 0},  {7, 13, 3, 0},   {3, 63, 0, 2},
                                 {5, 64, 0, 0},  {3, 65, 1, 1},   {2, 127, 0, 0},  {3, 128, 0, 0},
                                 {2, 129, 3, 2}, {31, 17, 0, 1},  {32, 3, 1, 0},   {33, 16, 0, 0},
                                 {513, 5, 0, 0}, {1025, 2, 1, 1}, {1, 1021, 0, 0}, {37, 31, 0, 3},
                                 {4, 256, 0, 0}, {3, 96, 0, 0}};
static const layout small_layouts[] = {{2, 5, 1, 1}, {33, 3, 0, 0}, {1, 67, 0, 0}};

static void compile(setup *s) {
    clact_sweep *sweeps = calloc(s->count, sizeof *sweeps);
    for (size_t i = 0; i < s->count; i++)
        sweeps[i] = s->cases[i].sweep;
    require_success(&s->c.f, clact_warm_up(s->c.f.clact, sweeps, s->count, true), "warm-up");
    printf("compiled in %.1f s\n", clact_context_build_seconds(s->c.f.clact, NULL));
    free(sweeps);
}

static void fused_passes_give_the_bits_of_their_steps(void **state) {
    setup *s = *state;
    const bool is_small = s->c.extent == EXTENT_SMALL;
    const layout *list = is_small ? small_layouts : layouts;
    const size_t n = is_small ? 3 : sizeof layouts / sizeof *layouts;
    for (size_t i = 0; i < s->count; i++) {
        sweep_case c = s->cases[i];
        for (size_t j = 0; j < n; j++) {
            c.l = list[j];
            c.specials = (i + j) % 3 == 0;
            c.seed += j;
            case_check(&s->c.f, &c, s->c.program);
        }
    }
}

int main(int argc, char **argv) {
    setup s = {0};
    char program[64];
    const extent e = take_extent(&argc, &argv);
    pair_options o = {.seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 0x5eed,
                      .most = e == EXTENT_SMALL  ? 10
                              : e == EXTENT_SOME ? 36
                                                 : 0};
    snprintf(program, sizeof program, "test_sweep %#llx", (unsigned long long)o.seed);
    if (!checker_open(&s.c, program, e, 0)) return TEST_SKIPPED;
    if (s.c.arithmetic.flushes || s.c.arithmetic.loses_zero_sign) {
        puts("skipped: the device's arithmetic is not that of C");
        checker_close(&s.c);
        return TEST_SKIPPED;
    }
    o.fp64 = s.c.f.info.fp64;
    s.cases = sweep_pairs(&o, &s.count);
    compile(&s);
    const struct CMUnitTest tests[] = {{"fused passes give the bits of their steps",
                                        fused_passes_give_the_bits_of_their_steps, NULL, NULL, &s}};
    const int failed = cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
    free(s.cases);
    checker_close(&s.c);
    return failed;
}
