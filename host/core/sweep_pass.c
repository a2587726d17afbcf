/* sweep_pass.c (L3): the operands of one forward or backward pass. */
#include "sweep_pass.h"

#include "descriptor.h"
#include "stages.h"

/* The order of the kernels' arguments */
typedef enum forward_role {
    FORWARD_X,
    FORWARD_VALUE,
    FORWARD_RESIDUAL,
    FORWARD_SAVED,
    FORWARD_Y,
    FORWARD_MATRICES, /* how many have many rows */
    FORWARD_BIAS = FORWARD_MATRICES,
    FORWARD_VALUE_BIAS,
    FORWARD_SLOPES,
    FORWARD_ROLES
} forward_role;

typedef enum backward_role {
    BACKWARD_DX,
    BACKWARD_VALUE,
    BACKWARD_DY,
    BACKWARD_SAVED,
    BACKWARD_DVALUE,
    BACKWARD_DRESIDUAL,
    BACKWARD_MATRICES,
    BACKWARD_BIAS = BACKWARD_MATRICES,
    BACKWARD_VALUE_BIAS,
    BACKWARD_SLOPES,
    BACKWARD_ROLES
} backward_role;

_Static_assert((int)BACKWARD_ROLES == PASS_MAX_ROLES && (int)FORWARD_ROLES <= PASS_MAX_ROLES,
               "room for all");

/* IN_PLACE may be the very same matrix as an input; WRITE and UPDATE share memory with nothing. */
typedef enum access { READ, IN_PLACE, WRITE, UPDATE } access;

static const operand *add(sweep_pass *p, const char *name, clact_matrix m, size_t rows, size_t cols,
                          access how, clact_dtype dtype) {
    operand *o = &p->operands[p->num_operands++];
    *o = (operand){name, m, rows, cols, how == READ || how == UPDATE, how != READ, how == IN_PLACE,
                   dtype};
    return o;
}

static const operand *add_matrix(sweep_pass *p, const char *name, clact_matrix m, access how) {
    return add(p, name, m, p->rows, p->cols, how, p->sweep->dtype);
}

static const operand *add_row(sweep_pass *p, const char *name, clact_matrix m, access how) {
    return add(p, name, m, 1, p->cols, how, p->sweep->dtype);
}

/* A tensor with a gate's halves, or without them a whole: *gate, and *value where there is one. */
typedef struct halves {
    const char *name, *value_name;
    clact_matrix first, apart; /* apart: the value, where it is a matrix of its own */
    size_t rows;
} halves;

static void add_halves(sweep_pass *p, halves h, access how, const operand **gate,
                       const operand **value) {
    const bool packed = plan_gate_is_packed(p->sweep), swapped = p->sweep->gate == CLACT_GATE_LAST;
    if (packed) {
        if (h.first.ld == 0) h.first.ld = 2 * p->cols;
        if (h.first.ld < 2 * p->cols && h.rows > 0) {
            p->narrow = h.name;
            p->narrow_ld = h.first.ld;
        }
        h.apart = h.first;
        h.apart.offset += p->cols;
        h.value_name = h.name;
    }
    const clact_dtype dtype = p->sweep->dtype;
    *gate = add(p, h.name, swapped ? h.apart : h.first, h.rows, p->cols, how, dtype);
    if (p->sweep->gate != CLACT_GATE_OFF)
        *value = add(p, h.value_name, swapped ? h.first : h.apart, h.rows, p->cols, how, dtype);
}

static clact_status add_scratch(sweep_pass *p, cl_mem workspace, cl_mem health,
                                size_t health_offset) {
    const size_t words = sizeof(clact_health) / 8, most = SIZE_MAX / sizeof(clact_health);
    size_t bytes = 0;
    if (descriptor_workspace(p->sweep, p->direction == PLAN_BACKWARD, p->rows, p->cols, &bytes))
        return context_fail(p->context, CLACT_SHAPE, "the size of the workspace overflows");
    if (bytes > 0) {
        p->workspace = workspace;
        add(p, "the workspace", (clact_matrix){workspace, 0, 0}, 1, bytes / 4, UPDATE, CLACT_F32);
    }
    if (!p->sweep->health) return CLACT_SUCCESS;
    if (p->cols >= most || health_offset > most)
        return context_fail(p->context, CLACT_SHAPE, "the size of health overflows");
    p->health = health;
    p->health_offset = health_offset;
    add(p, "health", (clact_matrix){health, health_offset * words, 0}, 1, (p->cols + 1) * words,
        UPDATE, CLACT_F64);
    return CLACT_SUCCESS;
}

/* A mask that is read is none the less named UPDATE: its words are no elements of dx. */
static const operand *add_saved(sweep_pass *p, clact_matrix m, access how) {
    if (p->sweep->saved != CLACT_SAVED_MASK) return add_matrix(p, "the saved tensor", m, how);
    return add(p, "the mask", m, p->rows, plan_mask_words(p->cols), how == READ ? UPDATE : how,
               CLACT_F32);
}

/* Gradients that are sums down columns, as `which` says. */
static void add_sums(sweep_pass *p, halves h, clact_gradient which) {
    const float beta = p->sweep->accumulate & which ? p->sweep->beta : 0.0f;
    const operand *outputs[2] = {NULL, NULL};
    const access how = beta != 0.0f ? UPDATE : WRITE;
    if (which == CLACT_GRADIENT_BIAS)
        add_halves(p, h, how, &outputs[0], &outputs[1]);
    else
        outputs[0] = add_row(p, h.name, h.first, how);
    for (int i = 0; i < 2 && outputs[i]; i++)
        p->sums[p->num_sums++] = (sums_output){outputs[i]->matrix, beta};
}

clact_status sweep_pass_forward(sweep_pass *p, const clact_forward_tensors *t) {
    const unsigned stages = p->stages;
    const clact_saved saved = p->sweep->saved;
    const operand **role = p->roles;
    p->num_matrices = FORWARD_MATRICES;
    p->num_roles = FORWARD_ROLES;
    add_halves(p, (halves){"x", "value", t->x, t->value, p->rows}, READ, &role[FORWARD_X],
               &role[FORWARD_VALUE]);
    if (stages & STAGE_BIAS)
        add_halves(p, (halves){"bias", "value_bias", t->bias, t->value_bias, 1}, READ,
                   &role[FORWARD_BIAS], &role[FORWARD_VALUE_BIAS]);
    if (stages & STAGE_SLOPES) role[FORWARD_SLOPES] = add_row(p, "slopes", t->slopes, READ);
    if (stages & STAGE_RESIDUAL)
        role[FORWARD_RESIDUAL] = add_matrix(p, "residual", t->residual, READ);
    role[FORWARD_Y] = add_matrix(p, "y", t->y, IN_PLACE);
    if (saved == CLACT_SAVED_MASK || saved == CLACT_SAVED_TAIL)
        role[FORWARD_SAVED] = add_saved(p, t->saved, WRITE);
    return add_scratch(p, t->workspace, t->health, t->health_offset);
}

clact_status sweep_pass_backward(sweep_pass *p, const clact_backward_tensors *t) {
    const unsigned stages = p->stages;
    const clact_saved saved = p->sweep->saved;
    const operand **role = p->roles;
    const halves saved_x = {"the saved tensor", "value", t->saved, t->value, p->rows};
    const halves dx = {"dx", "dvalue", t->dx, t->dvalue, p->rows};
    p->num_matrices = BACKWARD_MATRICES;
    p->num_roles = BACKWARD_ROLES;
    if (saved == CLACT_SAVED_X)
        add_halves(p, saved_x, READ, &role[BACKWARD_SAVED], &role[BACKWARD_VALUE]);
    else if (saved != CLACT_SAVED_NOTHING)
        role[BACKWARD_SAVED] = add_saved(p, t->saved, READ);
    if (stages & STAGE_BIAS)
        add_halves(p, (halves){"bias", "value_bias", t->bias, t->value_bias, 1}, READ,
                   &role[BACKWARD_BIAS], &role[BACKWARD_VALUE_BIAS]);
    if (stages & STAGE_SLOPES) role[BACKWARD_SLOPES] = add_row(p, "slopes", t->slopes, READ);
    role[BACKWARD_DY] = add_matrix(p, "dy", t->dy, READ);
    add_halves(p, dx, stages & STAGE_ADD_DX ? UPDATE : IN_PLACE, &role[BACKWARD_DX],
               &role[BACKWARD_DVALUE]);
    if (stages & STAGE_DRESIDUAL)
        role[BACKWARD_DRESIDUAL] =
            add_matrix(p, "dresidual", t->dresidual, stages & STAGE_ADD_DRESIDUAL ? UPDATE : WRITE);
    if (stages & STAGE_DBIAS)
        add_sums(p, (halves){"dbias", "dvalue_bias", t->dbias, t->dvalue_bias, 1},
                 CLACT_GRADIENT_BIAS);
    if (stages & STAGE_DSLOPES)
        add_sums(p, (halves){"dslopes", NULL, t->dslopes, {0}, 1}, CLACT_GRADIENT_SLOPES);
    return add_scratch(p, t->workspace, t->health, t->health_offset);
}
