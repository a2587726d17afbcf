/* test_gemm.c: products with the parameters that ship are right, and those that are wrong are found
 * out.
 *
 * test_gemm full: batches too, and a search that is stopped. */
#include "device_fixture.h"
#include "faults.h"
#include "net/gemm_tuning.h"

#include "clact/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_full;

/* On whatever device, whose own class is the last: it stays. */
static void every_class_gives_right_products(void **state) {
    fixture *f = *state;
    const gemm_class own = gemm_class_of(&f->info);
    for (int i = 1; i <= GEMM_CLASSES; i++) {
        const gemm_class class = (gemm_class)(((int)own + i) % GEMM_CLASSES);
        const clact_gemm_tuning tuning = gemm_tuning_of(class);
        print_message("class %d\n", (int)class);
        require_success(f, clact_gemm_apply(f->device, &tuning), "apply");
        require_success(f, clact_gemm_verify(f->clact, f->queue, is_full), "verify");
    }
}

static void wrong_products_are_found(void **state) {
    fixture *f = *state;
    char message[256];
    fault.short_sums = true;
    const clact_status status = clact_gemm_verify(f->clact, f->queue, false);
    fault.short_sums = false;
    clact_context_message(f->clact, message, sizeof message);
    assert_int_equal(status, CLACT_BLAS);
    assert_non_null(strstr(message, "the product 384 x 384 x 64 is wrong: "));
}

static void products_that_fail_are_found(void **state) {
    fixture *f = *state;
    fault.no_blas = true;
    assert_int_equal(clact_gemm_verify(f->clact, f->queue, false), CLACT_BLAS);
    fault.no_blas = false;
    fault.no_memory = true;
    assert_int_equal(clact_gemm_verify(f->clact, f->queue, false), CLACT_MEMORY);
    fault.no_memory = false;
}

/* ---- nets ---- */

static clact_status create_net(fixture *f, const clact_gemm_tuning *gemm, bool as_is) {
    clact_sweep identity;
    clact_net *net = NULL;
    clact_sweep_init(&identity, CLACT_ACT_IDENTITY);
    const clact_layer layer = {1, &identity};
    const clact_net_options options = {.struct_size = sizeof options,
                                       .inputs = 1,
                                       .layers = &layer,
                                       .num_layers = 1,
                                       .max_rows = 1,
                                       .gemm = gemm,
                                       .gemm_as_is = as_is};
    const clact_status status = clact_net_create(f->clact, f->queue, &options, &net);
    clact_net_destroy(net);
    return status;
}

static void nets_take_what_can_be(void **state) {
    fixture *f = *state;
    clact_gemm_tuning tuning = gemm_tuning_of(GEMM_CPU);
    char message[256];
    require_success(f, create_net(f, NULL, false), "what ships");
    require_success(f, create_net(f, &tuning, false), "a tuning");
    tuning.values[CLACT_GEMM_VWM] = 3;
    require_success(f, create_net(f, &tuning, true), "a tuning that is not looked at");
    assert_int_equal(create_net(f, &tuning, false), CLACT_INVALID_ARGUMENT);
    clact_context_message(f->clact, message, sizeof message);
    assert_string_equal(message, "CLBlast's parameters could not be set: VWM must be 1, 2, 4, 8 or "
                                 "16, not 3");
    assert_int_equal(clact_gemm_apply(NULL, NULL), CLACT_INVALID_ARGUMENT);
}

/* ---- searches ---- */

typedef struct watcher {
    unsigned trials, most;
    clact_gemm_outcome last;
    char message[256];
} watcher;

static bool watch(void *user, const clact_gemm_trial *trial) {
    watcher *w = user;
    w->last = trial->outcome;
    snprintf(w->message, sizeof w->message, "%s", trial->message);
    return ++w->trials < w->most;
}

static clact_gemm_result search(fixture *f, watcher *w) {
    const clact_gemm_search_options options = {
        .struct_size = sizeof options, .progress = watch, .user = w};
    clact_gemm_result result = {.struct_size = sizeof result};
    require_success(f, clact_gemm_search(f->clact, f->queue, &options, &result), "search");
    return result;
}

static void a_search_throws_away_what_is_wrong(void **state) {
    fixture *f = *state;
    watcher w = {.most = 100};
    fault.short_sums = true;
    const clact_gemm_result result = search(f, &w);
    fault.short_sums = false;
    assert_false(result.found);
    assert_int_equal(w.trials, 1);
    assert_int_equal(w.last, CLACT_GEMM_WRONG);
    assert_non_null(strstr(w.message, "is wrong"));
}

/* Of a CPU: a GPU compiles its start here, and may find nothing better than CLBlast's own. */
static void a_search_that_is_stopped_keeps_what_it_has(void **state) {
    fixture *f = *state;
    watcher w = {.most = 1};
    if (!is_full || gemm_class_of(&f->info) == GEMM_CLASSES) skip();
    const clact_gemm_result result = search(f, &w);
    assert_true(result.stopped);
    assert_int_equal(w.trials, 1);
    assert_int_equal(clact_gemm_check(&result.tuning, f->info.max_work_group, NULL, 0), 0);
    assert_true(result.ratio > 0.0);
}

static void searches_without_a_place_for_results_are_refused(void **state) {
    fixture *f = *state;
    clact_gemm_result result = {.struct_size = 1};
    assert_int_equal(clact_gemm_search(f->clact, f->queue, NULL, &result), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_gemm_search(f->clact, f->queue, NULL, NULL), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_gemm_search(NULL, f->queue, NULL, &result), CLACT_INVALID_ARGUMENT);
}

int main(int argc, char **argv) {
    fixture f;
    is_full = argc > 1 && strcmp(argv[1], "full") == 0;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &f }
    const struct CMUnitTest tests[] = {
        CASE(every_class_gives_right_products),
        CASE(wrong_products_are_found),
        CASE(products_that_fail_are_found),
        CASE(a_search_throws_away_what_is_wrong),
        CASE(a_search_that_is_stopped_keeps_what_it_has),
        CASE(searches_without_a_place_for_results_are_refused),
        CASE(nets_take_what_can_be),
    };
    const int failed = cmocka_run_group_tests_name("products", tests, NULL, NULL);
    fixture_close(&f);
    return failed;
}
