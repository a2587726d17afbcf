/* test_device_widths.c: at every vector width, every row in both tiers gives the bits of C, in
 * float32; and the storage of the other types holds at every width, over every code of 16 bits.
 *
 * test_device_widths WIDTH [ACTIVATION]...
 *
 * An s behind the width leaves out the device's division and the machine's own forms, a t all but
 * the storage of the other types.
 */
#include "sweep_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A row shorter than a vector, rows with a gap and a tail, and a run of whole vectors with one. */
static void this_width_gives_the_bits_of_c(void **state) {
    const row_case *r = *state;
    const size_t w = r->c->f.info.vector_width;
    const layout layouts[] = {{3, w > 1 ? w - 1 : 1, 0, 1}, {5, 2 * w + 3, 1, 2}, {1, 1021, 3, 0}};
    clact_sweep sweep = case_sweep(r);
    check_sweep(r->c, &sweep, layouts, 3, fill_mixed);
}

static void storage_holds_at_this_width(void **state) {
    const row_case *r = *state;
    const size_t w = r->c->f.info.vector_width;
    const layout tails[] = {{3, w > 1 ? w - 1 : 1, 0, 1}, {5, 2 * w + 3, 1, 2}};
    const layout walk = {1, walk_length(r->dtype), 1, 0};
    clact_sweep sweep = case_sweep(r);
    check_sweep(r->c, &sweep, tails, 2, fill_mixed);
    check_sweep(r->c, &sweep, &walk, 1, fill_walk);
}

int main(int argc, char **argv) {
    char *end = NULL;
    const unsigned width = argc > 1 ? (unsigned)strtoul(argv[1], &end, 10) : 0;
    const bool spelled = end && strcmp(end, "s") == 0, types = end && strcmp(end, "t") == 0;
    if (width == 0 || width > 64 || (width & (width - 1)) || (*end && !spelled && !types)) {
        fprintf(stderr, "usage: test_device_widths 1|2|4|8|16|32|64[s|t] [ACTIVATION]\n");
        return 2;
    }
    if (spelled) setenv("CLACT_TEST_OPTIONS", "-DSPELLED_OUT", 1);
    static const char *const stored[] = {"identity", "square", "tanh"};
    checker c;
    char program[64], group[64];
    int failed = 0;
    snprintf(program, sizeof program, "test_device_widths %s", argv[1]);
    snprintf(group, sizeof group, "width %s", argv[1]);
    if (!checker_open(&c, program, EXTENT_ALL, width)) return TEST_SKIPPED;
    row_list list = {.only = argc > 2 ? argv[2] : NULL};
    if (!types) {
        for (clact_tier tier = CLACT_TIER_FAST; tier <= CLACT_TIER_ACCURATE; tier++)
            list_rows(&list, &c, tier, CLACT_F32, this_width_gives_the_bits_of_c);
        failed += run_list(&list, group);
    }
    for (size_t i = 0; i < sizeof stored / sizeof *stored && !list.only; i++) {
        row_list few = {.only = stored[i]};
        list_rows(&few, &c, CLACT_TIER_FAST, CLACT_F16, storage_holds_at_this_width);
        list_rows(&few, &c, CLACT_TIER_FAST, CLACT_BF16, storage_holds_at_this_width);
        if (c.f.info.fp64)
            list_rows(&few, &c, CLACT_TIER_FAST, CLACT_F64, storage_holds_at_this_width);
        failed += run_list(&few, "storage");
    }
    checker_close(&c);
    return failed;
}
