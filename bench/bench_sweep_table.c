/* bench_sweep_table.c: the fused passes that --op sweep measures, and the chain of each. */
#include "bench_sweep_pass.h"

#define TABLE_DROPOUT 0.1f

/* Stages that no tensor shows. */
enum {
    ACT = 1,  /* the activation that is measured; without it the identity */
    BACK = 2, /* a backward pass */
    DROP = 4,
    HEALTH = 8,
    ADD = 16, /* to what is in the gradient of the residual */
    SUM = 32  /* nothing but a sum down columns */
};

/* A step as the table has it. Bias, gate, mask and residual are on where they have a tensor. */
typedef struct table_step {
    unsigned stages;
    bench_tensor in, saved, value, bias, value_bias, residual, out, out_value;
} table_step;

/* Single passes: what a user without fusion has. */
#define ADD_BIAS(from, row, to)                                                                    \
    { .in = TENSOR_##from, .bias = TENSOR_##row, .out = TENSOR_##to }
#define ACTIVATE(from, to)                                                                         \
    { .stages = ACT, .in = TENSOR_##from, .out = TENSOR_##to }
#define ACTIVATE_MASK(from, to)                                                                    \
    { .stages = ACT, .in = TENSOR_##from, .saved = TENSOR_MASK, .out = TENSOR_##to }
#define DROP_OUT(from, to)                                                                         \
    { .stages = DROP, .in = TENSOR_##from, .out = TENSOR_##to }
#define MULTIPLY(a, b, to)                                                                         \
    { .in = TENSOR_##a, .value = TENSOR_##b, .out = TENSOR_##to }
#define ADD_MATRIX(a, b, to)                                                                       \
    { .in = TENSOR_##a, .residual = TENSOR_##b, .out = TENSOR_##to }
#define LOOK_AT(tensor)                                                                            \
    { .stages = HEALTH, .in = TENSOR_##tensor, .out = TENSOR_##tensor }
#define GRADIENT(from, dy, to)                                                                     \
    { .stages = ACT | BACK, .saved = TENSOR_##from, .in = TENSOR_##dy, .out = TENSOR_##to }
#define DROP_GRADIENT(dy, to)                                                                      \
    { .stages = BACK | DROP, .in = TENSOR_##dy, .out = TENSOR_##to }
#define SUM_COLUMNS(from, row)                                                                     \
    { .stages = SUM, .in = TENSOR_##from, .out = TENSOR_##row }

/* Of forward passes and of those that go backward from x. */
#define FORWARD(more) .stages = ACT | (more), .in = TENSOR_X, .bias = TENSOR_BIAS, .out = TENSOR_OUT
#define BACKWARD(more)                                                                             \
    .stages = ACT | BACK | (more), .saved = TENSOR_X, .in = TENSOR_DY, .bias = TENSOR_BIAS,        \
    .out = TENSOR_OUT
#define GATED .value = TENSOR_VALUE, .value_bias = TENSOR_VALUE_BIAS

/* Chains end where their list does: a step without output is none. Their first step goes from x to
 * y, so that x stays for the next repetition; the others work in place. */
static const struct table_row {
    const char *name;
    table_step fused, prepare[BENCH_MAX_STEPS], chain[BENCH_MAX_STEPS];
} table_rows[] = {
    {"bias+act", {FORWARD(0)}, {{0}}, {ADD_BIAS(X, BIAS, OUT), ACTIVATE(OUT, OUT)}},
    {"bias+act+dropout",
     {FORWARD(DROP)},
     {{0}},
     {ADD_BIAS(X, BIAS, OUT), ACTIVATE(OUT, OUT), DROP_OUT(OUT, OUT)}},
    {"bias+act+dropout+residual",
     {FORWARD(DROP), .residual = TENSOR_DY},
     {{0}},
     {ADD_BIAS(X, BIAS, OUT), ACTIVATE(OUT, OUT), DROP_OUT(OUT, OUT), ADD_MATRIX(OUT, DY, OUT)}},
    {"bias+act+mask",
     {FORWARD(0), .saved = TENSOR_MASK},
     {{0}},
     {ADD_BIAS(X, BIAS, OUT), ACTIVATE_MASK(OUT, OUT)}},
    {"bias+act+gate",
     {FORWARD(0), GATED},
     {{0}},
     {ADD_BIAS(X, BIAS, OUT), ACTIVATE(OUT, OUT), ADD_BIAS(VALUE, VALUE_BIAS, OUT_VALUE),
      MULTIPLY(OUT, OUT_VALUE, OUT)}},
    {"bias+act+health",
     {FORWARD(HEALTH)},
     {{0}},
     {ADD_BIAS(X, BIAS, OUT), ACTIVATE(OUT, OUT), LOOK_AT(OUT)}},
    {"dx+dbias",
     {BACKWARD(0)},
     {ADD_BIAS(X, BIAS, Z)},
     {GRADIENT(Z, DY, OUT), SUM_COLUMNS(OUT, DBIAS)}},
    {"dx+dbias+dropout",
     {BACKWARD(DROP)},
     {ADD_BIAS(X, BIAS, Z)},
     {DROP_GRADIENT(DY, OUT), GRADIENT(Z, OUT, OUT), SUM_COLUMNS(OUT, DBIAS)}},
    {"dx+dbias+dresidual",
     {BACKWARD(ADD), .residual = TENSOR_DRESIDUAL},
     {ADD_BIAS(X, BIAS, Z)},
     {ADD_MATRIX(DY, DRESIDUAL, DRESIDUAL), GRADIENT(Z, DY, OUT), SUM_COLUMNS(OUT, DBIAS)}},
    {"dx+dbias+mask",
     {.stages = ACT | BACK,
      .saved = TENSOR_MASK,
      .in = TENSOR_DY,
      .bias = TENSOR_BIAS,
      .out = TENSOR_OUT},
     {ADD_BIAS(X, BIAS, Z), ACTIVATE_MASK(Z, OUT)},
     {GRADIENT(MASK, DY, OUT), SUM_COLUMNS(OUT, DBIAS)}},
    {"dx+dvalue+dbias",
     {BACKWARD(0), GATED, .out_value = TENSOR_OUT_VALUE},
     {ADD_BIAS(X, BIAS, Z), ADD_BIAS(VALUE, VALUE_BIAS, VALUE_Z), ACTIVATE(Z, A)},
     {MULTIPLY(A, DY, OUT_VALUE), SUM_COLUMNS(OUT_VALUE, DVALUE_BIAS), MULTIPLY(VALUE_Z, DY, OUT),
      GRADIENT(Z, OUT, OUT), SUM_COLUMNS(OUT, DBIAS)}},
    {"dx+dbias+health",
     {BACKWARD(HEALTH)},
     {ADD_BIAS(X, BIAS, Z)},
     {GRADIENT(Z, DY, OUT), SUM_COLUMNS(OUT, DBIAS), LOOK_AT(OUT)}},
};

size_t bench_pass_count(void) {
    return sizeof table_rows / sizeof *table_rows;
}

const char *bench_pass_row_name(size_t row) {
    return table_rows[row].name;
}

/* clact_sum_columns takes float32; in another type the sums come from the gradient of the identity,
 * in place. */
static bench_step table_sum(const table_step *text, const bench_pass *pass) {
    bench_step step = {.kind = STEP_SUM, .at = {[ROLE_IN] = text->in, [ROLE_OUT] = text->out}};
    if (pass->dtype == CLACT_F32) return step;
    step.kind = STEP_BACKWARD;
    step.at[ROLE_OUT] = text->in;
    step.at[ROLE_DBIAS] = text->out;
    clact_sweep_init(&step.sweep, CLACT_ACT_IDENTITY);
    step.sweep.saved = CLACT_SAVED_NOTHING;
    step.sweep.bias = true;
    return step;
}

static clact_saved table_saved(const table_step *text) {
    if (text->saved == TENSOR_MASK) return CLACT_SAVED_MASK;
    return text->saved == TENSOR_NONE && (text->stages & BACK) ? CLACT_SAVED_NOTHING
                                                               : CLACT_SAVED_X;
}

static bench_step table_stages(const table_step *text, const bench_pass *pass) {
    const bool back = text->stages & BACK, reads_bias = !back || text->saved == TENSOR_X;
    bench_step step = {
        .kind = back ? STEP_BACKWARD : STEP_FORWARD,
        .at = {[ROLE_IN] = text->in,
               [ROLE_SAVED] = text->saved,
               [ROLE_VALUE] = text->value,
               [ROLE_BIAS] = reads_bias ? text->bias : TENSOR_NONE,
               [ROLE_VALUE_BIAS] = text->value_bias,
               [ROLE_RESIDUAL] = text->residual,
               [ROLE_OUT] = text->out,
               [ROLE_OUT_VALUE] = text->out_value,
               [ROLE_DBIAS] = back && text->bias ? TENSOR_DBIAS : TENSOR_NONE,
               [ROLE_DVALUE_BIAS] = back && text->value_bias ? TENSOR_DVALUE_BIAS : TENSOR_NONE,
               [ROLE_HEALTH] = text->stages & HEALTH ? TENSOR_HEALTH : TENSOR_NONE}};
    clact_sweep_init(&step.sweep, text->stages & ACT ? pass->info.activation : CLACT_ACT_IDENTITY);
    step.sweep.saved = table_saved(text);
    step.sweep.bias = text->bias != TENSOR_NONE;
    step.sweep.gate = text->value != TENSOR_NONE ? CLACT_GATE_APART : CLACT_GATE_OFF;
    step.sweep.dropout = text->stages & DROP ? TABLE_DROPOUT : 0.0f;
    step.sweep.residual = text->residual != TENSOR_NONE;
    step.sweep.health = text->stages & HEALTH;
    step.sweep.accumulate = text->stages & ADD ? CLACT_GRADIENT_RESIDUAL : 0;
    return step;
}

static bench_steps table_steps(const table_step *text, size_t most, const bench_pass *pass) {
    bench_steps steps = {.count = 0};
    for (size_t i = 0; i < most && text[i].out != TENSOR_NONE; ++i) {
        bench_step *step = &steps.steps[steps.count++];
        *step = text[i].stages & SUM ? table_sum(&text[i], pass) : table_stages(&text[i], pass);
        step->sweep.tier = pass->tier;
        step->sweep.dtype = pass->dtype;
    }
    return steps;
}

bool bench_pass_fill(size_t row, bench_pass *pass) {
    const struct table_row *text = &table_rows[row];
    pass->name = text->name;
    pass->fused = table_steps(&text->fused, 1, pass);
    pass->chain = table_steps(text->chain, BENCH_MAX_STEPS, pass);
    pass->prepare = table_steps(text->prepare, BENCH_MAX_STEPS, pass);
    pass->plain = (bench_steps){.count = 0};
    if (text->fused.stages & HEALTH) {
        table_step plain = text->fused;
        plain.stages &= ~(unsigned)HEALTH;
        pass->plain = table_steps(&plain, 1, pass);
    }
    const bool back = text->fused.stages & BACK;
    return clact_sweep_check(&pass->fused.steps[0].sweep, back) == CLACT_SUCCESS;
}
