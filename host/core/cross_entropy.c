/* cross_entropy.c (L2): softmax cross-entropy with class indices. */
#include "loss_call.h"
#include "row_specs.h"
#include "text.h"

#include <stdio.h>

/* Flags of cross_entropy.cl */
enum { HAS_LOSS = 1, HAS_GRADIENT = 2, HAS_FACTOR = 4 };

typedef enum stage { COUNT, FACTOR, WHOLE, SHORT, SUM, JOIN, APPLY, NUM_STAGES } stage;

static kernel_spec spec_of(const clact_loss *loss, stage s) {
    static const char *const names[] = {"count", "factor", "whole", "short",
                                        "sum",   "join",   "apply"};
    static const char *const defines[] = {"COUNT", "FACTOR", "WHOLE", "SHORT",
                                          "SUM",   "JOIN",   "APPLY"};
    kernel_spec spec = {.text = clact_text_cross_entropy,
                        .flavour = plan_flavour(loss->dtype, loss->tier),
                        .family = s == SHORT ? CLACT_FAMILY_SHORT_ROWS : CLACT_FAMILY_ROWS};
    /* the stages that do not see a difference are shared */
    const bool of_labels = s == COUNT || s == FACTOR;
    const bool smooth = loss->label_smoothing > 0.0f && !of_labels;
    const bool weighted = loss->has_weight && s != FACTOR;
    const char *storage = clact_dtype_name(of_labels ? rows_real(loss->dtype) : loss->dtype);
    snprintf(spec.name, sizeof spec.name, "entropy_%s%s%s_%s_%s", names[s], smooth ? "_smooth" : "",
             weighted ? "_weighted" : "", storage, clact_tier_name(loss->tier));
    snprintf(spec.defines, sizeof spec.defines,
             "\n#define CE_NAME %s\n#define CE_STORAGE %s\n#define CE_%s\n%s%s", spec.name, storage,
             defines[s], smooth ? "#define CE_SMOOTH\n" : "",
             weighted ? "#define CE_WEIGHTS\n" : "");
    return spec;
}

static kernel_spec most_spec(const clact_loss *loss) {
    const clact_softmax softmax = {
        .struct_size = sizeof softmax, .dtype = loss->dtype, .tier = loss->tier};
    return softmax_spec(&softmax, false, SOFTMAX_MOST);
}

size_t cross_entropy_specs(const clact_loss *loss, kernel_spec *specs) {
    size_t n = 0;
    for (stage s = COUNT; s < NUM_STAGES; s++)
        specs[n++] = spec_of(loss, s);
    specs[n++] = most_spec(loss);
    specs[n++] = loss_total_spec(loss);
    return n;
}

size_t cross_entropy_values(const clact_loss *loss) {
    return loss->label_smoothing > 0.0f ? 7 : 3;
}

/* ---- passes ---- */

typedef struct entropy {
    const loss_call *call;
    const loss_layout *layout;
    launch_chain chain;
    bool cut, is_short, mean, total;
    size_t chunks; /* of a row */
    operand loss, factor, work;
} entropy;

static clact_status ensure(const entropy *e) {
    const clact_loss *loss = e->call->loss;
    kernel_spec specs[LOSS_MOST_SPECS];
    size_t n = 0;
    if (e->mean) specs[n++] = spec_of(loss, COUNT);
    if (e->mean) specs[n++] = spec_of(loss, FACTOR);
    if (!e->cut) specs[n++] = spec_of(loss, e->is_short ? SHORT : WHOLE);
    if (e->cut) {
        specs[n++] = most_spec(loss);
        specs[n++] = spec_of(loss, SUM);
        specs[n++] = spec_of(loss, JOIN);
        specs[n++] = spec_of(loss, APPLY);
    }
    if (e->total) specs[n++] = loss_total_spec(loss);
    return context_ensure(e->call->context, specs, n);
}

static void launch_stage(entropy *e, stage s, bool is_last, size_t items, size_t num_chunks,
                         const operand *operands, size_t count) {
    const loss_call *c = e->call;
    const clact_dtype dtype = c->loss->dtype;
    const double smoothing = (double)c->loss->label_smoothing;
    const cl_ulong rows = c->rows, cols = c->cols, chunk = ROW_CHUNK, chunks = num_chunks;
    const cl_uint has = (c->has_result ? HAS_LOSS : 0u) | (c->has_gradient ? HAS_GRADIENT : 0u) |
                        (e->mean ? HAS_FACTOR : 0u);
    const cl_int ignored = c->loss->ignore_index;
    const real_scalar keep = rows_scalar(1.0 - smoothing), scale = rows_scalar(c->scale);
    const real_scalar spread = rows_scalar(smoothing / (double)c->cols);
    const launch_scalar scalars[] = {{sizeof rows, &rows},        {sizeof cols, &cols},
                                     {sizeof chunk, &chunk},      {sizeof chunks, &chunks},
                                     {sizeof has, &has},          {sizeof ignored, &ignored},
                                     rows_argument(&keep, dtype), rows_argument(&spread, dtype),
                                     rows_argument(&scale, dtype)};
    const kernel_spec spec = spec_of(c->loss, s);
    const plan_grid grid =
        s == SHORT ? rows_short_grid(c->context, &spec, items) : rows_grid(c->context, items);
    chain_launch_grid(&e->chain, is_last, spec.name, grid, scalars, 9, operands, count);
}

/* What a mean divides by */
static void launch_factor(entropy *e) {
    const loss_call *c = e->call;
    const size_t chunks = rows_chunks(c->rows, ROW_CHUNK);
    const operand of_count[] = {c->target, c->weight, e->factor};
    launch_stage(e, COUNT, false, chunks, chunks, of_count, 3);
    if (chunks > 1) launch_stage(e, FACTOR, false, 1, chunks, &e->factor, 1);
}

static void launch_cut(entropy *e) {
    const loss_call *c = e->call;
    const size_t items = c->rows * e->chunks;
    const cl_ulong rows = c->rows, cols = c->cols, chunk = ROW_CHUNK, chunks = e->chunks;
    const launch_scalar of_most[] = {{sizeof rows, &rows},
                                     {sizeof cols, &cols},
                                     {sizeof chunk, &chunk},
                                     {sizeof chunks, &chunks}};
    const operand most[] = {c->z, e->work}, sum[] = {c->z, c->weight, e->work};
    const operand join[] = {c->z, c->target, c->weight, e->work, e->loss};
    const operand apply[] = {c->z, c->target, c->weight, e->factor, e->work, c->dz};
    chain_launch(&e->chain, false, most_spec(c->loss).name, items, of_most, 4, most, 2);
    launch_stage(e, SUM, false, items, e->chunks, sum, 3);
    launch_stage(e, JOIN, !e->total && !c->has_gradient, c->rows, e->chunks, join, 5);
    if (c->has_gradient) launch_stage(e, APPLY, !e->total, items, e->chunks, apply, 6);
}

clact_status cross_entropy_run(const loss_call *call, const loss_layout *layout) {
    const clact_loss *loss = call->loss;
    entropy e = {.call = call,
                 .layout = layout,
                 .cut = rows_are_cut(call->context, call->rows, call->cols),
                 .is_short = call->cols <= ROW_SHORT,
                 .mean = loss->reduction == CLACT_REDUCTION_MEAN,
                 .total = loss->reduction != CLACT_REDUCTION_NONE && call->has_result,
                 .chunks = rows_chunks(call->cols, ROW_CHUNK),
                 .loss = call->result,
                 .factor = call->z};
    const clact_status status = ensure(&e);
    if (status != CLACT_SUCCESS) return status;
    if (e.total) {
        e.loss = rows_workspace(call->workspace, layout->parts, call->rows, loss->dtype);
        e.loss.matrix.ld = 1;
    }
    if (e.mean)
        e.factor = rows_workspace(call->workspace, layout->factor, layout->parts, loss->dtype);
    e.work = rows_workspace(call->workspace, layout->rows,
                            cross_entropy_values(loss) * (e.chunks + 1), loss->dtype);
    e.chain = launch_chain_begin(call->context, call->order);
    if (e.mean) launch_factor(&e);
    if (e.cut) {
        launch_cut(&e);
    } else {
        const operand operands[] = {call->z,  call->target, call->weight,
                                    e.factor, e.loss,       call->dz};
        launch_stage(&e, e.is_short ? SHORT : WHOLE, !e.total, call->rows, 1, operands, 6);
    }
    if (e.total) loss_total_launch(&e.chain, call, layout, call->rows, e.mean, 1.0);
    return launch_chain_end(&e.chain);
}
