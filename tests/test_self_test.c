/* test_self_test.c: the self-test passes on the device, and one that answers otherwise is named,
 * refused or accepted as asked. The linker wraps the call that reads the answers.
 */
#include "device_fixture.h"

#include "core/known_answers.h"

#include <math.h>
#include <string.h>
#include <threads.h>

/* ---- A device that answers otherwise --------------------------------------------------------- */

enum { CELLS = KNOWN_ROWS * KNOWN_COLUMNS };

/* Changes the answers of one tier after they were read; NULL leaves them. */
typedef void (*distortion)(uint32_t *cells, clact_tier tier);
static distortion distort;
static bool reads_fail;
static unsigned reads; /* so far: of the fast tier, then of the accurate one */

cl_int __real_clEnqueueReadBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                  size_t offset, size_t size, void *to, cl_uint num_wait,
                                  const cl_event *wait, cl_event *event);
cl_int __wrap_clEnqueueReadBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                  size_t offset, size_t size, void *to, cl_uint num_wait,
                                  const cl_event *wait, cl_event *event);
cl_int __wrap_clEnqueueReadBuffer(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                  size_t offset, size_t size, void *to, cl_uint num_wait,
                                  const cl_event *wait, cl_event *event) {
    if (reads_fail) return CL_OUT_OF_RESOURCES;
    const cl_int code = __real_clEnqueueReadBuffer(queue, buffer, blocking, offset, size, to,
                                                   num_wait, wait, event);
    assert_int_equal(size, CELLS * sizeof(uint32_t));
    if (distort) distort(to, reads % 2 ? CLACT_TIER_ACCURATE : CLACT_TIER_FAST);
    reads++;
    return code;
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* One bit of one answer */
static void tanh_is_off(uint32_t *cells, clact_tier tier) {
    if (tier == CLACT_TIER_ACCURATE) cells[KNOWN_tanh * KNOWN_COLUMNS + 40] ^= 1;
}

/* The first of every function, from exp on */
static void all_are_off(uint32_t *cells, clact_tier tier) {
    (void)tier;
    for (int row = KNOWN_exp; row < KNOWN_ROWS; row++)
        cells[row * KNOWN_COLUMNS + 20] += 2;
}

/* A product and a sum rounded once, in one of the forms */
static void differences_contract(uint32_t *cells, clact_tier tier) {
    (void)tier;
    const known_answers *k = &known[KNOWN_multiply_subtract];
    for (size_t i = 0; i < k->count; i++) {
        const uint32_t *in = k->answers[i].input;
        cells[KNOWN_multiply_subtract * KNOWN_COLUMNS + i] =
            bits_of(fmaf(float_of(in[0]), float_of(in[1]), -float_of(in[2])));
    }
}

/* Wrong, but not because it is contracted */
static void sums_are_off(uint32_t *cells, clact_tier tier) {
    (void)tier;
    cells[KNOWN_multiply_add * KNOWN_COLUMNS] ^= 0x100;
}

/* An fma of two roundings */
static void fma_rounds_twice(uint32_t *cells, clact_tier tier) {
    (void)tier;
    for (size_t i = 0; i < known[KNOWN_fma].count; i++) {
        const uint32_t *in = known[KNOWN_fma].answers[i].input;
        const volatile float product = float_of(in[0]) * float_of(in[1]);
        cells[KNOWN_fma * KNOWN_COLUMNS + i] = bits_of(product + float_of(in[2]));
    }
}

/* What an fma in software did on one device: a subnormal addend counts as 0 */
static void fma_drops_subnormals(uint32_t *cells, clact_tier tier) {
    (void)tier;
    for (size_t i = 0; i < known[KNOWN_fma].count; i++) {
        const uint32_t *in = known[KNOWN_fma].answers[i].input;
        if (known_is_subnormal(in[2]))
            cells[KNOWN_fma * KNOWN_COLUMNS + i] =
                bits_of(fmaf(float_of(in[0]), float_of(in[1]), 0.0f));
    }
}

/* Subnormal results become 0, of any sign, and what was got by way of one is anything. */
static void results_are_flushed(uint32_t *cells, clact_tier tier) {
    for (int row = 0; row < KNOWN_ROWS; row++)
        for (size_t i = 0; i < known[row].count; i++) {
            uint32_t *cell = &cells[row * KNOWN_COLUMNS + i];
            const known_answer *answer = &known[row].answers[i];
            if (known_is_subnormal(answer->want[tier]))
                *cell = i % 2 ? 0x80000000u : 0;
            else if (row > KNOWN_fma && known_has_subnormals(answer))
                *cell = 0x3f800000u;
        }
}

static void inputs_are_flushed(uint32_t *cells, clact_tier tier) {
    for (int row = 0; row < KNOWN_ROWS; row++)
        for (size_t i = 0; i < known[row].count; i++) {
            const known_answer *answer = &known[row].answers[i];
            if (known_has_subnormals(answer) && !known_is_subnormal(answer->want[tier]))
                cells[row * KNOWN_COLUMNS + i] = 0;
        }
}

/* Products that underflow are not 0 but wrong. */
static void results_are_garbled(uint32_t *cells, clact_tier tier) {
    for (size_t i = 0; i < known[KNOWN_multiply].count; i++)
        if (known_is_subnormal(known[KNOWN_multiply].answers[i].want[tier]))
            cells[KNOWN_multiply * KNOWN_COLUMNS + i] += 1;
}

/* ---- What the tests share -------------------------------------------------------------------- */

/* Runs the self-test of a new context under a distortion. */
static clact_self_test_report report_under(fixture *f, distortion d) {
    clact_self_test_report report = {.struct_size = sizeof report};
    clact_context *c = NULL;
    assert_int_equal(clact_context_create(f->context, f->device, NULL, &c), CLACT_SUCCESS);
    distort = d;
    const clact_status status = clact_context_self_test(c, &report);
    distort = NULL;
    clact_context_destroy(c);
    if (status != CLACT_SUCCESS) print_error("%s\n", report.message);
    assert_int_equal(status, CLACT_SUCCESS);
    return report;
}

static clact_status create_under(fixture *f, distortion d, clact_self_test self_test,
                                 clact_self_test_report *report, clact_context **out) {
    const clact_context_options options = {
        .struct_size = sizeof options, .self_test = self_test, .report = report};
    distort = d;
    const clact_status status = clact_context_create(f->context, f->device, &options, out);
    distort = NULL;
    return status;
}

static bool keeps_subnormals(const clact_self_test_report *r) {
    return r->fma_subnormals && r->subnormal_inputs && r->subnormal_results;
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void the_device_passes_at_every_width(void **state) {
    fixture *f = *state;
    for (unsigned width = 1; width <= 16; width *= 2) {
        const clact_context_options options = {.struct_size = sizeof options,
                                               .vector_width = width};
        clact_self_test_report report = {.struct_size = sizeof report};
        clact_context *c = NULL;
        assert_int_equal(clact_context_create(f->context, f->device, &options, &c), CLACT_SUCCESS);
        const clact_status status = clact_context_self_test(c, &report);
        clact_context_destroy(c);
        print_message("width %u: %u answers, %u wrong, %u left out, %.3f s; subnormal inputs %s, "
                      "results %s, in fma %s\n",
                      width, report.answers, report.wrong, report.left_out, report.seconds,
                      report.subnormal_inputs ? "kept" : "flushed",
                      report.subnormal_results ? "kept" : "flushed",
                      report.fma_subnormals ? "kept" : "flushed");
        if (!report.passed) print_error("%s\n", report.message);
        assert_int_equal(status, CLACT_SUCCESS);
        assert_true(report.passed);
        assert_true(report.fma_exact && !report.contracts);
        assert_true(report.answers > 1000 && report.seconds > 0.0);
        assert_string_equal(report.message, "");
        assert_string_equal(report.function, "");
    }
}

static void every_elementary_function_has_64_answers(void **state) {
    (void)state;
    for (int row = KNOWN_divide; row < KNOWN_ROWS; row++)
        assert_int_equal(known[row].count, 64);
}

static void a_wrong_answer_is_refused_by_name(void **state) {
    fixture *f = *state;
    clact_self_test_report report = {.struct_size = sizeof report};
    clact_context *c = (clact_context *)f;
    assert_int_equal(create_under(f, tanh_is_off, CLACT_SELF_TEST_REFUSE, &report, &c),
                     CLACT_DEVICE);
    assert_null(c);
    const known_answer *answer = &known[KNOWN_tanh].answers[40];
    assert_false(report.passed);
    assert_int_equal(report.wrong, 1);
    assert_string_equal(report.function, "tanh");
    assert_int_equal(report.tier, CLACT_TIER_ACCURATE);
    assert_int_equal(report.num_inputs, 1);
    assert_int_equal(report.inputs[0], answer->input[0]);
    assert_int_equal(report.want, answer->want[CLACT_TIER_ACCURATE]);
    assert_int_equal(report.got, report.want ^ 1);
    assert_false(report.contracts);
    assert_non_null(strstr(report.message, f->info.name));
    assert_non_null(strstr(report.message, "tanh (accurate) of "));
    print_message("%s\n", report.message);
    assert_int_equal(create_under(f, tanh_is_off, CLACT_SELF_TEST_REFUSE, NULL, &c), CLACT_DEVICE);
    assert_null(c);
}

static void a_caller_who_insists_gets_the_device(void **state) {
    fixture *f = *state;
    clact_self_test_report report = {.struct_size = sizeof report}, again = report;
    clact_context *c = NULL;
    const unsigned before = reads;
    assert_int_equal(create_under(f, all_are_off, CLACT_SELF_TEST_INSIST, &report, &c),
                     CLACT_SUCCESS);
    assert_non_null(c);
    assert_false(report.passed);
    assert_string_equal(report.function, "exp");
    assert_int_equal(report.tier, CLACT_TIER_FAST);
    assert_int_equal(report.wrong, 2 * (KNOWN_ROWS - KNOWN_exp));
    assert_int_equal(clact_context_self_test(c, &again), CLACT_SUCCESS);
    assert_memory_equal(&report, &again, sizeof report);
    assert_int_equal(reads - before, 2);
    clact_context_destroy(c);
}

static void a_good_device_is_not_refused(void **state) {
    fixture *f = *state;
    clact_context *c = NULL;
    assert_int_equal(create_under(f, NULL, CLACT_SELF_TEST_REFUSE, NULL, &c), CLACT_SUCCESS);
    assert_non_null(c);
    clact_context_destroy(c);
}

static void contraction_and_a_wrong_fma_are_told_apart(void **state) {
    clact_self_test_report r = report_under(*state, differences_contract);
    assert_string_equal(r.function, "multiply_subtract");
    assert_int_equal(r.num_inputs, 3);
    assert_true(r.contracts && r.fma_exact && !r.passed);
    assert_int_equal(r.wrong, 2 * known[KNOWN_multiply_subtract].count);
    r = report_under(*state, sums_are_off);
    assert_true(!r.contracts && !r.passed);
    r = report_under(*state, fma_rounds_twice);
    assert_string_equal(r.function, "fma");
    assert_true(!r.contracts && !r.fma_exact && !r.passed);
    r = report_under(*state, results_are_garbled);
    assert_string_equal(r.function, "multiply");
    assert_false(r.passed);
}

static void flushed_subnormals_are_reported_and_no_failure(void **state) {
    clact_self_test_report r = report_under(*state, NULL);
    if (!keeps_subnormals(&r)) skip(); /* nothing here can be told from the device's own ways */
    assert_int_equal(r.left_out, 0);
    const unsigned all = r.answers;
    r = report_under(*state, results_are_flushed);
    assert_true(r.passed && !r.subnormal_results && r.subnormal_inputs);
    assert_true(r.left_out > 50);
    assert_int_equal(r.answers + r.left_out, all);
    r = report_under(*state, inputs_are_flushed);
    assert_true(r.passed && r.subnormal_results && !r.subnormal_inputs);
    r = report_under(*state, fma_drops_subnormals);
    assert_true(r.passed && r.fma_exact && !r.fma_subnormals);
    assert_true(r.subnormal_results && r.subnormal_inputs);
    clact_context *c = NULL;
    assert_int_equal(create_under(*state, results_are_flushed, CLACT_SELF_TEST_REFUSE, NULL, &c),
                     CLACT_SUCCESS);
    clact_context_destroy(c);
}

static void no_self_test_unless_asked_for(void **state) {
    fixture *f = *state;
    clact_context *c = NULL;
    clact_self_test_report report = {.struct_size = sizeof report};
    unsigned builds = 1;
    const unsigned before = reads;
    assert_int_equal(clact_context_create(f->context, f->device, NULL, &c), CLACT_SUCCESS);
    clact_context_build_seconds(c, &builds);
    assert_int_equal(builds, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(clact_context_self_test(c, &report), CLACT_SUCCESS);
        clact_context_build_seconds(c, &builds);
        assert_int_equal(builds, 2);
    }
    assert_int_equal(reads - before, 2);
    clact_context_destroy(c);
}

static void errors_are_not_kept(void **state) {
    fixture *f = *state;
    clact_context *c = NULL;
    clact_self_test_report report = {.struct_size = sizeof report};
    assert_int_equal(clact_context_create(f->context, f->device, NULL, &c), CLACT_SUCCESS);
    assert_int_equal(clact_context_self_test(NULL, &report), CLACT_INVALID_ARGUMENT);
    assert_int_equal(clact_context_self_test(c, NULL), CLACT_INVALID_ARGUMENT);
    reads_fail = true;
    assert_int_equal(clact_context_self_test(c, &report), CLACT_OPENCL);
    reads_fail = false;
    assert_non_null(strstr(report.message, "clEnqueueReadBuffer"));
    assert_false(report.passed);
    assert_int_equal(clact_context_self_test(c, &report), CLACT_SUCCESS);
    assert_true(report.passed);
    report.struct_size = 1;
    assert_int_equal(clact_context_self_test(c, &report), CLACT_INVALID_ARGUMENT);
    clact_context_destroy(c);

    assert_int_equal(create_under(f, NULL, CLACT_SELF_TEST_REFUSE, &report, &c),
                     CLACT_INVALID_ARGUMENT);
    assert_int_equal(create_under(f, NULL, (clact_self_test)3, NULL, &c), CLACT_INVALID_ARGUMENT);
    report.struct_size = sizeof report;
    const clact_context_options broken = {.struct_size = sizeof broken,
                                          .build_options = "-Dpair=1",
                                          .self_test = CLACT_SELF_TEST_INSIST,
                                          .report = &report};
    assert_int_equal(clact_context_create(f->context, f->device, &broken, &c), CLACT_BUILD);
    assert_null(c);
    assert_non_null(strstr(report.message, "did not compile"));
}

typedef struct job {
    clact_context *clact;
    clact_self_test_report report;
    clact_status status;
} job;

static int test_in_thread(void *data) {
    job *j = data;
    j->report.struct_size = sizeof j->report;
    j->status = clact_context_self_test(j->clact, &j->report);
    return 0;
}

static void threads_share_one_run(void **state) {
    enum { THREADS = 4 };
    fixture *f = *state;
    thrd_t threads[THREADS];
    job jobs[THREADS] = {0};
    clact_context *c = NULL;
    unsigned builds = 0;
    const unsigned before = reads;
    assert_int_equal(clact_context_create(f->context, f->device, NULL, &c), CLACT_SUCCESS);
    for (int i = 0; i < THREADS; i++) {
        jobs[i].clact = c;
        assert_int_equal(thrd_create(&threads[i], test_in_thread, &jobs[i]), thrd_success);
    }
    for (int i = 0; i < THREADS; i++)
        thrd_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(jobs[i].status, CLACT_SUCCESS);
        assert_memory_equal(&jobs[i].report, &jobs[0].report, sizeof jobs[0].report);
    }
    clact_context_build_seconds(c, &builds);
    assert_int_equal(builds, 2);
    assert_int_equal(reads - before, 2);
    clact_context_destroy(c);
}

int main(int argc, char **argv) {
    const bool small = argc > 1 && strcmp(argv[1], "small") == 0; /* for simulators */
    fixture f;
    if (!fixture_open(&f, 0)) return TEST_SKIPPED;
#define CASE(test)                                                                                 \
    { #test, test, NULL, NULL, &f }
    const struct CMUnitTest tests[] = {
        CASE(the_device_passes_at_every_width),
        CASE(every_elementary_function_has_64_answers),
        CASE(a_wrong_answer_is_refused_by_name),
        CASE(a_caller_who_insists_gets_the_device),
        CASE(a_good_device_is_not_refused),
        CASE(contraction_and_a_wrong_fma_are_told_apart),
        CASE(flushed_subnormals_are_reported_and_no_failure),
        CASE(no_self_test_unless_asked_for),
        CASE(errors_are_not_kept),
        CASE(threads_share_one_run),
    };
    const size_t count = small ? 1 : sizeof tests / sizeof *tests;
    const int failed = _cmocka_run_group_tests("self-test", tests, count, NULL, NULL);
    fixture_close(&f);
    return failed;
}
