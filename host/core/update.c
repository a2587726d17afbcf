/* update.c (L3): optimizer steps and norms of gradients, over lists of tensors. */
#include "launch.h"
#include "operand.h"
#include "plan.h"
#include "rows.h"
#include "text.h"
#include "update_specs.h"

#include <math.h>
#include <stdio.h>

enum { GROUP = 8 }; /* tensors of one kernel */

/* What a kernel takes of up to eight tensors, none of them empty */
typedef struct group {
    size_t count;
    const clact_parameter_tensor *tensors[GROUP];
    cl_ulong items;                        /* work-items of all of them */
    cl_ulong starts[GROUP], counts[GROUP]; /* first work-item and elements of each */
} group;

/* The next tensors from *i on that are not empty; moves *i past them. */
static group next_group(const clact_parameter_tensor *tensors, size_t num_tensors, size_t *i) {
    group g = {0};
    for (; *i < num_tensors && g.count < GROUP; ++*i)
        if (tensors[*i].count > 0) g.tensors[g.count++] = &tensors[*i];
    return g;
}

/* Cuts them into pieces of so many elements. */
static void cut(group *g, size_t per_item) {
    for (size_t t = 0; t < GROUP; t++) {
        g->starts[t] = g->items;
        g->counts[t] = t < g->count ? g->tensors[t]->count : 0;
        g->items += rows_chunks(g->counts[t], per_item);
    }
}

static size_t count_groups(const clact_parameter_tensor *tensors, size_t num_tensors) {
    size_t count = 0;
    for (size_t i = 0; i < num_tensors;)
        count += next_group(tensors, num_tensors, &i).count > 0;
    return count;
}

static const clact_matrix *part_of(const clact_parameter_tensor *t, unsigned k) {
    const clact_matrix *const parts[4] = {&t->w, &t->g, &t->first, &t->second};
    return parts[k];
}

/* Kernels for one tensor take fewer arguments. */
static size_t places(const group *g) {
    return g->count > 1 ? GROUP : 1;
}

/* The tensor at a place; those that are not taken repeat the first, and have no work-items. */
static const clact_parameter_tensor *tensor_at(const group *g, size_t place) {
    return g->tensors[place < g->count ? place : 0];
}

/* ---- kernels ---- */

static kernel_spec step_spec(clact_optimizer_kind kind, size_t tensors_each) {
    const char *name = clact_optimizer_name(kind), *tensors = tensors_each > 1 ? "8" : "1";
    kernel_spec spec = {.text = clact_text_update, .family = CLACT_FAMILY_FORWARD};
    kernel_words(spec.name, sizeof spec.name, "update_", name, "_", tensors, NULL);
    kernel_words(spec.defines, sizeof spec.defines, "\n#define UPDATE_TENSORS ", tensors,
                 "\n#define UPDATE_NAME ", spec.name, "\n#define UPDATE_RULE update_", name,
                 "\n#define UPDATE_STATES ", kernel_hex(clact_optimizer_states(kind)).text, "\n",
                 NULL);
    return spec;
}

static kernel_spec squares_spec(size_t tensors_each) {
    const char *tensors = tensors_each > 1 ? "8" : "1";
    kernel_spec spec = {.text = clact_text_update, .family = CLACT_FAMILY_ROWS};
    kernel_words(spec.name, sizeof spec.name, "squares_", tensors, NULL);
    kernel_words(spec.defines, sizeof spec.defines, "\n#define UPDATE_TENSORS ", tensors,
                 "\n#define SQUARES_NAME ", spec.name, "\n", NULL);
    return spec;
}

static kernel_spec norm_spec(void) {
    return (kernel_spec){.name = "gradient_norm",
                         .defines = "\n#define UPDATE_TENSORS 1\n#define NORM_NAME gradient_norm\n",
                         .text = clact_text_update,
                         .family = CLACT_FAMILY_ROWS};
}

size_t update_specs(const clact_optimizer *optimizer, kernel_spec *specs) {
    specs[0] = step_spec(optimizer->kind, 1);
    specs[1] = step_spec(optimizer->kind, GROUP);
    return UPDATE_SPECS;
}

size_t norm_specs(kernel_spec *specs) {
    specs[0] = squares_spec(1);
    specs[1] = squares_spec(GROUP);
    specs[2] = norm_spec();
    return NORM_SPECS;
}

/* ---- checks ---- */

/* Matrices of the tensors from w on that a kernel looks at, `from` to `to`, and one beside them */
static clact_status check_group(clact_context *context, const group *g, unsigned from, unsigned to,
                                const operand *beside) {
    static const char *const names[4] = {"w", "g", "the first state", "the second state"};
    operand operands[OPERAND_MOST];
    size_t n = 0;
    for (size_t t = 0; t < g->count; t++)
        for (unsigned k = from; k < to; k++) {
            clact_matrix m = *part_of(g->tensors[t], k);
            m.ld = 0;
            operands[n++] =
                (operand){names[k], m, 1, g->tensors[t]->count, true, k != 1, false, CLACT_F32};
        }
    if (beside) operands[n++] = *beside;
    return operand_check(context, operands, n);
}

static clact_status check_groups(clact_context *context, size_t num_tensors,
                                 const clact_parameter_tensor *tensors, unsigned from, unsigned to,
                                 const operand *beside) {
    clact_status status = CLACT_SUCCESS;
    for (size_t i = 0; i < num_tensors && status == CLACT_SUCCESS;) {
        const group g = next_group(tensors, num_tensors, &i);
        status = check_group(context, &g, from, to, beside);
    }
    return status;
}

/* Both kernels, for eight tensors and for one, as far as the list needs them. */
static clact_status ensure(clact_context *context, size_t num_tensors,
                           const clact_parameter_tensor *tensors, const kernel_spec *one,
                           const kernel_spec *eight) {
    clact_status status = CLACT_SUCCESS;
    for (size_t i = 0; i < num_tensors && status == CLACT_SUCCESS;) {
        const group g = next_group(tensors, num_tensors, &i);
        if (g.count > 0) status = context_ensure(context, g.count > 1 ? eight : one, 1);
    }
    return status;
}

/* ---- steps ---- */

/* The fields of update_numbers in kernels/optimizers.h */
typedef struct step_numbers {
    cl_float of[8];
} step_numbers;

static step_numbers numbers_of(const clact_optimizer *o, float lr, uint64_t step) {
    const bool adamw = o->kind == CLACT_OPTIMIZER_ADAMW;
    const bool adam = o->kind == CLACT_OPTIMIZER_ADAM || adamw;
    const double beta1 = (double)o->beta1, beta2 = (double)o->beta2, t = (double)step;
    const double rate = (double)lr / (adam ? 1.0 - pow(beta1, t) : 1.0);
    const double decay = (double)o->weight_decay * (adamw ? (double)lr : 1.0);
    const double unbias = adam ? 1.0 / sqrt(1.0 - pow(beta2, t)) : 1.0;
    return (step_numbers){{(cl_float)rate, (cl_float)decay, adam ? o->beta1 : o->momentum,
                           (cl_float)(1.0 - beta1), o->beta2, (cl_float)(1.0 - beta2), o->epsilon,
                           (cl_float)unbias}};
}

static clact_status launch_step(clact_context *context, const launch_order *order,
                                const kernel_spec *spec, const step_numbers *numbers,
                                const clact_matrix *clip, unsigned states, group *g) {
    enum { FIXED = 11 };
    const clact_tuning_shape shape = program_shape(&context->target, spec);
    const cl_uint clipped = clip->buffer != NULL;
    const cl_mem factor = clipped ? clip->buffer : g->tensors[0]->w.buffer;
    const cl_ulong factor_at = clip->offset, no_ld = 0;
    cl_ulong at[4][GROUP];
    cl_mem buffers[GROUP][4];
    cut(g, shape.width);
    launch_scalar arguments[FIXED + 4 * GROUP] = {
        {sizeof *numbers, numbers},    {sizeof g->starts, g->starts},
        {sizeof g->counts, g->counts}, {sizeof at[0], at[0]},
        {sizeof at[1], at[1]},         {sizeof at[2], at[2]},
        {sizeof at[3], at[3]},         {sizeof clipped, &clipped},
        {sizeof factor, &factor},      {sizeof factor_at, &factor_at},
        {sizeof no_ld, &no_ld}};
    size_t n = FIXED;
    for (size_t t = 0; t < GROUP; t++)
        for (unsigned k = 0; k < 4; k++) {
            const clact_matrix *m = part_of(tensor_at(g, t), k < 2 + states ? k : 0);
            at[k][t] = m->offset;
            buffers[t][k] = m->buffer;
            if (t < places(g)) arguments[n++] = (launch_scalar){sizeof(cl_mem), &buffers[t][k]};
        }
    const plan_grid grid = plan_elementwise(1, g->items, 1, shape.local);
    return launch_kernel(context, order, spec->name, grid, arguments, n, NULL, 0);
}

static clact_status check_step(clact_context *context, const launch_order *order,
                               const clact_optimizer *optimizer, float lr, uint64_t step,
                               size_t num_tensors, const clact_parameter_tensor *tensors,
                               const clact_matrix *clip) {
    char problem[128];
    const operand factor = {"clip", *clip, 1, 2, true, false, false, CLACT_F32};
    clact_status status = clact_optimizer_check(optimizer, problem, sizeof problem);
    if (status != CLACT_SUCCESS) return context_fail(context, status, "%s", problem);
    if (!isfinite(lr) || step == 0)
        return context_fail(context, CLACT_INVALID_ARGUMENT,
                            "lr must be a finite number, and step count from 1");
    if (num_tensors > 0 && !tensors)
        return context_fail(context, CLACT_INVALID_ARGUMENT, "tensors is NULL");
    status = launch_check(context, order);
    if (status != CLACT_SUCCESS) return status;
    return check_groups(context, num_tensors, tensors, 0,
                        2 + clact_optimizer_states(optimizer->kind), clip->buffer ? &factor : NULL);
}

clact_status clact_optimizer_step(clact_context *context, cl_command_queue queue,
                                  const clact_optimizer *optimizer, float lr, uint64_t step,
                                  size_t num_tensors, const clact_parameter_tensor *tensors,
                                  clact_matrix clip, cl_uint num_wait, const cl_event *wait,
                                  cl_event *event) {
    const launch_order order = {queue, num_wait, wait, event};
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    clip.ld = 0;
    clact_status status =
        check_step(context, &order, optimizer, lr, step, num_tensors, tensors, &clip);
    if (status != CLACT_SUCCESS) return status;
    size_t left = count_groups(tensors, num_tensors);
    if (left == 0) return launch_nothing(context, &order);
    const kernel_spec one = step_spec(optimizer->kind, 1),
                      eight = step_spec(optimizer->kind, GROUP);
    status = ensure(context, num_tensors, tensors, &one, &eight);
    if (status != CLACT_SUCCESS) return status;

    const step_numbers numbers = numbers_of(optimizer, lr, step);
    launch_chain chain = launch_chain_begin(context, &order);
    for (size_t i = 0; left > 0 && chain.status == CLACT_SUCCESS;) {
        group g = next_group(tensors, num_tensors, &i);
        if (g.count > 0)
            chain.status = launch_step(context, launch_chain_next(&chain, --left == 0),
                                       g.count > 1 ? &eight : &one, &numbers, &clip,
                                       clact_optimizer_states(optimizer->kind), &g);
    }
    return launch_chain_end(&chain);
}

/* ---- norms ---- */

/* Chunks of all tensors; false if the workspace has no size. */
static bool count_chunks(size_t num_tensors, const clact_parameter_tensor *tensors,
                         size_t *chunks) {
    *chunks = 0;
    for (size_t i = 0; i < num_tensors; i++)
        if (!rows_add(chunks, 2, rows_chunks(tensors[i].count, ROW_CHUNK))) return false;
    *chunks /= 2;
    return true;
}

clact_status clact_gradient_norm_workspace(size_t num_tensors,
                                           const clact_parameter_tensor *tensors, size_t *bytes) {
    size_t chunks = 0;
    if (!bytes || (num_tensors > 0 && !tensors)) return CLACT_INVALID_ARGUMENT;
    *bytes = 0;
    if (!count_chunks(num_tensors, tensors, &chunks)) return CLACT_SHAPE;
    *bytes = 2 * chunks * sizeof(float);
    return CLACT_SUCCESS;
}

static clact_status launch_squares(clact_context *context, const launch_order *order,
                                   const kernel_spec *spec, const operand *parts, size_t before,
                                   size_t all, group *g) {
    enum { FIXED = 10 };
    const cl_ulong chunk = ROW_CHUNK, first = before, total = all, none = 0;
    cl_ulong at[GROUP];
    cut(g, ROW_CHUNK);
    launch_scalar arguments[FIXED + GROUP] = {{sizeof chunk, &chunk},
                                              {sizeof g->items, &g->items},
                                              {sizeof g->starts, g->starts},
                                              {sizeof g->counts, g->counts},
                                              {sizeof at, at},
                                              {sizeof first, &first},
                                              {sizeof total, &total},
                                              {sizeof(cl_mem), &parts->matrix.buffer},
                                              {sizeof none, &none},
                                              {sizeof none, &none}};
    size_t n = FIXED;
    for (size_t t = 0; t < GROUP; t++) {
        at[t] = tensor_at(g, t)->g.offset;
        if (t < places(g))
            arguments[n++] = (launch_scalar){sizeof(cl_mem), &tensor_at(g, t)->g.buffer};
    }
    return launch_kernel(context, order, spec->name, rows_grid(context, g->items), arguments, n,
                         NULL, 0);
}

static clact_status check_norm(clact_context *context, const launch_order *order, float max_norm,
                               size_t num_tensors, const clact_parameter_tensor *tensors,
                               operand *result, operand *parts) {
    size_t chunks = 0;
    if (!(max_norm > 0.0f))
        return context_fail(context, CLACT_INVALID_ARGUMENT, "max_norm must be positive");
    if (num_tensors > 0 && !tensors)
        return context_fail(context, CLACT_INVALID_ARGUMENT, "tensors is NULL");
    if (!count_chunks(num_tensors, tensors, &chunks))
        return context_fail(context, CLACT_SHAPE, "the size of the workspace overflows");
    clact_status status = launch_check(context, order);
    if (status != CLACT_SUCCESS) return status;
    operand both[2] = {*result, *parts};
    both[1].cols = 2 * chunks;
    status = operand_check(context, both, chunks > 0 ? 2 : 1);
    if (status == CLACT_SUCCESS && chunks > 0)
        status = check_groups(context, num_tensors, tensors, 1, 2, &both[1]);
    if (status == CLACT_SUCCESS && chunks > 0)
        status = check_groups(context, num_tensors, tensors, 1, 2, &both[0]);
    *result = both[0];
    *parts = both[1];
    if (chunks == 0) parts->matrix = result->matrix; /* of which nothing is read */
    return status;
}

clact_status clact_gradient_norm(clact_context *context, cl_command_queue queue, float max_norm,
                                 size_t num_tensors, const clact_parameter_tensor *tensors,
                                 clact_matrix result, cl_mem workspace, cl_uint num_wait,
                                 const cl_event *wait, cl_event *event) {
    const launch_order order = {queue, num_wait, wait, event};
    operand norm = {"result", result, 1, 2, false, true, false, CLACT_F32};
    operand parts = {"the workspace", {workspace, 0, 0}, 1, 0, true, true, false, CLACT_F32};
    if (event) *event = NULL;
    if (!context) return CLACT_INVALID_ARGUMENT;
    clact_status status =
        check_norm(context, &order, max_norm, num_tensors, tensors, &norm, &parts);
    if (status != CLACT_SUCCESS) return status;
    const kernel_spec one = squares_spec(1), eight = squares_spec(GROUP), last = norm_spec();
    status = ensure(context, num_tensors, tensors, &one, &eight);
    if (status == CLACT_SUCCESS) status = context_ensure(context, &last, 1);
    if (status != CLACT_SUCCESS) return status;

    const size_t all = parts.cols / 2;
    size_t before = 0;
    launch_chain chain = launch_chain_begin(context, &order);
    for (size_t i = 0; i < num_tensors && chain.status == CLACT_SUCCESS;) {
        group g = next_group(tensors, num_tensors, &i);
        if (g.count == 0) break;
        chain.status = launch_squares(context, launch_chain_next(&chain, false),
                                      g.count > 1 ? &eight : &one, &parts, before, all, &g);
        before += g.items;
    }
    const cl_ulong count = all;
    const launch_scalar scalars[] = {{sizeof count, &count}, {sizeof max_norm, &max_norm}};
    const operand operands[] = {parts, norm};
    chain_launch(&chain, true, last.name, 1, scalars, 2, operands, 2);
    return launch_chain_end(&chain);
}
