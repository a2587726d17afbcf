/* bench_case.c: what is measured: one operation of one activation at one size. */
#include "bench_case.h"

#include <stdio.h>
#include <string.h>

#include "bench_copy.h"

typedef struct case_op {
    const char *name;
    size_t arrays; /* read or written */
} case_op;

static const case_op case_ops[BENCH_OP_COUNT] = {
    [BENCH_FORWARD] = {"forward", 2},   /* x -> y */
    [BENCH_BACKWARD] = {"backward", 3}, /* saved, dy -> dx */
    [BENCH_COPY] = {"copy", 2},
    [BENCH_SWEEP] = {"sweep", 0}, /* see bench_sweep_pass.h */
    [BENCH_DENSE] = {"dense", 0}, /* see bench_layer.h */
    [BENCH_TRAIN] = {"train", 0},
    [BENCH_OVERHEAD] = {"overhead", 0}, /* see bench_overhead.h */
    [BENCH_UPDATE] = {"update", 0},     /* see bench_update.h */
};

const char *bench_op_name(bench_op op) {
    return case_ops[op].name;
}

bool bench_op_find(const char *name, bench_op *op) {
    for (int i = 0; i < BENCH_OP_COUNT; ++i) {
        if (strcmp(name, case_ops[i].name) == 0) {
            *op = (bench_op)i;
            return true;
        }
    }
    return false;
}

uint64_t bench_case_array_bytes(const bench_case *item) {
    return (uint64_t)item->elements * clact_dtype_size(item->sweep.dtype);
}

uint64_t bench_case_bytes(const bench_case *item) {
    return bench_case_array_bytes(item) * case_ops[item->op].arrays;
}

bool bench_case_same_group(const bench_case *left, const bench_case *right) {
    return left->op == right->op && left->elements == right->elements &&
           left->sweep.dtype == right->sweep.dtype;
}

void bench_case_name(const bench_case *item, char *text, size_t size) {
    snprintf(text, size, "%s/%s%s/%s/%s%s%zu/real_time", bench_op_name(item->op),
             bench_case_subject(item), bench_case_reads_y(item) ? "/saved:y" : "",
             clact_dtype_name(item->sweep.dtype), bench_case_tier(item),
             item->op == BENCH_COPY ? "" : "/", item->elements);
}

const char *bench_case_subject(const bench_case *item) {
    return item->op == BENCH_COPY ? bench_copy_way_name(item->copy_way) : item->info.name;
}

const char *bench_case_tier(const bench_case *item) {
    return item->op == BENCH_COPY ? "" : clact_tier_name(item->sweep.tier);
}

bool bench_case_reads_y(const bench_case *item) {
    return item->op == BENCH_BACKWARD && item->sweep.saved == CLACT_SAVED_Y;
}

bool bench_case_is_positive(const bench_case *item) {
    return item->info.domain_min >= 0.0f;
}
