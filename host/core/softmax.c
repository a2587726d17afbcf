/* softmax.c (L3): softmax and log-softmax over rows, forward and backward. */
#include "row_specs.h"
#include "rows.h"
#include "text.h"

#include <stdio.h>

clact_status clact_softmax_init_sized(clact_softmax *softmax, size_t size) {
    if (!softmax || size != sizeof *softmax) return CLACT_INVALID_ARGUMENT;
    *softmax = (clact_softmax){.struct_size = sizeof *softmax};
    return CLACT_SUCCESS;
}

clact_status softmax_check(clact_context *context, const clact_softmax *softmax) {
    if (!softmax || softmax->struct_size != sizeof *softmax)
        return context_fail(context, CLACT_INVALID_ARGUMENT,
                            "the softmax is NULL or was not set up by clact_softmax_init");
    return rows_check_type(context, "softmax", softmax->dtype, softmax->tier);
}

/* ---- kernels ---- */

kernel_spec softmax_spec(const clact_softmax *softmax, bool backward, softmax_stage stage) {
    static const char *const names[] = {"whole", "short", "most", "sum", "join", "apply"};
    static const char *const defines[] = {"WHOLE", "SHORT", "MOST", "SUM", "JOIN", "APPLY"};
    kernel_spec spec = {.text = clact_text_softmax,
                        .flavour = plan_flavour(softmax->dtype, softmax->tier),
                        .family =
                            stage == SOFTMAX_SHORT ? CLACT_FAMILY_SHORT_ROWS : CLACT_FAMILY_ROWS};
    const char *storage = clact_dtype_name(softmax->dtype);
    const bool joins = stage == SOFTMAX_JOIN;
    /* the stages that do not see the difference are shared */
    const bool log =
        softmax->log && (backward ? !joins : stage <= SOFTMAX_SHORT || stage == SOFTMAX_APPLY);
    snprintf(spec.name, sizeof spec.name, "%ssoftmax_%s%s_%s_%s", log ? "log_" : "",
             backward ? "bwd_" : "", names[stage], storage, clact_tier_name(softmax->tier));
    snprintf(spec.defines, sizeof spec.defines,
             "\n#define ROW_NAME %s\n#define ROW_STORAGE %s\n#define ROW_%s\n%s%s", spec.name,
             storage, defines[stage], log ? "#define ROW_LOG\n" : "",
             backward ? "#define ROW_BACKWARD\n" : "");
    return spec;
}

size_t softmax_specs(const clact_softmax *softmax, bool has_backward, kernel_spec *specs) {
    size_t n = 0;
    for (int backward = 0; backward <= (has_backward ? 1 : 0); backward++)
        for (softmax_stage s = SOFTMAX_WHOLE; s <= SOFTMAX_APPLY; s++)
            if (!backward || s != SOFTMAX_MOST) specs[n++] = softmax_spec(softmax, backward, s);
    return n;
}

/* ---- shapes ---- */

/* Reals in the workspace: for each row the largest element and the sum of each chunk and of all */
static bool count_workspace(const clact_context *context, size_t rows, size_t cols, size_t *count) {
    *count = 0;
    return rows_add(count, rows_most_cut(context, rows, cols),
                    3 * (rows_chunks(cols, ROW_CHUNK) + 1));
}

clact_status clact_softmax_workspace(clact_context *context, const clact_softmax *softmax,
                                     size_t rows, size_t cols, size_t *bytes) {
    size_t count = 0;
    if (bytes) *bytes = 0;
    if (!context) return CLACT_INVALID_ARGUMENT;
    if (!bytes) return context_fail(context, CLACT_INVALID_ARGUMENT, "bytes is NULL");
    const clact_status status = softmax_check(context, softmax);
    if (status != CLACT_SUCCESS || rows == 0 || cols == 0) return status;
    if (!count_workspace(context, rows, cols, &count))
        return context_fail(context, CLACT_SHAPE, "the size of the workspace overflows");
    *bytes = count * clact_dtype_size(rows_real(softmax->dtype));
    return CLACT_SUCCESS;
}

/* ---- passes ---- */

typedef struct softmax_call {
    clact_context *context;
    const launch_order *order;
    const clact_softmax *softmax;
    bool backward;
    size_t rows, cols;
    operand operands[4]; /* x and y; or y, dy and dx; then the workspace */
    size_t count;        /* without it */
} softmax_call;

static clact_status run_whole(const softmax_call *c) {
    const bool is_short = c->cols <= ROW_SHORT;
    const kernel_spec spec =
        softmax_spec(c->softmax, c->backward, is_short ? SOFTMAX_SHORT : SOFTMAX_WHOLE);
    const clact_status status = context_ensure(c->context, &spec, 1);
    if (status != CLACT_SUCCESS) return status;
    const cl_ulong rows = c->rows, cols = c->cols, chunk = ROW_CHUNK;
    const launch_scalar scalars[] = {
        {sizeof rows, &rows}, {sizeof cols, &cols}, {sizeof chunk, &chunk}};
    const plan_grid grid =
        is_short ? rows_short_grid(c->context, &spec, c->rows) : rows_grid(c->context, c->rows);
    return launch_kernel(c->context, c->order, spec.name, grid, scalars, 3, c->operands, c->count);
}

static clact_status run_cut(const softmax_call *c) {
    const softmax_stage first = c->backward ? SOFTMAX_SUM : SOFTMAX_MOST;
    kernel_spec specs[SOFTMAX_APPLY + 1];
    size_t n = 0;
    for (softmax_stage s = first; s <= SOFTMAX_APPLY; s++)
        specs[n++] = softmax_spec(c->softmax, c->backward, s);
    const clact_status status = context_ensure(c->context, specs, n);
    if (status != CLACT_SUCCESS) return status;

    const size_t num_chunks = rows_chunks(c->cols, ROW_CHUNK), items = c->rows * num_chunks;
    const cl_ulong rows = c->rows, cols = c->cols, chunk = ROW_CHUNK, chunks = num_chunks;
    const launch_scalar scalars[] = {{sizeof rows, &rows},
                                     {sizeof cols, &cols},
                                     {sizeof chunk, &chunk},
                                     {sizeof chunks, &chunks}};
    const launch_scalar of_join[] = {scalars[0], scalars[3]};
    operand work = c->operands[c->count];
    work.matrix.ld = 3 * (num_chunks + 1);
    /* a forward pass has no dy: its place is taken and not read */
    const operand in = c->operands[0], dy = c->operands[c->count - 2],
                  out = c->operands[c->count - 1];
    const operand of_most[] = {in, work}, of_sum[] = {in, dy, work},
                  of_apply[] = {in, dy, out, work};
    launch_chain chain = launch_chain_begin(c->context, c->order);
    const kernel_spec *spec = specs;
    if (!c->backward) chain_launch(&chain, false, (spec++)->name, items, scalars, 4, of_most, 2);
    chain_launch(&chain, false, (spec++)->name, items, scalars, 4, of_sum, 3);
    chain_launch(&chain, false, (spec++)->name, c->rows, of_join, 2, &work, 1);
    chain_launch(&chain, true, spec->name, items, scalars, 4, of_apply, 4);
    return launch_chain_end(&chain);
}

/* The last operand before the workspace is the output. */
static clact_status run_softmax(softmax_call *c, cl_mem workspace) {
    size_t needed = 0;
    clact_status status = softmax_check(c->context, c->softmax);
    if (status == CLACT_SUCCESS) status = launch_check(c->context, c->order);
    if (status != CLACT_SUCCESS) return status;
    if (c->rows == 0 || c->cols == 0) return launch_nothing(c->context, c->order);
    for (size_t i = 0; i < c->count; i++)
        c->operands[i].dtype = c->softmax->dtype;
    if (!count_workspace(c->context, c->rows, c->cols, &needed))
        return context_fail(c->context, CLACT_SHAPE, "the size of the workspace overflows");
    c->operands[c->count] = rows_workspace(workspace, 0, needed, c->softmax->dtype);
    status = operand_check(c->context, c->operands, c->count + (needed > 0 ? 1 : 0));
    if (status != CLACT_SUCCESS) return status;
    return rows_are_cut(c->context, c->rows, c->cols) ? run_cut(c) : run_whole(c);
}

clact_status clact_softmax_forward(clact_context *context, cl_command_queue queue,
                                   const clact_softmax *softmax, size_t rows, size_t cols,
                                   clact_matrix x, clact_matrix y, cl_mem workspace,
                                   cl_uint num_wait, const cl_event *wait, cl_event *event) {
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    const launch_order order = {queue, num_wait, wait, event};
    softmax_call call = {.context = context,
                         .order = &order,
                         .softmax = softmax,
                         .rows = rows,
                         .cols = cols,
                         .operands = {{"x", x, rows, cols, true, false, false, CLACT_F32},
                                      {"y", y, rows, cols, false, true, true, CLACT_F32}},
                         .count = 2};
    return run_softmax(&call, workspace);
}

clact_status clact_softmax_backward(clact_context *context, cl_command_queue queue,
                                    const clact_softmax *softmax, size_t rows, size_t cols,
                                    clact_matrix y, clact_matrix dy, clact_matrix dx,
                                    cl_mem workspace, cl_uint num_wait, const cl_event *wait,
                                    cl_event *event) {
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    const launch_order order = {queue, num_wait, wait, event};
    softmax_call call = {.context = context,
                         .order = &order,
                         .softmax = softmax,
                         .backward = true,
                         .rows = rows,
                         .cols = cols,
                         .operands = {{"y", y, rows, cols, true, false, false, CLACT_F32},
                                      {"dy", dy, rows, cols, true, false, false, CLACT_F32},
                                      {"dx", dx, rows, cols, false, true, true, CLACT_F32}},
                         .count = 3};
    return run_softmax(&call, workspace);
}
