/* self_test.c (L3): known answers on the device: run them, compare them, say what was found. */
#include "known_answers.h"
#include "launch.h"
#include "plan.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUM_CELLS = KNOWN_ROWS * KNOWN_COLUMNS, NUM_BUFFERS = 4 };

/* What one run holds on the device: three matrices of inputs and the results. */
typedef struct trial {
    clact_context *context;
    cl_command_queue queue;
    cl_mem buffers[NUM_BUFFERS];
    uint32_t (*cells)[NUM_CELLS]; /* on the host: results of the fast and of the accurate tier */
} trial;

static kernel_spec spec_of(clact_tier tier) {
    kernel_spec spec = {.text = clact_text_self_test};
    if (tier == CLACT_TIER_ACCURATE) spec.flavour = KERNEL_ACCURATE;
    snprintf(spec.name, sizeof spec.name, "self_test_%s", clact_tier_name(tier));
    snprintf(spec.defines, sizeof spec.defines, "\n#define SELF_TEST_NAME %s\n", spec.name);
    return spec;
}

/* ---- On the device --------------------------------------------------------------------------- */

static clact_status trial_open(trial *t) {
    const program_target *target = &t->context->target;
    const size_t bytes = sizeof *t->cells;
    cl_int code = CL_SUCCESS;
    t->cells = malloc(2 * bytes);
    if (!t->cells) return context_fail(t->context, CLACT_MEMORY, "out of host memory");
    t->queue = clCreateCommandQueue(target->context, target->device, 0, &code);
    if (code != CL_SUCCESS) return context_fail_opencl(t->context, "clCreateCommandQueue", code);
    for (int b = 0; b < NUM_BUFFERS; b++) {
        uint32_t *cells = t->cells[0]; /* the results start as zeros too */
        memset(cells, 0, bytes);
        for (int row = 0; row < KNOWN_ROWS && b < 3; row++)
            for (size_t i = 0; i < known[row].count; i++)
                cells[row * KNOWN_COLUMNS + i] = known[row].answers[i].input[b];
        t->buffers[b] = clCreateBuffer(target->context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR,
                                       bytes, cells, &code);
        if (code != CL_SUCCESS) return context_fail_opencl(t->context, "clCreateBuffer", code);
    }
    return CLACT_SUCCESS;
}

static clact_status trial_run(trial *t, clact_tier tier) {
    const cl_ulong cols = KNOWN_COLUMNS;
    const launch_order order = {t->queue, 0, NULL, NULL};
    const launch_scalar scalars[] = {{sizeof cols, &cols}};
    const kernel_spec spec = spec_of(tier);
    const clact_tuning_shape shape = program_shape(&t->context->target, &spec);
    const plan_grid grid = plan_elementwise(1, cols, shape.width, shape.local);
    operand operands[NUM_BUFFERS];
    for (int b = 0; b < NUM_BUFFERS; b++)
        operands[b] = (operand){.matrix = {t->buffers[b], 0, KNOWN_COLUMNS}};
    const clact_status status =
        launch_kernel(t->context, &order, spec.name, grid, scalars, 1, operands, NUM_BUFFERS);
    if (status != CLACT_SUCCESS) return status;
    const cl_int code = clEnqueueReadBuffer(t->queue, t->buffers[NUM_BUFFERS - 1], CL_TRUE, 0,
                                            sizeof *t->cells, t->cells[tier], 0, NULL, NULL);
    return code == CL_SUCCESS ? CLACT_SUCCESS
                              : context_fail_opencl(t->context, "clEnqueueReadBuffer", code);
}

static void trial_close(trial *t) {
    for (int b = 0; b < NUM_BUFFERS; b++)
        if (t->buffers[b]) clReleaseMemObject(t->buffers[b]);
    if (t->queue) clReleaseCommandQueue(t->queue);
    free(t->cells);
}

/* ---- What it says ---------------------------------------------------------------------------- */

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* What the row gives if its product is not rounded; the inputs are such that double holds all. */
static uint32_t contracted(known_row row, const known_answer *answer) {
    const double a = (double)float_of(answer->input[0]), b = (double)float_of(answer->input[1]);
    const double c = (double)float_of(answer->input[2]);
    const float value = (float)(row == KNOWN_multiply_add        ? a * b + c
                                : row == KNOWN_multiply_subtract ? a * b - c
                                                                 : c - a * b);
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Whether a wrong answer of an operation is only a subnormal number taken for 0; notes it. */
static bool is_flushed(known_row row, const known_answer *answer, uint32_t got,
                       clact_self_test_report *report) {
    if (!known_has_subnormals(answer)) return false;
    if (row == KNOWN_fma) {
        report->fma_subnormals = false;
        return true;
    }
    if ((row != KNOWN_multiply && row != KNOWN_add) || (got & 0x7fffffffu) != 0) return false;
    if (known_is_subnormal(answer->want[0]))
        report->subnormal_results = false;
    else
        report->subnormal_inputs = false;
    return true;
}

static void note_wrong(clact_self_test_report *report, clact_tier tier, known_row row,
                       const known_answer *answer, uint32_t got) {
    if (row == KNOWN_multiply_add || row == KNOWN_multiply_subtract ||
        row == KNOWN_subtract_product)
        report->contracts = report->contracts || got == contracted(row, answer);
    if (row == KNOWN_fma) report->fma_exact = false;
    if (report->wrong++ > 0) return;
    snprintf(report->function, sizeof report->function, "%s", known[row].name);
    report->tier = tier;
    report->num_inputs = known[row].num_inputs;
    memcpy(report->inputs, answer->input, sizeof report->inputs);
    report->got = got;
    report->want = answer->want[tier];
}

/* The operations come first, and say whether subnormal numbers count in the functions. */
static void compare(clact_self_test_report *report, clact_tier tier, const uint32_t *cells) {
    for (int row = 0; row < KNOWN_ROWS; row++)
        for (size_t i = 0; i < known[row].count; i++) {
            const known_answer *answer = &known[row].answers[i];
            const uint32_t got = known_canonical(cells[row * KNOWN_COLUMNS + i]);
            const bool flushes =
                !report->subnormal_inputs || !report->subnormal_results || !report->fma_subnormals;
            const bool is_function = row > KNOWN_fma;
            if (is_function && flushes && known_has_subnormals(answer)) {
                report->left_out++;
                continue;
            }
            if (got != answer->want[tier] && is_flushed((known_row)row, answer, got, report)) {
                report->left_out++;
                continue;
            }
            report->answers++;
            if (got != answer->want[tier]) note_wrong(report, tier, (known_row)row, answer, got);
        }
}

static void describe(clact_self_test_report *report, const char *device) {
    char inputs[128] = "";
    report->passed = report->wrong == 0;
    if (report->passed) return;
    for (unsigned i = 0, at = 0; i < report->num_inputs && at < sizeof inputs; i++)
        at += (unsigned)snprintf(inputs + at, sizeof inputs - at, "%s%a", i > 0 ? ", " : "",
                                 (double)float_of(report->inputs[i]));
    snprintf(
        report->message, sizeof report->message,
        "%s fails the self-test: %s (%s) of %s gives %a (0x%08x) instead of %a (0x%08x); %u of "
        "%u answers are wrong",
        device, report->function, clact_tier_name(report->tier), inputs,
        (double)float_of(report->got), (unsigned)report->got, (double)float_of(report->want),
        (unsigned)report->want, report->wrong, report->answers);
}

/* Under the build lock, with the kernels there. */
static clact_status run(clact_context *context, clact_self_test_report *report) {
    trial t = {.context = context};
    clact_status status = trial_open(&t);
    for (int tier = CLACT_TIER_FAST; tier <= CLACT_TIER_ACCURATE && status == CLACT_SUCCESS; tier++)
        status = trial_run(&t, (clact_tier)tier);
    if (status == CLACT_SUCCESS) {
        for (int tier = CLACT_TIER_FAST; tier <= CLACT_TIER_ACCURATE; tier++)
            compare(report, (clact_tier)tier, t.cells[tier]);
        describe(report, context->device.name);
    }
    trial_close(&t);
    return status;
}

clact_status clact_context_self_test(clact_context *context, clact_self_test_report *report) {
    if (!context) return CLACT_INVALID_ARGUMENT;
    if (!report || report->struct_size != sizeof *report)
        return context_fail(context, CLACT_INVALID_ARGUMENT,
                            "the report is NULL, or its struct_size is not set");
    const double start = program_clock();
    const kernel_spec specs[] = {spec_of(CLACT_TIER_FAST), spec_of(CLACT_TIER_ACCURATE)};
    clact_self_test_report found = {.struct_size = sizeof found,
                                    .fma_exact = true,
                                    .fma_subnormals = true,
                                    .subnormal_inputs = true,
                                    .subnormal_results = true};
    clact_status status = context_ensure(context, specs, 2);
    if (status == CLACT_SUCCESS) {
        mtx_lock(&context->build_lock);
        if (!context->self_tested) {
            status = run(context, &found);
            found.seconds = program_clock() - start;
            context->self_tested = status == CLACT_SUCCESS;
            context->self_test = found;
        }
        found = context->self_test;
        mtx_unlock(&context->build_lock);
    }
    *report = found;
    if (status != CLACT_SUCCESS) {
        *report = (clact_self_test_report){.struct_size = sizeof *report};
        clact_context_message(context, report->message, sizeof report->message);
    }
    return status;
}
