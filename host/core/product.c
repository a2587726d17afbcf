/* product.c (L3): matrix products, alone or with a sweep behind them. */
#include "clact/product.h"

#include "derived.h"
#include "descriptor.h"
#include "launch.h"
#include "product_plan.h"
#include "rows.h"

#include <math.h>

/* One call: what it multiplies, and the sweep with its y and bias, or NULL. */
typedef struct product_call {
    clact_context *context;
    const clact_product *product;
    const clact_sweep *sweep;
    clact_matrix y, bias;
    operand operands[5]; /* a, b, c, y, bias, as far as they are looked at */
    size_t count;
} product_call;

/* ---- checks ---- */

static clact_status check_type(clact_context *context, clact_dtype dtype) {
    const clact_status status = rows_check_type(context, "product", dtype, CLACT_TIER_FAST);
    if (status != CLACT_SUCCESS || dtype == CLACT_F32 || dtype == CLACT_F64) return status;
    return context_fail(context, CLACT_INVALID_ARGUMENT,
                        "products are float32 or float64, and this one is of another dtype");
}

static clact_status check_sweep(clact_context *context, const clact_sweep *sweep) {
    const clact_status status = descriptor_check(context, sweep, false);
    if (status != CLACT_SUCCESS || clact_multiply_takes(sweep)) return status;
    return context_fail(context, CLACT_INVALID_ARGUMENT,
                        "a product takes no sweep but an activation with bias and scale, in "
                        "float32 or float64, which saves neither mask nor tail");
}

static clact_status check_numbers(const product_call *c) {
    const clact_product *p = c->product;
    const clact_status status = check_type(c->context, p->dtype);
    if (status != CLACT_SUCCESS) return status;
    if (!isfinite(p->beta))
        return context_fail(c->context, CLACT_PARAMETER_RANGE, "beta must be a finite number");
    if (c->sweep && (p->beta != 0.0f || p->dtype != c->sweep->dtype))
        return context_fail(c->context, CLACT_INVALID_ARGUMENT,
                            "a product with a sweep has the sweep's dtype and no beta");
    if (p->m > SIZE_MAX / 4 || p->n > SIZE_MAX / 4 || p->k > SIZE_MAX / 4)
        return context_fail(c->context, CLACT_SHAPE, "the size of the product overflows");
    return CLACT_SUCCESS;
}

static operand *add(product_call *c, const char *name, clact_matrix m, size_t rows, size_t cols,
                    bool output) {
    operand *o = &c->operands[c->count++];
    *o = (operand){name, m, rows, cols, !output, output, false, c->product->dtype};
    return o;
}

static cl_ulong ld_of(clact_matrix m, size_t cols) {
    return m.ld ? m.ld : cols;
}

static bool is_same(clact_matrix a, clact_matrix b, size_t rows, size_t cols) {
    return a.buffer == b.buffer && a.offset == b.offset &&
           (rows == 1 || ld_of(a, cols) == ld_of(b, cols));
}

/* y that is c is one operand with it. */
static clact_status check_tensors(product_call *c) {
    const clact_product *p = c->product;
    const bool ta = p->a_transposed, tb = p->b_transposed;
    c->count = 0;
    if (p->k > 0) {
        add(c, "a", p->a, ta ? p->k : p->m, ta ? p->m : p->k, false);
        add(c, "b", p->b, tb ? p->n : p->k, tb ? p->k : p->n, false);
    }
    add(c, "c", p->c, p->m, p->n, true)->input = true; /* between blocks of k, and for beta */
    if (c->sweep && !is_same(p->c, c->y, p->m, p->n)) add(c, "y", c->y, p->m, p->n, true);
    if (c->sweep && c->sweep->bias) add(c, "bias", c->bias, 1, p->n, false);
    return operand_check(c->context, c->operands, c->count);
}

/* ---- launching ---- */

typedef struct product_numbers {
    cl_ulong step[4], at[8];
    float params[8], stage[8];
    double params_f64[8], stage_f64[8];
} product_numbers;

static void fill_numbers(const product_call *c, product_numbers *n) {
    const clact_product *p = c->product;
    const bool ta = p->a_transposed, tb = p->b_transposed;
    const cl_ulong a_ld = ld_of(p->a, ta ? p->m : p->k), b_ld = ld_of(p->b, tb ? p->k : p->n);
    *n = (product_numbers){.step = {ta ? 1 : a_ld, ta ? a_ld : 1, tb ? 1 : b_ld, tb ? b_ld : 1},
                           .at = {p->a.offset, p->b.offset, p->c.offset, ld_of(p->c, p->n),
                                  c->y.offset, ld_of(c->y, p->n), c->bias.offset},
                           .stage = {1.0f, p->beta}};
    if (c->sweep) {
        derive_params(c->sweep->params, n->params);
        derive_params_f64(c->sweep->params, n->params_f64);
        n->stage[0] = c->sweep->scale;
    }
    for (int i = 0; i < 2; i++)
        n->stage_f64[i] = (double)n->stage[i];
}

static clact_status launch(const product_call *c, const launch_order *order, product_tile tile,
                           const char *name) {
    const clact_product *p = c->product;
    const bool f64 = p->dtype == CLACT_F64;
    const product_cut cut = product_plan_cut(p->m, p->n, tile, c->context->device.compute_units);
    const cl_ulong size[4] = {p->m, p->n, p->k, cut.rows_each};
    product_numbers n;
    fill_numbers(c, &n);
    const launch_scalar arguments[] = {
        {sizeof size[0], &size[0]},
        {sizeof size[1], &size[1]},
        {sizeof size[2], &size[2]},
        {sizeof size[3], &size[3]},
        {sizeof n.step, n.step},
        {sizeof n.at, n.at},
        {f64 ? sizeof n.params_f64 : sizeof n.params, f64 ? (void *)n.params_f64 : n.params},
        {f64 ? sizeof n.stage_f64 : sizeof n.stage, f64 ? (void *)n.stage_f64 : n.stage},
        {sizeof(cl_mem), &p->a.buffer},
        {sizeof(cl_mem), &p->b.buffer},
        {sizeof(cl_mem), &p->c.buffer},
        {sizeof(cl_mem), &c->y.buffer},
        {sizeof(cl_mem), &c->bias.buffer}};
    return launch_kernel(c->context, order, name, (plan_grid){cut.groups * tile.local, tile.local},
                         arguments, sizeof arguments / sizeof *arguments, NULL, 0);
}

static clact_status run(product_call *c, const launch_order *order) {
    const clact_product *p = c->product;
    clact_status status = check_numbers(c);
    if (status == CLACT_SUCCESS) status = launch_check(c->context, order);
    if (status != CLACT_SUCCESS) return status;
    if (p->m == 0 || p->n == 0) return launch_nothing(c->context, order);
    status = check_tensors(c);
    if (status != CLACT_SUCCESS) return status;
    const product_tile tile = product_plan_tile(c->context, p->dtype);
    const kernel_spec spec = product_plan_kernel(tile, p->dtype, c->sweep);
    status = context_ensure(c->context, &spec, 1);
    return status == CLACT_SUCCESS ? launch(c, order, tile, spec.name) : status;
}

/* ---- entry points ---- */

clact_status clact_multiply(clact_context *context, cl_command_queue queue,
                            const clact_product *product, cl_uint num_wait, const cl_event *wait,
                            cl_event *event) {
    const launch_order order = {queue, num_wait, wait, event};
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    if (!product) return context_fail(context, CLACT_INVALID_ARGUMENT, "product is NULL");
    product_call c = {.context = context, .product = product};
    return run(&c, &order);
}

clact_status clact_multiply_forward(clact_context *context, cl_command_queue queue,
                                    const clact_product *product, const clact_sweep *sweep,
                                    const clact_forward_tensors *tensors, cl_uint num_wait,
                                    const cl_event *wait, cl_event *event) {
    const launch_order order = {queue, num_wait, wait, event};
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    if (!product || !tensors)
        return context_fail(context, CLACT_INVALID_ARGUMENT, "product or tensors is NULL");
    const clact_status status = check_sweep(context, sweep);
    if (status != CLACT_SUCCESS) return status;
    product_call c = {.context = context,
                      .product = product,
                      .sweep = sweep,
                      .y = tensors->y,
                      .bias = tensors->bias};
    return run(&c, &order);
}

clact_status clact_multiply_try(clact_context *context, clact_dtype dtype,
                                const clact_sweep *sweep) {
    if (!context) return CLACT_INVALID_ARGUMENT;
    clact_status status = check_type(context, dtype);
    if (status == CLACT_SUCCESS && sweep) status = check_sweep(context, sweep);
    if (status != CLACT_SUCCESS) return status;
    const kernel_spec spec = product_plan_kernel(product_plan_tile(context, dtype), dtype, sweep);
    return context_ensure(context, &spec, 1);
}
