/* loss.c (L3): losses with their gradients: descriptors, workspaces, checks, totals. */
#include "loss_call.h"
#include "row_specs.h"
#include "text.h"

#include <math.h>
#include <stdio.h>

clact_status clact_loss_init_sized(clact_loss *loss, size_t size, clact_loss_kind kind) {
    if (!loss || size != sizeof *loss || (int)kind < 0 || kind > CLACT_LOSS_HUBER)
        return CLACT_INVALID_ARGUMENT;
    *loss = (clact_loss){.struct_size = sizeof *loss,
                         .kind = kind,
                         .reduction = CLACT_REDUCTION_MEAN,
                         .ignore_index = -100,
                         .delta = 1.0f};
    return CLACT_SUCCESS;
}

clact_status loss_check(clact_context *context, const clact_loss *loss) {
    if (!loss || loss->struct_size != sizeof *loss)
        return context_fail(context, CLACT_INVALID_ARGUMENT,
                            "the loss is NULL or was not set up by clact_loss_init");
    if ((int)loss->kind < 0 || loss->kind > CLACT_LOSS_HUBER)
        return context_fail(context, CLACT_INVALID_ARGUMENT, "there is no loss %d",
                            (int)loss->kind);
    if ((int)loss->reduction < 0 || loss->reduction > CLACT_REDUCTION_MEAN)
        return context_fail(context, CLACT_INVALID_ARGUMENT, "there is no reduction %d",
                            (int)loss->reduction);
    const bool classes = loss->kind == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY;
    if (!(loss->label_smoothing >= 0.0f && loss->label_smoothing <= 1.0f))
        return context_fail(context, CLACT_PARAMETER_RANGE,
                            "label_smoothing is %g; it must lie in [0, 1]",
                            (double)loss->label_smoothing);
    if (loss->label_smoothing != 0.0f && !classes)
        return context_fail(context, CLACT_PARAMETER_RANGE,
                            "label_smoothing is for softmax cross-entropy alone");
    if (loss->has_weight && !classes && loss->kind != CLACT_LOSS_BCE_WITH_LOGITS)
        return context_fail(context, CLACT_INVALID_ARGUMENT,
                            "only cross-entropies have a weight; has_weight must be false");
    if (loss->kind == CLACT_LOSS_HUBER && !(loss->delta > 0.0f && isfinite(loss->delta)))
        return context_fail(context, CLACT_PARAMETER_RANGE,
                            "delta is %g; it must be positive and finite", (double)loss->delta);
    return rows_check_type(context, "loss", loss->dtype, loss->tier);
}

size_t loss_specs(const clact_loss *loss, kernel_spec *specs) {
    return loss->kind == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY ? cross_entropy_specs(loss, specs)
                                                          : element_loss_specs(loss, specs);
}

/* ---- workspace ---- */

bool loss_layout_of(const clact_context *context, const clact_loss *loss, size_t rows, size_t cols,
                    loss_layout *layout) {
    const bool classes = loss->kind == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY;
    const bool mean = loss->reduction == CLACT_REDUCTION_MEAN;
    size_t *count = &layout->count, elements = 0;
    *layout = (loss_layout){0};
    if (!rows_add(&elements, rows, cols)) return false;
    if (classes && mean && !rows_add(count, 3, rows_chunks(rows, ROW_CHUNK) + 1)) return false;
    layout->parts = *count;
    if (loss->reduction != CLACT_REDUCTION_NONE) {
        const size_t parts = classes ? rows : rows_chunks(elements, LOSS_CHUNK);
        if (!rows_add(count, classes ? 1 : 2, parts)) return false;
        layout->joined = *count;
        if (parts > ROW_CHUNK && !rows_add(count, 2, rows_chunks(parts, ROW_CHUNK))) return false;
    }
    layout->rows = *count;
    return !classes || rows_add(count, rows_most_cut(context, rows, cols),
                                cross_entropy_values(loss) * (rows_chunks(cols, ROW_CHUNK) + 1));
}

clact_status clact_loss_workspace(clact_context *context, const clact_loss *loss, size_t rows,
                                  size_t cols, size_t *bytes) {
    loss_layout layout;
    if (bytes) *bytes = 0;
    if (!context) return CLACT_INVALID_ARGUMENT;
    if (!bytes) return context_fail(context, CLACT_INVALID_ARGUMENT, "bytes is NULL");
    const clact_status status = loss_check(context, loss);
    if (status != CLACT_SUCCESS || rows == 0 || cols == 0) return status;
    if (!loss_layout_of(context, loss, rows, cols, &layout))
        return context_fail(context, CLACT_SHAPE, "the size of the workspace overflows");
    *bytes = layout.count * clact_dtype_size(rows_real(loss->dtype));
    return CLACT_SUCCESS;
}

/* ---- totals ---- */

kernel_spec loss_total_spec(const clact_loss *loss) {
    kernel_spec spec = {.text = clact_text_loss,
                        .flavour = plan_flavour(loss->dtype, loss->tier),
                        .family = CLACT_FAMILY_ROWS};
    snprintf(spec.name, sizeof spec.name, "loss_total_%s_%s",
             clact_dtype_name(rows_real(loss->dtype)), clact_tier_name(loss->tier));
    snprintf(spec.defines, sizeof spec.defines, "\n#define TOTAL_NAME %s\n", spec.name);
    return spec;
}

void loss_total_launch(launch_chain *chain, const loss_call *call, const loss_layout *layout,
                       size_t count, bool has_divisor, double divisor) {
    const clact_dtype dtype = call->loss->dtype;
    const kernel_spec spec = loss_total_spec(call->loss);
    const size_t chunks = rows_chunks(count, ROW_CHUNK);
    cl_ulong terms = count, chunk = ROW_CHUNK;
    cl_uint of_pairs = call->loss->kind != CLACT_LOSS_SOFTMAX_CROSS_ENTROPY, finish = 0;
    const cl_uint has = has_divisor;
    const real_scalar by = rows_scalar(divisor);
    const launch_scalar scalars[] = {{sizeof terms, &terms},       {sizeof chunk, &chunk},
                                     {sizeof of_pairs, &of_pairs}, {sizeof finish, &finish},
                                     {sizeof has, &has},           rows_argument(&by, dtype)};
    operand parts = rows_workspace(call->workspace, layout->parts, count, dtype);
    const operand divisors = rows_workspace(call->workspace, layout->factor, 2, dtype);
    if (chunks > 1) {
        const operand joined = rows_workspace(call->workspace, layout->joined, chunks, dtype);
        const operand operands[] = {parts, divisors, joined};
        chain_launch(chain, false, spec.name, chunks, scalars, 6, operands, 3);
        parts = joined;
        terms = chunks;
        of_pairs = 1;
    }
    chunk = terms;
    finish = 1;
    const operand operands[] = {parts, divisors, call->result};
    chain_launch(chain, true, spec.name, 1, scalars, 6, operands, 3);
}

/* The loss of no elements at all */
static clact_status run_nothing(loss_call *call) {
    const bool total = call->loss->reduction != CLACT_REDUCTION_NONE && call->has_result;
    if (!total) return launch_nothing(call->context, call->order);
    clact_status status = operand_check(call->context, &call->result, 1);
    const kernel_spec spec = loss_total_spec(call->loss);
    if (status == CLACT_SUCCESS) status = context_ensure(call->context, &spec, 1);
    if (status != CLACT_SUCCESS) return status;
    const loss_layout none = {0};
    launch_chain chain = launch_chain_begin(call->context, call->order);
    call->workspace = call->result.matrix.buffer; /* of which nothing is read */
    loss_total_launch(&chain, call, &none, 0, false, 1.0);
    return launch_chain_end(&chain);
}

/* ---- the call ---- */

static clact_status check_operands(loss_call *call, size_t workspace) {
    operand operands[6];
    operand *const places[] = {
        &call->z, &call->target, call->loss->has_weight ? &call->weight : NULL,
        call->has_result ? &call->result : NULL, call->has_gradient ? &call->dz : NULL};
    size_t n = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i]) operands[n++] = *places[i];
    if (workspace > 0)
        operands[n++] = rows_workspace(call->workspace, 0, workspace, call->loss->dtype);
    const clact_status status = operand_check(call->context, operands, n);
    n = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i]) *places[i] = operands[n++];
    if (!call->loss->has_weight) call->weight = call->z;
    if (!call->has_result) call->result = call->z;
    if (!call->has_gradient) call->dz = call->z;
    return status;
}

static clact_status check_call(loss_call *call) {
    clact_context *context = call->context;
    clact_status status = loss_check(context, call->loss);
    if (status == CLACT_SUCCESS) status = launch_check(context, call->order);
    if (status != CLACT_SUCCESS) return status;
    if (!isfinite(call->loss->dtype == CLACT_F64 ? call->scale : (double)(float)call->scale))
        return context_fail(context, CLACT_INVALID_ARGUMENT, "scale is not a finite number");
    if (!call->has_result && !call->has_gradient)
        return context_fail(context, CLACT_INVALID_ARGUMENT,
                            "the buffers of loss and dz are NULL; one must be given");
    if (call->weight.matrix.buffer && !call->loss->has_weight)
        return context_fail(context, CLACT_INVALID_ARGUMENT,
                            "a weight is given, but has_weight of the loss is false");
    const bool classes = call->loss->kind == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY;
    if (classes && call->rows > 0 && call->cols == 0)
        return context_fail(context, CLACT_SHAPE, "softmax cross-entropy needs a class");
    return CLACT_SUCCESS;
}

static clact_status run_loss(loss_call *call) {
    clact_status status = check_call(call);
    if (status != CLACT_SUCCESS) return status;
    const bool classes = call->loss->kind == CLACT_LOSS_SOFTMAX_CROSS_ENTROPY;
    const clact_dtype real = rows_real(call->loss->dtype);
    call->z.dtype = call->dz.dtype = call->loss->dtype;
    call->target.dtype = classes ? CLACT_F32 : call->loss->dtype; /* int32 has the size of f32 */
    call->weight.dtype = call->result.dtype = real;
    if (classes) call->target.cols = call->result.cols = 1;
    if (call->loss->reduction != CLACT_REDUCTION_NONE) call->result.rows = call->result.cols = 1;
    if (call->rows == 0 || call->cols == 0) return run_nothing(call);
    loss_layout layout;
    if (!loss_layout_of(call->context, call->loss, call->rows, call->cols, &layout))
        return context_fail(call->context, CLACT_SHAPE, "the size of the workspace overflows");
    status = check_operands(call, layout.count);
    if (status != CLACT_SUCCESS) return status;
    return classes ? cross_entropy_run(call, &layout) : element_loss_run(call, &layout);
}

clact_status clact_loss_evaluate(clact_context *context, cl_command_queue queue,
                                 const clact_loss *loss, size_t rows, size_t cols, clact_matrix z,
                                 clact_matrix target, clact_matrix weight, double scale,
                                 clact_matrix result, clact_matrix dz, cl_mem workspace,
                                 cl_uint num_wait, const cl_event *wait, cl_event *event) {
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    const launch_order order = {queue, num_wait, wait, event};
    loss_call call = {.context = context,
                      .order = &order,
                      .loss = loss,
                      .rows = rows,
                      .cols = cols,
                      .scale = scale,
                      .z = {"z", z, rows, cols, true, false, false, CLACT_F32},
                      .target = {"target", target, rows, cols, true, false, false, CLACT_F32},
                      .weight = {"weight", weight, 1, cols, true, false, false, CLACT_F32},
                      .result = {"loss", result, rows, cols, false, true, false, CLACT_F32},
                      .dz = {"dz", dz, rows, cols, false, true, true, CLACT_F32},
                      .has_result = result.buffer != NULL,
                      .has_gradient = dz.buffer != NULL,
                      .workspace = workspace};
    return run_loss(&call);
}
