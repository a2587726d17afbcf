/* test_device_types.c: every row in both tiers and every element type. For f16 and bf16, over all
 * 65,536 codes, the device gives the formula in float32 of the widened input, rounded once; for f64
 * the bits of the C build in double, at both signs of every exponent.
 *
 * test_device_types [some|small] TYPE [ACTIVATION]
 */
#include "sweep_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void this_type_gives_the_bits_of_c(void **state) {
    const row_case *r = *state;
    const size_t w = r->c->f.info.vector_width, less = w > 1 ? w - 1 : 1;
    const layout few[] = {{3, 5, 0, 2}, {3, w + 1, 3, 1}};
    const layout tails[] = {{1, 1, 3, 0},     {1, less, 1, 0}, {3, w + 1, 3, 1},
                            {1, w + 1, 1, 0}, {7, 33, 1, 3},   {5, 17, 0, 0}};
    const layout walk = {3, walk_length(r->dtype), 1, 3};
    clact_sweep sweep = case_sweep(r);
    if (r->c->extent == EXTENT_ALL)
        check_sweep(r->c, &sweep, tails, sizeof tails / sizeof *tails, fill_mixed);
    else
        check_sweep(r->c, &sweep, few, 2, fill_mixed);
    if (r->c->extent != EXTENT_SMALL) check_sweep(r->c, &sweep, &walk, 1, fill_walk);
    /* parameters whose reciprocals are no floats */
    for (int i = 0; i < CLACT_MAX_PARAMS && sweep.params[i] != 0.0f; i++)
        sweep.params[i] = i == 0 ? 0.375f : 2.75f;
    check_sweep(r->c, &sweep, few, 2, fill_mixed);
}

/* The type of this name; false for none, and for f32, which is test_device's. */
static bool find_type(const char *name, clact_dtype *dtype) {
#define TRY(NAME, value, text, size)                                                               \
    if (strcmp(name, text) == 0) {                                                                 \
        *dtype = CLACT_##NAME;                                                                     \
        return *dtype != CLACT_F32;                                                                \
    }
    CLACT_DTYPE_MAP(TRY)
#undef TRY
    return false;
}

int main(int argc, char **argv) {
    const extent e = take_extent(&argc, &argv);
    clact_dtype dtype;
    if (argc < 2 || !find_type(argv[1], &dtype)) {
        fprintf(stderr, "usage: test_device_types [some|small] f16|bf16|f64 [ACTIVATION]\n");
        return 2;
    }
    char program[64];
    checker c;
    /* one vector at a time, which compiles faster: test_device has rows abreast, test_device_widths
     * the storage of these types abreast */
    setenv("CLACT_TEST_WIDTH", "16", 0);
    snprintf(program, sizeof program, "test_device_types %s", argv[1]);
    if (!checker_open(&c, program, e, 0)) return TEST_SKIPPED;
    if (dtype == CLACT_F64 && !c.f.info.fp64) {
        puts("skipped: the device has no float64");
        checker_close(&c);
        return TEST_SKIPPED;
    }
    row_list list = {.only = argc > 2 ? argv[2] : NULL};
    list_rows(&list, &c, CLACT_TIER_FAST, dtype, this_type_gives_the_bits_of_c);
    list_rows(&list, &c, CLACT_TIER_ACCURATE, dtype, this_type_gives_the_bits_of_c);
    const int failed = run_list(&list, argv[1]);
    checker_close(&c);
    return failed;
}
